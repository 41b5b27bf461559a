//! The tables of notifications and mail addresses.

use super::Notice;
use crate::{
    App, Fault, PersonId, Tx, count,
    jobs::{self, NewJob},
    secrets::Sealed,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, ExprTrait, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, OnConflict, SelectStatement},
};

/// One notification of one person.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: PersonId,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text")]
    pub href: String,
    pub created_at: DateTimeUtc,
    pub read_at: Option<DateTimeUtc>,
}
impl ActiveModelBehavior for ActiveModel {}

/// Where a person's mail goes.
pub(super) mod address {
    use crate::{PersonId, secrets::Sealed};
    use sea_orm::entity::prelude::*;

    /// A person's address and wish.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "mail_address")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: PersonId,
        pub address: Option<Sealed>,
        /// The person wants no mail.
        pub muted: bool,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// What the keyring knows mail addresses by.
pub(super) const PURPOSE: &str = "mail_address";

/// Refuses links that lead off this site: a notification is followed without a second look.
///
/// # Errors
/// `Fault::Internal`: a context made such a link.
pub(crate) fn require_local(href: &str) -> Result<(), Fault> {
    if href.starts_with('/') && !href.starts_with("//") && !href.contains('\\') {
        Ok(())
    } else {
        Err(Fault::internal("a link that is not a path of this site"))
    }
}

/// Persons who are told by one statement.
const TOLD_AT_ONCE: usize = 200;

/// Tells persons something, each once.
///
/// # Errors
/// When the database fails, or the link leads off this site.
pub async fn tell(tx: &Tx, app: &App, to: &[PersonId], notice: Notice) -> Result<(), Fault> {
    require_local(&notice.href)?;
    let mut people = to.to_vec();
    people.sort_unstable();
    people.dedup();
    let mut by_mail = vec![];
    if app.config.mail.is_some() && !people.is_empty() {
        by_mail = wanted()
            .filter(address::COLUMN.person_id.is_in(people.clone()))
            .into_tuple::<PersonId>()
            .all(tx)
            .await?;
    }
    // One statement for some at a time: an announcement may go to thousands.
    for some in people.chunks(TOLD_AT_ONCE) {
        let rows = some.iter().map(|person| ActiveModel {
            person_id: Set(*person),
            title: Set(notice.title.clone()),
            href: Set(notice.href.clone()),
            created_at: Set(app.now()),
            ..Default::default()
        });
        let told = Entity::insert_many(rows);
        if by_mail.is_empty() {
            told.exec_without_returning(&tx.later()).await?;
            continue;
        }
        for row in told.exec_with_returning(tx).await? {
            if by_mail.contains(&row.person_id) {
                let job = NewJob::new("mail.send", serde_json::json!({ "notification": row.id }));
                jobs::enqueue(tx, app, job).await?;
            }
        }
    }
    Ok(())
}

/// Selects how many notifications a person has not read, of all or of those that lead to one page; no
/// further than 100.
pub(crate) fn count_unread(person: PersonId, page: Option<&str>) -> SelectStatement {
    let mut unread = Entity::find()
        .filter(COLUMN.person_id.eq(person))
        .filter(COLUMN.read_at.is_null());
    if let Some(page) = page {
        unread = unread.filter(COLUMN.href.eq(page));
    }
    count::of(unread.into_query(), 100)
}

/// How many notifications a person has not read; counts no further than 100.
///
/// # Errors
/// When the database fails.
pub async fn unread(db: &impl ConnectionTrait, person: PersonId) -> Result<u64, Fault> {
    count::counted(db, &count_unread(person, None)).await
}

/// A person looks at a page: what told them of it is read, however they came there. Gives how many were.
///
/// # Errors
/// When the database fails.
pub async fn seen(app: &App, person: PersonId, path: &str) -> Result<u64, Fault> {
    let tx = app.db.begin().await?;
    let marked = Entity::update_many()
        .filter(COLUMN.person_id.eq(person))
        .filter(COLUMN.read_at.is_null())
        .filter(COLUMN.href.eq(path))
        .col_expr(Column::ReadAt, Expr::value(app.now()))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(marked.rows_affected)
}

/// Keeps a person's mail address, or forgets it. Whether they want mail stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn set_address(
    tx: &Tx,
    app: &App,
    person: PersonId,
    address: Option<&str>,
) -> Result<(), Fault> {
    let sealed = address.map(|address| app.keys.seal(&app.entropy, PURPOSE, address));
    address::Entity::insert(address::ActiveModel {
        person_id: Set(person),
        address: Set(sealed),
        muted: Set(false),
    })
    .on_conflict(
        OnConflict::column(address::Column::PersonId)
            .update_column(address::Column::Address)
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Everyone who has an address and wants mail.
pub(crate) async fn reachable(db: &impl ConnectionTrait) -> Result<Vec<PersonId>, Fault> {
    Ok(wanted().into_tuple().all(db).await?)
}

fn wanted() -> sea_orm::Select<address::Entity> {
    address::Entity::find()
        .select_only()
        .column(address::Column::PersonId)
        .filter(address::COLUMN.address.is_not_null())
        .filter(address::COLUMN.muted.eq(false))
        .order_by_asc(address::COLUMN.person_id)
}

/// The address of a person who wants mail.
pub(super) async fn address_of(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<Sealed>, Fault> {
    let row = address::Entity::find_by_id(person).one(db).await?;
    Ok(row.filter(|row| !row.muted).and_then(|row| row.address))
}

/// How a person stands to mail.
pub(super) struct Preference {
    pub has_address: bool,
    pub wanted: bool,
}

/// Whether a person has an address, and wants mail.
pub(super) async fn preference(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Preference, Fault> {
    let row = address::Entity::find_by_id(person).one(db).await?;
    Ok(Preference {
        has_address: row.as_ref().is_some_and(|row| row.address.is_some()),
        wanted: row.is_none_or(|row| !row.muted),
    })
}

/// Notes whether a person wants mail.
pub(super) async fn mute(tx: &Tx, person: PersonId, muted: bool) -> Result<(), Fault> {
    address::Entity::insert(address::ActiveModel {
        person_id: Set(person),
        address: Set(None),
        muted: Set(muted),
    })
    .on_conflict(
        OnConflict::column(address::Column::PersonId)
            .update_column(address::Column::Muted)
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// One notification of a person.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    person: PersonId,
    id: i64,
) -> Result<Option<Model>, Fault> {
    Ok(Entity::find_by_id(id)
        .filter(COLUMN.person_id.eq(person))
        .one(db)
        .await?)
}

/// One notification, whosever it is.
pub(super) async fn load(db: &impl ConnectionTrait, id: i64) -> Result<Option<Model>, Fault> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Rows on a page.
const PER_PAGE: u64 = 50;

/// One page of notifications.
pub(super) struct Listing {
    pub rows: Vec<Model>,
    pub page: u64,
    pub pages: u64,
    pub total: u64,
}

/// A person's notifications, unread first.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    person: PersonId,
    page: u64,
) -> Result<Listing, Fault> {
    let query = Entity::find().filter(COLUMN.person_id.eq(person));
    let total = query.clone().count(db).await?;
    let pages = Ord::max(total.div_ceil(PER_PAGE), 1);
    let page = page.clamp(1, pages);
    let rows = query
        .order_by_desc(Expr::col(Column::ReadAt).is_null())
        .order_by_desc(COLUMN.id)
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE)
        .all(db)
        .await?;
    Ok(Listing {
        rows,
        page,
        pages,
        total,
    })
}

/// Marks a person's notifications as read: one, or all.
pub(super) async fn mark_read(
    tx: &Tx,
    person: PersonId,
    id: Option<i64>,
    now: DateTime<Utc>,
) -> Result<u64, Fault> {
    let mut marking = Entity::update_many()
        .filter(COLUMN.person_id.eq(person))
        .filter(COLUMN.read_at.is_null());
    if let Some(id) = id {
        marking = marking.filter(COLUMN.id.eq(id));
    }
    let marked = marking
        .col_expr(Column::ReadAt, Expr::value(now))
        .exec(tx)
        .await?;
    Ok(marked.rows_affected)
}
