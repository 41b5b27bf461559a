//! What follows on a cancellation in force (R-REG-4): the account is closed at its platform and the proof
//! handed in; later somebody else looks whether it is really gone.

use super::{
    Filing, SUBJECT,
    attachments::{self, Purpose, Scan},
    content::Wrongs,
    effect::{called, due, tell_author},
    force,
    rules::{Closing, Kind, Unsuitable},
    service::{Answer, open_for, person_of, record},
    store,
};
use crate::{
    channel::{self, FilingState, RunningState, limits},
    settings::Registry,
};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, PaginatorTrait, QueryOrder, QuerySelect, Set, entity::prelude::*};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, FilingId, Permission, PersonId, Place, Role, Tx, clock,
    notify::{self, Notice},
    text,
    work::{self, Assignee, NewItem},
};
use zhendi_people::role;

/// Work: close the account and hand in the platform's proof.
pub const PROVE: &str = "filing.prove";
/// Work: look again whether it is gone.
pub const RECHECK: &str = "filing.recheck";

zhendi_kernel::named! {
    /// What was done about a cancellation in force.
    Looked {
        /// The platform's proof was handed in.
        Proven = "proven", "上传平台注销证明";
        /// Looked at again and gone.
        Gone = "gone", "复查：确认已注销";
        /// Looked at again and still there.
        Reachable = "reachable", "复查：仍可访问";
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "filing_closing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub filing_id: FilingId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub what: String,
    pub person_id: PersonId,
    pub on_behalf_of: Option<PersonId>,
    pub at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub note: String,
    pub scan_id: Option<i64>,
}
impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What it was.
    pub fn looked(&self) -> Option<Looked> {
        Looked::parse(&self.what)
    }
}

/// Everything done about a cancellation in force, in order.
///
/// # Errors
/// When the database fails.
pub(super) async fn done(db: &impl ConnectionTrait, id: FilingId) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.filing_id.eq(id))
        .order_by_asc(COLUMN.position)
        .all(db)
        .await?)
}

/// The day on which a channel was cancelled: that of its cancellation's proof. None for one cancelled on
/// paper before there was this system.
///
/// # Errors
/// When the database fails.
pub async fn cancelled_on(
    db: &impl ConnectionTrait,
    channel: ChannelId,
) -> Result<Option<NaiveDate>, Fault> {
    let filings = store::Entity::find()
        .select_only()
        .column(store::Column::Id)
        .filter(store::COLUMN.channel_id.eq(channel))
        .filter(store::COLUMN.kind.eq(Kind::Cancellation.code()))
        .filter(store::COLUMN.closing.is_not_null())
        .into_tuple::<FilingId>()
        .all(db)
        .await?;
    let last = Entity::find()
        .filter(COLUMN.filing_id.is_in(filings))
        .filter(COLUMN.what.eq(Looked::Proven.code()))
        .order_by_desc(COLUMN.at)
        .one(db)
        .await?;
    Ok(last.map(|row| clock::local(row.at).date_naive()))
}

async fn add(
    tx: &Tx,
    app: &App,
    id: FilingId,
    looked: Looked,
    by: (PersonId, Option<PersonId>),
    note: String,
    scan: Option<i64>,
) -> Result<(), Fault> {
    let before = Entity::find()
        .filter(COLUMN.filing_id.eq(id))
        .count(tx)
        .await?;
    Entity::insert(ActiveModel {
        filing_id: Set(id),
        position: Set(i32::try_from(before).map_err(Fault::internal)?),
        what: Set(looked.code().into()),
        person_id: Set(by.0),
        on_behalf_of: Set(by.1),
        at: Set(app.now()),
        note: Set(note),
        scan_id: Set(scan),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

fn end_of(day: NaiveDate) -> DateTime<Utc> {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    clock::start_of(next) - TimeDelta::seconds(1)
}

fn recheck_due(now: DateTime<Utc>, settings: &Registry) -> DateTime<Utc> {
    end_of(clock::local(now).date_naive() + Days::new(settings.gone_check_days.into()))
}

/// What a cancellation waits for as it comes into force, and until when.
pub(super) fn await_proof_or_recheck(
    filing: &mut Filing,
    proven: bool,
    now: DateTime<Utc>,
    settings: &Registry,
) {
    if filing.kind != Kind::Cancellation {
        return;
    }
    if proven {
        filing.closing = Some(Closing::Recheck);
        filing.due = Some(recheck_due(now, settings));
    } else {
        filing.closing = Some(Closing::Proof);
        let soonest = due(now, settings.filing_step_days);
        let planned = filing.content.closing_day().map(end_of);
        filing.due = Some(planned.unwrap_or(soonest).max(soonest));
    }
}

/// Hands a cancellation in force to whoever has to do something about it.
pub(super) async fn hand_on(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    filing: &Filing,
) -> Result<(), Fault> {
    work::close(tx, app, actor, (SUBJECT, filing.id.0), None).await?;
    let called = called(tx, filing).await?;
    let place = filing.place(tx).await?;
    let admins = role::holders(tx, app.now(), Role::ChannelAdmin, &place).await?;
    let (kind, title, assignee, barred, escalate_to) = match filing.closing {
        Some(Closing::Proof) => (
            PROVE,
            format!("办理注销并上传平台证明：{called}"),
            if admins.is_empty() {
                Assignee::Person(filing.course.author.person)
            } else {
                Assignee::Role(Role::ChannelAdmin)
            },
            vec![],
            Role::UnitHead,
        ),
        Some(Closing::Recheck) => (
            RECHECK,
            format!("注销复查：{called}"),
            Assignee::Role(Role::PublicityOfficer),
            provers(tx, filing).await?,
            Role::PublicityHead,
        ),
        _ => return Ok(()),
    };
    let item = NewItem {
        kind,
        subject: (SUBJECT, filing.id.0),
        title: title.clone(),
        href: filing.href(),
        unit: filing.unit,
        channel: filing.channel,
        assignee,
        due: filing.due,
        barred,
        escalate_to: Some(escalate_to),
    };
    work::open(tx, app, item).await?;
    if filing.closing == Some(Closing::Proof) {
        let people: Vec<PersonId> = admins.into_iter().map(|one| one.person).collect();
        let notice = Notice {
            title: format!("待您{title}"),
            href: filing.href(),
        };
        notify::tell(tx, app, &people, notice).await?;
    }
    Ok(())
}

/// Who handed proofs in, with those they did it for: they do not check them.
pub(super) async fn provers(
    db: &impl ConnectionTrait,
    filing: &Filing,
) -> Result<Vec<PersonId>, Fault> {
    let rows = done(db, filing.id).await?;
    let mut all: Vec<PersonId> = filing.course.author.everyone().collect();
    for row in rows
        .iter()
        .filter(|row| row.looked() == Some(Looked::Proven))
    {
        all.extend(std::iter::once(row.person_id).chain(row.on_behalf_of));
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// Whether the actor may hand in the proof: the author's side, and who fills in the unit's or the
/// channel's forms.
pub(super) fn may_prove(filing: &Filing, actor: &Actor, place: &Place) -> bool {
    filing.closing == Some(Closing::Proof)
        && (actor.person().is_some_and(|me| filing.course.is_author(me))
            || actor.may(Permission::DraftFilings, place))
}

fn principal(actor: &Actor, permission: Permission, place: &Place) -> Option<PersonId> {
    Role::ALL
        .iter()
        .filter(|role| role.permissions().contains(&permission))
        .flat_map(|role| actor.holding(*role, place))
        .map(|grant| grant.on_behalf_of)
        .min()
        .flatten()
}

/// The platform's proof is handed in: the channel is cancelled and closed from now on, and looked at again
/// after the days of the setting.
///
/// # Errors
/// `Fault::NotFound`, `Fault::Forbidden`; [`Unsuitable::NothingToClose`]; `Fault::Stale`; when the database
/// fails. The inner error names fields.
pub async fn prove(
    app: &App,
    actor: &Actor,
    id: FilingId,
    seen: i32,
    note: &str,
    scan: Option<Scan>,
) -> Answer<Filing> {
    let (before, place) = open_for(app, actor, id).await?;
    let me = person_of(actor)?;
    if before.closing != Some(Closing::Proof) {
        return Err(Unsuitable::NothingToClose.into());
    }
    if !may_prove(&before, actor, &place) {
        return Err(Fault::Forbidden(
            "注销手续由填报人、本单位联络员或网络阵地管理员办理。".into(),
        ));
    }
    if before.version != seen {
        return Err(Fault::Stale);
    }
    let mut wrongs = Wrongs::default();
    let note = text::lines(note, limits::LONG)
        .map_err(|error| wrongs.add("proof_note", error))
        .unwrap_or_default();
    let Some(scan) = scan else {
        wrongs.add("proof", "请选择平台显示已注销的截图。");
        return Ok(Err(wrongs.0));
    };
    if !wrongs.0.is_empty() {
        return Ok(Err(wrongs.0));
    }
    let settings: Registry = app.setting().await?;
    let kept = attachments::keep(app, scan).await?;
    let now = app.now();
    let mut after = before.clone();
    after.closing = Some(Closing::Recheck);
    after.due = Some(recheck_due(now, &settings));
    after.updated_at = now;
    let tx = app.db.begin().await?;
    store::replace(&tx, app, &before, &mut after).await?;
    let attached = attachments::insert(&tx, app, id, me, kept, Purpose::PlatformProof).await?;
    let on_behalf_of = principal(actor, Permission::DraftFilings, &place);
    let by = (me, on_behalf_of);
    add(&tx, app, id, Looked::Proven, by, note, Some(attached.id)).await?;
    let channel = after.channel.ok_or(Fault::NotFound)?;
    let channel = channel::store::get(&tx, channel).await?;
    let people = force::everyone_with_roles(&tx, now, &channel).await?;
    if (channel.filing, channel.running) != (FilingState::Cancelled, RunningState::Closed) {
        let channel = channel::close_cancelled(&tx, app, actor, channel).await?;
        force::ask_to_take(&tx, app, &channel, &people, now, &settings).await?;
    }
    hand_on(&tx, app, actor, &after).await?;
    let summary = format!("为注销备案{}上传平台注销证明", after.lasting_title());
    record(
        &tx,
        app,
        actor,
        &after,
        "filing.proven",
        on_behalf_of,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(Ok(after))
}

/// Why the actor may not look again at a cancelled channel; none when they may.
///
/// # Errors
/// When the database fails.
pub(super) async fn barred_from_recheck(
    db: &impl ConnectionTrait,
    filing: &Filing,
    actor: &Actor,
    place: &Place,
) -> Result<Option<Fault>, Fault> {
    if filing.closing != Some(Closing::Recheck) {
        return Ok(Some(Unsuitable::NothingToClose.into()));
    }
    if !actor.may(Permission::ManageRegistry, place) {
        return Ok(Some(Fault::Forbidden(
            "注销复查由宣传部工作人员办理。".into(),
        )));
    }
    let provers = provers(db, filing).await?;
    let own = actor.person().is_some_and(|me| provers.contains(&me));
    Ok(own.then(|| {
        Fault::Refused("您是这件备案的填报人或上传证明的人，请由其他工作人员复查。".into())
    }))
}

/// A cancelled channel was looked at again. Gone: the matter is closed. Still there: the duty to close it
/// comes back.
///
/// # Errors
/// `Fault::NotFound`, `Fault::Forbidden`; `Fault::Refused` for who filed or proved it, and for a confirmation
/// before the day; `Fault::Stale`; when the database fails. The inner error names fields.
pub async fn recheck(
    app: &App,
    actor: &Actor,
    id: FilingId,
    seen: i32,
    gone: bool,
    note: &str,
    scan: Option<Scan>,
) -> Answer<Filing> {
    let (before, place) = open_for(app, actor, id).await?;
    let me = person_of(actor)?;
    if let Some(fault) = barred_from_recheck(app.db.read(), &before, actor, &place).await? {
        return Err(fault);
    }
    if before.version != seen {
        return Err(Fault::Stale);
    }
    let now = app.now();
    let ripe = before.due.map(|due| clock::local(due).date_naive());
    if gone && ripe.is_some_and(|day| app.clock.today() < day) {
        return Err(Fault::Refused(format!(
            "复查应在 {} 及以后进行（平台注销常有冷静期）；如已发现仍可访问，可以现在登记。",
            ripe.unwrap_or_default()
        )));
    }
    let mut wrongs = Wrongs::default();
    let note = text::lines(note, limits::LONG)
        .map_err(|error| wrongs.add("recheck_note", error))
        .unwrap_or_default();
    if note.is_empty() && scan.is_none() {
        wrongs.add("recheck_note", "请写明复查情况，或上传截图。");
    }
    if !wrongs.0.is_empty() {
        return Ok(Err(wrongs.0));
    }
    let settings: Registry = app.setting().await?;
    let kept = match scan {
        Some(scan) => Some(attachments::keep(app, scan).await?),
        None => None,
    };
    let mut after = before.clone();
    after.updated_at = now;
    let looked = if gone {
        after.closing = Some(Closing::Confirmed);
        after.due = None;
        Looked::Gone
    } else {
        after.closing = Some(Closing::Proof);
        after.due = Some(due(now, settings.filing_step_days));
        Looked::Reachable
    };
    let tx = app.db.begin().await?;
    store::replace(&tx, app, &before, &mut after).await?;
    let scan = match kept {
        Some(kept) => {
            let row = attachments::insert(&tx, app, id, me, kept, Purpose::Recheck).await?;
            Some(row.id)
        }
        None => None,
    };
    let on_behalf_of = principal(actor, Permission::ManageRegistry, &place);
    add(&tx, app, id, looked, (me, on_behalf_of), note, scan).await?;
    if !gone {
        let channel = after.channel.ok_or(Fault::NotFound)?;
        let channel = channel::store::get(&tx, channel).await?;
        channel::found_reachable(&tx, app, actor, channel).await?;
    }
    hand_on(&tx, app, actor, &after).await?;
    let title = after.lasting_title();
    let told = if gone {
        format!("注销复查已通过：{title}")
    } else {
        format!("复查发现账号仍可访问，请继续办理注销：{title}")
    };
    tell_author(&tx, app, &after, told).await?;
    let summary = format!("{looked}：备案{title}");
    record(
        &tx,
        app,
        actor,
        &after,
        "filing.rechecked",
        on_behalf_of,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(Ok(after))
}
