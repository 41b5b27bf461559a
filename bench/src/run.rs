//! One run of everything: the server and the bare handler in turn, on the same cores as their client.

use crate::{
    Stop, bare_command,
    client::{self, Line, Load, get, post},
    data::{self, Size},
    disk,
    figures::{Figures, Target},
    peer, reviews,
    server::{Server, free},
    signing,
};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// Requests under way at once.
const CLIENTS: usize = 16;

#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// The program under test.
    #[arg(long, default_value = "target/release/zhendi")]
    pub zhendi: PathBuf,
    /// Where the data are, or are to be made.
    #[arg(long, default_value = "target/bench/data")]
    pub data: PathBuf,
    /// Also on this empty or already filled PostgreSQL database.
    #[arg(long)]
    pub postgres: Option<String>,
    /// Seconds for each load.
    #[arg(long, default_value_t = 4)]
    pub seconds: u64,
    /// Wagtail, as `scripts/install.sh bench` has put it.
    #[arg(long)]
    pub wagtail: Option<PathBuf>,
    /// The figures, as a table in Markdown.
    #[arg(long)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub size: Size,
}

impl Options {
    fn span(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

pub async fn run(options: Options) -> Result<(), Stop> {
    let mut figures = Figures::default();
    filled(&options.zhendi, &options.data, None, &options.size).await?;
    let peer = pages(&options, &options.data, None, &mut figures).await?;
    if let Some(wagtail) = &options.wagtail {
        peer::against(wagtail, &options, &peer, &mut figures).await?;
    }
    verify(&options, &mut figures)?;
    import(&options, &mut figures)?;
    if let Some(url) = &options.postgres {
        let folder = options.data.with_file_name("data-postgres");
        filled(&options.zhendi, &folder, Some(url), &options.size).await?;
        on_postgres(&options, &folder, url, peer.bare, &mut figures).await?;
    }
    let table = figures.table();
    match &options.out {
        Some(out) => std::fs::write(out, &table)?,
        None => print!("{table}"),
    }
    eprintln!("{} missed", figures.missed());
    Ok(())
}

/// A folder with a demonstration and the crowd beside it.
async fn filled(
    program: &Path,
    folder: &Path,
    database: Option<&str>,
    size: &Size,
) -> Result<(), Stop> {
    let done = folder.join("filled");
    if done.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    Server::zhendi(program, folder, database)
        .await?
        .stop()
        .await?;
    data::generate(folder, database.map(str::to_owned), size).await?;
    std::fs::write(done, "")?;
    Ok(())
}

/// What the peer is held against.
pub struct Ours {
    pub bare: f64,
    pub list: f64,
    pub submit: f64,
}

fn percent(part: f64, whole: f64) -> f64 {
    100.0 * part / whole
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}

/// Loads a page, after a little warming up.
fn load_page(
    at: std::net::SocketAddr,
    path: &str,
    cookie: &str,
    span: Duration,
) -> Result<Load, Stop> {
    let request = get(path, cookie);
    let ask = move |_| Some(request.clone());
    client::load(at, CLIENTS, Duration::from_millis(500), 200, ask.clone())?;
    client::load(at, CLIENTS, span, 200, ask)
}

async fn bare(options: &Options, size: usize) -> Result<Load, Stop> {
    let at = free()?;
    let command = bare_command(&options.data, at, size)?;
    let server = Server::start(command, at, "/", Duration::from_secs(10)).await?;
    let load = load_page(at, "/", "", options.span())?;
    server.stop().await?;
    Ok(load)
}

/// The addresses of lists: their names, and how they are asked for.
async fn lists(
    server: &Server,
    cookie: &str,
    deep: &str,
) -> Result<Vec<(&'static str, String)>, Stop> {
    let mut line = Line::open(server.at).await?;
    let page = line.ask(&get("/channels", cookie)).await?.text();
    let college = page
        .split("<option value=\"")
        .filter_map(|rest| Some((rest.split_once('"')?.0, rest.split_once('>')?.1)))
        .find(|(_, name)| name.trim_start_matches('\u{3000}').starts_with("物理学院"))
        .map(|(id, _)| id.to_owned())
        .ok_or("no college in the choice of units")?;
    Ok(vec![
        ("channel list, first page", "/channels".into()),
        (
            "channel list, 50,000 rows in",
            format!("/channels?after={deep}"),
        ),
        (
            "channel list of a platform",
            "/channels?platform=weibo".into(),
        ),
        (
            "channel list of the unfiled",
            "/channels?filing=unfiled".into(),
        ),
        (
            "channel list of a college with what is below it",
            format!("/channels?unit={college}"),
        ),
        (
            "channel list, platform and state, by name",
            "/channels?platform=wechat&filing=filed&sort=name".into(),
        ),
        (
            "search, two characters",
            "/channels?q=%E5%BF%97%E6%84%BF".into(),
        ),
        (
            "search, four characters",
            "/channels?q=%E5%BF%97%E6%84%BF%E7%A7%91%E6%99%AE".into(),
        ),
    ])
}

async fn pages(
    options: &Options,
    folder: &Path,
    database: Option<&str>,
    figures: &mut Figures,
) -> Result<Ours, Stop> {
    let deep = data::mark_at(folder, database.map(str::to_owned), 50_000).await?;
    let ready = signing::prepare(folder, database.map(str::to_owned), 30_000).await?;
    let to_review = reviews::prepare(folder, database.map(str::to_owned)).await?;
    // The second start is that of every day: the first brought the tables up to date.
    Server::zhendi(&options.zhendi, folder, database)
        .await?
        .stop()
        .await?;
    let server = Server::zhendi(&options.zhendi, folder, database).await?;
    figures.add(
        "start on the full database",
        server.started.as_secs_f64(),
        "s",
        Target::AtMost(1.0),
        "from the process to its first good answer",
    );
    tokio::time::sleep(Duration::from_secs(3)).await;
    figures.add(
        "memory, idle",
        server.memory()?,
        "MB",
        Target::AtMost(80.0),
        "",
    );
    let cookie = server.sign_in("xuanchuan").await?;
    let mut line = Line::open(server.at).await?;
    let size = line.ask(&get("/channels", &cookie)).await?.body.len();
    let before = bare(options, size).await?;
    let note = format!(
        "{:.0} kB, p99 {:.1} ms",
        size as f64 / 1_000.0,
        millis(before.p99)
    );
    figures.add(
        "bare handler",
        before.per_second,
        "pages/s",
        Target::None,
        note,
    );
    let (mut first, mut busiest) = (0.0, 0.0f64);
    for (name, path) in lists(&server, &cookie, &deep).await? {
        let load = load_page(server.at, &path, &cookie, options.span())?;
        busiest = busiest.max(server.memory()?);
        if path == "/channels" {
            first = load.per_second;
        }
        told(figures, name, &load, before.per_second, Some(20.0));
    }
    for (name, path) in reviews::lists() {
        let load = load_page(server.at, &path, &cookie, options.span())?;
        busiest = busiest.max(server.memory()?);
        told(figures, name, &load, before.per_second, Some(20.0));
    }
    let load = load_page(server.at, "/", &cookie, options.span())?;
    told(
        figures,
        "dashboard with 30,000 filings waiting",
        &load,
        before.per_second,
        None,
    );
    let after = bare(options, size).await?;
    let note = "the same once more: how far the machine is steady";
    figures.add(
        "bare handler, at the end",
        after.per_second,
        "pages/s",
        Target::None,
        note,
    );

    let fsync = disk::fsyncs(folder)?;
    figures.add(
        "fsync of this disk",
        fsync,
        "per s",
        Target::None,
        "4 kB appended, one after the other",
    );
    let head = server.sign_in("danweifuze").await?;
    let (alone, ready) = signing::sign(&server, &head, ready, 1, options.span())?;
    signed(
        figures,
        "signing, one client (no shared commit)",
        &alone,
        fsync,
        70.0,
        false,
    );
    let (together, _) = signing::sign(&server, &head, ready, CLIENTS, options.span())?;
    signed(
        figures,
        "signing, 16 clients",
        &together,
        fsync,
        100.0,
        true,
    );
    let (alone, to_review) = reviews::decide(&server, &head, to_review, 1, options.span())?;
    signed(
        figures,
        "deciding on a manuscript, one client (no shared commit)",
        &alone,
        fsync,
        70.0,
        false,
    );
    let (many, _) = reviews::decide(&server, &head, to_review, CLIENTS, options.span())?;
    signed(
        figures,
        "deciding on manuscripts, 16 clients",
        &many,
        fsync,
        70.0,
        true,
    );
    busiest = busiest.max(server.memory()?);
    figures.add(
        "memory, under load",
        busiest,
        "MB",
        Target::AtMost(250.0),
        "the most after each load",
    );
    server.stop().await?;
    Ok(Ours {
        bare: before.per_second,
        list: first,
        submit: together.per_second,
    })
}

fn told(figures: &mut Figures, name: &str, load: &Load, bare: f64, share: Option<f64>) {
    let note = format!(
        "{:.0} pages/s, p50 {:.1} ms, {:.0} kB{}",
        load.per_second,
        millis(load.p50),
        load.size as f64 / 1_000.0,
        wrong(load)
    );
    figures.add(
        format!("{name}, of the bare handler"),
        percent(load.per_second, bare),
        "%",
        share.map_or(Target::None, Target::AtLeast),
        note,
    );
    figures.add(
        format!("{name}, p99"),
        millis(load.p99),
        "ms",
        share.map_or(Target::None, |_| Target::AtMost(20.0)),
        "",
    );
}

fn wrong(load: &Load) -> String {
    match load.wrong {
        0 => String::new(),
        wrong => format!(", **{wrong} of {} answers were not good**", load.answers),
    }
}

fn signed(figures: &mut Figures, name: &str, load: &Load, fsync: f64, share: f64, timed: bool) {
    let note = format!("{:.0} signatures/s{}", load.per_second, wrong(load));
    figures.add(
        format!("{name}, of the fsync rate"),
        percent(load.per_second, fsync),
        "%",
        Target::AtLeast(share),
        note,
    );
    let target = if timed {
        Target::AtMost(30.0)
    } else {
        Target::None
    };
    figures.add(format!("{name}, p99"), millis(load.p99), "ms", target, "");
}

fn verify(options: &Options, figures: &mut Figures) -> Result<(), Stop> {
    let began = Instant::now();
    let said = Command::new(&options.zhendi)
        .args(["verify-audit", "--data"])
        .arg(&options.data)
        .output()?;
    let took = began.elapsed();
    if !said.status.success() {
        return Err(String::from_utf8_lossy(&said.stderr).into_owned().into());
    }
    let rate = options.size.audit as f64 / took.as_secs_f64();
    let note = format!(
        "{} records in {:.1} s, with the start",
        options.size.audit,
        took.as_secs_f64()
    );
    figures.add(
        "verify-audit",
        rate,
        "records/s",
        Target::AtLeast(300_000.0),
        note,
    );
    Ok(())
}

/// A new annex of 10,000 rows on an empty database.
fn import(options: &Options, figures: &mut Figures) -> Result<(), Stop> {
    let folder = tempfile::tempdir_in(options.data.parent().unwrap_or(Path::new(".")))?;
    let annex = folder.path().join("附件1.csv");
    std::fs::write(&annex, data::annex_one(10_000))?;
    let rows = |args: &[&str]| -> Result<Duration, Stop> {
        let began = Instant::now();
        let said = Command::new(&options.zhendi)
            .args(args)
            .args(["--data"])
            .arg(folder.path().join("data"))
            .output()?;
        let took = began.elapsed();
        if said.status.success() {
            return Ok(took);
        }
        let words = [said.stdout, said.stderr].concat();
        Err(String::from_utf8_lossy(&words).into_owned().into())
    };
    rows(&["migrate"])?;
    let empty = rows(&["migrate"])?;
    let file = annex.to_string_lossy().into_owned();
    let took = rows(&["import", "channels", &file, "--create-units"])?;
    let note = format!(
        "the command took {:.2} s, of which a start {:.2} s",
        took.as_secs_f64(),
        empty.as_secs_f64()
    );
    figures.add(
        "annex 1 with 10,000 rows read, checked and stored",
        (took.saturating_sub(empty)).as_secs_f64(),
        "s",
        Target::AtMost(1.0),
        note,
    );
    Ok(())
}

async fn on_postgres(
    options: &Options,
    folder: &Path,
    url: &str,
    bare: f64,
    figures: &mut Figures,
) -> Result<(), Stop> {
    let deep = data::mark_at(folder, Some(url.to_owned()), 50_000).await?;
    let server = Server::zhendi(&options.zhendi, folder, Some(url)).await?;
    let cookie = server.sign_in("xuanchuan").await?;
    for (name, path) in lists(&server, &cookie, &deep).await? {
        let load = load_page(server.at, &path, &cookie, options.span())?;
        told(
            figures,
            &format!("PostgreSQL: {name}"),
            &load,
            bare,
            Some(10.0),
        );
    }
    server.stop().await
}

/// A form posted, for the peer.
pub fn form(at: std::net::SocketAddr, path: &str, cookie: &str, form: &str) -> Vec<u8> {
    post(path, cookie, &format!("http://{at}"), form)
}
