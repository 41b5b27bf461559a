//! A list as a spreadsheet file, for this context and those above it.

use axum::response::Response;
use chrono::NaiveDate;
use zhendi_kernel::{
    Actor, App, Fault, audit,
    files::{self, Kind},
};
use zhendi_office::write::{Table, WriteError, table_csv, table_xlsx};

pub use zhendi_office::sheet::Value;

/// The file that a list is wanted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Xlsx,
}

impl Format {
    fn kind(self) -> Kind {
        match self {
            Self::Csv => Kind::Csv,
            Self::Xlsx => Kind::Xlsx,
        }
    }
}

/// A list with its title, headings and rows, each with as many values as there are headings.
#[derive(Clone, Debug)]
pub struct List {
    pub title: String,
    pub headings: Vec<&'static str>,
    pub rows: Vec<Vec<Value>>,
}

fn write(list: List, format: Format) -> Result<Vec<u8>, WriteError> {
    let table = Table {
        title: list.title,
        headings: list.headings.into_iter().map(str::to_owned).collect(),
        rows: Box::new(list.rows.into_iter().map(Ok)),
    };
    let mut bytes = vec![];
    match format {
        Format::Csv => table_csv(table, &mut bytes)?,
        Format::Xlsx => table_xlsx(table, None, &mut bytes)?,
    }
    Ok(bytes)
}

/// A file holds no more rows than this.
pub const MOST: u64 = 50_000;

/// The list as a download that is on record: who took what out of the house.
///
/// # Errors
/// When the database fails; `Fault::Internal` when the file cannot be written.
pub(crate) async fn export(
    app: &App,
    actor: &Actor,
    action: &'static str,
    subject: &'static str,
    list: List,
    format: Format,
) -> Result<Response, Fault> {
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action,
        subject: (subject, 0),
        unit: None,
        on_behalf_of: None,
        summary: format!("导出{} {} 行", list.title, list.rows.len()),
        detail: serde_json::json!({}),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    download(list, format, app.clock.today()).await
}

/// The list as a download, named by its title and the day.
///
/// # Errors
/// `Fault::Internal` when it cannot be written.
pub async fn download(list: List, format: Format, today: NaiveDate) -> Result<Response, Fault> {
    let name = format!(
        "{}-{}.{}",
        list.title,
        today.format("%Y%m%d"),
        format.kind().code()
    );
    let bytes = tokio::task::spawn_blocking(move || write(list, format))
        .await
        .map_err(Fault::internal)?
        .map_err(Fault::internal)?;
    Ok(files::download(&name, format.kind(), bytes))
}
