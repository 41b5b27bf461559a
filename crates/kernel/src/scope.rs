//! Where a right reaches: a unit's whole subtree, or one channel. The table `unit_ancestor` is the
//! index behind it; `people` keeps the tree, this module keeps the index true to it.

use crate::{ChannelId, Fault, UnitId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, ExprTrait, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, IntoColumnRef},
};

/// One row for each unit and each unit above it, itself included (depth 0).
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit_ancestor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub ancestor_id: UnitId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub unit_id: UnitId,
    pub depth: i32,
}
impl ActiveModelBehavior for ActiveModel {}

/// The place of a thing: its unit with all units above, and the channel if it belongs to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The unit itself first, the root last.
    pub units: Vec<UnitId>,
    /// The channel, for things that belong to one.
    pub channel: Option<ChannelId>,
}

impl Place {
    /// The unit that the thing belongs to.
    pub fn unit(&self) -> Option<UnitId> {
        self.units.first().copied()
    }

    /// The same place, narrowed to a channel.
    pub fn on(mut self, channel: Option<ChannelId>) -> Self {
        self.channel = channel;
        self
    }
}

/// The place of a unit. A unit that does not exist has no ancestors, so nobody may do anything there.
///
/// # Errors
/// When the database fails.
pub async fn place(db: &impl ConnectionTrait, unit: UnitId) -> Result<Place, Fault> {
    let units = Entity::find()
        .filter(COLUMN.unit_id.eq(unit))
        .order_by_asc(COLUMN.depth)
        .all(db)
        .await?
        .into_iter()
        .map(|row| row.ancestor_id)
        .collect();
    Ok(Place {
        units,
        channel: None,
    })
}

/// Puts a new unit under `parent` (none for the root).
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    unit: UnitId,
    parent: Option<UnitId>,
) -> Result<(), Fault> {
    let above = match parent {
        Some(parent) => place(tx, parent).await?.units,
        None => vec![],
    };
    let rows = std::iter::once(unit)
        .chain(above)
        .zip(0..)
        .map(|(ancestor, depth)| ActiveModel {
            ancestor_id: Set(ancestor),
            unit_id: Set(unit),
            depth: Set(depth),
        });
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Moves a unit with everything below it under `parent`. The caller has refused circles.
///
/// # Errors
/// When the database fails.
pub async fn reparent(
    tx: &impl ConnectionTrait,
    unit: UnitId,
    parent: UnitId,
) -> Result<(), Fault> {
    let below = Entity::find()
        .filter(COLUMN.ancestor_id.eq(unit))
        .all(tx)
        .await?;
    let above = place(tx, parent).await?.units;
    let inside: Vec<UnitId> = below.iter().map(|row| row.unit_id).collect();
    Entity::delete_many()
        .filter(COLUMN.unit_id.is_in(inside.clone()))
        .filter(COLUMN.ancestor_id.is_not_in(inside))
        .exec(tx)
        .await?;
    let rows = below.iter().flat_map(|row| {
        above.iter().zip(1..).map(|(ancestor, step)| ActiveModel {
            ancestor_id: Set(*ancestor),
            unit_id: Set(row.unit_id),
            depth: Set(row.depth + step),
        })
    });
    Entity::insert_many(rows.collect::<Vec<_>>())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// All units of a subtree, its top included, as a subquery for `IN`.
pub fn subtree(top: impl IntoIterator<Item = UnitId>) -> sea_orm::sea_query::SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::UnitId)
        .filter(COLUMN.ancestor_id.is_in(top))
        .into_query()
}

/// What a list may show an actor. It becomes part of the query: a list is never filtered after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeFilter {
    /// The whole institution.
    All,
    /// These units with everything below them, and these channels.
    Within {
        /// Tops of subtrees.
        units: Vec<UnitId>,
        /// Single channels.
        channels: Vec<ChannelId>,
    },
}

impl ScopeFilter {
    /// Nothing at all.
    pub fn nothing() -> Self {
        Self::Within {
            units: vec![],
            channels: vec![],
        }
    }

    /// The filter as a condition on a table's unit column and, where rows belong to channels, its
    /// channel column.
    pub fn condition(
        &self,
        unit: impl IntoColumnRef,
        channel: Option<impl IntoColumnRef>,
    ) -> Condition {
        match self {
            Self::All => Condition::all(),
            Self::Within { units, channels } => {
                let mut any = Condition::any().add(Expr::value(1).eq(0));
                if !units.is_empty() {
                    any = any.add(Expr::col(unit).in_subquery(subtree(units.iter().copied())));
                }
                if let Some(channel) = channel
                    && !channels.is_empty()
                {
                    any = any.add(Expr::col(channel).is_in(channels.iter().copied()));
                }
                any
            }
        }
    }

    /// For tables whose rows belong to units alone.
    pub fn units(&self, unit: impl IntoColumnRef) -> Condition {
        self.condition(unit, None::<Column>)
    }
}
