//! A decision that was taken on paper is entered by an officer, with the scan (R-REV-11).

use super::{
    Filing,
    attachments::{self, Purpose, Scan},
    content::{Wrong, Wrongs},
    effect::Handing,
    route::staff_from,
    rules::{Party, Refusal, Slip, Standing, Verdict},
    service::{
        self, Answer, Prepared, open_for, overtaken, person_of, same_record, sealed, standing,
        step_taken,
    },
};
use crate::{channel::limits, settings::Registry};
use chrono::NaiveDate;
use zhendi_kernel::{
    Actor, App, Fault, FilingId, Permission, PersonId, Place, Role, clock,
    notify::{self, Notice},
    text,
};
use zhendi_people::role;

/// What an officer enters.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The version that they looked at.
    pub seen: i32,
    /// See [`Opinion::record`](super::Opinion::record).
    pub record: Option<i32>,
    /// Who decided.
    pub decider: Option<PersonId>,
    pub verdict: Verdict,
    pub opinion: String,
    /// The day that the paper bears, as typed.
    pub decided_on: String,
    /// The paper's own number.
    pub number: String,
    pub scan: Option<Scan>,
}

/// As whom the actor may enter papers at a place: for themselves, or for who delegated it to them.
pub(super) fn recorders(actor: &Actor, place: &Place) -> Vec<Party> {
    let Some(person) = actor.person() else {
        return vec![];
    };
    Role::ALL
        .iter()
        .filter(|role| role.permissions().contains(&Permission::RecordPaper))
        .flat_map(|role| actor.holding(*role, place))
        .map(|grant| Party {
            person,
            on_behalf_of: grant.on_behalf_of,
        })
        .collect()
}

/// Those whose decision on paper the actor may enter at the step that waits, with their names.
///
/// # Errors
/// When the database fails.
pub(super) fn deciders(
    filing: &Filing,
    actor: &Actor,
    place: &Place,
    handing: &Handing,
) -> Vec<(PersonId, String)> {
    let recorder = recorders(actor, place);
    let Some(step) = filing.course.stage.step() else {
        return vec![];
    };
    let role = filing.course.route.role(step);
    let mut found: Vec<(PersonId, String)> = vec![];
    for holder in handing.at(step) {
        let standing = Standing {
            person: holder.person,
            held: vec![(role, holder.on_behalf_of)],
        };
        let may = filing.course.may_record(&standing, &recorder).is_ok();
        if may && !found.iter().any(|(id, _)| *id == holder.person) {
            found.push((holder.person, holder.name.clone()));
        }
    }
    found
}

fn day(typed: &str) -> Result<NaiveDate, &'static str> {
    let folded = text::fold(typed).replace(['/', '.'], "-");
    NaiveDate::parse_from_str(&folded, "%Y-%m-%d").map_err(|_| "请填写日期，例如 2026-11-20。")
}

/// Enters a decision on paper at the step that waits.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::record_paper`](super::Course::record_paper) refuses, and what would
/// leave a later step to nobody; `Fault::Stale`; when the database fails. The inner error names fields.
pub async fn record(app: &App, actor: &Actor, id: FilingId, entry: Entry) -> Answer<Filing> {
    let (before, place) = open_for(app, actor, id).await?;
    let me = person_of(actor)?;
    let recorder = recorders(actor, &place);
    if recorder.is_empty() {
        return Err(Refusal::MayNotRecord.into());
    }
    let step = before
        .course
        .stage
        .step()
        .ok_or(Refusal::NothingToReturn(before.course.stage))?;
    let mut wrongs = Wrongs::default();
    let mut field = |name: &'static str, typed: Result<String, String>| match typed {
        Ok(text) => text,
        Err(error) => {
            wrongs.add(name, error);
            String::new()
        }
    };
    let mut opinion = field(
        "paper_opinion",
        text::lines(&entry.opinion, limits::LONG).map_err(|e| e.to_string()),
    );
    let number = field(
        "paper_number",
        text::line(&entry.number, 100).map_err(|e| e.to_string()),
    );
    if number.is_empty() {
        wrongs.add("paper_number", Refusal::PaperNumberMissing);
    }
    let decided_on = day(&entry.decided_on)
        .map_err(|error| wrongs.add("decided_on", error))
        .ok();
    if entry.decider.is_none() {
        wrongs.add("decider", "请选择作出审批的人。");
    }
    if entry.scan.is_none() {
        wrongs.add("scan", Refusal::PaperScanMissing);
    }
    if entry.verdict == Verdict::Returned && opinion.is_empty() {
        wrongs.add("paper_opinion", Refusal::ReasonMissing);
    }
    if opinion.is_empty() {
        opinion = "同意".into();
    }
    let (Some(decided_on), Some(decider), Some(scan), true) =
        (decided_on, entry.decider, entry.scan, wrongs.0.is_empty())
    else {
        return Ok(Err(wrongs.0));
    };
    let now = app.now();
    let submitted = before.submitted_at.unwrap_or(before.created_at);
    let days = (clock::local(submitted).date_naive(), app.clock.today());
    let slip = Slip {
        verdict: entry.verdict,
        opinion,
        decided_on,
        number,
        // Its own number comes with its row, below.
        scan: Some(0),
    };
    let decides = match role::load_actor(app.db.read(), now, decider).await {
        Ok(one) => standing(&one, &place)?,
        Err(Fault::NotFound) => Standing {
            person: decider,
            held: vec![],
        },
        Err(fault) => return Err(fault),
    };
    let mut after = before.clone();
    after.course = match before
        .course
        .clone()
        .record_paper(&decides, &recorder, slip, days, now)
    {
        Ok(course) => course,
        Err(refusal @ (Refusal::PaperInFuture | Refusal::PaperBeforeSubmission)) => {
            return Ok(Err(vec![Wrong {
                field: "decided_on".into(),
                text: refusal.to_string(),
            }]));
        }
        Err(refusal) => return Err(service::refused(app, actor, refusal).await?),
    };
    after.updated_at = now;
    if before.version != entry.seen {
        return Err(Fault::Stale);
    }
    let settings: Registry = app.setting().await?;
    if entry.verdict == Verdict::Agreed {
        same_record(app, &before, entry.record).await?;
        if step == super::Step::Decision {
            sealed(app, id, &settings).await?;
        }
    }
    let handing = Handing::look(app, &place, &after.course.route).await?;
    if let Some(next) = after.course.stage.step() {
        let barred = after.course.barred();
        staff_from(next, &after.course.route, &barred, |step| handing.parties(step)).map_err(
            |shortage| {
                Fault::Refused(format!(
                    "由您登记后，后面的环节就凑不齐人了（登记人不能再办理），请由其他工作人员登记。{shortage}"
                ))
            },
        )?;
    }
    let kept = attachments::keep(app, scan).await?;
    let tx = app.db.begin().await?;
    let attached = attachments::insert(&tx, app, id, me, kept, Purpose::Paper).await?;
    if let Some(paper) = after
        .course
        .acts
        .last_mut()
        .and_then(|act| act.paper.as_mut())
    {
        paper.scan = attached.id;
    }
    let with = Prepared {
        handing: &handing,
        seen_record: entry.record,
        settings: &settings,
    };
    match step_taken(&tx, app, actor, &before, &mut after, with).await {
        Ok(()) => {}
        Err(Fault::Stale) => {
            drop(tx);
            return Err(overtaken(app, actor, id, step).await);
        }
        Err(fault) => return Err(fault),
    }
    tx.commit().await?;
    Ok(Ok(after))
}

/// Whoever is said to have decided is told: nobody decides without knowing.
pub(super) async fn tell_decider(
    tx: &zhendi_kernel::Tx,
    app: &App,
    filing: &Filing,
) -> Result<(), Fault> {
    let Some(act) = filing.course.acts.last().filter(|act| act.paper.is_some()) else {
        return Ok(());
    };
    let people: Vec<PersonId> = std::iter::once(act.person)
        .chain(act.on_behalf_of)
        .collect();
    let notice = Notice {
        title: format!(
            "已登记您对备案{}“{}”环节的纸质审批，如有出入请联系宣传部",
            filing.lasting_title(),
            act.step.label()
        ),
        href: filing.href(),
    };
    notify::tell(tx, app, &people, notice).await
}
