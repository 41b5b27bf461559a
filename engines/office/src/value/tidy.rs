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

/// A character's part in a folded text, if it has one.
fn fold_char(c: char) -> Option<char> {
    let c = half_width(c);
    match c {
        '*' => None,
        _ if is_edge(c) => None,
        '帐' => Some('账'),
        '〔' | '[' | '【' => Some('('),
        '〕' | ']' | '】' => Some(')'),
        '、' | '\\' | '|' => Some('/'),
        _ => Some(c.to_ascii_uppercase()),
    }
}

/// A text's form for comparing headings and marks: half width, upper case, no white space, one kind of bracket,
/// 帐 as 账 (both are written), no mark of a required column.
pub fn fold(text: &str) -> String {
    text.chars().filter_map(fold_char).collect()
}

/// The first character of a text's folded form, without folding the rest.
pub(crate) fn initial(text: &str) -> Option<char> {
    text.chars().find_map(fold_char)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn invisible_things_go_and_visible_ones_stay() {
        assert_eq!(
            tidy("\u{feff}\u{3000} 信息\u{200b}学院\0 \u{a0}\r\n"),
            "信息学院"
        );
        assert_eq!(tidy("一行\r\n二行"), "一行\n二行");
        assert_eq!(tidy("\u{202a}13800138001\u{202c}"), "13800138001");
        assert_eq!(
            tidy("👨\u{200d}👩\u{200d}👧 𠮷"),
            "👨\u{200d}👩\u{200d}👧 𠮷"
        );
        assert_eq!(tidy(" \0\u{200d} "), "");
    }

    #[test]
    fn headings_written_differently_fold_alike() {
        for heading in [
            "账号ID（网址）",
            "帐号 id\n(网址)",
            "＊账号ＩＤ【网址】",
            "账 号\u{3000}Id〔网址〕",
        ] {
            assert_eq!(fold(heading), "账号ID(网址)", "{heading}");
        }
    }

    proptest! {
        #[test]
        fn tidying_and_folding_twice_change_nothing_more(text in r"\PC{0,30}|[ \t\r\n\x00\u{200b}\u{200d}\u{feff}\u{3000}甲a]{0,20}") {
            let once = tidy(&text).into_owned();
            prop_assert_eq!(tidy(&once), once.as_str());
            prop_assert!(!once.contains('\0'));
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded.as_str());
            prop_assert_eq!(initial(&text), folded.chars().next());
        }
    }
}
