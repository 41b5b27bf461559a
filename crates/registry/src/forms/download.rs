//! Files of forms for browsers and programs.

use super::{
    background,
    gather::{Gathered, Printer, gather},
    prints,
    reader::Reader,
    render::{render, waited_for, write},
    subject::{Annex, Format, Reach, Subject, file_name},
};
use crate::{channel::store, export::Progress, filing};
use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{Uri, header},
    response::{IntoResponse, Response},
};
use chrono::Datelike;
use futures::stream;
use serde::{Deserialize, Serialize};
use std::{fs::File, io::Read};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, FilingId, Permission, UnitId, scope,
    web::{Flash, redirect},
};

/// What a form of many is asked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Id of a unit; without one, everything that the caller may see.
    pub unit: String,
    /// `1`: only the unit's own, without those of the units below it.
    pub own: String,
    /// Annex 4: the year; without one, this year.
    pub year: String,
}

impl Asked {
    /// Whose channels.
    ///
    /// # Errors
    /// `Fault::NotFound` for what is no unit.
    pub fn reach(&self) -> Result<Reach, Fault> {
        let unit = match self.unit.as_str() {
            "" => None,
            typed => Some(UnitId(typed.parse().map_err(|_| Fault::NotFound)?)),
        };
        Ok(Reach {
            unit,
            own: unit.is_some() && self.own == "1",
        })
    }

    /// The year of annex 4.
    pub fn year(&self, app: &App) -> i32 {
        let typed = self.year.parse().ok();
        typed
            .filter(|year| (1990..=2200).contains(year))
            .unwrap_or_else(|| this_year(app))
    }

    /// The form of an annex of many.
    ///
    /// # Errors
    /// `Fault::NotFound` for annex 3, and for what is no unit.
    pub fn subject(&self, app: &App, annex: Annex) -> Result<Subject, Fault> {
        Ok(match annex {
            Annex::One => Subject::Accounts(self.reach()?),
            Annex::Two => Subject::Summary(self.reach()?),
            Annex::Three => return Err(Fault::NotFound),
            Annex::Four => Subject::Year(self.reach()?, self.year(app)),
        })
    }
}

/// The year that it is where the institution is.
pub fn this_year(app: &App) -> i32 {
    app.clock.today().year()
}

/// Whether an actor may have a form at all. What lists hold is a matter of the query.
///
/// # Errors
/// `Fault::NotFound` for what they may not see.
pub async fn allow(app: &App, actor: &Actor, subject: Subject) -> Result<(), Fault> {
    let db = app.db.read();
    match subject {
        Subject::Accounts(reach) | Subject::Summary(reach) => match reach.unit {
            Some(unit) => {
                actor.require_sight(Permission::ViewChannels, &scope::place(db, unit).await?)
            }
            None => Ok(()),
        },
        Subject::Year(reach, _) => match reach.unit {
            Some(unit) => {
                actor.require_sight(Permission::ViewFilings, &scope::place(db, unit).await?)
            }
            None => Ok(()),
        },
        Subject::Channel(id) => {
            let channel = store::get(db, id).await?;
            actor.require_sight(Permission::ViewChannels, &channel.place(db).await?)
        }
        Subject::Filing(id) => filing::open_for(app, actor, id).await.map(|_| ()),
    }
}

/// Gathers, makes and records a form: whatever leaves the house is on record before it leaves.
///
/// # Errors
/// What the actor may not see, what cannot be made; when the database or the disk fails, or nobody waits for
/// it any more.
pub async fn produce(
    app: &App,
    actor: &Actor,
    subject: Subject,
    format: Format,
    progress: Progress,
) -> Result<(Gathered, File), Fault> {
    let (reader, gathered) = read(app, actor, subject, u64::MAX).await?;
    let (gathered, file) = write(app, gathered, format, progress).await?;
    recorded(app, actor, &reader, gathered, format, file).await
}

async fn read(
    app: &App,
    actor: &Actor,
    subject: Subject,
    most: u64,
) -> Result<(Reader, Gathered), Fault> {
    allow(app, actor, subject).await?;
    let reader = Reader::of(actor);
    let printer = Printer::of(app, actor).await?;
    let gathered = gather(app, actor, &reader, &printer, subject, most).await?;
    Ok((reader, gathered))
}

async fn recorded(
    app: &App,
    actor: &Actor,
    reader: &Reader,
    gathered: Gathered,
    format: Format,
    file: File,
) -> Result<(Gathered, File), Fault> {
    let tx = app.db.begin().await?;
    prints::record(&tx, app, actor, reader, &gathered, format).await?;
    tx.commit().await?;
    Ok((gathered, file))
}

/// The form as an answer; none when it is longer than anyone waits for.
async fn answer(
    app: &App,
    actor: &Actor,
    subject: Subject,
    format: Format,
) -> Result<Option<Response>, Fault> {
    let most = waited_for(format);
    let (reader, gathered) = read(app, actor, subject, most + 1).await?;
    if gathered.rows > most {
        return Ok(None);
    }
    let (gathered, file) = render(app, gathered, format).await?;
    let (gathered, file) = recorded(app, actor, &reader, gathered, format, file).await?;
    let name = file_name(subject.annex(), &gathered.named, format.extension());
    attachment(file, &name, format.media_type()).map(Some)
}

/// A file as an answer that a browser saves under a name, read while it is sent.
///
/// # Errors
/// When the disk fails.
pub fn attachment(file: File, name: &str, media_type: &'static str) -> Result<Response, Fault> {
    let length = file.metadata()?.len();
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes())
        .collect::<String>()
        .replace('+', "%20");
    let plain = name.rsplit('.').next().unwrap_or("bin");
    let parts = stream::try_unfold(file, |mut file| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut part = vec![0; 64 * 1024];
            let read = file.read(&mut part)?;
            part.truncate(read);
            Ok::<_, std::io::Error>((part, file))
        });
        let (part, file) = read.await.map_err(std::io::Error::other)??;
        Ok::<_, std::io::Error>((!part.is_empty()).then_some((part, file)))
    });
    Ok((
        [
            (header::CONTENT_TYPE, media_type.to_owned()),
            (header::CONTENT_LENGTH, length.to_string()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"form.{plain}\"; filename*=UTF-8''{encoded}"),
            ),
        ],
        Body::from_stream(parts),
    )
        .into_response())
}

/// GET /forms/{file}: a form of many, `annex-1.xlsx`; a long one is made in the background.
pub async fn of_many(
    State(app): State<App>,
    actor: Actor,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let (annex, format) = named(&file).ok_or(Fault::NotFound)?;
    if let Some(answer) = answer(&app, &actor, asked.subject(&app, annex)?, format).await? {
        return Ok(answer);
    }
    background::start(&app, &actor, file, annex, asked).await?;
    let words = "内容较多，正在后台生成；完成后会通知您。";
    Ok(redirect("/exports", Flash::success(words)))
}

/// A form as a file: `annex-1.xlsx`, `annex-2.pdf`, `annex-4.xls`
#[utoipa::path(
    get, path = "/api/v1/forms/{file}", tag = "forms", operation_id = "download_form",
    params(("file" = String, Path, description = "annex-1, annex-2 or annex-4 with .xls, .xlsx or .pdf"), Asked),
    responses(
        (status = 200, content_type = "application/octet-stream"),
        (status = 401), (status = 403), (status = 404), (status = 409)
    )
)]
pub async fn for_programs(
    State(app): State<App>,
    actor: Actor,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let (annex, format) = named(&file).ok_or(Fault::NotFound)?;
    let answer = answer(&app, &actor, asked.subject(&app, annex)?, format).await?;
    answer.ok_or_else(|| {
        let most = waited_for(format);
        Fault::Refused(format!(
            "超过 {most} 行，请按单位分别导出，或在网页上导出。"
        ))
    })
}

/// Annex and format of a file's name.
pub fn named(file: &str) -> Option<(Annex, Format)> {
    let (number, extension) = file.strip_prefix("annex-")?.split_once('.')?;
    Some((Annex::parse(number)?, Format::parse(extension)?))
}

/// GET /channels/{id}/form.pdf and its sisters.
pub async fn of_channel(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ChannelId>,
    uri: Uri,
) -> Result<Response, Fault> {
    one(&app, &actor, Subject::Channel(id), &uri).await
}

/// GET /filings/{id}/form.pdf and its sisters.
pub async fn of_filing(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    uri: Uri,
) -> Result<Response, Fault> {
    one(&app, &actor, Subject::Filing(id), &uri).await
}

async fn one(app: &App, actor: &Actor, subject: Subject, uri: &Uri) -> Result<Response, Fault> {
    // One row is never too long.
    answer(app, actor, subject, format_of(uri)?)
        .await?
        .ok_or(Fault::NotFound)
}

fn format_of(uri: &Uri) -> Result<Format, Fault> {
    let (_, extension) = uri.path().rsplit_once('.').ok_or(Fault::NotFound)?;
    Format::parse(extension).ok_or(Fault::NotFound)
}
