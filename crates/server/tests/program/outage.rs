//! The database server is gone for a while; and many people come at the same moment.

use super::{
    crash::{self, PASSWORD, opening},
    machine::{Place, Server},
};
use std::{
    process::Command,
    time::{Duration, Instant},
};
use zhendi_kernel::testing::Backend;

/// A PostgreSQL cluster of this test's own.
struct Cluster {
    folder: String,
    address: String,
}

fn script(args: &[&str]) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres.sh");
    let output = Command::new(path).args(args).output().unwrap();
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

impl Cluster {
    fn start() -> Self {
        let said = script(&["start"]);
        let value = |name: &str| {
            let line = said
                .lines()
                .find_map(|line| line.strip_prefix(&format!("export {name}=")));
            line.unwrap().to_owned()
        };
        Self {
            folder: value("ZHENDI_TEST_PG_DIR"),
            address: value("ZHENDI_TEST_PG"),
        }
    }

    /// Every process of it.
    fn signal(&self, signal: &str) {
        let file = format!("{}/data/postmaster.pid", self.folder);
        let Ok(text) = std::fs::read_to_string(file) else {
            return; // it is halted
        };
        let master = text.lines().next().unwrap().to_owned();
        let children = Command::new("ps")
            .args(["-o", "pid=", "--ppid", &master])
            .output()
            .unwrap();
        let children = String::from_utf8(children.stdout).unwrap();
        for pid in children.split_whitespace().chain([master.as_str()]) {
            let _ = Command::new("kill").args([signal, pid]).status();
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.signal("-CONT");
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres.sh");
        let _ = Command::new(path).args(["stop", &self.folder]).status();
    }
}

/// Until the program serves again by itself.
async fn recovers(server: &Server, cast: &crash::Cast, name: &str) {
    let began = Instant::now();
    loop {
        let answer = cast
            .liaison
            .json("/api/v1/filings", &opening(cast.unit, name))
            .await;
        if answer.is_ok_and(|answer| answer.status == 201) {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "it does not recover: {}",
            server.log()
        );
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert_eq!(server.browser().get("/readyz").await.unwrap().status, 200);
}

/// For ten seconds every page is a clear 503, none hangs and nothing is acknowledged.
async fn suffers(server: &Server, cast: &crash::Cast) {
    let began = Instant::now();
    let mut seen = 0;
    while began.elapsed() < Duration::from_secs(10) {
        let asked = Instant::now();
        let page = cast.liaison.get("/channels").await.unwrap();
        assert_eq!(page.status, 503, "{}", page.text);
        assert!(page.text.contains("暂时无法"), "{}", page.text);
        assert!(
            asked.elapsed() < Duration::from_secs(12),
            "a page took {:?}",
            asked.elapsed()
        );
        let posted = cast
            .liaison
            .json("/api/v1/filings", &opening(cast.unit, "停机期间"))
            .await
            .unwrap();
        assert_eq!(posted.status, 503, "{}", posted.text);
        seen += 1;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(seen > 0);
    assert_eq!(server.browser().get("/readyz").await.unwrap().status, 503);
    assert_eq!(server.browser().get("/healthz").await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_server_that_is_gone_is_a_clear_503_and_comes_back_by_itself() {
    let cluster = Cluster::start();
    let place = Place::at(Some(cluster.address.clone()));
    let server = crash::start(&place);
    let cast = crash::enter(&server).await;
    script(&["halt", &cluster.folder]);
    suffers(&server, &cast).await;
    script(&["again", &cluster.folder]);
    recovers(&server, &cast, "停机以后").await;
    // Alive, but silent: connections stay open and nobody answers.
    cluster.signal("-STOP");
    suffers(&server, &cast).await;
    cluster.signal("-CONT");
    recovers(&server, &cast, "静默以后").await;
    assert_eq!(server.stop().0, 0);
    let verified = place.run(&["verify-audit"]).expect(0);
    assert!(verified.out.contains("审计记录链完整"), "{verified:?}");
}

/// The most memory that a process ever had at once, in KiB.
fn peak(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

const PEOPLE: [&str; 8] = [
    "lianluo",
    "danweifuze",
    "xuanchuanyuan",
    "xuanchuan",
    "fenguan",
    "dangwei",
    "wangxin",
    "shenji",
];

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_people_sign_in_at_once_in_bounded_memory() {
    let place = Place::new(Backend::Sqlite).await;
    crash::start(&place).stop();
    let server = crash::start(&place);
    server.enter("lianluo", PASSWORD).await;
    let before = peak(&server);
    let coming: Vec<_> = PEOPLE
        .iter()
        .cycle()
        .take(16)
        .map(|login| {
            let mut browser = server.browser();
            tokio::spawn(async move { browser.sign_in(login, PASSWORD).await.unwrap().status })
        })
        .collect();
    for came in coming {
        assert_eq!(came.await.unwrap(), 303);
    }
    // Each password takes 19 MiB while it is checked; two are checked at once, in memory used again and again.
    let grown = peak(&server) - before;
    println!("16 at once: {} MiB more than after one", grown / 1024);
    assert!(grown < 64 * 1024, "it grew by {} MiB", grown / 1024);
}
