//! A unit's own page.

use crate::testing::{College, facts, filed, person_at, program, register, unfiled};
use zhendi_kernel::{Role, actor::Scope, testing::TestApp};
use zhendi_people::role::{self, NewGrant};

async fn it_gathers_what_is_the_units(app: TestApp) {
    let college = College::new(&app).await;
    let head = person_at(&app, college.faculty, "赵院长", "13800138011").await;
    let tx = app.db.begin().await.unwrap();
    let grant = NewGrant {
        person: head,
        role: Role::UnitHead,
        scope: Scope::Unit(college.faculty),
        until: None,
    };
    role::grant(&tx, &app, &program(), grant).await.unwrap();
    tx.commit().await.unwrap();
    register(
        &app,
        unfiled(
            facts(college.lab, "wechat", "网络实验室号", "net_lab"),
            "2026-11-10",
        ),
    )
    .await;
    register(
        &app,
        filed(facts(college.library, "website", "图书馆网站", "lib.cn")),
    )
    .await;
    let path = format!("/units/{}", college.faculty);

    let page = app
        .client(&college.liaison())
        .get(&path)
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("赵院长") && page.contains("单位负责人"),
        "{page}"
    );
    assert!(page.contains("网络实验室号") && !page.contains("图书馆网站"));
    assert!(page.contains("有 1 个网络阵地超过期限"));
    assert!(!page.contains("13800138011"));

    // Who manages units sees this one and its people, not its channels.
    let page = app
        .client(&college.system())
        .get(&path)
        .await
        .expect(200)
        .text();
    assert!(page.contains("管理单位") && !page.contains("网络实验室号"));
    app.client(&college.librarian())
        .get(&path)
        .await
        .expect(404);
    app.client(&college.officer())
        .get("/units/99999")
        .await
        .expect(404);
}
zhendi_kernel::on_both_databases!(it_gathers_what_is_the_units, || crate::testing::setup());
