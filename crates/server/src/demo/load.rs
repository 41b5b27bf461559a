//! The history: what happened when, in order, by the hand that sets the clock.

use super::{
    calendar::{Calendar, Hand},
    channels::Sheet,
    filing_data::{Doing, FILINGS},
    forwardings::{FORWARDINGS, Step},
    manuscript_data::{Act, MANUSCRIPTS},
};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use zhendi_kernel::{Actor, App, ChannelId, Fault, FilingId, PersonId, UnitId};
use zhendi_people::role;
use zhendi_review::ids::{ForwardingId, ManuscriptId};

/// Something that happened.
#[derive(Clone, Copy)]
enum Event {
    SetUp,
    Everyone,
    RolesAtUnits,
    RolesOnChannels,
    TakeIn(Sheet),
    Suspend,
    RenameUnit,
    CloseUnit,
    Delegate,
    Regulations,
    Plans,
    Filing(usize, Doing),
    Emergency,
    Manuscript(usize, Act),
    Forwarding(usize, Step),
}

/// Loads the demonstration: rows of the tables become what services make of them.
pub struct Loader<'a> {
    pub(super) app: &'a App,
    pub(super) password: String,
    pub(super) units: HashMap<&'static str, UnitId>,
    pub(super) people: HashMap<&'static str, PersonId>,
    /// By unit and platform.
    pub(super) channels: HashMap<String, ChannelId>,
    pub(super) filings: HashMap<usize, FilingId>,
    pub(super) manuscripts: HashMap<usize, ManuscriptId>,
    pub(super) forwardings: HashMap<usize, ForwardingId>,
}

impl<'a> Loader<'a> {
    /// Lives through the history once.
    pub async fn run(
        app: &'a App,
        hand: &Hand,
        calendar: Calendar,
        password: &str,
    ) -> Result<(), Fault> {
        let mut loader = Self {
            app,
            password: password.into(),
            units: HashMap::new(),
            people: HashMap::new(),
            channels: HashMap::new(),
            filings: HashMap::new(),
            manuscripts: HashMap::new(),
            forwardings: HashMap::new(),
        };
        for (at, event) in history(calendar) {
            hand.set(at);
            // On the heap: together they are more than a thread's stack holds.
            Box::pin(loader.live(event)).await?;
        }
        Ok(())
    }

    async fn live(&mut self, event: Event) -> Result<(), Fault> {
        match event {
            Event::SetUp => self.set_up().await,
            Event::Everyone => self.make_everyone().await,
            Event::RolesAtUnits => self.grant_at_units().await,
            Event::RolesOnChannels => self.grant_on_channels().await,
            Event::TakeIn(sheet) => Box::pin(self.take_in(sheet)).await,
            Event::Suspend => self.suspend().await,
            Event::RenameUnit => self.rename_unit().await,
            Event::CloseUnit => self.close_unit().await,
            Event::Delegate => self.delegate().await,
            Event::Regulations => self.issue_regulations().await,
            Event::Plans => self.make_plans().await,
            Event::Filing(n, doing) => Box::pin(self.go_on(n, doing)).await,
            Event::Emergency => self.name_emergency().await,
            Event::Manuscript(n, act) => Box::pin(self.write_on(n, act)).await,
            Event::Forwarding(n, step) => Box::pin(self.forward_on(n, step)).await,
        }
    }

    /// A person as their next request would find them.
    pub(super) async fn actor(&self, name: &str) -> Result<Actor, Fault> {
        role::load_actor(self.app.db.read(), self.app.now(), self.person(name)).await
    }

    pub(super) fn unit(&self, short: &str) -> UnitId {
        *self
            .units
            .get(short)
            .expect("the tables name only units that they have")
    }

    pub(super) fn person(&self, name: &str) -> PersonId {
        *self
            .people
            .get(name)
            .expect("the tables name only people that they have")
    }

    pub(super) fn channel(&self, key: &str) -> ChannelId {
        *self
            .channels
            .get(key)
            .expect("the tables name only channels that they have")
    }
}

/// Everything that happened, oldest first. Steps of one filing on one day keep their order by the hour.
fn history(calendar: Calendar) -> Vec<(DateTime<Utc>, Event)> {
    let at = |ago, hour, minute| calendar.moment(ago, hour, minute);
    let mut history = vec![
        (at(60, 9, 0), Event::SetUp),
        (at(60, 10, 30), Event::Everyone),
        (at(59, 9, 15), Event::RolesAtUnits),
        (at(57, 15, 40), Event::TakeIn(Sheet::Filed)),
        (at(56, 10, 20), Event::TakeIn(Sheet::Old)),
        (at(55, 9, 50), Event::RolesOnChannels),
        (at(54, 9, 30), Event::Emergency),
        (at(45, 9, 5), Event::RenameUnit),
        (at(44, 16, 10), Event::CloseUnit),
        (at(25, 8, 45), Event::Suspend),
        (at(11, 11, 25), Event::TakeIn(Sheet::Recent)),
        (at(10, 8, 40), Event::Plans),
        (at(4, 8, 30), Event::Delegate),
        (at(3, 8, 50), Event::Regulations),
    ];
    for (n, row) in FILINGS.iter().enumerate() {
        for (ago, doing) in row.course {
            let hour = match doing {
                Doing::Draft | Doing::Correct | Doing::Admin => 9,
                Doing::Announce => 9,
                Doing::Submit => 10,
                Doing::Sign(_) => 11,
                Doing::Paper(..) => 13,
                Doing::Check(_) => 14,
                Doing::Decide(_) => 15,
                Doing::Back(_) => 16,
                Doing::Scan | Doing::Withdraw | Doing::Prove(_) | Doing::Recheck(..) => 17,
            };
            // What is announced goes before what is handed in, and after what was drafted.
            let late = i64::from(matches!(doing, Doing::Announce)) * 59;
            let minute = ((n as i64 * 17 + ago * 7) % 59).max(late);
            history.push((at(*ago, hour, minute), Event::Filing(n, *doing)));
        }
    }
    for (n, row) in MANUSCRIPTS.iter().enumerate() {
        let (mut day, mut nth) = (0, 0);
        for (ago, act) in row.course {
            nth = if *ago == day { nth + 1 } else { 0 };
            day = *ago;
            // What is done on one day is done in its order, an hour and some minutes apart.
            let minute = (n as i64 * 13 + ago * 5) % 30;
            history.push((at(*ago, 9 + nth, 25 + minute), Event::Manuscript(n, *act)));
        }
    }
    for (n, row) in FORWARDINGS.iter().enumerate() {
        for (ago, hour, minute, step) in row.course {
            history.push((at(*ago, *hour, *minute), Event::Forwarding(n, *step)));
        }
    }
    history.sort_by_key(|(at, _)| *at);
    history
}
