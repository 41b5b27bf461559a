//! The page of the registry's settings.

use super::{PublicityRoute, Registry, Seal};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, Permission, audit,
    form::{self, Errors, Field, Posted, Unprocessable},
    settings, text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

#[derive(Template, WebTemplate)]
#[template(path = "settings/registry.html")]
struct Page {
    shell: Shell,
    f: Fields,
    errors: Errors,
}

impl Page {
    fn seals(&self) -> [(&'static str, &'static str); 3] {
        Seal::OPTIONS
    }

    fn ways(&self) -> [(&'static str, &'static str); 2] {
        PublicityRoute::OPTIONS
    }
}

struct Fields {
    days_to_catch_up: Field,
    filing_step_days: Field,
    filing_number: Field,
    seal: Field,
    publicity_route: Field,
    misleading_words: Field,
}

impl Fields {
    fn with(value: impl Fn(&str) -> String) -> Self {
        let field = |name: &'static str, label: &'static str| Field::new(name, label, value(name));
        Self {
            days_to_catch_up: field("days_to_catch_up", "补录备案期限（天）"),
            filing_step_days: field("filing_step_days", "每步办理时限（工作日）"),
            filing_number: field("filing_number", "备案编号"),
            seal: field("seal", "盖章"),
            publicity_route: field("publicity_route", "宣传部自己的备案"),
            misleading_words: field("misleading_words", "名称提醒词"),
        }
    }

    fn of(settings: &Registry) -> Self {
        Self::with(|name| match name {
            "days_to_catch_up" => settings.days_to_catch_up.to_string(),
            "filing_step_days" => settings.filing_step_days.to_string(),
            "filing_number" => settings.filing_number.clone(),
            "seal" => settings.seal.code().into(),
            "publicity_route" => settings.publicity_route.code().into(),
            _ => settings.misleading_words.join("、"),
        })
    }

    fn all(&self) -> [&Field; 6] {
        [
            &self.days_to_catch_up,
            &self.filing_step_days,
            &self.filing_number,
            &self.seal,
            &self.publicity_route,
            &self.misleading_words,
        ]
    }

    fn read(&mut self) -> Option<Registry> {
        let days_to_catch_up = self.days_to_catch_up.check(days);
        let filing_step_days = self.filing_step_days.check(days);
        let filing_number = self.filing_number.check(number);
        let seal = self.seal.check(|raw| Seal::parse(raw).ok_or("请选择。"));
        let publicity_route = self
            .publicity_route
            .check(|raw| PublicityRoute::parse(raw).ok_or("请选择。"));
        let words = self.misleading_words.check(|raw| text::lines(raw, 1000))?;
        Some(Registry {
            days_to_catch_up: days_to_catch_up?,
            filing_step_days: filing_step_days?,
            filing_number: filing_number?,
            seal: seal?,
            publicity_route: publicity_route?,
            misleading_words: words
                .split(|c: char| c.is_whitespace() || matches!(c, '、' | '，' | ','))
                .filter(|word| !word.is_empty())
                .map(String::from)
                .collect(),
        })
    }
}

fn days(raw: &str) -> Result<u16, &'static str> {
    let number = text::fold(raw).parse::<u16>().ok();
    number
        .filter(|n| (1..=366).contains(n))
        .ok_or("请填写 1 到 366 的整数。")
}

fn number(raw: &str) -> Result<String, String> {
    let pattern = text::required_line(raw, 50).map_err(|e| e.to_string())?;
    if pattern.contains("{year}") && pattern.contains("{n}") {
        Ok(pattern)
    } else {
        Err("须含有 {year}（年份）和 {n}（当年序号）。".into())
    }
}

/// The settings are the whole institution's.
fn require_keeper(actor: &Actor) -> Result<(), Fault> {
    if actor.may_everywhere(Permission::ManageRegistry) {
        Ok(())
    } else {
        Err(Fault::Forbidden("台账设置由宣传部统一维护。".into()))
    }
}

/// GET /settings/registry
pub async fn show(State(app): State<App>, actor: Actor, shell: Shell) -> Result<Response, Fault> {
    require_keeper(&actor)?;
    let settings: Registry = app.setting().await?;
    Ok(Page {
        shell,
        f: Fields::of(&settings),
        errors: vec![],
    }
    .into_response())
}

/// POST /settings/registry
pub async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    require_keeper(&actor)?;
    let mut f = Fields::with(|name| posted.get(name).to_owned());
    let Some(after) = f.read() else {
        let errors = form::errors(f.all());
        return Ok(Unprocessable(Page { shell, f, errors }).into_response());
    };
    let tx = app.db.begin().await?;
    let before: Registry = settings::get(&tx).await?;
    settings::put(&tx, &after).await?;
    let entry = audit::Entry {
        action: "settings.registry",
        subject: ("setting", 0),
        unit: unit::root(&tx).await?.map(|unit| unit.id),
        on_behalf_of: None,
        summary: "修改台账设置".into(),
        detail: serde_json::json!({ "before": before, "after": after }),
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    Ok(redirect(
        "/settings/registry",
        Flash::success("已保存，对以后办理的事项生效。"),
    ))
}
