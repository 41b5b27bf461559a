//! From an annex 3 that came back to the filing that says what it says: never straight into the register.

use super::pages::find;
use crate::filing::{self, Draft};
use axum::{
    extract::{Path, State},
    response::Response,
};
use zhendi_kernel::{
    Actor, App, Fault,
    form::Posted,
    web::{Flash, redirect},
};

/// POST /imports/{id}/drafts: begins the filing of one of the compared forms.
pub async fn begin(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Fault> {
    let run = find(&app, &actor, id).await?;
    let at: usize = posted.get("form").parse().map_err(|_| Fault::NotFound)?;
    let prepared = run
        .report
        .compared
        .get(at)
        .and_then(|one| one.draft.clone())
        .ok_or(Fault::NotFound)?;
    let draft = Draft {
        kind: prepared.kind,
        unit: prepared.unit,
        channel: prepared.channel,
        record: prepared.record,
        content: prepared.content,
        contacts: prepared.contacts,
    };
    Ok(match filing::begin(&app, &actor, draft).await? {
        Ok(filing) => redirect(
            format!("/filings/{}/edit", filing.id),
            Flash::success("已按登记表的内容起草，请核对后提交。"),
        ),
        Err(wrongs) => {
            let words: Vec<String> = wrongs.into_iter().map(|wrong| wrong.text).collect();
            redirect(
                format!("/imports/{id}"),
                Flash::warning(format!("没有起草：{}", words.join(""))),
            )
        }
    })
}
