//! What an operator of the machine decides: a TOML file, `ZHENDI_…` variables, defaults.
//! Anything wrong is refused at start, with its place, the reason and what would be right.

mod read;

use ipnet::IpNet;
use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    ops::Deref,
    path::{Path, PathBuf},
};
use url::Url;
use zeroize::Zeroizing;

/// A text that must not be printed: a password, or an address that holds one.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Deref for Secret {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The whole configuration. `docs/zhendi.example.toml` shows every key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `data`: the folder of everything that the program keeps on this machine.
    pub data: PathBuf,
    /// `database`: `postgres://…` or `sqlite://…`; none means a SQLite file in `data`.
    pub database: Option<Secret>,
    /// `public_url`: the address that people type; for links in mails and for secure cookies.
    pub public_url: Option<Url>,
    /// `listen`: where pages are served.
    pub listen: SocketAddr,
    /// `metrics_listen`: where Prometheus may read figures; none means nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// `trusted_proxies`: whose `X-Forwarded-…` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `tls.*`: serve HTTPS itself, without a proxy in front.
    pub tls: Option<Tls>,
    /// `outgoing.*`: where the program may go.
    pub outgoing: Outgoing,
    /// `mail.*`: how mail is sent; none means that no mail is sent.
    pub mail: Option<Mail>,
    /// `audit.*`: where checkpoints of the audit chain go.
    pub audit: Audit,
    /// `files.store`: where uploaded files lie; none means the folder `files` in `data`.
    pub files: Option<Bucket>,
    /// `s3.*`: the object storage that files and backups may lie in.
    pub s3: Option<S3>,
    /// `fonts.folder`: fonts that are looked for first, before those of the system.
    pub fonts_folder: Option<PathBuf>,
    /// `log.*`: what is logged and how.
    pub log: Log,
    /// Keys given by variables instead of files in `data`.
    pub keys: Keys,
}

/// Certificate and key, PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// `tls.cert`: the certificate with its chain.
    pub cert: PathBuf,
    /// `tls.key`: its private key.
    pub key: PathBuf,
}

/// Rules for requests to other servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// `outgoing.allowed_networks`: private networks that may be asked all the same.
    pub allowed_networks: Vec<IpNet>,
}

/// How the mail server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte (usually port 465).
    Tls,
    /// Plain first, then TLS or nothing at all (usually port 587).
    StartTls,
    /// Never encrypted; only for a server on the same machine.
    None,
}

/// The mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// `mail.host`.
    pub host: String,
    /// `mail.port`; by default the usual one of the encryption.
    pub port: u16,
    /// `mail.encryption`: `tls`, `starttls` or `none`.
    pub encryption: Encryption,
    /// `mail.user`.
    pub user: Option<String>,
    /// `mail.password`; better as `ZHENDI_MAIL_PASSWORD`.
    pub password: Option<Secret>,
    /// `mail.from`: the sender, `名称 <a@b.edu.cn>` or the address alone.
    pub from: String,
}

/// Where checkpoints of the audit chain go, so that they survive whoever rewrites the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// `audit.checkpoint_file`: one JSON line is appended for each, best on another machine's disk.
    pub checkpoint_file: Option<PathBuf>,
    /// `audit.checkpoint_url`: each is posted there as JSON.
    pub checkpoint_url: Option<Url>,
}

/// A place in object storage, written `s3://bucket/prefix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The bucket's name.
    pub name: String,
    /// What all names in it begin with; may be empty.
    pub prefix: String,
}

/// The text is not `s3://bucket/prefix`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("不是 s3://存储桶/前缀 的写法")]
pub struct NotABucket;

impl std::str::FromStr for Bucket {
    type Err = NotABucket;

    fn from_str(text: &str) -> Result<Self, NotABucket> {
        let rest = text.strip_prefix("s3://").ok_or(NotABucket)?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let plain =
            |b: u8| matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_');
        let sound = !name.is_empty()
            && name.bytes().all(plain)
            && prefix
                .split('/')
                .all(|part| part.bytes().all(plain) && !matches!(part, "." | ".."));
        let prefix = prefix.trim_matches('/');
        if !sound || prefix.contains("//") {
            return Err(NotABucket);
        }
        Ok(Self {
            name: name.into(),
            prefix: prefix.into(),
        })
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.name, self.prefix)
    }
}

/// How object storage is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3 {
    /// `s3.endpoint`: the server; none means Amazon's own.
    pub endpoint: Option<Url>,
    /// `s3.region`; servers of one's own mostly take any.
    pub region: String,
    /// `s3.key_id`.
    pub key_id: String,
    /// Where the secret key is.
    pub secret: S3Secret,
    /// `s3.addressing`: whether the bucket stands in the path (`path`) or in the host name (`host`).
    pub in_path: bool,
}

/// The secret key of object storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum S3Secret {
    /// `s3.secret`; better as `ZHENDI_S3_SECRET`. It wins over a file.
    Given(Secret),
    /// `s3.secret_file`: a file that holds it alone, read when the store is opened.
    File(PathBuf),
}

impl S3Secret {
    /// The key itself.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn read(&self) -> std::io::Result<Secret> {
        match self {
            Self::Given(secret) => Ok(secret.clone()),
            Self::File(file) => Ok(std::fs::read_to_string(file)?.trim().to_owned().into()),
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For collectors.
    Json,
}

/// Logging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// `log.format`: `text` or `json`.
    pub format: LogFormat,
    /// `log.level`: `error`, `warn`, `info`, `debug` or `trace`.
    pub level: tracing::Level,
}

/// Keys from variables, for machines that get their secrets from outside. Never from the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// `ZHENDI_DATA_KEYS`: what would be in `data/keys/data.keys`, lines or commas between entries.
    pub data: Option<Secret>,
    /// `ZHENDI_AUDIT_KEY`: the seed of the key that signs checkpoints, 32 bytes in Base64.
    pub audit: Option<Secret>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: "data".into(),
            database: None,
            public_url: None,
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            metrics_listen: None,
            trusted_proxies: vec![],
            tls: None,
            outgoing: Outgoing::default(),
            mail: None,
            audit: Audit::default(),
            files: None,
            s3: None,
            fonts_folder: None,
            log: Log {
                format: LogFormat::Text,
                level: tracing::Level::INFO,
            },
            keys: Keys::default(),
        }
    }
}

/// Everything that is wrong with a configuration, one line each, for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// Whether browsers reach this server over HTTPS: by itself, or by a proxy that `public_url` tells of.
    pub fn is_https(&self) -> bool {
        let public = self.public_url.as_ref();
        public.map_or(self.tls.is_some(), |url| url.scheme() == "https")
    }

    /// Reads the file, if one is named, then the variables, which win.
    ///
    /// # Errors
    /// Every unreadable, unknown, wrong or contradictory value, each with its place.
    pub fn load(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut reader = read::Reader::default();
        if let Some(path) = file {
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|cause| {
                ConfigError(vec![format!("{shown}: 无法读取配置文件（{cause}）")])
            })?;
            reader.file(&shown, &text);
        }
        reader.variables(env);
        reader.finish()
    }
}

#[cfg(test)]
mod tests;
