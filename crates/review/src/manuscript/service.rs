//! What people do with manuscripts, one function for each verb; pages and API call the same.

use super::{
    SUBJECT, canonical, rules, sanitize, store,
    terms::{Content, FileRole, Layout, Manuscript, Origin, Rights, Version},
};
use crate::{
    course,
    ids::{ManuscriptId, VersionId},
    link,
};
use chrono::{DateTime, Utc};
use sea_orm::{Condition, ConnectionTrait, sea_query::IntoColumnRef};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, PersonId, Place, Tx, UnitId, audit, scope,
};

/// Where rights over a manuscript are held: its unit with all above, and its main channel.
///
/// # Errors
/// When the database fails.
pub async fn place(db: &impl ConnectionTrait, of: &Manuscript) -> Result<Place, Fault> {
    Ok(scope::place(db, of.unit).await?.on(of.main_channel()))
}

/// Whether the actor may see a manuscript: writers their own; others what was handed in, within their scope by
/// unit or by any of its channels.
///
/// # Errors
/// When the database fails.
pub async fn is_visible(
    db: &impl ConnectionTrait,
    actor: &Actor,
    of: &Manuscript,
) -> Result<bool, Fault> {
    if of.is_written_by(actor) {
        return Ok(true);
    }
    if of.version.is_none() {
        return Ok(false);
    }
    let place = scope::place(db, of.unit).await?;
    Ok(std::iter::once(None)
        .chain(of.content.channels.iter().copied().map(Some))
        .any(|channel| actor.may(Permission::ViewManuscripts, &place.clone().on(channel))))
}

/// The condition, for lists of other tables, that the manuscript they name may be seen.
pub fn filter(actor: &Actor, column: impl IntoColumnRef) -> Condition {
    store::seen_ids(actor, column)
}

/// A manuscript that the actor may see.
///
/// # Errors
/// `Fault::NotFound` for everything else.
pub async fn open_for(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ManuscriptId,
) -> Result<Manuscript, Fault> {
    let found = store::load(db, id).await?;
    if is_visible(db, actor, &found).await? {
        Ok(found)
    } else {
        Err(Fault::NotFound)
    }
}

/// The person who acts. Manuscripts are the work of real, named people (实名).
pub(super) fn person_of(actor: &Actor) -> Result<PersonId, Fault> {
    actor
        .person()
        .ok_or_else(|| Fault::Forbidden("稿件须由实名人员办理。".into()))
}

/// Refuses with the reason who may see a manuscript but not write it, or not now.
///
/// # Errors
/// `Fault::Forbidden` for others than its writers; `Fault::Refused` while it is reviewed or at its end.
pub async fn may_write(
    db: &impl ConnectionTrait,
    actor: &Actor,
    of: &Manuscript,
) -> Result<PersonId, Fault> {
    let me = person_of(actor)?;
    if !of.is_of(me) {
        return Err(Fault::Forbidden(
            "只有拟稿人和共同拟稿人可以修改稿件。审核中发现问题请写明意见退回。".into(),
        ));
    }
    course::may_edit(db, of.id).await?;
    Ok(me)
}

/// A manuscript held for change by one of its writers.
///
/// # Errors
/// `Fault::NotFound`; what [`may_write`] refuses.
pub(super) async fn held_for_writing(
    tx: &Tx,
    actor: &Actor,
    id: ManuscriptId,
) -> Result<(Manuscript, PersonId), Fault> {
    let of = store::hold(tx, id).await?;
    if !is_visible(tx, actor, &of).await? {
        return Err(Fault::NotFound);
    }
    let me = may_write(tx, actor, &of).await?;
    Ok((of, me))
}

/// What a writer says, as a form or a program sent it. The HTML is not sanitised yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub title: String,
    pub html: String,
    pub layout: Layout,
    pub link: String,
    pub channels: Vec<ChannelId>,
    pub category: String,
    pub origin: Origin,
    pub source: String,
    pub source_link: String,
    pub source_title: String,
    pub names: String,
    pub cover: Option<i64>,
    pub coauthors: Vec<PersonId>,
    pub said: Vec<Said>,
}

impl Draft {
    /// A manuscript of which only the title is known.
    pub fn titled(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            html: String::new(),
            layout: Layout::Rich,
            link: String::new(),
            channels: vec![],
            category: String::new(),
            origin: Origin::Original,
            source: String::new(),
            source_link: String::new(),
            source_title: String::new(),
            names: String::new(),
            cover: None,
            coauthors: vec![],
            said: vec![],
        }
    }
}

/// What is said of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub file: i64,
    pub alt: String,
    pub rights: Option<Rights>,
    pub credit: String,
}

/// Begins a manuscript.
///
/// # Errors
/// `Fault::NotFound` for a unit or channel that is not there; `Fault::Forbidden` for who does not write for
/// the unit; what [`sanitize::clean`] refuses.
pub async fn begin(
    app: &App,
    actor: &Actor,
    unit: UnitId,
    draft: Draft,
) -> Result<Manuscript, Fault> {
    let me = person_of(actor)?;
    let tx = app.db.begin().await?;
    may_write_for(&tx, actor, unit, &draft.channels).await?;
    let now = app.now();
    let mut of = Manuscript {
        id: ManuscriptId(0),
        revision: 1,
        unit,
        author: me,
        author_for: None,
        coauthors: vec![],
        content: Content {
            title: String::new(),
            html: String::new(),
            layout: draft.layout,
            link: String::new(),
            channels: vec![],
            files: vec![],
            category: String::new(),
            origin: draft.origin,
            source: String::new(),
            source_link: String::new(),
            source_title: String::new(),
            names: String::new(),
            cover: None,
        },
        version: None,
        copied_from: None,
        created_at: now,
        saved_at: now,
        saved_by: me,
    };
    // The address of its files is not known before it has an id; a new one has none.
    let html = sanitize::clean(of.id, draft.layout, draft.html.clone()).await?;
    let words = take(&mut of, draft, html);
    let of = store::insert(&tx, of, words).await?;
    link::want(&tx, app, &link::all(&of.content)).await?;
    let summary = format!("新建稿件“{}”", of.called());
    record(&tx, app, actor, &of, "manuscript.begun", summary).await?;
    tx.commit().await?;
    Ok(of)
}

/// Refuses who does not write for a unit: neither there nor as admin of one of the channels, when that is
/// the unit's own.
async fn may_write_for(
    db: &impl ConnectionTrait,
    actor: &Actor,
    unit: UnitId,
    channels: &[ChannelId],
) -> Result<(), Fault> {
    let place = scope::place(db, unit).await?;
    if place.units.is_empty() {
        return Err(Fault::NotFound);
    }
    let may = |channel| actor.may(Permission::DraftManuscripts, &place.clone().on(channel));
    if may(None) || channels.iter().any(|channel| may(Some(*channel))) {
        return Ok(());
    }
    Err(Fault::Forbidden(
        "您没有为该单位拟稿的权限，请选择您所在的单位或您管理的网络阵地。".into(),
    ))
}

/// Takes what was said into the working copy; gives the number of words.
fn take(of: &mut Manuscript, draft: Draft, html: String) -> i32 {
    let words = canonical::words(&canonical::plain(&html));
    let mut channels: Vec<ChannelId> = vec![];
    for channel in draft.channels {
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    of.coauthors = draft.coauthors;
    of.coauthors.retain(|person| *person != of.author);
    of.coauthors.sort();
    of.coauthors.dedup();
    let has = |id: &i64| of.content.files.iter().any(|file| file.id == *id);
    let cover = draft.cover.filter(has);
    of.content = Content {
        title: draft.title,
        html,
        layout: draft.layout,
        link: draft.link,
        channels,
        files: std::mem::take(&mut of.content.files),
        category: draft.category,
        origin: draft.origin,
        source: draft.source,
        source_link: draft.source_link,
        source_title: draft.source_title,
        names: draft.names,
        cover,
    };
    words
}

/// How a save goes about what others saved in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Save {
    /// Only over the revision that the writer began with.
    Over(i64),
    /// Over this newer revision, which the writer was told of; it is put aside, not lost.
    Instead(i64),
}

/// What became of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    Done(Box<Manuscript>),
    /// Someone else saved in between; nothing was written.
    Conflict {
        revision: i64,
        by: PersonId,
        at: DateTime<Utc>,
    },
}

/// Writes the working copy. Saves while writing are not put on record one by one: versions are.
///
/// # Errors
/// `Fault::NotFound`; what [`may_write`] and [`sanitize::clean`] refuse.
pub async fn save(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    how: Save,
    draft: Draft,
) -> Result<Saved, Fault> {
    let html = sanitize::clean(id, draft.layout, draft.html.clone()).await?;
    let tx = app.db.begin().await?;
    let (before, me) = held_for_writing(&tx, actor, id).await?;
    let (Save::Over(seen) | Save::Instead(seen)) = how;
    if before.revision != seen {
        return Ok(Saved::Conflict {
            revision: before.revision,
            by: before.saved_by,
            at: before.saved_at,
        });
    }
    if matches!(how, Save::Instead(_)) {
        store::put_aside(&tx, &before).await?;
    }
    let mut of = before.clone();
    for said in &draft.said {
        let Some(file) = of
            .content
            .files
            .iter_mut()
            .find(|file| file.id == said.file)
        else {
            continue;
        };
        let now = (said.alt.clone(), said.rights, said.credit.clone());
        if now != (file.alt.clone(), file.rights, file.credit.clone()) {
            (file.alt, file.rights, file.credit) = now;
            store::tell_of_file(&tx, id, file).await?;
        }
    }
    let html = sanitize::describe(&html, id, &of.content.files);
    let words = take(&mut of, draft, html);
    of.saved_at = app.now();
    of.saved_by = me;
    store::replace(&tx, &before, &mut of, words).await?;
    // Those that the text had before were asked when they came.
    let (old, mut new) = (link::all(&before.content), link::all(&of.content));
    new.retain(|address| !old.contains(address));
    link::want(&tx, app, &new).await?;
    tx.commit().await?;
    Ok(Saved::Done(Box::new(of)))
}

/// Makes the working copy an immutable version, which review and approval name; the same content as the latest
/// version is that version. The caller, who hands it in, writes the audit record.
///
/// # Errors
/// `Fault::NotFound`; `Fault::Refused` with all that is missing; when the database fails.
pub async fn freeze(tx: &Tx, app: &App, id: ManuscriptId, actor: &Actor) -> Result<Version, Fault> {
    let of = store::hold(tx, id).await?;
    let content = used(of.content);
    let text = canonical::plain(&content.html);
    rules::complete(&content, &text)?;
    let hash = canonical::hash(&content);
    let latest = store::latest(tx, id).await?;
    let number = match latest {
        Some(latest) if latest.hash == hash => return Ok(latest),
        Some(latest) => latest.number + 1,
        None => 1,
    };
    let version = Version {
        id: VersionId(0),
        manuscript: id,
        number,
        hash,
        words: canonical::words(&text),
        content,
        text,
        made_by: person_of(actor)?,
        made_at: app.now(),
    };
    let version = store::add_version(tx, version).await?;
    store::set_version(tx, id, version.id).await?;
    Ok(version)
}

/// The content with only the files that it shows: pictures taken out of the text go with it.
pub(super) fn used(mut content: Content) -> Content {
    let (html, cover, layout) = (&content.html, content.cover, content.layout);
    content.files.retain(|file| {
        file.role == FileRole::Attachment
            || (layout == Layout::Picture && file.role == FileRole::Picture)
            || cover == Some(file.id)
            || canonical::shows(html, file.id)
    });
    content
}

/// Begins a new manuscript with what another one says, files and all. Its author is who copies.
///
/// # Errors
/// `Fault::NotFound`; `Fault::Forbidden` for who does not write for its unit.
pub async fn copy(app: &App, actor: &Actor, id: ManuscriptId) -> Result<Manuscript, Fault> {
    let me = person_of(actor)?;
    let tx = app.db.begin().await?;
    let from = store::load(&tx, id).await?;
    if !is_visible(&tx, actor, &from).await? {
        return Err(Fault::NotFound);
    }
    // What its writers have not handed in is theirs alone.
    let source = match (from.is_of(me), from.version) {
        (false, Some(version)) => store::version(&tx, version).await?.content,
        _ => from.content.clone(),
    };
    may_write_for(&tx, actor, from.unit, &source.channels).await?;
    let now = app.now();
    let of = Manuscript {
        id: ManuscriptId(0),
        revision: 1,
        unit: from.unit,
        author: me,
        author_for: None,
        coauthors: vec![],
        content: Content {
            html: String::new(),
            cover: None,
            files: vec![],
            ..source.clone()
        },
        version: None,
        copied_from: Some(id),
        created_at: now,
        saved_at: now,
        saved_by: me,
    };
    let mut of = store::insert(&tx, of, 0).await?;
    let mut html = source.html.clone();
    for file in &source.files {
        let kept = store::add_file(&tx, of.id, file.clone(), me, now).await?;
        let address = |of, id| format!("\"{}\"", sanitize::file_address(of, id));
        html = html.replace(&address(id, file.id), &address(of.id, kept.id));
        html = html.replace(
            &format!("&quot;{}&quot;", sanitize::file_address(id, file.id)),
            &format!("&quot;{}&quot;", sanitize::file_address(of.id, kept.id)),
        );
        if source.cover == Some(file.id) {
            of.content.cover = Some(kept.id);
        }
    }
    let before = of.clone();
    of.content.html = html;
    let words = canonical::words(&canonical::plain(&of.content.html));
    store::replace(&tx, &before, &mut of, words).await?;
    let summary = format!("复制稿件“{}”为新稿", from.called());
    record(&tx, app, actor, &of, "manuscript.copied", summary).await?;
    tx.commit().await?;
    Ok(of)
}

/// Takes away a draft that was never handed in.
///
/// # Errors
/// `Fault::NotFound`; what [`may_write`] refuses; `Fault::Refused` when it was handed in once.
pub async fn discard(app: &App, actor: &Actor, id: ManuscriptId) -> Result<Manuscript, Fault> {
    let tx = app.db.begin().await?;
    let (of, _) = held_for_writing(&tx, actor, id).await?;
    if of.version.is_some() {
        return Err(Fault::Refused(
            "提交过审核的稿件不能删除，记录须保留。不再使用时请撤回，由审核人注明不予采用。".into(),
        ));
    }
    store::delete(&tx, id).await?;
    let summary = format!("删除稿件草稿“{}”", of.called());
    record(&tx, app, actor, &of, "manuscript.discarded", summary).await?;
    tx.commit().await?;
    Ok(of)
}

/// Appends to the audit chain; last in its transaction.
async fn record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    of: &Manuscript,
    action: &'static str,
    summary: String,
) -> Result<(), Fault> {
    let detail = serde_json::json!({
        "title": of.content.title,
        "hash": canonical::hash(&of.content),
        "copied_from": of.copied_from,
    });
    let entry = audit::Entry {
        action,
        subject: (SUBJECT, of.id.0),
        unit: Some(of.unit),
        on_behalf_of: None,
        summary,
        detail,
    };
    audit::append(tx, app, actor, entry).await
}
