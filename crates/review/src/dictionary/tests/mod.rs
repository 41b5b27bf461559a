//! The dictionaries from the first word to the import, on both databases.

use super::{
    import,
    terms::{NewWord, Severity, Unfit, WordKind, read_form, split},
};
use axum::http::Method;
use chrono::NaiveDate;
use serde_json::{Value, json};
use zhendi_kernel::{
    Actor, Role, UnitId,
    actor::Scope,
    migrations,
    testing::{Setup, TestApp, actor},
};
use zhendi_people::unit::{self, NewUnit, UnitKind};

pub(crate) fn setup() -> Setup {
    Setup {
        steps: || {
            let mut steps = migrations::steps();
            steps.extend(zhendi_people::steps());
            steps.extend(zhendi_registry::steps());
            steps.extend(crate::steps());
            steps
        },
        routes: || super::routes().merge(crate::check::routes()),
        ..Setup::default()
    }
}

/// A college with a keeper of all words, one of a faculty's, and one who keeps none.
pub(crate) struct House {
    pub root: UnitId,
    pub faculty: UnitId,
    pub library: UnitId,
    pub keeper: Actor,
    pub liaison: Actor,
    pub author: Actor,
}

impl House {
    pub async fn new(app: &TestApp) -> Self {
        let below = async |parent, name: &str| {
            let tx = app.db.begin().await.unwrap();
            let new = NewUnit {
                parent,
                name: name.into(),
                short_name: String::new(),
                kind: UnitKind::College,
                to_check: false,
            };
            let made = unit::create(&tx, app, &Actor::program("测试"), new).await;
            tx.commit().await.unwrap();
            made.unwrap().id
        };
        let root = below(None, "江海职业技术学院").await;
        let faculty = below(Some(root), "信息工程学院").await;
        let library = below(Some(root), "图书馆").await;
        let holds = |id, name, role, scope| actor(id, name, &[(role, scope)]);
        Self {
            root,
            faculty,
            library,
            keeper: holds(7, "白部长", Role::PublicityHead, Scope::Institution(root)),
            liaison: holds(8, "岩联络", Role::UnitLiaison, Scope::Unit(faculty)),
            author: holds(9, "玉作者", Role::Author, Scope::Unit(faculty)),
        }
    }

    /// Keeps a word by the API.
    pub async fn word(&self, app: &TestApp, by: &Actor, body: Value) -> Value {
        app.client(by)
            .json(Method::POST, "/api/v1/dictionary-words", &body)
            .await
            .expect(201)
            .json()
    }
}

fn said(kind: WordKind, word: &str, right: &[&str]) -> NewWord {
    NewWord {
        kind,
        word: word.into(),
        right: right.iter().map(|word| (*word).into()).collect(),
        category: String::new(),
        severity: kind.severity(),
        valid_from: None,
        valid_to: None,
        note: String::new(),
    }
}

#[test]
fn what_cannot_be_said_of_a_word_is_refused_with_the_reason() {
    assert_eq!(
        said(WordKind::Wrong, "网路中心", &["网络中心"]).check(),
        Ok(())
    );
    assert_eq!(
        said(WordKind::Wrong, "网路中心", &[]).check(),
        Err(Unfit::NoRight)
    );
    assert_eq!(
        said(WordKind::Wrong, "甲乙", &["甲乙"]).check(),
        Err(Unfit::SameAsWrong)
    );
    assert_eq!(
        said(WordKind::Watch, "校", &[]).check(),
        Err(Unfit::OneCharacter)
    );
    assert_eq!(said(WordKind::Allow, "校", &[]).check(), Ok(()));
    assert_eq!(
        said(WordKind::Watch, " \u{200B}", &[]).check(),
        Err(Unfit::Empty)
    );
    assert_eq!(
        said(WordKind::Watch, &"长".repeat(201), &[]).check(),
        Err(Unfit::TooLong)
    );
    let backwards = NewWord {
        valid_from: NaiveDate::from_ymd_opt(2026, 2, 1),
        valid_to: NaiveDate::from_ymd_opt(2026, 1, 1),
        ..said(WordKind::Watch, "校长", &[])
    };
    assert_eq!(backwards.check(), Err(Unfit::Days));
    assert_eq!(
        split("网络中心、 信息中心；网络中心"),
        ["网络中心", "信息中心"]
    );
    assert_eq!(read_form(" ２０２６###### ").as_deref(), Ok("2026######"));
    assert!(read_form("##").is_err());
}

const LIST: &str = "江海学院敏感词表\n词语,正确用词,类型,分类,级别,生效日期,失效日期,说明\n\
网路中心,网络中心,,机构名称,,,,更名\n\
老校名,,,,,2026年1月1日,,\n\
某某词,,不认识,,,,,\n\
独,,,,,,,\n\
网路 中心,网络中心,,,,,,\n\
临时,,不宜使用,,提示,2026-13-01,,\n";

#[test]
fn a_list_is_read_line_by_line_with_what_is_wrong_in_it() {
    let lines = import::read("词表.csv", LIST.as_bytes()).unwrap();
    let rows: Vec<u32> = lines.iter().map(|line| line.row).collect();
    assert_eq!(rows, [3, 4, 5, 6, 7, 8]);
    let first = lines[0].said.as_ref().unwrap();
    assert_eq!(
        (first.kind, first.right.as_slice()),
        (WordKind::Wrong, ["网络中心".to_owned()].as_slice())
    );
    assert_eq!(first.severity, Severity::Error);
    let second = lines[1].said.as_ref().unwrap();
    assert_eq!(second.kind, WordKind::Watch);
    assert_eq!(second.valid_from, NaiveDate::from_ymd_opt(2026, 1, 1));
    let wrong: Vec<&str> = lines[2..]
        .iter()
        .map(|line| line.said.as_ref().unwrap_err().as_str())
        .collect();
    assert!(wrong[0].contains("类型“不认识”不认识"), "{wrong:?}");
    assert!(wrong[1].contains("单个字"), "{wrong:?}");
    assert!(wrong[2].contains("重复"), "{wrong:?}");
    assert!(
        wrong[3].contains("失效日期") || wrong[3].contains("生效日期"),
        "{wrong:?}"
    );
    assert!(
        import::read("空.csv", "姓名,电话\n岩罕,1\n".as_bytes())
            .unwrap_err()
            .contains("样表")
    );
}

#[test]
fn a_list_of_one_column_is_a_list() {
    let gbk = "敏感词\r\n某某会议\r\n\r\n某某 会议\r\n另一个词\r\n";
    let lines = import::read("词表.csv", gbk.as_bytes()).unwrap();
    let rows: Vec<(u32, bool)> = lines
        .iter()
        .map(|line| (line.row, line.said.is_ok()))
        .collect();
    assert_eq!(rows, [(2, true), (4, false), (5, true)]);
    assert!(import::read("随笔.txt", "今天天气晴朗。\n".as_bytes()).is_err());
}

#[test]
fn a_dry_run_counts_what_each_word_would_hit() {
    let words = [
        said(WordKind::Wrong, "网路中心", &["网络中心"]),
        said(WordKind::Allow, "校园", &[]),
        said(WordKind::Watch, "没有", &[]),
    ];
    let texts = [
        (
            "校园网路中心通知".to_owned(),
            "请到网路中心办理。网路中心在校园东侧。".to_owned(),
        ),
        ("其他".to_owned(), "与此无关。".to_owned()),
    ];
    let hits = import::trial(
        &words,
        &texts,
        NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(),
    );
    assert_eq!((hits[&0].places, hits[&0].texts), (3, 1));
    assert_eq!(hits[&0].titles, ["校园网路中心通知"]);
    assert_eq!(hits[&1].places, 2);
    assert!(!hits.contains_key(&2));
}

async fn words_are_kept_by_their_keepers_and_by_nobody_else(app: TestApp) {
    let house = House::new(&app).await;
    let own = json!({ "unit": house.faculty, "kind": "wrong", "word": "信工青年团", "right": ["信工青年"] });
    let word = house.word(&app, &house.liaison, own.clone()).await;
    let path = format!("/api/v1/dictionary-words/{}", word["id"]);

    // The same word once only, however it is written.
    let again = json!({ "unit": house.faculty, "kind": "watch", "word": "信工 青年团" });
    app.client(&house.liaison)
        .json(Method::POST, "/api/v1/dictionary-words", &again)
        .await
        .expect(409);
    // The institution's words and another unit's are not the liaison's.
    let whole = json!({ "unit": house.root, "kind": "watch", "word": "校庆" });
    app.client(&house.liaison)
        .json(Method::POST, "/api/v1/dictionary-words", &whole)
        .await
        .expect(403);
    let other = json!({ "unit": house.library, "kind": "watch", "word": "校庆" });
    app.client(&house.liaison)
        .json(Method::POST, "/api/v1/dictionary-words", &other)
        .await
        .expect(404);
    app.client(&house.author)
        .get("/dictionaries")
        .await
        .expect(403);

    // The institution's are seen by all keepers, changed by its own.
    let theirs = house.word(&app, &house.keeper, whole).await;
    let theirs = format!("/api/v1/dictionary-words/{}", theirs["id"]);
    app.client(&house.liaison).get(&theirs).await.expect(200);
    app.client(&house.liaison)
        .json(Method::DELETE, &theirs, &json!({}))
        .await
        .expect(403);
    let library = house
        .word(
            &app,
            &house.keeper,
            json!({ "unit": house.library, "kind": "watch", "word": "闭馆" }),
        )
        .await;
    app.client(&house.liaison)
        .get(&format!("/api/v1/dictionary-words/{}", library["id"]))
        .await
        .expect(404);
    let listed = app
        .client(&house.liaison)
        .get("/api/v1/dictionary-words")
        .await
        .expect(200)
        .json();
    assert_eq!(listed["total"], 2);
    let found = app
        .client(&house.liaison)
        .get("/api/v1/dictionary-words?q=%E9%9D%92%E5%B9%B4&kind=wrong")
        .await
        .expect(200)
        .json();
    assert_eq!(found["items"][0]["word"], "信工青年团");

    // A change names what it saw.
    let change = |version: i32| json!({ "version": version, "kind": "avoid", "word": "信工青年团", "note": "已更名" });
    let changed = app
        .client(&house.liaison)
        .json(Method::PUT, &path, &change(1))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&changed["kind"], &changed["version"]),
        (&json!("avoid"), &json!(2))
    );
    app.client(&house.liaison)
        .json(Method::PUT, &path, &change(1))
        .await
        .expect(409);

    // The page tells its history; out of use and back; gone with a trace.
    let page = format!("/dictionaries/words/{}", word["id"]);
    let shown = app.client(&house.liaison).get(&page).await.expect(200);
    assert!(
        shown.text().contains("修改词条“信工青年团”"),
        "{}",
        shown.text()
    );
    app.client(&house.liaison)
        .post(&format!("{page}/switches"), &[("enabled", "0")])
        .await
        .expect(303);
    let off = app
        .client(&house.liaison)
        .get("/dictionaries?state=off")
        .await
        .expect(200);
    assert!(off.text().contains("信工青年团"));
    app.client(&house.liaison)
        .post(&format!("{page}/removals"), &[])
        .await
        .expect(303);
    app.client(&house.liaison).get(&page).await.expect(404);
    for format in ["csv", "xlsx"] {
        app.client(&house.keeper)
            .get(&format!("/dictionaries.{format}"))
            .await
            .expect(200);
    }
    app.client(&house.keeper)
        .get("/dictionaries/sample.xlsx")
        .await
        .expect(200);
}

async fn a_list_is_tried_and_then_taken_once(app: TestApp) {
    let house = House::new(&app).await;
    house.word(&app, &house.liaison, json!({ "unit": house.faculty, "kind": "watch", "word": "老校名", "valid_from": "2026-01-01" })).await;
    let unit = house.faculty.to_string();
    let sent = app
        .client(&house.liaison)
        .upload(
            "/dictionaries/imports",
            &[("unit", &unit)],
            &[("file", "词表.csv", LIST.as_bytes())],
        )
        .await
        .expect(303);
    let page = sent.location().to_owned();
    let tried = app.client(&house.liaison).get(&page).await.expect(200);
    for expected in ["类型“不认识”不认识", "单个字", "确认导入 1 条"] {
        assert!(
            tried.text().contains(expected),
            "{expected}: {}",
            tried.text()
        );
    }
    // Another keeper has no part in it.
    app.client(&house.keeper).get(&page).await.expect(404);
    app.client(&house.liaison)
        .post(&format!("{page}/confirmations"), &[])
        .await
        .expect(303);
    app.client(&house.liaison)
        .post(&format!("{page}/confirmations"), &[])
        .await
        .expect(409);
    let listed = app
        .client(&house.liaison)
        .get("/api/v1/dictionary-words")
        .await
        .expect(200)
        .json();
    assert_eq!(listed["total"], 2, "{listed}");

    let wrong = app
        .client(&house.liaison)
        .upload(
            "/dictionaries/imports",
            &[("unit", &unit)],
            &[("file", "名单.csv", "姓名,电话\n岩罕,1\n".as_bytes())],
        )
        .await
        .expect(422);
    assert!(
        wrong.text().contains("没有找到“词语”一列"),
        "{}",
        wrong.text()
    );
}

async fn forms_of_numbers_are_kept_and_taken_away(app: TestApp) {
    let house = House::new(&app).await;
    let unit = house.faculty.to_string();
    let add = async |form: &str| {
        let fields = [("unit", unit.as_str()), ("name", "学号"), ("form", form)];
        app.client(&house.liaison)
            .post("/dictionaries/numbers", &fields)
            .await
    };
    add("2026######").await.expect(303);
    add("2026######").await.expect(409);
    assert!(add("12").await.expect(422).text().contains("至少有一个 #"));
    let page = app
        .client(&house.liaison)
        .get("/dictionaries/numbers")
        .await
        .expect(200);
    assert!(page.text().contains("2026######"));
    app.client(&house.liaison)
        .post("/dictionaries/numbers/1/removals", &[])
        .await
        .expect(303);
    let page = app
        .client(&house.liaison)
        .get("/dictionaries/numbers")
        .await
        .expect(200);
    assert!(page.text().contains("还没有规则"));
}

zhendi_kernel::on_both_databases!(
    words_are_kept_by_their_keepers_and_by_nobody_else,
    super::setup
);
zhendi_kernel::on_both_databases!(a_list_is_tried_and_then_taken_once, super::setup);
zhendi_kernel::on_both_databases!(forms_of_numbers_are_kept_and_taken_away, super::setup);
