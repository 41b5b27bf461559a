//! Rows of `import_run`: uploads that wait for their confirmation, and what became of them.

use super::{Options, Report};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect, Set, entity::prelude::*};
use serde::{Deserialize, Serialize};
use zhendi_kernel::{App, Fault, PersonId, Tx, secrets::Sealed};

/// What the uploaded files are sealed for.
pub const PURPOSE: &str = "import_run.content";

/// A preview is forgotten after so many hours: the register may have moved on.
const KEPT_HOURS: i64 = 24;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_run")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: PersonId,
    pub created_at: DateTimeUtc,
    /// Names of the files, one a line.
    #[sea_orm(column_type = "Text")]
    pub files: String,
    /// The files, sealed; none once the run is over.
    #[sea_orm(column_type = "Text", nullable)]
    pub content: Option<Sealed>,
    #[sea_orm(column_type = "JsonBinary")]
    pub options: Json,
    /// The outcome as previewed or as taken. Sealed, since rows name people.
    #[sea_orm(column_type = "Text", nullable)]
    pub report: Option<Sealed>,
    /// `waiting`, `taken`, `cancelled` or `expired`.
    pub state: String,
    /// How many rows, for the list.
    pub summary: String,
}
impl ActiveModelBehavior for ActiveModel {}

/// What the outcomes are sealed for.
pub const REPORT: &str = "import_run.report";

/// A run with its outcome opened.
pub struct Run {
    pub row: Model,
    pub options: Options,
    pub report: Report,
}

impl Run {
    /// Whether it still waits for its confirmation.
    pub fn is_waiting(&self) -> bool {
        self.row.state == "waiting"
    }
}

#[derive(Serialize, Deserialize)]
struct Packed {
    name: String,
    bytes: String,
}

/// Keeps an upload with its preview; gives its number.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &Tx,
    app: &App,
    person: PersonId,
    files: &[(String, Vec<u8>)],
    options: &Options,
    report: &Report,
) -> Result<i64, Fault> {
    let packed: Vec<Packed> = files
        .iter()
        .map(|(name, bytes)| Packed {
            name: name.clone(),
            bytes: STANDARD.encode(bytes),
        })
        .collect();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let content = serde_json::to_string(&packed).map_err(Fault::internal)?;
    let row = ActiveModel {
        person_id: Set(person),
        created_at: Set(app.now()),
        files: Set(names.join("\n")),
        content: Set(Some(app.keys.seal(&app.entropy, PURPOSE, &content))),
        options: Set(serde_json::to_value(options).map_err(Fault::internal)?),
        report: Set(Some(seal(app, report)?)),
        state: Set("waiting".into()),
        summary: Set(report.totals.to_string()),
        ..Default::default()
    };
    Ok(Entity::insert(row).exec(tx).await?.last_insert_id)
}

fn seal(app: &App, report: &Report) -> Result<Sealed, Fault> {
    let text = serde_json::to_string(report).map_err(Fault::internal)?;
    Ok(app.keys.seal(&app.entropy, REPORT, &text))
}

/// A person's own run.
///
/// # Errors
/// When the database fails or a key is missing.
pub async fn find(
    db: &impl ConnectionTrait,
    app: &App,
    person: PersonId,
    id: i64,
) -> Result<Option<Run>, Fault> {
    let row = Entity::find_by_id(id)
        .filter(COLUMN.person_id.eq(person))
        .one(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let report = match &row.report {
        Some(sealed) => {
            serde_json::from_str(&app.keys.open(REPORT, sealed)?).map_err(Fault::internal)?
        }
        None => Report::default(),
    };
    let options = serde_json::from_value(row.options.clone()).map_err(Fault::internal)?;
    Ok(Some(Run {
        row,
        options,
        report,
    }))
}

/// The files of a run that waits.
///
/// # Errors
/// `Fault::Refused` when it is over; when a key is missing.
pub fn files(app: &App, run: &Run) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let over = || Fault::Refused("这次导入已经办结或过期，请重新上传文件。".into());
    let sealed = run.row.content.as_ref().ok_or_else(over)?;
    let text = app.keys.open(PURPOSE, sealed)?;
    let packed: Vec<Packed> = serde_json::from_str(&text).map_err(Fault::internal)?;
    packed
        .into_iter()
        .map(|file| {
            let bytes = STANDARD.decode(file.bytes).map_err(Fault::internal)?;
            Ok((file.name, bytes))
        })
        .collect()
}

/// Shows another outcome for a run that waits: other options, or a register that moved on.
///
/// # Errors
/// `Fault::Stale` when it is over; when the database fails.
pub async fn show_anew(
    tx: &Tx,
    app: &App,
    run: &Run,
    options: &Options,
    report: &Report,
) -> Result<(), Fault> {
    update(
        tx,
        run.row.id,
        ActiveModel {
            options: Set(serde_json::to_value(options).map_err(Fault::internal)?),
            report: Set(Some(seal(app, report)?)),
            summary: Set(report.totals.to_string()),
            ..Default::default()
        },
    )
    .await
}

/// Ends a run that waits. The files go.
///
/// # Errors
/// `Fault::Stale` when it is over already; when the database fails.
pub async fn end(
    tx: &Tx,
    app: &App,
    run: &Run,
    state: &'static str,
    report: Option<&Report>,
) -> Result<(), Fault> {
    let mut change = ActiveModel {
        state: Set(state.into()),
        content: Set(None),
        ..Default::default()
    };
    if let Some(report) = report {
        change.report = Set(Some(seal(app, report)?));
        change.summary = Set(report.totals.to_string());
    }
    update(tx, run.row.id, change).await
}

async fn update(tx: &Tx, id: i64, change: ActiveModel) -> Result<(), Fault> {
    let done = Entity::update_many()
        .set(change)
        .filter(COLUMN.id.eq(id))
        .filter(COLUMN.state.eq("waiting"))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(Fault::Stale)
    }
}

/// A person's own runs, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_person(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.person_id.eq(person))
        .order_by_desc(COLUMN.id)
        .limit(50)
        .all(db)
        .await?)
}

/// Forgets uploads that nobody confirmed in a day, and outcomes after thirty: they name people.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(app: &App) -> Result<(), Fault> {
    let tx = app.db.begin().await?;
    Entity::update_many()
        .set(ActiveModel {
            state: Set("expired".into()),
            content: Set(None),
            report: Set(None),
            ..Default::default()
        })
        .filter(COLUMN.state.eq("waiting"))
        .filter(
            COLUMN
                .created_at
                .lt(app.now() - TimeDelta::hours(KEPT_HOURS)),
        )
        .exec(&tx)
        .await?;
    Entity::update_many()
        .set(ActiveModel {
            report: Set(None),
            ..Default::default()
        })
        .filter(COLUMN.created_at.lt(app.now() - TimeDelta::days(30)))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}
