//! The name that someone types to sign in.

use std::fmt;
use zhendi_kernel::text::{self, TextError};

/// A login as it was given; two that differ only in case or width are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login(String);

/// Why a login was refused; the words are for the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("至少 3 个字符。")]
    TooShort,
    #[error("只能用文字、字母、数字和 . _ - @，不能有空格。")]
    Character,
}

impl Login {
    /// Reads a login.
    ///
    /// # Errors
    /// Shorter than 3 or longer than 40 characters, or other than letters, digits and `. _ - @`.
    pub fn parse(raw: &str) -> Result<Self, LoginError> {
        let text = text::required_line(raw, 40)?;
        if !text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@'))
        {
            return Err(LoginError::Character);
        }
        if text.chars().count() < 3 {
            return Err(LoginError::TooShort);
        }
        Ok(Self(text))
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// By what it is found.
    pub fn key(&self) -> String {
        text::fold(&self.0)
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_plain_and_compared_folded() {
        assert_eq!(Login::parse(" Zhang.San ").unwrap().key(), "zhang.san");
        assert_eq!(Login::parse("ＺＨＡＮＧ").unwrap().key(), "zhang");
        assert!(Login::parse("张建国").is_ok());
        assert_eq!(Login::parse("ab"), Err(LoginError::TooShort));
        assert_eq!(Login::parse("a b c"), Err(LoginError::Character));
        assert_eq!(Login::parse("<script>"), Err(LoginError::Character));
        assert!(matches!(
            Login::parse("a\0bc"),
            Err(LoginError::Text(TextError::Control))
        ));
    }
}
