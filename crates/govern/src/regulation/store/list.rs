//! Lists of regulations, and who sees which.

use super::{
    super::{Regulation, RegulationState},
    rows::{reading, regulation, version},
    versions::SEARCH,
};
use crate::Evidence;
use chrono::NaiveDate;
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, PaginatorTrait, QueryOrder, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, SelectStatement},
};
use zhendi_kernel::{
    Actor, Fault, Permission, PersonId, RegulationId, UnitId, actor::Scope, scope, search,
};
use zhendi_people::person;

/// Which part of the regulations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// In force, or soon.
    #[default]
    Current,
    /// Those that the actor has to read.
    Waiting,
    /// Not issued yet.
    Drafts,
    Repealed,
}

impl View {
    /// All, in the order that pages show.
    pub const ALL: [Self; 4] = [Self::Current, Self::Waiting, Self::Drafts, Self::Repealed];

    /// As it stands in an address.
    pub fn code(self) -> &'static str {
        match self {
            Self::Current => "",
            Self::Waiting => "waiting",
            Self::Drafts => "drafts",
            Self::Repealed => "repealed",
        }
    }
}

/// What a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub view: View,
    /// Issued by this unit or one below it.
    pub unit: Option<UnitId>,
    pub text: String,
    /// From 1.
    pub page: u64,
    pub per_page: u64,
}

/// Rows on a page.
pub const PER_PAGE: u64 = 50;

/// What an actor may see: regulations that bind their units (each binds everything below its unit), that lie
/// within the reach of their roles, and drafts where they may write or issue.
///
/// # Errors
/// When the database fails.
pub async fn sees(db: &impl ConnectionTrait, actor: &Actor) -> Result<Condition, Fault> {
    let Some(me) = actor.person() else {
        return Ok(Condition::all());
    };
    let (mut tops, mut all) = (vec![], false);
    for grant in &actor.grants {
        match grant.scope {
            Scope::Institution(_) => all = true,
            Scope::Unit(unit) => tops.push(unit),
            Scope::Channel(_) => {}
        }
    }
    let mut issued = Condition::any();
    if all {
        issued = issued.add(Expr::value(1).eq(1));
    } else {
        let mut at = tops.clone();
        at.extend(person::find(db, me).await?.map(|person| person.unit));
        issued = issued
            .add(
                Expr::col((regulation::Entity, regulation::Column::ScopeId)).in_subquery(above(at)),
            )
            .add(
                Expr::col((regulation::Entity, regulation::Column::ScopeId))
                    .in_subquery(scope::subtree(tops)),
            );
    }
    let unit = (regulation::Entity, regulation::Column::UnitId);
    Ok(Condition::any()
        .add(
            Condition::all()
                .add(regulation::COLUMN.issued_id.is_not_null())
                .add(issued),
        )
        .add(actor.filter(Permission::DraftRegulations).units(unit))
        .add(actor.filter(Permission::IssueRegulations).units(unit)))
}

/// All units above these, themselves included.
fn above(units: Vec<UnitId>) -> SelectStatement {
    scope::Entity::find()
        .select_only()
        .column(scope::Column::AncestorId)
        .filter(scope::COLUMN.unit_id.is_in(units))
        .into_query()
}

/// Regulations whose last version a person was asked to read and has not.
fn unread(person: PersonId) -> SelectStatement {
    reading::Entity::find()
        .select_only()
        .column(reading::Column::VersionId)
        .filter(reading::COLUMN.person_id.eq(person))
        .filter(reading::COLUMN.asked_at.is_not_null())
        .filter(reading::COLUMN.read_at.is_null())
        .into_query()
}

fn not_repealed(today: NaiveDate) -> Condition {
    Condition::any()
        .add(regulation::COLUMN.repealed_on.is_null())
        .add(regulation::COLUMN.repealed_on.gt(today))
}

fn within(view: View, me: Option<PersonId>, today: NaiveDate) -> Condition {
    let issued = regulation::COLUMN.issued_id.is_not_null();
    match view {
        View::Current => Condition::all().add(issued).add(not_repealed(today)),
        View::Waiting => Condition::all().add(not_repealed(today)).add(
            Expr::col((regulation::Entity, regulation::Column::IssuedId))
                .in_subquery(unread(me.unwrap_or(PersonId(0)))),
        ),
        View::Drafts => {
            let written = version::Entity::find()
                .select_only()
                .column(version::Column::RegulationId)
                .filter(version::COLUMN.issued_at.is_null())
                .into_query();
            Condition::all()
                .add(Expr::col((regulation::Entity, regulation::Column::Id)).in_subquery(written))
        }
        View::Repealed => Condition::all().add(regulation::COLUMN.repealed_on.lte(today)),
    }
}

/// A page of regulations, the latest first, and how many there are in all.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    query: &Query,
    today: NaiveDate,
) -> Result<(Vec<Regulation>, u64), Fault> {
    let mut select = regulation::Entity::find()
        .filter(sees(db, actor).await?)
        .filter(within(query.view, actor.person(), today));
    if query.view == View::Drafts {
        // A draft of a later version is for those who write and issue, as the first one is.
        let unit = (regulation::Entity, regulation::Column::UnitId);
        select = select.filter(
            Condition::any()
                .add(actor.filter(Permission::DraftRegulations).units(unit))
                .add(actor.filter(Permission::IssueRegulations).units(unit)),
        );
    }
    if let Some(unit) = query.unit {
        select = select.filter(
            Expr::col((regulation::Entity, regulation::Column::UnitId))
                .in_subquery(scope::subtree([unit])),
        );
    }
    if let Some(found) = search::condition(
        SEARCH,
        &query.text,
        (regulation::Entity, regulation::Column::Id),
        (regulation::Entity, regulation::Column::Haystack),
    ) {
        select = select.filter(found);
    }
    let total = select.clone().count(db).await?;
    let rows = select
        .order_by_desc(regulation::COLUMN.updated_at)
        .order_by_desc(regulation::COLUMN.id)
        .limit(query.per_page)
        // No page lies behind the last row; a number beyond the database's own would be a fault.
        .offset(std::cmp::min(query.page.saturating_sub(1), total) * query.per_page)
        .all(db)
        .await?;
    Ok((rows.into_iter().map(Regulation::from).collect(), total))
}

/// How many regulations wait for a person's reading.
///
/// # Errors
/// When the database fails.
pub async fn waiting(
    db: &impl ConnectionTrait,
    me: PersonId,
    today: NaiveDate,
) -> Result<u64, Fault> {
    Ok(regulation::Entity::find()
        .filter(within(View::Waiting, Some(me), today))
        .count(db)
        .await?)
}

/// Whether an actor may see a regulation at all.
///
/// # Errors
/// When the database fails.
pub async fn seen(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RegulationId,
) -> Result<bool, Fault> {
    let found = regulation::Entity::find_by_id(id)
        .filter(sees(db, actor).await?)
        .count(db)
        .await?;
    Ok(found > 0)
}

/// The regulations that a unit issued and that were in effect at some time within these days.
///
/// # Errors
/// When the database fails.
pub async fn evidence(
    db: &impl ConnectionTrait,
    unit: UnitId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Evidence>, Fault> {
    let rows = regulation::Entity::find()
        .filter(regulation::COLUMN.unit_id.eq(unit))
        .filter(regulation::COLUMN.effective_on.lte(to))
        .filter(
            Condition::any()
                .add(regulation::COLUMN.repealed_on.is_null())
                .add(regulation::COLUMN.repealed_on.gt(from)),
        )
        .order_by_asc(regulation::COLUMN.effective_on)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let regulation = Regulation::from(row);
            let state: RegulationState = regulation.state(to);
            Evidence {
                kind: "规章制度",
                state: state.label(),
                href: regulation.href(),
                since: regulation.effective_on.unwrap_or(from),
                until: regulation.repealed_on,
                title: regulation.title,
                number: regulation.number,
            }
        })
        .collect())
}
