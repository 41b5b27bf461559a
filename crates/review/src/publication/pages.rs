//! The verbs of a publication, as its page's buttons press them.

use super::{
    emergency,
    rules::{Publication, State},
    service::{self, TakeDown, Upload},
    show::{self, Typed},
    store,
};
use crate::ids::{ManuscriptId, PublicationId};
use axum::{
    extract::{Path, State as Extract},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDateTime, Utc};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, clock,
    files::{self, Kind},
    form::{Posted, Unprocessable, Uploaded},
    web::{Flash, Shell, redirect},
};

fn seen(posted: &Posted) -> i32 {
    // Versions begin at 1: a form without one has seen nothing.
    posted.get("version").parse().unwrap_or(0)
}

fn file(form: &mut Uploaded) -> Option<Upload> {
    form.files.pop().map(|file| Upload {
        name: file.name,
        bytes: file.bytes,
    })
}

/// The moment that a browser's field names, by the institution's clock.
pub(super) fn moment(raw: &str) -> Option<DateTime<Utc>> {
    let raw = raw.trim();
    let read = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(raw, form).ok())?;
    Some(clock::start_of(read.date()) + (read - read.date().and_time(chrono::NaiveTime::MIN)))
}

/// GET /publications/{id}
pub(super) async fn show(
    Extract(app): Extract<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PublicationId>,
) -> Result<Response, Fault> {
    let page = show::page(&app, &actor, shell, id, Typed::default()).await?;
    Ok(page.into_response())
}

/// Leads on, or shows the page once more with what is wrong.
async fn answer(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: PublicationId,
    posted: &Posted,
    done: Result<Publication, Vec<service::Wrong>>,
    words: impl FnOnce(&Publication) -> &'static str,
) -> Result<Response, Fault> {
    match done {
        Ok(one) => Ok(redirect(one.href(), Flash::success(words(&one)))),
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

/// POST /publications/{id}/orders
pub(super) async fn order(
    Extract(app): Extract<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PublicationId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let later = posted.ticked("later");
    let at = moment(posted.get("at"));
    let done = if later && at.is_none() {
        Err(vec![("at", "请选择发布时间。".to_owned())])
    } else {
        let at = at.filter(|_| later);
        Ok(service::order(&app, &actor, id, seen(&posted), at).await?)
    };
    answer(&app, &actor, shell, id, &posted, done, |_| {
        if later {
            "已定时，到时间自动发布。"
        } else {
            "正在发布，稍后可在本页看到结果。"
        }
    })
    .await
}

/// POST /publications/{id}/cancellations
pub(super) async fn cancel(
    Extract(app): Extract<App>,
    actor: Actor,
    Path(id): Path<PublicationId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let one = service::cancel(&app, &actor, id, seen(&posted)).await?;
    Ok(redirect(
        one.href(),
        Flash::success("已取消，稿件没有发布。"),
    ))
}

/// POST /publications/{id}/links
pub(super) async fn confirm(
    Extract(app): Extract<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PublicationId>,
    mut form: Uploaded,
) -> Result<Response, Fault> {
    let upload = file(&mut form);
    let posted = &form.posted;
    let done = service::confirm(&app, &actor, id, seen(posted), posted.get("link"), upload).await?;
    answer(
        &app,
        &actor,
        shell,
        id,
        posted,
        done,
        |_| "已登记发布链接。",
    )
    .await
}

/// POST /publications/{id}/withdrawals
pub(super) async fn withdraw(
    Extract(app): Extract<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PublicationId>,
    mut form: Uploaded,
) -> Result<Response, Fault> {
    let proof = file(&mut form);
    let posted = &form.posted;
    let said = TakeDown {
        reason: posted.get("reason").to_owned(),
        note: posted.get("note").to_owned(),
        proof,
    };
    let done = service::withdraw(&app, &actor, id, seen(posted), said).await?;
    answer(&app, &actor, shell, id, posted, done, |one| {
        match (one.state, one.way.removes()) {
            (State::Withdrawn, _) => "已撤稿。",
            (_, true) => "正在撤下，稍后可在本页看到结果。",
            (_, false) => "已记录撤稿，请在平台上删除后上传截图。",
        }
    })
    .await
}

/// POST /publications/{id}/withdrawal-proofs
pub(super) async fn prove(
    Extract(app): Extract<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PublicationId>,
    mut form: Uploaded,
) -> Result<Response, Fault> {
    let proof = file(&mut form);
    let posted = &form.posted;
    let done = service::prove_removed(&app, &actor, id, seen(posted), proof).await?;
    answer(&app, &actor, shell, id, posted, done, |_| "已撤稿。").await
}

/// POST /publications/{id}/reviews
pub(super) async fn review(
    Extract(app): Extract<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PublicationId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let approve = match posted.get("verdict") {
        "approve" => true,
        "refuse" => false,
        _ => return Err(Fault::Malformed("请选择补审结论。".into())),
    };
    let opinion = posted.get("opinion").to_owned();
    let done = emergency::review(&app, &actor, id, seen(&posted), approve, &opinion).await?;
    answer(&app, &actor, shell, id, &posted, done, |_| {
        if approve {
            "补审通过。"
        } else {
            "补审未通过，稿件撤下。"
        }
    })
    .await
}

/// GET /publications/{id}/proofs/{number}
pub(super) async fn proof(
    Extract(app): Extract<App>,
    actor: Actor,
    Path((id, number)): Path<(PublicationId, i64)>,
) -> Result<Response, Fault> {
    let (one, _) = service::open_for(&app, &actor, id).await?;
    let proofs = store::proofs(app.db.read(), one.id).await?;
    let proof = proofs
        .into_iter()
        .find(|proof| proof.id == number)
        .ok_or(Fault::NotFound)?;
    let kind = Kind::parse(&proof.kind)
        .ok_or_else(|| Fault::internal(format!("proof {number}: kind {}", proof.kind)))?;
    let bytes = app.files.get(&proof.hash).await?;
    Ok(files::download(&proof.name, kind, bytes))
}

/// POST /manuscripts/{id}/publications: everything of a manuscript that waits for the actor goes out at once.
pub(super) async fn order_all(
    Extract(app): Extract<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let of = crate::manuscript::open_for(db, &actor, id).await?;
    let wanted: Vec<ChannelId> = posted
        .all("channel")
        .filter_map(|raw| raw.parse().ok())
        .collect();
    let mut ordered = 0;
    for one in store::waiting(db, id).await? {
        let chosen = wanted.is_empty() || wanted.contains(&one.channel);
        let place = service::place_of(db, one.channel).await?;
        if chosen && one.state == State::Planned && service::admin(&actor, &place).is_ok() {
            service::order(&app, &actor, one.id, one.version, None).await?;
            ordered += 1;
        }
    }
    if ordered == 0 {
        return Err(Fault::Refused("没有等待您发布的网络阵地。".into()));
    }
    Ok(redirect(
        of.href(),
        Flash::success("正在发布，稍后可看到结果。"),
    ))
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_is_read_by_the_institutions_clock() {
        let at = moment("2026-11-21T08:30").expect("a moment");
        assert_eq!(at.to_rfc3339(), "2026-11-21T00:30:00+00:00");
        for wrong in ["", "2026-11-21", "2026-13-01T00:00", "morning"] {
            assert!(moment(wrong).is_none(), "{wrong}");
        }
    }
}
