//! Two at once, twice the same, one at two steps.

use super::*;
use crate::{
    filing::{Stage, Step},
    settings::PublicityRoute,
};
use zhendi_kernel::on_both_databases;

async fn of_two_who_sign_at_once_one_is_told(app: TestApp) {
    let cast = Cast::new(app).await;
    let id = cast.submitted("信工之声").await;
    let (one, two) = tokio::join!(
        cast.press(&cast.head, id, "signatures", &[]),
        cast.press(&cast.second_head, id, "signatures", &[]),
    );
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    let (loser, winner) = if one.status == 409 {
        (one, "赵书记")
    } else {
        (two, "李卫东")
    };
    assert!(
        loser.text().contains(&format!("已由{winner}于")),
        "{}",
        loser.text()
    );
    assert_eq!(cast.filing(id).await.course.acts.len(), 1);
    // A double click is told that it is done.
    let signer = if winner == "李卫东" {
        &cast.head
    } else {
        &cast.second_head
    };
    let again = cast
        .press(signer, id, "signatures", &[])
        .await
        .expect(409)
        .text();
    assert!(again.contains("您已于"), "{again}");
    // Who looked at an older version signs nothing.
    let stale = [("version", "1")];
    let path = format!("/filings/{id}/checks");
    cast.post(&cast.officer, &path, &[&stale[..], &ALL_TICKED].concat())
        .await
        .expect(409);
    assert_eq!(
        cast.filing(id).await.course.stage,
        Stage::Awaiting(Step::Check)
    );
}
on_both_databases!(of_two_who_sign_at_once_one_is_told, super::setup);

async fn numbers_have_neither_gaps_nor_doubles(app: TestApp) {
    let cast = Cast::new(app).await;
    let mut ids = vec![];
    for i in 0..6 {
        ids.push(cast.checked(&format!("信工账号{i}")).await);
    }
    let press = |id: i64| cast.press(&cast.chief, id, "decisions", &[]);
    let answers = tokio::join!(
        press(ids[0]),
        press(ids[1]),
        press(ids[2]),
        press(ids[3]),
        press(ids[4]),
        press(ids[5]),
        press(ids[0]),
    );
    for answer in [&answers.1, &answers.2, &answers.3, &answers.4, &answers.5] {
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    let mut both = [answers.0.status.as_u16(), answers.6.status.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [303, 409]);
    let mut numbers = vec![];
    for id in ids {
        numbers.push(cast.filing(id).await.document_number.unwrap());
    }
    numbers.sort();
    let expected: Vec<String> = (1..=6).map(|n| format!("宣备〔2026〕{n}号")).collect();
    assert_eq!(numbers, expected);
}
on_both_databases!(numbers_have_neither_gaps_nor_doubles, super::setup);

async fn nobody_stands_at_two_steps_even_by_delegation(app: TestApp) {
    let cast = Cast::new(app).await;
    let id = cast.submitted("信工之声").await;
    let all = Scope::Institution(cast.root);
    let college = Scope::Unit(cast.college);
    let head = cast.head.person().unwrap();
    let officer = cast.officer.person().unwrap();
    let liaison = cast.liaison.person().unwrap();
    // The author signs for nobody, and nobody signs for the author.
    let author = standing_in(&cast.liaison, Role::UnitHead, college, head);
    let page = cast
        .press(&author, id, "signatures", &[])
        .await
        .expect(409)
        .text();
    assert!(page.contains("不能审批自己的备案"));
    let mut for_author = standing_in(&cast.outsider, Role::UnitHead, college, liaison);
    let page = cast
        .press(&for_author, id, "signatures", &[])
        .await
        .expect(409)
        .text();
    assert!(page.contains("您代理的人是这件备案的填报人"));
    for_author.grants.clear();
    cast.press(&for_author, id, "signatures", &[])
        .await
        .expect(403);

    // The outsider signs for the head: both are out for the rest of this round.
    let stand_in = standing_in(&cast.outsider, Role::UnitHead, college, head);
    cast.press(&stand_in, id, "signatures", &[])
        .await
        .expect(303);
    let act = cast.filing(id).await.course.acts.remove(0);
    assert_eq!(
        (act.person, act.on_behalf_of),
        (cast.outsider.person().unwrap(), Some(head))
    );
    let checks = |who: Actor| {
        let cast = &cast;
        async move { cast.press(&who, id, "checks", &ALL_TICKED).await }
    };
    let same = standing_in(&cast.outsider, Role::PublicityOfficer, all, officer);
    assert!(
        checks(same)
            .await
            .expect(409)
            .text()
            .contains("本轮已经办理过“单位签署”")
    );
    let principal = standing_in(&cast.head, Role::PublicityOfficer, all, officer);
    assert!(
        checks(principal)
            .await
            .expect(409)
            .text()
            .contains("本轮已经办理过“单位签署”")
    );
    let for_principal = standing_in(&cast.second_head, Role::PublicityOfficer, all, head);
    assert!(
        checks(for_principal)
            .await
            .expect(409)
            .text()
            .contains("您代理的人本轮已经办理过")
    );
    // The page offers nothing to those who may not.
    let same = standing_in(&cast.outsider, Role::PublicityOfficer, all, officer);
    let page = cast
        .client(&same)
        .get(&format!("/filings/{id}"))
        .await
        .expect(200)
        .text();
    assert!(!page.contains("审核通过</button>"));
    // Someone who had no hand in it may act for the officer; then the officer is out.
    let clean = standing_in(&cast.second_head, Role::PublicityOfficer, all, officer);
    checks(clean).await.expect(303);
    let chief = cast.chief.person().unwrap();
    let out = standing_in(&cast.officer, Role::PublicityHead, all, chief);
    cast.press(&out, id, "decisions", &[]).await.expect(409);
    cast.press(&cast.chief, id, "decisions", &[])
        .await
        .expect(303);
    let page = cast
        .client(&cast.liaison)
        .get(&format!("/filings/{id}"))
        .await
        .text();
    assert!(
        page.contains("钱外（代李卫东）") && page.contains("赵书记（代欧阳明月）"),
        "{page}"
    );
}
on_both_databases!(nobody_stands_at_two_steps_even_by_delegation, super::setup);

/// A text begun in one's own name and then moved to where one writes for another only is theirs too.
async fn who_had_it_written_signs_it_neither(app: TestApp) {
    let cast = Cast::new(app).await;
    let (college, other) = (cast.college.to_string(), cast.other.to_string());
    let head = cast.head.person().unwrap();
    let at = Scope::Unit(cast.college);
    let writer = standing_in(&cast.outsider, Role::UnitLiaison, at, head);
    let answer = cast
        .post(&writer, "/filings", &opening(&other, "文院之声"))
        .await
        .expect(303);
    let id = number_of(&answer);
    assert_eq!(cast.filing(id).await.course.author.on_behalf_of, None);
    cast.press(&writer, id, "edit", &opening(&college, "信工之声"))
        .await
        .expect(303);
    assert_eq!(cast.filing(id).await.course.author.on_behalf_of, Some(head));
    cast.press(&writer, id, "submissions", &[])
        .await
        .expect(303);
    cast.press(&cast.head, id, "signatures", &[])
        .await
        .expect(409);
    cast.press(&cast.second_head, id, "signatures", &[])
        .await
        .expect(303);
}
on_both_databases!(who_had_it_written_signs_it_neither, super::setup);

async fn the_publicity_departments_own_filings_need_three_people_too(app: TestApp) {
    let cast = Cast::new(app).await;
    let unit = cast.publicity.to_string();
    let fields = opening(&unit, "江海发布");
    let fields = with(&fields, "action", "submit");
    let all = Scope::Institution(cast.root);
    // The only officer fills in the form: nobody is left to check it.
    let answer = cast
        .post(&cast.officer, "/filings", &fields)
        .await
        .expect(303);
    let id = number_of(&answer);
    let drafted = cast.filing(id).await;
    assert_eq!(drafted.course.stage, Stage::Draft);
    let why = cast
        .press(&cast.officer, id, "submissions", &[])
        .await
        .expect(409)
        .text();
    assert!(
        why.contains("单位签署") && why.contains("宣传部副职"),
        "{why}"
    );
    let deputy = cast
        .join("孙副部", cast.publicity, Role::PublicityDeputy, all)
        .await;
    let why = cast
        .press(&cast.officer, id, "submissions", &[])
        .await
        .expect(409)
        .text();
    assert!(
        why.contains("宣传部审核") && why.contains("只有填报人本人"),
        "{why}"
    );
    let second = cast
        .join("何干事", cast.publicity, Role::PublicityOfficer, all)
        .await;
    cast.press(&cast.officer, id, "submissions", &[])
        .await
        .expect(303);
    // The department's head is not its signer; the deputy is.
    cast.press(&cast.chief, id, "signatures", &[])
        .await
        .expect(403);
    cast.press(&deputy, id, "signatures", &[]).await.expect(303);
    cast.press(&second, id, "checks", &ALL_TICKED)
        .await
        .expect(303);
    cast.press(&cast.chief, id, "decisions", &[])
        .await
        .expect(303);

    // By the other setting the head signs and the leader in charge decides.
    cast.set(|settings| settings.publicity_route = PublicityRoute::LeaderDecides)
        .await;
    let leader = cast
        .join("陈副校", cast.root, Role::PortfolioLeader, all)
        .await;
    let fields = with(&opening(&unit, "江海视频"), "action", "submit");
    let id = number_of(
        &cast
            .post(&cast.officer, "/filings", &fields)
            .await
            .expect(303),
    );
    cast.press(&deputy, id, "signatures", &[]).await.expect(403);
    cast.press(&cast.chief, id, "signatures", &[])
        .await
        .expect(303);
    cast.press(&second, id, "checks", &ALL_TICKED)
        .await
        .expect(303);
    cast.press(&cast.chief, id, "decisions", &[])
        .await
        .expect(403);
    cast.press(&leader, id, "decisions", &[]).await.expect(303);
}
on_both_databases!(
    the_publicity_departments_own_filings_need_three_people_too,
    super::setup
);
