//! Files that belong to a version: handed in and taken away while it is written, fetched by whoever may read it.

use super::{
    Refusal,
    service::{held, is_maker, open_for, person_of, principal, record, written},
    store::{self, File},
};
use bytes::Bytes;
use zhendi_kernel::{
    Actor, App, Fault, Permission, RegulationId,
    files::{self, Kind, MAX_UPLOAD},
    scope,
};

/// What is attached: documents as they were signed, and forms.
pub const KINDS: [Kind; 8] = [
    Kind::Pdf,
    Kind::Ofd,
    Kind::Docx,
    Kind::Doc,
    Kind::Xlsx,
    Kind::Xls,
    Kind::Jpeg,
    Kind::Png,
];
/// A version has no more attachments than this.
pub const MOST: usize = 20;
/// A request holds one file, its form's other fields and their frame.
pub const REQUEST_LIMIT: usize = MAX_UPLOAD + 64 * 1024;

/// Attaches a file to the version that is being written.
///
/// # Errors
/// `Fault::NotFound`, `Fault::Forbidden`; `Fault::Refused` when nothing is being written or there are enough;
/// `Fault::Malformed` and `Fault::TooLarge` for files not taken.
pub async fn attach(
    app: &App,
    actor: &Actor,
    id: RegulationId,
    name: &str,
    bytes: Bytes,
) -> Result<(), Fault> {
    open_for(app.db.read(), actor, id).await?;
    let kind = files::accept(name, &bytes, MAX_UPLOAD, &KINDS)?;
    let size = i64::try_from(bytes.len()).map_err(Fault::internal)?;
    let hash = app.files.put(bytes).await?;
    let tx = app.db.begin().await?;
    let (regulation, versions, place) = held(&tx, actor, id, Permission::DraftRegulations).await?;
    let version = written(&versions).ok_or(Refusal::NothingToIssue)?;
    if store::files_of(&tx, version.id).await?.len() >= MOST {
        return Err(Fault::Refused(format!("一个版本最多 {MOST} 个附件。")));
    }
    let new = File {
        id: 0,
        version_id: version.id,
        name: name.into(),
        kind: kind.code().into(),
        size,
        hash,
        uploaded_by: person_of(actor)?,
        uploaded_at: app.now(),
    };
    store::add_file(&tx, new).await?;
    let who = principal(actor, Permission::DraftRegulations, &place);
    let summary = format!("为规章制度“{}”上传附件", version.title);
    record(
        &tx,
        app,
        actor,
        &regulation,
        "regulation.attached",
        who,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Takes an attachment from the version that is being written.
///
/// # Errors
/// `Fault::NotFound`, `Fault::Forbidden`; `Fault::Refused` once the version was issued.
pub async fn detach(app: &App, actor: &Actor, id: RegulationId, number: i64) -> Result<(), Fault> {
    let tx = app.db.begin().await?;
    let (regulation, versions, place) = held(&tx, actor, id, Permission::DraftRegulations).await?;
    let file = store::file(&tx, number).await?.ok_or(Fault::NotFound)?;
    if !versions.iter().any(|version| version.id == file.version_id) {
        return Err(Fault::NotFound);
    }
    if written(&versions).is_none_or(|version| version.id != file.version_id) {
        return Err(Fault::Refused("已发布版本的附件不能删除。".into()));
    }
    store::remove_file(&tx, number).await?;
    let who = principal(actor, Permission::DraftRegulations, &place);
    let summary = format!("删除规章制度“{}”的一个附件", regulation.title);
    record(
        &tx,
        app,
        actor,
        &regulation,
        "regulation.detached",
        who,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// An attachment with its content; those of drafts are for their makers.
///
/// # Errors
/// `Fault::NotFound` for who may not see it.
pub async fn fetch(
    app: &App,
    actor: &Actor,
    id: RegulationId,
    number: i64,
) -> Result<(File, Kind, Bytes), Fault> {
    let db = app.db.read();
    let regulation = open_for(db, actor, id).await?;
    let file = store::file(db, number).await?.ok_or(Fault::NotFound)?;
    let version = store::version(db, file.version_id)
        .await?
        .filter(|version| version.regulation_id == id)
        .ok_or(Fault::NotFound)?;
    if version.issued_at.is_none() {
        let place = scope::place(db, regulation.unit).await?;
        if !is_maker(actor, &place) {
            return Err(Fault::NotFound);
        }
    }
    let kind = Kind::parse(&file.kind)
        .ok_or_else(|| Fault::internal(format!("attachment {number}: kind {}", file.kind)))?;
    let bytes = app.files.get(&file.hash).await?;
    Ok((file, kind, bytes))
}
