//! A manuscript is read, noted on, returned, answered, corrected: through the real router, on both databases.

use crate::{
    course::{Deed, Stage},
    deciding::{annotations, service, store},
    ids::ManuscriptId,
    testing::{School, agreed, setup},
};
use zhendi_kernel::{
    PersonId,
    testing::{Client, TestApp},
};

const TEXT: &str = "<p>学院定于11月27日举行运动会，请各班做好准备。</p><p>联系人为张老师，请提前登陆系统报名。</p>";

async fn submitted(school: &School, html: &str) -> ManuscriptId {
    let id = school.draft("关于举行运动会的通知", html).await;
    school.submit(id).await.unwrap();
    id
}

async fn client(school: &School, person: PersonId) -> Client {
    school.app.client(&school.acting(person).await)
}

/// Passes the level that has it, with everything ticked.
async fn pass(school: &School, id: ManuscriptId, person: PersonId) {
    let seen = school.course(id).await.version.to_string();
    let mut form = vec![
        ("version", seen.as_str()),
        ("verdict", "approve"),
        ("proofread", "on"),
    ];
    form.extend(["0", "1", "2", "3", "4"].map(|nth| ("checked", nth)));
    let to = format!("/manuscripts/{id}/decisions");
    client(school, person)
        .await
        .post(&to, &form)
        .await
        .expect(303);
}

async fn a_return_is_answered_point_by_point(app: TestApp) {
    let school = School::new(app).await;
    let id = submitted(&school, TEXT).await;
    let page = format!("/manuscripts/{id}/review");
    let admin = client(&school, school.admin).await;

    // The reviewer reads; what was seen is on record.
    let shown = admin.get(&page).await.expect(200).text();
    for words in [
        "关于举行运动会的通知",
        "内容真实、准确、及时",
        "已完成一校",
        "做好准备",
        "由单位负责人办理",
    ] {
        assert!(shown.contains(words), "{words}");
    }
    let content = school.course(id).await.content().0;
    let seen = store::seen_by(school.db.read(), id, school.admin)
        .await
        .unwrap();
    assert_eq!(
        seen.iter().map(|(version, _)| *version).collect::<Vec<_>>(),
        [content]
    );

    // Others may read it, but neither decide nor note; strangers do not find it; the author reads elsewhere.
    let head = client(&school, school.head).await;
    let read = head.get(&page).await.expect(200).text();
    assert!(
        read.contains("现在是“初审”") && !read.contains("id=\"decide\""),
        "{read}"
    );
    let content_text = content.to_string();
    let note = [
        ("content", content_text.as_str()),
        ("passage", "2"),
        ("note", "请核对"),
    ];
    head.post(&format!("/manuscripts/{id}/annotations"), &note)
        .await
        .expect(403);
    let author = client(&school, school.author).await;
    author.get(&page).await.expect(303);
    client(&school, school.editor)
        .await
        .get(&page)
        .await
        .expect(404);

    // Notes stand at words, at passages, or on the whole.
    let words = [
        ("content", content_text.as_str()),
        ("from", "37"),
        ("to", "39"),
        ("quote", "登陆"),
        ("note", "应为“登录”"),
    ];
    let made = admin
        .post(&format!("/manuscripts/{id}/annotations"), &words)
        .await
        .expect(303);
    assert!(made.location().contains("#annotation-"));
    admin
        .post(&format!("/manuscripts/{id}/annotations"), &note)
        .await
        .expect(303);
    let whole = [
        ("content", content_text.as_str()),
        ("passage", "0"),
        ("note", "请补充地点"),
    ];
    admin
        .post(&format!("/manuscripts/{id}/annotations"), &whole)
        .await
        .expect(303);
    let all = annotations(school.db.read(), content).await.unwrap();
    let quotes: Vec<&str> = all.iter().map(|one| one.quote.as_str()).collect();
    assert_eq!(quotes, ["", "联系人为张老师，请提前登陆系统报名。", "登陆"]);
    let shown = admin.get(&page).await.expect(200).text();
    assert!(shown.contains("登陆</mark>"), "{shown}");
    let wrong = [
        ("content", content_text.as_str()),
        ("from", "0"),
        ("to", "2"),
        ("quote", "校庆"),
        ("note", "？"),
    ];
    admin
        .post(&format!("/manuscripts/{id}/annotations"), &wrong)
        .await
        .expect(409);
    let spare = all[0].id;
    head.post(
        &format!("/manuscripts/{id}/annotations/{spare}/removals"),
        &[],
    )
    .await
    .expect(403);

    // Nothing of it is for the author before the level has decided.
    let early = author
        .get(&format!("/manuscripts/{id}/answers"))
        .await
        .expect(200)
        .text();
    assert!(!early.contains("请补充地点"), "{early}");
    let before = school.course(id).await.version;
    let version = before.to_string();
    admin
        .get(&format!("{page}/news?version={version}"))
        .await
        .expect(204);
    let form = [
        ("version", version.as_str()),
        ("verdict", "return"),
        ("to", "author"),
        ("opinion", "请按批注修改"),
    ];
    admin
        .post(&format!("/manuscripts/{id}/decisions"), &form)
        .await
        .expect(303);
    let news = admin
        .get(&format!("{page}/news?version={version}"))
        .await
        .expect(200)
        .text();
    assert!(news.contains("已退回"), "{news}");
    admin
        .post(
            &format!("/manuscripts/{id}/annotations/{spare}/removals"),
            &[],
        )
        .await
        .expect(409);

    // The author sees each point, and that a point is left needs a reason.
    let asked = author
        .get(&format!("/manuscripts/{id}/answers"))
        .await
        .expect(200)
        .text();
    for words in ["请按批注修改", "应为“登录”", "请补充地点", "还没有改动"]
    {
        assert!(asked.contains(words), "{words}: {asked}");
    }
    let answers = format!("/manuscripts/{id}/answers");
    let field = format!("answer_{}", all[1].id);
    author
        .post(&answers, &[(field.as_str(), "kept")])
        .await
        .expect(409);
    let reason = format!("text_{}", all[1].id);
    author
        .post(
            &answers,
            &[
                (field.as_str(), "kept"),
                (reason.as_str(), "已与张老师核对"),
            ],
        )
        .await
        .expect(303);
    let done = format!("answer_{}", all[2].id);
    author
        .post(&answers, &[(done.as_str(), "done")])
        .await
        .expect(303);
    head.post(&answers, &[(done.as_str(), "done")])
        .await
        .expect(403);

    // The next reviewer sees what was asked, what was done, and what changed since.
    school
        .rewrite(id, "关于举行运动会的通知", &TEXT.replace("登陆", "登录"))
        .await;
    school.submit(id).await.unwrap();
    let shown = admin.get(&page).await.expect(200).text();
    for words in [
        "上次提出的 3 条",
        "已按要求修改",
        "未改，说明理由",
        "已与张老师核对",
        "作者没有说明",
        "原来的文字已改动",
        "您看过第 1 版。这一版新增 1 字，删去 1 字。",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let differences = admin
        .get(&format!("{page}?full=1&with=seen"))
        .await
        .expect(200)
        .text();
    assert!(
        differences.contains("<del>陆</del><ins>录</ins>"),
        "{differences}"
    );
    author
        .get(&format!("/manuscripts/{id}/differences?from=1&to=2"))
        .await
        .expect(200);
    author
        .post(&answers, &[(done.as_str(), "done")])
        .await
        .expect(409);
    let stale = [
        ("content", content_text.as_str()),
        ("passage", "1"),
        ("note", "旧版"),
    ];
    admin
        .post(&format!("/manuscripts/{id}/annotations"), &stale)
        .await
        .expect(409);
    school.run_jobs().await;
}
zhendi_kernel::on_both_databases!(a_return_is_answered_point_by_point, super::setup);

async fn a_small_correction_shows_only_the_difference(app: TestApp) {
    let school = School::new(app).await;
    let id = submitted(&school, TEXT).await;
    for person in [school.admin, school.head, school.chief] {
        pass(&school, id, person).await;
    }
    assert_eq!(school.course(id).await.stage, Stage::Approved);
    school
        .rewrite(id, "关于举行运动会的通知", &TEXT.replace("登陆", "登录"))
        .await;
    school.submit(id).await.unwrap();

    let page = format!("/manuscripts/{id}/review");
    for person in [school.admin, school.head, school.chief] {
        let client = client(&school, person).await;
        let shown = client.get(&page).await.expect(200).text();
        assert!(
            shown.contains("同意改动") && shown.contains("<del>陆</del><ins>录</ins>"),
            "{shown}"
        );
        assert!(!shown.contains("id=\"decide\""), "one tap, no checklist");
        let whole = client
            .get(&format!("{page}?full=1"))
            .await
            .expect(200)
            .text();
        assert!(
            whole.contains("id=\"decide\""),
            "who wants to may review it as a whole"
        );
        let version = school.course(id).await.version.to_string();
        let form = [("version", version.as_str()), ("verdict", "reapprove")];
        client
            .post(&format!("/manuscripts/{id}/decisions"), &form)
            .await
            .expect(303);
    }
    assert_eq!(school.course(id).await.stage, Stage::Approved);
    school.run_jobs().await;
}
zhendi_kernel::on_both_databases!(a_small_correction_shows_only_the_difference, super::setup);

async fn who_has_lost_the_role_in_between_can_note_nothing(app: TestApp) {
    let school = School::new(app).await;
    let id = submitted(&school, TEXT).await;
    let content = school.course(id).await.content().0;
    school.revoke_all(school.admin).await;
    let admin = school.acting(school.admin).await;
    let refused =
        service::annotate(&school, &admin, id, content, service::Spot::Whole, "请核对").await;
    assert!(
        matches!(refused, Err(zhendi_kernel::Fault::NotFound)),
        "{refused:?}"
    );
    assert!(
        annotations(school.db.read(), content)
            .await
            .unwrap()
            .is_empty()
    );
    school.run_jobs().await;
}
zhendi_kernel::on_both_databases!(
    who_has_lost_the_role_in_between_can_note_nothing,
    super::setup
);

/// Whoever writes beside a course holds it as it is, so that no decision comes between their look and their word.
async fn a_course_held_still_is_decided_on_afterwards(app: TestApp) {
    let school = School::new(app).await;
    let id = submitted(&school, TEXT).await;
    let tx = school.db.begin().await.unwrap();
    let held = crate::course::still(&tx, id).await.unwrap();
    let said = agreed(&held, &[]);
    let mut decision = std::pin::pin!(school.deed(school.admin, id, Deed::Approve(said)));
    let soon = std::time::Duration::from_millis(500);
    let early = tokio::time::timeout(soon, &mut decision).await;
    assert!(early.is_err(), "it was decided in between: {early:?}");
    let now = crate::course::of(&tx, id).await.unwrap().unwrap();
    assert_eq!(now.version, held.version);
    tx.rollback().await.unwrap();
    let after = decision.await.unwrap();
    assert!(after.version > held.version);
    school.run_jobs().await;
}
zhendi_kernel::on_both_databases!(a_course_held_still_is_decided_on_afterwards, super::setup);
