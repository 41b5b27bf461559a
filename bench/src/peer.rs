//! The same two things done by Wagtail: an editor's list of many pages, and handing a page in for moderation.

use crate::{
    Stop,
    client::{self, Answer, Line, get},
    figures::{Figures, Target},
    run::{self, Options, Ours},
    server::{Server, free},
};
use std::{net::SocketAddr, path::Path, process::Command, time::Duration};

const LOGIN: &str = "bench";
const PASSWORD: &str = "Bench-2026-zd!";

/// Wagtail by gunicorn with two workers on SQLite in WAL, in the folder where it was installed.
pub async fn against(
    folder: &Path,
    options: &Options,
    ours: &Ours,
    figures: &mut Figures,
) -> Result<(), Stop> {
    let folder = folder.canonicalize()?;
    let at = free()?;
    let mut command = Command::new(folder.join("bin/gunicorn"));
    command.current_dir(folder.join("site")).args([
        "--workers",
        "2",
        // The usual workers close every connection after one answer.
        "--worker-class",
        "gthread",
        "--threads",
        "4",
        "--keep-alive",
        "30",
        "--bind",
        &at.to_string(),
        "peer.wsgi",
    ]);
    let server = Server::start(command, at, "/admin/login/", Duration::from_secs(60)).await?;
    let cookie = sign_in(at).await?;
    let parent = std::fs::read_to_string(folder.join("site/parent"))?;
    let list = format!("/admin/pages/{}/", parent.trim());
    let span = Duration::from_secs(options.seconds.max(8));
    let request = get(&list, &cookie);
    let load = client::load(at, 8, span, 200, move |_| Some(request.clone()))?;
    compared(
        figures,
        "channel list, times Wagtail's list of pages",
        ours.list,
        &load,
        200.0,
    );
    let pages = std::fs::read_to_string(folder.join("site/pages"))?;
    let pages: Vec<String> = pages.lines().map(str::to_owned).collect();
    let token = token_of(&ask(at, &format!("/admin/pages/{}/edit/", pages[0]), &cookie).await?)?;
    let load = client::load(at, 8, span, 302, move |nth| {
        let id = &pages[nth % pages.len()];
        // A slug that no other page has: Wagtail shows the form again otherwise.
        let form = format!(
            "csrfmiddlewaretoken={token}&title=Page+{id}&slug=bench-{id}&seo_title=&search_description=\
             &go_live_at=&expire_at=&comments-TOTAL_FORMS=0&comments-INITIAL_FORMS=0\
             &comments-MIN_NUM_FORMS=0&comments-MAX_NUM_FORMS=&action-submit=1"
        );
        Some(run::form(
            at,
            &format!("/admin/pages/{id}/edit/"),
            &cookie,
            &form,
        ))
    })?;
    compared(
        figures,
        "signing, times Wagtail's submitting for moderation",
        ours.submit,
        &load,
        75.0,
    );
    server.stop().await
}

fn compared(figures: &mut Figures, what: &str, ours: f64, theirs: &client::Load, target: f64) {
    let bad = match theirs.wrong {
        0 => String::new(),
        wrong => format!(", **{wrong} of {} answers were not good**", theirs.answers),
    };
    let note = format!(
        "ours {ours:.0}/s, Wagtail's {:.1}/s{bad}",
        theirs.per_second
    );
    figures.add(
        what,
        ours / theirs.per_second,
        "×",
        Target::AtLeast(target),
        note,
    );
}

async fn ask(at: SocketAddr, path: &str, cookie: &str) -> Result<Answer, Stop> {
    Line::open(at).await?.ask(&get(path, cookie)).await
}

fn token_of(page: &Answer) -> Result<String, Stop> {
    let page = page.text();
    let token = page
        .split_once("name=\"csrfmiddlewaretoken\" value=\"")
        .and_then(|(_, rest)| rest.split_once('"'));
    token
        .map(|(token, _)| token.to_owned())
        .ok_or_else(|| "Wagtail's page has no token".into())
}

fn cookies(answer: &Answer) -> Vec<String> {
    answer
        .head
        .lines()
        .filter_map(|line| {
            line.strip_prefix("Set-Cookie: ")
                .or(line.strip_prefix("set-cookie: "))
        })
        .filter_map(|value| value.split(';').next().map(str::to_owned))
        .collect()
}

async fn sign_in(at: SocketAddr) -> Result<String, Stop> {
    let page = ask(at, "/admin/login/", "").await?;
    let cookie = cookies(&page).join("; ");
    let form = format!(
        "csrfmiddlewaretoken={}&username={LOGIN}&password={}&next=/admin/",
        token_of(&page)?,
        PASSWORD.replace('!', "%21"),
    );
    let answer = Line::open(at)
        .await?
        .ask(&run::form(at, "/admin/login/", &cookie, &form))
        .await?;
    let cookie = cookies(&answer).join("; ");
    if cookie.contains("sessionid") {
        Ok(cookie)
    } else {
        Err(format!("Wagtail does not let us in: {}", answer.status).into())
    }
}
