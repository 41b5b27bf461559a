//! The page of one word: what is said of it, whether it is in use, its history.

use super::{
    SUBJECT, service,
    terms::{NewWord, Severity, Word, WordKind, split},
};
use crate::ids::WordId;
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use zhendi_kernel::{
    Actor, App, Fault, Permission, UnitId, audit, clock,
    form::{Errors, Field, Posted, Unprocessable, errors},
    scope, text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

/// One line of the history.
struct Line {
    summary: String,
    who: String,
    iso: String,
    at: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "dictionary/form.html")]
struct FormPage {
    shell: Shell,
    /// None for a new word.
    word: Option<Word>,
    /// Whose dictionary.
    whose: String,
    may_change: bool,
    f: Fields,
    units: Vec<(String, String)>,
    history: Vec<Line>,
    errors: Errors,
}

impl FormPage {
    fn kinds(&self) -> Vec<(&'static str, &'static str)> {
        let kinds = WordKind::ALL.iter();
        kinds.map(|kind| (kind.code(), kind.label())).collect()
    }

    fn severities(&self) -> Vec<(&'static str, &'static str)> {
        let all = Severity::ALL.iter();
        all.map(|one| (one.code(), one.label())).collect()
    }
}

struct Fields {
    unit: Field,
    word: Field,
    kind: Field,
    right: Field,
    category: Field,
    severity: Field,
    from: Field,
    to: Field,
    note: Field,
}

impl Fields {
    fn posted(posted: &Posted) -> Self {
        Self {
            unit: posted.field("unit", "词库"),
            word: posted.field("word", "词语"),
            kind: posted.field("kind", "类型"),
            right: posted.field("right", "正确用词"),
            category: posted.field("category", "分类"),
            severity: posted.field("severity", "级别"),
            from: posted.field("valid_from", "生效日期"),
            to: posted.field("valid_to", "失效日期"),
            note: posted.field("note", "说明"),
        }
    }

    fn of(unit: UnitId, said: &NewWord) -> Self {
        let mut fields = Self::posted(&Posted::default());
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        fields.unit.value = unit.to_string();
        fields.word.value.clone_from(&said.word);
        fields.kind.value = said.kind.code().into();
        fields.right.value = said.right.join("、");
        fields.category.value.clone_from(&said.category);
        fields.severity.value = said.severity.code().into();
        fields.from.value = day(said.valid_from);
        fields.to.value = day(said.valid_to);
        fields.note.value.clone_from(&said.note);
        fields
    }

    /// What is said, if all of it can be read; else the fields say why not.
    fn read(&mut self) -> Option<NewWord> {
        let word = self.word.check(|raw| text::required_line(raw, 300));
        let kind = self
            .kind
            .check(|raw| WordKind::parse(raw).ok_or("请选择。"));
        let right = self.right.check(|raw| text::lines(raw, 1_000));
        let category = self.category.check(|raw| text::line(raw, 30));
        let severity = match (self.severity.value.as_str(), kind) {
            ("", Some(kind)) => Some(kind.severity()),
            _ => self
                .severity
                .check(|raw| Severity::parse(raw).ok_or("请选择。")),
        };
        let from = self.from.check(day);
        let to = self.to.check(day);
        let note = self.note.check(|raw| text::line(raw, 200));
        let said = NewWord {
            word: word?,
            kind: kind?,
            right: split(&right?),
            category: category?,
            severity: severity?,
            valid_from: from?,
            valid_to: to?,
            note: note?,
        };
        match said.check() {
            Ok(()) => Some(said),
            Err(unfit) => {
                use super::terms::Unfit::*;
                let field = match unfit {
                    Empty | TooLong | OneCharacter => &mut self.word,
                    NoRight | SameAsWrong | Rights => &mut self.right,
                    Days => &mut self.to,
                };
                field.refuse(unfit);
                None
            }
        }
    }

    fn errors(&self) -> Errors {
        errors([
            &self.unit,
            &self.word,
            &self.kind,
            &self.right,
            &self.category,
            &self.severity,
            &self.from,
            &self.to,
            &self.note,
        ])
    }
}

/// A day as the browser posts it; none is none.
fn day(raw: &str) -> Result<Option<NaiveDate>, &'static str> {
    match raw.trim() {
        "" => Ok(None),
        raw => raw
            .parse()
            .map(Some)
            .map_err(|_| "请填写日期，例如 2026-01-01。"),
    }
}

async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    word: Option<Word>,
    f: Fields,
) -> Result<FormPage, Fault> {
    let db = app.db.read();
    let mut page = FormPage {
        units: unit::options(db, &actor.filter(Permission::ManageDictionaries)).await?,
        shell,
        whose: String::new(),
        may_change: true,
        history: vec![],
        errors: vec![],
        f,
        word: None,
    };
    if let Some(word) = word {
        let place = scope::place(db, word.unit).await?;
        page.may_change = actor.may(Permission::ManageDictionaries, &place);
        page.whose = match service::root(db).await? == Some(word.unit) {
            true => "全院词库".into(),
            false => {
                let names = unit::names(db, [word.unit]).await?;
                format!("{}词库", names.get(&word.unit).map_or("", String::as_str))
            }
        };
        let lines = audit::history(db, SUBJECT, word.id.0).await?;
        page.history = lines
            .into_iter()
            .rev()
            .map(|line| Line {
                summary: line.summary,
                who: line.actor,
                iso: line.at.to_rfc3339(),
                at: clock::show(&line.at),
            })
            .collect();
        page.word = Some(word);
    } else if let (true, Some((first, _))) = (page.f.unit.value.is_empty(), page.units.first()) {
        page.f.unit.value.clone_from(first);
    }
    Ok(page)
}

/// GET /dictionaries/new
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<Response, Fault> {
    let mut fields = Fields::posted(&Posted::default());
    fields.kind.value = WordKind::Wrong.code().into();
    let page = page(&app, &actor, shell, None, fields).await?;
    Ok(page.into_response())
}

/// POST /dictionaries
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut fields = Fields::posted(&posted);
    let unit = fields
        .unit
        .check(|raw| raw.parse().map(UnitId).map_err(|_| "请选择。"));
    let said = fields.read();
    let (Some(unit), Some(said)) = (unit, said) else {
        let mut page = page(&app, &actor, shell, None, fields).await?;
        page.errors = page.f.errors();
        return Ok(Unprocessable(page).into_response());
    };
    let word = service::create(&app, &actor, unit, said).await?;
    let to = format!("/dictionaries/words/{}", word.id);
    Ok(redirect(to, Flash::success("已新增，现在起检查这个词。")))
}

/// GET /dictionaries/words/{id}
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<WordId>,
) -> Result<Response, Fault> {
    let word = service::open_for(app.db.read(), &actor, id).await?;
    let fields = Fields::of(word.unit, &word.said);
    let page = page(&app, &actor, shell, Some(word), fields).await?;
    Ok(page.into_response())
}

/// POST /dictionaries/words/{id}
pub(super) async fn change(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<WordId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut fields = Fields::posted(&posted);
    let Some(said) = fields.read() else {
        let word = service::open_for(app.db.read(), &actor, id).await?;
        let mut page = page(&app, &actor, shell, Some(word), fields).await?;
        page.errors = page.f.errors();
        return Ok(Unprocessable(page).into_response());
    };
    let seen = posted.get("version").parse().unwrap_or(0);
    service::change(&app, &actor, id, seen, said).await?;
    let to = format!("/dictionaries/words/{id}");
    Ok(redirect(to, Flash::success("已保存。")))
}

/// POST /dictionaries/words/{id}/switches
pub(super) async fn switch(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WordId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let enabled = posted.get("enabled") == "1";
    service::switch(&app, &actor, id, enabled).await?;
    let done = match enabled {
        true => "已启用。",
        false => "已停用，不再检查这个词。",
    };
    Ok(redirect(
        format!("/dictionaries/words/{id}"),
        Flash::success(done),
    ))
}

/// POST /dictionaries/words/{id}/removals
pub(super) async fn remove(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WordId>,
    _: Posted,
) -> Result<Response, Fault> {
    let word = service::remove(&app, &actor, id).await?;
    let done = format!("词条“{}”已删除。", word.said.word);
    Ok(redirect("/dictionaries", Flash::success(done)))
}
