//! The channels that were there before the program: taken from the sheets of annexes 1 and 4.

use super::{
    channel_data::{ChannelRow, Standing, rows},
    data::{self, PEOPLE, UNITS},
    load::Loader,
};
use chrono::{Datelike, Days};
use zhendi_kernel::Fault;
use zhendi_people::person::Employment;
use zhendi_registry::{
    PartialDate,
    channel::{
        self, AnnexOne, ChannelPeople, Facts, FilingState, Holder, NewChannel, RunningState,
        source, store,
    },
    platform::PlatformCode,
    settings::Registry,
};

/// Which sheet a channel came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// Annex 4: filed on paper.
    Filed,
    /// Annex 1 of long ago: what was not filed then should be by now.
    Old,
    /// Annex 1 of late.
    Recent,
}

fn sheet(standing: Standing) -> Sheet {
    match standing {
        Standing::Late => Sheet::Old,
        Standing::Soon | Standing::Planned => Sheet::Recent,
        _ => Sheet::Filed,
    }
}

impl Loader<'_> {
    /// Takes one of the sheets into the register, in one transaction as an import does.
    pub(super) async fn take_in(&mut self, wanted: Sheet) -> Result<(), Fault> {
        let officer = self.actor(data::OFFICER).await?;
        let days: Registry = self.app.setting().await?;
        let file_by = self.app.clock.today() + Days::new(days.days_to_catch_up.into());
        let tx = self.app.db.begin().await?;
        for (n, row) in rows().iter().enumerate() {
            if sheet(row.standing) != wanted {
                continue;
            }
            let (filing, running) = match row.standing {
                // Paused later, by hand.
                Standing::Filed | Standing::Suspended => (FilingState::Filed, RunningState::Live),
                Standing::Migrating => (FilingState::Filed, RunningState::Migrating),
                Standing::Closed => (FilingState::Filed, RunningState::Closed),
                Standing::Cancelled => (FilingState::Cancelled, RunningState::Closed),
                Standing::Soon | Standing::Late => (FilingState::Unfiled, RunningState::Live),
                Standing::Planned => (FilingState::Unfiled, RunningState::Planned),
            };
            let on_paper = wanted == Sheet::Filed;
            let new = NewChannel {
                facts: self.facts(n, row),
                people: self.people_behind(n, row),
                filing,
                running,
                file_by: (!on_paper).then_some(file_by),
                filed_source: on_paper.then(|| source::IMPORTED.into()),
                filing_number: None,
                second_account_reason: row.second.map(Into::into),
            };
            let made = channel::register(&tx, self.app, &officer, new, None).await?;
            self.channels
                .insert(format!("{}/{}", row.unit, row.platform), made.id);
        }
        tx.commit().await.map_err(Fault::from)
    }

    /// Pauses what is no longer kept up.
    pub(super) async fn suspend(&mut self) -> Result<(), Fault> {
        const REASONS: [&str; 3] = [
            "超过三个月未更新，暂停运行，限期整改。",
            "运维人员调整，交接期间暂停发布。",
            "与学院其他账号功能重复，拟合并，先行暂停。",
        ];
        let officer = self.actor(data::OFFICER).await?;
        let tx = self.app.db.begin().await?;
        let paused = rows()
            .into_iter()
            .filter(|row| row.standing == Standing::Suspended);
        for (row, reason) in paused.zip(REASONS.iter().cycle()) {
            let id = self.channel(&format!("{}/{}", row.unit, row.platform));
            let before = store::get(&tx, id).await?;
            channel::set_running(&tx, self.app, &officer, before, true, reason).await?;
        }
        tx.commit().await.map_err(Fault::from)
    }

    fn facts(&self, n: usize, row: &ChannelRow) -> Facts {
        let unit = UNITS
            .iter()
            .chain([&data::TO_CHECK])
            .find(|unit| unit.short == row.unit);
        let full = unit.map_or("", |unit| unit.name);
        let (short, platform) = (row.unit, row.platform);
        let site = matches!(platform, "website" | "forum");
        let name = row.name.map_or_else(
            || match platform {
                "website" => format!("{full}网站"),
                "forum" => format!("{full}读者论坛"),
                "app" => "掌上示例职院".into(),
                "mini_program" => format!("{short}服务大厅"),
                "mailing_list" => format!("{short}通知邮件组"),
                "qq" => format!("示例职院{short}服务号"),
                "other" => format!("示例职院{short}企业协作群"),
                _ => format!("示例职院{short}"),
            },
            Into::into,
        );
        let many = n * 7919 % 9973;
        Facts {
            name,
            unit: self.unit(row.unit),
            platform: PlatformCode::from(platform),
            address_or_id: if site {
                format!("https://{}.slzy.example", row.id)
            } else {
                row.id.clone()
            },
            certified_body: data::INSTITUTION.into(),
            opened_on: self.opened_on(n, row.standing),
            followers: (!site && platform != "mailing_list").then(|| (180 + many * 3) as i64),
            posting_frequency: frequency(platform).into(),
            responsible_department: full.into(),
            holder: row
                .post
                .map_or(Holder::Unit, |post| Holder::PersonByPost(post.into())),
            icp: (platform == "website").then(|| format!("示ICP备2020{:06}号-{}", 1000, n + 1)),
            web: Default::default(),
            survey: survey(n, row),
            remark: String::new(),
        }
    }

    /// Sheets know some days, some months and some years only.
    fn opened_on(&self, n: usize, standing: Standing) -> Option<PartialDate> {
        let this_year = self.app.clock.today().year();
        let year = match standing {
            Standing::Planned => return None,
            Standing::Soon | Standing::Late => this_year - 1,
            _ => this_year - 3 - (n % 9) as i32,
        };
        let month = Some(1 + (n * 5 % 12) as u32);
        match n % 3 {
            0 => PartialDate::new(year, month, Some(1 + (n * 11 % 28) as u32)),
            1 => PartialDate::new(year, month, None),
            _ => PartialDate::new(year, None, None),
        }
    }

    fn people_behind(&self, n: usize, row: &ChannelRow) -> ChannelPeople {
        let [leader, reviewer, operators @ ..] = &staff(row.unit)[..] else {
            return ChannelPeople::default();
        };
        let first = n % operators.len().max(1);
        let mut ordered: Vec<&str> = operators[first..].to_vec();
        ordered.extend(&operators[..first]);
        // Staff lead, and students have no part in it (Notice 3(3)).
        ordered.retain(|name| employment(name) != Employment::Student);
        ordered.sort_by_key(|name| employment(name) != Employment::Permanent);
        ordered.truncate(2);
        if ordered.is_empty() {
            ordered.push(reviewer);
        }
        ChannelPeople {
            leader: Some(self.person(leader)),
            reviewers: vec![self.person(reviewer)],
            operators: ordered.into_iter().map(|name| self.person(name)).collect(),
        }
    }
}

fn employment(name: &str) -> Employment {
    super::people::row_of_person(name).1.employment
}

/// Head, who fills in forms, and the others of a unit. A small one has those of the unit above.
pub fn staff(unit: &str) -> Vec<&'static str> {
    let of = |unit: &str| -> Vec<&'static str> {
        PEOPLE
            .iter()
            .filter(|row| {
                row.unit == unit
                    && ![data::SYSTEM, data::SECURITY, data::AUDITOR].contains(&row.name)
            })
            .map(|row| row.name)
            .collect()
    };
    let own = of(unit);
    if own.len() >= 2 {
        return own;
    }
    let above = UNITS
        .iter()
        .find(|row| row.short == unit)
        .map(|row| row.parent);
    let mut staff: Vec<&'static str> = match above {
        Some(above) if above != data::ROOT => of(above).into_iter().take(2).collect(),
        _ => vec![],
    };
    staff.extend(own);
    staff
}

pub fn frequency(platform: &str) -> &'static str {
    match platform {
        "website" | "wechat_subscription" | "weibo" => "每周 3 次",
        "wechat_service" => "每月 4 次",
        "app" | "mini_program" | "mailing_list" | "forum" => "按需更新",
        _ => "每周 1 次",
    }
}

fn survey(n: usize, row: &ChannelRow) -> AnnexOne {
    let late = row.standing == Standing::Late;
    let outsourced = row.platform == "app" || n % 17 == 5;
    AnnexOne {
        problem: match (late, n % 6) {
            (true, _) => "未履行备案手续",
            (false, 4) => "部分栏目更新不及时",
            _ => "未发现问题",
        }
        .into(),
        rectified: match (late, n % 6) {
            (true, _) => Some(false),
            (false, 4) => Some(true),
            _ => None,
        },
        interactive: Some(row.platform != "website" && row.platform != "mailing_list"),
        review_system: Some(!late),
        outsourced: Some(outsourced),
        operator: outsourced.then(|| "示例数字服务有限公司".into()),
    }
}
