//! Data at scale, put beside a demonstration's: it has the people who sign in, this has the crowd.

use crate::Stop;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use std::{collections::BTreeMap, path::Path, sync::Arc, time::Instant};
use zhendi_kernel::{
    Actor, App, ChannelId, Clock, Db, Entropy, Fault, PersonId, Role, Tx, UnitId, app::Parts,
    audit, config::Config, files::Files, jobs::Handlers, outgoing::Outgoing, scope, search,
    secrets::Keyring, text, work,
};

/// How much there is to be when it is done.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct Size {
    #[arg(long, default_value_t = 2_000)]
    pub units: i64,
    #[arg(long, default_value_t = 100_000)]
    pub channels: i64,
    #[arg(long, default_value_t = 1_000_000)]
    pub audit: i64,
}

/// The program's parts on a folder, without its jobs and menus.
pub async fn open(folder: &Path, database: Option<String>) -> Result<App, Stop> {
    let config = Config {
        data: folder.to_owned(),
        ..Config::default()
    };
    let entropy = Entropy::system();
    let url = database.unwrap_or_else(|| Db::sqlite_url(folder));
    Ok(App::new(Parts {
        db: Db::connect(&url).await?,
        clock: Clock::system(),
        keys: Keyring::open_or_create(&config, &entropy)?,
        signer: audit::Signer::open_or_create(&config, &entropy)?,
        files: Files::open(&config)?,
        outgoing: Outgoing::new(&config)?,
        entropy,
        jobs: Handlers::new(),
        work_kinds: vec![],
        menu: vec![],
        holders: Arc::new(Nobody),
        config,
    }))
}

/// Nobody waits for what is made here.
struct Nobody;

impl work::Holders for Nobody {
    fn holders<'a, 'b, 'c>(
        &'a self,
        _: &'b App,
        _: Role,
        _: UnitId,
        _: Option<ChannelId>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<PersonId>, Fault>> + Send + 'c>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async { Ok(vec![]) })
    }
}

/// Numbers that are the same at every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

const PLACES: [&str; 24] = [
    "文学",
    "历史",
    "哲学",
    "数学",
    "物理",
    "化学",
    "生命科学",
    "材料",
    "机械",
    "电子信息",
    "计算机",
    "软件",
    "土木",
    "建筑",
    "环境",
    "经济",
    "管理",
    "法学",
    "外国语",
    "新闻传播",
    "艺术",
    "体育",
    "医学",
    "马克思主义",
];
const KINDS: [&str; 10] = [
    "系",
    "教研室",
    "研究所",
    "实验中心",
    "学生会",
    "团委",
    "图书分馆",
    "校友会",
    "研究生会",
    "党支部",
];
const WORDS: [&str; 20] = [
    "青年", "之声", "微讯", "新闻", "学子", "讲坛", "书香", "校园", "科普", "招生", "就业", "实验",
    "志愿", "青春", "视界", "思政", "团学", "后勤", "教务", "学术",
];
const TAILS: [&str; 8] = [
    "平台",
    "在线",
    "天地",
    "速递",
    "驿站",
    "家园",
    "公众号",
    "网",
];

/// Adds what is missing up to a size.
pub async fn generate(folder: &Path, database: Option<String>, size: &Size) -> Result<(), Stop> {
    let app = open(folder, database).await?;
    let began = Instant::now();
    let said = |what: &str| eprintln!("{what} ({:.1} s)", began.elapsed().as_secs_f64());
    let tx = app.db.begin_long().await?;
    let units = units(&tx, &app, size.units).await?;
    tx.commit().await?;
    said(&format!("{} units", units.len()));
    let made = channels(&app, &units, size.channels).await?;
    said(&format!("{made} channels more"));
    let made = records(&app, &units, size.audit).await?;
    said(&format!("{made} audit records more"));
    // What a job does each hour.
    let tx = app.db.begin_long().await?;
    zhendi_registry::channel::store::counters::fold(&tx).await?;
    tx.commit().await?;
    // What a database learns in its first weeks.
    app.db.writer().execute_unprepared("ANALYZE").await?;
    said("analysed");
    app.db.clone().close().await?;
    Ok(())
}

pub fn statement(tx: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(tx.get_database_backend(), sql, values)
}

pub async fn number(db: &impl ConnectionTrait, sql: &str) -> Result<i64, Stop> {
    let row = db.query_one_raw(statement(db, sql, vec![])).await?;
    let row = row.ok_or("no row; run `zhendi demo --data …` there first")?;
    Ok(row.try_get_by_index(0)?)
}

async fn columns(tx: &Tx, table: &str) -> Result<Vec<String>, Stop> {
    let sql = match tx.get_database_backend() {
        DbBackend::Postgres => format!(
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}' \
             ORDER BY ordinal_position"
        ),
        _ => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
    };
    let rows = tx.query_all_raw(statement(tx, &sql, vec![])).await?;
    rows.iter()
        .map(|row| Ok(row.try_get_by_index(0)?))
        .collect()
}

/// Writes rows like one that is there, with some columns of their own: whatever columns a table gets one
/// day, what the program wrote once is a row that it can read.
pub async fn copies(
    tx: &Tx,
    table: &str,
    (key, like): (&str, i64),
    own: &[(&str, &str)],
    rows: &[Vec<Value>],
) -> Result<(), Stop> {
    let postgres = tx.get_database_backend() == DbBackend::Postgres;
    let all = columns(tx, table).await?;
    let from = |column: &String| match own.iter().find(|(name, _)| name == column) {
        Some((name, kind)) if postgres => format!("v.{name}::{kind}"),
        Some((name, _)) => format!("v.{name}"),
        None => format!("t.{column}"),
    };
    let names: Vec<&str> = own.iter().map(|(name, _)| *name).collect();
    for some in rows.chunks(400) {
        let mut place = 0;
        let tuple = |_: &Vec<Value>| {
            let marks: Vec<String> = own
                .iter()
                .map(|(_, kind)| {
                    place += 1;
                    if postgres {
                        format!("${place}::{kind}")
                    } else {
                        format!("?{place}")
                    }
                })
                .collect();
            format!("({})", marks.join(","))
        };
        let tuples: Vec<String> = some.iter().map(tuple).collect();
        let sql = format!(
            "WITH v({names}) AS (VALUES {tuples}) INSERT INTO {table} ({all}) SELECT {from} FROM v, {table} t \
             WHERE t.{key} = {like}",
            names = names.join(","),
            tuples = tuples.join(","),
            all = all.join(","),
            from = all.iter().map(from).collect::<Vec<_>>().join(","),
        );
        let values = some.iter().flatten().cloned().collect();
        tx.execute_raw(statement(tx, &sql, values)).await?;
    }
    Ok(())
}

/// Three levels below the root: colleges, their departments, and groups in some of those.
async fn units(tx: &Tx, app: &App, wanted: i64) -> Result<Vec<i64>, Stop> {
    let (root, have, last) = (
        number(tx, "SELECT id FROM unit WHERE parent_id IS NULL").await?,
        number(tx, "SELECT count(*) FROM unit").await?,
        number(tx, "SELECT max(id) FROM unit").await?,
    );
    let like = number(
        tx,
        "SELECT max(id) FROM unit WHERE parent_id IS NOT NULL AND closed_at IS NULL",
    )
    .await?;
    let now = app.now();
    let (mut rows, mut above) = (vec![], BTreeMap::new());
    let colleges = Ord::max((wanted - have) / 50, 1);
    for nth in 0..wanted - have {
        let id = last + 1 + nth;
        let parent = match nth {
            nth if nth < colleges => root,
            nth if nth < colleges * 12 => last + 1 + nth % colleges,
            _ => last + 1 + colleges + nth % (colleges * 11),
        };
        above.insert(id, parent);
        let place = PLACES[nth as usize % PLACES.len()];
        let name = if parent == root {
            format!("{place}学院{}", nth + 1)
        } else {
            format!("{place}{}{}", KINDS[nth as usize % KINDS.len()], nth + 1)
        };
        let key = text::fold(&name);
        let found_by = search::haystack([name.as_str()]);
        rows.push((
            id,
            found_by.clone(),
            vec![
                id.into(),
                parent.into(),
                name.clone().into(),
                name.into(),
                key.clone().into(),
                format!("{parent}:{key}").into(),
                key.into(),
                found_by.into(),
                now.into(),
            ],
        ));
    }
    let own = [
        ("id", "bigint"),
        ("parent_id", "bigint"),
        ("name", "text"),
        ("short_name", "text"),
        ("name_key", "text"),
        ("sibling_key", "text"),
        ("short_key", "text"),
        ("haystack", "text"),
        ("created_at", "timestamptz"),
    ];
    let values: Vec<Vec<Value>> = rows.iter().map(|(_, _, row)| row.clone()).collect();
    copies(tx, "unit", ("id", like), &own, &values).await?;
    for (id, found_by, _) in &rows {
        scope::insert(tx, UnitId(*id), Some(UnitId(above[id]))).await?;
        search::index_new(tx, "unit", &[(*id, found_by)]).await?;
    }
    next_id(tx, "unit").await?;
    let sql = "SELECT id FROM unit WHERE closed_at IS NULL ORDER BY id";
    let all = tx.query_all_raw(statement(tx, sql, vec![])).await?;
    all.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// PostgreSQL counts ids apart from the rows.
pub async fn next_id(tx: &Tx, table: &str) -> Result<(), Stop> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let sql = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        );
        tx.query_one_raw(statement(tx, &sql, vec![])).await?;
    }
    Ok(())
}

struct Channel {
    id: i64,
    unit: i64,
    platform: &'static str,
    name: String,
    address: String,
    opened: NaiveDate,
    followers: i64,
    filing: &'static str,
    running: &'static str,
    file_by: Option<NaiveDate>,
    updated: DateTime<Utc>,
}

/// About as in a survey: mostly 公众号, most of them filed and running.
fn channel(dice: &mut Dice, id: i64, units: &[i64], now: DateTime<Utc>) -> Channel {
    let platform = dice.one(&[
        "wechat",
        "wechat",
        "wechat",
        "wechat",
        "website",
        "website",
        "weibo",
        "douyin",
        "bilibili",
        "wechat_video",
        "xiaohongshu",
        "kuaishou",
        "app",
        "mini_program",
    ]);
    let filing = dice.one(&[
        "filed",
        "filed",
        "filed",
        "filed",
        "filed",
        "filed",
        "unfiled",
        "unfiled",
        "cancelled",
    ]);
    let running = match filing {
        "cancelled" => "closed",
        _ => dice.one(&[
            "live",
            "live",
            "live",
            "live",
            "live",
            "live",
            "live",
            "suspended",
        ]),
    };
    let place = dice.one(&PLACES);
    let name = format!(
        "{place}{}{}{}",
        dice.one(&WORDS),
        dice.one(&WORDS),
        dice.one(&TAILS)
    );
    let address = match platform {
        "website" => format!("https://site{id}.example.edu.cn/"),
        _ => format!("zd{platform}{id}").replace('_', ""),
    };
    let opened = now.date_naive() - TimeDelta::days(100 + dice.below(4_000) as i64);
    Channel {
        id,
        unit: units[dice.below(units.len())],
        platform,
        name,
        address,
        opened,
        followers: dice.below(100_000) as i64,
        filing,
        running,
        file_by: (filing == "unfiled")
            .then(|| now.date_naive() + TimeDelta::days(dice.below(120) as i64 - 60)),
        updated: now - TimeDelta::seconds(dice.below(400 * 86_400) as i64),
    }
}

async fn channels(app: &App, units: &[i64], wanted: i64) -> Result<i64, Stop> {
    let mut dice = Dice::new(4);
    let (mut made, now) = (0, app.now());
    let mut grams: Vec<(String, i64)> = vec![];
    loop {
        let tx = app.db.begin_long().await?;
        let (have, last) = (
            number(&tx, "SELECT count(*) FROM channel").await?,
            number(&tx, "SELECT max(id) FROM channel").await?,
        );
        let like = number(
            &tx,
            "SELECT min(id) FROM channel WHERE filing_state = 'filed'",
        )
        .await?;
        let people = "SELECT person_id FROM channel_person ORDER BY person_id LIMIT 60";
        let people = tx.query_all_raw(statement(&tx, people, vec![])).await?;
        let people: Vec<i64> = people
            .iter()
            .map(|row| row.try_get_by_index(0))
            .collect::<Result<_, _>>()?;
        let batch = Ord::min(wanted - have, 20_000);
        if batch <= 0 {
            break;
        }
        let some: Vec<Channel> = (last + 1..=last + batch)
            .map(|id| channel(&mut dice, id, units, now))
            .collect();
        let own = [
            ("id", "bigint"),
            ("unit_id", "bigint"),
            ("platform", "text"),
            ("name", "text"),
            ("name_key", "text"),
            ("address_or_id", "text"),
            ("opened_on", "text"),
            ("followers", "bigint"),
            ("filing_state", "text"),
            ("running_state", "text"),
            ("file_by", "date"),
            ("haystack", "text"),
            ("created_at", "timestamptz"),
            ("updated_at", "timestamptz"),
        ];
        let known = columns(&tx, "channel").await?;
        let kept: Vec<usize> = (0..own.len())
            .filter(|at| known.iter().any(|name| name == own[*at].0))
            .collect();
        let own: Vec<(&str, &str)> = kept.iter().map(|at| own[*at]).collect();
        let rows: Vec<Vec<Value>> = some
            .iter()
            .map(|one| {
                let found_by = search::haystack([one.name.as_str(), &one.address]);
                grams.extend(
                    search::grams(&found_by)
                        .into_iter()
                        .map(|gram| (gram.to_owned(), one.id)),
                );
                let all: Vec<Value> = vec![
                    one.id.into(),
                    one.unit.into(),
                    one.platform.into(),
                    one.name.clone().into(),
                    text::fold(&one.name).into(),
                    one.address.clone().into(),
                    one.opened.to_string().into(),
                    one.followers.into(),
                    one.filing.into(),
                    one.running.into(),
                    one.file_by.into(),
                    found_by.into(),
                    one.updated.into(),
                    one.updated.into(),
                ];
                kept.iter().map(|at| all[*at].clone()).collect()
            })
            .collect();
        copies(&tx, "channel", ("id", like), &own, &rows).await?;
        let keys = some.iter().map(|one| {
            let key = match one.platform {
                "website" => format!("site:site{}.example.edu.cn", one.id),
                platform => format!("account:{platform}:{}", one.address),
            };
            vec![key.into(), one.id.into()]
        });
        insert(&tx, "identity", &["key", "channel_id"], keys.collect()).await?;
        let duties = some.iter().flat_map(|one| {
            let person = |step: i64| people[((one.id * 3 + step) % people.len() as i64) as usize];
            [("leader", 0), ("reviewer", 1), ("operator", 2)].map(|(duty, step)| {
                vec![one.id.into(), duty.into(), 0i32.into(), person(step).into()]
            })
        });
        let names = ["channel_id", "duty", "position", "person_id"];
        insert(&tx, "channel_person", &names, duties.collect()).await?;
        next_id(&tx, "channel").await?;
        tx.commit().await?;
        made += batch;
    }
    // In the order of the index: every page of it is written once.
    grams.sort_unstable();
    for some in grams.chunks(400_000) {
        let tx = app.db.begin_long().await?;
        let rows = some
            .iter()
            .map(|(gram, id)| vec!["channel".into(), gram.clone().into(), (*id).into()]);
        insert(
            &tx,
            "search_gram",
            &["kind", "gram", "subject_id"],
            rows.collect(),
        )
        .await?;
        tx.commit().await?;
    }
    Ok(made)
}

pub async fn insert(
    tx: &Tx,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
) -> Result<(), Stop> {
    for some in rows.chunks(500) {
        let mut place = 0;
        let tuples: Vec<String> = some
            .iter()
            .map(|row| {
                let marks: Vec<String> = row
                    .iter()
                    .map(|_| {
                        place += 1;
                        format!("${place}")
                    })
                    .collect();
                format!("({})", marks.join(","))
            })
            .collect();
        let names = columns.join(",");
        let sql = format!("INSERT INTO {table} ({names}) VALUES {}", tuples.join(","));
        let values = some.iter().flatten().cloned().collect();
        tx.execute_raw(statement(tx, &sql, values)).await?;
    }
    Ok(())
}

/// Where a page begins so many rows into the list, as its address says it.
pub async fn mark_at(folder: &Path, database: Option<String>, rows: u64) -> Result<String, Stop> {
    let app = open(folder, database).await?;
    let sql = format!(
        "SELECT id, updated_at FROM channel ORDER BY updated_at DESC, id DESC LIMIT 1 OFFSET {rows}"
    );
    let row = app
        .db
        .read()
        .query_one_raw(statement(app.db.read(), &sql, vec![]))
        .await?;
    let row = row.ok_or("there are not so many channels")?;
    let (id, at): (i64, DateTime<Utc>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    app.db.clone().close().await?;
    Ok(format!(
        "{id}.{}",
        at.to_rfc3339().replace('+', "%2B").replace(':', "%3A")
    ))
}

/// Annex 1 as a table of text.
pub fn annex_one(rows: usize) -> String {
    let mut dice = Dice::new(1);
    let mut text = String::from(
        "序号,账号（网站）名称,账号ID,开设单位,认证主体,类型,问题排查情况,是否整改,是否具有互动功能,\
         是否建立内容发布审核制度,是否委托其他单位运营,账号负责人姓名,账号负责人手机号,备注\n",
    );
    for nth in 1..=rows {
        let name = format!(
            "{}{}{}{nth}",
            dice.one(&PLACES),
            dice.one(&WORDS),
            dice.one(&TAILS)
        );
        let unit = format!("{}学院", PLACES[nth % PLACES.len()]);
        let line = format!(
            "{nth},{name},bench{nth},{unit},示例职业技术学院,微信公众号,无问题,-,是,是,否,李明,138{nth:08},\n"
        );
        text.push_str(&line);
    }
    text
}

async fn records(app: &App, units: &[i64], wanted: i64) -> Result<i64, Stop> {
    let have = number(app.db.read(), "SELECT seq FROM audit_head").await?;
    let (mut dice, mut made) = (Dice::new(9), 0);
    let actor = Actor::program("往年数据");
    while have + made < wanted {
        let some = Ord::min(wanted - have - made, 20_000);
        let entries = (0..some).map(|nth| {
            let unit = units[dice.below(units.len())];
            let name = format!(
                "{}{}{}",
                dice.one(&PLACES),
                dice.one(&WORDS),
                dice.one(&TAILS)
            );
            audit::Entry {
                action: dice.one(&[
                    "channel.corrected",
                    "filing.signed",
                    "filing.submitted",
                    "role.granted",
                ]),
                subject: ("channel", made + nth),
                unit: Some(UnitId(unit)),
                on_behalf_of: None,
                summary: format!("更正网络阵地“{name}”的登记信息"),
                detail: serde_json::json!({
                    "before": { "name": name, "followers": dice.below(9_999) },
                    "after": { "name": name, "followers": dice.below(9_999) },
                }),
            }
        });
        let entries = entries.collect();
        let tx = app.db.begin_long().await?;
        audit::append_all(&tx, app, &actor, entries).await?;
        tx.commit().await?;
        made += some;
    }
    Ok(made)
}
