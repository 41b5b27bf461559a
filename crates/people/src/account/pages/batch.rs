//! Opening accounts for many at once: who has none, everyone of a unit; one sheet of slips, shown once.

use super::super::{acts, login::Login};
use crate::{
    person::{self, Query as Wanted, Row},
    unit,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, clock, form::Posted, scope, web::Shell,
};

/// So many accounts are opened at once: each code is hashed, which takes its time on purpose.
const MOST: u64 = 200;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    unit: String,
    q: String,
}

/// Somebody without an account, with the login that is offered.
struct Candidate {
    row: Row,
    login: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "account/pages/batch.html")]
struct BatchPage {
    shell: Shell,
    asked: Asked,
    units: Vec<(String, String)>,
    people: Vec<Candidate>,
    total: u64,
    error: String,
}

async fn candidates(
    app: &App,
    actor: &Actor,
    asked: &Asked,
) -> Result<(Vec<Candidate>, u64), Fault> {
    let wanted = Wanted {
        text: asked.q.chars().take(100).collect(),
        unit: asked.unit.parse().ok(),
        account: Some(false),
        page: 1,
        per_page: MOST,
        ..Wanted::default()
    };
    let filter = actor.filter(Permission::ManagePeople);
    let (rows, total) = person::list(app.db.read(), &filter, &wanted).await?;
    let people = rows
        .into_iter()
        .map(|row| {
            // As for a single account: never a telephone number, for logins are kept in clear.
            let login = person::details(app, &row.person)?.staff_number;
            Ok(Candidate {
                login: login.unwrap_or_default(),
                row,
            })
        })
        .collect::<Result<_, Fault>>()?;
    Ok((people, total))
}

async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    asked: Asked,
    error: &str,
) -> Result<BatchPage, Fault> {
    let (people, total) = candidates(app, actor, &asked).await?;
    let filter = actor.filter(Permission::ManagePeople);
    Ok(BatchPage {
        units: unit::options(app.db.read(), &filter).await?,
        error: error.into(),
        shell,
        asked,
        people,
        total,
    })
}

/// GET /accounts/batches/new
pub async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    Ok(page(&app, &actor, shell, asked, "").await?.into_response())
}

/// A slip with what its owner needs.
struct Slip {
    name: String,
    unit: String,
    login: String,
    code: String,
    until: String,
}

/// Who got no account, and why.
struct Left {
    person: PersonId,
    name: String,
    unit: String,
    why: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "account/pages/batch_done.html")]
struct DonePage {
    shell: Shell,
    slips: Vec<Slip>,
    left: Vec<Left>,
    address: String,
}

/// The address that people type: the configured one, else the one by which this page was asked for.
fn address(app: &App, headers: &HeaderMap) -> String {
    if let Some(url) = &app.config.public_url {
        return url.to_string();
    }
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    let scheme = if app.config.is_https() {
        "https"
    } else {
        "http"
    };
    host.map(|host| format!("{scheme}://{host}"))
        .unwrap_or_default()
}

/// POST /accounts/batches: opens what was ticked, or everyone of the unit that was chosen.
pub async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    headers: HeaderMap,
    posted: Posted,
) -> Result<Response, Fault> {
    let asked = Asked {
        unit: posted.get("unit").into(),
        q: posted.get("q").into(),
    };
    let (people, _) = candidates(&app, &actor, &asked).await?;
    let everyone = posted.ticked("everyone");
    let ticked: Vec<&str> = posted.all("person").collect();
    let chosen: Vec<Candidate> = people
        .into_iter()
        .filter(|one| everyone || ticked.contains(&one.row.person.id.to_string().as_str()))
        .collect();
    if chosen.is_empty() {
        let why = "请先勾选要开通登录的人员。";
        let page = page(&app, &actor, shell, asked, why).await?;
        return Ok(zhendi_kernel::form::Unprocessable(page).into_response());
    }
    let (mut slips, mut left) = (vec![], vec![]);
    for one in chosen {
        let id = one.row.person.id;
        let typed = posted.get(&format!("login-{id}")).trim().to_owned();
        let login = if typed.is_empty() { one.login } else { typed };
        match open(&app, &actor, id, &login).await {
            Ok(issued) => slips.push(Slip {
                name: issued.name,
                unit: one.row.unit_name,
                login: issued.login,
                code: issued.code.unwrap_or_default(),
                until: clock::show(&issued.until),
            }),
            Err(Fault::Refused(why) | Fault::Forbidden(why)) => left.push(Left {
                person: id,
                name: one.row.person.name,
                unit: one.row.unit_name,
                why,
            }),
            Err(Fault::NotFound) => {}
            // Accounts that are open already have codes that were never shown: better to show them now.
            Err(fault) if !slips.is_empty() => left.push(Left {
                person: id,
                name: one.row.person.name,
                unit: one.row.unit_name,
                why: fault.to_string(),
            }),
            Err(fault) => return Err(fault),
        }
    }
    Ok(DonePage {
        address: address(&app, &headers),
        shell,
        slips,
        left,
    }
    .into_response())
}

/// Each in its own transaction: hashing takes its time, and one that is refused leaves the others standing.
async fn open(app: &App, actor: &Actor, id: PersonId, login: &str) -> Result<acts::Issued, Fault> {
    if login.is_empty() {
        return Err(Fault::Refused(
            "没有工号，也没有填写登录名，请填写登录名后再开通。".into(),
        ));
    }
    let login = Login::parse(login)
        .map_err(|error| Fault::Refused(format!("登录名“{login}”不能用：{error}")))?;
    let tx = app.db.begin().await?;
    let found = person::find(&tx, id).await?.ok_or(Fault::NotFound)?;
    let place = scope::place(&tx, found.unit).await?;
    actor.require(Permission::ManagePeople, &place)?;
    let issued = acts::create(&tx, app, actor, id, &login, None).await?;
    tx.commit().await?;
    Ok(issued)
}
