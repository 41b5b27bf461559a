//! The program `zhendi`: commands, configuration, the whole router, the API's document.

mod api;
mod commands;
mod demo;
mod health;
mod logging;
mod program;
mod router;
mod serve;
#[cfg(test)]
mod tests;

use clap::Parser;
use std::process::ExitCode;

/// Rows are made on SQLite's thread and let go on another, for which the system's own allocator takes locks.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = commands::Cli::parse();
    // One provider of cryptography for the whole program, chosen before anyone asks.
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        eprintln!("加密组件初始化失败。");
        return ExitCode::FAILURE;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(cli.run()),
        Err(error) => {
            eprintln!("无法启动运行环境：{error}");
            ExitCode::FAILURE
        }
    }
}
