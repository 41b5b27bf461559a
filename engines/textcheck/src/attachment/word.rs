//! Word documents (`.docx`): body, headers, notes, comments, deleted words of revisions and properties.

use super::{
    Reading,
    limits::{Budget, Problem},
    package::Package,
    xml::{Piece, Xml, attribute, is_true},
};
use crate::text::{BlockKind, TextBuilder};

/// The parts with words, what to call them, and whether a reader overlooks them.
const PARTS: &[(&str, &str, bool)] = &[
    ("word/document", "", false),
    ("word/header", "页眉", false),
    ("word/footer", "页脚", false),
    ("word/footnotes", "脚注", false),
    ("word/endnotes", "尾注", false),
    ("word/comments", "批注", true),
];

pub(super) fn read(
    reading: &mut Reading<'_>,
    file: &str,
    package: &mut Package<'_>,
) -> Result<(), Problem> {
    for (begin, section, hidden) in PARTS {
        for part in package.matching(begin, ".xml") {
            // `word/commentsExtended.xml` and its like hold no words.
            let tail = &part[begin.len()..part.len() - ".xml".len()];
            if !tail.chars().all(|c| c.is_ascii_digit()) {
                continue;
            }
            let Some(source) = package.text(&part, &mut reading.budget)? else {
                continue;
            };
            let mut words = Words::default();
            let done = words.read(&source, &mut reading.budget);
            reading.built(file, section, *hidden, words.text);
            let named = |veiled: &str| match *section {
                "" => veiled.to_owned(),
                section => format!("{section}中{veiled}"),
            };
            reading.built(file, &named("已删除的修订文字"), true, words.deleted);
            reading.built(file, &named("隐藏文字"), true, words.vanished);
            done?;
        }
    }
    properties(reading, file, package)
}

/// What stands in the properties of an Office Open XML file.
pub(super) fn properties(
    reading: &mut Reading<'_>,
    file: &str,
    package: &mut Package<'_>,
) -> Result<(), Problem> {
    let mut text = TextBuilder::new();
    for part in [
        "docProps/core.xml",
        "docProps/app.xml",
        "docProps/custom.xml",
    ] {
        let Some(source) = package.text(part, &mut reading.budget)? else {
            continue;
        };
        property_lines(&source, &mut text, &mut reading.budget)?;
    }
    reading.built(file, "文件属性", true, text);
    Ok(())
}

/// One line for each property that a person may have written.
pub(super) fn property_lines(
    source: &str,
    text: &mut TextBuilder,
    budget: &mut Budget<'_>,
) -> Result<(), Problem> {
    let mut xml = Xml::new(source);
    let mut name = String::new();
    let mut words = String::new();
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Start(start) => {
                let local = start.local_name().as_ref().to_owned();
                // `property` and `user-defined` carry the name that a person gave.
                name = match local.as_str() {
                    "lpwstr" | "bstr" => name,
                    _ => attribute(&start, "name").unwrap_or(local),
                };
                words.clear();
            }
            Piece::Text(more) => words.push_str(&more),
            Piece::End(_) => {
                let label = match name.as_str() {
                    "creator" | "initial-creator" => "作者",
                    "lastModifiedBy" => "最后修改者",
                    "title" => "标题",
                    "subject" => "主题",
                    "description" => "备注",
                    "keywords" | "keyword" => "关键词",
                    "category" => "类别",
                    "Company" => "单位",
                    "Manager" => "经理",
                    other if !other.is_ascii() => other,
                    _ => "",
                };
                if !label.is_empty() && !words.trim().is_empty() {
                    budget.text(words.len())?;
                    text.push(BlockKind::Paragraph, &format!("{label}：{words}"));
                }
                words.clear();
            }
        }
    }
    Ok(())
}

/// A table that is being read.
struct Table {
    number: u32,
    row: u32,
    column: u32,
}

/// The words of one part.
#[derive(Default)]
struct Words {
    text: TextBuilder,
    deleted: TextBuilder,
    vanished: TextBuilder,
    paragraph: String,
    struck: String,
    veiled: String,
    level: Option<u8>,
    tables: Vec<Table>,
    tables_seen: u32,
}

impl Words {
    fn read(&mut self, source: &str, budget: &mut Budget<'_>) -> Result<(), Problem> {
        let mut xml = Xml::new(source);
        // Text boxes come twice, the second time for old programs.
        let mut fallback = 0u32;
        let mut vanish = false;
        let mut inside = None;
        while let Some(piece) = xml.next()? {
            match piece {
                Piece::Start(start) => match start.local_name().as_ref() {
                    "Fallback" => fallback += 1,
                    _ if fallback > 0 => {}
                    "t" if vanish => inside = Some(Where::Veiled),
                    "t" => inside = Some(Where::Shown),
                    "delText" => inside = Some(Where::Struck),
                    "r" => vanish = false,
                    "vanish" => {
                        vanish = attribute(&start, "val").is_none() || is_true(&start, "val")
                    }
                    "tab" | "ptab" => self.paragraph.push('\t'),
                    "br" | "cr" => self.paragraph.push('\n'),
                    "noBreakHyphen" => self.paragraph.push('-'),
                    "pStyle" => self.level = attribute(&start, "val").and_then(|v| heading(&v)),
                    "tbl" => {
                        self.flush();
                        self.tables.push(Table {
                            number: self.tables_seen,
                            row: 0,
                            column: 0,
                        });
                        self.tables_seen += 1;
                    }
                    _ => {}
                },
                Piece::Text(words) if fallback == 0 => {
                    let target = match inside {
                        Some(Where::Shown) => &mut self.paragraph,
                        Some(Where::Veiled) => &mut self.veiled,
                        Some(Where::Struck) => &mut self.struck,
                        None => continue,
                    };
                    budget.text(words.len())?;
                    target.push_str(&words);
                }
                Piece::Text(_) => {}
                Piece::End(name) => match name.as_str() {
                    "Fallback" => fallback = fallback.saturating_sub(1),
                    _ if fallback > 0 => {}
                    "t" | "delText" => inside = None,
                    "p" => self.flush(),
                    "tc" => {
                        self.flush();
                        if let Some(table) = self.tables.last_mut() {
                            table.column += 1;
                        }
                    }
                    "tr" => {
                        if let Some(table) = self.tables.last_mut() {
                            table.row += 1;
                            table.column = 0;
                        }
                    }
                    "tbl" => {
                        self.flush();
                        self.tables.pop();
                    }
                    _ => {}
                },
            }
        }
        self.flush();
        Ok(())
    }

    /// Ends a paragraph.
    fn flush(&mut self) {
        let kind = match (self.tables.last(), self.level.take()) {
            (Some(table), _) => BlockKind::Cell {
                table: table.number,
                row: table.row,
                column: table.column,
                heading: table.row == 0,
            },
            (None, Some(level)) => BlockKind::Heading(level),
            (None, None) => BlockKind::Paragraph,
        };
        self.text.push(kind, &std::mem::take(&mut self.paragraph));
        let struck = std::mem::take(&mut self.struck);
        self.deleted.push(BlockKind::Paragraph, &struck);
        let veiled = std::mem::take(&mut self.veiled);
        self.vanished.push(BlockKind::Paragraph, &veiled);
    }
}

/// Where words go.
#[derive(Clone, Copy)]
enum Where {
    Shown,
    Veiled,
    Struck,
}

/// The level of a heading by its style: `Heading1`, or the number that Chinese Word gives.
fn heading(style: &str) -> Option<u8> {
    let number = style.strip_prefix("Heading").unwrap_or(style);
    number.parse().ok().filter(|level| (1..=6).contains(level))
}
