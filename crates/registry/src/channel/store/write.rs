//! Writing channels, with the search index kept true to them.

use super::{KIND, entity, entity::person};
use crate::channel::{Channel, ChannelPeople, Facts, NewChannel, similar};
use chrono::{DateTime, Utc};
use entity::{ActiveModel, COLUMN, Column, Entity};
use sea_orm::{ConnectionTrait, QuerySelect, Set, entity::prelude::*};
use zhendi_kernel::{ChannelId, Fault, PersonId, many, search};

/// Stores a new channel. The caller claims its identity and appends the audit record.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    new: NewChannel,
) -> Result<Channel, Fault> {
    let mut made = insert_many(tx, now, vec![new]).await?;
    made.pop()
        .ok_or_else(|| Fault::internal("a channel was not stored"))
}

/// As [`insert`] for many, which come back in their order.
///
/// # Errors
/// When the database fails.
pub async fn insert_many(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    new: Vec<NewChannel>,
) -> Result<Vec<Channel>, Fault> {
    let mut channels: Vec<Channel> = new
        .into_iter()
        .map(|new| Channel {
            id: ChannelId(0),
            version: 0,
            facts: new.facts,
            people: new.people,
            filing: new.filing,
            running: new.running,
            file_by: new.file_by,
            filed_source: new.filed_source,
            filing_number: new.filing_number,
            second_account_reason: new.second_account_reason,
            merged_into: None,
            created_at: now,
            updated_at: now,
        })
        .collect();
    let rows = channels.iter().map(|channel| ActiveModel {
        created_at: Set(now),
        ..columns(channel)
    });
    let ids: Vec<ChannelId> = many::insert::<Entity, _>(tx, rows.collect()).await?;
    for (channel, id) in channels.iter_mut().zip(ids) {
        channel.id = id;
    }
    let people = channels
        .iter()
        .flat_map(|channel| people_rows(channel.id, &channel.people));
    many::put::<person::Entity>(tx, people.collect()).await?;
    let haystacks: Vec<String> = channels
        .iter()
        .map(|channel| haystack(&channel.facts))
        .collect();
    let found_by: Vec<(i64, &str)> = channels
        .iter()
        .zip(&haystacks)
        .map(|(channel, haystack)| (channel.id.0, haystack.as_str()))
        .collect();
    search::index_new(tx, KIND, &found_by).await?;
    Ok(channels)
}

/// Writes a channel over the version it was read at, and gives it back as it stands now.
///
/// # Errors
/// `Fault::Stale` when someone else changed it meanwhile; when the database fails.
pub async fn replace(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    mut channel: Channel,
) -> Result<Channel, Fault> {
    let read_at = channel.version;
    let found_by: Option<String> = Entity::find_by_id(channel.id)
        .select_only()
        .column(Column::Haystack)
        .into_tuple()
        .one(tx)
        .await?;
    channel.version += 1;
    channel.updated_at = now;
    let done = Entity::update_many()
        .set(columns(&channel))
        .filter(COLUMN.id.eq(channel.id))
        .filter(COLUMN.version.eq(read_at))
        .exec(tx)
        .await?;
    if done.rows_affected != 1 {
        return Err(Fault::Stale);
    }
    person::Entity::delete_many()
        .filter(person::COLUMN.channel_id.eq(channel.id))
        .exec(tx)
        .await?;
    many::put::<person::Entity>(tx, people_rows(channel.id, &channel.people)).await?;
    let (before, after) = (found_by.unwrap_or_default(), haystack(&channel.facts));
    search::index(tx, KIND, channel.id.0, &before, &after).await?;
    Ok(channel)
}

/// Everything but the id and the time of making.
fn columns(channel: &Channel) -> ActiveModel {
    let facts = &channel.facts;
    let mlps = &facts.web.site.mlps;
    ActiveModel {
        version: Set(channel.version),
        name: Set(facts.name.clone()),
        unit_id: Set(facts.unit),
        platform: Set(facts.platform.clone()),
        address_or_id: Set(facts.address_or_id.clone()),
        certified_body: Set(facts.certified_body.clone()),
        opened_on: Set(facts.opened_on.map(|date| date.to_string())),
        followers: Set(facts.followers),
        posting_frequency: Set(facts.posting_frequency.clone()),
        responsible_department: Set(facts.responsible_department.clone()),
        holder_kind: Set(facts.holder.code().into()),
        holder_post: Set(facts.holder.post().into()),
        icp: Set(facts.icp.clone()),
        web: Set(facts.web.clone()),
        mlps_level: Set(mlps.level.map(i32::from)),
        mlps_since: Set(mlps.since()),
        survey: Set(facts.survey.clone()),
        remark: Set(facts.remark.clone()),
        filing_state: Set(channel.filing.code().into()),
        running_state: Set(channel.running.code().into()),
        file_by: Set(channel.file_by),
        filed_source: Set(channel.filed_source.clone()),
        filing_number: Set(channel.filing_number.clone()),
        second_account_reason: Set(channel.second_account_reason.clone()),
        merged_into: Set(channel.merged_into),
        name_key: Set(similar::name_key(&facts.name)),
        haystack: Set(haystack(facts)),
        updated_at: Set(channel.updated_at),
        ..Default::default()
    }
}

/// What a channel is found by.
fn haystack(facts: &Facts) -> String {
    let web = facts.web.words();
    let own = [
        facts.name.as_str(),
        &facts.address_or_id,
        &facts.certified_body,
        &facts.responsible_department,
        facts.holder.post(),
        facts.icp.as_deref().unwrap_or_default(),
    ];
    search::haystack(own.into_iter().chain(web.iter().map(String::as_str)))
}

fn people_rows(channel: ChannelId, people: &ChannelPeople) -> Vec<person::ActiveModel> {
    fn each<'a>(
        duty: &'static str,
        persons: impl IntoIterator<Item = &'a PersonId> + 'a,
    ) -> impl Iterator<Item = (&'static str, i32, PersonId)> + 'a {
        persons
            .into_iter()
            .zip(0..)
            .map(move |(person, at)| (duty, at, *person))
    }
    each("leader", &people.leader)
        .chain(each("reviewer", &people.reviewers))
        .chain(each("operator", &people.operators))
        .map(|(duty, position, person)| person::ActiveModel {
            channel_id: Set(channel),
            duty: Set(duty.into()),
            position: Set(position),
            person_id: Set(person),
        })
        .collect()
}
