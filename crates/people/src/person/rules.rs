//! What a person's facts must look like. Pure.

use zhendi_kernel::{named, text};
use zhendi_office::parse_phone;

named! {
    /// How a person is employed (Notice 3(3): staff 在编在岗 lead an account, students do not).
    Employment {
        Permanent = "permanent", "在编在岗";
        Contract = "contract", "聘用";
        Student = "student", "学生";
        Outsourced = "outsourced", "外包";
        Other = "other", "其他";
        /// A contact from a list of channels, where it is not stated.
        Unknown = "unknown", "待核实";
    }
}

impl Employment {
    /// What a form offers: nobody is entered as unknown.
    pub fn options() -> Vec<(String, String)> {
        Self::ALL
            .iter()
            .filter(|kind| **kind != Self::Unknown)
            .map(|kind| (kind.code().into(), kind.label().into()))
            .collect()
    }
}

/// A person's facts in the clear.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Details {
    pub staff_number: Option<String>,
    pub phone: Option<String>,
    pub mail: Option<String>,
}

/// Why a fact was refused; the words are for the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadField {
    #[error(transparent)]
    Text(#[from] text::TextError),
    #[error("不是有效的电话号码：手机号为 11 位，固定电话写作 0691-2130001。")]
    Phone,
    #[error("不是有效的邮箱地址，例如 name@example.edu.cn。")]
    Mail,
    #[error("工号只含字母、数字和短横线，不超过 40 位。")]
    StaffNumber,
}

/// A phone number in one way of writing; blank is none.
///
/// # Errors
/// `BadField::Phone`.
pub fn phone(raw: &str) -> Result<Option<String>, BadField> {
    let phone = parse_phone(raw).map_err(|_| BadField::Phone)?;
    Ok(phone.map(|phone| phone.to_string()))
}

/// A mail address; blank is none. What makes one reachable only its server knows: this refuses what
/// certainly is none.
///
/// # Errors
/// `BadField::Mail`.
pub fn mail(raw: &str) -> Result<Option<String>, BadField> {
    let mail = text::line(raw, 200)?;
    if mail.is_empty() {
        return Ok(None);
    }
    let plausible = mail.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && domain
                .chars()
                .all(|c| c.is_alphanumeric() || c == '.' || c == '-')
            && local
                .chars()
                .all(|c| c.is_ascii_graphic() && !"\"(),:;<>@[\\]".contains(c))
    });
    if plausible {
        Ok(Some(mail))
    } else {
        Err(BadField::Mail)
    }
}

/// A staff number; blank is none.
///
/// # Errors
/// `BadField::StaffNumber`.
pub fn staff_number(raw: &str) -> Result<Option<String>, BadField> {
    let number = text::fold(&text::line(raw, 200)?).to_uppercase();
    if number.is_empty() {
        return Ok(None);
    }
    let fits = number.len() <= 40
        && number
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-');
    if fits {
        Ok(Some(number))
    } else {
        Err(BadField::StaffNumber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_brought_into_one_form_or_refused() {
        assert_eq!(phone("+86 138-0013-8001"), Ok(Some("13800138001".into())));
        assert_eq!(phone(""), Ok(None));
        assert_eq!(phone("0691-2130001"), Ok(Some("0691-2130001".into())));
        assert_eq!(phone("1380013"), Err(BadField::Phone));
        assert_eq!(phone("也许"), Err(BadField::Phone));
        assert_eq!(mail(" a.b@x.edu.cn "), Ok(Some("a.b@x.edu.cn".into())));
        for bad in [
            "a@b",
            "@x.cn",
            "a b@x.cn",
            "a@.cn",
            "a@x.cn@y.cn",
            "a@x.cn\0",
        ] {
            assert!(mail(bad).is_err(), "{bad}");
        }
        assert_eq!(staff_number(" ａ-00１ "), Ok(Some("A-001".into())));
        assert_eq!(staff_number("甲一"), Err(BadField::StaffNumber));
    }
}
