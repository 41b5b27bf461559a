//! The rows and columns of annex 2 (新媒体（网站）基本情况汇总表): what each of its figures counts, so that a
//! figure and the list that it leads to are one and the same question.

use crate::platform::Annex2;

/// A row of annex 2, as printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    Opened,
    Personal,
    Problems,
    Rectified,
    Interactive,
    Reviewed,
    Outsourced,
}

impl Line {
    /// The rows, from above.
    pub const ALL: [Self; 7] = [
        Self::Opened,
        Self::Personal,
        Self::Problems,
        Self::Rectified,
        Self::Interactive,
        Self::Reviewed,
        Self::Outsourced,
    ];

    /// The code in the address line and the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Personal => "personal",
            Self::Problems => "problems",
            Self::Rectified => "rectified",
            Self::Interactive => "interactive",
            Self::Reviewed => "reviewed",
            Self::Outsourced => "outsourced",
        }
    }

    /// The row's heading as printed.
    pub fn label(self) -> &'static str {
        match self {
            Self::Opened => "单位开设的新媒体（网站）数量（个）",
            Self::Personal => "以职务身份开设认证的个人账号（个）",
            Self::Problems => "排查出有问题的新媒体（网站）数量（个）",
            Self::Rectified => "问题已整改的新媒体（网站）数量（个）",
            Self::Interactive => "具有互动功能的新媒体（网站）数量（个）",
            Self::Reviewed => "已建立内容发布审核制度的新媒体（网站）数量（个）",
            Self::Outsourced => "委托其他单位运营的新媒体（网站）数量（个）",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// A column of annex 2, or several together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// One column of platforms.
    One(Annex2),
    /// 新媒体: every column but that of websites.
    Media,
}

impl Span {
    /// The code in the address line.
    pub fn code(self) -> &'static str {
        match self {
            Self::One(column) => column.code(),
            Self::Media => "media",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::One(column) => column.label(),
            Self::Media => "新媒体",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "media" => Some(Self::Media),
            code => Annex2::parse(code).map(Self::One),
        }
    }

    /// The columns.
    pub fn columns(self) -> Vec<Annex2> {
        match self {
            Self::One(column) => vec![column],
            Self::Media => Annex2::ALL
                .into_iter()
                .filter(|column| *column != Annex2::Website)
                .collect(),
        }
    }
}

/// The channels behind one figure. Closed channels stand in no annex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    pub line: Line,
    /// None: all columns together, 合计.
    pub span: Option<Span>,
}

impl Figure {
    /// What people read above the list.
    pub fn label(self) -> String {
        let heading = self.line.label().trim_end_matches("数量（个）");
        let heading = heading.trim_end_matches("（个）");
        match self.span {
            Some(span) => format!("{heading}：{}", span.label()),
            None => heading.to_owned(),
        }
    }
}

/// What units write where nothing was found (问题排查情况): no problem.
pub const NO_PROBLEM: [&str; 9] = [
    "",
    "无问题",
    "无",
    "没有问题",
    "正常",
    "未发现问题",
    "-",
    "—",
    "/",
];
