//! Looks at the bytes of a PDF file before its reader does: the reader keeps every object in memory, also those packed in
//! object streams, and a hostile file may hold very many in very few bytes.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use memchr::memmem;

use crate::attachment::limits::Problem;

/// What one object stream or directory may unpack to.
pub(super) const LOADED_BYTES: usize = 8 << 20;
/// What the description of one font's characters may unpack to.
pub(super) const FONT_BYTES: usize = 4 << 20;
/// What one page's or form's drawing may unpack to.
pub(super) const DRAWING_BYTES: usize = 16 << 20;
/// Objects of a file, each of which costs its reader about a hundred bytes; a book of a thousand pages has half a million.
const TOKENS: usize = 3_000_000;

/// Counts the objects that a reader will keep.
///
/// # Errors
/// [`Problem::Bomb`], [`Problem::Encrypted`] (what is encrypted cannot be counted).
pub(super) fn inspect(bytes: &[u8]) -> Result<(), Problem> {
    let plain = unescaped(bytes);
    if memmem::find(&plain, b"/Encrypt").is_some() {
        return Err(Problem::Encrypted);
    }
    let mut tokens = 0;
    let mut at = 0;
    loop {
        // Up to the next stream, everything is objects.
        let begin = memmem::find(&bytes[at..], b"stream").map(|found| at + found);
        let outside = &bytes[at..begin.unwrap_or(bytes.len())];
        tokens += count(outside);
        if tokens > TOKENS {
            return Err(Problem::Bomb);
        }
        let Some(begin) = begin else { return Ok(()) };
        let mut data = begin + b"stream".len();
        while let Some(b'\r' | b'\n') = bytes.get(data) {
            data += 1;
        }
        if memmem::find(&unescaped(outside), b"ObjStm").is_some() {
            tokens += packed(&bytes[data..])?;
        }
        at = match memmem::find(&bytes[data..], b"endstream") {
            Some(found) => data + found + b"endstream".len(),
            None => return Ok(()),
        };
    }
}

/// Names may have any of their letters written as `#` and two digits.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'#', &bytes[at..]) {
        plain.extend_from_slice(&bytes[at..at + found]);
        at += found;
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let pair = bytes.get(at + 1).zip(bytes.get(at + 2));
        match pair.and_then(|(high, low)| Some(16 * digit(*high)? + digit(*low)?)) {
            Some(code) => {
                plain.push(code as u8);
                at += 3;
            }
            None => {
                plain.push(b'#');
                at += 1;
            }
        }
    }
    plain.extend_from_slice(&bytes[at..]);
    plain
}

/// The objects in an object stream.
fn packed(data: &[u8]) -> Result<usize, Problem> {
    let mut decoder = ZlibDecoder::new(data);
    let mut buffer = vec![0; 64 << 10];
    let (mut size, mut tokens) = (0, 0);
    loop {
        let read = match decoder.read(&mut buffer) {
            Ok(0) | Err(_) => return Ok(tokens),
            Ok(read) => read,
        };
        // Packed twice: nobody does that for a good reason.
        if size == 0
            && read > 1
            && buffer[0] & 0x0F == 8
            && u16::from_be_bytes([buffer[0], buffer[1]]).is_multiple_of(31)
        {
            return Err(Problem::Bomb);
        }
        size += read;
        tokens += count(&buffer[..read]);
        if size > LOADED_BYTES || tokens > TOKENS {
            return Err(Problem::Bomb);
        }
    }
}

/// About how many objects stand in some bytes.
fn count(bytes: &[u8]) -> usize {
    let mut tokens = 0;
    let mut blank = true;
    for byte in bytes {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | 0 | 0x0C => blank = true,
            b'[' | b'(' | b'<' | b'/' => {
                tokens += 1;
                blank = false;
            }
            _ => {
                tokens += usize::from(blank);
                blank = false;
            }
        }
    }
    tokens
}
