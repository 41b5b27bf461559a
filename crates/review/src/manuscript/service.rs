//! What people do with manuscripts, one function for each verb; pages and API call the same.

use super::{
    canonical, rules, store,
    terms::{Content, FileRole, Layout, Manuscript, Version},
};
use crate::ids::{ManuscriptId, VersionId};
use sea_orm::{Condition, ConnectionTrait, sea_query::IntoColumnRef};
use zhendi_kernel::{Actor, App, Fault, Permission, PersonId, Place, Tx, scope};

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
    if actor.person().is_some_and(|me| of.is_of(me)) {
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
            || layout == Layout::Picture
            || cover == Some(file.id)
            || html.contains(&canonical::address_end(file.id))
    });
    content
}
