//! `zhendi demo`: a made-up college with weeks of history, in a database of its own.

mod calendar;
mod channel_data;
mod channels;
mod data;
mod filing_data;
mod filings;
mod forwardings;
mod govern;
mod load;
mod manuscript_data;
mod manuscripts;
mod people;
#[cfg(test)]
mod tests;

use crate::{
    commands::Failure,
    program::{self, Program, database_url},
    serve::Greeting,
};
use calendar::{Calendar, Hand};
use load::Loader;
use serde::{Deserialize, Serialize};
use std::net::TcpListener;
use zhendi_kernel::{
    Actor, App, Clock, Db, Entropy, Fault, Tx,
    config::Config,
    migrations,
    secrets::Sealed,
    settings::{self, Institution, Setting},
};
use zhendi_people::{
    account::{
        self,
        policy::{self, Known},
    },
    unit,
};

/// What the sealed password is for.
const PASSWORD: &str = "demo.password";
/// By this variable the operator names the common password.
const VARIABLE: &str = "ZHENDI_DEMO_PASSWORD";

/// What is kept of the demonstration besides its data; there once all of it is loaded.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Demonstration {
    /// The common password: it is printed at each start.
    password: Option<Sealed>,
}

impl Setting for Demonstration {
    const KEY: &'static str = "demonstration";
}

/// What a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    /// The demonstration, whole.
    Demo,
    /// One whose loading broke off.
    Half,
    /// An institution's own data.
    Real,
}

/// The program on the demonstration's data: loaded into an empty database, or those that are there.
///
/// # Errors
/// `Failure::Usage` when the database holds other data, which are not touched, or the password of the
/// variable is too weak; when the database fails.
pub async fn open(config: Config, reset: bool) -> Result<(Program, Greeting), Failure> {
    let wanted = std::env::var(VARIABLE).ok().filter(|text| !text.is_empty());
    open_with(config, reset, wanted).await
}

async fn open_with(
    config: Config,
    reset: bool,
    wanted: Option<String>,
) -> Result<(Program, Greeting), Failure> {
    if let Some(password) = &wanted {
        policy::check(password, &Known::default(), 8).map_err(|found| {
            Failure::Usage(format!(
                "{VARIABLE} 不合密码要求：{}",
                policy::sentence(&found)
            ))
        })?;
    }
    let found = look(&config).await?;
    match found {
        Found::Real => return Err(Failure::Usage(REAL.into())),
        Found::Demo if !reset => {
            let program = Program::open(config).await?;
            let password = go_on(&program.app, wanted).await?;
            return Ok((program, Greeting::Demo(greeting(&password))));
        }
        Found::Demo | Found::Half => begin_anew(&config).await?,
        Found::Nothing => {}
    }
    let password = wanted.unwrap_or_else(|| invent(&Entropy::system()));
    load(config.clone(), &password).await?;
    Ok((
        Program::open(config).await?,
        Greeting::Demo(greeting(&password)),
    ))
}

const REAL: &str = "这个数据库中已有正式数据，示例数据没有载入，原有数据未作任何改动。\n\
    请用 --data 指定另一个空目录（或用 --database 指定另一个空库）运行示例；\n\
    要使用现有数据，请运行 zhendi serve。";

/// Looks without changing anything: not even tables are brought up to date.
async fn look(config: &Config) -> Result<Found, Failure> {
    let url = database_url(config);
    let file = url
        .strip_prefix("sqlite:")
        .map(|rest| rest.trim_start_matches("//"))
        .and_then(|rest| rest.split('?').next());
    // Connecting would make the file.
    if file.is_some_and(|file| !std::path::Path::new(file).exists()) {
        return Ok(Found::Nothing);
    }
    let db = Db::connect(&url).await.map_err(|error| {
        Failure::Work(format!(
            "无法连接数据库，请检查 --data 或 --database：{error}"
        ))
    })?;
    let found = what_is_in(&db).await;
    db.close().await?;
    found
}

async fn what_is_in(db: &Db) -> Result<Found, Failure> {
    for table in ["unit", "setting"] {
        if !migrations::has_table(db, table).await? {
            return Ok(Found::Nothing);
        }
    }
    let institution: Institution = settings::get(db.read()).await?;
    if institution.demo {
        let kept: Demonstration = settings::get(db.read()).await?;
        return Ok(if kept.password.is_some() {
            Found::Demo
        } else {
            Found::Half
        });
    }
    // Everything that can be entered hangs on a unit.
    Ok(match unit::root(db.read()).await? {
        None => Found::Nothing,
        Some(_) => Found::Real,
    })
}

/// Empties a database that carries the marker.
async fn begin_anew(config: &Config) -> Result<(), Failure> {
    // Whoever serves these data now would have them pulled away from under it.
    TcpListener::bind(config.listen).map_err(|error| {
        Failure::Usage(format!(
            "{} 正被占用（{error}）。请先停止正在运行的示例系统，再重新载入。",
            config.listen
        ))
    })?;
    let db = Db::connect(&database_url(config)).await?;
    let emptied = migrations::begin_anew(&db, program::steps).await;
    db.close().await?;
    emptied?;
    // A folder of files belongs to the database beside it, and to no other.
    let files = config.data.join("files");
    if config.database.is_none() && files.exists() {
        std::fs::remove_dir_all(files)?;
    }
    Ok(())
}

/// Loads everything by a clock that is set from day to day, then closes the program: it goes on by the
/// machine's.
async fn load(config: Config, password: &str) -> Result<(), Failure> {
    let now = Clock::system().now();
    let hand = Hand::new(now);
    let program = Program::open_at(config, hand.clock()).await?;
    let loaded = async {
        Loader::run(&program.app, &hand, Calendar::at(now), password).await?;
        hand.set(now);
        let tx = program.app.db.begin().await?;
        keep(&tx, &program.app, password).await?;
        tx.commit().await.map_err(Fault::from)
    };
    let loaded = loaded.await;
    program.close().await?;
    Ok(loaded?)
}

async fn keep(tx: &Tx, app: &App, password: &str) -> Result<(), Fault> {
    let sealed = app.keys.seal(&app.entropy, PASSWORD, password);
    settings::put(
        tx,
        &Demonstration {
            password: Some(sealed),
        },
    )
    .await
}

/// The password that holds from now on: the wanted one, else the one kept; a new one when the key that
/// sealed it is gone.
async fn go_on(app: &App, wanted: Option<String>) -> Result<String, Failure> {
    let kept: Demonstration = app.setting().await?;
    let kept = kept
        .password
        .and_then(|sealed| app.keys.open(PASSWORD, &sealed).ok());
    let password = match (wanted, &kept) {
        (Some(wanted), _) => wanted,
        (None, Some(kept)) => return Ok(kept.clone()),
        (None, None) => invent(&app.entropy),
    };
    if kept.as_ref() != Some(&password) {
        let tx = app.db.begin().await?;
        keep(&tx, app, &password).await?;
        account::set_demo_password(&tx, app, &Actor::program("示例数据"), &password).await?;
        tx.commit().await?;
    }
    Ok(password)
}

/// A random password that keeps the policy.
fn invent(entropy: &Entropy) -> String {
    loop {
        let password = entropy.code(3);
        if policy::check(&password, &Known::default(), 8).is_ok() {
            return password;
        }
    }
}

/// What is printed: an account for each role, and the password of all.
fn greeting(password: &str) -> String {
    let rows = data::LOGINS
        .iter()
        .filter_map(|row| Some((row.role?.label(), row.person, row.login)));
    let mut lines = vec!["示例账号（每个角色一个）：".to_owned()];
    for (role, name, login) in [("角色", "姓名", "登录名")].into_iter().chain(rows) {
        lines.push(format!("  {}{}{login}", padded(role, 26), padded(name, 10)));
    }
    lines.push(format!("公共密码：{password}"));
    lines.join("\n")
}

/// A text with blanks up to a width; a Han character is two wide.
fn padded(text: &str, width: usize) -> String {
    let wide: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(wide)))
}
