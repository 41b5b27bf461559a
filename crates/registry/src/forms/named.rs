//! Channels and filings by what is typed on the command line: a number, or a name.

use crate::{
    channel::store,
    filing::{self, View},
};
use zhendi_kernel::{Actor, App, ChannelId, Fault, FilingId, ScopeFilter};

/// Names that a suggestion holds.
const NEAR: usize = 5;

/// The channel of an id, or the only open one of a name; else those that come near.
///
/// # Errors
/// When the database fails.
pub async fn channel_named(
    app: &App,
    typed: &str,
) -> Result<Result<ChannelId, Vec<String>>, Fault> {
    let db = app.db.read();
    if let Ok(id) = typed.parse().map(ChannelId) {
        let found = store::find(db, id).await?;
        return Ok(found.map(|channel| channel.id).ok_or_else(Vec::new));
    }
    let query = store::Query {
        text: typed.into(),
        open: true,
        page: 1,
        per_page: 25,
        ..Default::default()
    };
    let rows = store::list(db, &ScopeFilter::All, &query).await?.rows;
    let exact: Vec<ChannelId> = rows
        .iter()
        .filter(|row| row.name == typed)
        .map(|row| row.id)
        .collect();
    Ok(match exact.as_slice() {
        [one] => Ok(*one),
        _ => Err(rows
            .iter()
            .take(NEAR)
            .map(|row| format!("{} {}", row.id, row.name))
            .collect()),
    })
}

/// The filing of an id or of a document number; else those that come near.
///
/// # Errors
/// When the database fails.
pub async fn filing_named(app: &App, typed: &str) -> Result<Result<FilingId, Vec<String>>, Fault> {
    if let Ok(id) = typed.parse().map(FilingId) {
        let found = filing::find(app.db.read(), app, id).await?;
        return Ok(found.map(|filing| filing.id).ok_or_else(Vec::new));
    }
    let query = filing::Query {
        view: View::All,
        text: typed.into(),
        ..Default::default()
    };
    let actor = Actor::program("命令行导出");
    let rows = filing::listing(app.db.read(), &actor, &query, app.now())
        .await?
        .rows;
    let exact = rows
        .iter()
        .find(|row| row.document_number.as_deref() == Some(typed));
    Ok(match exact {
        Some(row) => Ok(row.id),
        None => Err(rows
            .iter()
            .take(NEAR)
            .map(|row| {
                let number = row.document_number.as_deref().unwrap_or("无文号");
                format!("{} {}（{number}）", row.id, row.name)
            })
            .collect()),
    })
}
