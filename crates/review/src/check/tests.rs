//! Checks of texts and attachments with the layers of a unit.

use super::{
    Draft, Found, FoundKind, Where, examine, scope::Carried, scope::Carrier, scope::Scopes,
};
use crate::{
    dictionary::{
        Severity,
        tests::{House, setup},
    },
    manuscript::{FileRef, FileRole},
};
use axum::http::Method;
use chrono::NaiveDate;
use serde_json::{Value, json};
use zhendi_kernel::{UnitId, files::Kind, testing::TestApp};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn draft(unit: UnitId, on: &str, html: &str) -> Draft {
    Draft {
        unit,
        on: day(on),
        title: String::new(),
        html: html.into(),
        category: String::new(),
        channels: vec![],
        files: vec![],
        beside: vec![],
    }
}

/// The words of a dictionary that were found in a text, with what is suggested.
async fn words(app: &TestApp, draft: Draft) -> Vec<(FoundKind, Vec<String>)> {
    let report = examine(app, draft).await.unwrap();
    let own = report
        .findings
        .into_iter()
        .filter(|found| found.word.is_some());
    own.map(|found| (found.kind, found.suggestions)).collect()
}

async fn lower_layers_speak_over_higher_ones_and_changes_hold_at_once(app: TestApp) {
    let house = House::new(&app).await;
    let text = "<p>网路信息中心发布通知。</p>";
    let seen = |unit| draft(unit, "2026-11-21", text);
    assert_eq!(words(&app, seen(house.faculty)).await, []);
    let entry = json!({ "unit": house.root, "kind": "wrong", "word": "网路信息中心", "right": ["网络信息中心"] });
    let made = house.word(&app, &house.keeper, entry).await;
    let expected = vec![(FoundKind::WrongWord, vec!["网络信息中心".to_owned()])];
    assert_eq!(words(&app, seen(house.faculty)).await, expected);
    assert_eq!(words(&app, seen(house.library)).await, expected);
    // The faculty has leave to write it so.
    let leave = json!({ "unit": house.faculty, "kind": "allow", "word": "网路信息中心" });
    house.word(&app, &house.keeper, leave).await;
    assert_eq!(words(&app, seen(house.faculty)).await, []);
    assert_eq!(words(&app, seen(house.library)).await, expected);
    let path = format!("/dictionaries/words/{}/switches", made["id"]);
    app.client(&house.keeper)
        .post(&path, &[("enabled", "0")])
        .await
        .expect(303);
    assert_eq!(words(&app, seen(house.library)).await, []);
}

async fn a_text_is_judged_by_the_facts_of_its_own_day(app: TestApp) {
    let house = House::new(&app).await;
    let entry = json!({ "unit": house.root, "kind": "wrong", "word": "江海学院", "right": ["江海职业技术学院"], "valid_from": "2026-06-01" });
    house.word(&app, &house.keeper, entry).await;
    let text = "<p>江海学院举行活动。</p>";
    assert_eq!(words(&app, draft(house.root, "2026-05-31", text)).await, []);
    assert_eq!(
        words(&app, draft(house.root, "2026-06-01", text))
            .await
            .len(),
        1
    );
}

async fn attachments_are_checked_with_what_they_hide(app: TestApp) {
    let house = House::new(&app).await;
    let mut text = draft(house.faculty, "2026-11-21", "<p>名单见附件。</p>");
    let list = "姓名,手机号码\n岩罕,13812345678\n";
    for (id, name, bytes) in [
        (1, "名单.csv", list.as_bytes().to_vec()),
        (2, "旧文档.doc", b"\xD0\xCF\x11\xE0 broken".to_vec()),
    ] {
        let hash = app.files.put(bytes.into()).await.unwrap();
        text.files.push(FileRef {
            id,
            role: FileRole::Attachment,
            name: name.into(),
            kind: Kind::Csv,
            size: 1,
            width: 0,
            height: 0,
            hash: hash.to_string(),
            alt: String::new(),
            rights: None,
            credit: String::new(),
        });
    }
    // The second time, what was found in the files is at hand.
    for _ in 0..2 {
        let report = examine(&app, text.clone()).await.unwrap();
        let phone = report
            .findings
            .iter()
            .find(|f| f.kind == FoundKind::PersonalData)
            .unwrap();
        let expected = Where::File {
            name: "名单.csv".into(),
            spot: "B2".into(),
        };
        assert_eq!(phone.place, expected, "{report:#?}");
        assert_eq!(
            report.unread,
            [("旧文档.doc".to_owned(), "文件已损坏，无法读取".to_owned())]
        );
    }
}

async fn the_editor_gets_places_in_what_it_sent(app: TestApp) {
    let house = House::new(&app).await;
    let entry =
        json!({ "unit": house.faculty, "kind": "avoid", "word": "信工青年团", "category": "简称" });
    house.word(&app, &house.liaison, entry).await;
    let form = [
        ("unit", house.faculty.to_string()),
        ("name", "学号".into()),
        ("form", "2026######".into()),
    ];
    let fields: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    app.client(&house.liaison)
        .post("/dictionaries/numbers", &fields)
        .await
        .expect(303);
    let html = "<p>欢迎&nbsp;<b>信工</b>青年团。</p><p>2026123456</p>";
    let body = json!({ "unit": house.faculty, "title": "信工青年团招新", "html": html });
    let report = app
        .client(&house.author)
        .json(Method::POST, "/checks", &body)
        .await
        .expect(200)
        .json();
    let found = report["findings"].as_array().unwrap();
    let of = |place: &str, kind: &str| -> &Value {
        let hit = found
            .iter()
            .find(|f| f["where"] == place && f["kind"] == kind);
        hit.unwrap_or_else(|| panic!("no {kind} in {place}: {report:#}"))
    };
    let title = of("title", "avoid_word");
    assert_eq!(
        (&title["start"], &title["end"], &title["label"]),
        (&json!(0), &json!(5), &json!("不宜使用"))
    );
    let text = of("text", "avoid_word");
    let letters: Vec<char> = html.chars().collect();
    let (start, end) = (
        text["start"].as_u64().unwrap() as usize,
        text["end"].as_u64().unwrap() as usize,
    );
    assert_eq!(
        letters[start..end].iter().collect::<String>(),
        "信工</b>青年团"
    );
    assert_eq!(text["category"], "简称");
    of("text", "personal_data");
    // Nobody learns of a unit's words where they do not write.
    let other = json!({ "unit": house.library, "html": html });
    app.client(&house.author)
        .json(Method::POST, "/checks", &other)
        .await
        .expect(404);
    app.client(&house.author)
        .json(Method::POST, "/checks", &json!({ "html": html }))
        .await
        .expect(400);
}

async fn the_institution_says_what_channels_may_carry(app: TestApp) {
    let house = House::new(&app).await;
    let page = app
        .client(&house.liaison)
        .get("/dictionaries/scopes")
        .await
        .expect(200);
    assert!(page.text().contains("由宣传部统一维护"));
    let fields = [
        (
            "categories",
            "重大决策\n重要活动\n重要事件\n生活服务\n校史\n",
        ),
        ("forum", "生活服务"),
        ("forum", "没有的类别"),
        ("advertising", "低价转让\n买\n"),
    ];
    app.client(&house.liaison)
        .post("/dictionaries/scopes", &fields)
        .await
        .expect(403);
    app.client(&house.keeper)
        .post("/dictionaries/scopes", &fields)
        .await
        .expect(303);
    let kept: Scopes = zhendi_kernel::settings::get(app.db.read()).await.unwrap();
    assert_eq!(kept.forum, ["生活服务"]);
    assert_eq!(kept.advertising, ["低价转让"]);
    assert!(kept.official_site.is_empty());
    let names = async || {
        let kept = zhendi_kernel::settings::get::<crate::manuscript::Categories>(app.db.read());
        kept.await.unwrap().names
    };
    assert_eq!(names().await.last().unwrap(), "校史");
    // What the leader in charge approves is not taken away in passing.
    let refused = app
        .client(&house.keeper)
        .post("/dictionaries/scopes", &[("categories", "校史\n重要活动")])
        .await
        .expect(422);
    assert!(
        refused.text().contains("列为重大事项"),
        "{}",
        refused.text()
    );
    assert_eq!(names().await.len(), 5);
}

#[test]
fn what_is_outside_of_a_channels_scope_is_found_with_the_rule() {
    let scopes = Scopes::default();
    let carried = |carrier| Carried {
        name: "信工青年".into(),
        carrier,
    };
    assert!(
        scopes
            .categories("政策文件", &[carried(Carrier::UnitSite)])
            .is_empty()
    );
    assert!(scopes.categories("", &[carried(Carrier::Forum)]).is_empty());
    let outside = scopes.categories(
        "政策文件",
        &[carried(Carrier::Forum), carried(Carrier::OfficialSite)],
    );
    assert_eq!(outside.len(), 1);
    assert_eq!(outside[0].place, Where::Channel("信工青年".into()));
    assert!(
        outside[0].message.contains("第七条（四）"),
        "{}",
        outside[0].message
    );
    // Every category that the program begins with belongs somewhere.
    for name in crate::manuscript::Categories::default().names {
        let somewhere = Carrier::ALL
            .iter()
            .any(|carrier| scopes.of(*carrier).contains(&name));
        assert!(somewhere, "{name}");
    }
}

#[test]
fn forums_carry_no_advertising_and_nobodys_data() {
    let html = "<p>二手书<b>低价</b>转让。</p>";
    let found = Scopes::default().advertising("好消息", html);
    assert_eq!(found.len(), 1);
    let letters: Vec<char> = html.chars().collect();
    assert_eq!(
        letters[found[0].html.clone()].iter().collect::<String>(),
        "低价</b>转让"
    );
    let mut data = Found {
        kind: FoundKind::PersonalData,
        severity: Severity::Notice,
        ..found[0].clone()
    };
    super::scope::forbid_in_forum(&mut data);
    assert_eq!(data.severity, Severity::Error);
    assert!(data.message.contains("校园论坛不得发布"));
}

zhendi_kernel::on_both_databases!(
    lower_layers_speak_over_higher_ones_and_changes_hold_at_once,
    super::setup
);
zhendi_kernel::on_both_databases!(a_text_is_judged_by_the_facts_of_its_own_day, super::setup);
zhendi_kernel::on_both_databases!(attachments_are_checked_with_what_they_hide, super::setup);
zhendi_kernel::on_both_databases!(the_editor_gets_places_in_what_it_sent, super::setup);
zhendi_kernel::on_both_databases!(the_institution_says_what_channels_may_carry, super::setup);
