//! What keepers of dictionaries do, for pages and API alike.

use super::{
    MOST, SUBJECT,
    import::Line,
    store,
    terms::{NewWord, Word, read_form},
};
use crate::ids::WordId;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use zhendi_kernel::{Actor, App, Fault, Permission, Tx, UnitId, audit, scope};
use zhendi_people::unit;

/// The topmost unit, whose words hold for the whole institution.
///
/// # Errors
/// When the database fails.
pub(super) async fn root(db: &impl ConnectionTrait) -> Result<Option<UnitId>, Fault> {
    Ok(unit::root(db).await?.map(|root| root.id))
}

/// Who may keep a unit's words: who holds the right there or above.
///
/// # Errors
/// `Fault::NotFound` when the actor may not even see them, `Fault::Forbidden` for the institution's words.
pub(super) async fn require_keeper(
    db: &impl ConnectionTrait,
    actor: &Actor,
    unit: UnitId,
) -> Result<(), Fault> {
    let place = scope::place(db, unit).await?;
    if actor.may(Permission::ManageDictionaries, &place) {
        return Ok(());
    }
    if root(db).await? == Some(unit) {
        return Err(Fault::Forbidden("全院的词库由宣传部维护。".into()));
    }
    Err(Fault::NotFound)
}

/// A word that the actor may see: of their own units, and the institution's.
///
/// # Errors
/// `Fault::NotFound`.
pub async fn open_for(db: &impl ConnectionTrait, actor: &Actor, id: WordId) -> Result<Word, Fault> {
    let word = store::find(db, id).await?;
    match require_keeper(db, actor, word.unit).await {
        Ok(()) | Err(Fault::Forbidden(_)) => Ok(word),
        Err(fault) => Err(fault),
    }
}

fn detail(said: &NewWord) -> Value {
    json!({
        "kind": said.kind,
        "word": said.word,
        "right": said.right,
        "category": said.category,
        "severity": said.severity,
        "from": said.valid_from,
        "to": said.valid_to,
        "note": said.note,
    })
}

async fn record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    action: &'static str,
    (unit, id): (UnitId, WordId),
    summary: String,
    detail: Value,
) -> Result<(), Fault> {
    let entry = audit::Entry {
        action,
        subject: (SUBJECT, id.0),
        unit: Some(unit),
        on_behalf_of: None,
        summary,
        detail,
    };
    audit::append(tx, app, actor, entry).await
}

fn unfit(said: &NewWord) -> Result<(), Fault> {
    said.check()
        .map_err(|unfit| Fault::Malformed(unfit.to_string()))
}

const TAKEN: &str = "该单位的词库里已有这个词（生效日期相同）。";

/// Keeps a new word.
///
/// # Errors
/// As [`require_keeper`]; `Fault::Malformed`; `Fault::Refused` when the unit has it, or has very many.
pub async fn create(app: &App, actor: &Actor, unit: UnitId, said: NewWord) -> Result<Word, Fault> {
    unfit(&said)?;
    let tx = app.db.begin().await?;
    require_keeper(&tx, actor, unit).await?;
    if store::in_slot(&tx, unit, &said).await?.is_some() {
        return Err(Fault::Refused(TAKEN.into()));
    }
    if store::count(&tx, unit).await? >= MOST {
        return Err(Fault::Refused(format!("一个单位的词库最多 {MOST} 条。")));
    }
    let word = store::insert(&tx, unit, &said, actor.person(), app.now()).await?;
    let summary = format!("新增词条“{}”（{}）", said.word, said.kind);
    let at = (unit, word.id);
    record(&tx, app, actor, "word.created", at, summary, detail(&said)).await?;
    tx.commit().await?;
    Ok(word)
}

/// Changes what is said of a word.
///
/// # Errors
/// As [`create`]; `Fault::Stale`.
pub async fn change(
    app: &App,
    actor: &Actor,
    id: WordId,
    seen: i32,
    said: NewWord,
) -> Result<(), Fault> {
    unfit(&said)?;
    let tx = app.db.begin().await?;
    let before = open_for(&tx, actor, id).await?;
    require_keeper(&tx, actor, before.unit).await?;
    if before.version != seen {
        return Err(Fault::Stale);
    }
    let taken = store::in_slot(&tx, before.unit, &said).await?;
    if taken.is_some_and(|other| other != id) {
        return Err(Fault::Refused(TAKEN.into()));
    }
    let by = actor.person();
    store::replace(&tx, &before, &said, before.enabled, by, app.now()).await?;
    let summary = match before.said.word == said.word {
        true => format!("修改词条“{}”", said.word),
        false => format!("修改词条“{}”为“{}”", before.said.word, said.word),
    };
    let both = json!({ "before": detail(&before.said), "after": detail(&said) });
    let at = (before.unit, id);
    record(&tx, app, actor, "word.changed", at, summary, both).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts a word out of use or back into it.
///
/// # Errors
/// As [`change`].
pub async fn switch(app: &App, actor: &Actor, id: WordId, enabled: bool) -> Result<(), Fault> {
    let tx = app.db.begin().await?;
    let before = open_for(&tx, actor, id).await?;
    require_keeper(&tx, actor, before.unit).await?;
    let by = actor.person();
    store::replace(&tx, &before, &before.said, enabled, by, app.now()).await?;
    let (action, verb) = match enabled {
        true => ("word.enabled", "启用"),
        false => ("word.disabled", "停用"),
    };
    let summary = format!("{verb}词条“{}”", before.said.word);
    let at = (before.unit, id);
    record(&tx, app, actor, action, at, summary, json!({})).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a word away; what it said stays in the audit chain.
///
/// # Errors
/// As [`change`].
pub async fn remove(app: &App, actor: &Actor, id: WordId) -> Result<Word, Fault> {
    let tx = app.db.begin().await?;
    let before = open_for(&tx, actor, id).await?;
    require_keeper(&tx, actor, before.unit).await?;
    store::delete(&tx, id).await?;
    let summary = format!("删除词条“{}”", before.said.word);
    let (at, what) = ((before.unit, id), detail(&before.said));
    record(&tx, app, actor, "word.removed", at, summary, what).await?;
    tx.commit().await?;
    Ok(before)
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub added: usize,
    pub changed: usize,
    pub same: usize,
}

/// Takes the good lines of a confirmed list: new words are added, known ones changed, put back into use if they
/// were out of it.
///
/// # Errors
/// As [`require_keeper`]; `Fault::Refused` when the list was taken before, or would be too long.
pub async fn take(
    app: &App,
    actor: &Actor,
    import: &store::Import,
    lines: Vec<Line>,
) -> Result<Taken, Fault> {
    let tx = app.db.begin().await?;
    let unit = import.unit_id;
    require_keeper(&tx, actor, unit).await?;
    let now = app.now();
    if !store::finish_import(&tx, import.id, now).await? {
        return Err(Fault::Refused("这份词表已经导入过。".into()));
    }
    let known = store::slots(&tx, unit).await?;
    let by = actor.person();
    let mut taken = Taken::default();
    let mut new = vec![];
    for said in lines.into_iter().filter_map(|line| line.said.ok()) {
        match known.get(&said.slot()) {
            Some(word) if word.said == said && word.enabled => taken.same += 1,
            Some(word) => {
                store::replace(&tx, word, &said, true, by, now).await?;
                taken.changed += 1;
            }
            None => new.push(said),
        }
    }
    taken.added = new.len();
    if (known.len() + new.len()) as u64 > MOST {
        return Err(Fault::Refused(format!(
            "导入后词库将有 {} 条，一个单位最多 {MOST} 条。",
            known.len() + new.len()
        )));
    }
    store::insert_many(&tx, unit, &new, by, now).await?;
    let summary = format!(
        "导入词表“{}”：新增 {} 条，更新 {} 条",
        import.name, taken.added, taken.changed
    );
    let entry = audit::Entry {
        action: "word.imported",
        subject: ("dictionary_import", import.id),
        unit: Some(unit),
        on_behalf_of: None,
        summary,
        detail: json!({ "file": import.hash.to_string() }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    Ok(taken)
}

/// Keeps a form of staff or student numbers.
///
/// # Errors
/// As [`require_keeper`]; `Fault::Malformed`; `Fault::Refused` when the unit has it.
pub async fn add_form(
    app: &App,
    actor: &Actor,
    unit: UnitId,
    name: &str,
    typed: &str,
) -> Result<(), Fault> {
    let form = read_form(typed).map_err(|error| Fault::Malformed(error.into()))?;
    let tx = app.db.begin().await?;
    require_keeper(&tx, actor, unit).await?;
    let Some(id) = store::add_form(&tx, app, unit, name, &form).await? else {
        return Err(Fault::Refused("该单位已有这条规则。".into()));
    };
    let summary = format!("新增{name}规则 {form}");
    form_record(&tx, app, actor, "number_form.created", (unit, id), summary).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a form of numbers away.
///
/// # Errors
/// As [`require_keeper`].
pub async fn remove_form(app: &App, actor: &Actor, id: i64) -> Result<(), Fault> {
    let tx = app.db.begin().await?;
    let form = store::form(&tx, id).await?;
    require_keeper(&tx, actor, form.unit_id).await?;
    store::remove_form(&tx, id).await?;
    let summary = format!("删除{}规则 {}", form.name, form.form);
    let at = (form.unit_id, id);
    form_record(&tx, app, actor, "number_form.removed", at, summary).await?;
    tx.commit().await?;
    Ok(())
}

async fn form_record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    action: &'static str,
    (unit, id): (UnitId, i64),
    summary: String,
) -> Result<(), Fault> {
    let entry = audit::Entry {
        action,
        subject: ("number_form", id),
        unit: Some(unit),
        on_behalf_of: None,
        summary,
        detail: json!({}),
    };
    audit::append(tx, app, actor, entry).await
}
