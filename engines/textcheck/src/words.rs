//! The words of all layers in one automaton, which reads each character of a text once.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map},
    ops::Range,
    sync::Arc,
};

use chrono::NaiveDate;
use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder};
use thiserror::Error;

use crate::{
    dictionary::{Entry, EntryKind, Layer},
    finding::{Finding, Origin, Severity},
    fold::{Fold, NOTHING},
};

/// The longest word of an entry, in characters that count.
pub const LONGEST_WORD: usize = 200;

/// Why dictionaries cannot be compiled. The message is for the one who keeps the dictionary.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum WordsError {
    /// Nothing is left of the word without spaces and invisible characters.
    #[error("词典“{layer}”第{}条没有词语", entry + 1)]
    Empty { layer: Arc<str>, entry: usize },
    #[error("词典“{layer}”第{}条的词语超过{LONGEST_WORD}个字", entry + 1)]
    TooLong { layer: Arc<str>, entry: usize },
    /// More than an automaton can hold: millions of entries.
    #[error("词典太大")]
    TooMany,
}

/// The compiled words.
pub(crate) struct Words {
    layers: Vec<Arc<Layer>>,
    /// None if there are no words.
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    /// What the automaton's values stand for.
    patterns: Vec<Pattern>,
    /// The entries of each pattern, side by side.
    claims: Vec<Claim>,
}

/// One folded word.
struct Pattern {
    /// Its characters.
    length: u32,
    /// It has Latin letters or digits, whose neighbours and spaces matter.
    latin: bool,
    claims: Range<u32>,
}

/// That an entry speaks of a pattern.
#[derive(Clone, Copy)]
struct Claim {
    layer: u32,
    entry: u32,
    /// Not the entry's own word but what it says is right, which has the wrong word in it (党委 in 院党委).
    right: bool,
}

/// A place where a pattern stands and the entry that speaks.
struct Hit {
    bytes: Range<usize>,
    claim: Claim,
    /// None: the word is allowed.
    severity: Option<Severity>,
}

impl Words {
    pub fn compile(layers: Vec<Arc<Layer>>) -> Result<Self, WordsError> {
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut claimed: Vec<(u32, Claim)> = Vec::new();
        let mut claim = |folded: String, claim| {
            let next = numbers.len() as u32;
            let number = match numbers.entry(folded) {
                hash_map::Entry::Occupied(known) => *known.get(),
                hash_map::Entry::Vacant(new) => *new.insert(next),
            };
            claimed.push((number, claim));
        };
        for (number, layer) in (0..).zip(&layers) {
            for (at, entry) in layer.entries.iter().enumerate() {
                let word = folded(&entry.word);
                let own = Claim {
                    layer: number,
                    entry: at as u32,
                    right: false,
                };
                if word.is_empty() {
                    return Err(WordsError::Empty {
                        layer: Arc::clone(&layer.name),
                        entry: at,
                    });
                }
                if word.chars().count() > LONGEST_WORD {
                    return Err(WordsError::TooLong {
                        layer: Arc::clone(&layer.name),
                        entry: at,
                    });
                }
                for right in &entry.right {
                    let right = folded(right);
                    if right.len() > word.len() && right.contains(&word) {
                        claim(right, Claim { right: true, ..own });
                    }
                }
                claim(word, own);
            }
        }
        // Later layers first, and within a layer the order of its entries.
        claimed.sort_by_key(|(number, claim)| {
            (
                *number,
                std::cmp::Reverse(claim.layer),
                claim.right,
                claim.entry,
            )
        });
        let mut patterns: Vec<Pattern> = Vec::with_capacity(numbers.len());
        for (at, (number, _)) in (0..).zip(&claimed) {
            if patterns.len() <= *number as usize {
                patterns.push(Pattern {
                    length: 0,
                    latin: false,
                    claims: at..at,
                });
            }
            patterns[*number as usize].claims.end = at + 1;
        }
        for (word, number) in &numbers {
            let pattern = &mut patterns[*number as usize];
            pattern.length = word.chars().count() as u32;
            pattern.latin = word.bytes().any(|byte| byte.is_ascii_alphanumeric());
        }
        let automaton = if numbers.is_empty() {
            None
        } else {
            let built = CharwiseDoubleArrayAhoCorasickBuilder::new()
                // It serves searches in slices; this one folds as it goes.
                .use_prefilter(false)
                .build_with_values(numbers.iter().map(|(word, number)| (word, *number)))
                .map_err(|_| WordsError::TooMany)?;
            Some(built)
        };
        Ok(Self {
            layers,
            automaton,
            patterns,
            claims: claimed.into_iter().map(|(_, claim)| claim).collect(),
        })
    }

    /// What the dictionaries say of a text on that day.
    pub fn find(&self, text: &str, day: NaiveDate) -> Vec<Finding> {
        let mut hits = Vec::new();
        self.scan(text, |bytes, pattern| {
            self.judge(text, bytes, pattern, day, &mut hits)
        });
        resolve(&mut hits);
        hits.iter().map(|hit| self.finding(hit)).collect()
    }

    /// Every place where a pattern stands, by its end.
    #[inline(always)]
    fn scan(&self, text: &str, mut found: impl FnMut(Range<usize>, &Pattern)) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        let fold = Fold::get();
        let mut stepper = automaton.find_overlapping_stepper();
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            let character = fold.of(character);
            if character == NOTHING {
                continue;
            }
            stepper.consume(character);
            for matched in stepper.matches() {
                let pattern = &self.patterns[matched.value() as usize];
                let end = text.len() - rest.as_str().len();
                found(start(text, end, pattern.length, fold)..end, pattern);
            }
        }
    }

    /// Adds what the entries say of a pattern that stands there: the first that holds on the day speaks.
    #[inline(never)]
    fn judge(
        &self,
        text: &str,
        bytes: Range<usize>,
        pattern: &Pattern,
        day: NaiveDate,
        hits: &mut Vec<Hit>,
    ) {
        let claims = &self.claims[pattern.claims.start as usize..pattern.claims.end as usize];
        let Some(claim) = claims.iter().find(|claim| {
            let entry = self.entry(**claim);
            entry.holds(day) && means(entry, &text[bytes.clone()])
        }) else {
            return;
        };
        let entry = self.entry(*claim);
        let word = claim.word(entry, &text[bytes.clone()]);
        if pattern.latin && !stands_alone(text, &bytes, &word) {
            return;
        }
        let allowed = claim.right || entry.kind == EntryKind::Allow;
        hits.push(Hit {
            bytes,
            claim: *claim,
            severity: (!allowed).then_some(entry.severity),
        });
    }

    fn entry(&self, claim: Claim) -> &Entry {
        &self.layers[claim.layer as usize].entries[claim.entry as usize]
    }

    fn finding(&self, hit: &Hit) -> Finding {
        let entry = self.entry(hit.claim);
        let (rule, said): (_, Cow<'static, str>) = match entry.kind {
            EntryKind::Wrong => match entry.right.first() {
                Some(right) => (
                    "word.wrong",
                    format!("“{}”应为“{right}”", entry.word).into(),
                ),
                None => ("word.wrong", format!("“{}”有误", entry.word).into()),
            },
            EntryKind::Avoid => match entry.right.first() {
                Some(right) => (
                    "word.avoid",
                    format!("“{}”不宜用，可用“{right}”", entry.word).into(),
                ),
                None => ("word.avoid", format!("“{}”不宜用", entry.word).into()),
            },
            EntryKind::Watch | EntryKind::Allow => {
                ("word.watch", format!("留意“{}”", entry.word).into())
            }
        };
        let message = match &entry.note {
            Some(note) => format!("{said}：{note}").into(),
            None => said,
        };
        let layer = &self.layers[hit.claim.layer as usize];
        Finding {
            suggestions: entry.right.clone(),
            category: entry.category.clone(),
            origin: Some(Origin {
                layer: Arc::clone(&layer.name),
                entry: hit.claim.entry as usize,
            }),
            ..Finding::new(
                // Entries that allow make no findings.
                entry.kind.finds().unwrap_or(crate::Kind::WatchWord),
                entry.severity,
                rule,
                hit.bytes.clone(),
                message,
            )
        }
    }
}

impl Claim {
    /// The word as its keeper wrote it.
    fn word<'e>(self, entry: &'e Entry, found: &str) -> Cow<'e, str> {
        if !self.right {
            return Cow::Borrowed(&entry.word);
        }
        let found = folded(found);
        let right = entry.right.iter().find(|right| folded(right) == found);
        right.map_or(Cow::Owned(found), |right| Cow::Borrowed(right))
    }
}

/// The word as the automaton reads it.
pub(crate) fn folded(word: &str) -> String {
    let fold = Fold::get();
    word.chars()
        .map(|character| fold.of(character))
        .filter(|folded| *folded != NOTHING && !folded.is_whitespace())
        .collect()
}

/// Where a pattern of so many characters begins that ends there.
fn start(text: &str, end: usize, length: u32, fold: &Fold) -> usize {
    let mut left = length;
    for (at, character) in text[..end].char_indices().rev() {
        if fold.of(character) != NOTHING {
            left -= 1;
            if left == 0 {
                return at;
            }
        }
    }
    0
}

/// Whether an entry speaks of what stands there. If what is wrong and what is right fold into the same (公佈, 公布), only
/// the very word is meant.
fn means(entry: &Entry, found: &str) -> bool {
    found == entry.word
        || !entry
            .right
            .iter()
            .any(|right| folded(right) == folded(&entry.word))
}

/// Letters and digits: a word is not a part of a longer one (app in happy), and has spaces where the entry has
/// them or between all of its characters.
fn stands_alone(text: &str, bytes: &Range<usize>, word: &str) -> bool {
    let fold = Fold::get();
    let latin = |character: char| fold.of(character).is_ascii_alphanumeric();
    let found = &text[bytes.clone()];
    let joined = |inside: Option<char>, outside: Option<char>| {
        inside.is_some_and(latin) && outside.is_some_and(latin)
    };
    if joined(
        found.chars().next(),
        text[..bytes.start].chars().next_back(),
    ) || joined(found.chars().next_back(), text[bytes.end..].chars().next())
    {
        return false;
    }
    let spaces = gaps(found);
    spaces == gaps(word) || spaces.len() + 1 == folded(found).chars().count()
}

/// Behind which of its characters that count a word has a space between letters or digits.
fn gaps(word: &str) -> Vec<usize> {
    let fold = Fold::get();
    let mut gaps = Vec::new();
    let mut seen = 0;
    let mut last = NOTHING;
    let mut space = false;
    for character in word.chars() {
        let folded = fold.of(character);
        if folded == NOTHING {
            space |= character.is_whitespace();
            continue;
        }
        if space && last.is_ascii_alphanumeric() && folded.is_ascii_alphanumeric() {
            gaps.push(seen);
        }
        seen += 1;
        last = folded;
        space = false;
    }
    gaps
}

/// The longest wins: a hit within one that allows, or within one that is longer and as grave, is none.
fn resolve(hits: &mut Vec<Hit>) {
    hits.sort_by_key(|hit| (hit.bytes.start, std::cmp::Reverse(hit.bytes.end)));
    // How far what allows reaches, and what is at least so grave.
    let mut allowed = 0;
    let mut reach = [0; 3];
    hits.retain(|hit| {
        let end = hit.bytes.end;
        let Some(severity) = hit.severity else {
            allowed = allowed.max(end);
            return false;
        };
        let grave = severity as usize;
        let covered = end <= allowed || end <= reach[grave];
        for reach in &mut reach[..=grave] {
            *reach = end.max(*reach);
        }
        !covered
    });
}
