//! The four annexes of the Notice, cell for cell as printed there.

mod four;
mod item;
mod line;
mod one;
mod three;
mod two;

use chrono::NaiveDate;

pub use four::{AnnexFourMark, AnnexFourRow, annex_four};
pub use item::{Item, Part};
pub use one::{AnnexOneRow, annex_one};
pub use three::{AnnexThree, Person};
pub use two::{AnnexTwo, AnnexTwoRow, MEDIA, SUMMARY_ITEMS};

/// The line 填报单位（盖章）…填表人…电话…年 月 日 of annexes 1, 2 and 4. What is empty prints with room to write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// 填报单位; of annex 4 填报部门.
    pub unit: String,
    /// 填表人
    pub filled_by: String,
    /// 电话
    pub phone: String,
    /// The date; without one it prints as 年   月   日.
    pub date: Option<NaiveDate>,
}

/// The one sentence 报送方式：… below annexes 1 and 2, with deadline, mailbox and room; empty prints no line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery(pub String);
