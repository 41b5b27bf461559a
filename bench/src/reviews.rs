//! Review: a queue of 50,000 manuscripts, and a unit's head who decides with many windows open.

use crate::{
    Stop,
    client::{self, Load},
    data::{self, Dice},
    run,
    server::Server,
};
use sea_orm::{ConnectionTrait, Value};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use zhendi_kernel::search;

/// Manuscripts that wait, with the version of their course.
pub type Ready = Vec<(i64, i32)>;

/// How many manuscripts the queue holds.
pub const QUEUE: i64 = 50_000;
/// Of these so many wait for the one head who decides.
const OF_HEAD: i64 = 20_000;

const HEAD: &str = "SELECT g.unit_id FROM role_grant g JOIN account a ON a.person_id = g.person_id \
    WHERE a.login = 'danweifuze' AND g.role = 'unit_head' AND g.unit_id IS NOT NULL LIMIT 1";
/// A manuscript whose first level has agreed.
const LIKE: &str = "SELECT c.manuscript_id FROM review_course c JOIN review_decision d \
    ON d.manuscript_id = c.manuscript_id AND d.round = c.round AND d.level = 1 AND d.verdict = 'approve' \
    WHERE c.stage = 'reviewing' AND c.level = 2 AND c.named = FALSE \
    ORDER BY c.manuscript_id LIMIT 1";

const TITLES: [&str; 8] = [
    "关于举办学术讲座的通知",
    "学院召开期中教学检查会议",
    "志愿服务队走进社区",
    "毕业生就业双选会公告",
    "消防演练活动安排",
    "青年教师教学竞赛结果公示",
    "科研团队取得新进展",
    "运动会圆满落幕",
];

/// Copies a manuscript that waits at the second level as often as wanted, at all levels of many units.
pub async fn prepare(folder: &Path, database: Option<String>) -> Result<Ready, Stop> {
    let app = data::open(folder, database).await?;
    let tx = app.db.begin_long().await?;
    let (unit, like, last) = (
        data::number(&tx, HEAD).await?,
        data::number(&tx, LIKE).await?,
        data::number(&tx, "SELECT max(manuscript_id) FROM review_course").await?,
    );
    let sql = format!("SELECT version FROM review_course WHERE manuscript_id = {like}");
    let version = data::number(&tx, &sql).await? as i32;
    let channels = "SELECT id, unit_id FROM channel ORDER BY id DESC LIMIT 5000";
    let channels = tx
        .query_all_raw(data::statement(&tx, channels, vec![]))
        .await?;
    let channels: Vec<(i64, i64)> = channels
        .iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect::<Result<_, Stop>>()?;
    let mut dice = Dice::new(9);
    let now = app.now();
    let (mut ids, mut courses, mut grams, mut ready) = (vec![], vec![], vec![], vec![]);
    let mut tally: BTreeMap<(i64, i64, &str), i64> = BTreeMap::new();
    for nth in 0..QUEUE {
        let id = last + 1 + nth;
        let (channel, own) = channels[dice.below(channels.len())];
        let (level, code, turn, unit) = match nth {
            nth if nth < OF_HEAD => (2, "second", "unit_head", unit),
            nth if nth % 3 == 0 => (1, "first", "channel_admin", own),
            nth if nth % 3 == 1 => (2, "second", "unit_head", own),
            _ => (3, "third", "publicity_head", own),
        };
        let title = format!("{}（{nth}）", TITLES[dice.below(TITLES.len())]);
        let found_by = search::haystack([title.as_str(), &id.to_string()]);
        grams.extend(
            search::grams(&found_by)
                .into_iter()
                .map(|gram| (gram.to_owned(), id)),
        );
        for (unit, channel) in [(unit, channel), (0, 0)] {
            *tally.entry((unit, channel, code)).or_default() += 1;
        }
        // One in fifty is past its time.
        let due = now + chrono::TimeDelta::seconds(dice.below(500_000) as i64 - 10_000);
        ids.push(id);
        courses.push(vec![
            Value::from(id),
            unit.into(),
            channel.into(),
            title.into(),
            found_by.into(),
            level.into(),
            turn.into(),
            due.into(),
            None::<i64>.into(),
        ]);
        if nth < OF_HEAD {
            ready.push((id, version));
        }
    }
    let key = ("manuscript_id", like);
    let own = [
        ("manuscript_id", "bigint"),
        ("unit_id", "bigint"),
        ("channel_id", "bigint"),
        ("title", "text"),
        ("haystack", "text"),
        ("level", "integer"),
        ("turn", "text"),
        ("due_at", "timestamptz"),
        ("held_by", "bigint"),
    ];
    data::copies(&tx, "review_course", key, &own, &courses).await?;
    let rows: Vec<Vec<Value>> = ids.iter().map(|id| vec![(*id).into()]).collect();
    let own = [("manuscript_id", "bigint")];
    data::copies(&tx, "review_round", key, &own, &rows).await?;
    data::copies(&tx, "review_barred", key, &own, &rows).await?;
    let decided =
        format!("SELECT min(id) FROM review_decision WHERE manuscript_id = {like} AND level = 1");
    let (decided, first) = (
        data::number(&tx, &decided).await?,
        data::number(&tx, "SELECT max(id) + 1 FROM review_decision").await?,
    );
    let rows: Vec<Vec<Value>> = ids
        .iter()
        .zip(first..)
        .map(|(id, decision)| vec![decision.into(), (*id).into()])
        .collect();
    let own = [("id", "bigint"), ("manuscript_id", "bigint")];
    data::copies(&tx, "review_decision", ("id", decided), &own, &rows).await?;
    data::next_id(&tx, "review_decision").await?;
    for ((unit, channel, standing), number) in tally {
        let sql = "INSERT INTO review_tally (unit_id, channel_id, standing, number) VALUES ($1, $2, $3, $4) \
            ON CONFLICT (unit_id, channel_id, standing) DO UPDATE SET number = review_tally.number + excluded.number";
        let values = vec![unit.into(), channel.into(), standing.into(), number.into()];
        tx.execute_raw(data::statement(&tx, sql, values)).await?;
    }
    grams.sort_unstable();
    let rows = grams
        .into_iter()
        .map(|(gram, id)| vec!["review".into(), gram.into(), id.into()]);
    data::insert(
        &tx,
        "search_gram",
        &["kind", "gram", "subject_id"],
        rows.collect(),
    )
    .await?;
    tx.commit().await?;
    app.db.writer().execute_unprepared("ANALYZE").await?;
    app.db.clone().close().await?;
    Ok(ready)
}

/// The pages of the queue that are measured.
pub fn lists() -> Vec<(&'static str, String)> {
    [
        ("review queue, one's own", "/reviews"),
        ("review queue, all that is under way", "/reviews?view=open"),
        (
            "review queue, of a level",
            "/reviews?view=open&level=second",
        ),
        ("review queue, overdue", "/reviews?view=overdue"),
        (
            "review queue, search",
            "/reviews?view=open&q=%E5%BF%97%E6%84%BF",
        ),
    ]
    .map(|(name, path)| (name, path.to_owned()))
    .into()
}

/// Decides as many as time allows; gives back those that are left.
pub fn decide(
    server: &Server,
    cookie: &str,
    ready: Ready,
    clients: usize,
    span: Duration,
) -> Result<(Load, Ready), Stop> {
    let (at, cookie) = (server.at, cookie.to_owned());
    let ready = Arc::new(Mutex::new(ready));
    let mine = Arc::clone(&ready);
    let load = client::load(at, clients, span, 303, move |_| {
        let (id, version) = mine.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        let form = format!(
            "version={version}&verdict=approve&opinion=%E5%90%8C%E6%84%8F&proofread=on\
             &checked=0&checked=1&checked=2&checked=3&checked=4"
        );
        Some(run::form(
            at,
            &format!("/manuscripts/{id}/decisions"),
            &cookie,
            &form,
        ))
    })?;
    let left = std::mem::take(&mut *ready.lock().unwrap_or_else(PoisonError::into_inner));
    if left.is_empty() {
        return Err("nothing was left to decide".into());
    }
    Ok((load, left))
}
