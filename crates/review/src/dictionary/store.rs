//! Rows of the dictionaries; the only file of the feature that knows SQL exists.

use super::terms::{NewWord, Severity, Word, WordKind};
use crate::ids::WordId;
use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, PaginatorTrait, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, LikeExpr, Order, Query as Sql},
};
use std::collections::HashMap;
use zhendi_kernel::{
    App, Fault, PersonId, ScopeFilter, Tx, UnitId, files::ContentHash, scope, search,
};

mod word {
    use super::*;

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
}

mod form {
    use super::*;

    /// A form of numbers.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "number_form")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub unit_id: UnitId,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        pub form: String,
        pub enabled: bool,
        pub changed_at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

mod import {
    use super::*;

    /// A list that waits for its confirmation.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "dictionary_import")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub unit_id: UnitId,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        pub hash: ContentHash,
        pub made_by: PersonId,
        pub made_at: DateTimeUtc,
        pub done_at: Option<DateTimeUtc>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub use form::Model as NumberForm;
pub use import::Model as Import;
pub(crate) use word::Model as Row;

impl Row {
    pub(crate) fn read(self) -> Result<Word, Fault> {
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

fn active(said: &NewWord) -> word::ActiveModel {
    let right = said.right.join("\n");
    word::ActiveModel {
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

/// The number of the last change.
///
/// # Errors
/// When the database fails.
pub(crate) async fn number(db: &impl ConnectionTrait) -> Result<i64, Fault> {
    let select = Sql::select()
        .column("number")
        .from("dictionary_state")
        .and_where(Expr::col("id").eq(1))
        .to_owned();
    let row = db.query_one(&select).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
}

/// Tells that something changed: what is compiled is out of date. Whoever changes words waits here for others
/// who do.
async fn tell(tx: &Tx) -> Result<(), Fault> {
    let update = Sql::update()
        .table("dictionary_state")
        .value("number", Expr::col("number").add(1))
        .and_where(Expr::col("id").eq(1))
        .to_owned();
    tx.execute(&update).await?;
    Ok(())
}

/// One word.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn find(db: &impl ConnectionTrait, id: WordId) -> Result<Word, Fault> {
    let row = word::Entity::find_by_id(id).one(db).await?;
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
    let row = word::Entity::find()
        .filter(word::COLUMN.unit_id.eq(unit))
        .filter(word::COLUMN.slot.eq(said.slot()))
        .one(db)
        .await?;
    Ok(row.map(|row| row.id))
}

/// How many words a unit keeps.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &impl ConnectionTrait, unit: UnitId) -> Result<u64, Fault> {
    let of = word::Entity::find().filter(word::COLUMN.unit_id.eq(unit));
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

fn new_row(
    unit: UnitId,
    said: &NewWord,
    by: Option<PersonId>,
    now: DateTime<Utc>,
) -> word::ActiveModel {
    word::ActiveModel {
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
        word::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
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
    let row = word::ActiveModel {
        version: Set(before.version + 1),
        enabled: Set(enabled),
        changed_by: Set(by),
        changed_at: Set(now),
        ..active(said)
    };
    let done = word::Entity::update_many()
        .set(row)
        .filter(word::COLUMN.id.eq(before.id))
        .filter(word::COLUMN.version.eq(before.version))
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
    word::Entity::delete_by_id(id).exec(tx).await?;
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
    let rows = word::Entity::find()
        .filter(word::COLUMN.unit_id.eq(unit))
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
pub(crate) async fn enabled(db: &impl ConnectionTrait) -> Result<Vec<Row>, Fault> {
    Ok(word::Entity::find()
        .filter(word::COLUMN.enabled.eq(true))
        .order_by_asc(word::COLUMN.id)
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

/// Words that keepers may see: those of their own units, and the institution's.
fn seen(scope: &ScopeFilter, root: Option<UnitId>) -> Condition {
    let mut any = Condition::any().add(scope.units((word::Entity, word::Column::UnitId)));
    if let Some(root) = root {
        any = any.add(word::COLUMN.unit_id.eq(root));
    }
    Condition::all().add(any)
}

fn query(
    scope: &ScopeFilter,
    root: Option<UnitId>,
    wanted: &Wanted,
) -> sea_orm::Select<word::Entity> {
    let mut all = seen(scope, root);
    if let Some(unit) = wanted.unit {
        all = all.add(word::COLUMN.unit_id.eq(unit));
    }
    if let Some(kind) = wanted.kind {
        all = all.add(word::COLUMN.kind.eq(kind.code()));
    }
    if !wanted.category.is_empty() {
        all = all.add(word::COLUMN.category.eq(wanted.category.as_str()));
    }
    if let Some(enabled) = wanted.enabled {
        all = all.add(word::COLUMN.enabled.eq(enabled));
    }
    let haystack = search::haystack([wanted.text.as_str()]);
    if !haystack.is_empty() {
        let escaped = haystack
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        let like = LikeExpr::new(format!("%{escaped}%")).escape('\\');
        all = all.add(Expr::col((word::Entity, word::Column::Haystack)).like(like));
    }
    word::Entity::find().filter(all)
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
        .order_by_desc(word::COLUMN.id)
        .offset(wanted.page.clamp(1, 1_000_000).saturating_sub(1) * wanted.per_page)
        .limit(wanted.per_page)
        .all(db)
        .await?;
    let words = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
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
    let names = word::Entity::find()
        .filter(seen(scope, root))
        .filter(word::COLUMN.category.ne(""))
        .select_only()
        .column(word::Column::Category)
        .distinct()
        .order_by_asc(word::COLUMN.category)
        .limit(200)
        .into_tuple::<String>()
        .all(db)
        .await?;
    Ok(names)
}

/// The forms of numbers of some units; of all without units.
///
/// # Errors
/// When the database fails.
pub(crate) async fn number_forms(db: &impl ConnectionTrait) -> Result<Vec<NumberForm>, Fault> {
    Ok(form::Entity::find()
        .order_by_asc(form::COLUMN.id)
        .all(db)
        .await?)
}

/// The forms that a keeper may see.
///
/// # Errors
/// When the database fails.
pub async fn forms_of(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    root: Option<UnitId>,
) -> Result<Vec<NumberForm>, Fault> {
    let mut any = Condition::any().add(scope.units((form::Entity, form::Column::UnitId)));
    if let Some(root) = root {
        any = any.add(form::COLUMN.unit_id.eq(root));
    }
    Ok(form::Entity::find()
        .filter(any)
        .order_by_asc(form::COLUMN.id)
        .all(db)
        .await?)
}

/// Keeps a form; false if the unit has it.
///
/// # Errors
/// When the database fails.
pub async fn add_form(
    tx: &Tx,
    app: &App,
    unit: UnitId,
    name: &str,
    said: &str,
) -> Result<Option<i64>, Fault> {
    let known = form::Entity::find()
        .filter(form::COLUMN.unit_id.eq(unit))
        .filter(form::COLUMN.form.eq(said))
        .one(tx)
        .await?;
    if known.is_some() {
        return Ok(None);
    }
    tell(tx).await?;
    let row = form::ActiveModel {
        unit_id: Set(unit),
        name: Set(name.into()),
        form: Set(said.into()),
        enabled: Set(true),
        changed_at: Set(app.now()),
        ..Default::default()
    };
    Ok(Some(row.insert(tx).await?.id))
}

/// A form of numbers.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn form(db: &impl ConnectionTrait, id: i64) -> Result<NumberForm, Fault> {
    let found = form::Entity::find_by_id(id).one(db).await?;
    found.ok_or(Fault::NotFound)
}

/// Takes a form away.
///
/// # Errors
/// When the database fails.
pub async fn remove_form(tx: &Tx, id: i64) -> Result<(), Fault> {
    tell(tx).await?;
    form::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Keeps an uploaded list until it is confirmed.
///
/// # Errors
/// When the database fails.
pub async fn add_import(
    tx: &Tx,
    app: &App,
    unit: UnitId,
    name: &str,
    hash: ContentHash,
    by: PersonId,
) -> Result<i64, Fault> {
    let row = import::ActiveModel {
        unit_id: Set(unit),
        name: Set(name.into()),
        hash: Set(hash),
        made_by: Set(by),
        made_at: Set(app.now()),
        ..Default::default()
    };
    Ok(row.insert(tx).await?.id)
}

/// An uploaded list of a person.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn import_of(db: &impl ConnectionTrait, id: i64, by: PersonId) -> Result<Import, Fault> {
    import::Entity::find_by_id(id)
        .filter(import::COLUMN.made_by.eq(by))
        .one(db)
        .await?
        .ok_or(Fault::NotFound)
}

/// Marks a list as taken; false if it was before.
///
/// # Errors
/// When the database fails.
pub async fn finish_import(tx: &Tx, id: i64, now: DateTime<Utc>) -> Result<bool, Fault> {
    let done = import::Entity::update_many()
        .col_expr(import::Column::DoneAt, Expr::value(Some(now)))
        .filter(import::COLUMN.id.eq(id))
        .filter(import::COLUMN.done_at.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Texts that a dry run looks at.
const TEXTS: u64 = 2_000;

/// The latest versions' titles and plain texts of a unit and those below, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn texts(
    db: &impl ConnectionTrait,
    unit: UnitId,
) -> Result<Vec<(String, String)>, Fault> {
    let (of, version) = ("manuscript", "manuscript_version");
    let select = Sql::select()
        .column((version, "title"))
        .column((version, "text"))
        .from(version)
        .inner_join(of, Expr::col((of, "version_id")).equals((version, "id")))
        .and_where(Expr::col((of, "unit_id")).in_subquery(scope::subtree([unit])))
        .order_by((version, "id"), Order::Desc)
        .limit(TEXTS)
        .to_owned();
    let rows = db.query_all(&select).await?;
    rows.into_iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}
