//! Rows of `review_workflow` and `review_workflow_version`.

use crate::{
    course::rules::{Law, Party},
    ids::WorkflowId,
};
use sea_orm::{
    ConnectionTrait, ExprTrait, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, IntoColumnRef, OnConflict},
};
use zhendi_kernel::{Fault, PersonId, UnitId, fault::is_duplicate};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_workflow")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: WorkflowId,
    pub unit_id: Option<UnitId>,
    pub platform: Option<String>,
    pub slot: Option<String>,
    pub current_id: Option<i64>,
    pub created_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
}
impl ActiveModelBehavior for ActiveModel {}

/// What a workflow said at each time.
pub(super) mod version {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_workflow_version")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub workflow_id: WorkflowId,
        pub number: i32,
        #[sea_orm(column_type = "JsonBinary")]
        pub law: Law,
        pub made_by: Option<PersonId>,
        pub made_for: Option<PersonId>,
        pub made_at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Whose manuscripts a workflow is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reach {
    /// None is the institution's default.
    pub unit: Option<UnitId>,
    /// None is every kind of channel.
    pub platform: Option<String>,
}

impl Reach {
    fn slot(&self) -> String {
        let unit = self.unit.map_or(0, |unit| unit.0);
        format!("{unit}:{}", self.platform.as_deref().unwrap_or_default())
    }
}

/// A workflow with what it says now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    pub id: WorkflowId,
    pub reach: Reach,
    /// Its present version: row and number.
    pub version: i64,
    pub number: i32,
    pub law: Law,
    pub made_by: Option<PersonId>,
    pub made_at: DateTimeUtc,
    pub ended: bool,
}

fn read(row: Model, version: version::Model) -> Workflow {
    Workflow {
        id: row.id,
        reach: Reach {
            unit: row.unit_id,
            platform: row.platform,
        },
        version: version.id,
        number: version.number,
        law: version.law,
        made_by: version.made_by,
        made_at: version.made_at,
        ended: row.ended_at.is_some(),
    }
}

/// What the version of a row's column says, as a column of that row.
pub fn law_of(id: impl IntoColumnRef) -> Expr {
    let law = version::Entity::find()
        .select_only()
        .column(version::Column::Law)
        .filter(Expr::col((version::Entity, version::Column::Id)).eq(Expr::col(id)))
        .into_query();
    Expr::SubQuery(None, Box::new(law.into()))
}

/// The workflows in force, the institution's own first.
///
/// # Errors
/// When the database fails.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Workflow>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.ended_at.is_null())
        .order_by_asc(COLUMN.unit_id.is_not_null())
        .order_by_asc(COLUMN.unit_id)
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?;
    with_versions(db, rows).await
}

async fn with_versions(
    db: &impl ConnectionTrait,
    rows: Vec<Model>,
) -> Result<Vec<Workflow>, Fault> {
    let ids: Vec<i64> = rows.iter().filter_map(|row| row.current_id).collect();
    let versions = version::Entity::find()
        .filter(version::COLUMN.id.is_in(ids))
        .all(db)
        .await?;
    let of = |row: &Model| {
        versions
            .iter()
            .find(|one| Some(one.id) == row.current_id)
            .cloned()
    };
    Ok(rows
        .into_iter()
        .filter_map(|row| of(&row).map(|version| read(row, version)))
        .collect())
}

/// A workflow.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, id: WorkflowId) -> Result<Option<Workflow>, Fault> {
    let rows = Entity::find_by_id(id).one(db).await?.into_iter().collect();
    Ok(with_versions(db, rows).await?.pop())
}

/// The workflow for a unit's channel of a platform: that of the nearest unit, for the platform before the
/// one for all; none when nobody has set any. `units` begins with the unit itself.
///
/// # Errors
/// When the database fails.
pub async fn for_channel(
    db: &impl ConnectionTrait,
    units: &[UnitId],
    platform: &str,
) -> Result<Option<Workflow>, Fault> {
    let owners = units.iter().copied().map(Some).chain([None]);
    let slots: Vec<String> = owners
        .flat_map(|unit| {
            [Some(platform.to_owned()), None].map(|platform| Reach { unit, platform }.slot())
        })
        .collect();
    let rows = Entity::find()
        .filter(COLUMN.slot.is_in(slots.clone()))
        .all(db)
        .await?;
    let nearest = rows.into_iter().min_by_key(|row| {
        slots
            .iter()
            .position(|slot| row.slot.as_deref() == Some(slot))
    });
    Ok(with_versions(db, nearest.into_iter().collect())
        .await?
        .pop())
}

/// The institution's default, written down as the Rule's own when nobody has yet.
///
/// # Errors
/// When the database fails.
pub async fn default(tx: &impl ConnectionTrait, now: DateTimeUtc) -> Result<Workflow, Fault> {
    let reach = Reach {
        unit: None,
        platform: None,
    };
    let slot = reach.slot();
    Entity::insert(ActiveModel {
        id: sea_orm::NotSet,
        unit_id: Set(None),
        platform: Set(None),
        slot: Set(Some(slot.clone())),
        current_id: Set(None),
        created_at: Set(now),
        ended_at: Set(None),
    })
    .on_conflict(OnConflict::column(Column::Slot).do_nothing().to_owned())
    .exec_without_returning(tx)
    .await?;
    let row = Entity::find().filter(COLUMN.slot.eq(slot)).one(tx).await?;
    let row = row.ok_or_else(|| Fault::internal("no default workflow"))?;
    if row.current_id.is_none() {
        add_version(tx, row.id, 1, Law::of_the_rule(), None, now).await?;
    }
    find(tx, row.id)
        .await?
        .ok_or_else(|| Fault::internal("no version of the default workflow"))
}

/// A new workflow.
///
/// # Errors
/// `Fault::Refused` when there is one for the same unit and kind of channel; when the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    reach: &Reach,
    law: Law,
    by: Option<Party>,
    now: DateTimeUtc,
) -> Result<WorkflowId, Fault> {
    let row = ActiveModel {
        id: sea_orm::NotSet,
        unit_id: Set(reach.unit),
        platform: Set(reach.platform.clone()),
        slot: Set(Some(reach.slot())),
        current_id: Set(None),
        created_at: Set(now),
        ended_at: Set(None),
    }
    .insert(tx)
    .await
    .map_err(|error| match is_duplicate(&error) {
        true => Fault::Refused("这个单位的这类网络阵地已有审核流程，请直接修改那一个。".into()),
        false => error.into(),
    })?;
    add_version(tx, row.id, 1, law, by, now).await?;
    Ok(row.id)
}

/// A further version; what runs keeps the one with which it began.
///
/// # Errors
/// `Fault::Stale` when someone else made that version first; when the database fails.
pub async fn add_version(
    tx: &impl ConnectionTrait,
    id: WorkflowId,
    number: i32,
    law: Law,
    by: Option<Party>,
    now: DateTimeUtc,
) -> Result<i64, Fault> {
    let row = version::ActiveModel {
        id: sea_orm::NotSet,
        workflow_id: Set(id),
        number: Set(number),
        law: Set(law),
        made_by: Set(by.map(|by| by.person)),
        made_for: Set(by.and_then(|by| by.on_behalf_of)),
        made_at: Set(now),
    }
    .insert(tx)
    .await
    .map_err(|error| match is_duplicate(&error) {
        true => Fault::Stale,
        false => error.into(),
    })?;
    Entity::update_many()
        .col_expr(Column::CurrentId, Expr::value(row.id))
        .filter(COLUMN.id.eq(id))
        .exec(tx)
        .await?;
    Ok(row.id)
}

/// Ends a unit's own workflow: new manuscripts follow the one above.
///
/// # Errors
/// When the database fails.
pub async fn end(tx: &impl ConnectionTrait, id: WorkflowId, now: DateTimeUtc) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::Slot, Expr::value(None::<String>))
        .col_expr(Column::EndedAt, Expr::value(now))
        .filter(COLUMN.id.eq(id))
        .filter(COLUMN.unit_id.is_not_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Earlier versions of a workflow, the newest first: number, who, when.
///
/// # Errors
/// When the database fails.
pub async fn history(
    db: &impl ConnectionTrait,
    id: WorkflowId,
) -> Result<Vec<(i32, Option<PersonId>, DateTimeUtc)>, Fault> {
    let rows = version::Entity::find()
        .filter(version::COLUMN.workflow_id.eq(id))
        .order_by_desc(version::COLUMN.number)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.number, row.made_by, row.made_at))
        .collect())
}
