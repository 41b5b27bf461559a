//! Annex 2 as somebody filled it in: found by its items and headings, wherever they stand.

use serde::Serialize;

use crate::{Cell, Declared, Sheet, Workbook, annex::SUMMARY_ITEMS, value::tidy::fold};

/// Annex 2 found on a sheet.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AnnexTwoForm {
    /// File it came from; inside an archive, the path there.
    pub file: String,
    /// Sheet it stands on.
    pub sheet: String,
    /// What the lines around the table declare.
    pub declared: Declared,
    /// 1-based column of 网站.
    pub website: Option<u32>,
    /// The new media's headings with their 1-based columns, from left to right.
    pub media: Vec<(String, u32)>,
    /// 1-based column of 合计.
    pub total: Option<u32>,
    /// 1-based column of 备注.
    pub remark: Option<u32>,
    /// The lines found, in the order of [`SUMMARY_ITEMS`].
    pub lines: Vec<AnnexTwoLine>,
}

/// A line of annex 2. Cells that are blank are `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnnexTwoLine {
    /// Index in [`SUMMARY_ITEMS`].
    pub item: usize,
    /// 1-based row of the sheet.
    pub row: u32,
    /// 网站
    pub website: Option<Cell>,
    /// One for each of [`AnnexTwoForm::media`].
    pub media: Vec<Option<Cell>>,
    /// 合计
    pub total: Option<Cell>,
    /// 备注
    pub remark: Option<Cell>,
}

/// What tells the items from each other, and from the headings of annex 1, which ask 是否.
const MARKS: [&str; 7] = [
    "单位开设",
    "职务身份",
    "有问题",
    "整改",
    "互动功能",
    "审核制度",
    "委托",
];

/// Items that must be there for a sheet to be annex 2, in one column.
const ENOUGH: usize = 4;
/// Items are shorter, whatever stands around them.
const ITEM_BYTES: usize = 200;
/// Rows above the first item that may hold headings.
const BAND: u32 = 4;

/// The index of the item that a text names.
fn item(text: &str) -> Option<usize> {
    if !text.contains("数量") && !text.contains("个人账号") || text.starts_with("是否") {
        return None;
    }
    let exact = SUMMARY_ITEMS.iter().position(|item| fold(item) == text);
    exact.or_else(|| MARKS.iter().position(|mark| text.contains(mark)))
}

impl Workbook {
    /// Annex 2 on each of the sheets that show and hold it.
    pub fn summaries(&self) -> Vec<AnnexTwoForm> {
        let shown = self.sheets.iter().filter(|sheet| !sheet.hidden);
        shown.filter_map(|sheet| read(&self.name, sheet)).collect()
    }
}

fn read(file: &str, sheet: &Sheet) -> Option<AnnexTwoForm> {
    let (labels, items) = items(sheet)?;
    let first = items.iter().map(|&(_, row)| row).min()?;
    let mut form = AnnexTwoForm {
        file: file.to_owned(),
        sheet: sheet.name.clone(),
        ..AnnexTwoForm::default()
    };
    for (heading, column) in headings(sheet, labels, first) {
        let slot = match fold(&heading).trim_end_matches(':') {
            "网站" | "网站(个)" => &mut form.website,
            "合计" | "总计" | "合计(个)" => &mut form.total,
            "备注" => &mut form.remark,
            "序号" | "项目" | "新媒体" => continue,
            _ => {
                form.media.push((heading, column));
                continue;
            }
        };
        slot.get_or_insert(column);
    }
    if form.website.is_none() && form.total.is_none() {
        return None;
    }
    let mut items = items;
    items.sort_unstable();
    items.dedup_by_key(|(item, _)| *item);
    form.lines = items
        .into_iter()
        .map(|(item, row)| {
            let at = |column: Option<u32>| sheet.cell(row, column?).cloned();
            AnnexTwoLine {
                item,
                row,
                website: at(form.website),
                media: form
                    .media
                    .iter()
                    .map(|&(_, column)| at(Some(column)))
                    .collect(),
                total: at(form.total),
                remark: at(form.remark),
            }
        })
        .collect();
    form.declared = Declared::around(sheet, 1..=u32::MAX);
    Some(form)
}

/// The column in which most items stand, and these with their rows.
fn items(sheet: &Sheet) -> Option<(u32, Vec<(usize, u32)>)> {
    let mut found: Vec<(u32, usize, u32)> = sheet
        .cells()
        .iter()
        .filter(|cell| {
            cell.initial()
                .is_some_and(|first| "单以排问具已建委有".contains(first))
        })
        .filter(|cell| cell.bytes() <= ITEM_BYTES)
        .filter_map(|cell| item(&cell.start()).map(|item| (cell.column, item, cell.row)))
        .take(1_000)
        .collect();
    found.sort_unstable();
    found
        .chunk_by(|a, b| a.0 == b.0)
        .map(|column| {
            let items = column.iter().map(|&(_, item, row)| (item, row));
            (column[0].0, items.collect::<Vec<_>>())
        })
        .filter(|(_, items)| {
            let mut different: Vec<usize> = items.iter().map(|(item, _)| *item).collect();
            different.dedup();
            different.len() >= ENOUGH
        })
        .max_by_key(|(_, items)| items.len())
}

/// The lowest heading above each column but that of the items. One merged over several columns is none of theirs.
fn headings(sheet: &Sheet, labels: u32, first: u32) -> Vec<(String, u32)> {
    let band = first.saturating_sub(BAND).max(1)..first;
    let line = |row: u32| {
        let from = sheet.cells().partition_point(|cell| cell.row < row);
        sheet.cells()[from..]
            .iter()
            .take_while(move |cell| cell.row == row)
    };
    // A row with a single text is a title or declares something.
    let rows: Vec<u32> = band.filter(|&row| line(row).count() > 1).collect();
    let mut columns: Vec<u32> = rows
        .iter()
        .flat_map(|&row| line(row))
        .map(|cell| cell.column)
        .collect();
    columns.sort_unstable();
    columns.dedup();
    columns.retain(|&column| column != labels);
    let heading = |column: u32| {
        rows.iter().rev().find_map(|&row| {
            let (top, left) = sheet.anchor(row, column);
            let cell = sheet.cell(top, left).filter(|_| left == column)?;
            let text = cell.text().replace('\n', "");
            (!Declared::is_line(&text)).then_some(text)
        })
    };
    columns
        .into_iter()
        .filter_map(|column| heading(column).map(|text| (text, column)))
        .collect()
}
