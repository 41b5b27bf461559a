//! What people do with filings that were handed in, one function for each verb; pages and API call the
//! same. Each checks sight first (404), then the law, then writes everything in one transaction.

use super::{
    Filing, SUBJECT,
    attachments::{self, Purpose},
    checklist,
    content::{Wrong, Wrongs},
    effect::{self, Handing},
    force, paper,
    rules::{Kind, Refusal, Stage, Standing, Step, Unsuitable, Verdict},
    store,
};
use crate::{
    channel::{self, FilingState, identity, identity::Owner, limits},
    settings::{Registry, Seal},
};
use zhendi_kernel::{
    Actor, App, Fault, FilingId, Permission, PersonId, Place, Role, Tx, audit, clock, text,
};
use zhendi_people::person;

/// What came of it, or what is wrong with what was typed.
pub type Answer<T> = Result<Result<T, Vec<Wrong>>, Fault>;

/// What someone says at a step.
#[derive(Clone, Debug, Default)]
pub struct Opinion {
    /// The version that they looked at: nobody signs what they have not seen.
    pub seen: i32,
    /// The version of the channel beside which a change was shown: a signature binds what was seen.
    pub record: Option<i32>,
    pub text: String,
    /// The points of the checklist that they ticked; for [`Step::Check`].
    pub ticked: Vec<String>,
}

/// The person who acts. Filings are the work of real, named people (实名).
pub(super) fn person_of(actor: &Actor) -> Result<PersonId, Fault> {
    actor
        .person()
        .ok_or_else(|| Fault::Forbidden("备案须由实名人员办理。".into()))
}

/// A filing that the actor may see, with its place: their own, and what was ever submitted within their
/// scope. A draft is its author's alone.
///
/// # Errors
/// `Fault::NotFound` for everything else.
pub async fn open_for(app: &App, actor: &Actor, id: FilingId) -> Result<(Filing, Place), Fault> {
    let db = app.db.read();
    let filing = store::find(db, app, id).await?.ok_or(Fault::NotFound)?;
    let place = filing.place(db).await?;
    let own = actor.person().is_none_or(|me| filing.course.is_author(me));
    if own || (filing.course.round > 0 && actor.may(Permission::ViewFilings, &place)) {
        Ok((filing, place))
    } else {
        Err(Fault::NotFound)
    }
}

/// What the actor holds at a filing's place.
pub(super) fn standing(actor: &Actor, place: &Place) -> Result<Standing, Fault> {
    let person = person_of(actor)?;
    let held = Role::ALL
        .iter()
        .flat_map(|role| actor.holding(*role, place))
        .map(|grant| (grant.role, grant.on_behalf_of))
        .collect();
    Ok(Standing { person, held })
}

/// The words for a refusal, naming who was faster.
pub(super) async fn refused(app: &App, actor: &Actor, refusal: Refusal) -> Result<Fault, Fault> {
    let Refusal::AlreadyDone { step, person, at } = refusal else {
        return Ok(refusal.into());
    };
    let at = clock::show(&at);
    if actor.person() == Some(person) {
        return Ok(Fault::Refused(format!(
            "您已于 {at} 办理过“{}”环节，不需要再次办理。",
            step.label()
        )));
    }
    let names = person::names(app.db.read(), [person]).await?;
    let name = names.get(&person).map_or("他人", String::as_str);
    Ok(Fault::Refused(format!(
        "“{}”环节已由{name}于 {at} 办理，您的操作没有生效。",
        step.label()
    )))
}

/// Someone else was first: says who, where the course tells it.
pub(super) async fn overtaken(app: &App, actor: &Actor, id: FilingId, step: Step) -> Fault {
    let told = async {
        // Who was faster may wait for a commit shared with others; one that shares none comes after it.
        app.db.begin_long().await?.rollback().await?;
        let (filing, place) = open_for(app, actor, id).await?;
        match filing.course.may_take(step, &standing(actor, &place)?) {
            Err(refusal @ Refusal::AlreadyDone { .. }) => refused(app, actor, refusal).await,
            _ => Ok(Fault::Stale),
        }
    };
    told.await.unwrap_or_else(|fault| fault)
}

/// Takes a step in favour: signs, passes the check, approves. Approving brings it into force.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_take`](super::Course::may_take) refuses; `Fault::Refused` while the sealed form is missing;
/// `Fault::Stale`; when the database fails. The inner error names points not ticked.
pub async fn agree(
    app: &App,
    actor: &Actor,
    id: FilingId,
    step: Step,
    opinion: Opinion,
) -> Answer<Filing> {
    let (before, place) = open_for(app, actor, id).await?;
    let by = standing(actor, &place)?;
    if let Err(refusal) = before.course.may_take(step, &by) {
        return Err(refused(app, actor, refusal).await?);
    }
    if before.version != opinion.seen {
        return Err(Fault::Stale);
    }
    same_record(app, &before, opinion.record).await?;
    let settings: Registry = app.setting().await?;
    let mut wrongs = Wrongs::default();
    let mut said = match text::lines(&opinion.text, limits::LONG) {
        Ok(text) => text,
        Err(error) => {
            wrongs.add("opinion", error);
            String::new()
        }
    };
    if said.is_empty() {
        said = "同意".into();
    }
    if step == Step::Check {
        for item in checklist::unticked(before.kind, settings.seal, &opinion.ticked) {
            wrongs.add(
                "ticked",
                format!("尚未确认：{}。不符合的请退回。", item.text),
            );
        }
    }
    if !wrongs.0.is_empty() {
        return Ok(Err(wrongs.0));
    }
    if step == Step::Decision {
        sealed(app, id, &settings).await?;
    }
    let now = app.now();
    let mut after = before.clone();
    after.course = before.course.clone().agree(step, &by, said, now)?;
    after.updated_at = now;
    let handing = Handing::awaited(app, &place, &after.course).await?;
    let tx = app.db.begin().await?;
    let with = Prepared {
        handing: &handing,
        seen_record: opinion.record,
        settings: &settings,
    };
    let done = step_taken(&tx, app, actor, &before, &mut after, with).await;
    match done {
        Ok(()) => {
            tx.commit().await?;
            Ok(Ok(after))
        }
        Err(Fault::Stale) => {
            drop(tx);
            Err(overtaken(app, actor, id, step).await)
        }
        Err(fault) => Err(fault),
    }
}

/// A change is signed beside the record that was shown with it.
pub(super) async fn same_record(
    app: &App,
    filing: &Filing,
    seen: Option<i32>,
) -> Result<(), Fault> {
    let Some(id) = filing.channel.filter(|_| filing.kind == Kind::Change) else {
        return Ok(());
    };
    let channel = channel::store::get(app.db.read(), id).await?;
    if seen == Some(channel.version) {
        Ok(())
    } else {
        Err(Unsuitable::RecordMoved.into())
    }
}

/// The sealed form is there, where the institution wants it before the decision.
pub(super) async fn sealed(app: &App, id: FilingId, settings: &Registry) -> Result<(), Fault> {
    if settings.seal == Seal::BeforeDecision
        && !attachments::has(app.db.read(), id, Purpose::SealedForm).await?
    {
        return Err(Fault::Refused(
            "按规定审定前须有主办单位盖章的登记表扫描件，请先联系填报人上传，或退回补充。".into(),
        ));
    }
    Ok(())
}

/// What was looked up before a step is written.
pub(super) struct Prepared<'a> {
    /// Who could take the next one.
    pub handing: &'a Handing,
    /// The version of the channel beside which a change was shown.
    pub seen_record: Option<i32>,
    pub settings: &'a Registry,
}

/// Writes a step that was taken, here or on paper: hands the filing on, back, or brings it into force.
///
/// # Errors
/// `Fault::Stale` when someone else was first; what the register refuses; when the database fails.
pub(super) async fn step_taken(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: &Filing,
    after: &mut Filing,
    with: Prepared<'_>,
) -> Result<(), Fault> {
    let Prepared {
        handing,
        seen_record,
        settings,
    } = with;
    let act = after.course.acts.last().cloned();
    let act = act.ok_or_else(|| Fault::internal("a step without an act"))?;
    let (action, verb) = match (act.verdict, act.step) {
        (Verdict::Returned, _) => ("filing.returned", "退回"),
        (_, Step::Signature) => ("filing.signed", "签署"),
        (_, Step::Check) => ("filing.checked", "审核通过"),
        (_, Step::Decision) => ("filing.approved", "审定通过"),
    };
    match after.course.stage {
        Stage::Effective => {
            force::bring_into_force(tx, app, actor, before, after, seen_record, settings).await?;
        }
        stage => {
            after.due = Some(effect::due(app.now(), settings.filing_step_days));
            store::replace(tx, app, before, after).await?;
            if stage == Stage::Returned {
                effect::back_to_author(tx, app, actor, after).await?;
            } else {
                effect::hand_on(tx, app, actor, after, handing).await?;
            }
        }
    }
    paper::tell_decider(tx, app, after).await?;
    let on_paper = if act.paper.is_some() {
        "（纸质）"
    } else {
        ""
    };
    let kind = after.kind.label();
    let mut summary = format!("{verb}{kind}备案{}{on_paper}", after.lasting_title());
    if let Some(number) = &after.document_number {
        summary.push_str(&format!("，编号{number}"));
    }
    // Who enters a paper acts for themselves or for who delegated that to them; who decided is in the detail.
    let principal = match &act.paper {
        Some(paper) => paper.recorded_by.on_behalf_of,
        None => act.on_behalf_of,
    };
    record(tx, app, actor, after, action, principal, summary).await
}

/// Sends it back to its author with the reason. The account or address stays the filing's meanwhile.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::send_back`](super::Course::send_back) refuses; `Fault::Stale`; when the database fails. The
/// inner error is about the reason.
pub async fn send_back(app: &App, actor: &Actor, id: FilingId, opinion: Opinion) -> Answer<Filing> {
    let (before, place) = open_for(app, actor, id).await?;
    let by = standing(actor, &place)?;
    let step = before
        .course
        .stage
        .step()
        .ok_or(Refusal::NothingToReturn(before.course.stage))?;
    before.course.may_take(step, &by)?;
    if before.version != opinion.seen {
        return Err(overtaken(app, actor, id, step).await);
    }
    let mut wrongs = Wrongs::default();
    let reason = match text::lines(&opinion.text, limits::LONG) {
        Ok(text) if text.is_empty() => {
            wrongs.add("opinion", Refusal::ReasonMissing);
            text
        }
        Ok(text) => text,
        Err(error) => {
            wrongs.add("opinion", error);
            String::new()
        }
    };
    if !wrongs.0.is_empty() {
        return Ok(Err(wrongs.0));
    }
    let now = app.now();
    let mut after = before.clone();
    after.course = before.course.clone().send_back(&by, reason, now)?;
    after.updated_at = now;
    let handing = Handing::awaited(app, &place, &after.course).await?;
    let with = Prepared {
        handing: &handing,
        seen_record: None,
        settings: &app.setting().await?,
    };
    let tx = app.db.begin().await?;
    match step_taken(&tx, app, actor, &before, &mut after, with).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(Ok(after))
        }
        Err(Fault::Stale) => {
            drop(tx);
            Err(overtaken(app, actor, id, step).await)
        }
        Err(fault) => Err(fault),
    }
}

/// Gives it up: its author, or the unit's head. The account or address is free again.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_withdraw`](super::Course::may_withdraw) refuses; `Fault::Stale`; when the database fails.
pub async fn withdraw(app: &App, actor: &Actor, id: FilingId, seen: i32) -> Result<Filing, Fault> {
    let (before, place) = open_for(app, actor, id).await?;
    let by = standing(actor, &place)?;
    before.course.may_withdraw(&by)?;
    if before.version != seen {
        return Err(Fault::Stale);
    }
    let mut after = before.clone();
    after.course = before.course.clone().withdraw(&by)?;
    after.updated_at = app.now();
    after.due = None;
    let tx = app.db.begin().await?;
    store::replace(&tx, app, &before, &mut after).await?;
    identity::release(&tx, Owner::Filing(id)).await?;
    if before.course.round > 0
        && before.kind == Kind::Opening
        && let Some(channel) = before.channel
    {
        let channel = channel::store::get(&tx, channel).await?;
        if channel.filing == FilingState::InProgress {
            channel::abandon_filing(&tx, app, actor, channel).await?;
        }
    }
    effect::given_up(&tx, app, actor, &after).await?;
    let summary = format!("撤回{}备案{}", after.kind.label(), after.lasting_title());
    record(&tx, app, actor, &after, "filing.withdrawn", None, summary).await?;
    tx.commit().await?;
    Ok(after)
}

/// Appends to the audit chain; last in its transaction.
pub(super) async fn record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    filing: &Filing,
    action: &'static str,
    on_behalf_of: Option<PersonId>,
    summary: String,
) -> Result<(), Fault> {
    let paper = filing.course.acts.last().and_then(|act| {
        let paper = act.paper.as_ref()?;
        Some(serde_json::json!({
            "decided_by": act.person, "decided_for": act.on_behalf_of, "decided_on": paper.decided_on,
            "recorded_by": paper.recorded_by.person, "number": paper.number, "scan": paper.scan,
        }))
    });
    let detail = serde_json::json!({
        "paper": paper,
        "kind": filing.kind,
        "closing": filing.closing,
        "version": filing.version,
        "stage": filing.course.stage.code(),
        "round": filing.course.round,
        "channel": filing.channel,
        "content": filing.content,
        "opinion": filing.course.acts.last().map(|act| &act.opinion),
    });
    let entry = audit::Entry {
        action,
        subject: (SUBJECT, filing.id.0),
        unit: Some(filing.unit),
        on_behalf_of,
        summary,
        detail,
    };
    audit::append(tx, app, actor, entry).await
}
