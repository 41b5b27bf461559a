//! Review sheets as files: on record before they leave the house.

use super::{form, numbers, trail};
use crate::ids::ManuscriptId;
use axum::{
    extract::{Path, State},
    http::Uri,
    response::Response,
};
use chrono::Datelike;
use zhendi_kernel::{
    Actor, App, Fault, audit,
    files::{self, Kind},
    settings::Institution,
};
use zhendi_office::sheet::Proof;
use zhendi_registry::forms::{Format, sheet_file};

/// A sheet in one of its formats.
pub struct File {
    pub name: String,
    pub kind: Kind,
    pub bytes: Vec<u8>,
}

/// The formats of a sheet: what the OA takes, what is signed and filed, and the Notice's spreadsheet.
fn kind(format: Format) -> Option<Kind> {
    match format {
        Format::Pdf => Some(Kind::Pdf),
        Format::Docx => Some(Kind::Docx),
        Format::Xls => Some(Kind::Xls),
        Format::Xlsx => None,
    }
}

/// The address that people type.
fn base(app: &App) -> String {
    match &app.config.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{}", app.config.listen),
    }
}

/// Makes a review sheet, with its number, and puts that on record.
///
/// # Errors
/// `Fault::NotFound` for who may not see the manuscript, for one never submitted, and for other formats; when
/// the machine has no Chinese font; when the database or the disk fails.
pub async fn produce(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    format: Format,
) -> Result<File, Fault> {
    let kind = kind(format).ok_or(Fault::NotFound)?;
    let found = trail::trail(app, actor, id).await?;
    let mut trail = found.trail;
    let institution: Institution = app.setting().await?;
    let tx = app.db.begin().await?;
    let number = numbers::give(&tx, id, app.clock.today().year()).await?;
    tx.commit().await?;
    trail.number.clone_from(&number);
    let hash = trail.hash.clone();
    let title = trail.title.clone();
    let proof = Proof {
        number: number.clone(),
        link: format!("{}/review-sheets/{}", base(app), &hash[..numbers::KEY]),
        hash: hash.clone(),
    };
    let sheet = form::sheet(&institution.name, trail, proof);
    let bytes = sheet_file(app, sheet, format).await?;
    let tx = app.db.begin().await?;
    numbers::keep(&tx, app, actor, id, &hash, &number, format.extension()).await?;
    let entry = audit::Entry {
        action: "review_sheet.printed",
        subject: ("manuscript", id.0),
        unit: Some(found.of.unit),
        on_behalf_of: None,
        summary: format!("导出审核发布单 {number}（{}）", format.extension()),
        detail: serde_json::json!({ "hash": hash }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    Ok(File {
        name: format!("审核发布单-{number}-{}.{}", plain(&title), kind.code()),
        kind,
        bytes,
    })
}

/// A title as a part of a file's name.
fn plain(title: &str) -> String {
    title
        .chars()
        .filter(|c| !c.is_control() && !r#"/\:*?"<>|."#.contains(*c))
        .take(40)
        .collect()
}

/// GET /manuscripts/{id}/sheet.{format}
pub async fn of_manuscript(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    uri: Uri,
) -> Result<Response, Fault> {
    let ending = uri.path().rsplit('.').next().unwrap_or_default();
    let format = Format::parse(ending).ok_or(Fault::NotFound)?;
    let file = produce(&app, &actor, id, format).await?;
    Ok(files::download(&file.name, file.kind, file.bytes))
}
