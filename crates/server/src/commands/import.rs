//! `zhendi import channels` and `zhendi import people`.

use super::{End, Failure};
use crate::program::Program;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use zhendi_kernel::{Actor, UnitId};
use zhendi_office::{Limits, read_forms};
use zhendi_people::{
    import::{self as people, Verdict},
    unit,
};
use zhendi_registry::import;

#[derive(Subcommand)]
pub enum What {
    /// 导入网络阵地台账：附件1、附件4（.xls、.xlsx、.ods、.csv，或装有它们的 .zip）
    Channels(ChannelArgs),
    /// 导入人员：单位、单位简称、姓名、工号、用工性质、职务、手机、邮箱、角色
    People(PeopleArgs),
}

/// What both imports share.
#[derive(Args)]
struct Common {
    /// 要导入的文件
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// 系统中没有的单位自动新建（标记为待核对）
    #[arg(long)]
    create_units: bool,
    /// 只核对，不写入
    #[arg(long)]
    dry_run: bool,
    /// 有不接受的行时，仍写入其余的行（默认全部不写入）
    #[arg(long)]
    partial: bool,
    /// 以 JSON 输出结果
    #[arg(long)]
    json: bool,
}

impl Common {
    fn read(&self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        self.files
            .iter()
            .map(|path| {
                let bytes = std::fs::read(path).map_err(|error| {
                    Failure::Usage(format!("无法读取文件 {}：{error}", path.display()))
                })?;
                let name = path.file_name().unwrap_or(path.as_os_str());
                Ok((name.to_string_lossy().into_owned(), bytes))
            })
            .collect()
    }
}

#[derive(Args)]
pub struct ChannelArgs {
    #[command(flatten)]
    common: Common,
    /// 只接受该单位（名称或简称）及其下级的行；表中没写开设单位的，视为该单位
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
}

#[derive(Args)]
pub struct PeopleArgs {
    #[command(flatten)]
    common: Common,
}

/// Who acts, for the record: whoever may type commands on this machine.
const OPERATOR: &str = "命令行导入";

impl What {
    pub async fn run(self, program: Program) -> Result<End, Failure> {
        let end = match self {
            Self::Channels(args) => args.run(&program).await,
            Self::People(args) => args.run(&program).await,
        };
        program.close().await?;
        end
    }
}

impl ChannelArgs {
    async fn run(self, program: &Program) -> Result<End, Failure> {
        let app = &program.app;
        let actor = Actor::program(OPERATOR);
        let files = self.common.read()?;
        let source = import::read(&files).map_err(|error| Failure::Work(error.to_string()))?;
        let options = import::Options {
            unit: find_unit(program, self.unit.as_deref()).await?,
            create_units: self.common.create_units,
            partial: self.common.partial,
            ..import::Options::default()
        };
        let tx = app.db.begin().await?;
        let mut report = import::take(&tx, app, &actor, &source, &options).await?;
        report.stored &= !self.common.dry_run;
        if report.stored {
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        print(&report, self.common.json)?;
        Ok(if report.has_refusals() {
            End::Findings
        } else {
            End::Done
        })
    }
}

/// The open unit of a name or short name that was typed; none when nothing was.
///
/// # Errors
/// With the nearest names, when there is no such unit.
pub(super) async fn find_unit(
    program: &Program,
    name: Option<&str>,
) -> Result<Option<UnitId>, Failure> {
    let Some(name) = name else {
        return Ok(None);
    };
    let db = program.app.db.read();
    if let Some(unit) = unit::by_name(db, name).await? {
        return Ok(Some(unit.id));
    }
    let nearest = unit::nearest(db, name, 3).await?;
    Err(Failure::Usage(if nearest.is_empty() {
        format!("系统中没有单位“{name}”。")
    } else {
        format!(
            "系统中没有单位“{name}”，最接近的是：{}。",
            nearest.join("、")
        )
    }))
}

fn print(report: &(impl serde::Serialize + std::fmt::Display), json: bool) -> Result<(), Failure> {
    if json {
        let text =
            serde_json::to_string_pretty(report).map_err(|e| Failure::Work(e.to_string()))?;
        println!("{text}");
    } else {
        println!("{report}");
    }
    Ok(())
}

impl PeopleArgs {
    async fn run(self, program: &Program) -> Result<End, Failure> {
        let app = &program.app;
        let actor = Actor::program(OPERATOR);
        let mut forms = vec![];
        for (name, bytes) in self.common.read()? {
            let reading = read_forms(&name, &bytes, &Limits::default())
                .map_err(|error| Failure::Work(error.to_string()))?;
            forms.extend(reading.forms);
        }
        let options = people::Options {
            create_units: self.common.create_units,
            partial: self.common.partial,
        };
        let tx = app.db.begin().await?;
        let plan = people::plan(&tx, app, &forms, options).await?;
        let stored = !self.common.dry_run && (options.partial || plan.count(Verdict::Refused) == 0);
        if stored {
            people::apply(&tx, app, &actor, &plan).await?;
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        print(
            &PeopleReport {
                stored,
                plan: &plan,
            },
            self.common.json,
        )?;
        Ok(if plan.count(Verdict::Refused) > 0 {
            End::Findings
        } else {
            End::Done
        })
    }
}

/// What became of a people import.
#[derive(serde::Serialize)]
struct PeopleReport<'a> {
    stored: bool,
    #[serde(flatten)]
    plan: &'a people::Plan,
}

impl std::fmt::Display for PeopleReport<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for file in &self.plan.files {
            writeln!(f, "{}", file.file)?;
            for row in &file.rows {
                let verdict = match row.verdict {
                    Verdict::Accepted => "接受",
                    Verdict::Skipped => "无变化",
                    Verdict::Refused => "不接受",
                };
                writeln!(
                    f,
                    "  工作表“{}”第 {} 行  {verdict}  {}",
                    row.sheet, row.row, row.name
                )?;
                for problem in &row.problems {
                    write!(f, "    ✗ {}", problem.column)?;
                    if !problem.value.is_empty() {
                        write!(f, " “{}”", problem.value)?;
                    }
                    writeln!(f, "：{} {}", problem.reason, problem.suggestion)?;
                }
                for (field, before, after) in &row.changes {
                    writeln!(f, "    {field}：“{before}” → “{after}”")?;
                }
                for note in &row.notes {
                    writeln!(f, "    · {note}")?;
                }
            }
        }
        for unit in &self.plan.new_units {
            writeln!(f, "新建单位（待核对）：{unit}")?;
        }
        writeln!(
            f,
            "合计：接受 {}，无变化 {}，不接受 {}",
            self.plan.count(Verdict::Accepted),
            self.plan.count(Verdict::Skipped),
            self.plan.count(Verdict::Refused)
        )?;
        f.write_str(match (self.stored, self.plan.count(Verdict::Refused)) {
            (true, _) => "已写入。",
            (false, 0) => "这是试运行，没有写入。",
            (false, _) => "有不接受的行，没有写入。修改后重试；或加 --partial 只写入接受的行。",
        })
    }
}
