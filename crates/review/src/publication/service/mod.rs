//! What people do with publications, one function for each verb; pages and API call the same. Each checks
//! sight first (404), then the law, then writes everything in one transaction.

mod live;
mod order;
mod withdraw;

pub use live::confirm;
pub(super) use live::{replace_others, went_live};
pub use order::{cancel, order, stop};
pub use withdraw::{TakeDown, prove_removed, withdraw};
pub(super) use withdraw::{begin_withdrawal, overseer, removed};

use super::{
    approval,
    rules::{Act, Party, Publication, Refusal, State},
    send, store,
};
use crate::{
    forwarding,
    ids::{ManuscriptId, PublicationId},
    manuscript::{self, Version},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, PersonId, Place,
    files::{self, Kind, MAX_UPLOAD},
    jobs::NewJob,
};
use zhendi_people::role;
use zhendi_registry::channel::{self, RunningState};

/// The kinds of files that may prove something.
const PROOFS: [Kind; 4] = [Kind::Png, Kind::Jpeg, Kind::Webp, Kind::Pdf];

/// What is wrong with what was typed: the field and the words.
pub type Wrong = (&'static str, String);

/// What came of it, or what is wrong with what was typed.
pub type Answer<T> = Result<Result<T, Vec<Wrong>>, Fault>;

/// A file that came along.
#[derive(Clone, Debug)]
pub struct Upload {
    pub name: String,
    pub bytes: Bytes,
}

/// The person who acts. Publishing is the work of real, named people (实名).
pub(super) fn person_of(actor: &Actor) -> Result<PersonId, Fault> {
    actor
        .person()
        .ok_or_else(|| Fault::Forbidden("发布须由实名人员办理。".into()))
}

/// Where the right to publish on a channel is held.
pub(super) async fn place_of(
    db: &impl ConnectionTrait,
    channel: ChannelId,
) -> Result<Place, Fault> {
    channel::store::get(db, channel).await?.place(db).await
}

/// The channel's admin or deputy who acts, with the one they stand in for.
pub(super) fn admin(actor: &Actor, place: &Place) -> Result<Party, Fault> {
    let person = person_of(actor)?;
    if !actor.may(Permission::PublishContent, place) {
        return Err(Refusal::NotTheAdmin.into());
    }
    Ok(Party {
        person,
        on_behalf_of: role::principal(actor, Permission::PublishContent, place),
    })
}

/// A publication that the actor may see, with the place of its channel: of manuscripts that they see, and
/// those on their channels.
///
/// # Errors
/// `Fault::NotFound` for everything else.
pub async fn open_for(
    app: &App,
    actor: &Actor,
    id: PublicationId,
) -> Result<(Publication, Place), Fault> {
    let db = app.db.read();
    let one = store::find(db, id).await?.ok_or(Fault::NotFound)?;
    let place = place_of(db, one.channel).await?;
    if actor.may(Permission::PublishContent, &place)
        || actor.may(Permission::ViewManuscripts, &place)
    {
        return Ok((one, place));
    }
    let of = manuscript::load(db, one.manuscript).await?;
    if manuscript::is_visible(db, actor, &of).await? {
        Ok((one, place))
    } else {
        Err(Fault::NotFound)
    }
}

/// Whether the version may go out on its channel now: exactly the approved content, on a channel that runs,
/// by an approval in force, and no department has it for illegal or harmful content.
///
/// # Errors
/// [`Refusal::OtherContent`], [`Refusal::NotApproved`], [`Refusal::ChannelNotRunning`], [`Refusal::Stopped`];
/// when the database fails.
pub(super) async fn ready(
    db: &impl ConnectionTrait,
    one: &Publication,
    version: &Version,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Fault> {
    let same = version.hash == one.hash && manuscript::hash(&version.content) == one.hash;
    if !same {
        return Err(Refusal::OtherContent.into());
    }
    not_stopped(db, one.manuscript, Act::Begin).await?;
    let channel = channel::store::get(db, one.channel).await?;
    let runs = matches!(
        channel.running,
        RunningState::Live | RunningState::Migrating
    );
    if !runs || channel.filing.is_over() {
        return Err(Refusal::ChannelNotRunning.into());
    }
    if one.emergency.is_some() {
        return Ok(None);
    }
    let approval = match one.approval {
        Some(id) => approval::find(db, id).await?,
        None => None,
    };
    let approval = approval.ok_or(Refusal::NotApproved)?;
    // What has left the house once was begun while the approval was in force.
    let covered = match one.state {
        State::Sending => approval.hash == one.hash && approval.revoked_at.is_none(),
        _ => approval.covers(&one.hash, one.channel, now),
    };
    if covered {
        Ok(approval.expires_at)
    } else {
        Err(Refusal::NotApproved.into())
    }
}

/// Whether an act may be done with what is of a manuscript, while departments have it or not (R-INS-7).
///
/// # Errors
/// [`Refusal::Stopped`]; when the database fails.
pub(super) async fn not_stopped(
    db: &impl ConnectionTrait,
    of: ManuscriptId,
    act: Act,
) -> Result<(), Fault> {
    Ok(act.while_stopped(forwarding::is_open(db, of).await?)?)
}

/// The job that brings an order to its platform.
pub(super) fn job(one: &Publication, run_at: Option<DateTime<Utc>>) -> NewJob {
    NewJob {
        run_at,
        ..NewJob::new(
            send::SEND,
            serde_json::json!({ "publication": one.id, "order": one.orders }),
        )
    }
}

/// Keeps the bytes of a file that proves something.
async fn keep(app: &App, upload: Upload, what: &'static str) -> Result<store::NewProof, Fault> {
    let kind = files::accept(&upload.name, &upload.bytes, MAX_UPLOAD, &PROOFS)?;
    let size = upload.bytes.len();
    Ok(store::NewProof {
        what,
        name: upload.name,
        kind,
        size,
        hash: app.files.put(upload.bytes).await?,
    })
}
