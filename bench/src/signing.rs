//! Signing: filings that wait for one head, and that head with many windows open.

use crate::{
    Stop,
    client::{self, Load},
    data, run,
    server::Server,
};
use sea_orm::Value;
use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Filings that wait, with the version to be signed.
pub type Ready = Vec<(i64, i32)>;

const HEAD: &str = "SELECT g.unit_id FROM role_grant g JOIN account a ON a.person_id = g.person_id \
    WHERE a.login = 'danweifuze' AND g.role = 'unit_head' AND g.unit_id IS NOT NULL LIMIT 1";
const LIKE: &str = "SELECT id FROM filing WHERE stage = 'awaiting_unit_head' AND kind = 'opening' \
    ORDER BY id LIMIT 1";

/// Copies a filing that waits for its unit's head as often as wanted.
pub async fn prepare(folder: &Path, database: Option<String>, count: i64) -> Result<Ready, Stop> {
    let app = data::open(folder, database).await?;
    let tx = app.db.begin_long().await?;
    let (unit, like, last) = (
        data::number(&tx, HEAD).await?,
        data::number(&tx, LIKE).await?,
        data::number(&tx, "SELECT max(id) FROM filing").await?,
    );
    let version = data::number(
        &tx,
        &format!("SELECT version FROM filing WHERE id = {like}"),
    )
    .await?;
    let rows: Vec<Vec<Value>> = (last + 1..=last + count)
        .map(|id| {
            vec![
                id.into(),
                unit.into(),
                None::<i64>.into(),
                None::<i64>.into(),
                None::<String>.into(),
            ]
        })
        .collect();
    let own = [
        ("id", "bigint"),
        ("unit_id", "bigint"),
        ("channel_id", "bigint"),
        ("under_way", "bigint"),
        ("document_number", "text"),
    ];
    data::copies(&tx, "filing", ("id", like), &own, &rows).await?;
    tx.commit().await?;
    app.db.clone().close().await?;
    Ok((last + 1..=last + count)
        .map(|id| (id, version as i32))
        .collect())
}

/// Signs as many as time allows; gives back those that are left.
pub fn sign(
    server: &Server,
    cookie: &str,
    ready: Ready,
    clients: usize,
    span: Duration,
) -> Result<(Load, Ready), Stop> {
    let (at, cookie) = (server.at, cookie.to_owned());
    let ready = Arc::new(Mutex::new(ready));
    let (mine, used) = (Arc::clone(&ready), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&used);
    let load = client::load(at, clients, span, 303, move |_| {
        let (id, version) = mine.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        count.fetch_add(1, Ordering::Relaxed);
        let form = format!("version={version}&opinion=%E5%90%8C%E6%84%8F");
        Some(run::form(
            at,
            &format!("/filings/{id}/signatures"),
            &cookie,
            &form,
        ))
    })?;
    let left = std::mem::take(&mut *ready.lock().unwrap_or_else(PoisonError::into_inner));
    if used.load(Ordering::Relaxed) == 0 {
        return Err("nothing was left to sign".into());
    }
    Ok((load, left))
}
