//! Answers to the 是否 columns.

use super::{NotYesNo, tidy::fold};

/// Reads 是 or 否 in any of the ways people write them; blank, `-` and 不适用 are `None`.
///
/// # Errors
/// [`NotYesNo`] for anything else, such as 也许.
pub fn parse_yes_no(text: &str) -> Result<Option<bool>, NotYesNo> {
    match fold(text).as_str() {
        "是" | "有" | "√" | "✓" | "✔" | "☑" | "Y" | "YES" | "TRUE" | "已" | "对" | "1"
        | "已建立" | "已整改" | "具有" => Ok(Some(true)),
        "否" | "无" | "没有" | "×" | "✗" | "✘" | "X" | "N" | "NO" | "FALSE" | "未" | "不" | "0"
        | "未建立" | "未整改" => Ok(Some(false)),
        "" | "-" | "--" | "---" | "—" | "——" | "–" | "/" | "不适用" | "无需" | "不涉及" | "N/A" => {
            Ok(None)
        }
        _ => Err(NotYesNo(super::tidy::tidy(text).into_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_people_answer() {
        for yes in ["是", " 是\u{3000}", "有", "√", "Y", "ｙ", "TRUE"] {
            assert_eq!(parse_yes_no(yes), Ok(Some(true)), "{yes}");
        }
        for no in ["否", "无", "×", "N", "FALSE"] {
            assert_eq!(parse_yes_no(no), Ok(Some(false)), "{no}");
        }
        for blank in ["", "\u{a0}", "-", "－", "—", "——", "/", "不适用"] {
            assert_eq!(parse_yes_no(blank), Ok(None), "{blank}");
        }
        for unknown in ["也许", "是否", "不是", "是 否", "2"] {
            assert_eq!(
                parse_yes_no(unknown),
                Err(NotYesNo(unknown.into())),
                "{unknown}"
            );
        }
    }
}
