//! Forms of a filing that bring a scan: attachments, decisions on paper, proofs and re-checks of cancellations.

use super::{
    attachments::{self, Purpose, Scan},
    closing,
    content::Wrong,
    pages::seen,
    paper::{self, Entry},
    rules::{Stage, Verdict},
    show::{Typed, page},
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, FilingId, PersonId, files,
    form::{Posted, Unprocessable, Uploaded},
    web::{Flash, Shell, redirect},
};

fn back(id: FilingId) -> String {
    format!("/filings/{id}#attachments")
}

fn scan(form: &mut Uploaded) -> Option<Scan> {
    form.files.pop().map(|file| Scan {
        name: file.name,
        bytes: file.bytes,
    })
}

/// The page once more with what is wrong with the form.
async fn refused(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: FilingId,
    posted: &Posted,
    wrongs: &[Wrong],
) -> Result<Response, Fault> {
    let typed = Typed {
        posted: Some(posted),
        wrongs,
        ..Typed::default()
    };
    let page = page(app, actor, shell, id, typed).await?;
    Ok(Unprocessable(page).into_response())
}

/// Adds a scan.
pub(super) async fn add(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    mut form: Uploaded,
) -> Result<Response, Fault> {
    let purpose = match form.posted.get("purpose") {
        "" => Purpose::Other,
        code => Purpose::parse(code)
            .ok_or_else(|| Fault::Malformed("请从列表中选择附件类别。".into()))?,
    };
    let Some(scan) = scan(&mut form) else {
        return Err(Fault::Malformed(
            "没有选择文件，请先选择要上传的扫描件。".into(),
        ));
    };
    attachments::add(&app, &actor, id, scan, purpose).await?;
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

/// Enters a decision that was taken on paper.
pub(super) async fn paper(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
    mut form: Uploaded,
) -> Result<Response, Fault> {
    let scan = scan(&mut form);
    let posted = &form.posted;
    let entry = Entry {
        seen: seen(posted),
        record: posted.get("record").parse().ok(),
        decider: posted.get("decider").parse().map(PersonId).ok(),
        verdict: match posted.get("verdict") {
            "returned" => Verdict::Returned,
            _ => Verdict::Agreed,
        },
        opinion: posted.get("paper_opinion").to_owned(),
        decided_on: posted.get("decided_on").to_owned(),
        number: posted.get("paper_number").to_owned(),
        scan,
    };
    match paper::record(&app, &actor, id, entry).await? {
        Ok(after) => {
            let text = match (after.course.stage, &after.document_number) {
                (Stage::Effective, Some(number)) => {
                    format!("已登记纸质审批，备案已生效，编号 {number}。")
                }
                (Stage::Returned, _) => "已登记纸质审批，备案已退回填报人修改。".into(),
                _ => "已登记纸质审批，已交下一环节办理。".into(),
            };
            Ok(redirect(after.href(), Flash::success(text)))
        }
        Err(wrongs) => refused(&app, &actor, shell, id, posted, &wrongs).await,
    }
}

/// Hands in the platform's proof that the account is gone.
pub(super) async fn prove(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
    mut form: Uploaded,
) -> Result<Response, Fault> {
    let scan = scan(&mut form);
    let posted = &form.posted;
    let note = posted.get("proof_note");
    match closing::prove(&app, &actor, id, seen(posted), note, scan).await? {
        Ok(after) => Ok(redirect(
            after.href(),
            Flash::success("证明已上传，网络阵地已转为“已注销”，到期由宣传部复查。"),
        )),
        Err(wrongs) => refused(&app, &actor, shell, id, posted, &wrongs).await,
    }
}

/// Enters what was seen when a cancelled channel was looked at again.
pub(super) async fn recheck(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
    mut form: Uploaded,
) -> Result<Response, Fault> {
    let scan = scan(&mut form);
    let posted = &form.posted;
    let gone = match posted.get("found") {
        "gone" => true,
        "reachable" => false,
        _ => return Err(Fault::Malformed("请选择复查结果。".into())),
    };
    let note = posted.get("recheck_note");
    match closing::recheck(&app, &actor, id, seen(posted), gone, note, scan).await? {
        Ok(after) => {
            let text = if gone {
                "已确认注销，全部办结。"
            } else {
                "已登记仍可访问，请管理员继续办理注销。"
            };
            Ok(redirect(after.href(), Flash::success(text)))
        }
        Err(wrongs) => refused(&app, &actor, shell, id, posted, &wrongs).await,
    }
}
