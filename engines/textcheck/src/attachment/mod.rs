//! The text of files: text processors, spreadsheets, PDF, pages and archives of them.
//!
//! [`read`] never fails: what it could read comes as [`Part`]s, what it could not is said in [`Contents::unread`].
//! Files are believed nothing: what they unpack to is counted under [`Limits`], whatever their headers say.

mod archive;
mod delimited;
mod grid;
mod limits;
mod opendocument;
mod package;
mod pdf;
mod slides;
#[cfg(test)]
mod tests;
mod word;
mod xls;
mod xlsx;
mod xml;

pub use limits::Limits;

use std::{borrow::Cow, ops::Range};

use crate::text::{BlockKind, Text, TextBuilder};
use grid::{Hidden, letters};
use limits::{Budget, Problem};

/// What a file holds, as far as it could be read.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The texts, in order.
    pub parts: Vec<Part>,
    /// What could not be read, for people.
    pub unread: Vec<Unread>,
}

/// One text of a file: its body, a worksheet, its notes, its properties.
#[derive(Clone, Debug)]
pub struct Part {
    /// The file's name; inside an archive, the way there: `材料.zip/名单.xlsx`.
    pub file: String,
    /// Where in the file: `第3页`, `工作表“学生”（隐藏）`, `批注`; empty for the body of a plain file.
    pub section: String,
    /// Whether who opens the file does not see it: a hidden worksheet, a comment, properties.
    pub hidden: bool,
    content: Content,
    out_of_sight: Hidden,
}

#[derive(Clone, Debug)]
enum Content {
    Built(Text<'static>),
    Html(String),
    Plain(String),
}

/// A file, or a part of one, that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// As [`Part::file`].
    pub file: String,
    /// Why, in Chinese.
    pub reason: String,
}

impl Part {
    /// The text with its blocks, for the checker.
    #[must_use]
    pub fn text(&self) -> Cow<'_, Text<'_>> {
        match &self.content {
            Content::Built(text) => Cow::Borrowed(text),
            Content::Html(source) => Cow::Owned(Text::html(source)),
            Content::Plain(source) => Cow::Owned(Text::plain(source)),
        }
    }

    /// The cell that a range of the plain text stands in: row and column, from 0.
    #[must_use]
    pub fn cell(&self, text: &Text<'_>, bytes: &Range<usize>) -> Option<(u32, u32)> {
        cell(text, bytes.start)
    }

    /// Where a range of the plain text stands, in words: `工作表“学生” C7（隐藏列）`, `第3页 第2行`.
    #[must_use]
    pub fn whereabouts(&self, text: &Text<'_>, bytes: &Range<usize>) -> String {
        let spot = match cell(text, bytes.start) {
            Some((row, column)) => {
                let veil = match () {
                    () if self.out_of_sight.rows.contains(&row) => "（隐藏行）",
                    () if self.out_of_sight.columns.contains(&column) => "（隐藏列）",
                    () => "",
                };
                format!("{}{}{veil}", letters(column), row + 1)
            }
            None => format!("第{}行", line(text, bytes.start)),
        };
        match self.section.as_str() {
            "" => spot,
            section => format!("{section} {spot}"),
        }
    }
}

/// The cell that a byte of the plain text stands in.
fn cell(text: &Text<'_>, at: usize) -> Option<(u32, u32)> {
    let after = text
        .blocks()
        .partition_point(|block| block.bytes.start <= at);
    match text.blocks()[..after].last()?.kind {
        BlockKind::Cell { row, column, .. } => Some((row, column)),
        _ => None,
    }
}

/// The line of the source, from 1.
fn line(text: &Text<'_>, at: usize) -> usize {
    let at = text.to_source(at..at).start;
    1 + memchr::memchr_iter(b'\n', &text.source().as_bytes()[..at]).count()
}

/// Reads a file. What it is, its first bytes say; the name tells apart kinds of text only.
#[must_use]
pub fn read(name: &str, bytes: &[u8], limits: &Limits) -> Contents {
    let mut reading = Reading {
        contents: Contents::default(),
        budget: Budget::new(limits),
    };
    let name = shown(name);
    if let Err(problem) = reading.file(&name, bytes, 0) {
        reading.unread(&name, problem);
    }
    reading.contents
}

/// One call of [`read`]: what was found, and what may still be unpacked.
struct Reading<'l> {
    contents: Contents,
    budget: Budget<'l>,
}

impl Reading<'_> {
    /// Reads one file, at some depth of archives.
    fn file(&mut self, name: &str, bytes: &[u8], depth: usize) -> Result<(), Problem> {
        if bytes.len() as u64 > self.budget.limits.file_bytes {
            return Err(Problem::too_big(self.budget.limits.file_bytes));
        }
        match Kind::of(name, bytes) {
            Kind::Empty => Ok(()),
            Kind::Zip => package::read(self, name, bytes, depth),
            Kind::Compound => xls::read(self, name, bytes),
            Kind::Pdf => pdf::read(self, name, bytes, depth),
            Kind::Html => {
                let text = self.decoded(bytes)?;
                self.push(name, "", false, Content::Html(text), Hidden::default());
                Ok(())
            }
            Kind::Delimited => {
                let text = self.decoded(bytes)?;
                delimited::read(self, name, &text)
            }
            Kind::Plain => {
                let text = self.decoded(bytes)?;
                self.push(name, "", false, Content::Plain(text), Hidden::default());
                Ok(())
            }
            Kind::Other(what) => Err(Problem::Unsupported(what)),
        }
    }

    fn decoded(&mut self, bytes: &[u8]) -> Result<String, Problem> {
        let text = decode(bytes);
        self.budget.text(text.len())?;
        Ok(text)
    }

    fn push(&mut self, file: &str, section: &str, hidden: bool, content: Content, cells: Hidden) {
        self.contents.parts.push(Part {
            file: file.to_owned(),
            section: section.to_owned(),
            hidden,
            content,
            out_of_sight: cells,
        });
    }

    /// Adds a part unless it is empty.
    fn built(&mut self, file: &str, section: &str, hidden: bool, text: TextBuilder) {
        if !text.is_empty() {
            let content = Content::Built(text.finish());
            self.push(file, section, hidden, content, Hidden::default());
        }
    }

    /// Says that something could not be read; the same is said once.
    fn unread(&mut self, file: &str, problem: Problem) {
        let unread = Unread {
            file: file.to_owned(),
            reason: problem.to_string(),
        };
        let last = self.contents.unread.last();
        if last != Some(&unread) && self.contents.unread.len() < MOST_UNREAD {
            self.contents.unread.push(unread);
        }
    }
}

/// How many complaints one file may cause.
const MOST_UNREAD: usize = 1_000;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Empty,
    Zip,
    Compound,
    Pdf,
    Html,
    Delimited,
    Plain,
    Other(&'static str),
}

/// First bytes of files whose text is not read, and what to call them.
const OTHERS: &[(&[u8], &str)] = &[
    (b"\xFF\xD8\xFF", "图片中的文字不作检查"),
    (b"\x89PNG", "图片中的文字不作检查"),
    (b"GIF8", "图片中的文字不作检查"),
    (b"BM", "图片中的文字不作检查"),
    (b"II*\0", "图片中的文字不作检查"),
    (b"MM\0*", "图片中的文字不作检查"),
    (b"RIFF", "图片、音频和视频不作检查"),
    (b"ID3", "音频和视频不作检查"),
    (b"\0\0\0", "音频和视频不作检查"),
    (b"Rar!", "RAR 压缩包无法读取，请改用 zip"),
    (b"7z\xBC\xAF", "7z 压缩包无法读取，请改用 zip"),
    (b"\x1F\x8B", "gzip 压缩包无法读取，请改用 zip"),
    (b"BZh", "bzip2 压缩包无法读取，请改用 zip"),
    (b"\xFD7zXZ", "xz 压缩包无法读取，请改用 zip"),
    (b"{\\rtf", "RTF 文档无法读取，请另存为 .docx"),
    (b"MZ", "程序文件不作检查"),
    (b"\x7FELF", "程序文件不作检查"),
];

impl Kind {
    fn of(name: &str, bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::Empty;
        }
        let begins = |magic: &[u8]| bytes.starts_with(magic);
        if begins(b"PK\x03\x04") || begins(b"PK\x05\x06") || begins(b"PK\x07\x08") {
            return Self::Zip;
        }
        if begins(b"\xD0\xCF\x11\xE0") {
            return Self::Compound;
        }
        // Writers may put a few bytes before the mark.
        let head = &bytes[..bytes.len().min(1024)];
        if memchr::memmem::find(head, b"%PDF-").is_some() {
            return Self::Pdf;
        }
        if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| begins(magic)) {
            return Self::Other(what);
        }
        let utf16 = begins(b"\xFF\xFE") || begins(b"\xFE\xFF");
        if !utf16 && memchr::memchr(0, head).is_some() {
            return Self::Other("未知格式，无法读取");
        }
        let ending = name.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
        let head = String::from_utf8_lossy(head).to_ascii_lowercase();
        let marked = ["<!doctype html", "<html", "<head", "<body"];
        match ending.as_str() {
            "html" | "htm" | "xhtml" | "shtml" => Self::Html,
            "csv" | "tsv" => Self::Delimited,
            _ if marked.iter().any(|mark| head.contains(mark)) => Self::Html,
            _ => Self::Plain,
        }
    }
}

/// Text in UTF-8, UTF-16 with its mark, or GB18030.
fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030.decode(bytes).0.into_owned(),
    }
}

/// A name fit for messages.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(200).collect()
}
