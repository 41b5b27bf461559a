//! What people do with publications, one function for each verb; pages and API call the same. Each checks
//! sight first (404), then the law, then writes everything in one transaction.

use super::{
    approval, effect,
    rules::{Act, Party, Publication, Reason, Refusal, State, Withdrawal},
    send, store,
};
use crate::{
    connector::{self, Way},
    hooks::What,
    ids::PublicationId,
    manuscript::{self, Version},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use url::Url;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, PersonId, Place, Role, Tx, clock,
    files::{self, Kind, MAX_UPLOAD},
    jobs::{self, NewJob},
    scope, text,
};
use zhendi_people::role;
use zhendi_registry::channel::{self, RunningState};

/// The kinds of files that may prove something.
pub(super) const PROOFS: [Kind; 4] = [Kind::Png, Kind::Jpeg, Kind::Webp, Kind::Pdf];
const LONG: usize = 2000;

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
/// by an approval in force.
///
/// # Errors
/// [`Refusal::OtherContent`], [`Refusal::NotApproved`], [`Refusal::ChannelNotRunning`]; when the database
/// fails.
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

/// The channel's admin orders it: at once, or at a time (授权发布).
///
/// # Errors
/// `Fault::NotFound`, `Fault::Forbidden`; what the law refuses; `Fault::Stale`; when the database fails.
pub async fn order(
    app: &App,
    actor: &Actor,
    id: PublicationId,
    seen: i32,
    at: Option<DateTime<Utc>>,
) -> Result<Publication, Fault> {
    let (mut one, place) = open_for(app, actor, id).await?;
    let by = admin(actor, &place)?;
    let (db, now) = (app.db.read(), app.now());
    one.take(Act::Order, now)?;
    if one.version != seen {
        return Err(Fault::Stale);
    }
    let version = manuscript::version(db, one.content).await?;
    // A retry asks whether it may begin, as the first order did.
    let expires = ready(db, &one, &version, now).await?;
    if at.is_some_and(|at| at <= now || expires.is_some_and(|end| at >= end)) {
        return Err(Refusal::BadTime.into());
    }
    let others = store::of_manuscript(db, one.manuscript).await?;
    if others
        .iter()
        .any(|other| other.channel == one.channel && other.state == State::Withdrawing)
    {
        return Err(Refusal::BeingWithdrawn.into());
    }
    one.way = connector::way_of(db, one.channel).await?;
    if one.way == Way::Hand {
        return Err(Fault::Refused(
            "这个网络阵地没有设置发布通道，请手动发布后登记链接和截图。".into(),
        ));
    }
    one.orders += 1;
    one.failures = 0;
    one.message.clear();
    one.scheduled_at = at;
    one.ordered = Some((by, now));
    let tx = app.db.begin().await?;
    store::replace(&tx, &mut one).await?;
    jobs::enqueue(&tx, app, job(&one, at)).await?;
    effect::hand_on(&tx, app, actor, &one).await?;
    let called = effect::called(&tx, &one).await?;
    let summary = match &at {
        Some(at) => format!("定时发布{called}，{}", clock::show(at)),
        None => format!("发布{called}"),
    };
    let action = "publication.ordered";
    effect::record(&tx, app, actor, action, &one, by.on_behalf_of, summary).await?;
    tx.commit().await?;
    Ok(one)
}

/// Takes an order back that was not carried out yet.
///
/// # Errors
/// As [`order`].
pub async fn cancel(
    app: &App,
    actor: &Actor,
    id: PublicationId,
    seen: i32,
) -> Result<Publication, Fault> {
    let (mut one, place) = open_for(app, actor, id).await?;
    let by = admin(actor, &place)?;
    one.take(Act::Cancel, app.now())?;
    if one.version != seen {
        return Err(Fault::Stale);
    }
    // The job of the order finds another number and does nothing.
    one.orders += 1;
    one.scheduled_at = None;
    let tx = app.db.begin().await?;
    store::replace(&tx, &mut one).await?;
    effect::hand_on(&tx, app, actor, &one).await?;
    let summary = format!("取消发布{}", effect::called(&tx, &one).await?);
    let action = "publication.cancelled";
    effect::record(&tx, app, actor, action, &one, by.on_behalf_of, summary).await?;
    tx.commit().await?;
    Ok(one)
}

/// A link that the public can open.
pub(super) fn web_link(raw: &str) -> Result<String, &'static str> {
    let raw = raw.trim();
    if raw.is_empty() {
        return Err("请填写发布后的链接。");
    }
    let url = Url::parse(raw).map_err(|_| "请填写 http 或 https 开头的完整链接。")?;
    let plain = url.username().is_empty() && url.password().is_none();
    if plain && matches!(url.scheme(), "http" | "https") && raw.len() <= 2000 {
        Ok(raw.to_owned())
    } else {
        Err("请填写 http 或 https 开头的完整链接。")
    }
}

pub(super) async fn keep(
    app: &App,
    upload: Upload,
    what: &'static str,
) -> Result<store::NewProof, Fault> {
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

/// A person says that it is live and where: by hand, or after a draft box. By hand a screenshot is needed.
///
/// # Errors
/// As [`order`]. The inner error names fields.
pub async fn confirm(
    app: &App,
    actor: &Actor,
    id: PublicationId,
    seen: i32,
    link: &str,
    screenshot: Option<Upload>,
) -> Answer<Publication> {
    let (mut one, place) = open_for(app, actor, id).await?;
    let by = admin(actor, &place)?;
    let (db, now, before) = (app.db.read(), app.now(), one.state);
    if before.waits() {
        let version = manuscript::version(db, one.content).await?;
        ready(db, &one, &version, now).await?;
    }
    one.take(Act::Confirm, now)?;
    if one.version != seen {
        return Err(Fault::Stale);
    }
    let mut wrongs = vec![];
    match web_link(link) {
        Ok(link) => one.link = Some(link),
        Err(words) => wrongs.push(("link", words.to_owned())),
    }
    if before.waits() && screenshot.is_none() {
        wrongs.push(("screenshot", "请选择发布后的截图。".into()));
    }
    if !wrongs.is_empty() {
        return Ok(Err(wrongs));
    }
    let proof = match screenshot {
        Some(upload) => Some(keep(app, upload, "link").await?),
        None => None,
    };
    if before.waits() {
        // A person went there, whatever the channel's connection is.
        one.way = Way::Hand;
        one.remote_id = None;
    }
    let tx = app.db.begin().await?;
    if let Some(proof) = proof {
        store::add_proof(&tx, one.id, proof, by.person, now).await?;
    }
    if before == State::Published {
        store::replace(&tx, &mut one).await?;
    } else {
        one.ordered = one.ordered.or(Some((by, now)));
        went_live(&tx, app, actor, &mut one, Some(by.person)).await?;
    }
    let called = effect::called(&tx, &one).await?;
    let (action, summary) = if before == State::Published {
        ("publication.relinked", format!("更正发布链接{called}"))
    } else {
        ("publication.confirmed", format!("登记已发布{called}"))
    };
    effect::record(&tx, app, actor, action, &one, by.on_behalf_of, summary).await?;
    tx.commit().await?;
    Ok(Ok(one))
}

/// Writes that it is live: what was there before is replaced by it, people and systems are told. `one` has
/// its new state already.
pub(super) async fn went_live(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    one: &mut Publication,
    by: Option<PersonId>,
) -> Result<(), Fault> {
    replace_others(tx, app, actor, one, &[State::Published, State::Sent]).await?;
    one.published_at = Some(app.now());
    one.published_by = by.or(one.ordered.map(|(by, _)| by.person));
    one.failures = 0;
    store::replace(tx, one).await?;
    effect::hand_on(tx, app, actor, one).await?;
    effect::tell_people(tx, app, one).await?;
    effect::tell_systems(tx, app, What::Published, one).await
}

/// Those of the manuscript on the channel that this one takes the place of.
pub(super) async fn replace_others(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    one: &Publication,
    states: &[State],
) -> Result<(), Fault> {
    for mut other in store::of_manuscript(tx, one.manuscript).await? {
        if other.id == one.id || other.channel != one.channel || !states.contains(&other.state) {
            continue;
        }
        other.take(Act::Replace, app.now())?;
        store::replace(tx, &mut other).await?;
        effect::hand_on(tx, app, actor, &other).await?;
        effect::tell_systems(tx, app, What::Replaced, &other).await?;
    }
    Ok(())
}

/// Who may have something taken down: the channel's admin, and those who answer for the unit's content.
pub(super) async fn withdrawer(
    app: &App,
    actor: &Actor,
    one: &Publication,
    place: &Place,
) -> Result<Party, Fault> {
    if actor.may(Permission::PublishContent, place) {
        return admin(actor, place);
    }
    overseer(app, actor, one)
        .await?
        .into_iter()
        .next()
        .map(|(_, by)| by)
        .ok_or_else(|| Refusal::MayNotWithdraw.into())
}

/// As whom the actor answers for the content of a publication's unit, with the level that it is.
pub(super) async fn overseer(
    app: &App,
    actor: &Actor,
    one: &Publication,
) -> Result<Vec<(u8, Party)>, Fault> {
    let person = person_of(actor)?;
    let place = scope::place(app.db.read(), one.unit).await?;
    let levels = [
        (2, Role::UnitHead),
        (3, Role::PublicityHead),
        (3, Role::PublicityDeputy),
        (4, Role::PortfolioLeader),
    ];
    Ok(levels
        .into_iter()
        .flat_map(|(level, role)| {
            actor.holding(role, &place).into_iter().map(move |grant| {
                let by = Party {
                    person,
                    on_behalf_of: grant.on_behalf_of,
                };
                (level, by)
            })
        })
        .collect())
}

/// What is said when something is taken down.
#[derive(Clone, Debug, Default)]
pub struct TakeDown {
    pub reason: String,
    pub note: String,
    pub proof: Option<Upload>,
}

/// Orders that it be taken down, for a reason. Where the program cannot do it itself, the proof closes it, now
/// or later.
///
/// # Errors
/// As [`order`]. The inner error names fields.
pub async fn withdraw(
    app: &App,
    actor: &Actor,
    id: PublicationId,
    seen: i32,
    said: TakeDown,
) -> Answer<Publication> {
    let (mut one, place) = open_for(app, actor, id).await?;
    let by = withdrawer(app, actor, &one, &place).await?;
    let now = app.now();
    one.take(Act::Withdraw, now)?;
    if one.version != seen {
        return Err(Fault::Stale);
    }
    let mut wrongs = vec![];
    let reason = Reason::parse(&said.reason);
    if reason.is_none() {
        wrongs.push(("reason", "请选择撤稿原因。".to_owned()));
    }
    let note = text::lines(&said.note, LONG).unwrap_or_else(|error| {
        wrongs.push(("note", error.to_string()));
        String::new()
    });
    if reason == Some(Reason::Other) && note.is_empty() {
        wrongs.push(("note", "选择“其他”时请写明原因。".into()));
    }
    let (Some(reason), true) = (reason, wrongs.is_empty()) else {
        return Ok(Err(wrongs));
    };
    let proof = match said.proof {
        Some(upload) => Some(keep(app, upload, "withdrawal").await?),
        None => None,
    };
    let tx = app.db.begin().await?;
    begin_withdrawal(
        &tx,
        app,
        actor,
        &mut one,
        Withdrawal {
            reason,
            note,
            by,
            at: now,
            done_at: None,
        },
    )
    .await?;
    let mut summary = format!("撤稿{}：{}", effect::called(&tx, &one).await?, reason);
    if let Some(proof) = proof {
        store::add_proof(&tx, one.id, proof, by.person, now).await?;
        removed(&tx, app, actor, &mut one).await?;
        summary.push_str("，已上传证明");
    }
    let action = "publication.withdrawn";
    effect::record(&tx, app, actor, action, &one, by.on_behalf_of, summary).await?;
    tx.commit().await?;
    Ok(Ok(one))
}

/// Writes the order; `one` is [`State::Withdrawing`] already.
pub(super) async fn begin_withdrawal(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    one: &mut Publication,
    withdrawal: Withdrawal,
) -> Result<(), Fault> {
    one.withdrawal = Some(withdrawal);
    one.orders += 1;
    one.failures = 0;
    one.message.clear();
    store::replace(tx, one).await?;
    if one.way.removes() {
        let payload = serde_json::json!({ "publication": one.id, "order": one.orders });
        jobs::enqueue(tx, app, NewJob::new(send::REMOVE, payload)).await?;
    }
    effect::hand_on(tx, app, actor, one).await
}

/// Writes that it is down.
pub(super) async fn removed(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    one: &mut Publication,
) -> Result<(), Fault> {
    let now = app.now();
    one.take(Act::Remove, now)?;
    if let Some(withdrawal) = &mut one.withdrawal {
        withdrawal.done_at = Some(now);
    }
    store::replace(tx, one).await?;
    effect::hand_on(tx, app, actor, one).await?;
    effect::tell_people(tx, app, one).await?;
    effect::tell_systems(tx, app, What::Withdrawn, one).await
}

/// The channel's admin took it down and hands in the proof.
///
/// # Errors
/// As [`order`]. The inner error names fields.
pub async fn prove_removed(
    app: &App,
    actor: &Actor,
    id: PublicationId,
    seen: i32,
    proof: Option<Upload>,
) -> Answer<Publication> {
    let (mut one, place) = open_for(app, actor, id).await?;
    let by = withdrawer(app, actor, &one, &place).await?;
    one.state.after(Act::Remove)?;
    if one.version != seen {
        return Err(Fault::Stale);
    }
    let Some(proof) = proof else {
        return Ok(Err(vec![("proof", "请选择显示已撤下的截图。".into())]));
    };
    let proof = keep(app, proof, "withdrawal").await?;
    let tx = app.db.begin().await?;
    store::add_proof(&tx, one.id, proof, by.person, app.now()).await?;
    // A job that still tries finds another number and does nothing.
    one.orders += 1;
    removed(&tx, app, actor, &mut one).await?;
    let summary = format!("上传撤稿证明{}", effect::called(&tx, &one).await?);
    let action = "publication.removed";
    effect::record(&tx, app, actor, action, &one, by.on_behalf_of, summary).await?;
    tx.commit().await?;
    Ok(Ok(one))
}
