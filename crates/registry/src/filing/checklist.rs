//! What the publicity officer looks at before passing a filing on (Notice 2(2), 3(3); R-REG-4, R-REG-7).

use super::rules::Kind;
use crate::settings::Seal;

/// One point to be ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckItem {
    pub code: &'static str,
    pub text: &'static str,
}

const ITEMS: [CheckItem; 5] = [
    CheckItem {
        code: "name",
        text: "名称简洁、直观、规范，与功能定位相符",
    },
    CheckItem {
        code: "avatar",
        text: "头像鲜明、端庄、文明",
    },
    CheckItem {
        code: "certified_body",
        text: "认证主体与开设部门相符，拟发布内容与认证身份相符",
    },
    CheckItem {
        code: "staff",
        text: "由在编在岗人员牵头负责或指导，有专人专岗",
    },
    CheckItem {
        code: "one_account",
        text: "符合集约化要求：一个平台一个账号，再次开设的理由充分",
    },
];

const SEAL: CheckItem = CheckItem {
    code: "seal",
    text: "已上传主办单位盖章的登记表扫描件",
};

/// What is looked at before a channel is cancelled (R-REG-2, R-REG-4).
const CLOSING: [CheckItem; 3] = [
    CheckItem {
        code: "notice",
        text: "注销公告已发布，内容准确",
    },
    CheckItem {
        code: "followers",
        text: "关注者（粉丝）已妥善安排",
    },
    CheckItem {
        code: "content",
        text: "有保存价值的内容已归档或迁移",
    },
];

/// The points that count for a kind of filing under a setting.
pub fn checklist(kind: Kind, seal: Seal) -> Vec<CheckItem> {
    let mut items = match kind {
        Kind::Opening | Kind::Change => ITEMS.to_vec(),
        Kind::Cancellation => CLOSING.to_vec(),
    };
    if seal == Seal::BeforeDecision {
        items.push(SEAL);
    }
    items
}

/// The points that were not ticked.
pub(super) fn unticked(kind: Kind, seal: Seal, ticked: &[String]) -> Vec<CheckItem> {
    let mut items = checklist(kind, seal);
    items.retain(|item| !ticked.iter().any(|code| code == item.code));
    items
}
