//! A font as far as words need it: how its codes are cut, what they stand for, how wide they are.

use std::collections::HashMap;

use encoding_rs::{BIG5, GB18030, SHIFT_JIS, UTF_16BE};
use lopdf::{Dictionary, Document, Encoding, Object};

use super::{FONT_BYTES, cmap::Characters};

/// How the codes of a composite font are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codes {
    /// One byte.
    One,
    /// Two bytes that say nothing by themselves.
    Two,
    /// As many bytes as the font's table says.
    Table(usize),
    /// UTF-16.
    Unicode,
    /// One or two bytes of an older encoding.
    Mixed(&'static encoding_rs::Encoding),
}

/// A font of the document.
pub(super) struct Font<'d> {
    codes: Codes,
    characters: Option<Characters>,
    simple: Option<Encoding<'d>>,
    widths: HashMap<u32, f64>,
    width: f64,
    pub vertical: bool,
}

/// One code of a string: what it stands for (nothing, if unknown), its width in thousandths, whether it is a single-byte space.
pub(super) struct Glyph {
    pub text: Option<String>,
    pub width: f64,
    pub is_space: bool,
}

/// Widths that are kept of one font.
const WIDTHS: usize = 70_000;

impl<'d> Font<'d> {
    pub fn read(dictionary: &'d Dictionary, document: &'d Document) -> Self {
        let name = |key: &[u8]| {
            dictionary
                .get_deref(key, document)
                .and_then(Object::as_name)
                .unwrap_or_default()
        };
        let characters = dictionary
            .get_deref(b"ToUnicode", document)
            .and_then(Object::as_stream)
            .and_then(|stream| stream.get_plain_content_with_limit(FONT_BYTES))
            .map(|source| Characters::read(&source))
            .ok();
        let composite = name(b"Subtype") == b"Type0";
        let encoding = String::from_utf8_lossy(name(b"Encoding")).into_owned();
        let mut font = Self {
            codes: Codes::One,
            simple: None,
            widths: HashMap::new(),
            width: 500.0,
            vertical: composite && (encoding == "V" || encoding.ends_with("-V")),
            characters,
        };
        if composite {
            font.codes = codes(&encoding, font.characters.as_ref());
            font.composite_widths(dictionary, document);
        } else {
            if font.characters.is_none() {
                font.simple = dictionary
                    .get_font_encoding_with_limit(document, FONT_BYTES)
                    .ok();
            }
            font.simple_widths(dictionary, document);
        }
        font
    }

    fn simple_widths(&mut self, dictionary: &Dictionary, document: &Document) {
        let first = dictionary
            .get_deref(b"FirstChar", document)
            .and_then(Object::as_i64);
        let first = first
            .ok()
            .and_then(|first| u32::try_from(first).ok())
            .unwrap_or(0);
        let widths = dictionary
            .get_deref(b"Widths", document)
            .and_then(Object::as_array);
        for (width, code) in widths.into_iter().flatten().take(256).zip(first..) {
            if let Ok((_, width)) = document.dereference(width)
                && let Ok(width) = width.as_float()
            {
                self.widths.insert(code, f64::from(width));
            }
        }
    }

    fn composite_widths(&mut self, dictionary: &Dictionary, document: &Document) {
        self.width = 1000.0;
        let descendant = dictionary
            .get_deref(b"DescendantFonts", document)
            .and_then(Object::as_array)
            .ok()
            .and_then(|fonts| document.dereference(fonts.first()?).ok())
            .and_then(|(_, font)| font.as_dict().ok());
        let Some(descendant) = descendant else { return };
        if let Ok(width) = descendant
            .get_deref(b"DW", document)
            .and_then(Object::as_float)
        {
            self.width = f64::from(width);
        }
        let Ok(listed) = descendant
            .get_deref(b"W", document)
            .and_then(Object::as_array)
        else {
            return;
        };
        let mut listed = listed.iter().map(|object| {
            document
                .dereference(object)
                .map_or(object, |(_, object)| object)
        });
        while let Some(first) = listed.next().and_then(|n| n.as_i64().ok()) {
            let first = u32::try_from(first).unwrap_or(0);
            match listed.next() {
                Some(Object::Array(widths)) => {
                    for (width, code) in widths.iter().zip(first..) {
                        if let Ok(width) = width.as_float()
                            && self.widths.len() < WIDTHS
                        {
                            self.widths.insert(code, f64::from(width));
                        }
                    }
                }
                Some(last) => {
                    let last = last.as_i64().ok().and_then(|n| u32::try_from(n).ok());
                    let width = listed.next().and_then(|n| n.as_float().ok());
                    if let (Some(last), Some(width)) = (last, width) {
                        for code in (first..=last.min(0xFFFF)).take(WIDTHS) {
                            if self.widths.len() < WIDTHS {
                                self.widths.insert(code, f64::from(width));
                            }
                        }
                    }
                }
                None => return,
            }
        }
    }

    /// Cuts a string into its codes.
    pub fn glyphs(&self, bytes: &[u8], mut each: impl FnMut(Glyph)) {
        let mut at = 0;
        while at < bytes.len() {
            let length = self.length(&bytes[at..]);
            let code = &bytes[at..(at + length).min(bytes.len())];
            at += length;
            each(self.glyph(code));
        }
    }

    /// Bytes of the code that begins here.
    fn length(&self, rest: &[u8]) -> usize {
        match self.codes {
            Codes::One => 1,
            Codes::Two => 2,
            Codes::Table(width) => width,
            Codes::Unicode if matches!(rest[0], 0xD8..=0xDB) => 4,
            Codes::Unicode => 2,
            Codes::Mixed(_) if rest[0] < 0x81 => 1,
            Codes::Mixed(_) => 2,
        }
    }

    fn glyph(&self, bytes: &[u8]) -> Glyph {
        let code = bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        let told = self.characters.as_ref().and_then(|table| table.get(code));
        let text = told.or_else(|| match self.codes {
            Codes::One => self
                .simple
                .as_ref()
                .and_then(|simple| simple.bytes_to_string(bytes).ok())
                .filter(|text| !text.is_empty())
                // A table that leaves plain letters out means them as they are.
                .or_else(|| {
                    bytes[0]
                        .is_ascii_graphic()
                        .then(|| char::from(bytes[0]).into())
                }),
            Codes::Unicode => Some(UTF_16BE.decode_without_bom_handling(bytes).0.into_owned()),
            Codes::Mixed(encoding) => {
                Some(encoding.decode_without_bom_handling(bytes).0.into_owned())
            }
            Codes::Two | Codes::Table(_) => None,
        });
        let narrow = matches!(self.codes, Codes::Mixed(_)) && bytes.len() == 1;
        let width = self.widths.get(&code).copied();
        Glyph {
            text: text.filter(|text| !text.contains('\u{FFFD}')),
            width: width.unwrap_or(if narrow { self.width / 2.0 } else { self.width }),
            is_space: bytes == b" ",
        }
    }
}

/// How the codes of a composite font are written, by the name of its encoding.
fn codes(encoding: &str, characters: Option<&Characters>) -> Codes {
    let begins = |names: &[&str]| names.iter().any(|name| encoding.starts_with(name));
    match () {
        () if encoding.contains("UCS2") || encoding.contains("UTF16") => Codes::Unicode,
        () if begins(&["GBK", "GB-", "GBpc"]) => Codes::Mixed(GB18030),
        () if begins(&["B5pc", "ETen", "HKscs"]) => Codes::Mixed(BIG5),
        () if begins(&["90ms", "90pv", "83pv"]) => Codes::Mixed(SHIFT_JIS),
        () if encoding.is_empty() => Codes::Table(characters.map_or(2, |table| table.width)),
        () => Codes::Two,
    }
}
