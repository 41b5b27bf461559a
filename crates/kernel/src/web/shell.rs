//! The frame around every page: who is signed in, where they can go, what just happened.

use super::assets;
use crate::{Actor, App, Fault, PersonId, actor::Who, known::Version, notify, settings, work};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::Engine;
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, Query, SelectStatement},
};
use serde::{Deserialize, Serialize};

/// An entry of the menu as this person sees it now.
#[derive(Clone, Debug)]
pub struct NavLink {
    pub label: &'static str,
    pub href: &'static str,
    pub icon: &'static str,
    /// Whether the page that is shown lies under it.
    pub active: bool,
    /// A count beside the label.
    pub badge: Option<u64>,
}

/// What the templates `shell.html` and `public.html` need. Every page has one as `shell`.
#[derive(Clone, Debug)]
pub struct Shell {
    pub institution: String,
    /// The name of the signed-in person.
    pub person: Option<String>,
    pub nav: Vec<NavLink>,
    /// Messages not yet read.
    pub unread: u64,
    pub path: String,
    pub flash: Option<Flash>,
    /// Whether the data are the demonstration's.
    pub demo: bool,
    /// The persons for whom this one acts by delegation.
    pub acting_for: Vec<String>,
}

/// The names of those whom an actor represents; `people` puts it into the request beside the actor.
#[derive(Clone, Debug, Default)]
pub struct ActingFor(pub Vec<String>);

impl Shell {
    /// The address of an embedded file.
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// The frame with nothing of the database in it, for when that does not answer.
    pub fn bare(path: &str) -> Self {
        Self {
            institution: "网络阵地管理".into(),
            person: None,
            nav: vec![],
            unread: 0,
            path: path.into(),
            flash: None,
            demo: false,
            acting_for: vec![],
        }
    }

    /// The frame for an actor at a path.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn for_actor(app: &App, actor: Option<&Actor>, path: &str) -> Result<Self, Fault> {
        let version = Version::read(app.db.read()).await?;
        let (shell, _) = Self::as_of(app, version, actor, path).await?;
        Ok(shell)
    }

    /// The frame, and how many unread notifications lead to its page.
    async fn as_of(
        app: &App,
        version: Version,
        actor: Option<&Actor>,
        path: &str,
    ) -> Result<(Self, u64), Fault> {
        let institution = app.known_setting::<settings::Institution>(version).await?;
        let mut shell = Self::bare(path);
        if !institution.name.is_empty() {
            shell.institution.clone_from(&institution.name);
        }
        shell.demo = institution.demo;
        let Some(actor) = actor else {
            return Ok((shell, 0));
        };
        let (mut waiting, mut lead_here) = (0, 0);
        if let Who::Person { id, name } = &actor.who {
            shell.person = Some(name.clone());
            (shell.unread, lead_here, waiting) = figures(app, *id, actor, path).await?;
        }
        let here = format!("{path}/");
        for entry in app.menu.iter().filter(|entry| entry.is_for(actor)) {
            let badge = match entry.href {
                "/work-items" => Some(waiting),
                _ => None,
            };
            shell.nav.push(NavLink {
                label: entry.label,
                href: entry.href,
                icon: entry.icon,
                active: path == entry.href
                    || (entry.href != "/"
                        && here
                            .strip_prefix(entry.href)
                            .is_some_and(|rest| rest.starts_with('/'))),
                badge,
            });
        }
        Ok((shell, lead_here))
    }
}

/// What every page shows of a person: unread notifications, those that lead to this page, and open work,
/// each no further than 100. One question for all, since every page asks it.
async fn figures(
    app: &App,
    person: PersonId,
    actor: &Actor,
    path: &str,
) -> Result<(u64, u64, u64), Fault> {
    let part = |select: SelectStatement| Expr::SubQuery(None, Box::new(select.into()));
    let all = Query::select()
        .expr(part(notify::count_unread(person, None)))
        .expr(part(notify::count_unread(person, Some(path))))
        .expr(part(work::count_waiting(actor)))
        .to_owned();
    let Some(row) = app.db.read().query_one(&all).await? else {
        return Ok((0, 0, 0));
    };
    let number = |nth| -> Result<u64, Fault> { Ok(row.try_get_by_index::<i64>(nth)? as u64) };
    Ok((number(0)?, number(1)?, number(2)?))
}

impl FromRequestParts<App> for Shell {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fault> {
        let version = Version::from_request_parts(parts, app).await?;
        let actor = parts.extensions.get::<Actor>();
        let path = parts.uri.path();
        let (mut shell, lead_here) = Self::as_of(app, version, actor, path).await?;
        if lead_here > 0
            && parts.method == Method::GET
            && let Some(person) = actor.and_then(Actor::person)
        {
            match notify::seen(app, person, path).await {
                Ok(read) => shell.unread = shell.unread.saturating_sub(read),
                // A page can be read while nothing can be written.
                Err(error) => tracing::warn!(%error, "notifications stay unread"),
            }
        }
        shell.flash = Flash::from_headers(&parts.headers);
        if let Some(names) = parts.extensions.get::<ActingFor>() {
            shell.acting_for.clone_from(&names.0);
        }
        Ok(shell)
    }
}

/// One sentence on the next page about what was just done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// `success`, `info`, `warning` or `danger`.
    pub kind: String,
    pub text: String,
}

/// The cookie that carries a flash to the next page. It says nothing that its reader may not see.
pub(super) const FLASH_COOKIE: &str = "zhendi-flash";

impl Flash {
    /// It worked.
    pub fn success(text: impl Into<String>) -> Self {
        Self {
            kind: "success".into(),
            text: text.into(),
        }
    }

    /// It worked, but look.
    pub fn warning(text: impl Into<String>) -> Self {
        Self {
            kind: "warning".into(),
            text: text.into(),
        }
    }

    /// Something is wrong.
    pub fn danger(text: impl Into<String>) -> Self {
        Self {
            kind: "danger".into(),
            text: text.into(),
        }
    }

    fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let value = cookie(headers, FLASH_COOKIE)?;
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(value)
            .ok()?;
        let flash: Self = serde_json::from_slice(&bytes).ok()?;
        matches!(
            flash.kind.as_str(),
            "success" | "info" | "warning" | "danger"
        )
        .then_some(flash)
    }

    fn to_cookie(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        let value = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json);
        format!("{FLASH_COOKIE}={value}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax")
    }
}

/// The value of a cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// `303 See Other` to a page of our own, with a sentence to show there.
pub fn redirect(to: impl AsRef<str>, flash: impl Into<Option<Flash>>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::LOCATION,
        HeaderValue::try_from(to.as_ref()).unwrap_or(HeaderValue::from_static("/")),
    );
    if let Some(flash) = flash.into()
        && let Ok(value) = HeaderValue::try_from(flash.to_cookie())
    {
        headers.append(header::SET_COOKIE, value);
    }
    response
}
