//! How fast texts are checked, in how much memory, and how fast others find the same words in the same text.
//!
//! `cargo bench -p zhendi-textcheck`. Everything runs on one core. The peers of `peers/` run if `ZHENDI_TEXTCHECK_PEERS`
//! names the folder that `peers/install.sh` filled; what they find is compared, and a difference is a failure.

use std::{
    collections::HashSet,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use chrono::NaiveDate;
use daachorse::CharwiseDoubleArrayAhoCorasick;
use zhendi_textcheck::{
    Checker, Context, Entry, Format, Layer, Rule, Text, builtin, personal, proofreading, secrecy,
};

const ENTRIES: usize = 50_000;
const TEXT: usize = 8 << 20;
const RUNS: usize = 5;

/// Numbers without pattern, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit
    }
}

/// Official prose, the same that the quality is measured with.
fn prose() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/clean");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the corpus")
        .map(|file| file.expect("a file").path())
        .collect();
    files.sort();
    let all: String = files
        .iter()
        .map(|file| fs::read_to_string(file).expect("text"))
        .collect();
    all.lines()
        .map(|line| line.split_whitespace().collect::<String>())
        .filter(|line| line.chars().count() > 8)
        .collect()
}

/// So many wrong words: the built-in ones, and pieces of prose with one character exchanged that stand neither in it nor
/// in right words.
fn words(prose: &[String], count: usize) -> Vec<String> {
    let mut dice = Dice(7);
    let characters: Vec<char> = prose
        .concat()
        .chars()
        .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
        .collect();
    let builtin = builtin::miswritings().entries.into_iter();
    let (mut words, rights): (Vec<String>, Vec<String>) = builtin
        .filter_map(|mut entry| Some((entry.word, entry.right.pop()?)))
        .unzip();
    let mut seen: HashSet<String> = words.iter().cloned().collect();
    while words.len() < 2 * count {
        let length = 2 + dice.below(5);
        let at = dice.below(characters.len() - length);
        let mut word = characters[at..at + length].to_vec();
        word[dice.below(length)] = characters[dice.below(characters.len())];
        let word: String = word.into_iter().collect();
        if seen.insert(word.clone()) {
            words.push(word);
        }
    }
    let all = CharwiseDoubleArrayAhoCorasick::<u32>::new(&words).expect("an automaton");
    let right: HashSet<u32> = prose
        .iter()
        .chain(&rights)
        .flat_map(|line| all.find_overlapping_iter(line).map(|hit| hit.value()))
        .collect();
    let wrong = (0..).zip(words).filter(|(at, _)| !right.contains(at));
    wrong.map(|(_, word)| word).take(count).collect()
}

/// Text of that many bytes: the prose as it stands, between its lines others of right words in any order, and here and
/// there a wrong one.
fn text(prose: &[String], words: &[String], bytes: usize) -> String {
    let mut dice = Dice(11);
    let builtin = builtin::miswritings().entries.into_iter();
    let right: Vec<String> = builtin.flat_map(|entry| entry.right).collect();
    let mut text = String::with_capacity(bytes + 4096);
    for line in prose.iter().cycle() {
        if text.len() >= bytes {
            break;
        }
        for clause in line.split_inclusive('，') {
            if dice.below(40) == 0 {
                text.push_str(&words[dice.below(words.len())]);
            }
            text.push_str(clause);
        }
        text.push('\n');
        for _ in 0..dice.below(30) {
            text.push_str(&right[dice.below(right.len())]);
            text.push_str(["，", "、", "；"][dice.below(3)]);
        }
        text.push_str("。\n");
    }
    text
}

fn layer(words: &[String]) -> Layer {
    let entries = words.iter().map(|word| Entry::wrong(word.as_str(), "对"));
    Layer::new("词典", entries.collect())
}

fn kinds() -> [(&'static str, Vec<Rule>); 3] {
    [
        ("proofreading", proofreading::rules()),
        ("personal data", personal::rules(Vec::new())),
        ("secrecy marks", secrecy::rules()),
    ]
}

fn rules() -> Vec<Rule> {
    kinds().into_iter().flat_map(|(_, rules)| rules).collect()
}

fn context() -> Context {
    Context::on(NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day"))
}

fn median(runs: usize, mut work: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..runs)
        .map(|_| {
            let begin = Instant::now();
            work();
            begin.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[runs / 2]
}

fn speed(bytes: usize, seconds: f64) -> f64 {
    bytes as f64 / 1e6 / seconds
}

fn say(what: &str, number: f64, unit: &str, wanted: &str) {
    println!("{what:<58} {number:>8.2} {unit:<5} {wanted}");
}

fn main() {
    if std::env::args().any(|argument| argument == "--weigh") {
        return weigh();
    }
    let prose = prose();
    let words = words(&prose, ENTRIES);
    let text = text(&prose, &words, TEXT);
    let context = context();

    let many = self::words(&prose, 2 * ENTRIES);
    let seconds = median(3, || {
        let checker = Checker::builder().layer(layer(&many)).build();
        assert!(checker.is_ok());
    });
    say(
        "100,000 entries are compiled in",
        seconds,
        "s",
        "(at most 1)",
    );

    let only_words = Checker::builder()
        .layer(layer(&words))
        .build()
        .expect("a dictionary");
    let all_kinds = Checker::builder()
        .layer(layer(&words))
        .rules(rules())
        .build()
        .expect("a dictionary");
    let bare = CharwiseDoubleArrayAhoCorasick::<u32>::new(&words).expect("an automaton");
    let seconds = median(RUNS, || {
        assert!(bare.find_overlapping_iter(&text).count() > 0)
    });
    say(
        "the bare automaton, 50,000 words, no folding, no places",
        speed(TEXT, seconds),
        "MB/s",
        "",
    );
    let seconds = median(RUNS, || {
        assert!(!only_words.check(&Text::plain(&text), &context).is_empty())
    });
    say(
        "dictionary with folding and places, 50,000 entries",
        speed(TEXT, seconds),
        "MB/s",
        "(at least 200)",
    );
    let seconds = median(RUNS, || {
        assert!(!all_kinds.check(&Text::plain(&text), &context).is_empty())
    });
    say("all kinds", speed(TEXT, seconds), "MB/s", "(at least 80)");
    for (name, rules) in kinds() {
        let checker = Checker::builder()
            .rules(rules)
            .build()
            .expect("no dictionary");
        let seconds = median(RUNS, || drop(checker.check(&Text::plain(&text), &context)));
        say(&format!("  {name} alone"), speed(TEXT, seconds), "MB/s", "");
    }

    let html = html(&text);
    let seconds = median(RUNS, || {
        assert!(!only_words.check(&Text::html(&html), &context).is_empty())
    });
    say("dictionary in HTML", speed(html.len(), seconds), "MB/s", "");
    let manuscript: String = text.chars().take(5_000).collect();
    let seconds = median(201, || {
        drop(all_kinds.check(&Text::plain(&manuscript), &context))
    });
    say(
        "a manuscript of 5,000 characters, all kinds",
        seconds * 1e3,
        "ms",
        "(at most 1)",
    );
    let manuscript = self::html(&manuscript);
    let seconds = median(201, || {
        drop(all_kinds.check(&Text::html(&manuscript), &context))
    });
    say("the same as HTML", seconds * 1e3, "ms", "(at most 3)");

    let me = std::env::current_exe().expect("this program");
    let output = Command::new(me)
        .arg("--weigh")
        .output()
        .expect("this program again");
    print!("{}", String::from_utf8_lossy(&output.stdout));
    peers(&only_words, &words, &text, &context);
}

/// Prose as an editor writes it.
fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() * 5 / 4);
    for line in text.lines() {
        html.push_str("<p style=\"text-align: justify\">");
        for (number, clause) in line.split_inclusive('，').enumerate() {
            match number % 4 {
                1 => html.extend(["<strong>", clause, "</strong>"]),
                3 => html.extend([clause, "&nbsp;"]),
                _ => html.push_str(clause),
            }
        }
        html.push_str("</p>\n");
    }
    html
}

/// The same text again and again.
struct Repeated<'t> {
    text: &'t [u8],
    at: usize,
    left: usize,
}

impl Read for Repeated<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() && self.left > 0 {
            self.at = 0;
            self.left -= 1;
        }
        let mut rest = &self.text[self.at..];
        let read = rest.read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

/// A process of its own: compiles, reads a long stream, says its peak memory.
fn weigh() {
    let prose = prose();
    let words = words(&prose, ENTRIES);
    let text = text(&prose, &words, 1 << 20);
    let checker = Checker::builder()
        .layer(layer(&words))
        .rules(rules())
        .build()
        .expect("a dictionary");
    drop(words);
    let stream = Repeated {
        text: text.as_bytes(),
        at: 0,
        left: 63,
    };
    let mut findings = 0;
    let begin = Instant::now();
    checker
        .check_stream(stream, Format::Plain, &context(), |_| findings += 1)
        .expect("a text");
    assert!(findings > 0);
    let seconds = begin.elapsed().as_secs_f64();
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let peak: f64 = status
        .lines()
        .find_map(|line| {
            line.strip_prefix("VmHWM:")?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .expect("a number");
    say(
        "a stream of 64 MB, all kinds",
        speed(64 * text.len(), seconds),
        "MB/s",
        "",
    );
    say(
        "its peak memory, with 50,000 entries",
        peak / 1024.0,
        "MB",
        "(less than 120)",
    );
}

/// Runs each peer on the same words and the same text, and compares what it finds.
fn peers(checker: &Checker, words: &[String], text: &str, context: &Context) {
    let Some(folder) = std::env::var_os("ZHENDI_TEXTCHECK_PEERS").map(PathBuf::from) else {
        println!("peers: not installed, see engines/textcheck/peers");
        return;
    };
    let work = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
    fs::write(work.join("words.txt"), words.join("\n")).expect("a file");
    fs::write(work.join("text.txt"), text).expect("a file");
    let ours: Vec<(usize, usize)> = checker
        .check(&Text::plain(text), context)
        .into_iter()
        .map(|finding| (finding.chars.start, finding.chars.end))
        .collect();
    for (name, mut command, script) in [
        (
            "pyahocorasick",
            Command::new(folder.join("bin/python")),
            "peer.py",
        ),
        ("fastscan", Command::new("node"), "peer.cjs"),
    ] {
        let output = command
            .arg(here.join(script))
            .args(["words.txt", "text.txt", "hits.txt"])
            .env("NODE_PATH", folder.join("node_modules"))
            .current_dir(work)
            .output()
            .expect("the peer");
        let said = String::from_utf8_lossy(&output.stdout);
        let seconds: f64 = said.trim().parse().unwrap_or_else(|_| {
            panic!("{name}: {said} {}", String::from_utf8_lossy(&output.stderr))
        });
        let mut theirs: Vec<(usize, usize)> = fs::read_to_string(work.join("hits.txt"))
            .expect("hits")
            .lines()
            .map(|line| {
                let (start, end) = line.split_once(' ').expect("two numbers");
                (
                    start.parse().expect("a number"),
                    end.parse().expect("a number"),
                )
            })
            .collect();
        // They say every word, also those within longer ones.
        theirs.sort_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)));
        let mut reach = 0;
        theirs.retain(|(_, end)| {
            let covered = *end <= reach;
            reach = reach.max(*end);
            !covered
        });
        assert!(
            theirs == ours,
            "{name} finds {} words, we find {}",
            theirs.len(),
            ours.len()
        );
        say(
            &format!("{name}, the same words, text and {} hits", ours.len()),
            speed(text.len(), seconds),
            "MB/s",
            "",
        );
    }
}
