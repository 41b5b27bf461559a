//! Rows of `account`: one for each person who may sign in.

use super::super::{
    login::Login,
    rules::{Attempt, Standing},
    secret::SecretHash,
    settings::{AccountSettings, WARN_BEFORE},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, PaginatorTrait, QueryOrder, QuerySelect, Set, SqlErr,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};
use zhendi_kernel::{Fault, PersonId, search, text};

/// A sign-in of a person.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    pub login: String,
    pub login_key: String,
    /// None after a one-time code has run out unused.
    pub secret_hash: Option<SecretHash>,
    /// Set when the secret is a one-time code: until when it is good.
    pub code_until: Option<DateTimeUtc>,
    pub password_set_at: DateTimeUtc,
    /// Whether the owner was told that this password gets too old.
    pub warned: bool,
    pub failures: i32,
    pub locked_until: Option<DateTimeUtc>,
    pub last_sign_in_at: Option<DateTimeUtc>,
    pub demo: bool,
    pub disabled_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}
impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What the rules look at.
    pub fn standing(&self) -> Standing {
        Standing {
            failures: self.failures.try_into().unwrap_or(0),
            locked_until: self.locked_until,
            disabled: self.disabled_at.is_some(),
            code_until: self.code_until,
            password_set_at: self.password_set_at,
            demo: self.demo,
        }
    }
}

/// The secret that an account gets.
#[derive(Clone, Debug)]
pub enum Secret {
    /// A one-time code, good until then.
    Code(SecretHash, DateTime<Utc>),
    /// A password of the person's own choice.
    Password(SecretHash),
}

impl Secret {
    fn set(self, row: &mut ActiveModel, now: DateTime<Utc>) {
        let (hash, until) = match self {
            Self::Code(hash, until) => (hash, Some(until)),
            Self::Password(hash) => (hash, None),
        };
        row.secret_hash = Set(Some(hash));
        row.code_until = Set(until);
        row.password_set_at = Set(now);
        row.warned = Set(false);
        row.failures = Set(0);
        row.locked_until = Set(None);
    }
}

/// Makes an account.
///
/// # Errors
/// `Fault::Refused` when the login is taken or the person has an account.
pub async fn insert(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    person: PersonId,
    login: &Login,
    secret: Secret,
    demo: bool,
) -> Result<(), Fault> {
    if find(tx, person).await?.is_some() {
        return Err(Fault::Refused("此人已有登录账号。".into()));
    }
    if by_login(tx, login.as_str()).await?.is_some() {
        return Err(taken(login));
    }
    let mut row = ActiveModel {
        person_id: Set(person),
        login: Set(login.as_str().into()),
        login_key: Set(login.key()),
        demo: Set(demo),
        created_at: Set(now),
        version: Set(1),
        ..Default::default()
    };
    secret.set(&mut row, now);
    match Entity::insert(row).exec_without_returning(tx).await {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Err(taken(login))
        }
        Err(error) => Err(error.into()),
    }
}

fn taken(login: &Login) -> Fault {
    Fault::Refused(format!("登录名“{login}”已被使用，请换一个。"))
}

/// The account of a person.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<Model>, Fault> {
    Ok(Entity::find_by_id(person).one(db).await?)
}

/// Whether a person has an account that was disabled.
///
/// # Errors
/// When the database fails.
pub async fn is_disabled(db: &impl ConnectionTrait, person: PersonId) -> Result<bool, Fault> {
    let account = find(db, person).await?;
    Ok(account.is_some_and(|account| account.disabled_at.is_some()))
}

/// The account of a login as it was typed.
///
/// # Errors
/// When the database fails.
pub async fn by_login(db: &impl ConnectionTrait, typed: &str) -> Result<Option<Model>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.login_key.eq(text::fold(typed)))
        .one(db)
        .await?)
}

/// The account of a person, held so that nobody else changes it before the transaction ends.
///
/// # Errors
/// `Fault::NotFound` when the person has none.
pub async fn hold(tx: &impl ConnectionTrait, person: PersonId) -> Result<Model, Fault> {
    Entity::find_by_id(person)
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or(Fault::NotFound)
}

/// Whether anybody can sign in at all.
///
/// # Errors
/// When the database fails.
pub async fn any(db: &impl ConnectionTrait) -> Result<bool, Fault> {
    let one: Option<PersonId> = Entity::find()
        .select_only()
        .column(Column::PersonId)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(one.is_some())
}

/// Writes what an attempt changes.
///
/// # Errors
/// When the database fails.
pub async fn note(
    tx: &impl ConnectionTrait,
    person: PersonId,
    attempt: Attempt,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let mut change: ActiveModel = Default::default();
    match attempt {
        Attempt::Accepted => {
            change.failures = Set(0);
            change.locked_until = Set(None);
            change.last_sign_in_at = Set(Some(now));
        }
        Attempt::Wrong {
            failures,
            locked_until,
        } => {
            change.failures = Set(failures.try_into().unwrap_or(i32::MAX));
            change.locked_until = Set(locked_until);
        }
        Attempt::Locked | Attempt::Disabled | Attempt::CodeExpired => return Ok(()),
    }
    Entity::update_many()
        .set(change)
        .filter(COLUMN.person_id.eq(person))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives a held account another secret; that ends a lock.
///
/// # Errors
/// When the database fails.
pub async fn give(
    tx: &impl ConnectionTrait,
    held: &Model,
    secret: Secret,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let mut change: ActiveModel = Default::default();
    secret.set(&mut change, now);
    // Who chooses a password of their own leaves the demonstration's common one.
    change.demo = Set(false);
    write(tx, held, change).await
}

/// Gives every account that has the demonstration's common password another one; says how many.
///
/// # Errors
/// When the database fails.
pub async fn give_demo(
    tx: &impl ConnectionTrait,
    password: SecretHash,
    now: DateTime<Utc>,
) -> Result<u64, Fault> {
    let mut change: ActiveModel = Default::default();
    Secret::Password(password).set(&mut change, now);
    let given = Entity::update_many()
        .set(change)
        .filter(COLUMN.demo.eq(true))
        .exec(tx)
        .await?;
    Ok(given.rows_affected)
}

/// Ends a held account's lock.
///
/// # Errors
/// When the database fails.
pub async fn unlock(tx: &impl ConnectionTrait, held: &Model) -> Result<(), Fault> {
    let change = ActiveModel {
        failures: Set(0),
        locked_until: Set(None),
        ..Default::default()
    };
    write(tx, held, change).await
}

/// Disables or enables a held account.
///
/// # Errors
/// When the database fails.
pub async fn set_disabled(
    tx: &impl ConnectionTrait,
    held: &Model,
    at: Option<DateTime<Utc>>,
) -> Result<(), Fault> {
    let change = ActiveModel {
        disabled_at: Set(at),
        ..Default::default()
    };
    write(tx, held, change).await
}

async fn write(
    tx: &impl ConnectionTrait,
    held: &Model,
    mut change: ActiveModel,
) -> Result<(), Fault> {
    change.version = Set(held.version + 1);
    let done = Entity::update_many()
        .set(change)
        .filter(COLUMN.person_id.eq(held.person_id))
        .filter(COLUMN.version.eq(held.version))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(Fault::Stale)
    }
}

/// Forgets the codes that ran out: what is not there cannot leak. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn prune_codes(tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, Fault> {
    let done = Entity::update_many()
        .col_expr(Column::SecretHash, Expr::value(None::<String>))
        .filter(COLUMN.code_until.lte(now))
        .filter(COLUMN.secret_hash.is_not_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Accounts whose owners should be told now that their password gets too old.
///
/// # Errors
/// When the database fails.
pub async fn to_warn(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    settings: &AccountSettings,
) -> Result<Vec<Model>, Fault> {
    let Some(max_age) = settings.max_age() else {
        return Ok(vec![]);
    };
    Ok(Entity::find()
        .filter(COLUMN.password_set_at.lte(now - (max_age - WARN_BEFORE)))
        .filter(COLUMN.warned.eq(false))
        .filter(COLUMN.demo.eq(false))
        .filter(COLUMN.code_until.is_null())
        .filter(COLUMN.disabled_at.is_null())
        .order_by_asc(COLUMN.person_id)
        .all(tx)
        .await?)
}

/// Remembers that these were told.
///
/// # Errors
/// When the database fails.
pub async fn mark_warned(
    tx: &impl ConnectionTrait,
    people: impl IntoIterator<Item = PersonId>,
) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::Warned, Expr::value(true))
        .filter(COLUMN.person_id.is_in(people))
        .exec(tx)
        .await?;
    Ok(())
}

/// How an account stands, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Active,
    Locked,
    Disabled,
    /// Nobody has signed in with it yet.
    Unused,
}

impl State {
    /// All of them, in the order that pages show.
    pub const ALL: [Self; 4] = [Self::Active, Self::Locked, Self::Disabled, Self::Unused];

    /// For the address of a list.
    pub fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Locked => "locked",
            Self::Disabled => "disabled",
            Self::Unused => "unused",
        }
    }

    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "正常",
            Self::Locked => "已锁定",
            Self::Disabled => "已停用",
            Self::Unused => "从未登录",
        }
    }

    /// The badge's tone.
    pub fn tone(self) -> &'static str {
        match self {
            Self::Active => "success",
            Self::Locked => "warning",
            Self::Disabled => "danger",
            Self::Unused => "neutral",
        }
    }

    /// The badge's icon.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Active => "circle-check",
            Self::Locked => "lock",
            Self::Disabled => "ban",
            Self::Unused => "circle-dashed",
        }
    }

    /// How an account stands now.
    pub fn of(account: &Model, now: DateTime<Utc>) -> Self {
        if account.disabled_at.is_some() {
            Self::Disabled
        } else if account.standing().is_locked(now) {
            Self::Locked
        } else if account.last_sign_in_at.is_none() {
            Self::Unused
        } else {
            Self::Active
        }
    }

    fn condition(self, now: DateTime<Utc>) -> sea_orm::Condition {
        let enabled = || Column::DisabledAt.is_null();
        let locked = || Column::LockedUntil.gt(now);
        let open = || {
            Column::LockedUntil
                .is_null()
                .or(Column::LockedUntil.lte(now))
        };
        let all = sea_orm::Condition::all();
        match self {
            Self::Disabled => all.add(Column::DisabledAt.is_not_null()),
            Self::Locked => all.add(enabled()).add(locked()),
            Self::Unused => all
                .add(enabled())
                .add(open())
                .add(Column::LastSignInAt.is_null()),
            Self::Active => all
                .add(enabled())
                .add(open())
                .add(Column::LastSignInAt.is_not_null()),
        }
    }
}

/// What a list of accounts asks for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub state: Option<State>,
    /// Part of a login or of a name.
    pub text: String,
    /// From 1.
    pub page: u64,
}

/// Accounts on one page of a list.
pub const PER_PAGE: u64 = 30;

/// One page of the accounts, by login, with the number of all that fit.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    query: &Query,
) -> Result<(Vec<Model>, u64), Fault> {
    let mut select = Entity::find().order_by_asc(COLUMN.login_key);
    if let Some(state) = query.state {
        select = select.filter(state.condition(now));
    }
    let typed = text::fold(&query.text);
    if !typed.is_empty() {
        let mut any = sea_orm::Condition::any().add(Column::LoginKey.contains(&typed));
        if let Some(found) = search::condition(
            "person",
            &query.text,
            ("person", "id"),
            ("person", "haystack"),
        ) {
            let people = sea_orm::sea_query::Query::select()
                .column("id")
                .from("person")
                .cond_where(found)
                .to_owned();
            any = any.add(Expr::col(Column::PersonId).in_subquery(people));
        }
        select = select.filter(any);
    }
    let pages = select.paginate(db, PER_PAGE);
    let total = pages.num_items().await?;
    // No page lies behind the last row; a number beyond the database's own would be a fault.
    let page = std::cmp::min(query.page.saturating_sub(1), total);
    let rows = pages.fetch_page(page).await?;
    Ok((rows, total))
}
