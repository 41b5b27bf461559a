//! Making a backup: a copy of the database at one moment, everything that it names, and what proves both.

use crate::{
    Facts, Trouble,
    archive::{
        self, CONFIG, Chain, DATABASE, FORMAT, FilesIn, KEYS, Key, Kind, Lock, Manifest,
        PUBLIC_KEYS, Place, ROWS, Unpack, Writer, Written, keys,
    },
    database::{self, Moment},
};
use sea_orm::{ConnectionTrait, StreamTrait};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::runtime::Handle;
use zhendi_kernel::{
    Actor, App, Fault,
    audit::{self, verify::walk_at},
    config::Config,
    files::ContentHash,
    settings::Institution,
};
use zhendi_people::unit;

/// Where the secret keys go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeysTo {
    /// Nowhere: they are backed up by other means.
    Nowhere,
    /// Into a file of their own, to be kept elsewhere.
    Apart(Place),
    /// Into the backup itself. Whoever opens it can read everything.
    Within,
}

/// What is wanted.
pub struct Order {
    pub place: Place,
    pub lock: Lock,
    pub keys: KeysTo,
    /// What opens the backup, so that it is read back in full. Without it the encrypted bytes are compared.
    pub key: Option<Key>,
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    pub written: Written,
    pub manifest: Manifest,
    /// Whether it was opened and read to its end afterwards, not only compared byte by byte.
    pub opened: bool,
}

/// How far it is, in files; the database counts as one.
#[derive(Debug, Default)]
pub struct Progress {
    pub done: AtomicU64,
    pub total: AtomicU64,
}

/// A folder for a copy, private and gone when it is dropped.
pub(crate) struct WorkFolder(pub PathBuf);

impl WorkFolder {
    /// A new one in the data folder: there must be room for a copy of the database.
    pub(crate) fn new(app_data: &Path, name: &str) -> Result<Self, Trouble> {
        let path = app_data.join(format!(".{name}"));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "cannot remove a working folder");
        }
    }
}

/// Folders that a killed process left behind; none is younger than this while it is in use.
fn sweep(data: &Path) {
    let Ok(entries) = fs::read_dir(data) else {
        return;
    };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(".backup-");
        let age = entry.metadata().and_then(|found| found.modified());
        let old = age.is_ok_and(|at| at.elapsed().is_ok_and(|age| age.as_secs() > 24 * 3600));
        if ours && old {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Makes a backup, verifies it and puts it on record.
///
/// # Errors
/// When the database cannot be copied or the place not be written; nothing is left there then. Files that
/// are missing and a chain that is broken are findings in the manifest, not errors: what is left is worth
/// keeping.
pub async fn make(
    app: &App,
    facts: Facts,
    actor: &Actor,
    order: Order,
    progress: Arc<Progress>,
) -> Result<Made, Trouble> {
    sweep(&app.config.data);
    let name = format!("backup-{}", hex::encode(app.entropy.bytes::<6>()));
    let folder = WorkFolder::new(&app.config.data, &name)?;
    let url = database::url(&app.config);
    let copy = folder.0.join(DATABASE);
    let seen = match database::kind_of(&url) {
        Kind::Sqlite => {
            database::copy(&url, &copy).await?;
            let moment = Moment::open(&format!("sqlite://{}?mode=ro", copy.display())).await?;
            let mut seen = look(app, facts, &moment.tx, &folder.0).await?;
            seen.findings.extend(database::integrity(&moment.tx).await?);
            moment.close().await?;
            seen
        }
        Kind::Postgres => {
            let moment = Moment::open(&url).await?;
            database::dump(&moment.tx, &url, &copy).await?;
            let seen = look(app, facts, &moment.tx, &folder.0).await?;
            moment.close().await?;
            seen
        }
    };
    progress
        .total
        .store(seen.files.len() as u64 + 1, Ordering::Relaxed);
    let key_files = keys::of(&app.config)?;
    let Order {
        place,
        lock,
        keys: keys_to,
        key,
    } = order;
    let within = (keys_to == KeysTo::Within).then(|| key_files.clone());
    let manifest = Manifest {
        with_keys: within.is_some(),
        ..seen.manifest(app, &url).await?
    };
    let packing = Packing {
        app: app.clone(),
        folder: folder.0.clone(),
        files: seen.files,
        facts,
        public: key_files.get(PUBLIC_KEYS).cloned(),
        keys: within.unwrap_or_default(),
        progress,
    };
    let handle = Handle::current();
    let for_archive = lock.clone();
    let (written, manifest) = place
        .write(&app.config, move |out| {
            packing.pack(out, &for_archive, manifest, &handle)
        })
        .await?;
    drop(folder);
    let opened = key.is_some();
    if let Some(key) = key
        && self::verify(&app.config, &place, key).await? != manifest
    {
        return Err(Trouble::Failed(
            "备份写出后重新打开，目录与写入的不一致。".into(),
        ));
    }
    if let KeysTo::Apart(place) = keys_to {
        place
            .write(&app.config, move |out| {
                Ok((keys::write(out, &lock, &key_files)?, ()))
            })
            .await?;
    }
    record(app, actor, &place, &written, &manifest).await?;
    Ok(Made {
        written,
        manifest,
        opened,
    })
}

/// Reads a backup from beginning to end and compares everything with its manifest.
///
/// # Errors
/// When the key does not open it, or anything is not as it was written.
pub async fn verify(config: &Config, place: &Place, key: Key) -> Result<Manifest, Trouble> {
    place
        .read(config, move |input| {
            archive::read(input, &key, Unpack::Nothing)
        })
        .await
}

/// What is known of the copy before it is packed.
struct Seen {
    rows: BTreeMap<String, u64>,
    chain: Chain,
    steps: Vec<String>,
    files: Vec<ContentHash>,
    findings: Vec<String>,
    at: chrono::DateTime<chrono::Utc>,
    version: String,
}

async fn look<C: ConnectionTrait + StreamTrait>(
    app: &App,
    facts: Facts,
    db: &C,
    folder: &Path,
) -> Result<Seen, Trouble> {
    let mut findings = vec![];
    let mut out = BufWriter::new(File::create_new(folder.join(ROWS))?);
    let rows = database::digests(db, &mut out, &mut findings).await?;
    out.flush()?;
    drop(out);
    let verdict = walk_at(db, &app.signer, &[]).await?;
    if let Some(found) = &verdict.first_break {
        findings.push(format!("审计记录：{}", found.explanation));
    }
    let state = audit::state(db).await?;
    Ok(Seen {
        rows,
        chain: Chain {
            seq: state.seq,
            hash: state.hash,
            records: verdict.records,
            checkpoints: verdict.checkpoints,
        },
        steps: database::steps(db).await?,
        files: database::named_files(db, facts.files).await?,
        version: database::version_and_size(db).await?.0,
        findings,
        at: app.now(),
    })
}

impl Seen {
    async fn manifest(&self, app: &App, url: &str) -> Result<Manifest, Trouble> {
        let institution: Institution = app.setting().await?;
        Ok(Manifest {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").into(),
            institution: institution.name,
            at: self.at,
            database: database::kind_of(url),
            database_version: self.version.clone(),
            steps: self.steps.clone(),
            rows: self.rows.clone(),
            chain: self.chain.clone(),
            files: FilesIn::default(),
            with_keys: false,
            findings: self.findings.clone(),
            members: vec![],
        })
    }
}

/// Everything that goes into the archive, for the thread that writes it.
struct Packing {
    app: App,
    folder: PathBuf,
    files: Vec<ContentHash>,
    facts: Facts,
    public: Option<String>,
    keys: keys::KeyFiles,
    progress: Arc<Progress>,
}

impl Packing {
    fn pack<W: Write>(
        self,
        out: W,
        lock: &Lock,
        mut manifest: Manifest,
        handle: &Handle,
    ) -> Result<(W, Manifest), Trouble> {
        let mut writer = Writer::new(out, lock)?;
        for name in [DATABASE, ROWS] {
            let path = self.folder.join(name);
            let size = fs::metadata(&path)?.len();
            writer.add(name, size, File::open(path)?)?;
        }
        let texts = [
            (CONFIG.to_owned(), Some(configuration(&self.app.config))),
            (PUBLIC_KEYS.to_owned(), self.public),
        ];
        let keys = self
            .keys
            .into_iter()
            .map(|(name, text)| (format!("{KEYS}{name}"), Some(text)));
        for (name, text) in texts.into_iter().chain(keys) {
            if let Some(text) = text {
                writer.add(&name, text.len() as u64, text.as_bytes())?;
            }
        }
        self.progress.done.fetch_add(1, Ordering::Relaxed);
        for hash in self.files {
            match handle.block_on(self.app.files.get(&hash)) {
                Ok(bytes) => writer.add_file(&hash, &bytes)?,
                // The store answered, but the file is gone or altered.
                Err(Fault::Internal(_)) => manifest
                    .findings
                    .push(handle.block_on(crate::check::name_file(&self.app, self.facts, &hash))?),
                Err(fault) => return Err(fault.into()),
            }
            self.progress.done.fetch_add(1, Ordering::Relaxed);
        }
        writer.finish(manifest)
    }
}

/// The configuration as it runs, without anything secret: whoever restores knows what to set up.
fn configuration(config: &Config) -> String {
    use std::fmt::Write;
    let mut text = String::from("# 备份时的配置，不含密码和密钥。\n");
    let mut line = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(text, "{key} = {value:?}");
        }
    };
    let database =
        config
            .database
            .is_some()
            .then(|| match database::kind_of(&database::url(config)) {
                Kind::Sqlite => "sqlite://…".to_owned(),
                Kind::Postgres => "postgres://…".to_owned(),
            });
    line("database", database);
    line(
        "public_url",
        config.public_url.as_ref().map(ToString::to_string),
    );
    line("listen", Some(config.listen.to_string()));
    line(
        "metrics_listen",
        config.metrics_listen.map(|at| at.to_string()),
    );
    let networks = |all: &[_]| (!all.is_empty()).then(|| format!("{all:?}"));
    line("trusted_proxies", networks(&config.trusted_proxies));
    line(
        "outgoing.allowed_networks",
        networks(&config.outgoing.allowed_networks),
    );
    line(
        "tls.cert",
        config
            .tls
            .as_ref()
            .map(|tls| tls.cert.display().to_string()),
    );
    line(
        "mail.host",
        config.mail.as_ref().map(|mail| mail.host.clone()),
    );
    line(
        "mail.from",
        config.mail.as_ref().map(|mail| mail.from.clone()),
    );
    line(
        "files.store",
        config.files.as_ref().map(ToString::to_string),
    );
    let endpoint = config.s3.as_ref().and_then(|s3| s3.endpoint.as_ref());
    line("s3.endpoint", endpoint.map(ToString::to_string));
    let elsewhere = config.audit.checkpoint_file.as_ref();
    line(
        "audit.checkpoint_file",
        elsewhere.map(|file| file.display().to_string()),
    );
    line(
        "audit.checkpoint_url",
        config
            .audit
            .checkpoint_url
            .as_ref()
            .map(ToString::to_string),
    );
    text
}

async fn record(
    app: &App,
    actor: &Actor,
    place: &Place,
    written: &Written,
    manifest: &Manifest,
) -> Result<(), Trouble> {
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "backup.made",
        subject: ("backup", manifest.chain.seq),
        unit: unit::root(&tx).await?.map(|unit| unit.id),
        on_behalf_of: None,
        summary: match manifest.findings.len() {
            0 => "备份数据".into(),
            n => format!("备份数据，发现 {n} 处问题"),
        },
        detail: serde_json::json!({
            "place": place.to_string(),
            "size": written.size,
            "sha256": written.sha256,
            "chain": manifest.chain,
            "files": manifest.files,
            "findings": manifest.findings,
        }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}
