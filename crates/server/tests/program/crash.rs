//! Killed in the middle of work: whatever was acknowledged is there, nothing is half done.

use super::machine::{Answer, Browser, Place, Server, number, on_both_databases, rows};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use zhendi_kernel::testing::Backend;

pub(crate) const PASSWORD: &str = "Shuimo-Danqing-7788";

/// Signed in with one account of each role on the way of a filing.
#[derive(Clone)]
pub(crate) struct Cast {
    pub liaison: Browser,
    head: Browser,
    officer: Browser,
    chief: Browser,
    pub unit: i64,
}

pub(crate) fn start(place: &Place) -> Server {
    let mut command = place.command(&["demo", "--listen", "127.0.0.1:0"]);
    command
        .env("ZHENDI_DEMO_PASSWORD", PASSWORD)
        .env("ZHENDI_LOG_LEVEL", "debug");
    Server::of(command)
}

pub(crate) async fn enter(server: &Server) -> Cast {
    let liaison = server.enter("lianluo", PASSWORD).await;
    let units = liaison
        .get("/api/v1/units?per_page=200")
        .await
        .unwrap()
        .json();
    let units = units["items"].as_array().unwrap();
    let own = units
        .iter()
        .find(|unit| unit["short_name"] == "信工学院")
        .expect("the liaison's unit");
    Cast {
        head: server.enter("danweifuze", PASSWORD).await,
        officer: server.enter("xuanchuanyuan", PASSWORD).await,
        chief: server.enter("xuanchuan", PASSWORD).await,
        unit: own["id"].as_i64().unwrap(),
        liaison,
    }
}

pub(crate) fn opening(unit: i64, account: &str) -> Value {
    let person = |name: &str, phone: &str| json!({ "name": name, "post": "教师", "phone": phone, "employment": "permanent" });
    json!({
        "unit": unit,
        "content": {
            "name": account, "address_or_id": account, "certified_body": "示例职业技术学院",
            "platform": "xiaohongshu", "posting_frequency": "每周", "responsible_department": "办公室",
            "holder": "unit", "second_reason": "面向不同专业",
        },
        "contacts": {
            "leader": person("周院长", "13800139901"),
            "reviewers": [person("吴秘书", "13800139902")],
            "operators": [person("郑老师", "13800139903")],
        },
    })
}

/// What the server said it has done: of each filing, how many things.
#[derive(Default)]
struct Acknowledged {
    steps: std::sync::Mutex<BTreeMap<i64, usize>>,
    count: AtomicUsize,
}

impl Acknowledged {
    fn note(&self, filing: i64, step: usize) {
        self.steps.lock().unwrap().insert(filing, step);
        self.count.fetch_add(1, Ordering::SeqCst);
    }
}

/// The verbs on the way, with who does them; drafting is step 1.
const VERBS: [&str; 4] = ["submissions", "signatures", "checks", "decisions"];
const STAGES: [&str; 5] = [
    "draft",
    "awaiting_unit_head",
    "awaiting_officer_check",
    "awaiting_decision",
    "effective",
];

/// Takes a filing from the step that it has to another; none when the server is gone.
async fn go(
    cast: &Cast,
    acknowledged: &Acknowledged,
    account: &str,
    known: Option<i64>,
    from: usize,
    to: usize,
) -> Option<i64> {
    let mut id = known;
    for step in from + 1..=to {
        let who = [
            &cast.liaison,
            &cast.liaison,
            &cast.head,
            &cast.officer,
            &cast.chief,
        ][step - 1];
        let answer = match id {
            None => who
                .json("/api/v1/filings", &opening(cast.unit, account))
                .await
                .ok()?,
            Some(id) => {
                let said = json!({
                    "version": step - 1,
                    "confirmed": ["name", "avatar", "certified_body", "staff", "one_account"],
                });
                let path = format!("/api/v1/filings/{id}/{}", VERBS[step - 2]);
                who.json(&path, &said).await.ok()?
            }
        };
        assert!(
            matches!(answer.status, 200 | 201),
            "step {step} of {account}: {} {}",
            answer.status,
            answer.text
        );
        let done = answer.json();
        assert_eq!(done["stage"], STAGES[step - 1]);
        id = done["id"].as_i64();
        acknowledged.note(id.unwrap(), step);
    }
    id
}

async fn killed_in_the_middle(backend: Backend) {
    let place = Place::new(backend).await;
    let server = start(&place);
    let cast = enter(&server).await;
    let acknowledged = Arc::new(Acknowledged::default());
    let mut signed = vec![];
    for n in 0..100 {
        let account = format!("prepared-{n}");
        signed.push(
            go(&cast, &acknowledged, &account, None, 0, 2)
                .await
                .unwrap(),
        );
    }
    let prepared = acknowledged.count.load(Ordering::SeqCst);
    let mut storm = tokio::task::JoinSet::new();
    for n in 0..100 {
        let (cast, acknowledged) = (cast.clone(), Arc::clone(&acknowledged));
        storm.spawn(async move { go(&cast, &acknowledged, &format!("new-{n}"), None, 0, 2).await });
    }
    for id in signed {
        let (cast, acknowledged) = (cast.clone(), Arc::clone(&acknowledged));
        storm.spawn(async move { go(&cast, &acknowledged, "", Some(id), 2, 5).await });
    }
    // 100 × 2 + 100 × 3 things are under way; it ends when half of them are done.
    while acknowledged.count.load(Ordering::SeqCst) < prepared + 250 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let log = server.log();
    server.kill();
    let mut unfinished = 0;
    while let Some(ended) = storm.join_next().await {
        unfinished += usize::from(ended.expect("no refusal before the end").is_none());
    }
    assert!(unfinished > 20, "it was in the middle: {unfinished}");
    for secret in [PASSWORD, "1380013", "周院长", "宋雅婷", "danweifuze"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }

    place.run(&["verify-audit"]).expect(0);
    let server = start(&place);
    let db = place.database().await;
    everything_is_whole(&db, &acknowledged).await;

    // It goes on: what was under way is finished by those whose turn it is.
    let cast = enter(&server).await;
    let waiting = rows(&db, "SELECT id, version FROM filing WHERE stage = 'awaiting_officer_check' AND name LIKE 'prepared-%'").await;
    for row in waiting.iter().take(3) {
        let id = row[0].parse().unwrap();
        go(&cast, &acknowledged, "", Some(id), 3, 5)
            .await
            .expect("a server that serves");
    }
    everything_is_whole(&db, &acknowledged).await;
    two_sign_at_once(&server).await;
    sixteen_come_at_once(&server).await;
    db.close().await.unwrap();
    let (code, took) = server.stop();
    assert_eq!(code, 0);
    assert!(took.as_secs() < 15, "{took:?}");
    place.run(&["verify-audit"]).expect(0);
}
on_both_databases!(killed_in_the_middle);

/// Every acknowledged thing is there; of each filing, state, acts, work and record agree.
async fn everything_is_whole(db: &DatabaseConnection, acknowledged: &Acknowledged) {
    let of = async |sql: &str| -> BTreeMap<i64, Vec<String>> {
        let mut found: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for row in rows(db, sql).await {
            found
                .entry(row[0].parse().unwrap())
                .or_default()
                .extend(row[1..].iter().cloned());
        }
        found
    };
    const OURS: &str = "(SELECT id FROM filing WHERE name LIKE 'prepared-%' OR name LIKE 'new-%')";
    let filings = rows(
        db,
        &format!("SELECT id, stage, awaiting_role, round, channel_id, document_number FROM filing WHERE id IN {OURS}"),
    )
    .await;
    let acts = of(&format!("SELECT filing_id, step FROM filing_act WHERE filing_id IN {OURS} ORDER BY filing_id, position")).await;
    let work = of(&format!("SELECT subject_id, kind FROM work_item WHERE subject_kind = 'filing' AND closed_at IS NULL AND subject_id IN {OURS}")).await;
    let record = of(&format!("SELECT subject_id, action FROM audit WHERE subject_kind = 'filing' AND subject_id IN {OURS} ORDER BY seq")).await;
    let claims = of("SELECT filing_id, key FROM identity WHERE filing_id IS NOT NULL").await;
    let claimed = of("SELECT channel_id, key FROM identity WHERE channel_id IS NOT NULL").await;
    let channels = of("SELECT id, filing_state FROM channel").await;
    let none: Vec<String> = vec![];
    let mut numbers = vec![];
    for filing in &filings {
        let id: i64 = filing[0].parse().unwrap();
        let at = STAGES
            .iter()
            .position(|stage| *stage == filing[1])
            .expect(&filing[1]);
        let what = format!("filing {id}: {filing:?}");
        assert_eq!(
            filing[2],
            ["", "unit_head", "publicity_officer", "publicity_head", ""][at],
            "{what}"
        );
        assert_eq!(filing[3], usize::from(at > 0).to_string(), "{what}");
        let steps = ["signature", "check", "decision"];
        assert_eq!(
            acts.get(&id).unwrap_or(&none)[..],
            steps[..at.saturating_sub(1)],
            "{what}"
        );
        let waiting: &[&str] = [
            &[][..],
            &["filing.sign"],
            &["filing.check"],
            &["filing.decide"],
            &[],
        ][at];
        assert_eq!(work.get(&id).unwrap_or(&none)[..], *waiting, "{what}");
        let done = [
            "filing.drafted",
            "filing.submitted",
            "filing.signed",
            "filing.checked",
            "filing.approved",
        ];
        assert_eq!(record.get(&id).unwrap_or(&none)[..], done[..=at], "{what}");
        if at == 4 {
            let channel: i64 = filing[4].parse().expect(&what);
            assert_eq!(channels[&channel], ["filed"], "{what}");
            assert!(
                claimed.contains_key(&channel) && !claims.contains_key(&id),
                "{what}"
            );
            assert!(!filing[5].is_empty(), "{what}");
            numbers.push(filing[5].clone());
        } else {
            assert_eq!((filing[4].as_str(), filing[5].as_str()), ("", ""), "{what}");
            assert_eq!(claims.contains_key(&id), at > 0, "{what}");
        }
    }
    numbers.sort();
    let all = numbers.len();
    numbers.dedup();
    assert_eq!(numbers.len(), all, "a number was given twice");
    let given = number(
        db,
        "SELECT COUNT(*) FROM filing WHERE document_number IS NOT NULL",
    )
    .await;
    let last = number(db, "SELECT MAX(last) FROM filing_number").await;
    assert_eq!(given, last, "a number is missing");
    for (id, step) in acknowledged.steps.lock().unwrap().iter() {
        let filing = filings.iter().find(|row| row[0] == id.to_string());
        let filing = filing.unwrap_or_else(|| panic!("filing {id} was acknowledged and is gone"));
        let at = STAGES.iter().position(|stage| *stage == filing[1]).unwrap();
        assert!(
            at + 1 >= *step,
            "step {step} of {id} was acknowledged: {filing:?}"
        );
    }
}

/// One who heads a unit and one who acts for them by delegation.
async fn two_sign_at_once(server: &Server) {
    let liaison = server.enter("jingguanlianluo", PASSWORD).await;
    let heads = [
        server.enter("jingguan", PASSWORD).await,
        server.enter("jingguanfu", PASSWORD).await,
    ];
    let units = liaison
        .get("/api/v1/units?per_page=200")
        .await
        .unwrap()
        .json();
    let own = units["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|unit| unit["short_name"] == "经管学院")
        .unwrap();
    let made = liaison
        .json(
            "/api/v1/filings",
            &opening(own["id"].as_i64().unwrap(), "at-once"),
        )
        .await
        .unwrap()
        .json();
    let path = format!("/api/v1/filings/{}", made["id"]);
    let handed = liaison
        .json(&format!("{path}/submissions"), &json!({ "version": 1 }))
        .await
        .unwrap();
    assert_eq!(handed.status, 200, "{}", handed.text);
    let sign = async |who: &Browser| -> Answer {
        who.json(&format!("{path}/signatures"), &json!({ "version": 2 }))
            .await
            .unwrap()
    };
    let (one, two) = tokio::join!(sign(&heads[0]), sign(&heads[1]));
    let mut both = [one.status, two.status];
    both.sort_unstable();
    assert_eq!(both, [200, 409], "{} {}", one.text, two.text);
    let loser = if one.status == 409 { &one } else { &two };
    assert!(
        loser.json()["detail"].as_str().unwrap().contains("签署"),
        "{}",
        loser.text
    );
    let acts = liaison.get(&path).await.unwrap().json();
    assert_eq!(acts["acts"].as_array().unwrap().len(), 1);
}

/// Hashing is bounded: who comes when too many do waits, or is told to.
async fn sixteen_come_at_once(server: &Server) {
    let logins = [
        "dangwei",
        "fenguan",
        "xuanchuan",
        "xuanchuanfu",
        "xuanchuanyuan",
        "wangxin",
        "danweifuze",
        "lianluo",
        "guanliyuan",
        "guanliyuanb",
        "nigao",
        "hudong",
        "xitong",
        "anquan",
        "shenji",
        "tushuguan",
    ];
    let mut coming = tokio::task::JoinSet::new();
    for login in logins {
        let mut browser = server.browser();
        coming.spawn(async move { browser.sign_in(login, PASSWORD).await.unwrap() });
    }
    let mut entered = 0;
    while let Some(answer) = coming.join_next().await {
        let answer = answer.unwrap();
        match answer.status {
            303 => entered += 1,
            429 | 503 => assert!(answer.text.contains("<html lang=\"zh"), "{}", answer.text),
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert!(entered >= 4, "{entered}");
    assert_eq!(server.browser().get("/readyz").await.unwrap().status, 200);
}
