//! Annex 3: one channel as it is now, or one filing as it was written and decided.

use super::Source;
use crate::{
    channel::{Channel, FilingState, store},
    filing,
    platform::{self, Annex2, Platform},
};
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use zhendi_kernel::{ChannelId, Fault, FilingId, PersonId, UnitId, text};
use zhendi_office::annex::{AnnexThree, Person};
use zhendi_people::{person, unit};

/// Annex 3 with what stands beside it.
pub struct Read {
    pub form: AnnexThree,
    pub unit: UnitId,
    pub number: String,
    /// Telephone numbers in full.
    pub numbers: u64,
}

/// The form's cells, in the order of the paper.
pub fn cells(form: &AnnexThree) -> Vec<&str> {
    let people = std::iter::once(&form.leader)
        .chain(&form.reviewers)
        .chain(&form.operators);
    [
        &form.department,
        &form.name,
        &form.address_or_id,
        &form.unit,
        &form.certified_body,
        &form.platform_or_icp,
        &form.opened_on,
        &form.followers,
        &form.posting_frequency,
        &form.responsible_department,
        &form.filing_kind,
    ]
    .into_iter()
    .map(String::as_str)
    .chain(people.flat_map(|one| [one.name.as_str(), &one.post, &one.phone]))
    .chain([form.opinion.as_str()])
    .collect()
}

/// A channel as it is now, for its seal.
pub async fn of_channel<C: ConnectionTrait>(
    source: &Source<'_, C>,
    id: ChannelId,
    today: NaiveDate,
) -> Result<Read, Fault> {
    let channel = store::get(source.db, id).await?;
    let facts = &channel.facts;
    let platforms = platform::load(source.db).await?;
    let unit = unit::find(source.db, facts.unit)
        .await?
        .map(|unit| unit.name)
        .unwrap_or_default();
    let in_full = source
        .reader
        .phones(source.db)
        .await?
        .in_full(facts.unit, Some(id));
    let cards = person::cards(source.db, source.app, &channel.people.all()).await?;
    let mut numbers = 0;
    let mut shown = |id: &PersonId| {
        let card = cards.get(id)?;
        let phone = if in_full {
            card.phone.clone()
        } else {
            text::mask_phone(&card.phone)
        };
        numbers += u64::from(in_full && !phone.is_empty());
        Some(Person {
            name: card.name.clone(),
            post: card.post.clone(),
            phone: if card.phone.is_empty() { String::new() } else { phone },
        })
    };
    let people = &channel.people;
    let form = AnnexThree {
        department: unit.clone(),
        date: Some(today),
        name: facts.name.clone(),
        address_or_id: facts.address_or_id.clone(),
        unit,
        certified_body: facts.certified_body.clone(),
        platform_or_icp: platforms.get(&facts.platform).map_or_else(
            || facts.platform.0.clone(),
            |platform| platform_or_icp(platform, facts.icp.as_deref().unwrap_or_default()),
        ),
        opened_on: facts
            .opened_on
            .map(|date| date.to_string())
            .unwrap_or_default(),
        followers: facts.followers.map(|n| n.to_string()).unwrap_or_default(),
        posting_frequency: facts.posting_frequency.clone(),
        responsible_department: facts.responsible_department.clone(),
        filing_kind: kind_of(&channel).into(),
        leader: people
            .leader
            .as_ref()
            .and_then(&mut shown)
            .unwrap_or_default(),
        reviewers: people.reviewers.iter().filter_map(&mut shown).collect(),
        operators: people.operators.iter().filter_map(&mut shown).collect(),
        ..AnnexThree::default()
    };
    Ok(Read {
        unit: facts.unit,
        number: channel.filing_number.clone().unwrap_or_default(),
        numbers,
        form,
    })
}

/// 备案类型 of a channel as it stands: what its next paper would say.
fn kind_of(channel: &Channel) -> &'static str {
    match channel.filing {
        FilingState::Cancelled => "注销",
        _ => "开设",
    }
}

/// 开通平台/网站ICP: the platform, of a website its ICP number where there is one.
pub fn platform_or_icp(platform: &Platform, icp: &str) -> String {
    if platform.annex2 == Annex2::Website && !icp.is_empty() {
        icp.to_owned()
    } else {
        platform.name.clone()
    }
}

pub async fn of_filing<C: ConnectionTrait>(
    _source: &Source<'_, C>,
    _id: FilingId,
) -> Result<Read, Fault> {
    Err(Fault::NotFound)
}
