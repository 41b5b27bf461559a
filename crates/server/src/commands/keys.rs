//! `zhendi keys rotate`.

use super::{End, Failure};
use crate::program::{self, Program};
use clap::Subcommand;
use zhendi_kernel::secrets::{self, KeyError};

#[derive(Subcommand)]
pub enum What {
    /// 换用新的数据密钥，并把已加密的内容全部改用新密钥加密（可中断后重来）
    Rotate,
}

impl What {
    pub async fn run(self, program: Program) -> Result<End, Failure> {
        let Self::Rotate = self;
        let app = &program.app;
        match app.keys.rotate(&app.entropy) {
            Ok(_) => {}
            // The operator has put the new key in front; what is left is to seal everything by it.
            Err(KeyError::Given) => println!("密钥由环境变量提供，按其中第一把重新加密。"),
            Err(error) => return Err(Failure::Usage(error.to_string())),
        }
        let count = secrets::reseal(app, &program::sealed_columns()).await?;
        println!(
            "已换用新密钥，{count} 处加密内容已重新加密。请备份密钥（数据目录中的 keys 文件夹，或环境变量）。"
        );
        program.close().await?;
        Ok(End::Done)
    }
}
