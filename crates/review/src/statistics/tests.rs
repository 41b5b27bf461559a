//! Figures of real courses, as different people see them.

use super::figures::{Wanted, figures};
use crate::{
    course::{Deed, Level, Proofread, Target},
    ids::ManuscriptId,
    testing::{School, agreed, setup},
};
use chrono::{NaiveDate, TimeDelta};
use zhendi_kernel::{PersonId, testing::TestApp};

async fn decide(school: &School, id: ManuscriptId, person: PersonId, back: bool, errors: u32) {
    let found = match errors {
        0 => vec![],
        some => vec![("文字", some), ("标点", 1)],
    };
    let said = agreed(&school.course(id).await, &found);
    let deed = match back {
        true => Deed::Return(Target::Author, said),
        false => Deed::Approve(said),
    };
    school.deed(person, id, deed).await.unwrap();
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn what_was_done_is_counted_where_it_may_be_seen(app: TestApp) {
    let school = School::new(app).await;
    let s = &school;
    let id = s.draft("喜迎新生", "<p>报到服务台设在体育馆。</p>").await;
    s.submit(id).await.unwrap();
    s.pass(TimeDelta::hours(2));
    decide(s, id, s.admin, true, 0).await;
    s.rewrite(
        id,
        "喜迎新生",
        "<p>报到服务台改设在图书馆前广场，请相互转告。</p>",
    )
    .await;
    s.submit(id).await.unwrap();
    s.pass(TimeDelta::hours(4));
    decide(s, id, s.admin, false, 2).await;
    s.pass(TimeDelta::hours(1));
    decide(s, id, s.head, false, 0).await;
    s.pass(TimeDelta::hours(1));
    decide(s, id, s.chief, false, 0).await;
    let wanted = Wanted {
        from: day("2026-11-01"),
        to: day("2026-11-30"),
        unit: None,
    };
    let chief = s.acting(s.chief).await;
    let found = figures(s.db.read(), &chief, &wanted).await.unwrap();
    let whole = found.whole;
    assert_eq!((whole.submitted, whole.approved, whole.returned), (2, 1, 1));
    assert_eq!(whole.errors, 3);
    assert!((whole.hours() - 6.0).abs() < 0.01, "{whole:?}");
    let first = found.levels[&Level::One];
    assert_eq!((first.approved, first.returned), (1, 1));
    assert!((first.hours() - 3.0).abs() < 0.01, "{first:?}");
    assert!((first.return_rate() - 50.0).abs() < 0.01);
    assert!((found.levels[&Level::Two].hours() - 1.0).abs() < 0.01);
    let admin = found.people[&s.admin];
    assert_eq!((admin.tally.decided(), admin.errors), (2, 3));
    let proofs = &found.proofs[&Proofread::First];
    assert_eq!((proofs.of("文字"), proofs.of("标点")), (2, 1));
    assert_eq!(found.months["2026-11"], (2, 1, 1));
    // Neither another month's nor another unit's.
    let october = Wanted {
        from: day("2026-10-01"),
        to: day("2026-10-31"),
        unit: None,
    };
    let none = figures(s.db.read(), &chief, &october).await.unwrap();
    assert_eq!(none.whole.submitted, 0);
    assert!(none.levels.is_empty() && none.months.is_empty());
    let elsewhere = Wanted {
        unit: Some(s.publicity),
        ..wanted.clone()
    };
    let none = figures(s.db.read(), &chief, &elsewhere).await.unwrap();
    assert!(none.people.is_empty());
    let editor = s.acting(s.editor).await;
    let none = figures(s.db.read(), &editor, &wanted).await.unwrap();
    assert_eq!(none.whole.submitted, 0, "another channel's admin");
    let admin = s.acting(s.admin).await;
    let own = figures(s.db.read(), &admin, &wanted).await.unwrap();
    assert_eq!(own.whole.submitted, 2, "by the channel");
    // The same on pages, as a file and for programs.
    for by in ["level", "unit", "person", "proofread"] {
        let page = s
            .client(&chief)
            .get(&format!("/reviews/statistics?by={by}"))
            .await
            .expect(200)
            .text();
        assert!(page.contains("审核统计"), "{page}");
        let file = s
            .client(&chief)
            .get(&format!("/reviews/statistics.xlsx?by={by}"))
            .await
            .expect(200);
        assert!(file.bytes.starts_with(b"PK"));
    }
    let people = s
        .client(&chief)
        .get("/reviews/statistics?by=person")
        .await
        .text();
    assert!(people.contains("刘洋") && people.contains("王建国"));
    let json = s
        .client(&chief)
        .get("/api/v1/review-statistics?from=2026-11-01&to=2026-11-30")
        .await
        .expect(200)
        .json();
    assert_eq!(json["approved"], 1);
    assert_eq!(json["levels"][0]["level"], "first");
    let unit = s.publicity;
    s.client(&admin)
        .get(&format!("/reviews/statistics?unit={unit}"))
        .await
        .expect(404);
    let author = s.acting(s.author).await;
    s.client(&author)
        .get("/reviews/statistics")
        .await
        .expect(403);
    s.run_jobs().await;
}

zhendi_kernel::on_both_databases!(what_was_done_is_counted_where_it_may_be_seen, super::setup);
