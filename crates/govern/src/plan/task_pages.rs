//! The pages of a plan's tasks: written in a draft, reported on while the plan is in force.

use super::{
    NewTask, Plan, Task, TaskState,
    form::writable,
    pages::lines,
    proofs, rules, service,
    show::{day, task_badge},
    store::{self, Note, NoteKind, Proof},
    tasks,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use zhendi_kernel::{
    Actor, App, Fault, PersonId, PlanId, PlanTaskId, ScopeFilter, clock, files,
    form::{Errors, Field, Posted, Unprocessable, Uploaded, errors},
    text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::person::{self, Group};

/// What is to be done fits a line of a list.
const WHAT: usize = 120;
/// How it is done.
const DETAIL: usize = 2_000;

#[derive(Template, WebTemplate)]
#[template(path = "plan/task_form.html")]
struct FormPage {
    shell: Shell,
    plan: Plan,
    task: Option<Task>,
    what: Field,
    detail: Field,
    person: Field,
    due: Field,
    people: Vec<Group>,
    helpers: Vec<String>,
    errors: Errors,
}

impl FormPage {
    fn helps(&self, id: &str) -> bool {
        self.helpers.iter().any(|helper| helper == id)
    }

    /// How many people there are to choose from: with many, a search field helps.
    fn search(&self) -> &'static str {
        let people: usize = self.people.iter().map(|group| group.1.len()).sum();
        if people > 12 {
            "输入姓名或单位查找"
        } else {
            ""
        }
    }
}

async fn people_of(app: &App, plan: &Plan) -> Result<Vec<Group>, Fault> {
    let unit = ScopeFilter::Within {
        units: vec![plan.unit],
        channels: vec![],
    };
    person::grouped(app.db.read(), &unit).await
}

async fn form_page(
    app: &App,
    shell: Shell,
    plan: Plan,
    task: Option<Task>,
    posted: &Posted,
) -> Result<FormPage, Fault> {
    Ok(FormPage {
        people: people_of(app, &plan).await?,
        what: posted.field("what", "任务"),
        detail: posted.field("detail", "具体要求"),
        person: posted.field("person", "负责人"),
        due: posted.field("due", "完成时限"),
        helpers: posted.all("helper").map(str::to_owned).collect(),
        errors: vec![],
        shell,
        plan,
        task,
    })
}

impl FormPage {
    fn read(&mut self) -> Option<NewTask> {
        let what = self.what.check(|raw| text::required_line(raw, WHAT));
        let detail = self.detail.check(|raw| text::lines(raw, DETAIL));
        let person = self
            .person
            .check(|raw| raw.parse::<PersonId>().map_err(|_| "请选择负责人。"));
        let (year, through) = (self.plan.year, self.plan.through);
        let due = self.due.check(|raw| {
            let due: NaiveDate = raw.trim().parse().map_err(|_| "请选择日期。".to_owned())?;
            rules::due_within(due, year, through).map_err(|refusal| refusal.to_string())
        });
        let helpers = self.helpers.iter().filter_map(|raw| raw.parse().ok());
        Some(NewTask {
            what: what?,
            detail: detail?,
            person: person?,
            helpers: helpers.collect(),
            due: due?,
        })
    }

    fn refused(mut self) -> Response {
        self.errors = errors([&self.what, &self.detail, &self.person, &self.due]);
        Unprocessable(self).into_response()
    }
}

/// GET /plans/{id}/tasks/new
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PlanId>,
) -> Result<Response, Fault> {
    let plan = writable(&app, &actor, id).await?;
    let page = form_page(&app, shell, plan, None, &Posted::default()).await?;
    Ok(page.into_response())
}

/// POST /plans/{id}/tasks
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PlanId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let plan = writable(&app, &actor, id).await?;
    let mut page = form_page(&app, shell, plan, None, &posted).await?;
    let Some(new) = page.read() else {
        return Ok(page.refused());
    };
    match tasks::add(&app, &actor, id, new).await {
        Ok(task) => {
            let flash = Flash::success(format!("已添加任务“{}”。", task.what));
            let next = if posted.ticked("more") {
                format!("/plans/{id}/tasks/new")
            } else {
                format!("/plans/{id}#tasks")
            };
            Ok(redirect(next, flash))
        }
        Err(Fault::Refused(why)) => {
            page.person.refuse(why);
            Ok(page.refused())
        }
        Err(fault) => Err(fault),
    }
}

async fn task_of(app: &App, id: PlanId, task: PlanTaskId) -> Result<Task, Fault> {
    store::task(app.db.read(), id, task)
        .await?
        .ok_or(Fault::NotFound)
}

/// GET /plans/{id}/tasks/{task}/edit
pub(super) async fn edit(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path((id, task)): Path<(PlanId, PlanTaskId)>,
) -> Result<Response, Fault> {
    let plan = writable(&app, &actor, id).await?;
    let task = task_of(&app, id, task).await?;
    let mut page = form_page(&app, shell, plan, None, &Posted::default()).await?;
    page.what.value.clone_from(&task.what);
    page.detail.value.clone_from(&task.detail);
    page.person.value = task.person.to_string();
    page.due.value = day(&task.due);
    page.helpers = task.helpers.iter().map(ToString::to_string).collect();
    page.task = Some(task);
    Ok(page.into_response())
}

/// POST /plans/{id}/tasks/{task}/edit
pub(super) async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path((id, task)): Path<(PlanId, PlanTaskId)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let plan = writable(&app, &actor, id).await?;
    let task = task_of(&app, id, task).await?;
    let number = task.id;
    let mut page = form_page(&app, shell, plan, Some(task), &posted).await?;
    let Some(new) = page.read() else {
        return Ok(page.refused());
    };
    let seen = posted.get("version").parse().unwrap_or(0);
    match tasks::change(&app, &actor, id, number, seen, new).await {
        Ok(_) => Ok(redirect(
            format!("/plans/{id}#tasks"),
            Flash::success("任务已保存。"),
        )),
        Err(Fault::Refused(why)) => {
            page.person.refuse(why);
            Ok(page.refused())
        }
        Err(fault) => Err(fault),
    }
}

/// POST /plans/{id}/tasks/{task}/removals
pub(super) async fn remove(
    State(app): State<App>,
    actor: Actor,
    Path((id, task)): Path<(PlanId, PlanTaskId)>,
    _: Posted,
) -> Result<Response, Fault> {
    tasks::remove(&app, &actor, id, task).await?;
    Ok(redirect(
        format!("/plans/{id}#tasks"),
        Flash::success("任务已删除。"),
    ))
}

struct Said {
    note: Note,
    tone: &'static str,
    icon: &'static str,
    title: String,
    who: String,
    iso: String,
    at: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "plan/task.html")]
struct TaskPage {
    shell: Shell,
    plan: Plan,
    task: Task,
    person: String,
    helpers: String,
    overdue: bool,
    notes: Vec<Said>,
    proofs: Vec<Proof>,
    progress: Field,
    text: Field,
    file: Field,
    to: Field,
    reason: Field,
    again: Field,
    people: Vec<Group>,
    person_to: Field,
    errors: Errors,
    may_write: bool,
    may_report: bool,
    may_attach: bool,
    may_keep: bool,
}

impl TaskPage {
    fn mark(&self) -> (&'static str, &'static str) {
        task_badge(&self.task.state)
    }
}

fn said(note: Note, names: &std::collections::HashMap<PersonId, String>) -> Said {
    let kind = NoteKind::parse(&note.kind).unwrap_or(NoteKind::Report);
    let (tone, icon) = match kind {
        NoteKind::Report => ("info", "pencil"),
        NoteKind::Done => ("success", "circle-check"),
        NoteKind::Postponed => ("warning", "clock"),
        NoteKind::Reopened => ("warning", "arrow-back-up"),
        NoteKind::Reassigned => ("neutral", "arrows-exchange"),
        NoteKind::Carried => ("neutral", "arrow-right"),
    };
    let name = |id| names.get(&id).cloned().unwrap_or_default();
    Said {
        tone,
        icon,
        title: match kind {
            NoteKind::Report => format!("{kind}：{}%", note.progress),
            _ => kind.to_string(),
        },
        who: match note.on_behalf_of {
            Some(principal) => format!("{}（代{}）", name(note.person_id), name(principal)),
            None => name(note.person_id),
        },
        iso: note.at.to_rfc3339(),
        at: clock::show(&note.at),
        note,
    }
}

async fn task_page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: PlanId,
    task: PlanTaskId,
    posted: &Posted,
) -> Result<TaskPage, Fault> {
    let db = app.db.read();
    let (plan, place) = service::open_for(db, actor, id).await?;
    let task = task_of(app, id, task).await?;
    let course = plan.course(db).await?;
    let by = service::standing(actor, &place);
    let taking_part = actor.person().is_some_and(|me| task.is_of(me));
    let reports = |state| {
        by.as_ref()
            .is_ok_and(|by| course.report(by, taking_part, state, 0).is_ok())
    };
    let may_keep = by.as_ref().is_ok_and(|by| course.may_keep(by).is_ok());
    let notes = store::notes_of(db, task.thread).await?;
    let people = std::iter::once(task.person)
        .chain(task.helpers.iter().copied())
        .chain(notes.iter().map(|note| note.person_id))
        .chain(notes.iter().filter_map(|note| note.on_behalf_of));
    let names = person::names(db, people).await?;
    let name = |id: &PersonId| names.get(id).cloned().unwrap_or_default();
    let helpers: Vec<String> = task.helpers.iter().map(&name).collect();
    Ok(TaskPage {
        person: name(&task.person),
        helpers: helpers.join("、"),
        overdue: plan.stage == super::PlanStage::InForce && task.is_overdue(app.clock.today()),
        proofs: store::proofs_of(db, [task.thread]).await?,
        progress: Field::new(
            "progress",
            "进度（%）",
            match posted.get("progress") {
                "" => task.progress.to_string(),
                typed => typed.to_owned(),
            },
        ),
        text: posted.field("text", "进展说明"),
        file: Field::empty("file", "佐证材料"),
        to: posted.field("to", "顺延到"),
        reason: posted.field("reason", "理由"),
        again: Field::new("progress", "退回后的进度（%）", "80"),
        person_to: posted.field("person", "改由谁负责"),
        people: if may_keep && task.state == TaskState::Open {
            people_of(app, &plan).await?
        } else {
            vec![]
        },
        errors: vec![],
        may_write: by.as_ref().is_ok_and(|by| course.may_write(by).is_ok()),
        may_report: reports(task.state),
        may_attach: reports(TaskState::Open),
        may_keep,
        notes: notes.into_iter().map(|note| said(note, &names)).collect(),
        shell,
        plan,
        task,
    })
}

/// GET /plans/{id}/tasks/{task}
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path((id, task)): Path<(PlanId, PlanTaskId)>,
) -> Result<Response, Fault> {
    let page = task_page(&app, &actor, shell, id, task, &Posted::default()).await?;
    Ok(page.into_response())
}

fn whole_number(raw: &str) -> Result<i32, rules::Refusal> {
    let number = raw.trim().trim_end_matches(['%', '％']).parse();
    match number {
        Ok(number @ 0..=100) => Ok(number),
        _ => Err(rules::Refusal::BadProgress),
    }
}

/// POST /plans/{id}/tasks/{task}/reports
pub(super) async fn report(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path((id, task)): Path<(PlanId, PlanTaskId)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut page = task_page(&app, &actor, shell, id, task, &posted).await?;
    // “完成” is a button of its own: nobody has to type 100.
    if posted.ticked("done") {
        page.progress.value = "100".into();
    }
    let progress = page.progress.check(whole_number);
    let text = page.text.check(|raw| text::lines(raw, DETAIL));
    let (Some(progress), Some(text)) = (progress, text) else {
        page.errors = errors([&page.progress, &page.text]);
        return Ok(Unprocessable(page).into_response());
    };
    let seen = posted.get("version").parse().unwrap_or(0);
    let task = tasks::report(&app, &actor, id, task, seen, progress, text).await?;
    let done = match task.state {
        TaskState::Done => "任务已完成，待办已办结。",
        _ => "进展已填报。",
    };
    Ok(redirect(task.href(), Flash::success(done)))
}

/// POST /plans/{id}/tasks/{task}/postponements
pub(super) async fn postpone(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path((id, task)): Path<(PlanId, PlanTaskId)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut page = task_page(&app, &actor, shell, id, task, &posted).await?;
    let (plan, due) = (page.plan.clone(), page.task.due);
    let to = page.to.check(|raw| {
        let to: NaiveDate = raw.trim().parse().map_err(|_| "请选择日期。".to_owned())?;
        rules::postponed(due, to, plan.year, plan.through).map_err(|refusal| refusal.to_string())
    });
    let reason = page.reason.check(|raw| text::required_lines(raw, DETAIL));
    let (Some(to), Some(reason)) = (to, reason) else {
        page.errors = errors([&page.to, &page.reason]);
        return Ok(Unprocessable(page).into_response());
    };
    let task = tasks::postpone(&app, &actor, id, task, to, reason).await?;
    Ok(redirect(
        task.href(),
        Flash::success(format!("时限已顺延到 {to}。")),
    ))
}

/// POST /plans/{id}/tasks/{task}/reopenings
pub(super) async fn reopen(
    State(app): State<App>,
    actor: Actor,
    Path((id, task)): Path<(PlanId, PlanTaskId)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let progress = whole_number(posted.get("progress"))?;
    let reason = lines(&posted, "reason")?;
    let task = tasks::reopen(&app, &actor, id, task, progress, reason).await?;
    Ok(redirect(
        task.href(),
        Flash::success("任务已退回负责人继续办理。"),
    ))
}

/// POST /plans/{id}/tasks/{task}/reassignments
pub(super) async fn reassign(
    State(app): State<App>,
    actor: Actor,
    Path((id, task)): Path<(PlanId, PlanTaskId)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let Ok(to) = posted.get("person").parse() else {
        return Err(Fault::Malformed("请选择改由谁负责。".into()));
    };
    let reason = lines(&posted, "reason")?;
    let task = tasks::reassign(&app, &actor, id, task, to, reason).await?;
    Ok(redirect(task.href(), Flash::success("负责人已调整。")))
}

/// POST /plans/{id}/tasks/{task}/attachments
pub(super) async fn attach(
    State(app): State<App>,
    actor: Actor,
    Path((id, task)): Path<(PlanId, PlanTaskId)>,
    mut form: Uploaded,
) -> Result<Response, Fault> {
    let Some(file) = form.files.pop() else {
        return Err(Fault::Malformed(
            "没有选择文件，请先选择要上传的材料。".into(),
        ));
    };
    proofs::keep(&app, &actor, id, task, &file.name, file.bytes).await?;
    Ok(redirect(
        format!("/plans/{id}/tasks/{task}#proofs"),
        Flash::success("材料已上传。"),
    ))
}

/// GET /plans/{id}/tasks/{task}/attachments/{number}
pub(super) async fn download(
    State(app): State<App>,
    actor: Actor,
    Path((id, task, number)): Path<(PlanId, PlanTaskId, i64)>,
) -> Result<Response, Fault> {
    let (proof, kind, bytes) = proofs::fetch(&app, &actor, id, task, number).await?;
    Ok(files::download(&proof.name, kind, bytes))
}
