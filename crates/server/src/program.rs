//! Puts the program together: database, keys, files, jobs, menu.

use crate::commands::Failure;
use std::{path::Path, sync::Arc};
use zhendi_kernel::{
    App, Clock, Db, Entropy, Permission,
    app::{MenuEntry, Parts},
    audit,
    config::Config,
    files::Files,
    jobs::Handlers,
    migrations::{self, Steps},
    outgoing::Outgoing,
    secrets::{Keyring, SealedColumn},
};
use zhendi_operate::FileColumn;

/// Where the database is. The address may hold a password: it is not for printing.
pub fn database_url(config: &Config) -> String {
    match &config.database {
        Some(url) => url.to_string(),
        None => Db::sqlite_url(&config.data),
    }
}

/// The program with its parts open.
pub struct Program {
    pub app: App,
}

/// The one history of the tables.
pub fn steps() -> Steps {
    let mut all = migrations::steps();
    all.extend(zhendi_operate::steps());
    all.extend(zhendi_people::steps());
    all.extend(zhendi_registry::steps());
    all.extend(zhendi_govern::steps());
    all.extend(zhendi_review::steps());
    all
}

/// What the upkeep of the program knows of its data.
pub const FACTS: zhendi_operate::Facts = zhendi_operate::Facts {
    steps,
    sealed: sealed_columns,
    files: &[
        stored("filing_attachment"),
        stored("plan_proof"),
        stored("regulation_file"),
        stored("manuscript_file"),
        stored("publication_proof"),
        stored("dictionary_import"),
        FileColumn {
            table: "review_decision",
            key: "id",
            column: "scan",
        },
    ],
};

/// A table whose rows name one stored file each.
const fn stored(table: &'static str) -> FileColumn {
    FileColumn {
        table,
        key: "id",
        column: "hash",
    }
}

/// Every job that the program knows.
pub fn handlers() -> Handlers {
    zhendi_operate::jobs(
        zhendi_review::jobs(zhendi_govern::jobs(zhendi_registry::jobs(
            zhendi_people::jobs(Handlers::new()),
        ))),
        FACTS,
    )
}

/// The data are nobody else's on this machine: names stand unsealed in the database.
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Every column that holds something sealed.
pub fn sealed_columns() -> Vec<SealedColumn> {
    [
        zhendi_kernel::notify::SEALED,
        zhendi_people::SEALED,
        &zhendi_registry::sealed_columns(),
        &zhendi_review::sealed_columns(),
    ]
    .concat()
}

/// The kinds of work with their names.
pub fn work_kinds() -> Vec<(&'static str, &'static str)> {
    let others = [
        (zhendi_people::role::REQUESTED, "待授权的角色"),
        (zhendi_people::unit::TO_CHECK, "核对新单位"),
    ];
    [
        zhendi_registry::filing::WORK_KINDS,
        zhendi_registry::channel::WORK_KINDS,
        zhendi_operate::WORK_KINDS,
        &zhendi_govern::work_kinds(),
        &zhendi_review::work_kinds(),
        &others,
    ]
    .concat()
}

/// The main menu, in the order of the day's work.
pub fn menu() -> Vec<MenuEntry> {
    use Permission::*;
    let entry = |label, href, icon, needs: &'static [Permission]| MenuEntry {
        label,
        href,
        icon,
        needs,
    };
    vec![
        entry("首页", "/", "home", &[]),
        entry("我的待办", "/work-items", "checklist", &[]),
        entry("网络阵地", "/channels", "broadcast", &[ViewChannels]),
        entry("备案", "/filings", "clipboard-check", &[ViewFilings]),
        entry(
            "稿件",
            "/manuscripts",
            "file-text",
            &[DraftManuscripts, ViewManuscripts],
        ),
        entry(
            "审核",
            "/reviews",
            "signature",
            &[ReviewManuscripts, ViewManuscripts],
        ),
        entry(
            "发布",
            "/publications",
            "send",
            &[ViewManuscripts, PublishContent],
        ),
        entry("转送记录", "/forwardings", "flag", &[ViewManuscripts]),
        entry("词库", "/dictionaries", "list-check", &[ManageDictionaries]),
        entry(
            "导入台账",
            "/imports",
            "file-import",
            &[ImportChannels, ManageRegistry],
        ),
        entry("表格导出", "/forms", "file-spreadsheet", &[ViewChannels]),
        entry("工作计划", "/plans", "target-arrow", &[ViewPlans]),
        entry("规章制度", "/regulations", "book", &[]),
        entry("官方账号名录", "/directory", "rosette-discount-check", &[]),
        entry("单位", "/units", "building", &[ViewUnits]),
        entry("人员", "/people", "users", &[ViewPeople]),
        entry("登录账号", "/accounts", "id", &[ManagePeople]),
        entry("角色授权", "/grants", "user-shield", &[GrantRoles]),
        entry("工作委托", "/delegations", "arrows-exchange", &[]),
        entry(
            "平台与设置",
            "/settings/registry",
            "settings",
            &[ManageRegistry],
        ),
        entry(
            "审核流程",
            "/settings/workflows",
            "sitemap",
            &[ManageWorkflows],
        ),
        entry("消息订阅", "/settings/hooks", "link", &[ManageWorkflows]),
        entry("审计记录", "/audit", "history", &[ReadAudit]),
        entry("运维", "/operations", "server", &[Operate]),
        entry("后台任务", "/jobs", "server-cog", &[Operate]),
    ]
}

impl Program {
    /// Opens the database (bringing its tables up to date), keys and files.
    pub async fn open(config: Config) -> Result<Self, Failure> {
        Self::open_at(config, Clock::system()).await
    }

    /// The same by a clock of the caller's making: the demonstration's history lies in past weeks.
    pub async fn open_at(config: Config, clock: Clock) -> Result<Self, Failure> {
        let entropy = Entropy::system();
        make_private_folder(&config.data).map_err(|error| {
            Failure::Usage(format!(
                "无法使用数据目录 {}：{error}",
                config.data.display()
            ))
        })?;
        let url = database_url(&config);
        // The address may hold a password, so the message does not repeat it.
        let db = Db::connect(&url).await.map_err(|error| {
            Failure::Work(format!(
                "无法连接数据库，请检查 --data 或 --database：{error}"
            ))
        })?;
        migrations::run(&db, steps)
            .await
            .map_err(|error| Failure::Work(format!("数据库结构升级没有完成：{error}")))?;
        require_keys(&config, &db).await?;
        let keys = Keyring::open_or_create(&config, &entropy)
            .map_err(|error| Failure::Usage(error.to_string()))?;
        let signer = audit::Signer::open_or_create(&config, &entropy)
            .map_err(|error| Failure::Usage(error.to_string()))?;
        let files = Files::open(&config)?;
        let outgoing = Outgoing::new(&config).map_err(|error| Failure::Work(error.to_string()))?;
        let app = App::new(Parts {
            db,
            clock,
            entropy,
            keys,
            signer,
            files,
            outgoing,
            jobs: handlers(),
            work_kinds: work_kinds(),
            menu: menu(),
            holders: Arc::new(zhendi_people::role::Staff),
            config,
        });
        Ok(Self { app })
    }

    /// Closes the database in order.
    pub async fn close(self) -> Result<(), Failure> {
        Ok(self.app.db.clone().close().await?)
    }
}

/// New keys are made for an empty database alone: one that was restored without its keys would seem to
/// work until somebody needs what the old ones sealed.
async fn require_keys(config: &Config, db: &Db) -> Result<(), Failure> {
    let missing = [Keyring::missing(config), audit::Signer::missing(config)];
    let Some(file) = missing.into_iter().flatten().next() else {
        return Ok(());
    };
    if audit::has_records(db.read()).await? {
        return Err(Failure::Usage(format!(
            "数据库中已有数据，但密钥文件 {} 不见了。没有原来的密钥，已加密的内容无法读取，审计存证无法核对。\n\
             请从备份中恢复数据目录中的 keys 文件夹后再启动。没有新建密钥。",
            file.display()
        )));
    }
    Ok(())
}
