//! Text as a person meant it: without the invisible things that copying and pasting leave behind.

use std::borrow::Cow;

/// Characters that show nothing and change nothing a person meant: NUL and other controls, byte order marks,
/// zero-width spaces, direction marks (contacts copied from Windows carry them around phone numbers).
/// The zero-width joiners stay inside a text: emoji and some scripts need them.
fn is_noise(c: char) -> bool {
    matches!(
        c,
        '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{00AD}'
    ) || (c.is_control() && c != '\n' && c != '\t')
}

fn is_edge(c: char) -> bool {
    c.is_whitespace()
        || is_noise(c)
        || matches!(c, '\u{200C}' | '\u{200D}' | '\u{3164}' | '\u{2800}')
}

/// Removes surrounding white space of every width and all invisible noise; keeps inner spaces and line breaks.
pub fn tidy(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim_matches(is_edge);
    if trimmed.contains(is_noise) {
        Cow::Owned(
            trimmed
                .replace("\r\n", "\n")
                .replace('\r', "\n")
                .replace(is_noise, ""),
        )
    } else {
        Cow::Borrowed(trimmed)
    }
}

/// Full-width forms of ASCII characters as ASCII.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// A text's form for comparing headings and marks: half width, upper case, no white space, one kind of bracket,
/// 帐 as 账 (both are written), no mark of a required column.
pub fn fold(text: &str) -> String {
    text.chars()
        .map(half_width)
        .filter(|&c| !is_edge(c) && c != '*')
        .map(|c| match c {
            '帐' => '账',
            '〔' | '［' | '[' | '【' => '(',
            '〕' | '］' | ']' | '】' => ')',
            '／' | '、' | '\\' | '|' => '/',
            _ => c.to_ascii_uppercase(),
        })
        .collect()
}
