//! Phone numbers of the mainland.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{
    NotAPhone,
    tidy::{half_width, tidy},
};

/// A phone number in one way of writing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phone {
    /// Eleven digits, `1[3-9]` first.
    Mobile(String),
    /// A fixed line.
    Landline {
        /// `0` and two or three digits; empty if the number was given without.
        area: String,
        /// Seven or eight digits.
        number: String,
        /// Extension, if given.
        extension: Option<String>,
    },
}

impl Phone {
    /// Whether it is a mobile number, as the columns 手机号 ask for.
    pub fn is_mobile(&self) -> bool {
        matches!(self, Self::Mobile(_))
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mobile(digits) => f.write_str(digits),
            Self::Landline {
                area,
                number,
                extension,
            } => {
                if !area.is_empty() {
                    write!(f, "{area}-")?;
                }
                f.write_str(number)?;
                extension.iter().try_for_each(|ext| write!(f, "-{ext}"))
            }
        }
    }
}

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads a phone cell; a blank one, `-` or 无 is `None`.
///
/// Read are mobile numbers with spaces, dashes, `+86`, `0086` or a leading `86`, numbers that went through a number cell
/// (`13800138003.0`), and fixed lines such as `0691-2130001`, `(0691)2130001转802`, `2130001`.
///
/// # Errors
/// [`NotAPhone`] for anything else: too short, letters, several numbers in one cell.
pub fn parse_phone(text: &str) -> Result<Option<Phone>, NotAPhone> {
    let shown = tidy(text);
    let plain: String = shown.chars().map(half_width).collect();
    if matches!(plain.as_str(), "" | "-" | "--" | "—" | "——" | "/" | "无") {
        return Ok(None);
    }
    parse(&plain)
        .map(Some)
        .ok_or_else(|| NotAPhone(shown.into_owned()))
}

fn parse(plain: &str) -> Option<Phone> {
    let upper = plain
        .to_ascii_uppercase()
        .replace("EXT.", "转")
        .replace("EXT", "转")
        .replace("分机", "转");
    let (main, mut extension) = match upper.split_once('转') {
        Some((main, ext)) => (main, Some(digits_only(ext)?)),
        None => (upper.as_str(), None),
    };
    // A number cell that was saved as text.
    let main = main
        .strip_suffix(".0")
        .or_else(|| main.strip_suffix(".00"))
        .unwrap_or(main)
        .trim();
    let (main, foreign) = match main.strip_prefix('+').or_else(|| main.strip_prefix("00")) {
        Some(rest) => (rest.strip_prefix("86")?, true),
        None => (main, false),
    };
    let groups: Vec<&str> = main
        .split(|c: char| !c.is_ascii_digit())
        .filter(|g| !g.is_empty())
        .collect();
    let digits = digits_only(main)?;
    if extension.is_none() {
        if is_mobile(&digits) {
            return Some(Phone::Mobile(digits));
        }
        if let Some(rest) = digits.strip_prefix("86").filter(|rest| is_mobile(rest)) {
            return Some(Phone::Mobile(rest.to_owned()));
        }
    }
    // "0691-2130001-802", "62770000-8": behind the number stands an extension.
    let mut digits = digits;
    if extension.is_none()
        && let Some((last, number)) = groups.split_last()
        && last.len() <= 6
        && matches!(number, [number] | [_, number] if matches!(number.len(), 7 | 8) && !number.starts_with(['0', '1']))
        && (number.len() == 1 || is_area(number[0]))
    {
        extension = Some((*last).to_owned());
        digits.truncate(digits.len() - last.len());
    }
    if foreign && !digits.starts_with('0') {
        digits.insert(0, '0');
    }
    let (area, number) = if digits.starts_with('0') {
        // 010 and 02x have two digits behind the zero, all others three.
        let length = if matches!(digits.as_bytes().get(1), Some(b'1' | b'2')) {
            3
        } else {
            4
        };
        digits.split_at_checked(length)?
    } else {
        ("", digits.as_str())
    };
    let plausible = matches!(number.len(), 7 | 8) && !number.starts_with(['0', '1']);
    let extension_fits = extension
        .as_ref()
        .is_none_or(|ext| (1..=6).contains(&ext.len()));
    (plausible && extension_fits && (area.is_empty() || is_area(area))).then(|| Phone::Landline {
        area: area.to_owned(),
        number: number.to_owned(),
        extension,
    })
}

/// The digits, if nothing else than separators stands between them.
fn digits_only(text: &str) -> Option<String> {
    text.chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')' | '\u{A0}' | '—' | '–'))
        .then(|| text.chars().filter(char::is_ascii_digit).collect())
}

fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9')
}

fn is_area(group: &str) -> bool {
    group.starts_with('0') && matches!(group.len(), 3 | 4) && !group.starts_with("00")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<String> {
        parse_phone(text).ok()?.map(|phone| phone.to_string())
    }

    #[test]
    fn the_ways_people_write_phones() {
        for (written, meant) in [
            ("13800138001", "13800138001"),
            ("138 0013 8001", "13800138001"),
            ("138-0013-8001", "13800138001"),
            ("１３８００１３８００１", "13800138001"),
            ("+86 13800138001", "13800138001"),
            ("+86-138-0013-8001", "13800138001"),
            ("008613800138001", "13800138001"),
            ("8613800138001", "13800138001"),
            ("13800138003.0", "13800138003"),
            ("\u{202a}13800138001\u{202c}", "13800138001"),
            ("0691-2130001", "0691-2130001"),
            ("06912130001", "0691-2130001"),
            ("（0691）2130001", "0691-2130001"),
            ("010-62770000", "010-62770000"),
            ("0691-2130001-802", "0691-2130001-802"),
            ("0691-2130001转802", "0691-2130001-802"),
            ("0691-2130001 ext. 802", "0691-2130001-802"),
            ("+86 691 2130001", "0691-2130001"),
            ("+86-10-62770000", "010-62770000"),
            ("2130001", "2130001"),
            ("62770000转8", "62770000-8"),
            ("62770000-8", "62770000-8"),
        ] {
            assert_eq!(read(written).as_deref(), Some(meant), "{written}");
        }
        for blank in ["", " ", "-", "——", "无", "／"] {
            assert_eq!(parse_phone(blank), Ok(None), "{blank}");
        }
    }

    #[test]
    fn what_is_no_phone() {
        for written in [
            "1380013",
            "12800138001",
            "138001380011",
            "1380013800",
            "也许",
            "13800138001/13800138002",
            "13800138001 13800138002",
            "138001380O1",
            "+1 2025550123",
            "0691",
            "110",
            "0691-2130001转",
            "0691-2130001-1234567",
            "1.3800138003e10",
            "转",
            "+",
            "+86",
        ] {
            assert!(
                parse_phone(written).is_err(),
                "{written}: {:?}",
                parse_phone(written)
            );
        }
    }

    proptest! {
        #[test]
        fn a_mobile_number_reads_in_every_dress(digits in "1[3-9][0-9]{9}", prefix in "|\\+86|0086 |86", gap in "| |-") {
            let written = format!("{prefix}{}{gap}{}{gap}{}", &digits[..3], &digits[3..7], &digits[7..]);
            prop_assert_eq!(parse_phone(&written), Ok(Some(Phone::Mobile(digits))));
        }

        #[test]
        fn what_is_read_reads_back_as_itself(text in r"[0-9+\-() 转]{0,20}|0[1-9][0-9]{1,2}-?[2-9][0-9]{6,7}(转[0-9]{1,6})?|\PC{0,16}") {
            if let Ok(Some(phone)) = parse_phone(&text) {
                prop_assert_eq!(parse_phone(&phone.to_string()), Ok(Some(phone)));
            }
        }
    }
}
