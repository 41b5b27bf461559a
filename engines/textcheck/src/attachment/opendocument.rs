//! OpenDocument (`.odt`, `.ods`, `.odp`): content, headers, comments, deleted words and properties.

use super::{
    Reading,
    grid::Grid,
    limits::Problem,
    package::Package,
    word::property_lines,
    xml::{Piece, Xml, attribute},
};
use crate::text::{BlockKind, TextBuilder};
use std::collections::HashSet;

pub(super) fn read(
    reading: &mut Reading<'_>,
    file: &str,
    package: &mut Package<'_>,
) -> Result<(), Problem> {
    let manifest = package.text("META-INF/manifest.xml", &mut reading.budget)?;
    if manifest.is_some_and(|manifest| manifest.contains("encryption-data")) {
        return Err(Problem::Encrypted);
    }
    let kind = package.text("mimetype", &mut reading.budget)?;
    let is_sheet = kind.is_some_and(|kind| kind.contains("opendocument.spreadsheet"));
    let mut parts = vec![
        ("content.xml".to_owned(), ""),
        ("styles.xml".to_owned(), "页眉页脚"),
    ];
    // Objects in the document are documents in folders of their own.
    let objects = package.matching("Object ", "/content.xml");
    parts.extend(objects.into_iter().map(|part| (part, "嵌入对象")));
    for (part, section) in parts {
        let Some(source) = package.text(&part, &mut reading.budget)? else {
            continue;
        };
        let mut reader = Reader {
            in_cells: is_sheet && section.is_empty(),
            ..Reader::default()
        };
        let done = reader.read(reading, file, &source);
        reading.built(file, section, false, reader.text);
        reading.built(file, "批注", true, reader.notes);
        reading.built(file, "已删除的修订文字", true, reader.deleted);
        done?;
    }
    if let Some(source) = package.text("meta.xml", &mut reading.budget)? {
        let mut text = TextBuilder::new();
        property_lines(&source, &mut text, &mut reading.budget)?;
        reading.built(file, "文件属性", true, text);
    }
    Ok(())
}

/// A table that is being read.
#[derive(Default)]
struct Table {
    number: u32,
    name: String,
    row: u32,
    column: u32,
    /// How many rows and columns the present ones stand for.
    rows: u32,
    columns: u32,
    veiled: bool,
    grid: Grid,
    /// Words of the present cell, and the value behind them.
    cell: String,
    next_column: u32,
}

/// One part being read.
#[derive(Default)]
struct Reader {
    /// Tables are worksheets.
    in_cells: bool,
    text: TextBuilder,
    notes: TextBuilder,
    deleted: TextBuilder,
    paragraph: String,
    paragraphs: u32,
    level: Option<u8>,
    note: u32,
    deletion: u32,
    tables: Vec<Table>,
    tables_seen: u32,
    style: String,
    veiled_styles: HashSet<String>,
}

impl Reader {
    fn read(&mut self, reading: &mut Reading<'_>, file: &str, source: &str) -> Result<(), Problem> {
        let mut xml = Xml::new(source);
        while let Some(piece) = xml.next()? {
            match piece {
                Piece::Start(start) => match start.local_name().as_ref() {
                    "style" => self.style = attribute(&start, "name").unwrap_or_default(),
                    "table-properties"
                        if attribute(&start, "display").as_deref() == Some("false") =>
                    {
                        self.veiled_styles.insert(std::mem::take(&mut self.style));
                    }
                    "annotation" => {
                        self.flush();
                        self.note += 1;
                    }
                    "deletion" => self.deletion += 1,
                    "p" | "h" => {
                        self.flush();
                        self.paragraphs += 1;
                        self.level = attribute(&start, "outline-level")
                            .and_then(|level| level.parse().ok())
                            .filter(|level| (1..=6).contains(level));
                    }
                    "tab" => self.paragraph.push('\t'),
                    "line-break" => self.paragraph.push('\n'),
                    "s" => self.paragraph.push(' '),
                    "table" => self.table(
                        attribute(&start, "name").unwrap_or_default(),
                        attribute(&start, "style-name").unwrap_or_default(),
                    ),
                    "table-row" => {
                        let rows = repeat(&start, "number-rows-repeated");
                        if let Some(table) = self.tables.last_mut() {
                            table.rows = rows;
                            table.next_column = 0;
                            let veil = attribute(&start, "visibility");
                            if veil.is_some_and(|v| v != "visible") {
                                table.grid.hidden.rows.insert(table.row);
                            }
                        }
                    }
                    "table-column" => {
                        let many = repeat(&start, "number-columns-repeated").min(1 << 14);
                        let veil = attribute(&start, "visibility");
                        if let Some(table) = self.tables.last_mut() {
                            if veil.is_some_and(|v| v != "visible") {
                                let columns = table.next_column..table.next_column + many;
                                table.grid.hidden.columns.extend(columns);
                            }
                            table.next_column += many;
                        }
                    }
                    "table-cell" | "covered-table-cell" => {
                        let columns = repeat(&start, "number-columns-repeated");
                        if let Some(table) = self.tables.last_mut() {
                            table.column = table.next_column;
                            table.columns = columns;
                            table.cell.clear();
                        }
                    }
                    _ => {}
                },
                Piece::Text(words) if self.paragraphs > 0 => {
                    reading.budget.text(words.len())?;
                    self.paragraph.push_str(&words);
                }
                Piece::Text(_) => {}
                Piece::End(name) => self.end(reading, file, &name)?,
            }
        }
        self.flush();
        Ok(())
    }

    fn table(&mut self, name: String, style: String) {
        self.flush();
        self.tables.push(Table {
            number: self.tables_seen,
            name,
            veiled: self.veiled_styles.contains(&style),
            ..Table::default()
        });
        self.tables_seen += 1;
    }

    fn end(&mut self, reading: &mut Reading<'_>, file: &str, name: &str) -> Result<(), Problem> {
        match name {
            "p" | "h" => {
                self.flush();
                self.paragraphs = self.paragraphs.saturating_sub(1);
            }
            "annotation" => {
                self.flush();
                self.note = self.note.saturating_sub(1);
            }
            "deletion" => {
                self.flush();
                self.deletion = self.deletion.saturating_sub(1);
            }
            "table-cell" | "covered-table-cell" => {
                self.flush();
                if let Some(table) = self.tables.last_mut() {
                    if self.in_cells {
                        let words = std::mem::take(&mut table.cell);
                        table
                            .grid
                            .put(&mut reading.budget, table.row, table.column, &words)?;
                    }
                    table.next_column = table.column.saturating_add(table.columns);
                }
            }
            "table-row" => {
                if let Some(table) = self.tables.last_mut() {
                    table.row = table.row.saturating_add(table.rows.max(1));
                }
            }
            "table" => {
                self.flush();
                if let Some(table) = self.tables.pop()
                    && self.in_cells
                {
                    let veil = if table.veiled { "（隐藏）" } else { "" };
                    let section = format!("工作表“{}”{veil}", table.name);
                    table.grid.finish(reading, file, &section, table.veiled);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Ends a paragraph.
    fn flush(&mut self) {
        let words = std::mem::take(&mut self.paragraph);
        let level = self.level.take();
        if words.trim().is_empty() {
            return;
        }
        if self.note > 0 {
            self.notes.push(BlockKind::Paragraph, &words);
        } else if self.deletion > 0 {
            self.deleted.push(BlockKind::Paragraph, &words);
        } else if let Some(table) = self.tables.last_mut() {
            if self.in_cells {
                if !table.cell.is_empty() {
                    table.cell.push('\n');
                }
                table.cell.push_str(&words);
            } else {
                let kind = BlockKind::Cell {
                    table: table.number,
                    row: table.row,
                    column: table.column,
                    heading: table.row == 0,
                };
                self.text.push(kind, &words);
            }
        } else {
            self.text.push(
                level.map_or(BlockKind::Paragraph, BlockKind::Heading),
                &words,
            );
        }
    }
}

fn repeat(start: &quick_xml::events::BytesStart<'_>, name: &str) -> u32 {
    attribute(start, name)
        .and_then(|count| count.parse().ok())
        .unwrap_or(1)
}
