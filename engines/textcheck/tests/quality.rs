//! Precision and recall on the labelled corpus, with floors. What is printed here is what `make bench` prints.

mod judge;

use judge::{checker, judge, prose, run, table, today, total};
use zhendi_textcheck::{Checker, Context, Kind, Text, builtin, personal, proofreading, secrecy};

fn floor(
    kind: &str,
    file: &str,
    of: Kind,
    rules: Vec<zhendi_textcheck::Rule>,
    precision: f64,
    recall: f64,
) {
    let checker = checker(rules);
    let (scores, told) = judge(file, &[of], &|case| run(&checker, case));
    println!("{}{told}", table(kind, &scores));
    let all = total(&scores);
    assert!(
        all.precision() >= precision,
        "precision {:.3} of {kind} is under {precision}:\n{told}",
        all.precision()
    );
    assert!(
        all.recall() >= recall,
        "recall {:.3} of {kind} is under {recall}:\n{told}",
        all.recall()
    );
}

#[test]
fn personal_data() {
    floor(
        "personal",
        "personal.txt",
        Kind::PersonalData,
        personal::rules(Vec::new()),
        0.99,
        0.98,
    );
}

#[test]
fn secrecy_marks() {
    floor(
        "secrecy",
        "secrecy.txt",
        Kind::Secrecy,
        secrecy::rules(),
        0.97,
        0.97,
    );
}

#[test]
fn proofreading_without_a_dictionary() {
    floor(
        "proofreading",
        "proofreading.txt",
        Kind::Proofreading,
        proofreading::rules(),
        0.97,
        0.95,
    );
}

#[test]
fn wrong_words_of_the_built_in_dictionary() {
    let checker = Checker::builder()
        .layer(builtin::miswritings())
        .build()
        .unwrap();
    let (scores, told) = judge("words.txt", &[Kind::WrongWord], &|case| run(&checker, case));
    println!("{}{told}", table("words", &scores));
    let all = total(&scores);
    assert!(
        all.precision() >= 0.97,
        "precision {:.3}:\n{told}",
        all.precision()
    );
    assert!(all.recall() >= 0.70, "recall {:.3}:\n{told}", all.recall());
}

#[test]
fn tricks_and_near_misses() {
    let checker = checker(
        [
            proofreading::rules(),
            personal::rules(Vec::new()),
            secrecy::rules(),
        ]
        .concat(),
    );
    let kinds = [Kind::Proofreading, Kind::PersonalData, Kind::Secrecy];
    let (scores, told) = judge("hostile.txt", &kinds, &|case| run(&checker, case));
    println!("{}{told}", table("tricks", &scores));
    let all = total(&scores);
    assert!(
        all.precision() >= 0.97,
        "precision {:.3}:\n{told}",
        all.precision()
    );
    assert!(all.recall() >= 0.97, "recall {:.3}:\n{told}", all.recall());
}

#[test]
fn clean_prose_has_less_than_one_false_finding_per_2000_characters() {
    let checker = checker(
        [
            proofreading::rules(),
            personal::rules(Vec::new()),
            secrecy::rules(),
        ]
        .concat(),
    );
    let (mut characters, mut findings) = (0, 0);
    for (name, text) in prose() {
        characters += text
            .chars()
            .filter(|character| !character.is_whitespace())
            .count();
        for finding in checker.check(&Text::plain(&text), &Context::on(today())) {
            findings += 1;
            println!(
                "{name}: {} {}: {}",
                finding.rule,
                &text[finding.bytes.clone()],
                finding.message
            );
        }
    }
    println!("clean prose: {findings} findings in {characters} characters");
    assert!(characters >= 20_000, "{characters} characters");
    assert!(
        findings * 2000 < characters,
        "{findings} findings in {characters} characters"
    );
}
