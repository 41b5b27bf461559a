//! Exports of a thousand pages: cancelled half way, left by their reader, and made to the end.

use super::{
    crash::{PASSWORD, start},
    machine::{Browser, Place, Server, force, on_both_databases, rows},
};
use sea_orm::DatabaseConnection;
use std::{
    fs,
    time::{Duration, Instant},
};
use zhendi_kernel::testing::Backend;

/// So many more channels of a unit, told from the first.
async fn multiply(db: &DatabaseConnection, backend: Backend, count: u32) {
    let columns = match backend {
        Backend::Sqlite => "SELECT name FROM pragma_table_info('channel') WHERE name <> 'id'",
        Backend::Postgres => {
            "SELECT column_name::text FROM information_schema.columns \
             WHERE table_name = 'channel' AND column_name <> 'id'"
        }
    };
    let columns: Vec<String> = rows(db, columns).await.into_iter().flatten().collect();
    let columns = columns
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ");
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
         INSERT INTO channel ({columns}) SELECT {columns} FROM channel, n \
         WHERE channel.id = (SELECT min(id) FROM channel WHERE running_state = 'live')"
    );
    force(db, &sql).await;
}

/// The processes of a server that set tables.
fn typesetters(server: &Server) -> Vec<u32> {
    let parent = format!("\nPPid:\t{}\n", server.pid());
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers
        .filter(|pid: &u32| {
            let read = |file: &str| fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            String::from_utf8_lossy(&read("status")).contains(&parent)
                && String::from_utf8_lossy(&read("cmdline")).contains("typeset")
        })
        .collect()
}

/// A figure of a process in megabytes.
fn megabytes(pid: u32, key: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(key))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// What lies in the data folder: files with names.
fn lying(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.data()).unwrap().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("zhendi.db"))
        .collect();
    names.sort();
    names
}

async fn until(what: &str, patience: u64, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(patience), "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn exports(browser: &Browser) -> String {
    browser.get("/exports").await.unwrap().text
}

/// The number before ` / ` in the progress of the page.
fn written(page: &str) -> u64 {
    let number = page.split("progress-num\">").nth(1);
    let number = number.and_then(|rest| rest.split(' ').next());
    number.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

async fn a_thousand_pages_are_cancelled_half_way(backend: Backend) {
    let place = Place::new(backend).await;
    let server = start(&place);
    let db = place.database().await;
    multiply(&db, backend, 15_000).await;
    let browser = server.enter("xuanchuan", PASSWORD).await;
    // Spreadsheets are made while one waits; the server has done such work before it is measured.
    assert_eq!(
        browser.get("/forms/annex-1.xlsx").await.unwrap().status,
        200
    );
    let before = (lying(&place), megabytes(server.pid(), "VmRSS:"));

    let answer = browser.get("/forms/annex-1.pdf").await.unwrap();
    assert_eq!((answer.status, answer.location.as_str()), (303, "/exports"));
    until("the work goes on", 240, async || {
        written(&exports(&browser).await) > 7_000
    })
    .await;
    let setters = typesetters(&server);
    assert_eq!(setters.len(), 1, "one process sets the pages");
    let most = megabytes(setters[0], "VmHWM:");
    assert!(most < 600, "a part of the table takes {most} MB");
    let id = exports(&browser).await;
    let id = id
        .split("/exports/")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .unwrap();
    let cancel = format!("/exports/{id}/cancellations");
    let cancel = browser.json(&cancel, &serde_json::json!({})).await.unwrap();
    assert_eq!(cancel.status, 303, "{}", cancel.text);

    until("its process ends", 10, async || {
        typesetters(&server).is_empty()
    })
    .await;
    let page = exports(&browser).await;
    assert!(
        page.contains("已取消") && !page.contains("正在导出"),
        "{page}"
    );
    assert_eq!(lying(&place), before.0, "nothing lies about");
    let after = megabytes(server.pid(), "VmHWM:");
    assert!(
        after < before.1 + 120,
        "the server grew from {} to {after} MB",
        before.1
    );
    assert_eq!(browser.get("/channels").await.unwrap().status, 200);
}
on_both_databases!(a_thousand_pages_are_cancelled_half_way);

async fn whoever_closes_the_page_ends_the_work(backend: Backend) {
    let place = Place::new(backend).await;
    let server = start(&place);
    multiply(&place.database().await, backend, 1_800).await;
    let browser = server.enter("xuanchuan", PASSWORD).await;
    let reader = browser.clone();
    let reading = tokio::spawn(async move { reader.get("/forms/annex-1.pdf").await });
    until("the work begins", 30, async || {
        !typesetters(&server).is_empty()
    })
    .await;
    reading.abort();
    until("the work ends", 10, async || {
        typesetters(&server).is_empty()
    })
    .await;
    assert_eq!(
        rows(&place.database().await, "SELECT id FROM print")
            .await
            .len(),
        0,
        "nothing left the house"
    );

    // Whoever waits gets it.
    let file = browser.get("/forms/annex-1.pdf").await.unwrap();
    assert_eq!(file.status, 200);
    assert!(file.text.starts_with("%PDF-"));
}
on_both_databases!(whoever_closes_the_page_ends_the_work);

async fn a_long_export_is_made_and_fetched(backend: Backend) {
    let place = Place::new(backend).await;
    let server = start(&place);
    multiply(&place.database().await, backend, 2_200).await;
    let browser = server.enter("xuanchuan", PASSWORD).await;
    let answer = browser.get("/forms/annex-1.pdf").await.unwrap();
    assert_eq!((answer.status, answer.location.as_str()), (303, "/exports"));
    until("it is made", 60, async || {
        exports(&browser).await.contains("可下载")
    })
    .await;
    let page = exports(&browser).await;
    let path = page
        .split("href=\"/exports/")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let file = browser
        .get(&format!("/exports/{}", path.unwrap()))
        .await
        .unwrap();
    assert_eq!(file.status, 200);
    assert!(file.text.starts_with("%PDF-") && file.text.trim_end().ends_with("%%EOF"));
}
on_both_databases!(a_long_export_is_made_and_fetched);

/// The command that the program calls: what is not a whole table is no document.
#[test]
fn typesetting_refuses_halves() {
    let place = Place::at(None);
    let refused = place.run(&["typeset"]).expect(1);
    assert!(refused.out.is_empty());
    assert!(
        refused.err.contains("the rows end before their end"),
        "{refused:?}"
    );
}
