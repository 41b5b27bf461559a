//! A publication's page: where it stands, what is left to do, and every attempt.

use super::{
    Approval, Approver, approval, emergency,
    rules::{Act, Publication, Reason, State},
    send,
    service::{self, Wrong},
    store,
};
use crate::{connector::Way, forwarding, ids::PublicationId, manuscript};
use askama::Template;
use askama_web::WebTemplate;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, PersonId, clock,
    form::{Errors, Field, Posted},
    web::Shell,
};
use zhendi_people::person;

/// What was typed, and what is wrong with it.
#[derive(Default)]
pub(super) struct Typed<'a> {
    pub posted: Option<&'a Posted>,
    pub wrongs: &'a [Wrong],
}

struct Attempt {
    tone: &'static str,
    icon: &'static str,
    title: &'static str,
    iso: String,
    at: String,
    detail: String,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "publication/show.html")]
pub(super) struct Page {
    shell: Shell,
    one: Publication,
    channel: String,
    /// The approval ran out, though nothing has said so of the publication yet.
    lapsed: bool,
    number: i32,
    frame: String,
    manuscript_visible: bool,
    /// What `forwarding` has to say of its manuscript, as HTML.
    forwardings: String,
    may_forward: bool,
    approval: Option<Approval>,
    approvers: Vec<String>,
    published_by: String,
    ordered_by: String,
    withdrawn_by: String,
    reviewed_by: String,
    attempts: Vec<Attempt>,
    proofs: Vec<store::proof::Model>,
    reasons: Vec<(&'static str, &'static str)>,
    may_publish: bool,
    may_withdraw: bool,
    may_review: bool,
    automatic: bool,
    f: Fields,
    errors: Errors,
}

struct Fields {
    at: Field,
    link: Field,
    screenshot: Field,
    reason: Field,
    note: Field,
    proof: Field,
    opinion: Field,
}

impl Fields {
    fn new(one: &Publication, typed: &Typed<'_>) -> Self {
        let field = |name: &'static str, label: &'static str| {
            let value = typed.posted.map_or("", |posted| posted.get(name));
            let error = typed.wrongs.iter().find(|(at, _)| *at == name);
            Field {
                error: error.map(|(_, words)| words.clone()),
                ..Field::new(name, label, value)
            }
        };
        let mut link = field("link", "发布链接");
        if typed.posted.is_none() {
            link.value = one.link.clone().unwrap_or_default();
        }
        Self {
            at: field("at", "发布时间"),
            link,
            screenshot: field("screenshot", "发布截图"),
            reason: field("reason", "撤稿原因"),
            note: field("note", "说明"),
            proof: field("proof", "撤稿截图"),
            opinion: field("opinion", "补审意见"),
        }
    }
}

impl Page {
    fn can(&self, act: Act) -> bool {
        self.one.state.after(act).is_ok()
    }

    fn show(&self, at: &chrono::DateTime<chrono::Utc>) -> String {
        clock::show(at)
    }

    fn failed(&self) -> bool {
        self.one.state == State::Failed
    }

    /// Whether a job has it: the page asks again by itself.
    fn is_busy(&self) -> bool {
        match self.one.state {
            State::Ordered => self.one.scheduled_at.is_none(),
            // What is tried again in minutes is not waited for.
            State::Sending => self.one.failures == 0,
            State::Withdrawing => self.one.way.removes() && !send::gave_up(&self.one),
            _ => false,
        }
    }

    fn is_sent(&self) -> bool {
        self.one.state == State::Sent
    }

    fn is_published(&self) -> bool {
        self.one.state == State::Published
    }
}

fn attempt(row: store::attempt::Model) -> Attempt {
    let publish = row.what == "publish";
    let (tone, icon, title) = match (row.outcome.as_str(), publish) {
        ("done", true) => ("success", "circle-check", "发布成功"),
        ("done", false) => ("success", "circle-check", "撤下成功"),
        ("found", _) => (
            "success",
            "circle-check",
            "找到上次已发布的文章，没有重复发布",
        ),
        ("accepted", _) => ("info", "send", "已送达平台"),
        ("failed", true) => ("danger", "alert-triangle", "发布失败"),
        ("failed", false) => ("danger", "alert-triangle", "撤下失败"),
        ("unknown", _) => ("warning", "alert-triangle", "执行中断"),
        _ => ("info", "clock", "正在进行"),
    };
    Attempt {
        tone,
        icon,
        title,
        iso: row.started_at.to_rfc3339(),
        at: clock::show(&row.started_at),
        detail: row.detail,
    }
}

/// The page of a publication that the actor may see.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub(super) async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: PublicationId,
    typed: Typed<'_>,
) -> Result<Page, Fault> {
    let (one, place) = service::open_for(app, actor, id).await?;
    let db = app.db.read();
    let approval = match one.approval {
        Some(id) => approval::find(db, id).await?,
        None => None,
    };
    let decided: Vec<Approver> = approval
        .as_ref()
        .map(|one| one.approvers.clone())
        .unwrap_or_default();
    let mut people: Vec<PersonId> = decided
        .iter()
        .flat_map(|one| std::iter::once(one.person).chain(one.on_behalf_of))
        .collect();
    people.extend(one.published_by);
    people.extend(one.ordered.iter().flat_map(|(by, _)| by.everyone()));
    people.extend(one.withdrawal.iter().flat_map(|one| one.by.everyone()));
    let reviewer = one.emergency.as_ref().and_then(|one| one.by);
    people.extend(reviewer.iter().flat_map(|by| by.everyone()));
    let names = person::names(db, people).await?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let party = |by: super::Party| match by.on_behalf_of {
        Some(other) => format!("{}（代{}）", name(by.person), name(other)),
        None => name(by.person),
    };
    let of = manuscript::load(db, one.manuscript).await?;
    let version = manuscript::version(db, one.content).await?;
    let manuscript_visible = manuscript::is_visible(db, actor, &of).await?;
    let writers = of.writers();
    let overseer = match actor.person() {
        Some(_) => service::overseer(app, actor, &one).await?,
        None => vec![],
    };
    let may_publish = actor.may(Permission::PublishContent, &place);
    let connection = crate::connector::way_of(db, one.channel).await?;
    let names_of_channels = manuscript::channel_names(app, db, &[one.channel]).await?;
    let ended = approval.as_ref().and_then(|one| one.expires_at);
    Ok(Page {
        lapsed: one.state.waits()
            && one.emergency.is_none()
            && one.state.after(Act::Lapse).is_ok()
            && ended.is_some_and(|end| end <= app.now()),
        channel: names_of_channels
            .get(&one.channel)
            .cloned()
            .unwrap_or_default(),
        number: version.number,
        frame: version.frame(),
        manuscript_visible,
        forwardings: forwarding::part(app, actor, one.manuscript).await?,
        may_forward: actor.may(Permission::ViewManuscripts, &place)
            || forwarding::may_forward(db, actor, &of).await?,
        approvers: decided
            .iter()
            .map(|one| {
                let by = super::Party {
                    person: one.person,
                    on_behalf_of: one.on_behalf_of,
                };
                format!("{} {}", level(one.level), party(by))
            })
            .collect(),
        approval,
        published_by: one.published_by.map(name).unwrap_or_default(),
        ordered_by: one.ordered.map(|(by, _)| party(by)).unwrap_or_default(),
        withdrawn_by: one
            .withdrawal
            .as_ref()
            .map(|one| party(one.by))
            .unwrap_or_default(),
        reviewed_by: reviewer.map(party).unwrap_or_default(),
        attempts: store::attempts(db, id)
            .await?
            .into_iter()
            .rev()
            .map(attempt)
            .collect(),
        proofs: store::proofs(db, id).await?,
        reasons: Reason::ALL
            .iter()
            .filter(|one| **one != Reason::Unapproved)
            .map(|one| (one.code(), one.label()))
            .collect(),
        may_withdraw: may_publish || !overseer.is_empty(),
        may_review: overseer
            .iter()
            .any(|(_, by)| one.may_review(*by, &writers).is_ok()),
        may_publish,
        automatic: connection != Way::Hand,
        f: Fields::new(&one, &typed),
        errors: typed
            .wrongs
            .iter()
            .map(|(at, words)| (*at, words.clone()))
            .collect(),
        shell,
        one,
    })
}

/// What people call a level.
fn level(level: u8) -> &'static str {
    match level {
        1 => "初审",
        2 => "复审",
        3 => "终审",
        _ => "分管领导",
    }
}

struct Row {
    one: Publication,
    channel: String,
    may_publish: bool,
}

/// What a manuscript's page shows of its publications.
#[derive(Template)]
#[template(path = "publication/part.html")]
struct Part {
    manuscript: crate::ids::ManuscriptId,
    rows: Vec<Row>,
    may_emergency: bool,
}

/// The part on a manuscript's page, as HTML: its publications with what can be done, and the way to an
/// emergency for those who are named. Empty when there is nothing of either.
///
/// # Errors
/// When the database fails.
pub async fn part(app: &App, actor: &Actor, of: &manuscript::Manuscript) -> Result<String, Fault> {
    let db = app.db.read();
    let all = store::of_manuscript(db, of.id).await?;
    let ids: Vec<ChannelId> = all.iter().map(|one| one.channel).collect();
    let names = manuscript::channel_names(app, db, &ids).await?;
    let mut rows = vec![];
    let over = |one: &Publication| matches!(one.state, State::Replaced | State::Lapsed);
    for one in all.into_iter().filter(|one| !over(one)) {
        let place = service::place_of(db, one.channel).await?;
        rows.push(Row {
            channel: names.get(&one.channel).cloned().unwrap_or_default(),
            may_publish: actor.may(Permission::PublishContent, &place),
            one,
        });
    }
    let waits_or_lives = |row: &Row| {
        let state = row.one.state;
        state.waits() || state.is_live() || matches!(state, State::Sending | State::Sent)
    };
    let may_emergency = !rows.iter().any(waits_or_lives)
        && emergency::may(app, actor, &of.content.channels).await?;
    if rows.is_empty() && !may_emergency {
        return Ok(String::new());
    }
    let part = Part {
        manuscript: of.id,
        rows,
        may_emergency,
    };
    part.render().map_err(Fault::internal)
}
