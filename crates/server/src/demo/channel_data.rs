//! The demonstration's channels, as rows to be made whole by `channels`.

use super::data::{PUBLICITY, TO_CHECK};

/// How a channel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Filed on paper, taken from annex 4.
    Filed,
    /// The same, paused later.
    Suspended,
    Migrating,
    /// Filed, no longer run.
    Closed,
    /// Its filing was cancelled.
    Cancelled,
    /// Lives unfiled; there is time left.
    Soon,
    /// Lives unfiled; the day has passed.
    Late,
    /// Not opened yet, unfiled.
    Planned,
}

use Standing::*;

impl Standing {
    fn parse(word: &str) -> Self {
        match word {
            "suspended" => Suspended,
            "migrating" => Migrating,
            "closed" => Closed,
            "cancelled" => Cancelled,
            "soon" => Soon,
            "late" => Late,
            "planned" => Planned,
            _ => Filed,
        }
    }
}

/// A channel.
#[derive(Clone, Debug)]
pub struct ChannelRow {
    pub unit: &'static str,
    pub platform: &'static str,
    /// None for the usual name of a unit's channel on the platform.
    pub name: Option<&'static str>,
    /// Account id, or the host of a website.
    pub id: String,
    pub standing: Standing,
    /// Why it is a further account of the unit on the platform.
    pub second: Option<&'static str>,
    /// The post of a person whose account it is.
    pub post: Option<&'static str>,
}

/// Unit, its letters in ids, its platforms with their standing unless filed and running.
const USUAL: &[(&str, &str, &str)] = &[
    (
        "信工学院",
        "xg",
        "website wechat_subscription wechat_video douyin:late bilibili weibo:suspended qq",
    ),
    (
        "智造学院",
        "zz",
        "website wechat_subscription wechat_video douyin kuaishou:soon",
    ),
    (
        "经管学院",
        "jg",
        "website wechat_subscription wechat_service:migrating douyin xiaohongshu:late",
    ),
    (
        "艺设学院",
        "ys",
        "website wechat_subscription wechat_video bilibili xiaohongshu weibo:cancelled",
    ),
    (
        "旅游学院",
        "ly",
        "website wechat_subscription douyin toutiao:closed kuaishou",
    ),
    (
        "护健学院",
        "hj",
        "website wechat_subscription wechat_video douyin:late",
    ),
    (
        "学前学院",
        "xq",
        "website wechat_subscription wechat_video douyin weibo:suspended",
    ),
    (
        "农技学院",
        "nj",
        "website:migrating wechat_subscription kuaishou douyin toutiao",
    ),
    ("马院", "my", "website wechat_subscription bilibili:soon"),
    (
        "图书馆",
        "tsg",
        "website wechat_service weibo:cancelled mini_program forum:closed",
    ),
    (
        "团委",
        "tw",
        "website wechat_subscription wechat_video weibo douyin bilibili qq",
    ),
    (
        "招就处",
        "zj",
        "website wechat_service douyin wechat_video mini_program:late mailing_list",
    ),
    ("学工处", "xgc", "website wechat_subscription qq:suspended"),
    ("心理中心", "xlzx", "wechat_subscription:soon"),
    ("教务处", "jw", "website mini_program qq"),
    ("组织部", "zzb", "website wechat_subscription"),
    ("党政办", "dzb", "website"),
    ("科研处", "ky", "website"),
    ("人事处", "rs", "website mailing_list:cancelled"),
    ("财务处", "cw", "wechat_service"),
    ("后保处", "hq", "wechat_subscription weibo:closed"),
    (
        "网信中心",
        "wx",
        "website app mini_program:planned mailing_list",
    ),
    ("继教中心", "jj", "website wechat_subscription toutiao:late"),
    ("工会", "gh", "wechat_subscription"),
    ("纪检室", "jjs", "website"),
    ("软件系", "rj", "wechat:late"),
    ("网络系", "wl", "wechat:soon"),
    ("机电系", "jd", "douyin:late"),
    (TO_CHECK.short, "sc", "other:soon"),
];

const SECOND_FOR_FRESHMEN: &str =
    "面向新生和家长提供招生咨询，与面向在校生的账号对象不同，寒暑假集中运维。";
const SECOND_FOR_LABS: &str = "用于实训基地对外技术服务预约，与学院综合账号功能不同。";

/// Unit, platform, name, id, standing, reason for a further account, post.
type Special = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Standing,
    Option<&'static str>,
    Option<&'static str>,
);

/// Channels with names of their own: the publicity department's, second accounts, persons by post.
#[rustfmt::skip]
const SPECIAL: &[Special] = &[
    (PUBLICITY, "website", "示例职业技术学院官网", "www", Filed, None, None),
    (PUBLICITY, "wechat_subscription", "示例职业技术学院", "slzy_official", Filed, None, None),
    (PUBLICITY, "weibo", "示例职业技术学院", "slzy_weibo", Filed, None, None),
    (PUBLICITY, "douyin", "示例职业技术学院", "slzy_douyin", Filed, None, None),
    (PUBLICITY, "wechat_video", "示例职业技术学院", "slzy_video", Filed, None, None),
    (PUBLICITY, "toutiao", "示例职业技术学院", "slzy_toutiao", Suspended, None, None),
    (PUBLICITY, "kuaishou", "示例职业技术学院", "slzy_kuaishou", Soon, None, None),
    ("招就处", "wechat_service", "示例职院新生服务", "slzy_zj_new", Filed, Some(SECOND_FOR_FRESHMEN), None),
    ("智造学院", "wechat_subscription", "示例职院智造实训基地", "slzy_zz_lab", Filed, Some(SECOND_FOR_LABS), None),
    ("学工处", "douyin", "余老师说成长", "teacher_yu", Filed, None, Some("学工处处长")),
    ("心理中心", "wechat_video", "知秋心理驿站", "zhiqiu_station", Filed, None, Some("心理健康教育中心主任")),
    ("农技学院", "kuaishou", "老向讲农技", "xiang_farm", Soon, None, Some("农艺师")),
    ("马院", "bilibili", "闫老师的思政课", "teacher_yan", Late, None, Some("马克思主义学院院长")),
];

/// All of them, in the order of the sheets that they came in.
pub fn rows() -> Vec<ChannelRow> {
    let special =
        SPECIAL.iter().map(
            |(unit, platform, name, id, standing, second, post)| ChannelRow {
                unit,
                platform,
                name: Some(name),
                id: (*id).into(),
                standing: *standing,
                second: *second,
                post: *post,
            },
        );
    let usual = USUAL.iter().flat_map(|(unit, letters, platforms)| {
        platforms.split(' ').map(move |word| {
            let (platform, standing) = word.split_once(':').unwrap_or((word, ""));
            ChannelRow {
                unit,
                platform,
                name: None,
                id: if platform == "website" || platform == "forum" {
                    // A forum lives beside the website.
                    format!("{letters}{}", if platform == "forum" { "-bbs" } else { "" })
                } else {
                    format!("slzy_{letters}")
                },
                standing: Standing::parse(standing),
                second: None,
                post: None,
            }
        })
    });
    special.chain(usual).collect()
}
