//! What the kernel's list of work asks about people.

use super::store;
use crate::{account, person, unit};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, PersonId, Place, Role, UnitId, scope, work::Holders,
};

/// The person for whom an act was done by delegation: none when the actor may do it in their own right. What
/// is recorded of an act names both (R-ORG-9: an act "by X for Y" counts for both).
pub fn principal(actor: &Actor, permission: Permission, place: &Place) -> Option<PersonId> {
    let mut principals = Role::ALL
        .iter()
        .filter(|role| role.permissions().contains(&permission))
        .flat_map(|role| actor.holding(*role, place))
        .map(|grant| grant.on_behalf_of)
        .collect::<Vec<_>>();
    principals.sort_unstable();
    principals.into_iter().next().flatten()
}

/// As [`principal`], for what serves the whole institution: wherever the actor may do it.
pub fn stands_for(actor: &Actor, permission: Permission) -> Option<PersonId> {
    let fitting = actor
        .grants
        .iter()
        .filter(|grant| grant.role.permissions().contains(&permission));
    fitting.map(|grant| grant.on_behalf_of).min().flatten()
}

/// The institution's people, as the list of work knows them.
pub struct Staff;

#[async_trait::async_trait]
impl Holders for Staff {
    async fn holders(
        &self,
        app: &App,
        role: Role,
        unit: UnitId,
        channel: Option<ChannelId>,
    ) -> Result<Vec<PersonId>, Fault> {
        let db = app.db.read();
        let place = scope::place(db, unit).await?.on(channel);
        let mut people: Vec<PersonId> = store::holders(db, app.now(), role, &place)
            .await?
            .into_iter()
            .map(|holder| holder.person)
            .collect();
        people.sort();
        people.dedup();
        Ok(people)
    }

    async fn actor(&self, app: &App, person: PersonId) -> Result<Option<Actor>, Fault> {
        let db = app.db.read();
        let found = person::find(db, person).await?;
        if found.is_none_or(|person| person.left_at.is_some())
            || account::is_disabled(db, person).await?
        {
            return Ok(None);
        }
        store::load_actor(db, app.now(), person).await.map(Some)
    }

    async fn unit_names(
        &self,
        app: &App,
        units: &[UnitId],
    ) -> Result<HashMap<UnitId, String>, Fault> {
        unit::names(app.db.read(), units.iter().copied()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhendi_kernel::{actor::Grant, actor::Scope, testing::actor};

    #[test]
    fn who_was_stood_in_for_is_named_unless_the_right_is_ones_own() {
        let root = Scope::Institution(UnitId(1));
        let mut deputy = actor(7, "代办", &[]);
        assert_eq!(stands_for(&deputy, Permission::ManagePeople), None);
        deputy.grants.push(Grant {
            role: Role::SystemAdmin,
            scope: root,
            on_behalf_of: Some(PersonId(3)),
        });
        let place = Place {
            units: vec![UnitId(1)],
            channel: None,
        };
        for found in [
            stands_for(&deputy, Permission::ManagePeople),
            principal(&deputy, Permission::ManagePeople, &place),
        ] {
            assert_eq!(found, Some(PersonId(3)));
        }
        assert_eq!(stands_for(&deputy, Permission::GrantRoles), None);
        deputy.grants.push(Grant {
            role: Role::SystemAdmin,
            scope: root,
            on_behalf_of: None,
        });
        assert_eq!(stands_for(&deputy, Permission::ManagePeople), None);
    }
}
