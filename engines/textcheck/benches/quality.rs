//! Precision and recall on the labelled corpus, as the test of the same name locks them: `cargo bench --bench quality`.

#[path = "../tests/judge/mod.rs"]
mod judge;

use judge::{checker, judge, run, table};
use zhendi_textcheck::{Checker, Kind, builtin, personal, proofreading, secrecy};

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
}
