//! A text as blocks of signs: what a reader sees of sanitised HTML, without its layout, and where in the HTML
//! each sign stands. Differences, marks and notes all speak of this. Pure.

use std::ops::Range;

/// How signs are set. A link is part of it: where it leads matters as much as what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    pub bold: bool,
    pub italic: bool,
    pub underline: bool,
    pub strike: bool,
    pub code: bool,
    pub raised: bool,
    pub lowered: bool,
    pub link: Option<String>,
}

/// A picture or a film in the text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Medium {
    pub film: bool,
    pub source: String,
    /// What it says to who cannot see it.
    pub alt: String,
}

/// What stands at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    Char(char),
    /// Number of a medium of the document.
    Medium(usize),
}

/// One sign with its style and place in the HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph {
    pub sign: Sign,
    /// Number of a style of the document.
    pub style: usize,
    /// The first byte in the HTML, and the first after it.
    pub html: (usize, usize),
}

/// What a block of words is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Paragraph,
    Heading(u8),
    /// An item of a list: how deep, and its number in an ordered one.
    Item {
        depth: u8,
        number: Option<u32>,
    },
    Quote,
    /// Words below a picture.
    Caption,
    /// Words whose spaces count.
    Code,
    /// A line across the page.
    Rule,
    /// A cell of a table.
    Cell {
        heading: bool,
        columns: u16,
        rows: u16,
    },
}

/// A paragraph, heading, item or cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub kind: Kind,
    /// Its first sign among all of the document; between two blocks stands one line feed.
    pub start: usize,
    pub glyphs: Vec<Glyph>,
}

impl Words {
    /// Its places in the document.
    pub fn range(&self) -> Range<usize> {
        self.start..self.start + self.glyphs.len()
    }
}

/// A table's row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub cells: Vec<Words>,
}

/// A piece of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Words(Words),
    Table(Vec<Row>),
}

impl Block {
    /// The block's words, those of a table cell by cell.
    pub fn words(&self) -> Vec<&Words> {
        match self {
            Self::Words(words) => vec![words],
            Self::Table(rows) => rows.iter().flat_map(|row| &row.cells).collect(),
        }
    }

    /// Its places in the document.
    pub fn range(&self) -> Range<usize> {
        let words = self.words();
        match (words.first(), words.last()) {
            (Some(first), Some(last)) => first.start..last.range().end,
            _ => 0..0,
        }
    }
}

/// A text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    pub blocks: Vec<Block>,
    pub styles: Vec<Style>,
    pub media: Vec<Medium>,
}

/// What stands for a medium where a text is words only.
pub const OBJECT: char = '\u{FFFC}';

impl Document {
    /// Reads HTML. It need not be well formed; nothing of scripts and styles is kept.
    pub fn read(html: &str) -> Self {
        super::reading::read(html)
    }

    /// A text of one line without any setting.
    pub fn line(text: &str) -> Self {
        let glyphs = text.char_indices().map(|(at, c)| Glyph {
            sign: Sign::Char(c),
            style: 0,
            html: (at, at + c.len_utf8()),
        });
        Self {
            blocks: vec![Block::Words(Words {
                kind: Kind::Paragraph,
                start: 0,
                glyphs: glyphs.collect(),
            })],
            styles: vec![Style::default()],
            media: vec![],
        }
    }

    /// What a sign is in words.
    pub fn char(&self, glyph: &Glyph) -> char {
        match glyph.sign {
            Sign::Char(c) => c,
            Sign::Medium(_) => OBJECT,
        }
    }

    /// The words between two places, as a reader would quote them.
    pub fn quote(&self, range: &Range<usize>) -> String {
        let all = self.blocks.iter().flat_map(Block::words);
        let mut quote = String::new();
        for words in all.filter(|w| w.start < range.end && w.range().end > range.start) {
            if !quote.is_empty() {
                quote.push('\n');
            }
            let to = (range.end - words.start).min(words.glyphs.len());
            // What a form says may be the wrong way round.
            let from = range.start.saturating_sub(words.start).min(to);
            quote.extend(words.glyphs[from..to].iter().map(|glyph| self.char(glyph)));
        }
        quote
    }

    /// The whole text, a line for each block of words.
    pub fn text(&self) -> String {
        let words: Vec<String> = self
            .blocks
            .iter()
            .flat_map(Block::words)
            .map(|words| words.glyphs.iter().map(|glyph| self.char(glyph)).collect())
            .collect();
        words.join("\n")
    }

    /// Which signs stand in a part of the HTML; none when it holds none.
    pub fn signs_at(&self, html: &Range<usize>) -> Option<Range<usize>> {
        let mut found: Option<Range<usize>> = None;
        for words in self.blocks.iter().flat_map(Block::words) {
            // Signs stand in the HTML in their order.
            let from = words.glyphs.partition_point(|g| g.html.1 <= html.start);
            let to = words.glyphs.partition_point(|g| g.html.0 < html.end);
            if from < to {
                let end = words.start + to;
                found = Some(found.map_or(words.start + from..end, |range| range.start..end));
            }
        }
        found
    }

    /// Where a quotation stands now, if the words at its place are others: the nearest occurrence.
    pub fn find(&self, range: &Range<usize>, quote: &str) -> Option<Range<usize>> {
        if quote.is_empty() {
            return None;
        }
        if self.quote(range) == quote {
            return Some(range.clone());
        }
        let text: Vec<char> = self.text().chars().collect();
        let quote: Vec<char> = quote.chars().collect();
        let places = text.windows(quote.len()).enumerate();
        places
            .filter(|(_, words)| *words == quote)
            .map(|(at, _)| at)
            .min_by_key(|at| at.abs_diff(range.start))
            .map(|at| at..at + quote.len())
    }
}
