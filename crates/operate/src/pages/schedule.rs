//! The page of the backups' settings.

use crate::{
    archive::{Place, recipients},
    jobs::SUBJECT,
    settings::{BackupSettings, WEEKDAYS},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, audit,
    config::Bucket,
    form::{self, Errors, Field, Posted, Unprocessable},
    settings, text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

#[derive(Template, WebTemplate)]
#[template(path = "pages/schedule.html")]
struct Page {
    shell: Shell,
    f: Fields,
    errors: Errors,
}

impl Page {
    fn rhythms(&self) -> Vec<(String, &'static str)> {
        let days = WEEKDAYS.iter().enumerate();
        let weekly = days.map(|(n, _)| (n.to_string(), WEEKLY[n]));
        [("daily".to_owned(), "每天")]
            .into_iter()
            .chain(weekly)
            .collect()
    }
}

const WEEKLY: [&str; 7] = [
    "每周一",
    "每周二",
    "每周三",
    "每周四",
    "每周五",
    "每周六",
    "每周日",
];

struct Fields {
    scheduled: Field,
    rhythm: Field,
    time: Field,
    target: Field,
    recipients: Field,
    keep_daily: Field,
    keep_weekly: Field,
    keep_monthly: Field,
}

impl Fields {
    fn with(value: impl Fn(&str) -> String) -> Self {
        let field = |name: &'static str, label: &'static str| Field::new(name, label, value(name));
        Self {
            scheduled: field("scheduled", "定时备份"),
            rhythm: field("rhythm", "频次"),
            time: field("time", "时间"),
            target: field("target", "放在哪里"),
            recipients: field("recipients", "加密公钥"),
            keep_daily: field("keep_daily", "保留最近几天的"),
            keep_weekly: field("keep_weekly", "保留最近几周的"),
            keep_monthly: field("keep_monthly", "保留最近几个月的"),
        }
    }

    fn of(settings: &BackupSettings) -> Self {
        Self::with(|name| match name {
            "scheduled" if settings.scheduled => "on".into(),
            "scheduled" => String::new(),
            "rhythm" => settings
                .weekday
                .map_or("daily".into(), |day| day.to_string()),
            "time" => format!("{:02}:{:02}", settings.hour, settings.minute),
            "target" => settings.target.clone(),
            "recipients" => settings.recipients.join("\n"),
            "keep_daily" => settings.keep_daily.to_string(),
            "keep_weekly" => settings.keep_weekly.to_string(),
            _ => settings.keep_monthly.to_string(),
        })
    }

    fn all(&self) -> [&Field; 8] {
        [
            &self.scheduled,
            &self.rhythm,
            &self.time,
            &self.target,
            &self.recipients,
            &self.keep_daily,
            &self.keep_weekly,
            &self.keep_monthly,
        ]
    }

    fn read(&mut self, app: &App) -> Option<BackupSettings> {
        let rhythm = self.rhythm.check(rhythm);
        let time = self.time.check(time);
        let target = self.target.check(|raw| target(app, raw));
        let keys = self.recipients.check(keys);
        let keep_daily = self.keep_daily.check(count);
        let keep_weekly = self.keep_weekly.check(count);
        let keep_monthly = self.keep_monthly.check(count);
        let (hour, minute) = time?;
        Some(BackupSettings {
            scheduled: self.scheduled.value == "on",
            weekday: rhythm?,
            hour,
            minute,
            target: target?,
            recipients: keys?,
            keep_daily: keep_daily?,
            keep_weekly: keep_weekly?,
            keep_monthly: keep_monthly?,
        })
    }
}

fn rhythm(raw: &str) -> Result<Option<u8>, &'static str> {
    match raw {
        "daily" => Ok(None),
        day => match day.parse() {
            Ok(day @ 0..=6) => Ok(Some(day)),
            _ => Err("请选择。"),
        },
    }
}

fn time(raw: &str) -> Result<(u32, u32), &'static str> {
    let folded = text::fold(raw).replace('：', ":");
    let parsed = folded
        .split_once(':')
        .and_then(|(hour, minute)| Some((hour.parse().ok()?, minute.parse().ok()?)));
    match parsed {
        Some((hour @ 0..=23, minute @ 0..=59)) => Ok((hour, minute)),
        _ => Err("请填写时和分，如 02:30。"),
    }
}

fn target(app: &App, raw: &str) -> Result<String, String> {
    let target = text::required_line(raw, 300).map_err(|error| error.to_string())?;
    if target.starts_with("s3://") {
        target
            .parse::<Bucket>()
            .map_err(|error| format!("{error}。"))?;
        if app.config.s3.is_none() {
            return Err("服务器的配置中没有对象存储（s3.key_id 和 s3.secret）。".into());
        }
        return Ok(target.trim_end_matches('/').to_owned());
    }
    let path = std::path::Path::new(&target);
    if !path.is_absolute() || target.contains("..") {
        return Err("请填写服务器上以 / 开头的文件夹，或 s3://存储桶/前缀。".into());
    }
    target.parse::<Place>().map_err(|error| error.to_string())?;
    Ok(target)
}

fn keys(raw: &str) -> Result<Vec<String>, String> {
    let keys: Vec<String> = raw.split_whitespace().map(str::to_owned).collect();
    if keys.is_empty() {
        return Err("请至少填写一个公钥（age1…）。".into());
    }
    recipients(&keys).map_err(|error| error.to_string())?;
    Ok(keys)
}

fn count(raw: &str) -> Result<u32, &'static str> {
    let number = text::fold(raw).parse::<u32>().ok();
    number
        .filter(|n| *n <= 400)
        .ok_or("请填写 0 到 400 的整数。")
}

/// GET /settings/backup
pub async fn show(State(app): State<App>, shell: Shell) -> Result<Response, Fault> {
    let settings: BackupSettings = app.setting().await?;
    let page = Page {
        shell,
        f: Fields::of(&settings),
        errors: vec![],
    };
    Ok(page.into_response())
}

/// POST /settings/backup
pub async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut f = Fields::with(|name| posted.get(name).to_owned());
    let Some(after) = f.read(&app) else {
        let errors = form::errors(f.all());
        return Ok(Unprocessable(Page { shell, f, errors }).into_response());
    };
    let tx = app.db.begin().await?;
    let before: BackupSettings = settings::get(&tx).await?;
    settings::put(&tx, &after).await?;
    let entry = audit::Entry {
        action: "settings.backup",
        subject: SUBJECT,
        unit: unit::root(&tx).await?.map(|unit| unit.id),
        on_behalf_of: None,
        summary: "修改备份设置".into(),
        detail: serde_json::json!({ "before": before, "after": after }),
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    let said = if after.scheduled {
        "已保存。如果还没有备份，几分钟内会做第一次。"
    } else {
        "已保存。"
    };
    Ok(redirect("/operations", Flash::success(said)))
}
