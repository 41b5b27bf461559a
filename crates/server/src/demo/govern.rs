//! Plans and regulations: made, decided, carried out and read by those whose turn it is.

use super::load::Loader;
use chrono::{Datelike, Days, NaiveDate};
use serde_json::json;
use zhendi_govern::{
    plan::{self, Draft, NewTask, PlanKind},
    regulation::{self, Content, Readers},
};
use zhendi_kernel::{Fault, PersonId, Role, UnitId};

/// The Rule's and the Notice's own words; the institution's name is the demonstration's.
const RULE: &str = include_str!("texts/rule.txt");
const NOTICE: &str = include_str!("texts/notice.txt");

/// A unit's plan of the year: unit, its head, who writes, tasks.
struct PlanRow {
    unit: &'static str,
    head: &'static str,
    writer: &'static str,
    goals: &'static str,
    tasks: &'static [TaskRow],
    /// Whether it was only handed in so far.
    waiting: bool,
}

/// A task: what, who, so many days before (-) or after today it is due, how far it is, what was said.
struct TaskRow(&'static str, &'static str, i64, i32, &'static str);

const PLANS: &[PlanRow] = &[
    PlanRow {
        unit: "信工学院",
        head: "梁伟强",
        writer: "梁伟强",
        goals: "本院网站和公众号全部完成备案，无僵尸账号。\n网站每周至少更新一次，公众号每周至少推送两次。\n管理员全员参加学校培训。",
        tasks: &[
            TaskRow(
                "清理停用的网站栏目和僵尸账号",
                "杨思远",
                -12,
                100,
                "两个旧栏目已下线，一个停用账号已提交注销。",
            ),
            TaskRow(
                "全院账号密码更换并登记保管人",
                "马晓东",
                -3,
                60,
                "公众号、微博已更换，视频号待绑定人回校。",
            ),
            TaskRow(
                "组织网络阵地管理员培训",
                "刘诗涵",
                12,
                30,
                "已联系宣传部讲师，时间待定。",
            ),
            TaskRow("编制信息发布审核流程图并上墙", "杨思远", 25, 0, ""),
        ],
        waiting: false,
    },
    PlanRow {
        unit: "图书馆",
        head: "顾清源",
        writer: "夏书瑶",
        goals: "统一馆内新媒体名称和头像。\n读者留言两个工作日内回复。",
        tasks: &[
            TaskRow(
                "核对全部账号的认证主体",
                "常思齐",
                -20,
                100,
                "已核对，均为学院认证。",
            ),
            TaskRow(
                "建立读者留言回复台账",
                "夏书瑶",
                15,
                40,
                "台账模板已定，正在试用。",
            ),
        ],
        waiting: false,
    },
    PlanRow {
        unit: "教务处",
        head: "田立新",
        writer: "任可欣",
        goals: "教务网通知公告栏目每周更新。\n附件中的个人信息发布前逐件检查。",
        tasks: &[TaskRow("清查历年公示附件中的个人信息", "任可欣", 20, 0, "")],
        waiting: true,
    },
];

impl Loader<'_> {
    fn day(&self, days: i64) -> NaiveDate {
        let today = self.app.clock.today();
        let moved = if days < 0 {
            today.checked_sub_days(Days::new(days.unsigned_abs()))
        } else {
            today.checked_add_days(Days::new(days.unsigned_abs()))
        };
        moved.unwrap_or(today)
    }

    /// A day of this year, whatever the season in which the demonstration is looked at.
    fn within_year(&self, day: NaiveDate) -> NaiveDate {
        let year = self.app.clock.today().year();
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(day);
        let last = NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(day);
        day.clamp(first, last)
    }

    /// The overall plan, and those of some units; others have none yet.
    pub(super) async fn make_plans(&mut self) -> Result<(), Fault> {
        let year = self.app.clock.today().year();
        let officer = self.actor(super::data::OFFICER).await?;
        let draft = Draft {
            title: format!("示例职业技术学院网络阵地建设与管理总体规划（{year}—{}年）", year + 4),
            goals: "形成以学院官网、官方微信为龙头的网络阵地体系。\n一个平台一个单位一个账号，阵地全部备案。\n先审后发，三级审核全覆盖。".into(),
            through: year + 4,
        };
        let root = self.unit(super::data::ROOT);
        let plan = plan::begin(
            self.app,
            &officer,
            PlanKind::Overall,
            root,
            year,
            draft,
            None,
        )
        .await?;
        for (what, who, due) in [
            ("摸清全院网络阵地底数，建立台账", super::data::OFFICER, year),
            ("完成职能相近账号的清理整合", super::data::DEPUTY, year + 1),
            ("全部管理员持证上岗", super::data::SECOND_OFFICER, year + 2),
        ] {
            let due = NaiveDate::from_ymd_opt(due, 12, 31).ok_or(Fault::NotFound)?;
            let new = task(what, self.person(who), due);
            plan::add_task(self.app, &officer, plan.id, new).await?;
        }
        let plan = self.plan_now(plan.id).await?;
        let plan = plan::submit(self.app, &officer, plan.id, plan.version).await?;
        let committee = self.actor("郑远航").await?;
        let opinion = "经学院党委会研究，同意。".to_owned();
        plan::decide(self.app, &committee, plan.id, plan.version, opinion).await?;
        for row in PLANS {
            self.make_plan(row, year).await?;
        }
        Ok(())
    }

    async fn plan_now(&self, id: zhendi_kernel::PlanId) -> Result<plan::Plan, Fault> {
        plan::find(self.app.db.read(), id)
            .await?
            .ok_or(Fault::NotFound)
    }

    async fn make_plan(&self, row: &PlanRow, year: i32) -> Result<(), Fault> {
        let unit = self.unit(row.unit);
        let writer = self.actor(row.writer).await?;
        let name = zhendi_people::unit::names(self.app.db.read(), [unit]).await?;
        let name = name.get(&unit).cloned().unwrap_or_default();
        let draft = Draft {
            title: format!("{name}{year}年网络阵地建设与管理工作计划"),
            goals: row.goals.into(),
            through: year,
        };
        let plan = plan::begin(self.app, &writer, PlanKind::Unit, unit, year, draft, None).await?;
        let mut made = vec![];
        for TaskRow(what, who, days, ..) in row.tasks {
            let due = self.within_year(self.day(*days + DAYS_UNTIL_TODAY));
            let new = task(what, self.person(who), due);
            made.push(plan::add_task(self.app, &writer, plan.id, new).await?);
        }
        let now = self.plan_now(plan.id).await?;
        let plan = plan::submit(self.app, &writer, plan.id, now.version).await?;
        if row.waiting {
            return Ok(());
        }
        let head = self.actor(row.head).await?;
        plan::decide(self.app, &head, plan.id, plan.version, String::new()).await?;
        for (task, TaskRow(_, who, _, progress, said)) in made.iter().zip(row.tasks) {
            if *progress == 0 {
                continue;
            }
            let by = self.actor(who).await?;
            let said = (*said).to_owned();
            plan::report(
                self.app,
                &by,
                plan.id,
                task.id,
                task.version,
                *progress,
                said,
            )
            .await?;
        }
        Ok(())
    }

    /// The Rule in two versions and the Notice, read by some.
    pub(super) async fn issue_regulations(&mut self) -> Result<(), Fault> {
        let root = self.unit(super::data::ROOT);
        let (officer, chief) = (
            self.actor(super::data::OFFICER).await?,
            self.actor(super::data::CHIEF).await?,
        );
        let today = self.app.clock.today();
        // The first version knew a shorter password (Rule 9(2)2 as it stands asks for eight characters).
        let first = RULE.replace(
            "长度不少于 8 位，包含字母、数字、特殊字符等",
            "长度不少于 6 位",
        );
        let readers = Readers::Roles(vec![Role::UnitHead, Role::UnitLiaison, Role::ChannelAdmin]);
        let rule = content(
            root,
            "示例职业技术学院网络阵地管理办法",
            "示职院党发〔2025〕18号",
            &first,
        )
        .read_by(readers.clone());
        let made =
            regulation::begin(self.app, &officer, rule.clone().effective(self.day(-400))).await?;
        regulation::issue(self.app, &chief, made.id, made.version).await?;
        let made = regulation::renew(self.app, &officer, made.id).await?;
        let second = Content {
            text: RULE.into(),
            number: format!("示职院党发〔{}〕12号", today.year()),
            note: "提高账号密码的强度要求。".into(),
            ..rule.effective(self.day(-5))
        };
        let made = regulation::edit(self.app, &officer, made.id, made.version, second).await?;
        let made = regulation::issue(self.app, &chief, made.id, made.version).await?;
        let notice = content(root, "关于加强学校新媒体（网站）运维管理的通知", "", NOTICE)
            .read_by(readers)
            .effective(self.day(-5));
        let notice = regulation::begin(self.app, &officer, notice).await?;
        regulation::issue(self.app, &chief, notice.id, notice.version).await?;
        self.ask_readers().await?;
        for name in ["梁伟强", "顾清源", "夏书瑶", "任可欣"] {
            let reader = self.actor(name).await?;
            regulation::confirm(self.app, &reader, made.id, 2).await?;
        }
        Ok(())
    }

    /// What a job does right after an issue: the clock of the history waits for no runner.
    async fn ask_readers(&self) -> Result<(), Fault> {
        regulation::ask_all(self.app.clone(), json!({}))
            .await
            .map_err(Fault::internal)
    }
}

/// The history of plans is written so many days before the demonstration is looked at.
const DAYS_UNTIL_TODAY: i64 = 14;

fn task(what: &str, person: PersonId, due: NaiveDate) -> NewTask {
    NewTask {
        what: what.into(),
        detail: String::new(),
        person,
        helpers: vec![],
        due,
    }
}

/// A regulation for the whole institution, as the tables say it.
#[derive(Clone)]
struct Regulation(Content);

fn content(root: UnitId, title: &str, number: &str, text: &str) -> Regulation {
    Regulation(Content {
        unit: root,
        scope: root,
        title: title.into(),
        number: number.into(),
        text: text.trim().into(),
        note: String::new(),
        effective_on: NaiveDate::default(),
        supersedes: None,
        readers: Readers::Nobody,
        read_days: 15,
    })
}

impl Regulation {
    fn read_by(mut self, readers: Readers) -> Self {
        self.0.readers = readers;
        self
    }

    fn effective(self, day: NaiveDate) -> Content {
        Content {
            effective_on: day,
            ..self.0
        }
    }
}
