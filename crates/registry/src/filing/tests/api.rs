//! The same through the API.

use super::*;
use serde_json::{Value, json};
use zhendi_kernel::on_both_databases;

fn draft(cast: &Cast) -> Value {
    json!({
        "unit": cast.college,
        "content": {
            "name": "信工之声", "address_or_id": "xg-voice", "certified_body": "江海大学",
            "platform": "douyin", "posting_frequency": "每周", "responsible_department": "学工办",
            "holder": "unit",
        },
        "contacts": {
            "leader": { "name": "周院长", "post": "院长", "employment": "permanent" },
            "reviewers": [{ "name": "吴秘书", "post": "秘书", "employment": "permanent" }],
            "operators": [{ "name": "郑老师", "post": "辅导员", "phone": "13800138001", "employment": "permanent" }],
        },
    })
}

async fn programs_file_like_people(app: TestApp) {
    let cast = Cast::new(app).await;
    let send = async |who: &Actor, path: &str, body: Value| {
        cast.client(who)
            .json(axum::http::Method::POST, path, &body)
            .await
    };
    let made = send(&cast.liaison, "/api/v1/filings", draft(&cast))
        .await
        .expect(201)
        .json();
    let path = format!("/api/v1/filings/{}", made["id"]);
    assert_eq!(
        (&made["stage"], &made["kind"]),
        (&json!("draft"), &json!("opening"))
    );
    cast.client(&cast.head).get(&path).await.expect(404);
    let act = async |who: &Actor, noun: &str, mut body: Value, status: u16| {
        let version = cast.filing(made["id"].as_i64().unwrap()).await.version;
        body["version"] = json!(version);
        send(who, &format!("{path}/{noun}"), body)
            .await
            .expect(status)
            .json()
    };
    let stage = |answer: &Value| answer["stage"].as_str().unwrap().to_owned();
    assert_eq!(
        stage(&act(&cast.liaison, "submissions", json!({}), 200).await),
        "awaiting_unit_head"
    );
    let seen = cast
        .client(&cast.chief)
        .get("/api/v1/filings?stage=awaiting_unit_head&q=voice")
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&seen["total"], &seen["items"][0]["awaiting"]),
        (&json!(1), &json!("unit_head"))
    );
    let problem = act(&cast.chief, "signatures", json!({}), 403).await;
    assert!(
        problem["detail"].as_str().unwrap().contains("单位负责人"),
        "{problem}"
    );
    assert_eq!(
        stage(&act(&cast.head, "signatures", json!({}), 200).await),
        "awaiting_officer_check"
    );
    let problem = act(
        &cast.officer,
        "checks",
        json!({ "confirmed": ["name"] }),
        400,
    )
    .await;
    assert!(problem["detail"].as_str().unwrap().contains("尚未确认"));
    let problem = act(&cast.officer, "returns", json!({}), 400).await;
    assert!(problem["detail"].as_str().unwrap().contains("理由"));
    let confirmed =
        json!({ "confirmed": ["name", "avatar", "certified_body", "staff", "one_account"] });
    assert_eq!(
        stage(&act(&cast.officer, "checks", confirmed, 200).await),
        "awaiting_decision"
    );
    let done = act(
        &cast.chief,
        "decisions",
        json!({ "opinion": "同意开设" }),
        200,
    )
    .await;
    assert_eq!(done["document_number"], "宣备〔2026〕1号");
    assert_eq!(done["acts"][2]["opinion"], "同意开设");
    act(&cast.liaison, "withdrawals", json!({}), 409).await;
    // What cannot be read is said to be so.
    for body in [json!([]), json!({ "unit": "x" }), json!({ "contant": {} })] {
        send(&cast.liaison, "/api/v1/filings", body)
            .await
            .expect(400);
    }
    let incomplete = send(
        &cast.liaison,
        "/api/v1/filings",
        json!({ "unit": cast.college }),
    )
    .await
    .expect(201)
    .json();
    let path = format!("/api/v1/filings/{}/submissions", incomplete["id"]);
    let problem = send(&cast.liaison, &path, json!({ "version": 1 }))
        .await
        .expect(400)
        .json();
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("platform：请选择平台"),
        "{problem}"
    );
    cast.client(&cast.outsider)
        .json(axum::http::Method::POST, &path, &json!({}))
        .await
        .expect(404);
}
on_both_databases!(programs_file_like_people, super::setup);
