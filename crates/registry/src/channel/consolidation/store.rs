//! The lists, found by the database, and the table of what was decided to stay.

use super::{Common, Group, Why, key_of};
use crate::{
    channel::{
        Channel, FilingState, Holder, RunningState, similar,
        store::{self, COLUMN as CHANNEL, Column as Of, Entity as Channels},
    },
    platform::{Annex2, PlatformCode, Platforms},
    settings::Consolidation,
};
use chrono::{DateTime, Months, NaiveDate, Utc};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, Order, PaginatorTrait, QueryOrder, QuerySelect,
    QueryTrait, Select, Set,
    entity::prelude::*,
    sea_query::{Alias, Expr, OnConflict, Query as Sql},
};
use std::collections::HashMap;
use zhendi_kernel::{Actor, ChannelId, Fault, PersonId, ScopeFilter, Tx, UnitId, clock};

/// What was looked at and stays as it is.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_kept")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub fingerprint: String,
    /// Of a single account: which, and as it was then.
    pub channel_id: Option<ChannelId>,
    pub version: Option<i32>,
    pub reason: String,
    pub decided_by: Option<PersonId>,
    pub decided_at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

/// No page shows more accounts of a group than this.
const MEMBERS: u64 = 30;

/// Accounts that are there: neither gone nor closed.
fn there(scope: &ScopeFilter) -> Select<Channels> {
    Channels::find()
        .filter(scope.condition((Channels, Of::UnitId), Some((Channels, Of::Id))))
        .filter(
            CHANNEL
                .filing_state
                .is_not_in([FilingState::Cancelled.code(), FilingState::Merged.code()]),
        )
        .filter(CHANNEL.running_state.ne(RunningState::Closed.code()))
}

fn counted(select: Select<Channels>) -> Select<Channels> {
    let id = || Expr::col((Channels, Of::Id));
    let sum = id().sum().cast_as(Alias::new("bigint"));
    select
        .column_as(id().count(), "many")
        .column_as(id().min(), "lowest")
        .column_as(id().max(), "highest")
        .column_as(sum, "total")
}

/// The groups of a kind, those with most accounts first, without those that were decided to stay.
pub async fn groups(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    why: Why,
    platforms: &Platforms,
    institution: &[&str],
) -> Result<Vec<Group>, Fault> {
    let many = || Expr::col((Channels, Of::Id)).count();
    let units = || Expr::col((Channels, Of::UnitId)).count_distinct();
    let base = counted(there(scope).select_only());
    let query = match why {
        Why::SamePlace => base
            .column(Of::UnitId)
            .column(Of::Platform)
            .filter(CHANNEL.holder_kind.eq(Holder::Unit.code()))
            .group_by(Of::UnitId)
            .group_by(Of::Platform)
            .having(many().gt(1)),
        Why::SameName => {
            let families = family(platforms).count_distinct();
            base.column(Of::NameKey)
                .filter(CHANNEL.name_key.ne(""))
                .group_by(Of::NameKey)
                .having(many().gt(1))
                .having(Condition::any().add(units().gt(1)).add(many().gt(families)))
        }
        Why::SameBody => base
            .column(Of::CertifiedBody)
            .column(Of::Platform)
            .filter(CHANNEL.certified_body.ne(""))
            .filter(
                CHANNEL
                    .certified_body
                    .is_not_in(institution.iter().copied()),
            )
            .group_by(Of::CertifiedBody)
            .group_by(Of::Platform)
            .having(units().gt(1)),
        Why::LittleUsed => return Ok(vec![]),
    };
    let kept: HashMap<String, String> = Entity::find()
        .select_only()
        .columns([Column::Key, Column::Fingerprint])
        .filter(COLUMN.channel_id.is_null())
        .into_tuple::<(String, String)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let mut found = vec![];
    for row in db.query_all(&query.into_query()).await? {
        let text = |name: &str| row.try_get::<String>("", name);
        let number = |name: &str| row.try_get::<i64>("", name);
        let common = match why {
            Why::SamePlace => Common::Place {
                unit: row.try_get("", "unit_id")?,
                platform: text("platform")?,
            },
            Why::SameName => Common::Name(text("name_key")?),
            Why::SameBody | Why::LittleUsed => Common::Body {
                body: text("certified_body")?,
                platform: text("platform")?,
            },
        };
        let many = number("many")?;
        let fingerprint = format!(
            "{many}:{}:{}:{}",
            number("lowest")?,
            number("highest")?,
            number("total")?
        );
        let group = Group {
            why,
            common,
            many,
            fingerprint,
        };
        if kept.get(&group.key()) != Some(&group.fingerprint) {
            found.push(group);
        }
    }
    found.sort_by_key(|group| (std::cmp::Reverse(group.many), group.key()));
    Ok(found)
}

/// The platform, or the column of annex 2 where several platforms share one: a WeChat account taken in as
/// 公众号 and again as 订阅号 is one account.
fn family(platforms: &Platforms) -> Expr {
    let column = || Expr::col((Channels, Of::Platform));
    let mut shared = Expr::case(column().is_null(), column());
    for platform in &platforms.0 {
        if platform.annex2 != Annex2::Other {
            shared = shared.case(
                column().eq(platform.code.0.as_str()),
                platform.annex2.code(),
            );
        }
    }
    shared.finally(column()).into()
}

/// The accounts of a group, the oldest first.
pub async fn members(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    common: &Common,
) -> Result<Vec<store::Model>, Fault> {
    let select = there(scope);
    let select = match common {
        Common::Place { unit, platform } => select
            .filter(CHANNEL.unit_id.eq(*unit))
            .filter(CHANNEL.platform.eq(PlatformCode(platform.clone())))
            .filter(CHANNEL.holder_kind.eq(Holder::Unit.code())),
        Common::Name(name) => select.filter(CHANNEL.name_key.eq(name)),
        Common::Body { body, platform } => select
            .filter(CHANNEL.certified_body.eq(body))
            .filter(CHANNEL.platform.eq(PlatformCode(platform.clone()))),
    };
    Ok(select
        .order_by_asc(CHANNEL.id)
        .limit(MEMBERS)
        .all(db)
        .await?)
}

/// A page of the little-used accounts with how many there are, those with the fewest followers first.
pub async fn little_used(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    today: NaiveDate,
    limits: &Consolidation,
    page: u64,
    per_page: u64,
) -> Result<(Vec<store::Model>, u64), Fault> {
    let mut signs = Condition::any().add(CHANNEL.followers.lt(i64::from(limits.few_followers)));
    let months = Months::new(u32::from(limits.stale_months));
    if let Some(day) = today.checked_sub_months(months) {
        signs = signs.add(CHANNEL.updated_at.lt(clock::start_of(day)));
    }
    for word in similar::IDLE_WORDS {
        let survey = Expr::col((Channels, Of::Survey)).cast_as(Alias::new("text"));
        signs = signs
            .add(survey.like(format!("%{word}%")))
            .add(CHANNEL.posting_frequency.contains(word));
    }
    let kept = Sql::select()
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::ChannelId)).equals((Channels, Of::Id)))
        .and_where(Expr::col((Entity, Column::Version)).equals((Channels, Of::Version)))
        .to_owned();
    let select = there(scope)
        .filter(CHANNEL.running_state.eq(RunningState::Live.code()))
        .filter(signs)
        .filter(Expr::exists(kept).not());
    let total = select.clone().count(db).await?;
    let rows = select
        .order_by(Expr::col((Channels, Of::Followers)).is_null(), Order::Asc)
        .order_by_asc(CHANNEL.followers)
        .order_by_asc(CHANNEL.id)
        .limit(per_page)
        .offset((page - 1) * per_page)
        .all(db)
        .await?;
    Ok((rows, total))
}

/// What stays as it is, and why.
pub struct Stays<'a> {
    pub key: String,
    pub fingerprint: String,
    pub channel: Option<&'a Channel>,
    pub reason: &'a str,
}

/// Notes that something stays as it is, until it changes.
pub async fn keep(
    tx: &Tx,
    now: DateTime<Utc>,
    actor: &Actor,
    stays: Stays<'_>,
) -> Result<(), Fault> {
    Entity::insert(ActiveModel {
        key: Set(stays.key),
        fingerprint: Set(stays.fingerprint),
        channel_id: Set(stays.channel.map(|channel| channel.id)),
        version: Set(stays.channel.map(|channel| channel.version)),
        reason: Set(stays.reason.into()),
        decided_by: Set(actor.person()),
        decided_at: Set(now),
    })
    .on_conflict(
        OnConflict::column(Column::Key)
            .update_columns([
                Column::Fingerprint,
                Column::Version,
                Column::Reason,
                Column::DecidedBy,
                Column::DecidedAt,
            ])
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// The decision about a little-used account.
pub fn stays_little<'a>(channel: &'a Channel, reason: &'a str) -> Stays<'a> {
    Stays {
        key: key_of(channel.id),
        fingerprint: String::new(),
        channel: Some(channel),
        reason,
    }
}

/// The decision about a group.
pub fn stays_group<'a>(group: &Group, reason: &'a str) -> Stays<'a> {
    Stays {
        key: group.key(),
        fingerprint: group.fingerprint.clone(),
        channel: None,
        reason,
    }
}

/// The unit of a group, where it has one.
pub fn unit_of(group: &Group) -> Option<UnitId> {
    match group.common {
        Common::Place { unit, .. } => Some(unit),
        _ => None,
    }
}
