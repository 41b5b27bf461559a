//! What can be typed after `zhendi`. Exit codes are stable: 0 done, 1 findings or refused rows (or the
//! work failed), 2 wrong use or wrong configuration.

mod audit;
mod backup;
mod check;
mod export;
mod import;
mod keys;
mod typeset;

use crate::{program::Program, serve};
use clap::{Args, Parser, Subcommand};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};
use zhendi_kernel::{
    config::{Config, Secret, Tls},
    fault::Fault,
};

/// 阵地：高校网络阵地（网站、新媒体账号）备案、审核、监测与考核
#[derive(Parser)]
#[command(
    name = "zhendi",
    version,
    about,
    propagate_version = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(subcommand)]
    command: Command,
}

/// Where the data are.
#[derive(Args)]
struct PlaceArgs {
    /// 配置文件（TOML）；不写时读取环境变量 ZHENDI_CONFIG，再读当前目录的 zhendi.toml（如有）
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// 数据目录（内置数据库、文件、密钥）
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 数据库地址，例如 postgres://用户:口令@主机/库；不写时使用数据目录中的内置数据库
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// 启动网页服务（同时处理后台任务）
    Serve(ServeArgs),
    /// 只处理后台任务，不提供网页
    Work,
    /// 升级数据库结构到本程序的版本
    Migrate,
    /// 载入示例学校并启动网页服务；再次运行沿用原有示例数据
    Demo {
        /// 清除原有示例数据，重新载入
        #[arg(long)]
        reset: bool,
        #[command(flatten)]
        serve: ServeArgs,
    },
    /// 从电子表格导入
    #[command(subcommand)]
    Import(import::What),
    /// 导出通知所附的表格，或一个单位的填报压缩包
    #[command(subcommand)]
    Export(export::What),
    /// 排版一个长表格（由程序自己调用）
    #[command(hide = true)]
    Typeset(typeset::TypesetArgs),
    /// 核验审计记录链；发现断裂时退出码为 1，并指出第一条有问题的记录
    VerifyAudit(audit::VerifyArgs),
    /// 检查文件中的错别字、校对问题、个人信息和涉密标志；有发现时退出码为 1
    Check(check::CheckArgs),
    /// 审计记录
    #[command(subcommand)]
    Audit(audit::What),
    /// 数据加密密钥
    #[command(subcommand)]
    Keys(keys::What),
    /// 备份数据库、文件和配置（加密）；运行中也可以备份
    Backup(backup::BackupArgs),
    /// 由备份恢复到空的数据目录（和空的 PostgreSQL 数据库）
    Restore(backup::RestoreArgs),
    /// 检查数据库、审计记录链、加密内容和文件是否完好；有损坏时退出码为 1，并逐处指出
    Verify(backup::VerifyArgs),
}

/// How to serve.
#[derive(Args)]
pub struct ServeArgs {
    /// 监听地址，默认 127.0.0.1:8080
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// TLS 证书文件（PEM，含证书链）
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// TLS 私钥文件（PEM）
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

impl ServeArgs {
    fn apply(&self, config: &mut Config) {
        if let Some(listen) = self.listen {
            config.listen = listen;
        }
        if let (Some(cert), Some(key)) = (&self.tls_cert, &self.tls_key) {
            config.tls = Some(Tls {
                cert: cert.clone(),
                key: key.clone(),
            });
        }
    }
}

/// How a command ended.
pub enum End {
    /// Done, and nothing to complain about.
    Done,
    /// Done, but there are findings or refused rows.
    Findings,
}

/// Why a command could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// Typed or configured wrongly.
    Usage(String),
    /// It went wrong underway.
    Work(String),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        use std::error::Error;
        let mut words = fault.to_string();
        let mut cause = fault.source();
        while let Some(next) = cause {
            words = format!("{words}（{next}）");
            cause = next.source();
        }
        Self::Work(words)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Work(error.to_string())
    }
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        Fault::from(error).into()
    }
}

impl Cli {
    /// Runs the command and says how it ended.
    pub async fn run(self) -> ExitCode {
        match self.try_run().await {
            Ok(End::Done) => ExitCode::SUCCESS,
            Ok(End::Findings) => ExitCode::from(1),
            Err(Failure::Work(words)) => {
                eprintln!("出错：{words}");
                ExitCode::from(1)
            }
            Err(Failure::Usage(words)) => {
                eprintln!("{words}");
                ExitCode::from(2)
            }
        }
    }

    async fn try_run(self) -> Result<End, Failure> {
        let mut config = match self.command {
            // These need none: one is called by a program that has read it, the other looks at files alone.
            Command::Typeset(_) | Command::Check(_) => Config::default(),
            _ => self.place.load()?,
        };
        match self.command {
            Command::Serve(args) => {
                args.apply(&mut config);
                crate::logging::start(&config);
                serve::run(Program::open(config).await?, serve::Greeting::Plain).await
            }
            Command::Demo { reset, serve } => {
                serve.apply(&mut config);
                crate::logging::start(&config);
                crate::commands::demo(config, reset).await
            }
            Command::Work => {
                crate::logging::start(&config);
                serve::work(Program::open(config).await?).await
            }
            Command::Migrate => {
                let program = Program::open(config).await?;
                println!("数据库已是最新结构。");
                program.close().await?;
                Ok(End::Done)
            }
            Command::Import(what) => what.run(Program::open(config).await?).await,
            Command::Export(what) => what.run(Program::open(config).await?).await,
            Command::Typeset(args) => args.run(),
            Command::Check(args) => args.run(),
            Command::VerifyAudit(args) => args.run(Program::open(config).await?).await,
            Command::Audit(what) => what.run(Program::open(config).await?).await,
            Command::Keys(what) => what.run(Program::open(config).await?).await,
            Command::Backup(args) => args.run(config).await,
            Command::Restore(args) => args.run(config).await,
            Command::Verify(args) => args.run(config).await,
        }
    }
}

impl PlaceArgs {
    fn load(&self) -> Result<Config, Failure> {
        let named = self
            .config
            .clone()
            .or_else(|| std::env::var_os("ZHENDI_CONFIG").map(PathBuf::from));
        let usual = Path::new("zhendi.toml");
        let file = named.or_else(|| usual.exists().then(|| usual.to_owned()));
        let mut config = Config::load(file.as_deref(), std::env::vars())
            .map_err(|error| Failure::Usage(error.to_string()))?;
        if let Some(data) = &self.data {
            config.data.clone_from(data);
        }
        if let Some(database) = &self.database {
            config.database = Some(Secret::from(database.clone()));
        }
        Ok(config)
    }
}

async fn demo(config: Config, reset: bool) -> Result<End, Failure> {
    let (program, greeting) = crate::demo::open(config, reset).await?;
    serve::run(program, greeting).await
}
