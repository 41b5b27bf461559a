//! Finds out who acts, for every request anew: a session's cookie or an API token becomes the actor
//! with the roles in force now.

use super::{
    first_run,
    rules::{Demand, Standing},
    settings::AccountSettings,
    store::{
        accounts::{self, Model},
        sessions::{self, Origin},
        tokens,
    },
};
use crate::{person, role};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::collections::BTreeSet;
use zhendi_kernel::{
    Actor, App, Fault, PersonId,
    actor::{Grant, TokenScope, Who},
    known::Version,
    web::{self, ActingFor, ClientIp},
};

/// The session that a request belongs to; none for a token's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentSession(pub i64);

/// The middleware. It puts the [`Actor`], [`ActingFor`] and [`CurrentSession`] into the request, leads
/// those who must choose a password to where they can, and everybody to the first run while nobody can
/// sign in.
pub async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match resolve(&app, &mut request).await {
        Ok(None) => next.run(request).await,
        Ok(Some(elsewhere)) => elsewhere,
        // Whoever tries tokens is a visitor and may not try without end.
        Err(Fault::Anonymous) => {
            let address = request.extensions().get::<ClientIp>().map(|ip| ip.0);
            let slow = address.map_or(Ok(()), web::count_visit);
            slow.err().unwrap_or(Fault::Anonymous).into_response()
        }
        Err(fault) => fault.into_response(),
    }
}

/// Reads the request; answers it itself when it has to go elsewhere first.
async fn resolve(app: &App, request: &mut Request) -> Result<Option<Response>, Fault> {
    let path = request.uri().path().to_owned();
    if is_for_all(&path) {
        return Ok(None);
    }
    let api = path.starts_with("/api/");
    let came = match bearer(request.headers()) {
        Some(_) if !api => {
            return Err(Fault::Forbidden(
                "访问令牌只能用于接口，不能用来打开页面。".into(),
            ));
        }
        Some(token) => Some(by_token(app, token, request.method()).await?),
        None => by_cookie(app, request.headers()).await?,
    };
    let Some(came) = came else {
        let first = !path.starts_with(first_run::PATH) && first_run::is_needed(app).await?;
        return Ok(first.then(|| {
            let to = first_run::PATH;
            elsewhere(request.headers(), api, to, "系统还没有完成首次设置。")
        }));
    };
    request.extensions_mut().insert(came.version);
    if came.has_left {
        return Ok(None);
    }
    let settings = app.known_setting::<AccountSettings>(came.version).await?;
    let demand = came.standing.demand(app.now(), &settings);
    let actor = Actor {
        who: Who::Person {
            id: came.person,
            name: came.name,
        },
        grants: came.grants,
        token: came.token,
        address: request.extensions().get::<ClientIp>().map(|ip| ip.0),
    };
    let names = represented(app, &actor).await?;
    request.extensions_mut().insert(actor);
    request.extensions_mut().insert(ActingFor(names));
    if let Some(session) = came.session {
        request.extensions_mut().insert(CurrentSession(session));
    }
    Ok(match demand {
        Some(demand) if !is_for_changing(&path) => {
            let why = match demand {
                Demand::FirstPassword => "首次登录请先设置自己的密码。",
                Demand::Expired => "密码已超过使用期限，请先修改密码。",
            };
            Some(elsewhere(request.headers(), api, "/account/password", why))
        }
        _ => None,
    })
}

/// Who came.
struct Came {
    person: PersonId,
    name: String,
    grants: Vec<Grant>,
    has_left: bool,
    standing: Standing,
    session: Option<i64>,
    token: Option<TokenScope>,
    version: Version,
}

async fn by_cookie(app: &App, headers: &HeaderMap) -> Result<Option<Came>, Fault> {
    let Some(token) = session_token(app, headers) else {
        return Ok(None);
    };
    let Some(comer) = sessions::comer(app.db.read(), app.now(), token).await? else {
        return Ok(None);
    };
    let (now, version) = (app.now(), Version(comer.version));
    let settings = app.known_setting::<AccountSettings>(version).await?;
    if comer.disabled_at.is_some() || !comer.lives(now, &settings) {
        return Ok(None);
    }
    if comer.is_due(now)
        && let Err(fault) = sessions::touch(app.db.writer(), now, comer.session).await
    {
        // Reading goes on while writing does not: a full disk must not sign everybody out.
        tracing::warn!(%fault, "cannot note that a session is in use");
    }
    Ok(Some(Came {
        person: comer.person,
        grants: role::in_order(comer.granted.as_deref())?,
        has_left: comer.left_at.is_some(),
        standing: comer.standing(),
        session: Some(comer.session),
        token: None,
        version,
        name: comer.name,
    }))
}

async fn by_token(app: &App, token: &str, method: &Method) -> Result<Came, Fault> {
    let (db, now) = (app.db.read(), app.now());
    let token = tokens::find(db, now, token)
        .await?
        .ok_or(Fault::Anonymous)?;
    let account = enabled(app, token.person_id)
        .await?
        .ok_or(Fault::Anonymous)?;
    let scope = TokenScope::from(token.scope);
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if scope == TokenScope::Read && !reads {
        return Err(Fault::Forbidden("这个访问令牌只能读取，不能修改。".into()));
    }
    if tokens::is_due(&token, now)
        && let Err(fault) = tokens::touch(app.db.writer(), now, token.id).await
    {
        tracing::warn!(%fault, "cannot note that a token is in use");
    }
    let person = person::find(db, token.person_id).await?;
    Ok(Came {
        person: token.person_id,
        grants: role::grants(db, now, token.person_id).await?,
        has_left: person
            .as_ref()
            .is_none_or(|person| person.left_at.is_some()),
        name: person.map(|person| person.name).unwrap_or_default(),
        standing: account.standing(),
        session: None,
        token: Some(scope),
        version: Version::read(db).await?,
    })
}

async fn enabled(app: &App, person: PersonId) -> Result<Option<Model>, Fault> {
    let account = accounts::find(app.db.read(), person).await?;
    Ok(account.filter(|account| account.disabled_at.is_none()))
}

/// The names of those for whom the actor acts by delegation.
async fn represented(app: &App, actor: &Actor) -> Result<Vec<String>, Fault> {
    let people: BTreeSet<PersonId> = actor
        .grants
        .iter()
        .filter_map(|grant| grant.on_behalf_of)
        .collect();
    if people.is_empty() {
        return Ok(vec![]);
    }
    let mut names = person::names(app.db.read(), people.iter().copied()).await?;
    Ok(people.iter().filter_map(|id| names.remove(id)).collect())
}

/// What answers whoever asks, before and after the first run, without a look at the database.
fn is_for_all(path: &str) -> bool {
    path.starts_with("/assets/") || matches!(path, "/healthz" | "/readyz" | "/favicon.ico")
}

/// Where someone who must choose a password may go.
fn is_for_changing(path: &str) -> bool {
    matches!(path, "/account/password" | "/sign-out" | "/sign-in")
}

/// Leads to another page first; programs are told why they cannot go on.
fn elsewhere(headers: &HeaderMap, api: bool, to: &'static str, why: &str) -> Response {
    if api {
        return Fault::Forbidden(why.into()).into_response();
    }
    if web::wants_fragment(headers) {
        // htmx leaves the page by this header; a redirect would put the other page into it.
        let leave = [("hx-redirect", HeaderValue::from_static(to))];
        return (StatusCode::FORBIDDEN, leave).into_response();
    }
    web::redirect(to, None)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// The name of the session's cookie. With the prefix, browsers take it only over HTTPS and from this
/// very host; without HTTPS they would not take it at all.
fn cookie_name(app: &App) -> &'static str {
    if app.config.is_https() {
        "__Host-zhendi"
    } else {
        "zhendi"
    }
}

/// The token that the browser holds.
pub(super) fn session_token<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    web::cookie(headers, cookie_name(app)).filter(|token| !token.is_empty())
}

/// Hands the browser a session's token, or takes it back (none). It goes when the browser is closed.
pub(super) fn set_cookie(app: &App, response: &mut Response, token: Option<&str>) {
    let secure = if app.config.is_https() {
        "; Secure"
    } else {
        ""
    };
    let end = if token.is_none() { "; Max-Age=0" } else { "" };
    let text = format!(
        "{}={}; Path=/; HttpOnly; SameSite=Lax{secure}{end}",
        cookie_name(app),
        token.unwrap_or_default(),
    );
    let value = HeaderValue::try_from(text).expect("tokens are URL-safe text");
    response.headers_mut().append(header::SET_COOKIE, value);
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Ok(Self {
            address: parts
                .extensions
                .get::<ClientIp>()
                .map(|ip| ip.0.to_string()),
            agent: super::agent::summary(agent),
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CurrentSession {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        parts
            .extensions
            .get::<Self>()
            .copied()
            .ok_or(Fault::Anonymous)
    }
}
