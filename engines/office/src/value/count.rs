//! Numbers of things.

use super::{
    NotACount,
    tidy::{half_width, tidy},
};
use crate::grid::Value;

/// Reads how many: `3`, `３`, `3个`, `1,024`. A blank cell and `-` are `None`.
///
/// # Errors
/// [`NotACount`] for anything else, a fraction or a negative number among it.
pub fn parse_count(value: &Value) -> Result<Option<u64>, NotACount> {
    let text = value.to_string();
    let text = tidy(&text);
    let wrong = || NotACount(text.clone().into_owned());
    let plain: String = text
        .chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace() && *c != ',')
        .collect();
    let digits = plain.trim_end_matches(['个', '家', '项']);
    match digits {
        "" | "-" | "/" | "—" | "——" => Ok(None),
        _ if digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse().map(Some).map_err(|_| wrong())
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_people_count() {
        let text = |text: &str| parse_count(&Value::Text(text.into()));
        assert_eq!(text(" ３ 个"), Ok(Some(3)));
        assert_eq!(text("1,024"), Ok(Some(1024)));
        assert_eq!(text("-"), Ok(None));
        assert_eq!(parse_count(&Value::Number(12.0)), Ok(Some(12)));
        assert!(parse_count(&Value::Number(1.5)).is_err());
        assert!(parse_count(&Value::Number(-1.0)).is_err());
        assert!(text("三").is_err());
        assert!(text("99999999999999999999999").is_err());
    }
}
