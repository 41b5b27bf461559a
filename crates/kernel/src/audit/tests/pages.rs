//! What auditors see and do, and what nobody else may.

use super::*;
use crate::{Permission, Role, actor::Scope, testing::roles_with};

fn routed() -> Setup {
    Setup {
        routes: super::super::routes,
        ..Setup::default()
    }
}

fn auditor() -> Actor {
    actor(
        1,
        "审计员",
        &[(Role::Auditor, Scope::Institution(UnitId(1)))],
    )
}

fn address(query: &[(&str, &str)]) -> String {
    let query = serde_html_form::to_string(query).expect("pairs");
    format!("/audit?{query}")
}

async fn an_auditor_finds_looks_verifies_and_exports(app: TestApp) {
    write(&app, 60).await;
    let auditor = app.client(&auditor());
    let page = auditor.get("/audit").await.expect(200).text();
    assert!(page.contains("签署备案 60") && !page.contains("签署备案 10<"));
    assert!(page.contains("before=11"), "the way to older records");
    let page = auditor
        .get(&address(&[("q", "签署备案"), ("before", "11")]))
        .await
        .expect(200)
        .text();
    assert!(page.contains("签署备案 10<") && page.contains("回到最新"));
    let (friday, saturday) = ("2026-11-20", "2026-11-21");
    for (query, count) in [
        ([("actor", "张"), ("kind", "")], 50),
        ([("actor", "李"), ("kind", "filing")], 0),
        ([("actor", ""), ("kind", "person")], 0),
        ([("q", "案 6"), ("from", "")], 2),
        ([("q", "%"), ("from", "")], 0),
        ([("from", friday), ("to", friday)], 50),
        ([("from", saturday), ("to", "")], 0),
        ([("from", ""), ("to", "2026-11-19")], 0),
        ([("unit", "3"), ("to", "")], 0),
        ([("action", "filing.signed"), ("to", "")], 50),
    ] {
        let page = auditor.get(&address(&query)).await.expect(200).text();
        assert_eq!(
            page.matches("data-label=\"操作人\"").count(),
            count,
            "{query:?}"
        );
    }
    auditor.get("/audit?from=gestern").await.expect(400);
    let page = auditor.get("/audit/7").await.expect(200).text();
    for part in [
        "13800138007",
        "10.1.2.3",
        "与摘要一致",
        "/audit/6",
        "/audit/8",
    ] {
        assert!(page.contains(part), "{part}");
    }
    auditor.get("/audit/61").await.expect(404);

    let answer = auditor.post("/audit/verifications", &[]).await.expect(303);
    assert_eq!(answer.location(), "/audit/verifications/61");
    let page = auditor.get(answer.location()).await.expect(200).text();
    assert!(page.contains("审计记录完整") && page.contains("60 条"));
    auditor.get("/audit/verifications/60").await.expect(404);

    let answer = auditor
        .post("/audit/exports", &[("format", "jsonl"), ("q", "备案 6")])
        .await
        .expect(200);
    assert_eq!(answer.text().lines().count(), 2);
    auditor
        .post("/audit/exports", &[("format", "exe")])
        .await
        .expect(400);
    let page = auditor.get("/audit?kind=audit").await.expect(200).text();
    assert!(page.contains("导出审计记录") && page.contains("核验审计记录 60 条，完整"));
    assert_eq!(verdict(&app, &[]).await.first_break, None);
}
on_both_databases!(an_auditor_finds_looks_verifies_and_exports, super::routed);

async fn a_forged_record_is_shown_as_such(app: TestApp) {
    write(&app, 3).await;
    let forge = "UPDATE audit SET summary = '没有签署' WHERE seq = 2";
    sea_orm::ConnectionTrait::execute_unprepared(app.db.writer(), forge)
        .await
        .expect("forged");
    let auditor = app.client(&auditor());
    assert!(
        auditor
            .get("/audit/2")
            .await
            .expect(200)
            .text()
            .contains("与摘要不一致")
    );
    let answer = auditor.post("/audit/verifications", &[]).await.expect(303);
    let page = auditor.get(answer.location()).await.expect(200).text();
    assert!(
        page.contains("第 2 条记录的内容与写入时的摘要不一致"),
        "{page}"
    );
}
on_both_databases!(a_forged_record_is_shown_as_such, super::routed);

async fn nobody_else_comes_near(app: TestApp) {
    write(&app, 1).await;
    assert_eq!(roles_with(Permission::ReadAudit), [Role::Auditor]);
    for role in Role::ALL.iter().filter(|role| **role != Role::Auditor) {
        let other = app.client(&actor(2, "别人", &[(*role, Scope::Institution(UnitId(1)))]));
        for path in ["/audit", "/audit/1", "/audit/verifications/1"] {
            let answer = other.get(path).await.expect(403);
            assert!(!answer.text().contains("签署备案"));
        }
        for path in ["/audit/verifications", "/audit/exports"] {
            other.post(path, &[("format", "csv")]).await.expect(403);
        }
    }
}
on_both_databases!(nobody_else_comes_near, super::routed);
