//! Files of forms for browsers and programs.

use super::{
    gather::{Gathered, Printer, gather},
    prints, reader::Reader,
    render::render,
    subject::{Annex, Format, Reach, Subject, file_name},
};
use crate::{channel::store, filing};
use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{Uri, header},
    response::{IntoResponse, Response},
};
use chrono::Datelike;
use futures::stream;
use serde::Deserialize;
use std::{fs::File, io::Read};
use zhendi_kernel::{Actor, App, ChannelId, Fault, FilingId, Permission, UnitId, scope};

/// What a form of many is asked for.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
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
/// What the actor may not see, what cannot be made; when the database or the disk fails.
pub async fn produce(
    app: &App,
    actor: &Actor,
    subject: Subject,
    format: Format,
) -> Result<(Gathered, File), Fault> {
    allow(app, actor, subject).await?;
    let reader = Reader::of(actor);
    let printer = Printer::of(app, actor).await?;
    let gathered = gather(app, actor, &reader, &printer, subject, u64::MAX).await?;
    let (gathered, file) = render(app, gathered, format).await?;
    let tx = app.db.begin().await?;
    prints::record(&tx, app, actor, &reader, &gathered, format).await?;
    tx.commit().await?;
    Ok((gathered, file))
}

async fn answer(
    app: &App,
    actor: &Actor,
    subject: Subject,
    format: Format,
) -> Result<Response, Fault> {
    let (gathered, file) = produce(app, actor, subject, format).await?;
    let name = file_name(subject.annex(), &gathered.named, format.extension());
    attachment(file, &name, format.media_type())
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

/// A form as a file: `annex-1.xlsx`, `annex-2.pdf`, `annex-4.xls`
#[utoipa::path(get, path = "/api/v1/forms/{file}", tag = "forms",
    params(("file" = String, Path, description = "annex-1, annex-2 or annex-4 with .xls, .xlsx or .pdf"), Asked),
    responses((status = 200, description = "the file", content_type = "application/octet-stream")))]
pub async fn of_many(
    State(app): State<App>,
    actor: Actor,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let (annex, format) = named(&file).ok_or(Fault::NotFound)?;
    answer(&app, &actor, asked.subject(&app, annex)?, format).await
}

fn named(file: &str) -> Option<(Annex, Format)> {
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
    answer(&app, &actor, Subject::Channel(id), format_of(&uri)?).await
}

/// GET /filings/{id}/form.pdf and its sisters.
pub async fn of_filing(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    uri: Uri,
) -> Result<Response, Fault> {
    answer(&app, &actor, Subject::Filing(id), format_of(&uri)?).await
}

fn format_of(uri: &Uri) -> Result<Format, Fault> {
    let (_, extension) = uri.path().rsplit_once('.').ok_or(Fault::NotFound)?;
    Format::parse(extension).ok_or(Fault::NotFound)
}
