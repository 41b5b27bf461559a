//! One channel: its states, what is to be done next, its facts, people and history.

use super::{
    Channel, FilingState, WebKind, acts, recheck, rules,
    store::{self, KIND},
};
use crate::{filing, platform};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::NaiveDate;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, Place, Role, audit, clock,
    form::{self, Errors, Field, Unprocessable},
    settings::Institution,
    text,
    web::Shell,
    work,
};
use zhendi_people::{person, unit};

/// A person's part in the channel.
struct Part {
    duty: &'static str,
    name: String,
    post: String,
    unit: String,
    phone: String,
}

/// Who has something to do about the channel, until when.
struct Waiting {
    title: String,
    href: String,
    whose: String,
    due: Option<(String, String)>,
    overdue: bool,
}

/// A filing of it.
struct Filed {
    href: String,
    title: String,
    stage: &'static str,
    at: String,
}

/// A line of its history.
struct Told {
    summary: String,
    who: String,
    iso: String,
    at: String,
}

/// The small forms on the page, as they were typed.
pub(super) struct Forms {
    /// Why it is paused, or runs again.
    pub reason: Field,
    /// On which day it opened.
    pub opened_on: Field,
    /// What changed.
    pub change: Field,
    /// On which day it changed.
    pub changed_on: Field,
}

impl Default for Forms {
    fn default() -> Self {
        Self {
            reason: Field::empty("reason", "原因"),
            opened_on: Field::empty("opened_on", "开通日期"),
            change: Field::empty("what", "变化内容"),
            changed_on: Field::empty("changed_on", "变化日期"),
        }
    }
}

impl Forms {
    fn errors(&self) -> Errors {
        form::errors([
            &self.reason,
            &self.opened_on,
            &self.change,
            &self.changed_on,
        ])
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "channel/show.html")]
struct Show {
    shell: Shell,
    channel: Channel,
    unit: String,
    platform: String,
    platform_id_label: &'static str,
    parts: Vec<Part>,
    waiting: Vec<Waiting>,
    filings: Vec<Filed>,
    findings: Vec<rules::NameFinding>,
    siblings: Vec<(ChannelId, String)>,
    told: Vec<Told>,
    overdue: bool,
    may_file: bool,
    may_edit: bool,
    may_connect: bool,
    may_grant: bool,
    may_suspend: bool,
    may_resume: bool,
    may_keep: bool,
    may_draft: bool,
    may_vouch: bool,
    /// Year and last day of an open re-check.
    recheck: Option<(i32, NaiveDate)>,
    /// Labels and values of a site's or an app's facts.
    web: Vec<(&'static str, String)>,
    is_app: bool,
    /// Records that were merged into this one: number, name.
    merged: Vec<(ChannelId, String)>,
    f: Forms,
    errors: Errors,
    updated: String,
}

impl Show {
    fn link(&self) -> Option<&str> {
        let address = self.channel.facts.address_or_id.as_str();
        (address.starts_with("http://") || address.starts_with("https://")).then_some(address)
    }

    fn yes_no(&self, value: &Option<bool>) -> &'static str {
        match value {
            Some(true) => "是",
            Some(false) => "否",
            None => "",
        }
    }

    fn lead(&self) -> String {
        format!("{} · {}", self.unit, self.platform)
    }

    fn tone(&self) -> &'static str {
        if self.overdue { "danger" } else { "warning" }
    }

    fn followers(&self) -> String {
        let count = self.channel.facts.followers;
        count.map(|n| n.to_string()).unwrap_or_default()
    }

    fn opened_on(&self) -> String {
        let date = self.channel.facts.opened_on;
        date.map(|date| date.to_string()).unwrap_or_default()
    }

    fn file_by(&self) -> String {
        self.channel
            .file_by
            .map(|day| day.to_string())
            .unwrap_or_default()
    }

    fn web_is_blank(&self) -> bool {
        self.web.iter().all(|(_, value)| value.is_empty())
    }

    fn is_filed(&self) -> bool {
        self.channel.filing == FilingState::Filed
    }

    fn is_unfiled(&self) -> bool {
        self.channel.filing == FilingState::Unfiled
    }
}

/// A channel that the actor may see, with its place.
pub(super) async fn seen(
    app: &App,
    actor: &Actor,
    id: ChannelId,
) -> Result<(Channel, Place), Fault> {
    let channel = store::get(app.db.read(), id).await?;
    let place = channel.place(app.db.read()).await?;
    actor.require_sight(Permission::ViewChannels, &place)?;
    Ok((channel, place))
}

/// The keepers of the registry and the head of its unit pause a channel (R-ORG-6, R-REG-3).
pub(super) fn may_pause(actor: &Actor, place: &Place) -> bool {
    actor.may(Permission::ManageRegistry, place) || !actor.holding(Role::UnitHead, place).is_empty()
}

/// Those who keep the facts: the registry's keepers, and who imports the unit's sheets.
pub(super) fn may_correct(actor: &Actor, place: &Place) -> bool {
    actor.may(Permission::ManageRegistry, place) || actor.may(Permission::ImportChannels, place)
}

/// GET /channels/{id}
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ChannelId>,
) -> Result<Response, Fault> {
    let (channel, place) = seen(&app, &actor, id).await?;
    if let Some(into) = channel.merged_into {
        return Ok(Redirect::to(&format!("/channels/{into}#history")).into_response());
    }
    Ok(page(&app, &actor, shell, channel, &place, Forms::default())
        .await?
        .into_response())
}

/// The page again, with what is wrong with one of its forms.
pub(super) async fn refused(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: ChannelId,
    f: Forms,
) -> Result<Response, Fault> {
    let (channel, place) = seen(app, actor, id).await?;
    let page = page(app, actor, shell, channel, &place, f).await?;
    Ok(Unprocessable(page).into_response())
}

async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    channel: Channel,
    place: &Place,
    f: Forms,
) -> Result<Show, Fault> {
    let db = app.db.read();
    let now = app.now();
    let facts = &channel.facts;
    let platforms = platform::load(db).await?;
    let on = platforms.get(&facts.platform);
    let its_unit = unit::find(db, facts.unit).await?;
    let institution: Institution = app.setting().await?;
    let settings: crate::settings::Registry = app.setting().await?;
    let unit_name = its_unit.as_ref().map_or("", |unit| unit.name.as_str());
    let short_name = its_unit
        .as_ref()
        .map_or("", |unit| unit.short_name.as_str());
    let siblings = store::on_platform(db, facts.unit, &facts.platform).await?;
    let merged = store::merged_into(db, channel.id).await?;
    let mut told = audit::history(db, KIND, channel.id.0).await?;
    for one in &merged {
        told.extend(audit::history(db, KIND, one.id.0).await?);
    }
    told.sort_by_key(|line| line.seq);
    let kind = on.and_then(WebKind::of);
    let web: Vec<(&'static str, String)> = kind
        .map_or(&[][..], WebKind::cells)
        .iter()
        .map(|cell| (cell.label, facts.web.shown(cell)))
        .collect();
    let waiting = work::of_subject(db, now, (KIND, channel.id.0)).await?;
    let filings = filing::of_channel(db, actor, channel.id, now).await?;
    let reveal = actor.may(Permission::ViewPeople, place);
    Ok(Show {
        platform: platforms.name(&facts.platform).to_owned(),
        platform_id_label: on.map_or("账号 ID（网址）", |on| on.named_by.label()),
        unit: unit_name.to_owned(),
        parts: parts(app, &channel, reveal).await?,
        // That it waits to be filed is said above all else already.
        waiting: waiting
            .into_iter()
            .filter(|item| !matches!(item.kind.as_str(), acts::CATCH_UP | recheck::WORK))
            .map(waits)
            .collect(),
        filings: filings.into_iter().map(filed).collect(),
        findings: rules::name_findings(
            &facts.name,
            &[unit_name, short_name, &institution.name],
            &settings.misleading_words,
        ),
        siblings: siblings
            .into_iter()
            .filter(|other| other.id != channel.id)
            .filter(|other| actor.may(Permission::ViewChannels, &place.clone().on(Some(other.id))))
            .map(|other| (other.id, other.facts.name))
            .collect(),
        told: told
            .into_iter()
            .rev()
            .map(|line| Told {
                summary: line.summary,
                who: line.actor,
                iso: clock::local(line.at).to_rfc3339(),
                at: clock::show(&line.at),
            })
            .collect(),
        overdue: channel.is_overdue(app.clock.today()),
        may_file: channel.clone().begin_filing().is_ok()
            && actor.may(Permission::DraftFilings, place),
        may_edit: may_correct(actor, place) && !channel.filing.is_over(),
        may_connect: actor.may(Permission::ManageConnections, place) && !channel.filing.is_over(),
        may_grant: actor.may(Permission::GrantRoles, place) && !channel.filing.is_over(),
        may_suspend: may_pause(actor, place) && channel.clone().suspend().is_ok(),
        may_resume: may_pause(actor, place) && channel.clone().resume().is_ok(),
        may_keep: actor.may(Permission::ManageRegistry, place) && !channel.filing.is_over(),
        may_draft: actor.may(Permission::DraftFilings, place),
        may_vouch: recheck::may_vouch(actor, place),
        recheck: recheck::open_of(db, channel.id).await?,
        is_app: kind == Some(WebKind::App),
        web,
        merged: merged
            .into_iter()
            .map(|one| (one.id, one.facts.name))
            .collect(),
        errors: f.errors(),
        f,
        updated: clock::show(&channel.updated_at),
        channel,
        shell,
    })
}

fn filed(line: filing::Line) -> Filed {
    Filed {
        href: format!("/filings/{}", line.id),
        title: line.document_number.unwrap_or_else(|| "备案申请".into()),
        stage: line.stage.label(),
        at: clock::show(&line.updated_at),
    }
}

fn waits(item: work::Item) -> Waiting {
    Waiting {
        whose: item
            .role
            .map_or_else(|| "指定人员".to_owned(), |role| role.label().to_owned()),
        due: item
            .due
            .map(|due| (clock::local(due).to_rfc3339(), clock::show(&due))),
        overdue: item.overdue,
        title: item.title,
        href: item.href,
    }
}

async fn parts(app: &App, channel: &Channel, reveal: bool) -> Result<Vec<Part>, Fault> {
    let people = &channel.people;
    let cards = person::cards(app.db.read(), app, &people.all()).await?;
    let leader = people.leader.iter().map(|id| ("主管领导", id));
    let reviewers = people.reviewers.iter().map(|id| ("审核人", id));
    let operators = people.operators.iter().enumerate();
    let operators = operators.map(|(at, id)| {
        (
            if at == 0 {
                "运维负责人"
            } else {
                "运维人员"
            },
            id,
        )
    });
    Ok(leader
        .chain(reviewers)
        .chain(operators)
        .filter_map(|(duty, id)| {
            let card = cards.get(id)?;
            Some(Part {
                duty,
                name: card.name.clone(),
                post: card.post.clone(),
                unit: card.unit_name.clone(),
                phone: if reveal {
                    card.phone.clone()
                } else {
                    text::mask_phone(&card.phone)
                },
            })
        })
        .collect())
}
