//! What a change of a filing brings with it: work handed from step to step, words to people, and, at the
//! end, the channel in the register.

use super::{
    Filing, SUBJECT, attachments,
    content::Contact,
    route::Route,
    rules::{Party, Step},
    store,
};
use crate::{
    channel::{
        self, ChannelPeople, FilingState, NewChannel, RunningState, identity, identity::Owner,
        source, store::KIND as CHANNEL,
    },
    platform,
    settings::{Registry, Seal},
};
use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};
use zhendi_kernel::{
    Actor, App, Fault, PersonId, Place, Role, Tx, UnitId, clock,
    notify::{self, Notice},
    work::{self, Assignee, NewItem},
};
use zhendi_people::{
    person::{self, NewPerson},
    role::{self, Holder},
};

/// Work: the unit's head signs.
pub const SIGN: &str = "filing.sign";
/// Work: the publicity officer checks.
pub const CHECK: &str = "filing.check";
/// Work: the publicity department decides.
pub const DECIDE: &str = "filing.decide";
/// Work: the author corrects what was returned.
pub const CORRECT: &str = "filing.correct";
/// Work: the author hands in the sealed form.
pub const SEAL: &str = "filing.seal";

/// The moment so many working days (Monday to Friday) later. Public holidays are not known here; a day
/// more than needed is nobody's harm.
pub fn due(now: DateTime<Utc>, days: u16) -> DateTime<Utc> {
    let mut at = now;
    let mut left = days;
    while left > 0 {
        at += TimeDelta::days(1);
        if !matches!(clock::local(at).weekday(), Weekday::Sat | Weekday::Sun) {
            left -= 1;
        }
    }
    at
}

/// Who could take each step of a route at a place.
pub struct Handing([Vec<Holder>; 3]);

impl Handing {
    /// Looks them up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look(app: &App, place: &Place, route: &Route) -> Result<Self, Fault> {
        let (db, now) = (app.db.read(), app.now());
        Ok(Self([
            role::holders(db, now, route.signature, place).await?,
            role::holders(db, now, route.check, place).await?,
            role::holders(db, now, route.decision, place).await?,
        ]))
    }

    /// The holders for a step.
    pub fn at(&self, step: Step) -> &[Holder] {
        &self.0[step as usize]
    }

    /// The same as parties.
    pub fn parties(&self, step: Step) -> Vec<Party> {
        let party = |holder: &Holder| Party {
            person: holder.person,
            on_behalf_of: holder.on_behalf_of,
        };
        self.at(step).iter().map(party).collect()
    }

    /// Those who may still take the step of a filing, each once.
    pub fn eligible<'a>(&'a self, filing: &Filing, step: Step) -> Vec<&'a Holder> {
        let barred = filing.course.barred();
        let mut found: Vec<&Holder> = vec![];
        for holder in self.at(step) {
            let free = std::iter::once(holder.person)
                .chain(holder.on_behalf_of)
                .all(|person| !barred.contains(&person));
            if free && !found.iter().any(|one| one.person == holder.person) {
                found.push(holder);
            }
        }
        found
    }
}

fn step_words(step: Step) -> (&'static str, &'static str, Option<Role>) {
    match step {
        Step::Signature => (SIGN, "签署备案", Some(Role::PublicityOfficer)),
        Step::Check => (CHECK, "审核备案", Some(Role::PublicityHead)),
        Step::Decision => (DECIDE, "审定备案", Some(Role::PortfolioLeader)),
    }
}

/// Hands the filing to whoever has the step that it waits for.
pub async fn hand_on(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    filing: &Filing,
    handing: &Handing,
) -> Result<(), Fault> {
    work::close(tx, app, actor, (SUBJECT, filing.id.0), None).await?;
    let Some(step) = filing.course.stage.step() else {
        return Ok(());
    };
    let (kind, verb, escalate_to) = step_words(step);
    let title = format!("{verb}：{}", called(tx, filing).await?);
    let item = NewItem {
        kind,
        subject: (SUBJECT, filing.id.0),
        title: title.clone(),
        href: filing.href(),
        unit: filing.unit,
        channel: filing.channel,
        assignee: Assignee::Role(filing.course.route.role(step)),
        due: filing.due,
        barred: filing.course.barred().into_iter().collect(),
        escalate_to,
    };
    work::open(tx, app, item).await?;
    let people: Vec<PersonId> = handing
        .eligible(filing, step)
        .into_iter()
        .map(|holder| holder.person)
        .collect();
    let notice = Notice {
        title: format!("待您{title}"),
        href: filing.href(),
    };
    notify::tell(tx, app, &people, notice).await
}

/// Moves the filings of a unit that went up in another; what waited for that unit's people waits for the
/// other's.
///
/// # Errors
/// When the database fails.
pub async fn move_unit(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    from: UnitId,
    into: UnitId,
) -> Result<(), Fault> {
    for id in store::move_unit(tx, from, into).await? {
        let filing = store::find(tx, app, id).await?.ok_or(Fault::NotFound)?;
        let place = filing.place(tx).await?;
        let handing = Handing::look(app, &place, &filing.course.route).await?;
        hand_on(tx, app, actor, &filing, &handing).await?;
    }
    Ok(())
}

/// The filing's name and platform: a unit often has the same name on all of them.
async fn called(tx: &Tx, filing: &Filing) -> Result<String, Fault> {
    let platforms = platform::load(tx).await?;
    let code = filing.content.platform.as_str().into();
    Ok(format!(
        "{}（{}）",
        filing.lasting_title(),
        platforms.name(&code)
    ))
}

/// Hands it back to its author.
pub async fn back_to_author(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    filing: &Filing,
) -> Result<(), Fault> {
    work::close(tx, app, actor, (SUBJECT, filing.id.0), None).await?;
    let called = called(tx, filing).await?;
    let title = format!("按退回意见修改备案：{called}");
    work::open(tx, app, for_author(filing, CORRECT, title)).await?;
    tell_author(tx, app, filing, format!("备案已退回，请修改：{called}")).await
}

/// Nothing is left to do for anyone.
pub async fn given_up(tx: &Tx, app: &App, actor: &Actor, filing: &Filing) -> Result<(), Fault> {
    work::close(tx, app, actor, (SUBJECT, filing.id.0), None).await?;
    let own = actor.person().is_some_and(|me| filing.course.is_author(me));
    if own {
        return Ok(());
    }
    tell_author(
        tx,
        app,
        filing,
        format!("备案已被单位负责人撤回：{}", filing.lasting_title()),
    )
    .await
}

fn for_author(filing: &Filing, kind: &'static str, title: String) -> NewItem {
    NewItem {
        kind,
        subject: (SUBJECT, filing.id.0),
        title,
        href: filing.href(),
        unit: filing.unit,
        channel: filing.channel,
        assignee: Assignee::Person(filing.course.author.person),
        due: filing.due,
        barred: vec![],
        escalate_to: Some(Role::UnitHead),
    }
}

async fn tell_author(tx: &Tx, app: &App, filing: &Filing, title: String) -> Result<(), Fault> {
    let author: Vec<PersonId> = filing.course.author.everyone().collect();
    let href = filing.href();
    notify::tell(tx, app, &author, Notice { title, href }).await
}

/// Writes the approved filing with its document number and puts its channel into the register.
///
/// The order matters on PostgreSQL: the rows that others may wait for (this filing, the year's number)
/// come before the first audit record, whose chain everyone waits for.
pub async fn bring_into_force(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: &Filing,
    after: &mut Filing,
    settings: &Registry,
) -> Result<(), Fault> {
    let now = app.now();
    after.effective_at = Some(now);
    after.due = None;
    // Whoever approves at the same moment loses here, before a number is taken.
    store::claim_version(tx, before).await?;
    let year = clock::local(now).year();
    let number = store::next_number(tx, year).await?;
    let number = settings
        .filing_number
        .replace("{year}", &year.to_string())
        .replace("{n}", &number.to_string());
    after.document_number = Some(number.clone());

    let mut wrongs = super::content::Wrongs::default();
    let platforms = platform::load(tx).await?;
    let channel = match after.channel {
        Some(id) => Some(channel::store::get(tx, id).await?),
        None => None,
    };
    let kept = channel.as_ref().map(|channel| &channel.facts);
    let facts = after
        .content
        .facts(after.unit, &platforms, kept, &mut wrongs)
        .ok_or_else(|| {
            Fault::Refused("填报内容与现在的平台设置不符，请退回由填报人重新提交。".into())
        })?;
    let people = people(tx, app, actor, after).await?;
    let reason = Some(after.content.second_reason.clone()).filter(|reason| !reason.is_empty());
    let channel = match channel {
        Some(channel) => {
            identity::release(tx, Owner::Filing(after.id)).await?;
            let to = channel::Content {
                facts,
                people,
                second_account_reason: reason.or_else(|| channel.second_account_reason.clone()),
            };
            channel::file(tx, app, actor, channel, to, number).await?
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
            channel::register(tx, app, actor, new, Some(after.id)).await?
        }
    };
    after.channel = Some(channel.id);
    let claimed = Filing {
        version: before.version + 1,
        ..before.clone()
    };
    store::replace(tx, app, &claimed, after).await?;
    work::close(tx, app, actor, (SUBJECT, after.id.0), None).await?;
    if settings.seal == Seal::BeforeClosing && !attachments::has_seal(tx, after.id).await? {
        let title = format!("补交盖章的登记表扫描件：{}", called(tx, after).await?);
        let mut item = for_author(after, SEAL, title);
        item.due = Some(due(now, settings.filing_step_days));
        work::open(tx, app, item).await?;
    }
    ask_for_admins(tx, app, &channel, now, settings).await?;
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
