//! Finding Chinese text by one or two characters, on both databases alike: an own table of single
//! characters and character pairs. (FTS5's trigram and pg_trgm find nothing under three characters;
//! LIKE reads every row.)

use crate::{Fault, count, text};
use sea_orm::{
    Condition, ConnectionTrait, DbBackend, ExprTrait, QuerySelect, QueryTrait, Statement,
    entity::prelude::*,
    sea_query::{Expr, IntoColumnRef, IntoTableRef, LikeExpr, Query, SelectStatement},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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

/// Grams that are written at once.
const AT_ONCE: usize = 20_000;

// `OR IGNORE` lets SQLite do without a journal of the statement, which `ON CONFLICT` keeps.
const TO_SQLITE: &str = "INSERT OR IGNORE INTO search_gram (kind, gram, subject_id) \
    SELECT ?1, gram.key, subject.value FROM json_each(?2) gram, json_each(gram.value) subject";
const TO_POSTGRES: &str = "INSERT INTO search_gram (kind, gram, subject_id) \
    SELECT $1, gram.key, subject.value::bigint \
    FROM jsonb_each($2::jsonb) gram, jsonb_array_elements_text(gram.value) subject(value) ON CONFLICT DO NOTHING";

const OUT_OF_SQLITE: &str = "DELETE FROM search_gram \
    WHERE kind = ?1 AND subject_id = ?2 AND gram IN (SELECT value FROM json_each(?3))";
const OUT_OF_POSTGRES: &str = "DELETE FROM search_gram WHERE kind = $1 AND subject_id = $2 \
    AND gram IN (SELECT value FROM jsonb_array_elements_text($3::jsonb))";

/// Calls with each pair of neighbours in a text.
fn each_pair<'t>(text: &'t str, mut found: impl FnMut(&'t str)) {
    let mut starts = text.char_indices().map(|(at, _)| at);
    let Some(mut from) = starts.next() else {
        return;
    };
    let Some(mut middle) = starts.next() else {
        return;
    };
    for to in starts.chain([text.len()]) {
        found(&text[from..to]);
        (from, middle) = (middle, to);
    }
}

fn pairs(folded: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    each_pair(folded, |pair| {
        all.insert(pair.to_owned());
    });
    all
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

/// Calls with what a text is found by: its single characters and pairs, some more than once.
fn each_gram<'t>(haystack: &'t str, mut found: impl FnMut(&'t str)) {
    for part in haystack.lines() {
        for (at, letter) in part.char_indices() {
            found(&part[at..at + letter.len_utf8()]);
        }
        each_pair(part, &mut found);
    }
}

/// What a text is found by, each once.
pub fn grams(haystack: &str) -> BTreeSet<&str> {
    let mut all = BTreeSet::new();
    each_gram(haystack, |gram| {
        all.insert(gram);
    });
    all
}

/// Changes what a subject is found by: from the haystack that its row had to the one that it has now.
///
/// # Errors
/// When the database fails.
pub async fn index(
    tx: &impl ConnectionTrait,
    kind: &'static str,
    subject: i64,
    before: &str,
    after: &str,
) -> Result<(), Fault> {
    let (old, new) = (grams(before), grams(after));
    let gone = old.difference(&new).copied().collect();
    remove(tx, kind, subject, gone).await?;
    let come = new.difference(&old).map(|gram| (*gram, vec![subject]));
    put(tx, kind, come.collect()).await
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
    let mut found_by: HashMap<&str, Vec<i64>> = HashMap::new();
    for (subject, haystack) in subjects {
        each_gram(haystack, |gram| {
            let its = found_by.entry(gram).or_default();
            if its.last() != Some(subject) {
                its.push(*subject);
            }
        });
    }
    put(tx, kind, found_by.into_iter().collect()).await
}

/// Writes which subjects have which grams.
async fn put(
    tx: &impl ConnectionTrait,
    kind: &'static str,
    mut found_by: Vec<(&str, Vec<i64>)>,
) -> Result<(), Fault> {
    // In the order of the table: each page of it is met once.
    found_by.sort_unstable_by_key(|(gram, _)| *gram);
    // All in one parameter: a statement with one for each gram would be another one each time, to be planned anew.
    let (sql, backend) = match tx.get_database_backend() {
        DbBackend::Postgres => (TO_POSTGRES, DbBackend::Postgres),
        _ => (TO_SQLITE, DbBackend::Sqlite),
    };
    let mut rest = found_by.as_slice();
    while !rest.is_empty() {
        let mut rows = 0;
        let many = rest
            .iter()
            .take_while(|(_, subjects)| {
                let fits = rows < AT_ONCE;
                rows += subjects.len();
                fits
            })
            .count();
        let (some, others) = rest.split_at(many);
        rest = others;
        let some: BTreeMap<&str, &[i64]> = some
            .iter()
            .map(|(gram, subjects)| (*gram, subjects.as_slice()))
            .collect();
        let some = serde_json::to_string(&some).map_err(Fault::internal)?;
        let values = [kind.into(), some.into()];
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, values))
            .await?;
    }
    Ok(())
}

/// Takes a subject out of the index. `haystack` is that of its row.
///
/// # Errors
/// When the database fails.
pub async fn forget(
    tx: &impl ConnectionTrait,
    kind: &'static str,
    subject: i64,
    haystack: &str,
) -> Result<(), Fault> {
    remove(tx, kind, subject, grams(haystack).into_iter().collect()).await
}

async fn remove(
    tx: &impl ConnectionTrait,
    kind: &'static str,
    subject: i64,
    grams: Vec<&str>,
) -> Result<(), Fault> {
    if grams.is_empty() {
        return Ok(());
    }
    let (sql, backend) = match tx.get_database_backend() {
        DbBackend::Postgres => (OUT_OF_POSTGRES, DbBackend::Postgres),
        _ => (OUT_OF_SQLITE, DbBackend::Sqlite),
    };
    let grams = serde_json::to_string(&grams).map_err(Fault::internal)?;
    let values = [kind.into(), subject.into(), grams.into()];
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, values))
        .await?;
    Ok(())
}

/// What was typed, taken apart: words that must all be there, and the characters and pairs by which they are
/// found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// Folded.
    words: Vec<String>,
    grams: Vec<String>,
}

/// How a database is to go about a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The gram whose subjects it begins with; none when all have too many.
    first: Option<String>,
    backend: DbBackend,
}

impl Way {
    /// Whether only the subjects of one gram are looked at, and those are few.
    pub fn is_narrow(&self) -> bool {
        self.first.is_some()
    }

    /// That a subject has a gram.
    ///
    /// PostgreSQL guesses what a subquery finds by what grams find on average, and would join what is better asked of
    /// each row. A ready array it takes for short, and a subquery with an offset for none that can be joined.
    fn has(&self, kind: &'static str, gram: &str, id: impl IntoColumnRef + Clone) -> Expr {
        let subjects = subjects(kind, gram);
        let postgres = self.backend == DbBackend::Postgres;
        if self.first.as_deref() == Some(gram) {
            let subjects = subjects.into_query();
            return match postgres {
                true => Expr::cust_with_exprs(
                    "$1 = ANY(ARRAY($2))",
                    [
                        Expr::col(id),
                        Expr::SubQuery(None, Box::new(subjects.into())),
                    ],
                ),
                false => Expr::col(id).in_subquery(subjects),
            };
        }
        let its = Expr::col((Entity, Column::SubjectId)).eq(Expr::col(id));
        let asked = subjects.filter(its);
        Expr::exists(match postgres {
            true => asked.offset(0).into_query(),
            false => asked.into_query(),
        })
    }
}

impl Typed {
    /// None when nothing searchable was typed.
    pub fn parse(typed: &str) -> Option<Self> {
        let words: Vec<String> = typed
            .split_whitespace()
            .map(text::fold)
            .filter(|word| !word.is_empty())
            .take(ASKED)
            .collect();
        let mut grams = BTreeSet::new();
        for word in &words {
            match word.chars().count() {
                1 => grams.extend([word.clone()]),
                _ => grams.extend(pairs(word).into_iter().take(ASKED)),
            }
        }
        (!words.is_empty()).then(|| Self {
            words,
            grams: grams.into_iter().collect(),
        })
    }

    /// How the database is to go about it: beginning with the gram that the fewest subjects have, if those are no more
    /// than `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn way(
        &self,
        db: &impl ConnectionTrait,
        kind: &'static str,
        most: u64,
    ) -> Result<Way, Fault> {
        let mut counts = Query::select();
        for gram in &self.grams {
            let count = count::of(subjects(kind, gram).into_query(), most + 1);
            counts.expr(Expr::SubQuery(None, Box::new(count.into())));
        }
        let row = db.query_one(&counts).await?;
        let mut rarest: Option<(i64, &String)> = None;
        for (nth, gram) in self.grams.iter().enumerate() {
            let Some(row) = &row else { break };
            let count: i64 = row.try_get_by_index(nth)?;
            if count <= most as i64 && rarest.is_none_or(|(least, _)| count < least) {
                rarest = Some((count, gram));
            }
        }
        Ok(Way {
            first: rarest.map(|(_, gram)| gram.clone()),
            backend: db.get_database_backend(),
        })
    }

    /// Rows of a table met by way of one gram's subjects, in no order; for [`Typed::condition`] still to be asked of.
    /// Where every gram has many subjects, some hits are found sooner so than by going through the table.
    pub fn met(
        &self,
        kind: &'static str,
        table: impl IntoTableRef,
        id: impl IntoColumnRef,
    ) -> SelectStatement {
        let gram = self.grams.first().map_or("", String::as_str);
        let its = Expr::col((Entity, Column::SubjectId)).eq(Expr::col(id));
        // A cross join is the one whose order SQLite keeps.
        subjects(kind, gram)
            .into_query()
            .cross_join(table)
            .and_where(its)
            .to_owned()
    }

    /// The condition that a row's haystack holds all words. The database begins with the subjects of one gram, if the
    /// way says of which; of the few rows that it meets then, the whole words are compared, and only the grams that are
    /// words are asked for. Otherwise all grams are, for that costs less than to read a row.
    pub fn condition(
        &self,
        kind: &'static str,
        id: impl IntoColumnRef + Clone,
        haystack: impl IntoColumnRef + Clone,
        way: &Way,
    ) -> Condition {
        let mut all = Condition::all();
        for gram in &self.grams {
            if !way.is_narrow() || way.first.as_ref() == Some(gram) || self.words.contains(gram) {
                all = all.add(way.has(kind, gram, id.clone()));
            }
        }
        for word in self.words.iter().filter(|word| word.chars().count() > 2) {
            all = all.add(holds(word, haystack.clone()));
        }
        all
    }
}

fn subjects(kind: &'static str, gram: &str) -> sea_orm::Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::SubjectId)
        .filter(COLUMN.kind.eq(kind))
        .filter(COLUMN.gram.eq(gram))
}

/// The pairs of a word can stand apart: the whole is compared.
fn holds(word: &str, haystack: impl IntoColumnRef) -> Expr {
    let escaped = word
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    Expr::col(haystack).like(LikeExpr::new(format!("%{escaped}%")).escape('\\'))
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
    let typed = Typed::parse(typed)?;
    let mut all = Condition::all();
    for gram in &typed.grams {
        let candidates = subjects(kind, gram).into_query();
        all = all.add(Expr::col(id.clone()).in_subquery(candidates));
    }
    for word in typed.words.iter().filter(|word| word.chars().count() > 2) {
        all = all.add(holds(word, haystack.clone()));
    }
    Some(all)
}
