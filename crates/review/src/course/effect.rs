//! What a change of a course brings with it: work handed from level to level, words to people and systems.

use super::rules::{Course, Level, Party, Seat, Stage};
use crate::hooks::{self, Event, What};
use zhendi_kernel::{
    Actor, App, Fault, PersonId, Place, Role, Tx,
    notify::{self, Notice},
    work::{self, Assignee, NewItem},
};
use zhendi_people::role::{self, Holder};

/// What courses are called in the list of work.
pub const SUBJECT: &str = "review";
/// Work: somebody of the level decides.
pub const REVIEW: &str = "review.decide";
/// Work: who approved it looks at a small correction.
pub const REAPPROVE: &str = "review.reapprove";
/// Work: the author corrects what was returned.
pub const CORRECT: &str = "review.correct";

/// Who could act at each level at a place.
#[derive(Clone, Debug, Default)]
pub struct Handing(Vec<(Seat, Vec<Holder>)>);

impl Handing {
    /// Looks them up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look(app: &App, place: &Place, seats: impl AsRef<[Seat]>) -> Result<Self, Fault> {
        let (db, now) = (app.db.read(), app.now());
        let mut found: Vec<(Seat, Vec<Holder>)> = vec![];
        for seat in seats.as_ref().iter().copied() {
            if found.iter().any(|(one, _)| *one == seat) {
                continue;
            }
            let mut holders = vec![];
            for role in seat.roles() {
                holders.extend(role::holders(db, now, *role, place).await?);
            }
            found.push((seat, holders));
        }
        Ok(Self(found))
    }

    /// Who could act at a level of a course.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(app: &App, place: &Place, course: &Course) -> Result<Self, Fault> {
        Self::look(app, place, &course.route.seats()).await
    }

    /// Who could act at the level that has a course.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_level(app: &App, place: &Place, course: &Course) -> Result<Self, Fault> {
        let seat = course
            .at_level()
            .ok()
            .and_then(|level| course.route.0.get(&level));
        match seat.map(|post| post.seat) {
            Some(seat) => Self::look(app, place, [seat]).await,
            None => Ok(Self::default()),
        }
    }

    /// The holders of a seat.
    pub fn at(&self, seat: Seat) -> &[Holder] {
        self.0
            .iter()
            .find(|(one, _)| *one == seat)
            .map_or(&[], |(_, holders)| holders)
    }

    /// The same as parties.
    pub fn parties(&self, seat: Seat) -> Vec<Party> {
        let party = |holder: &Holder| Party {
            person: holder.person,
            on_behalf_of: holder.on_behalf_of,
        };
        self.at(seat).iter().map(party).collect()
    }

    /// Those who may act at a level of a course, each once.
    pub fn eligible<'a>(&'a self, course: &Course, level: Level) -> Vec<&'a Holder> {
        let barred = course.barred(level);
        let Some(post) = course.route.0.get(&level) else {
            return vec![];
        };
        let mut found: Vec<&Holder> = vec![];
        for holder in self.at(post.seat) {
            let principal = holder.on_behalf_of.unwrap_or(holder.person);
            let named = post.persons.is_empty() || post.persons.contains(&principal);
            let free = std::iter::once(holder.person)
                .chain(holder.on_behalf_of)
                .all(|person| !barred.contains(&person));
            if named && free && !found.iter().any(|one| one.person == holder.person) {
                found.push(holder);
            }
        }
        found
    }
}

/// Who is told when a level lets it lie.
fn above(level: Level) -> Role {
    match level {
        Level::One => Role::UnitHead,
        Level::Two => Role::PublicityHead,
        Level::Three => Role::PortfolioLeader,
        Level::Leader => Role::PartyCommittee,
    }
}

/// The page on which a level decides.
pub fn review_href(course: &Course) -> String {
    format!("/manuscripts/{}/review", course.manuscript)
}

fn href(course: &Course) -> String {
    format!("/manuscripts/{}", course.manuscript)
}

/// The title as it may lie in calendars and mails: one short line.
pub fn called(course: &Course) -> String {
    const LONGEST: usize = 40;
    let mut title: String = course.about.title.chars().take(LONGEST).collect();
    if course.about.title.chars().count() > LONGEST {
        title.push('…');
    }
    let major = if course.major {
        "（重大事项）"
    } else {
        ""
    };
    format!("“{title}”{major}")
}

/// Whose turn it is: opens their work, closes what was open before.
///
/// # Errors
/// When the database fails.
pub async fn hand_on(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    course: &Course,
    handing: &Handing,
    tell: bool,
) -> Result<(), Fault> {
    work::close(tx, app, actor, (SUBJECT, course.manuscript.0), None).await?;
    let level = course.level;
    let (Ok(_), Some(post)) = (course.at_level(), course.route.0.get(&level)) else {
        return Ok(());
    };
    let eligible = handing.eligible(course, level);
    let before = course.approved_base(level).map(|one| one.by.person);
    let same = before.filter(|person| eligible.iter().any(|holder| holder.person == *person));
    let (kind, title) = match same {
        Some(_) => (REAPPROVE, format!("复核小改动：{}", called(course))),
        None => (REVIEW, format!("{level}：{}", called(course))),
    };
    let named = |persons: &[PersonId]| -> Vec<Assignee> {
        persons.iter().copied().map(Assignee::Person).collect()
    };
    let assignees = match (course.hold, same) {
        (Some(hold), _) => named(&[hold.by.person]),
        (None, Some(person)) => named(&[person]),
        (None, None) if !post.persons.is_empty() => named(
            &eligible
                .iter()
                .map(|holder| holder.person)
                .collect::<Vec<_>>(),
        ),
        (None, None) => post
            .seat
            .roles()
            .iter()
            .copied()
            .map(Assignee::Role)
            .collect(),
    };
    let barred: Vec<PersonId> = course.barred(level).into_iter().collect();
    for assignee in assignees {
        let item = NewItem {
            kind,
            subject: (SUBJECT, course.manuscript.0),
            title: title.clone(),
            href: review_href(course),
            unit: course.about.unit,
            channel: Some(course.about.channel),
            assignee,
            due: course.due,
            barred: barred.clone(),
            escalate_to: Some(above(level)),
        };
        work::open(tx, app, item).await?;
    }
    if !tell {
        return Ok(());
    }
    let people: Vec<PersonId> = match same {
        Some(person) => vec![person],
        None => eligible.iter().map(|holder| holder.person).collect(),
    };
    let notice = Notice {
        title: format!("待您{title}"),
        href: review_href(course),
    };
    notify::tell(tx, app, &people, notice).await
}

/// Hands it back to its author with what is to be changed.
///
/// # Errors
/// When the database fails.
pub async fn back_to_author(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    course: &Course,
) -> Result<(), Fault> {
    work::close(tx, app, actor, (SUBJECT, course.manuscript.0), None).await?;
    let item = NewItem {
        kind: CORRECT,
        subject: (SUBJECT, course.manuscript.0),
        title: format!("按退回意见修改：{}", called(course)),
        href: href(course),
        unit: course.about.unit,
        channel: Some(course.about.channel),
        assignee: Assignee::Person(course.about.author),
        due: None,
        barred: vec![],
        escalate_to: None,
    };
    work::open(tx, app, item).await?;
    tell_authors(
        tx,
        app,
        course,
        format!("稿件已退回，请修改：{}", called(course)),
    )
    .await
}

/// Nobody has it any more.
///
/// # Errors
/// When the database fails.
pub async fn ended(tx: &Tx, app: &App, actor: &Actor, course: &Course) -> Result<(), Fault> {
    work::close(tx, app, actor, (SUBJECT, course.manuscript.0), None).await?;
    let words = match course.stage {
        Stage::Approved => "稿件已审定，等待发布：",
        Stage::Discarded => "稿件不予采用：",
        _ => return Ok(()),
    };
    if course.stage == Stage::Discarded && actor.person().is_some_and(|me| course.is_author(me)) {
        return Ok(());
    }
    tell_authors(tx, app, course, format!("{words}{}", called(course))).await
}

async fn tell_authors(tx: &Tx, app: &App, course: &Course, title: String) -> Result<(), Fault> {
    let notice = Notice {
        title,
        href: href(course),
    };
    notify::tell(tx, app, &[course.about.author], notice).await
}

/// Tells other systems.
///
/// # Errors
/// When the database fails.
pub async fn tell_systems(tx: &Tx, app: &App, course: &Course, what: What) -> Result<(), Fault> {
    let (_, hash) = course.content();
    let event = Event::new(
        what,
        course.about.unit,
        course.manuscript,
        &course.about.title,
    )
    .of_version(course.about.number, hash.clone());
    hooks::tell(tx, app, event).await
}
