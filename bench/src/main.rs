//! Measures Zhendi: data at scale, a bare handler over the same rows, clients, and a table of figures.

mod bare;
mod client;
mod data;
mod disk;
mod figures;
mod peer;
mod reviews;
mod run;
mod server;
mod signing;

use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

/// Any reason why a bench cannot go on.
pub type Stop = Box<dyn std::error::Error + Send + Sync>;

#[derive(Parser)]
#[command(about = "Measures Zhendi")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Adds units, channels and audit records to a folder where `zhendi demo` has put its data.
    Data {
        /// The folder.
        #[arg(long)]
        data: PathBuf,
        /// A PostgreSQL database instead of the one in the folder; the keys are still the folder's.
        #[arg(long)]
        database: Option<String>,
        #[command(flatten)]
        size: data::Size,
    },
    /// Measures everything.
    Run(run::Options),
    /// Serves the bare handler.
    #[command(hide = true)]
    Bare {
        #[arg(long)]
        data: PathBuf,
        #[arg(long)]
        listen: std::net::SocketAddr,
        #[arg(long)]
        size: usize,
    },
}

/// The bare handler is a process of its own, as the program is.
fn bare_command(
    data: &std::path::Path,
    listen: std::net::SocketAddr,
    size: usize,
) -> Result<std::process::Command, Stop> {
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command
        .args(["bare", "--listen", &listen.to_string()])
        .args(["--size", &size.to_string(), "--data"])
        .arg(data);
    Ok(command)
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let done = runtime
        .map_err(Stop::from)
        .and_then(|runtime| runtime.block_on(run(cli.what)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(what: What) -> Result<(), Stop> {
    match what {
        What::Data {
            data,
            database,
            size,
        } => data::generate(&data, database, &size).await,
        What::Run(options) => run::run(options).await,
        What::Bare { data, listen, size } => bare::serve(&data, listen, size).await,
    }
}
