//! Whom a backup is encrypted for, and what opens it. The program that makes a backup need not be able to
//! open it: with recipients it knows public keys alone.

use crate::Trouble;
use age::{Encryptor, Identity, Recipient, secrecy::SecretString, x25519};
use std::{fmt, io::BufReader, path::Path};

/// How a backup is encrypted.
#[derive(Clone)]
pub enum Lock {
    /// For the holders of these keys, each by themselves.
    Recipients(Vec<x25519::Recipient>),
    /// For whoever knows the words.
    Passphrase(SecretString),
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lock")
    }
}

/// Reads public keys (`age1…`).
///
/// # Errors
/// The first text that is none.
pub fn recipients(texts: &[String]) -> Result<Vec<x25519::Recipient>, Trouble> {
    texts
        .iter()
        .map(|text| {
            text.trim()
                .parse()
                .map_err(|_| Trouble::Usage(format!("“{text}”不是 age 公钥（应以 age1 开头）。")))
        })
        .collect()
}

/// The one line of a file that holds a passphrase.
fn passphrase(file: &Path) -> Result<SecretString, Trouble> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Trouble::Usage(format!("无法读取口令文件 {}：{error}", file.display())))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(Trouble::Usage(format!(
            "口令文件 {} 是空的。",
            file.display()
        ))),
        words => Ok(SecretString::from(words.to_owned())),
    }
}

impl Lock {
    /// By public keys or by the passphrase in a file; one of the two.
    ///
    /// # Errors
    /// When neither or both are given, or one cannot be read.
    pub fn new(keys: &[String], passphrase_file: Option<&Path>) -> Result<Self, Trouble> {
        match (keys, passphrase_file) {
            ([], None) => Err(Trouble::Usage(
                "备份必须加密：请用 --recipient 给出 age 公钥，或用 --passphrase-file 给出口令文件。".into(),
            )),
            ([], Some(file)) => passphrase(file).map(Self::Passphrase),
            (keys, None) => recipients(keys).map(Self::Recipients),
            (_, Some(_)) => Err(Trouble::Usage("--recipient 和 --passphrase-file 只能用一种。".into())),
        }
    }

    pub(super) fn encryptor(&self) -> Result<Encryptor, Trouble> {
        match self {
            Self::Passphrase(words) => Ok(Encryptor::with_user_passphrase(words.clone())),
            Self::Recipients(keys) => {
                Encryptor::with_recipients(keys.iter().map(|key| key as &dyn Recipient))
                    .map_err(|error| Trouble::Usage(error.to_string()))
            }
        }
    }

    /// What opens what this locks, where that is known: a passphrase does, a public key does not.
    pub fn key(&self) -> Option<Key> {
        match self {
            Self::Passphrase(words) => Some(Key::of_passphrase(words.clone())),
            Self::Recipients(_) => None,
        }
    }
}

/// What opens a backup.
pub struct Key(Vec<Box<dyn Identity + Send + Sync>>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    fn of_passphrase(words: SecretString) -> Self {
        let mut identity = age::scrypt::Identity::new(words);
        // The file was made by whoever has the words: its cost is theirs to choose, within reason.
        identity.set_max_work_factor(22);
        Self(vec![Box::new(identity)])
    }

    /// From a file of identities (`AGE-SECRET-KEY-…`) or one with a passphrase; one of the two.
    ///
    /// # Errors
    /// When neither or both are given, or one cannot be read.
    pub fn open(identity: Option<&Path>, passphrase_file: Option<&Path>) -> Result<Self, Trouble> {
        match (identity, passphrase_file) {
            (Some(file), None) => {
                let unreadable = |error: String| {
                    Trouble::Usage(format!("无法读取私钥文件 {}：{error}", file.display()))
                };
                let opened = std::fs::File::open(file).map_err(|e| unreadable(e.to_string()))?;
                let keys = age::IdentityFile::from_buffer(BufReader::new(opened))
                    .map_err(|e| unreadable(e.to_string()))?
                    .into_identities()
                    .map_err(|e| unreadable(e.to_string()))?;
                if keys.is_empty() {
                    return Err(unreadable("其中没有私钥".into()));
                }
                Ok(Self(keys))
            }
            (None, Some(file)) => passphrase(file).map(Self::of_passphrase),
            _ => Err(Trouble::Usage(
                "请用 --identity 给出 age 私钥文件，或用 --passphrase-file 给出口令文件。".into(),
            )),
        }
    }

    pub(super) fn identities(&self) -> impl Iterator<Item = &dyn Identity> {
        self.0.iter().map(|identity| &**identity as &dyn Identity)
    }
}
