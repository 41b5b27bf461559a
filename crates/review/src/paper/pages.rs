//! 审核单: the trail on the screen, to be taken along in three formats; and what the QR code on a sheet leads to.

use super::{
    form, numbers,
    trail::{self, Trail, TrailDecision},
};
use crate::{
    course::{Stage, Verdict},
    ids::ManuscriptId,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use zhendi_kernel::{Actor, App, Fault, Permission, clock, web::Shell};
use zhendi_people::person;

#[derive(Template, WebTemplate)]
#[template(path = "paper/show.html")]
struct Show {
    shell: Shell,
    trail: Trail,
    may_record: bool,
}

impl Show {
    fn iso(&self, at: &chrono::DateTime<chrono::Utc>) -> String {
        clock::local(*at).to_rfc3339()
    }

    fn time(&self, at: &chrono::DateTime<chrono::Utc>) -> String {
        clock::show(at)
    }

    fn look(&self, one: &TrailDecision) -> (&'static str, &'static str) {
        match one.verdict {
            Verdict::Approve | Verdict::Reapprove => ("success", "circle-check"),
            Verdict::Return => ("warning", "arrow-back-up"),
            Verdict::Discard => ("danger", "circle-x"),
        }
    }

    fn title(&self, one: &TrailDecision) -> String {
        format!("{}　{}", one.level, form::verdict(one))
    }

    fn proofread(&self, one: &TrailDecision) -> Option<String> {
        one.proofread.as_ref().map(form::proofread)
    }

    fn ticked(&self, one: &TrailDecision) -> String {
        let points: Vec<&str> = one
            .checklist
            .iter()
            .filter(|point| point.ok)
            .map(|point| point.text.as_str())
            .collect();
        points.join("；")
    }
}

/// GET /manuscripts/{id}/sheet
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ManuscriptId>,
) -> Result<impl IntoResponse, Fault> {
    let found = trail::trail(&app, &actor, id).await?;
    let place = crate::course::place(app.db.read(), &found.course).await?;
    Ok(Show {
        shell,
        may_record: found.course.stage == Stage::Reviewing
            && actor.person().is_some()
            && actor.may(Permission::RecordPaper, &place),
        trail: found.trail,
    })
}

#[derive(Template, WebTemplate)]
#[template(path = "paper/check.html")]
struct Check {
    shell: Shell,
    /// The first and the last time; none when there is no such sheet.
    at: Option<(String, String)>,
    hash: String,
    signed_in: bool,
    /// For who may see the manuscript.
    of: Option<Known>,
}

struct Known {
    id: ManuscriptId,
    title: String,
    number: String,
    same: bool,
    prints: Vec<Printed>,
}

struct Printed {
    at: String,
    iso: String,
    who: String,
    format: String,
}

/// GET /review-sheets/{key}. Everyone learns that this sheet was made here and when; who may see the manuscript
/// learns of what it is, who took it, and whether anything happened since.
pub async fn check(
    State(app): State<App>,
    actor: Option<axum::Extension<Actor>>,
    shell: Shell,
    Path(typed): Path<String>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let found = numbers::of_hash(db, &typed).await?;
    let actor = actor.map(|actor| actor.0);
    let mut page = Check {
        shell,
        at: None,
        hash: String::new(),
        signed_in: actor.is_some(),
        of: None,
    };
    let (Some(latest), Some(first)) = (found.first(), found.last()) else {
        return Ok((StatusCode::NOT_FOUND, page).into_response());
    };
    page.at = Some((
        clock::show(&first.printed_at),
        clock::show(&latest.printed_at),
    ));
    page.hash.clone_from(&latest.hash);
    if let Some(actor) = &actor {
        page.of = match trail::trail(&app, actor, latest.manuscript_id).await {
            Ok(now) => {
                let names = person::names(db, found.iter().filter_map(|row| row.person_id)).await?;
                let who = |person| names.get(&person).cloned().unwrap_or_default();
                Some(Known {
                    id: latest.manuscript_id,
                    title: now.trail.title,
                    number: latest.number.clone(),
                    same: now.trail.hash == latest.hash,
                    prints: found
                        .iter()
                        .map(|row| Printed {
                            at: clock::show(&row.printed_at),
                            iso: clock::local(row.printed_at).to_rfc3339(),
                            who: row.person_id.map_or_else(|| "系统".into(), who),
                            format: row.format.clone(),
                        })
                        .collect(),
                })
            }
            Err(Fault::NotFound) => None,
            Err(fault) => return Err(fault),
        };
    }
    Ok(page.into_response())
}
