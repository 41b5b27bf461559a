//! Units, as people see them.

use super::{
    rules::{Refusal, UnitKind},
    store::{self, Change, Event, NewUnit, Unit},
};
use crate::{
    lists::{self, Format, List},
    person,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, Fault, Permission, Tx, UnitId, clock,
    form::{self, Errors, Field, Posted, Unprocessable},
    scope, text,
    web::{Flash, Shell, redirect},
};

/// The longest name of a unit.
const NAME: usize = 60;
/// The longest reason.
const REASON: usize = 500;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    state: String,
}

struct Row {
    unit: Unit,
    indent: String,
    people: i64,
    /// With everything below it.
    people_below: i64,
}

#[derive(Template, WebTemplate)]
#[template(path = "unit/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    rows: Vec<Row>,
    /// What was asked for, for the files.
    query: String,
    total: usize,
    may_manage: bool,
}

/// The units that were asked for, in the order of the tree.
async fn rows(app: &App, actor: &Actor, asked: &Asked) -> Result<Vec<Row>, Fault> {
    let db = app.db.read();
    let seen = store::ids(db, &actor.filter(Permission::ViewUnits)).await?;
    let found = store::search(db, &asked.q).await?;
    let people = person::headcounts(db).await?;
    let tree = store::all(db).await?;
    let of = |unit: &Unit| people.get(&unit.id).copied().unwrap_or(0);
    let mut rows = vec![];
    for (i, unit) in tree.iter().enumerate() {
        let wanted = match asked.state.as_str() {
            "closed" => unit.closed_at.is_some(),
            "to_check" => unit.to_check && unit.closed_at.is_none(),
            _ => unit.closed_at.is_none(),
        };
        let hit = found.as_ref().is_none_or(|found| found.contains(&unit.id));
        if !wanted || !hit || !seen.contains(&unit.id) {
            continue;
        }
        let below = tree[i + 1..]
            .iter()
            .take_while(|other| other.depth > unit.depth);
        rows.push(Row {
            people: of(unit),
            people_below: of(unit) + below.map(of).sum::<i64>(),
            indent: String::new(),
            unit: unit.clone(),
        });
    }
    // A list that was searched is no tree.
    if found.is_none() {
        let least = rows.iter().map(|row| row.unit.depth).min().unwrap_or(0);
        for row in &mut rows {
            row.indent = "\u{3000}".repeat(row.unit.depth - least);
        }
    }
    Ok(rows)
}

/// The tree with how many people each unit has.
pub(super) async fn list(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let rows = rows(&app, &actor, &asked).await?;
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("q", &asked.q)
        .append_pair("state", &asked.state)
        .finish();
    Ok(ListPage {
        total: rows.len(),
        may_manage: actor.may_somewhere(Permission::ManageUnits),
        query: format!("?{query}"),
        shell,
        asked,
        rows,
    }
    .into_response())
}

/// GET /units.csv
pub(super) async fn csv(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Csv).await
}

/// GET /units.xlsx
pub(super) async fn xlsx(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Xlsx).await
}

async fn file(app: &App, actor: &Actor, asked: &Asked, format: Format) -> Result<Response, Fault> {
    let rows = rows(app, actor, asked).await?;
    let names: HashMap<UnitId, String> = rows
        .iter()
        .map(|row| (row.unit.id, row.unit.name.clone()))
        .collect();
    let rows = rows.iter().map(|row| {
        let parent = row.unit.parent.and_then(|id| names.get(&id));
        vec![
            row.unit.name.as_str().into(),
            row.unit.short_name.as_str().into(),
            parent.map_or("", String::as_str).into(),
            row.unit.kind.label().into(),
            u64::try_from(row.people).unwrap_or(0).into(),
            u64::try_from(row.people_below).unwrap_or(0).into(),
        ]
    });
    let list = List {
        title: "单位清单".into(),
        headings: vec!["单位", "简称", "上级单位", "类别", "本级人数", "含下级人数"],
        rows: rows.collect(),
    };
    lists::export(app, actor, "unit.exported", "unit", list, format).await
}

/// The fields of a unit's forms.
struct UnitForm {
    parent: Field,
    name: Field,
    short_name: Field,
    kind: Field,
    publicity: Field,
    effective_on: Field,
    version: i32,
    errors: Errors,
    kinds: Vec<(&'static str, &'static str)>,
}

fn kinds() -> Vec<(&'static str, &'static str)> {
    UnitKind::ALL
        .iter()
        .map(|kind| (kind.code(), kind.label()))
        .collect()
}

impl UnitForm {
    fn posted(posted: &Posted) -> Self {
        Self {
            parent: posted.field("parent", "上级单位"),
            name: posted.field("name", "单位名称"),
            short_name: posted.field("short_name", "简称"),
            kind: posted.field("kind", "类别"),
            publicity: posted.field("publicity", "宣传部门"),
            effective_on: posted.field("effective_on", "生效日期"),
            version: posted.get("version").parse().unwrap_or(0),
            errors: vec![],
            kinds: kinds(),
        }
    }

    fn of(unit: &Unit, today: NaiveDate) -> Self {
        let mut form = Self::posted(&Posted::default());
        form.name.value.clone_from(&unit.name);
        form.short_name.value.clone_from(&unit.short_name);
        form.kind.value = unit.kind.code().into();
        form.publicity.value = if unit.publicity { "on" } else { "" }.into();
        form.effective_on.value = today.to_string();
        form.version = unit.version;
        form
    }

    /// Name, short name (the name, when left blank) and kind.
    fn names(&mut self) -> Option<(String, String, UnitKind)> {
        let name = self.name.check(|raw| text::required_line(raw, NAME));
        let short = self.short_name.check(|raw| text::line(raw, NAME));
        let kind = self
            .kind
            .check(|raw| UnitKind::parse(raw).ok_or("请选择类别。"));
        let (name, short, kind) = (name?, short?, kind?);
        let short = if short.is_empty() {
            name.clone()
        } else {
            short
        };
        Some((name, short, kind))
    }

    fn refuse(&mut self, refusal: &Refusal) {
        match refusal {
            Refusal::ShortNameTaken(_) => self.short_name.refuse(refusal),
            _ => self.name.refuse(refusal),
        }
    }

    fn sum_up(&mut self) {
        self.errors = form::errors([
            &self.parent,
            &self.name,
            &self.short_name,
            &self.kind,
            &self.effective_on,
        ]);
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "unit/new.html")]
struct NewPage {
    shell: Shell,
    form: UnitForm,
    parents: Vec<(String, String)>,
}

async fn parents(app: &App, actor: &Actor) -> Result<Vec<(String, String)>, Fault> {
    store::options(app.db.read(), &actor.filter(Permission::ManageUnits)).await
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Under {
    parent: String,
}

/// The form for a new unit.
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(under): Query<Under>,
) -> Result<Response, Fault> {
    let mut form = UnitForm::posted(&Posted::default());
    form.parent.value = under.parent;
    Ok(NewPage {
        parents: parents(&app, &actor).await?,
        shell,
        form,
    }
    .into_response())
}

/// Makes a unit.
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut form = UnitForm::posted(&posted);
    let tx = app.db.begin().await?;
    let parent = form
        .parent
        .check(|raw| raw.parse::<UnitId>().map_err(|_| "请选择上级单位。"));
    let names = form.names();
    if let (Some(parent), Some((name, short_name, kind))) = (parent, names) {
        actor.require(Permission::ManageUnits, &scope::place(&tx, parent).await?)?;
        match store::taken(&tx, None, Some(parent), &name, &short_name).await? {
            Some(refusal) => form.refuse(&refusal),
            None => {
                let new = NewUnit {
                    parent: Some(parent),
                    name,
                    short_name,
                    kind,
                    to_check: false,
                };
                let unit = store::create(&tx, &app, &actor, new).await?;
                tx.commit().await?;
                return Ok(redirect(
                    "/units",
                    Flash::success(format!("已设立单位“{}”。", unit.name)),
                ));
            }
        }
    }
    tx.rollback().await?;
    form.sum_up();
    let page = NewPage {
        parents: parents(&app, &actor).await?,
        shell,
        form,
    };
    Ok(Unprocessable(page).into_response())
}

#[derive(Template, WebTemplate)]
#[template(path = "unit/edit.html")]
struct EditPage {
    shell: Shell,
    unit: Unit,
    parent_name: String,
    form: UnitForm,
    /// Where the unit could go.
    others: Vec<(String, String)>,
    target: Field,
    into: Field,
    merge_on: Field,
    reason: Field,
    is_root: bool,
    history: Vec<(Event, String, String)>,
}

async fn edit_page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    unit: Unit,
    form: UnitForm,
) -> Result<EditPage, Fault> {
    let db = app.db.read();
    let below = store::ids(
        db,
        &zhendi_kernel::ScopeFilter::Within {
            units: vec![unit.id],
            channels: vec![],
        },
    )
    .await?;
    let mut others = parents(app, actor).await?;
    others.retain(|(id, _)| id.parse().map_or(true, |id| !below.contains(&id)));
    let parent_name = match unit.parent {
        Some(parent) => store::find(db, parent).await?.map(|parent| parent.name),
        None => None,
    };
    let history = store::history(db, unit.id)
        .await?
        .into_iter()
        .map(|event| {
            let iso = clock::local(event.at).to_rfc3339();
            let shown = clock::show(&event.at);
            (event, iso, shown)
        })
        .collect();
    let parent = unit.parent.map(|id| id.to_string()).unwrap_or_default();
    Ok(EditPage {
        parent_name: parent_name.unwrap_or_default(),
        others,
        target: Field::new("parent", "新的上级单位", parent),
        into: Field::empty("into", "并入单位"),
        merge_on: Field::new("effective_on", "生效日期", app.clock.today().to_string()),
        reason: Field::empty("reason", "撤销原因"),
        is_root: unit.parent.is_none(),
        history,
        shell,
        unit,
        form,
    })
}

/// The unit that the actor manages.
async fn managed(tx: &Tx, actor: &Actor, id: UnitId) -> Result<Unit, Fault> {
    let unit = store::find(tx, id).await?.ok_or(Fault::NotFound)?;
    let place = scope::place(tx, id).await?;
    actor.require_sight(Permission::ViewUnits, &place)?;
    actor.require(Permission::ManageUnits, &place)?;
    Ok(unit)
}

/// As [`managed`], at the version that the form was made from.
async fn current(tx: &Tx, actor: &Actor, id: UnitId, posted: &Posted) -> Result<Unit, Fault> {
    let unit = managed(tx, actor, id).await?;
    if posted.get("version") != unit.version.to_string() {
        return Err(Fault::Stale);
    }
    Ok(unit)
}

/// The unit's data with its history and what can be done to it.
pub(super) async fn edit(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<UnitId>,
) -> Result<Response, Fault> {
    let tx = app.db.snapshot().await?;
    let unit = managed(&tx, &actor, id).await?;
    tx.rollback().await?;
    let form = UnitForm::of(&unit, app.clock.today());
    Ok(edit_page(&app, &actor, shell, unit, form)
        .await?
        .into_response())
}

fn day(raw: &str) -> Result<NaiveDate, &'static str> {
    raw.parse().map_err(|_| "请填写日期，例如 2026-11-20。")
}

/// Changes names, kind and mark.
pub(super) async fn change(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<UnitId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut form = UnitForm::posted(&posted);
    let tx = app.db.begin().await?;
    let unit = current(&tx, &actor, id, &posted).await?;
    let names = form.names();
    let effective_on = form.effective_on.check(day);
    if let (Some((name, short_name, kind)), Some(effective_on)) = (names, effective_on) {
        match store::taken(&tx, Some(id), unit.parent, &name, &short_name).await? {
            Some(refusal) => form.refuse(&refusal),
            None => {
                let to = Change {
                    name,
                    short_name,
                    kind,
                    publicity: posted.ticked("publicity"),
                    effective_on,
                };
                store::change(&tx, &app, &actor, &unit, to).await?;
                tx.commit().await?;
                return Ok(done(id, "单位信息已保存。"));
            }
        }
    }
    tx.rollback().await?;
    form.sum_up();
    let page = edit_page(&app, &actor, shell, unit, form).await?;
    Ok(Unprocessable(page).into_response())
}

fn done(id: UnitId, what: impl Into<String>) -> Response {
    redirect(format!("/units/{id}/edit"), Flash::success(what))
}

/// A unit that another form field names.
fn chosen(posted: &Posted, name: &str) -> Result<UnitId, Fault> {
    posted
        .get(name)
        .parse()
        .map_err(|_| Fault::Refused("请先选择单位。".into()))
}

/// Moves the unit under another.
pub(super) async fn relocate(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<UnitId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let parent = chosen(&posted, "parent")?;
    let tx = app.db.begin().await?;
    let unit = current(&tx, &actor, id, &posted).await?;
    managed(&tx, &actor, parent).await?;
    store::relocate(&tx, &app, &actor, &unit, parent).await?;
    tx.commit().await?;
    Ok(done(id, "单位已移动，权限范围随之调整。"))
}

/// Merges the unit into another.
pub(super) async fn merge(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<UnitId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let into = chosen(&posted, "into")?;
    let effective_on = day(posted.get("effective_on")).map_err(|e| Fault::Refused(e.into()))?;
    let tx = app.db.begin().await?;
    let unit = current(&tx, &actor, id, &posted).await?;
    managed(&tx, &actor, into).await?;
    store::merge(&tx, &app, &actor, &unit, into, effective_on).await?;
    tx.commit().await?;
    Ok(done(
        into,
        format!(
            "“{}”已并入本单位，人员和网络阵地随之转入；角色在平级单位间转入，并入上级单位的待安全管理员重新授予。",
            unit.name
        ),
    ))
}

/// Closes the unit.
pub(super) async fn close(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<UnitId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let reason = text::required_line(posted.get("reason"), REASON)
        .map_err(|error| Fault::Refused(format!("撤销原因：{error}")))?;
    let tx = app.db.begin().await?;
    let unit = current(&tx, &actor, id, &posted).await?;
    store::close(&tx, &app, &actor, &unit, &reason).await?;
    tx.commit().await?;
    Ok(done(id, format!("单位“{}”已撤销。", unit.name)))
}
