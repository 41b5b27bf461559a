//! Rows of `review_course`, `review_round`, `review_decision` and `review_barred`. With `workflow::store`,
//! `tally` and `queue` the only files of the feature that know SQL exists.

use super::{
    rows::{read, round},
    rules::{Course, Decision, Law, Level, Stage},
    tally, workflow,
};
use crate::{
    forwarding,
    ids::{ManuscriptId, VersionId},
};
use sea_orm::{
    ConnectionTrait, ExprTrait, FromQueryResult, QueryOrder, QuerySelect, Set, entity::prelude::*,
    sea_query::Expr,
};
use std::{collections::BTreeSet, sync::Arc};
use zhendi_kernel::{Fault, PersonId, Tx, UnitId, search};

pub(super) use super::rows::{ActiveModel, COLUMN, Column, Entity, Model, barred, decision, named};

/// The kind under which courses are searched.
pub const SEARCH: &str = "review";

/// A course's row with what else is known of it.
#[derive(FromQueryResult)]
struct Found {
    #[sea_orm(nested)]
    row: Model,
    law: Option<Law>,
    stopped: bool,
}

/// The course of a manuscript; none while it was never handed in.
///
/// # Errors
/// When the database fails.
pub async fn of(db: &impl ConnectionTrait, id: ManuscriptId) -> Result<Option<Course>, Fault> {
    let found = Entity::find_by_id(id)
        .expr_as(workflow::store::law_of((Entity, Column::LawId)), "law")
        .expr_as(forwarding::stops((Entity, Column::ManuscriptId)), "stopped")
        .into_model::<Found>()
        .one(db)
        .await?;
    let Some(Found { row, law, stopped }) = found else {
        return Ok(None);
    };
    let law = law.ok_or_else(|| Fault::internal(format!("no workflow version {}", row.law_id)))?;
    let rounds = round::Entity::find()
        .filter(round::COLUMN.manuscript_id.eq(id))
        .order_by_asc(round::COLUMN.number)
        .all(db)
        .await?
        .into_iter()
        .map(round::Model::read)
        .collect::<Result<_, _>>()?;
    let course = read(row, Arc::new(law), rounds, decisions(db, id).await?)?;
    Ok(Some(Course { stopped, ..course }))
}

/// The course as it stands until the transaction ends: who decides meanwhile waits for it.
///
/// # Errors
/// `Fault::NotFound` for what was never handed in; when the database fails.
pub async fn still(tx: &Tx, id: ManuscriptId) -> Result<Course, Fault> {
    Entity::find_by_id(id)
        .select_only()
        .column(Column::Version)
        .lock_exclusive()
        .into_tuple::<i32>()
        .one(tx)
        .await?;
    of(tx, id).await?.ok_or(Fault::NotFound)
}

/// The decisions on a manuscript, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn decisions(
    db: &impl ConnectionTrait,
    id: ManuscriptId,
) -> Result<Vec<Decision>, Fault> {
    decision::Entity::find()
        .filter(decision::COLUMN.manuscript_id.eq(id))
        .order_by_asc(decision::COLUMN.id)
        .all(db)
        .await?
        .into_iter()
        .map(decision::Model::read)
        .collect()
}

/// What a course is found by.
fn haystack(course: &Course) -> String {
    search::haystack([course.about.title.as_str(), &course.manuscript.to_string()])
}

fn write(course: &Course) -> Result<ActiveModel, Fault> {
    let reviewing = course.stage == Stage::Reviewing;
    let turn = reviewing
        .then(|| course.route.0.get(&course.level))
        .flatten()
        .map(|post| post.seat.code().to_owned());
    let (content, hash) = course.content();
    Ok(ActiveModel {
        manuscript_id: Set(course.manuscript),
        version: Set(course.version),
        unit_id: Set(course.about.unit),
        channel_id: Set(course.about.channel),
        platform: Set(course.about.platform.clone()),
        author_id: Set(course.about.author),
        title: Set(course.about.title.clone()),
        haystack: Set(haystack(course)),
        number: Set(course.about.number),
        stage: Set(course.stage.code().into()),
        round: Set(course.round().number),
        level: Set(course.level.rank()),
        turn: Set(turn),
        named: Set(!waits_for(course).is_empty()),
        content_id: Set(content),
        hash: Set(hash.clone()),
        law_id: Set(course.law_id),
        route: Set(course.route.clone()),
        authors: Set(serde_json::to_value(&course.authors).map_err(Fault::internal)?),
        major: Set(course.major),
        mark: Set(course.mark.clone()),
        held_by: Set(course.hold.map(|hold| hold.by.person)),
        held_for: Set(course.hold.and_then(|hold| hold.by.on_behalf_of)),
        held_until: Set(course.hold.map(|hold| hold.until)),
        due_at: Set(course.due),
        submitted_at: Set(course.submitted_at),
        level_since: Set(course.since),
        approved_at: Set(course.approved_at),
        expires_at: Set(course.expires_at),
        updated_at: Set(course.updated_at),
    })
}

/// Keeps the course of a manuscript that was handed in for the first time.
///
/// # Errors
/// `Fault::Stale` when somebody was first; when the database fails.
pub async fn insert(tx: &Tx, course: &Course) -> Result<(), Fault> {
    let kept = Entity::insert(write(course)?)
        .exec_without_returning(tx)
        .await;
    kept.map_err(|error| match zhendi_kernel::fault::is_duplicate(&error) {
        true => Fault::Stale,
        false => error.into(),
    })?;
    search::index_new(tx, SEARCH, &[(course.manuscript.0, &haystack(course))]).await?;
    parts(tx, None, course).await
}

/// Writes a course over the version it was read at, with what is new since `before`.
///
/// # Errors
/// `Fault::Stale` when someone else was first; when the database fails.
pub async fn replace(tx: &Tx, before: &Course, after: &mut Course) -> Result<(), Fault> {
    after.version = before.version + 1;
    let row = ActiveModel {
        manuscript_id: sea_orm::NotSet,
        ..write(after)?
    };
    let done = Entity::update_many()
        .set(row)
        .filter(COLUMN.manuscript_id.eq(before.manuscript))
        .filter(COLUMN.version.eq(before.version))
        .exec(tx)
        .await?;
    if done.rows_affected != 1 {
        return Err(Fault::Stale);
    }
    let of = after.manuscript.0;
    search::index(tx, SEARCH, of, &haystack(before), &haystack(after)).await?;
    parts(tx, Some(before), after).await
}

/// The new rounds and decisions, who may not act now, and the counters.
async fn parts(tx: &Tx, before: Option<&Course>, after: &Course) -> Result<(), Fault> {
    let tx = &tx.later();
    for round in after
        .rounds
        .iter()
        .skip(before.map_or(0, |one| one.rounds.len()))
    {
        round::Entity::insert(round::ActiveModel {
            manuscript_id: Set(after.manuscript),
            number: Set(round.number),
            starts: Set(round.starts.rank()),
            content_id: Set(round.content),
            hash: Set(round.hash.clone()),
            law_id: Set(round.law),
            base_id: Set(round.base.as_ref().map(|(id, _)| *id)),
            base_hash: Set(round.base.as_ref().map(|(_, hash)| hash.clone())),
            submitted_by: Set(round.by.person),
            submitted_for: Set(round.by.on_behalf_of),
            note: Set(round.note.clone()),
            at: Set(round.at),
        })
        .exec_without_returning(tx)
        .await?;
    }
    for one in after
        .decisions
        .iter()
        .skip(before.map_or(0, |one| one.decisions.len()))
    {
        let paper = one.paper.as_ref();
        decision::Entity::insert(decision::ActiveModel {
            id: sea_orm::NotSet,
            manuscript_id: Set(after.manuscript),
            round: Set(one.round),
            level: Set(one.level.rank()),
            content_id: Set(one.content),
            hash: Set(one.hash.clone()),
            verdict: Set(one.verdict.code().into()),
            to_level: Set(one.to.map(Level::rank)),
            person_id: Set(one.by.person),
            on_behalf_of: Set(one.by.on_behalf_of),
            opinion: Set(one.opinion.clone()),
            checklist: Set(serde_json::to_value(&one.checklist).map_err(Fault::internal)?),
            proofread: Set(one.proofread.clone()),
            asked: Set(serde_json::to_value(&one.asked).map_err(Fault::internal)?),
            recorded_by: Set(paper.map(|paper| paper.recorded_by.person)),
            recorded_for: Set(paper.and_then(|paper| paper.recorded_by.on_behalf_of)),
            decided_on: Set(paper.map(|paper| paper.decided_on)),
            paper_number: Set(paper.map(|paper| paper.number.clone())),
            scan: Set(paper.map(|paper| paper.scan.clone())),
            since: Set(one.since),
            at: Set(one.at),
        })
        .exec_without_returning(tx)
        .await?;
    }
    let was = before.map_or_else(BTreeSet::new, waits_without);
    let now = waits_without(after);
    let gone: Vec<PersonId> = was.difference(&now).copied().collect();
    if !gone.is_empty() {
        barred::Entity::delete_many()
            .filter(barred::COLUMN.manuscript_id.eq(after.manuscript))
            .filter(barred::COLUMN.person_id.is_in(gone))
            .exec(tx)
            .await?;
    }
    let new: Vec<_> = now
        .difference(&was)
        .map(|person| barred::ActiveModel {
            manuscript_id: Set(after.manuscript),
            person_id: Set(*person),
        })
        .collect();
    if !new.is_empty() {
        barred::Entity::insert_many(new)
            .exec_without_returning(tx)
            .await?;
    }
    let (were, are) = (before.map_or_else(Vec::new, waits_for), waits_for(after));
    if were != are {
        named::Entity::delete_many()
            .filter(named::COLUMN.manuscript_id.eq(after.manuscript))
            .exec(tx)
            .await?;
        let rows: Vec<_> = are
            .into_iter()
            .map(|person| named::ActiveModel {
                manuscript_id: Set(after.manuscript),
                person_id: Set(person),
            })
            .collect();
        if !rows.is_empty() {
            named::Entity::insert_many(rows)
                .exec_without_returning(tx)
                .await?;
        }
    }
    tally::shift(tx, before, after).await
}

/// The persons who are named at the level that waits; empty is everyone of the seat.
fn waits_for(course: &Course) -> Vec<PersonId> {
    let post = course
        .route
        .0
        .get(&course.level)
        .filter(|_| course.stage == Stage::Reviewing);
    let mut persons = post.map_or(vec![], |post| post.persons.clone());
    persons.sort();
    persons.dedup();
    persons
}

/// Who may not act at the level that waits.
fn waits_without(course: &Course) -> BTreeSet<PersonId> {
    match course.stage {
        Stage::Reviewing => course.barred(course.level),
        _ => BTreeSet::new(),
    }
}

/// Courses whose hold has run out.
///
/// # Errors
/// When the database fails.
pub async fn run_out(
    db: &impl ConnectionTrait,
    now: DateTimeUtc,
) -> Result<Vec<ManuscriptId>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::ManuscriptId)
        .filter(COLUMN.held_until.lte(now))
        .order_by_asc(COLUMN.manuscript_id)
        .limit(500)
        .into_tuple()
        .all(db)
        .await?)
}

/// What is under review, from behind a manuscript on: manuscripts with the version that is reviewed.
///
/// # Errors
/// When the database fails.
pub async fn under_review(
    db: &impl ConnectionTrait,
    behind: ManuscriptId,
    number: u64,
) -> Result<Vec<(ManuscriptId, VersionId)>, Fault> {
    Ok(Entity::find()
        .select_only()
        .columns([Column::ManuscriptId, Column::ContentId])
        .filter(COLUMN.stage.eq(Stage::Reviewing.code()))
        .filter(COLUMN.manuscript_id.gt(behind))
        .order_by_asc(COLUMN.manuscript_id)
        .limit(number)
        .into_tuple()
        .all(db)
        .await?)
}

/// The courses of a unit that went up in another are the other's; gives those that wait for someone.
///
/// # Errors
/// When the database fails.
pub async fn move_unit(
    tx: &impl ConnectionTrait,
    from: UnitId,
    into: UnitId,
) -> Result<Vec<ManuscriptId>, Fault> {
    use sea_orm::QuerySelect;
    let waiting = Entity::find()
        .select_only()
        .column(Column::ManuscriptId)
        .filter(COLUMN.unit_id.eq(from))
        .filter(COLUMN.stage.eq(Stage::Reviewing.code()))
        .into_tuple()
        .all(tx)
        .await?;
    Entity::update_many()
        .col_expr(Column::UnitId, Expr::value(into))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(COLUMN.unit_id.eq(from))
        .exec(tx)
        .await?;
    tally::move_unit(tx, from, into).await?;
    Ok(waiting)
}
