//! What the kernel's list of work asks about people.

use super::store;
use crate::unit;
use sea_orm::DatabaseConnection;
use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
};
use zhendi_kernel::{
    Actor, ChannelId, Clock, Fault, PersonId, Role, UnitId, scope, work::Directory,
};

/// The institution's people, as the list of work knows them.
pub struct Staff {
    clock: Clock,
}

impl Staff {
    /// Roles are in force by this clock.
    pub fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'a>>;

impl Directory for Staff {
    fn holders<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        role: Role,
        unit: UnitId,
        channel: Option<ChannelId>,
    ) -> Answer<'a, Vec<PersonId>> {
        Box::pin(async move {
            let place = scope::place(db, unit).await?.on(channel);
            let mut people: Vec<PersonId> = store::holders(db, self.clock.now(), role, &place)
                .await?
                .into_iter()
                .map(|holder| holder.person)
                .collect();
            people.sort();
            people.dedup();
            Ok(people)
        })
    }

    fn actor<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        person: PersonId,
    ) -> Answer<'a, Option<Actor>> {
        Box::pin(async move {
            let active = crate::person::find(db, person)
                .await?
                .is_some_and(|person| person.left_at.is_none());
            if !active {
                return Ok(None);
            }
            store::load_actor(db, self.clock.now(), person).await.map(Some)
        })
    }

    fn unit_names<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        units: Vec<UnitId>,
    ) -> Answer<'a, HashMap<UnitId, String>> {
        Box::pin(unit::names(db, units))
    }
}
