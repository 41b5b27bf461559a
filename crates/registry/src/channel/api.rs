//! Channels for programs.

use super::{
    Asked, Channel, FilingState, RunningState, detail,
    store::{self, Row},
};
use crate::platform::{self, Platforms};
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use zhendi_kernel::{Actor, App, ChannelId, Fault, Permission, PersonId, UnitId, text};
use zhendi_people::{person, unit};

/// A channel in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelSummary {
    pub id: ChannelId,
    /// 账号/网站/APP名称.
    pub name: String,
    pub unit: UnitId,
    pub unit_name: String,
    /// Code of the platform.
    pub platform: String,
    pub platform_name: String,
    /// 账号ID/网址; empty where none is known.
    pub address_or_id: String,
    /// `unit` or `person_by_post`.
    pub holder: String,
    pub filing: FilingState,
    pub running: RunningState,
    /// The last day for filing it, while it is not filed.
    pub file_by: Option<NaiveDate>,
    /// `2016-03-01`, `2009-09` or `2012`, as precise as it is known.
    pub opened_on: Option<String>,
    pub updated_at: DateTime<Utc>,
}

/// A page of channels.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelPage {
    pub items: Vec<ChannelSummary>,
    /// How many there are on all pages.
    pub total: u64,
    /// From 1.
    pub page: u64,
    pub pages: u64,
}

/// A person's part in a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelPerson {
    pub id: PersonId,
    pub name: String,
    pub post: String,
    /// In full for those who may see people, else `138****8001`.
    pub phone: String,
}

/// A channel with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelView {
    pub id: ChannelId,
    /// Counts the changes.
    pub version: i32,
    pub name: String,
    pub unit: UnitId,
    pub unit_name: String,
    /// Code of the platform.
    pub platform: String,
    pub platform_name: String,
    pub address_or_id: String,
    /// 认证主体.
    pub certified_body: String,
    pub opened_on: Option<String>,
    pub followers: Option<i64>,
    /// 发布频次.
    pub posting_frequency: String,
    /// 责任部门.
    pub responsible_department: String,
    /// `unit` or `person_by_post`.
    pub holder: String,
    /// The post by which a person's account is verified.
    pub holder_post: String,
    pub icp: Option<String>,
    /// What a site or an app has besides.
    pub web: super::WebFacts,
    /// Annex 1.
    pub survey: super::AnnexOne,
    pub remark: String,
    pub filing: FilingState,
    pub running: RunningState,
    pub file_by: Option<NaiveDate>,
    /// 备案来源.
    pub filed_source: Option<String>,
    /// 备案编号.
    pub filing_number: Option<String>,
    /// Why the unit has a further account on the platform.
    pub second_account_reason: Option<String>,
    /// The record of the same account that this one was merged into.
    pub merged_into: Option<ChannelId>,
    /// 主管领导.
    pub leader: Option<ChannelPerson>,
    /// 审核人.
    pub reviewers: Vec<ChannelPerson>,
    /// 运维工作人员, the responsible one first.
    pub operators: Vec<ChannelPerson>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Channels that you may see, filtered, sorted and paged as on the page 网络阵地.
#[utoipa::path(
    get, path = "/api/v1/channels", tag = "channels", operation_id = "list_channels", params(Asked),
    responses((status = 200, body = ChannelPage), (status = 401), (status = 403))
)]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    asked: Asked,
) -> Result<Json<ChannelPage>, Fault> {
    let db = app.db.read();
    let scope = actor.filter(Permission::ViewChannels);
    let page = store::list(db, &scope, &asked.query(app.clock.today())).await?;
    let platforms = platform::load(db).await?;
    let units = unit::names(db, page.rows.iter().map(|row| row.unit_id)).await?;
    Ok(Json(ChannelPage {
        items: page
            .rows
            .into_iter()
            .map(|row| summary(row, &units, &platforms))
            .collect(),
        total: page.total,
        page: page.page,
        pages: page.pages,
    }))
}

fn summary(
    row: Row,
    units: &std::collections::HashMap<UnitId, String>,
    platforms: &Platforms,
) -> ChannelSummary {
    ChannelSummary {
        filing: row.filing(),
        running: row.running(),
        id: row.id,
        unit: row.unit_id,
        unit_name: units.get(&row.unit_id).cloned().unwrap_or_default(),
        platform_name: platforms.name(&row.platform).to_owned(),
        platform: row.platform.0,
        name: row.name,
        address_or_id: row.address_or_id,
        holder: row.holder_kind,
        file_by: row.file_by,
        opened_on: row.opened_on,
        updated_at: row.updated_at,
    }
}

/// One channel with its facts and people.
#[utoipa::path(
    get, path = "/api/v1/channels/{id}", tag = "channels", operation_id = "show_channel",
    params(("id" = i64, Path, description = "Id of the channel")),
    responses((status = 200, body = ChannelView), (status = 401), (status = 404))
)]
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ChannelId>,
) -> Result<Json<ChannelView>, Fault> {
    let (channel, place) = detail::seen(&app, &actor, id).await?;
    let reveal = actor.may(Permission::ViewPeople, &place);
    Ok(Json(view(&app, channel, reveal).await?))
}

async fn view(app: &App, channel: Channel, reveal: bool) -> Result<ChannelView, Fault> {
    let db = app.db.read();
    let cards = person::cards(db, app, &channel.people.all()).await?;
    let person = |id: &PersonId| {
        cards.get(id).map(|card| ChannelPerson {
            id: *id,
            name: card.name.clone(),
            post: card.post.clone(),
            phone: if reveal {
                card.phone.clone()
            } else {
                text::mask_phone(&card.phone)
            },
        })
    };
    let people = &channel.people;
    let (leader, reviewers, operators) = (
        people.leader.as_ref().and_then(&person),
        people.reviewers.iter().filter_map(&person).collect(),
        people.operators.iter().filter_map(&person).collect(),
    );
    let facts = channel.facts;
    let units = unit::names(db, [facts.unit]).await?;
    let platforms = platform::load(db).await?;
    Ok(ChannelView {
        id: channel.id,
        version: channel.version,
        name: facts.name,
        unit: facts.unit,
        unit_name: units.get(&facts.unit).cloned().unwrap_or_default(),
        platform_name: platforms.name(&facts.platform).to_owned(),
        platform: facts.platform.0,
        address_or_id: facts.address_or_id,
        certified_body: facts.certified_body,
        opened_on: facts.opened_on.map(|date| date.to_string()),
        followers: facts.followers,
        posting_frequency: facts.posting_frequency,
        responsible_department: facts.responsible_department,
        holder: facts.holder.code().into(),
        holder_post: facts.holder.post().into(),
        icp: facts.icp,
        web: facts.web,
        survey: facts.survey,
        remark: facts.remark,
        filing: channel.filing,
        running: channel.running,
        file_by: channel.file_by,
        filed_source: channel.filed_source,
        filing_number: channel.filing_number,
        second_account_reason: channel.second_account_reason,
        merged_into: channel.merged_into,
        leader,
        reviewers,
        operators,
        created_at: channel.created_at,
        updated_at: channel.updated_at,
    })
}
