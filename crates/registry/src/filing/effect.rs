//! What a step of a filing brings with it: work handed from step to step, and words to people.

use super::{
    Filing, SUBJECT,
    route::Route,
    rules::{Course, Kind, Party, Step},
    store,
};
use crate::platform;
use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, PersonId, Place, Role, Tx, UnitId, clock,
    notify::{self, Notice},
    work::{self, Assignee, NewItem},
};
use zhendi_people::role::{self, Holder};

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

    /// Only those who could take the step that a course now waits for; nobody else is handed anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn awaited(app: &App, place: &Place, course: &Course) -> Result<Self, Fault> {
        let mut all = Self([vec![], vec![], vec![]]);
        if let Some(step) = course.stage.step() {
            let role = course.route.role(step);
            all.0[step as usize] = role::holders(app.db.read(), app.now(), role, place).await?;
        }
        Ok(all)
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
        let handing = Handing::awaited(app, &place, &filing.course).await?;
        hand_on(tx, app, actor, &filing, &handing).await?;
    }
    Ok(())
}

/// Two records were one account: the filings of the one that goes are the other's from now on, what waits
/// included. Ask [`under_way`](super::under_way) of both first: only one filing of a channel may be on its
/// way.
///
/// # Errors
/// `Fault::Refused` when both have one on its way; when the database fails.
pub async fn move_channel(tx: &Tx, from: ChannelId, into: ChannelId) -> Result<(), Fault> {
    store::move_channel(tx, from, into).await
}

/// The filing's name and platform: a unit often has the same name on all of them.
pub(super) async fn called(tx: &Tx, filing: &Filing) -> Result<String, Fault> {
    let code = filing.content.platform.as_str().into();
    let kind = match filing.kind {
        Kind::Opening => String::new(),
        kind => format!("{}：", kind.label()),
    };
    Ok(format!(
        "{kind}{}（{}）",
        filing.lasting_title(),
        platform::name(tx, &code).await?
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

pub(super) fn for_author(filing: &Filing, kind: &'static str, title: String) -> NewItem {
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

pub(super) async fn tell_author(
    tx: &Tx,
    app: &App,
    filing: &Filing,
    title: String,
) -> Result<(), Fault> {
    let author: Vec<PersonId> = filing.course.author.everyone().collect();
    let href = filing.href();
    notify::tell(tx, app, &author, Notice { title, href }).await
}
