//! What a site system reads.

use crate::{
    connector::Way,
    publication::{State, TakeDown, withdraw},
    testing::School,
};
use serde_json::Value;
use zhendi_kernel::{on_both_databases, testing::TestApp};

const TOKEN: &str = "0123456789012345678901234567890123456789";

async fn a_site_reads_what_is_approved_and_what_is_gone(app: TestApp) {
    let school = School::new(app).await;
    school
        .connect(school.channel, Way::Feed, "", "", TOKEN)
        .await;
    let visitor = school.visitor();
    let id = school
        .draft_with_picture("消防 <演练> 通知", "<p>时间：周五 & 周六</p>")
        .await;
    let one = school.approve_now(id, None).await;
    let json = format!("/feeds/{TOKEN}.json");
    let read = visitor.get(&json).await.expect(200).json();
    assert_eq!(
        read["items"].as_array().unwrap().len(),
        0,
        "approved is not published"
    );
    let one = school.order(&one).await;
    school.run_jobs().await;

    let read = visitor.get(&json).await.expect(200).json();
    let item = &read["items"][0];
    assert_eq!(item["title"], "消防 <演练> 通知");
    assert_eq!(item["id"], format!("urn:zhendi:{}", one.key));
    let html = item["content_html"].as_str().unwrap();
    assert!(!html.contains("/manuscripts/"), "{html}");
    let at = html.find("/feeds/").expect("the picture's address");
    let path = &html[at..at + html[at..].find('"').unwrap()];
    let picture = visitor.get(path).await.expect(200);
    assert_eq!(&picture.bytes[..], super::PNG);

    let atom = visitor
        .get(&format!("/feeds/{TOKEN}.atom"))
        .await
        .expect(200)
        .text();
    assert!(
        atom.contains("<title>消防 &lt;演练&gt; 通知</title>"),
        "{atom}"
    );
    assert!(atom.contains("周五 &amp;amp; 周六"), "HTML within XML");

    // Without the address nobody reads anything.
    for path in [
        format!("/feeds/{}.json", TOKEN.replace('1', "2")),
        format!("/feeds/{TOKEN}.rss"),
        format!("/feeds/{TOKEN}/files/{}", "0".repeat(64)),
        "/feeds/short.json".into(),
    ] {
        visitor.get(&path).await.expect(404);
    }

    let sent = school.publication(one.id).await;
    assert_eq!(sent.state, State::Sent);
    let admin = school.acting(school.admin).await;
    let said = TakeDown {
        reason: "rights".into(),
        ..TakeDown::default()
    };
    withdraw(&school.app, &admin, one.id, sent.version, said)
        .await
        .unwrap()
        .unwrap();
    let read: Value = visitor.get(&json).await.expect(200).json();
    assert!(read["items"].as_array().unwrap().is_empty());
    assert_eq!(
        read["_zhendi"]["withdrawn"][0]["id"],
        format!("urn:zhendi:{}", one.key)
    );
    let atom = visitor
        .get(&format!("/feeds/{TOKEN}.atom"))
        .await
        .expect(200)
        .text();
    assert!(atom.contains("<at:deleted-entry"), "{atom}");
    visitor.get(path).await.expect(404);
    school.run_jobs().await;
}
on_both_databases!(
    a_site_reads_what_is_approved_and_what_is_gone,
    crate::publication::tests::open_setup
);
