//! Measures Zhendi: data at scale, a bare handler over the same rows, clients, and a table of figures.

mod data;

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
    }
}
