//! The program under test as a child process.

use crate::{
    Stop,
    client::{Line, get, post},
};
use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Everybody of the demonstration has it.
pub const PASSWORD: &str = "Bench-2026-zd!";

pub struct Server {
    child: Child,
    pub at: SocketAddr,
    /// From the start of the process to its first good answer.
    pub started: Duration,
}

impl Server {
    /// Starts a program and waits until it answers at `path`.
    pub async fn start(
        mut command: Command,
        at: SocketAddr,
        path: &str,
        patience: Duration,
    ) -> Result<Self, Stop> {
        let began = Instant::now();
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Self {
            child,
            at,
            started: Duration::ZERO,
        };
        loop {
            if let Ok(mut line) = Line::open(at).await
                && let Ok(answer) = line.ask(&get(path, "")).await
                && answer.status < 500
            {
                server.started = began.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("{command:?} ended: {status}").into());
            }
            if began.elapsed() > patience {
                return Err(format!("{command:?} does not answer").into());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// `zhendi` on a folder with a demonstration.
    pub async fn zhendi(
        program: &Path,
        folder: &Path,
        database: Option<&str>,
    ) -> Result<Self, Stop> {
        let at = free()?;
        let mut command = Command::new(program);
        command
            .args(["demo", "--data"])
            .arg(folder)
            .args(["--listen", &at.to_string()])
            .env("ZHENDI_DEMO_PASSWORD", PASSWORD);
        if let Some(database) = database {
            command.args(["--database", database]);
        }
        Self::start(command, at, "/readyz", Duration::from_secs(120)).await
    }

    /// Resident memory in megabytes.
    pub fn memory(&self) -> Result<f64, Stop> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.ok_or("no VmRSS")?.trim().trim_end_matches(" kB");
        Ok(kilobytes.trim().parse::<f64>()? / 1024.0)
    }

    /// Signs somebody in; gives the cookie.
    pub async fn sign_in(&self, login: &str) -> Result<String, Stop> {
        let origin = format!("http://{}", self.at);
        let form = format!("login={login}&password={PASSWORD}").replace('!', "%21");
        let mut line = Line::open(self.at).await?;
        let answer = line.ask(&post("/sign-in", "", &origin, &form)).await?;
        let cookie = answer.head.lines().find_map(|line| {
            let value = line.strip_prefix("set-cookie: ")?;
            value
                .starts_with("zhendi=")
                .then(|| value.split(';').next())?
        });
        cookie
            .map(str::to_owned)
            .ok_or_else(|| format!("{login} is not let in: {}", answer.status).into())
    }

    /// Ends it in order.
    pub async fn stop(mut self) -> Result<(), Stop> {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        let began = Instant::now();
        while self.child.try_wait()?.is_none() {
            if began.elapsed() > Duration::from_secs(20) {
                self.child.kill()?;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that nobody listens at.
pub fn free() -> Result<SocketAddr, Stop> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
