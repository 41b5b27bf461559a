//! Cancellations: the decision, the proof, the look again.

use super::{papers::PDF, *};
use crate::{
    channel::{FilingState, RunningState, identity},
    filing::{Closing, Stage, cancelled_on, closing},
};
use chrono::TimeDelta;
use zhendi_kernel::{ChannelId, on_both_databases, work};

fn closing_form<'a>(channel: &'a str, notice: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("kind", "cancellation"),
        ("channel", channel),
        ("action", "submit"),
        ("reason", "长期不更新"),
        ("closing_notice", notice),
        ("followers_plan", "guided"),
        ("content_plan", "archived"),
        ("content_note", "存学校档案馆"),
        ("close_on", "2026-12-31"),
    ]
}

impl Cast {
    /// A form of the filing that brings a file.
    async fn bring(
        &self,
        who: &Actor,
        id: i64,
        noun: &str,
        more: &[(&str, &str)],
        file: Option<&str>,
    ) -> Answer {
        let version = self.filing(id).await.version.to_string();
        let mut fields = vec![("version", version.as_str())];
        fields.extend_from_slice(more);
        let files: Vec<(&str, &str, &[u8])> = file
            .map(|field| (field, "截图.pdf", PDF))
            .into_iter()
            .collect();
        self.client(who)
            .upload(&format!("/filings/{id}/{noun}"), &fields, &files)
            .await
    }
}

async fn a_channel_is_cancelled_proven_and_looked_at_again(app: TestApp) {
    let cast = Cast::new(app).await;
    let (_, channel) = cast.filed_channel("farewell").await;
    let id = channel.id.to_string();
    // Everything that is missing is said at once.
    let bare = [
        ("kind", "cancellation"),
        ("channel", id.as_str()),
        ("action", "submit"),
    ];
    let page = cast
        .post(&cast.liaison, "/filings", &bare)
        .await
        .expect(422)
        .text();
    for field in [
        "reason",
        "closing_notice",
        "followers_plan",
        "content_plan",
        "close_on",
    ] {
        assert!(page.contains(&format!("href=\"#f-{field}\"")), "{field}");
    }
    let draft = number_of_edit(&page);
    cast.press(&cast.liaison, draft, "withdrawals", &[])
        .await
        .expect(303);
    let form = closing_form(&id, "https://www.example.edu.cn/notice/1");
    let answer = cast
        .post(&cast.liaison, "/filings", &form)
        .await
        .expect(303);
    let cancel = number_of(&answer);
    assert!(matches!(
        cast.filing(cancel).await.course.stage,
        Stage::Awaiting(_)
    ));
    // A change meanwhile is refused.
    let change = cast.change_form(channel.id.0, &[("name", "改名")]).await;
    cast.post_all(&cast.liaison, "/filings", &change)
        .await
        .expect(409);
    cast.all_agree(cancel).await;
    let filing = cast.filing(cancel).await;
    assert_eq!(
        (filing.course.stage, filing.closing),
        (Stage::Effective, Some(Closing::Proof))
    );
    assert!(filing.document_number.is_some());
    // The channel goes on until the proof is there; nothing else about it begins.
    let now = cast.channel(channel.id.0).await;
    assert_eq!(
        (now.filing, now.running),
        (FilingState::Filed, RunningState::Live)
    );
    cast.post_all(&cast.liaison, "/filings", &change)
        .await
        .expect(409);
    let open = work::of_subject(cast.db.read(), cast.now(), ("filing", cancel))
        .await
        .unwrap();
    assert_eq!(
        open.iter()
            .map(|item| item.kind.as_str())
            .collect::<Vec<_>>(),
        [closing::PROVE]
    );

    // The proof: by the unit's people, with a screenshot.
    cast.bring(&cast.head, cancel, "proofs", &[], Some("proof"))
        .await
        .expect(403);
    cast.bring(&cast.liaison, cancel, "proofs", &[], None)
        .await
        .expect(422);
    cast.bring(
        &cast.liaison,
        cancel,
        "proofs",
        &[("proof_note", "平台已注销")],
        Some("proof"),
    )
    .await
    .expect(303);
    let now = cast.channel(channel.id.0).await;
    assert_eq!(
        (now.filing, now.running),
        (FilingState::Cancelled, RunningState::Closed)
    );
    assert_eq!(
        cancelled_on(cast.db.read(), channel.id).await.unwrap(),
        Some(cast.clock.today())
    );
    let found = cast
        .client(&cast.officer)
        .get("/channels?q=farewell")
        .await
        .expect(200)
        .text();
    assert!(
        found.contains("farewell"),
        "a cancelled channel stays searchable"
    );
    let filing = cast.filing(cancel).await;
    assert_eq!(filing.closing, Some(Closing::Recheck));

    // Looked at again: not too early, not by who proved it, and with what was seen.
    cast.bring(
        &cast.liaison,
        cancel,
        "rechecks",
        &[("found", "gone")],
        Some("recheck_scan"),
    )
    .await
    .expect(403);
    let early = [("found", "gone"), ("recheck_note", "没有了")];
    let told = cast
        .bring(&cast.officer, cancel, "rechecks", &early, None)
        .await
        .expect(409)
        .text();
    assert!(told.contains("冷静期"), "{told}");
    cast.bring(
        &cast.officer,
        cancel,
        "rechecks",
        &[("found", "reachable")],
        None,
    )
    .await
    .expect(422);
    // Still there: the duty comes back, and the register says that it runs.
    let seen = [("found", "reachable"), ("recheck_note", "主页还能打开")];
    cast.bring(&cast.officer, cancel, "rechecks", &seen, None)
        .await
        .expect(303);
    let now = cast.channel(channel.id.0).await;
    assert_eq!(
        (now.filing, now.running),
        (FilingState::Cancelled, RunningState::Live)
    );
    assert_eq!(cast.filing(cancel).await.closing, Some(Closing::Proof));
    cast.bring(&cast.liaison, cancel, "proofs", &[], Some("proof"))
        .await
        .expect(303);
    cast.pass(TimeDelta::days(31));
    let seen = [("found", "gone"), ("recheck_note", "搜索无结果")];
    cast.bring(&cast.officer, cancel, "rechecks", &seen, None)
        .await
        .expect(303);
    let filing = cast.filing(cancel).await;
    assert_eq!(filing.closing, Some(Closing::Confirmed));
    let open = work::of_subject(cast.db.read(), cast.now(), ("filing", cancel))
        .await
        .unwrap();
    assert!(open.is_empty());
    let now = cast.channel(channel.id.0).await;
    assert_eq!(now.running, RunningState::Closed);
    let page = cast
        .client(&cast.liaison)
        .get(&format!("/filings/{cancel}"))
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("全部办结") && page.contains("主页还能打开") && page.contains("搜索无结果")
    );

    // The id may be filed anew, by whomever: the cancelled channel gives it up then.
    let unit = cast.college.to_string();
    let again = with(&opening(&unit, "farewell"), "action", "submit");
    let answer = cast
        .post(&cast.liaison, "/filings", &again)
        .await
        .expect(303);
    let again = FilingId(number_of(&answer));
    let key = identity::keys(&channel.facts, crate::platform::NamedBy::Account).remove(0);
    assert_eq!(
        identity::owner_of(cast.db.read(), &key).await.unwrap(),
        Some(identity::Owner::Filing(again))
    );
}

/// The filing whose form a page shows.
fn number_of_edit(page: &str) -> i64 {
    let (_, rest) = page
        .split_once("action=\"/filings/")
        .expect("the form of a kept draft");
    rest.split('/').next().unwrap().parse().unwrap()
}

on_both_databases!(
    a_channel_is_cancelled_proven_and_looked_at_again,
    super::setup
);

async fn a_proof_at_the_submission_closes_at_the_decision(app: TestApp) {
    let cast = Cast::new(app).await;
    let (_, channel) = cast.filed_channel("gone").await;
    let id = channel.id.to_string();
    let form: Vec<_> = closing_form(&id, "")
        .into_iter()
        .filter(|(name, _)| *name != "action")
        .collect();
    let answer = cast
        .post(&cast.liaison, "/filings", &form)
        .await
        .expect(303);
    let cancel = number_of(&answer);
    let path = format!("/filings/{cancel}/attachments");
    // Neither link nor scan of the notice: refused.
    cast.press(&cast.liaison, cancel, "submissions", &[])
        .await
        .expect(422);
    for purpose in ["closing_notice", "platform_proof"] {
        cast.client(&cast.liaison)
            .upload(&path, &[("purpose", purpose)], &[("file", "a.pdf", PDF)])
            .await
            .expect(303);
    }
    // Purposes of other kinds and of officers are not for an author.
    cast.client(&cast.liaison)
        .upload(&path, &[("purpose", "paper")], &[("file", "a.pdf", PDF)])
        .await
        .expect(400);
    cast.press(&cast.liaison, cancel, "submissions", &[])
        .await
        .expect(303);
    cast.all_agree(cancel).await;
    let now = cast.channel(channel.id.0).await;
    assert_eq!(
        (now.filing, now.running),
        (FilingState::Cancelled, RunningState::Closed)
    );
    assert_eq!(cast.filing(cancel).await.closing, Some(Closing::Recheck));
    assert_eq!(
        crate::filing::under_way(cast.db.read(), ChannelId(channel.id.0))
            .await
            .unwrap(),
        None
    );
}

on_both_databases!(
    a_proof_at_the_submission_closes_at_the_decision,
    super::setup
);
