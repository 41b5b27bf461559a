//! The compiled words: kept in memory for as long as nobody changed a word, one checker for each chain of units that keep words.

use super::{Found, FoundKind, Where};
use crate::{
    dictionary::{self, Row},
    ids::WordId,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use zhendi_kernel::{App, Fault, UnitId, known::Version, scope};
use zhendi_textcheck::{
    Checker, Entry, Finding, Layer, builtin,
    personal::{self, Pattern},
    proofreading, secrecy,
};

/// Chains of units whose checkers are kept at once; an institution has hardly as many units that keep words.
const KEPT: usize = 48;

/// All words in use, and the checkers made of them so far.
struct Checkers {
    builtin: Arc<Layer>,
    words: HashMap<UnitId, UnitWords>,
    forms: HashMap<UnitId, Vec<Pattern>>,
    made: Mutex<HashMap<Vec<UnitId>, Arc<Layers>>>,
}

/// One unit's words.
struct UnitWords {
    layer: Arc<Layer>,
    /// Of each entry, its id.
    ids: Arc<[WordId]>,
}

/// What holds for one unit.
pub(super) struct Layers {
    pub(super) checker: Checker,
    /// The ids of the entries of each layer, by the layer's name.
    words: HashMap<Arc<str>, Arc<[WordId]>>,
    /// What was found in attachments, by content and day.
    pub(super) files: super::files::Kept,
}

impl Layers {
    /// A finding of the engine with what the application knows of it.
    pub(super) fn found(&self, finding: Finding, place: Where) -> Found {
        let word = finding.origin.as_ref().and_then(|origin| {
            let ids = self.words.get(&origin.layer)?;
            ids.get(origin.entry).copied()
        });
        Found {
            kind: FoundKind::from(finding.kind),
            severity: finding.severity.into(),
            rule: finding.rule.to_owned(),
            place,
            chars: finding.chars,
            html: finding.source.chars,
            message: finding.message.into_owned(),
            suggestions: finding.suggestions,
            category: finding.category.map(|category| category.to_string()),
            word,
        }
    }
}

/// What holds for a unit: the built-in words, the institution's, those of the units down to it. A lower layer
/// speaks over the ones above.
///
/// # Errors
/// When the database fails.
pub(super) async fn of(app: &App, unit: UnitId) -> Result<Arc<Layers>, Fault> {
    let db = app.db.read();
    let number = dictionary::number(db).await?;
    let all = app
        .db
        .known(Version(number), async || load(app).await)
        .await?;
    let mut chain = scope::place(db, unit).await?.units;
    chain.reverse();
    chain.retain(|unit| all.words.contains_key(unit) || all.forms.contains_key(unit));
    if let Some(made) = all.made().get(&chain) {
        return Ok(Arc::clone(made));
    }
    let made = tokio::task::spawn_blocking(move || -> Result<Arc<Layers>, Fault> {
        let made = Arc::new(all.compile(&chain)?);
        let mut kept = all.made();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(chain, Arc::clone(&made));
        Ok(made)
    });
    made.await.map_err(Fault::internal)?
}

async fn load(app: &App) -> Result<Checkers, Fault> {
    let db = app.db.read();
    let rows = dictionary::enabled(db).await?;
    let mut forms: HashMap<UnitId, Vec<Pattern>> = HashMap::new();
    for form in dictionary::number_forms(db).await? {
        if let Ok(pattern) = Pattern::new(&form.form) {
            forms.entry(form.unit_id).or_default().push(pattern);
        }
    }
    tokio::task::spawn_blocking(move || {
        Ok(Checkers {
            builtin: Arc::new(builtin::miswritings()),
            words: by_unit(rows)?,
            forms,
            made: Mutex::default(),
        })
    })
    .await
    .map_err(Fault::internal)?
}

fn by_unit(rows: Vec<Row>) -> Result<HashMap<UnitId, UnitWords>, Fault> {
    let mut collected: HashMap<UnitId, (Vec<Entry>, Vec<WordId>)> = HashMap::new();
    for row in rows {
        let word = row.read()?;
        let (entries, ids) = collected.entry(word.unit).or_default();
        entries.push(word.said.for_engine());
        ids.push(word.id);
    }
    let words = collected.into_iter().map(|(unit, (entries, ids))| {
        let layer = Arc::new(Layer::new(unit.to_string(), entries));
        let ids = ids.into();
        (unit, UnitWords { layer, ids })
    });
    Ok(words.collect())
}

impl Checkers {
    fn made(&self) -> std::sync::MutexGuard<'_, HashMap<Vec<UnitId>, Arc<Layers>>> {
        // Nothing can panic while the lock is held.
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compile(&self, chain: &[UnitId]) -> Result<Layers, Fault> {
        let mut builder = Checker::builder().layer(Arc::clone(&self.builtin));
        let mut words = HashMap::new();
        let mut forms = vec![];
        for unit in chain {
            if let Some(own) = self.words.get(unit) {
                words.insert(Arc::clone(&own.layer.name), Arc::clone(&own.ids));
                builder = builder.layer(Arc::clone(&own.layer));
            }
            forms.extend(self.forms.get(unit).into_iter().flatten().cloned());
        }
        let checker = builder
            .rules(proofreading::rules())
            .rules(personal::rules(forms))
            .rules(secrecy::rules())
            .build()
            // Words were checked when they were kept.
            .map_err(Fault::internal)?;
        Ok(Layers {
            checker,
            words,
            files: super::files::Kept::default(),
        })
    }
}
