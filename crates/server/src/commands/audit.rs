//! `zhendi verify-audit` and `zhendi audit export`.

use super::{End, Failure};
use crate::program::Program;
use clap::{Args, Subcommand};
use futures::TryStreamExt;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};
use zhendi_kernel::audit::{
    Checkpoint, Filter,
    export::{self, Format},
    verify::{self, Verdict},
};

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
                Checkpoint::parse(&text).map_err(|line| {
                    Failure::Usage(format!("{}:{line}: 不是检查点记录。", path.display()))
                })?
            }
        };
        let verdict = verify::walk(&program.app.db, &program.app.signer, &kept).await?;
        if self.json {
            println!(
                "{}",
                serde_json::to_string_pretty(&verdict).map_err(|e| Failure::Work(e.to_string()))?
            );
        } else {
            println!("{}", in_words(&verdict));
        }
        let whole = verdict.first_break.is_none();
        program.close().await?;
        Ok(if whole { End::Done } else { End::Findings })
    }
}

fn in_words(verdict: &Verdict) -> String {
    let seen = format!(
        "共核验 {} 条记录、{} 个检查点",
        verdict.records, verdict.checkpoints
    );
    match &verdict.first_break {
        None if verdict.erased > 0 => format!(
            "审计记录链完整：{seen}；其中 {} 条的附带信息已按规定删除。",
            verdict.erased
        ),
        None => format!("审计记录链完整：{seen}。"),
        Some(broken) => format!(
            "审计记录链在第 {} 条断裂（{}）：{}\n断裂之前：{seen}。",
            broken.seq,
            broken.kind.label(),
            broken.explanation
        ),
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
        let mut pieces = std::pin::pin!(export::stream(
            program.app.db.clone(),
            Filter::default(),
            Format::JsonLines
        ));
        while let Some(piece) = pieces.try_next().await? {
            sink.write_all(&piece)?;
        }
        sink.flush()?;
        program.close().await?;
        Ok(End::Done)
    }
}
