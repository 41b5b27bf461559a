//! The law of channels.

use crate::{
    channel::{
        Channel, ChannelPeople, FilingState, Holder, RunningState,
        rules::{Refusal, name_findings},
    },
    settings::Registry,
    testing::facts,
};
use chrono::DateTime;
use proptest::prelude::*;
use zhendi_kernel::{ChannelId, UnitId};

fn channel(filing: FilingState, running: RunningState) -> Channel {
    Channel {
        id: ChannelId(1),
        version: 0,
        facts: facts(
            UnitId(1),
            "website",
            "学院官网",
            "https://www.example.edu.cn",
        ),
        people: ChannelPeople::default(),
        filing,
        running,
        file_by: Some("2026-12-01".parse().unwrap()),
        filed_source: None,
        filing_number: None,
        merged_into: None,
        second_account_reason: None,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

#[test]
fn only_what_runs_is_paused_and_only_what_is_paused_runs_again() {
    let live = channel(FilingState::Filed, RunningState::Live);
    let paused = live.clone().suspend().unwrap();
    assert_eq!(paused.running, RunningState::Suspended);
    assert_eq!(
        paused.filing,
        FilingState::Filed,
        "the two states are apart"
    );
    assert_eq!(
        paused.clone().suspend(),
        Err(Refusal::NotRunning(RunningState::Suspended))
    );
    assert_eq!(paused.resume().unwrap().running, RunningState::Live);
    assert_eq!(
        live.resume(),
        Err(Refusal::NotSuspended(RunningState::Live))
    );
    let planned = channel(FilingState::InProgress, RunningState::Planned);
    assert_eq!(
        planned.resume(),
        Err(Refusal::NotSuspended(RunningState::Planned)),
        "nothing goes live before its filing"
    );
}

#[test]
fn what_a_filing_fixed_changes_by_a_filing_only() {
    let filed = channel(FilingState::Filed, RunningState::Live);
    let mut renamed = filed.facts.clone();
    renamed.name = "新名称".into();
    renamed.certified_body = "别人".into();
    assert_eq!(
        filed.clone().correct(renamed.clone()),
        Err(Refusal::NeedsFiling("名称、认证主体".into()))
    );
    let mut plain = filed.facts.clone();
    plain.followers = Some(9);
    plain.survey.interactive = Some(true);
    assert_eq!(filed.clone().correct(plain.clone()).unwrap().facts, plain);
    let waiting = channel(FilingState::InProgress, RunningState::Live);
    assert!(matches!(
        waiting.correct(renamed.clone()),
        Err(Refusal::InFiling(_))
    ));
    let unfiled = channel(FilingState::Unfiled, RunningState::Live);
    assert_eq!(unfiled.correct(renamed.clone()).unwrap().facts, renamed);
    let gone = channel(FilingState::Cancelled, RunningState::Closed);
    assert_eq!(gone.correct(plain), Err(Refusal::Cancelled));
}

#[test]
fn a_channel_that_lives_is_filed_once() {
    let unfiled = channel(FilingState::Unfiled, RunningState::Live);
    let begun = unfiled.clone().begin_filing().unwrap();
    assert_eq!(
        begun.clone().begin_filing(),
        Err(Refusal::NotUnfiled(FilingState::InProgress))
    );
    let again = begun.clone().abandon_filing().unwrap();
    assert_eq!(again, unfiled, "it waits again, by the day it had");
    let facts = begun.facts.clone();
    let filed = begun.file(facts.clone(), "宣备〔2026〕1号".into()).unwrap();
    assert_eq!(filed.filing, FilingState::Filed);
    assert_eq!(filed.file_by, None);
    assert!(filed.is_public());
    assert!(filed.file(facts, "宣备〔2026〕2号".into()).is_err());
}

#[test]
fn lateness_counts_from_the_day_after() {
    let unfiled = channel(FilingState::Unfiled, RunningState::Live);
    assert!(!unfiled.is_overdue("2026-12-01".parse().unwrap()));
    assert!(unfiled.is_overdue("2026-12-02".parse().unwrap()));
    let filed = channel(FilingState::Filed, RunningState::Live);
    assert!(!filed.is_overdue("2026-12-02".parse().unwrap()));
}

fn problems(name: &str) -> Vec<String> {
    let words = Registry::default().misleading_words;
    let own = ["信息工程学院", "信工学院", "江海职业技术学院"];
    name_findings(name, &own, &words)
        .into_iter()
        .map(|finding| finding.problem)
        .collect()
}

#[test]
fn a_name_is_concise_honest_and_fits() {
    assert!(problems("江海信息工程学院").is_empty());
    assert!(
        problems("青春信工·就业")
            .iter()
            .all(|problem| !problem.contains("特殊"))
    );
    assert!(problems("信息工程学院官方发布")[0].contains("官方"));
    assert!(problems(&"信息".repeat(16))[0].contains("32 个字"));
    assert!(problems("每日美食")[0].contains("哪个单位"));
    assert!(problems("信息工程学院🔥")[0].contains("表情"));
    let own = ["中国石油大学"];
    let words = Registry::default().misleading_words;
    assert!(
        name_findings("中国石油大学新闻", &own, &words).is_empty(),
        "the institution's own name misleads nobody"
    );
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Suspend,
    Resume,
    Begin,
    Abandon,
    File,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let one = prop_oneof![
        Just(Act::Suspend),
        Just(Act::Resume),
        Just(Act::Begin),
        Just(Act::Abandon),
        Just(Act::File),
    ];
    prop::collection::vec(one, 0..12)
}

proptest! {
    #[test]
    fn no_order_of_acts_breaks_the_law(
        filing in prop::sample::select(FilingState::ALL),
        running in prop::sample::select(RunningState::ALL),
        acts in acts(),
    ) {
        let mut now = channel(filing, running);
        for act in acts {
            let before = now.clone();
            let next = match act {
                Act::Suspend => now.clone().suspend(),
                Act::Resume => now.clone().resume(),
                Act::Begin => now.clone().begin_filing(),
                Act::Abandon => now.clone().abandon_filing(),
                Act::File => now.clone().file(before.facts.clone(), "1".into()),
            };
            let Ok(next) = next else { continue };
            // What is cancelled stays so; filed stays filed until a filing says otherwise.
            prop_assert_ne!(before.filing, FilingState::Cancelled);
            if before.filing == FilingState::Filed {
                prop_assert_eq!(next.filing, FilingState::Filed);
            }
            // Nothing that was not open goes live but by its filing.
            if before.running == RunningState::Planned && next.running == RunningState::Live {
                prop_assert!(matches!(act, Act::File));
            }
            // Each act moves one of the two states, or files.
            let moved = (before.filing != next.filing, before.running != next.running);
            prop_assert!(moved != (true, true) || matches!(act, Act::File));
            now = next;
        }
    }

    #[test]
    fn any_name_is_judged(name in ".{0,80}") {
        problems(&name);
    }
}

#[test]
fn a_persons_account_is_not_named_in_lasting_records() {
    let mut personal = facts(UnitId(1), "weibo", "李明教授", "liming");
    personal.holder = Holder::PersonByPost("院长".into());
    assert!(!crate::channel::lasting_title(&personal, ChannelId(7)).contains("李明"));
}
