//! Precision and recall on the labelled corpus, as the test of the same name locks them: `cargo bench --bench quality`.

#[path = "../tests/judge/mod.rs"]
mod judge;

use judge::{checker, judge, prose, run, table, today};
use zhendi_textcheck::{Checker, Context, Kind, Text, builtin, personal, proofreading, secrecy};

fn main() {
    let words = Checker::builder()
        .layer(builtin::miswritings())
        .build()
        .expect("the built-in words compile");
    let parts = [
        ("words", Kind::WrongWord, words),
        (
            "proofreading",
            Kind::Proofreading,
            checker(proofreading::rules()),
        ),
        (
            "personal",
            Kind::PersonalData,
            checker(personal::rules(Vec::new())),
        ),
        ("secrecy", Kind::Secrecy, checker(secrecy::rules())),
    ];
    for (name, kind, checker) in &parts {
        let (scores, _) = judge(&format!("{name}.txt"), &[*kind], &|case| run(checker, case));
        print!("{}", table(name, &scores));
    }
    let all = checker(
        [
            proofreading::rules(),
            personal::rules(Vec::new()),
            secrecy::rules(),
        ]
        .concat(),
    );
    let (mut characters, mut findings) = (0, 0);
    for (_, text) in prose() {
        characters += text.chars().count();
        findings += all.check(&Text::plain(&text), &Context::on(today())).len();
    }
    println!("clean prose: {findings} false findings in {characters} characters");
}
