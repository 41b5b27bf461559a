//! Texts of any size: read piece by piece, cut where a block ends, found places counted on.

use std::io::{self, ErrorKind, Read};

use crate::{
    checker::Checker,
    finding::{Context, Finding, Place},
    html,
    text::{Text, count},
};

/// What a stream holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Plain,
    Html,
}

/// How much is read before a piece is checked.
const PIECE: usize = 1 << 20;

/// A block longer than this is cut at the end of a sentence, or where it happens to be.
const LONGEST_BLOCK: usize = 4 << 20;

/// Where a piece begins.
#[derive(Default)]
struct Base {
    plain: Place,
    source: Place,
}

impl Checker {
    /// Checks a text of any size and says each finding in order. Rules that compare parts of a text (numbering, names
    /// of the same thing) see about a megabyte at a time.
    ///
    /// # Errors
    /// What reading says; `InvalidData` if the text is not UTF-8.
    pub fn check_stream(
        &self,
        mut from: impl Read,
        format: Format,
        context: &Context,
        mut found: impl FnMut(Finding),
    ) -> io::Result<()> {
        let mut base = Base::default();
        let mut reader = html::Reader::default();
        let mut buffer: Vec<u8> = Vec::new();
        loop {
            let read = from.by_ref().take(PIECE as u64).read_to_end(&mut buffer)?;
            let last = read < PIECE;
            let source = whole_characters(&buffer, last)?;
            let taken = match format {
                Format::Plain => {
                    let taken = if last {
                        source.len()
                    } else {
                        end_of_block(source)
                    };
                    self.piece(
                        &Text::plain(&source[..taken]),
                        context,
                        &mut base,
                        &mut found,
                    );
                    taken
                }
                Format::Html => {
                    reader.feed(source, last);
                    let (read, taken) = reader.take(LONGEST_BLOCK);
                    self.piece(
                        &Text::mapped(&source[..taken], read),
                        context,
                        &mut base,
                        &mut found,
                    );
                    taken
                }
            };
            buffer.drain(..taken);
            if last {
                return Ok(());
            }
        }
    }

    /// Checks a piece and moves on by it.
    fn piece(
        &self,
        text: &Text<'_>,
        context: &Context,
        base: &mut Base,
        found: &mut impl FnMut(Finding),
    ) {
        for mut finding in self.check(text, context) {
            shift(&mut finding.bytes, base.plain.bytes.start);
            shift(&mut finding.chars, base.plain.chars.start);
            shift(&mut finding.source.bytes, base.source.bytes.start);
            shift(&mut finding.source.chars, base.source.chars.start);
            found(finding);
        }
        for (place, passed) in [
            (&mut base.plain, text.as_str()),
            (&mut base.source, text.source()),
        ] {
            place.bytes.start += passed.len();
            place.chars.start += count(passed.as_bytes());
        }
    }
}

fn shift(range: &mut std::ops::Range<usize>, by: usize) {
    *range = range.start + by..range.end + by;
}

/// The text without a character at its end that is not all there yet.
fn whole_characters(bytes: &[u8], last: bool) -> io::Result<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) if error.error_len().is_none() && !last => {
            // What comes before is valid: the error says so.
            std::str::from_utf8(&bytes[..error.valid_up_to()])
                .map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
        }
        Err(error) => Err(io::Error::new(ErrorKind::InvalidData, error)),
    }
}

/// Where plain text may be cut: behind its last whole line.
fn end_of_block(text: &str) -> usize {
    if let Some(at) = memchr::memrchr(b'\n', text.as_bytes()) {
        return at + 1;
    }
    if text.len() < LONGEST_BLOCK {
        return 0;
    }
    text.char_indices()
        .rev()
        .find(|(_, character)| crate::text::ends_sentence(*character))
        .map_or(text.len(), |(at, character)| at + character.len_utf8())
}
