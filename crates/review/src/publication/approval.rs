//! Approvals (授权, R-REV-5): exact content may go out on these channels, for a time.

use super::{effect, store};
use crate::ids::{ApprovalId, ManuscriptId, VersionId};
use chrono::{DateTime, Days, Utc};
use sea_orm::{ConnectionTrait, QueryOrder, Set, entity::prelude::*, sea_query::Expr};
use serde::{Deserialize, Serialize};
use zhendi_kernel::{Actor, App, ChannelId, Fault, PersonId, Tx, UnitId, files::ContentHash};

/// Who approved at which level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approver {
    /// 1, 2, 3; 4 is the leader in charge.
    pub level: u8,
    pub person: PersonId,
    pub on_behalf_of: Option<PersonId>,
    pub at: DateTime<Utc>,
}

/// What the last level approved.
#[derive(Clone, Debug)]
pub struct NewApproval {
    pub manuscript: ManuscriptId,
    /// The manuscript's unit.
    pub unit: UnitId,
    pub version: VersionId,
    pub title: String,
    pub hash: ContentHash,
    /// Where it may go out; the first is the main channel.
    pub channels: Vec<ChannelId>,
    pub approvers: Vec<Approver>,
    /// So many days it may be used to begin a publication; for ever when none.
    pub valid_days: Option<u16>,
}

/// The approvals' rows.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "approval")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: ApprovalId,
    pub manuscript_id: ManuscriptId,
    pub version_id: VersionId,
    pub hash: ContentHash,
    #[sea_orm(column_type = "JsonBinary")]
    pub channels: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub approvers: Json,
    pub granted_at: DateTimeUtc,
    pub expires_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
    pub revoked_by: Option<PersonId>,
    #[sea_orm(column_type = "Text")]
    pub revoked_why: String,
}
impl ActiveModelBehavior for ActiveModel {}

/// An approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub id: ApprovalId,
    pub manuscript: ManuscriptId,
    pub version: VersionId,
    pub hash: ContentHash,
    pub channels: Vec<ChannelId>,
    pub approvers: Vec<Approver>,
    pub granted_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub revoked_why: String,
}

impl Model {
    fn read(self) -> Result<Approval, Fault> {
        Ok(Approval {
            id: self.id,
            manuscript: self.manuscript_id,
            version: self.version_id,
            hash: self.hash,
            channels: serde_json::from_value(self.channels).map_err(Fault::internal)?,
            approvers: serde_json::from_value(self.approvers).map_err(Fault::internal)?,
            granted_at: self.granted_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
            revoked_why: self.revoked_why,
        })
    }
}

impl Approval {
    /// Whether a publication may begin by it now, of this content on this channel.
    pub fn covers(&self, hash: &ContentHash, channel: ChannelId, now: DateTime<Utc>) -> bool {
        self.hash == *hash && self.channels.contains(&channel) && self.in_force(now)
    }

    /// Neither taken back nor run out.
    pub fn in_force(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// Keeps an approval without handing anything on: for what is live already.
pub(super) async fn keep(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    new: &NewApproval,
) -> Result<ApprovalId, Fault> {
    let row = ActiveModel {
        id: sea_orm::NotSet,
        manuscript_id: Set(new.manuscript),
        version_id: Set(new.version),
        hash: Set(new.hash.clone()),
        channels: Set(serde_json::to_value(&new.channels).map_err(Fault::internal)?),
        approvers: Set(serde_json::to_value(&new.approvers).map_err(Fault::internal)?),
        granted_at: Set(now),
        expires_at: Set(new.valid_days.map(|days| now + Days::new(days.into()))),
        revoked_at: Set(None),
        revoked_by: Set(None),
        revoked_why: Set(String::new()),
    };
    Ok(row.insert(tx).await?.id)
}

/// The last level approved: keeps the approval, and for each channel a publication that waits for the
/// channel's admin. What waited there of an older version is replaced; what is live stays live. Writes no
/// audit record: the decision's own tells of it, and comes after this.
///
/// # Errors
/// When the database fails.
pub async fn grant(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    new: NewApproval,
) -> Result<ApprovalId, Fault> {
    let now = app.now();
    let id = keep(tx, now, &new).await?;
    for channel in &new.channels {
        effect::plan(tx, app, actor, &new, id, *channel).await?;
    }
    Ok(id)
}

/// Takes back what was not yet used of a manuscript's approvals, with the reason: what waits or failed
/// lapses, what is live stays. Says how many approvals it were. Writes no audit record.
///
/// # Errors
/// When the database fails.
pub async fn revoke(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    manuscript: ManuscriptId,
    why: &str,
) -> Result<u64, Fault> {
    let ended = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(app.now()))
        .col_expr(Column::RevokedBy, Expr::value(actor.person()))
        .col_expr(Column::RevokedWhy, Expr::value(why))
        .filter(COLUMN.manuscript_id.eq(manuscript))
        .filter(COLUMN.revoked_at.is_null())
        .exec(tx)
        .await?;
    for publication in store::waiting(tx, manuscript).await? {
        effect::lapse(tx, app, actor, publication, why).await?;
    }
    Ok(ended.rows_affected)
}

/// An approval.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, id: ApprovalId) -> Result<Option<Approval>, Fault> {
    let row = Entity::find_by_id(id).one(db).await?;
    row.map(Model::read).transpose()
}

/// The approvals of a manuscript, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_manuscript(
    db: &impl ConnectionTrait,
    manuscript: ManuscriptId,
) -> Result<Vec<Approval>, Fault> {
    Entity::find()
        .filter(COLUMN.manuscript_id.eq(manuscript))
        .order_by_desc(COLUMN.id)
        .all(db)
        .await?
        .into_iter()
        .map(Model::read)
        .collect()
}

/// The newest approval of exactly this content, one in force before others.
///
/// # Errors
/// When the database fails.
pub async fn of_hash(
    db: &impl ConnectionTrait,
    hash: &ContentHash,
    now: DateTime<Utc>,
) -> Result<Option<Approval>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.hash.eq(hash.clone()))
        .order_by_desc(COLUMN.id)
        .all(db)
        .await?;
    let mut all: Vec<Approval> = rows
        .into_iter()
        .map(Model::read)
        .collect::<Result<_, _>>()?;
    let first = all.iter().position(|one| one.in_force(now)).unwrap_or(0);
    Ok((!all.is_empty()).then(|| all.swap_remove(first)))
}
