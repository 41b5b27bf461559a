//! What a browser would show of HTML, and where each piece of it stands. Reads it piece by piece, as a stream comes.

mod entities;
mod tags;

use std::ops::Range;

use memchr::{memchr, memmem};

use crate::text::{Block, BlockKind, Segment};
use tags::Tag;

/// The visible text of a piece of HTML.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub plain: String,
    pub segments: Vec<Segment>,
    pub blocks: Vec<Block>,
}

/// Reads a whole.
pub(crate) fn read(source: &str) -> Read {
    let mut reader = Reader::default();
    reader.feed(source, true);
    reader.read
}

/// No name of a tag or an entity that means something is longer.
const LONGEST_NAME: usize = 32;

/// A reader of HTML, with what it has to remember between two pieces.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    read: Read,
    /// How far the source is read.
    at: usize,
    state: State,
    /// Blocks that are open and say what stands in them, the innermost last.
    open: Vec<(Tag, BlockKind)>,
    /// Open lists: number, items so far, whether they are numbered.
    lists: Vec<(u32, u32, bool)>,
    /// Open tables: number, rows and cells so far.
    tables: Vec<(u32, u32, u32)>,
    next_list: u32,
    next_table: u32,
    /// `pre` elements that are open.
    preformatted: u32,
    /// Where the block that is being read begins in the plain text.
    block: usize,
    /// Spaces that show if something follows in the same block.
    space: Option<Range<usize>>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// In a tag behind its name; the mark that closes a quoted value; the tag's element shows nothing.
    Attributes {
        quote: Option<u8>,
        value: bool,
        hides: Option<&'static str>,
    },
    /// Nothing shows before this, which is passed as well.
    Until(&'static str),
    /// Nothing shows before this end tag.
    Hidden(&'static str),
}

impl Reader {
    /// Reads on. All of the source since the last [`Reader::take`] is given each time, and more of it.
    pub fn feed(&mut self, source: &str, last: bool) {
        while self.at < source.len() {
            let before = (self.at, self.state);
            match self.state {
                State::Text => self.text(source, last),
                State::Attributes { .. } => self.attributes(source.as_bytes()),
                State::Until(end) => self.skip(source, end),
                State::Hidden(name) => self.hidden(source, name, last),
            }
            if before == (self.at, self.state) {
                break;
            }
        }
        if last {
            self.end_block();
        }
    }

    /// Takes what is finished: the text read and how much of the source it covers; the rest is read against what is left.
    /// A block longer than `longest` is ended for it.
    pub fn take(&mut self, longest: usize) -> (Read, usize) {
        if self.read.plain.len() - self.block > longest {
            self.end_block();
        }
        let rest = self.read.plain.split_off(self.block);
        let from = self
            .read
            .segments
            .partition_point(|segment| segment.plain < self.block);
        let mut segments = self.read.segments.split_off(from);
        let source = segments
            .first()
            .map_or(self.at, |segment| segment.source.min(self.at));
        for segment in &mut segments {
            segment.plain -= self.block;
            segment.source -= source;
        }
        if let Some(space) = &mut self.space {
            *space = space.start.saturating_sub(source)..space.end.saturating_sub(source);
        }
        let taken = std::mem::replace(
            &mut self.read,
            Read {
                plain: rest,
                segments,
                blocks: Vec::new(),
            },
        );
        self.block = 0;
        self.at -= source;
        (taken, source)
    }

    /// Words up to the next tag, and the tag's name.
    fn text(&mut self, source: &str, last: bool) {
        let rest = &source[self.at..];
        let until = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
        if until > 0 {
            self.words(&rest[..until], until < rest.len() || last);
            return;
        }
        let bytes = rest.as_bytes();
        let name = |from: usize| {
            let length = bytes[from..]
                .iter()
                .take_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'>'))
                .count();
            from..from + length
        };
        match bytes.get(1) {
            Some(b'a'..=b'z' | b'A'..=b'Z') => {
                let name = name(1);
                if name.end == bytes.len() && !last && name.len() <= LONGEST_NAME {
                    return;
                }
                self.at += name.end;
                let tag = Tag::named(&bytes[name]);
                self.state = State::Attributes {
                    quote: None,
                    value: false,
                    hides: tag.and_then(Tag::hides),
                };
                if let Some(tag) = tag {
                    self.start(tag);
                }
            }
            Some(b'/') => match bytes.get(2) {
                Some(b'a'..=b'z' | b'A'..=b'Z') => {
                    let name = name(2);
                    if name.end == bytes.len() && !last && name.len() <= LONGEST_NAME {
                        return;
                    }
                    self.at += name.end;
                    self.state = State::Attributes {
                        quote: None,
                        value: false,
                        hides: None,
                    };
                    if let Some(tag) = Tag::named(&bytes[name]) {
                        self.end(tag);
                    }
                }
                None if !last => {}
                None => self.show(2, 2, "</"),
                Some(_) => {
                    self.at += 2;
                    self.state = State::Until(">");
                }
            },
            Some(b'!') if bytes.len() < 4 && !last => {}
            Some(b'!') => {
                let comment = bytes[1..].starts_with(b"!--");
                // <!--> is a whole comment.
                self.at += if comment { 2 } else { 1 };
                self.state = State::Until(if comment { "-->" } else { ">" });
                if comment && matches!(bytes[4..], [b'>', ..] | [b'-', b'>', ..]) {
                    self.state = State::Until(">");
                }
            }
            Some(b'?') => {
                self.at += 1;
                self.state = State::Until(">");
            }
            None if !last => {}
            _ => self.show(1, 1, "<"),
        }
    }

    /// Words between two tags. `whole`: nothing of them is still to come.
    fn words(&mut self, words: &str, whole: bool) {
        let bytes = words.as_bytes();
        let base = self.at;
        let mut from = 0;
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'&' => {
                    self.stretch(base + from, &words[from..at]);
                    let rest = &words[at..];
                    if !whole && rest.len() < LONGEST_NAME && !rest.contains(';') {
                        self.at = base + at;
                        return;
                    }
                    from = at;
                    if let Some((character, length)) = entities::read(rest) {
                        let start = base + at;
                        if is_space(character) {
                            self.spaces(start..start + length, character == '\n');
                        } else {
                            self.at = start;
                            self.show(length, 0, character.encode_utf8(&mut [0; 4]));
                        }
                        at += length;
                        from = at;
                    } else {
                        at += 1;
                    }
                }
                byte if byte.is_ascii_whitespace() => {
                    self.stretch(base + from, &words[from..at]);
                    let start = at;
                    if self.preformatted > 0 {
                        at += 1;
                        self.spaces(base + start..base + at, byte == b'\n');
                    } else {
                        at += bytes[at..]
                            .iter()
                            .take_while(|byte| byte.is_ascii_whitespace())
                            .count();
                        self.spaces(base + start..base + at, false);
                    }
                    from = at;
                }
                _ => at += 1,
            }
        }
        self.stretch(base + from, &words[from..]);
        self.at = base + words.len();
    }

    /// Shows words as they stand in the source.
    fn stretch(&mut self, at: usize, words: &str) {
        if !words.is_empty() {
            self.at = at;
            self.show(words.len(), words.len(), words);
        }
    }

    /// Shows words for so many bytes of the source, and passes these.
    fn show(&mut self, passed: usize, same: usize, words: &str) {
        if let Some(space) = self.space.take() {
            self.push(space, " ");
        }
        let range = self.at..self.at + passed;
        self.at += passed;
        match self.read.segments.last_mut() {
            // Stretches that go on are one.
            Some(before)
                if same == words.len()
                    && before.plain_len == before.source_len
                    && before.source + before.source_len == range.start
                    && before.plain + before.plain_len == self.read.plain.len() =>
            {
                before.plain_len += words.len();
                before.source_len += words.len();
                self.read.plain.push_str(words);
            }
            _ => self.push(range, words),
        }
    }

    fn push(&mut self, source: Range<usize>, words: &str) {
        self.read.segments.push(Segment {
            plain: self.read.plain.len(),
            plain_len: words.len(),
            source: source.start,
            source_len: source.len(),
        });
        self.read.plain.push_str(words);
    }

    /// Spaces: one, if words stand before and behind it; in `pre` each, and lines end.
    fn spaces(&mut self, source: Range<usize>, line: bool) {
        if self.preformatted > 0 && line {
            self.end_block();
        } else if self.preformatted > 0 {
            self.push(source, " ");
        } else if self.read.plain.len() > self.block && self.space.is_none() {
            self.space = Some(source);
        }
    }

    /// Ends the block that is being read, if there is something in it.
    fn end_block(&mut self) {
        self.space = None;
        let end = self.read.plain.len();
        if self.read.plain[self.block..].trim().is_empty() {
            return;
        }
        let kind = self
            .open
            .last()
            .map_or(BlockKind::Paragraph, |(_, kind)| *kind);
        self.read.blocks.push(Block {
            bytes: self.block..end,
            kind,
        });
        self.push(self.at..self.at, "\n");
        self.block = self.read.plain.len();
    }

    fn start(&mut self, tag: Tag) {
        if tag.breaks() {
            self.end_block();
        }
        match tag {
            Tag::Heading(level) => self.open.push((tag, BlockKind::Heading(level))),
            Tag::Preformatted => self.preformatted += 1,
            Tag::List { ordered } => {
                self.lists.push((self.next_list, 0, ordered));
                self.next_list += 1;
            }
            Tag::Item => {
                if self.open.last().is_some_and(|(open, _)| *open == tag) && !self.nested_list() {
                    self.open.pop();
                }
                let (list, number, ordered) = match self.lists.last_mut() {
                    Some((list, next, ordered)) => {
                        *next += 1;
                        (*list, *next - 1, *ordered)
                    }
                    None => (self.next_list, 0, false),
                };
                let kind = BlockKind::Item {
                    list,
                    number,
                    ordered,
                };
                self.open.push((tag, kind));
            }
            Tag::Table => {
                self.tables.push((self.next_table, 0, 0));
                self.next_table += 1;
            }
            Tag::Row => {
                self.close_cell();
                if let Some((_, row, cells)) = self.tables.last_mut() {
                    // The first row is row 0, whatever stands before it.
                    *row += 1;
                    *cells = 0;
                }
            }
            Tag::Cell { heading } => {
                self.close_cell();
                if let Some((table, row, cells)) = self.tables.last_mut() {
                    let kind = BlockKind::Cell {
                        table: *table,
                        row: row.saturating_sub(1),
                        column: *cells,
                        heading,
                    };
                    *cells += 1;
                    self.open.push((tag, kind));
                }
            }
            Tag::Break | Tag::Block | Tag::Hidden(_) => {}
        }
    }

    fn end(&mut self, tag: Tag) {
        if tag.breaks() {
            self.end_block();
        }
        match tag {
            Tag::Heading(_) | Tag::Item | Tag::Cell { .. } => {
                if let Some(at) = self.open.iter().rposition(|(open, _)| *open == tag) {
                    self.open.truncate(at);
                }
            }
            Tag::Preformatted => self.preformatted = self.preformatted.saturating_sub(1),
            Tag::List { .. } => {
                if let Some((list, ..)) = self.lists.pop() {
                    self.open.retain(
                        |(_, kind)| !matches!(kind, BlockKind::Item { list: of, .. } if *of == list),
                    );
                }
            }
            Tag::Table => {
                if let Some((table, ..)) = self.tables.pop() {
                    self.open.retain(
                        |(_, kind)| !matches!(kind, BlockKind::Cell { table: of, .. } if *of == table),
                    );
                }
            }
            Tag::Row => self.close_cell(),
            Tag::Break | Tag::Block | Tag::Hidden(_) => {}
        }
    }

    /// Whether the innermost list was opened inside the innermost item.
    fn nested_list(&self) -> bool {
        let Some((list, ..)) = self.lists.last() else {
            return false;
        };
        !matches!(self.open.last(), Some((_, BlockKind::Item { list: of, .. })) if of == list)
    }

    /// A cell that was not closed ends where the next begins.
    fn close_cell(&mut self) {
        let Some((table, ..)) = self.tables.last() else {
            return;
        };
        let of_table = |(_, kind): &(Tag, BlockKind)| matches!(kind, BlockKind::Cell { table: of, .. } if of == table);
        if let Some(at) = self.open.iter().rposition(of_table) {
            self.open.truncate(at);
        }
    }

    /// Passes attributes up to the tag's end.
    fn attributes(&mut self, source: &[u8]) {
        let State::Attributes {
            mut quote,
            mut value,
            hides,
        } = self.state
        else {
            return;
        };
        while let Some(&byte) = source.get(self.at) {
            if let Some(mark) = quote {
                match memchr(mark, &source[self.at..]) {
                    Some(length) => {
                        self.at += length + 1;
                        quote = None;
                    }
                    None => self.at = source.len(),
                }
                continue;
            }
            self.at += 1;
            match byte {
                b'>' => {
                    self.state = hides.map_or(State::Text, State::Hidden);
                    return;
                }
                b'=' => value = true,
                b'"' | b'\'' if value => {
                    quote = Some(byte);
                    value = false;
                }
                byte if byte.is_ascii_whitespace() => {}
                _ => value = false,
            }
        }
        self.state = State::Attributes {
            quote,
            value,
            hides,
        };
    }

    /// Passes everything up to and with this.
    fn skip(&mut self, source: &str, end: &'static str) {
        let rest = &source.as_bytes()[self.at..];
        match memmem::find(rest, end.as_bytes()) {
            Some(length) => {
                self.at += length + end.len();
                self.state = State::Text;
            }
            None => self.at = boundary(source, self.at, rest.len().saturating_sub(end.len() - 1)),
        }
    }

    /// Passes what a script or a style holds, up to its end tag.
    fn hidden(&mut self, source: &str, name: &'static str, last: bool) {
        let bytes = source.as_bytes();
        while let Some(length) = memchr(b'<', &bytes[self.at..]) {
            self.at += length;
            let rest = &bytes[self.at + 1..];
            if rest.len() < name.len() + 2 && !last {
                return;
            }
            let ends = rest.first() == Some(&b'/')
                && rest[1..]
                    .get(..name.len())
                    .is_some_and(|tag| tag.eq_ignore_ascii_case(name.as_bytes()))
                && !rest
                    .get(name.len() + 1)
                    .is_some_and(u8::is_ascii_alphanumeric);
            if ends {
                self.at += name.len() + 2;
                self.state = State::Attributes {
                    quote: None,
                    value: false,
                    hides: None,
                };
                return;
            }
            self.at += 1;
        }
        self.at = source.len();
    }
}

/// So far on from there, or a little less: where a character begins.
fn boundary(source: &str, from: usize, length: usize) -> usize {
    (from..=from + length)
        .rev()
        .find(|at| source.is_char_boundary(*at))
        .unwrap_or(from)
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}
