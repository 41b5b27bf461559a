//! The pages of workflows.

use super::{
    form::Form,
    service,
    store::{self, Reach, Workflow},
};
use crate::{
    course::{
        effect::Handing,
        hours::WorkingHours,
        queue::page::moment,
        rules::{Level, Proofread, Seat},
    },
    ids::WorkflowId,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use chrono::{NaiveDate, NaiveTime};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, Role, UnitId, audit,
    form::{self, Errors, Field, Posted, Unprocessable},
    scope, settings,
    web::{Flash, Shell, redirect},
};
use zhendi_people::{person, role, unit};
use zhendi_registry::platform::{self, Platforms};

/// A workflow as the list shows it.
struct Row {
    workflow: Workflow,
    who_for: String,
    made: (String, String),
    /// How many channels cannot be staffed, with the first reason.
    short: Option<String>,
}

impl Row {
    fn way(&self) -> String {
        let rungs = self.workflow.law.levels.iter();
        let step = |rung: &crate::course::Rung| {
            format!("{} {}（{} 小时）", rung.level, rung.seat, rung.hours)
        };
        rungs.map(step).collect::<Vec<_>>().join(" → ")
    }
}

fn who_for(reach: &Reach, units: &HashMap<UnitId, String>, platforms: &Platforms) -> String {
    let unit = match reach.unit {
        Some(unit) => units.get(&unit).cloned().unwrap_or_default(),
        None => "学院默认".into(),
    };
    match &reach.platform {
        Some(code) => format!("{unit}：{}", platforms.name(&code.as_str().into())),
        None => unit,
    }
}

/// Working hours as the form shows them.
struct Hours {
    spans: Field,
    holidays: Field,
    workdays: Field,
}

impl Hours {
    fn of(hours: &WorkingHours) -> Self {
        let days = |days: &[NaiveDate]| {
            days.iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        };
        let span = |(from, to): &(NaiveTime, NaiveTime)| {
            format!("{}-{}", from.format("%H:%M"), to.format("%H:%M"))
        };
        let spans: Vec<String> = hours.spans.iter().map(span).collect();
        Self {
            spans: Field::new("spans", "上班时间", spans.join("\n")),
            holidays: Field::new("holidays", "节假日", days(&hours.holidays)),
            workdays: Field::new("workdays", "调休上班日", days(&hours.workdays)),
        }
    }

    fn posted(posted: &Posted) -> Self {
        Self {
            spans: posted.field("spans", "上班时间"),
            holidays: posted.field("holidays", "节假日"),
            workdays: posted.field("workdays", "调休上班日"),
        }
    }

    fn read(&mut self) -> Option<WorkingHours> {
        let spans = self.spans.check(|raw| {
            let mut spans: Vec<(NaiveTime, NaiveTime)> = raw
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(span)
                .collect::<Option<_>>()
                .ok_or("每行一段，如 08:30-12:00。")?;
            spans.sort();
            let apart = spans.windows(2).all(|pair| pair[0].1 <= pair[1].0);
            match (spans.is_empty(), apart) {
                (false, true) => Ok(spans),
                (true, _) => Err("至少填一段。"),
                _ => Err("各段时间不能重叠。"),
            }
        });
        let holidays = self.holidays.check(days);
        let workdays = self.workdays.check(days);
        Some(WorkingHours {
            spans: spans?,
            holidays: holidays?,
            workdays: workdays?,
        })
    }
}

fn span(line: &str) -> Option<(NaiveTime, NaiveTime)> {
    let (from, to) = line.split_once('-')?;
    let time = |raw: &str| NaiveTime::parse_from_str(raw.trim(), "%H:%M").ok();
    let (from, to) = (time(from)?, time(to)?);
    (from < to).then_some((from, to))
}

fn days(raw: &str) -> Result<Vec<NaiveDate>, &'static str> {
    let mut days: Vec<NaiveDate> = raw
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| "每行一个日期，如 2026-10-01。")?;
    days.sort();
    days.dedup();
    if days.len() > 400 {
        Err("不能超过 400 天。")
    } else {
        Ok(days)
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "course/workflow/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<Row>,
    units: Vec<(String, String)>,
    platforms: Vec<(String, String)>,
    hours: Hours,
    errors: Errors,
}

async fn list_page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    hours: Hours,
    errors: Errors,
) -> Result<ListPage, Fault> {
    let db = app.db.read();
    // The default is shown as it is, even before anyone has changed it.
    service::default(app).await?;
    let workflows = store::all(db).await?;
    let names = unit::names(db, workflows.iter().filter_map(|one| one.reach.unit)).await?;
    let platforms = platform::load(db).await?;
    let mut rows = vec![];
    for workflow in workflows {
        let short = service::shortages(app, &workflow.reach, &workflow.law).await?;
        rows.push(Row {
            who_for: who_for(&workflow.reach, &names, &platforms),
            made: moment(&workflow.made_at),
            short: short
                .first()
                .map(|(name, shortage)| format!("“{name}”：{shortage}")),
            workflow,
        });
    }
    Ok(ListPage {
        units: unit::options(db, &actor.filter(Permission::ManageWorkflows)).await?,
        platforms: platforms.options(""),
        shell,
        rows,
        hours,
        errors,
    })
}

/// GET /settings/workflows
pub(super) async fn list(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<Response, Fault> {
    let hours: WorkingHours = app.setting().await?;
    let page = list_page(&app, &actor, shell, Hours::of(&hours), vec![]).await?;
    Ok(page.into_response())
}

/// POST /settings/workflows/hours
pub(super) async fn hours(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut typed = Hours::posted(&posted);
    let Some(hours) = typed.read() else {
        let errors = form::errors([&typed.spans, &typed.holidays, &typed.workdays]);
        let page = list_page(&app, &actor, shell, typed, errors).await?;
        return Ok(Unprocessable(page).into_response());
    };
    let before: WorkingHours = app.setting().await?;
    if before != hours {
        let tx = app.db.begin().await?;
        settings::put(&tx, &hours).await?;
        let entry = audit::Entry {
            action: "review.hours_changed",
            subject: ("settings", 0),
            unit: None,
            on_behalf_of: role::stands_for(&actor, Permission::ManageWorkflows),
            summary: "修改审核的工作时间".into(),
            detail: serde_json::json!({ "before": before, "after": hours }),
        };
        audit::append(&tx, &app, &actor, entry).await?;
        tx.commit().await?;
    }
    Ok(redirect(
        "/settings/workflows",
        Flash::success("工作时间已保存，新到的环节按它计算时限。"),
    ))
}

#[derive(Template, WebTemplate)]
#[template(path = "course/workflow/edit.html")]
struct EditPage {
    shell: Shell,
    /// None for a new one.
    id: Option<WorkflowId>,
    number: i32,
    reach: Reach,
    who_for: String,
    form: Form,
    errors: Errors,
    /// People who can be named: id, name and what they are.
    people: Vec<(PersonId, String)>,
    short: Vec<(String, String)>,
    history: Vec<(i32, String, (String, String))>,
}

impl EditPage {
    fn seats(&self) -> Vec<(&'static str, &'static str)> {
        Seat::ALL
            .iter()
            .map(|seat| (seat.code(), seat.label()))
            .collect()
    }

    fn proofreads(&self) -> Vec<(&'static str, &'static str)> {
        Proofread::ALL
            .iter()
            .map(|which| (which.code(), which.label()))
            .collect()
    }

    fn restarts(&self) -> Vec<(&'static str, &'static str)> {
        let levels = [Level::One, Level::Two, Level::Three];
        levels
            .iter()
            .map(|level| (level.code(), level.label()))
            .collect()
    }

    fn action(&self) -> String {
        match self.id {
            Some(id) => format!("/settings/workflows/{id}"),
            None => "/settings/workflows".into(),
        }
    }

    fn is_default(&self) -> bool {
        self.reach.unit.is_none()
    }
}

/// Who could be named at the levels of a unit's channels.
async fn candidates(app: &App, unit: UnitId) -> Result<Vec<(PersonId, String)>, Fault> {
    let db = app.db.read();
    let place = scope::place(db, unit).await?;
    let handing = Handing::look(app, &place, Seat::ALL).await?;
    let mut found: Vec<(PersonId, String)> = vec![];
    let admins = [Role::ChannelAdmin, Role::ChannelDeputy];
    for member in role::members(db, app.now(), unit, Some(&admins)).await? {
        found.push((
            member.person,
            format!("{}（{}）", member.name, Seat::ChannelAdmin),
        ));
    }
    for seat in Seat::ALL {
        for holder in handing
            .at(*seat)
            .iter()
            .filter(|one| one.on_behalf_of.is_none())
        {
            if !found.iter().any(|(id, _)| *id == holder.person) {
                found.push((holder.person, format!("{}（{seat}）", holder.name)));
            }
        }
    }
    Ok(found)
}

async fn edit_page(
    app: &App,
    shell: Shell,
    workflow: Option<&Workflow>,
    reach: Reach,
    form: Form,
) -> Result<EditPage, Fault> {
    let db = app.db.read();
    let names = unit::names(db, reach.unit).await?;
    let platforms = platform::load(db).await?;
    let people = match reach.unit {
        Some(unit) => candidates(app, unit).await?,
        None => vec![],
    };
    let (mut short, mut history) = (vec![], vec![]);
    if let Some(workflow) = workflow {
        let found = service::shortages(app, &workflow.reach, &workflow.law).await?;
        short = found
            .into_iter()
            .map(|(name, why)| (name, why.to_string()))
            .collect();
        let versions = store::history(db, workflow.id).await?;
        let names = person::names(db, versions.iter().filter_map(|one| one.1)).await?;
        for (number, by, at) in versions {
            let by = by.and_then(|id| names.get(&id).cloned());
            history.push((
                number,
                by.unwrap_or_else(|| "系统（办法规定）".into()),
                moment(&at),
            ));
        }
    }
    Ok(EditPage {
        who_for: who_for(&reach, &names, &platforms),
        errors: form.errors(),
        id: workflow.map(|one| one.id),
        number: workflow.map_or(0, |one| one.number),
        shell,
        reach,
        form,
        people,
        short,
        history,
    })
}

/// Whose a new workflow is to be.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct For {
    unit: String,
    platform: String,
}

async fn reach(app: &App, unit: &str, code: &str) -> Result<Reach, Fault> {
    let db = app.db.read();
    let unit = unit
        .parse()
        .map(UnitId)
        .map_err(|_| Fault::Malformed("请选择单位。".into()))?;
    unit::find(db, unit).await?.ok_or(Fault::NotFound)?;
    let platforms = platform::load(db).await?;
    let known = platforms.options("").iter().any(|(one, _)| one == code);
    Ok(Reach {
        unit: Some(unit),
        platform: Some(code.to_owned()).filter(|code| !code.is_empty() && known),
    })
}

/// GET /settings/workflows/new
pub(super) async fn new(
    State(app): State<App>,
    shell: Shell,
    Query(asked): Query<For>,
) -> Result<Response, Fault> {
    let reach = reach(&app, &asked.unit, &asked.platform).await?;
    // It begins with what is in force for them now.
    let unit = reach.unit.ok_or(Fault::NotFound)?;
    let place = scope::place(app.db.read(), unit).await?;
    let above = service::in_force(
        &app,
        &place.units,
        reach.platform.as_deref().unwrap_or_default(),
    )
    .await?;
    if above.reach == reach {
        return Ok(redirect(
            format!("/settings/workflows/{}", above.id),
            Flash::success("这个单位已有自己的流程，可以直接修改。"),
        ));
    }
    let page = edit_page(&app, shell, None, reach, Form::of(&above.law)).await?;
    Ok(page.into_response())
}

/// POST /settings/workflows
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let reach = reach(&app, posted.get("unit"), posted.get("platform")).await?;
    let mut form = Form::posted(&posted);
    if let Some(law) = form.law() {
        match service::create(&app, &actor, reach.clone(), law).await {
            Ok(_) => return Ok(done()),
            Err(Fault::Refused(why)) => form.wrong = Some(why),
            Err(fault) => return Err(fault),
        }
    }
    let page = edit_page(&app, shell, None, reach, form).await?;
    Ok(Unprocessable(page).into_response())
}

fn done() -> Response {
    redirect(
        "/settings/workflows",
        Flash::success("审核流程已保存。新提交的稿件按它办理，正在审核的仍按原流程。"),
    )
}

/// GET /settings/workflows/{id}
pub(super) async fn edit(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<WorkflowId>,
) -> Result<Response, Fault> {
    let workflow = store::find(app.db.read(), id)
        .await?
        .filter(|one| !one.ended)
        .ok_or(Fault::NotFound)?;
    let form = Form::of(&workflow.law);
    let page = edit_page(&app, shell, Some(&workflow), workflow.reach.clone(), form).await?;
    Ok(page.into_response())
}

/// POST /settings/workflows/{id}
pub(super) async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<WorkflowId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let workflow = store::find(app.db.read(), id)
        .await?
        .filter(|one| !one.ended)
        .ok_or(Fault::NotFound)?;
    let seen = posted.get("version").parse().unwrap_or(0);
    let mut form = Form::posted(&posted);
    if let Some(law) = form.law() {
        match service::change(&app, &actor, id, seen, law).await {
            Ok(()) => return Ok(done()),
            Err(Fault::Refused(why)) => form.wrong = Some(why),
            Err(fault) => return Err(fault),
        }
    }
    let page = edit_page(&app, shell, Some(&workflow), workflow.reach.clone(), form).await?;
    Ok(Unprocessable(page).into_response())
}

/// POST /settings/workflows/{id}/endings
pub(super) async fn end(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WorkflowId>,
) -> Result<Response, Fault> {
    service::end(&app, &actor, id).await?;
    Ok(redirect(
        "/settings/workflows",
        Flash::success("已停用，新提交的稿件按上级单位或学院默认流程办理。"),
    ))
}
