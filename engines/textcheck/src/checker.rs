//! The checker: dictionaries and rules put together, run over a text.

use std::sync::{Arc, PoisonError, RwLock};

use crate::{
    dictionary::Layer,
    finding::{Context, Finding, Rule},
    text::{Text, count},
    words::{Words, WordsError},
};

/// Dictionaries, compiled, and rules. It never changes; a changed dictionary is a new checker (see [`Current`]).
pub struct Checker {
    words: Words,
    rules: Vec<Rule>,
}

/// Collects what a checker is made of.
#[derive(Default)]
pub struct CheckerBuilder {
    layers: Vec<Arc<Layer>>,
    rules: Vec<Rule>,
}

impl CheckerBuilder {
    /// Adds a dictionary. Of two that know the same word, the one added later speaks.
    #[must_use]
    pub fn layer(mut self, layer: impl Into<Arc<Layer>>) -> Self {
        self.layers.push(layer.into());
        self
    }

    /// Adds rules, such as those of [`proofreading`](crate::proofreading).
    #[must_use]
    pub fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.rules.extend(rules);
        self
    }

    /// Compiles the dictionaries: 100,000 entries take less than a second.
    ///
    /// # Errors
    /// An entry without a word, or with one that is too long.
    pub fn build(self) -> Result<Checker, WordsError> {
        Ok(Checker {
            words: Words::compile(self.layers)?,
            rules: self.rules,
        })
    }
}

impl Checker {
    #[must_use]
    pub fn builder() -> CheckerBuilder {
        CheckerBuilder::default()
    }

    /// All findings, in the order of their places; at the same place the longest and gravest first.
    #[must_use]
    pub fn check(&self, text: &Text<'_>, context: &Context) -> Vec<Finding> {
        let mut findings = self.words.find(text.as_str(), context.date);
        for rule in &self.rules {
            rule(text, context, &mut findings);
        }
        findings.sort_by(|a, b| {
            (a.bytes.start, b.bytes.end, b.severity, a.rule).cmp(&(
                b.bytes.start,
                a.bytes.end,
                a.severity,
                b.rule,
            ))
        });
        locate(text, &mut findings);
        findings
    }
}

/// Fills in the places that follow from the bytes. The findings are in order, so that one walk counts all characters.
fn locate(text: &Text<'_>, findings: &mut [Finding]) {
    let mut plain = Walk::new(text.as_str());
    let mut source = Walk::new(text.source());
    for finding in findings {
        finding.chars = plain.chars(finding.bytes.start, finding.bytes.end);
        finding.source.bytes = text.to_source(finding.bytes.clone());
        finding.source.chars = if text.is_its_source() {
            finding.chars.clone()
        } else {
            source.chars(finding.source.bytes.start, finding.source.bytes.end)
        };
    }
}

/// Counts characters from where it stands.
struct Walk<'a> {
    text: &'a str,
    bytes: usize,
    chars: usize,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: 0,
            chars: 0,
        }
    }

    fn chars(&mut self, start: usize, end: usize) -> std::ops::Range<usize> {
        if start >= self.bytes {
            self.chars += count(&self.text.as_bytes()[self.bytes..start]);
        } else {
            self.chars -= count(&self.text.as_bytes()[start..self.bytes]);
        }
        self.bytes = start;
        self.chars..self.chars + count(&self.text.as_bytes()[start..end])
    }
}

/// The checker in use, exchanged while checks run: those that run finish with the one that they began with.
pub struct Current(RwLock<Arc<Checker>>);

impl Current {
    #[must_use]
    pub fn new(checker: Checker) -> Self {
        Self(RwLock::new(Arc::new(checker)))
    }

    /// The checker of this moment.
    #[must_use]
    pub fn get(&self) -> Arc<Checker> {
        // Nothing can panic while the lock is held: a poisoned one holds a whole checker.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on another one.
    pub fn replace(&self, checker: Checker) {
        let checker = Arc::new(checker);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = checker;
    }
}
