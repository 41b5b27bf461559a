//! The style guide: every part of the pages with realistic and awful data, as plain files to look at.
//!
//! `cargo run -p zhendi-kernel --example styleguide -- DIR` writes the pages; `npm run look` in `web/` serves, pictures and scans them.

use askama::Template;
use zhendi_kernel::web::{Flash, NavLink, Shell};

/// What the form macros expect of a field.
struct Field {
    name: &'static str,
    value: String,
    error: Option<String>,
}

impl Field {
    fn new(name: &'static str, value: &str, error: Option<&str>) -> Self {
        Self {
            name,
            value: value.into(),
            error: error.map(Into::into),
        }
    }
}

struct Row {
    name: String,
    unit: &'static str,
    platform: &'static str,
    tone: &'static str,
    icon: &'static str,
    state: &'static str,
    date: &'static str,
    due: &'static str,
    due_iso: &'static str,
    overdue: bool,
    followers: u64,
}

/// What the pages show.
struct Guide {
    rows: Vec<Row>,
    form: Form,
    long: String,
}

/// A page of the guide: the template's file name and the values it shows.
macro_rules! page {
    ($name:ident, $path:literal) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $name {
            shell: Shell,
            guide: Guide,
        }
        impl $name {
            fn html(shell: Shell) -> String {
                Self {
                    shell,
                    guide: Guide {
                        rows: rows(),
                        form: Form::new(),
                        long: long(),
                    },
                }
                .render()
                .expect("the style guide renders")
            }
        }
    };
}

struct Form {
    name: Field,
    unit: Field,
    url: Field,
    reason: Field,
    kind: Field,
    agree: Field,
    scan: Field,
    secret: Field,
    units: Vec<(String, String)>,
    errors: Vec<(&'static str, String)>,
}

impl Form {
    fn new() -> Self {
        Self {
            name: Field::new("name", "信息工程学院“青春信工”微信公众号（测试阶段）", None),
            unit: Field::new("unit", "", Some("请选择主办单位")),
            url: Field::new(
                "url",
                "htp:/xxgc.example",
                Some(
                    "网址写法不对，应以 http:// 或 https:// 开头，例如 https://xxgc.example.edu.cn",
                ),
            ),
            reason: Field::new(
                "reason",
                "\n因工作需要，向学生发布通知。\n“引号”<b>标签</b>&符号 🎓 𠮷",
                None,
            ),
            kind: Field::new("kind", "wechat", None),
            agree: Field::new("agree", "", None),
            scan: Field::new("scan", "", None),
            secret: Field::new("password", "", None),
            units: vec![
                ("1".into(), "信息工程学院".into()),
                (
                    "2".into(),
                    "马克思主义学院（思想政治理论课教学科研部）".into(),
                ),
                (
                    "3".into(),
                    "党委宣传部、新闻中心、融媒体中心（合署办公）".into(),
                ),
            ],
            errors: vec![
                ("unit", "请选择主办单位".into()),
                ("url", "网址写法不对，应以 http:// 或 https:// 开头".into()),
            ],
        }
    }
}

fn rows() -> Vec<Row> {
    let names = [
        "青春信工",
        "学院官网",
        "招生就业处",
        "校团委",
        "图书馆微服务",
        "机电学院学生会",
        "马克思主义学院理论学习中心组学习与思想政治教育创新发展研究基地官方发布平台（原“红色讲堂”）",
        "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
        "后勤保障部",
        "保卫处 🚓 平安校园",
    ];
    let states = [
        ("success", "circle-check", "已备案"),
        ("info", "hourglass", "宣传部审核中"),
        ("warning", "arrow-back-up", "已退回"),
        ("danger", "alarm", "逾期未备案"),
        ("neutral", "pencil", "草稿"),
        ("neutral", "archive", "已注销"),
    ];
    (0..20)
        .map(|n| {
            let (tone, icon, state) = states[n % states.len()];
            Row {
                name: names[n % names.len()].into(),
                unit: [
                    "信息工程学院",
                    "党委宣传部",
                    "马克思主义学院（思想政治理论课教学科研部）",
                    "后勤保障部",
                ][n % 4],
                platform: ["微信公众号", "网站", "新浪微博", "抖音", "哔哩哔哩"][n % 5],
                tone,
                icon,
                state,
                date: "2026-11-20 14:05",
                due: if n % 6 == 3 {
                    "2026-11-18 18:00"
                } else {
                    "2026-11-23 18:00"
                },
                due_iso: if n % 6 == 3 {
                    "2026-11-18T18:00:00+08:00"
                } else {
                    "2026-11-23T18:00:00+08:00"
                },
                overdue: n % 6 == 3,
                followers: [0, 12, 1_893, 50_231, 1_203_311][n % 5],
            }
        })
        .collect()
}

fn long() -> String {
    "网络阵地是学院意识形态工作的重要阵地，各单位应当按照“谁主管谁负责、谁主办谁负责、谁使用谁负责”的原则加强管理。".repeat(2000)
}

fn shell(path: &str) -> Shell {
    let link =
        |label: &'static str, href: &'static str, icon: &'static str, badge: Option<u64>| NavLink {
            label,
            href,
            icon,
            active: href == path,
            badge,
        };
    Shell {
        institution: "江海职业技术学院".into(),
        person: Some("欧阳明月".into()),
        nav: vec![
            link("工作台", "/", "layout-dashboard", None),
            link("我的待办", "/work-items", "checklist", Some(7)),
            link("网络阵地", "/channels", "broadcast", None),
            link("备案", "/filings", "file-certificate", Some(128)),
            link("单位", "/units", "sitemap", None),
            link("人员", "/people", "users", None),
            link("导入", "/imports", "file-import", None),
            link("审计记录", "/audit", "history", None),
            link("系统", "/system", "settings", None),
        ],
        unread: 3,
        path: path.into(),
        flash: None,
        demo: false,
        acting_for: vec![],
    }
}

fn visitor(path: &str) -> Shell {
    Shell {
        person: None,
        nav: vec![],
        unread: 0,
        ..shell(path)
    }
}

page!(Home, "home.html");
page!(List, "list.html");
page!(Detail, "detail.html");
page!(FormPage, "form.html");
page!(Parts, "parts.html");
page!(Directory, "directory.html");
page!(SignIn, "sign-in.html");

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage {
    shell: Shell,
    status: u16,
    title: &'static str,
    message: &'static str,
    advice: &'static str,
    request_id: &'static str,
}

fn main() -> std::io::Result<()> {
    let dir = std::env::args_os()
        .nth(1)
        .map(std::path::PathBuf::from)
        .expect("give the folder to write to");
    std::fs::create_dir_all(&dir)?;
    let fault = FaultPage {
        shell: shell(""),
        status: 409,
        title: "有人先您一步办理了这件备案",
        message: "您打开页面之后，王建国（宣传部部长）已于 14:02 把它退回。您的意见没有保存。",
        advice: "重新打开这件备案，看过最新情况再决定。",
        request_id: "01JD3Z8Q6N",
    };
    let busy = Shell {
        flash: Some(Flash {
            kind: "success".into(),
            text: "已提交，现由单位负责人 李卫东 办理，最迟 2026-11-23 18:00。".into(),
        }),
        demo: true,
        acting_for: vec!["李卫东（信息工程学院党总支书记）".into()],
        ..shell("/filings")
    };
    let pages = [
        ("home", Home::html(shell("/"))),
        ("channels", List::html(shell("/channels"))),
        ("detail", Detail::html(busy)),
        ("form", FormPage::html(shell("/filings"))),
        ("parts", Parts::html(shell("/system"))),
        ("directory", Directory::html(visitor("/directory"))),
        (
            "sign-in",
            SignIn::html(Shell {
                flash: Some(Flash {
                    kind: "info".into(),
                    text: "您已退出。".into(),
                }),
                ..visitor("/sign-in")
            }),
        ),
        ("fault", fault.render().expect("the fault page renders")),
    ];
    for (name, html) in pages {
        std::fs::write(dir.join(name).with_extension("html"), html)?;
    }
    Ok(())
}
