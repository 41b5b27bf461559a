//! The way of a list into a dictionary: sent, tried on existing texts, confirmed.

use super::{
    UPLOAD,
    import::{self, Hits, Line},
    service,
    store::{self, Import},
    terms::NewWord,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, UnitId,
    files::{self, Kind},
    form::{Errors, Field, Posted, Unprocessable, Uploaded, errors},
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

#[derive(Template, WebTemplate)]
#[template(path = "dictionary/import_new.html")]
struct NewPage {
    shell: Shell,
    units: Vec<(String, String)>,
    unit: Field,
    file: Field,
    errors: Errors,
}

async fn new_page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    posted: &Posted,
) -> Result<NewPage, Fault> {
    let scope = actor.filter(Permission::ManageDictionaries);
    let units = unit::options(app.db.read(), &scope).await?;
    let mut unit = posted.field("unit", "词库");
    if let (true, Some((first, _))) = (unit.value.is_empty(), units.first()) {
        unit.value.clone_from(first);
    }
    Ok(NewPage {
        shell,
        units,
        unit,
        file: Field::empty("file", "词表文件"),
        errors: vec![],
    })
}

/// GET /dictionaries/imports/new
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<Response, Fault> {
    let page = new_page(&app, &actor, shell, &Posted::default()).await?;
    Ok(page.into_response())
}

fn person(actor: &Actor) -> Result<PersonId, Fault> {
    actor
        .person()
        .ok_or_else(|| Fault::Forbidden("词库须由实名人员维护。".into()))
}

/// POST /dictionaries/imports
pub(super) async fn upload(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    sent: Uploaded,
) -> Result<Response, Fault> {
    let by = person(&actor)?;
    let mut page = new_page(&app, &actor, shell, &sent.posted).await?;
    let unit = page
        .unit
        .check(|raw| raw.parse().map(UnitId).map_err(|_| "请选择。"));
    let file = sent.files.into_iter().find(|file| file.field == "file");
    let kinds = [Kind::Xlsx, Kind::Xls, Kind::Csv, Kind::Ods, Kind::Txt];
    let mut read = None;
    match file {
        None => page.file.refuse("请选择文件。"),
        Some(file) => match files::accept(&file.name, &file.bytes, UPLOAD, &kinds) {
            Err(fault) => page.file.refuse(fault),
            Ok(_) => match lines(&file.name, file.bytes.clone()).await? {
                Err(reason) => page.file.refuse(reason),
                Ok(_) => read = Some(file),
            },
        },
    }
    let (Some(unit), Some(file)) = (unit, read) else {
        page.errors = errors([&page.unit, &page.file]);
        return Ok(Unprocessable(page).into_response());
    };
    service::require_keeper(app.db.read(), &actor, unit).await?;
    let hash = app.files.put(file.bytes).await?;
    let tx = app.db.begin().await?;
    let id = store::add_import(&tx, &app, unit, &file.name, hash, by).await?;
    tx.commit().await?;
    Ok(redirect(format!("/dictionaries/imports/{id}"), None))
}

/// Reads a list away from the threads that serve requests.
async fn lines(name: &str, bytes: bytes::Bytes) -> Result<Result<Vec<Line>, String>, Fault> {
    let name = name.to_owned();
    tokio::task::spawn_blocking(move || import::read(&name, &bytes))
        .await
        .map_err(Fault::internal)
}

/// One line of the dry run.
struct Tried {
    row: u32,
    word: String,
    outcome: Outcome,
}

enum Outcome {
    Good(Box<NewWord>, &'static str, Hits),
    Bad(String),
}

#[derive(Template, WebTemplate)]
#[template(path = "dictionary/import.html")]
struct ImportPage {
    shell: Shell,
    import: Import,
    unit: String,
    bad: Vec<Tried>,
    hitting: Vec<Tried>,
    quiet: Vec<Tried>,
    quiet_total: usize,
    hitting_total: usize,
    bad_total: usize,
    new: usize,
    changed: usize,
    same: usize,
    texts: usize,
}

/// Lines of each kind that a page shows.
const SHOWN: usize = 200;

/// GET /dictionaries/imports/{id}
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let import = store::import_of(db, id, person(&actor)?).await?;
    service::require_keeper(db, &actor, import.unit_id).await?;
    let bytes = app.files.get(&import.hash).await?;
    let lines = lines(&import.name, bytes)
        .await?
        .map_err(Fault::Malformed)?;
    let known = store::slots(db, import.unit_id).await?;
    let texts = store::texts(db, import.unit_id).await?;
    let (count, today) = (texts.len(), app.clock.today());
    let good: Vec<NewWord> = lines
        .iter()
        .filter_map(|line| line.said.clone().ok())
        .collect();
    let hits = tokio::task::spawn_blocking(move || import::trial(&good, &texts, today))
        .await
        .map_err(Fault::internal)?;
    let names = unit::names(db, [import.unit_id]).await?;
    let mut page = ImportPage {
        shell,
        unit: names.get(&import.unit_id).cloned().unwrap_or_default(),
        import,
        bad: vec![],
        hitting: vec![],
        quiet: vec![],
        quiet_total: 0,
        hitting_total: 0,
        bad_total: 0,
        new: 0,
        changed: 0,
        same: 0,
        texts: count,
    };
    page.sort(lines, &known, hits);
    Ok(page.into_response())
}

impl ImportPage {
    /// Puts the lines where the page shows them: wrong ones, those that would hit something, the others.
    fn sort(
        &mut self,
        lines: Vec<Line>,
        known: &HashMap<String, super::Word>,
        mut hits: HashMap<usize, Hits>,
    ) {
        let mut at = 0;
        for Line { row, word, said } in lines {
            let said = match said {
                Err(reason) => {
                    self.bad_total += 1;
                    if self.bad.len() < SHOWN {
                        let outcome = Outcome::Bad(reason);
                        self.bad.push(Tried { row, word, outcome });
                    }
                    continue;
                }
                Ok(said) => said,
            };
            let hit = hits.remove(&at).unwrap_or_default();
            at += 1;
            let what = match known.get(&said.slot()) {
                None => {
                    self.new += 1;
                    "新增"
                }
                Some(word) if word.said == said && word.enabled => {
                    self.same += 1;
                    "已有"
                }
                Some(_) => {
                    self.changed += 1;
                    "更新"
                }
            };
            let (list, total) = match hit.places {
                0 => (&mut self.quiet, &mut self.quiet_total),
                _ => (&mut self.hitting, &mut self.hitting_total),
            };
            *total += 1;
            list.push(Tried {
                row,
                word,
                outcome: Outcome::Good(Box::new(said), what, hit),
            });
        }
        // The words that would be found most often first: these may be too common to be watched.
        self.hitting.sort_by_key(|tried| match &tried.outcome {
            Outcome::Good(_, _, hits) => std::cmp::Reverse(hits.places),
            Outcome::Bad(_) => std::cmp::Reverse(0),
        });
        self.hitting.truncate(SHOWN);
        self.quiet.truncate(SHOWN);
    }

    fn bad_tone(&self) -> &'static str {
        if self.bad_total > 0 {
            "danger"
        } else {
            "neutral"
        }
    }

    fn hit_tone(&self) -> &'static str {
        if self.hitting_total > 0 {
            "warning"
        } else {
            "neutral"
        }
    }

    fn is_empty(&self) -> bool {
        self.new + self.changed == 0
    }
}

/// POST /dictionaries/imports/{id}/confirmations
pub(super) async fn confirm(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<i64>,
    _: Posted,
) -> Result<Response, Fault> {
    let import = store::import_of(app.db.read(), id, person(&actor)?).await?;
    let bytes = app.files.get(&import.hash).await?;
    let lines = lines(&import.name, bytes)
        .await?
        .map_err(Fault::Malformed)?;
    let taken = service::take(&app, &actor, &import, lines).await?;
    let done = format!(
        "导入完成：新增 {} 条，更新 {} 条，{} 条没有变化。",
        taken.added, taken.changed, taken.same
    );
    Ok(redirect("/dictionaries", Flash::success(done)))
}
