//! Rows of `filing`, `filing_act` and `filing_number`. With `tally`, `lookup`, `attachments` and `closing`
//! the only files of the feature that know SQL exists.

use super::{
    Filing,
    contacts::Contacts,
    content::Content,
    record::Record,
    route::Route,
    rules::{Act, Closing, Course, Kind, Paper, Party, Stage, Step, Unsuitable, Verdict},
    tally,
};
use sea_orm::{
    ConnectionTrait, ExprTrait, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use zhendi_kernel::{
    App, ChannelId, Fault, FilingId, PersonId, Tx, UnitId, search,
    secrets::{Sealed, SealedColumn},
};

/// The purpose under which names and numbers of a filing are sealed.
const CONTACTS: &str = "filing.contacts";
/// The purpose under which the record that a change was written against is sealed.
const BASE: &str = "filing.base";

/// For the rotation of keys.
pub(super) const SEALED: [SealedColumn; 2] = [
    SealedColumn {
        table: "filing",
        key: "id",
        column: "contacts",
        purpose: CONTACTS,
    },
    SealedColumn {
        table: "filing",
        key: "id",
        column: "base",
        purpose: BASE,
    },
];

/// A filing's row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "filing")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: FilingId,
    pub version: i32,
    pub kind: String,
    pub unit_id: UnitId,
    pub channel_id: Option<ChannelId>,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    pub platform: String,
    #[sea_orm(column_type = "Text")]
    pub haystack: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub content: Content,
    #[sea_orm(column_type = "Text")]
    pub contacts: Sealed,
    #[sea_orm(column_type = "Text", nullable)]
    pub base: Option<Sealed>,
    pub author_id: PersonId,
    pub author_for: Option<PersonId>,
    #[sea_orm(column_type = "JsonBinary")]
    pub route: Route,
    pub stage: String,
    pub awaiting_role: Option<String>,
    pub closing: Option<String>,
    /// Whether anything was decided on paper.
    pub paper: bool,
    /// The channel, while this is the filing of it that is on its way: unique.
    pub under_way: Option<ChannelId>,
    pub round: i32,
    pub document_number: Option<String>,
    pub due_at: Option<DateTimeUtc>,
    pub submitted_at: Option<DateTimeUtc>,
    pub effective_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

/// Acts at the steps.
pub(super) mod act {
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{FilingId, PersonId};

    /// One act.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "filing_act")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub filing_id: FilingId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub round: i32,
        pub step: String,
        pub person_id: PersonId,
        pub on_behalf_of: Option<PersonId>,
        pub at: DateTimeUtc,
        #[sea_orm(column_type = "Text")]
        pub opinion: String,
        pub verdict: String,
        pub recorded_by: Option<PersonId>,
        pub recorded_for: Option<PersonId>,
        pub decided_on: Option<Date>,
        pub paper_number: Option<String>,
        pub scan_id: Option<i64>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// The last document number of each year.
mod number {
    use sea_orm::entity::prelude::*;

    /// One year.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "filing_number")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        pub last: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// The kind of search subject.
pub(super) const SEARCH: &str = "filing";

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Agreed => "agreed",
        Verdict::Returned => "returned",
    }
}

impl act::Model {
    fn read(self) -> Result<Act, Fault> {
        let unknown =
            || Fault::internal(format!("filing {}: act {}", self.filing_id, self.position));
        Ok(Act {
            round: self.round,
            step: Step::ALL
                .into_iter()
                .find(|step| step.code() == self.step)
                .ok_or_else(unknown)?,
            person: self.person_id,
            on_behalf_of: self.on_behalf_of,
            at: self.at,
            verdict: [Verdict::Agreed, Verdict::Returned]
                .into_iter()
                .find(|one| verdict(*one) == self.verdict)
                .ok_or_else(unknown)?,
            opinion: self.opinion,
            paper: match (self.recorded_by, self.decided_on, self.scan_id) {
                (Some(person), Some(decided_on), Some(scan)) => Some(Paper {
                    recorded_by: Party {
                        person,
                        on_behalf_of: self.recorded_for,
                    },
                    decided_on,
                    number: self.paper_number.unwrap_or_default(),
                    scan,
                }),
                _ => None,
            },
        })
    }
}

/// A row as a filing with these acts.
pub(super) fn read(app: &App, row: Model, acts: Vec<Act>) -> Result<Filing, Fault> {
    let stage = Stage::parse(&row.stage)
        .ok_or_else(|| Fault::internal(format!("filing {}: stage {}", row.id, row.stage)))?;
    let kind = Kind::parse(&row.kind)
        .ok_or_else(|| Fault::internal(format!("filing {}: kind {}", row.id, row.kind)))?;
    let contacts: Contacts =
        serde_json::from_str(&app.keys.open(CONTACTS, &row.contacts)?).map_err(Fault::internal)?;
    let base: Option<Record> = match &row.base {
        Some(sealed) => {
            Some(serde_json::from_str(&app.keys.open(BASE, sealed)?).map_err(Fault::internal)?)
        }
        None => None,
    };
    Ok(Filing {
        id: row.id,
        version: row.version,
        kind,
        base,
        closing: row.closing.as_deref().and_then(Closing::parse),
        unit: row.unit_id,
        channel: row.channel_id,
        content: row.content,
        contacts,
        course: Course {
            author: Party {
                person: row.author_id,
                on_behalf_of: row.author_for,
            },
            route: row.route,
            stage,
            round: row.round,
            acts,
        },
        document_number: row.document_number,
        due: row.due_at,
        submitted_at: row.submitted_at,
        effective_at: row.effective_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// A filing with all its acts.
///
/// # Errors
/// When the database fails.
pub async fn find(
    db: &impl ConnectionTrait,
    app: &App,
    id: FilingId,
) -> Result<Option<Filing>, Fault> {
    let Some(row) = Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    let acts = act::Entity::find()
        .filter(act::COLUMN.filing_id.eq(id))
        .order_by_asc(act::COLUMN.position)
        .all(db)
        .await?
        .into_iter()
        .map(act::Model::read)
        .collect::<Result<_, _>>()?;
    read(app, row, acts).map(Some)
}

/// What a filing is found by.
fn haystack(filing: &Filing) -> String {
    let number = filing.document_number.as_deref().unwrap_or_default();
    search::haystack([
        filing.content.name.as_str(),
        &filing.content.address_or_id,
        number,
    ])
}

fn write(app: &App, filing: &Filing) -> Result<ActiveModel, Fault> {
    let contacts = serde_json::to_string(&filing.contacts).map_err(Fault::internal)?;
    let base = match &filing.base {
        Some(base) => {
            let text = serde_json::to_string(base).map_err(Fault::internal)?;
            Some(app.keys.seal(&app.entropy, BASE, &text))
        }
        None => None,
    };
    let course = &filing.course;
    let content = &filing.content;
    Ok(ActiveModel {
        id: Set(filing.id),
        version: Set(filing.version),
        kind: Set(filing.kind.code().into()),
        unit_id: Set(filing.unit),
        channel_id: Set(filing.channel),
        name: Set(content.name.clone()),
        platform: Set(content.platform.clone()),
        haystack: Set(haystack(filing)),
        content: Set(content.clone()),
        contacts: Set(app.keys.seal(&app.entropy, CONTACTS, &contacts)),
        base: Set(base),
        closing: Set(filing.closing.map(|closing| closing.code().into())),
        paper: Set(course.acts.iter().any(|act| act.paper.is_some())),
        under_way: Set(filing.channel.filter(|_| filing.is_under_way())),
        author_id: Set(course.author.person),
        author_for: Set(course.author.on_behalf_of),
        route: Set(course.route),
        stage: Set(course.stage.code().into()),
        awaiting_role: Set(course
            .stage
            .step()
            .map(|step| course.route.role(step).code().into())),
        round: Set(course.round),
        document_number: Set(filing.document_number.clone()),
        due_at: Set(filing.due),
        submitted_at: Set(filing.submitted_at),
        effective_at: Set(filing.effective_at),
        created_at: Set(filing.created_at),
        updated_at: Set(filing.updated_at),
    })
}

/// Keeps a new draft; its id and version are given here.
///
/// # Errors
/// When the database fails.
pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    app: &App,
    mut filing: Filing,
) -> Result<Filing, Fault> {
    let mut row = write(app, &filing)?;
    row.id = sea_orm::NotSet;
    let row = row.insert(tx).await?;
    filing.id = row.id;
    search::index_new(tx, SEARCH, &[(row.id.0, &row.haystack)]).await?;
    Ok(filing)
}

/// Writes a filing over the version it was read at, with the acts that are new since `before`.
///
/// # Errors
/// `Fault::Stale` when someone else was first; `Fault::Refused` when another filing of its channel is on
/// its way; when the database fails.
pub(super) async fn replace(
    tx: &Tx,
    app: &App,
    before: &Filing,
    after: &mut Filing,
) -> Result<(), Fault> {
    rewrite(tx, app, before, after).await?;
    tally::shift(&tx.later(), before, after).await
}

/// The same without the counters, for who moved them already.
///
/// # Errors
/// As [`replace`].
pub(super) async fn rewrite(
    tx: &Tx,
    app: &App,
    before: &Filing,
    after: &mut Filing,
) -> Result<(), Fault> {
    after.version = before.version + 1;
    let row = write(app, after)?;
    let done = Entity::update_many()
        .set(ActiveModel {
            id: sea_orm::NotSet,
            ..row
        })
        .filter(COLUMN.id.eq(before.id))
        .filter(COLUMN.version.eq(before.version))
        .exec(tx)
        .await
        .map_err(taken)?;
    if done.rows_affected != 1 {
        return Err(Fault::Stale);
    }
    for (position, act) in after
        .course
        .acts
        .iter()
        .enumerate()
        .skip(before.course.acts.len())
    {
        let paper = act.paper.as_ref();
        act::Entity::insert(act::ActiveModel {
            filing_id: Set(after.id),
            position: Set(i32::try_from(position).map_err(Fault::internal)?),
            round: Set(act.round),
            step: Set(act.step.code().into()),
            person_id: Set(act.person),
            on_behalf_of: Set(act.on_behalf_of),
            at: Set(act.at),
            opinion: Set(act.opinion.clone()),
            verdict: Set(verdict(act.verdict).into()),
            recorded_by: Set(paper.map(|paper| paper.recorded_by.person)),
            recorded_for: Set(paper.and_then(|paper| paper.recorded_by.on_behalf_of)),
            decided_on: Set(paper.map(|paper| paper.decided_on)),
            paper_number: Set(paper.map(|paper| paper.number.clone())),
            scan_id: Set(paper.map(|paper| paper.scan)),
        })
        .exec_without_returning(&tx.later())
        .await?;
    }
    search::index(tx, SEARCH, after.id.0, &haystack(before), &haystack(after)).await
}

/// Takes the row for this transaction without a change that signers would have to look at again.
///
/// # Errors
/// When the database fails.
pub(super) async fn touch(
    tx: &impl ConnectionTrait,
    id: FilingId,
    now: DateTimeUtc,
) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(COLUMN.id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes the row at the version it was read at; the version counts on.
///
/// # Errors
/// `Fault::Stale` when someone else was first; when the database fails.
pub(super) async fn claim_version(tx: &impl ConnectionTrait, seen: &Filing) -> Result<(), Fault> {
    let done = Entity::update_many()
        .col_expr(Column::Version, Expr::value(seen.version + 1))
        .filter(COLUMN.id.eq(seen.id))
        .filter(COLUMN.version.eq(seen.version))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(Fault::Stale)
    }
}

/// The next document number of a year. The row stays locked until the transaction ends, so that there
/// are neither gaps nor doubles: a number whose transaction fails is given to the next.
///
/// # Errors
/// When the database fails.
pub(super) async fn next_number(tx: &impl ConnectionTrait, year: i32) -> Result<i64, Fault> {
    let last = Expr::col((number::Entity, number::Column::Last)).add(1);
    let row = number::Entity::insert(number::ActiveModel {
        year: Set(year),
        last: Set(1),
    })
    .on_conflict(
        OnConflict::column(number::Column::Year)
            .value(number::Column::Last, last)
            .to_owned(),
    )
    .exec_with_returning(tx)
    .await?;
    Ok(row.last)
}

/// Moves the filings of a unit to another and names those that wait for a step. Their version counts on:
/// who looked at one before looks again.
///
/// # Errors
/// When the database fails.
pub(super) async fn move_unit(
    tx: &impl ConnectionTrait,
    from: UnitId,
    into: UnitId,
) -> Result<Vec<FilingId>, Fault> {
    let waiting = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(COLUMN.unit_id.eq(from))
        .filter(COLUMN.awaiting_role.is_not_null())
        .into_tuple()
        .all(tx)
        .await?;
    Entity::update_many()
        .col_expr(Column::UnitId, Expr::value(into.0))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(COLUMN.unit_id.eq(from))
        .exec(tx)
        .await?;
    tally::move_unit(tx, from, into).await?;
    Ok(waiting)
}

/// Gives the filings of a channel to another.
///
/// # Errors
/// `Fault::Refused` when both have one on its way; when the database fails.
pub(super) async fn move_channel(
    tx: &impl ConnectionTrait,
    from: ChannelId,
    into: ChannelId,
) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::ChannelId, Expr::value(into.0))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(COLUMN.channel_id.eq(from))
        .exec(tx)
        .await?;
    Entity::update_many()
        .col_expr(Column::UnderWay, Expr::value(into.0))
        .filter(COLUMN.under_way.eq(from))
        .exec(tx)
        .await
        .map_err(taken)?;
    Ok(())
}

/// Another filing of the channel is on its way: the index on `under_way` says so.
fn taken(error: sea_orm::DbErr) -> Fault {
    if zhendi_kernel::fault::is_duplicate(&error) {
        Unsuitable::UnderWay.into()
    } else {
        error.into()
    }
}
