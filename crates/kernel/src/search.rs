//! Finding Chinese text by one or two characters, on both databases alike: an own table of single
//! characters and character pairs. (FTS5's trigram and pg_trgm find nothing under three characters;
//! LIKE reads every row.)

use crate::{Fault, text};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, IntoColumnRef, LikeExpr, OnConflict},
};
use std::collections::BTreeSet;

/// One gram of one subject.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "search_gram")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub gram: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: i64,
}
impl ActiveModelBehavior for ActiveModel {}

/// No more pairs than this are asked for: the rest of a long query is left to the exact comparison.
const ASKED: usize = 6;

fn pairs(folded: &str) -> BTreeSet<String> {
    let chars: Vec<char> = folded.chars().collect();
    chars.windows(2).map(|pair| pair.iter().collect()).collect()
}

/// The text in which subjects are found: folded parts, each on its own line so that no pair spans two.
pub fn haystack<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    parts
        .into_iter()
        .map(text::fold)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// What a text is found by: its single characters and pairs.
pub fn grams(haystack: &str) -> BTreeSet<String> {
    haystack
        .lines()
        .flat_map(|part| part.chars().map(String::from).chain(pairs(part)))
        .collect()
}

/// Replaces what a subject is found by. `haystack` is that of [`haystack`], kept on the subject's row.
///
/// # Errors
/// When the database fails.
pub async fn index(
    tx: &impl ConnectionTrait,
    kind: &'static str,
    subject: i64,
    haystack: &str,
) -> Result<(), Fault> {
    forget(tx, kind, subject).await?;
    index_new(tx, kind, &[(subject, haystack)]).await
}

/// Makes subjects to be found that never were before.
///
/// # Errors
/// When the database fails.
pub async fn index_new(
    tx: &impl ConnectionTrait,
    kind: &'static str,
    subjects: &[(i64, &str)],
) -> Result<(), Fault> {
    let rows: Vec<ActiveModel> = subjects
        .iter()
        .flat_map(|(subject, haystack)| {
            grams(haystack).into_iter().map(|gram| ActiveModel {
                kind: Set(kind.into()),
                gram: Set(gram),
                subject_id: Set(*subject),
            })
        })
        .collect();
    // Both databases limit the number of parameters of one statement.
    for some in rows.chunks(500) {
        Entity::insert_many(some.to_vec())
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Takes a subject out of the index.
///
/// # Errors
/// When the database fails.
pub async fn forget(
    tx: &impl ConnectionTrait,
    kind: &'static str,
    subject: i64,
) -> Result<(), Fault> {
    Entity::delete_many()
        .filter(COLUMN.kind.eq(kind))
        .filter(COLUMN.subject_id.eq(subject))
        .exec(tx)
        .await?;
    Ok(())
}

/// The condition that a row's haystack holds what was typed: the grams find candidates by index, the
/// comparison keeps those that hold the whole. Words parted by spaces must all be there. None when
/// nothing searchable was typed.
pub fn condition(
    kind: &'static str,
    typed: &str,
    id: impl IntoColumnRef + Clone,
    haystack: impl IntoColumnRef + Clone,
) -> Option<Condition> {
    let words: Vec<String> = typed
        .split_whitespace()
        .map(text::fold)
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        return None;
    }
    let mut all = Condition::all();
    for word in words.iter().take(ASKED) {
        let grams = match word.chars().count() {
            1 => BTreeSet::from([word.clone()]),
            _ => pairs(word),
        };
        for gram in grams.into_iter().take(ASKED) {
            all = all.add(
                Expr::col(id.clone()).in_subquery(
                    Entity::find()
                        .select_only()
                        .column(Column::SubjectId)
                        .filter(COLUMN.kind.eq(kind))
                        .filter(COLUMN.gram.eq(gram))
                        .into_query(),
                ),
            );
        }
        if word.chars().count() > 2 {
            let escaped = word
                .replace('\\', "\\\\")
                .replace('%', "\\%")
                .replace('_', "\\_");
            all = all.add(
                Expr::col(haystack.clone())
                    .like(LikeExpr::new(format!("%{escaped}%")).escape('\\')),
            );
        }
    }
    Some(all)
}
