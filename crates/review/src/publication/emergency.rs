//! Emergencies (R-REV-6): named persons publish before the review, with a written reason. Flagged everywhere
//! until a person who is neither author nor publisher approves; overdue it goes to the leader in charge.

use super::{
    Approver, NewApproval, SUBJECT, approval, effect,
    rules::{Act, Emergency, Publication, Reason, Refusal, Review, State, Withdrawal},
    service::{self, Answer, admin, open_for, person_of},
    store,
};
use crate::{
    connector::{self, Way},
    hooks::What,
    ids::{ManuscriptId, PublicationId},
    manuscript,
};
use chrono::{NaiveDate, TimeDelta};
use sea_orm::{ConnectionTrait, QueryOrder, Set, entity::prelude::*};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, PersonId, Role, audit, jobs, scope, settings::Setting, text, work,
};
use zhendi_people::unit;

const LONG: usize = 2000;

/// Settings of publishing.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Publishing {
    /// An emergency is approved afterwards within so many hours.
    pub emergency_review_hours: u32,
}

impl Default for Publishing {
    fn default() -> Self {
        Self {
            emergency_review_hours: 24,
        }
    }
}

impl Setting for Publishing {
    const KEY: &'static str = "publishing";
}

/// Who may publish in an emergency.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "emergency_person")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: PersonId,
    pub named_by: PersonId,
    pub named_for: Option<PersonId>,
    pub named_at: DateTimeUtc,
    pub until: Option<Date>,
    pub ended_by: Option<PersonId>,
    pub ended_at: Option<DateTimeUtc>,
}
impl ActiveModelBehavior for ActiveModel {}

/// Whether a person is named on a day.
pub(super) async fn is_named(
    db: &impl ConnectionTrait,
    person: PersonId,
    today: NaiveDate,
) -> Result<bool, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.person_id.eq(person))
        .filter(COLUMN.ended_at.is_null())
        .all(db)
        .await?;
    Ok(rows
        .iter()
        .any(|row| row.until.is_none_or(|until| today <= until)))
}

/// Everyone named and not ended, the latest first.
pub(super) async fn named(db: &impl ConnectionTrait) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.ended_at.is_null())
        .order_by_desc(COLUMN.id)
        .all(db)
        .await?)
}

/// Naming is the publicity head's.
pub(super) async fn publicity_head(
    app: &App,
    actor: &Actor,
) -> Result<(PersonId, Option<PersonId>), Fault> {
    let person = person_of(actor)?;
    let db = app.db.read();
    let root = unit::root(db).await?.ok_or(Fault::NotFound)?;
    let place = scope::place(db, root.id).await?;
    let held = actor.holding(Role::PublicityHead, &place);
    let grant = held
        .first()
        .ok_or_else(|| Fault::Forbidden("应急发布人员由宣传部负责人指定。".into()))?;
    Ok((person, grant.on_behalf_of))
}

/// Names a person, until a day or until further notice.
///
/// # Errors
/// `Fault::Forbidden` for others than the publicity head; `Fault::Refused` for who is named already; when the
/// database fails.
pub async fn name(
    app: &App,
    actor: &Actor,
    person: PersonId,
    until: Option<NaiveDate>,
) -> Result<(), Fault> {
    let (by, on_behalf_of) = publicity_head(app, actor).await?;
    let db = app.db.read();
    zhendi_people::person::find(db, person)
        .await?
        .ok_or(Fault::NotFound)?;
    if is_named(db, person, app.clock.today()).await? {
        return Err(Fault::Refused("该人员已在应急发布人员名单中。".into()));
    }
    if until.is_some_and(|day| day < app.clock.today()) {
        return Err(Fault::Refused("截止日期不能早于今天。".into()));
    }
    let tx = app.db.begin().await?;
    let row = ActiveModel {
        id: sea_orm::NotSet,
        person_id: Set(person),
        named_by: Set(by),
        named_for: Set(on_behalf_of),
        named_at: Set(app.now()),
        until: Set(until),
        ended_by: Set(None),
        ended_at: Set(None),
    }
    .insert(&tx)
    .await?;
    let entry = audit::Entry {
        action: "emergency_person.named",
        subject: ("emergency_person", row.id),
        unit: None,
        on_behalf_of,
        summary: format!("指定应急发布人员（人员 {person}）"),
        detail: serde_json::json!({ "person": person, "until": until }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a name off the list.
///
/// # Errors
/// As [`name`].
pub async fn unname(app: &App, actor: &Actor, id: i64) -> Result<(), Fault> {
    let (by, on_behalf_of) = publicity_head(app, actor).await?;
    let tx = app.db.begin().await?;
    let row = Entity::find_by_id(id)
        .filter(COLUMN.ended_at.is_null())
        .one(&tx)
        .await?
        .ok_or(Fault::NotFound)?;
    let person = row.person_id;
    let mut row: ActiveModel = row.into();
    row.ended_by = Set(Some(by));
    row.ended_at = Set(Some(app.now()));
    row.update(&tx).await?;
    let entry = audit::Entry {
        action: "emergency_person.ended",
        subject: ("emergency_person", id),
        unit: None,
        on_behalf_of,
        summary: format!("取消应急发布人员（人员 {person}）"),
        detail: serde_json::json!({ "person": person }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether the actor may publish in an emergency on a channel: named, and the channel's admin.
pub(super) async fn may(app: &App, actor: &Actor, channels: &[ChannelId]) -> Result<bool, Fault> {
    let Some(person) = actor.person() else {
        return Ok(false);
    };
    let db = app.db.read();
    if !is_named(db, person, app.clock.today()).await? {
        return Ok(false);
    }
    for channel in channels {
        let place = service::place_of(db, *channel).await?;
        if admin(actor, &place).is_ok() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Publishes a manuscript on channels before its review, for a written reason. What goes out by hand waits
/// for its link.
///
/// # Errors
/// `Fault::NotFound`; [`Refusal::NotNamed`], [`Refusal::NotTheAdmin`]; what is missing of the manuscript;
/// when the database fails. The inner error names fields.
pub async fn publish(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    channels: &[ChannelId],
    reason: &str,
) -> Answer<Vec<Publication>> {
    let db = app.db.read();
    let of = manuscript::open_for(db, actor, id).await?;
    let person = person_of(actor)?;
    if !is_named(db, person, app.clock.today()).await? {
        return Err(Refusal::NotNamed.into());
    }
    let mut wrongs = vec![];
    if channels.is_empty()
        || channels
            .iter()
            .any(|one| !of.content.channels.contains(one))
    {
        wrongs.push(("channel", "请从稿件的发布阵地中选择。".to_owned()));
    }
    let reason = match text::required_lines(reason, LONG) {
        Ok(reason) if reason.chars().count() >= 10 => reason,
        Ok(_) => {
            wrongs.push(("reason", "请写明紧急情况，至少 10 个字。".into()));
            String::new()
        }
        Err(error) => {
            wrongs.push(("reason", error.to_string()));
            String::new()
        }
    };
    if !wrongs.is_empty() {
        return Ok(Err(wrongs));
    }
    let mut parties = vec![];
    for channel in channels {
        parties.push(admin(actor, &service::place_of(db, *channel).await?)?);
    }
    let settings: Publishing = app.setting().await?;
    let now = app.now();
    let due = now + TimeDelta::hours(settings.emergency_review_hours.into());
    let tx = app.db.begin().await?;
    let version = manuscript::freeze(&tx, app, id, actor).await?;
    let mut made = vec![];
    for (channel, by) in channels.iter().zip(parties) {
        for mut other in store::of_manuscript(&tx, id).await? {
            if other.channel != *channel {
                continue;
            }
            match other.state {
                State::Sending | State::Withdrawing => {
                    return Err(Fault::Refused(
                        "该网络阵地上正在发送或撤下这篇稿件，请稍后再试。".into(),
                    ));
                }
                State::Published | State::Sent if other.hash == version.hash => {
                    return Err(Fault::Refused("这个版本已经发布，不需要应急发布。".into()));
                }
                state if state.waits() => {
                    other.take(Act::Replace, now)?;
                    other.message = "已改为应急发布。".into();
                    store::replace(&tx, &mut other).await?;
                    effect::hand_on(&tx, app, actor, &other).await?;
                }
                _ => {}
            }
        }
        let new = NewApproval {
            manuscript: id,
            unit: of.unit,
            version: version.id,
            title: version.content.title.clone(),
            hash: version.hash.clone(),
            channels: vec![*channel],
            approvers: vec![],
            valid_days: None,
        };
        let way = connector::way_of(&tx, *channel).await?;
        let mut one = Publication {
            emergency: Some(Emergency {
                reason: reason.clone(),
                review: Review::Awaited,
                due,
                by: None,
                at: None,
                opinion: String::new(),
            }),
            ordered: Some((by, now)),
            ..effect::fresh(app, &new, *channel, way, now)
        };
        service::ready(&tx, &one, &version, now).await?;
        if way != Way::Hand {
            one.take(Act::Order, now)?;
            one.orders = 1;
        }
        let one = store::insert(&tx, one).await?;
        if way != Way::Hand {
            jobs::enqueue(&tx, app, service::job(&one, None)).await?;
        }
        effect::hand_on(&tx, app, actor, &one).await?;
        let mut barred = of.writers();
        barred.extend(by.everyone());
        effect::ask_for_review(&tx, app, &one, barred).await?;
        effect::tell_systems(&tx, app, What::PublishedInEmergency, &one).await?;
        made.push((one, by));
    }
    let mut done = vec![];
    for (one, by) in made {
        let summary = format!("应急发布{}", effect::called(&tx, &one).await?);
        let action = "publication.emergency";
        effect::record(&tx, app, actor, action, &one, by.on_behalf_of, summary).await?;
        done.push(one);
    }
    tx.commit().await?;
    Ok(Ok(done))
}

/// A person who is neither author nor publisher approves an emergency afterwards, or refuses: then it is
/// taken down.
///
/// # Errors
/// `Fault::NotFound`; [`Refusal::MayNotReview`], [`Refusal::OwnEmergency`], [`Refusal::NothingToReview`];
/// `Fault::Stale`; when the database fails. The inner error is about the opinion.
pub async fn review(
    app: &App,
    actor: &Actor,
    id: PublicationId,
    seen: i32,
    approve: bool,
    opinion: &str,
) -> Answer<Publication> {
    let (mut one, _) = open_for(app, actor, id).await?;
    let db = app.db.read();
    let writers = manuscript::load(db, one.manuscript).await?.writers();
    let standings = service::overseer(app, actor, &one).await?;
    let mut refusal = Refusal::MayNotReview;
    let mut found = None;
    for (level, by) in standings {
        match one.may_review(by, &writers) {
            Ok(()) => {
                found = Some((level, by));
                break;
            }
            Err(reason) => refusal = reason,
        }
    }
    let (level, by) = found.ok_or(refusal)?;
    if one.version != seen {
        return Err(Fault::Stale);
    }
    if approve {
        service::not_stopped(db, one.manuscript, Act::Order).await?;
    }
    let opinion = match text::lines(opinion, LONG) {
        Ok(text) if text.is_empty() && !approve => {
            return Ok(Err(vec![("opinion", "请写明补审未通过的原因。".into())]));
        }
        Ok(text) if text.is_empty() => "同意".to_owned(),
        Ok(text) => text,
        Err(error) => return Ok(Err(vec![("opinion", error.to_string())])),
    };
    let now = app.now();
    if let Some(emergency) = &mut one.emergency {
        emergency.review = if approve {
            Review::Approved
        } else {
            Review::Refused
        };
        emergency.by = Some(by);
        emergency.at = Some(now);
        emergency.opinion = opinion.clone();
    }
    one.updated_at = now;
    let tx = app.db.begin().await?;
    work::close(&tx, app, actor, (SUBJECT, one.id.0), Some(effect::REVIEW)).await?;
    if approve {
        let new = NewApproval {
            manuscript: one.manuscript,
            unit: one.unit,
            version: one.content,
            title: one.title.clone(),
            hash: one.hash.clone(),
            channels: vec![one.channel],
            approvers: vec![Approver {
                level,
                person: by.person,
                on_behalf_of: by.on_behalf_of,
                at: now,
            }],
            valid_days: None,
        };
        one.approval = Some(approval::keep(&tx, now, &new).await?);
        store::replace(&tx, &mut one).await?;
        effect::tell_systems(&tx, app, What::EmergencyApproved, &one).await?;
    } else {
        let withdrawal = Withdrawal {
            reason: Reason::Unapproved,
            note: opinion,
            by,
            at: now,
            done_at: None,
        };
        match one.state {
            State::Sending => {
                return Err(Fault::Refused("正在发送，请稍后再办理。".into()));
            }
            State::Sent | State::Published | State::Failed => {
                one.take(Act::Withdraw, now)?;
                service::begin_withdrawal(&tx, app, actor, &mut one, withdrawal).await?;
            }
            State::Planned | State::Ordered => {
                one.orders += 1;
                effect::lapse(&tx, app, actor, one.clone(), "应急发布补审未通过").await?;
                one.state = State::Lapsed;
            }
            // It is gone or going already.
            _ => store::replace(&tx, &mut one).await?,
        }
    }
    effect::tell_people(&tx, app, &one).await?;
    let called = effect::called(&tx, &one).await?;
    let (action, summary) = if approve {
        ("publication.reviewed", format!("应急发布补审通过{called}"))
    } else {
        ("publication.refused", format!("应急发布补审未通过{called}"))
    };
    effect::record(&tx, app, actor, action, &one, by.on_behalf_of, summary).await?;
    tx.commit().await?;
    Ok(Ok(one))
}
