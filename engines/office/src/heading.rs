//! Finds the heading rows of the forms, wherever they stand and however they are written.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    ops::RangeInclusive,
    sync::LazyLock,
};

use crate::{Cell, Field, FormError, FormKind, NearMiss, Sheet, column_letters, value::tidy::fold};

/// Headings may be split over this many rows.
const BAND: u32 = 3;

/// Rows of a sheet that are looked at as possible headings. Forms that repeat theirs on each printed page stay far below.
const CANDIDATES: usize = 1_000;

/// A heading row (or band of rows) of a form.
#[derive(Clone, Debug)]
pub(crate) struct Heading {
    pub kind: FormKind,
    pub top: u32,
    pub bottom: u32,
    /// Field and column, from left to right.
    pub columns: Vec<(Field, u32)>,
}

impl Heading {
    /// Where a field stands.
    pub fn column(&self, field: Field) -> Option<u32> {
        self.columns
            .iter()
            .find(|&&(known, _)| known == field)
            .map(|&(_, column)| column)
    }

    /// From the first to the last column.
    pub fn lane(&self) -> RangeInclusive<u32> {
        let columns = || self.columns.iter().map(|&(_, column)| column);
        columns().min().unwrap_or(0)..=columns().max().unwrap_or(u32::MAX)
    }
}

/// What a sheet's headings come to.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub headings: Vec<Heading>,
    pub near: Vec<NearMiss>,
    pub duplicate: Option<FormError>,
}

/// Folded spellings of one form's headings.
struct Spellings {
    kind: FormKind,
    known: HashMap<String, Field>,
}

impl Spellings {
    fn of(kind: FormKind) -> Self {
        let mut known = HashMap::new();
        for field in kind.readable() {
            for spelling in field.spellings() {
                known.entry(fold(spelling)).or_insert(field);
            }
        }
        Self { kind, known }
    }

    /// Exact first, then without what stands in brackets (`是否整改（是/否）`); a colon behind does not count.
    fn field(&self, folded: &str) -> Option<Field> {
        let folded = folded.trim_end_matches(':');
        let exact = self.known.get(folded);
        let found = exact.or_else(|| {
            folded
                .contains('(')
                .then(|| self.known.get(&without_brackets(folded)))
                .flatten()
        });
        found.copied()
    }
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0u32;
    text.chars()
        .filter(|&c| {
            match c {
                '(' => depth += 1,
                ')' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

/// All forms' spellings, and what tells a possible heading from data at little cost.
struct Vocabulary {
    forms: [Spellings; 3],
    /// First characters of all spellings.
    initials: HashSet<char>,
    /// Two characters and more from the front of each: a heading split over rows shows one of these first.
    beginnings: HashSet<String>,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let forms = FormKind::ALL.map(Spellings::of);
    let known: Vec<&String> = forms.iter().flat_map(|form| form.known.keys()).collect();
    let initials = known
        .iter()
        .filter_map(|whole| whole.chars().next())
        .collect();
    let beginnings = known
        .iter()
        .flat_map(|whole| {
            let ends = whole.char_indices().skip(2).map(|(at, _)| at);
            ends.chain([whole.len()]).map(|end| whole[..end].to_owned())
        })
        .collect();
    Vocabulary {
        forms,
        initials,
        beginnings,
    }
});

impl Vocabulary {
    /// Whether a heading may begin in a row, and how many cells of it are whole headings.
    fn judge(&self, cells: &[Cell]) -> (bool, usize) {
        let mut begins = false;
        let mut whole = 0;
        for cell in cells {
            if !cell
                .initial()
                .is_some_and(|first| self.initials.contains(&first))
            {
                continue;
            }
            let text = cell.start();
            let is_whole = self.forms.iter().any(|form| form.field(&text).is_some());
            begins |= is_whole || self.beginnings.contains(&text);
            whole += usize::from(is_whole);
        }
        (begins, whole)
    }
}

/// Finds all heading bands of a sheet from top to bottom.
pub(crate) fn find(file: &str, sheet: &Sheet) -> Found {
    let judged: Vec<(u32, bool, usize)> = sheet
        .rows()
        .map(|(row, cells)| {
            let (begins, whole) = VOCABULARY.judge(cells);
            (row, begins, whole)
        })
        .collect();
    let mut found = Found::default();
    let mut below = 0;
    let mut candidates = 0;
    for (at, &(row, begins, _)) in judged.iter().enumerate() {
        // Data may look like the beginning of one heading (网站, 开设); two whole ones it has not.
        let band = judged[at..]
            .iter()
            .take(BAND as usize)
            .take_while(|(next, _, _)| *next < row + BAND);
        if row <= below || !begins || band.map(|(_, _, whole)| whole).sum::<usize>() < 2 {
            continue;
        }
        candidates += 1;
        if candidates > CANDIDATES {
            break;
        }
        let lines: Vec<_> = (row..row + BAND)
            .map(|row| (row, texts(sheet, row)))
            .collect();
        let mut best: Option<Match> = None;
        for rows in 1..=lines.len() {
            for form in &VOCABULARY.forms {
                let matched = match_band(sheet, form, &lines[..rows]);
                if best.as_ref().is_none_or(|best| matched.better_than(best)) {
                    best = Some(matched);
                }
            }
        }
        let Some(best) = best.filter(|best| best.tables[0].len() >= 2) else {
            continue;
        };
        below = take(file, sheet, best, &mut found).max(below);
    }
    found
}

/// The folded texts of a row with their columns.
fn texts(sheet: &Sheet, row: u32) -> Vec<(u32, String)> {
    let from = sheet.cells().partition_point(|c| c.row < row);
    let line = sheet.cells()[from..].iter().take_while(|c| c.row == row);
    line.map(|c| (c.column, c.start())).collect()
}

/// One form's columns found in a band of rows; a heading that comes again starts another table to the right.
struct Match {
    kind: FormKind,
    top: u32,
    bottom: u32,
    tables: Vec<Vec<(Field, u32)>>,
}

impl Match {
    fn missing(&self, table: usize) -> Vec<Field> {
        let has: BTreeSet<Field> = self.tables[table].iter().map(|&(field, _)| field).collect();
        self.kind
            .required()
            .iter()
            .copied()
            .filter(|field| !has.contains(field))
            .collect()
    }

    /// Complete beats incomplete, then more columns; the earlier try (fewer rows) wins a tie.
    fn better_than(&self, other: &Self) -> bool {
        let rank = |m: &Self| {
            let missing = m.missing(0).len();
            let required = m.kind.required().len();
            (
                missing == 0,
                (required - missing) * 100 / required,
                m.tables[0].len(),
            )
        };
        if self.missing(0).is_empty() || other.missing(0).is_empty() {
            return rank(self) > rank(other);
        }
        // Of two incomplete ones the one with more headings tells the reader more than the one with the larger share.
        (self.tables[0].len(), rank(self)) > (other.tables[0].len(), rank(other))
    }
}

fn match_band(sheet: &Sheet, spellings: &Spellings, lines: &[(u32, Vec<(u32, String)>)]) -> Match {
    let (top, bottom) = (lines[0].0, lines[lines.len() - 1].0);
    let text_at: HashMap<(u32, u32), &str> = lines
        .iter()
        .flat_map(|(row, line)| {
            line.iter()
                .map(move |(column, text)| ((*row, *column), text.as_str()))
        })
        .collect();
    let mut columns: BTreeSet<u32> = text_at.keys().map(|&(_, column)| column).collect();
    // Columns under a merged group heading may hold nothing of their own in the other rows.
    if let Some(&last) = columns.last() {
        columns.extend((1..=last + 16).filter(|&column| {
            (top..=bottom).any(|row| sheet.anchor(row, column) != (row, column))
        }));
    }
    let mut tables = vec![Vec::new()];
    let mut top_counts = false;
    for column in columns {
        let mut parts: Vec<(u32, &str)> = Vec::new();
        let mut seen = Vec::new();
        for row in top..=bottom {
            let anchor = sheet.anchor(row, column);
            if seen.contains(&anchor) {
                continue;
            }
            seen.push(anchor);
            if let Some(text) = text_at.get(&anchor).filter(|text| !text.is_empty()) {
                parts.push((anchor.0, text));
            }
        }
        // A heading merged to the right belongs to its own first column, unless a row below divides it.
        if parts.len() == 1 && sheet.anchor(parts[0].0, column).1 != column {
            continue;
        }
        let matched = (0..parts.len()).find_map(|from| {
            let whole: String = parts[from..].iter().map(|(_, text)| *text).collect();
            spellings.field(&whole).map(|field| (field, parts[from].0))
        });
        let Some((field, first_row)) = matched else {
            continue;
        };
        top_counts |= first_row == top;
        let table: &mut Vec<(Field, u32)> = tables.last_mut().expect("starts with one");
        if table.iter().any(|&(known, _)| known == field) {
            tables.push(vec![(field, column)]);
        } else {
            table.push((field, column));
        }
    }
    if !top_counts {
        tables = vec![Vec::new()];
    }
    Match {
        kind: spellings.kind,
        top,
        bottom,
        tables,
    }
}

/// Books a match as headings, a duplicate or a near miss; returns the last row that it takes.
fn take(file: &str, sheet: &Sheet, best: Match, found: &mut Found) -> u32 {
    let missing = best.missing(0);
    if missing.is_empty() {
        for table in 0..best.tables.len() {
            let columns = best.tables[table].clone();
            if best.missing(table).is_empty() {
                found.headings.push(Heading {
                    kind: best.kind,
                    top: best.top,
                    bottom: best.bottom,
                    columns,
                });
                continue;
            }
            let (field, second) = columns[0];
            let first = best.tables[0]
                .iter()
                .find(|&&(known, _)| known == field)
                .map_or(second, |&(_, column)| column);
            found.duplicate.get_or_insert(FormError::DuplicateHeading {
                file: file.to_owned(),
                sheet: sheet.name.clone(),
                row: best.bottom,
                heading: field.heading_in(best.kind),
                first: column_letters(first),
                second: column_letters(second),
            });
        }
        return best.bottom;
    }
    found.near.push(NearMiss {
        kind: best.kind,
        sheet: sheet.name.clone(),
        row: best.bottom,
        found: best.tables[0]
            .iter()
            .map(|(field, _)| field.heading_in(best.kind))
            .collect(),
        missing: missing
            .iter()
            .map(|field| field.heading_in(best.kind))
            .collect(),
    });
    0
}
