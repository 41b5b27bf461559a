//! A place for data, the commands that are run on it, a server, and browsers that speak to it.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};
use zhendi_kernel::{
    Db,
    testing::{Backend, new_postgres},
};

/// Runs a story on SQLite and on PostgreSQL, each as a test of its own.
macro_rules! on_both_databases {
    ($story:ident) => {
        mod $story {
            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                super::$story(zhendi_kernel::testing::Backend::Sqlite).await
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                super::$story(zhendi_kernel::testing::Backend::Postgres).await
            }
        }
    };
}
pub(crate) use on_both_databases;

/// Where data are: a folder, and an address if the database is elsewhere.
pub struct Place {
    folder: tempfile::TempDir,
    database: Option<String>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The same, if it ended so.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// What was printed, as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Place {
    pub async fn new(backend: Backend) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            database: match backend {
                Backend::Sqlite => None,
                Backend::Postgres => Some(new_postgres().await),
            },
        }
    }

    /// A place whose database is there already, or will be.
    pub fn at(database: Option<String>) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            database,
        }
    }

    /// The folder of the data.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where a test may put files of its own.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command on these data, without anything of the machine's own configuration.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhendi"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ZHENDI_")) {
            command.env_remove(name);
        }
        command.current_dir(self.folder.path());
        command.args(args).arg("--data").arg(self.data());
        if let Some(url) = &self.database {
            command.arg("--database").arg(url);
        }
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        let output = self.command(args).stdin(Stdio::null()).output().unwrap();
        Ran {
            code: output.status.code().expect("an exit code"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts a command that serves, and waits for its address.
    pub fn serve(&self, args: &[&str]) -> Server {
        Server::of(self.command(args))
    }

    /// The database, for looking and for forging.
    pub async fn database(&self) -> DatabaseConnection {
        let url = self
            .database
            .clone()
            .unwrap_or_else(|| Db::sqlite_url(&self.data()));
        Database::connect(url).await.unwrap()
    }
}

/// What a query finds, each value as text.
pub async fn rows(db: &DatabaseConnection, sql: &str) -> Vec<Vec<String>> {
    let found = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    found
        .iter()
        .map(|row| {
            (0..row.column_names().len())
                .map(|at| {
                    row.try_get_by_index::<Option<i64>>(at)
                        .map(|n| n.map_or(String::new(), |n| n.to_string()))
                        .or_else(|_| {
                            row.try_get_by_index::<Option<i32>>(at)
                                .map(|n| n.map_or(String::new(), |n| n.to_string()))
                        })
                        .or_else(|_| {
                            row.try_get_by_index::<Option<String>>(at)
                                .map(Option::unwrap_or_default)
                        })
                        .unwrap_or_else(|error| panic!("{sql}, column {at}: {error}"))
                })
                .collect()
        })
        .collect()
}

/// The one number that a query finds.
pub async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    rows(db, sql).await[0][0].parse().unwrap()
}

/// Does something to the database.
pub async fn force(db: &DatabaseConnection, sql: &str) {
    db.execute_unprepared(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// A server; killed when the test ends.
pub struct Server {
    child: Child,
    pub base: String,
    /// What it printed until it served.
    pub greeting: String,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts a command that serves, and waits for its address.
    pub fn of(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (lines, greeted) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = lines.send(line);
            }
        });
        let log = Arc::new(Mutex::new(String::new()));
        let (mut err, kept) = (child.stderr.take().unwrap(), Arc::clone(&log));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = err.read(&mut buffer) {
                kept.lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&buffer[..n]));
            }
        });
        let mut server = Self {
            child,
            base: String::new(),
            greeting: String::new(),
            log,
        };
        // Loading the demonstration takes its time in a build that is not optimised.
        let patience = Instant::now() + Duration::from_secs(120);
        while server.base.is_empty() {
            match greeted.recv_timeout(patience.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some((_, address)) = line.split_once("已启动：") {
                        server.base = address.trim().to_owned();
                    }
                    server.greeting.push_str(&line);
                    server.greeting.push('\n');
                }
                Err(error) => panic!("{error}: {} {}", server.greeting, server.log()),
            }
        }
        // The rest of the greeting comes at once.
        while let Ok(line) = greeted.recv_timeout(Duration::from_millis(100)) {
            server.greeting.push_str(&line);
            server.greeting.push('\n');
        }
        server
    }

    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Ends it between two instructions: no handler, no flush, no goodbye.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end; its exit code, and how long it took.
    pub fn stop(mut self) -> (i32, Duration) {
        let began = Instant::now();
        let sent = Command::new("kill")
            .arg("-TERM")
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(sent.success());
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (
                    status.code().expect("an exit code, not a signal"),
                    began.elapsed(),
                );
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "it does not end: {}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A browser of a visitor.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.base, None)
    }

    /// A browser that somebody signed in with.
    pub async fn enter(&self, login: &str, password: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(login, password).await.unwrap();
        assert_eq!(answer.status, 303, "{login}: {}", answer.text);
        browser
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that nobody listens on at the moment.
pub fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Keeps cookies, follows nothing.
#[derive(Clone)]
pub struct Browser {
    client: reqwest::Client,
    base: String,
    cookies: BTreeMap<String, String>,
}

pub struct Answer {
    pub status: u16,
    pub location: String,
    pub text: String,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

type Reply = Result<Answer, reqwest::Error>;

impl Browser {
    /// A browser that trusts this certificate besides none.
    pub fn new(base: &str, trusted: Option<&str>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let roots = trusted.map(|pem| reqwest::Certificate::from_pem(pem.as_bytes()).unwrap());
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .tls_certs_only(roots)
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        Self {
            client,
            base: base.to_owned(),
            cookies: BTreeMap::new(),
        }
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<(Answer, Vec<String>), reqwest::Error> {
        let jar: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = request.header("sec-fetch-site", "same-origin");
        if !jar.is_empty() {
            request = request.header("cookie", jar.join("; "));
        }
        let response = request.send().await?;
        let header = |name: &str| {
            let value = response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let cookies = response.headers().get_all("set-cookie").iter();
        let cookies = cookies
            .filter_map(|value| Some(value.to_str().ok()?.to_owned()))
            .collect();
        let (status, location) = (response.status().as_u16(), header("location"));
        Ok((
            Answer {
                status,
                location,
                text: response.text().await?,
            },
            cookies,
        ))
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub async fn get(&self, path: &str) -> Reply {
        Ok(self.send(self.client.get(self.address(path))).await?.0)
    }

    pub async fn json(&self, path: &str, body: &Value) -> Reply {
        Ok(self
            .send(self.client.post(self.address(path)).json(body))
            .await?
            .0)
    }

    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let pair = |(name, value): &(&str, &str)| format!("{}={}", escaped(name), escaped(value));
        let form: Vec<String> = fields.iter().map(pair).collect();
        let request = self
            .client
            .post(self.address(path))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.join("&"));
        Ok(self.send(request).await?.0)
    }

    pub async fn sign_in(&mut self, login: &str, password: &str) -> Reply {
        let form = format!("login={}&password={}", escaped(login), escaped(password));
        let request = self
            .client
            .post(self.address("/sign-in"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let (answer, cookies) = self.send(request).await?;
        for cookie in cookies {
            if let Some((name, value)) = cookie
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='))
            {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// A file of the project's own test data.
pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../engines/office/tests/samples")
        .join(name)
}
