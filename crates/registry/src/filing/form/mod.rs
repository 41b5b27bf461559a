//! The form of a filing: annex 3's cells in its order, typed texts kept, rows for people added and removed
//! without script. A change begins with the channel's record and marks what differs from it.

mod page;
mod posted;

use super::{
    Filing,
    content::Wrong,
    drafting::{self, Draft},
    record::{self, Record},
    rules::{Kind, Unsuitable},
    service,
};
use crate::channel::Holder;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
pub(super) use page::choice;
use page::{About, page};
use posted::{Extra, posted_draft, small_button};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, FilingId,
    form::{Posted, Unprocessable},
    web::{Flash, Shell, redirect},
};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
    channel: String,
}

/// An empty form, or one filled with what is known of a channel.
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let kind = Kind::parse(&asked.kind).unwrap_or_default();
    let (draft, record) = match asked.channel.as_str() {
        "" if kind != Kind::Opening => return Err(Unsuitable::NoChannel.into()),
        "" => {
            let mut draft = Draft::default();
            draft.content.holder = Holder::Unit.code().into();
            (draft, None)
        }
        typed => {
            let id = typed.parse().map(ChannelId).map_err(|_| Fault::NotFound)?;
            let channel = drafting::channel_to_file(&app, &actor, kind, id).await?;
            let record = Record::of(app.db.read(), &app, &channel).await?;
            let draft = Draft {
                kind,
                unit: Some(record.unit),
                channel: Some(id),
                record: Some(record.version),
                content: record.content.clone(),
                contacts: record.contacts.clone(),
            };
            (draft, Some(record))
        }
    };
    let about = About {
        record: record.filter(|_| kind == Kind::Change),
        ..About::default()
    };
    Ok(page(&app, &actor, shell, &draft, about, &[])
        .await?
        .into_response())
}

/// The form of a draft, or of what was returned.
pub(super) async fn edit(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
) -> Result<Response, Fault> {
    let (filing, _) = service::open_for(&app, &actor, id).await?;
    filing.course.may_edit(service::person_of(&actor)?)?;
    Ok(kept_form(&app, &actor, shell, &filing, &[])
        .await?
        .into_response())
}

/// The form of a kept draft: a change is put upon the record as it stands now.
async fn kept_form(
    app: &App,
    actor: &Actor,
    shell: Shell,
    filing: &Filing,
    wrongs: &[Wrong],
) -> Result<page::FormPage, Fault> {
    let mut draft = Draft {
        kind: filing.kind,
        unit: Some(filing.unit),
        channel: filing.channel,
        record: None,
        content: filing.content.clone(),
        contacts: filing.contacts.clone(),
    };
    let record = record_of(app, filing).await?;
    if let (Some(record), Some(base)) = (&record, &filing.base) {
        let said = record::merged(base, &filing.said(), record);
        draft.content = said.content;
        draft.contacts = said.contacts;
        draft.record = Some(record.version);
    }
    let about = About {
        filing: Some(filing),
        record,
        ..About::default()
    };
    page(app, actor, shell, &draft, about, wrongs).await
}

/// The present record of the channel that a change is about.
async fn record_of(app: &App, filing: &Filing) -> Result<Option<Record>, Fault> {
    match filing.channel.filter(|_| filing.kind == Kind::Change) {
        Some(channel) => Ok(Some(drafting::current(app, channel).await?)),
        None => Ok(None),
    }
}

/// The form of a saved draft with what keeps it from being handed in.
pub(super) async fn incomplete(
    app: &App,
    actor: &Actor,
    shell: Shell,
    filing: &Filing,
    wrongs: &[Wrong],
) -> Result<Response, Fault> {
    let form = kept_form(app, actor, shell, filing, wrongs).await?;
    Ok(Unprocessable(form).into_response())
}

/// A new draft: kept, or kept and handed in.
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut draft = posted_draft(&posted);
    let extra = small_button(&posted, &mut draft);
    let wrongs = if extra.is_some() {
        vec![]
    } else {
        match drafting::begin(&app, &actor, draft.clone()).await? {
            Ok(filing) => return kept(&app, &actor, shell, &posted, &filing).await,
            Err(wrongs) => wrongs,
        }
    };
    // A channel that may not be filed is refused here too; what is shown the actor may see.
    let record = match draft.channel {
        Some(id) => {
            let channel = drafting::channel_to_file(&app, &actor, draft.kind, id).await?;
            Some(Record::of(app.db.read(), &app, &channel).await?)
        }
        None if draft.kind != Kind::Opening => return Err(Unsuitable::NoChannel.into()),
        None => None,
    };
    again(
        &app,
        &actor,
        shell,
        &posted,
        draft,
        (None, record),
        extra,
        wrongs,
    )
    .await
}

/// A draft written anew: kept, or kept and handed in.
pub(super) async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let (mut filing, _) = service::open_for(&app, &actor, id).await?;
    filing.course.may_edit(service::person_of(&actor)?)?;
    let mut draft = posted_draft(&posted);
    draft.kind = filing.kind;
    draft.channel = filing.channel;
    // The form goes on from the version it was made for, so that an overtaken one is found out.
    filing.version = posted.get("version").parse().unwrap_or(0);
    let extra = small_button(&posted, &mut draft);
    let wrongs = if extra.is_some() {
        vec![]
    } else {
        match drafting::edit(&app, &actor, id, filing.version, draft.clone()).await? {
            Ok(filing) => return kept(&app, &actor, shell, &posted, &filing).await,
            Err(wrongs) => wrongs,
        }
    };
    let record = record_of(&app, &filing).await?;
    let about = (Some(&filing), record);
    again(&app, &actor, shell, &posted, draft, about, extra, wrongs).await
}

/// The form once more: with a row more or less, or with what is wrong.
#[expect(
    clippy::too_many_arguments,
    reason = "one call for both ways to the form"
)]
async fn again(
    app: &App,
    actor: &Actor,
    shell: Shell,
    posted: &Posted,
    mut draft: Draft,
    (filing, record): (Option<&Filing>, Option<Record>),
    extra: Option<Extra>,
    mut wrongs: Vec<Wrong>,
) -> Result<Response, Fault> {
    // Who wants to hand in is told everything at once.
    if extra.is_none() && posted.get("action") == "submit" {
        for one in super::complete::lacking(app, &draft).await? {
            if !wrongs.iter().any(|known| known.field == one.field) {
                wrongs.push(one);
            }
        }
    }
    if let Some(record) = &record {
        draft.unit = Some(record.unit);
        if extra.is_none() {
            draft.record = Some(record.version);
        }
    }
    let about = About {
        filing,
        record: record.filter(|_| draft.kind == Kind::Change),
        extra: extra.unwrap_or_default(),
    };
    let form = page(app, actor, shell, &draft, about, &wrongs).await?;
    if extra.is_some() {
        return Ok(form.into_response());
    }
    Ok(Unprocessable(form).into_response())
}

async fn kept(
    app: &App,
    actor: &Actor,
    shell: Shell,
    posted: &Posted,
    filing: &Filing,
) -> Result<Response, Fault> {
    if posted.get("action") != "submit" {
        let flash = Flash::success("草稿已保存，可随时回来修改；填写完整后请提交。");
        return Ok(redirect(filing.href(), flash));
    }
    match drafting::submit(app, actor, filing.id, filing.version).await {
        Ok(Ok(after)) => Ok(redirect(
            after.href(),
            Flash::success("备案已提交，现在由单位负责人签署。"),
        )),
        Ok(Err(wrongs)) => incomplete(app, actor, shell, filing, &wrongs).await,
        // What was typed is kept; what stands in the way is not on the form.
        Err(Fault::Refused(why)) => {
            let text = format!("已存为草稿，但没有提交：{why}");
            Ok(redirect(filing.href(), Flash::warning(text)))
        }
        Err(fault) => Err(fault),
    }
}
