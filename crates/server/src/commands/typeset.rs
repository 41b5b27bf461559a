//! `zhendi typeset`: sets a long table in a process of its own. The program calls it; it is not for people, and it
//! needs neither configuration nor database.

use super::{End, Failure};
use clap::Args;
use std::{
    io::{Write, stdin, stdout},
    path::PathBuf,
    time::Duration,
};
use zhendi_typeset::{FontSource, Typesetter};

/// No table takes longer; who called may be gone without a word.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// 排版一个长表格：从标准输入读取，PDF 写到标准输出（由程序自己调用）
#[derive(Args)]
pub struct TypesetArgs {
    /// 字体文件夹
    #[arg(long, value_name = "DIR")]
    fonts: Option<PathBuf>,
}

impl TypesetArgs {
    /// Reads what `zhendi_typeset::write_lines` wrote; writes the PDF when it is whole.
    pub fn run(self) -> Result<End, Failure> {
        std::thread::spawn(|| {
            std::thread::sleep(LONGEST);
            eprintln!("排版超过 {} 分钟，已停止。", LONGEST.as_secs() / 60);
            std::process::exit(1);
        });
        let source = FontSource {
            folder: self.fonts,
            system: true,
        };
        let typesetter =
            Typesetter::new(&source).map_err(|error| Failure::Usage(error.to_string()))?;
        let pdf = typesetter
            .sheet_from_lines(stdin().lock())
            .map_err(|error| Failure::Work(error.to_string()))?;
        let mut out = stdout().lock();
        out.write_all(&pdf)?;
        out.flush()?;
        Ok(End::Done)
    }
}
