//! Files of a manuscript over the web: sent, brought in, taken out, shown.

use super::{
    FileRef, FileRole, Rights,
    files::{self, NewFile},
};
use crate::ids::ManuscriptId;
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault,
    form::{Posted, Uploaded},
    web::{Flash, redirect},
};

/// Whether the editor asks, and not a form.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.starts_with("application/json"))
}

/// A file's size as people read it.
pub(super) fn shown_size(bytes: i64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KB", bytes / 1024),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

/// What the editor is told of a file that was kept.
#[derive(serde::Serialize)]
struct Kept {
    id: i64,
    address: String,
    name: String,
    size: String,
    role: FileRole,
}

impl Kept {
    fn of(id: ManuscriptId, file: &FileRef) -> Self {
        Self {
            id: file.id,
            address: files::address(id, file),
            name: file.name.clone(),
            size: shown_size(file.size),
            role: file.role,
        }
    }
}

/// POST /manuscripts/{id}/files
pub(super) async fn upload(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    headers: HeaderMap,
    uploaded: Uploaded,
) -> Result<Response, Fault> {
    let role = FileRole::parse(uploaded.posted.get("role"))
        .ok_or_else(|| Fault::Malformed("请选择上传的是图片、视频还是附件。".into()))?;
    let file = uploaded
        .files
        .first()
        .ok_or_else(|| Fault::Malformed("没有收到文件，请重新选择。".into()))?;
    let new = NewFile {
        role,
        name: file.name.clone(),
        bytes: file.bytes.clone(),
        alt: uploaded.posted.get("alt").to_owned(),
        rights: Rights::parse(uploaded.posted.get("rights")),
        credit: uploaded.posted.get("credit").to_owned(),
    };
    let kept = files::keep(&app, &actor, id, new).await?;
    if wants_json(&headers) {
        return Ok((StatusCode::CREATED, Json(Kept::of(id, &kept))).into_response());
    }
    Ok(redirect(
        format!("/manuscripts/{id}/edit"),
        Flash::success(format!("“{}”已上传。", kept.name)),
    ))
}

/// POST /manuscripts/{id}/pictures
pub(super) async fn bring_in(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    headers: HeaderMap,
    posted: Posted,
) -> Result<Response, Fault> {
    let kept = files::bring_in(&app, &actor, id, posted.get("address")).await?;
    if wants_json(&headers) {
        return Ok((StatusCode::CREATED, Json(Kept::of(id, &kept))).into_response());
    }
    Ok(redirect(
        format!("/manuscripts/{id}/edit"),
        Flash::success("图片已转存，请在正文中换成这一张。"),
    ))
}

/// POST /manuscripts/{id}/files/{file}/removals
pub(super) async fn remove_file(
    State(app): State<App>,
    actor: Actor,
    Path((id, file)): Path<(ManuscriptId, i64)>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    files::remove(&app, &actor, id, file).await?;
    if wants_json(&headers) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(redirect(
        format!("/manuscripts/{id}/edit"),
        Flash::success("文件已从稿件中移除。"),
    ))
}

/// GET /manuscripts/{id}/files/{file}
pub(super) async fn file(
    State(app): State<App>,
    actor: Actor,
    Path((id, file)): Path<(ManuscriptId, i64)>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    files::serve(&app, app.db.read(), &actor, id, file, &headers).await
}
