//! Where a backup lies: a file, or an object in a bucket. Either appears whole or not at all, and is read
//! again before it counts.

use crate::Trouble;
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, buffered::BufWriter, path::Path as StorePath};
use sha2::{Digest, Sha256};
use std::{
    fmt, fs,
    io::{self, BufWriter as Buffered, Read, Write},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};
use tokio::io::AsyncWriteExt;
use tokio_util::io::{StreamReader, SyncIoBridge};
use zhendi_kernel::{
    config::{Bucket, Config},
    files,
};

/// Where a backup lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    File(PathBuf),
    /// Bucket and key.
    Object(Bucket),
}

impl FromStr for Place {
    type Err = Trouble;

    fn from_str(text: &str) -> Result<Self, Trouble> {
        if !text.starts_with("s3://") {
            return Ok(Self::File(text.into()));
        }
        let bucket: Bucket = text
            .parse()
            .map_err(|error| Trouble::Usage(format!("{text}：{error}")))?;
        Ok(Self::Object(bucket))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Object(bucket) => write!(f, "{bucket}"),
        }
    }
}

/// What was written, proven by reading it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub size: u64,
    /// SHA-256 of the encrypted bytes.
    pub sha256: String,
}

/// Counts and hashes what is written.
pub struct Meter<W> {
    out: W,
    hash: Sha256,
    size: u64,
}

impl<W: Write> Meter<W> {
    fn new(out: W) -> Self {
        Self {
            out,
            hash: Sha256::new(),
            size: 0,
        }
    }

    fn end(self) -> (W, Written) {
        let sha256 = hex::encode(self.hash.finalize());
        (
            self.out,
            Written {
                size: self.size,
                sha256,
            },
        )
    }
}

impl<W: Write> Write for Meter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.hash.update(&bytes[..n]);
        self.size += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A place that is being written to.
pub type Out = Meter<Box<dyn Write + Send>>;

fn taken(place: &Place) -> Trouble {
    Trouble::Usage(format!("{place} 已经存在，不会覆盖；请换一个名字。"))
}

fn store(config: &Config, bucket: &Bucket) -> Result<(Arc<dyn ObjectStore>, StorePath), Trouble> {
    if bucket.prefix.is_empty() {
        return Err(Trouble::Usage(format!(
            "{bucket} 缺少文件名，应为 s3://存储桶/文件名。"
        )));
    }
    Ok((
        files::bucket(config, bucket)?,
        StorePath::from(bucket.prefix.as_str()),
    ))
}

/// Parts of an upload; with two on their way no more than three are in memory.
const PART: usize = 8 << 20;

/// Gives back what a writing side left behind when it was dropped before its end.
struct Draft(Option<PathBuf>);

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            let _ = fs::remove_file(path);
        }
    }
}

impl Place {
    /// Writes what `make` writes. Before it appears under its name, it is on the disk (or complete in the
    /// store), was read again, and has the hash of what was written.
    ///
    /// # Errors
    /// When something is there already, or any of this fails; nothing is left under the name then.
    pub async fn write<T, F>(&self, config: &Config, make: F) -> Result<(Written, T), Trouble>
    where
        T: Send + 'static,
        F: FnOnce(Out) -> Result<(Out, T), Trouble> + Send + 'static,
    {
        match self {
            Self::File(path) => {
                let path = path.clone();
                tokio::task::spawn_blocking(move || to_file(&path, make)).await?
            }
            Self::Object(bucket) => {
                let (store, key) = store(config, bucket)?;
                match store.head(&key).await {
                    Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(error.into()),
                    Ok(_) => return Err(taken(self)),
                }
                let writer = BufWriter::with_capacity(store.clone(), key.clone(), PART)
                    .with_max_concurrency(2);
                let (mut writer, made) = tokio::task::spawn_blocking(move || {
                    let shared = Arc::new(std::sync::Mutex::new(SyncIoBridge::new(writer)));
                    let out: Box<dyn Write + Send> = Box::new(Shared(shared.clone()));
                    let made = make(Meter::new(out)).map(|(out, value)| (out.end().1, value));
                    let bridge = Arc::try_unwrap(shared)
                        .map_err(|_| "the writer is still held")
                        .map(|mutex| {
                            mutex
                                .into_inner()
                                .unwrap_or_else(std::sync::PoisonError::into_inner)
                        });
                    (bridge.map(SyncIoBridge::into_inner), made)
                })
                .await
                .map(|(writer, made)| (writer.expect("what wrote to it is gone"), made))?;
                let finished = match made {
                    Ok(made) => writer
                        .shutdown()
                        .await
                        .map(|()| made)
                        .map_err(Trouble::from),
                    Err(trouble) => Err(trouble),
                };
                let (written, value) = match finished {
                    Ok(finished) => finished,
                    Err(trouble) => {
                        // Best effort: what was uploaded so far is not visible under the name.
                        let _ = writer.abort().await;
                        return Err(trouble);
                    }
                };
                if self.hash(config).await? != written {
                    let _ = store.delete(&key).await;
                    return Err(unlike());
                }
                Ok((written, value))
            }
        }
    }

    /// Hashes what lies there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn hash(&self, config: &Config) -> Result<Written, Trouble> {
        self.read(config, |mut input| {
            let mut meter = Meter::new(io::sink());
            io::copy(&mut input, &mut meter)?;
            Ok(meter.end().1)
        })
        .await
    }

    /// Lets `with` read what lies there.
    ///
    /// # Errors
    /// When there is nothing, or it cannot be read.
    pub async fn read<T, F>(&self, config: &Config, with: F) -> Result<T, Trouble>
    where
        T: Send + 'static,
        F: FnOnce(Box<dyn Read + Send>) -> Result<T, Trouble> + Send + 'static,
    {
        match self {
            Self::File(path) => {
                let file = fs::File::open(path)
                    .map_err(|error| Trouble::Usage(format!("无法读取 {self}：{error}")))?;
                tokio::task::spawn_blocking(move || with(Box::new(file))).await?
            }
            Self::Object(bucket) => {
                let (store, key) = store(config, bucket)?;
                let found = match store.get(&key).await {
                    Ok(found) => found,
                    Err(object_store::Error::NotFound { .. }) => {
                        return Err(Trouble::Usage(format!("无法读取 {self}：没有这个文件。")));
                    }
                    Err(error) => return Err(error.into()),
                };
                let reader = StreamReader::new(found.into_stream().map_err(io::Error::other));
                tokio::task::spawn_blocking(move || {
                    with(Box::new(SyncIoBridge::new(Box::pin(reader))))
                })
                .await?
            }
        }
    }

    /// Deletes what lies there; nothing there is as good.
    ///
    /// # Errors
    /// When it cannot be deleted.
    pub async fn delete(&self, config: &Config) -> Result<(), Trouble> {
        match self {
            Self::File(path) => match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
                _ => Ok(()),
            },
            Self::Object(bucket) => {
                let (store, key) = store(config, bucket)?;
                match store.delete(&key).await {
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }

    /// How large what lies there is; none when there is nothing.
    ///
    /// # Errors
    /// When the place does not answer.
    pub async fn size(&self, config: &Config) -> Result<Option<u64>, Trouble> {
        match self {
            Self::File(path) => match fs::metadata(path) {
                Ok(found) => Ok(Some(found.len())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error.into()),
            },
            Self::Object(bucket) => {
                let (store, key) = store(config, bucket)?;
                match store.head(&key).await {
                    Ok(found) => Ok(Some(found.size)),
                    Err(object_store::Error::NotFound { .. }) => Ok(None),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }
}

fn unlike() -> Trouble {
    Trouble::Failed(
        "备份写出后重新读取，内容与写入的不一致，没有保留。请检查磁盘或存储服务。".into(),
    )
}

fn to_file<T>(
    path: &Path,
    make: impl FnOnce(Out) -> Result<(Out, T), Trouble>,
) -> Result<(Written, T), Trouble> {
    let place = Place::File(path.to_owned());
    if path.exists() {
        return Err(taken(&place));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let draft_path = PathBuf::from(name);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(&draft_path)
        .map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull => error.into(),
            _ => Trouble::Usage(format!("无法写入 {}：{error}", folder.display())),
        })?;
    let mut draft = Draft(Some(draft_path.clone()));
    let synced = file.try_clone()?;
    let out: Box<dyn Write + Send> = Box::new(Buffered::with_capacity(1 << 18, file));
    let (mut out, value) = make(Meter::new(out))?;
    out.flush()?;
    let (out, written) = out.end();
    drop(out);
    synced.sync_all()?;
    let mut meter = Meter::new(io::sink());
    io::copy(&mut fs::File::open(&draft_path)?, &mut meter)?;
    if meter.end().1 != written {
        return Err(unlike());
    }
    // A link, unlike a rename, never replaces what somebody else made in the meantime.
    fs::hard_link(&draft_path, path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(&place),
        _ => error.into(),
    })?;
    draft.0 = None;
    fs::remove_file(&draft_path)?;
    fs::File::open(folder)?.sync_all()?;
    Ok((written, value))
}

/// One writer for two holders: the archive writes, and afterwards the upload is completed or abandoned.
struct Shared(Arc<std::sync::Mutex<SyncIoBridge<BufWriter>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
