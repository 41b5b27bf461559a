//! Texts cut into words for comparison: each Chinese character is one, a number or a Latin word is one, every other
//! sign is one. Words become numbers, the same number for the same word. Pure.

use super::document::{Block, Document, Kind, Sign, Style, Words};
use std::{
    collections::{HashMap, hash_map::Entry},
    ops::Range,
};

/// A block's words: their numbers, and where each begins.
pub(super) struct Cut {
    pub words: Vec<u32>,
    starts: Vec<usize>,
}

impl Cut {
    /// The signs of some of its words.
    pub fn signs(&self, words: &Range<usize>) -> Range<usize> {
        self.starts[words.start]..self.starts[words.end]
    }
}

/// What has got a number.
#[derive(PartialEq, Eq, Hash)]
enum Word {
    Char(char),
    Run(String),
    Medium(bool, String),
    Alt(String),
    Style(Style),
    Block(Vec<u32>),
}

/// The numbers of all words, shared by the texts that are compared.
#[derive(Default)]
pub(super) struct Lexicon {
    numbers: HashMap<Word, u32>,
    /// Chinese characters, which are most of a text, are looked up faster.
    chars: HashMap<char, u32>,
    next: u32,
}

/// Numbers and words in letters go on; each ideograph stands for itself.
fn runs_on(c: char) -> bool {
    let ideograph = matches!(u32::from(c),
        0x2E80..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF
        | 0x20000..=0x3FFFF);
    !ideograph && c.is_alphanumeric()
}

impl Lexicon {
    fn number(&mut self, word: Word) -> u32 {
        match self.numbers.entry(word) {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(free) => {
                self.next += 1;
                *free.insert(self.next)
            }
        }
    }

    fn char(&mut self, c: char) -> u32 {
        if let Some(number) = self.chars.get(&c) {
            return *number;
        }
        let number = self.number(Word::Char(c));
        self.chars.insert(c, number);
        number
    }

    /// A block's words, whatever their style.
    pub fn cut(&mut self, document: &Document, words: &Words) -> Cut {
        let glyphs = &words.glyphs;
        let mut cut = Cut {
            words: Vec::with_capacity(glyphs.len()),
            starts: Vec::with_capacity(glyphs.len() + 1),
        };
        let mut at = 0;
        while at < glyphs.len() {
            cut.starts.push(at);
            let (number, length) = match glyphs[at].sign {
                Sign::Medium(number) => {
                    let medium = &document.media[number];
                    (
                        self.number(Word::Medium(medium.film, medium.source.clone())),
                        1,
                    )
                }
                Sign::Char(c) if runs_on(c) => {
                    let run = glyphs[at..].iter().map_while(|glyph| match glyph.sign {
                        Sign::Char(c) if runs_on(c) => Some(c),
                        _ => None,
                    });
                    let run: String = run.collect();
                    let length = run.chars().count();
                    (self.number(Word::Run(run)), length)
                }
                Sign::Char(c) => (self.char(c), 1),
            };
            cut.words.push(number);
            at += length;
        }
        cut.starts.push(glyphs.len());
        cut
    }

    /// The number of a block with all that a reader would see of it.
    pub fn block(&mut self, document: &Document, block: &Block, cuts: &[Cut]) -> u32 {
        let mut key = vec![];
        match block {
            Block::Words(_) => key.push(0),
            Block::Table(rows) => {
                key.push(1);
                key.extend(
                    rows.iter()
                        .map(|row| u32::try_from(row.cells.len()).unwrap_or(u32::MAX)),
                );
                key.push(u32::MAX);
            }
        }
        for (words, cut) in block.words().into_iter().zip(cuts) {
            self.describe(document, words, cut, &mut key);
        }
        self.number(Word::Block(key))
    }

    /// The number of a row's cells.
    pub fn row(&mut self, document: &Document, cells: &[Words], cuts: &[Cut]) -> u32 {
        let mut key = vec![2];
        for (words, cut) in cells.iter().zip(cuts) {
            self.describe(document, words, cut, &mut key);
        }
        self.number(Word::Block(key))
    }

    fn describe(&mut self, document: &Document, words: &Words, cut: &Cut, key: &mut Vec<u32>) {
        let (kind, more) = match words.kind {
            Kind::Paragraph => (0, [0, 0]),
            Kind::Heading(level) => (1, [u32::from(level), 0]),
            Kind::Item { depth, number } => (
                2,
                [u32::from(depth), number.map_or(0, |n| n.saturating_add(1))],
            ),
            Kind::Quote => (3, [0, 0]),
            Kind::Caption => (4, [0, 0]),
            Kind::Code => (5, [0, 0]),
            Kind::Rule => (6, [0, 0]),
            Kind::Cell {
                heading,
                columns,
                rows,
            } => (
                7 + u32::from(heading),
                [u32::from(columns), u32::from(rows)],
            ),
        };
        key.push(kind);
        key.extend(more);
        key.push(u32::try_from(cut.words.len()).unwrap_or(u32::MAX));
        key.extend(&cut.words);
        let mut before = None;
        for (glyph, at) in words.glyphs.iter().zip(0u32..) {
            if before != Some(glyph.style) {
                before = Some(glyph.style);
                let style = document.styles[glyph.style].clone();
                key.extend([at, self.number(Word::Style(style))]);
            }
            if let Sign::Medium(number) = glyph.sign {
                let alt = document.media[number].alt.clone();
                key.extend([at, self.number(Word::Alt(alt))]);
            }
        }
        key.push(u32::MAX);
    }
}
