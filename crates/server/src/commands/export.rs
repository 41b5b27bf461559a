//! `zhendi export annex` and `zhendi export survey-zip`.

use super::{End, Failure, import::find_unit};
use crate::program::Program;
use clap::{Args, Subcommand, ValueEnum};
use std::{
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;
use zhendi_kernel::Actor;
use zhendi_registry::{
    export::Progress,
    forms::{self, Annex, Format, Reach, Subject},
};

#[derive(Subcommand)]
pub enum What {
    /// 导出通知所附的表格：附件1 统计表、附件2 汇总表、附件3 登记表、附件4 备案汇总表
    Annex(AnnexArgs),
    /// 生成一个单位的填报压缩包（附件1-4，.xls，按单位命名）
    SurveyZip(ZipArgs),
}

#[derive(Args)]
pub struct AnnexArgs {
    /// 附件编号：1、2、3 或 4
    #[arg(value_parser = clap::value_parser!(u8).range(1..=4))]
    annex: u8,
    /// 单位（名称或简称），含下级；不写为全校
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
    /// 仅该单位，不含下级
    #[arg(long, requires = "unit")]
    own: bool,
    /// 附件3：网络阵地（编号或名称）
    #[arg(long, value_name = "ID|NAME", conflicts_with = "filing")]
    channel: Option<String>,
    /// 附件3：备案（编号或文号）
    #[arg(long, value_name = "ID|NUMBER")]
    filing: Option<String>,
    /// 附件4：年度，默认今年
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i32).range(1990..=2200))]
    year: Option<i32>,
    /// 文件格式；docx 只用于附件3
    #[arg(long, value_enum)]
    format: FormatArg,
    /// 写入的文件
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 文件已存在时覆盖
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
pub struct ZipArgs {
    /// 单位（名称或简称），含下级
    #[arg(long, value_name = "NAME")]
    unit: String,
    /// 写入的目录；文件名按通知的规则生成
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// 文件已存在时覆盖
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatArg {
    Xls,
    Xlsx,
    Pdf,
    Docx,
}

impl From<FormatArg> for Format {
    fn from(typed: FormatArg) -> Self {
        match typed {
            FormatArg::Xls => Self::Xls,
            FormatArg::Xlsx => Self::Xlsx,
            FormatArg::Pdf => Self::Pdf,
            FormatArg::Docx => Self::Docx,
        }
    }
}

/// Who acts, for the record: whoever may type commands on this machine.
const OPERATOR: &str = "命令行导出";

impl What {
    pub async fn run(self, program: Program) -> Result<End, Failure> {
        let end = match self {
            Self::Annex(args) => args.run(&program).await,
            Self::SurveyZip(args) => args.run(&program).await,
        };
        program.close().await?;
        end
    }
}

impl AnnexArgs {
    async fn run(self, program: &Program) -> Result<End, Failure> {
        let out = Out::new(self.out.clone(), self.force)?;
        let subject = self.subject(program).await?;
        let actor = Actor::program(OPERATOR);
        let (gathered, file) = forms::produce(
            &program.app,
            &actor,
            subject,
            self.format.into(),
            Progress::default(),
        )
        .await?;
        let path = out.write(file)?;
        println!("已导出 {} 行：{}", gathered.rows, path.display());
        Ok(End::Done)
    }

    async fn subject(&self, program: &Program) -> Result<Subject, Failure> {
        let annex = Annex::parse(&self.annex.to_string())
            .ok_or_else(|| Failure::Usage("附件编号为 1 到 4。".into()))?;
        if annex != Annex::Three && (self.channel.is_some() || self.filing.is_some()) {
            return Err(Failure::Usage("--channel 和 --filing 只用于附件3。".into()));
        }
        if annex != Annex::Four && self.year.is_some() {
            return Err(Failure::Usage("--year 只用于附件4。".into()));
        }
        let app = &program.app;
        let reach = Reach {
            unit: find_unit(program, self.unit.as_deref()).await?,
            own: self.own,
        };
        let missing = |what: &str, typed: &str, near: Vec<String>| {
            Failure::Usage(match near.as_slice() {
                [] => format!("没有找到{what}“{typed}”。"),
                near => format!(
                    "没有找到唯一的{what}“{typed}”，可能是：{}。",
                    near.join("、")
                ),
            })
        };
        Ok(match annex {
            Annex::One => Subject::Accounts(reach),
            Annex::Two => Subject::Summary(reach),
            Annex::Four => Subject::Year(reach, self.year.unwrap_or_else(|| forms::this_year(app))),
            Annex::Three => match (&self.channel, &self.filing) {
                (Some(typed), _) => Subject::Channel(
                    forms::channel_named(app, typed)
                        .await?
                        .map_err(|near| missing("网络阵地", typed, near))?,
                ),
                (None, Some(typed)) => Subject::Filing(
                    forms::filing_named(app, typed)
                        .await?
                        .map_err(|near| missing("备案", typed, near))?,
                ),
                (None, None) => {
                    return Err(Failure::Usage(
                        "附件3 按网络阵地或备案逐份生成，请用 --channel 或 --filing 指定；整个单位的可用 export survey-zip。"
                            .into(),
                    ));
                }
            },
        })
    }
}

impl ZipArgs {
    async fn run(self, program: &Program) -> Result<End, Failure> {
        if !self.out.is_dir() {
            return Err(Failure::Usage(format!(
                "目录 {} 不存在。",
                self.out.display()
            )));
        }
        let unit = find_unit(program, Some(&self.unit)).await?;
        let unit = unit.ok_or_else(|| Failure::Usage("请用 --unit 指定单位。".into()))?;
        // Refused before an hour's work, not after.
        let name = forms::archive_name(&program.app, unit).await?;
        let out = Out::new(self.out.join(name), self.force)?;
        let actor = Actor::program(OPERATOR);
        let made = forms::archive(&program.app, &actor, unit).await?;
        let path = out.write(made.file)?;
        println!("已生成 {} 个文件：{}", made.files, path.display());
        Ok(End::Done)
    }
}

/// The file to be written: whole or not at all.
struct Out {
    path: PathBuf,
    force: bool,
}

impl Out {
    fn new(path: PathBuf, force: bool) -> Result<Self, Failure> {
        if path.is_dir() {
            return Err(Failure::Usage(format!(
                "{} 是一个目录，请写文件名。",
                path.display()
            )));
        }
        if path.exists() && !force {
            return Err(exists(&path));
        }
        Ok(Self { path, force })
    }

    fn write(self, mut from: File) -> Result<PathBuf, Failure> {
        let path = self.path;
        let failed = |error: std::io::Error| {
            Failure::Work(match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                    format!("磁盘空间不足，没有写入 {}。", path.display())
                }
                _ => format!("无法写入 {}：{error}", path.display()),
            })
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // Nobody sees half a file, and a full disk leaves none behind.
        let mut part = NamedTempFile::with_prefix_in(".zhendi-", folder).map_err(failed)?;
        std::io::copy(&mut from, part.as_file_mut()).map_err(failed)?;
        part.as_file().sync_all().map_err(failed)?;
        if self.force {
            part.persist(&path).map_err(|error| failed(error.error))?;
        } else {
            part.persist_noclobber(&path)
                .map_err(|error| match error.error.kind() {
                    ErrorKind::AlreadyExists => exists(&path),
                    _ => failed(error.error),
                })?;
        }
        Ok(path)
    }
}

fn exists(path: &Path) -> Failure {
    Failure::Usage(format!(
        "{} 已存在，没有覆盖。确需覆盖请加 --force。",
        path.display()
    ))
}
