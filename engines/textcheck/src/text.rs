//! The text as a reader sees it, cut into blocks and sentences, and the way back from it to the source.

use std::{borrow::Cow, ops::Range};

use crate::{finding::Place, html};

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// A paragraph, or a line of plain text.
    Paragraph,
    /// A heading of that level, 1 to 6.
    Heading(u8),
    /// An item: of which list of the text, and its place in the list, both from 0.
    Item {
        list: u32,
        number: u32,
        ordered: bool,
    },
    /// A cell: of which table of the text, its row and column, all from 0, and whether it is a heading.
    Cell {
        table: u32,
        row: u32,
        column: u32,
        heading: bool,
    },
}

/// A piece of text that no word, no sentence and no pair of quotation marks by itself crosses.
/// A paragraph with line breaks in it is several blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Bytes in the plain text, without the line's end.
    pub bytes: Range<usize>,
    pub kind: BlockKind,
}

/// A stretch of the plain text and where it comes from. Equal lengths: byte for byte. Else one whole:
/// an entity, or spaces that count as one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub plain: usize,
    pub plain_len: usize,
    pub source: usize,
    pub source_len: usize,
}

/// A text to be checked.
#[derive(Clone, Debug)]
pub struct Text<'s> {
    /// Nothing if the source is the plain text.
    source: Option<&'s str>,
    plain: Cow<'s, str>,
    segments: Vec<Segment>,
    blocks: Vec<Block>,
}

impl<'s> Text<'s> {
    /// Plain text: each line that is not empty is a paragraph.
    #[must_use]
    pub fn plain(source: &'s str) -> Self {
        let mut blocks = Vec::new();
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', source.as_bytes()).chain([source.len()]) {
            let line = source[start..end].trim_end_matches('\r');
            if !line.trim().is_empty() {
                blocks.push(Block {
                    bytes: start..start + line.len(),
                    kind: BlockKind::Paragraph,
                });
            }
            start = end + 1;
        }
        Self {
            source: None,
            plain: Cow::Borrowed(source),
            segments: Vec::new(),
            blocks,
        }
    }

    /// HTML, well formed or not: what a browser shows, one line for each block; nothing of scripts, styles and comments.
    #[must_use]
    pub fn html(source: &'s str) -> Self {
        let read = html::read(source);
        Self::mapped(source, read)
    }

    pub(crate) fn mapped(source: &'s str, read: html::Read) -> Self {
        Self {
            source: Some(source),
            plain: Cow::Owned(read.plain),
            segments: read.segments,
            blocks: read.blocks,
        }
    }

    /// The plain text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.plain
    }

    /// The text as it was given.
    #[must_use]
    pub fn source(&self) -> &str {
        self.source.unwrap_or(&self.plain)
    }

    /// Whether places in the plain text are places in the source.
    #[must_use]
    pub fn is_its_source(&self) -> bool {
        self.source.is_none()
    }

    /// The blocks in order. Between two there is at least a line feed.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The words of a block.
    #[must_use]
    pub fn block(&self, block: &Block) -> &str {
        &self.plain[block.bytes.clone()]
    }

    /// All sentences in order, each with its end mark and the closing quotation marks and brackets after it.
    pub fn sentences(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.blocks.iter().flat_map(|block| {
            sentences(self.block(block))
                .map(|range| range.start + block.bytes.start..range.end + block.bytes.start)
        })
    }

    /// The bytes of the source that a range of the plain text comes from.
    ///
    /// A range that covers several stretches gets all that stands between them: the tags inside a word.
    #[must_use]
    pub fn to_source(&self, plain: Range<usize>) -> Range<usize> {
        if self.source.is_none() {
            return plain;
        }
        let start = self.segment(plain.start).map_or(0, |segment| {
            let into = plain.start - segment.plain;
            if segment.plain_len == segment.source_len {
                segment.source + into.min(segment.source_len)
            } else if into == 0 {
                segment.source
            } else {
                segment.source + segment.source_len
            }
        });
        if plain.is_empty() {
            return start..start;
        }
        let end = self.segment(plain.end - 1).map_or(start, |segment| {
            let into = plain.end - segment.plain;
            if segment.plain_len == segment.source_len {
                segment.source + into.min(segment.source_len)
            } else {
                segment.source + segment.source_len
            }
        });
        start..end.max(start)
    }

    /// The bytes of the plain text that come from a range of the source: the way back of [`Text::to_source`].
    /// Empty, at the place where they would stand, when a reader sees nothing of that range.
    #[must_use]
    pub fn to_plain(&self, source: Range<usize>) -> Range<usize> {
        if self.source.is_none() {
            return source;
        }
        let first = self
            .segments
            .partition_point(|one| one.source + one.source_len <= source.start);
        let behind = self
            .segments
            .partition_point(|one| one.source < source.end)
            .max(first);
        let within = |one: &Segment, at: usize| {
            let into = at.saturating_sub(one.source);
            // What is not written byte for byte belongs to the range as a whole.
            if one.plain_len == one.source_len {
                into.min(one.plain_len)
            } else {
                0
            }
        };
        let start = self.segments.get(first).map_or(self.plain.len(), |one| {
            one.plain + within(one, source.start)
        });
        let Some(last) = self.segments[first..behind].last() else {
            return start..start;
        };
        let end = match within(last, source.end) {
            0 => last.plain + last.plain_len,
            into => last.plain + into,
        };
        start..end.max(start)
    }

    /// The stretch that a byte of the plain text belongs to, or the one before it.
    fn segment(&self, at: usize) -> Option<&Segment> {
        let after = self.segments.partition_point(|segment| segment.plain <= at);
        self.segments[..after].last()
    }

    /// A range of the plain text in characters.
    #[must_use]
    pub fn chars(&self, bytes: Range<usize>) -> Range<usize> {
        let start = count(&self.plain.as_bytes()[..bytes.start]);
        start..start + count(&self.plain.as_bytes()[bytes])
    }

    /// A range of the plain text as a place in the source.
    #[must_use]
    pub fn place(&self, plain: Range<usize>) -> Place {
        let bytes = self.to_source(plain);
        let source = self.source().as_bytes();
        let start = count(&source[..bytes.start]);
        let chars = start..start + count(&source[bytes.clone()]);
        Place { bytes, chars }
    }
}

/// Texts put together block by block: what stands in a spreadsheet or in a text processor's file.
/// The plain text is the source.
#[derive(Clone, Debug, Default)]
pub struct TextBuilder {
    plain: String,
    blocks: Vec<Block>,
}

impl TextBuilder {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a block. Lines of it are blocks of the same kind; empty ones are left out.
    pub fn push(&mut self, kind: BlockKind, words: &str) -> &mut Self {
        for line in words.lines().filter(|line| !line.trim().is_empty()) {
            if !self.plain.is_empty() {
                self.plain.push('\n');
            }
            let start = self.plain.len();
            self.plain.push_str(line);
            self.blocks.push(Block {
                bytes: start..self.plain.len(),
                kind,
            });
        }
        self
    }

    /// How many bytes the text has so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.plain.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }

    #[must_use]
    pub fn finish(self) -> Text<'static> {
        Text {
            source: None,
            plain: Cow::Owned(self.plain),
            segments: Vec::new(),
            blocks: self.blocks,
        }
    }
}

/// How many characters begin in these bytes.
pub(crate) fn count(bytes: &[u8]) -> usize {
    // Sums of single bytes are what the compiler turns into wide instructions.
    bytes
        .chunks(u8::MAX as usize)
        .map(|chunk| {
            let sum: u8 = chunk
                .iter()
                .map(|byte| u8::from((*byte as i8) >= -0x40))
                .sum();
            usize::from(sum)
        })
        .sum()
}

/// Whether a sentence may end with it.
#[must_use]
pub fn ends_sentence(character: char) -> bool {
    matches!(
        character,
        '。' | '！' | '？' | '；' | '!' | '?' | ';' | '…' | '｡'
    )
}

/// The sentences of a block, in bytes of it, without spaces around them.
pub fn sentences(block: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut rest = 0;
    std::iter::from_fn(move || {
        rest += block[rest..].len() - block[rest..].trim_start().len();
        if rest >= block.len() {
            return None;
        }
        let start = rest;
        let mut ended = false;
        for (at, character) in block[start..].char_indices() {
            let stays = ends_sentence(character)
                || matches!(character, '”' | '’' | '」' | '』' | '）' | ')' | '】' | '"');
            if ended && !stays {
                rest = start + at;
                return Some(start..start + block[start..rest].trim_end().len());
            }
            ended |= ends_sentence(character);
        }
        rest = block.len();
        Some(start..start + block[start..].trim_end().len())
    })
}
