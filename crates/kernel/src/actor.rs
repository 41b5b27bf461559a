//! Who acts: a person with roles in force, or the program itself on an operator's order.

use crate::{ChannelId, Fault, Permission, PersonId, Place, Role, ScopeFilter, UnitId};
use axum::{extract::FromRequestParts, http::request::Parts};

/// Where a role is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The root unit: everything.
    Institution(UnitId),
    /// A unit with everything below it.
    Unit(UnitId),
    /// One channel.
    Channel(ChannelId),
}

/// A role in force at a place, one's own or by delegation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    pub role: Role,
    pub scope: Scope,
    /// The person who delegated it. What is done by such a grant counts for both.
    pub on_behalf_of: Option<PersonId>,
}

impl Grant {
    fn covers(&self, place: &Place) -> bool {
        match self.scope {
            Scope::Institution(_) => true,
            Scope::Unit(unit) => place.units.contains(&unit),
            Scope::Channel(channel) => place.channel == Some(channel),
        }
    }
}

/// Who stands behind an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A signed-in person, or the bearer of their token.
    Person { id: PersonId, name: String },
    /// The program: a job, or a command that an operator of the machine typed.
    Program(&'static str),
}

/// What an API token may be used for. A token never does more than its owner.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// Read what its owner may read.
    Read,
    /// Also change what its owner may change.
    Write,
}

/// The acting person or program, made anew for every request: a role taken away is gone at once.
#[derive(Clone, Debug)]
pub struct Actor {
    pub who: Who,
    pub grants: Vec<Grant>,
    /// Set when the actor came with an API token instead of a session.
    pub token: Option<TokenScope>,
    /// The network address that the request came from, for the record.
    pub address: Option<std::net::IpAddr>,
}

impl Actor {
    /// The program acting on an operator's command. It may do everything; the record names it.
    pub fn program(name: &'static str) -> Self {
        Self {
            who: Who::Program(name),
            grants: vec![],
            token: None,
            address: None,
        }
    }

    /// The person's id; none for the program.
    pub fn person(&self) -> Option<PersonId> {
        match &self.who {
            Who::Person { id, .. } => Some(*id),
            Who::Program(_) => None,
        }
    }

    /// The name for pages and the record.
    pub fn name(&self) -> &str {
        match &self.who {
            Who::Person { name, .. } => name,
            Who::Program(name) => name,
        }
    }

    /// Whether the actor may do something at a place.
    pub fn may(&self, permission: Permission, place: &Place) -> bool {
        self.person().is_none()
            || self
                .grants
                .iter()
                .any(|grant| grant.role.permissions().contains(&permission) && grant.covers(place))
    }

    /// Whether the actor may do something somewhere; enough to show a menu entry or open a list.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        self.person().is_none()
            || self
                .grants
                .iter()
                .any(|grant| grant.role.permissions().contains(&permission))
    }

    /// Whether the actor may do something everywhere.
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        self.filter(permission) == ScopeFilter::All
    }

    /// What a list for this permission may show.
    pub fn filter(&self, permission: Permission) -> ScopeFilter {
        if self.person().is_none() {
            return ScopeFilter::All;
        }
        let (mut units, mut channels) = (vec![], vec![]);
        for grant in &self.grants {
            if !grant.role.permissions().contains(&permission) {
                continue;
            }
            match grant.scope {
                Scope::Institution(_) => return ScopeFilter::All,
                Scope::Unit(unit) => units.push(unit),
                Scope::Channel(channel) => channels.push(channel),
            }
        }
        ScopeFilter::Within { units, channels }
    }

    /// The grants by which the actor holds a role at a place; one's own before delegated ones.
    pub fn holding(&self, role: Role, place: &Place) -> Vec<Grant> {
        let mut found: Vec<Grant> = self
            .grants
            .iter()
            .filter(|grant| grant.role == role && grant.covers(place))
            .copied()
            .collect();
        found.sort_by_key(|grant| grant.on_behalf_of);
        found
    }

    /// Refuses with the reason what the actor may see but not do.
    ///
    /// # Errors
    /// `Fault::Forbidden`.
    pub fn require(&self, permission: Permission, place: &Place) -> Result<(), Fault> {
        if self.may(permission, place) {
            Ok(())
        } else {
            Err(Fault::Forbidden(format!(
                "您没有“{}”的权限。如确需办理，请联系安全管理员授予相应角色。",
                permission.label()
            )))
        }
    }

    /// Hides what the actor may not even see.
    ///
    /// # Errors
    /// `Fault::NotFound`.
    pub fn require_sight(&self, permission: Permission, place: &Place) -> Result<(), Fault> {
        if self.may(permission, place) {
            Ok(())
        } else {
            Err(Fault::NotFound)
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(Fault::Anonymous)
    }
}
