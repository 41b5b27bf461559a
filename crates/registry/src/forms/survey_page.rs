//! The page of the survey's data.

use super::survey::Survey;
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, Permission, audit,
    form::{self, Errors, Field, Posted, Unprocessable},
    settings, text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::{person, unit};

#[derive(Template, WebTemplate)]
#[template(path = "forms/survey.html")]
struct Page {
    shell: Shell,
    f: Fields,
    errors: Errors,
    sentence: String,
}

impl Page {
    fn totals(&self) -> [(&'static str, &'static str); 2] {
        [("all", "网站 + 新媒体"), ("media", "只计新媒体")]
    }
}

struct Fields {
    deadline: Field,
    mailbox: Field,
    room: Field,
    subject: Field,
    filled_by: Field,
    phone: Field,
    total: Field,
}

impl Fields {
    fn with(value: impl Fn(&str) -> String) -> Self {
        let field = |name: &'static str, label: &'static str| Field::new(name, label, value(name));
        Self {
            deadline: field("deadline", "报送时间"),
            mailbox: field("mailbox", "报送邮箱"),
            room: field("room", "纸质版送达地点"),
            subject: field("subject", "邮件标题和文件命名规则"),
            filled_by: field("filled_by", "填表人"),
            phone: field("phone", "电话"),
            total: field("total", "附件2的合计"),
        }
    }

    fn of(survey: &Survey) -> Self {
        Self::with(|name| match name {
            "deadline" => survey.deadline.clone(),
            "mailbox" => survey.mailbox.clone(),
            "room" => survey.room.clone(),
            "subject" => survey.subject.clone(),
            "filled_by" => survey.filled_by.clone(),
            "phone" => survey.phone.clone(),
            _ if survey.total_with_websites => "all".into(),
            _ => "media".into(),
        })
    }

    fn all(&self) -> [&Field; 7] {
        [
            &self.deadline,
            &self.mailbox,
            &self.room,
            &self.subject,
            &self.filled_by,
            &self.phone,
            &self.total,
        ]
    }

    fn read(&mut self) -> Option<Survey> {
        let line = |raw: &str| text::line(raw, 100);
        let needed = |raw: &str| text::required_line(raw, 100);
        let deadline = self.deadline.check(line);
        let mailbox = self.mailbox.check(needed);
        let room = self.room.check(needed);
        let subject = self.subject.check(needed);
        let filled_by = self.filled_by.check(line);
        let phone = self.phone.check(person::phone);
        let total = self.total.check(|raw| match raw {
            "all" => Ok(true),
            "media" => Ok(false),
            _ => Err("请选择。"),
        });
        Some(Survey {
            deadline: deadline?,
            mailbox: mailbox?,
            room: room?,
            subject: subject?,
            filled_by: filled_by?,
            phone: phone?.unwrap_or_default(),
            total_with_websites: total?,
        })
    }
}

/// The survey is the whole institution's.
fn require_keeper(actor: &Actor) -> Result<(), Fault> {
    if actor.may_everywhere(Permission::ManageRegistry) {
        Ok(())
    } else {
        Err(Fault::Forbidden("填报设置由宣传部统一维护。".into()))
    }
}

/// GET /settings/survey
pub async fn show(State(app): State<App>, actor: Actor, shell: Shell) -> Result<Response, Fault> {
    require_keeper(&actor)?;
    let survey: Survey = app.setting().await?;
    Ok(Page {
        shell,
        f: Fields::of(&survey),
        errors: vec![],
        sentence: survey.delivery().0,
    }
    .into_response())
}

/// POST /settings/survey
pub async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    require_keeper(&actor)?;
    let mut f = Fields::with(|name| posted.get(name).to_owned());
    let Some(after) = f.read() else {
        let errors = form::errors(f.all());
        let before: Survey = app.setting().await?;
        return Ok(Unprocessable(Page {
            shell,
            f,
            errors,
            sentence: before.delivery().0,
        })
        .into_response());
    };
    let tx = app.db.begin().await?;
    let before: Survey = settings::get(&tx).await?;
    settings::put(&tx, &after).await?;
    let entry = audit::Entry {
        action: "settings.survey",
        subject: ("setting", 0),
        unit: unit::root(&tx).await?.map(|unit| unit.id),
        on_behalf_of: None,
        summary: "修改填报设置".into(),
        detail: serde_json::json!({ "before": before, "after": after }),
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    Ok(redirect(
        "/settings/survey",
        Flash::success("已保存，对以后导出的表格生效。"),
    ))
}
