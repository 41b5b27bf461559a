//! What single cells say: tidy text, dates, yes or no, phones, lists of names.

pub mod count;
pub mod date;
pub mod filing_kind;
pub mod names;
pub mod phone;
pub mod tidy;
pub mod yes_no;

/// A cell that should hold a date and does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是日期。请写成 2016-03-01、2016年3月 或 2016年。")]
pub struct NotADate(pub String);

/// A cell that should hold a number of things and does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是数量。请填 0 或正整数。")]
pub struct NotACount(pub String);

/// A cell that should hold 开设, 变更 or 注销 and does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是备案类型。请填“开设”“变更”“注销”中的一个。")]
pub struct NotAFilingKind(pub String);

/// A cell that should hold 是 or 否 and does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”既不是“是”也不是“否”。请填“是”或“否”，不适用的填“-”。")]
pub struct NotYesNo(pub String);

/// A cell that should hold a phone number and does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是电话号码。请填 11 位手机号，或带区号的固定电话，如 0691-2130001。")]
pub struct NotAPhone(pub String);
