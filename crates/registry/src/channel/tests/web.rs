//! Facts of sites and apps: numbers as people type them.

use crate::channel::{
    WebFacts, WebKind, similar,
    web_numbers::{domain, domain_shown, icp, link, loose, package, police},
};
use proptest::prelude::*;

#[test]
fn icp_numbers_are_kept_in_one_spelling() {
    let site = Some(WebKind::Site);
    for (typed, kept) in [
        ("苏ICP备10201234号", "苏ICP备10201234号"),
        (" 苏icp备 10201234 号－1 ", "苏ICP备10201234号-1"),
        (
            "ICP备案号：粤ICP备2021000000号-12",
            "粤ICP备2021000000号-12",
        ),
        ("京ICP证030173号", "京ICP证030173号"),
        ("沪ICP备05000001号—2", "沪ICP备05000001号-2"),
    ] {
        assert_eq!(icp(typed, site).unwrap().as_deref(), Some(kept), "{typed}");
    }
    assert_eq!(icp("  ", site), Ok(None));
    assert_eq!(
        icp("粤ICP备2021000000号-1A", Some(WebKind::App))
            .unwrap()
            .unwrap(),
        "粤ICP备2021000000号-1A"
    );
    for (typed, kind, said) in [
        ("苏ICP备10201234", site, "苏ICP备10201234号"),
        ("苏ICP备10201234-3", site, "苏ICP备10201234号-3"),
        ("粤ICP备2021000000号-1A", site, "“粤ICP备2021000000号-1”"),
        (
            "粤ICP备2021000000号-1",
            Some(WebKind::App),
            "“粤ICP备2021000000号-1A”",
        ),
        ("苏ICP备1020号", site, "现有 4 位"),
        ("苏ICP备12345678901号", site, "现有 11 位"),
        ("某ICP备10201234号", site, "省份简称"),
        ("苏备10201234号", site, "ICP备"),
        ("苏ICP备10201234号x", site, "短横"),
        ("无", site, "省份简称"),
    ] {
        let error = icp(typed, kind).unwrap_err();
        assert!(error.contains(said), "{typed}: {error}");
    }
}

#[test]
fn police_numbers_name_their_province() {
    assert_eq!(
        police("粤公网安备44010602000000号").unwrap(),
        "粤公网安备44010602000000号"
    );
    assert_eq!(
        police("粤公网安备 44010602000000 号").unwrap(),
        "粤公网安备44010602000000号"
    );
    assert_eq!(police("").unwrap(), "");
    for (typed, said) in [
        ("44010602000000", "“粤公网安备44010602000000号”"),
        ("粤公网安备44010602000000", "“粤公网安备44010602000000号”"),
        ("苏公网安备44010602000000号", "“粤公网安备44010602000000号”"),
        ("粤公网安备4401060200号", "现有 10 位"),
        ("粤公网安备99010602000000号", "省份代码"),
        ("公安已备案", "格式不对"),
    ] {
        let error = police(typed).unwrap_err();
        assert!(error.contains(said), "{typed}: {error}");
    }
}

#[test]
fn domains_are_those_of_the_wire() {
    for (typed, kept) in [
        ("www.Example.edu.cn", "www.example.edu.cn"),
        (
            "https://www.example.edu.cn/index.html",
            "www.example.edu.cn",
        ),
        ("ｗｗｗ．example．edu．cn", "www.example.edu.cn"),
        ("example.edu.cn:8080", "example.edu.cn"),
    ] {
        assert_eq!(domain(typed).unwrap(), kept, "{typed}");
    }
    let chinese = domain("江海学院.中国").unwrap();
    assert!(chinese.starts_with("xn--"), "{chinese}");
    assert_eq!(domain_shown(&chinese), "江海学院.中国");
    assert_eq!(domain(&chinese).unwrap(), chinese);
    for typed in [
        "10.1.2.3",
        "example",
        "exa mple..cn",
        "-a.cn",
        "a_b.cn",
        "无",
    ] {
        assert!(domain(typed).is_err(), "{typed}");
    }
}

#[test]
fn apps_are_named_by_package_and_link() {
    assert_eq!(
        package("cn.edu.example.campus").unwrap(),
        "cn.edu.example.campus"
    );
    for typed in ["campus", "cn..x", "1a.b", "cn.edu.校园"] {
        assert!(package(typed).is_err(), "{typed}");
    }
    assert!(link("https://appgallery.example/app/C1").is_ok());
    assert!(
        link("appgallery.example/app")
            .unwrap_err()
            .contains("https://appgallery.example/app")
    );
    assert!(link("javascript:alert(1)").is_err());
    assert_eq!(loose("教APP备 1100001号").unwrap(), "教APP备1100001号");
    assert!(loose("已备案").is_err());
}

#[test]
fn cells_are_read_over_what_was_known() {
    let mut known = WebFacts::default();
    known.site.police_number = "很久以前的写法".into();
    let mut wrongs = vec![];
    let read = |typed: &[(&str, &str)], wrongs: &mut Vec<(&'static str, String)>| {
        known.read(
            WebKind::Site,
            |name| match typed.iter().find(|(key, _)| *key == name) {
                Some((_, value)) => (*value).to_owned(),
                None => known.cell(name),
            },
            |name, why| wrongs.push((name, why)),
        )
    };
    let after = read(
        &[
            ("site_domain", "江海学院.中国"),
            ("site_mlps_level", "3"),
            ("site_mlps_tested_on", "2026/3/1"),
            ("site_hosting", "cloud"),
            ("site_ipv6", "yes"),
        ],
        &mut wrongs,
    );
    assert!(wrongs.is_empty(), "{wrongs:?}");
    assert_eq!(after.site.police_number, "很久以前的写法");
    assert_eq!(after.site.mlps.level, Some(3));
    assert_eq!(after.cell("site_mlps_tested_on"), "2026-03-01");
    assert_eq!(after.cell("site_domain"), "江海学院.中国");
    for cell in WebKind::Site.cells() {
        let again = after.read(WebKind::Site, |name| after.cell(name), |_, _| panic!());
        assert_eq!(again.cell(cell.name), after.cell(cell.name));
    }
    let refused = read(
        &[("site_mlps_level", "9"), ("site_police_number", "x")],
        &mut wrongs,
    );
    assert_eq!(wrongs.len(), 2);
    assert_eq!(refused, known);
}

proptest! {
    #[test]
    fn what_is_accepted_is_accepted_again_as_it_is_kept(typed in "\\PC{0,40}") {
        for kind in [Some(WebKind::Site), Some(WebKind::App), None] {
            if let Ok(Some(kept)) = icp(&typed, kind) {
                prop_assert_eq!(icp(&kept, kind), Ok(Some(kept.clone())));
            }
        }
        for read in [police, domain, package, link, loose] {
            if let Ok(kept) = read(&typed) {
                prop_assert_eq!(read(&kept), Ok(kept.clone()));
            }
        }
        let key = similar::name_key(&typed);
        prop_assert_eq!(similar::name_key(&key).is_empty(), key.is_empty());
    }
}

#[test]
fn names_are_alike_whatever_the_platform() {
    for name in [
        "江海学院官方微博",
        "江海学院（微信公众号）",
        "江海学院 视频号",
        "江海学院",
    ] {
        assert_eq!(similar::name_key(name), "江海学院", "{name}");
    }
    assert_eq!(similar::name_key("官方微博"), "官方微博");
    assert_ne!(
        similar::name_key("江海学院团委"),
        similar::name_key("江海学院工会")
    );
}

use crate::{
    channel::store,
    testing::{College, facts, filed, register},
};
use zhendi_kernel::testing::TestApp;

async fn facts_of_sites_are_kept_found_and_taken_away(app: TestApp) {
    let college = College::new(&app).await;
    let address = "https://xg.example.edu.cn";
    let mut site = facts(college.faculty, "website", "信工官网", address);
    site.icp = Some("旧格式的号".into());
    let id = register(&app, filed(site)).await.id;
    let plain = register(
        &app,
        filed(facts(college.faculty, "weibo", "信工微博", "xg")),
    )
    .await;
    let me = app.client(&college.officer());
    let form = me
        .get(&format!("/channels/{id}/edit"))
        .await
        .expect(200)
        .text();
    assert!(
        form.contains("公安联网备案号") && !form.contains("应用商店链接"),
        "{form}"
    );
    let form = me
        .get(&format!("/channels/{}/edit", plain.id))
        .await
        .expect(200)
        .text();
    assert!(!form.contains("公安联网备案号"), "{form}");

    let mut typed = [
        ("version", "0"),
        ("icp", "旧格式的号"),
        ("site_domain", "信工.example.中国"),
        ("site_police_number", "44010602000000"),
        ("site_mlps_level", "3"),
        ("site_mlps_tested_on", "2026-03-01"),
        ("site_ipv6", "yes"),
    ];
    let page = me
        .post(&format!("/channels/{id}/edit"), &typed)
        .await
        .expect(422)
        .text();
    assert!(page.contains("粤公网安备44010602000000号"), "{page}");
    typed[3].1 = "粤公网安备44010602000000号";
    me.post(&format!("/channels/{id}/edit"), &typed)
        .await
        .expect(303);
    let after = store::get(app.db.read(), id).await.unwrap();
    assert_eq!(after.facts.icp.as_deref(), Some("旧格式的号"));
    assert_eq!(after.facts.web.site.mlps.level, Some(3));

    for words in ["44010602000000", "信工.example.中国"] {
        let query: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
        let page = me
            .get(&format!("/channels?q={query}"))
            .await
            .expect(200)
            .text();
        assert!(
            page.contains("信工官网") && !page.contains("信工微博"),
            "{words}"
        );
    }
    let page = me.get(&format!("/channels/{id}")).await.expect(200).text();
    assert!(
        page.contains("第三级") && page.contains("信工.example.中国"),
        "{page}"
    );
    let csv = me.get("/channels.csv?sort=name").await.expect(200).text();
    assert!(
        csv.contains("等保级别") && csv.contains("粤公网安备44010602000000号"),
        "{csv}"
    );
    let json = me
        .get(&format!("/api/v1/channels/{id}"))
        .await
        .expect(200)
        .json();
    assert_eq!(
        json["web"]["site"]["police_number"],
        "粤公网安备44010602000000号"
    );
}
zhendi_kernel::on_both_databases!(facts_of_sites_are_kept_found_and_taken_away, || {
    crate::testing::setup()
});

async fn lists_come_as_sheets(app: TestApp) {
    let college = College::new(&app).await;
    for (name, id) in [("丙", "c"), ("甲", "a"), ("=乙", "b")] {
        register(&app, filed(facts(college.faculty, "weibo", name, id))).await;
    }
    let me = app.client(&college.officer());
    let csv = me
        .get("/channels.csv?sort=name&dir=desc")
        .await
        .expect(200)
        .text();
    let screen = me
        .get("/channels?sort=name&dir=desc")
        .await
        .expect(200)
        .text();
    let order = |text: &str| {
        let mut found: Vec<_> = ["丙", "甲", "=乙"]
            .map(|name| {
                (
                    text.find(&format!("{name}</a>"))
                        .or(text.find(&format!("{name},"))),
                    name,
                )
            })
            .into();
        found.sort();
        found.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    assert_eq!(order(&csv), order(&screen), "{csv}");
    assert!(csv.contains("'=乙"));
    let sheet = me.get("/channels.xlsx").await.expect(200);
    let opened = zhendi_office::open("a.xlsx", &sheet.bytes, &zhendi_office::Limits::default());
    assert!(opened.is_ok(), "{:?}", opened.err());
    // A body may be asked for more after its end: compression does.
    use futures::StreamExt;
    let asked = crate::channel::Asked::default();
    let answer = crate::channel::export::xlsx(
        axum::extract::State((*app).clone()),
        college.officer(),
        asked,
    );
    let mut body = answer.await.unwrap().into_body().into_data_stream();
    while body.next().await.is_some() {}
    assert!(body.next().await.is_none());
    let text = app.visitor().get("/directory.csv").await.expect(200).text();
    assert!(text.contains("官方") || text.contains("甲"), "{text}");
    assert!(!text.contains("粉丝量"));
}
zhendi_kernel::on_both_databases!(lists_come_as_sheets, || crate::testing::setup());
