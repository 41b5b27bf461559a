//! `.ods`, read as a stream: calamine repeats rows and columns in memory and does not tell merged areas.

use std::{
    collections::HashSet,
    io::{BufRead, BufReader, Read},
};

use memchr::memmem;
use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart, Event},
};

use crate::{
    Merge, OpenError, Sheet, Value,
    grid::{Interner, SheetBuilder},
    limits::Budget,
    parts::{Package, zip_error},
    xlsx::iso_date,
};

/// Reads all tables.
pub(crate) fn read(
    mut package: Package<'_>,
    texts: &mut Interner,
    budget: &mut Budget<'_>,
) -> Result<Vec<Sheet>, OpenError> {
    if is_encrypted(&mut package)? {
        return Err(OpenError::Encrypted);
    }
    package.inspect(budget)?;
    let content = package.zip.by_name("content.xml").map_err(zip_error)?;
    let mut source = Source {
        xml: Reader::from_reader(BufReader::new(content)),
        buffer: Vec::new(),
    };
    source.xml.config_mut().expand_empty_elements = true;
    let mut hidden = HashSet::new();
    let mut style = String::new();
    let mut sheets = Vec::new();
    while let Some(event) = source.next()? {
        let Event::Start(start) = event else { continue };
        match start.local_name().as_ref() {
            "style" => style = attribute(&start, "name")?.unwrap_or_default(),
            "table-properties" if attribute(&start, "display")?.as_deref() == Some("false") => {
                hidden.insert(std::mem::take(&mut style));
            }
            "table" => {
                if sheets.len() == budget.limits.sheets {
                    return Err(OpenError::TooManySheets {
                        limit: budget.limits.sheets,
                    });
                }
                let name = attribute(&start, "name")?.unwrap_or_default();
                let is_hidden =
                    attribute(&start, "style-name")?.is_some_and(|style| hidden.contains(&style));
                let mut builder = SheetBuilder::new(&name, is_hidden, texts, budget);
                table(&mut source, &mut builder)?;
                sheets.push(builder.finish());
            }
            _ => {}
        }
    }
    Ok(sheets)
}

/// The manifest lists each encrypted part with its key data.
fn is_encrypted(package: &mut Package<'_>) -> Result<bool, OpenError> {
    let Ok(manifest) = package.zip.by_name("META-INF/manifest.xml") else {
        return Ok(false);
    };
    let mut text = Vec::new();
    manifest
        .take(1 << 20)
        .read_to_end(&mut text)
        .map_err(OpenError::broken)?;
    Ok(memmem::find(&text, b"encryption-data").is_some())
}

struct Source<R> {
    xml: Reader<R>,
    buffer: Vec<u8>,
}

impl<R: BufRead> Source<R> {
    /// The next event, `None` at the end.
    fn next(&mut self) -> Result<Option<Event<'_>>, OpenError> {
        self.buffer.clear();
        match self
            .xml
            .read_event_into(&mut self.buffer)
            .map_err(OpenError::broken)?
        {
            Event::Eof => Ok(None),
            Event::DocType(_) => Err(OpenError::Doctype),
            event => Ok(Some(event)),
        }
    }

    fn inside(&mut self) -> Result<Event<'_>, OpenError> {
        self.next()?
            .ok_or_else(|| OpenError::broken("content.xml ends inside a table"))
    }
}

fn attribute(start: &BytesStart<'_>, local: &str) -> Result<Option<String>, OpenError> {
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(OpenError::broken)?;
        if attribute.key.local_name().as_ref() == local {
            return Ok(Some(
                attribute
                    .normalized_value(XmlVersion::Implicit1_0)
                    .map_err(OpenError::broken)?
                    .into_owned(),
            ));
        }
    }
    Ok(None)
}

fn count(start: &BytesStart<'_>, local: &str) -> Result<u32, OpenError> {
    match attribute(start, local)? {
        Some(number) => number.parse().map_err(OpenError::broken),
        None => Ok(1),
    }
}

enum Content {
    Text(String),
    Value(Value),
}

struct RowCell {
    column: u32,
    repeat: u32,
    content: Content,
}

fn table<R: BufRead>(
    source: &mut Source<R>,
    sheet: &mut SheetBuilder<'_, '_>,
) -> Result<(), OpenError> {
    let (mut row, mut repeat, mut column) = (1u32, 1u32, 1u32);
    let mut cells: Vec<RowCell> = Vec::new();
    let mut depth = 0u32;
    loop {
        match source.inside()? {
            Event::Start(start) => match start.local_name().as_ref() {
                "table" => depth += 1,
                "table-row" if depth == 0 => {
                    repeat = count(&start, "number-rows-repeated")?;
                    column = 1;
                    cells.clear();
                }
                "table-cell" | "covered-table-cell" if depth == 0 => {
                    let covered = start.local_name().as_ref() == "covered-table-cell";
                    let columns = count(&start, "number-columns-repeated")?;
                    let spans = (
                        count(&start, "number-rows-spanned")?,
                        count(&start, "number-columns-spanned")?,
                    );
                    let start = start.into_owned();
                    let content = cell(source, &start)?;
                    if spans != (1, 1) && !covered {
                        sheet.merge(Merge {
                            top: row,
                            left: column,
                            bottom: row.saturating_add(spans.0.max(1) - 1),
                            right: column.saturating_add(spans.1.max(1) - 1),
                        });
                    }
                    if let Some(content) = content.filter(|_| !covered) {
                        sheet.reach(column)?;
                        cells.push(RowCell {
                            column,
                            repeat: columns,
                            content,
                        });
                    }
                    column = column.saturating_add(columns);
                }
                _ => {}
            },
            Event::End(end) => match end.local_name().as_ref() {
                "table" if depth == 0 => return Ok(()),
                "table" => depth -= 1,
                "table-row" if depth == 0 => {
                    if !cells.is_empty() {
                        for row in row..row.saturating_add(repeat) {
                            for cell in &cells {
                                put(sheet, row, cell)?;
                            }
                        }
                    }
                    row = row.saturating_add(repeat);
                }
                _ => {}
            },
            _ => {}
        }
    }
}

fn put(sheet: &mut SheetBuilder<'_, '_>, row: u32, cell: &RowCell) -> Result<(), OpenError> {
    for column in cell.column..cell.column.saturating_add(cell.repeat) {
        match &cell.content {
            Content::Text(text) => sheet.text(row, column, text)?,
            Content::Value(value) => sheet.value(row, column, value.clone())?,
        }
    }
    Ok(())
}

/// Reads a cell to its end.
fn cell<R: BufRead>(
    source: &mut Source<R>,
    start: &BytesStart<'_>,
) -> Result<Option<Content>, OpenError> {
    let value = match attribute(start, "value-type")?.as_deref() {
        Some("float" | "percentage" | "currency") => attribute(start, "value")?
            .and_then(|number| number.parse().ok())
            .map(Value::Number),
        Some("date") => attribute(start, "date-value")?
            .and_then(|day| iso_date(&day))
            .map(Value::Date),
        Some("boolean") => {
            attribute(start, "boolean-value")?.map(|truth| Value::Bool(truth == "true"))
        }
        _ => None,
    };
    let text = text(source, start.local_name().as_ref())?;
    Ok(match value {
        Some(value) => Some(Content::Value(value)),
        None if text.is_empty() => attribute(start, "string-value")?
            .filter(|text| !text.is_empty())
            .map(Content::Text),
        None => Some(Content::Text(text)),
    })
}

/// More text than any cell may hold; the builder names the cell when it refuses it.
const ENOUGH: usize = 1 << 20;

/// The text of a cell, paragraphs as lines; comments are left out.
fn text<R: BufRead>(source: &mut Source<R>, element: &str) -> Result<String, OpenError> {
    let mut text = String::new();
    let (mut depth, mut skipped, mut paragraphs) = (0u32, 0u32, 0u32);
    loop {
        match source.inside()? {
            Event::Start(start) => {
                depth += 1;
                match start.local_name().as_ref() {
                    "annotation" | "frame" => skipped += 1,
                    _ if skipped > 0 => {}
                    "p" => {
                        if paragraphs > 0 {
                            text.push('\n');
                        }
                        paragraphs += 1;
                    }
                    "s" => {
                        let spaces = count(&start, "c")?.min(1_000);
                        text.extend(std::iter::repeat_n(' ', spaces as usize));
                    }
                    "tab" => text.push('\t'),
                    "line-break" => text.push('\n'),
                    _ => {}
                }
            }
            Event::End(end) => {
                if depth == 0 && end.local_name().as_ref() == element {
                    return Ok(text);
                }
                depth = depth.saturating_sub(1);
                if matches!(end.local_name().as_ref(), "annotation" | "frame") {
                    skipped = skipped.saturating_sub(1);
                }
            }
            Event::Text(piece) if skipped == 0 && paragraphs > 0 => {
                text.push_str(&piece.xml10_content())
            }
            Event::CData(piece) if skipped == 0 && paragraphs > 0 => {
                text.push_str(&piece.xml10_content())
            }
            Event::GeneralRef(reference) if skipped == 0 && paragraphs > 0 => {
                push_reference(&reference, &mut text)?
            }
            _ => {}
        }
        if text.len() > ENOUGH {
            return Err(OpenError::broken("endless text in a cell"));
        }
    }
}

fn push_reference(reference: &BytesRef<'_>, text: &mut String) -> Result<(), OpenError> {
    match reference.resolve_char_ref().map_err(OpenError::broken)? {
        Some(c) => text.push(c),
        None => text.push_str(
            resolve_xml_entity(&reference.xml10_content())
                .ok_or_else(|| OpenError::broken("an unknown entity"))?,
        ),
    }
    Ok(())
}
