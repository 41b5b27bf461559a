//! The form of an emergency, and the list of who may use it.

use super::{
    emergency::{self, Publishing},
    service::{self, Wrong},
};
use crate::{ids::ManuscriptId, manuscript};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, PersonId, audit, clock,
    form::{Errors, Field, Posted, Unprocessable},
    settings,
    web::{Flash, Shell, redirect},
};
use zhendi_people::{person, role};

const LIST: &str = "/settings/emergency";

#[derive(Template, WebTemplate)]
#[template(path = "publication/emergency.html")]
struct FormPage {
    shell: Shell,
    manuscript: manuscript::Manuscript,
    channels: Vec<(String, String, bool)>,
    hours: u32,
    reason: Field,
    errors: Errors,
}

/// What stands in the address of the form.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    manuscript: String,
}

async fn form(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: ManuscriptId,
    reason: &str,
    ticked: &[ChannelId],
    wrongs: &[Wrong],
) -> Result<FormPage, Fault> {
    let db = app.db.read();
    let of = manuscript::open_for(db, actor, id).await?;
    if !emergency::may(app, actor, &of.content.channels).await? {
        return Err(super::Refusal::NotNamed.into());
    }
    let names = manuscript::channel_names(app, db, &of.content.channels).await?;
    let mut channels = vec![];
    for channel in &of.content.channels {
        let place = service::place_of(db, *channel).await?;
        if service::admin(actor, &place).is_ok() {
            let name = names.get(channel).cloned().unwrap_or_default();
            channels.push((channel.to_string(), name, ticked.contains(channel)));
        }
    }
    let settings: Publishing = app.setting().await?;
    let said = |at: &str| {
        let found = wrongs.iter().find(|(name, _)| *name == at);
        found.map(|(_, words)| words.clone())
    };
    Ok(FormPage {
        shell,
        manuscript: of,
        channels,
        hours: settings.emergency_review_hours,
        reason: Field {
            error: said("reason"),
            ..Field::new("reason", "紧急情况", reason)
        },
        errors: wrongs.to_vec(),
    })
}

/// GET /emergency-publications/new
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let id = asked.manuscript.parse().map_err(|_| Fault::NotFound)?;
    let of = manuscript::open_for(app.db.read(), &actor, id).await?;
    let all = of.content.channels.clone();
    let page = form(&app, &actor, shell, id, "", &all, &[]).await?;
    Ok(page.into_response())
}

/// POST /emergency-publications
pub(super) async fn publish(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let id = posted
        .get("manuscript")
        .parse()
        .map_err(|_| Fault::NotFound)?;
    let channels: Vec<ChannelId> = posted
        .all("channel")
        .filter_map(|raw| raw.parse().ok())
        .collect();
    let reason = posted.get("reason");
    match emergency::publish(&app, &actor, id, &channels, reason).await? {
        Ok(made) => {
            let flash = Flash::warning("已应急发布，请尽快补审。手动发布的请登记链接和截图。");
            let to = match made.as_slice() {
                [one] => one.href(),
                _ => "/publications?view=emergency".into(),
            };
            Ok(redirect(to, flash))
        }
        Err(wrongs) => {
            let page = form(&app, &actor, shell, id, reason, &channels, &wrongs).await?;
            Ok(Unprocessable(page).into_response())
        }
    }
}

struct Named {
    id: i64,
    person: String,
    by: String,
    at: String,
    until: String,
    over: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "publication/named.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<Named>,
    people: Vec<(String, String)>,
    may_name: bool,
    person: Field,
    until: Field,
    hours: Field,
}

/// GET /settings/emergency
pub(super) async fn list(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<Response, Fault> {
    let (db, today) = (app.db.read(), app.clock.today());
    let named = emergency::named(db).await?;
    let ids = named.iter().flat_map(|one| [one.person_id, one.named_by]);
    let names = person::names(db, ids).await?;
    let name = |id: &PersonId| names.get(id).cloned().unwrap_or_default();
    let may_name = emergency::publicity_head(&app, &actor).await.is_ok();
    let settings: Publishing = app.setting().await?;
    Ok(ListPage {
        rows: named
            .iter()
            .map(|one| Named {
                id: one.id,
                person: name(&one.person_id),
                by: name(&one.named_by),
                at: clock::show(&one.named_at),
                until: one.until.map(|day| day.to_string()).unwrap_or_default(),
                over: one.until.is_some_and(|day| day < today),
            })
            .collect(),
        people: if may_name {
            person::options(db, &actor.filter(Permission::ViewPeople)).await?
        } else {
            vec![]
        },
        may_name,
        person: Field::empty("person", "人员"),
        until: Field::empty("until", "截止日期"),
        hours: Field::new(
            "hours",
            "补审时限（小时）",
            settings.emergency_review_hours.to_string(),
        ),
        shell,
    }
    .into_response())
}

/// POST /settings/emergency
pub(super) async fn name(
    State(app): State<App>,
    actor: Actor,
    posted: Posted,
) -> Result<Response, Fault> {
    let person = posted
        .get("person")
        .parse()
        .map(PersonId)
        .map_err(|_| Fault::Malformed("请选择人员。".into()))?;
    let until = match posted.get("until").trim() {
        "" => None,
        raw => Some(
            raw.parse::<NaiveDate>()
                .map_err(|_| Fault::Malformed("截止日期请填写日期。".into()))?,
        ),
    };
    emergency::name(&app, &actor, person, until).await?;
    Ok(redirect(LIST, Flash::success("已加入应急发布人员名单。")))
}

/// POST /settings/emergency/{id}/removals
pub(super) async fn unname(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<i64>,
    _: Posted,
) -> Result<Response, Fault> {
    emergency::unname(&app, &actor, id).await?;
    Ok(redirect(LIST, Flash::success("已移出应急发布人员名单。")))
}

/// POST /settings/emergency/hours
pub(super) async fn hours(
    State(app): State<App>,
    actor: Actor,
    posted: Posted,
) -> Result<Response, Fault> {
    emergency::publicity_head(&app, &actor).await?;
    let hours = posted.get("hours").trim().parse::<u32>().ok();
    let emergency_review_hours = hours
        .filter(|hours| (1..=168).contains(hours))
        .ok_or_else(|| Fault::Malformed("补审时限请填写 1 到 168 的整数。".into()))?;
    let settings = Publishing {
        emergency_review_hours,
    };
    let tx = app.db.begin().await?;
    settings::put(&tx, &settings).await?;
    let entry = audit::Entry {
        action: "settings.publishing",
        subject: ("settings", 0),
        unit: None,
        on_behalf_of: role::stands_for(&actor, Permission::ManageWorkflows),
        summary: format!("应急发布补审时限改为 {emergency_review_hours} 小时"),
        detail: serde_json::json!({ "emergency_review_hours": emergency_review_hours }),
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    Ok(redirect(LIST, Flash::success("已保存。")))
}
