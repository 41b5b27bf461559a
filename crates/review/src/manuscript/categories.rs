//! The categories of manuscripts: data of the institution. Pure.

use serde::{Deserialize, Serialize};
use zhendi_kernel::settings::Setting;

/// What manuscripts are about, in the order of the choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Categories {
    pub names: Vec<String>,
}

impl Default for Categories {
    fn default() -> Self {
        let names = [
            "重大决策",
            "重要活动",
            "重要事件",
            "新闻",
            "通知公告",
            "政策文件",
            "党建工作",
            "教学科研",
            "师资队伍",
            "学生工作",
            "招生就业",
            "校园文化",
            "师生风采",
            "生活服务",
            "其他",
        ];
        Self {
            names: names.map(str::to_owned).to_vec(),
        }
    }
}

impl Categories {
    /// More than these are no choice any more.
    const MOST: usize = 60;
    /// A longer name fits no list.
    const LONGEST: usize = 20;

    /// Reads them as they are typed, one a line.
    ///
    /// # Errors
    /// What is wrong, in Chinese.
    pub fn parse(raw: &str) -> Result<Self, String> {
        let mut names: Vec<String> = vec![];
        for name in raw.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if name.chars().count() > Self::LONGEST {
                return Err(format!(
                    "“{name}”过长，一个类别最多 {} 个字。",
                    Self::LONGEST
                ));
            }
            if !names.iter().any(|one| one == name) {
                names.push(name.to_owned());
            }
        }
        match names.len() {
            0 => Err("至少保留一个类别。".into()),
            some if some > Self::MOST => Err(format!("最多 {} 个类别。", Self::MOST)),
            _ => Ok(Self { names }),
        }
    }

    /// The names with one more in front that a manuscript has although it was taken from the list.
    pub fn with(mut self, had: &str) -> Vec<String> {
        if !had.is_empty() && !self.names.iter().any(|name| name == had) {
            self.names.insert(0, had.to_owned());
        }
        self.names
    }
}

impl Setting for Categories {
    const KEY: &'static str = "manuscript.categories";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_line_by_line() {
        let read = Categories::parse(" 新闻 \r\n\n通知公告\n新闻\n").unwrap();
        assert_eq!(read.names, ["新闻", "通知公告"]);
        assert_eq!(read.clone().with("新闻"), ["新闻", "通知公告"]);
        assert_eq!(read.clone().with(""), ["新闻", "通知公告"]);
        assert_eq!(read.with("旧闻"), ["旧闻", "新闻", "通知公告"]);
        assert!(Categories::parse(" \n ").is_err());
        assert!(Categories::parse(&"长".repeat(21)).is_err());
        let many: String = (0..61).map(|n| format!("类{n}\n")).collect();
        assert!(Categories::parse(&many).is_err());
        assert!(Categories::parse(&Categories::default().names.join("\n")).is_ok());
    }
}
