//! Excel workbooks (`.xlsx`): every worksheet, hidden or not, every cell, comments, drawings and properties.

use std::collections::{HashMap, HashSet};

use super::{
    Reading,
    grid::{Grid, number},
    limits::{Budget, Problem},
    package::Package,
    word,
    xml::{Piece, Xml, attribute, is_true},
};
use crate::text::{BlockKind, TextBuilder};

pub(super) fn read(
    reading: &mut Reading<'_>,
    file: &str,
    package: &mut Package<'_>,
) -> Result<(), Problem> {
    let shared = match package.text("xl/sharedStrings.xml", &mut reading.budget)? {
        Some(source) => shared(&source, &mut reading.budget)?,
        None => vec![],
    };
    let dates = match package.text("xl/styles.xml", &mut reading.budget)? {
        Some(source) => date_styles(&source)?,
        None => HashSet::new(),
    };
    let named = sheets(package, &mut reading.budget)?;
    for part in package.matching("xl/worksheets/", ".xml") {
        let Some(source) = package.text(&part, &mut reading.budget)? else {
            continue;
        };
        let (section, hidden) = match named.get(&part) {
            Some((name, true)) => (format!("工作表“{name}”（隐藏）"), true),
            Some((name, false)) => (format!("工作表“{name}”"), false),
            None => ("工作表".to_owned(), false),
        };
        let mut grid = Grid::default();
        let done = cells(&source, &shared, &dates, &mut grid, &mut reading.budget);
        grid.finish(reading, file, &section, hidden);
        done?;
    }
    for (begin, section, hidden) in [
        ("xl/comments", "批注", true),
        ("xl/threadedComments/", "批注", true),
        ("xl/drawings/drawing", "文本框", false),
    ] {
        let mut text = TextBuilder::new();
        for part in package.matching(begin, ".xml") {
            if let Some(source) = package.text(&part, &mut reading.budget)? {
                loose(&source, &mut text, &mut reading.budget)?;
            }
        }
        reading.built(file, section, hidden, text);
    }
    word::properties(reading, file, package)
}

/// Each worksheet's part, with its name and whether it is hidden.
fn sheets(
    package: &mut Package<'_>,
    budget: &mut Budget<'_>,
) -> Result<HashMap<String, (String, bool)>, Problem> {
    let mut targets = HashMap::new();
    if let Some(source) = package.text("xl/_rels/workbook.xml.rels", budget)? {
        let mut xml = Xml::new(&source);
        while let Some(piece) = xml.next()? {
            if let Piece::Start(start) = piece
                && let (Some(id), Some(target)) =
                    (attribute(&start, "Id"), attribute(&start, "Target"))
            {
                let target = match target.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None => format!("xl/{target}"),
                };
                targets.insert(id, target);
            }
        }
    }
    let mut named = HashMap::new();
    if let Some(source) = package.text("xl/workbook.xml", budget)? {
        let mut xml = Xml::new(&source);
        while let Some(piece) = xml.next()? {
            let Piece::Start(start) = piece else { continue };
            if start.local_name().as_ref() != "sheet" {
                continue;
            }
            let part = attribute(&start, "id").and_then(|id| targets.get(&id));
            if let (Some(name), Some(part)) = (attribute(&start, "name"), part) {
                let hidden = attribute(&start, "state").is_some_and(|state| state != "visible");
                named.insert(part.clone(), (name, hidden));
            }
        }
    }
    Ok(named)
}

/// The texts that cells share.
fn shared(source: &str, budget: &mut Budget<'_>) -> Result<Vec<String>, Problem> {
    let mut xml = Xml::new(source);
    let mut texts = vec![];
    let mut text = String::new();
    let (mut inside, mut phonetic) = (false, false);
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Start(start) => match start.local_name().as_ref() {
                "si" => text.clear(),
                "t" => inside = !phonetic,
                "rPh" => phonetic = true,
                _ => {}
            },
            Piece::Text(words) if inside => text.push_str(&words),
            Piece::Text(_) => {}
            Piece::End(name) => match name.as_str() {
                "t" => inside = false,
                "rPh" => phonetic = false,
                "si" => {
                    budget.cell()?;
                    texts.push(std::mem::take(&mut text));
                }
                _ => {}
            },
        }
    }
    Ok(texts)
}

/// The styles that show numbers as dates.
fn date_styles(source: &str) -> Result<HashSet<usize>, Problem> {
    let mut xml = Xml::new(source);
    let mut formats = HashSet::new();
    let mut styles = HashSet::new();
    let mut in_cells = false;
    let mut index = 0;
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Start(start) => match start.local_name().as_ref() {
                "numFmt" => {
                    let code = attribute(&start, "formatCode").unwrap_or_default();
                    if code.contains("yy") || code.contains('年') || code.contains('月') {
                        formats.extend(attribute(&start, "numFmtId"));
                    }
                }
                "cellXfs" => in_cells = true,
                "xf" if in_cells => {
                    let id = attribute(&start, "numFmtId").unwrap_or_default();
                    let known =
                        matches!(id.parse::<u32>(), Ok(14..=17 | 22 | 27..=31 | 36 | 50..=58));
                    if known || formats.contains(&id) {
                        styles.insert(index);
                    }
                    index += 1;
                }
                _ => {}
            },
            Piece::End(name) if name == "cellXfs" => in_cells = false,
            _ => {}
        }
    }
    Ok(styles)
}

/// One worksheet.
fn cells(
    source: &str,
    shared: &[String],
    dates: &HashSet<usize>,
    grid: &mut Grid,
    budget: &mut Budget<'_>,
) -> Result<(), Problem> {
    let mut xml = Xml::new(source);
    let (mut row, mut column) = (0u32, 0u32);
    let (mut next_row, mut next_column) = (0u32, 0u32);
    let mut kind = String::new();
    let mut is_date = false;
    let mut words = String::new();
    let mut inside = false;
    let mut inline = String::new();
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Start(start) => match start.local_name().as_ref() {
                "col" if is_true(&start, "hidden") => {
                    let edge = |name| attribute(&start, name).and_then(|n| n.parse::<u32>().ok());
                    if let (Some(min @ 1..), Some(max)) = (edge("min"), edge("max")) {
                        grid.hidden.columns.extend(min - 1..max.min(1 << 14));
                    }
                }
                "row" => {
                    let said = attribute(&start, "r").and_then(|r| r.parse::<u32>().ok());
                    row = said.map_or(next_row, |r| r.saturating_sub(1));
                    next_row = row.saturating_add(1);
                    next_column = 0;
                    if is_true(&start, "hidden") {
                        grid.hidden.rows.insert(row);
                    }
                }
                "c" => {
                    let said = attribute(&start, "r").and_then(|place| column_of(&place));
                    column = said.unwrap_or(next_column);
                    next_column = column.saturating_add(1);
                    kind = attribute(&start, "t").unwrap_or_default();
                    let style = attribute(&start, "s").and_then(|s| s.parse::<usize>().ok());
                    is_date = style.is_some_and(|style| dates.contains(&style));
                    words.clear();
                    inline.clear();
                }
                "v" | "t" => inside = true,
                _ => {}
            },
            Piece::Text(more) if inside => words.push_str(&more),
            Piece::Text(_) => {}
            Piece::End(name) => match name.as_str() {
                "v" => inside = false,
                "t" => {
                    inside = false;
                    inline.push_str(&std::mem::take(&mut words));
                }
                "c" => {
                    let shown = match kind.as_str() {
                        "s" => {
                            let index = words.trim().parse::<usize>().ok();
                            index
                                .and_then(|index| shared.get(index))
                                .cloned()
                                .unwrap_or_default()
                        }
                        "inlineStr" => std::mem::take(&mut inline),
                        "b" | "e" => String::new(),
                        "str" | "d" => std::mem::take(&mut words),
                        _ => value(words.trim(), is_date),
                    };
                    grid.put(budget, row, column, &shown)?;
                }
                _ => {}
            },
        }
    }
    Ok(())
}

/// A number as the program shows it.
fn value(words: &str, is_date: bool) -> String {
    match words.parse::<f64>() {
        Ok(days) if is_date => date(days).unwrap_or_else(|| number(days)),
        Ok(value) => number(value),
        Err(_) => words.to_owned(),
    }
}

/// The day that so many days after the end of 1899 are.
pub(super) fn date(days: f64) -> Option<String> {
    let zero = chrono::NaiveDate::from_ymd_opt(1899, 12, 30)?;
    let days = (0.0..3_000_000.0).contains(&days).then_some(days as u64)?;
    let day = zero.checked_add_days(chrono::Days::new(days))?;
    Some(day.to_string())
}

/// The column of an address such as `AB12`, from 0.
fn column_of(place: &str) -> Option<u32> {
    let mut column = 0u32;
    for letter in place.bytes().take_while(u8::is_ascii_alphabetic) {
        column = column
            .checked_mul(26)?
            .checked_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1)?;
    }
    column.checked_sub(1).filter(|column| *column < 1 << 14)
}

/// Words outside of cells: comments, text boxes.
fn loose(source: &str, text: &mut TextBuilder, budget: &mut Budget<'_>) -> Result<(), Problem> {
    let mut xml = Xml::new(source);
    let mut words = String::new();
    let mut inside = false;
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Start(start) => inside |= matches!(start.local_name().as_ref(), "t" | "text"),
            Piece::Text(more) if inside => {
                budget.text(more.len())?;
                words.push_str(&more);
            }
            Piece::Text(_) => {}
            Piece::End(name) => match name.as_str() {
                "t" => inside = false,
                "p" | "comment" | "threadedComment" | "text" => {
                    inside = false;
                    text.push(BlockKind::Paragraph, &std::mem::take(&mut words));
                }
                _ => {}
            },
        }
    }
    Ok(())
}
