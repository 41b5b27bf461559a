//! Links asked for on a real site, told in the text.

use super::Known;
use crate::{
    check::{self, Found, Report, Where},
    dictionary::Severity,
    ids::ManuscriptId,
    manuscript,
    testing::{School, setup as school},
};
use axum::{
    Router,
    extract::{Path, State},
    http::{Method, StatusCode},
};
use chrono::TimeDelta;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use zhendi_kernel::{
    jobs::{self, NewJob},
    testing::{Setup, TestApp},
};

fn setup() -> Setup {
    Setup {
        configure: |config| {
            config.outgoing.allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
        },
        ..school()
    }
}

/// What a site answers by path, and how often it was asked.
#[derive(Default)]
struct Desk {
    answers: HashMap<String, u16>,
    asked: Vec<(Method, String)>,
}

type Shared = Arc<Mutex<Desk>>;

async fn site(answers: &[(&str, u16)]) -> (String, Shared) {
    let desk = Shared::default();
    desk.lock().unwrap().answers = answers
        .iter()
        .map(|(path, code)| ((*path).to_owned(), *code))
        .collect();
    let answer = |State(desk): State<Shared>, method: Method, Path(path): Path<String>| async move {
        let mut desk = desk.lock().unwrap();
        desk.asked.push((method.clone(), path.clone()));
        let code = match (path.as_str(), method) {
            // As many sites do.
            ("nohead", Method::HEAD) => 405,
            (path, _) => desk.answers.get(path).copied().unwrap_or(404),
        };
        StatusCode::from_u16(code).unwrap()
    };
    let router = Router::new()
        .route("/{path}", axum::routing::any(answer))
        .with_state(desk.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, desk)
}

/// What the author's check says of the links.
async fn told(school: &School, id: ManuscriptId) -> (Vec<Found>, usize) {
    let of = manuscript::load(school.db.read(), id).await.unwrap();
    let draft = check::Draft::working(&of, school.app.clock.today());
    let Report {
        mut findings,
        waiting,
        ..
    } = check::examine(&school.app, draft).await.unwrap();
    findings.retain(|found| found.kind == check::FoundKind::Link);
    (findings, waiting)
}

/// The round of the night.
async fn night(school: &School) {
    let tx = school.db.begin().await.unwrap();
    jobs::enqueue(
        &tx,
        &school.app,
        NewJob::new("link.again", serde_json::json!({})),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    school.run_jobs().await;
}

async fn what_leads_nowhere_is_told_where_it_stands(app: TestApp) {
    let school = School::new(app).await;
    school.run_jobs().await;
    let (base, desk) = site(&[
        ("well", 200),
        ("nohead", 200),
        ("login", 403),
        ("broken", 502),
    ])
    .await;
    let html = format!(
        "<p>详见<a href=\"{base}/well\">官网</a>、<a href=\"{base}/nohead\">图书馆</a>、\
         <a href=\"{base}/none?a=1&amp;b=2#x\">旧的<b>通知</b></a>、<a href=\"{base}/login\">系统</a>、\
         <a href=\"{base}/broken\">平台</a>、<a href=\"http://127.0.0.1:1/\">没有应答的网站</a>、\
         <a href=\"http://10.255.255.1/\">办公网</a>、<a href=\"http://u:p@127.0.0.1:1/\">后台</a>。</p>"
    );
    let id = school.draft("关于消防演练的通知", &html).await;
    assert_eq!(told(&school, id).await, (vec![], 8));
    school.run_jobs().await;
    let (found, waiting) = told(&school, id).await;
    // Two may yet get better.
    assert_eq!(waiting, 2);
    let of = manuscript::load(school.db.read(), id).await.unwrap();
    let letters: Vec<char> = of.content.html.chars().collect();
    let plain: Vec<char> = manuscript::plain(&of.content.html).chars().collect();
    let seen: Vec<_> = found
        .iter()
        .map(|one| {
            (
                one.rule.as_str(),
                one.severity,
                letters[one.html.clone()].iter().collect::<String>(),
                plain[one.chars.clone()].iter().collect::<String>(),
            )
        })
        .collect();
    let expected =
        |rule, severity, html: &str, words: &str| (rule, severity, html.into(), words.into());
    assert_eq!(
        seen,
        [
            expected("link.gone", Severity::Error, "旧的<b>通知", "旧的通知"),
            expected("link.refused", Severity::Notice, "系统", "系统"),
            expected("link.inside", Severity::Warning, "办公网", "办公网"),
            expected("link.unusable", Severity::Error, "后台", "后台"),
        ]
    );
    assert!(found[0].message.contains("404"), "{}", found[0].message);
    for minutes in [3, 15] {
        school.pass(TimeDelta::minutes(minutes));
        school.run_jobs().await;
    }
    let (found, waiting) = told(&school, id).await;
    assert_eq!(waiting, 0);
    let rules: Vec<_> = found.iter().map(|one| one.rule.as_str()).collect();
    assert!(
        rules.contains(&"link.failing") && rules.contains(&"link.silent"),
        "{rules:?}"
    );

    // The head only, where that is enough; what is settled is not asked again by another text.
    let asked = std::mem::take(&mut desk.lock().unwrap().asked);
    let of = |path: &str| {
        asked
            .iter()
            .filter(|(_, at)| at == path)
            .map(|(method, _)| method.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("well"), [Method::HEAD]);
    assert_eq!(of("nohead"), [Method::HEAD, Method::GET]);
    assert_eq!(of("broken").len(), 6);
    let link = format!("<p>见<a href=\"{base}/none?a=1&b=2\">通知</a>。</p>");
    let other = school.draft("再次通知", &link).await;
    school.run_jobs().await;
    assert!(desk.lock().unwrap().asked.is_empty());
    assert_eq!(told(&school, other).await.0.len(), 1);
}

async fn reviewers_see_what_holds_on_their_day(app: TestApp) {
    let school = School::new(app).await;
    let (base, desk) = site(&[("a", 200), ("source", 404)]).await;
    let html =
        format!("<p>学院定于本周五下午举行消防演练，详见<a href=\"{base}/a\">学校官网</a>。</p>");
    let id = school.draft("消防演练", &html).await;
    school.run_jobs().await;
    school.submit(id).await.unwrap();
    school.run_jobs().await;
    let page = async || {
        let reviewer = school.acting(school.admin).await;
        let answer = school
            .client(&reviewer)
            .get(&format!("/manuscripts/{id}/review?full=1"))
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.text().to_owned()
    };
    assert!(!page().await.contains("链接打不开"));
    // The site loses the page while the text waits; the night's round finds it.
    desk.lock().unwrap().answers.remove("a");
    school.pass(TimeDelta::hours(24));
    night(&school).await;
    let shown = page().await;
    assert!(
        shown.contains("链接打不开：127.0.0.1 回答 404，没有这个网页"),
        "{shown}"
    );
    // The site is mended, the text is not touched.
    desk.lock().unwrap().answers.insert("a".into(), 200);
    school.pass(TimeDelta::hours(24));
    let course = school.course(id).await;
    let tx = school.db.begin().await.unwrap();
    let version = manuscript::version(&tx, course.content().0).await.unwrap();
    super::want(&tx, &school.app, &super::all(&version.content))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    school.run_jobs().await;
    assert!(!page().await.contains("链接打不开"));
}

async fn what_a_process_took_and_died_with_is_asked_again(app: TestApp) {
    let school = School::new(app).await;
    let (base, _desk) = site(&[]).await;
    let html = format!("<p>消防演练的通知见<a href=\"{base}/none\">官网</a>。</p>");
    let id = school.draft("消防演练", &html).await;
    let until = school.now() + TimeDelta::minutes(30);
    let taken = super::store::take(&school.app, 60, until).await.unwrap();
    assert_eq!(taken.len(), 1);
    school.run_jobs().await;
    assert_eq!(told(&school, id).await, (vec![], 1));
    school.pass(TimeDelta::minutes(31));
    school.submit(id).await.unwrap();
    school.run_jobs().await;
    let (found, waiting) = told(&school, id).await;
    assert_eq!((found.len(), waiting), (1, 0));
}

async fn the_source_of_a_reprint_is_looked_at_too(app: TestApp) {
    let school = School::new(app).await;
    let (base, _desk) = site(&[]).await;
    let author = school.acting(school.author).await;
    let draft = manuscript::Draft {
        origin: manuscript::Origin::Reprint,
        source: "江海日报".into(),
        source_link: format!("{base}/source"),
        source_title: "消防演练".into(),
        ..crate::testing::content(school.channel, "消防演练", crate::testing::TEXT)
    };
    let made = manuscript::begin(&school.app, &author, school.college, draft)
        .await
        .unwrap();
    school.run_jobs().await;
    let (found, _) = told(&school, made.id).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].place, Where::Beside("原文链接"));
    // Nobody has asked of it for two months: nothing is kept.
    school.pass(TimeDelta::days(61));
    night(&school).await;
    let left: HashMap<String, Known> = super::known(school.db.read(), &[format!("{base}/source")])
        .await
        .unwrap();
    assert!(left.is_empty());
}

zhendi_kernel::on_both_databases!(what_leads_nowhere_is_told_where_it_stands, super::setup);
zhendi_kernel::on_both_databases!(reviewers_see_what_holds_on_their_day, super::setup);
zhendi_kernel::on_both_databases!(the_source_of_a_reprint_is_looked_at_too, super::setup);
zhendi_kernel::on_both_databases!(
    what_a_process_took_and_died_with_is_asked_again,
    super::setup
);
