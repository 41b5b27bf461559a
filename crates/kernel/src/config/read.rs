//! Reading values from both sources by one table of keys, so that they cannot differ.

use super::{Config, ConfigError, Encryption, LogFormat, Mail, S3, S3Secret, Secret, Tls};
use ipnet::IpNet;
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, str::FromStr};
use toml::de::{DeTable, DeValue};
use url::Url;

/// A value as it stands in a source.
pub(super) enum Raw {
    Text(String),
    Integer(String),
    List(Vec<String>),
    /// Something that no key takes, with its TOML type's name.
    Other(&'static str),
}

/// Why a value was refused, and what would be right.
struct Wrong {
    reason: String,
    expected: &'static str,
}

fn wrong<T>(reason: impl Into<String>, expected: &'static str) -> Result<T, Wrong> {
    Err(Wrong {
        reason: reason.into(),
        expected,
    })
}

impl Raw {
    fn text(&self, expected: &'static str) -> Result<&str, Wrong> {
        match self {
            Self::Text(text) if text.trim().is_empty() => wrong("内容为空", expected),
            Self::Text(text) => Ok(text),
            Self::Integer(_) => wrong("这里写了数字", expected),
            Self::List(_) => wrong("这里写了列表", expected),
            Self::Other(kind) => wrong(format!("这里写了 {kind} 类型的值"), expected),
        }
    }

    fn parse<T: FromStr>(&self, expected: &'static str) -> Result<T, Wrong> {
        match self.text(expected)?.trim().parse() {
            Ok(value) => Ok(value),
            Err(_) => wrong("写法不对", expected),
        }
    }

    fn port(&self) -> Result<u16, Wrong> {
        const EXPECTED: &str = "1 到 65535 之间的整数";
        let (Self::Integer(digits) | Self::Text(digits)) = self else {
            return wrong("不是整数", EXPECTED);
        };
        match digits.parse() {
            Ok(port) if port > 0 => Ok(port),
            _ => wrong("不是可用的端口号", EXPECTED),
        }
    }

    fn networks(&self) -> Result<Vec<IpNet>, Wrong> {
        const EXPECTED: &str =
            "网段列表，如 [\"10.0.0.0/8\", \"192.168.1.7\"]；环境变量中用逗号分隔";
        let parts: Vec<&str> = match self {
            Self::List(parts) => parts.iter().map(String::as_str).collect(),
            Self::Text(text) => text.split(',').collect(),
            _ => return wrong("不是列表", EXPECTED),
        };
        parts
            .into_iter()
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                // A single address is the network that holds it alone.
                part.parse()
                    .or_else(|_| part.parse().map(|ip: std::net::IpAddr| IpNet::from(ip)))
                    .or_else(|_| wrong(format!("“{part}”不是网段或 IP 地址"), EXPECTED))
            })
            .collect()
    }

    fn url(&self) -> Result<Url, Wrong> {
        const EXPECTED: &str = "以 http:// 或 https:// 开头的网址";
        let url: Url = self.parse(EXPECTED)?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return wrong("不是网页地址", EXPECTED);
        }
        Ok(url)
    }
}

/// The configuration while it is read: groups that need several keys are not whole yet.
#[derive(Default)]
struct Draft {
    config: Config,
    tls: (Option<PathBuf>, Option<PathBuf>),
    mail: MailDraft,
    s3: S3Draft,
}

#[derive(Default)]
struct S3Draft {
    endpoint: Option<Url>,
    region: Option<String>,
    key_id: Option<String>,
    secret: Option<Secret>,
    secret_file: Option<PathBuf>,
    by_host: bool,
}

#[derive(Default)]
struct MailDraft {
    host: Option<String>,
    port: Option<u16>,
    encryption: Option<Encryption>,
    user: Option<String>,
    password: Option<Secret>,
    from: Option<String>,
}

type Set = fn(&mut Draft, &Raw) -> Result<(), Wrong>;

/// Every key. The variable's name is `ZHENDI_` and the key in capitals, `_` for the dot.
#[rustfmt::skip]
const KEYS: &[(&str, Set)] = &[
    ("data", |d, raw| { d.config.data = raw.text(FOLDER)?.into(); Ok(()) }),
    ("database", |d, raw| {
        let url = raw.text(DATABASE)?;
        if !["postgres://", "postgresql://", "sqlite:"].iter().any(|start| url.starts_with(start)) {
            return wrong("不是支持的数据库地址", DATABASE);
        }
        d.config.database = Some(url.to_owned().into());
        Ok(())
    }),
    ("public_url", |d, raw| {
        let url = raw.url()?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return wrong("含有路径或参数", "只有协议和主机名的网址，如 https://zhendi.example.edu.cn");
        }
        d.config.public_url = Some(url);
        Ok(())
    }),
    ("listen", |d, raw| { d.config.listen = raw.parse(SOCKET)?; Ok(()) }),
    ("metrics_listen", |d, raw| { d.config.metrics_listen = Some(raw.parse::<SocketAddr>(SOCKET)?); Ok(()) }),
    ("trusted_proxies", |d, raw| { d.config.trusted_proxies = raw.networks()?; Ok(()) }),
    ("tls.cert", |d, raw| { d.tls.0 = Some(raw.text(FILE)?.into()); Ok(()) }),
    ("tls.key", |d, raw| { d.tls.1 = Some(raw.text(FILE)?.into()); Ok(()) }),
    ("outgoing.allowed_networks", |d, raw| { d.config.outgoing.allowed_networks = raw.networks()?; Ok(()) }),
    ("mail.host", |d, raw| { d.mail.host = Some(raw.text("邮件服务器的主机名")?.into()); Ok(()) }),
    ("mail.port", |d, raw| { d.mail.port = Some(raw.port()?); Ok(()) }),
    ("mail.encryption", |d, raw| {
        const EXPECTED: &str = "\"tls\"、\"starttls\" 或 \"none\"";
        d.mail.encryption = Some(match raw.text(EXPECTED)? {
            "tls" => Encryption::Tls,
            "starttls" => Encryption::StartTls,
            "none" => Encryption::None,
            other => return wrong(format!("没有“{other}”这种方式"), EXPECTED),
        });
        Ok(())
    }),
    ("mail.user", |d, raw| { d.mail.user = Some(raw.text("邮箱账号")?.into()); Ok(()) }),
    ("mail.password", |d, raw| { d.mail.password = Some(raw.text("邮箱密码")?.to_owned().into()); Ok(()) }),
    ("mail.from", |d, raw| {
        const EXPECTED: &str = "发件人，如 \"网络阵地管理 <zhendi@example.edu.cn>\"";
        let from = raw.text(EXPECTED)?;
        if from.parse::<lettre::message::Mailbox>().is_err() {
            return wrong("不是发件人写法", EXPECTED);
        }
        d.mail.from = Some(from.into());
        Ok(())
    }),
    ("audit.checkpoint_file", |d, raw| { d.config.audit.checkpoint_file = Some(raw.text(FILE)?.into()); Ok(()) }),
    ("audit.checkpoint_url", |d, raw| { d.config.audit.checkpoint_url = Some(raw.url()?); Ok(()) }),
    ("fonts.folder", |d, raw| { d.config.fonts_folder = Some(raw.text(FOLDER)?.into()); Ok(()) }),
    ("files.store", |d, raw| { d.config.files = Some(raw.parse(BUCKET)?); Ok(()) }),
    ("s3.endpoint", |d, raw| { d.s3.endpoint = Some(raw.url()?); Ok(()) }),
    ("s3.region", |d, raw| { d.s3.region = Some(raw.text("存储服务的区域，如 us-east-1")?.into()); Ok(()) }),
    ("s3.key_id", |d, raw| { d.s3.key_id = Some(raw.text("访问密钥的编号")?.into()); Ok(()) }),
    ("s3.secret", |d, raw| { d.s3.secret = Some(raw.text("访问密钥")?.to_owned().into()); Ok(()) }),
    ("s3.secret_file", |d, raw| { d.s3.secret_file = Some(raw.text(FILE)?.into()); Ok(()) }),
    ("s3.addressing", |d, raw| {
        const EXPECTED: &str = "\"path\"（存储桶写在路径里）或 \"host\"（写在主机名里）";
        d.s3.by_host = match raw.text(EXPECTED)? {
            "path" => false,
            "host" => true,
            other => return wrong(format!("没有“{other}”这种方式"), EXPECTED),
        };
        Ok(())
    }),
    ("log.format", |d, raw| {
        const EXPECTED: &str = "\"text\" 或 \"json\"";
        d.config.log.format = match raw.text(EXPECTED)? {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            other => return wrong(format!("没有“{other}”这种格式"), EXPECTED),
        };
        Ok(())
    }),
    ("log.level", |d, raw| {
        const EXPECTED: &str = "\"error\"、\"warn\"、\"info\"、\"debug\" 或 \"trace\"";
        // Numbers mean levels too to the parser; people should write words.
        d.config.log.level = match raw.text(EXPECTED)? {
            word if word.bytes().all(|byte| byte.is_ascii_lowercase()) => raw.parse(EXPECTED)?,
            _ => return wrong("写法不对", EXPECTED),
        };
        Ok(())
    }),
];

const FOLDER: &str = "文件夹路径";
const FILE: &str = "文件路径";
const BUCKET: &str = "s3://存储桶/前缀，只用字母、数字、点、横线、下划线和斜杠";
const SOCKET: &str = "IP 地址和端口，如 127.0.0.1:8080";
const DATABASE: &str = "postgres://用户:密码@主机/库名 或 sqlite://文件路径";
const DATA_KEYS: &str = "ZHENDI_DATA_KEYS";
const AUDIT_KEY: &str = "ZHENDI_AUDIT_KEY";

fn variable(key: &str) -> String {
    format!("ZHENDI_{}", key.replace('.', "_").to_uppercase())
}

/// Gathers values and everything wrong with them.
#[derive(Default)]
pub(super) struct Reader {
    draft: Draft,
    /// Where each key got its value last; for what is found wrong only at the end.
    places: BTreeMap<&'static str, String>,
    errors: Vec<String>,
}

impl Reader {
    pub(super) fn file(&mut self, name: &str, text: &str) {
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        let table = match DeTable::parse(text) {
            Ok(table) => table,
            Err(error) => {
                let at = error.span().map_or(1, |span| line(span.start));
                let message = error.message();
                self.errors
                    .push(format!("{name}:{at}: 不是正确的 TOML 写法（{message}）"));
                return;
            }
        };
        let mut found = vec![];
        flatten(table.get_ref(), "", &mut found);
        for (key, raw, start) in found {
            let place = format!("{name}:{}", line(start));
            match KEYS.iter().find(|(known, _)| *known == key) {
                Some((known, set)) => self.set(known, *set, &raw, place),
                None => {
                    let near = nearest(
                        &key,
                        KEYS.iter().map(|(known, _)| (*known).to_owned()),
                        usize::MAX,
                    )
                    .unwrap_or_default();
                    self.errors.push(format!(
                        "{place}: {key}: 没有这个配置项（最接近的是 {near}）"
                    ));
                }
            }
        }
    }

    pub(super) fn variables(&mut self, env: impl IntoIterator<Item = (String, String)>) {
        for (name, value) in env {
            if !name.starts_with("ZHENDI_") {
                continue;
            }
            let place = format!("环境变量 {name}");
            if name == DATA_KEYS {
                self.draft.config.keys.data = Some(value.into());
            } else if name == AUDIT_KEY {
                self.draft.config.keys.audit = Some(value.into());
            } else if let Some((known, set)) =
                KEYS.iter().find(|(known, _)| variable(known) == name)
            {
                self.set(known, *set, &Raw::Text(value), place);
            } else {
                // Other programs make variables with our prefix too (a container platform names one
                // for each service), so only what looks like a slip is refused.
                let names = KEYS.iter().map(|(known, _)| variable(known));
                let near = nearest(&name, names.chain([DATA_KEYS.into(), AUDIT_KEY.into()]), 2);
                if let Some(near) = near {
                    self.errors
                        .push(format!("{place}: 没有这个配置项（最接近的是 {near}）"));
                }
            }
        }
    }

    fn set(&mut self, key: &'static str, set: Set, raw: &Raw, place: String) {
        if let Err(Wrong { reason, expected }) = set(&mut self.draft, raw) {
            self.errors
                .push(format!("{place}: {key}: {reason}（应为{expected}）"));
        }
        self.places.insert(key, place);
    }

    /// Where the first of a group's keys stands.
    fn place(&self, group: &str) -> String {
        self.places
            .iter()
            .find(|(key, _)| key.starts_with(group))
            .map(|(_, place)| place.clone())
            .unwrap_or_default()
    }

    pub(super) fn finish(mut self) -> Result<Config, ConfigError> {
        let draft = std::mem::take(&mut self.draft);
        let mut config = draft.config;
        let mut found = vec![];
        let mut missing = |group: &str, key: &str, reason: &str| {
            let place = self.place(group);
            found.push(format!("{place}: {key}: {reason}"));
        };
        match draft.tls {
            (Some(cert), Some(key)) => config.tls = Some(Tls { cert, key }),
            (None, None) => {}
            (Some(_), None) => missing("tls.", "tls.key", "有证书而没有私钥（应为私钥文件路径）"),
            (None, Some(_)) => missing("tls.", "tls.cert", "有私钥而没有证书（应为证书文件路径）"),
        }
        let mail = draft.mail;
        let encryption = mail.encryption.unwrap_or(Encryption::Tls);
        match (mail.host, mail.from) {
            (Some(host), Some(from)) => {
                if mail.password.is_some() && mail.user.is_none() {
                    missing("mail.", "mail.user", "有密码而没有账号（应为邮箱账号）");
                }
                config.mail = Some(Mail {
                    host,
                    port: mail.port.unwrap_or(match encryption {
                        Encryption::Tls => 465,
                        Encryption::StartTls => 587,
                        Encryption::None => 25,
                    }),
                    encryption,
                    user: mail.user,
                    password: mail.password,
                    from,
                });
            }
            (Some(_), None) => missing("mail.", "mail.from", "要发邮件必须写明发件人"),
            (None, _) if self.places.keys().any(|key| key.starts_with("mail.")) => {
                missing("mail.", "mail.host", "要发邮件必须写明邮件服务器");
            }
            (None, _) => {}
        }
        let s3 = draft.s3;
        let secret = match (s3.secret, s3.secret_file) {
            (Some(secret), _) => Some(S3Secret::Given(secret)),
            (None, file) => file.map(S3Secret::File),
        };
        match (s3.key_id, secret) {
            (Some(key_id), Some(secret)) => {
                config.s3 = Some(S3 {
                    endpoint: s3.endpoint,
                    region: s3.region.unwrap_or_else(|| "us-east-1".into()),
                    key_id,
                    secret,
                    in_path: !s3.by_host,
                });
            }
            (Some(_), None) => missing("s3.", "s3.secret", "要用对象存储必须给出访问密钥"),
            (None, _) if self.places.keys().any(|key| key.starts_with("s3.")) => {
                missing("s3.", "s3.key_id", "要用对象存储必须给出访问密钥的编号");
            }
            (None, _) if config.files.is_some() => missing(
                "files.",
                "s3.key_id",
                "文件放在对象存储里，必须给出访问密钥的编号和密钥",
            ),
            (None, _) => {}
        }
        self.errors.extend(found);
        if self.errors.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError(self.errors))
        }
    }
}

/// Every value with its dotted key and the place where it starts, in the file's order.
fn flatten(table: &DeTable<'_>, prefix: &str, found: &mut Vec<(String, Raw, usize)>) {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        let name = format!("{prefix}{}", key.get_ref());
        let start = key.span().start;
        let raw = match value.get_ref() {
            DeValue::Table(inner)
                if KEYS
                    .iter()
                    .any(|(known, _)| known.starts_with(&format!("{name}."))) =>
            {
                flatten(inner, &format!("{name}."), found);
                continue;
            }
            DeValue::String(text) => Raw::Text(text.to_string()),
            DeValue::Integer(number) => Raw::Integer(number.as_str().into()),
            DeValue::Array(items) => {
                let texts: Option<Vec<String>> = items
                    .iter()
                    .map(|item| item.get_ref().as_str().map(str::to_owned))
                    .collect();
                texts.map_or(Raw::Other("array"), Raw::List)
            }
            other => Raw::Other(other.type_str()),
        };
        found.push((name, raw, start));
    }
}

/// The known name that takes the fewest changed letters, if it takes no more than `limit`.
fn nearest(typed: &str, known: impl Iterator<Item = String>, limit: usize) -> Option<String> {
    known
        .map(|name| (distance(typed, &name), name))
        .min()
        .filter(|(steps, _)| *steps <= limit)
        .map(|(_, name)| name)
}

/// How many letters must be changed, added or dropped to turn one into the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
pub(super) fn known_keys() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(key, _)| *key)
}
