//! My work (我的待办), and the calendar that carries its due dates elsewhere.

use super::{Filter, Item, Listing, Tab, Tally, calendar, list};
use crate::{
    Actor, App, Fault, PersonId, UnitId, clock,
    web::{Access, Flash, Routes, Shell, redirect},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

/// The routes of the list of work.
pub fn routes() -> Routes {
    Routes::new()
        .get("/work-items", Access::SignedIn, index)
        .get("/work-items/calendar", Access::SignedIn, show_calendar)
        .post("/work-items/calendar", Access::SignedIn, make_calendar)
        .post(
            "/work-items/calendar/revocations",
            Access::SignedIn,
            revoke_calendar,
        )
        // The token in the address is the key.
        .get("/calendar/{file}", Access::Public, feed)
}

/// What the list shows; what cannot be read in the address means all.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    tab: String,
    kind: String,
    unit: String,
    page: String,
}

impl Asked {
    fn filter(&self) -> Filter {
        Filter {
            tab: match self.tab.as_str() {
                "overdue" => Tab::Overdue,
                "done" => Tab::Done,
                _ => Tab::Open,
            },
            kind: Some(self.kind.clone()).filter(|kind| !kind.is_empty()),
            unit: self.unit.parse().ok(),
            page: self.page.parse().unwrap_or(1),
        }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "work/index.html")]
struct Index {
    shell: Shell,
    tab: &'static str,
    done: bool,
    kind: String,
    kinds: Vec<(&'static str, &'static str)>,
    unit: String,
    units: Vec<(String, String)>,
    tabs: Vec<Part>,
    rows: Vec<Row>,
    page: u64,
    pages: u64,
    total: u64,
    base: String,
}

/// One of the tabs above the list.
struct Part {
    label: &'static str,
    href: &'static str,
    active: bool,
    count: String,
}

fn parts(shown: Tab, tally: &Tally) -> Vec<Part> {
    let part = |tab, label, href, count| Part {
        label,
        href,
        active: shown == tab,
        count,
    };
    let (open, overdue) = (list::said(tally.open), list::said(tally.overdue));
    vec![
        part(Tab::Open, "待办", "/work-items", open),
        part(Tab::Overdue, "逾期", "/work-items?tab=overdue", overdue),
        part(Tab::Done, "已办", "/work-items?tab=done", String::new()),
    ]
}

/// An item as the list shows it.
struct Row {
    item: Item,
    kind: String,
    unit: String,
    due: Option<(String, String)>,
    opened: String,
    closed: String,
}

async fn index(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, Fault> {
    let filter = asked.filter();
    let (now, db) = (app.now(), app.db.read());
    let Listing {
        rows,
        page,
        pages,
        total,
    } = list::mine(db, now, &actor, &filter).await?;
    let tally = list::tally(db, now, &actor).await?;
    let mut units: Vec<UnitId> = list::units(db, now, &actor, filter.tab).await?;
    units.extend(filter.unit);
    let names = app.holders.unit_names(&app, &units).await?;
    let label = |kind: &str| {
        let known = app.work_kinds.iter().find(|known| known.0 == kind);
        known.map_or_else(|| "其他".to_owned(), |known| known.1.to_owned())
    };
    let rows = rows
        .into_iter()
        .map(|item| Row {
            kind: label(&item.kind),
            unit: names.get(&item.unit).cloned().unwrap_or_default(),
            due: item.due.map(|due| (due.to_rfc3339(), clock::show(&due))),
            opened: clock::show(&item.opened),
            closed: item.closed.as_ref().map(clock::show).unwrap_or_default(),
            item,
        })
        .collect();
    let base = url::form_urlencoded::Serializer::new("/work-items?".to_owned())
        .append_pair("tab", filter.tab.code())
        .append_pair("kind", &asked.kind)
        .append_pair("unit", &asked.unit)
        .finish();
    let mut units: Vec<(String, String)> = names
        .into_iter()
        .map(|(id, name)| (id.to_string(), name))
        .collect();
    units.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(Index {
        shell,
        tab: filter.tab.code(),
        done: filter.tab == Tab::Done,
        kind: asked.kind,
        kinds: app.work_kinds.clone(),
        unit: asked.unit,
        units,
        tabs: parts(filter.tab, &tally),
        rows,
        page,
        pages,
        total,
        base: format!("{base}&"),
    })
}

#[derive(Template, WebTemplate)]
#[template(path = "work/calendar.html")]
struct Calendar {
    shell: Shell,
    /// When the present address was made.
    made: Option<String>,
    /// The address, right after it was made and never again.
    address: Option<String>,
}

async fn show_calendar(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<impl IntoResponse, Fault> {
    let made = calendar::made(app.db.read(), person(&actor)?).await?;
    Ok(Calendar {
        shell,
        made: made.as_ref().map(clock::show),
        address: None,
    })
}

/// Answers the post itself instead of leading on: the address is shown once and kept nowhere.
async fn make_calendar(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<impl IntoResponse, Fault> {
    let tx = app.db.begin().await?;
    let token = calendar::make(&tx, &app, &actor, person(&actor)?).await?;
    tx.commit().await?;
    let path = format!("/calendar/{token}.ics");
    let address = match &app.config.public_url {
        Some(site) => site.join(&path).map_err(Fault::internal)?.to_string(),
        None => path,
    };
    Ok(Calendar {
        shell,
        made: Some(clock::show(&app.now())),
        address: Some(address),
    })
}

async fn revoke_calendar(State(app): State<App>, actor: Actor) -> Result<Response, Fault> {
    let tx = app.db.begin().await?;
    calendar::revoke(&tx, &app, &actor, person(&actor)?).await?;
    tx.commit().await?;
    Ok(redirect(
        "/work-items/calendar",
        Flash::success("日历地址已作废，原来订阅的日历不会再更新。"),
    ))
}

async fn feed(State(app): State<App>, Path(file): Path<String>) -> Result<Response, Fault> {
    let token = file.strip_suffix(".ics").ok_or(Fault::NotFound)?;
    let text = calendar::feed(&app, token).await?;
    Ok((
        [(header::CONTENT_TYPE, "text/calendar; charset=utf-8")],
        text,
    )
        .into_response())
}

/// Only a person in person has work of their own.
fn person(actor: &Actor) -> Result<PersonId, Fault> {
    actor.person().ok_or(Fault::NotFound)
}
