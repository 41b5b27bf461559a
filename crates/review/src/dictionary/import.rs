//! Reads a list of words from a spreadsheet and shows what each word would hit in texts that exist.

use super::{
    export::HEADINGS,
    terms::{NewWord, Severity, WordKind, split},
};
use chrono::NaiveDate;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use zhendi_kernel::text;
use zhendi_office::{Cell, Limits, PartialDate, Sheet, fold, open, parse_partial_date};
use zhendi_textcheck::{Checker, Context, Layer, Text, attachment};

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As the spreadsheet program counts.
    pub row: u32,
    /// The word as it stands there.
    pub word: String,
    /// What is said of it, or why that cannot be read.
    pub said: Result<NewWord, String>,
}

/// Other names of columns.
const ALIASES: &[(&str, usize)] = &[
    ("错误词", 0),
    ("错误用词", 0),
    ("错词", 0),
    ("敏感词", 0),
    ("关键词", 0),
    ("原词", 0),
    ("建议", 1),
    ("建议用词", 1),
    ("正确词", 1),
    ("正词", 1),
    ("修改建议", 1),
    ("类别", 3),
    ("等级", 4),
    ("备注", 7),
];

/// Rows from the top in which the headings are looked for.
const TOP: usize = 10;

/// Reads the first sheet that has a column of words.
///
/// # Errors
/// Why the file is no list, for the one who sent it.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Line>, String> {
    let opened = match open(name, bytes, &Limits::default()) {
        Ok(opened) => opened,
        Err(error) => return plain(bytes).ok_or_else(|| error.to_string()),
    };
    let sheets = opened.workbooks.iter().flat_map(|book| &book.sheets);
    for sheet in sheets {
        if let Some((top, columns)) = columns(sheet) {
            return Ok(lines(sheet, top, &columns));
        }
    }
    Err("没有找到“词语”一列。请下载样表，按样表的标题填写。".into())
}

/// A list of one column is no table to a reader of spreadsheets: a heading, and a word on each line.
fn plain(bytes: &[u8]) -> Option<Vec<Line>> {
    let contents = attachment::read("词表.txt", bytes, &attachment::Limits::default());
    let text = contents.parts.first()?.text();
    let mut rows = (1..)
        .zip(text.as_str().lines().map(str::trim))
        .filter(|(_, word)| !word.is_empty());
    let (_, heading) = rows.next()?;
    (column(heading) == Some(0)).then_some(())?;
    let mut seen = HashSet::new();
    let line = |(row, word): (u32, &str)| {
        let words = |at| {
            if at == 0 {
                word.to_owned()
            } else {
                String::new()
            }
        };
        let said = said(&words, &|_| None).and_then(|said| once(said, &mut seen));
        let word = word.to_owned();
        Line { row, word, said }
    };
    Some(rows.map(line).collect())
}

/// Which of this program's columns a heading names.
fn column(heading: &str) -> Option<usize> {
    let name = fold(heading);
    let own = HEADINGS.iter().position(|heading| fold(heading) == name);
    own.or_else(|| {
        let alias = ALIASES.iter().find(|(alias, _)| fold(alias) == name);
        alias.map(|(_, at)| *at)
    })
}

/// What is said for the first time.
fn once(said: NewWord, seen: &mut HashSet<String>) -> Result<NewWord, String> {
    match seen.insert(said.slot()) {
        true => Ok(said),
        false => Err("与前面的行重复。".into()),
    }
}

/// The row of headings, and the columns of this program's headings.
fn columns(sheet: &Sheet) -> Option<(u32, HashMap<usize, u32>)> {
    sheet.rows().take(TOP).find_map(|(row, cells)| {
        let mut columns = HashMap::new();
        for cell in cells {
            if let Some(at) = column(&cell.text()) {
                columns.entry(at).or_insert(cell.column);
            }
        }
        columns.contains_key(&0).then_some((row, columns))
    })
}

fn lines(sheet: &Sheet, top: u32, columns: &HashMap<usize, u32>) -> Vec<Line> {
    let mut seen = HashSet::new();
    let mut lines = vec![];
    for (row, _) in sheet.rows().filter(|(row, _)| *row > top) {
        let cell = |at: usize| sheet.cell(row, *columns.get(&at)?);
        let words = |at| {
            cell(at)
                .map(|cell| cell.text().into_owned())
                .unwrap_or_default()
        };
        if (0..HEADINGS.len()).all(|at| words(at).is_empty()) {
            continue;
        }
        let said = said(&words, &cell).and_then(|said| once(said, &mut seen));
        let word = words(0);
        lines.push(Line { row, word, said });
    }
    lines
}

fn said<'s>(
    words: &impl Fn(usize) -> String,
    cell: &impl Fn(usize) -> Option<&'s Cell>,
) -> Result<NewWord, String> {
    let line = |at: usize, max| {
        text::line(&words(at), max).map_err(|error| format!("{}：{error}", HEADINGS[at]))
    };
    let right = split(&words(1));
    let kind = match words(2).as_str() {
        "" if right.is_empty() => WordKind::Watch,
        "" => WordKind::Wrong,
        named => WordKind::parse(named).ok_or_else(|| {
            let known: Vec<&str> = WordKind::ALL.iter().map(|kind| kind.label()).collect();
            format!("类型“{named}”不认识，可填：{}。", known.join("、"))
        })?,
    };
    let severity = match words(4).as_str() {
        "" => kind.severity(),
        named => Severity::parse(named)
            .ok_or_else(|| format!("级别“{named}”不认识，可填：错误、警告、提示。"))?,
    };
    let said = NewWord {
        kind,
        word: line(0, 300)?,
        right,
        category: line(3, 30)?,
        severity,
        valid_from: day(cell(5)).map_err(|e| format!("生效日期：{e}"))?,
        valid_to: day(cell(6)).map_err(|e| format!("失效日期：{e}"))?,
        note: line(7, 200)?,
    };
    said.check().map_err(|unfit| unfit.to_string())?;
    Ok(said)
}

/// A whole day; a cell that holds nothing holds none.
fn day(cell: Option<&Cell>) -> Result<Option<NaiveDate>, String> {
    let Some(cell) = cell else { return Ok(None) };
    let words = cell.text();
    match parse_partial_date(&cell.value) {
        Ok(None) => Ok(None),
        Ok(Some(PartialDate {
            year,
            month: Some(month),
            day: Some(day),
        })) => Ok(NaiveDate::from_ymd_opt(year, month, day)),
        _ => Err(format!("“{words}”不是完整的日期，例如 2026-01-01。")),
    }
}

/// What a word would hit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// Places.
    pub places: usize,
    /// Texts with such places.
    pub texts: usize,
    /// Titles of the first of them.
    pub titles: Vec<String>,
}

/// Titles that are shown of each word.
const TITLES: usize = 3;

/// What the words of a list would hit in some texts (title and plain text), by their places in `words`.
pub fn trial(
    words: &[NewWord],
    texts: &[(String, String)],
    today: NaiveDate,
) -> HashMap<usize, Hits> {
    // A trial looks at what is found: what is allowed finds nothing, and days of texts are not at hand.
    let entries = words.iter().map(|said| {
        let mut entry = said.for_engine();
        if said.kind == WordKind::Allow {
            entry.kind = WordKind::Watch.for_engine();
        }
        (entry.valid_from, entry.valid_to) = (None, None);
        entry
    });
    let layer = Layer::new(Arc::from("试算"), entries.collect());
    let Ok(checker) = Checker::builder().layer(layer).build() else {
        return HashMap::new();
    };
    let context = Context::on(today);
    let mut hits: HashMap<usize, Hits> = HashMap::new();
    for (title, body) in texts {
        let mut here = HashSet::new();
        for part in [title, body] {
            for finding in checker.check(&Text::plain(part), &context) {
                let Some(origin) = finding.origin else {
                    continue;
                };
                let hit = hits.entry(origin.entry).or_default();
                hit.places += 1;
                if here.insert(origin.entry) {
                    hit.texts += 1;
                    if hit.titles.len() < TITLES {
                        hit.titles.push(title.clone());
                    }
                }
            }
        }
    }
    hits
}
