//! The first page of a signed-in person.

use crate::{
    channel::store::{self, Query, Row, Sort, Tally, counters},
    channel::{FilingState, rules},
    filing::{self, Stage},
    platform,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::{Datelike, Timelike, Weekday};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, Fault, Permission, UnitId, clock,
    known::Version,
    web::{Shell, redirect},
    work,
};
use zhendi_people::unit;

/// Tasks shown; the rest is one click away.
const TASKS: u64 = 8;
/// Units shown.
const UNITS: u64 = 12;
/// Unfiled channels shown.
const UNFILED: usize = 6;

struct Task {
    title: String,
    href: String,
    unit: String,
    due: Option<(String, String)>,
    overdue: bool,
}

struct Figures {
    label: String,
    href: String,
    tally: Tally,
}

struct Late {
    row: Row,
    unit: String,
    platform: String,
    day: String,
    overdue: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "dashboard/home.html")]
struct Home {
    shell: Shell,
    greeting: String,
    lead: String,
    tasks: Vec<Task>,
    todo: work::Tally,
    /// None for those who see no channels.
    overview: Option<Overview>,
    may_file: bool,
    may_import: bool,
    /// Who sees channels need not see filings: the security administrator.
    may_see_filings: bool,
    /// Where those begin whose work comes as no tasks.
    starts: Vec<(&'static str, &'static str)>,
}

struct Overview {
    total: Tally,
    units: Vec<Figures>,
    more_units: u64,
    platforms: Vec<Figures>,
    unfiled: Vec<Late>,
    waiting: filing::Waiting,
}

/// GET /
pub async fn home(
    State(app): State<App>,
    actor: Result<Actor, Fault>,
    version: Version,
    shell: Shell,
) -> Result<Response, Fault> {
    let Ok(actor) = actor else {
        return Ok(redirect("/directory", None));
    };
    let db = app.db.read();
    let now = app.now();
    let todo = work::tally(db, now, &actor).await?;
    let first = work::first(db, now, &actor, TASKS).await?;
    let names = unit::names(db, first.iter().map(|item| item.unit)).await?;
    let tasks = first.into_iter().map(|item| Task {
        unit: names.get(&item.unit).cloned().unwrap_or_default(),
        due: item
            .due
            .map(|due| (clock::local(due).to_rfc3339(), clock::show(&due))),
        overdue: item.overdue,
        title: item.title,
        href: item.href,
    });
    let local = clock::local(now);
    let part = match local.hour() {
        5..=10 => "早上好",
        11..=12 => "中午好",
        13..=17 => "下午好",
        _ => "晚上好",
    };
    Ok(Home {
        greeting: format!("{part}，{}", actor.name()),
        lead: lead(app.clock.today(), &todo),
        tasks: tasks.collect(),
        todo,
        overview: if actor.may_somewhere(Permission::ViewChannels) {
            Some(overview(&app, version, &actor).await?)
        } else {
            None
        },
        may_file: actor.may_somewhere(Permission::DraftFilings),
        may_see_filings: actor.may_somewhere(Permission::ViewFilings),
        starts: starts(&actor),
        may_import: actor.may_somewhere(Permission::ImportChannels),
        shell,
    }
    .into_response())
}

fn starts(actor: &Actor) -> Vec<(&'static str, &'static str)> {
    let all = [
        (Permission::ManageUnits, "设立单位", "/units"),
        (Permission::ManagePeople, "导入人员", "/people/import"),
        (
            Permission::ManagePeople,
            "为人员开通登录",
            "/people?account=no",
        ),
        (Permission::GrantRoles, "授予角色", "/grants"),
        (Permission::ReadAudit, "查阅审计记录", "/audit"),
        (Permission::ImportChannels, "导入台账", "/imports/new"),
    ];
    all.into_iter()
        .filter(|(permission, ..)| actor.may_somewhere(*permission))
        .map(|(_, label, href)| (label, href))
        .collect()
}

fn lead(today: chrono::NaiveDate, todo: &work::Tally) -> String {
    let weekday = match today.weekday() {
        Weekday::Mon => "星期一",
        Weekday::Tue => "星期二",
        Weekday::Wed => "星期三",
        Weekday::Thu => "星期四",
        Weekday::Fri => "星期五",
        Weekday::Sat => "星期六",
        Weekday::Sun => "星期日",
    };
    match (todo.open, todo.overdue) {
        (0, _) => format!("今天是 {today} {weekday}，没有待办。"),
        (open, late) => {
            let open = work::said(open);
            let late = match late {
                0 => String::new(),
                late => format!("，其中 {} 件已逾期", work::said(late)),
            };
            format!("今天是 {today} {weekday}，您有 {open} 件待办{late}。")
        }
    }
}

async fn overview(app: &App, version: Version, actor: &Actor) -> Result<Overview, Fault> {
    let db = app.db.read();
    let today = app.clock.today();
    let scope = actor.filter(Permission::ViewChannels);
    let (by_unit, units) = counters::busiest_units(db, &scope, UNITS, today).await?;
    let mut by_platform = counters::by_platform(db, &scope, None, today).await?;
    let total = counters::tally(db, &scope, None, today).await?;
    // What is closed is no bar of a chart.
    by_platform.retain(|(_, tally)| tally.open > 0);
    let unfiled = Query {
        filing: Some(FilingState::Unfiled),
        sort: Sort::Due,
        per_page: UNFILED as u64,
        ..Query::default()
    };
    let unfiled = store::leaf(db, &scope, &unfiled).await?.rows;
    let platforms = platform::known(app, version).await?;
    let shown = by_unit.iter().map(|(unit, _)| *unit);
    let shown: Vec<UnitId> = shown
        .chain(unfiled.iter().take(UNFILED).map(|row| row.unit_id))
        .collect();
    let names: HashMap<UnitId, String> = unit::names(db, shown).await?;
    let name = |unit: &UnitId| names.get(unit).cloned().unwrap_or_default();
    Ok(Overview {
        total,
        more_units: units.saturating_sub(UNITS),
        units: by_unit
            .into_iter()
            .map(|(unit, tally)| Figures {
                label: name(&unit),
                href: format!("/units/{unit}"),
                tally,
            })
            .collect(),
        platforms: by_platform
            .into_iter()
            .map(|(code, tally)| Figures {
                label: platforms.name(&code).to_owned(),
                href: format!("/channels?platform={code}"),
                tally,
            })
            .collect(),
        unfiled: unfiled
            .into_iter()
            .take(UNFILED)
            .map(|row| Late {
                unit: name(&row.unit_id),
                platform: platforms.name(&row.platform).to_owned(),
                day: row.file_by.map(|day| day.to_string()).unwrap_or_default(),
                overdue: rules::is_overdue(row.filing(), row.file_by, today),
                row,
            })
            .collect(),
        waiting: filing::waits(db, actor, app.now()).await?,
    })
}
