//! Reads the labelled corpus and judges the rules by it: see `corpus/README.md` for the form.

use std::{collections::BTreeMap, fmt::Write, fs, ops::Range, path::PathBuf};

use chrono::NaiveDate;
use zhendi_textcheck::{Checker, Context, Finding, Kind, Rule, Text};

pub struct Case {
    pub text: String,
    pub marks: Vec<(String, Range<usize>)>,
    pub date: NaiveDate,
    pub line: usize,
}

#[derive(Default, Clone, Copy)]
pub struct Score {
    pub right: usize,
    pub wrong: usize,
    pub found: usize,
    pub missed: usize,
}

impl Score {
    pub fn precision(&self) -> f64 {
        share(self.right, self.wrong)
    }

    pub fn recall(&self) -> f64 {
        share(self.found, self.missed)
    }

    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.found += other.found;
        self.missed += other.missed;
    }
}

fn share(good: usize, bad: usize) -> f64 {
    if good + bad == 0 {
        1.0
    } else {
        good as f64 / (good + bad) as f64
    }
}

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 6, 1).unwrap()
}

pub fn cases(file: &str) -> Vec<Case> {
    let text = fs::read_to_string(corpus().join(file)).unwrap();
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| case(number + 1, line))
        .collect()
}

fn case(line: usize, written: &str) -> Case {
    let mut date = today();
    let mut rest = written;
    if let Some(dated) = rest
        .strip_prefix('@')
        .filter(|dated| dated.starts_with('2'))
    {
        let (day, after) = dated.split_once(' ').expect("a date and the text");
        date = day.parse().expect("a date");
        rest = after;
    }
    let rest = rest.replace('⏎', "\n").replace('⇥', "\t");
    let (mut text, mut marks, mut rest) = (String::new(), Vec::new(), rest.as_str());
    while let Some((before, after)) = rest.split_once("[[") {
        text.push_str(before);
        let (rule, after) = after.split_once('|').expect("a rule");
        let (marked, after) = after.split_once("]]").expect("an end of the mark");
        marks.push((rule.to_owned(), text.len()..text.len() + marked.len()));
        text.push_str(marked);
        rest = after;
    }
    text.push_str(rest);
    Case {
        text,
        marks,
        date,
        line,
    }
}

/// Judges findings of some kinds; rules are told apart, unless all of the file is one.
pub fn judge(
    file: &str,
    kinds: &[Kind],
    check: &dyn Fn(&Case) -> Vec<Finding>,
) -> (BTreeMap<String, Score>, String) {
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let mut told = String::new();
    for case in cases(file) {
        let findings: Vec<Finding> = check(&case)
            .into_iter()
            .filter(|finding| kinds.contains(&finding.kind))
            .collect();
        let name = |finding: &Finding| match finding.kind {
            Kind::WrongWord | Kind::AvoidWord | Kind::WatchWord => "word".to_owned(),
            _ => finding
                .rule
                .rsplit('.')
                .next()
                .unwrap_or_default()
                .to_owned(),
        };
        let touch = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
        for finding in &findings {
            let rule = name(finding);
            let right = case
                .marks
                .iter()
                .any(|(mark, range)| *mark == rule && touch(range, &finding.bytes));
            let score = scores.entry(rule.clone()).or_default();
            if right {
                score.right += 1;
            } else {
                score.wrong += 1;
                let _ = writeln!(
                    told,
                    "{file}:{}: wrong {rule}: {} in {}",
                    case.line,
                    &case.text[finding.bytes.clone()],
                    case.text
                );
            }
        }
        for (mark, range) in &case.marks {
            let found = findings
                .iter()
                .any(|finding| name(finding) == *mark && touch(range, &finding.bytes));
            let score = scores.entry(mark.clone()).or_default();
            if found {
                score.found += 1;
            } else {
                score.missed += 1;
                let _ = writeln!(
                    told,
                    "{file}:{}: missed {mark}: {} in {}",
                    case.line,
                    &case.text[range.clone()],
                    case.text
                );
            }
        }
    }
    (scores, told)
}

pub fn total(scores: &BTreeMap<String, Score>) -> Score {
    let mut total = Score::default();
    for score in scores.values() {
        total.add(*score);
    }
    total
}

pub fn table(kind: &str, scores: &BTreeMap<String, Score>) -> String {
    let mut table = String::new();
    for (rule, score) in scores
        .iter()
        .map(|(rule, score)| (rule.as_str(), *score))
        .chain([("all", total(scores))])
    {
        let _ = writeln!(
            table,
            "{kind:<14} {rule:<16} precision {:.3}  recall {:.3}  ({} right, {} wrong, {} missed)",
            score.precision(),
            score.recall(),
            score.right,
            score.wrong,
            score.missed,
        );
    }
    table
}

/// The clean prose: each text with its name.
pub fn prose() -> Vec<(String, String)> {
    let mut texts: Vec<_> = fs::read_dir(corpus().join("clean"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    texts.sort();
    texts
}

pub fn checker(rules: Vec<Rule>) -> Checker {
    Checker::builder().rules(rules).build().unwrap()
}

pub fn run(checker: &Checker, case: &Case) -> Vec<Finding> {
    checker.check(&Text::plain(&case.text), &Context::on(case.date))
}
