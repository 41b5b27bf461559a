//! Why a file was not read. Every message is for the person who sent the file: what is wrong and what to do next.

use crate::FormKind;

/// A file that could not be opened as a spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Nothing in it.
    #[error("文件是空的（0 字节）。请确认表格已保存，再重新上传。")]
    Empty,
    /// Larger than [`Limits::file_bytes`](crate::Limits::file_bytes).
    #[error("文件超过 {} MB。请删去图片等无关内容，或按单位分成几个文件后重新上传。", .limit >> 20)]
    TooBig {
        /// Bytes allowed.
        limit: u64,
    },
    /// Could not be read from disk.
    #[error("读不到文件：{reason}。请检查文件路径和读取权限。")]
    Unreadable {
        /// What the system said.
        reason: String,
    },
    /// Unpacks to far more than it is, or to more than [`Limits::unpacked_bytes`](crate::Limits::unpacked_bytes).
    #[error("文件解压后过大（限 {} MB），为安全起见不予读取。请新建一个表格，只粘贴需要的行，再上传。", .limit >> 20)]
    Bomb {
        /// Bytes allowed.
        limit: u64,
    },
    /// More parts in an archive than allowed.
    #[error("压缩包里的文件超过 {limit} 个。请分成几个压缩包上传。")]
    TooManyParts {
        /// Parts allowed.
        limit: usize,
    },
    /// More sheets in a workbook than allowed.
    #[error("工作表超过 {limit} 个。请只保留要报送的工作表，再上传。")]
    TooManySheets {
        /// Sheets allowed.
        limit: usize,
    },
    /// More rows than allowed.
    #[error("表格超过 {limit} 行。请删去多余的行，或分成几个文件后重新上传。")]
    TooManyRows {
        /// Rows allowed.
        limit: usize,
    },
    /// A cell too far to the right.
    #[error("表格超过 {limit} 列。请删去右侧多余的列，再上传。")]
    TooManyColumns {
        /// Columns allowed.
        limit: u32,
    },
    /// More cells than allowed.
    #[error("表格超过 {limit} 个单元格。请分成几个文件后重新上传。")]
    TooManyCells {
        /// Cells allowed.
        limit: usize,
    },
    /// A cell with more text than allowed.
    #[error("单元格 {reference} 的文字超过 {limit} 字。请缩短后重新上传。")]
    LongCell {
        /// Where, such as `C7`.
        reference: String,
        /// Characters allowed.
        limit: usize,
    },
    /// More text in all cells than allowed.
    #[error("表格里的文字超过 {} MB。请删去无关内容，或分成几个文件后重新上传。", .limit >> 20)]
    TooMuchText {
        /// Bytes allowed.
        limit: usize,
    },
    /// Needs a password.
    #[error("文件设有打开密码，无法读取。请在 WPS 或 Excel 中取消密码，保存后重新上传。")]
    Encrypted,
    /// A part declares a document type (XML external entities and entity expansion live there).
    #[error(
        "文件中含有不允许的文档类型声明（DOCTYPE），为安全起见不予读取。请用 WPS 或 Excel 打开后另存为新的表格，再上传。"
    )]
    Doctype,
    /// Cut off or otherwise broken.
    #[error("文件已损坏或不完整，无法读取。请用 WPS 或 Excel 打开确认，另存为 .xlsx 后重新上传。")]
    Broken {
        /// For the log, in English.
        detail: String,
    },
    /// Something else under a spreadsheet's name.
    #[error(
        "这不是表格文件，而是{what}。请用 WPS 或 Excel 打开，另存为 .xls 或 .xlsx 后重新上传。"
    )]
    NotASpreadsheet {
        /// What it is, in Chinese.
        what: &'static str,
    },
    /// An archive of another make.
    #[error("不能读取 {what} 压缩包。请解压后直接上传表格，或重新压缩成 .zip 再上传。")]
    OtherArchive {
        /// Its make.
        what: &'static str,
    },
    /// Text in no known encoding.
    #[error(
        "认不出文件的文字编码。请用 WPS 或 Excel 打开，另存为 .xlsx，或存为 UTF-8 编码的 .csv 后重新上传。"
    )]
    Encoding,
    /// An archive inside an archive.
    #[error("压缩包里还有压缩包“{name}”。请先解压，把表格直接放进一个 .zip 再上传。")]
    NestedArchive {
        /// Name of the inner archive.
        name: String,
    },
    /// An archive without a spreadsheet.
    #[error("压缩包里没有表格文件。请把 .xls、.xlsx、.ods 或 .csv 表格放进压缩包再上传。")]
    NoSpreadsheet,
    /// One file of an archive is at fault.
    #[error("压缩包里的“{name}”：{error}")]
    Inside {
        /// Name of the file in the archive.
        name: String,
        /// What is wrong with it.
        error: Box<OpenError>,
    },
}

impl OpenError {
    /// A broken file, with a word for the log.
    pub(crate) fn broken(detail: impl ToString) -> Self {
        Self::Broken {
            detail: detail.to_string(),
        }
    }
}

/// A heading row that almost is one of the forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The form it resembles most.
    pub kind: FormKind,
    /// Sheet it stands on.
    pub sheet: String,
    /// 1-based row of the headings.
    pub row: u32,
    /// Headings found, as printed in the form.
    pub found: Vec<&'static str>,
    /// Required headings not found, as printed in the form.
    pub missing: Vec<&'static str>,
}

/// A spreadsheet that opened but holds no usable form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// No sheet has the headings of a known form.
    #[error("{}", no_known_form(.file, .nearest.as_ref()))]
    NoKnownForm {
        /// File looked at.
        file: String,
        /// The best candidate, if any heading was found at all.
        nearest: Option<NearMiss>,
    },
    /// A form is there, but columns that it needs are not.
    #[error(
        "“{file}”工作表“{}”第 {} 行像是{}，但缺少这些列：{}。请补上这些列的标题后重新上传。",
        .miss.sheet, .miss.row, .miss.kind.title(), .miss.missing.join("、")
    )]
    MissingHeadings {
        /// File looked at.
        file: String,
        /// Where and what.
        miss: NearMiss,
    },
    /// One heading stands over two columns; which one counts is not for a program to guess.
    #[error(
        "“{file}”工作表“{sheet}”第 {row} 行的标题“{heading}”出现了两次（{first} 列和 {second} 列）。请删去多余的一列后重新上传。"
    )]
    DuplicateHeading {
        /// File looked at.
        file: String,
        /// Sheet name.
        sheet: String,
        /// 1-based row of the headings.
        row: u32,
        /// Heading as printed in the form.
        heading: &'static str,
        /// Letters of the first column.
        first: String,
        /// Letters of the second column.
        second: String,
    },
}

fn no_known_form(file: &str, nearest: Option<&NearMiss>) -> String {
    let mut text = format!("“{file}”里没有找到可以识别的表。要找的是：");
    for (i, kind) in FormKind::ALL.into_iter().enumerate() {
        if i > 0 {
            text.push('；');
        }
        text.push_str(&format!(
            "{}（{}）",
            kind.title(),
            kind.required_headings().join("、")
        ));
    }
    text.push('。');
    match nearest {
        Some(miss) => text.push_str(&format!(
            "最接近的是工作表“{}”第 {} 行：像{}，有{}，缺少{}。请对照通知的附件补齐标题。",
            miss.sheet,
            miss.row,
            miss.kind.title(),
            miss.found.join("、"),
            miss.missing.join("、"),
        )),
        None => text.push_str("没有一行含有这些标题。请使用通知的附件 1、附件 4 或人员模板填写。"),
    }
    text
}

/// Any reason why a file gave no forms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It did not open.
    #[error("“{file}”：{error}")]
    Open {
        /// File looked at.
        file: String,
        /// What it is instead.
        error: OpenError,
    },
    /// It opened, but held no usable form.
    #[error(transparent)]
    Form(#[from] FormError),
}
