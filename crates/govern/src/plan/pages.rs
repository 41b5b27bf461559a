//! Targets of the forms on a plan's page.

use super::{
    Plan, TaskState,
    form::LONG,
    rules::Refusal,
    service::{self, open_for},
    store, year_end,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, PlanId,
    form::{Errors, Field, Posted, Unprocessable, errors},
    text,
    web::{Flash, Shell, redirect},
};

/// The version that the form was made from.
fn seen(posted: &Posted) -> i32 {
    posted.get("version").parse().unwrap_or(0)
}

/// A text of several lines.
///
/// # Errors
/// `Fault::Malformed` when it is too long or holds what does not belong in a text.
pub(super) fn lines(posted: &Posted, name: &str) -> Result<String, Fault> {
    text::lines(posted.get(name), LONG).map_err(|error| Fault::Malformed(error.to_string()))
}

/// POST /plans/{id}/submissions
pub(super) async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PlanId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let plan = service::submit(&app, &actor, id, seen(&posted)).await?;
    Ok(redirect(plan.href(), Flash::success("已提交，等待审定。")))
}

/// POST /plans/{id}/decisions
pub(super) async fn decide(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PlanId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let opinion = lines(&posted, "opinion")?;
    let plan = service::decide(&app, &actor, id, seen(&posted), opinion).await?;
    let done = "已审定，计划开始执行，任务已列入各责任人的待办。";
    Ok(redirect(plan.href(), Flash::success(done)))
}

/// POST /plans/{id}/returns
pub(super) async fn send_back(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PlanId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let reason = lines(&posted, "opinion")?;
    // The law's other refusals come first, and are for a page of their own.
    if reason.is_empty() {
        let (plan, place) = open_for(app.db.read(), &actor, id).await?;
        let course = plan.course(app.db.read()).await?;
        course.may_decide(&service::standing(&actor, &place)?)?;
        let mut page = super::show::page(&app, &actor, shell, id).await?;
        page.opinion.refuse(Refusal::ReasonMissing);
        page.errors = errors([&page.opinion]);
        return Ok(Unprocessable(page).into_response());
    }
    let plan = service::send_back(&app, &actor, id, seen(&posted), reason).await?;
    Ok(redirect(plan.href(), Flash::success("已退回拟稿人修改。")))
}

/// POST /plans/{id}/revisions
pub(super) async fn revise(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PlanId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let reason = lines(&posted, "reason")?;
    let plan = service::revise(&app, &actor, id, reason).await?;
    let done = "修订稿已建立。审定之前，原计划继续执行。";
    Ok(redirect(plan.href(), Flash::success(done)))
}

/// POST /plans/{id}/removals
pub(super) async fn discard(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PlanId>,
    _: Posted,
) -> Result<Response, Fault> {
    let plan = service::discard(&app, &actor, id).await?;
    let back = plan
        .revises
        .map_or("/plans".into(), |id| format!("/plans/{id}"));
    Ok(redirect(back, Flash::success("草稿已删除。")))
}

/// POST /plans/{id}/carryovers
pub(super) async fn carry_over(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PlanId>,
    _: Posted,
) -> Result<Response, Fault> {
    let (next, count) = year_end::carry_over(&app, &actor, id).await?;
    let done = match count {
        0 => "没有需要列入的任务：未完成的任务都已在下一年度的草稿里。".to_owned(),
        count => format!("{count} 项未完成的任务已列入下一年度的草稿。"),
    };
    Ok(redirect(next.href(), Flash::success(done)))
}

#[derive(Template, WebTemplate)]
#[template(path = "plan/closing.html")]
struct ClosingPage {
    shell: Shell,
    plan: Plan,
    tasks: usize,
    done: usize,
    left: Vec<String>,
    summary: Field,
    carry: Field,
    errors: Errors,
}

async fn closing_page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: PlanId,
    posted: &Posted,
) -> Result<ClosingPage, Fault> {
    let db = app.db.read();
    let (plan, place) = open_for(db, actor, id).await?;
    let course = plan.course(db).await?;
    course.may_keep(&service::standing(actor, &place)?)?;
    let tasks = store::tasks_of(db, id).await?;
    let count = |state| tasks.iter().filter(|task| task.state == state).count();
    let open = tasks.iter().filter(|task| task.state == TaskState::Open);
    Ok(ClosingPage {
        done: count(TaskState::Done),
        left: open
            .map(|task| format!("{}（{}%）", task.what, task.progress))
            .collect(),
        tasks: tasks.len(),
        summary: posted.field("summary", "年终总结"),
        carry: posted.field("carry", "结转"),
        errors: vec![],
        shell,
        plan,
    })
}

/// GET /plans/{id}/closures/new
pub(super) async fn closing(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PlanId>,
) -> Result<Response, Fault> {
    let page = closing_page(&app, &actor, shell, id, &Posted::default()).await?;
    Ok(page.into_response())
}

/// POST /plans/{id}/closures
pub(super) async fn close(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PlanId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut page = closing_page(&app, &actor, shell, id, &posted).await?;
    let carry = posted.ticked("carry");
    let summary = page
        .summary
        .check(|raw| text::required_lines(raw, LONG))
        .unwrap_or_default();
    if !page.left.is_empty() && !carry {
        page.carry.refuse(Refusal::TasksLeft(page.left.len()));
    }
    page.errors = errors([&page.summary, &page.carry]);
    if !page.errors.is_empty() {
        return Ok(Unprocessable(page).into_response());
    }
    let plan = year_end::close(&app, &actor, id, seen(&posted), summary, carry).await?;
    Ok(redirect(plan.href(), Flash::success("计划已总结归档。")))
}
