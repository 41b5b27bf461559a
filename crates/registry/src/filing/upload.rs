//! Scans of a filing: handed in, fetched, taken away.

use super::attachments;
use axum::{
    extract::{Path, State},
    response::Response,
};
use zhendi_kernel::{
    Actor, App, Fault, FilingId, files,
    form::{Posted, Uploaded},
    web::{Flash, redirect},
};

fn back(id: FilingId) -> String {
    format!("/filings/{id}#attachments")
}

/// Adds a scan.
pub(super) async fn add(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    mut form: Uploaded,
) -> Result<Response, Fault> {
    let sealed = form.posted.ticked("sealed");
    let Some(file) = form.files.pop() else {
        return Err(Fault::Malformed(
            "没有选择文件，请先选择要上传的扫描件。".into(),
        ));
    };
    attachments::add(&app, &actor, id, &file.name, file.bytes, sealed).await?;
    Ok(redirect(back(id), Flash::success("附件已上传。")))
}

/// Sends a scan as a download.
pub(super) async fn download(
    State(app): State<App>,
    actor: Actor,
    Path((id, number)): Path<(FilingId, i64)>,
) -> Result<Response, Fault> {
    let (attachment, kind, bytes) = attachments::fetch(&app, &actor, id, number).await?;
    Ok(files::download(&attachment.name, kind, bytes))
}

/// Takes a scan away.
pub(super) async fn remove(
    State(app): State<App>,
    actor: Actor,
    Path((id, number)): Path<(FilingId, i64)>,
    _: Posted,
) -> Result<Response, Fault> {
    attachments::remove(&app, &actor, id, number).await?;
    Ok(redirect(back(id), Flash::success("附件已删除。")))
}
