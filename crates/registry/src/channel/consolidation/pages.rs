//! The page of accounts that are probably one too many, and the decision that they stay.

use super::{
    Common, Group, Why,
    store::{self, stays_group, stays_little, unit_of},
};
use crate::{
    channel::{
        FilingState, similar,
        store::{self as channels, KIND, Model},
    },
    platform::{self, Platforms},
    settings::Registry,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, UnitId, audit,
    form::Posted,
    settings::Institution,
    text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

/// Groups on a page; single accounts on a page.
const GROUPS: u64 = 10;
const SINGLES: u64 = 25;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    why: String,
    page: String,
}

/// An account of a list.
struct Line {
    id: ChannelId,
    name: String,
    unit: String,
    platform: String,
    id_or_address: String,
    followers: String,
    frequency: String,
    filing: FilingState,
    signs: Vec<String>,
    /// Where it is merged with another.
    merge: Option<String>,
    may_cancel: bool,
}

/// A group as the page shows it.
struct Shown {
    title: String,
    key: String,
    fingerprint: String,
    many: i64,
    lines: Vec<Line>,
    may_keep: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "channel/consolidation/list.html")]
struct List {
    shell: Shell,
    why: Why,
    counts: Vec<(Why, u64)>,
    groups: Vec<Shown>,
    singles: Vec<Line>,
    may_keep: bool,
    page: u64,
    pages: u64,
    total: u64,
    few: u16,
    months: u16,
}

impl List {
    /// Label, address, whether it is shown, how many there are.
    fn tabs(&self) -> Vec<(&'static str, String, bool, String)> {
        self.counts
            .iter()
            .map(|(why, many)| {
                let href = format!("/channels/consolidation?why={}", why.code());
                (why.label(), href, *why == self.why, many.to_string())
            })
            .collect()
    }

    fn base(&self) -> String {
        format!("/channels/consolidation?why={}&", self.why.code())
    }
}

struct Names {
    units: HashMap<UnitId, String>,
    platforms: Platforms,
}

fn line(
    actor: &Actor,
    row: Model,
    names: &Names,
    signs: Vec<String>,
    first: Option<ChannelId>,
) -> Line {
    let filing = FilingState::parse(&row.filing_state).unwrap_or(FilingState::Unfiled);
    Line {
        unit: names.units.get(&row.unit_id).cloned().unwrap_or_default(),
        platform: names.platforms.name(&row.platform).to_owned(),
        id: row.id,
        name: row.name,
        id_or_address: row.address_or_id,
        followers: row.followers.map(|n| n.to_string()).unwrap_or_default(),
        frequency: row.posting_frequency,
        signs,
        merge: actor
            .may_somewhere(Permission::ManageRegistry)
            .then(|| match first {
                Some(first) if first != row.id => {
                    format!("/channels/{first}/merge?with={}", row.id)
                }
                _ => format!("/channels/{}/merge", row.id),
            }),
        may_cancel: filing == FilingState::Filed && actor.may_somewhere(Permission::DraftFilings),
        filing,
    }
}

/// GET /channels/consolidation
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, Fault> {
    let db = app.db.read();
    let scope = actor.filter(Permission::ViewChannels);
    let settings: Registry = app.setting().await?;
    let limits = settings.consolidation;
    let today = app.clock.today();
    let platforms = platform::load(db).await?;
    let why = Why::parse(&asked.why).unwrap_or(Why::SamePlace);
    let page = asked.page.parse::<u64>().unwrap_or(1).max(1);
    let own = own_names(&app).await?;
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let mut counts = vec![];
    let mut groups = vec![];
    for kind in [Why::SamePlace, Why::SameName, Why::SameBody] {
        let found = store::groups(db, &scope, kind, &platforms, &own).await?;
        counts.push((kind, found.len() as u64));
        if kind == why {
            groups = found;
        }
    }
    let asked_page = if why == Why::LittleUsed { page } else { 1 };
    let (rows, little) =
        store::little_used(db, &scope, today, &limits, asked_page, SINGLES).await?;
    counts.push((Why::LittleUsed, little));
    let (per, total) = match why {
        Why::LittleUsed => (SINGLES, little),
        _ => (GROUPS, groups.len() as u64),
    };
    let pages = total.div_ceil(per).max(1);
    let rows = if why == Why::LittleUsed { rows } else { vec![] };
    let skip = usize::try_from((page - 1).saturating_mul(GROUPS)).unwrap_or(usize::MAX);
    let mut members = vec![];
    for group in groups.into_iter().skip(skip).take(GROUPS as usize) {
        let rows = store::members(db, &scope, &group.common).await?;
        members.push((group, rows));
    }
    let units = members
        .iter()
        .flat_map(|(_, rows)| rows)
        .chain(&rows)
        .map(|row| row.unit_id);
    let units: Vec<UnitId> = units.collect();
    let names = Names {
        units: unit::names(db, units).await?,
        platforms,
    };
    let may_keep = actor.may_everywhere(Permission::ManageRegistry);
    let mut singles = vec![];
    for row in rows {
        let channel = channels::of_row(row.clone())?;
        let signs = similar::little_used(
            &channel.facts,
            channel.running,
            channel.updated_at,
            today,
            &limits,
        );
        let signs = signs.into_iter().map(|sign| sign.0).collect();
        singles.push(line(&actor, row, &names, signs, None));
    }
    Ok(List {
        shell,
        why,
        counts,
        groups: members
            .into_iter()
            .map(|(group, rows)| shown(&actor, group, rows, &names, may_keep))
            .collect(),
        singles,
        may_keep,
        page: page.min(pages),
        pages,
        total,
        few: limits.few_followers,
        months: limits.stale_months,
    })
}

/// The institution's own names: nearly every account is certified for it, which says nothing.
async fn own_names(app: &App) -> Result<Vec<String>, Fault> {
    let institution: Institution = app.setting().await?;
    let root = unit::root(app.db.read()).await?;
    Ok(std::iter::once(institution.name)
        .chain(root.map(|unit| unit.name))
        .collect())
}

fn shown(actor: &Actor, group: Group, rows: Vec<Model>, names: &Names, may_keep: bool) -> Shown {
    let unit = |id: &UnitId| names.units.get(id).cloned().unwrap_or_default();
    let platform = |code: &str| names.platforms.name(&code.into()).to_owned();
    let first = rows.first().map(|row| row.id);
    Shown {
        title: match &group.common {
            Common::Place {
                unit: id,
                platform: code,
            } => {
                format!("{} · {}", unit(id), platform(code))
            }
            Common::Name(_) => rows.first().map(|row| row.name.clone()).unwrap_or_default(),
            Common::Body {
                body,
                platform: code,
            } => format!("{body} · {}", platform(code)),
        },
        key: group.key(),
        fingerprint: group.fingerprint,
        many: group.many,
        lines: rows
            .into_iter()
            .map(|row| line(actor, row, names, vec![], first))
            .collect(),
        may_keep,
    }
}

/// POST /channels/consolidation
pub async fn keep(State(app): State<App>, actor: Actor, posted: Posted) -> Result<Response, Fault> {
    if !actor.may_everywhere(Permission::ManageRegistry) {
        return Err(Fault::Forbidden("清理整合由宣传部统一决定。".into()));
    }
    let why = Why::parse(posted.get("why"))
        .ok_or_else(|| Fault::Malformed("没有说明是哪一类。".into()))?;
    let reason = text::required_lines(posted.get("reason"), 300)
        .map_err(|_| Fault::Refused("请写明保留的理由（不超过 300 字）。".into()))?;
    let tx = app.db.begin().await?;
    let entry = if why == Why::LittleUsed {
        let id: ChannelId = posted.get("key").parse().map_err(|_| Fault::NotFound)?;
        let channel = channels::get(&tx, id).await?;
        store::keep(&tx, app.now(), &actor, stays_little(&channel, &reason)).await?;
        let title = crate::channel::lasting_title(&channel.facts, id);
        audit::Entry {
            action: "channel.kept",
            subject: (KIND, id.0),
            unit: Some(channel.facts.unit),
            on_behalf_of: None,
            summary: format!("清理整合：保留使用较少的网络阵地{title}"),
            detail: serde_json::json!({ "reason": reason }),
        }
    } else {
        let scope = actor.filter(Permission::ViewChannels);
        let platforms = platform::load(&tx).await?;
        let own = own_names(&app).await?;
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let found = store::groups(&tx, &scope, why, &platforms, &own).await?;
        // Whoever came to it since was not looked at.
        let group = found
            .into_iter()
            .find(|group| group.key() == posted.get("key"))
            .filter(|group| group.fingerprint == posted.get("fingerprint"))
            .ok_or(Fault::Stale)?;
        store::keep(&tx, app.now(), &actor, stays_group(&group, &reason)).await?;
        audit::Entry {
            action: "channel.group_kept",
            subject: ("channel_list", 0),
            unit: unit_of(&group),
            on_behalf_of: None,
            summary: format!("清理整合：{why}的 {} 个网络阵地保留现状", group.many),
            detail: serde_json::json!({ "key": group.key(), "reason": reason }),
        }
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    Ok(redirect(
        format!("/channels/consolidation?why={}", why.code()),
        Flash::success("已记录理由。资料变化之前不再列出。"),
    ))
}
