//! What can be printed: which annex, of what, in which format, under which name.

use crate::channel::store::Query;
use zhendi_kernel::{ChannelId, FilingId, UnitId};

/// One of the Notice's four annexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Annex {
    One,
    Two,
    Three,
    Four,
}

impl Annex {
    /// All, in the order of the Notice.
    pub const ALL: [Self; 4] = [Self::One, Self::Two, Self::Three, Self::Four];

    /// 1 to 4.
    pub fn number(self) -> i32 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
        }
    }

    /// The annex of a number.
    pub fn parse(number: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|annex| annex.number().to_string() == number)
    }

    /// The title as printed.
    pub fn title(self) -> &'static str {
        match self {
            Self::One => "新媒体（网站）基本情况统计表",
            Self::Two => "新媒体（网站）基本情况汇总表",
            Self::Three => "新媒体（网站）备案登记表",
            Self::Four => "新媒体（网站）备案汇总表",
        }
    }

    /// The formats that it is printed in.
    pub fn formats(self) -> &'static [Format] {
        match self {
            Self::Three => &[Format::Xls, Format::Xlsx, Format::Pdf, Format::Docx],
            _ => &[Format::Xls, Format::Xlsx, Format::Pdf],
        }
    }
}

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// What the Notice asks for.
    Xls,
    Xlsx,
    Pdf,
    /// Annex 3 only.
    Docx,
}

impl Format {
    /// All.
    pub const ALL: [Self; 4] = [Self::Xls, Self::Xlsx, Self::Pdf, Self::Docx];

    /// The end of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Xls => "xls",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Xls => "application/vnd.ms-excel",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }

    /// Reads the end of a file's name.
    pub fn parse(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.extension() == extension)
    }
}

/// Whose channels a form of many lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// A unit; none means everything that the reader may see.
    pub unit: Option<UnitId>,
    /// Only the unit's own, without those of the units below it.
    pub own: bool,
}

impl Reach {
    /// The channels that annexes 1 and 2 are about: whatever is not closed.
    pub fn query(self) -> Query {
        Query {
            unit: self.unit,
            own: self.own,
            open: true,
            ..Query::default()
        }
    }
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Annex 1: each account.
    Accounts(Reach),
    /// Annex 2: the figures.
    Summary(Reach),
    /// Annex 3 of a channel as it is now.
    Channel(ChannelId),
    /// Annex 3 of a filing.
    Filing(FilingId),
    /// Annex 4: the filings that came into force in a year.
    Year(Reach, i32),
}

impl Subject {
    /// Which annex it is.
    pub fn annex(self) -> Annex {
        match self {
            Self::Accounts(_) => Annex::One,
            Self::Summary(_) => Annex::Two,
            Self::Channel(_) | Self::Filing(_) => Annex::Three,
            Self::Year(..) => Annex::Four,
        }
    }
}

/// The name of a file, without what file systems and mail programs do not take, and not too long.
pub fn file_name(annex: Annex, of: &str, extension: &str) -> String {
    format!("附件{}-{}.{extension}", annex.number(), plain(of))
}

/// A text as a part of a file's name.
pub fn plain(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_control())
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            other => other,
        })
        .take(60)
        .collect();
    let plain = plain.trim().trim_matches('.');
    if plain.is_empty() {
        "未命名".into()
    } else {
        plain.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_hold_nothing_that_a_system_refuses() {
        assert_eq!(
            file_name(Annex::One, "信息学院", "xls"),
            "附件1-信息学院.xls"
        );
        assert_eq!(plain("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(plain("a/b:c*?\"<>|\u{7}"), "a_b_c______");
        assert_eq!(plain("\u{0} ."), "未命名");
        assert_eq!(plain(&"长".repeat(300)).chars().count(), 60);
    }

    #[test]
    fn codes_read_back() {
        for annex in Annex::ALL {
            assert_eq!(Annex::parse(&annex.number().to_string()), Some(annex));
        }
        for format in Format::ALL {
            assert_eq!(Format::parse(format.extension()), Some(format));
        }
        assert_eq!(Annex::parse("5"), None);
        assert_eq!(Format::parse("exe"), None);
    }
}
