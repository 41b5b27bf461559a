//! Restoring: into nothing but an empty place, and only after the whole backup has been read, compared with
//! its manifest and walked through. Until then everything happens in a folder beside the target.

use crate::{
    Facts, Trouble,
    archive::{
        self, CONFIG, DATABASE, Key, Kind, Manifest, PUBLIC_KEYS, Place, ROWS, Unpack, keys,
    },
    backup::WorkFolder,
    database::{self, Moment},
};
use bytes::Bytes;
use sea_orm::{ConnectionTrait, StreamTrait};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use zhendi_kernel::{
    Actor, App, Db, Entropy, Fault,
    audit::{self, Signer, verify},
    config::Config,
    files::{ContentHash, Files},
    secrets::Keyring,
};
use zhendi_people::unit;

/// What is wanted.
pub struct Order {
    pub from: Place,
    pub key: Key,
    /// The keys, where they were backed up apart.
    pub keys: Option<Place>,
}

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    pub manifest: Manifest,
    /// The key files that the program needs and that are not there yet.
    pub missing_keys: Vec<PathBuf>,
}

/// Restores a backup into the data folder (and the PostgreSQL database) of the configuration.
///
/// # Errors
/// When the target is not empty, the key is wrong, the backup is damaged or comes from a newer program, or
/// what came out of it is not what went in. The target is as it was then.
pub async fn restore(config: &Config, facts: Facts, order: Order) -> Result<Restored, Trouble> {
    require_empty(&config.data)?;
    let url = database::url(config);
    let kind = database::kind_of(&url);
    if kind == Kind::Sqlite && config.database.is_some() {
        return Err(Trouble::Usage(
            "SQLite 数据库恢复到数据目录中，请不要同时指定 --database。".into(),
        ));
    }
    let postgres = match kind {
        Kind::Sqlite => None,
        Kind::Postgres => Some(Db::connect(&url).await?),
    };
    if let Some(db) = &postgres
        && !database::is_empty(db.read()).await?
    {
        return Err(Trouble::Usage(
            "目标数据库不是空的，没有恢复。请新建一个空数据库。".into(),
        ));
    }

    let folder = beside(&config.data)?;
    let (key, unpacked) = (order.key, folder.0.clone());
    let (manifest, key) = order
        .from
        .read(config, move |input| {
            Ok((archive::read(input, &key, Unpack::All(&unpacked))?, key))
        })
        .await?;
    fits(&manifest, facts, kind)?;
    if let Some(place) = &order.keys {
        let files = place
            .read(config, move |input| keys::read(input, &key))
            .await?;
        if folder.0.join("keys").exists() {
            return Err(Trouble::Usage(
                "备份中已含有密钥，不需要再用 --keys 指定。".into(),
            ));
        }
        keys::unpack(&files, &folder.0.join("keys"))?;
    }
    let lasting = |path: &str| folder.0.join(path);
    match &postgres {
        None => {
            fs::rename(lasting(DATABASE), lasting("zhendi.db"))?;
            let file = format!("sqlite://{}?mode=ro", lasting("zhendi.db").display());
            let moment = Moment::open(&file).await?;
            let found = database::integrity(&moment.tx).await?;
            let compared = Came {
                config,
                facts,
                manifest: &manifest,
                folder: &folder.0,
            }
            .compare(&moment.tx)
            .await;
            moment.close().await?;
            compared?;
            if found.iter().any(|line| !manifest.findings.contains(line)) {
                return Err(differs(&found.join("；")));
            }
        }
        Some(db) => {
            database::restore(db.read(), &url, &lasting(DATABASE)).await?;
            let moment = Moment::open(&url).await?;
            let compared = Came {
                config,
                facts,
                manifest: &manifest,
                folder: &folder.0,
            }
            .compare(&moment.tx)
            .await;
            moment.close().await?;
            if let Err(trouble) = compared {
                // It was empty before, so that everything in it is what just came in.
                db.writer()
                    .execute_unprepared("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
                    .await?;
                return Err(trouble);
            }
            db.clone().close().await?;
            fs::remove_file(lasting(DATABASE))?;
        }
    }
    settle(config, folder, &manifest).await?;
    let missing = [Keyring::missing(config), Signer::missing(config)];
    Ok(Restored {
        manifest,
        missing_keys: missing.into_iter().flatten().collect(),
    })
}

/// Puts a restoration on the record, once, when the restored program runs for the first time.
///
/// # Errors
/// When the database fails.
pub async fn note(app: &App) -> Result<(), Trouble> {
    let left = app.config.data.join(MARK);
    let text = match fs::read_to_string(&left) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "backup.restored",
        subject: crate::jobs::SUBJECT,
        unit: unit::root(&tx).await?.map(|unit| unit.id),
        on_behalf_of: None,
        summary: "系统由备份恢复".into(),
        detail: serde_json::from_str(&text).unwrap_or_default(),
    };
    audit::append(&tx, app, &Actor::program("命令行恢复"), entry).await?;
    tx.commit().await?;
    fs::remove_file(left)?;
    Ok(())
}

/// What a restoration leaves for [`note`].
const MARK: &str = "restored.json";

fn require_empty(data: &Path) -> Result<(), Trouble> {
    match fs::read_dir(data).map(|mut entries| entries.next()) {
        Ok(None) => Ok(()),
        Ok(_) => Err(Trouble::Usage(format!(
            "数据目录 {} 不是空的，没有恢复。请换一个空目录，或先把原有内容移走。",
            data.display()
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Trouble::Usage(format!(
            "无法使用数据目录 {}：{error}",
            data.display()
        ))),
    }
}

/// A folder on the same disk as the target, so that it becomes the target by one rename.
fn beside(data: &Path) -> Result<WorkFolder, Trouble> {
    let name = data
        .file_name()
        .ok_or_else(|| Trouble::Usage("请用 --data 指定要恢复到的目录。".into()))?;
    let parent = match data.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent)?;
    let name = format!(
        "{}.restoring-{}",
        name.to_string_lossy(),
        std::process::id()
    );
    WorkFolder::new(parent, &name)
}

/// Whether this program can work with the backup.
fn fits(manifest: &Manifest, facts: Facts, kind: Kind) -> Result<(), Trouble> {
    if manifest.database != kind {
        return Err(Trouble::Usage(format!(
            "这是 {} 的备份，不能恢复到 {}。",
            manifest.database.label(),
            kind.label()
        )));
    }
    let known: Vec<String> = (facts.steps)()
        .iter()
        .map(|step| step.name().to_owned())
        .collect();
    let newer = manifest.steps.iter().find(|step| !known.contains(step));
    match newer {
        None => Ok(()),
        Some(step) => Err(Trouble::Failed(format!(
            "这个备份由较新的程序（{}，数据结构 {step}）生成，本程序（{}）不认识，没有恢复。请换用相同或更新的程序。",
            manifest.program,
            env!("CARGO_PKG_VERSION"),
        ))),
    }
}

/// Knows every key that ever signed checkpoints of this chain; signs nothing.
fn known_keys(folder: &Path) -> Result<Signer, Trouble> {
    let aside = folder.join("verifying");
    fs::create_dir_all(aside.join("keys"))?;
    let public = folder.join(PUBLIC_KEYS);
    if public.exists() {
        fs::copy(&public, aside.join("keys").join(PUBLIC_KEYS))?;
    }
    let config = Config {
        data: aside.clone(),
        ..Config::default()
    };
    let signer = Signer::open_or_create(&config, &Entropy::system()).map_err(Fault::internal)?;
    fs::remove_dir_all(aside)?;
    Ok(signer)
}

fn differs(what: &str) -> Trouble {
    Trouble::Failed(format!(
        "恢复出来的数据与备份时不一致（{what}），没有使用。"
    ))
}

/// What came out of a backup, before it is used.
struct Came<'a> {
    config: &'a Config,
    facts: Facts,
    manifest: &'a Manifest,
    folder: &'a Path,
}

impl Came<'_> {
    /// Whether every row and the chain are as they were when the backup was made, and the keys, if they came
    /// along, are those that sealed it.
    async fn compare<C: ConnectionTrait + StreamTrait>(&self, db: &C) -> Result<(), Trouble> {
        let now = self.folder.join("rows-now.txt");
        let mut out = io::BufWriter::new(File::create_new(&now)?);
        let rows = database::digests(db, &mut out, &mut vec![]).await?;
        out.flush()?;
        drop(out);
        if rows != self.manifest.rows {
            return Err(differs("行数不同"));
        }
        if !equal(&now, &self.folder.join(ROWS))? {
            return Err(differs("有的行内容不同"));
        }
        fs::remove_file(now)?;
        let verdict = verify::walk_at(db, &known_keys(self.folder)?, &[]).await?;
        let state = audit::state(db).await?;
        let chain = &self.manifest.chain;
        if verdict.records != chain.records || state.seq != chain.seq || state.hash != chain.hash {
            return Err(differs("审计记录链不同"));
        }
        if let Some(found) = verdict.first_break
            && self.manifest.findings.is_empty()
        {
            return Err(differs(&found.explanation));
        }
        self.keys_fit(db).await
    }

    async fn keys_fit(&self, db: &impl ConnectionTrait) -> Result<(), Trouble> {
        let at = Config {
            data: self.folder.to_owned(),
            ..self.config.clone()
        };
        if Keyring::missing(&at).is_some() {
            return Ok(());
        }
        let keys = Keyring::open_or_create(&at, &Entropy::system()).map_err(Fault::internal)?;
        let mut found = vec![];
        let opened = crate::check::sealed(db, &keys, &(self.facts.sealed)(), &mut found).await?;
        match found.first() {
            // Some open: the keys are right, and the others were damaged before.
            Some(first) if opened == 0 => Err(Trouble::Failed(format!(
                "给出的密钥打不开备份中加密的内容（{first}），没有恢复。请找出与这个备份相配的密钥。"
            ))),
            _ => Ok(()),
        }
    }
}

fn equal(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (
        io::BufReader::new(File::open(one)?),
        io::BufReader::new(File::open(other)?),
    );
    let (mut a, mut b) = ([0; 8192], [0; 8192]);
    loop {
        let n = one.read(&mut a)?;
        if n == 0 {
            return Ok(other.read(&mut b)? == 0);
        }
        if other.read_exact(&mut b[..n]).is_err() || a[..n] != b[..n] {
            return Ok(false);
        }
    }
}

/// Puts everything where it belongs; the last step is one rename.
async fn settle(config: &Config, folder: WorkFolder, manifest: &Manifest) -> Result<(), Trouble> {
    let at = |path: &str| folder.0.join(path);
    fs::remove_file(at(ROWS))?;
    fs::rename(at(CONFIG), at("config-at-backup.txt"))?;
    if at(PUBLIC_KEYS).exists() {
        let kept = at("keys").join(PUBLIC_KEYS);
        fs::create_dir_all(at("keys"))?;
        if kept.exists() {
            fs::remove_file(at(PUBLIC_KEYS))?;
        } else {
            fs::rename(at(PUBLIC_KEYS), kept)?;
        }
    }
    fs::create_dir_all(at("files"))?;
    if config.files.is_some() {
        let store = Files::open(config)?;
        let from = at("files");
        for hash in unpacked(&from)? {
            let hex = hash.to_string();
            let path = from.join(&hex[..2]).join(&hex[2..4]).join(&hex);
            let put = store.put(Bytes::from(fs::read(path)?)).await?;
            debug_assert_eq!(put, hash);
        }
        fs::remove_dir_all(from)?;
    }
    fs::write(
        at(MARK),
        serde_json::json!({ "made_at": manifest.at, "program": manifest.program, "seq": manifest.chain.seq }).to_string(),
    )?;
    for name in [".", "keys"] {
        if at(name).exists() {
            File::open(at(name))?.sync_all()?;
        }
    }
    fs::rename(&folder.0, &config.data)?;
    let parent = folder.0.parent().unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()?;
    Ok(())
}

fn unpacked(folder: &Path) -> io::Result<Vec<ContentHash>> {
    let mut all = vec![];
    for one in fs::read_dir(folder)? {
        for two in fs::read_dir(one?.path())? {
            for file in fs::read_dir(two?.path())? {
                all.extend(
                    file?
                        .file_name()
                        .to_str()
                        .and_then(|name| name.parse().ok()),
                );
            }
        }
    }
    Ok(all)
}
