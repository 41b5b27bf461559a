//! The page of the registry's settings.

use super::{Consolidation, MlpsMonths, PublicityRoute, Registry, Seal};
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
    days_to_file: Field,
    days_to_report_change: Field,
    recheck_month: Field,
    recheck_days: Field,
    mlps_second: Field,
    mlps_third: Field,
    few_followers: Field,
    stale_months: Field,
    filing_step_days: Field,
    gone_check_days: Field,
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
            days_to_file: field("days_to_file", "开设后备案期限（天）"),
            days_to_report_change: field("days_to_report_change", "变更上报期限（天）"),
            recheck_month: field("recheck_month", "年检开始月份"),
            recheck_days: field("recheck_days", "年检期限（天）"),
            mlps_second: field("mlps_second", "等保二级测评间隔（月）"),
            mlps_third: field("mlps_third", "等保三级及以上测评间隔（月）"),
            few_followers: field("few_followers", "粉丝少于"),
            stale_months: field("stale_months", "资料多久未更新（月）"),
            filing_step_days: field("filing_step_days", "每步办理时限（工作日）"),
            gone_check_days: field("gone_check_days", "注销后复查（天）"),
            filing_number: field("filing_number", "备案编号"),
            seal: field("seal", "盖章"),
            publicity_route: field("publicity_route", "宣传部自己的备案"),
            misleading_words: field("misleading_words", "名称提醒词"),
        }
    }

    fn of(settings: &Registry) -> Self {
        Self::with(|name| match name {
            "days_to_catch_up" => settings.days_to_catch_up.to_string(),
            "days_to_file" => settings.days_to_file.to_string(),
            "days_to_report_change" => settings.days_to_report_change.to_string(),
            "recheck_month" => settings.recheck_month.to_string(),
            "recheck_days" => settings.recheck_days.to_string(),
            "mlps_second" => settings.mlps_months.second.to_string(),
            "mlps_third" => settings.mlps_months.third.to_string(),
            "few_followers" => settings.consolidation.few_followers.to_string(),
            "stale_months" => settings.consolidation.stale_months.to_string(),
            "filing_step_days" => settings.filing_step_days.to_string(),
            "gone_check_days" => settings.gone_check_days.to_string(),
            "filing_number" => settings.filing_number.clone(),
            "seal" => settings.seal.code().into(),
            "publicity_route" => settings.publicity_route.code().into(),
            _ => settings.misleading_words.join("、"),
        })
    }

    fn all(&self) -> [&Field; 15] {
        [
            &self.days_to_catch_up,
            &self.days_to_file,
            &self.days_to_report_change,
            &self.recheck_month,
            &self.recheck_days,
            &self.mlps_second,
            &self.mlps_third,
            &self.few_followers,
            &self.stale_months,
            &self.filing_step_days,
            &self.gone_check_days,
            &self.filing_number,
            &self.seal,
            &self.publicity_route,
            &self.misleading_words,
        ]
    }

    fn read(&mut self) -> Option<Registry> {
        let days_to_catch_up = self.days_to_catch_up.check(days);
        let days_to_file = self.days_to_file.check(days);
        let days_to_report_change = self.days_to_report_change.check(days);
        let recheck_month = self.recheck_month.check(|raw| between(raw, 0..=12));
        let recheck_days = self.recheck_days.check(days);
        let second = self.mlps_second.check(|raw| between(raw, 1..=120));
        let third = self.mlps_third.check(|raw| between(raw, 1..=120));
        let few_followers = self.few_followers.check(|raw| between(raw, 0..=60000));
        let stale_months = self.stale_months.check(|raw| between(raw, 1..=120));
        let filing_step_days = self.filing_step_days.check(days);
        let gone_check_days = self.gone_check_days.check(days);
        let filing_number = self.filing_number.check(number);
        let seal = self.seal.check(|raw| Seal::parse(raw).ok_or("请选择。"));
        let publicity_route = self
            .publicity_route
            .check(|raw| PublicityRoute::parse(raw).ok_or("请选择。"));
        let words = self.misleading_words.check(|raw| text::lines(raw, 1000))?;
        Some(Registry {
            days_to_catch_up: days_to_catch_up?,
            days_to_file: days_to_file?,
            days_to_report_change: days_to_report_change?,
            recheck_month: recheck_month?,
            recheck_days: recheck_days?,
            mlps_months: MlpsMonths {
                second: second?,
                third: third?,
            },
            consolidation: Consolidation {
                few_followers: few_followers?,
                stale_months: stale_months?,
            },
            filing_step_days: filing_step_days?,
            gone_check_days: gone_check_days?,
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

fn days(raw: &str) -> Result<u16, String> {
    between(raw, 1..=366)
}

fn between(raw: &str, range: std::ops::RangeInclusive<u16>) -> Result<u16, String> {
    let number = text::fold(raw).parse::<u16>().ok();
    number
        .filter(|n| range.contains(n))
        .ok_or_else(|| format!("请填写 {} 到 {} 的整数。", range.start(), range.end()))
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
