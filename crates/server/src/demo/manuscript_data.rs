//! The demonstration's manuscripts: what was written, and what became of it.

/// Something that was done to a manuscript.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// Its author writes it.
    Write,
    /// Its author hands it in, with a word for the reviewers.
    Submit(&'static str),
    /// Whose turn it is marks it as a major matter, with the reason.
    Major(&'static str),
    /// Whose turn it is takes it.
    Take,
    /// Whose turn it is agrees: opinion, errors that the proofread found.
    Pass(&'static str, &'static [(&'static str, u32)]),
    /// Who approved it before looks at a small correction.
    Again,
    /// Whose turn it is sends it back to its author: opinion, words of the text with what is asked there.
    Back(&'static str, &'static [(&'static str, &'static str)]),
    /// The author answers what was asked, and changes the text as the row says.
    Revise,
    /// An officer enters a decision that was taken on paper: its number, its words.
    Paper(&'static str, &'static str),
    /// The author takes it back.
    Recall(&'static str),
    /// Whose turn it is decides that it will not be used.
    Discard(&'static str),
    /// The channel's admin publishes by hand: the link.
    Publish(&'static str),
    /// The channel's admin takes it down: a code of a reason, a note.
    Withdraw(&'static str, &'static str),
    /// A named person publishes before review: the reason.
    Emergency(&'static str),
}

/// A manuscript.
pub struct ManuscriptRow {
    pub unit: &'static str,
    pub author: &'static str,
    /// By unit and platform; the first is the main one.
    pub channels: &'static [&'static str],
    pub category: &'static str,
    pub title: &'static str,
    /// Paragraphs; one that begins with `# ` is a heading.
    pub text: &'static [&'static str],
    /// Words that a revision puts in the place of others.
    pub changes: &'static [(&'static str, &'static str)],
    /// Source, link and title in the source, for a reprint.
    pub source: Option<(&'static str, &'static str, &'static str)>,
    /// Who sits at the levels, in order.
    pub reviewers: [&'static str; 4],
    /// So many working days ago, what.
    pub course: &'static [(i64, Act)],
}

use Act::*;

/// The levels of 信工学院, 宣传部 and others.
const XINGONG: [&str; 4] = ["杨思远", "梁伟强", super::data::CHIEF, "韩志诚"];
const XINGONG_B: [&str; 4] = ["刘诗涵", "梁伟强", super::data::CHIEF, "韩志诚"];
const OWN: [&str; 4] = ["秦小满", super::data::DEPUTY, super::data::CHIEF, "沈立群"];
const LIBRARY: [&str; 4] = ["常思齐", "顾清源", super::data::CHIEF, "韩志诚"];
const ZHIZAO: [&str; 4] = ["董浩宇", "冯建业", super::data::CHIEF, "韩志诚"];
const YISHE: [&str; 4] = ["魏来", "卢嘉禾", super::data::CHIEF, "韩志诚"];
const ZHAOJIU: [&str; 4] = ["龙飞宇", "薛海涛", super::data::CHIEF, "韩志诚"];

/// The manuscripts.
pub const MANUSCRIPTS: &[ManuscriptRow] = &[
    ManuscriptRow {
        unit: "信工学院",
        author: "陈子墨",
        channels: &["信工学院/wechat_subscription", "信工学院/website"],
        category: "学生工作",
        title: "我院学子在全省大学生程序设计竞赛中获二等奖",
        text: &[
            "日前，全省大学生程序设计竞赛落下帷幕。经过五个小时的角逐，我院软件技术专业三名同学组成的“拾光”队获得高职组二等奖。",
            "# 备赛：从暑假开始的一百天",
            "今年七月，指导教师杨思远带领队员开始集训。每周三次专题训练、一次模拟赛，队员们在机房里度过了大半个暑假。“最难的不是算法，是在最后十分钟保持冷静。”队长说。",
            "# 比赛：八题解出六题",
            "本次竞赛共有来自全省四十一所院校的一百二十六支队伍参加。我院代表队在开赛九十分钟时已解出四题，最终解出六题，列高职组第九名。",
            "# 收获：让更多同学走进机房",
            "学院将以此次竞赛为契机，面向全院开放程序设计社团，由获奖同学担任助教，每周五晚在实训楼机房开展训练。欢迎感兴趣的同学报名。",
        ],
        changes: &[],
        source: None,
        reviewers: XINGONG_B,
        course: &[
            (40, Write),
            (40, Submit("竞赛成绩以组委会公布的名单为准，已附截图。")),
            (39, Pass("事实已与指导教师核对。", &[("标点", 2)])),
            (38, Pass("同意。", &[])),
            (37, Pass("同意发布。", &[])),
            (36, Publish("https://mp.weixin.qq.com/s/demo-xg-contest")),
        ],
    },
    ManuscriptRow {
        unit: "信工学院",
        author: "陈子墨",
        channels: &["信工学院/wechat_subscription"],
        category: "校园文化",
        title: "第十届“数字工匠”技能文化节开幕",
        text: &[
            "11 月 9 日上午，信息工程学院第十届“数字工匠”技能文化节在实训楼前广场开幕。院长梁伟强、各系教师代表和三百余名学生参加开幕式。",
            "本届文化节以“技能成就未来”为主题，设网络布线、网页设计、短视频制作等六个项目，持续两周。",
            "梁伟强在致辞中希望同学们在比赛中练本领、在协作中长见识，把课堂所学用到实处。",
            "开幕式后，同学们参观了往届优秀作品展。",
        ],
        changes: &[
            ("三百余名学生", "三百二十名学生"),
            ("持续两周", "11 月 22 日结束"),
        ],
        source: None,
        reviewers: XINGONG_B,
        course: &[
            (31, Write),
            (31, Submit("")),
            (
                30,
                Back(
                    "时间和人数请核实后再报。",
                    &[
                        ("三百余名学生", "签到表上是三百二十人，请写准确数字。"),
                        ("持续两周", "请写明结束日期。"),
                    ],
                ),
            ),
            (30, Revise),
            (29, Submit("已按意见核对修改。")),
            (29, Pass("数字已核对。", &[("数字", 1)])),
            (28, Pass("同意。", &[])),
            (27, Pass("同意发布。", &[])),
            (27, Publish("https://mp.weixin.qq.com/s/demo-xg-festival")),
        ],
    },
    ManuscriptRow {
        unit: "宣传部",
        author: "罗子轩",
        channels: &["宣传部/wechat_subscription", "宣传部/weibo"],
        category: "校园文化",
        title: "示例职业技术学院举行建校六十周年纪念大会",
        text: &[
            "本月 18 日上午，示例职业技术学院建校六十周年纪念大会在体育馆举行。历届校友、合作企业代表、兄弟院校来宾和师生代表三千余人参加大会。",
            "大会在庄严的国歌声中开始。学院党委书记郑远航致辞，回顾学院六十年来扎根地方、服务产业的办学历程，向长期关心支持学院发展的各界人士表示感谢。",
            "校友代表、教师代表、学生代表先后发言。大会还为从教三十年的教师颁发荣誉证书。",
            "会后，与会嘉宾参观了校史馆和产教融合成果展。",
        ],
        changes: &[],
        source: None,
        reviewers: OWN,
        course: &[
            (25, Write),
            (25, Submit("校庆当天晚上发布，请各环节尽快办理。")),
            (25, Pass("出席人员名单已与党政办核对。", &[("文字", 1)])),
            (25, Major("校庆重大活动")),
            (24, Pass("同意。", &[])),
            (24, Pass("同意，报分管领导审批。", &[("事实", 1)])),
            (24, Pass("同意发布。", &[])),
            (23, Publish("https://mp.weixin.qq.com/s/demo-anniversary")),
        ],
    },
    ManuscriptRow {
        unit: "图书馆",
        author: "夏书瑶",
        channels: &["图书馆/wechat_service", "图书馆/website"],
        category: "通知公告",
        title: "图书馆期末开放时间调整通知",
        text: &[
            "各位读者：",
            "为方便同学们期末复习，自下周一起，图书馆开放时间调整如下：",
            "阅览区：每日 7:30—22:30；自习区：每日 6:30—23:00；电子阅览室：周一至周五 8:30—21:30。",
            "自习区实行线上预约，请在“图书馆服务”小程序中选座。离座三十分钟以上请临时释放座位。",
            "咨询请到二楼总服务台。",
        ],
        changes: &[],
        source: None,
        reviewers: LIBRARY,
        course: &[
            (18, Write),
            (18, Submit("")),
            (18, Pass("时间已与各楼层核对。", &[])),
            (17, Paper("图发〔2026〕9号", "同意发布。")),
            (16, Pass("同意。", &[])),
            (16, Publish("https://tsg.slzy.example/notices/exam-hours")),
        ],
    },
    ManuscriptRow {
        unit: "招就处",
        author: "侯梦洁",
        channels: &["招就处/wechat_service"],
        category: "招生就业",
        title: "冬季校园双选会参会企业名单公布",
        text: &[
            "冬季校园双选会将于本月 28 日上午 9 时在体育馆举行。经审核，共有八十六家企业参会，提供岗位两千三百余个。",
            "# 参会须知",
            "毕业生凭校园卡入场，请准备纸质简历若干份。现场设简历修改、就业政策咨询和心理辅导服务台。",
            "# 岗位类别",
            "智能制造、信息技术、现代农业、护理健康、旅游管理、学前教育等六大类，覆盖我院全部专业。",
            "未就业毕业生可在现场登记，学校将持续推送岗位。",
        ],
        changes: &[],
        source: None,
        reviewers: ZHAOJIU,
        course: &[
            (14, Write),
            (14, Submit("企业名单已逐家核验营业执照。")),
            (13, Pass("名单已核。", &[("数字", 2), ("格式", 1)])),
            (12, Pass("同意。", &[])),
            (11, Pass("同意发布。", &[])),
            (11, Publish("https://mp.weixin.qq.com/s/demo-job-fair")),
            (
                6,
                Withdraw(
                    "fact_error",
                    "两家企业临时退出，名单与实际不符，更正后重新发布。",
                ),
            ),
        ],
    },
    ManuscriptRow {
        unit: "宣传部",
        author: "罗子轩",
        channels: &["宣传部/wechat_subscription"],
        category: "师生风采",
        title: "实训楼里的“守夜人”：记后勤维修师傅的一天",
        text: &[
            "清晨六点，实训楼的灯一盏盏亮起。后勤保卫处维修班的师傅们已经开始第一轮巡查。",
            "“水、电、暖，哪一样都不能等。”在学校工作了二十二年的老师傅说。他随身的本子上，密密麻麻记着每间教室的编号和维修日期。",
            "过去一年，维修班共完成报修三千四百余件，平均响应时间不到两小时。学生给他们起了个名字：实训楼里的“守夜人”。",
            "夜里十点半，最后一间教室关灯。师傅们锁上工具箱，结束了这一天的工作。",
        ],
        changes: &[],
        source: None,
        reviewers: OWN,
        course: &[
            (9, Write),
            (9, Submit("")),
            (8, Pass("采访对象已同意刊发。", &[("文字", 3)])),
            (7, Pass("写得有温度，同意。", &[])),
            (6, Pass("同意发布。", &[])),
        ],
    },
    ManuscriptRow {
        unit: "智造学院",
        author: "袁梦琪",
        channels: &["智造学院/wechat_subscription", "智造学院/website"],
        category: "教学科研",
        title: "我院与三家企业共建智能产线实训基地",
        text: &[
            "近日，智能制造学院与三家装备制造企业签署协议，共建智能产线实训基地。",
            "基地占地一千二百平方米，建成后可同时容纳一百六十名学生开展数控加工、工业机器人操作和产线运维训练。企业将派出工程师担任兼职教师，参与课程开发和毕业设计指导。",
            "院长冯建业表示，基地将按照企业真实生产流程设置岗位，让学生“进校如进厂、上课如上岗”。",
        ],
        changes: &[],
        source: None,
        reviewers: ZHIZAO,
        course: &[
            (3, Write),
            (3, Submit("协议文本已归档。")),
            (2, Pass("内容属实。", &[("标点", 1)])),
            (2, Pass("同意。", &[])),
        ],
    },
    ManuscriptRow {
        unit: "信工学院",
        author: "陈子墨",
        channels: &["信工学院/wechat_subscription"],
        category: "学生工作",
        title: "冬日送暖：学院为留校学生准备了这些",
        text: &[
            "气温骤降，留校实习和备考的同学们还好吗？学院学生工作办公室为大家准备了一份“冬日清单”。",
            "# 一、御寒物资",
            "本周起，同学们可到学生事务中心领取暖手宝和围巾，每人一份，凭校园卡登记。",
            "# 二、热水和夜宵",
            "实训楼、图书馆的开水房延长供应至 23:00。第一食堂三楼夜宵窗口开放至 22:30。",
            "# 三、值班联系",
            "学院值班室设在行政楼 210，二十四小时有人值守。遇到困难，请第一时间告诉我们。",
        ],
        changes: &[],
        source: None,
        reviewers: XINGONG,
        course: &[
            (2, Write),
            (2, Submit("请先看第三部分的值班安排是否可以公开。")),
            (1, Pass("值班室地点可以公开。", &[("格式", 1)])),
            (1, Take),
        ],
    },
    ManuscriptRow {
        unit: "信工学院",
        author: "陈子墨",
        channels: &["信工学院/wechat_subscription", "信工学院/bilibili"],
        category: "校园文化",
        title: "短视频脚本：一分钟看懂我们的实训室",
        text: &[
            "镜头一：清晨，实训楼外景，学生陆续走进大门。字幕：这里是信息工程学院。",
            "镜头二：网络实训室，学生在机柜前布线。字幕：一根网线，连接一千个可能。",
            "镜头三：软件实训室，小组讨论代码。字幕：在这里，作业就是项目。",
            "镜头四：傍晚，灯光亮起。字幕：明天见。",
        ],
        changes: &[],
        source: None,
        reviewers: XINGONG,
        course: &[(1, Write), (1, Submit("随稿附脚本，成片另报。"))],
    },
    ManuscriptRow {
        unit: "信工学院",
        author: "陈子墨",
        channels: &["信工学院/wechat_subscription"],
        category: "学生工作",
        title: "关于公布 2026 年度国家励志奖学金初评名单的通知",
        text: &[
            "各班级：",
            "根据学校通知要求，经个人申请、班级评议、学院评审，现将我院 2026 年度国家励志奖学金初评名单予以公示，公示期五个工作日。",
            "名单中所列学生情况如下：李同学，软件技术 2401 班，学号 20240117032，联系电话 13800138000，综合测评第一名。",
            "公示期间如有异议，请向学院学生工作办公室实名反映，邮箱 xsgz@xg.slzy.example。",
        ],
        changes: &[],
        source: None,
        reviewers: XINGONG,
        course: &[
            (4, Write),
            (4, Submit("")),
            (
                3,
                Back(
                    "公示内容含学号和手机号，属于个人信息，不得公开。请删除后重新提交。",
                    &[
                        ("学号 20240117032", "公示写到班级、姓名即可，学号请删除。"),
                        ("联系电话 13800138000", "学生本人电话不得公开，请删除。"),
                    ],
                ),
            ),
        ],
    },
    ManuscriptRow {
        unit: "艺设学院",
        author: "丁香凝",
        channels: &["艺设学院/wechat_subscription"],
        category: "校园文化",
        title: "毕业设计预展作品征集启事",
        text: &[
            "为提前筹备毕业设计展，现面向全院毕业班征集预展作品。",
            "作品类别：视觉传达、环境艺术、产品造型、数字媒体。每人限报一件，须为本人原创。",
            "请于下月 5 日前将作品图片和不超过三百字的说明报送教学秘书处。",
        ],
        changes: &[],
        source: None,
        reviewers: YISHE,
        course: &[
            (5, Write),
            (5, Submit("")),
            (4, Recall("征集时间需与教务处协调，改好再报。")),
        ],
    },
    ManuscriptRow {
        unit: "信工学院",
        author: "陈子墨",
        channels: &["信工学院/website"],
        category: "新闻",
        title: "转载：高职院校如何用好产教融合政策",
        text: &[
            "产教融合是职业教育的基本办学模式。近年来，各地围绕校企合作、现代学徒制、产业学院建设出台了一系列政策。",
            "专家认为，高职院校应当把政策用在课程、师资和实训条件三个关键处，避免“签了协议没有下文”。",
        ],
        changes: &[],
        source: Some((
            "示例职教网",
            "https://zhijiao.example/articles/fusion",
            "高职院校如何用好产教融合政策",
        )),
        reviewers: XINGONG,
        course: &[
            (21, Write),
            (21, Submit("")),
            (20, Pass("来源可查。", &[])),
            (
                19,
                Discard("该网站不在可转载来源名单内，且内容与本院关系不大。"),
            ),
        ],
    },
    ManuscriptRow {
        unit: "宣传部",
        author: super::data::SECOND_OFFICER,
        channels: &["宣传部/wechat_subscription", "宣传部/weibo"],
        category: "重要事件",
        title: "关于校园周边道路临时交通管制的提示",
        text: &[
            "接属地交管部门通知，因强降雨导致积水，学校东门外道路今日 16 时起临时封闭。",
            "请师生改由南门出入，驾车人员绕行环城南路。校车停靠点临时调整到南门广场，发车时间不变。",
            "道路恢复时间将另行通知，请关注学校公告，不要信谣传谣。",
        ],
        changes: &[],
        source: None,
        reviewers: OWN,
        course: &[
            (1, Write),
            (
                1,
                Emergency("突发道路积水，涉及师生出行安全，来不及走完三审，先行发布。"),
            ),
        ],
    },
    ManuscriptRow {
        unit: "宣传部",
        author: "罗子轩",
        channels: &["宣传部/wechat_subscription"],
        category: "师生风采",
        title: "这群学生，把非遗搬进了实训室",
        text: &[
            "每周三下午，艺术设计学院的非遗工作室总是坐满了人。竹编、蓝染、剪纸，老手艺在年轻人手里有了新样子。",
            "两年来，工作室先后邀请十一位民间艺人走进课堂，开发文创产品四十余件，其中六件已经投入生产。",
            "“我们不只是在学一门手艺，也是在学怎样把它讲给别人听。”一名大二学生说。",
        ],
        changes: &[],
        source: None,
        reviewers: OWN,
        course: &[(1, Write)],
    },
    ManuscriptRow {
        unit: "信工学院",
        author: "陈子墨",
        channels: &["信工学院/website"],
        category: "党建工作",
        title: "教工第二党支部开展“党员先锋岗”主题党日活动",
        text: &[
            "本周四下午，信息工程学院教工第二党支部在实训楼 305 会议室开展主题党日活动，支部全体党员参加。",
            "支部书记带领党员学习了近期上级文件精神，围绕“党员如何在教学改革中走在前”开展讨论，确定六个党员先锋岗，公开承诺事项。",
            "活动结束后，党员分组到学生宿舍走访，了解学生的学习和生活情况。",
        ],
        changes: &[("公开承诺事项", "并公开承诺事项")],
        source: None,
        reviewers: XINGONG_B,
        course: &[
            (12, Write),
            (12, Submit("")),
            (12, Pass("已核对。", &[("文字", 1)])),
            (11, Pass("同意。", &[])),
            (10, Pass("同意发布。", &[])),
            (10, Publish("https://xg.slzy.example/party/pioneer")),
            (2, Revise),
            (2, Submit("改正一处漏字。")),
            (1, Again),
        ],
    },
];

/// Who may publish in an emergency.
pub const EMERGENCY: &[&str] = &[super::data::SECOND_OFFICER];
