//! How far the year's re-check is, unit by unit; saying of one channel what came of it; noting the day on
//! which it opened or changed.

use super::{Outcome, Progress, may_vouch, round_of, store};
use crate::{
    channel::{
        detail::{self, seen},
        store as channels, terms,
    },
    settings::Registry,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, UnitId, audit,
    form::Posted,
    jobs, text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

/// The year in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Year {
    year: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "channel/recheck/progress.html")]
struct Page {
    shell: Shell,
    year: i32,
    this_year: i32,
    years: Vec<i32>,
    rows: Vec<Progress>,
    names: HashMap<UnitId, String>,
    total: Progress,
    may_start: bool,
    month: u16,
    days: u16,
}

impl Page {
    fn heading(&self) -> String {
        format!("{} 年年检", self.year)
    }

    fn name(&self, unit: &UnitId) -> &str {
        self.names.get(unit).map_or("", String::as_str)
    }
}

/// GET /rechecks
pub async fn progress(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Year>,
) -> Result<impl IntoResponse, Fault> {
    let db = app.db.read();
    let this_year = app.clock.today().year();
    let years = store::years(db).await?;
    let year = asked.year.parse().unwrap_or(this_year);
    let scope = actor.filter(Permission::ViewChannels);
    let rows = store::by_unit(db, &scope, year).await?;
    let mut total = Progress {
        unit: UnitId(0),
        asked: 0,
        confirmed: 0,
        changed: 0,
    };
    for row in &rows {
        total.asked += row.asked;
        total.confirmed += row.confirmed;
        total.changed += row.changed;
    }
    let settings: Registry = app.setting().await?;
    Ok(Page {
        shell,
        year,
        this_year,
        names: unit::names(db, rows.iter().map(|row| row.unit)).await?,
        may_start: actor.may_everywhere(Permission::ManageRegistry)
            && year == this_year
            && !years.contains(&this_year),
        years,
        rows,
        total,
        month: settings.recheck_month,
        days: settings.recheck_days,
    })
}

/// POST /rechecks
pub async fn start(State(app): State<App>, actor: Actor) -> Result<Response, Fault> {
    if !actor.may_everywhere(Permission::ManageRegistry) {
        return Err(Fault::Forbidden("年检由宣传部统一发起。".into()));
    }
    let today = app.clock.today();
    let tx = app.db.begin().await?;
    if store::years(&tx).await?.contains(&today.year()) {
        return Err(Fault::Refused("今年的年检已经开始。".into()));
    }
    jobs::enqueue(&tx, &app, round_of(today)).await?;
    let entry = audit::Entry {
        action: "recheck.started",
        subject: ("recheck", i64::from(today.year())),
        unit: unit::root(&tx).await?.map(|unit| unit.id),
        on_behalf_of: None,
        summary: format!("开始 {} 年年检", today.year()),
        detail: serde_json::json!({}),
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    let said = "年检已开始，正在给各管理员分派核对任务，稍后刷新本页查看进度。";
    Ok(redirect("/rechecks", Flash::success(said)))
}

/// POST /channels/{id}/rechecks
pub async fn answer(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ChannelId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let (_, place) = seen(&app, &actor, id).await?;
    if !may_vouch(&actor, &place) {
        return Err(Fault::Forbidden(
            "只有它的管理员、本单位联络员和负责人可以核对。".into(),
        ));
    }
    let outcome = Outcome::parse(posted.get("outcome"))
        .ok_or_else(|| Fault::Malformed("没有说明核对的结果。".into()))?;
    let tx = app.db.begin().await?;
    let channel = channels::get(&tx, id).await?;
    // What was looked at is what is confirmed.
    if posted.get("version") != channel.version.to_string() {
        return Err(Fault::Stale);
    }
    if outcome == Outcome::Confirmed {
        super::say(&tx, &app, &actor, &channel, outcome).await?;
        tx.commit().await?;
        return Ok(redirect(
            format!("/channels/{id}"),
            Flash::success("已确认信息无误。"),
        ));
    }
    let mut form = detail::Forms::default();
    form.change.value = posted.get("what").into();
    form.changed_on.value = posted.get("changed_on").into();
    let what = form.change.check(|raw| text::required_lines(raw, 500));
    let day = form.changed_on.check(read_day);
    let (Some(what), Some(day)) = (what, day) else {
        tx.rollback().await?;
        return detail::refused(&app, &actor, shell, id, form).await;
    };
    // A change may be reported at any time; where the re-check asks, it is the answer.
    if store::open_of(&tx, id).await?.is_some() {
        super::say(&tx, &app, &actor, &channel, outcome).await?;
    }
    let by = terms::note_change(&tx, &app, &actor, &channel, day, &what).await?;
    tx.commit().await?;
    Ok(redirect(
        format!("/channels/{id}"),
        Flash::success(format!("已记录变化，请在 {by} 前办理变更备案。")),
    ))
}

/// POST /channels/{id}/openings
pub async fn note_opening(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ChannelId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let (_, place) = seen(&app, &actor, id).await?;
    if !may_vouch(&actor, &place) {
        return Err(Fault::Forbidden(
            "只有它的管理员、本单位联络员和负责人可以记录开通日期。".into(),
        ));
    }
    let mut form = detail::Forms::default();
    form.opened_on.value = posted.get("opened_on").into();
    let Some(day) = form.opened_on.check(read_day) else {
        return detail::refused(&app, &actor, shell, id, form).await;
    };
    let tx = app.db.begin().await?;
    let before = channels::get(&tx, id).await?;
    if posted.get("version") != before.version.to_string() {
        return Err(Fault::Stale);
    }
    let after = terms::note_opening(&tx, &app, &actor, before, day).await?;
    tx.commit().await?;
    let by = after.file_by.map(|day| day.to_string()).unwrap_or_default();
    Ok(redirect(
        format!("/channels/{id}"),
        Flash::success(format!("已记录开通日期，须在 {by} 前完成备案。")),
    ))
}

fn read_day(raw: &str) -> Result<NaiveDate, &'static str> {
    raw.trim().parse().map_err(|_| "请按 2026-03-01 填写日期。")
}
