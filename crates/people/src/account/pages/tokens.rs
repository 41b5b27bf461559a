//! API tokens of the signed-in person: made with a name, a scope and an end, shown once, revoked.

use super::{
    super::{acts, layer::CurrentSession, store::tokens},
    Moment,
    own::oneself,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use serde_json::json;
use zhendi_kernel::{
    Actor, App, Fault,
    actor::TokenScope,
    audit,
    form::{Errors, Field, Posted, Unprocessable, errors},
    text,
    web::{Flash, Shell, redirect},
};

#[derive(Template, WebTemplate)]
#[template(path = "account/pages/tokens.html")]
struct Page {
    shell: Shell,
    /// A token made just now; it is never shown again.
    made: Option<String>,
    tokens: Vec<Row>,
    name: Field,
    scope: Field,
    days: Field,
    errors: Errors,
}

struct Row {
    id: i64,
    name: String,
    prefix: String,
    scope: &'static str,
    until: Moment,
    expired: bool,
    used: Option<Moment>,
}

/// The lives that the form offers, in days. A year is the longest.
const LIVES: [(&str, &str); 4] = [
    ("30", "30 天"),
    ("90", "90 天"),
    ("180", "半年"),
    ("365", "一年"),
];

/// The scopes that the form offers.
const SCOPES: [(&str, &str); 2] = [
    ("read", "只读：查询您能看到的内容"),
    ("write", "读写：还能办理您能办理的事项"),
];

impl Page {
    fn scopes(&self) -> [(&'static str, &'static str); 2] {
        SCOPES
    }

    fn lives(&self) -> [(&'static str, &'static str); 4] {
        LIVES
    }
}

/// No person needs more; a mistake in a script would make them by the thousand.
const MOST: usize = 20;

async fn page(app: &App, actor: &Actor, shell: Shell) -> Result<Page, Fault> {
    let tokens = tokens::of_person(app.db.read(), oneself(actor)?)
        .await?
        .into_iter()
        .map(|token| Row {
            id: token.id,
            name: token.name,
            prefix: token.prefix,
            scope: match TokenScope::from(token.scope) {
                TokenScope::Read => "只读",
                TokenScope::Write => "读写",
            },
            expired: token.expires_at <= app.now(),
            until: token.expires_at.into(),
            used: token.last_used_at.map(Moment::from),
        })
        .collect();
    Ok(Page {
        shell,
        made: None,
        tokens,
        name: Field::empty("name", "用途"),
        scope: Field::new("scope", "权限", "read"),
        days: Field::new("days", "有效期", "90"),
        errors: vec![],
    })
}

/// The tokens and the form for another.
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    _: CurrentSession,
    shell: Shell,
) -> Result<Response, Fault> {
    Ok(page(&app, &actor, shell).await?.into_response())
}

/// Makes a token and shows it once. Only a session may: a token cannot make itself a successor.
pub async fn create(
    State(app): State<App>,
    actor: Actor,
    _: CurrentSession,
    shell: Shell,
    form: Posted,
) -> Result<Response, Fault> {
    let person = oneself(&actor)?;
    let mut page = page(&app, &actor, shell.clone()).await?;
    page.name.value = form.get("name").into();
    page.scope.value = form.get("scope").into();
    page.days.value = form.get("days").into();
    let name = page.name.check(|raw| text::required_line(raw, 50));
    let scope = page.scope.check(|raw| match raw {
        "read" => Ok(TokenScope::Read),
        "write" => Ok(TokenScope::Write),
        _ => Err("请选择。"),
    });
    let days = page.days.check(|raw| {
        let offered = LIVES.iter().any(|(value, _)| *value == raw);
        raw.parse::<i64>()
            .ok()
            .filter(|_| offered)
            .ok_or("请选择，最长一年。")
    });
    if page.tokens.len() >= MOST {
        page.name
            .refuse(format!("最多 {MOST} 个令牌，请先撤销不用的。"));
    }
    page.errors = errors([&page.name, &page.scope, &page.days]);
    let (Some(name), Some(scope), Some(days), true) = (name, scope, days, page.errors.is_empty())
    else {
        return Ok(Unprocessable(page).into_response());
    };
    let token = format!("{}{}", tokens::MARK, app.entropy.token());
    let expires_at = app.now() + TimeDelta::days(days);
    let tx = app.db.begin().await?;
    let new = tokens::New {
        person,
        name: name.clone(),
        token: &token,
        scope,
        expires_at,
    };
    let id = tokens::insert(&tx, app.now(), new).await?;
    let detail = json!({ "token": id, "name": name, "scope": scope, "expires_at": expires_at });
    let entry = acts::entry("account.token_created", person, "新建访问令牌", detail);
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    let mut page = self::page(&app, &actor, shell).await?;
    page.made = Some(token);
    Ok(page.into_response())
}

/// Revokes a token.
pub async fn revoke(
    State(app): State<App>,
    actor: Actor,
    _: CurrentSession,
    Path(token): Path<i64>,
) -> Result<Response, Fault> {
    let person = oneself(&actor)?;
    let tx = app.db.begin().await?;
    if !tokens::revoke(&tx, person, token).await? {
        return Err(Fault::NotFound);
    }
    let detail = json!({ "token": token });
    let entry = acts::entry("account.token_revoked", person, "撤销访问令牌", detail);
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    Ok(redirect(
        "/account/tokens",
        Flash::success("令牌已撤销，立即失效。"),
    ))
}
