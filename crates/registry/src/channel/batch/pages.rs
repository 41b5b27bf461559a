//! Choosing what is done to the chosen channels, and what came of it.

use super::{Act, Detail, act::day_ahead, jobs::job, store};
use crate::channel::{Asked, store as channels};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use zhendi_kernel::{
    Actor, App, Fault, Permission, audit, clock,
    form::{self, Errors, Field, Posted, Unprocessable},
    jobs, text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

/// Which channels: those ticked, or all that a filter finds.
struct Chosen {
    /// The filter as an address; of ticked ones their numbers.
    filter: String,
    query: channels::Query,
}

/// # Errors
/// When nothing was ticked, or the filter cannot be read.
fn chosen(posted: &Posted, today: NaiveDate) -> Result<Chosen, Fault> {
    let ticked: Vec<&str> = posted.all("id").collect();
    let asked = if posted.ticked("all") || ticked.is_empty() {
        let filter = posted.get("filter").trim_start_matches('?');
        serde_html_form::from_str::<Asked>(filter)
            .map_err(|_| Fault::Malformed("筛选条件无法识别，请从列表页重新选择。".into()))?
    } else {
        Asked {
            ids: ticked.join(","),
            ..Asked::default()
        }
    };
    if !posted.ticked("all") && ticked.is_empty() && posted.get("filter").is_empty() {
        return Err(Fault::Refused("请先勾选要办理的网络阵地。".into()));
    }
    Ok(Chosen {
        query: asked.query(today),
        filter: asked.to_sort(""),
    })
}

#[derive(Template, WebTemplate)]
#[template(path = "channel/batch/new.html")]
struct New {
    shell: Shell,
    filter: String,
    total: u64,
    acts: Vec<(&'static str, &'static str)>,
    act: Field,
    day: Field,
    reason: Field,
    errors: Errors,
}

impl New {
    fn lead(&self) -> String {
        format!("已选 {} 个网络阵地", self.total)
    }
}

async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    chosen: &Chosen,
    fields: (Field, Field, Field),
) -> Result<New, Fault> {
    let scope = actor.filter(Permission::ViewChannels);
    let (act, day, reason) = fields;
    Ok(New {
        shell,
        filter: chosen.filter.trim_start_matches('?').to_owned(),
        total: channels::count(app.db.read(), &scope, &chosen.query).await?,
        acts: Act::ALL
            .iter()
            .filter(|act| act.is_offered(actor))
            .map(|act| (act.code(), act.label()))
            .collect(),
        errors: form::errors([&act, &day, &reason]),
        act,
        day,
        reason,
    })
}

/// POST /channels/batches/new
pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    if !posted.ticked("all") && posted.all("id").next().is_none() {
        return Ok(redirect(
            format!("/channels?{}", posted.get("filter").trim_start_matches('?')),
            Flash::warning("请先勾选要办理的网络阵地。"),
        ));
    }
    let chosen = chosen(&posted, app.clock.today())?;
    let fields = (
        Field::empty("act", "办理事项"),
        Field::empty("day", "补录期限"),
        Field::empty("reason", "原因"),
    );
    Ok(page(&app, &actor, shell, &chosen, fields)
        .await?
        .into_response())
}

/// POST /channels/batches
pub async fn make(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let today = app.clock.today();
    let chosen = chosen(&posted, today)?;
    let mut act = posted.field("act", "办理事项");
    let mut day = posted.field("day", "补录期限");
    let mut reason = posted.field("reason", "原因");
    let wanted = act.check(|raw| {
        Act::parse(raw)
            .filter(|act| act.is_offered(&actor))
            .ok_or("请选择。")
    });
    let mut detail = Detail::default();
    if wanted == Some(Act::FileBy) {
        detail.day = day.check(|raw| {
            let day: NaiveDate = raw
                .trim()
                .parse()
                .map_err(|_| "请按 2026-03-01 填写日期。")?;
            day_ahead(day, today)
        });
    }
    if wanted.is_some_and(Act::needs_reason) {
        let why = reason.check(|raw| text::required_lines(raw, 500));
        detail.reason = why.unwrap_or_default();
    }
    let ready = form::errors([&act, &day, &reason]).is_empty();
    let (Some(wanted), Some(person), true) = (wanted, actor.person(), ready) else {
        let page = page(&app, &actor, shell, &chosen, (act, day, reason)).await?;
        return Ok(Unprocessable(page).into_response());
    };
    let scope = actor.filter(Permission::ViewChannels);
    let tx = app.db.begin().await?;
    let told = serde_json::json!({ "act": wanted, "detail": detail, "filter": chosen.filter });
    let (id, many) = store::insert(
        &tx,
        app.now(),
        person,
        wanted,
        detail,
        (&scope, &chosen.query),
    )
    .await?;
    if many == 0 {
        return Err(Fault::Refused("没有选中任何网络阵地。".into()));
    }
    jobs::enqueue(&tx, &app, job(id)).await?;
    let entry = audit::Entry {
        action: "channel.batch",
        subject: ("channel_batch", id),
        unit: unit::root(&tx).await?.map(|unit| unit.id),
        on_behalf_of: None,
        summary: format!("批量办理 {many} 个网络阵地：{wanted}"),
        detail: told,
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    Ok(redirect(
        format!("/channels/batches/{id}"),
        Flash::success("已开始办理，结果列在本页。"),
    ))
}

#[derive(Template, WebTemplate)]
#[template(path = "channel/batch/show.html")]
struct Show {
    shell: Shell,
    id: i64,
    act: &'static str,
    detail: Detail,
    made_at: String,
    counts: store::Counts,
    refused: Vec<store::Refused>,
    finished: bool,
}

impl Show {
    fn heading(&self) -> String {
        format!("批量办理：{}", self.act)
    }

    fn total(&self) -> u64 {
        self.counts.waiting + self.counts.done + self.counts.refused
    }
}

/// So many refusals are shown.
const SHOWN: u64 = 500;

/// GET /channels/batches/{id}
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<i64>,
) -> Result<impl IntoResponse, Fault> {
    let db = app.db.read();
    let batch = store::find(db, id).await?.ok_or(Fault::NotFound)?;
    let own = actor.person() == Some(batch.made_by);
    if !own && !actor.may_everywhere(Permission::ManageRegistry) {
        return Err(Fault::NotFound);
    }
    Ok(Show {
        shell,
        id,
        act: Act::parse(&batch.act).map_or("", Act::label),
        detail: batch.detail,
        made_at: clock::show(&batch.made_at),
        counts: store::counts(db, id).await?,
        refused: store::refused(db, id, SHOWN).await?,
        finished: batch.finished_at.is_some(),
    })
}
