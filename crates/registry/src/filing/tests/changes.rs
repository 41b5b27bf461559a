//! Changes of what is filed: marked against the record, applied to it alone where they say something else.

use super::*;
use crate::{
    channel::{self, identity},
    filing::{self, Kind, Stage, Step, for_print, under_way},
    platform::NamedBy,
};
use zhendi_kernel::{ChannelId, audit, notify, on_both_databases, work};

async fn a_change_is_filed(app: TestApp) {
    let cast = Cast::new(app).await;
    let (opening, channel) = cast.filed_channel("xg_voice").await;
    let id = channel.id.0;
    let number = channel.filing_number.clone();

    // The form is filled with the record; nothing is marked yet.
    let form = cast
        .client(&cast.liaison)
        .get(&format!("/filings/new?kind=change&channel={id}"))
        .await
        .expect(200)
        .text();
    assert!(form.contains("value=\"xg_voice\"") && form.contains("data-was=\"xg_voice\""));
    assert!(!form.contains("is-changed"));
    // Handed in as it is, it changes nothing and is refused; the draft is kept.
    let same = cast.change_form(id, &[]).await;
    let answer = cast
        .post_all(&cast.liaison, "/filings", &same)
        .await
        .expect(303);
    let draft = number_of(&answer);
    let page = cast
        .client(&cast.liaison)
        .get(&format!("/filings/{draft}"))
        .await
        .expect(200)
        .text();
    assert!(page.contains("还没有变更项"), "{page}");
    let told = cast
        .press(&cast.liaison, draft, "submissions", &[])
        .await
        .expect(409)
        .text();
    assert!(told.contains("没有任何变更"), "{told}");
    cast.press(&cast.liaison, draft, "withdrawals", &[])
        .await
        .expect(303);

    // A new name, id and operator.
    let cells = [
        ("name", "信工新声"),
        ("address_or_id", "xg_new_voice"),
        ("operator_name", "孙老师"),
        ("operator_phone", "13800138077"),
    ];
    let change = cast.change_submitted(id, &cells).await;
    let filing = cast.filing(change).await;
    assert_eq!(
        (filing.kind, filing.channel),
        (Kind::Change, Some(ChannelId(id)))
    );
    assert_eq!(
        under_way(cast.db.read(), ChannelId(id)).await.unwrap(),
        Some(filing.id)
    );
    // The register stands as it was, and both ids are this channel's from now on.
    assert_eq!(cast.channel(id).await.facts.name, "xg_voice");
    let mut wanted = channel.facts.clone();
    wanted.address_or_id = "xg_new_voice".into();
    let new_key = identity::keys(&wanted, NamedBy::Account).remove(0);
    assert_eq!(
        identity::owner_of(cast.db.read(), &new_key).await.unwrap(),
        Some(identity::Owner::Filing(filing.id))
    );
    let unit = cast.college.to_string();
    let late = cast
        .post(
            &cast.liaison,
            "/filings",
            &with(&opening_fields(&unit, "xg_new_voice"), "action", "submit"),
        )
        .await
        .expect(422)
        .text();
    assert!(late.contains("不能重复备案"), "{late}");
    // A second one on its way is refused.
    let second = cast.change_form(id, &[("name", "又一个")]).await;
    let told = cast
        .post_all(&cast.liaison, "/filings", &second)
        .await
        .expect(409)
        .text();
    assert!(told.contains("已有一件备案正在办理"), "{told}");

    // What is changed is marked on the page, old beside new.
    let page = cast
        .client(&cast.head)
        .get(&format!("/filings/{change}"))
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("<del class=\"was\">xg_voice</del> <ins class=\"now\">信工新声</ins>"),
        "{page}"
    );
    assert!(page.contains("<del class=\"was\">郑老师</del> <ins class=\"now\">孙老师</ins>"));
    // Printed: the marks, the hash.
    let print = for_print(&cast, &cast.head, filing.id).await.unwrap();
    let marks: Vec<&str> = print.changed.iter().map(String::as_str).collect();
    assert_eq!(
        marks,
        [
            "address_or_id",
            "name",
            "operator_name_0",
            "operator_phone_0"
        ]
    );
    assert_eq!(print.hash.len(), 64);

    // Nobody signs a change beside a record they have not seen.
    let told = cast
        .press(&cast.head, change, "signatures", &[("record", "1")])
        .await;
    assert!(told.expect(409).text().contains("已变动"));
    cast.press_beside(&cast.head, change, "signatures", &[])
        .await
        .expect(303);
    let signed = for_print(&cast, &cast.head, filing.id).await.unwrap();
    assert_ne!(signed.hash, print.hash);
    assert_eq!(signed.opinions.len(), 1);

    // Meanwhile somebody corrects what a correction may: followers. The change does not take it back.
    let tx = cast.db.begin().await.unwrap();
    let now = cast.channel(id).await;
    let mut to = now.content();
    to.facts.followers = Some(4321);
    channel::correct(&tx, &cast, &cast.officer, now, to)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    cast.press_beside(&cast.officer, change, "checks", &ALL_TICKED)
        .await
        .expect(303);
    cast.press_beside(&cast.chief, change, "decisions", &[])
        .await
        .expect(303);

    let after = cast.channel(id).await;
    assert_eq!(after.facts.name, "信工新声");
    assert_eq!(after.facts.address_or_id, "xg_new_voice");
    assert_eq!(after.facts.followers, Some(4321));
    assert_ne!(after.filing_number, number);
    assert_eq!(after.people.leader, channel.people.leader);
    assert_eq!(after.people.reviewers, channel.people.reviewers);
    assert_ne!(after.people.operators, channel.people.operators);
    assert_eq!(
        identity::owner_of(cast.db.read(), &new_key).await.unwrap(),
        Some(identity::Owner::Channel(after.id))
    );
    let old_key = identity::keys(&channel.facts, NamedBy::Account).remove(0);
    assert_eq!(
        identity::owner_of(cast.db.read(), &old_key).await.unwrap(),
        None
    );
    assert_eq!(under_way(cast.db.read(), after.id).await.unwrap(), None);
    // What it was before stays to be read.
    let filing = cast.filing(change).await;
    assert_eq!(filing.course.stage, Stage::Effective);
    assert_eq!(filing.base.as_ref().unwrap().content.followers, "4321");
    let page = cast
        .client(&cast.liaison)
        .get(&format!("/filings/{change}"))
        .await
        .expect(200)
        .text();
    assert!(page.contains("<del class=\"was\">xg_voice</del>"), "{page}");
    // It is found by both filings, and the old opening says what it said.
    assert_eq!(cast.filing(opening).await.content.name, "xg_voice");
    let history = audit::history(cast.db.read(), "channel", id).await.unwrap();
    assert!(
        history
            .iter()
            .any(|line| line.summary.contains("变更备案生效"))
    );
    // The new operator is to be made admin.
    let open = work::of_subject(cast.db.read(), cast.now(), ("channel", id))
        .await
        .unwrap();
    assert!(
        open.iter()
            .any(|item| item.kind == zhendi_people::role::AWAITED)
    );
    assert!(
        notify::unread(cast.db.read(), cast.liaison.person().unwrap())
            .await
            .unwrap()
            > 0
    );
}

fn opening_fields<'a>(unit: &'a str, account: &'a str) -> Vec<(&'a str, &'a str)> {
    opening(unit, account)
}

on_both_databases!(a_change_is_filed, super::setup);

async fn what_moved_since_is_said_and_kept(app: TestApp) {
    let cast = Cast::new(app).await;
    let (_, channel) = cast.filed_channel("moved").await;
    let id = channel.id.0;
    let change = cast
        .change_submitted(id, &[("posting_frequency", "每天一次")])
        .await;
    let tx = cast.db.begin().await.unwrap();
    let now = cast.channel(id).await;
    let mut to = now.content();
    to.facts.posting_frequency = "每月一次".into();
    to.facts.responsible_department = "党委宣传部".into();
    channel::correct(&tx, &cast, &cast.officer, now, to)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let page = cast
        .client(&cast.head)
        .get(&format!("/filings/{change}"))
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("提交时为“每周至少一次”，现在为“每月一次”"),
        "{page}"
    );
    assert!(
        !page.contains("<del class=\"was\">学工办"),
        "only what the author changed is marked"
    );
    // Whoever looked before looks again.
    let stale = [("record", "2")];
    cast.press(&cast.head, change, "signatures", &stale)
        .await
        .expect(409);
    cast.all_agree(change).await;
    let after = cast.channel(id).await;
    assert_eq!(after.facts.posting_frequency, "每天一次");
    assert_eq!(after.facts.responsible_department, "党委宣传部");
}

on_both_databases!(what_moved_since_is_said_and_kept, super::setup);

async fn a_return_and_a_withdrawal_leave_the_register_alone(app: TestApp) {
    let cast = Cast::new(app).await;
    let (_, channel) = cast.filed_channel("still").await;
    let id = channel.id.0;
    let change = cast
        .change_submitted(id, &[("name", "另一个名字"), ("address_or_id", "still_2")])
        .await;
    cast.press(&cast.head, change, "returns", &[("opinion", "先不改名")])
        .await
        .expect(303);
    assert_eq!(cast.filing(change).await.course.stage, Stage::Returned);
    assert_eq!(cast.channel(id).await, channel);
    // Still on its way: no other begins.
    let told = cast
        .client(&cast.liaison)
        .get(&format!("/filings/new?kind=cancellation&channel={id}"))
        .await
        .expect(409)
        .text();
    assert!(told.contains("已有一件备案正在办理"));
    cast.press(&cast.liaison, change, "withdrawals", &[])
        .await
        .expect(303);
    assert_eq!(cast.channel(id).await, channel);
    let key = identity::keys(
        &channel::Facts {
            address_or_id: "still_2".into(),
            ..channel.facts.clone()
        },
        NamedBy::Account,
    )
    .remove(0);
    assert_eq!(
        identity::owner_of(cast.db.read(), &key).await.unwrap(),
        None
    );
    cast.change_submitted(id, &[("name", "第二次")]).await;
}

on_both_databases!(
    a_return_and_a_withdrawal_leave_the_register_alone,
    super::setup
);

async fn the_database_settles_two_changes_at_once(app: TestApp) {
    let cast = Cast::new(app).await;
    let (_, channel) = cast.filed_channel("twice").await;
    let id = channel.id.0;
    let mut drafts = vec![];
    for name in ["甲", "乙"] {
        let mut fields = cast.change_form(id, &[("name", name)]).await;
        fields.retain(|(key, _)| key != "action");
        let answer = cast
            .post_all(&cast.liaison, "/filings", &fields)
            .await
            .expect(303);
        drafts.push(FilingId(number_of(&answer)));
    }
    let submit = |id| filing::submit(&cast, &cast.liaison, id, 1);
    let (one, other) = tokio::join!(submit(drafts[0]), submit(drafts[1]));
    let won = [&one, &other]
        .iter()
        .filter(|result| matches!(result, Ok(Ok(_))))
        .count();
    assert_eq!(won, 1, "{one:?} {other:?}");
    let lost = [one, other]
        .into_iter()
        .find(|result| result.is_err())
        .unwrap();
    assert!(
        lost.unwrap_err()
            .to_string()
            .contains("已有一件备案正在办理")
    );
}

on_both_databases!(the_database_settles_two_changes_at_once, super::setup);

async fn a_channel_goes_to_another_unit_with_its_consent(app: TestApp) {
    let cast = Cast::new(app).await;
    let (_, channel) = cast.filed_channel("mover").await;
    let id = channel.id.0;
    let other = cast.other.to_string();
    let other_head = cast
        .join(
            "孙院长",
            cast.other,
            Role::UnitHead,
            Scope::Unit(cast.other),
        )
        .await;
    let fields = cast.change_form(id, &[("new_unit", &other)]).await;
    let answer = cast
        .post_all(&cast.liaison, "/filings", &fields)
        .await
        .expect(303);
    let change = number_of(&answer);
    assert_eq!(
        cast.filing(change).await.course.stage,
        Stage::Draft,
        "consent is missing"
    );
    let path = format!("/filings/{change}/attachments");
    cast.client(&cast.liaison)
        .upload(
            &path,
            &[("purpose", "consent")],
            &[("file", "同意函.pdf", super::papers::PDF)],
        )
        .await
        .expect(303);
    cast.press(&cast.liaison, change, "submissions", &[])
        .await
        .expect(303);
    cast.all_agree(change).await;
    let after = cast.channel(id).await;
    assert_eq!(after.facts.unit, cast.other);
    assert!(
        notify::unread(cast.db.read(), other_head.person().unwrap())
            .await
            .unwrap()
            > 0
    );
    cast.client(&other_head)
        .get(&format!("/channels/{id}"))
        .await
        .expect(200);
}

on_both_databases!(
    a_channel_goes_to_another_unit_with_its_consent,
    super::setup
);

async fn a_suspended_channel_may_be_changed_and_a_cancelled_one_not(app: TestApp) {
    let cast = Cast::new(app).await;
    let (_, channel) = cast.filed_channel("paused").await;
    let id = channel.id.0;
    let change = cast.change_submitted(id, &[("name", "新名")]).await;
    let tx = cast.db.begin().await.unwrap();
    let now = cast.channel(id).await;
    channel::set_running(&tx, &cast, &cast.officer, now, true, "整改")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    cast.press_beside(&cast.head, change, "signatures", &[])
        .await
        .expect(303);
    cast.press_beside(&cast.officer, change, "checks", &ALL_TICKED)
        .await
        .expect(303);
    // Annex 4 says meanwhile that it was cancelled on paper.
    let tx = cast.db.begin().await.unwrap();
    let now = cast.channel(id).await;
    channel::close_cancelled(&tx, &cast, &cast.officer, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let told = cast
        .press_beside(&cast.chief, change, "decisions", &[])
        .await
        .expect(409)
        .text();
    assert!(told.contains("已注销"), "{told}");
    assert_eq!(
        cast.filing(change).await.course.stage,
        Stage::Awaiting(Step::Decision)
    );
    cast.press(&cast.head, change, "withdrawals", &[])
        .await
        .expect(303);
}

on_both_databases!(
    a_suspended_channel_may_be_changed_and_a_cancelled_one_not,
    super::setup
);

async fn rows_of_people_come_and_go_without_script(app: TestApp) {
    let cast = Cast::new(app).await;
    let unit = cast.college.to_string();
    let mut fields = opening(&unit, "rows");
    fields.extend([
        ("operator_name", "第二人"),
        ("operator_post", "干事"),
        ("operator_phone", "13800138002"),
        ("operator_employment", "contract"),
    ]);
    let add = with(&fields, "action", "add_operator");
    let page = cast
        .post(&cast.liaison, "/filings", &add)
        .await
        .expect(200)
        .text();
    assert!(page.contains("运维工作人员 4") && page.contains("value=\"第二人\""));
    let mut removed = fields.clone();
    removed.retain(|(name, value)| !(name.starts_with("operator") && value.is_empty()));
    let remove = with(&removed, "action", "remove_operator_0");
    let page = cast
        .post(&cast.liaison, "/filings", &remove)
        .await
        .expect(200)
        .text();
    assert!(!page.contains("郑老师") && page.contains("value=\"第二人\""));
    // Everything that is missing is said at once: of people, too, where not even a row was begun.
    let bare = [
        ("unit", unit.as_str()),
        ("name", "裸"),
        ("action", "submit"),
    ];
    let page = cast
        .post(&cast.liaison, "/filings", &bare)
        .await
        .expect(422)
        .text();
    for id in [
        "leader_name_0",
        "leader_post_0",
        "leader_employment_0",
        "reviewer_post_0",
        "reviewer_employment_0",
        "operator_phone_0",
        "operator_employment_0",
        "platform",
    ] {
        assert!(page.contains(&format!("href=\"#f-{id}\"")), "{id}");
    }
}

on_both_databases!(rows_of_people_come_and_go_without_script, super::setup);
