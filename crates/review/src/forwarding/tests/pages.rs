//! The pages and the API through the real router.

use super::{BAD, QUOTE};
use crate::testing::School;
use axum::http::Method;
use serde_json::json;
use zhendi_kernel::{on_both_databases, testing::TestApp};

async fn it_is_forwarded_answered_and_closed_on_its_pages(app: TestApp) {
    let school = School::new(app).await;
    let (guard, guard_head) = school.department("保卫处", "马强").await;
    let id = school.draft_with_picture("考试服务", BAD).await;
    school.submit(id).await.unwrap();
    let admin = school.client(&school.acting(school.admin).await);
    let text = async |path: &str| admin.get(path).await.expect(200).text();
    let list = text("/forwardings").await;
    assert!(list.contains("没有转送记录"), "{list}");
    let review = text(&format!("/manuscripts/{id}/review")).await;
    let way = format!("/forwardings/new?manuscript={id}");
    assert!(review.contains(&way) && review.contains("id=\"decide\""));
    assert!(text(&format!("/manuscripts/{id}")).await.contains(&way));
    let form = text(&way).await;
    assert!(form.contains("保卫处") && form.contains("涉密"), "{form}");

    let (manuscript, unit) = (id.to_string(), guard.to_string());
    let wrong = [("manuscript", manuscript.as_str()), ("kind", "illegal")];
    let page = admin.post("/forwardings", &wrong).await.expect(422).text();
    assert!(page.contains("请至少选择一个处理部门"), "{page}");
    let right = [
        ("manuscript", manuscript.as_str()),
        ("kind", "illegal"),
        ("unit", &unit),
        ("why", "正文里有代考广告。"),
        ("quote", QUOTE),
    ];
    let chief = school.client(&school.acting(school.chief).await);
    let hook = json!({ "name": "门户", "url": "https://portal.example/in", "events": [] });
    let hook = chief.json(Method::POST, "/api/v1/hooks", &hook).await;
    let hook = hook.expect(201).json()["hook"]["id"].to_string();
    admin.post("/forwardings", &right).await.expect(303);
    let queue = text("/reviews?view=open").await;
    assert!(queue.contains("已转送，暂停"), "{queue}");
    let review = text(&format!("/manuscripts/{id}/review")).await;
    assert!(review.contains("办结前不能审核通过") && !review.contains("id=\"decide\""));
    let author = school.client(&school.acting(school.author).await);
    let page = author
        .get(&format!("/manuscripts/{id}"))
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("已转送有关部门") && !page.contains("/forwardings/1"),
        "{page}"
    );
    author.get("/forwardings").await.expect(403);

    let head = school.client(&school.acting(guard_head).await);
    let page = head.get("/forwardings/1").await.expect(200).text();
    for words in ["正文里有代考广告", QUOTE, "与转送时一致", "处理结果"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // The head sees the text as it was laid out, with its picture, and nothing else of the manuscript.
    let frame = head.get("/forwardings/1/frame").await.expect(200).text();
    assert!(frame.contains("请同学们相互转告"), "{frame}");
    let at = frame.find("/forwardings/1/files/").expect("the picture");
    let picture = &frame[at..at + frame[at..].find('"').unwrap()];
    head.get(picture).await.expect(200);
    let elsewhere = picture.replace("/forwardings/1/", &format!("/manuscripts/{id}/"));
    head.get(&elsewhere).await.expect(404);
    head.get("/forwardings/1/files/999").await.expect(404);
    let editor = school.client(&school.acting(school.editor).await);
    for path in ["/forwardings/1/frame", picture] {
        editor.get(path).await.expect(404);
    }

    let said = [
        ("version", "1"),
        ("unit", unit.as_str()),
        ("handling", "handled"),
    ];
    head.post("/forwardings/1/answers", &said).await.expect(422);
    let said = [
        ("version", "1"),
        ("unit", unit.as_str()),
        ("handling", "handled"),
        ("words", "已删除，并约谈发布人。"),
    ];
    admin
        .post("/forwardings/1/answers", &said)
        .await
        .expect(403);
    head.post("/forwardings/1/answers", &said).await.expect(303);
    let list = text("/forwardings?view=open").await;
    assert!(list.contains("待办结") && list.contains("保卫处"), "{list}");
    for path in ["/forwardings.csv?view=open", "/forwardings.xlsx"] {
        admin.get(path).await.expect(200);
    }
    let csv = text("/forwardings.csv?view=open").await;
    assert!(csv.contains("正文里有代考广告"), "{csv}");
    let csv = text("/forwardings.csv?view=closed").await;
    assert!(!csv.contains("正文里有代考广告"), "{csv}");
    let ended = [
        ("version", "2"),
        ("outcome", "confirmed"),
        ("words", "情况属实，已处置。"),
    ];
    admin
        .post("/forwardings/1/closings", &ended)
        .await
        .expect(303);
    let seen = admin
        .get("/api/v1/forwardings?view=closed")
        .await
        .expect(200)
        .json();
    assert_eq!(seen["items"][0]["outcome"], "confirmed");
    assert_eq!(seen["items"][0]["departments"][0]["handling"], "handled");
    head.get("/api/v1/forwardings/1").await.expect(200);
    let review = text(&format!("/manuscripts/{id}/review")).await;
    assert!(review.contains("id=\"decide\""));
    let queue = text("/reviews?view=open").await;
    assert!(!queue.contains("已转送，暂停"), "{queue}");

    let sent = format!("/api/v1/hooks/{hook}");
    let told = chief
        .get(&format!("{sent}/deliveries"))
        .await
        .expect(200)
        .json();
    for event in ["manuscript.held", "manuscript.freed"] {
        assert!(told.to_string().contains(event), "{told}");
    }
    chief
        .json(Method::DELETE, &sent, &json!({}))
        .await
        .expect(204);
    school.run_jobs().await;
}
on_both_databases!(
    it_is_forwarded_answered_and_closed_on_its_pages,
    crate::testing::setup
);
