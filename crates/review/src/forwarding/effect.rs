//! What a forwarding brings with it: work for the departments' heads and for whoever closes it, words to people.
//! Titles of work and notices lie in mails and calendars: they name neither persons nor the text.

use super::{
    SUBJECT,
    rules::{Addressed, CLOSERS, Forwarding, HOURS, heads},
};
use crate::{
    course::Party,
    hooks::{self, Event, What},
    manuscript,
};
use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;
use zhendi_kernel::{
    Actor, App, Fault, PersonId, Role, Tx, UnitId, audit,
    notify::{self, Notice},
    scope,
    work::{self, Assignee, NewItem},
};
use zhendi_people::{role, unit};

/// Work: a department handles it and says what it did.
pub(super) const ANSWER: &str = "forwarding.answer";
/// Work: all have answered; somebody says how it ended.
pub(super) const CLOSE: &str = "forwarding.close";
/// A department's part of a forwarding, in the list of work.
pub(super) const PART: &str = "forwarding_unit";

/// What it is called outside: its number and what it is about, nothing of the text.
pub(super) fn called(one: &Forwarding) -> String {
    format!("第 {} 号转送（{}）", one.id, one.kind.label())
}

/// As what a unit's head answers for it.
pub(super) async fn roles_of(
    db: &impl ConnectionTrait,
    unit: UnitId,
) -> Result<&'static [Role], Fault> {
    let found = unit::find(db, unit).await?;
    Ok(heads(found.is_some_and(|unit| unit.publicity)))
}

/// Who heads a unit now, with those who stand in.
pub(super) async fn heads_of(
    db: &impl ConnectionTrait,
    app: &App,
    unit: UnitId,
) -> Result<Vec<Party>, Fault> {
    let place = scope::place(db, unit).await?;
    let mut parties = vec![];
    for role in roles_of(db, unit).await? {
        let holders = role::holders(db, app.now(), *role, &place).await?;
        parties.extend(holders.into_iter().map(|one| Party {
            person: one.person,
            on_behalf_of: one.on_behalf_of,
        }));
    }
    Ok(parties)
}

/// Asks a department.
pub(super) async fn ask(
    tx: &Tx,
    app: &App,
    one: &Forwarding,
    part: &Addressed,
    authors: &BTreeSet<PersonId>,
) -> Result<(), Fault> {
    let title = format!("{HOURS} 小时内处理并答复：{}", called(one));
    for role in roles_of(tx, part.unit).await? {
        let item = NewItem {
            kind: ANSWER,
            subject: (PART, part.id),
            title: title.clone(),
            href: one.href(),
            unit: part.unit,
            channel: None,
            assignee: Assignee::Role(*role),
            due: Some(one.due),
            barred: authors.iter().copied().collect(),
            escalate_to: Some(Role::PortfolioLeader),
        };
        work::open(tx, app, item).await?;
    }
    let mut people: Vec<PersonId> = heads_of(tx, app, part.unit)
        .await?
        .into_iter()
        .filter(|party| party.everyone().all(|one| !authors.contains(&one)))
        .map(|party| party.person)
        .collect();
    people.sort_unstable();
    people.dedup();
    let notice = Notice {
        title: format!("待您{title}"),
        href: one.href(),
    };
    notify::tell(tx, app, &people, notice).await
}

/// A department is late: its head and the leader in charge are told.
pub(super) async fn tell_late(tx: &Tx, app: &App, one: &Forwarding) -> Result<(), Fault> {
    let mut people = BTreeSet::new();
    for part in one.units.iter().filter(|part| part.answer.is_none()) {
        let heads = heads_of(tx, app, part.unit).await?;
        people.extend(heads.into_iter().map(|party| party.person));
        let place = scope::place(tx, part.unit).await?;
        let leaders = role::holders(tx, app.now(), Role::PortfolioLeader, &place).await?;
        people.extend(leaders.into_iter().map(|one| one.person));
    }
    let people: Vec<PersonId> = people.into_iter().collect();
    let notice = Notice {
        title: format!("超过 {HOURS} 小时未答复：{}", called(one)),
        href: one.href(),
    };
    notify::tell(tx, app, &people, notice).await
}

/// A department has answered, or another has it: the work at this part is done.
pub(super) async fn answered(tx: &Tx, app: &App, actor: &Actor, part: i64) -> Result<(), Fault> {
    work::close(tx, app, actor, (PART, part), None).await?;
    Ok(())
}

/// All have answered: asks the publicity department and whoever forwarded it to close it.
pub(super) async fn ask_to_close(
    tx: &Tx,
    app: &App,
    one: &Forwarding,
    authors: &BTreeSet<PersonId>,
) -> Result<(), Fault> {
    let title = format!("部门已答复，请办结：{}", called(one));
    let root = unit::root(tx).await?.ok_or(Fault::NotFound)?;
    let mut barred = one.answerers(None);
    barred.extend(authors);
    let mut assignees: Vec<Assignee> = CLOSERS.into_iter().map(Assignee::Role).collect();
    if !barred.contains(&one.by.person) {
        assignees.push(Assignee::Person(one.by.person));
    }
    for assignee in assignees {
        let item = NewItem {
            kind: CLOSE,
            subject: (SUBJECT, one.id.0),
            title: title.clone(),
            href: one.href(),
            unit: root.id,
            channel: None,
            assignee,
            due: Some(app.now() + TimeDelta::hours(HOURS)),
            barred: barred.iter().copied().collect(),
            escalate_to: Some(Role::PortfolioLeader),
        };
        work::open(tx, app, item).await?;
    }
    let mut people = publicity(tx, app).await?;
    people.insert(one.by.person);
    let people: Vec<PersonId> = people.difference(&barred).copied().collect();
    let notice = Notice {
        title,
        href: one.href(),
    };
    notify::tell(tx, app, &people, notice).await
}

/// It was closed: nobody has it any more. Whoever forwarded it hears how it ended on its page.
pub(super) async fn closed(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    one: &Forwarding,
) -> Result<(), Fault> {
    work::close(tx, app, actor, (SUBJECT, one.id.0), None).await?;
    let notice = Notice {
        title: format!("已办结：{}", called(one)),
        href: one.href(),
    };
    notify::tell(tx, app, &[one.by.person], notice).await
}

/// The publicity department hears of everything that is forwarded.
pub(super) async fn tell_publicity(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    one: &Forwarding,
    authors: &BTreeSet<PersonId>,
) -> Result<(), Fault> {
    let mut people = publicity(tx, app).await?;
    people.retain(|person| !authors.contains(person) && Some(*person) != actor.person());
    let people: Vec<PersonId> = people.into_iter().collect();
    let notice = Notice {
        title: format!("已转送有关部门：{}", called(one)),
        href: one.href(),
    };
    notify::tell(tx, app, &people, notice).await
}

async fn publicity(tx: &Tx, app: &App) -> Result<BTreeSet<PersonId>, Fault> {
    let root = unit::root(tx).await?.ok_or(Fault::NotFound)?;
    let place = scope::place(tx, root.id).await?;
    let mut people = BTreeSet::new();
    for role in CLOSERS {
        let holders = role::holders(tx, app.now(), role, &place).await?;
        people.extend(holders.into_iter().map(|one| one.person));
    }
    Ok(people)
}

/// Appends to the audit chain; last in its transaction.
#[expect(clippy::too_many_arguments, reason = "one record, said once")]
pub(super) async fn record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    one: &Forwarding,
    by: Party,
    action: &'static str,
    words: &str,
    said: serde_json::Value,
) -> Result<(), Fault> {
    let entry = audit::Entry {
        action,
        subject: (SUBJECT, one.id.0),
        unit: Some(one.unit),
        on_behalf_of: by.on_behalf_of,
        summary: format!("{words}：{}", called(one)),
        detail: serde_json::json!({
            "manuscript": one.manuscript,
            "version": one.content,
            "hash": one.hash,
            "publication": one.publication,
            "kind": one.kind,
            "units": one.units.iter().map(|one| one.unit).collect::<Vec<_>>(),
            "stage": one.stage(),
            "due": one.due,
            "said": said,
        }),
    };
    audit::append(tx, app, actor, entry).await
}

/// Its text is held, or free again: its authors hear of it, and so do other systems.
pub(super) async fn tell_of_text(
    tx: &Tx,
    app: &App,
    one: &Forwarding,
    what: What,
) -> Result<(), Fault> {
    let words = match what {
        What::Held => "稿件暂停审核和发布",
        _ => "稿件已恢复审核和发布",
    };
    let writers = manuscript::load(tx, one.manuscript).await?.writers();
    let notice = Notice {
        title: format!("{words}：第 {} 号稿件", one.manuscript),
        href: format!("/manuscripts/{}", one.manuscript),
    };
    notify::tell(tx, app, &writers, notice).await?;
    let number = manuscript::version(tx, one.content).await?.number;
    let event =
        Event::new(what, one.unit, one.manuscript, &one.title).of_version(number, one.hash.clone());
    hooks::tell(tx, app, event).await
}
