//! Targets of the forms on a regulation's page.

use super::{attachments, service};
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::NaiveDate;
use zhendi_kernel::{
    Actor, App, Fault, RegulationId, files,
    form::{Posted, Uploaded},
    text,
    web::{Flash, redirect},
};

/// POST /regulations/{id}/versions
pub(super) async fn renew(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<RegulationId>,
    _: Posted,
) -> Result<Response, Fault> {
    service::renew(&app, &actor, id).await?;
    Ok(redirect(
        format!("/regulations/{id}/edit"),
        Flash::success("修订稿已建立，发布之前现行版本不变。"),
    ))
}

/// POST /regulations/{id}/removals
pub(super) async fn discard(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<RegulationId>,
    _: Posted,
) -> Result<Response, Fault> {
    let gone = service::discard(&app, &actor, id).await?;
    let back = if gone {
        "/regulations".to_owned()
    } else {
        format!("/regulations/{id}")
    };
    Ok(redirect(back, Flash::success("草稿已删除。")))
}

/// POST /regulations/{id}/issues
pub(super) async fn issue(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<RegulationId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let seen = posted.get("version").parse().unwrap_or(0);
    let made = service::issue(&app, &actor, id, seen).await?;
    Ok(redirect(
        made.href(),
        Flash::success("已发布，须阅读的人员会收到待办。"),
    ))
}

/// POST /regulations/{id}/repeals
pub(super) async fn repeal(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<RegulationId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let on: NaiveDate = posted
        .get("on")
        .trim()
        .parse()
        .map_err(|_| Fault::Malformed("请选择废止日期。".into()))?;
    let reason = text::lines(posted.get("reason"), 2_000)
        .map_err(|error| Fault::Malformed(error.to_string()))?;
    let made = service::repeal(&app, &actor, id, on, reason).await?;
    Ok(redirect(
        made.href(),
        Flash::success(format!("已登记废止，自 {on} 起不再有效。")),
    ))
}

/// POST /regulations/{id}/readings
pub(super) async fn confirm(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<RegulationId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let ordinal = posted.get("ordinal").parse().unwrap_or(0);
    let made = service::confirm(&app, &actor, id, ordinal).await?;
    Ok(redirect(made.href(), Flash::success("已确认阅读。")))
}

fn back(id: RegulationId) -> String {
    format!("/regulations/{id}?version=draft#attachments")
}

/// POST /regulations/{id}/attachments
pub(super) async fn attach(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<RegulationId>,
    mut form: Uploaded,
) -> Result<Response, Fault> {
    let Some(file) = form.files.pop() else {
        return Err(Fault::Malformed(
            "没有选择文件，请先选择要上传的附件。".into(),
        ));
    };
    attachments::attach(&app, &actor, id, &file.name, file.bytes).await?;
    Ok(redirect(back(id), Flash::success("附件已上传。")))
}

/// GET /regulations/{id}/attachments/{number}
pub(super) async fn download(
    State(app): State<App>,
    actor: Actor,
    Path((id, number)): Path<(RegulationId, i64)>,
) -> Result<Response, Fault> {
    let (file, kind, bytes) = attachments::fetch(&app, &actor, id, number).await?;
    Ok(files::download(&file.name, kind, bytes))
}

/// POST /regulations/{id}/attachments/{number}/removals
pub(super) async fn detach(
    State(app): State<App>,
    actor: Actor,
    Path((id, number)): Path<(RegulationId, i64)>,
    _: Posted,
) -> Result<Response, Fault> {
    attachments::detach(&app, &actor, id, number).await?;
    Ok(redirect(back(id), Flash::success("附件已删除。")))
}
