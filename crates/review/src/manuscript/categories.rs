//! The categories of manuscripts: data of the institution.

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

impl Setting for Categories {
    const KEY: &'static str = "manuscript.categories";
}
