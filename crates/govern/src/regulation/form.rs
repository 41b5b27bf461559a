//! The form of a version.

use super::{
    Content, Readers, Regulation,
    rules::EVERYONE,
    service::{self, open_for, written},
    store::{self, View},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use zhendi_kernel::{
    Actor, App, Fault, Permission, RegulationId, Role, UnitId,
    form::{Errors, Field, Posted, Unprocessable, errors},
    scope, text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

/// A title is no longer than this.
const TITLE: usize = 120;
/// A document number.
const NUMBER: usize = 60;
/// A text: the longest rules of a school have some 30,000 characters.
const TEXT: usize = 100_000;

#[derive(Template, WebTemplate)]
#[template(path = "regulation/form.html")]
struct FormPage {
    shell: Shell,
    regulation: Option<Regulation>,
    /// Whether it is a later version: whom it binds does not change then.
    later: bool,
    units: Vec<(String, String)>,
    scopes: Vec<(String, String)>,
    others: Vec<(String, String)>,
    /// Code, name, whether ticked.
    roles: Vec<(&'static str, &'static str, bool)>,
    unit: Field,
    scope: Field,
    title: Field,
    number: Field,
    effective: Field,
    supersedes: Field,
    read_days: Field,
    note: Field,
    text: Field,
    errors: Errors,
}

impl FormPage {
    fn refused(mut self) -> Response {
        self.errors = errors([
            &self.title,
            &self.number,
            &self.unit,
            &self.scope,
            &self.effective,
            &self.supersedes,
            &self.read_days,
            &self.note,
            &self.text,
        ]);
        Unprocessable(self).into_response()
    }

    fn read(&mut self, posted: &Posted) -> Option<Content> {
        let (unit, scope) = match (&self.regulation, self.later) {
            (Some(regulation), true) => (Some(regulation.unit), Some(regulation.scope)),
            (regulation, _) => {
                let chosen = |raw: &str| raw.parse().map(UnitId).map_err(|_| "请选择单位。");
                let unit = match regulation {
                    Some(regulation) => Some(regulation.unit),
                    None => self.unit.check(chosen),
                };
                (unit, self.scope.check(chosen))
            }
        };
        let title = self.title.check(|raw| text::required_line(raw, TITLE));
        let number = self.number.check(|raw| text::line(raw, NUMBER));
        let effective = self.effective.check(|raw| {
            raw.trim()
                .parse::<NaiveDate>()
                .map_err(|_| "请选择施行日期。")
        });
        let read_days = self.read_days.check(|raw| match raw.trim().parse() {
            Ok(days @ 1..=365) => Ok(days),
            _ => Err("请填 1 到 365 之间的天数。"),
        });
        let note = self.note.check(|raw| text::lines(raw, 2_000));
        let body = self.text.check(|raw| text::lines(raw, TEXT));
        let supersedes = match (&self.regulation, self.later) {
            (Some(regulation), true) => regulation.supersedes,
            _ => self.supersedes.value.parse().ok().map(RegulationId),
        };
        Some(Content {
            unit: unit?,
            scope: scope?,
            title: title?,
            number: number?,
            text: body?,
            note: note?,
            effective_on: effective?,
            supersedes,
            readers: Readers::read(posted.all("reader")),
            read_days: read_days?,
        })
    }
}

async fn blank(app: &App, actor: &Actor, shell: Shell, posted: &Posted) -> Result<FormPage, Fault> {
    let db = app.db.read();
    let units = unit::options(db, &actor.filter(Permission::DraftRegulations)).await?;
    let wanted = store::Query {
        view: View::Current,
        page: 1,
        per_page: 500,
        ..store::Query::default()
    };
    let (others, _) = store::list(db, actor, &wanted, app.clock.today()).await?;
    let ticked: Vec<&str> = posted.all("reader").collect();
    let everyone = std::iter::once((EVERYONE, "适用范围内的全体人员"));
    let roles = Role::ALL.iter().map(|role| (role.code(), role.label()));
    let field = |name, label| posted.field(name, label);
    Ok(FormPage {
        roles: everyone
            .chain(roles)
            .map(|(code, label)| (code, label, ticked.contains(&code)))
            .collect(),
        scopes: units.clone(),
        others: others
            .into_iter()
            .map(|one| (one.id.to_string(), one.title))
            .collect(),
        unit: field("unit", "发布单位"),
        scope: field("scope", "适用范围"),
        title: field("title", "名称"),
        number: field("number", "文号"),
        effective: field("effective", "施行日期"),
        supersedes: field("supersedes", "代替"),
        read_days: field("read_days", "阅读期限（天）"),
        note: field("note", "修订说明"),
        text: field("text", "正文"),
        errors: vec![],
        regulation: None,
        later: false,
        units,
        shell,
    })
}

/// GET /regulations/new
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<Response, Fault> {
    let mut page = blank(&app, &actor, shell, &Posted::default()).await?;
    page.effective.value = app.clock.today().to_string();
    page.read_days.value = "10".into();
    if let [only] = &page.units[..] {
        page.unit.value.clone_from(&only.0);
        page.scope.value.clone_from(&only.0);
    }
    Ok(page.into_response())
}

/// POST /regulations
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut page = blank(&app, &actor, shell, &posted).await?;
    let Some(content) = page.read(&posted) else {
        return Ok(page.refused());
    };
    match service::begin(&app, &actor, content).await {
        Ok(made) => Ok(redirect(
            made.href(),
            Flash::success("草稿已保存，可以上传附件，确认无误后发布。"),
        )),
        Err(Fault::Refused(why) | Fault::Forbidden(why)) => {
            page.scope.refuse(why);
            Ok(page.refused())
        }
        Err(fault) => Err(fault),
    }
}

async fn of_regulation(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: RegulationId,
    posted: &Posted,
) -> Result<FormPage, Fault> {
    let db = app.db.read();
    let regulation = open_for(db, actor, id).await?;
    let place = scope::place(db, regulation.unit).await?;
    actor.require(Permission::DraftRegulations, &place)?;
    let versions = store::versions_of(db, id).await?;
    let version = written(&versions).ok_or(super::Refusal::NothingToIssue)?;
    let mut page = blank(app, actor, shell, posted).await?;
    page.others.retain(|(other, _)| *other != id.to_string());
    if posted.0.is_empty() {
        page.scope.value = regulation.scope.to_string();
        page.title.value.clone_from(&version.title);
        page.number.value.clone_from(&version.number);
        page.effective.value = version.effective_on.to_string();
        page.read_days.value = regulation.read_days.to_string();
        page.note.value.clone_from(&version.note);
        page.text.value.clone_from(&version.text);
        page.supersedes.value = regulation
            .supersedes
            .map(|id| id.to_string())
            .unwrap_or_default();
        let codes = regulation.readers.codes();
        for role in &mut page.roles {
            role.2 = codes.contains(&role.0);
        }
    }
    page.later = regulation.issued.is_some();
    page.regulation = Some(regulation);
    Ok(page)
}

/// GET /regulations/{id}/edit
pub(super) async fn edit(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<RegulationId>,
) -> Result<Response, Fault> {
    let page = of_regulation(&app, &actor, shell, id, &Posted::default()).await?;
    Ok(page.into_response())
}

/// POST /regulations/{id}/edit
pub(super) async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<RegulationId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut page = of_regulation(&app, &actor, shell, id, &posted).await?;
    let Some(content) = page.read(&posted) else {
        return Ok(page.refused());
    };
    let seen = posted.get("version").parse().unwrap_or(0);
    match service::edit(&app, &actor, id, seen, content).await {
        Ok(made) => Ok(redirect(
            format!("{}?version=draft", made.href()),
            Flash::success("已保存。"),
        )),
        Err(Fault::Refused(why) | Fault::Forbidden(why)) => {
            page.scope.refuse(why);
            Ok(page.refused())
        }
        Err(fault) => Err(fault),
    }
}
