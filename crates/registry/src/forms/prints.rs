//! Rows of `print`: what left the house, when, by whom, with which hash.

use super::{
    gather::Gathered,
    reader::Reader,
    subject::{Annex, Format, Reach, Subject},
};
use sea_orm::{
    ConnectionTrait, FromJsonQueryResult, QueryOrder, QuerySelect, Set, entity::prelude::*,
};
use serde::{Deserialize, Serialize};
use zhendi_kernel::{Actor, App, ChannelId, Fault, FilingId, PersonId, Tx, UnitId, audit};
use zhendi_office::sheet::Proof;

/// A print's row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "print")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub key: String,
    pub hash: String,
    pub annex: i32,
    pub format: String,
    pub unit_id: Option<UnitId>,
    pub own: bool,
    pub year: Option<i32>,
    pub channel_id: Option<ChannelId>,
    pub filing_id: Option<FilingId>,
    pub number: String,
    pub row_count: i64,
    #[sea_orm(column_type = "JsonBinary")]
    pub reader: ReaderThen,
    pub person_id: Option<PersonId>,
    pub printed_at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

/// The reader's rights when it was printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ReaderThen(pub Reader);

/// So many digits of a hash stand in addresses: short enough for a small QR code, long enough to name one
/// print among all.
const KEY: usize = 16;

/// What the foot of a print says. `base` is the address that people type.
pub fn proof(app: &App, gathered: &Gathered) -> Proof {
    let base = match &app.config.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{}", app.config.listen),
    };
    Proof {
        number: gathered.number.clone(),
        link: format!("{base}/prints/{}", &gathered.hash[..KEY]),
        hash: gathered.hash.clone(),
    }
}

/// Keeps that a form is printed; returns the row's number.
///
/// # Errors
/// When the database fails.
pub async fn keep(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    reader: &Reader,
    gathered: &Gathered,
    format: Format,
) -> Result<i64, Fault> {
    let (reach, year, channel, filing) = match gathered.subject {
        Subject::Accounts(reach) | Subject::Summary(reach) => (reach, None, None, None),
        Subject::Year(reach, year) => (reach, Some(year), None, None),
        Subject::Channel(id) => (Reach::default(), None, Some(id), None),
        Subject::Filing(id) => (Reach::default(), None, None, Some(id)),
    };
    let row = ActiveModel {
        key: Set(gathered.hash[..KEY].into()),
        hash: Set(gathered.hash.clone()),
        annex: Set(gathered.subject.annex().number()),
        format: Set(format.extension().into()),
        unit_id: Set(gathered.unit),
        own: Set(reach.own),
        year: Set(year),
        channel_id: Set(channel),
        filing_id: Set(filing),
        number: Set(gathered.number.clone()),
        row_count: Set(gathered.rows.try_into().map_err(Fault::internal)?),
        reader: Set(ReaderThen(reader.clone())),
        person_id: Set(actor.person()),
        printed_at: Set(app.now()),
        ..Default::default()
    };
    Ok(row.insert(tx).await?.id)
}

/// Keeps that a form is printed, and says so in the audit chain: who, what, how many rows and telephone
/// numbers.
///
/// # Errors
/// When the database fails.
pub async fn record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    reader: &Reader,
    gathered: &Gathered,
    format: Format,
) -> Result<(), Fault> {
    let id = keep(tx, app, actor, reader, gathered, format).await?;
    let entry = audit::Entry {
        action: "form.printed",
        subject: match gathered.subject {
            Subject::Channel(id) => ("channel", id.0),
            Subject::Filing(id) => ("filing", id.0),
            _ => ("print", id),
        },
        unit: gathered.unit,
        on_behalf_of: None,
        summary: format!(
            "导出附件{}（{}）{} 行，含完整电话号码 {} 个",
            gathered.subject.annex().number(),
            format.extension(),
            gathered.rows,
            gathered.numbers
        ),
        detail: serde_json::json!({ "hash": gathered.hash, "file": gathered.named }),
    };
    audit::append(tx, app, actor, entry).await
}

/// The prints of a content, newest first; of many the latest. Takes the whole hash or its first digits.
///
/// # Errors
/// When the database fails.
pub async fn of_hash(db: &impl ConnectionTrait, typed: &str) -> Result<Vec<Model>, Fault> {
    let typed = typed.trim().to_ascii_lowercase();
    let plausible =
        (KEY..=64).contains(&typed.len()) && typed.bytes().all(|b| b.is_ascii_hexdigit());
    if !plausible {
        return Ok(vec![]);
    }
    let rows = Entity::find()
        .filter(COLUMN.key.eq(&typed[..KEY]))
        .order_by_desc(COLUMN.id)
        .limit(50)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.hash.starts_with(&typed))
        .collect())
}

impl Model {
    /// What was printed; none for a row that this version cannot read.
    pub fn subject(&self) -> Option<Subject> {
        let reach = Reach {
            unit: self.unit_id,
            own: self.own,
        };
        Some(match (Annex::parse(&self.annex.to_string())?, self) {
            (Annex::One, _) => Subject::Accounts(reach),
            (Annex::Two, _) => Subject::Summary(reach),
            (Annex::Four, row) => Subject::Year(reach, row.year?),
            (Annex::Three, row) => match (row.channel_id, row.filing_id) {
                (Some(id), _) => Subject::Channel(id),
                (None, id) => Subject::Filing(id?),
            },
        })
    }
}
