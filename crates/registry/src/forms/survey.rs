//! The survey's own data in the printed forms: until when, to whom, where to (R-REG-8), with the Notice's
//! words to begin with.

use serde::{Deserialize, Serialize};
use zhendi_kernel::settings::Setting;
use zhendi_office::annex::Delivery;

/// What the institution writes into its forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Survey {
    /// Until when, as printed; empty leaves it out.
    pub deadline: String,
    /// 宣传部邮箱.
    pub mailbox: String,
    /// Where the sealed paper goes.
    pub room: String,
    /// How the mail and the file are named.
    pub subject: String,
    /// 填表人 where the program prints and no person.
    pub filled_by: String,
    /// 电话 where the program prints and no person.
    pub phone: String,
    /// Whether 合计 of annex 2 counts websites too: 网站 + 新媒体.
    pub total_with_websites: bool,
}

impl Default for Survey {
    fn default() -> Self {
        Self {
            deadline: "6月29日上午12:00".into(),
            mailbox: "宣传部邮箱".into(),
            room: "行政楼613室".into(),
            subject: "实时发送日期（YYYYMMDD）+单位简称+新媒体（网站）统计".into(),
            filled_by: String::new(),
            phone: String::new(),
            total_with_websites: true,
        }
    }
}

impl Setting for Survey {
    const KEY: &'static str = "survey";
}

impl Survey {
    /// The sentence below annexes 1 and 2.
    pub fn delivery(&self) -> Delivery {
        let until = match self.deadline.as_str() {
            "" => String::new(),
            day => format!("{day}前，"),
        };
        Delivery(format!(
            "报送方式：{until}请将附件1-4的电子版文件（.xls格式，文件以单位命名）打包压缩发至宣传部邮箱（{}）。\
             纸质盖章版请送至{}。邮件标题及内容报送文件命名规则：{}",
            self.mailbox, self.room, self.subject
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_is_the_notices_own() {
        assert_eq!(
            Survey::default().delivery().0,
            "报送方式：6月29日上午12:00前，请将附件1-4的电子版文件（.xls格式，文件以单位命名）打包压缩发至宣传部邮箱（宣传部邮箱）。纸质盖章版请送至行政楼613室。邮件标题及内容报送文件命名规则：实时发送日期（YYYYMMDD）+单位简称+新媒体（网站）统计"
        );
        let open = Survey {
            deadline: String::new(),
            ..Survey::default()
        };
        assert!(open.delivery().0.starts_with("报送方式：请将附件1-4"));
    }
}
