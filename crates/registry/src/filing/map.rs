//! Where all filings stand: units by stages, one level of the tree at a time. It reads counters, so it costs the
//! same with a hundred filings and with a hundred thousand.

use super::{
    lookup,
    rules::{Closing, Kind, Stage, Step},
    tally,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use zhendi_kernel::{Actor, App, Fault, Permission, ScopeFilter, UnitId, scope, web::Shell};
use zhendi_people::unit::{self, Unit};

/// Rows on a page.
const PAGE: usize = 25;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    unit: String,
    kind: String,
    page: String,
}

/// A column: where filings stand.
struct Column {
    code: &'static str,
    label: &'static str,
    tone: &'static str,
}

const COLUMNS: [Column; 7] = [
    Column::new(
        Stage::Awaiting(Step::Signature).code(),
        "待单位签署",
        "info",
    ),
    Column::new(Stage::Awaiting(Step::Check).code(), "待宣传部审核", "info"),
    Column::new(Stage::Awaiting(Step::Decision).code(), "待审定", "info"),
    Column::new(Stage::Returned.code(), "已退回", "warning"),
    Column::new(Closing::Proof.code(), "待办理注销", "warning"),
    Column::new(Closing::Recheck.code(), "待注销复查", "info"),
    Column::new(Stage::Effective.code(), "已备案", "success"),
];

impl Column {
    const fn new(code: &'static str, label: &'static str, tone: &'static str) -> Self {
        Self { code, label, tone }
    }
}

struct Row {
    name: String,
    /// Its own level of the map; none for a unit without units below.
    below: Option<String>,
    /// The start of the addresses of the list; none for the unit's own alone, which no filter names.
    list: Option<String>,
    counts: Vec<i64>,
    overdue: i64,
}

impl Row {
    /// A figure as the page shows it; nothing for none.
    fn shown(&self, column: &usize) -> String {
        match self.counts[*column] {
            0 => String::new(),
            number => number.to_string(),
        }
    }

    fn waiting(&self) -> i64 {
        self.counts[..6].iter().sum()
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "filing/map.html")]
struct MapPage {
    shell: Shell,
    title: String,
    /// The units above, as far as the actor sees them.
    above: Vec<(String, String)>,
    kinds: Vec<(&'static str, String, bool)>,
    rows: Vec<Row>,
    total: Row,
    page: u64,
    pages: u64,
    all: u64,
    base: String,
    scoped: bool,
}

impl MapPage {
    fn columns(&self) -> &'static [Column] {
        &COLUMNS
    }
}

fn address(unit: Option<UnitId>, kind: Option<Kind>) -> String {
    let mut line = url::form_urlencoded::Serializer::new(String::new());
    if let Some(unit) = unit {
        line.append_pair("unit", &unit.to_string());
    }
    if let Some(kind) = kind {
        line.append_pair("kind", kind.code());
    }
    match line.finish().as_str() {
        "" => "?".into(),
        some => format!("?{some}&"),
    }
}

/// The map.
pub(super) async fn page(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let kind = Kind::parse(&asked.kind);
    let units = unit::all(db).await?;
    let by_id: HashMap<UnitId, &Unit> = units.iter().map(|unit| (unit.id, unit)).collect();
    let filter = actor.filter(Permission::ViewFilings);
    let top = match asked.unit.parse().map(UnitId) {
        Ok(id) => {
            actor.require_sight(Permission::ViewFilings, &scope::place(db, id).await?)?;
            Some(id)
        }
        Err(_) => match &filter {
            ScopeFilter::All => units
                .iter()
                .find(|unit| unit.parent.is_none())
                .map(|unit| unit.id),
            ScopeFilter::Within { units, .. } if units.len() == 1 => units.first().copied(),
            ScopeFilter::Within { .. } => None,
        },
    };
    let mut shown: Vec<UnitId> = match (top, &filter) {
        (Some(top), _) => units
            .iter()
            .filter(|unit| unit.parent == Some(top))
            .map(|unit| unit.id)
            .collect(),
        (None, ScopeFilter::Within { units, .. }) => units.clone(),
        (None, ScopeFilter::All) => vec![],
    };
    let parents: BTreeSet<UnitId> = units.iter().filter_map(|unit| unit.parent).collect();
    let figures = tally::below(
        db,
        &[shown.clone(), top.into_iter().collect()].concat(),
        kind,
    )
    .await?;
    let late = late(
        lookup::overdue_by_unit(db, &actor, kind, app.now()).await?,
        &by_id,
    );
    let row = |id: UnitId| -> Row {
        let counts = COLUMNS
            .iter()
            .map(|column| {
                figures
                    .get(&(id, column.code.to_owned()))
                    .copied()
                    .unwrap_or(0)
            })
            .collect();
        Row {
            name: by_id
                .get(&id)
                .map_or(String::new(), |unit| unit.name.clone()),
            below: parents.contains(&id).then(|| {
                format!(
                    "/filings/map{}",
                    address(Some(id), kind).trim_end_matches('&')
                )
            }),
            list: Some(format!("/filings{}", address(Some(id), kind))),
            counts,
            overdue: late.get(&id).copied().unwrap_or(0),
        }
    };
    shown.retain(|id| figures.keys().any(|(unit, _)| unit == id));
    let mut rows: Vec<Row> = shown.iter().map(|id| row(*id)).collect();
    let total = match top {
        Some(top) => row(top),
        None => sum("合计", &rows),
    };
    if top.is_some() && !rows.is_empty() {
        let below = sum("", &rows);
        let own = Row {
            name: "本级".into(),
            below: None,
            list: None,
            counts: total
                .counts
                .iter()
                .zip(&below.counts)
                .map(|(all, below)| all - below)
                .collect(),
            overdue: total.overdue - below.overdue,
        };
        if own.counts.iter().any(|count| *count > 0) {
            rows.push(own);
        }
    }
    // Where most waits comes first.
    rows.sort_by_key(|row| std::cmp::Reverse((row.overdue, row.waiting())));
    let all = rows.len();
    let pages = all.div_ceil(PAGE).max(1);
    let at = asked.page.parse::<usize>().unwrap_or(1).clamp(1, pages);
    let rows = rows.into_iter().skip((at - 1) * PAGE).take(PAGE).collect();
    let mut above = vec![];
    let mut next = top.and_then(|top| by_id.get(&top)?.parent);
    while let Some(id) = next {
        let place = scope::place(db, id).await?;
        if !actor.may(Permission::ViewFilings, &place) {
            break;
        }
        let Some(unit) = by_id.get(&id) else { break };
        let href = format!(
            "/filings/map{}",
            address(Some(id), kind).trim_end_matches('&')
        );
        above.insert(0, (unit.name.clone(), href));
        next = unit.parent;
    }
    let own_unit = (!asked.unit.is_empty()).then_some(top).flatten();
    let tab = |kind: Option<Kind>| {
        let line = address(own_unit, kind);
        format!("/filings/map{}", line.trim_end_matches(['&', '?']))
    };
    Ok(MapPage {
        shell,
        title: top
            .and_then(|top| by_id.get(&top).map(|unit| unit.name.clone()))
            .unwrap_or_else(|| "我管理的单位".into()),
        above,
        kinds: std::iter::once(("全部", tab(None), kind.is_none()))
            .chain(
                Kind::ALL
                    .into_iter()
                    .map(|one| (one.label(), tab(Some(one)), kind == Some(one))),
            )
            .collect(),
        rows,
        total,
        page: at as u64,
        pages: pages as u64,
        all: all as u64,
        base: format!("/filings/map{}", address(own_unit, kind)),
        scoped: matches!(&filter, ScopeFilter::Within { units, .. } if units.is_empty()),
    }
    .into_response())
}

/// What is late in each unit with all below it.
fn late(by_unit: Vec<(UnitId, i64)>, units: &HashMap<UnitId, &Unit>) -> BTreeMap<UnitId, i64> {
    let mut found: BTreeMap<UnitId, i64> = BTreeMap::new();
    for (unit, number) in by_unit {
        let mut next = Some(unit);
        while let Some(id) = next {
            *found.entry(id).or_default() += number;
            next = units.get(&id).and_then(|unit| unit.parent);
        }
    }
    found
}

fn sum(name: &str, rows: &[Row]) -> Row {
    Row {
        name: name.into(),
        below: None,
        list: None,
        counts: (0..COLUMNS.len())
            .map(|i| rows.iter().map(|row| row.counts[i]).sum())
            .collect(),
        overdue: rows.iter().map(|row| row.overdue).sum(),
    }
}
