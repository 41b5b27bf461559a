//! Signing in and out.

use super::super::{
    entering::{self, Entered},
    layer::{session_token, set_cookie},
    settings::AccountSettings,
    store::sessions::{self, Origin},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault,
    form::{Field, Posted, Unprocessable},
    text,
    web::{Flash, Shell, redirect},
};

#[derive(Template, WebTemplate)]
#[template(path = "account/pages/sign_in.html")]
struct Page {
    shell: Shell,
    login: Field,
    password: Field,
    next: String,
    refused: bool,
    failures: u32,
    lock_minutes: u32,
    code_hours: u32,
}

impl Page {
    fn new(shell: Shell, settings: &AccountSettings, login: &str, next: String) -> Self {
        Self {
            shell,
            login: Field::new("login", "登录名", login),
            password: Field::empty("password", "密码"),
            next,
            refused: false,
            failures: settings.failures,
            lock_minutes: settings.lock_seconds.div_ceil(60),
            code_hours: settings.code_hours,
        }
    }
}

/// Where the visitor wanted to go.
#[derive(serde::Deserialize)]
pub struct Wanted {
    #[serde(default)]
    next: String,
}

/// A path of our own, or the first page. Browsers read `//host` and `/\host` as another site.
fn local_path(next: &str) -> &str {
    let ours = next.starts_with('/')
        && !next.starts_with("//")
        && next.len() <= 2000
        && next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    let circle = next.starts_with("/sign-in") || next.starts_with("/first-run");
    if ours && !circle { next } else { "/" }
}

/// The form.
pub async fn show(
    State(app): State<App>,
    shell: Shell,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Fault> {
    let next = local_path(&wanted.next);
    if shell.person.is_some() {
        return Ok(redirect(next, None));
    }
    let settings: AccountSettings = app.setting().await?;
    Ok(Page::new(shell, &settings, "", next.into()).into_response())
}

/// Signs in.
pub async fn create(
    State(app): State<App>,
    shell: Shell,
    origin: Origin,
    headers: HeaderMap,
    form: Posted,
) -> Result<Response, Fault> {
    let settings: AccountSettings = app.setting().await?;
    let next = local_path(form.get("next"));
    let typed = form.get("login");
    let mut page = Page::new(shell, &settings, typed, next.into());
    let login = page.login.check(|raw| text::required_line(raw, 100));
    let secret = form.get("password");
    if secret.is_empty() {
        page.password.refuse("请填写。");
    } else if secret.len() > 1000 {
        page.password.refuse("太长了，请检查是否粘贴了其他内容。");
    }
    let (Some(login), None) = (login, &page.password.error) else {
        return Ok(Unprocessable(page).into_response());
    };
    let before = session_token(&app, &headers);
    match entering::sign_in(&app, &login, secret, &origin, before).await? {
        Entered::In(token) => {
            let mut response = redirect(next, None);
            set_cookie(&app, &mut response, Some(&token));
            Ok(response)
        }
        Entered::Refused => {
            page.refused = true;
            Ok(Unprocessable(page).into_response())
        }
    }
}

/// Signs out. Who is not signed in any more is signed out, too.
pub async fn end(
    State(app): State<App>,
    actor: Option<axum::Extension<Actor>>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    if let Some(token) = session_token(&app, &headers) {
        let tx = app.db.begin().await?;
        sessions::end_token(&tx, token).await?;
        tx.commit().await?;
    }
    let flash = actor.map(|_| Flash::success("已退出。"));
    let mut response = redirect("/sign-in", flash);
    set_cookie(&app, &mut response, None);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn only_paths_of_ours_are_gone_to() {
        for ours in ["/", "/filings/3?tab=2", "/channels?q=%E5%AE%98"] {
            assert_eq!(local_path(ours), ours);
        }
        for other in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "evil",
            "/a\r\nx: y",
            "/sign-in?next=/",
            "/first-run",
            "javascript:alert(1)",
            "/中文",
        ] {
            assert_eq!(local_path(other), "/", "{other}");
        }
    }
}
