//! The demonstration's filings: what is filed, and who did what how many working days ago.

use super::data::{DELEGATION, PUBLICITY};
use zhendi_registry::filing::Kind;

/// One thing done to a filing; by whom follows from the filing's unit and stage.
#[derive(Clone, Copy, Debug)]
pub enum Doing {
    Draft,
    /// Corrects the cells after a return.
    Correct,
    Submit,
    Scan,
    Sign(&'static str),
    Check(&'static str),
    Decide(&'static str),
    Back(&'static str),
    Withdraw,
    /// What the step waits for was decided on paper; an officer enters it: its number, the opinion.
    Paper(&'static str, &'static str),
    /// The closing notice of a cancellation is attached.
    Announce,
    /// The platform's proof is handed in.
    Prove(&'static str),
    /// Looked at again: gone or not, and what was seen.
    Recheck(bool, &'static str),
    /// The security administrator makes the operator the new channel's admin.
    Admin,
}

use Doing::*;

/// A filing.
pub struct FilingRow {
    pub unit: &'static str,
    pub platform: &'static str,
    /// None when it is about the unit's channel on the platform that lives already (补录备案).
    pub opening: Option<(&'static str, &'static str)>,
    pub second: &'static str,
    pub post: &'static str,
    /// Who signs instead of the unit's head.
    pub signer: Option<&'static str>,
    pub kind: Kind,
    /// The cells that a change changes, or what a cancellation says.
    pub cells: &'static [(&'static str, &'static str)],
    /// How many working days ago, and what.
    pub course: &'static [(i64, Doing)],
}

/// A new channel: its name and id.
const fn opening(
    unit: &'static str,
    platform: &'static str,
    name: &'static str,
    id: &'static str,
    course: &'static [(i64, Doing)],
) -> FilingRow {
    let opening = Some((name, id));
    FilingRow {
        unit,
        platform,
        opening,
        second: "",
        post: "",
        signer: None,
        kind: Kind::Opening,
        cells: &[],
        course,
    }
}

/// One that lives already.
const fn belated(
    unit: &'static str,
    platform: &'static str,
    course: &'static [(i64, Doing)],
) -> FilingRow {
    FilingRow {
        unit,
        platform,
        opening: None,
        second: "",
        post: "",
        signer: None,
        kind: Kind::Opening,
        cells: &[],
        course,
    }
}

/// A change of one that is filed.
const fn change(
    unit: &'static str,
    platform: &'static str,
    cells: &'static [(&'static str, &'static str)],
    course: &'static [(i64, Doing)],
) -> FilingRow {
    FilingRow {
        kind: Kind::Change,
        cells,
        ..belated(unit, platform, course)
    }
}

/// The cancellation of one that is filed.
const fn cancellation(
    unit: &'static str,
    platform: &'static str,
    cells: &'static [(&'static str, &'static str)],
    course: &'static [(i64, Doing)],
) -> FilingRow {
    FilingRow {
        kind: Kind::Cancellation,
        cells,
        ..belated(unit, platform, course)
    }
}

impl FilingRow {
    const fn second(self, reason: &'static str) -> Self {
        Self {
            second: reason,
            ..self
        }
    }

    const fn by_post(self, post: &'static str) -> Self {
        Self { post, ..self }
    }

    const fn signed_by(self, signer: &'static str) -> Self {
        Self {
            signer: Some(signer),
            ..self
        }
    }
}

/// All of them. The ways of the publicity department's own go by R-ORG-11.
pub const FILINGS: &[FilingRow] = &[
    // In force.
    belated(
        "信工学院",
        "douyin",
        &[
            (41, Draft),
            (40, Submit),
            (39, Sign("账号由学院团总支运维，情况属实，同意补录备案。")),
            (38, Check("材料齐全，符合要求。")),
            (37, Decide("同意备案。")),
            (36, Admin),
        ],
    ),
    opening(
        "团委",
        "xiaohongshu",
        "示例职院团委",
        "slzy_tw",
        &[
            (38, Draft),
            (38, Submit),
            (37, Sign("同意。")),
            (36, Check("名称规范，同意上报。")),
            (35, Decide("同意")),
            (34, Admin),
        ],
    ),
    opening(
        "旅游学院",
        "wechat_video",
        "示例职院旅游学院",
        "slzy_ly",
        &[
            (36, Draft),
            (36, Submit),
            (35, Sign("同意开设。")),
            (
                34,
                Back(
                    "头像使用了游戏人物图案，不够端庄，请更换为学院标识；发布频次请写明每周几次。",
                ),
            ),
            (33, Correct),
            (32, Submit),
            (31, Sign("已按要求更换头像，同意。")),
            (30, Check("已整改到位。")),
            (29, Decide("同意备案，注意审核留痕。")),
            (28, Admin),
        ],
    ),
    opening(
        "护健学院",
        "xiaohongshu",
        "示例职院护健学院",
        "slzy_hj",
        &[
            (33, Draft),
            (33, Submit),
            (32, Sign("")),
            (30, Check("")),
            (29, Decide("")),
            (28, Admin),
        ],
    ),
    opening(
        "图书馆",
        "wechat_video",
        "示例职院图书馆",
        "slzy_tsg",
        &[
            (30, Draft),
            (30, Submit),
            (29, Sign("同意。")),
            (28, Check("")),
            (27, Decide("同意备案。")),
            (26, Admin),
            (26, Scan),
        ],
    ),
    opening(
        PUBLICITY,
        "bilibili",
        "示例职业技术学院",
        "slzy_bili",
        &[
            (28, Draft),
            (28, Submit),
            (27, Sign("同意开设，由新媒体编辑专人运维。")),
            (26, Check("")),
            (25, Decide("同意")),
            (24, Admin),
        ],
    ),
    opening(
        "学前学院",
        "kuaishou",
        "示例职院学前学院",
        "slzy_xq",
        &[
            (24, Draft),
            (24, Submit),
            (23, Sign("")),
            (22, Check("专人专岗已落实。")),
            (21, Decide("")),
            (20, Admin),
        ],
    ),
    opening(
        "团委",
        "wechat_subscription",
        "示例职院青年志愿者",
        "slzy_tw_zyz",
        &[
            (23, Draft),
            (22, Submit),
            (21, Sign("同意")),
            (20, Check("与团委综合账号功能不同，理由充分。")),
            (19, Decide("同意，一年后评估是否合并。")),
            (18, Admin),
        ],
    )
    .second("专门用于志愿服务项目招募和时长公示，与团委综合账号受众不同。"),
    opening(
        "艺设学院",
        "douyin",
        "示例职院艺设学院",
        "slzy_ys",
        &[
            (18, Draft),
            (18, Submit),
            (17, Sign("")),
            (16, Check("")),
            (15, Decide("同意")),
            (14, Admin),
        ],
    ),
    opening(
        "智造学院",
        "mini_program",
        "智造实训预约",
        "slzy_zz_book",
        &[
            (16, Draft),
            (16, Submit),
            (14, Sign("同意")),
            (13, Check("")),
            (12, Decide("")),
            (11, Admin),
        ],
    ),
    opening(
        "马院",
        "wechat_video",
        "文静老师讲党史",
        "slzy_wenjing",
        &[
            (14, Draft),
            (14, Submit),
            (13, Sign("同意以职务身份开设，内容由学院审核。")),
            (12, Check("")),
            (10, Decide("同意备案，须执行三审三校。")),
            (9, Admin),
        ],
    )
    .by_post("马克思主义学院教学秘书"),
    opening(
        "教务处",
        "wechat_subscription",
        "示例职院教务处",
        "slzy_jwc",
        &[
            (12, Draft),
            (12, Submit),
            (11, Sign("")),
            (9, Check("")),
            (8, Decide("同意")),
        ],
    ),
    opening(
        "经管学院",
        "wechat_video",
        "示例职院经管学院",
        "slzy_jg",
        &[
            (4, Draft),
            (3, Submit),
            (2, Sign("受委托代行，情况属实，同意。")),
            (2, Check("")),
            (1, Decide("同意备案。")),
        ],
    )
    .signed_by(DELEGATION.1),
    // On their way to the unit's head.
    opening(
        "信工学院",
        "kuaishou",
        "示例职院信工学院",
        "slzy_xg",
        &[(2, Draft), (1, Submit)],
    ),
    opening(
        "信工学院",
        "xiaohongshu",
        "示例职院信工学院",
        "slzy_xg",
        &[(7, Draft), (6, Submit)],
    ),
    opening(
        "经管学院",
        "weibo",
        "示例职院经管学院",
        "slzy_jg",
        &[(5, Draft), (5, Submit)],
    ),
    belated("招就处", "mini_program", &[(2, Draft), (1, Submit)]),
    opening(
        PUBLICITY,
        "xiaohongshu",
        "示例职业技术学院",
        "slzy_red",
        &[(1, Draft), (1, Submit)],
    ),
    // To the publicity officer.
    belated(
        "护健学院",
        "douyin",
        &[(9, Draft), (9, Submit), (8, Sign("情况属实，同意补录。"))],
    ),
    opening(
        "艺设学院",
        "kuaishou",
        "示例职院艺设学院",
        "slzy_ys",
        &[(3, Draft), (3, Submit), (1, Sign("同意"))],
    ),
    opening(
        "图书馆",
        "bilibili",
        "示例职院图书馆",
        "slzy_tsg",
        &[(2, Draft), (2, Submit), (1, Sign("")), (1, Scan)],
    ),
    // To the publicity head.
    opening(
        "学前学院",
        "xiaohongshu",
        "示例职院学前学院",
        "slzy_xq",
        &[
            (10, Draft),
            (10, Submit),
            (9, Sign("同意")),
            (7, Check("材料齐全，建议同意。")),
        ],
    ),
    opening(
        "智造学院",
        "bilibili",
        "示例职院智造学院",
        "slzy_zz",
        &[(4, Draft), (4, Submit), (3, Sign("")), (1, Check(""))],
    ),
    opening(
        PUBLICITY,
        "mini_program",
        "示例职院校园通",
        "slzy_campus",
        &[
            (5, Draft),
            (5, Submit),
            (3, Sign("同意")),
            (1, Check("同意上报。")),
        ],
    ),
    // Sent back.
    opening(
        "旅游学院",
        "xiaohongshu",
        "第一旅游学院",
        "slzy_ly",
        &[
            (8, Draft),
            (8, Submit),
            (7, Sign("同意")),
            (
                6,
                Back("名称含“第一”，容易使人误认，请改用学院规范名称或简称。"),
            ),
        ],
    ),
    opening(
        "信工学院",
        "toutiao",
        "示例职院信工学院",
        "slzy_xg",
        &[
            (4, Draft),
            (4, Submit),
            (
                2,
                Back("学院已有多个账号，请先说明今日头条账号的定位和更新计划。"),
            ),
        ],
    ),
    opening(
        "后保处",
        "douyin",
        "示例职院后勤",
        "slzy_hq",
        &[
            (3, Draft),
            (3, Submit),
            (2, Sign("同意")),
            (1, Back("请补充一名在编在岗的运维负责人的联系电话。")),
        ],
    ),
    // Given up.
    opening(
        "团委",
        "kuaishou",
        "示例职院团委",
        "slzy_tw",
        &[(20, Draft), (20, Submit), (19, Withdraw)],
    ),
    belated(
        "软件系",
        "wechat",
        &[
            (15, Draft),
            (15, Submit),
            (14, Sign("同意")),
            (13, Withdraw),
        ],
    ),
    // Being written.
    opening(
        "信工学院",
        "mini_program",
        "信工实训预约",
        "",
        &[(1, Draft)],
    ),
    opening(
        "图书馆",
        "xiaohongshu",
        "示例职院图书馆",
        "slzy_tsg",
        &[(2, Draft)],
    ),
    // Changes: in force, one signed on paper; at every step; sent back; being written.
    change(
        "学前学院",
        "douyin",
        &[
            ("name", "示例职院学前教育学院"),
            ("posting_frequency", "每周 2 次"),
            ("reason", "学院规范全称调整，账号名称随之变更。"),
        ],
        &[
            (13, Draft),
            (12, Submit),
            (11, Paper("学前〔2026〕纸签 7 号", "情况属实，同意变更。")),
            (10, Check("材料齐全。")),
            (9, Decide("同意变更。")),
        ],
    ),
    change(
        "智造学院",
        "douyin",
        &[
            ("posting_frequency", "每周 3 次"),
            ("reason", "实训季开始，更新加密。"),
        ],
        &[
            (19, Draft),
            (19, Submit),
            (18, Sign("同意")),
            (17, Check("")),
            (16, Decide("同意")),
        ],
    ),
    change(
        "经管学院",
        "douyin",
        &[("name", "示例职院数字商贸")],
        &[(2, Draft), (2, Submit)],
    ),
    change(
        "艺设学院",
        "wechat_video",
        &[
            ("address_or_id", "slzy_ys_video"),
            ("reason", "账号认证主体升级，平台重新分配 ID。"),
        ],
        &[(5, Draft), (5, Submit), (3, Sign("同意"))],
    ),
    change(
        "图书馆",
        "website",
        &[
            ("address_or_id", "https://lib.slzy.example"),
            ("site_domain", "lib.slzy.example"),
            ("site_hosting", "on_campus"),
            ("reason", "统一启用学校规范域名。"),
        ],
        &[
            (6, Draft),
            (6, Submit),
            (4, Sign("同意")),
            (2, Paper("宣函〔2026〕15 号", "域名已核对，同意上报。")),
        ],
    ),
    change(
        "信工学院",
        "bilibili",
        &[("name", "示例职院第一信工")],
        &[
            (5, Draft),
            (5, Submit),
            (4, Back("名称含“第一”，容易使人误认，请重新拟名。")),
        ],
    ),
    change(
        "护健学院",
        "wechat_subscription",
        &[("responsible_department", "护理与健康学院党政办公室")],
        &[(1, Draft)],
    ),
    // Cancellations: all done, to be looked at again, to be closed, on its way.
    cancellation(
        "团委",
        "qq",
        &[
            ("reason", "账号长期未更新，功能并入团委微信公众号。"),
            ("followers_plan", "guided"),
            ("followers_note", "公告引导关注“示例职院团委”公众号。"),
            ("content_plan", "archived"),
            ("close_on", "2026-09-30"),
        ],
        &[
            (43, Draft),
            (43, Announce),
            (43, Submit),
            (41, Sign("同意注销。")),
            (40, Check("公告已发布，安排妥当。")),
            (39, Decide("同意注销。")),
            (37, Prove("平台已注销，冷静期已过。")),
            (3, Recheck(true, "搜索账号名称和 ID 均无结果。")),
        ],
    ),
    cancellation(
        "信工学院",
        "qq",
        &[
            ("reason", "与学院微信公众号功能重复，按集约化要求清理。"),
            ("followers_plan", "guided"),
            ("content_plan", "archived"),
            ("close_on", "2026-11-10"),
        ],
        &[
            (20, Draft),
            (20, Announce),
            (20, Submit),
            (19, Sign("同意")),
            (18, Check("")),
            (17, Decide("同意注销。")),
            (8, Prove("QQ 平台已提示注销成功。")),
        ],
    ),
    cancellation(
        "旅游学院",
        "kuaishou",
        &[
            ("reason", "运维人员不足，学院集中力量办好抖音号。"),
            ("followers_plan", "guided"),
            ("content_plan", "moved"),
            ("content_note", "优质视频迁移至学院抖音号。"),
            ("close_on", "2026-12-15"),
        ],
        &[
            (11, Draft),
            (11, Announce),
            (11, Submit),
            (10, Sign("同意")),
            (9, Check("")),
            (7, Decide("同意，注销前请发布公告满一周。")),
        ],
    ),
    cancellation(
        "教务处",
        "qq",
        &[
            ("reason", "通知改由教务系统和企业微信发布。"),
            ("followers_plan", "told"),
            ("content_plan", "deleted"),
            ("close_on", "2026-12-31"),
        ],
        &[(3, Draft), (3, Announce), (3, Submit), (2, Sign("同意"))],
    ),
];
