//! `zhendi backup`, `zhendi restore` and `zhendi verify`.

use super::{End, Failure};
use crate::program::{self, Program};
use clap::{Args, Subcommand};
use std::{path::PathBuf, sync::Arc};
use zhendi_kernel::{Actor, clock, config::Config};
use zhendi_operate::{
    Key, Lock, Manifest, Place, Trouble,
    backup::{self, KeysTo, Progress},
    check, restore,
};

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Usage(words) => Self::Usage(words),
            other => Self::Work(other.to_string()),
        }
    }
}

/// What opens a backup.
#[derive(Args)]
struct KeyArgs {
    /// age 私钥文件（AGE-SECRET-KEY-…）
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// 口令文件（备份用口令加密时）
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl KeyArgs {
    fn open(&self) -> Result<Key, Trouble> {
        Key::open(self.identity.as_deref(), self.passphrase_file.as_deref())
    }
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct BackupArgs {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    make: MakeArgs,
}

#[derive(Subcommand)]
enum What {
    /// 从头到尾读一遍备份，核对其中每一项；有问题时退出码为 1
    Verify {
        /// 备份文件，或 s3://存储桶/文件名
        from: String,
        #[command(flatten)]
        key: KeyArgs,
    },
}

#[derive(Args)]
struct MakeArgs {
    /// 写到哪里：文件，或 s3://存储桶/文件名；已有的不会覆盖
    #[arg(long, value_name = "FILE", required = true)]
    out: Option<String>,
    /// 加密公钥（age1…），可写多次；各自的私钥都能打开
    #[arg(long, value_name = "KEY")]
    recipient: Vec<String>,
    /// 改用口令加密，口令在此文件的第一行
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// 同时把密钥另存为一个加密文件；请与备份分开保管
    #[arg(long, value_name = "FILE", conflicts_with = "with_keys")]
    keys_out: Option<String>,
    /// 把密钥也放进备份：能打开备份的人就能看到全部内容
    #[arg(long)]
    with_keys: bool,
    /// 写出后用此私钥打开，从头到尾读一遍
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

impl BackupArgs {
    pub async fn run(self, config: Config) -> Result<End, Failure> {
        match self.what {
            Some(What::Verify { from, key }) => verify(&config, &from, &key).await,
            None => self.make.run(config).await,
        }
    }
}

impl MakeArgs {
    async fn run(self, config: Config) -> Result<End, Failure> {
        let place: Place = self.out.as_deref().unwrap_or_default().parse()?;
        let lock = Lock::new(&self.recipient, self.passphrase_file.as_deref())?;
        let key = match &self.identity {
            Some(file) => Some(Key::open(Some(file), None)?),
            None => lock.key(),
        };
        let keys = match (&self.keys_out, self.with_keys) {
            (Some(file), _) => KeysTo::Apart(file.parse()?),
            (None, true) => KeysTo::Within,
            (None, false) => KeysTo::Nowhere,
        };
        let program = Program::open(config).await?;
        let order = backup::Order {
            place: place.clone(),
            lock,
            keys: keys.clone(),
            key,
        };
        let actor = Actor::program("命令行备份");
        let made = backup::make(
            &program.app,
            program::FACTS,
            &actor,
            order,
            Arc::new(Progress::default()),
        )
        .await?;
        zhendi_operate::note_command(&program.app, &place, &made).await?;
        println!(
            "备份已写到 {place}（{} 字节，SHA-256 {}）。",
            made.written.size, made.written.sha256
        );
        describe(&made.manifest);
        println!(
            "{}",
            if made.opened {
                "已用密钥打开并从头到尾核对。"
            } else {
                "已重新读取并核对密文；手头没有私钥，没有打开。建议在保管私钥的机器上运行 zhendi backup verify。"
            }
        );
        match &keys {
            KeysTo::Apart(file) => println!("密钥另存于 {file}，请与备份分开保管。"),
            KeysTo::Within => println!("备份中含有密钥，请像密钥一样保管。"),
            KeysTo::Nowhere => println!(
                "备份中没有密钥；没有密钥，加密的内容无法读取。请确认密钥另有备份（--keys-out）。"
            ),
        }
        let sound = made.manifest.findings.is_empty();
        program.close().await?;
        Ok(if sound { End::Done } else { End::Findings })
    }
}

fn describe(manifest: &Manifest) {
    println!(
        "{}，{} 的数据：{} {}，{} 行；审计记录 {} 条；文件 {} 个，{} 字节。",
        if manifest.institution.is_empty() {
            "（未命名）"
        } else {
            &manifest.institution
        },
        clock::show(&manifest.at),
        manifest.database.label(),
        manifest.database_version,
        manifest.rows.values().sum::<u64>(),
        manifest.chain.records,
        manifest.files.count,
        manifest.files.bytes,
    );
    println!(
        "程序 {}，数据结构 {}。",
        manifest.program,
        manifest.schema()
    );
    for finding in &manifest.findings {
        println!("备份时发现：{finding}");
    }
}

async fn verify(config: &Config, from: &str, key: &KeyArgs) -> Result<End, Failure> {
    let place: Place = from.parse()?;
    let manifest = backup::verify(config, &place, key.open()?).await?;
    println!("备份完整：每一项都与目录一致。");
    describe(&manifest);
    Ok(if manifest.findings.is_empty() {
        End::Done
    } else {
        End::Findings
    })
}

#[derive(Args)]
pub struct RestoreArgs {
    /// 备份文件，或 s3://存储桶/文件名
    #[arg(long, value_name = "FILE")]
    from: String,
    #[command(flatten)]
    key: KeyArgs,
    /// 另存的密钥备份
    #[arg(long, value_name = "FILE")]
    keys: Option<String>,
}

impl RestoreArgs {
    pub async fn run(self, config: Config) -> Result<End, Failure> {
        let order = restore::Order {
            from: self.from.parse()?,
            key: self.key.open()?,
            keys: self.keys.as_deref().map(str::parse).transpose()?,
        };
        let restored = restore::restore(&config, program::FACTS, order).await?;
        println!("已恢复到 {}。", config.data.display());
        describe(&restored.manifest);
        println!(
            "恢复的是 {} 的状态，此后的变化不在其中。",
            clock::show(&restored.manifest.at)
        );
        match restored.missing_keys.as_slice() {
            [] => println!("密钥齐全，可以启动程序。"),
            missing => {
                for file in missing {
                    println!("还缺密钥文件 {}。", file.display());
                }
                println!("放好原来的密钥之前，程序不会启动。");
            }
        }
        println!("启动后请核验审计记录：zhendi verify-audit --checkpoint 另存的检查点文件");
        Ok(End::Done)
    }
}

#[derive(Args)]
pub struct VerifyArgs {
    /// 再与此备份逐行比对，找出不经程序而改变的行
    #[arg(long, value_name = "FILE")]
    against: Option<String>,
    #[command(flatten)]
    key: KeyArgs,
}

impl VerifyArgs {
    pub async fn run(self, config: Config) -> Result<End, Failure> {
        let against = match &self.against {
            Some(from) => Some((from.parse::<Place>()?, self.key.open()?)),
            None => None,
        };
        let compared = against.is_some();
        let program = Program::open(config).await?;
        let report = check::check(&program.app, program::FACTS, against).await?;
        for finding in &report.findings {
            println!("损坏：{finding}");
        }
        for (table, keys) in &report.changed {
            println!(
                "有变化，无法自动判断是否正常：表 {table} 的 {}",
                keys.join("、")
            );
        }
        if compared {
            println!("备份之后经程序更新或新增 {} 行。", report.renewed);
        }
        for note in &report.notes {
            println!("{note}");
        }
        println!(
            "共检查数据库 {} 行、审计记录 {} 条、文件 {} 个，发现 {} 处损坏。",
            report.rows,
            report.records,
            report.files,
            report.findings.len()
        );
        let sound = report.findings.is_empty();
        program.close().await?;
        Ok(if sound { End::Done } else { End::Findings })
    }
}
