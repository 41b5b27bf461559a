//! Who must read, who has: asking, the list, its export.

use super::{
    READING, Readers, Regulation, RegulationState,
    service::{is_maker, open_for},
    store::{self, Reading},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};
use zhendi_kernel::{
    Actor, App, Fault, PersonId, RegulationId, Role, Tx, UnitId, audit, clock,
    jobs::JobError,
    notify::{self, Notice},
    scope,
    web::Shell,
    work::{self, Assignee, NewItem},
};
use zhendi_people::{
    lists::{self, Format, List, Value},
    role::{self, Member},
    unit,
};

/// Work: a person reads a regulation and confirms it.
pub const READ: &str = "regulation.read";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Order {
    /// None for all.
    regulation: Option<RegulationId>,
}

/// Job: brings who is asked to read up to date: after an issue, and every day, since people come, go and
/// change their roles. The payload may name one regulation.
///
/// # Errors
/// When the database fails.
pub async fn ask(app: App, payload: Json) -> Result<(), JobError> {
    let order: Order =
        serde_json::from_value(payload).map_err(|error| JobError::Permanent(error.to_string()))?;
    let ids = match order.regulation {
        Some(id) => vec![id],
        None => store::due_to_ask(app.db.read(), app.clock.today()).await?,
    };
    for id in ids {
        // One at a time: a job that is run again goes on where it was.
        let tx = app.db.begin().await?;
        bring_up_to_date(&tx, &app, id).await?;
        tx.commit().await.map_err(Fault::from)?;
    }
    Ok(())
}

async fn required(tx: &Tx, app: &App, regulation: &Regulation) -> Result<Vec<Member>, Fault> {
    let now = app.now();
    match &regulation.readers {
        Readers::Nobody => Ok(vec![]),
        Readers::Everyone => role::members(tx, now, regulation.scope, None).await,
        Readers::Roles(roles) => role::members(tx, now, regulation.scope, Some(roles)).await,
    }
}

async fn bring_up_to_date(tx: &Tx, app: &App, id: RegulationId) -> Result<(), Fault> {
    let actor = Actor::program("规章制度阅读");
    let regulation = store::hold(tx, id).await?;
    let over = regulation.state(app.clock.today()) == RegulationState::Repealed;
    let version = regulation.issued.filter(|_| !over);
    for reading in store::overtaken(tx, id, version).await? {
        work::close(tx, app, &actor, (READING, reading), None).await?;
    }
    let Some(version) = version else {
        return Ok(());
    };
    let members = required(tx, app, &regulation).await?;
    let readings = store::readings_of(tx, version).await?;
    let of: HashMap<PersonId, &Reading> = readings.iter().map(|one| (one.person_id, one)).collect();
    let now = app.now();
    let due = now + TimeDelta::days(i64::from(regulation.read_days));
    let mut told = vec![];
    for member in &members {
        let found = of.get(&member.person);
        if found.is_some_and(|one| one.read_at.is_some() || one.asked_at.is_some()) {
            continue;
        }
        let reading = store::insert_asked(tx, version, member.person, now).await?;
        let item = NewItem {
            kind: READ,
            subject: (READING, reading),
            title: format!("阅读规章制度：{}", regulation.title),
            href: regulation.href(),
            unit: member.unit,
            channel: None,
            assignee: Assignee::Person(member.person),
            due: Some(due),
            barred: vec![],
            escalate_to: Some(Role::UnitHead),
        };
        work::open(tx, app, item).await?;
        told.push(member.person);
    }
    for reading in &readings {
        let asked = reading.asked_at.is_some() && reading.read_at.is_none();
        if asked && !members.iter().any(|one| one.person == reading.person_id) {
            work::close(tx, app, &actor, (READING, reading.id), None).await?;
            store::unask(tx, reading.id).await?;
        }
    }
    let notice = Notice {
        title: format!("请阅读规章制度：{}", regulation.title),
        href: regulation.href(),
    };
    notify::tell(tx, app, &told, notice).await
}

#[derive(Deserialize)]
struct UnitMerged {
    from: UnitId,
    into: UnitId,
}

/// Job: a unit went up in another; so does what it issued, and what binds it.
pub(crate) async fn unit_merged(app: App, payload: Json) -> Result<(), JobError> {
    let order: UnitMerged =
        serde_json::from_value(payload).map_err(|error| JobError::Permanent(error.to_string()))?;
    let tx = app.db.begin().await?;
    let moved = store::merge_unit(&tx, order.from, order.into).await?;
    if !moved.is_empty() {
        let entry = audit::Entry {
            action: "regulation.unit_merged",
            subject: ("unit", order.from.0),
            unit: Some(order.into),
            on_behalf_of: None,
            summary: format!("随单位合并转移规章制度 {} 项", moved.len()),
            detail: serde_json::json!({ "into": order.into, "regulations": moved }),
        };
        audit::append(&tx, &app, &Actor::program("单位合并"), entry).await?;
    }
    tx.commit().await.map_err(Fault::from)?;
    Ok(())
}

/// Who has read a version and who has not.
pub(super) struct Line {
    pub name: String,
    pub unit: String,
    /// Blank while it was not read.
    pub read: String,
    pub read_iso: String,
    pub must: bool,
}

pub(super) struct Readings {
    pub regulation: Regulation,
    pub ordinal: i32,
    pub lines: Vec<Line>,
}

impl Readings {
    fn required(&self) -> usize {
        self.lines.iter().filter(|line| line.must).count()
    }

    fn done(&self) -> usize {
        let done = self.lines.iter().filter(|line| line.must);
        done.filter(|line| !line.read.is_empty()).count()
    }
}

/// The readings of the last issued version, for its makers: those who have not read first.
///
/// # Errors
/// `Fault::NotFound` for who may not see the regulation, `Fault::Forbidden` for who may only read it.
pub(super) async fn of_last(app: &App, actor: &Actor, id: RegulationId) -> Result<Readings, Fault> {
    let db = app.db.read();
    let regulation = open_for(db, actor, id).await?;
    let place = scope::place(db, regulation.unit).await?;
    if !is_maker(actor, &place) {
        return Err(Fault::Forbidden(
            "谁已阅读、谁未阅读，由起草和发布这项制度的人员查看。".into(),
        ));
    }
    let issued = regulation
        .issued
        .ok_or(super::Refusal::NotIssued("查看阅读情况"))?;
    let version = store::version(db, issued).await?.ok_or(Fault::NotFound)?;
    let readings = store::readings_of(db, issued).await?;
    let people: Vec<PersonId> = readings.iter().map(|one| one.person_id).collect();
    let cards = zhendi_people::person::cards(db, app, &people).await?;
    // By unit in the order of names, those who have not read first.
    let mut sorted: BTreeMap<(bool, String, i64), Line> = BTreeMap::new();
    for one in readings {
        if one.asked_at.is_none() && one.read_at.is_none() {
            continue;
        }
        let card = cards.get(&one.person_id).cloned().unwrap_or_default();
        let line = Line {
            name: card.name,
            unit: card.unit_name,
            read: one.read_at.as_ref().map(clock::show).unwrap_or_default(),
            read_iso: one.read_at.map(|at| at.to_rfc3339()).unwrap_or_default(),
            must: one.asked_at.is_some(),
        };
        sorted.insert((one.read_at.is_some(), line.unit.clone(), one.id), line);
    }
    Ok(Readings {
        ordinal: version.ordinal,
        lines: sorted.into_values().collect(),
        regulation,
    })
}

#[derive(Template, WebTemplate)]
#[template(path = "regulation/readings.html")]
struct ReadingsPage {
    shell: Shell,
    readings: Readings,
    required: usize,
    done: usize,
}

/// GET /regulations/{id}/readings
pub(super) async fn page(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<RegulationId>,
) -> Result<Response, Fault> {
    let readings = of_last(&app, &actor, id).await?;
    Ok(ReadingsPage {
        required: readings.required(),
        done: readings.done(),
        readings,
        shell,
    }
    .into_response())
}

/// GET /regulations/{id}/readings.csv
pub(super) async fn csv(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<RegulationId>,
) -> Result<Response, Fault> {
    file(&app, &actor, id, Format::Csv).await
}

/// GET /regulations/{id}/readings.xlsx
pub(super) async fn xlsx(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<RegulationId>,
) -> Result<Response, Fault> {
    file(&app, &actor, id, Format::Xlsx).await
}

async fn file(
    app: &App,
    actor: &Actor,
    id: RegulationId,
    format: Format,
) -> Result<Response, Fault> {
    let readings = of_last(app, actor, id).await?;
    let regulation = &readings.regulation;
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "regulation.readings_exported",
        subject: (super::SUBJECT, id.0),
        unit: Some(regulation.unit),
        on_behalf_of: None,
        summary: format!("导出规章制度“{}”的阅读情况", regulation.title),
        detail: serde_json::json!({ "rows": readings.lines.len() }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    let rows = readings.lines.iter().map(|line| {
        let state = if line.read.is_empty() {
            "未阅读"
        } else {
            "已阅读"
        };
        let must = if line.must { "是" } else { "否" };
        vec![
            Value::Text(line.unit.clone()),
            Value::Text(line.name.clone()),
            Value::Text(must.into()),
            Value::Text(state.into()),
            Value::Text(line.read.clone()),
        ]
    });
    let list = List {
        title: format!("{}阅读情况", regulation.title),
        headings: vec!["单位", "姓名", "须阅读", "状态", "确认时间"],
        rows: rows.collect(),
    };
    lists::download(list, format, app.clock.today()).await
}

/// The name of a unit.
pub(super) async fn unit_name(app: &App, id: UnitId) -> Result<String, Fault> {
    let mut names = unit::names(app.db.read(), [id]).await?;
    Ok(names.remove(&id).unwrap_or_default())
}
