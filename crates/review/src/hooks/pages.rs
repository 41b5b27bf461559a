//! Where keepers of the review keep subscriptions and see what was sent.

use super::{
    State, TEST, What, service,
    store::{self, Delivery, Hook, Listing, Said},
};
use crate::ids::HookId;
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State as Given},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use zhendi_kernel::{
    Actor, App, Fault, Permission, UnitId, clock,
    form::{Errors, Field, Posted, Unprocessable, errors},
    text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

#[derive(Template, WebTemplate)]
#[template(path = "hooks/list.html")]
struct List {
    shell: Shell,
    rows: Vec<Row>,
}

struct Row {
    id: HookId,
    name: String,
    host: String,
    unit: String,
    kinds: String,
    enabled: bool,
    last: Option<Sent>,
}

/// A message as pages show it.
struct Sent {
    id: i64,
    what: &'static str,
    state: State,
    tone: &'static str,
    icon: &'static str,
    /// What went wrong last.
    note: String,
    attempts: i32,
    at: String,
    iso: String,
    manuscript: Option<String>,
    body: String,
}

impl From<Delivery> for Sent {
    fn from(row: Delivery) -> Self {
        let state = State::parse(&row.state).unwrap_or(State::Failed);
        let (tone, icon) = match state {
            State::Waiting => ("info", "hourglass"),
            State::Delivered => ("success", "circle-check"),
            State::Failed => ("danger", "circle-x"),
        };
        Self {
            id: row.id,
            what: match row.kind.as_str() {
                TEST => "测试",
                code => What::parse(code).map_or("其他", What::label),
            },
            state,
            tone,
            icon,
            note: row.error,
            attempts: row.attempts,
            at: clock::show(&row.made_at),
            iso: clock::local(row.made_at).to_rfc3339(),
            manuscript: row.manuscript_id.map(|id| format!("/manuscripts/{id}")),
            body: row.body,
        }
    }
}

fn words(hook: &Hook) -> String {
    if hook.kinds.0.is_empty() {
        return "全部".into();
    }
    let labels: Vec<&str> = hook.kinds.0.iter().map(|what| what.label()).collect();
    labels.join("、")
}

fn host(hook: &Hook) -> String {
    url::Url::parse(&hook.url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}

/// GET /settings/hooks
pub async fn list(Given(app): Given<App>, actor: Actor, shell: Shell) -> Result<Response, Fault> {
    service::require_keeper(&actor)?;
    let db = app.db.read();
    let hooks = store::all(db).await?;
    let units = unit::names(db, hooks.iter().map(|hook| hook.unit_id)).await?;
    let mut rows = vec![];
    for hook in hooks {
        rows.push(Row {
            id: hook.id,
            host: host(&hook),
            unit: units.get(&hook.unit_id).cloned().unwrap_or_default(),
            kinds: words(&hook),
            enabled: hook.enabled,
            last: store::last(db, hook.id).await?.map(Sent::from),
            name: hook.name,
        });
    }
    Ok(List { shell, rows }.into_response())
}

#[derive(Template, WebTemplate)]
#[template(path = "hooks/edit.html")]
struct Edit {
    shell: Shell,
    /// None for a new one.
    id: Option<HookId>,
    f: Fields,
    units: Vec<(String, String)>,
    chosen: Vec<&'static str>,
    errors: Errors,
}

impl Edit {
    fn kinds(&self) -> Vec<(&'static str, &'static str, bool)> {
        What::ALL
            .iter()
            .map(|what| {
                let ticked = self.chosen.contains(&what.code());
                (what.code(), what.label(), ticked)
            })
            .collect()
    }
}

struct Fields {
    name: Field,
    url: Field,
    unit: Field,
}

impl Fields {
    fn with(name: &str, url: &str, unit: &str) -> Self {
        Self {
            name: Field::new("name", "名称", name),
            url: Field::new("url", "接收网址", url),
            unit: Field::new("unit", "单位", unit),
        }
    }
}

async fn edit_page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: Option<HookId>,
    f: Fields,
    chosen: Vec<What>,
) -> Result<Edit, Fault> {
    let scope = actor.filter(Permission::ManageWorkflows);
    Ok(Edit {
        shell,
        id,
        f,
        units: unit::options(app.db.read(), &scope).await?,
        chosen: chosen.into_iter().map(What::code).collect(),
        errors: vec![],
    })
}

/// GET /settings/hooks/new
pub async fn new(Given(app): Given<App>, actor: Actor, shell: Shell) -> Result<Response, Fault> {
    service::require_keeper(&actor)?;
    let root = unit::root(app.db.read()).await?;
    let unit = root.map(|root| root.id.to_string()).unwrap_or_default();
    let fields = Fields::with("", "", &unit);
    let page = edit_page(&app, &actor, shell, None, fields, vec![]).await?;
    Ok(page.into_response())
}

/// GET /settings/hooks/{id}/edit
pub async fn edit(
    Given(app): Given<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<HookId>,
) -> Result<Response, Fault> {
    service::require_keeper(&actor)?;
    let hook = store::find(app.db.read(), id).await?;
    let fields = Fields::with(&hook.name, &hook.url, &hook.unit_id.to_string());
    let page = edit_page(&app, &actor, shell, Some(id), fields, hook.kinds.0).await?;
    Ok(page.into_response())
}

/// What was posted, or the page that says what is wrong with it.
async fn read(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: Option<HookId>,
    form: &Posted,
) -> Result<Result<Said, Box<Edit>>, Fault> {
    let mut f = Fields::with(form.get("name"), form.get("url"), form.get("unit"));
    let kinds: Vec<What> = form.all("kinds").filter_map(What::parse).collect();
    let name = f.name.check(|raw| text::required_line(raw, 50));
    let url = f.url.check(service::read_url);
    let mut page = edit_page(app, actor, shell, id, f, kinds.clone()).await?;
    let units = &page.units;
    let unit = page.f.unit.check(|raw| {
        let known = units.iter().any(|(value, _)| value == raw);
        raw.parse::<UnitId>()
            .ok()
            .filter(|_| known)
            .ok_or("请选择。")
    });
    page.errors = errors([&page.f.name, &page.f.url, &page.f.unit]);
    Ok(match (name, url, unit) {
        (Some(name), Some(url), Some(unit)) => Ok(Said {
            name,
            url,
            unit,
            kinds,
        }),
        _ => Err(Box::new(page)),
    })
}

/// POST /settings/hooks
pub async fn create(
    Given(app): Given<App>,
    actor: Actor,
    shell: Shell,
    form: Posted,
) -> Result<Response, Fault> {
    service::require_keeper(&actor)?;
    match read(&app, &actor, shell.clone(), None, &form).await? {
        Ok(said) => {
            let (hook, secret) = service::create(&app, &actor, said).await?;
            Ok(show_page(&app, shell, hook, 1, Some(secret))
                .await?
                .into_response())
        }
        Err(page) => Ok(Unprocessable(*page).into_response()),
    }
}

/// POST /settings/hooks/{id}
pub async fn change(
    Given(app): Given<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<HookId>,
    form: Posted,
) -> Result<Response, Fault> {
    service::require_keeper(&actor)?;
    match read(&app, &actor, shell, Some(id), &form).await? {
        Ok(said) => {
            service::change(&app, &actor, id, said).await?;
            Ok(back(id, "已保存。"))
        }
        Err(page) => Ok(Unprocessable(*page).into_response()),
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "hooks/show.html")]
struct Show {
    shell: Shell,
    id: HookId,
    name: String,
    url: String,
    unit: String,
    kinds: String,
    enabled: bool,
    /// A secret made just now; it is never shown again.
    made: Option<String>,
    sent: Vec<Sent>,
    page: u64,
    pages: u64,
    total: u64,
    /// Whether a message is on its way: then the list looks again by itself.
    moving: bool,
}

async fn show_page(
    app: &App,
    shell: Shell,
    hook: Hook,
    page: u64,
    made: Option<String>,
) -> Result<Show, Fault> {
    let db = app.db.read();
    let Listing {
        rows,
        page,
        pages,
        total,
    } = store::deliveries(db, hook.id, page).await?;
    let units = unit::names(db, [hook.unit_id]).await?;
    let sent: Vec<Sent> = rows.into_iter().map(Sent::from).collect();
    Ok(Show {
        shell,
        id: hook.id,
        unit: units.get(&hook.unit_id).cloned().unwrap_or_default(),
        kinds: words(&hook),
        enabled: hook.enabled,
        moving: sent
            .iter()
            .any(|one| one.state == State::Waiting && one.attempts == 0),
        name: hook.name,
        url: hook.url,
        made,
        sent,
        page,
        pages,
        total,
    })
}

/// Which page of the messages.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Leaf {
    page: String,
}

/// GET /settings/hooks/{id}
pub async fn show(
    Given(app): Given<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<HookId>,
    Query(leaf): Query<Leaf>,
) -> Result<Response, Fault> {
    service::require_keeper(&actor)?;
    let hook = store::find(app.db.read(), id).await?;
    let page = leaf.page.parse().unwrap_or(1);
    Ok(show_page(&app, shell, hook, page, None)
        .await?
        .into_response())
}

fn back(id: HookId, word: &str) -> Response {
    redirect(format!("/settings/hooks/{id}"), Flash::success(word))
}

/// POST /settings/hooks/{id}/tests
pub async fn test(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<HookId>,
) -> Result<Response, Fault> {
    service::test(&app, &actor, id).await?;
    Ok(back(id, "测试消息已发出，结果见下面的发送记录。"))
}

/// POST /settings/hooks/{id}/switches
pub async fn switch(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<HookId>,
    form: Posted,
) -> Result<Response, Fault> {
    let enabled = form.get("enabled") == "1";
    service::switch(&app, &actor, id, enabled).await?;
    Ok(back(
        id,
        if enabled {
            "已启用。"
        } else {
            "已停用，不再发送消息。"
        },
    ))
}

/// POST /settings/hooks/{id}/secrets
pub async fn renew(
    Given(app): Given<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<HookId>,
) -> Result<Response, Fault> {
    let secret = service::renew(&app, &actor, id).await?;
    let hook = store::find(app.db.read(), id).await?;
    Ok(show_page(&app, shell, hook, 1, Some(secret))
        .await?
        .into_response())
}

/// POST /settings/hooks/{id}/removals
pub async fn remove(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<HookId>,
) -> Result<Response, Fault> {
    service::remove(&app, &actor, id).await?;
    Ok(redirect(
        "/settings/hooks",
        Flash::success("订阅已删除，发送记录一并删除。"),
    ))
}

/// POST /settings/hooks/{id}/deliveries/{message}/retries
pub async fn again(
    Given(app): Given<App>,
    actor: Actor,
    Path((id, message)): Path<(HookId, i64)>,
) -> Result<Response, Fault> {
    service::again(&app, &actor, id, message).await?;
    Ok(back(id, "已重新发送，结果见下面的发送记录。"))
}
