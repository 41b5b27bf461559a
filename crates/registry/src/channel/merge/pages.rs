//! The page that shows two records side by side and lets each part be chosen.

use super::{Order, PARTS, is_fixed, may_merge};
use crate::{
    channel::{Channel, detail::seen, store},
    platform,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission,
    form::{self, Errors, Field, Posted, Unprocessable},
    text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::{person, unit};

/// Which record is the other, in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct With {
    with: String,
    /// What was typed to find it.
    q: String,
}

/// A part of both records.
struct Row {
    code: &'static str,
    label: &'static str,
    mine: String,
    theirs: String,
    /// Whether the other's may be chosen.
    open: bool,
    takes_theirs: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "channel/merge/choose.html")]
struct Choose {
    shell: Shell,
    stays: Channel,
    q: String,
    found: Vec<(ChannelId, String, String)>,
}

#[derive(Template, WebTemplate)]
#[template(path = "channel/merge/compare.html")]
struct Compare {
    shell: Shell,
    stays: Channel,
    goes: Channel,
    refusal: Option<String>,
    rows: Vec<Row>,
    reason: Field,
    errors: Errors,
}

impl Choose {
    fn back(&self) -> String {
        format!("/channels/{}", self.stays.id)
    }
}

impl Compare {
    fn back(&self) -> String {
        format!("/channels/{}", self.stays.id)
    }
}

/// Two records that the actor keeps.
async fn both(
    app: &App,
    actor: &Actor,
    stays: ChannelId,
    goes: ChannelId,
) -> Result<(Channel, Channel), Fault> {
    Ok((
        kept(app, actor, stays).await?,
        kept(app, actor, goes).await?,
    ))
}

async fn kept(app: &App, actor: &Actor, id: ChannelId) -> Result<Channel, Fault> {
    let (channel, place) = seen(app, actor, id).await?;
    if !actor.may(Permission::ManageRegistry, &place) {
        return Err(Fault::Forbidden("只有台账管理人员可以合并记录。".into()));
    }
    Ok(channel)
}

/// GET /channels/{id}/merge
pub async fn confirm(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ChannelId>,
    Query(with): Query<With>,
) -> Result<Response, Fault> {
    let Ok(other) = with.with.parse::<ChannelId>() else {
        let stays = kept(&app, &actor, id).await?;
        return choose(&app, &actor, shell, stays, with.q).await;
    };
    let (stays, goes) = both(&app, &actor, id, other).await?;
    let reason = Field::empty("reason", "合并理由");
    let page = compare(&app, shell, stays, goes, None, reason).await?;
    Ok(page.into_response())
}

async fn choose(
    app: &App,
    actor: &Actor,
    shell: Shell,
    stays: Channel,
    q: String,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let scope = actor.filter(Permission::ManageRegistry);
    let text: String = if q.is_empty() {
        stays.facts.name.chars().take(200).collect()
    } else {
        q.chars().filter(|c| *c != '\0').take(200).collect()
    };
    let query = store::Query {
        text,
        per_page: 25,
        page: 1,
        ..store::Query::default()
    };
    let page = store::list(db, &scope, &query).await?;
    let platforms = platform::load(db).await?;
    let units = unit::names(db, page.rows.iter().map(|row| row.unit_id)).await?;
    let found = page
        .rows
        .into_iter()
        .filter(|row| row.id != stays.id && !row.filing().is_over())
        .map(|row| {
            let unit = units.get(&row.unit_id).cloned().unwrap_or_default();
            let about = format!(
                "{unit} · {} · {} · 第 {} 号",
                platforms.name(&row.platform),
                row.filing().label(),
                row.id
            );
            (row.id, row.name, about)
        })
        .collect();
    let page = Choose {
        shell,
        stays,
        q,
        found,
    };
    Ok(page.into_response())
}

async fn compare(
    app: &App,
    shell: Shell,
    stays: Channel,
    goes: Channel,
    posted: Option<&Posted>,
    reason: Field,
) -> Result<Compare, Fault> {
    let db = app.db.read();
    let platforms = platform::load(db).await?;
    let units = unit::names(db, [stays.facts.unit, goes.facts.unit]).await?;
    let mut everyone = stays.people.all();
    everyone.extend(goes.people.all());
    let names = person::names(db, everyone).await?;
    let shown = |code: &str, channel: &Channel, plain: String| match code {
        "unit" => units.get(&channel.facts.unit).cloned().unwrap_or_default(),
        "platform" => platforms.name(&channel.facts.platform).to_owned(),
        "people" => {
            let all = channel.people.all();
            let called = all.iter().filter_map(|id| names.get(id).cloned());
            called.collect::<Vec<_>>().join("、")
        }
        _ => plain,
    };
    let fixed = is_fixed(&stays, &goes);
    let rows = PARTS
        .iter()
        .map(|part| {
            let mine = shown(part.code, &stays, (part.shown)(&stays));
            let theirs = shown(part.code, &goes, (part.shown)(&goes));
            let open = !(fixed && part.fixed) && mine != theirs;
            let takes_theirs = match posted {
                Some(posted) => posted.get(part.code) == "theirs",
                // What only the other knows is worth keeping.
                None => mine.is_empty(),
            };
            Row {
                code: part.code,
                label: part.label,
                takes_theirs: open && takes_theirs,
                open,
                mine,
                theirs,
            }
        })
        .filter(|row| !(row.mine.is_empty() && row.theirs.is_empty()))
        .collect();
    let refusal = may_merge(&stays, &goes).err();
    Ok(Compare {
        refusal: refusal.map(|refusal| refusal.to_string()),
        errors: form::errors([&reason]),
        shell,
        stays,
        goes,
        rows,
        reason,
    })
}

/// POST /channels/{id}/merge
pub async fn merge(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ChannelId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let other = posted.get("with").parse::<ChannelId>();
    let other = other.map_err(|_| Fault::Malformed("没有选择要并入的记录。".into()))?;
    let (stays, goes) = both(&app, &actor, id, other).await?;
    let version = |name: &str| posted.get(name).parse::<i32>().map_err(|_| Fault::Stale);
    let versions = (version("version")?, version("other_version")?);
    let mut reason = posted.field("reason", "合并理由");
    let Some(why) = reason.check(|raw| text::required_lines(raw, 500)) else {
        let page = compare(&app, shell, stays, goes, Some(&posted), reason).await?;
        return Ok(Unprocessable(page).into_response());
    };
    let order = Order {
        stays: id,
        goes: other,
        versions,
        taken: PARTS
            .iter()
            .filter(|part| posted.get(part.code) == "theirs")
            .map(|part| part.code.to_owned())
            .collect(),
        reason: why,
    };
    let tx = app.db.begin().await?;
    super::merge(&tx, &app, &actor, &order).await?;
    tx.commit().await?;
    let said = "已合并。另一条记录的备案、历史和账号标识都转到了这里。";
    Ok(redirect(format!("/channels/{id}"), Flash::success(said)))
}
