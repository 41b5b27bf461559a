//! A row of `publication`, and a publication as its row.

use crate::{
    connector::Way,
    ids::{ApprovalId, ManuscriptId, PublicationId, VersionId},
    publication::rules::{Emergency, Party, Publication, Reason, Review, State, Withdrawal},
};
use sea_orm::{Set, entity::prelude::*};
use zhendi_kernel::{ChannelId, Fault, PersonId, UnitId, files::ContentHash, search};

/// A publication's row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "publication")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: PublicationId,
    pub version: i32,
    pub manuscript_id: ManuscriptId,
    pub version_id: VersionId,
    pub hash: ContentHash,
    pub unit_id: UnitId,
    pub channel_id: ChannelId,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text")]
    pub haystack: String,
    pub approval_id: Option<ApprovalId>,
    pub state: String,
    pub key: String,
    pub live_slot: Option<String>,
    pub way: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub remote_id: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub link: Option<String>,
    pub link_key: Option<String>,
    pub corrects: Option<PublicationId>,
    pub orders: i32,
    pub failures: i32,
    #[sea_orm(column_type = "Text")]
    pub message: String,
    pub scheduled_at: Option<DateTimeUtc>,
    pub ordered_by: Option<PersonId>,
    pub ordered_for: Option<PersonId>,
    pub ordered_at: Option<DateTimeUtc>,
    pub published_by: Option<PersonId>,
    pub published_at: Option<DateTimeUtc>,
    pub withdrawal: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub withdrawal_note: String,
    pub withdrawn_by: Option<PersonId>,
    pub withdrawn_for: Option<PersonId>,
    pub withdrawal_at: Option<DateTimeUtc>,
    pub withdrawn_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub emergency: Option<String>,
    pub review: Option<String>,
    pub review_due: Option<DateTimeUtc>,
    pub reviewed_by: Option<PersonId>,
    pub reviewed_for: Option<PersonId>,
    pub reviewed_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text")]
    pub review_opinion: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

fn party(person: Option<PersonId>, on_behalf_of: Option<PersonId>) -> Option<Party> {
    person.map(|person| Party {
        person,
        on_behalf_of,
    })
}

/// A row as a publication.
pub(in crate::publication) fn read(row: Model) -> Result<Publication, Fault> {
    let odd = |what: &str| Fault::internal(format!("publication {}: {what}", row.id));
    let withdrawal = match (&row.withdrawal, row.withdrawal_at) {
        (Some(reason), Some(at)) => Some(Withdrawal {
            reason: Reason::parse(reason).ok_or_else(|| odd(reason))?,
            note: row.withdrawal_note.clone(),
            by: party(row.withdrawn_by, row.withdrawn_for).ok_or_else(|| odd("who withdrew"))?,
            at,
            done_at: row.withdrawn_at,
        }),
        _ => None,
    };
    let emergency = match (&row.emergency, row.review_due) {
        (Some(reason), Some(due)) => Some(Emergency {
            reason: reason.clone(),
            review: row
                .review
                .as_deref()
                .and_then(Review::parse)
                .ok_or_else(|| odd("review"))?,
            due,
            by: party(row.reviewed_by, row.reviewed_for),
            at: row.reviewed_at,
            opinion: row.review_opinion.clone(),
        }),
        _ => None,
    };
    Ok(Publication {
        state: State::parse(&row.state).ok_or_else(|| odd(&row.state))?,
        way: Way::parse(&row.way).ok_or_else(|| odd(&row.way))?,
        ordered: party(row.ordered_by, row.ordered_for).zip(row.ordered_at),
        withdrawal,
        emergency,
        id: row.id,
        version: row.version,
        manuscript: row.manuscript_id,
        content: row.version_id,
        hash: row.hash,
        unit: row.unit_id,
        channel: row.channel_id,
        title: row.title,
        approval: row.approval_id,
        key: row.key,
        remote_id: row.remote_id,
        link: row.link,
        corrects: row.corrects,
        orders: row.orders,
        failures: row.failures,
        message: row.message,
        scheduled_at: row.scheduled_at,
        published_by: row.published_by,
        published_at: row.published_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// A link as it is looked for: scheme, `www.`, fragment and trailing slash make no difference.
pub(super) fn link_key(link: &str) -> String {
    let link = link.trim();
    let bare = link
        .split_once("://")
        .map_or(link, |(_, rest)| rest)
        .split('#')
        .next()
        .unwrap_or_default();
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let host = host.to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    ContentHash::of(format!("{host}/{}", path.trim_end_matches('/')).as_bytes()).to_string()
}

/// A publication as its row.
pub(super) fn write(one: &Publication) -> ActiveModel {
    let live = one.state.is_live();
    let (ordered, withdrawal, emergency) = (one.ordered, &one.withdrawal, &one.emergency);
    let reviewer = emergency.as_ref().and_then(|one| one.by);
    ActiveModel {
        id: Set(one.id),
        version: Set(one.version),
        manuscript_id: Set(one.manuscript),
        version_id: Set(one.content),
        hash: Set(one.hash.clone()),
        unit_id: Set(one.unit),
        channel_id: Set(one.channel),
        title: Set(one.title.clone()),
        haystack: Set(search::haystack([one.title.as_str()])),
        approval_id: Set(one.approval),
        state: Set(one.state.code().into()),
        key: Set(one.key.clone()),
        live_slot: Set(live.then(|| format!("{}:{}", one.manuscript, one.channel))),
        way: Set(one.way.code().into()),
        remote_id: Set(one.remote_id.clone()),
        link_key: Set(one.link.as_deref().map(link_key)),
        link: Set(one.link.clone()),
        corrects: Set(one.corrects),
        orders: Set(one.orders),
        failures: Set(one.failures),
        message: Set(one.message.clone()),
        scheduled_at: Set(one.scheduled_at),
        ordered_by: Set(ordered.map(|(by, _)| by.person)),
        ordered_for: Set(ordered.and_then(|(by, _)| by.on_behalf_of)),
        ordered_at: Set(ordered.map(|(_, at)| at)),
        published_by: Set(one.published_by),
        published_at: Set(one.published_at),
        withdrawal: Set(withdrawal.as_ref().map(|one| one.reason.code().into())),
        withdrawal_note: Set(withdrawal
            .as_ref()
            .map(|one| one.note.clone())
            .unwrap_or_default()),
        withdrawn_by: Set(withdrawal.as_ref().map(|one| one.by.person)),
        withdrawn_for: Set(withdrawal.as_ref().and_then(|one| one.by.on_behalf_of)),
        withdrawal_at: Set(withdrawal.as_ref().map(|one| one.at)),
        withdrawn_at: Set(withdrawal.as_ref().and_then(|one| one.done_at)),
        emergency: Set(emergency.as_ref().map(|one| one.reason.clone())),
        review: Set(emergency.as_ref().map(|one| one.review.code().into())),
        review_due: Set(emergency.as_ref().map(|one| one.due)),
        reviewed_by: Set(reviewer.map(|by| by.person)),
        reviewed_for: Set(reviewer.and_then(|by| by.on_behalf_of)),
        reviewed_at: Set(emergency.as_ref().and_then(|one| one.at)),
        review_opinion: Set(emergency
            .as_ref()
            .map(|one| one.opinion.clone())
            .unwrap_or_default()),
        created_at: Set(one.created_at),
        updated_at: Set(one.updated_at),
    }
}

#[cfg(test)]
mod tests {
    use super::link_key;

    #[test]
    fn a_link_is_found_in_its_usual_spellings() {
        let key = link_key("https://www.example.edu.cn/news/1.html");
        for same in [
            "http://example.edu.cn/news/1.html",
            "https://WWW.Example.edu.cn/news/1.html#top",
            " https://example.edu.cn/news/1.html/ ",
        ] {
            assert_eq!(link_key(same), key, "{same}");
        }
        for other in [
            "https://example.edu.cn/news/2.html",
            "https://example.edu.cn/news/1.html?id=2",
            "https://example.edu.cn/News/1.html",
        ] {
            assert_ne!(link_key(other), key, "{other}");
        }
    }
}
