//! The pages of the first run. They work without a script and before anything else does.

use super::{super::pages::Slip, form::Form, is_needed, is_setup_code, set_up};
use crate::unit;
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    App, Fault,
    form::{Errors, Posted, Unprocessable},
    web::{Flash, Shell, redirect},
};

#[derive(Template, WebTemplate)]
#[template(path = "account/first_run/form.html")]
struct FormPage {
    shell: Shell,
    form: Form,
    errors: Errors,
}

#[derive(Template, WebTemplate)]
#[template(path = "account/first_run/done.html")]
struct DonePage {
    shell: Shell,
    institution: String,
    slips: Vec<Slip>,
}

/// The code may come with the address that the server printed.
#[derive(serde::Deserialize)]
pub struct Printed {
    #[serde(default)]
    code: String,
}

/// The form; whoever comes later is led to sign in.
pub async fn show(
    State(app): State<App>,
    shell: Shell,
    Query(printed): Query<Printed>,
) -> Result<Response, Fault> {
    if !is_needed(&app).await? {
        return Ok(redirect("/sign-in", None));
    }
    let mut form = Form::of(&Posted::default());
    form.code.value = printed.code;
    if let Some(root) = unit::root(app.db.read()).await? {
        form.institution.value = root.name;
        form.short_name.value = root.short_name;
    }
    let page = FormPage {
        shell,
        form,
        errors: vec![],
    };
    Ok(page.into_response())
}

/// Sets the institution up and shows the three one-time codes, once.
pub async fn create(
    State(app): State<App>,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    if !is_needed(&app).await? {
        let told = Flash::warning("首次设置已经完成，请直接登录。");
        return Ok(redirect("/sign-in", told));
    }
    let mut form = Form::of(&posted);
    if !is_setup_code(&app, posted.get("code")).await? {
        form.code
            .refuse("不正确。请查看启动服务的终端或日志中打印的设置码；重启后以最新的为准。");
    }
    let Some(plan) = form.plan() else {
        let errors = form.errors();
        return Ok(Unprocessable(FormPage {
            shell,
            form,
            errors,
        })
        .into_response());
    };
    let institution = plan.institution.clone();
    let issued = set_up(&app, plan).await?;
    let page = DonePage {
        shell: Shell::for_actor(&app, None, super::PATH).await?,
        institution,
        slips: issued
            .into_iter()
            .map(|(role, issued)| Slip::of(issued, role.label()))
            .collect(),
    };
    Ok(page.into_response())
}
