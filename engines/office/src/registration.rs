//! Annex 3 as somebody filled it in: labels with their contents beside them, and the people's table.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::RangeInclusive,
    sync::LazyLock,
};

use serde::{Serialize, Serializer};

use crate::{
    Cell, Declared, PartialDate, Sheet, Value, Workbook,
    annex::{Item, Part},
    column_letters,
    value::{
        date::find_date,
        tidy::{fold, tidy},
    },
};

/// Annex 3 found on a sheet.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AnnexThreeForm {
    /// File it came from; inside an archive, the path there.
    pub file: String,
    /// Sheet it stands on.
    pub sheet: String,
    /// 填报部门 as the unit, 填表时间 as the date.
    pub declared: Declared,
    /// The cells that hold something, without the mark of a change.
    #[serde(serialize_with = "listed")]
    pub cells: BTreeMap<Item, Cell>,
    /// Where each content belongs, 1-based row and column, whether something stands there or not.
    #[serde(skip)]
    pub places: BTreeMap<Item, (u32, u32)>,
    /// Items marked as changed.
    pub marked: BTreeSet<Item>,
    /// The day beside 主管单位（盖章）.
    pub opinion_date: Option<PartialDate>,
}

fn listed<S: Serializer>(cells: &BTreeMap<Item, Cell>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(cells)
}

impl AnnexThreeForm {
    /// The tidied text of an item; blank if there is none.
    pub fn text(&self, item: Item) -> String {
        let cell = self.cells.get(&item);
        cell.map(|cell| cell.text().into_owned())
            .unwrap_or_default()
    }

    /// Where an item's content belongs, as the sheet letters it, such as `C7`.
    pub fn reference(&self, item: Item) -> Option<String> {
        let (row, column) = self.places.get(&item)?;
        Some(format!("{}{row}", column_letters(*column)))
    }

    /// Rows for reviewers and for operators, filled in or not.
    pub fn people(&self) -> (usize, usize) {
        let rows =
            |of: fn(&Item) -> Option<usize>| self.places.keys().filter_map(of).max().unwrap_or(0);
        (
            rows(|item| match item {
                Item::Reviewer(at, _) => Some(at + 1),
                _ => None,
            }),
            rows(|item| match item {
                Item::Operator(at, _) => Some(at + 1),
                _ => None,
            }),
        )
    }

    fn put(&mut self, item: Item, place: (u32, u32), cell: Option<&Cell>) {
        if self.places.contains_key(&item) {
            return;
        }
        self.places.insert(item, place);
        let Some(cell) = cell else { return };
        let text = cell.text();
        let Some(content) = without_mark(&text) else {
            self.cells.insert(item, cell.clone());
            return;
        };
        // 变更 in brackets may be all that a person wrote as the kind of filing.
        if content.is_empty() && item == Item::FilingKind {
            self.cells.insert(item, cell.clone());
            return;
        }
        self.marked.insert(item);
        if !content.is_empty() {
            let value = Value::Text(content.into());
            self.cells.insert(
                item,
                Cell {
                    value,
                    ..cell.clone()
                },
            );
        }
    }
}

/// A tidied text without （变更） at its end; none if it does not end so.
pub(crate) fn without_mark(text: &str) -> Option<&str> {
    ["（变更）", "(变更)"]
        .iter()
        .find_map(|mark| text.strip_suffix(mark))
        .map(str::trim_end)
}

/// Labels that must be there, in several rows, for a sheet to hold annex 3: in a table they stand in one.
const ENOUGH: usize = 5;
const ROWS: usize = 3;

/// What people make of the labels; the printed ones first.
fn spellings(item: Item) -> &'static [&'static str] {
    match item {
        Item::Name => &[
            "账号/网站/APP名称",
            "账号/网站名称",
            "账号（网站/APP）名称",
            "账号（网站）名称",
            "账号名称",
            "网站名称",
            "APP名称",
        ],
        Item::AddressOrId => &[
            "账号ID/网址",
            "账号ID（网址）",
            "账号ID",
            "网址",
            "网站网址",
        ],
        Item::Unit => &["开设部门", "开设单位", "开办单位", "主办单位"],
        Item::CertifiedBody => &["认证主体", "账号主体", "认证主体名称"],
        Item::PlatformOrIcp => &[
            "开通平台/网站ICP",
            "开通平台/网站ICP备案号",
            "开通平台/ICP",
            "开通平台",
            "网站ICP",
            "网站ICP备案号",
        ],
        Item::OpenedOn => &["开通时间", "开设时间", "开通日期", "开设日期"],
        Item::Followers => &[
            "粉丝量（关注数）",
            "粉丝量",
            "粉丝数",
            "关注数",
            "粉丝量/关注数",
        ],
        Item::PostingFrequency => &["发布频次", "发布频率", "更新频次", "更新频率"],
        Item::ResponsibleDepartment => &["责任部门", "责任单位"],
        Item::FilingKind => &["备案类型", "备案类别"],
        Item::Leader(_) | Item::Reviewer(..) | Item::Operator(..) | Item::Opinion => &[],
    }
}

static LABELS: LazyLock<HashMap<String, Item>> = LazyLock::new(|| {
    let labels = Item::FACTS.into_iter();
    labels
        .flat_map(|item| spellings(item).iter().map(move |text| (fold(text), item)))
        .collect()
});

/// Labels are shorter, whatever stands around them.
const LABEL_CHARS: usize = 40;

/// The item that a cell is the label of, and what stands behind a colon in the same cell.
fn label(cell: &Cell) -> Option<(Item, Option<String>)> {
    let Value::Text(text) = &cell.value else {
        return None;
    };
    if !"账网A开主认粉关发更责备".contains(cell.initial()?) {
        return None;
    }
    let text = text.trim_start();
    let end = text
        .char_indices()
        .nth(LABEL_CHARS)
        .map_or(text.len(), |(at, _)| at);
    if end == text.len()
        && let Some(&item) = LABELS.get(fold(text).trim_end_matches(':'))
    {
        return Some((item, None));
    }
    let colon = text[..end].find([':', '：'])?;
    let item = LABELS.get(&fold(&text[..colon]))?;
    let behind = text[colon..].trim_start_matches([':', '：']);
    Some((*item, Some(tidy(behind).into_owned())))
}

impl Workbook {
    /// Every annex 3 on the sheets that show; several may stand below each other.
    pub fn registrations(&self) -> Vec<AnnexThreeForm> {
        let shown = self.sheets.iter().filter(|sheet| !sheet.hidden);
        shown
            .flat_map(|sheet| on_sheet(&self.name, sheet))
            .collect()
    }
}

type Labels<'a> = Vec<(&'a Cell, Item, Option<String>)>;

fn on_sheet(file: &str, sheet: &Sheet) -> Vec<AnnexThreeForm> {
    let labels: Labels<'_> = sheet
        .cells()
        .iter()
        .filter_map(|cell| label(cell).map(|(item, inside)| (cell, item, inside)))
        // A sheet of more labels than a hundred forms have is something else.
        .take(1_001)
        .collect();
    if labels.len() > 1_000 {
        return Vec::new();
    }
    regions(sheet, &labels)
        .into_iter()
        .filter_map(|rows| {
            let labels: Labels<'_> = labels
                .iter()
                .filter(|(cell, ..)| rows.contains(&cell.row))
                .cloned()
                .collect();
            let items: BTreeSet<Item> = labels.iter().map(|(_, item, _)| *item).collect();
            let lines: BTreeSet<u32> = labels.iter().map(|(cell, ..)| cell.row).collect();
            (items.len() >= ENOUGH && lines.len() >= ROWS).then(|| read(file, sheet, rows, &labels))
        })
        .collect()
}

/// The rows of each form: a label that comes again begins another, together with the lines above it that hold no table.
fn regions(sheet: &Sheet, labels: &Labels<'_>) -> Vec<RangeInclusive<u32>> {
    let mut starts = vec![1];
    let mut seen = BTreeSet::new();
    for (cell, item, _) in labels {
        if !seen.insert(*item) {
            let above = cell.row.saturating_sub(HEADING_ROWS)..=cell.row - 1;
            let lines: Vec<_> = sheet.rows_in(&above).collect();
            let heading = lines
                .iter()
                .rev()
                .take_while(|(_, cells)| cells.len() == 1 && !ends_form(&cells[0]));
            starts.push(heading.last().map_or(cell.row, |(row, _)| *row));
            seen = BTreeSet::from([*item]);
        }
    }
    let ends = starts[1..].iter().map(|start| start - 1).chain([u32::MAX]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| start..=end)
        .collect()
}

/// Rows above a form's first label that may be its title and what it declares.
const HEADING_ROWS: u32 = 6;

/// Whether a line belongs to the form above it.
fn ends_form(cell: &Cell) -> bool {
    let start = cell.start();
    start.starts_with("注:")
        || start.contains("意见")
        || start.contains("盖章)") && start.starts_with("主管")
        || start.contains("校验码")
}

fn read(
    file: &str,
    sheet: &Sheet,
    rows: RangeInclusive<u32>,
    labels: &Labels<'_>,
) -> AnnexThreeForm {
    let mut form = AnnexThreeForm {
        file: file.to_owned(),
        sheet: sheet.name.clone(),
        declared: Declared::around(sheet, rows.clone()),
        ..AnnexThreeForm::default()
    };
    for (cell, item, inside) in labels {
        match inside {
            Some(text) => {
                let content = Cell {
                    value: Value::Text(text.as_str().into()),
                    ..(*cell).clone()
                };
                form.put(
                    *item,
                    (cell.row, cell.column),
                    Some(&content).filter(|_| !text.is_empty()),
                );
            }
            None => {
                let place = beside(sheet, cell);
                let content = sheet
                    .cell(place.0, place.1)
                    .filter(|cell| label(cell).is_none());
                form.put(*item, place, content);
            }
        }
    }
    let lines: Vec<(u32, &[Cell])> = sheet.rows_in(&rows).take(MOST_ROWS).collect();
    people(sheet, &lines, &mut form);
    opinion(sheet, &lines, &mut form);
    form
}

/// The first position to the right of a cell and of what it is merged over.
fn beside(sheet: &Sheet, cell: &Cell) -> (u32, u32) {
    let own = (cell.row, cell.column);
    let mut column = cell.column + 1;
    // No merged area that is followed is wider than a sheet that is read.
    while sheet.anchor(cell.row, column) == own {
        column += 1;
    }
    sheet.anchor(cell.row, column)
}

/// Whose row it is.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Leader,
    Reviewer,
    Operator,
}

impl Role {
    fn of(label: &str) -> Option<Self> {
        let is = |words: &[&str]| words.iter().any(|word| label.starts_with(word));
        if is(&["主管领导", "分管领导"]) {
            Some(Self::Leader)
        } else if is(&["审核人"]) {
            Some(Self::Reviewer)
        } else if is(&["运维", "运营"]) {
            Some(Self::Operator)
        } else {
            None
        }
    }
}

fn people(sheet: &Sheet, lines: &[(u32, &[Cell])], form: &mut AnnexThreeForm) {
    let Some((at, columns)) = lines
        .iter()
        .enumerate()
        .find_map(|(at, (_, cells))| Some((at, parts(cells)?)))
    else {
        return;
    };
    let from = lines[at].0 + 1;
    // The block for the opinion, or a note, ends the table.
    let below = lines[at + 1..]
        .iter()
        .find(|(_, cells)| {
            cells
                .first()
                .is_some_and(|cell| ends_form(cell) || label(cell).is_some())
        })
        .map_or_else(
            || lines.last().map_or(from, |(row, _)| row + 1),
            |(row, _)| *row,
        );
    let last = below.min(from.saturating_add(MOST_PEOPLE));
    let mut role = None;
    let (mut reviewers, mut operators) = (0, 0);
    for row in from..last {
        // A label stands beside its row, perhaps merged from above; where it is not merged, it counts for the rows below.
        let labelled = (1..columns.iter().map(|(_, column)| *column).max().unwrap_or(0) + 3)
            .filter(|column| !columns.iter().any(|(_, known)| known == column))
            .filter_map(|column| {
                let (top, left) = sheet.anchor(row, column);
                sheet.cell(top, left)
            })
            .find_map(|cell| Role::of(&cell.start()));
        role = labelled.or(role);
        let Some(role) = role else { continue };
        let index = match role {
            Role::Leader => 0,
            Role::Reviewer => reviewers,
            Role::Operator => operators,
        };
        for &(part, column) in &columns {
            let item = match role {
                Role::Leader => Item::Leader(part),
                Role::Reviewer => Item::Reviewer(index, part),
                Role::Operator => Item::Operator(index, part),
            };
            form.put(item, (row, column), sheet.cell(row, column));
        }
        match role {
            Role::Leader => {}
            Role::Reviewer => reviewers += 1,
            Role::Operator => operators += 1,
        }
    }
}

/// Rows of a form that are looked at.
const MOST_ROWS: usize = 2_000;
/// Rows of people that are read; a form has a handful.
const MOST_PEOPLE: u32 = 200;

/// The columns of the people's table, if a row is its heading.
fn parts(cells: &[Cell]) -> Option<Vec<(Part, u32)>> {
    if cells.len() > 12 {
        return None;
    }
    let mut found: Vec<(Part, u32)> = Vec::new();
    for cell in cells {
        let part = match cell.start().as_str() {
            "姓名" => Part::Name,
            "职务" | "职务/岗位" | "岗位" => Part::Post,
            "联系电话" | "电话" | "手机" | "手机号" | "手机号码" | "联系方式" => {
                Part::Phone
            }
            _ => continue,
        };
        if !found.iter().any(|(known, _)| *known == part) {
            found.push((part, cell.column));
        }
    }
    (found.len() >= 2 && found.iter().any(|(part, _)| *part == Part::Name)).then_some(found)
}

/// 主管部门意见：…主管单位（盖章） 年 月 日, in one cell as printed or in several.
fn opinion(sheet: &Sheet, lines: &[(u32, &[Cell])], form: &mut AnnexThreeForm) {
    let cells = || lines.iter().flat_map(|(_, cells)| cells.iter());
    let Some(cell) = cells().find(|cell| {
        if !matches!(cell.initial(), Some('主' | '部')) {
            return false;
        }
        let start = cell.start();
        start.starts_with("主管部门意见")
            || start.starts_with("主管单位意见")
            || start.starts_with("部门意见")
    }) else {
        return;
    };
    let text = cell.text();
    let behind = text.split_once("意见").map_or("", |(_, behind)| behind);
    let (content, seal) = split_at_seal(behind);
    let content = tidy(content.trim_start_matches([':', '：', ' ', '\n']));
    let place = (cell.row, cell.column);
    if content.is_empty() {
        // Written in the cell beside, then.
        let place = beside(sheet, cell);
        let other = sheet.cell(place.0, place.1);
        form.put(
            Item::Opinion,
            if other.is_some() {
                place
            } else {
                (cell.row, cell.column)
            },
            None,
        );
        if let Some(other) = other {
            let text = other.text();
            let (content, seal) = split_at_seal(&text);
            form.opinion_date = find_date(seal);
            insert_opinion(form, other, tidy(content).as_ref());
        }
    } else {
        form.places.insert(Item::Opinion, place);
        insert_opinion(form, cell, &content);
    }
    form.opinion_date = form.opinion_date.or_else(|| find_date(seal)).or_else(|| {
        let sealed = cells().find(|cell| cell.start().starts_with("主管单位(盖章)"))?;
        let row = lines.iter().find(|(row, _)| *row == sealed.row)?;
        row.1.iter().find_map(|cell| match &cell.value {
            Value::Date(at) => find_date(&at.date().to_string()),
            _ => find_date(&cell.text()),
        })
    });
}

fn insert_opinion(form: &mut AnnexThreeForm, cell: &Cell, content: &str) {
    if !content.is_empty() {
        let value = Value::Text(content.into());
        form.cells.insert(
            Item::Opinion,
            Cell {
                value,
                ..cell.clone()
            },
        );
    }
}

/// What stands before 主管单位（盖章）, and what from there on.
fn split_at_seal(text: &str) -> (&str, &str) {
    let at = ["主管单位", "主管部门（", "主管部门("]
        .iter()
        .filter_map(|seal| text.rfind(seal))
        .min();
    text.split_at(at.unwrap_or(text.len()))
}
