//! 查验: what the QR code on a print leads to. Everyone learns that this print was made here and when; who
//! may see what it is of learns what, by whom, and whether the record has changed since.

use super::{
    download::allow,
    gather::{Printer, gather},
    prints::{self, Model},
    subject::{Annex, Subject},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use zhendi_kernel::{Actor, App, Fault, clock, web::Shell};
use zhendi_people::{person, unit};

#[derive(Template, WebTemplate)]
#[template(path = "forms/check.html")]
struct Public {
    shell: Shell,
    /// The first and the last time; none when there is no such print.
    at: Option<(String, String)>,
    hash: String,
    signed_in: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "forms/print.html")]
struct Show {
    shell: Shell,
    form: String,
    of: String,
    href: String,
    hash: String,
    number: String,
    rows: i64,
    prints: Vec<Printed>,
    changed: Changed,
}

struct Printed {
    at: String,
    iso: String,
    who: String,
    format: String,
}

/// Rows that are compared while one waits.
const MOST: u64 = 5_000;

/// Whether the record still says what the print says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Changed {
    No,
    Yes,
    /// Too many rows to compare while one waits.
    TooLong,
}

/// GET /prints/{hash}
pub async fn show(
    State(app): State<App>,
    actor: Option<axum::Extension<Actor>>,
    shell: Shell,
    Path(typed): Path<String>,
) -> Result<Response, Fault> {
    let found = prints::of_hash(app.db.read(), &typed).await?;
    let actor = actor.map(|actor| actor.0);
    let (Some(latest), Some(first)) = (found.first(), found.last()) else {
        let page = Public {
            shell,
            at: None,
            hash: String::new(),
            signed_in: actor.is_some(),
        };
        return Ok((StatusCode::NOT_FOUND, page).into_response());
    };
    if let (Some(actor), Some(subject)) = (&actor, latest.subject())
        && may_see(&app, actor, subject).await?
    {
        return Ok(full(&app, actor, shell, subject, latest, &found)
            .await?
            .into_response());
    }
    Ok(Public {
        shell,
        at: Some((
            clock::show(&first.printed_at),
            clock::show(&latest.printed_at),
        )),
        hash: latest.hash.clone(),
        signed_in: actor.is_some(),
    }
    .into_response())
}

/// Whoever could make the same print; for forms of many units, whoever sees them all.
async fn may_see(app: &App, actor: &Actor, subject: Subject) -> Result<bool, Fault> {
    use zhendi_kernel::Permission::{ViewChannels, ViewFilings};
    let everywhere = match subject {
        Subject::Accounts(reach) | Subject::Summary(reach) if reach.unit.is_none() => {
            Some(ViewChannels)
        }
        Subject::Year(reach, _) if reach.unit.is_none() => Some(ViewFilings),
        _ => None,
    };
    if let Some(permission) = everywhere {
        return Ok(actor.may_everywhere(permission));
    }
    match allow(app, actor, subject).await {
        Ok(()) => Ok(true),
        Err(Fault::NotFound | Fault::Forbidden(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

async fn full(
    app: &App,
    actor: &Actor,
    shell: Shell,
    subject: Subject,
    latest: &Model,
    found: &[Model],
) -> Result<Show, Fault> {
    let db = app.db.read();
    let annex = subject.annex();
    let names = person::names(db, found.iter().filter_map(|row| row.person_id)).await?;
    let (of, changed) = compare(app, actor, subject, latest).await?;
    let of = match (of.is_empty(), latest.unit_id) {
        (true, Some(id)) => unit::names(db, [id]).await?.remove(&id).unwrap_or_default(),
        _ => of,
    };
    Ok(Show {
        shell,
        form: match latest.year {
            Some(year) => format!("附件{} {}（{year} 年）", annex.number(), annex.title()),
            None => format!("附件{} {}", annex.number(), annex.title()),
        },
        of,
        href: record(subject),
        hash: latest.hash.clone(),
        number: latest.number.clone(),
        rows: latest.row_count,
        prints: found
            .iter()
            .map(|row| Printed {
                at: clock::show(&row.printed_at),
                iso: clock::local(row.printed_at).to_rfc3339(),
                who: match row.person_id {
                    Some(id) => names.get(&id).cloned().unwrap_or_default(),
                    None => "命令行导出".into(),
                },
                format: row.format.clone(),
            })
            .collect(),
        changed,
    })
}

/// Gathers the same form again for the reader of then. What is gone has changed.
async fn compare(
    app: &App,
    actor: &Actor,
    subject: Subject,
    print: &Model,
) -> Result<(String, Changed), Fault> {
    if print.row_count.unsigned_abs() > MOST {
        return Ok((String::new(), Changed::TooLong));
    }
    let reader = &print.reader.0;
    match gather(app, actor, reader, &Printer::default(), subject, MOST + 1).await {
        Ok(now) => {
            let of = if subject.annex() == Annex::Three {
                now.named
            } else {
                now.head.unit
            };
            let same = now.hash == print.hash;
            Ok((of, if same { Changed::No } else { Changed::Yes }))
        }
        Err(Fault::NotFound) => Ok((String::new(), Changed::Yes)),
        Err(fault) => Err(fault),
    }
}

/// Where the record itself is.
fn record(subject: Subject) -> String {
    let reach = |annex: Annex, reach: super::subject::Reach| {
        let unit = reach.unit.map(|unit| format!("&unit={unit}"));
        let own = if reach.own { "&own=1" } else { "" };
        format!(
            "/forms?annex={}{}{own}",
            annex.number(),
            unit.unwrap_or_default()
        )
    };
    match subject {
        Subject::Accounts(of) => reach(Annex::One, of),
        Subject::Summary(of) => reach(Annex::Two, of),
        Subject::Year(of, year) => format!("{}&year={year}", reach(Annex::Four, of)),
        Subject::Channel(id) => format!("/channels/{id}"),
        Subject::Filing(id) => format!("/filings/{id}"),
    }
}
