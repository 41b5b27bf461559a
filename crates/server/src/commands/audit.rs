//! `zhendi verify-audit` and `zhendi audit export`.

use super::{End, Failure};
use crate::program::Program;
use clap::{Args, Subcommand};
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};
use zhendi_kernel::audit::{checkpoint, export, verify};

#[derive(Args)]
pub struct VerifyArgs {
    /// 另存于别处的检查点文件（每行一个 JSON）；据此可发现记录链末尾被整段删除
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// 以 JSON 输出结果
    #[arg(long)]
    json: bool,
}

impl VerifyArgs {
    pub async fn run(self, program: Program) -> Result<End, Failure> {
        let kept = match &self.checkpoint {
            None => vec![],
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Failure::Usage(format!("无法读取检查点文件 {}：{error}", path.display()))
                })?;
                checkpoint::parse(&text).map_err(|error| {
                    Failure::Usage(format!("{}: {error}", path.display()))
                })?
            }
        };
        let verdict = verify::walk(&program.app, &kept).await?;
        if self.json {
            println!(
                "{}",
                serde_json::to_string_pretty(&verdict).map_err(|e| Failure::Work(e.to_string()))?
            );
        } else {
            println!("{verdict}");
        }
        let whole = verdict.is_whole();
        program.close().await?;
        Ok(if whole { End::Done } else { End::Findings })
    }
}

#[derive(Subcommand)]
pub enum What {
    /// 导出全部审计记录（每行一个 JSON）
    Export {
        /// 写入的文件；不写时输出到屏幕
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

impl What {
    pub async fn run(self, program: Program) -> Result<End, Failure> {
        let Self::Export { out } = self;
        let mut sink: Box<dyn Write + Send> = match &out {
            Some(path) => Box::new(BufWriter::new(File::create_new(path).map_err(|error| {
                Failure::Usage(format!("无法新建文件 {}：{error}", path.display()))
            })?)),
            None => Box::new(BufWriter::new(std::io::stdout())),
        };
        let count = export::write(&program.app, &mut sink).await?;
        sink.flush()?;
        eprintln!("已导出 {count} 条审计记录。");
        program.close().await?;
        Ok(End::Done)
    }
}
