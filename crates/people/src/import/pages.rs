//! The import in the browser: upload, look, take.

use super::{
    apply,
    plan::{self, Options, Plan, Verdict},
    preview, rows,
};
use crate::unit;
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use sea_orm::ConnectionTrait;
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId,
    form::{Errors, Field, Posted, Unprocessable, Uploaded},
    scope,
    web::{Flash, Shell, redirect},
};
use zhendi_office::{Limits, read_forms};

#[derive(Template, WebTemplate)]
#[template(path = "import/new.html")]
struct NewPage {
    shell: Shell,
    file: Field,
    create_units: Field,
    errors: Errors,
}

fn new_page(shell: Shell, posted: &Posted) -> NewPage {
    NewPage {
        shell,
        file: Field::empty("file", "人员表格"),
        create_units: posted.field("create_units", "新建单位"),
        errors: vec![],
    }
}

/// People come from the whole institution, so the import is for who manages all of it.
async fn may(db: &impl ConnectionTrait, actor: &Actor) -> Result<PersonId, Fault> {
    let root = unit::root(db).await?.ok_or(Fault::NotFound)?;
    let place = scope::place(db, root.id).await?;
    actor.require(Permission::ManagePeople, &place)?;
    actor.person().ok_or(Fault::NotFound)
}

/// The form.
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<Response, Fault> {
    may(app.db.read(), &actor).await?;
    Ok(new_page(shell, &Posted::default()).into_response())
}

/// The template as a file.
pub(super) async fn download() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"people.csv\"; filename*=UTF-8''%E4%BA%BA%E5%91%98%E6%A8%A1%E6%9D%BF.csv",
        ),
    ];
    (headers, rows::template()).into_response()
}

/// Reads the files and keeps the plan.
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    uploaded: Uploaded,
) -> Result<Response, Fault> {
    let owner = may(app.db.read(), &actor).await?;
    let mut page = new_page(shell, &uploaded.posted);
    let options = Options {
        create_units: uploaded.posted.ticked("create_units"),
        partial: false,
    };
    if uploaded.files.is_empty() {
        page.file.refuse("请选择文件。");
    }
    let mut forms = vec![];
    for file in uploaded.files {
        let name = file.name.clone();
        // Reading is long work without pauses: it must not hold up other requests.
        let read = tokio::task::spawn_blocking(move || {
            read_forms(&file.name, &file.bytes, &Limits::default())
        });
        match read.await.map_err(Fault::internal)? {
            Ok(reading) => forms.extend(reading.forms),
            Err(error) => page.file.refuse(format!("“{name}”：{error}")),
        }
    }
    if page.file.error.is_none() {
        match plan::plan(app.db.read(), &app, &forms, options).await {
            Ok(plan) => {
                let tx = app.db.begin().await?;
                let id = preview::keep(&tx, &app, owner, &plan).await?;
                tx.commit().await?;
                return Ok(redirect(format!("/people/imports/{id}"), None));
            }
            Err(Fault::Refused(why)) => page.file.refuse(why),
            Err(fault) => return Err(fault),
        }
    }
    page.errors = zhendi_kernel::form::errors([&page.file]);
    Ok(Unprocessable(page).into_response())
}

#[derive(Template, WebTemplate)]
#[template(path = "import/show.html")]
struct ShowPage {
    shell: Shell,
    id: i64,
    plan: Plan,
    accepted: usize,
    skipped: usize,
    refused: usize,
    /// How many rows go in if only whole files do.
    whole: usize,
}

/// Every change before it is taken.
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let owner = may(db, &actor).await?;
    let plan = preview::find(db, &app, owner, id).await?;
    Ok(ShowPage {
        accepted: plan.count(Verdict::Accepted),
        skipped: plan.count(Verdict::Skipped),
        refused: plan.count(Verdict::Refused),
        whole: plan.taken().count(),
        shell,
        id,
        plan,
    }
    .into_response())
}

/// Takes the plan.
pub(super) async fn confirm(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Fault> {
    let tx = app.db.begin().await?;
    let owner = may(&tx, &actor).await?;
    let mut plan = preview::find(&tx, &app, owner, id).await?;
    plan.options.partial = posted.ticked("partial");
    preview::take(&tx, id).await?;
    let taken = apply(&tx, &app, &actor, &plan).await?;
    tx.commit().await?;
    let roles = if taken.roles > 0 {
        format!("，{} 个角色已提交安全管理员授权", taken.roles)
    } else {
        String::new()
    };
    Ok(redirect(
        "/people",
        Flash::success(format!(
            "导入完成：新增 {} 人，更新 {} 人，新设单位 {} 个{roles}。",
            taken.created, taken.changed, taken.units
        )),
    ))
}
