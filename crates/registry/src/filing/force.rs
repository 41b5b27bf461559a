//! A filing comes into force: its document number, and what it does to the register.

use super::{
    Filing, SUBJECT,
    attachments::{self, Purpose},
    closing,
    contacts::Contact,
    content::Wrongs,
    effect::{SEAL, called, due, for_author},
    record::{self, Record},
    rules::{Kind, Step, Unsuitable},
    store, tally,
};
use crate::{
    channel::{
        self, Channel, ChannelPeople, Facts, FilingState, NewChannel, RunningState, identity,
        identity::Owner, source, store::KIND as CHANNEL,
    },
    platform,
    settings::{Registry, Seal},
};
use chrono::{DateTime, Datelike, Utc};
use zhendi_kernel::{
    Actor, App, Fault, PersonId, Role, Tx, UnitId, clock,
    notify::{self, Notice},
    work::{self, Assignee, NewItem},
};
use zhendi_people::{
    person::{self, NewPerson},
    role,
};

/// Writes the approved filing with its document number and does to the register what it says. `seen_record`
/// is the version of the channel that whoever decides looked at, for changes.
///
/// The order matters on PostgreSQL: the rows that others may wait for (this filing, the year's number)
/// come before the first audit record, whose chain everyone waits for.
pub async fn bring_into_force(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: &Filing,
    after: &mut Filing,
    seen_record: Option<i32>,
    settings: &Registry,
) -> Result<(), Fault> {
    let now = app.now();
    after.effective_at = Some(now);
    after.due = None;
    let proven = after.kind == Kind::Cancellation
        && attachments::has(tx, after.id, Purpose::PlatformProof).await?;
    closing::await_proof_or_recheck(after, proven, now, settings);
    // Whoever approves at the same moment loses here, before a number is taken.
    store::claim_version(tx, before).await?;
    tally::shift(tx, before, after).await?;
    let year = clock::local(now).year();
    let number = store::next_number(tx, year).await?;
    let number = settings
        .filing_number
        .replace("{year}", &year.to_string())
        .replace("{n}", &number.to_string());
    after.document_number = Some(number.clone());

    let channel = match after.kind {
        Kind::Opening => open(tx, app, actor, after, number).await?,
        Kind::Change => change(tx, app, actor, after, seen_record, number).await?,
        Kind::Cancellation => cancel(tx, app, actor, after, proven, &number).await?,
    };
    after.channel = Some(channel.id);
    let claimed = Filing {
        version: before.version + 1,
        ..before.clone()
    };
    store::rewrite(tx, app, &claimed, after).await?;
    work::close(tx, app, actor, (SUBJECT, after.id.0), None).await?;
    if settings.seal == Seal::BeforeClosing
        && !attachments::has(tx, after.id, Purpose::SealedForm).await?
    {
        let title = format!("补交盖章的登记表扫描件：{}", called(tx, after).await?);
        let mut item = for_author(after, SEAL, title);
        item.due = Some(due(now, settings.filing_step_days));
        work::open(tx, app, item).await?;
    }
    match after.kind {
        Kind::Cancellation => {
            closing::hand_on(tx, app, actor, after).await?;
            if proven {
                ask_to_take(
                    tx,
                    app,
                    &channel,
                    &everyone_with_roles(tx, now, &channel).await?,
                    now,
                    settings,
                )
                .await?;
            }
        }
        _ => {
            ask_for_admins(tx, app, &channel, now, settings).await?;
            let gone = gone_operators(after, &channel);
            ask_to_take(tx, app, &channel, &gone, now, settings).await?;
        }
    }
    let signed = after
        .course
        .acts_now()
        .find(|act| act.step == Step::Signature);
    let told: Vec<PersonId> = after
        .course
        .author
        .everyone()
        .chain(
            signed
                .into_iter()
                .flat_map(|act| std::iter::once(act.person).chain(act.on_behalf_of)),
        )
        .collect();
    let notice = Notice {
        title: format!("备案已生效：{}", after.lasting_title()),
        href: after.href(),
    };
    notify::tell(tx, app, &told, notice).await
}

/// Puts the channel of an opening into the register.
async fn open(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    filing: &Filing,
    number: String,
) -> Result<Channel, Fault> {
    let channel = match filing.channel {
        Some(id) => Some(channel::store::get(tx, id).await?),
        None => None,
    };
    let kept = channel.as_ref().map(|channel| &channel.facts);
    let facts = facts(tx, filing, filing.unit, kept).await?;
    let people = people(tx, app, actor, filing).await?;
    let reason = Some(filing.content.second_reason.clone()).filter(|reason| !reason.is_empty());
    match channel {
        Some(channel) => {
            identity::release(tx, Owner::Filing(filing.id)).await?;
            let to = channel::Content {
                facts,
                people,
                second_account_reason: reason.or_else(|| channel.second_account_reason.clone()),
            };
            channel::file(tx, app, actor, channel, to, number).await
        }
        None => {
            let new = NewChannel {
                facts,
                people,
                filing: FilingState::Filed,
                running: RunningState::Live,
                file_by: None,
                filed_source: Some(source::ONLINE.into()),
                filing_number: Some(number),
                second_account_reason: reason,
            };
            channel::register(tx, app, actor, new, Some(filing.id)).await
        }
    }
}

/// Reads the cells against the platforms as they are now.
async fn facts(
    tx: &Tx,
    filing: &Filing,
    unit: UnitId,
    kept: Option<&Facts>,
) -> Result<Facts, Fault> {
    let platforms = platform::load(tx).await?;
    let mut wrongs = Wrongs::default();
    filing
        .content
        .facts(unit, &platforms, kept, &mut wrongs)
        .ok_or_else(|| {
            Fault::Refused("填报内容与现在的平台设置不符，请退回由填报人重新提交。".into())
        })
}

/// Writes the cells that were changed, and no others, over the record as it stands now. What the filing
/// was applied to and what came of it is kept in it.
async fn change(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    filing: &mut Filing,
    seen_record: Option<i32>,
    number: String,
) -> Result<Channel, Fault> {
    let channel = its_channel(tx, filing).await?;
    if seen_record != Some(channel.version) {
        return Err(Unsuitable::RecordMoved.into());
    }
    let record = Record::of(tx, app, &channel).await?;
    let base = filing.base.as_ref().ok_or(Fault::NotFound)?;
    let said = record::merged(base, &filing.said(), &record);
    filing.content = said.content;
    filing.contacts = said.contacts;
    filing.base = Some(record);
    let unit = filing.content.goes_to().unwrap_or(channel.facts.unit);
    let facts = facts(tx, filing, unit, Some(&channel.facts)).await?;
    let people = people(tx, app, actor, filing).await?;
    let reason = Some(filing.content.second_reason.clone()).filter(|reason| !reason.is_empty());
    identity::release(tx, Owner::Filing(filing.id)).await?;
    let to = channel::Content {
        facts,
        people,
        second_account_reason: reason,
    };
    let moved = (unit != channel.facts.unit).then_some(unit);
    let after = channel::apply_change(tx, app, actor, channel, to, number).await?;
    if moved.is_some() {
        tell_receiving_unit(tx, app, &after).await?;
    }
    Ok(after)
}

async fn tell_receiving_unit(tx: &Tx, app: &App, channel: &Channel) -> Result<(), Fault> {
    let place = channel.place(tx).await?;
    let heads = role::holders(tx, app.now(), Role::UnitHead, &place).await?;
    let heads: Vec<PersonId> = heads.into_iter().map(|one| one.person).collect();
    let name = channel::lasting_title(&channel.facts, channel.id);
    let notice = Notice {
        title: format!("网络阵地{name}已按变更备案转入贵单位"),
        href: format!("/channels/{}", channel.id),
    };
    notify::tell(tx, app, &heads, notice).await
}

/// Closes the channel of a cancellation whose proof is there, else only notes that it is to be closed.
async fn cancel(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    filing: &mut Filing,
    proven: bool,
    number: &str,
) -> Result<Channel, Fault> {
    let channel = its_channel(tx, filing).await?;
    filing.base = Some(Record::of(tx, app, &channel).await?);
    channel::begin_cancel(tx, app, actor, &channel, number).await?;
    if proven {
        return channel::close_cancelled(tx, app, actor, channel).await;
    }
    Ok(channel)
}

/// The channel of a change or a cancellation, if it may still have one: it may have been cancelled on
/// paper or merged into another since.
async fn its_channel(tx: &Tx, filing: &Filing) -> Result<Channel, Fault> {
    let id = filing.channel.ok_or(Fault::NotFound)?;
    let channel = channel::store::get(tx, id).await?;
    filing.kind.suits(channel.filing, channel.running)?;
    Ok(channel)
}

/// The persons named on the form: those whom the register of persons knows, and new contacts.
async fn people(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    filing: &Filing,
) -> Result<ChannelPeople, Fault> {
    let contacts = &filing.contacts;
    let mut found = ChannelPeople::default();
    if !contacts.leader.is_blank() {
        found.leader = Some(one(tx, app, actor, filing, &contacts.leader).await?);
    }
    for contact in &contacts.reviewers {
        found
            .reviewers
            .push(one(tx, app, actor, filing, contact).await?);
    }
    for contact in &contacts.operators {
        found
            .operators
            .push(one(tx, app, actor, filing, contact).await?);
    }
    Ok(found)
}

async fn one(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    filing: &Filing,
    contact: &Contact,
) -> Result<PersonId, Fault> {
    let phone = person::phone(&contact.phone).ok().flatten();
    let kept = filing.base.as_ref().filter(|_| filing.kind == Kind::Change);
    if let Some(id) = kept.and_then(|record| record.person(&contact.name)) {
        keep_true(tx, app, actor, id, contact, phone).await?;
        return Ok(id);
    }
    let known =
        person::by_name_and_phone(tx, app, filing.unit, &contact.name, phone.as_deref()).await?;
    if let Some(person) = known {
        return Ok(person);
    }
    let new = NewPerson {
        unit: filing.unit,
        name: contact.name.clone(),
        employment: contact.employment(),
        post: contact.post.clone(),
        phone,
        mail: None,
        staff_number: None,
    };
    person::create_contact(tx, app, actor, new).await
}

/// Post and number of somebody whom the record names already are what the change says of them.
async fn keep_true(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    id: PersonId,
    contact: &Contact,
    phone: Option<String>,
) -> Result<(), Fault> {
    let Some(known) = person::find(tx, id).await? else {
        return Ok(());
    };
    let details = person::details(app, &known)?;
    let said = NewPerson {
        unit: known.unit,
        name: known.name.clone(),
        employment: contact.employment().or(Some(known.employment)),
        post: contact.post.clone(),
        phone: phone.or_else(|| details.phone.clone()),
        mail: details.mail,
        staff_number: details.staff_number,
    };
    person::change(tx, app, actor, &known, said).await
}

/// Asks the security administrator to make the operators channel admins (Rule 4(5)), unless they are:
/// only they give roles (R-ORG-9).
async fn ask_for_admins(
    tx: &Tx,
    app: &App,
    channel: &channel::Channel,
    now: DateTime<Utc>,
    settings: &Registry,
) -> Result<(), Fault> {
    let place = channel.place(tx).await?;
    let mut admins: Vec<PersonId> = vec![];
    for admin in [Role::ChannelAdmin, Role::ChannelDeputy] {
        let holders = role::holders(tx, now, admin, &place).await?;
        admins.extend(holders.into_iter().map(|holder| holder.person));
    }
    if channel
        .people
        .operators
        .iter()
        .all(|operator| admins.contains(operator))
    {
        return Ok(());
    }
    let name = channel::lasting_title(&channel.facts, channel.id);
    let item = NewItem {
        kind: role::AWAITED,
        subject: (CHANNEL, channel.id.0),
        title: format!("为网络阵地{name}的运维人员授予管理员角色"),
        href: format!(
            "/grants/new?channel={}&role={}",
            channel.id,
            Role::ChannelAdmin.code()
        ),
        unit: channel.facts.unit,
        channel: Some(channel.id),
        assignee: Assignee::Role(Role::SecurityAdmin),
        due: Some(due(now, settings.filing_step_days)),
        barred: vec![],
        escalate_to: None,
    };
    work::open(tx, app, item).await.map(|_| ())
}

/// The operators whom a change took from the channel.
fn gone_operators(filing: &Filing, channel: &Channel) -> Vec<PersonId> {
    let before = filing.base.as_ref().filter(|_| filing.kind == Kind::Change);
    before
        .iter()
        .flat_map(|record| &record.people.operators)
        .filter(|person| !channel.people.all().contains(person))
        .copied()
        .collect()
}

/// Everyone who holds a role on the channel itself.
pub(super) async fn everyone_with_roles(
    tx: &Tx,
    now: DateTime<Utc>,
    channel: &Channel,
) -> Result<Vec<PersonId>, Fault> {
    let place = channel.place(tx).await?;
    let mut all = vec![];
    for one in Role::ALL.iter().filter(|role| role.per_channel()) {
        for holder in role::holders(tx, now, *one, &place).await? {
            if !all.contains(&holder.person) {
                all.push(holder.person);
            }
        }
    }
    Ok(all)
}

/// Asks the security administrator to take the roles on a channel from those who run it no more: only
/// they take roles (R-ORG-9).
pub(super) async fn ask_to_take(
    tx: &Tx,
    app: &App,
    channel: &Channel,
    people: &[PersonId],
    now: DateTime<Utc>,
    settings: &Registry,
) -> Result<(), Fault> {
    let name = channel::lasting_title(&channel.facts, channel.id);
    for person in people {
        for grant in role::of_person(tx, now, *person).await? {
            if grant.channel != Some(channel.id) {
                continue;
            }
            let item = NewItem {
                kind: role::TO_TAKE,
                subject: (role::GRANT, grant.id),
                title: format!("收回网络阵地{name}原运维人员的“{}”角色", grant.role.label()),
                href: format!("/grants?role={}", grant.role.code()),
                unit: channel.facts.unit,
                channel: Some(channel.id),
                assignee: Assignee::Role(Role::SecurityAdmin),
                due: Some(due(now, settings.filing_step_days)),
                barred: vec![*person],
                escalate_to: None,
            };
            work::open(tx, app, item).await?;
        }
    }
    Ok(())
}
