//! The texts of attachments, checked like the body; what is found in a file is kept as long as the words are.

use super::{Draft, Found, Layers, Where};
use chrono::NaiveDate;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;
use zhendi_kernel::{App, Fault};
use zhendi_textcheck::{
    Context,
    attachment::{Limits, read},
};

/// Files that are read at once: each may take some hundred megabytes at its worst.
static READERS: Semaphore = Semaphore::const_new(2);

/// Findings that are kept of one file.
const MOST: usize = 300;

/// Files whose findings are kept at once.
const FILES: usize = 200;

/// What was found in one file, and what could not be read of it.
pub(super) type Outcome = (Vec<Found>, Vec<(String, String)>);

/// What was found in files, by content and day.
#[derive(Default)]
pub(super) struct Kept(Mutex<HashMap<(String, NaiveDate), Arc<Outcome>>>);

impl Kept {
    fn get(&self, key: &(String, NaiveDate)) -> Option<Arc<Outcome>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).cloned()
    }

    fn put(&self, key: (String, NaiveDate), outcome: Arc<Outcome>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= FILES {
            kept.clear();
        }
        kept.insert(key, outcome);
    }
}

/// Checks the attachments of a text, one after the other.
pub(super) async fn examine(
    app: &App,
    layers: &Arc<Layers>,
    draft: &Draft,
) -> Result<Vec<Outcome>, Fault> {
    let mut outcomes = vec![];
    for file in &draft.files {
        let key = (format!("{} {}", file.hash, file.name), draft.on);
        if let Some(kept) = layers.files.get(&key) {
            outcomes.push(Outcome::clone(&kept));
            continue;
        }
        let bytes = app.files.get(&file.content_hash()?).await?;
        let _turn = READERS.acquire().await.map_err(Fault::internal)?;
        let (by, name, on) = (Arc::clone(layers), file.name.clone(), draft.on);
        let outcome = tokio::task::spawn_blocking(move || one(&by, &name, &bytes, on))
            .await
            .map_err(Fault::internal)?;
        layers.files.put(key, Arc::new(outcome.clone()));
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

fn one(by: &Layers, name: &str, bytes: &[u8], on: NaiveDate) -> Outcome {
    let contents = read(name, bytes, &Limits::default());
    let context = Context::on(on);
    let mut found = vec![];
    'parts: for part in &contents.parts {
        let text = part.text();
        for finding in by.checker.check(&text, &context) {
            if found.len() == MOST {
                break 'parts;
            }
            let place = Where::File {
                name: part.file.clone(),
                spot: part.whereabouts(&text, &finding.bytes),
            };
            found.push(by.found(finding, place));
        }
    }
    let unread = contents.unread.into_iter();
    (found, unread.map(|one| (one.file, one.reason)).collect())
}
