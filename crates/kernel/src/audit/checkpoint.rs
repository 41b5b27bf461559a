//! Signed statements "record N had this hash at this moment", made each hour and sent elsewhere: whoever
//! rewrites or cuts the chain cannot take those back.

use super::{Signer, record::Hash, store};
use crate::{
    App, Fault,
    jobs::{self, Handlers, JobError, NewJob},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use std::{
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

/// A signed checkpoint; as JSON one line, the form in which it is kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The record's number.
    pub seq: i64,
    /// The record's hash.
    #[serde(with = "hex_hash")]
    pub hash: Hash,
    /// When the checkpoint was made.
    pub at: DateTime<Utc>,
    /// The id of the key that signed.
    pub key: String,
    /// Ed25519, in Base64.
    #[serde(with = "base64_bytes")]
    pub signature: Vec<u8>,
}

impl Checkpoint {
    fn sign(seq: i64, hash: Hash, at: DateTime<Utc>, signer: &Signer) -> Self {
        let mut checkpoint = Self {
            seq,
            hash,
            at: at.trunc_subsecs(6),
            key: signer.id().to_owned(),
            signature: vec![],
        };
        checkpoint.signature = signer.sign(&checkpoint.message());
        checkpoint
    }

    fn message(&self) -> Vec<u8> {
        [
            b"zhendi audit checkpoint 1\0".as_slice(),
            &self.seq.to_le_bytes(),
            &self.hash,
            &self.at.timestamp_micros().to_le_bytes(),
            self.key.as_bytes(),
        ]
        .concat()
    }

    /// Whether a key that was in use here signed it.
    pub fn is_signed(&self, signer: &Signer) -> bool {
        signer.verifies(&self.key, &self.message(), &self.signature)
    }

    /// The line that is kept elsewhere, without its end.
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("numbers and texts always are JSON")
    }

    /// Reads lines that were kept elsewhere.
    ///
    /// # Errors
    /// The number of the first line that is not a checkpoint.
    pub fn parse(text: &str) -> Result<Vec<Self>, usize> {
        text.lines()
            .zip(1..)
            .filter(|(line, _)| !line.trim().is_empty())
            .map(|(line, n)| serde_json::from_str(line).map_err(|_| n))
            .collect()
    }
}

impl From<store::signed::Model> for Checkpoint {
    /// A hash of a wrong length is a forgery; as zeroes it fits no signature.
    fn from(row: store::signed::Model) -> Self {
        Self {
            seq: row.seq,
            hash: row.hash.try_into().unwrap_or_default(),
            at: store::moment(row.at),
            key: row.key_id,
            signature: row.signature,
        }
    }
}

/// Signs the chain's present end, unless that was done already, and sets jobs going that send the
/// checkpoint where the configuration says.
///
/// # Errors
/// When the database fails.
pub async fn make(app: &App) -> Result<Option<Checkpoint>, Fault> {
    let tx = app.db.begin().await?;
    let head = store::head(&tx).await?;
    let Some(head) = head.filter(|head| head.seq > 0) else {
        return Ok(None);
    };
    let hash = head
        .hash
        .try_into()
        .map_err(|_| Fault::internal("the head of the audit chain holds no hash"))?;
    let checkpoint = Checkpoint::sign(head.seq, hash, app.now(), &app.signer);
    if !store::keep(&tx, &checkpoint).await? {
        return Ok(None);
    }
    let audit = &app.config.audit;
    for (kind, wanted) in [
        (TO_FILE, audit.checkpoint_file.is_some()),
        (TO_URL, audit.checkpoint_url.is_some()),
    ] {
        if wanted {
            let payload = serde_json::json!({ "seq": checkpoint.seq });
            jobs::enqueue(&tx, app, NewJob::new(kind, payload)).await?;
        }
    }
    tx.commit().await?;
    Ok(Some(checkpoint))
}

/// For the end of the program: signs the chain's end and sends it at once, because no job will run any
/// more. What cannot be sent now is sent by its job at the next start.
///
/// # Errors
/// When the database fails or a destination does not take it.
pub async fn publish(app: &App) -> Result<(), Fault> {
    let Some(checkpoint) = make(app).await? else {
        return Ok(());
    };
    let (file, url) = tokio::join!(to_file(app, &checkpoint), to_url(app, &checkpoint));
    file.and(url)
}

const MAKE: &str = "audit.checkpoint";
const TO_FILE: &str = "audit.checkpoint.file";
const TO_URL: &str = "audit.checkpoint.url";

/// The jobs of the audit chain.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
        .on(MAKE, |app: App, _| async move {
            make(&app).await?;
            Ok(())
        })
        .hourly(MAKE)
        .on(TO_FILE, |app: App, payload| async move {
            Ok(to_file(&app, &named(&app, &payload).await?).await?)
        })
        .on(TO_URL, |app: App, payload| async move {
            Ok(to_url(&app, &named(&app, &payload).await?).await?)
        })
}

async fn named(app: &App, payload: &serde_json::Value) -> Result<Checkpoint, JobError> {
    let seq = payload["seq"]
        .as_i64()
        .ok_or_else(|| JobError::Permanent("任务缺少检查点编号。".into()))?;
    let row = store::kept(app.db.read(), seq).await?;
    row.map(Into::into)
        .ok_or_else(|| JobError::Permanent(format!("检查点 {seq} 已不存在。")))
}

async fn to_file(app: &App, checkpoint: &Checkpoint) -> Result<(), Fault> {
    let Some(file) = app.config.audit.checkpoint_file.clone() else {
        return Ok(());
    };
    let line = checkpoint.line();
    tokio::task::spawn_blocking(move || append_line(&file, &line))
        .await
        .map_err(Fault::internal)??;
    Ok(())
}

/// Appends a line unless it is the last one already: the job may run after [`publish`] did its work.
fn append_line(path: &Path, line: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(4096)))?;
    let mut tail = vec![];
    file.read_to_end(&mut tail)?;
    let tail = String::from_utf8_lossy(&tail);
    if tail.lines().next_back() == Some(line) {
        return Ok(());
    }
    // A line that a crash cut off must not swallow this one.
    let gap = if tail.is_empty() || tail.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    file.write_all(format!("{gap}{line}\n").as_bytes())?;
    file.sync_all()
}

async fn to_url(app: &App, checkpoint: &Checkpoint) -> Result<(), Fault> {
    let Some(url) = &app.config.audit.checkpoint_url else {
        return Ok(());
    };
    let body = serde_json::to_value(checkpoint).map_err(Fault::internal)?;
    let answer = app
        .outgoing
        .post_json(url, &body)
        .await
        .map_err(|error| Fault::Unavailable(error.into()))?;
    if answer.status.is_success() {
        Ok(())
    } else {
        Err(Fault::Unavailable(
            format!("the checkpoint's receiver answered {}", answer.status).into(),
        ))
    }
}

mod hex_hash {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(hash: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(hash))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        let mut hash = [0; 32];
        hex::decode_to_slice(String::deserialize(from)?, &mut hash).map_err(D::Error::custom)?;
        Ok(hash)
    }
}

mod base64_bytes {
    use super::{Engine, STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        STANDARD
            .decode(String::deserialize(from)?)
            .map_err(D::Error::custom)
    }
}
