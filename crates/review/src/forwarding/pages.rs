//! The form of a forwarding, and what is posted on its page.

use super::{
    rules::{Forwarding, HOURS, Harm},
    service::{self, About, New, Wrong},
    show::{self, Typed},
};
use crate::ids::ForwardingId;
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, ScopeFilter, UnitId,
    form::{Errors, Field, Posted, Unprocessable, errors},
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

/// What the form is about, in its address: one of both.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    manuscript: String,
    publication: String,
}

fn about(manuscript: &str, publication: &str) -> Result<About, Fault> {
    if let Ok(id) = publication.parse() {
        return Ok(About::Publication(id));
    }
    let id = manuscript.parse().map_err(|_| Fault::NotFound)?;
    Ok(About::Manuscript(id))
}

#[derive(Template, WebTemplate)]
#[template(path = "forwarding/new.html")]
struct NewPage {
    shell: Shell,
    title: String,
    number: i32,
    back: String,
    manuscript: String,
    publication: String,
    kinds: Vec<(&'static str, &'static str)>,
    /// Id, name, and whether it is ticked.
    units: Vec<(String, String, bool)>,
    kind: Field,
    unit: Field,
    why: Field,
    quote: Field,
    errors: Errors,
    hours: i64,
}

async fn form(
    app: &App,
    actor: &Actor,
    shell: Shell,
    at: About,
    posted: &Posted,
    wrongs: &[Wrong],
) -> Result<NewPage, Fault> {
    let found = service::look(app, actor, at).await?;
    let field = |name: &'static str, label: &'static str| {
        let error = wrongs.iter().find(|(at, _)| *at == name);
        Field {
            error: error.map(|(_, words)| words.clone()),
            ..posted.field(name, label)
        }
    };
    let (kind, unit) = (field("kind", "问题类型"), field("unit", "处理部门"));
    let (why, quote) = (field("why", "情况说明"), field("quote", "原文摘录"));
    let ticked: Vec<&str> = posted.all("unit").collect();
    let units = unit::options(app.db.read(), &ScopeFilter::All).await?;
    let root = unit::root(app.db.read())
        .await?
        .map(|root| root.id.to_string());
    let (manuscript, publication, back) = match at {
        About::Manuscript(id) => (id.to_string(), String::new(), found.of.href()),
        About::Publication(id) => (String::new(), id.to_string(), format!("/publications/{id}")),
    };
    Ok(NewPage {
        title: found.version.content.title.clone(),
        number: found.version.number,
        back,
        manuscript,
        publication,
        kinds: Harm::ALL
            .iter()
            .map(|one| (one.code(), one.label()))
            .collect(),
        units: units
            .into_iter()
            // The institution as a whole is no department; in columns an indent means nothing.
            .filter(|(id, _)| Some(id) != root.as_ref())
            .map(|(id, name)| {
                let chosen = ticked.contains(&id.as_str());
                (id, name.trim_start().to_owned(), chosen)
            })
            .collect(),
        errors: errors([&kind, &unit, &why, &quote]),
        kind,
        unit,
        why,
        quote,
        hours: HOURS,
        shell,
    })
}

/// GET /forwardings/new
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let at = about(&asked.manuscript, &asked.publication)?;
    let page = form(&app, &actor, shell, at, &Posted(vec![]), &[]).await?;
    Ok(page.into_response())
}

/// POST /forwardings
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let at = about(posted.get("manuscript"), posted.get("publication"))?;
    let new = New {
        kind: posted.get("kind").into(),
        units: posted
            .all("unit")
            .filter_map(|raw| raw.parse().map(UnitId).ok())
            .collect(),
        why: posted.get("why").into(),
        quote: posted.get("quote").into(),
    };
    match service::forward(&app, &actor, at, new).await? {
        Ok(one) => {
            let words = "已转送有关部门，稿件暂停审核和发布。已经发布的请立即撤稿。";
            Ok(redirect(one.href(), Flash::success(words)))
        }
        Err(wrongs) => {
            let page = form(&app, &actor, shell, at, &posted, &wrongs).await?;
            Ok(Unprocessable(page).into_response())
        }
    }
}

/// The version of the forwarding that the page showed.
fn seen(posted: &Posted) -> Result<i32, Fault> {
    posted.get("version").parse().map_err(|_| Fault::Stale)
}

/// Leads on, or shows the page once more with what is wrong.
async fn done(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: ForwardingId,
    posted: &Posted,
    done: Result<Forwarding, Vec<Wrong>>,
    words: &'static str,
) -> Result<Response, Fault> {
    match done {
        Ok(one) => Ok(redirect(one.href(), Flash::success(words))),
        Err(wrongs) => {
            let typed = Typed {
                posted: Some(posted),
                wrongs: &wrongs,
            };
            let page = show::page(app, actor, shell, id, typed).await?;
            Ok(Unprocessable(page).into_response())
        }
    }
}

/// POST /forwardings/{id}/answers
pub(super) async fn answer(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ForwardingId>,
    posted: Posted,
) -> Result<Response, Fault> {
    service::open_for(&app, &actor, id).await?;
    let seen = seen(&posted)?;
    let unit = posted.get("unit").parse().map(UnitId);
    let unit = unit.map_err(|_| Fault::Malformed("请从转送记录页面答复。".into()))?;
    let (handling, words) = (posted.get("handling"), posted.get("words"));
    let said = service::answer(&app, &actor, id, seen, unit, handling, words).await?;
    done(&app, &actor, shell, id, &posted, said, "已答复。").await
}

/// POST /forwardings/{id}/closings
pub(super) async fn close(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ForwardingId>,
    posted: Posted,
) -> Result<Response, Fault> {
    service::open_for(&app, &actor, id).await?;
    let seen = seen(&posted)?;
    let (outcome, words) = (posted.get("outcome"), posted.get("words"));
    let said = service::close(&app, &actor, id, seen, outcome, words).await?;
    done(&app, &actor, shell, id, &posted, said, "已办结。").await
}
