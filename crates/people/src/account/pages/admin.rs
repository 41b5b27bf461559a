//! The system administrator's side: accounts are made, unlocked, reset and disabled here. None of it
//! gives a role (R-ORG-9: system creates accounts, security grants rights).

use super::{
    super::{
        acts::{self, Issued},
        login::Login,
        store::accounts::{self, Query as Wanted, State as AccountState},
    },
    Moment, Slip,
};
use crate::person;
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId,
    form::{Errors, Field, Posted, Unprocessable, errors},
    scope,
    web::{Flash, Shell, redirect},
};

#[derive(Template, WebTemplate)]
#[template(path = "account/pages/accounts.html")]
struct ListPage {
    shell: Shell,
    text: String,
    state: String,
    states: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
    page: u64,
    pages: u64,
    total: u64,
    base: String,
}

struct Row {
    person: PersonId,
    name: String,
    unit: String,
    login: String,
    state: AccountState,
    last: Option<Moment>,
}

/// What the list's address holds.
#[derive(serde::Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    page: Option<u64>,
}

/// All accounts. Those who manage people do so for the whole institution.
pub async fn list(
    State(app): State<App>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let state = AccountState::ALL
        .into_iter()
        .find(|state| state.code() == asked.state);
    let wanted = Wanted {
        state,
        text: asked.q.clone(),
        page: asked.page.unwrap_or(1).max(1),
    };
    let (accounts, total) = accounts::list(db, app.now(), &wanted).await?;
    let ids: Vec<PersonId> = accounts.iter().map(|account| account.person_id).collect();
    let mut cards = person::cards(db, &app, &ids).await?;
    let rows = accounts
        .into_iter()
        .map(|account| {
            let card = cards.remove(&account.person_id).unwrap_or_default();
            Row {
                person: account.person_id,
                name: card.name,
                unit: card.unit_name,
                state: AccountState::of(&account, app.now()),
                last: account.last_sign_in_at.map(Moment::from),
                login: account.login,
            }
        })
        .collect();
    let kept: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("q", &asked.q)
        .append_pair("state", &asked.state)
        .finish();
    let page = ListPage {
        shell,
        text: asked.q,
        state: asked.state,
        states: AccountState::ALL
            .iter()
            .map(|state| (state.code(), state.label()))
            .collect(),
        rows,
        page: wanted.page,
        pages: total.div_ceil(accounts::PER_PAGE).max(1),
        total,
        base: format!("/accounts?{kept}&"),
    };
    Ok(page.into_response())
}

#[derive(Template, WebTemplate)]
#[template(path = "account/pages/new.html")]
struct NewPage {
    shell: Shell,
    person: PersonId,
    name: String,
    post: String,
    unit: String,
    login: Field,
    errors: Errors,
}

async fn new_page(app: &App, shell: Shell, person: PersonId) -> Result<NewPage, Fault> {
    let db = app.db.read();
    let found = person::find(db, person).await?.ok_or(Fault::NotFound)?;
    if accounts::find(db, person).await?.is_some() {
        return Err(Fault::Refused("此人已有登录账号。".into()));
    }
    // The staff number is what people here are used to sign in with. A telephone number is never
    // offered: logins are kept in clear.
    let login = person::details(app, &found)?
        .staff_number
        .unwrap_or_default();
    let mut cards = person::cards(db, app, &[person]).await?;
    let card = cards.remove(&person).unwrap_or_default();
    Ok(NewPage {
        shell,
        person,
        name: card.name,
        post: card.post,
        unit: card.unit_name,
        login: Field::new("login", "登录名", login),
        errors: vec![],
    })
}

/// For whom the account is to be.
#[derive(serde::Deserialize)]
pub struct For {
    person: PersonId,
}

/// The form for a new account.
pub async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<For>,
) -> Result<Response, Fault> {
    require(&app, &actor, asked.person).await?;
    Ok(new_page(&app, shell, asked.person).await?.into_response())
}

#[derive(Template, WebTemplate)]
#[template(path = "account/pages/issued.html")]
struct IssuedPage {
    shell: Shell,
    title: &'static str,
    person: PersonId,
    slips: Vec<Slip>,
}

impl IssuedPage {
    fn new(shell: Shell, title: &'static str, issued: Issued) -> Self {
        Self {
            shell,
            title,
            person: issued.person,
            slips: vec![Slip::of(issued, "")],
        }
    }
}

/// Makes an account and shows its one-time code, once.
pub async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    form: Posted,
) -> Result<Response, Fault> {
    let person = form
        .get("person")
        .parse()
        .map_err(|_| Fault::Malformed("没有指明为谁开通登录。".into()))?;
    require(&app, &actor, person).await?;
    let mut page = new_page(&app, shell.clone(), person).await?;
    page.login.value = form.get("login").into();
    let Some(login) = page.login.check(Login::parse) else {
        page.errors = errors([&page.login]);
        return Ok(Unprocessable(page).into_response());
    };
    let tx = app.db.begin().await?;
    match acts::create(&tx, &app, &actor, person, &login, None).await {
        Ok(issued) => {
            tx.commit().await?;
            Ok(IssuedPage::new(shell, "登录已开通", issued).into_response())
        }
        Err(Fault::Refused(why)) => {
            page.login.refuse(why);
            page.errors = errors([&page.login]);
            Ok(Unprocessable(page).into_response())
        }
        Err(fault) => Err(fault),
    }
}

/// Ends a lock.
pub async fn unlock(
    State(app): State<App>,
    actor: Actor,
    Path(person): Path<PersonId>,
) -> Result<Response, Fault> {
    require(&app, &actor, person).await?;
    let tx = app.db.begin().await?;
    acts::unlock(&tx, &app, &actor, person).await?;
    tx.commit().await?;
    Ok(back(person, "账号已解锁，可以重新登录。"))
}

/// Gives a new one-time code and shows it, once.
pub async fn reset(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(person): Path<PersonId>,
) -> Result<Response, Fault> {
    require(&app, &actor, person).await?;
    let tx = app.db.begin().await?;
    let issued = acts::reset(&tx, &app, &actor, person).await?;
    tx.commit().await?;
    Ok(IssuedPage::new(shell, "密码已重置", issued).into_response())
}

/// Disables an account.
pub async fn disable(
    State(app): State<App>,
    actor: Actor,
    Path(person): Path<PersonId>,
) -> Result<Response, Fault> {
    require(&app, &actor, person).await?;
    let tx = app.db.begin().await?;
    acts::disable(&tx, &app, &actor, person).await?;
    tx.commit().await?;
    Ok(back(person, "账号已停用，此人已退出登录。"))
}

/// Enables an account again.
pub async fn enable(
    State(app): State<App>,
    actor: Actor,
    Path(person): Path<PersonId>,
) -> Result<Response, Fault> {
    require(&app, &actor, person).await?;
    let tx = app.db.begin().await?;
    acts::enable(&tx, &app, &actor, person).await?;
    tx.commit().await?;
    Ok(back(person, "账号已恢复，可以登录。"))
}

async fn require(app: &App, actor: &Actor, person: PersonId) -> Result<(), Fault> {
    let db = app.db.read();
    let person = person::find(db, person).await?.ok_or(Fault::NotFound)?;
    let place = scope::place(db, person.unit).await?;
    actor.require_sight(Permission::ViewPeople, &place)?;
    actor.require(Permission::ManagePeople, &place)
}

fn back(person: PersonId, done: &str) -> Response {
    redirect(format!("/people/{person}"), Flash::success(done))
}
