//! The demonstration's institution: units, people and channels, all made up. Domains end in `.example`,
//! which nobody can own; numbers begin with 1380013.

use zhendi_kernel::Role::{self, *};
use zhendi_people::{
    person::Employment::{self, Contract, Outsourced, Permanent, Student, Unknown},
    unit::UnitKind::{self, College, Group, Office, Service},
};

/// The institution's name.
pub const INSTITUTION: &str = "示例职业技术学院";
/// Its short name, by which units are named too.
pub const ROOT: &str = "示例职院";
/// The publicity department's short name.
pub const PUBLICITY: &str = "宣传部";

/// A unit below another.
pub struct UnitRow {
    pub short: &'static str,
    pub name: &'static str,
    pub parent: &'static str,
    pub kind: UnitKind,
}

const fn unit(
    short: &'static str,
    name: &'static str,
    parent: &'static str,
    kind: UnitKind,
) -> UnitRow {
    UnitRow {
        short,
        name,
        parent,
        kind,
    }
}

/// The units, those above first.
pub const UNITS: &[UnitRow] = &[
    unit("党政办", "党政办公室", ROOT, Office),
    unit("组织部", "党委组织部", ROOT, Office),
    unit(PUBLICITY, "党委宣传部", ROOT, Office),
    unit("纪检室", "纪检监察室", ROOT, Office),
    unit("学工处", "学生工作处", ROOT, Office),
    unit("教务处", "教务处", ROOT, Office),
    unit("科研处", "科研与产教融合处", ROOT, Office),
    unit("人事处", "人事处", ROOT, Office),
    unit("财务处", "计划财务处", ROOT, Office),
    unit("招就处", "招生就业处", ROOT, Office),
    unit("后保处", "后勤保卫处", ROOT, Office),
    unit("基建办", "基本建设办公室", ROOT, Office),
    unit("网信中心", "网络信息中心", ROOT, Service),
    unit("图书馆", "图书馆", ROOT, Service),
    unit("继教中心", "继续教育中心", ROOT, Service),
    unit("团委", "共青团委员会", ROOT, Group),
    unit("工会", "工会委员会", ROOT, Group),
    unit("信工学院", "信息工程学院", ROOT, College),
    unit("智造学院", "智能制造学院", ROOT, College),
    unit("经管学院", "经济管理学院", ROOT, College),
    unit("艺设学院", "艺术设计学院", ROOT, College),
    unit("旅游学院", "旅游管理学院", ROOT, College),
    unit("护健学院", "护理与健康学院", ROOT, College),
    unit("学前学院", "学前教育学院", ROOT, College),
    unit("农技学院", "农业技术学院", ROOT, College),
    unit("马院", "马克思主义学院", ROOT, College),
    unit("心理中心", "心理健康教育中心", "学工处", Service),
    unit("读者部", "读者服务部", "图书馆", UnitKind::Other),
    unit("软件系", "软件技术系", "信工学院", UnitKind::Other),
    unit("网络系", "计算机网络系", "信工学院", UnitKind::Other),
    unit("机电系", "机电工程系", "智造学院", UnitKind::Other),
    unit("汽车系", "汽车工程系", "智造学院", UnitKind::Other),
];

/// A unit that an import named first, so that someone should look at it.
pub const TO_CHECK: UnitRow = unit("双创中心", "创新创业中心", ROOT, UnitKind::Other);
/// A unit that got another name.
pub const RENAMED: (&str, &str) = ("学工处", "党委学生工作部");
/// A unit that was closed, and why.
pub const CLOSED: (&str, &str) = ("基建办", "职能并入后勤保卫处");

/// A person with the roles they hold: those for the whole institution at the root, those of a channel
/// on channels of their unit, the others at their unit.
pub struct PersonRow {
    pub unit: &'static str,
    pub name: &'static str,
    pub post: &'static str,
    pub employment: Employment,
    pub roles: &'static [Role],
}

const fn person(
    unit: &'static str,
    name: &'static str,
    post: &'static str,
    employment: Employment,
    roles: &'static [Role],
) -> PersonRow {
    PersonRow {
        unit,
        name,
        post,
        employment,
        roles,
    }
}

/// The three separated administrators.
pub const SYSTEM: &str = "丁一凡";
pub const SECURITY: &str = "谢安宁";
pub const AUDITOR: &str = "钟秉文";
/// The people on the way of every filing.
pub const OFFICER: &str = "欧阳静";
pub const SECOND_OFFICER: &str = "许知行";
pub const DEPUTY: &str = "江一帆";
pub const CHIEF: &str = "白云舒";
/// Who signs for whom for some weeks.
pub const DELEGATION: (&str, &str) = ("程国华", "曾广平");

/// The people. In each unit the head comes first and who fills in its forms second.
pub const PEOPLE: &[PersonRow] = &[
    person(ROOT, "郑远航", "党委书记", Permanent, &[PartyCommittee]),
    person(ROOT, "沈立群", "党委副书记", Permanent, &[]),
    person(ROOT, "韩志诚", "副院长", Permanent, &[]),
    person("党政办", "何俊峰", "主任", Permanent, &[UnitHead]),
    person("党政办", "苏晓雯", "秘书", Permanent, &[UnitLiaison]),
    person("党政办", SECURITY, "机要员", Permanent, &[SecurityAdmin]),
    person("组织部", "潘国栋", "部长", Permanent, &[UnitHead]),
    person("组织部", "蒋雨桐", "组织员", Permanent, &[UnitLiaison]),
    person(PUBLICITY, CHIEF, "部长", Permanent, &[PublicityHead]),
    person(PUBLICITY, DEPUTY, "副部长", Permanent, &[PublicityDeputy]),
    person(PUBLICITY, OFFICER, "干事", Permanent, &[PublicityOfficer]),
    person(
        PUBLICITY,
        SECOND_OFFICER,
        "干事",
        Permanent,
        &[PublicityOfficer],
    ),
    person(PUBLICITY, "秦小满", "新媒体编辑", Contract, &[]),
    person(PUBLICITY, "罗子轩", "学生助理", Student, &[Author]),
    person("纪检室", "严守正", "主任", Permanent, &[UnitHead]),
    person("纪检室", AUDITOR, "科员", Permanent, &[Auditor]),
    person("学工处", "余思源", "处长", Permanent, &[UnitHead]),
    person("学工处", "贾晓彤", "副处长", Permanent, &[UnitLiaison]),
    person("学工处", "石磊磊", "辅导员", Permanent, &[]),
    person("心理中心", "叶知秋", "主任", Permanent, &[]),
    person("教务处", "田立新", "处长", Permanent, &[UnitHead]),
    person("教务处", "任可欣", "科长", Permanent, &[UnitLiaison]),
    person("科研处", "范文博", "处长", Permanent, &[UnitHead]),
    person("科研处", "方若琳", "科员", Permanent, &[UnitLiaison]),
    person("人事处", "邹建平", "处长", Permanent, &[UnitHead]),
    person("人事处", "熊佳怡", "科员", Permanent, &[UnitLiaison]),
    person("财务处", "孟庆和", "处长", Permanent, &[UnitHead]),
    person("财务处", "邱慧敏", "会计", Permanent, &[UnitLiaison]),
    person("招就处", "薛海涛", "处长", Permanent, &[UnitHead]),
    person("招就处", "侯梦洁", "科长", Permanent, &[UnitLiaison]),
    person("招就处", "龙飞宇", "招生专员", Contract, &[]),
    person("后保处", "武振国", "处长", Permanent, &[UnitHead]),
    person("后保处", "康乐怡", "科员", Permanent, &[UnitLiaison]),
    person(
        "网信中心",
        "曹明哲",
        "主任",
        Permanent,
        &[NetworkCenter, UnitHead],
    ),
    person(
        "网信中心",
        "唐嘉木",
        "工程师",
        Permanent,
        &[NetworkCenter, UnitLiaison],
    ),
    person("网信中心", SYSTEM, "系统工程师", Permanent, &[SystemAdmin]),
    person("网信中心", "彭浩然", "驻场工程师", Outsourced, &[]),
    person("图书馆", "顾清源", "馆长", Permanent, &[UnitHead]),
    person("图书馆", "夏书瑶", "副研究馆员", Permanent, &[UnitLiaison]),
    person("图书馆", "常思齐", "馆员", Permanent, &[]),
    person("读者部", "孔令晖", "主任", Permanent, &[]),
    person("继教中心", "万里鹏", "主任", Permanent, &[UnitHead]),
    person("继教中心", "乔一诺", "科员", Contract, &[UnitLiaison]),
    person("团委", "雷鸣宇", "书记", Permanent, &[UnitHead]),
    person("团委", "尹若曦", "副书记", Permanent, &[UnitLiaison]),
    person("团委", "邵子涵", "学生编辑", Student, &[Author]),
    person("团委", "段若愚", "学生编辑", Student, &[Author]),
    person("工会", "钱佳宁", "主席", Permanent, &[UnitHead]),
    person("工会", "文静怡", "干事", Permanent, &[UnitLiaison]),
    person("信工学院", "梁伟强", "院长", Permanent, &[UnitHead]),
    person(
        "信工学院",
        "宋雅婷",
        "办公室主任",
        Permanent,
        &[UnitLiaison],
    ),
    person("信工学院", "杨思远", "专任教师", Permanent, &[]),
    person("信工学院", "刘诗涵", "辅导员", Permanent, &[]),
    person("信工学院", "马晓东", "辅导员", Contract, &[]),
    person("信工学院", "陈子墨", "学生编辑", Student, &[Author]),
    person("软件系", "黎俊杰", "主任", Permanent, &[]),
    person("网络系", "汤敬轩", "主任", Permanent, &[]),
    person("智造学院", "冯建业", "院长", Permanent, &[UnitHead]),
    person(
        "智造学院",
        "袁梦琪",
        "办公室主任",
        Permanent,
        &[UnitLiaison],
    ),
    person("智造学院", "董浩宇", "辅导员", Permanent, &[]),
    person("智造学院", "于海洋", "实训指导教师", Contract, &[]),
    person("机电系", "邓凯旋", "主任", Permanent, &[]),
    person("汽车系", "戴明阳", "主任", Permanent, &[]),
    person("经管学院", DELEGATION.0, "院长", Permanent, &[UnitHead]),
    person(
        "经管学院",
        "傅晓琳",
        "办公室主任",
        Permanent,
        &[UnitLiaison],
    ),
    person("经管学院", DELEGATION.1, "副院长", Permanent, &[]),
    person("经管学院", "吕佳慧", "辅导员", Permanent, &[]),
    person("艺设学院", "卢嘉禾", "院长", Permanent, &[UnitHead]),
    person("艺设学院", "丁香凝", "教学秘书", Permanent, &[UnitLiaison]),
    person("艺设学院", "魏来", "专任教师", Permanent, &[]),
    person("旅游学院", "姚致远", "院长", Permanent, &[UnitHead]),
    person(
        "旅游学院",
        "姜诗雨",
        "办公室主任",
        Permanent,
        &[UnitLiaison],
    ),
    person("旅游学院", "崔明月", "辅导员", Permanent, &[]),
    person("护健学院", "谭淑贞", "院长", Permanent, &[UnitHead]),
    person(
        "护健学院",
        "廖佳欣",
        "办公室主任",
        Permanent,
        &[UnitLiaison],
    ),
    person("护健学院", "郝思嘉", "辅导员", Contract, &[]),
    person("学前学院", "汪丽华", "院长", Permanent, &[UnitHead]),
    person(
        "学前学院",
        "史玉婷",
        "办公室主任",
        Permanent,
        &[UnitLiaison],
    ),
    person("学前学院", "陶乐乐", "辅导员", Permanent, &[]),
    person("农技学院", "贺丰年", "院长", Permanent, &[UnitHead]),
    person(
        "农技学院",
        "龚小禾",
        "办公室主任",
        Permanent,
        &[UnitLiaison],
    ),
    person("农技学院", "向春生", "农艺师", Permanent, &[]),
    person("马院", "闫明德", "院长", Permanent, &[UnitHead]),
    person("马院", "毛文静", "教学秘书", Permanent, &[UnitLiaison]),
    person(TO_CHECK.short, "金鑫磊", "负责人", Unknown, &[]),
];

/// Leaders with the units of their portfolios (R-ORG-3).
pub const PORTFOLIOS: &[(&str, &[&str])] = &[
    (
        "沈立群",
        &[PUBLICITY, "组织部", "学工处", "团委", "网信中心", "马院"],
    ),
    (
        "韩志诚",
        &[
            "教务处",
            "招就处",
            "图书馆",
            "信工学院",
            "智造学院",
            "经管学院",
            "艺设学院",
        ],
    ),
];

/// Who is admin, deputy or moderator of which channel.
pub const CHANNEL_ROLES: &[(&str, Role, &[&str])] = &[
    (
        "杨思远",
        ChannelAdmin,
        &[
            "信工学院/wechat_subscription",
            "信工学院/website",
            "信工学院/bilibili",
        ],
    ),
    (
        "刘诗涵",
        ChannelDeputy,
        &["信工学院/wechat_subscription", "信工学院/website"],
    ),
    (
        "马晓东",
        Moderator,
        &["信工学院/wechat_subscription", "信工学院/qq"],
    ),
    (
        "秦小满",
        ChannelAdmin,
        &[
            "宣传部/wechat_subscription",
            "宣传部/weibo",
            "宣传部/douyin",
        ],
    ),
    (
        SECOND_OFFICER,
        ChannelDeputy,
        &["宣传部/wechat_subscription", "宣传部/weibo"],
    ),
    (
        "常思齐",
        ChannelAdmin,
        &["图书馆/website", "图书馆/wechat_service"],
    ),
    (
        "董浩宇",
        ChannelAdmin,
        &["智造学院/website", "智造学院/wechat_subscription"],
    ),
    (
        "吕佳慧",
        ChannelAdmin,
        &["经管学院/website", "经管学院/wechat_subscription"],
    ),
    (
        "魏来",
        ChannelAdmin,
        &["艺设学院/wechat_subscription", "艺设学院/bilibili"],
    ),
    (
        "崔明月",
        ChannelAdmin,
        &["旅游学院/wechat_subscription", "旅游学院/douyin"],
    ),
    (
        "龙飞宇",
        ChannelAdmin,
        &["招就处/wechat_service", "招就处/douyin"],
    ),
];

/// An account with its login.
pub struct Login {
    pub login: &'static str,
    pub person: &'static str,
    /// The role for which it is printed; others can sign in just as well.
    pub role: Option<Role>,
}

const fn login(role: Role, person: &'static str, login: &'static str) -> Login {
    Login {
        login,
        person,
        role: Some(role),
    }
}

const fn further(person: &'static str, login: &'static str) -> Login {
    Login {
        login,
        person,
        role: None,
    }
}

/// One account for each role, and some that stories need.
pub const LOGINS: &[Login] = &[
    login(PartyCommittee, "郑远航", "dangwei"),
    login(PortfolioLeader, "沈立群", "fenguan"),
    login(PublicityHead, CHIEF, "xuanchuan"),
    login(PublicityDeputy, DEPUTY, "xuanchuanfu"),
    login(PublicityOfficer, OFFICER, "xuanchuanyuan"),
    login(NetworkCenter, "曹明哲", "wangxin"),
    login(UnitHead, "梁伟强", "danweifuze"),
    login(UnitLiaison, "宋雅婷", "lianluo"),
    login(ChannelAdmin, "杨思远", "guanliyuan"),
    login(ChannelDeputy, "刘诗涵", "guanliyuanb"),
    login(Author, "陈子墨", "nigao"),
    login(Moderator, "马晓东", "hudong"),
    login(SystemAdmin, SYSTEM, "xitong"),
    login(SecurityAdmin, SECURITY, "anquan"),
    login(Role::Auditor, AUDITOR, "shenji"),
    further(SECOND_OFFICER, "xuanchuanyuan2"),
    further(DELEGATION.0, "jingguan"),
    further(DELEGATION.1, "jingguanfu"),
    further("傅晓琳", "jingguanlianluo"),
    further("夏书瑶", "tushuguan"),
];
