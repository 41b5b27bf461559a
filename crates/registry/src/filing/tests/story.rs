//! An opening from the empty form to the register, on both databases.

use super::*;
use crate::{
    channel::{self, FilingState, RunningState, identity},
    filing::{Query as Asked, Stage, Step, listing, of_channel, waits},
    platform::NamedBy,
};
use zhendi_kernel::{audit, notify, on_both_databases, work};

async fn an_opening_is_filed(app: TestApp) {
    let cast = Cast::new(app).await;
    let unit = cast.college.to_string();
    // An incomplete draft is kept, and is its author's alone.
    let draft = [
        ("unit", unit.as_str()),
        ("name", "信工之声"),
        ("action", "save"),
    ];
    let answer = cast
        .post(&cast.liaison, "/filings", &draft)
        .await
        .expect(303);
    let id = number_of(&answer);
    let path = format!("/filings/{id}");
    let page = cast
        .client(&cast.liaison)
        .get(&path)
        .await
        .expect(200)
        .text();
    assert!(page.contains("信工之声") && page.contains("草稿") && page.contains("提交备案"));
    cast.client(&cast.head).get(&path).await.expect(404);
    cast.client(&cast.outsider).get(&path).await.expect(404);

    // Handing it in says what is missing, and keeps what was typed.
    let page = cast
        .press(&cast.liaison, id, "submissions", &[])
        .await
        .expect(422)
        .text();
    assert!(
        page.contains("信工之声") && page.contains("请选择平台") && page.contains("请填写主管领导")
    );
    assert_eq!(cast.filing(id).await.course.stage, Stage::Draft);

    // Written out and handed in, it waits for the head; telephone numbers lie sealed.
    let version = cast.filing(id).await.version.to_string();
    let fields = with(
        &with(&opening(&unit, "信工之声"), "version", &version),
        "action",
        "submit",
    );
    let edit = format!("{path}/edit");
    cast.post(&cast.liaison, &edit, &fields).await.expect(303);
    assert_eq!(
        cast.filing(id).await.course.stage,
        Stage::Awaiting(Step::Signature)
    );
    let page = cast.client(&cast.head).get(&path).await.expect(200).text();
    assert!(page.contains("单位负责人 李卫东、赵书记"), "{page}");
    assert!(page.contains("同意并签署") && page.contains("13800138001"));
    assert!(
        !cast
            .client(&cast.officer)
            .get(&path)
            .await
            .text()
            .contains("审核通过</button>")
    );
    cast.client(&cast.outsider).get(&path).await.expect(404);

    // The list of each shows what waits for them.
    let waiting = cast
        .client(&cast.head)
        .get("/filings?view=waiting")
        .await
        .expect(200)
        .text();
    assert!(waiting.contains("信工之声"));
    let waiting = cast
        .client(&cast.chief)
        .get("/filings?view=waiting")
        .await
        .expect(200)
        .text();
    assert!(!waiting.contains("信工之声") && waiting.contains("没有等您办理的备案"));
    let items = work::of_subject(cast.db.read(), cast.now(), ("filing", id))
        .await
        .unwrap();
    assert_eq!(items.len(), 1);
    // A Friday; two working days later is Tuesday.
    assert_eq!(items[0].due.unwrap().to_string(), "2026-11-24 06:05:00 UTC");

    cast.press(&cast.head, id, "signatures", &[("opinion", "内容属实")])
        .await
        .expect(303);
    // The checklist must be gone through.
    let some = [("opinion", "看过了"), ("ticked", "name")];
    let page = cast
        .press(&cast.officer, id, "checks", &some)
        .await
        .expect(422)
        .text();
    assert!(
        page.contains("尚未确认：头像鲜明") && page.contains("看过了"),
        "{page}"
    );
    cast.press(&cast.officer, id, "checks", &ALL_TICKED)
        .await
        .expect(303);
    cast.press(&cast.chief, id, "decisions", &[])
        .await
        .expect(303);

    let filing = cast.filing(id).await;
    assert_eq!(filing.course.stage, Stage::Effective);
    assert_eq!(filing.document_number.as_deref(), Some("宣备〔2026〕1号"));
    let opinions: Vec<&str> = filing
        .course
        .acts
        .iter()
        .map(|act| act.opinion.as_str())
        .collect();
    assert_eq!(opinions, ["内容属实", "同意", "同意"]);
    let db = cast.db.read();
    let channel = channel::store::get(db, filing.channel.unwrap())
        .await
        .unwrap();
    assert_eq!(
        (channel.filing, channel.running),
        (FilingState::Filed, RunningState::Live)
    );
    assert_eq!(channel.filing_number, filing.document_number);
    assert_eq!(channel.filed_source.as_deref(), Some("线上备案"));
    assert_eq!(channel.people.operators.len(), 1);
    for key in identity::keys(&channel.facts, NamedBy::Account) {
        let owner = identity::owner_of(db, &key).await.unwrap();
        assert_eq!(owner, Some(identity::Owner::Channel(channel.id)));
    }
    // Nothing is left to do on the filing; the operator is to be made an admin.
    assert!(
        work::of_subject(db, cast.now(), ("filing", id))
            .await
            .unwrap()
            .is_empty()
    );
    let asked = work::of_subject(db, cast.now(), ("channel", channel.id.0))
        .await
        .unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        (asked[0].kind.as_str(), asked[0].role),
        (role::AWAITED, Some(Role::SecurityAdmin))
    );
    // The author is told, the head who signed too; what called the head to sign was read with the filing's
    // page. (The first word to each was that they hold a role.)
    assert_eq!(
        notify::unread(db, cast.liaison.person().unwrap())
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        notify::unread(db, cast.head.person().unwrap())
            .await
            .unwrap(),
        2
    );
    let lines = audit::history(db, "filing", id).await.unwrap();
    let actions: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
    let mut expected = [
        "filing.drafted",
        "filing.edited",
        "filing.submitted",
        "filing.signed",
        "filing.checked",
        "filing.approved",
    ];
    if actions[0] != expected[0] {
        expected.reverse();
    }
    assert_eq!(actions, expected);
    assert!(lines.iter().all(|line| !line.summary.contains("郑老师")));
    let page = cast
        .client(&cast.liaison)
        .get(&path)
        .await
        .expect(200)
        .text();
    assert!(page.contains("宣备〔2026〕1号") && page.contains("王建国"));

    let of = of_channel(db, &cast.liaison, channel.id, cast.now())
        .await
        .unwrap();
    assert_eq!(of.len(), 1);
    let waiting = waits(db, &cast.chief, cast.now()).await.unwrap();
    assert!(waiting.steps.iter().all(|(_, count)| count.is_none()));
    let in_force = Asked {
        stage: Some(Stage::Effective),
        ..Asked::default()
    };
    let found = listing(db, &cast.chief, &in_force, cast.now()).await;
    assert_eq!(found.unwrap().total, 1);
    // The security administrator grants; the asking ends.
    let tx = cast.db.begin().await.unwrap();
    let grant = NewGrant {
        person: channel.people.operators[0],
        role: Role::ChannelAdmin,
        scope: Scope::Channel(channel.id),
        until: None,
    };
    role::grant(&tx, &cast, &Actor::program(PROGRAM), grant)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(
        work::of_subject(db, cast.now(), ("channel", channel.id.0))
            .await
            .unwrap()
            .is_empty()
    );
}
on_both_databases!(an_opening_is_filed, super::setup);

async fn what_is_returned_begins_again(app: TestApp) {
    let cast = Cast::new(app).await;
    let id = cast.submitted("信工之声").await;
    cast.press(&cast.head, id, "signatures", &[])
        .await
        .expect(303);
    let page = cast
        .press(&cast.officer, id, "returns", &[("opinion", "  ")])
        .await
        .expect(422)
        .text();
    assert!(page.contains("退回须写明理由"));
    cast.press(
        &cast.officer,
        id,
        "returns",
        &[("opinion", "名称与功能不符")],
    )
    .await
    .expect(303);
    let filing = cast.filing(id).await;
    assert_eq!(filing.course.stage, Stage::Returned);
    let page = cast
        .client(&cast.liaison)
        .get(&format!("/filings/{id}/edit"))
        .await
        .expect(200)
        .text();
    assert!(page.contains("名称与功能不符") && page.contains("郑老师"));
    let items = work::of_subject(cast.db.read(), cast.now(), ("filing", id))
        .await
        .unwrap();
    assert_eq!((items.len(), items[0].person), (1, cast.liaison.person()));
    // The account stays its own meanwhile: nobody else may file it.
    cast.join(
        "冯院长",
        cast.other,
        Role::UnitHead,
        Scope::Unit(cast.other),
    )
    .await;
    let other = cast.other.to_string();
    let theirs = opening(&other, "信工之声");
    let page = cast
        .post(
            &cast.outsider,
            "/filings",
            &with(&theirs, "action", "submit"),
        )
        .await
        .expect(422)
        .text();
    assert!(page.contains("已由其他单位登记或正在备案") && !page.contains("信息工程学院"));
    // Corrected with another id, the first is free again.
    let unit = cast.college.to_string();
    let version = filing.version.to_string();
    let fields = with(&opening(&unit, "信工新声"), "version", &version);
    let edit = format!("/filings/{id}/edit");
    cast.post(&cast.liaison, &edit, &with(&fields, "action", "submit"))
        .await
        .expect(303);
    let filing = cast.filing(id).await;
    assert_eq!(
        (filing.course.stage, filing.course.round),
        (Stage::Awaiting(Step::Signature), 2)
    );
    assert_eq!(filing.course.acts.len(), 2);
    cast.post(
        &cast.outsider,
        "/filings",
        &with(&theirs, "action", "submit"),
    )
    .await
    .expect(303);
    // Whoever acted in the first round may act in the second.
    cast.press(&cast.head, id, "signatures", &[])
        .await
        .expect(303);
    cast.press(&cast.officer, id, "checks", &ALL_TICKED)
        .await
        .expect(303);
    cast.press(&cast.chief, id, "decisions", &[])
        .await
        .expect(303);
}
on_both_databases!(what_is_returned_begins_again, super::setup);

async fn a_channel_that_lives_already_is_filed_belatedly(app: TestApp) {
    let cast = Cast::new(app).await;
    let tx = cast.db.begin().await.unwrap();
    let unit = cast.college.to_string();
    let mut content = crate::filing::Content {
        name: "信工抖音".into(),
        platform: "douyin".into(),
        address_or_id: "xg-douyin".into(),
        certified_body: "江海大学".into(),
        posting_frequency: "每周".into(),
        responsible_department: "学工办".into(),
        holder: "unit".into(),
        ..Default::default()
    };
    content.second_reason = String::new();
    let platforms = crate::platform::load(&tx).await.unwrap();
    let mut wrongs = Default::default();
    let facts = content
        .facts(cast.college, &platforms, None, &mut wrongs)
        .unwrap();
    let new = channel::NewChannel {
        facts,
        people: Default::default(),
        filing: FilingState::Unfiled,
        running: RunningState::Live,
        file_by: Some(cast.clock.today()),
        filed_source: None,
        filing_number: None,
        second_account_reason: None,
    };
    let known = channel::register(&tx, &cast, &Actor::program(PROGRAM), new, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let ask = format!("/filings/new?channel={}", known.id);
    let page = cast
        .client(&cast.liaison)
        .get(&ask)
        .await
        .expect(200)
        .text();
    assert!(page.contains("xg-douyin") && page.contains("补录备案"));
    cast.client(&cast.outsider).get(&ask).await.expect(404);
    let channel = known.id.to_string();
    let fields = with(&opening(&unit, "xg-douyin-2"), "channel", &channel);
    let answer = cast
        .post(
            &cast.liaison,
            "/filings",
            &with(&fields, "action", "submit"),
        )
        .await
        .expect(303);
    let id = number_of(&answer);
    let state = async || channel::store::get(cast.db.read(), known.id).await.unwrap();
    assert_eq!(state().await.filing, FilingState::InProgress);
    // A second one for the same channel is refused.
    cast.post(
        &cast.liaison,
        "/filings",
        &with(&fields, "action", "submit"),
    )
    .await
    .expect(409);
    cast.press(&cast.liaison, id, "withdrawals", &[])
        .await
        .expect(303);
    assert_eq!(state().await.filing, FilingState::Unfiled);
    assert_eq!(cast.filing(id).await.course.stage, Stage::Withdrawn);

    let answer = cast
        .post(
            &cast.liaison,
            "/filings",
            &with(&fields, "action", "submit"),
        )
        .await
        .expect(303);
    let id = number_of(&answer);
    cast.press(&cast.head, id, "signatures", &[])
        .await
        .expect(303);
    cast.press(&cast.officer, id, "checks", &ALL_TICKED)
        .await
        .expect(303);
    cast.press(&cast.chief, id, "decisions", &[])
        .await
        .expect(303);
    let after = state().await;
    assert_eq!(
        (after.filing, after.facts.address_or_id.as_str()),
        (FilingState::Filed, "xg-douyin-2")
    );
    assert_eq!(cast.filing(id).await.channel, Some(known.id));
    let key = &identity::keys(&after.facts, NamedBy::Account)[0];
    let owner = identity::owner_of(cast.db.read(), key).await.unwrap();
    assert_eq!(owner, Some(identity::Owner::Channel(known.id)));
}
on_both_databases!(
    a_channel_that_lives_already_is_filed_belatedly,
    super::setup
);

async fn a_filing_goes_with_its_unit_into_another(app: TestApp) {
    let cast = Cast::new(app).await;
    let id = cast.submitted("信工之声").await;
    let other_head = cast
        .join(
            "冯院长",
            cast.other,
            Role::UnitHead,
            Scope::Unit(cast.other),
        )
        .await;
    let tx = cast.db.begin().await.unwrap();
    let program = Actor::program(PROGRAM);
    crate::filing::move_unit(&tx, &cast, &program, cast.college, cast.other)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let filing = cast.filing(id).await;
    assert_eq!((filing.unit, filing.version), (cast.other, 3));
    let count = async |who: &Actor| work::count(cast.db.read(), who).await.unwrap();
    assert_eq!((count(&cast.head).await, count(&other_head).await), (0, 1));
    // Who looked at it before the change looks again.
    let path = format!("/filings/{id}/signatures");
    cast.post(&other_head, &path, &[("version", "2")])
        .await
        .expect(409);
    cast.press(&other_head, id, "signatures", &[])
        .await
        .expect(303);
}
on_both_databases!(a_filing_goes_with_its_unit_into_another, super::setup);
