//! The filings that came into force in some time, for annex 4: 每年度末将本年度备案情况统计汇总.

use super::{
    contacts::Contacts,
    content::Content,
    record,
    rules::{Closing, Kind, Stage},
    store::{self, COLUMN, Column, Entity},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, QueryOrder, QuerySelect, entity::prelude::*,
    sea_query::Expr,
};
use std::{collections::BTreeSet, ops::Range};
use zhendi_kernel::{App, ChannelId, Fault, FilingId, ScopeFilter, UnitId, scope};

/// Which filings.
#[derive(Clone, Debug)]
pub struct InForce {
    /// What may be seen.
    pub scope: ScopeFilter,
    /// A unit with all below it, or alone.
    pub unit: Option<UnitId>,
    pub own: bool,
    pub within: Range<DateTime<Utc>>,
}

impl InForce {
    fn condition(&self) -> Condition {
        let mut all = Condition::all()
            .add(
                self.scope
                    .condition((Entity, Column::UnitId), Some((Entity, Column::ChannelId))),
            )
            .add(COLUMN.stage.eq(Stage::Effective.code()))
            // An account that still has to be closed on its platform is not cancelled yet.
            .add(
                Condition::any()
                    .add(COLUMN.closing.is_null())
                    .add(COLUMN.closing.ne(Closing::Proof.code())),
            )
            .add(COLUMN.effective_at.gte(self.within.start))
            .add(COLUMN.effective_at.lt(self.within.end));
        if let Some(unit) = self.unit {
            all = if self.own {
                all.add(COLUMN.unit_id.eq(unit))
            } else {
                all.add(Expr::col(Column::UnitId).in_subquery(scope::subtree([unit])))
            };
        }
        all
    }
}

/// Where a page begins: after this one.
pub type After = (DateTime<Utc>, FilingId);

/// A filing in force, as annex 4 tells it.
#[derive(Clone, Debug)]
pub struct Decided {
    pub after: After,
    pub kind: Kind,
    /// 开设部门; of a change that gives the channel to another unit, the new one.
    pub unit: UnitId,
    pub channel: Option<ChannelId>,
    pub content: Content,
    pub contacts: Contacts,
    /// The cells that a change marks, named as in `Print::changed`.
    pub changed: BTreeSet<String>,
}

/// The next `limit` of them in the order in which they came into force.
///
/// # Errors
/// When the database fails or a key is missing.
pub async fn in_force(
    db: &impl ConnectionTrait,
    app: &App,
    wanted: &InForce,
    after: Option<After>,
    limit: u64,
) -> Result<Vec<Decided>, Fault> {
    let mut all = wanted.condition();
    if let Some((at, id)) = after {
        let later = Condition::all()
            .add(COLUMN.effective_at.eq(at))
            .add(COLUMN.id.gt(id));
        all = all.add(Condition::any().add(COLUMN.effective_at.gt(at)).add(later));
    }
    let rows = Entity::find()
        .filter(all)
        .order_by_asc(Column::EffectiveAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            let mut filing = store::read(app, row, vec![])?;
            let mut changed = BTreeSet::new();
            if filing.kind == Kind::Change
                && let Some((record, said)) = filing.against(None)
            {
                changed = record::changed(record, &said);
                filing.content = said.content;
                filing.contacts = said.contacts;
            }
            let at = filing
                .effective_at
                .ok_or_else(|| Fault::internal(format!("filing {}: effective_at", filing.id)))?;
            Ok(Decided {
                after: (at, filing.id),
                kind: filing.kind,
                unit: filing.content.goes_to().unwrap_or(filing.unit),
                channel: filing.channel,
                content: filing.content,
                contacts: filing.contacts,
                changed,
            })
        })
        .collect()
}
