//! Words.

use super::{
    super::terms::{NewWord, Severity, Word, WordKind},
    seen, tell,
};
use crate::ids::WordId;
use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, PaginatorTrait, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, LikeExpr},
};
use std::collections::HashMap;
use zhendi_kernel::{Fault, PersonId, ScopeFilter, Tx, UnitId, search};

/// A word's row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dictionary_word")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: WordId,
    pub version: i32,
    pub unit_id: UnitId,
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub word: String,
    #[sea_orm(column_type = "Text")]
    pub slot: String,
    /// One a line.
    #[sea_orm(column_type = "Text")]
    pub right_words: String,
    #[sea_orm(column_type = "Text")]
    pub category: String,
    pub severity: String,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
    #[sea_orm(column_type = "Text")]
    pub note: String,
    pub enabled: bool,
    #[sea_orm(column_type = "Text")]
    pub haystack: String,
    pub changed_by: Option<PersonId>,
    pub changed_at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub fn read(self) -> Result<Word, Fault> {
        let unknown =
            || Fault::internal(format!("dictionary word {} has an unknown kind", self.id));
        Ok(Word {
            id: self.id,
            version: self.version,
            unit: self.unit_id,
            said: NewWord {
                kind: WordKind::parse(&self.kind).ok_or_else(unknown)?,
                severity: Severity::parse(&self.severity).ok_or_else(unknown)?,
                right: self.right_words.lines().map(str::to_owned).collect(),
                word: self.word,
                category: self.category,
                valid_from: self.valid_from,
                valid_to: self.valid_to,
                note: self.note,
            },
            enabled: self.enabled,
            changed_by: self.changed_by,
            changed_at: self.changed_at,
        })
    }
}

fn active(said: &NewWord) -> ActiveModel {
    let right = said.right.join("\n");
    ActiveModel {
        kind: Set(said.kind.code().into()),
        word: Set(said.word.clone()),
        slot: Set(said.slot()),
        category: Set(said.category.clone()),
        severity: Set(said.severity.code().into()),
        valid_from: Set(said.valid_from),
        valid_to: Set(said.valid_to),
        note: Set(said.note.clone()),
        haystack: Set(search::haystack([
            said.word.as_str(),
            &right,
            &said.category,
            &said.note,
        ])),
        right_words: Set(right),
        ..Default::default()
    }
}

/// One word.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn find(db: &impl ConnectionTrait, id: WordId) -> Result<Word, Fault> {
    let row = Entity::find_by_id(id).one(db).await?;
    row.ok_or(Fault::NotFound)?.read()
}

/// The word that a unit keeps in a slot.
///
/// # Errors
/// When the database fails.
pub async fn in_slot(
    db: &impl ConnectionTrait,
    unit: UnitId,
    said: &NewWord,
) -> Result<Option<WordId>, Fault> {
    let row = Entity::find()
        .filter(COLUMN.unit_id.eq(unit))
        .filter(COLUMN.slot.eq(said.slot()))
        .one(db)
        .await?;
    Ok(row.map(|row| row.id))
}

/// How many words a unit keeps.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &impl ConnectionTrait, unit: UnitId) -> Result<u64, Fault> {
    let of = Entity::find().filter(COLUMN.unit_id.eq(unit));
    Ok(of.count(db).await?)
}

/// Keeps a new word.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &Tx,
    unit: UnitId,
    said: &NewWord,
    by: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<Word, Fault> {
    tell(tx).await?;
    new_row(unit, said, by, now).insert(tx).await?.read()
}

fn new_row(unit: UnitId, said: &NewWord, by: Option<PersonId>, now: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        version: Set(1),
        unit_id: Set(unit),
        enabled: Set(true),
        changed_by: Set(by),
        changed_at: Set(now),
        ..active(said)
    }
}

/// Rows of one statement.
const AT_ONCE: usize = 400;

/// Keeps many new words.
///
/// # Errors
/// When the database fails.
pub async fn insert_many(
    tx: &Tx,
    unit: UnitId,
    words: &[NewWord],
    by: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    tell(tx).await?;
    for some in words.chunks(AT_ONCE) {
        let rows = some.iter().map(|said| new_row(unit, said, by, now));
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Changes a word that is still the one that was seen.
///
/// # Errors
/// `Fault::Stale`; when the database fails.
pub async fn replace(
    tx: &Tx,
    before: &Word,
    said: &NewWord,
    enabled: bool,
    by: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    tell(tx).await?;
    let row = ActiveModel {
        version: Set(before.version + 1),
        enabled: Set(enabled),
        changed_by: Set(by),
        changed_at: Set(now),
        ..active(said)
    };
    let done = Entity::update_many()
        .set(row)
        .filter(COLUMN.id.eq(before.id))
        .filter(COLUMN.version.eq(before.version))
        .exec(tx)
        .await?;
    match done.rows_affected {
        1 => Ok(()),
        _ => Err(Fault::Stale),
    }
}

/// Takes a word away.
///
/// # Errors
/// When the database fails.
pub async fn delete(tx: &Tx, id: WordId) -> Result<(), Fault> {
    tell(tx).await?;
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// All words of a unit by slot, for an import.
///
/// # Errors
/// When the database fails.
pub async fn slots(
    db: &impl ConnectionTrait,
    unit: UnitId,
) -> Result<HashMap<String, Word>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.unit_id.eq(unit))
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| Ok((row.slot.clone(), row.read()?)))
        .collect()
}

/// The words in use, of all units.
///
/// # Errors
/// When the database fails.
pub async fn enabled(db: &impl ConnectionTrait) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.enabled.eq(true))
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?)
}

/// What of the dictionaries is wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub unit: Option<UnitId>,
    pub kind: Option<WordKind>,
    pub category: String,
    pub enabled: Option<bool>,
    pub text: String,
    pub page: u64,
    pub per_page: u64,
}

fn query(scope: &ScopeFilter, root: Option<UnitId>, wanted: &Wanted) -> sea_orm::Select<Entity> {
    let mut all = Condition::all().add(seen(scope, root, Column::UnitId));
    if let Some(unit) = wanted.unit {
        all = all.add(COLUMN.unit_id.eq(unit));
    }
    if let Some(kind) = wanted.kind {
        all = all.add(COLUMN.kind.eq(kind.code()));
    }
    if !wanted.category.is_empty() {
        all = all.add(COLUMN.category.eq(wanted.category.as_str()));
    }
    if let Some(enabled) = wanted.enabled {
        all = all.add(COLUMN.enabled.eq(enabled));
    }
    let haystack = search::haystack([wanted.text.as_str()]);
    if !haystack.is_empty() {
        let escaped = haystack
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        let like = LikeExpr::new(format!("%{escaped}%")).escape('\\');
        all = all.add(Expr::col((Entity, Column::Haystack)).like(like));
    }
    Entity::find().filter(all)
}

/// A page of words, the latest first, and how many there are in all.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    root: Option<UnitId>,
    wanted: &Wanted,
) -> Result<(Vec<Word>, u64), Fault> {
    let query = query(scope, root, wanted);
    let total = query.clone().count(db).await?;
    let rows = query
        .order_by_desc(COLUMN.id)
        .offset(wanted.page.clamp(1, 1_000_000).saturating_sub(1) * wanted.per_page)
        .limit(wanted.per_page)
        .all(db)
        .await?;
    let words = rows
        .into_iter()
        .map(Model::read)
        .collect::<Result<_, _>>()?;
    Ok((words, total))
}

/// The categories in use.
///
/// # Errors
/// When the database fails.
pub async fn categories(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    root: Option<UnitId>,
) -> Result<Vec<String>, Fault> {
    let names = Entity::find()
        .filter(seen(scope, root, Column::UnitId))
        .filter(COLUMN.category.ne(""))
        .select_only()
        .column(Column::Category)
        .distinct()
        .order_by_asc(COLUMN.category)
        .limit(200)
        .into_tuple::<String>()
        .all(db)
        .await?;
    Ok(names)
}
