//! From what a reviewer met to the end: held, kept, handled, closed.

use super::{BAD, QUOTE};
use crate::{
    course::Deed,
    forwarding::{About, Harm, New, Stage, forward, open_for, service, store},
    publication::{self, Question, Standing, State, is_approved},
    testing::{School, agreed, person, why},
};
use chrono::TimeDelta;
use zhendi_kernel::{
    Fault, PersonId, Role,
    actor::Scope,
    audit,
    jobs::{self, NewJob},
    notify, on_both_databases,
    testing::TestApp,
};
use zhendi_people::{
    delegation::{self, NewDelegation},
    role,
};

async fn what_is_illegal_is_held_until_the_departments_have_handled_it(app: TestApp) {
    let school = School::new(app).await;
    let (guard, guard_head) = school.department("保卫处", "马强").await;
    let (office, office_head) = school.department("学生工作部", "何芳").await;
    let id = school.draft("考试服务", BAD).await;
    school.submit(id).await.unwrap();
    let seen = school.course(id).await.version;
    let one = school
        .forward(school.admin, id, &[guard, office])
        .await
        .unwrap();

    // The evidence: exactly the content under review.
    let (content, hash) = (school.course(id).await.content().0, one.hash.clone());
    assert_eq!((one.content, one.kind), (content, Harm::Illegal));
    assert_eq!(school.course(id).await.content().1, &hash);
    assert_eq!(one.quote, QUOTE);

    // Handled first: nobody approves it, not even who had the page open before.
    let said = agreed(&school.course(id).await, &[]);
    let deed = Deed::Approve(said.clone());
    let late = school.deed_on(school.admin, id, seen, deed).await;
    assert!(matches!(late, Err(Fault::Stale)), "{late:?}");
    let fault = school
        .deed(school.admin, id, Deed::Approve(said.clone()))
        .await;
    let words = fault.unwrap_err().to_string();
    assert!(words.contains("已转送有关部门"), "{words}");

    // Lists say so, to people and to programs.
    let chief = school.client(&school.acting(school.chief).await);
    let page = chief.get("/manuscripts").await;
    assert!(page.text().contains("已转送，暂停"), "{}", page.text());
    for path in [
        "/api/v1/reviews".to_owned(),
        format!("/api/v1/manuscripts/{id}/review"),
    ] {
        let told = chief.get(&path).await.json();
        let one = told["items"].get(0).unwrap_or(&told);
        assert_eq!(one["stopped"], true, "{path}: {told}");
    }

    // Each head has a day, and what lies in mails and calendars names no text and no person.
    for who in [guard_head, office_head] {
        let duties = school.duties(who).await;
        let [(kind, title)] = duties.as_slice() else {
            panic!("{duties:?}");
        };
        assert_eq!(kind, "forwarding.answer");
        assert!(
            !title.contains("考试") && !title.contains("张敏"),
            "{title}"
        );
    }
    assert_eq!(one.due, school.now() + TimeDelta::hours(24));

    // Only the heads answer, each for their own unit.
    for (who, unit) in [
        (school.chief, guard),
        (school.head, guard),
        (guard_head, office),
    ] {
        let fault = school.reply(who, &one, unit).await;
        assert!(
            matches!(fault, Err(Fault::Forbidden(_))),
            "{who}: {fault:?}"
        );
    }
    let fault = school.end(school.officer, &one).await;
    assert!(
        matches!(fault, Err(Fault::Refused(_))),
        "nobody has answered"
    );
    let answered = school.reply(guard_head, &one, guard).await.unwrap();
    let fault = school.reply(office_head, &one, office).await;
    assert!(matches!(fault, Err(Fault::Stale)), "an older page");
    assert_eq!(answered.stage(), Stage::Handling);
    let answered = school.reply(office_head, &answered, office).await.unwrap();
    assert_eq!(answered.stage(), Stage::Answered);
    assert!(school.duties(guard_head).await.is_empty());
    let duties = school.duties(school.officer).await;
    assert!(
        duties.iter().any(|(kind, _)| kind == "forwarding.close"),
        "{duties:?}"
    );

    // Neither a head who answered nor the author closes it; the publicity department does.
    for who in [guard_head, school.head] {
        let fault = school.end(who, &answered).await;
        assert!(
            matches!(fault, Err(Fault::Forbidden(_))),
            "{who}: {fault:?}"
        );
    }
    let fault = school.end(school.author, &answered).await;
    assert!(matches!(fault, Err(Fault::NotFound)));
    let closed = school.end(school.officer, &answered).await.unwrap();
    assert_eq!(closed.stage(), Stage::Closed);
    let duties = school.duties(school.officer).await;
    assert!(
        !duties.iter().any(|(kind, _)| kind == "forwarding.close"),
        "{duties:?}"
    );
    school
        .deed(school.admin, id, Deed::Approve(said))
        .await
        .unwrap();

    // Each act is on record; the evidence is in it.
    let history = audit::history(school.db.read(), crate::forwarding::SUBJECT, one.id.0)
        .await
        .unwrap();
    assert_eq!(history.len(), 4, "{history:?}");
    school.run_jobs().await;
}
on_both_databases!(
    what_is_illegal_is_held_until_the_departments_have_handled_it,
    crate::testing::setup
);

async fn who_stands_in_counts_for_both(app: TestApp) {
    let school = School::new(app).await;
    let (guard, guard_head) = school.department("保卫处", "马强").await;
    let id = school.draft("考试服务", BAD).await;
    school.submit(id).await.unwrap();
    let one = school.forward(school.admin, id, &[guard]).await.unwrap();
    // The head is away and hands the role to the publicity department's officer.
    let head = school.acting(guard_head).await;
    let grant = role::of_person(school.db.read(), school.now(), guard_head)
        .await
        .unwrap()[0]
        .id;
    let new = NewDelegation {
        grant,
        to: school.officer,
        starts: school.now(),
        ends: school.now() + TimeDelta::days(2),
        reason: "外出开会".into(),
    };
    let tx = school.db.begin().await.unwrap();
    delegation::create(&tx, &school.app, &head, new)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    school.pass(TimeDelta::minutes(1));
    let answered = school.reply(school.officer, &one, guard).await.unwrap();
    let by = answered.units[0].answer.as_ref().unwrap().by;
    assert_eq!(
        (by.person, by.on_behalf_of),
        (school.officer, Some(guard_head))
    );
    let fault = school.end(school.officer, &answered).await;
    assert!(matches!(fault, Err(Fault::Forbidden(_))), "{fault:?}");
    school.end(school.vice, &answered).await.unwrap();
    school.run_jobs().await;
}
on_both_databases!(who_stands_in_counts_for_both, crate::testing::setup);

async fn a_unit_that_goes_up_in_another_leaves_its_part_to_it(app: TestApp) {
    let school = School::new(app).await;
    let (guard, guard_head) = school.department("保卫处", "马强").await;
    let (old, _) = school.department("网络安全科", "钱进").await;
    let (alone, _) = school.department("保密办", "孙静").await;
    let id = school.draft("考试服务", BAD).await;
    school.submit(id).await.unwrap();
    let both = school
        .forward(school.admin, id, &[guard, old])
        .await
        .unwrap();
    let one = school.forward(school.admin, id, &[alone]).await.unwrap();
    for unit in [old, alone] {
        service::move_unit(&school.app, unit, guard).await.unwrap();
    }
    assert_eq!(school.duties(guard_head).await.len(), 2);
    for before in [both, one] {
        let now = store::get(school.db.read(), before.id).await.unwrap();
        assert_eq!(now.units.len(), 1);
        let answered = school.reply(guard_head, &now, guard).await.unwrap();
        assert_eq!(answered.stage(), Stage::Answered);
    }
    assert!(school.duties(guard_head).await.is_empty());
    school.run_jobs().await;
}
on_both_databases!(
    a_unit_that_goes_up_in_another_leaves_its_part_to_it,
    crate::testing::setup
);

async fn returning_and_discarding_stay_open(app: TestApp) {
    let school = School::new(app).await;
    let (guard, _) = school.department("保卫处", "马强").await;
    let id = school.draft("考试服务", BAD).await;
    school.submit(id).await.unwrap();
    school.forward(school.chief, id, &[guard]).await.unwrap();
    let back = Deed::Return(crate::course::Target::Author, why("请删除广告"));
    school.deed(school.admin, id, back).await.unwrap();
    // Another text does not get out of it.
    school
        .rewrite(id, "考试安排", "<p>考试安排见教务处网站。</p>")
        .await;
    school.submit(id).await.unwrap();
    let said = agreed(&school.course(id).await, &[]);
    let fault = school.deed(school.admin, id, Deed::Approve(said)).await;
    assert!(matches!(fault, Err(Fault::Refused(_))), "{fault:?}");
    let gone = Deed::Discard("不宜发布".into());
    school.deed(school.admin, id, gone).await.unwrap();
    school.run_jobs().await;
}
on_both_databases!(returning_and_discarding_stay_open, crate::testing::setup);

async fn what_is_approved_does_not_go_out(app: TestApp) {
    let school = School::new(app).await;
    let db = school.db.read();
    let (guard, guard_head) = school.department("保卫处", "马强").await;
    let id = school.draft("考试服务", BAD).await;
    school.submit(id).await.unwrap();
    for who in [school.admin, school.head, school.chief] {
        let said = agreed(&school.course(id).await, &[]);
        school.deed(who, id, Deed::Approve(said)).await.unwrap();
    }
    let planned = publication::of(db, id).await.unwrap().remove(0);
    let hash = Question::Hash(planned.hash.clone());
    let asked = async || is_approved(db, &hash, school.now()).await.unwrap().standing;
    assert_eq!(asked().await, Standing::Approved);

    let deputy = school.acting(school.deputy).await;
    let new = New {
        kind: "harmful".into(),
        units: vec![guard],
        why: "代考广告。".into(),
        quote: String::new(),
    };
    let about = About::Publication(planned.id);
    let one = forward(&school.app, &deputy, about, new)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(one.publication, Some(planned.id));
    assert_eq!(asked().await, Standing::Stopped);
    let page = school.client(&deputy).get("/publications").await;
    assert!(page.text().contains("已转送，暂停"), "{}", page.text());
    let admin = school.acting(school.admin).await;
    let confirm = async |seen: i32| {
        let proof = publication::Upload {
            name: "截图.pdf".into(),
            bytes: bytes::Bytes::from_static(b"%PDF-1.4\n%%EOF\n"),
        };
        let link = "https://mp.weixin.qq.com/s/abcdef";
        publication::confirm(&school.app, &admin, planned.id, seen, link, Some(proof)).await
    };
    let now = publication::find(db, planned.id).await.unwrap().unwrap();
    assert!(now.version > planned.version, "an older page is stale");
    let fault = confirm(now.version).await;
    let words = fault.unwrap_err().to_string();
    assert!(words.contains("已转送有关部门"), "{words}");

    // Who forwarded it may close it.
    let answered = school.reply(guard_head, &one, guard).await.unwrap();
    school.end(school.deputy, &answered).await.unwrap();
    assert_eq!(asked().await, Standing::Approved);
    let live = confirm(now.version).await.unwrap().unwrap();
    assert_eq!(live.state, State::Published);
    school.run_jobs().await;
}
on_both_databases!(what_is_approved_does_not_go_out, crate::testing::setup);

async fn late_departments_are_told_one_step_up(app: TestApp) {
    let school = School::new(app).await;
    let (guard, _) = school.department("保卫处", "马强").await;
    let id = school.draft("考试服务", BAD).await;
    school.submit(id).await.unwrap();
    let one = school.forward(school.head, id, &[guard]).await.unwrap();
    let leader = school.acting(school.leader).await;
    let count = async |view| {
        let query = store::Query {
            view,
            kind: None,
            unit: None,
            now: school.now(),
            page: 1,
            per_page: 10,
        };
        store::count(school.db.read(), &leader, &query)
            .await
            .unwrap()
    };
    assert_eq!(count(store::View::Overdue).await, 0);
    school.pass(TimeDelta::hours(25));
    assert_eq!(count(store::View::Overdue).await, 1);
    assert_eq!(count(store::View::Open).await, 1);
    assert_eq!(count(store::View::Closed).await, 0);
    let told = async || {
        notify::unread(school.db.read(), school.leader)
            .await
            .unwrap()
    };
    let before = told().await;
    for _ in 0..2 {
        let tx = school.db.begin().await.unwrap();
        let tick = NewJob::new("forwarding.late", serde_json::json!({}));
        jobs::enqueue(&tx, &school.app, tick).await.unwrap();
        tx.commit().await.unwrap();
        school.run_jobs().await;
        assert_eq!(told().await, before + 1, "once");
    }
    // The leader comes to its page.
    let page = school.client(&leader).get(&one.href()).await;
    assert!(page.expect(200).text().contains("已超时"));
}
on_both_databases!(late_departments_are_told_one_step_up, crate::testing::setup);

async fn nobody_else_sees_it_and_wrong_departments_are_refused(app: TestApp) {
    let school = School::new(app).await;
    let (guard, guard_head) = school.department("保卫处", "马强").await;
    let (empty, _) = school.department("后勤处", "离任").await;
    school
        .revoke_all(school_head_of(&school, empty).await)
        .await;
    let id = school.draft("考试服务", BAD).await;
    let fault = school.forward(school.admin, id, &[guard]).await;
    assert!(
        matches!(fault, Err(Fault::NotFound)),
        "a draft is its author's"
    );
    school.submit(id).await.unwrap();
    // The author's own sight of it is no right to forward; another channel's admin sees nothing.
    for who in [school.author, school.editor, guard_head] {
        let fault = school.forward(who, id, &[guard]).await;
        assert!(matches!(fault, Err(Fault::NotFound)), "{who}: {fault:?}");
    }
    let admin = school.acting(school.admin).await;
    for (units, quote, field) in [
        (vec![], "", "unit"),
        (vec![empty], "", "unit"),
        (vec![zhendi_kernel::UnitId(999_999)], "", "unit"),
        (vec![guard], "正文里没有的话", "quote"),
    ] {
        let new = New {
            kind: "illegal".into(),
            units,
            why: "代考广告。".into(),
            quote: quote.into(),
        };
        let about = About::Manuscript(id);
        let wrongs = forward(&school.app, &admin, about, new).await.unwrap();
        assert_eq!(wrongs.unwrap_err()[0].0, field);
    }
    let one = school.forward(school.admin, id, &[guard]).await.unwrap();
    let stranger = person(
        &school.app,
        school.publicity,
        "外人",
        Some((Role::UnitHead, Scope::Unit(empty))),
    )
    .await;
    let sees = async |who: PersonId| {
        let actor = school.acting(who).await;
        open_for(&school.app, &actor, one.id).await.is_ok()
    };
    for who in [
        school.admin,
        guard_head,
        school.head,
        school.chief,
        school.leader,
    ] {
        assert!(sees(who).await, "{who}");
    }
    for who in [school.author, school.editor, stranger] {
        assert!(!sees(who).await, "{who}");
    }
    school.run_jobs().await;
}
on_both_databases!(
    nobody_else_sees_it_and_wrong_departments_are_refused,
    crate::testing::setup
);

/// Who heads a unit.
async fn school_head_of(school: &School, unit: zhendi_kernel::UnitId) -> PersonId {
    let place = zhendi_kernel::scope::place(school.db.read(), unit)
        .await
        .unwrap();
    let db = school.db.read();
    let heads = role::holders(db, school.now(), Role::UnitHead, &place).await;
    heads.unwrap()[0].person
}
