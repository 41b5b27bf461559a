//! The institution's limits of passwords, failures and sessions.

use super::super::settings::AccountSettings;
use crate::unit;
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, audit,
    form::{Errors, Field, Posted, Unprocessable, errors},
    settings,
    web::{Flash, Shell, redirect},
};

#[derive(Template, WebTemplate)]
#[template(path = "account/pages/limits.html")]
struct Page {
    shell: Shell,
    fields: Vec<(Field, String)>,
    errors: Errors,
}

/// One limit: its field, what it may be, and where it lies in the settings.
struct Limit {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    /// The least and the most. A password policy below the Rule's (9(2).2: 8 characters) is none.
    range: (u32, u32),
    place: fn(&mut AccountSettings) -> &mut u32,
}

const LIMITS: [Limit; 10] = [
    Limit {
        name: "min_length",
        label: "密码最少字符数",
        hint: "办法要求不少于 8 个",
        range: (8, 64),
        place: |to| &mut to.min_length,
    },
    Limit {
        name: "max_age_days",
        label: "密码使用期限（天）",
        hint: "到期前 7 天提醒；填 0 为不限期",
        range: (0, 3650),
        place: |to| &mut to.max_age_days,
    },
    Limit {
        name: "failures",
        label: "连续输错几次后锁定账号",
        hint: "",
        range: (3, 20),
        place: |to| &mut to.failures,
    },
    Limit {
        name: "lock_seconds",
        label: "首次锁定时间（秒）",
        hint: "再次锁定时加倍",
        range: (60, 86_400),
        place: |to| &mut to.lock_seconds,
    },
    Limit {
        name: "address_failures",
        label: "同一网络地址在首次锁定时间内最多输错几次",
        hint: "全校可能共用一个出口地址，不宜过少",
        range: (10, 10_000),
        place: |to| &mut to.address_failures,
    },
    Limit {
        name: "idle_minutes",
        label: "无操作自动退出（分钟）",
        hint: "等级保护指南常用 10 分钟",
        range: (5, 480),
        place: |to| &mut to.idle_minutes,
    },
    Limit {
        name: "session_hours",
        label: "登录最长保持（小时）",
        hint: "",
        range: (1, 168),
        place: |to| &mut to.session_hours,
    },
    Limit {
        name: "sessions_per_person",
        label: "每人最多同时登录的设备",
        hint: "",
        range: (1, 50),
        place: |to| &mut to.sessions_per_person,
    },
    Limit {
        name: "code_hours",
        label: "一次性登录码有效时间（小时）",
        hint: "",
        range: (1, 720),
        place: |to| &mut to.code_hours,
    },
    Limit {
        name: "record_days",
        label: "登录记录保存（天）",
        hint: "网络安全法要求不少于六个月",
        range: (184, 3650),
        place: |to| &mut to.record_days,
    },
];

fn page(shell: Shell, value: impl Fn(&Limit) -> String) -> Page {
    let fields = LIMITS.iter().map(|limit| {
        let (least, most) = limit.range;
        let hint = match limit.hint {
            "" => format!("{least} 到 {most}"),
            hint => format!("{least} 到 {most}；{hint}"),
        };
        (Field::new(limit.name, limit.label, value(limit)), hint)
    });
    Page {
        fields: fields.collect(),
        shell,
        errors: vec![],
    }
}

/// The form.
pub async fn show(State(app): State<App>, shell: Shell) -> Result<Response, Fault> {
    let now: AccountSettings = app.setting().await?;
    let page = page(shell, |limit| (limit.place)(&mut now.clone()).to_string());
    Ok(page.into_response())
}

/// Changes the limits, from the next request on.
pub async fn change(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    form: Posted,
) -> Result<Response, Fault> {
    let mut page = page(shell, |limit| form.get(limit.name).to_owned());
    let mut after = AccountSettings::default();
    for (limit, (field, _)) in LIMITS.iter().zip(&mut page.fields) {
        let (least, most) = limit.range;
        let number = field.check(|raw| {
            let number = raw.trim().parse().ok();
            number
                .filter(|number| (least..=most).contains(number))
                .ok_or_else(|| format!("请填写 {least} 到 {most} 之间的整数。"))
        });
        if let Some(number) = number {
            *(limit.place)(&mut after) = number;
        }
    }
    page.errors = errors(page.fields.iter().map(|(field, _)| field));
    if !page.errors.is_empty() {
        return Ok(Unprocessable(page).into_response());
    }
    let tx = app.db.begin().await?;
    let before: AccountSettings = settings::get(&tx).await?;
    settings::put(&tx, &after).await?;
    let entry = audit::Entry {
        action: "account.settings_changed",
        subject: ("setting", 0),
        unit: unit::root(&tx).await?.map(|unit| unit.id),
        on_behalf_of: None,
        summary: "修改登录与密码设置".into(),
        detail: serde_json::json!({ "before": before, "after": after }),
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    Ok(redirect(
        "/settings/accounts",
        Flash::success("已保存，立即生效。"),
    ))
}
