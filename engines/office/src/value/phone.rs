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
    // "0691-2130001-802": the third group is an extension.
    let mut digits = digits;
    if extension.is_none()
        && groups.len() == 3
        && is_area(groups[0])
        && matches!(groups[1].len(), 7 | 8)
        && groups[2].len() <= 6
    {
        extension = Some(groups[2].to_owned());
        digits.truncate(groups[0].len() + groups[1].len());
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
        .all(|c| {
            c.is_ascii_digit()
                || matches!(c, ' ' | '-' | '(' | ')' | '\u{A0}' | '—' | '–' | '_' | ':')
        })
        .then(|| text.chars().filter(char::is_ascii_digit).collect())
}

fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9')
}

fn is_area(group: &str) -> bool {
    group.starts_with('0') && matches!(group.len(), 3 | 4) && !group.starts_with("00")
}
