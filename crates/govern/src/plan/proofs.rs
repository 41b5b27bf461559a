//! Papers that prove what was done: kept with the task through all its editions.

use super::{
    TaskState,
    service::{open_for, record},
    store::{self, Proof},
    tasks::open_task,
};
use bytes::Bytes;
use zhendi_kernel::{
    Actor, App, Fault, PlanId, PlanTaskId,
    files::{self, Kind, MAX_UPLOAD},
};

/// A task has no more papers than this.
pub const MOST: usize = 20;
/// A request holds one file, its form's other fields and their frame.
pub const REQUEST_LIMIT: usize = MAX_UPLOAD + 64 * 1024;
/// What proves that something was done: paper, pictures, office files.
pub const KINDS: [Kind; 8] = [
    Kind::Pdf,
    Kind::Jpeg,
    Kind::Png,
    Kind::Ofd,
    Kind::Docx,
    Kind::Doc,
    Kind::Xlsx,
    Kind::Xls,
];

/// Keeps a paper that proves what was done. Nothing is taken away again: it is evidence.
///
/// # Errors
/// `Fault::NotFound`; `Fault::Forbidden` for who has nothing to do with the task; `Fault::Refused` when the
/// plan is not in force or there are enough; `Fault::Malformed` and `Fault::TooLarge` for files not taken.
pub async fn keep(
    app: &App,
    actor: &Actor,
    id: PlanId,
    task: PlanTaskId,
    name: &str,
    bytes: Bytes,
) -> Result<i64, Fault> {
    // Sight first: what is wrong with a file is nobody else's business.
    open_for(app.db.read(), actor, id).await?;
    let kind = files::accept(name, &bytes, MAX_UPLOAD, &KINDS)?;
    let size = i64::try_from(bytes.len()).map_err(Fault::internal)?;
    let hash = app.files.put(bytes).await?;
    let tx = app.db.begin().await?;
    let (plan, course, by, task) = open_task(&tx, actor, id, task).await?;
    // Papers may follow after the last report, so a done task takes them too.
    let principal = course.report(&by, task.is_of(by.person), TaskState::Open, task.progress)?;
    if store::proofs_of(&tx, [task.thread]).await?.len() >= MOST {
        return Err(Fault::Refused(format!(
            "一项任务最多 {MOST} 个附件，请合并后再上传。"
        )));
    }
    let proof = Proof {
        id: 0,
        thread_id: task.thread,
        name: name.into(),
        kind: kind.code().into(),
        size,
        hash,
        uploaded_by: by.person,
        uploaded_at: app.now(),
    };
    let number = store::add_proof(&tx, proof).await?;
    let summary = format!("为任务“{}”上传佐证材料", task.what);
    record(
        &tx,
        app,
        actor,
        &plan,
        "plan.proof_added",
        principal,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(number)
}

/// A paper of a task with its content.
///
/// # Errors
/// `Fault::NotFound` for who may not see the plan, and for another task's paper.
pub async fn fetch(
    app: &App,
    actor: &Actor,
    id: PlanId,
    task: PlanTaskId,
    number: i64,
) -> Result<(Proof, Kind, Bytes), Fault> {
    let db = app.db.read();
    open_for(db, actor, id).await?;
    let task = store::task(db, id, task).await?.ok_or(Fault::NotFound)?;
    let proof = store::proof(db, task.thread, number)
        .await?
        .ok_or(Fault::NotFound)?;
    let kind = Kind::parse(&proof.kind)
        .ok_or_else(|| Fault::internal(format!("proof {number}: kind {}", proof.kind)))?;
    let bytes = app.files.get(&proof.hash).await?;
    Ok((proof, kind, bytes))
}
