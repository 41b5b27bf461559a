//! The verbs of a filing, as its page's buttons press them.

use super::{
    content::Wrong,
    drafting, form,
    rules::{Closing, Kind, Stage, Step},
    service::{self, Opinion},
    show::{Typed, page},
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, FilingId,
    form::{Posted, Unprocessable},
    web::{Flash, Shell, redirect},
};

pub(super) fn seen(posted: &Posted) -> i32 {
    // Versions begin at 1: a form without one has seen nothing.
    posted.get("version").parse().unwrap_or(0)
}

pub(super) fn opinion(posted: &Posted) -> Opinion {
    Opinion {
        seen: seen(posted),
        record: posted.get("record").parse().ok(),
        text: posted.get("opinion").to_owned(),
        ticked: posted.all("ticked").map(str::to_owned).collect(),
    }
}

/// Hands a draft in.
pub(super) async fn submit(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
    posted: Posted,
) -> Result<Response, Fault> {
    match drafting::submit(&app, &actor, id, seen(&posted)).await? {
        Ok(after) => Ok(redirect(
            after.href(),
            Flash::success("备案已提交，现在由单位负责人签署。"),
        )),
        Err(wrongs) => {
            let (filing, _) = service::open_for(&app, &actor, id).await?;
            form::incomplete(&app, &actor, shell, &filing, &wrongs).await
        }
    }
}

async fn agree(
    app: App,
    actor: Actor,
    shell: Shell,
    id: FilingId,
    step: Step,
    posted: Posted,
) -> Result<Response, Fault> {
    let said = opinion(&posted);
    match service::agree(&app, &actor, id, step, said.clone()).await? {
        Ok(after) => {
            let text = match (after.course.stage, &after.document_number) {
                (Stage::Effective, Some(number)) if after.closing == Some(Closing::Proof) => {
                    format!("注销备案已生效，编号 {number}。请管理员到平台办理注销并上传证明。")
                }
                (Stage::Awaiting(Step::Check), _) => "已签署，现在由宣传部工作人员审核。".into(),
                (Stage::Awaiting(_), _) => format!(
                    "审核通过，现在由{}审定。",
                    after.course.route.decision.label()
                ),
                (_, Some(number)) => format!("备案已生效，编号 {number}。"),
                _ => "已办理。".into(),
            };
            Ok(redirect(after.href(), Flash::success(text)))
        }
        Err(wrongs) => refused(&app, &actor, shell, id, &said, &wrongs).await,
    }
}

async fn refused(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: FilingId,
    said: &Opinion,
    wrongs: &[Wrong],
) -> Result<Response, Fault> {
    let typed = Typed {
        opinion: Some(said),
        wrongs,
        ..Typed::default()
    };
    let page = page(app, actor, shell, id, typed).await?;
    Ok(Unprocessable(page).into_response())
}

/// The unit's head signs.
pub(super) async fn sign(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
    posted: Posted,
) -> Result<Response, Fault> {
    agree(app, actor, shell, id, Step::Signature, posted).await
}

/// The publicity officer passes it on.
pub(super) async fn check(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
    posted: Posted,
) -> Result<Response, Fault> {
    agree(app, actor, shell, id, Step::Check, posted).await
}

/// The publicity department approves.
pub(super) async fn decide(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
    posted: Posted,
) -> Result<Response, Fault> {
    agree(app, actor, shell, id, Step::Decision, posted).await
}

/// Whoever has it sends it back.
pub(super) async fn send_back(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let said = opinion(&posted);
    match service::send_back(&app, &actor, id, said.clone()).await? {
        Ok(after) => Ok(redirect(
            after.href(),
            Flash::success("已退回，填报人会收到您写的理由。"),
        )),
        Err(wrongs) => refused(&app, &actor, shell, id, &said, &wrongs).await,
    }
}

/// The author, or the unit's head, gives it up.
pub(super) async fn withdraw(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let after = service::withdraw(&app, &actor, id, seen(&posted)).await?;
    Ok(redirect(
        after.href(),
        Flash::success(match after.kind {
            Kind::Opening => "备案已撤回，账号或网址可以重新填报。",
            _ => "备案已撤回，台账保持原样。",
        }),
    ))
}
