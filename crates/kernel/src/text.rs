//! Text as people type and paste it, made safe to keep: no NUL, no control or direction marks, one
//! Unicode form. Refuses what is too long; never cuts silently.

use unicode_normalization::UnicodeNormalization;

/// Why a text was refused; the words are for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("请填写。")]
    Empty,
    #[error("不能超过 {max} 个字，现在是 {len} 个字。")]
    TooLong { max: usize, len: usize },
    #[error("含有看不见的控制字符（例如从其他软件复制时带入的），请删除后重新输入。")]
    Control,
}

/// Characters that turn the direction of text or hide in it. They have no place in a name and are
/// the classic means of disguise, so they are dropped.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

fn clean(raw: &str, keep_lines: bool) -> Result<String, TextError> {
    // Windows line ends are one line end.
    let raw = raw.replace("\r\n", "\n");
    if raw
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
    {
        return Err(TextError::Control);
    }
    let shown = raw.nfc().filter(|c| !is_invisible(*c));
    Ok(if keep_lines {
        let text: String = shown.map(|c| if c == '\r' { '\n' } else { c }).collect();
        text.trim().to_owned()
    } else {
        let text: String = shown.collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    })
}

fn measured(text: String, max: usize) -> Result<String, TextError> {
    let len = text.chars().count();
    if len > max {
        return Err(TextError::TooLong { max, len });
    }
    Ok(text)
}

/// One line: spaces and line ends become single spaces. May be empty.
///
/// # Errors
/// Control characters, or more than `max` characters.
pub fn line(raw: &str, max: usize) -> Result<String, TextError> {
    measured(clean(raw, false)?, max)
}

/// One line that must say something.
///
/// # Errors
/// As [`line`], and when nothing is left.
pub fn required_line(raw: &str, max: usize) -> Result<String, TextError> {
    let text = line(raw, max)?;
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    Ok(text)
}

/// Several lines. May be empty.
///
/// # Errors
/// Control characters, or more than `max` characters.
pub fn lines(raw: &str, max: usize) -> Result<String, TextError> {
    measured(clean(raw, true)?, max)
}

/// Several lines that must say something.
///
/// # Errors
/// As [`lines`], and when nothing is left.
pub fn required_lines(raw: &str, max: usize) -> Result<String, TextError> {
    let text = lines(raw, max)?;
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    Ok(text)
}

/// The form in which names are compared: full-width and case folded, no spaces, nothing invisible.
pub fn fold(text: &str) -> String {
    // Most texts are of letters that nothing but their case can change.
    if text.chars().all(|c| c.is_ascii() || is_plain_han(c)) {
        return text
            .chars()
            .filter(|c| !c.is_ascii_whitespace() && !c.is_ascii_control())
            .map(|c| c.to_ascii_lowercase())
            .collect();
    }
    fold_any(text)
}

/// The characters of the first block for Chinese: no form of normalisation changes them.
fn is_plain_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn fold_any(text: &str) -> String {
    // What is left beside each other after a pass may compose anew (`g¯`), so passes go on until
    // nothing changes; that is the second one but for such oddities.
    let pass = |text: &str| -> String {
        text.nfkc()
            .filter(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(*c))
            .flat_map(char::to_lowercase)
            .collect()
    };
    let mut folded = pass(text);
    loop {
        let again = pass(&folded);
        if again == folded {
            return folded;
        }
        folded = again;
    }
}

/// A phone number as shown to those who need not call: 3 + 4.
pub fn mask_phone(phone: &str) -> String {
    let chars: Vec<char> = phone.chars().collect();
    if chars.len() < 8 {
        return "*".repeat(chars.len());
    }
    chars
        .iter()
        .enumerate()
        .map(|(i, c)| {
            if i < 3 || i + 4 >= chars.len() {
                *c
            } else {
                '*'
            }
        })
        .collect()
}

/// A name as shown to strangers: two characters keep the first, longer ones first and last.
pub fn mask_name(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    match chars.as_slice() {
        [] => String::new(),
        [_] => "*".into(),
        [first, _] => format!("{first}*"),
        [first, middle @ .., last] => format!("{first}{}{last}", "*".repeat(middle.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_text_is_cleaned_or_refused() {
        assert_eq!(
            line("  信息\u{202E}学院\u{200B} \n 官网 ", 20),
            Ok("信息学院 官网".into())
        );
        assert_eq!(line("a\0b", 20), Err(TextError::Control));
        assert_eq!(line("𠮷😀", 2), Ok("𠮷😀".into()));
        assert_eq!(
            line(&"长".repeat(350_000), 200),
            Err(TextError::TooLong {
                max: 200,
                len: 350_000
            })
        );
        assert_eq!(required_line("\u{200B} \u{3000}", 5), Err(TextError::Empty));
        assert_eq!(lines("甲\r\n乙\n", 9), Ok("甲\n乙".into()));
    }

    #[test]
    fn folding_goes_on_until_nothing_changes() {
        assert_eq!(fold("g¯"), "ḡ");
        assert_eq!(fold("ＡＢ　Ｃ"), "abc");
    }

    #[test]
    fn masks_follow_the_norm() {
        assert_eq!(mask_phone("13800138001"), "138****8001");
        assert_eq!(mask_phone("110"), "***");
        assert_eq!(mask_name("李明"), "李*");
        assert_eq!(mask_name("欧阳修文"), "欧**文");
    }

    proptest! {
        #[test]
        fn what_is_kept_stays_as_it_is(raw in ".{0,80}") {
            if let Ok(once) = lines(&raw, 1000) {
                prop_assert_eq!(lines(&once, 1000), Ok(once.clone()));
                prop_assert!(!once.contains('\0'));
            }
            if let Ok(once) = line(&raw, 1000) {
                prop_assert_eq!(line(&once, 1000), Ok(once.clone()));
            }
            prop_assert_eq!(fold(&fold(&raw)), fold(&raw));
        }

        #[test]
        fn the_short_way_of_folding_is_the_long_one(raw in "[\\x00-\\x7f一-\u{9fff}]{0,40}") {
            prop_assert_eq!(fold(&raw), fold_any(&raw));
        }
    }
}
