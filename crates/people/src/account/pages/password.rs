//! Choosing a password.

use super::super::{
    entering::{self, PasswordRefusal},
    layer::set_cookie,
    rules::Demand,
    settings::AccountSettings,
    store::{accounts, sessions::Origin},
};
use super::own::oneself;
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault,
    form::{Errors, Field, Posted, Unprocessable, errors},
    web::{Flash, Shell, redirect},
};

#[derive(Template, WebTemplate)]
#[template(path = "account/pages/password.html")]
struct Page {
    shell: Shell,
    /// Why it has to be done now; blank when it is the person's wish.
    demand: &'static str,
    /// Whether the present password is asked for.
    asks_current: bool,
    current: Field,
    new: Field,
    again: Field,
    errors: Errors,
    min_length: u32,
}

async fn page(app: &App, actor: &Actor, mut shell: Shell) -> Result<Page, Fault> {
    let settings: AccountSettings = app.setting().await?;
    let account = accounts::find(app.db.read(), oneself(actor)?)
        .await?
        .ok_or(Fault::NotFound)?;
    let demand = account.standing().demand(app.now(), &settings);
    if demand.is_some() {
        // Every entry of the menu would lead back here.
        shell.nav.clear();
    }
    Ok(Page {
        shell,
        demand: match demand {
            None => "",
            Some(Demand::FirstPassword) => "首次登录，请先设置自己的密码，之后才能使用系统。",
            Some(Demand::Expired) => "密码已超过使用期限，请修改后继续使用。",
        },
        asks_current: account.code_until.is_none(),
        current: Field::empty("current", "现在的密码"),
        new: Field::empty("new", "新密码"),
        again: Field::empty("again", "再输一遍新密码"),
        errors: vec![],
        min_length: settings.min_length,
    })
}

/// The form.
pub async fn show(State(app): State<App>, actor: Actor, shell: Shell) -> Result<Response, Fault> {
    Ok(page(&app, &actor, shell).await?.into_response())
}

/// Changes the password; this browser stays signed in, with a new session.
pub async fn change(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    origin: Origin,
    form: Posted,
) -> Result<Response, Fault> {
    let mut page = page(&app, &actor, shell).await?;
    let (current, new) = (form.get("current"), form.get("new"));
    if page.asks_current && current.is_empty() {
        page.current.refuse("请填写。");
    }
    if new.is_empty() {
        page.new.refuse("请填写。");
    } else if new != form.get("again") {
        page.again.refuse("两次输入的新密码不一致。");
    }
    let refused = |mut page: Page| {
        page.errors = errors([&page.current, &page.new, &page.again]);
        Ok(Unprocessable(page).into_response())
    };
    if [&page.current, &page.new, &page.again]
        .iter()
        .any(|field| field.error.is_some())
    {
        return refused(page);
    }
    match entering::change_password(&app, &actor, current, new, &origin).await {
        Ok(token) => {
            let flash = Flash::success("密码已修改，其他设备都已退出登录。");
            let mut response = redirect("/", flash);
            set_cookie(&app, &mut response, Some(&token));
            Ok(response)
        }
        Err(PasswordRefusal::Fault(fault)) => Err(fault),
        Err(refusal @ PasswordRefusal::Wrong) => {
            page.current.refuse(refusal);
            refused(page)
        }
        Err(refusal) => {
            page.new.refuse(refusal);
            refused(page)
        }
    }
}
