//! Pages and API through the router.

use crate::{
    channel::{RunningState, store},
    testing::{College, facts, filed, person_at, register, unfiled},
};
use serde_json::json;
use zhendi_kernel::testing::TestApp;

async fn a_channels_page_shows_to_each_what_is_theirs(app: TestApp) {
    let college = College::new(&app).await;
    let keeper = person_at(&app, college.library, "李馆员", "13800138009").await;
    let mut new = unfiled(
        facts(college.library, "wechat", "图书馆", "lib"),
        "2026-11-10",
    );
    new.people.operators = vec![keeper];
    let id = register(&app, new).await.id;
    let path = format!("/channels/{id}");

    let page = app
        .client(&college.librarian())
        .get(&path)
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("待补录备案") && page.contains("现已逾期"),
        "{page}"
    );
    assert!(page.contains("13800138009"), "the unit's head may call");
    assert!(page.contains("暂停运行"));
    assert!(
        !page.contains("更正资料"),
        "heads sign, they do not keep the facts"
    );

    // Someone of the network centre sees it, and neither phone nor buttons.
    use zhendi_kernel::{Role, actor::Scope, testing::actor};
    let technician = actor(
        905,
        "吴网",
        &[(Role::NetworkCenter, Scope::Institution(college.root))],
    );
    let page = app.client(&technician).get(&path).await.expect(200).text();
    assert!(page.contains("138****8009") && !page.contains("13800138009"));
    assert!(!page.contains("暂停运行"));
    app.client(&technician)
        .post(
            &format!("{path}/suspensions"),
            &[("reason", "我要停"), ("version", "0")],
        )
        .await
        .expect(403);

    // To others it is not there.
    app.client(&college.liaison()).get(&path).await.expect(404);
    app.client(&college.liaison())
        .get(&format!("/api/v1{path}"))
        .await
        .expect(404);
    app.client(&college.system()).get(&path).await.expect(403);
    app.visitor().get(&path).await.expect(303);

    let view = app
        .client(&technician)
        .get(&format!("/api/v1{path}"))
        .await
        .expect(200)
        .json();
    assert_eq!(view["filing"], "unfiled");
    assert_eq!(view["operators"][0]["phone"], "138****8009");
    let view = app
        .client(&college.officer())
        .get(&format!("/api/v1{path}"))
        .await
        .expect(200)
        .json();
    assert_eq!(view["operators"][0]["phone"], "13800138009");
}
zhendi_kernel::on_both_databases!(a_channels_page_shows_to_each_what_is_theirs, || {
    crate::testing::setup()
});

async fn pausing_needs_a_reason_and_the_present_version(app: TestApp) {
    let college = College::new(&app).await;
    let id = register(
        &app,
        filed(facts(college.library, "wechat", "图书馆", "lib")),
    )
    .await
    .id;
    let head = app.client(&college.librarian());
    let path = format!("/channels/{id}");
    let stop = format!("{path}/suspensions");
    let page = head
        .post(&stop, &[("reason", " "), ("version", "0")])
        .await
        .expect(422)
        .text();
    assert!(page.contains("请填写"));
    head.post(&stop, &[("reason", "改版"), ("version", "7")])
        .await
        .expect(409);
    let done = head
        .post(&stop, &[("reason", "改版"), ("version", "0")])
        .await
        .expect(303);
    assert_eq!(done.location(), path);
    assert_eq!(
        store::get(app.db.read(), id).await.unwrap().running,
        RunningState::Suspended
    );
    head.post(&stop, &[("reason", "再停"), ("version", "1")])
        .await
        .expect(409);
    head.post(
        &format!("{path}/resumptions"),
        &[("reason", "好了"), ("version", "1")],
    )
    .await
    .expect(303);
    let page = head.get(&path).await.expect(200).text();
    assert!(
        page.contains("暂停网络阵地") && page.contains("恢复运行网络阵地"),
        "{page}"
    );
}
zhendi_kernel::on_both_databases!(pausing_needs_a_reason_and_the_present_version, || {
    crate::testing::setup()
});

/// What the edit form posts for a channel nobody has changed.
fn form(unit: &str) -> Vec<(&str, &str)> {
    vec![
        ("version", "0"),
        ("name", "图书馆"),
        ("unit", unit),
        ("platform", "wechat"),
        ("address_or_id", "lib"),
        ("certified_body", "江海职业技术学院"),
        ("holder", "unit"),
        ("holder_post", ""),
        ("opened_on", "2016-03"),
        ("followers", "1,300"),
        ("interactive", "yes"),
        ("problem", "无问题"),
        ("remark", "第一行\n第二行"),
    ]
}

async fn facts_are_corrected_as_far_as_they_may(app: TestApp) {
    let college = College::new(&app).await;
    register(
        &app,
        filed(facts(college.library, "weibo", "图书馆微博", "lib_weibo")),
    )
    .await;
    let free = register(
        &app,
        unfiled(
            facts(college.library, "wechat", "图书馆", "lib"),
            "2026-12-20",
        ),
    )
    .await;
    let unit = college.library.to_string();
    let officer = app.client(&college.officer());
    let path = format!("/channels/{}/edit", free.id);
    let page = officer.get(&path).await.expect(200).text();
    assert!(page.contains("<p class=\"page-lead\">图书馆</p>"), "{page}");
    app.client(&college.librarian())
        .get(&path)
        .await
        .expect(403);
    app.client(&college.liaison()).get(&path).await.expect(404);

    // What is wrong stays beside what was typed.
    let mut wrong = form(&unit);
    wrong[1].1 = "图书馆新名";
    wrong.push(("icp", "含有\u{7}控制字符"));
    wrong.retain(|(name, _)| *name != "followers" && *name != "opened_on");
    wrong.extend([("followers", "很多"), ("opened_on", "去年")]);
    let page = officer.post(&path, &wrong).await.expect(422).text();
    assert!(page.contains("图书馆新名") && page.contains("很多") && page.contains("去年"));
    assert!(page.contains("还有 3 处需要修改"), "{page}");

    // Another's account is refused, a second one on the platform needs a reason.
    let mut clash = form(&unit);
    clash[3].1 = "weibo";
    clash[4].1 = "LIB_weibo";
    let page = officer.post(&path, &clash).await.expect(422).text();
    assert!(page.contains("已经登记"), "{page}");
    assert!(page.contains("原则上只开设一个"), "{page}");

    officer.post(&path, &form(&unit)).await.expect(303);
    let after = store::get(app.db.read(), free.id).await.unwrap();
    assert_eq!(after.facts.followers, Some(1300));
    assert_eq!(after.facts.opened_on.unwrap().to_string(), "2016-03");
    assert_eq!(after.facts.survey.interactive, Some(true));
    assert_eq!(after.facts.remark, "第一行\n第二行");
    // Two at once: the second is told.
    officer.post(&path, &form(&unit)).await.expect(409);

    // What is filed keeps its name whatever is posted, and says why.
    let fixed = register(
        &app,
        filed(facts(college.library, "douyin", "抖音号", "lib_dy")),
    )
    .await;
    let path = format!("/channels/{}/edit", fixed.id);
    let page = officer.get(&path).await.expect(200).text();
    assert!(page.contains("变更备案") && !page.contains("name=\"certified_body\""));
    officer.post(&path, &form(&unit)).await.expect(303);
    let after = store::get(app.db.read(), fixed.id).await.unwrap();
    assert_eq!(after.facts.name, "抖音号");
    assert_eq!(after.facts.platform.0, "douyin");
    assert_eq!(after.facts.followers, Some(1300));
}
zhendi_kernel::on_both_databases!(facts_are_corrected_as_far_as_they_may, || {
    crate::testing::setup()
});

async fn the_list_keeps_its_filter_and_goes_out_as_csv(app: TestApp) {
    let college = College::new(&app).await;
    let client = app.client(&college.officer());
    let page = client.get("/channels").await.expect(200).text();
    assert!(page.contains("还没有登记网络阵地") && page.contains("/imports/new"));
    let mut evil = facts(
        college.library,
        "wechat",
        "=HYPERLINK(\"http://x\")",
        "@cmd",
    );
    evil.remark = "甲,\"乙\"\n丙".into();
    register(&app, filed(evil)).await;
    register(
        &app,
        unfiled(
            facts(college.faculty, "website", "信工官网", "xg.cn"),
            "2026-12-01",
        ),
    )
    .await;

    let page = client
        .get("/channels?platform=website&q=%E5%AE%98&sort=name&dir=desc")
        .await
        .expect(200)
        .text();
    assert!(page.contains("信工官网") && !page.contains("HYPERLINK"));
    assert!(
        page.contains("/channels.csv?q=%E5%AE%98&#38;platform=website")
            || page.contains("/channels.csv?q=%E5%AE%98&amp;platform=website"),
        "{page}"
    );
    let page = client
        .get("/channels?q=%E6%B2%A1%E6%9C%89")
        .await
        .expect(200)
        .text();
    assert!(page.contains("没有符合条件的网络阵地"));
    for odd in [
        "/channels?page=abc&per=7&unit=x&filing=y",
        "/channels?page=999999999999999999999",
        "/channels?q=%00%FF",
    ] {
        client.get(odd).await.expect(200);
    }

    let file = client.get("/channels.csv").await.expect(200);
    assert!(
        file.headers["content-disposition"]
            .to_str()
            .unwrap()
            .contains("attachment")
    );
    let text = file.text();
    assert!(text.starts_with('\u{FEFF}'));
    assert!(text.contains("'=HYPERLINK") && text.contains("'@cmd") && text.contains("待补录备案"));
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    assert_eq!(reader.records().map(Result::unwrap).count(), 2);
    // Others get only what they may see; each export is in the record.
    let mine = app
        .client(&college.liaison())
        .get("/channels.csv")
        .await
        .expect(200)
        .text();
    assert!(mine.contains("信工官网") && !mine.contains("HYPERLINK"));
    let told = zhendi_kernel::audit::history(app.db.read(), "channel_list", 0)
        .await
        .unwrap();
    assert_eq!(told.len(), 2);

    let list = client
        .get("/api/v1/channels?filing=unfiled")
        .await
        .expect(200)
        .json();
    assert_eq!(list["total"], json!(1));
    assert_eq!(list["items"][0]["file_by"], "2026-12-01");
    assert_eq!(list["items"][0]["platform_name"], "网站");
}
zhendi_kernel::on_both_databases!(the_list_keeps_its_filter_and_goes_out_as_csv, || {
    crate::testing::setup()
});
