//! What is typed: hostile, wrong, twice; who may see and do what.

use super::*;
use crate::filing::Stage;
use zhendi_kernel::on_both_databases;

async fn hostile_text_is_cleaned_or_refused_and_never_runs(app: TestApp) {
    let cast = Cast::new(app).await;
    let unit = cast.college.to_string();
    let names: Vec<&str> = opening(&unit, "信工")
        .iter()
        .map(|(name, _)| *name)
        .collect();
    let long = "长".repeat(350_000);
    for name in names.iter().filter(|name| **name != "unit") {
        for hostile in ["a\0b", long.as_str()] {
            let fields = with(&opening(&unit, "信工"), name, hostile);
            let answer = cast
                .post(&cast.liaison, "/filings", &with(&fields, "action", "save"))
                .await;
            assert_eq!(answer.status, 422, "{name}");
        }
        // Kept or refused, but never an error of the program, and never markup.
        let odd = "<script>alert(1)</script>\u{202E}𠮷😀'\"{{7*7}}";
        let fields = with(&opening(&unit, "信工"), name, odd);
        let answer = cast
            .post(&cast.liaison, "/filings", &with(&fields, "action", "save"))
            .await;
        assert!(
            matches!(answer.status.as_u16(), 303 | 422),
            "{name}: {}",
            answer.status
        );
        let page = match answer.status.as_u16() {
            303 => cast
                .client(&cast.liaison)
                .get(answer.location())
                .await
                .expect(200)
                .text(),
            _ => answer.text(),
        };
        assert!(!page.contains("<script>alert(1)"), "{name}");
    }
    for unit in ["", "0", "-1", "x", "99999999999999999999"] {
        let fields = with(&opening(unit, "信工"), "action", "save");
        cast.post(&cast.liaison, "/filings", &fields)
            .await
            .expect(422);
    }
    // Opinions are typed too.
    let id = cast.submitted("信工之声").await;
    cast.press(&cast.head, id, "signatures", &[("opinion", "a\0b")])
        .await
        .expect(422);
    cast.press(&cast.head, id, "returns", &[("opinion", &long)])
        .await
        .expect(422);
    cast.press(
        &cast.head,
        id,
        "returns",
        &[("opinion", "<img src=x onerror=alert(1)>")],
    )
    .await
    .expect(303);
    let page = cast
        .client(&cast.liaison)
        .get(&format!("/filings/{id}"))
        .await
        .text();
    assert!(!page.contains("<img src=x"));
    for path in [
        "/filings/x",
        "/filings/99999999999999999999",
        "/filings/0",
        "/filings/new?channel=x",
    ] {
        let status = cast.client(&cast.liaison).get(path).await.status.as_u16();
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
    for query in [
        "page=99999999999999999999",
        "page=-1",
        "sort=';--",
        "unit=x",
        "stage=x",
        "q=%25_%5C",
        "q=%00",
    ] {
        cast.client(&cast.liaison)
            .get(&format!("/filings?{query}"))
            .await
            .expect(200);
    }
}
on_both_databases!(
    hostile_text_is_cleaned_or_refused_and_never_runs,
    super::setup
);

async fn forms_say_what_is_wrong(app: TestApp) {
    let cast = Cast::new(app).await;
    let unit = cast.college.to_string();
    let refused = |name: &'static str, value: &'static str| {
        let (cast, unit) = (&cast, &unit);
        async move {
            let fields = with(
                &with(&opening(unit, "信工"), name, value),
                "action",
                "submit",
            );
            let answer = cast.post(&cast.liaison, "/filings", &fields).await;
            assert_eq!(answer.status, 422, "{name}={value}: {}", answer.text());
            answer.text()
        }
    };
    for (name, value, says) in [
        ("opened_on", "去年", "请按“2026-11-20”"),
        ("followers", "很多", "请填写数字"),
        ("platform", "nowhere", "请选择平台"),
        ("holder_post", "", ""),
        ("operator_phone", "也许", "电话"),
        ("operator_phone", "", "请填写运维工作人员联系电话"),
        ("reviewer_name", "", "请填写审核人姓名"),
        ("leader_post", "", "请填写主管领导职务"),
        (
            "operator_employment",
            "student",
            "运维工作人员不能由学生担任",
        ),
        ("reviewer_employment", "student", "审核人不能由学生担任"),
        ("operator_employment", "", "请选择人员类别"),
    ] {
        if name == "holder_post" {
            continue;
        }
        assert!(refused(name, value).await.contains(says), "{name}={value}");
    }
    assert!(
        refused("holder", "person_by_post")
            .await
            .contains("请填写所任职务")
    );
    // Without a unit nothing can be kept; all that is missing is said at once.
    let blank = [("action", "submit"), ("name", "信工甲")];
    let page = cast
        .post(&cast.officer, "/filings", &blank)
        .await
        .expect(422)
        .text();
    for says in ["请选择开设部门", "请选择平台", "请填写主管领导", "信工甲"] {
        assert!(page.contains(says), "{says}");
    }
    // A website is known by its address.
    let fields = with(
        &with(&opening(&unit, ""), "platform", "website"),
        "name",
        "官网",
    );
    let page = cast
        .post(
            &cast.liaison,
            "/filings",
            &with(&fields, "action", "submit"),
        )
        .await
        .expect(422)
        .text();
    assert!(page.contains("网站须填写网址"));
    // Neither leader nor first operator on staff.
    let fields = with(&opening(&unit, "信工"), "leader_employment", "contract");
    let fields = with(&fields, "operator_employment", "contract");
    let page = cast
        .post(
            &cast.liaison,
            "/filings",
            &with(&fields, "action", "submit"),
        )
        .await
        .expect(422)
        .text();
    assert!(page.contains("应由在编在岗人员牵头负责或指导"));
    // With a leader on staff who guides, contract staff may run it (Notice 3(3)).
    let fields = with(
        &with(&opening(&unit, "信工乙"), "operator_employment", "contract"),
        "action",
        "submit",
    );
    cast.post(&cast.liaison, "/filings", &fields)
        .await
        .expect(303);
    // A second account needs its reason; one that is being filed counts.
    let fields = with(
        &with(&opening(&unit, "信工丙"), "second_reason", ""),
        "action",
        "submit",
    );
    let page = cast
        .post(&cast.liaison, "/filings", &fields)
        .await
        .expect(422)
        .text();
    assert!(
        page.contains("“信工乙”") && page.contains("再开设须说明理由"),
        "{page}"
    );
    // Rows come without script, and keep what was typed.
    let fields = with(&opening(&unit, "信工丁"), "action", "add_operator");
    let page = cast
        .post(&cast.liaison, "/filings", &fields)
        .await
        .expect(200)
        .text();
    assert!(page.contains("信工丁") && page.contains("郑老师"));
    assert!(page.contains("f-operator_name_2"), "{page}");
    // The register of persons is believed before the form.
    let tx = cast.db.begin().await.unwrap();
    let student = NewPerson {
        unit: cast.college,
        name: "学生甲".into(),
        employment: Some(Employment::Student),
        post: String::new(),
        phone: Some("13700137001".into()),
        mail: None,
        staff_number: None,
    };
    person::create_contact(&tx, &cast, &Actor::program(PROGRAM), student)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let fields = with(&opening(&unit, "信工戊"), "operator_name", "学生甲");
    let fields = with(
        &with(&fields, "operator_phone", "137 0013 7001"),
        "action",
        "submit",
    );
    let page = cast
        .post(&cast.liaison, "/filings", &fields)
        .await
        .expect(422)
        .text();
    assert!(page.contains("不能由学生担任"));
    let tx = cast.db.begin().await.unwrap();
    let allowed = role::PeopleSettings {
        students_may_hold: true,
    };
    settings::put(&tx, &allowed).await.unwrap();
    tx.commit().await.unwrap();
    cast.post(&cast.liaison, "/filings", &fields)
        .await
        .expect(303);
}
on_both_databases!(forms_say_what_is_wrong, super::setup);

async fn accounts_are_filed_once(app: TestApp) {
    let cast = Cast::new(app).await;
    let first = cast.effective("信工之声").await;
    let unit = cast.college.to_string();
    let fields = with(&opening(&unit, " @信工 之声"), "action", "submit");
    let page = cast
        .post(&cast.liaison, "/filings", &fields)
        .await
        .expect(422)
        .text();
    assert!(page.contains("信息工程学院的“信工之声”已登记"), "{page}");
    // What is withdrawn is free; what is in force is not withdrawn.
    cast.press(&cast.liaison, first, "withdrawals", &[])
        .await
        .expect(409);
    let second = cast.submitted("信工二号").await;
    let again = with(&opening(&unit, "信工二号"), "action", "submit");
    let page = cast
        .post(&cast.liaison, "/filings", &again)
        .await
        .expect(422)
        .text();
    assert!(page.contains("正在办理"));
    cast.press(&cast.officer, second, "withdrawals", &[])
        .await
        .expect(403);
    cast.press(&cast.head, second, "withdrawals", &[])
        .await
        .expect(303);
    assert_eq!(cast.filing(second).await.course.stage, Stage::Withdrawn);
    cast.post(&cast.liaison, "/filings", &again)
        .await
        .expect(303);
}
on_both_databases!(accounts_are_filed_once, super::setup);

async fn each_sees_and_does_what_is_theirs(app: TestApp) {
    let cast = Cast::new(app).await;
    let id = cast.submitted("信工之声").await;
    let path = format!("/filings/{id}");
    // Strangers are told of nothing, by whatever verb.
    for noun in ["submissions", "withdrawals", "attachments/1/removals"] {
        let answer = cast
            .post(
                &cast.outsider,
                &format!("{path}/{noun}"),
                &[("version", "2")],
            )
            .await;
        assert_eq!(answer.status, 404, "{noun}");
    }
    let other_head = cast
        .join(
            "冯院长",
            cast.other,
            Role::UnitHead,
            Scope::Unit(cast.other),
        )
        .await;
    for noun in ["signatures", "checks", "decisions", "returns"] {
        let answer = cast
            .post(&other_head, &format!("{path}/{noun}"), &[("version", "2")])
            .await;
        assert_eq!(answer.status, 404, "{noun}");
    }
    cast.client(&cast.outsider)
        .get(&format!("{path}/edit"))
        .await
        .expect(404);
    assert!(
        !cast
            .client(&cast.outsider)
            .get("/filings")
            .await
            .expect(200)
            .text()
            .contains("信工之声")
    );
    // Who may see but not do is told why.
    cast.press(&cast.chief, id, "signatures", &[])
        .await
        .expect(403);
    cast.press(&cast.head, id, "checks", &[]).await.expect(409);
    cast.press(&cast.liaison, id, "submissions", &[])
        .await
        .expect(409);
    cast.client(&cast.officer)
        .get(&format!("{path}/edit"))
        .await
        .expect(403);
    let foreign = with(&opening("1", "别家"), "action", "save");
    let page = cast
        .post(&cast.liaison, "/filings", &foreign)
        .await
        .expect(422)
        .text();
    assert!(page.contains("您不能为这个单位填报备案"));
    // The network centre sees the filing, not the numbers.
    let all = Scope::Institution(cast.root);
    let center = cast.join("网管", cast.root, Role::NetworkCenter, all).await;
    let page = cast.client(&center).get(&path).await.expect(200).text();
    assert!(page.contains("138****8001") && !page.contains("13800138001"));
    // The auditor and visitors do not come here at all.
    let auditor = cast.join("审计", cast.root, Role::Auditor, all).await;
    cast.client(&auditor).get(&path).await.expect(403);
    assert_eq!(cast.visitor().get(&path).await.status.as_u16(), 303);
}
on_both_databases!(each_sees_and_does_what_is_theirs, super::setup);

async fn lists_filter_sort_and_page(app: TestApp) {
    let cast = Cast::new(app).await;
    for i in 0..23 {
        cast.submitted(&format!("信工账号{i:02}")).await;
    }
    let liaison = cast.client(&cast.liaison);
    let get = async |query: &str| {
        liaison
            .get(&format!("/filings?{query}"))
            .await
            .expect(200)
            .text()
    };
    let page = get("sort=name").await;
    assert!(
        page.contains("信工账号00") && !page.contains("信工账号22") && page.contains("<b>23</b>"),
        "{page}"
    );
    assert!(get("sort=name&page=2").await.contains("信工账号22"));
    assert!(get("sort=name&dir=desc").await.contains("信工账号22"));
    let one = get("q=号17").await;
    assert!(one.contains("信工账号17") && !one.contains("信工账号16"));
    assert!(get("q=文").await.contains("没有符合条件的备案"));
    assert!(get("stage=effective").await.contains("没有符合条件的备案"));
    assert!(
        get("stage=awaiting_unit_head&sort=due")
            .await
            .contains("信工账号")
    );
    assert!(
        get(&format!("unit={}", cast.other))
            .await
            .contains("没有符合条件的备案")
    );
    assert!(
        get(&format!("unit={}", cast.root))
            .await
            .contains("信工账号")
    );
    assert!(get("overdue=1").await.contains("没有符合条件的备案"));
    cast.pass(chrono::TimeDelta::days(7));
    assert!(get("overdue=1&view=mine").await.contains("已逾期"));
    assert!(get("view=waiting").await.contains("没有等您办理的备案"));
}
on_both_databases!(lists_filter_sort_and_page, super::setup);
