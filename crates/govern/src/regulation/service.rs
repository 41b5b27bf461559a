//! What people do with regulations, one function for each verb; pages and API call the same.

use super::{
    ASK, Readers, Refusal, Regulation, RegulationState, SUBJECT,
    rules::holding,
    store::{self, Version},
};
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, Place, RegulationId, Tx, UnitId, audit,
    jobs::{self, NewJob},
    scope, work,
};
use zhendi_people::unit;

pub(super) fn person_of(actor: &Actor) -> Result<PersonId, Fault> {
    actor
        .person()
        .ok_or_else(|| Fault::Forbidden("规章制度须由实名人员办理。".into()))
}

/// A regulation that the actor may see.
///
/// # Errors
/// `Fault::NotFound` for everything else.
pub async fn open_for(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RegulationId,
) -> Result<Regulation, Fault> {
    if !store::seen(db, actor, id).await? {
        return Err(Fault::NotFound);
    }
    store::find(db, id).await?.ok_or(Fault::NotFound)
}

/// Whether the actor writes or issues the regulations of a unit, and so sees what is not issued yet.
pub(super) fn is_maker(actor: &Actor, place: &Place) -> bool {
    actor.may(Permission::DraftRegulations, place) || actor.may(Permission::IssueRegulations, place)
}

/// For whom an act was done: nobody else if the actor may do it in their own right.
pub(super) fn principal(actor: &Actor, permission: Permission, place: &Place) -> Option<PersonId> {
    zhendi_people::role::principal(actor, permission, place)
}

/// What a version says and whom the regulation binds, checked by the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The unit that issues it; it stays the same in later versions.
    pub unit: UnitId,
    pub scope: UnitId,
    pub title: String,
    pub number: String,
    pub text: String,
    /// What was changed and why, for later versions.
    pub note: String,
    pub effective_on: NaiveDate,
    pub supersedes: Option<RegulationId>,
    pub readers: Readers,
    pub read_days: i32,
}

/// That the units are there, and that the regulation binds the issuing unit's own people: a unit, one below it,
/// or, for those who serve the whole institution, one above it.
async fn checked(tx: &Tx, actor: &Actor, content: &Content) -> Result<Place, Fault> {
    for id in [content.unit, content.scope] {
        let found = unit::find(tx, id).await?.ok_or(Fault::NotFound)?;
        if found.closed_at.is_some() {
            return Err(Fault::Refused(format!("“{}”已撤销，请另选。", found.name)));
        }
    }
    let place = scope::place(tx, content.unit).await?;
    actor.require_sight(Permission::ViewUnits, &place)?;
    actor.require(Permission::DraftRegulations, &place)?;
    let bound = scope::place(tx, content.scope).await?;
    let reaches = actor.may(Permission::DraftRegulations, &bound);
    if !reaches {
        return Err(Fault::Forbidden(
            "适用范围须是本单位或其下级单位。全院的制度由宣传部、网络信息中心起草。".into(),
        ));
    }
    if let Some(other) = content.supersedes
        && !store::seen(tx, actor, other).await?
    {
        return Err(Fault::NotFound);
    }
    Ok(place)
}

/// Begins a regulation with the draft of its first version.
///
/// # Errors
/// `Fault::NotFound`, `Fault::Forbidden` for units out of the actor's reach; `Fault::Refused` for closed ones.
pub async fn begin(app: &App, actor: &Actor, content: Content) -> Result<Regulation, Fault> {
    let tx = app.db.begin().await?;
    let place = checked(&tx, actor, &content).await?;
    let now = app.now();
    let new = Regulation {
        id: RegulationId(0),
        version: 1,
        unit: content.unit,
        scope: content.scope,
        title: content.title.clone(),
        number: content.number.clone(),
        issued: None,
        effective_on: None,
        supersedes: content.supersedes,
        repealed_on: None,
        repeal_reason: String::new(),
        readers: content.readers.clone(),
        read_days: content.read_days,
        created_at: now,
        updated_at: now,
    };
    let made = store::insert(&tx, new, &content.text).await?;
    store::add_version(&tx, draft(app, actor, &made, 1, &content)?).await?;
    let who = principal(actor, Permission::DraftRegulations, &place);
    let summary = format!("起草规章制度“{}”", made.title);
    record(&tx, app, actor, &made, "regulation.begun", who, summary).await?;
    tx.commit().await?;
    Ok(made)
}

fn draft(
    app: &App,
    actor: &Actor,
    regulation: &Regulation,
    ordinal: i32,
    content: &Content,
) -> Result<Version, Fault> {
    Ok(Version {
        id: 0,
        regulation_id: regulation.id,
        ordinal,
        title: content.title.clone(),
        number: content.number.clone(),
        text: content.text.clone(),
        note: content.note.clone(),
        effective_on: content.effective_on,
        author_id: person_of(actor)?,
        created_at: app.now(),
        issued_at: None,
        issued_by: None,
        issued_for: None,
    })
}

/// A regulation held for change by one of its makers, with its versions.
pub(super) async fn held(
    tx: &Tx,
    actor: &Actor,
    id: RegulationId,
    permission: Permission,
) -> Result<(Regulation, Vec<Version>, Place), Fault> {
    store::hold(tx, id).await?;
    let regulation = open_for(tx, actor, id).await?;
    let place = scope::place(tx, regulation.unit).await?;
    actor.require(permission, &place)?;
    let versions = store::versions_of(tx, id).await?;
    Ok((regulation, versions, place))
}

/// The version that is being written.
pub(super) fn written(versions: &[Version]) -> Option<&Version> {
    versions
        .last()
        .filter(|version| version.issued_at.is_none())
}

fn not_stale(regulation: &Regulation, seen: i32) -> Result<(), Fault> {
    if regulation.version == seen {
        Ok(())
    } else {
        Err(Fault::Stale)
    }
}

/// Writes the draft of a version.
///
/// # Errors
/// `Fault::NotFound`, `Fault::Forbidden`; `Fault::Refused` when nothing is being written; `Fault::Stale`.
pub async fn edit(
    app: &App,
    actor: &Actor,
    id: RegulationId,
    seen: i32,
    content: Content,
) -> Result<Regulation, Fault> {
    let tx = app.db.begin().await?;
    let (mut regulation, versions, place) =
        held(&tx, actor, id, Permission::DraftRegulations).await?;
    let before = written(&versions).ok_or(Refusal::NothingToIssue)?;
    not_stale(&regulation, seen)?;
    let content = Content {
        unit: regulation.unit,
        ..content
    };
    checked(&tx, actor, &content).await?;
    if content.supersedes == Some(id) {
        return Err(Refusal::Itself.into());
    }
    let version = Version {
        id: before.id,
        author_id: before.author_id,
        created_at: before.created_at,
        ..draft(app, actor, &regulation, before.ordinal, &content)?
    };
    store::replace_version(&tx, &version).await?;
    regulation.updated_at = app.now();
    // What is in force keeps its words until the new version is issued.
    if regulation.issued.is_none() {
        regulation.title = content.title;
        regulation.number = content.number;
        regulation.scope = content.scope;
        regulation.supersedes = content.supersedes;
        regulation.readers = content.readers;
        regulation.read_days = content.read_days;
        store::replace(&tx, &mut regulation, Some(&version.text)).await?;
    } else {
        regulation.readers = content.readers;
        regulation.read_days = content.read_days;
        store::replace(&tx, &mut regulation, None).await?;
    }
    let who = principal(actor, Permission::DraftRegulations, &place);
    let summary = format!("修改规章制度“{}”的草稿", version.title);
    record(
        &tx,
        app,
        actor,
        &regulation,
        "regulation.edited",
        who,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(regulation)
}

/// Begins the next version with the words of the one before.
///
/// # Errors
/// `Fault::NotFound`, `Fault::Forbidden`; `Fault::Refused` when one is being written or it was repealed.
pub async fn renew(app: &App, actor: &Actor, id: RegulationId) -> Result<Regulation, Fault> {
    let tx = app.db.begin().await?;
    let (mut regulation, versions, place) =
        held(&tx, actor, id, Permission::DraftRegulations).await?;
    let today = app.clock.today();
    if regulation.state(today) == RegulationState::Repealed {
        return Err(Refusal::Repealed("修订").into());
    }
    if written(&versions).is_some() {
        return Err(Refusal::DraftThere.into());
    }
    let last = versions.last().ok_or(Fault::NotFound)?;
    let version = Version {
        id: 0,
        ordinal: last.ordinal + 1,
        note: String::new(),
        effective_on: today.max(last.effective_on),
        author_id: person_of(actor)?,
        created_at: app.now(),
        issued_at: None,
        issued_by: None,
        issued_for: None,
        ..last.clone()
    };
    store::add_version(&tx, version).await?;
    regulation.updated_at = app.now();
    store::replace(&tx, &mut regulation, None).await?;
    let who = principal(actor, Permission::DraftRegulations, &place);
    let summary = format!("开始修订规章制度“{}”", regulation.title);
    record(
        &tx,
        app,
        actor,
        &regulation,
        "regulation.renewed",
        who,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(regulation)
}

/// Issues the version that was written. Those who must read are asked, those who read the version before are
/// asked again; what it takes the place of ends on the day that it takes effect.
///
/// # Errors
/// `Fault::NotFound`; `Fault::Forbidden` for who does not issue for the units that it binds; `Fault::Refused`
/// when there is nothing to issue or its day is too early; `Fault::Stale`.
pub async fn issue(
    app: &App,
    actor: &Actor,
    id: RegulationId,
    seen: i32,
) -> Result<Regulation, Fault> {
    let tx = app.db.begin().await?;
    let (mut regulation, versions, _) = held(&tx, actor, id, Permission::IssueRegulations).await?;
    let bound = scope::place(&tx, regulation.scope).await?;
    actor.require(Permission::IssueRegulations, &bound)?;
    let mut version = written(&versions).ok_or(Refusal::NothingToIssue)?.clone();
    if version.text.is_empty() {
        return Err(Refusal::NoText.into());
    }
    if regulation.state(app.clock.today()) == RegulationState::Repealed {
        return Err(Refusal::Repealed("发布").into());
    }
    not_stale(&regulation, seen)?;
    let before = versions.iter().rev().find(|one| one.issued_at.is_some());
    if let Some(before) = before
        && version.effective_on < before.effective_on
    {
        return Err(Refusal::TooEarly(before.effective_on).into());
    }
    let now = app.now();
    let who = principal(actor, Permission::IssueRegulations, &bound);
    version.issued_at = Some(now);
    version.issued_by = Some(person_of(actor)?);
    version.issued_for = who;
    store::replace_version(&tx, &version).await?;
    regulation.title.clone_from(&version.title);
    regulation.number.clone_from(&version.number);
    regulation.issued = Some(version.id);
    regulation.effective_on.get_or_insert(version.effective_on);
    regulation.updated_at = now;
    store::replace(&tx, &mut regulation, Some(&version.text)).await?;
    if let (None, Some(other)) = (before, regulation.supersedes) {
        end_superseded(&tx, app, actor, &regulation, other, version.effective_on).await?;
    }
    let job = NewJob::new(ASK, serde_json::json!({ "regulation": id }));
    jobs::enqueue(&tx, app, job).await?;
    let summary = format!(
        "发布规章制度“{}”第 {} 版，{} 起施行",
        regulation.title, version.ordinal, version.effective_on
    );
    record(
        &tx,
        app,
        actor,
        &regulation,
        "regulation.issued",
        who,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(regulation)
}

/// What a regulation takes the place of is repealed on the day that it takes effect, if the actor may do so.
async fn end_superseded(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    by: &Regulation,
    id: RegulationId,
    on: NaiveDate,
) -> Result<(), Fault> {
    let mut old = store::hold(tx, id).await?;
    if old.repealed_on.is_some() || old.issued.is_none() {
        return Ok(());
    }
    let place = scope::place(tx, old.unit).await?;
    actor.require(Permission::IssueRegulations, &place)?;
    old.repealed_on = Some(on);
    old.repeal_reason = format!("由“{}”代替", by.title);
    old.updated_at = app.now();
    store::replace(tx, &mut old, None).await?;
    let job = NewJob::new(ASK, serde_json::json!({ "regulation": id }));
    jobs::enqueue(tx, app, job).await?;
    let who = principal(actor, Permission::IssueRegulations, &place);
    let summary = format!("废止规章制度“{}”，{on} 起由“{}”代替", old.title, by.title);
    record(tx, app, actor, &old, "regulation.repealed", who, summary).await
}

/// Repeals a regulation from a day on. Its history stays.
///
/// # Errors
/// `Fault::NotFound`, `Fault::Forbidden`; `Fault::Refused` before it was issued, twice, without a reason, or
/// from a day before it took effect.
pub async fn repeal(
    app: &App,
    actor: &Actor,
    id: RegulationId,
    on: NaiveDate,
    reason: String,
) -> Result<Regulation, Fault> {
    let tx = app.db.begin().await?;
    let (mut regulation, _, _) = held(&tx, actor, id, Permission::IssueRegulations).await?;
    let bound = scope::place(&tx, regulation.scope).await?;
    actor.require(Permission::IssueRegulations, &bound)?;
    let Some(effective) = regulation.effective_on else {
        return Err(Refusal::NotIssued("废止").into());
    };
    if regulation.repealed_on.is_some() {
        return Err(Refusal::Repealed("废止").into());
    }
    if on < effective {
        return Err(Refusal::RepealTooEarly(effective).into());
    }
    if reason.is_empty() {
        return Err(Fault::Refused("请写明废止理由。".into()));
    }
    regulation.repealed_on = Some(on);
    regulation.repeal_reason = reason;
    regulation.updated_at = app.now();
    store::replace(&tx, &mut regulation, None).await?;
    let job = NewJob::new(ASK, serde_json::json!({ "regulation": id }));
    jobs::enqueue(&tx, app, job).await?;
    let who = principal(actor, Permission::IssueRegulations, &bound);
    let summary = format!("废止规章制度“{}”，自 {on} 起", regulation.title);
    record(
        &tx,
        app,
        actor,
        &regulation,
        "regulation.repealed",
        who,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(regulation)
}

/// Takes away the draft of a version, and the regulation with it when it is the first. True when nothing of
/// the regulation is left.
///
/// # Errors
/// `Fault::NotFound`, `Fault::Forbidden`; `Fault::Refused` when nothing is being written.
pub async fn discard(app: &App, actor: &Actor, id: RegulationId) -> Result<bool, Fault> {
    let tx = app.db.begin().await?;
    let (mut regulation, versions, place) =
        held(&tx, actor, id, Permission::DraftRegulations).await?;
    let version = written(&versions).ok_or(Refusal::NothingToIssue)?;
    let gone = regulation.issued.is_none();
    if gone {
        store::delete(&tx, id).await?;
    } else {
        store::remove_version(&tx, version.id).await?;
        regulation.updated_at = app.now();
        store::replace(&tx, &mut regulation, None).await?;
    }
    let who = principal(actor, Permission::DraftRegulations, &place);
    let summary = format!("删除规章制度“{}”的草稿", version.title);
    record(
        &tx,
        app,
        actor,
        &regulation,
        "regulation.discarded",
        who,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(gone)
}

/// “我已阅读”: the actor confirms the version that was issued last.
///
/// # Errors
/// `Fault::NotFound`; `Fault::Refused` when nothing is issued or it was repealed; `Fault::Stale` when another
/// version was issued meanwhile.
pub async fn confirm(
    app: &App,
    actor: &Actor,
    id: RegulationId,
    ordinal: i32,
) -> Result<Regulation, Fault> {
    let tx = app.db.begin().await?;
    let me = person_of(actor)?;
    store::hold(&tx, id).await?;
    let regulation = open_for(&tx, actor, id).await?;
    let Some(issued) = regulation.issued else {
        return Err(Refusal::NotIssued("确认阅读").into());
    };
    if regulation.state(app.clock.today()) == RegulationState::Repealed {
        return Err(Refusal::Repealed("确认阅读").into());
    }
    let version = store::version(&tx, issued).await?.ok_or(Fault::NotFound)?;
    if version.ordinal != ordinal {
        return Err(Fault::Stale);
    }
    let reading = store::stamp(&tx, issued, me, app.now()).await?;
    work::close(&tx, app, actor, (super::READING, reading), None).await?;
    let summary = format!("确认已阅读规章制度“{}”第 {ordinal} 版", regulation.title);
    record(
        &tx,
        app,
        actor,
        &regulation,
        "regulation.read",
        None,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(regulation)
}

/// The issued version that holds today, or else the first to come.
pub(super) fn current(versions: &[Version], today: NaiveDate) -> Option<&Version> {
    let issued: Vec<&Version> = versions
        .iter()
        .filter(|version| version.issued_at.is_some())
        .collect();
    let days: Vec<NaiveDate> = issued.iter().map(|version| version.effective_on).collect();
    let at = holding(&days, today).unwrap_or(0);
    issued.get(at).copied()
}

/// Appends to the audit chain; last in its transaction.
pub(super) async fn record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    regulation: &Regulation,
    action: &'static str,
    on_behalf_of: Option<PersonId>,
    summary: String,
) -> Result<(), Fault> {
    let entry = audit::Entry {
        action,
        subject: (SUBJECT, regulation.id.0),
        unit: Some(regulation.unit),
        on_behalf_of,
        summary,
        detail: serde_json::json!({
            "title": regulation.title,
            "number": regulation.number,
            "scope": regulation.scope,
            "issued": regulation.issued,
            "effective_on": regulation.effective_on,
            "repealed_on": regulation.repealed_on,
            "repeal_reason": regulation.repeal_reason,
            "readers": regulation.readers.codes(),
        }),
    };
    audit::append(tx, app, actor, entry).await
}
