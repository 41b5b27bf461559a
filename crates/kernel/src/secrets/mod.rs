//! Secrets and personal fields, sealed before they reach the database and opened only where needed.
//!
//! Whoever gets the database or a copy of it without the key file learns nothing from sealed columns,
//! nor can they alter one unnoticed or use it for another purpose. Against somebody who has the
//! running machine or its key file this does not help.
//!
//! XChaCha20-Poly1305 with a random nonce; purpose and key are bound to the text. Looking up by equality
//! goes by a blind index (HMAC-SHA-256) under a key of its own, which a rotation leaves alone.

pub(crate) mod keyfile;
mod reseal;

pub use reseal::{SealedColumn, reseal};

use crate::{Entropy, Fault, config::Config};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use hmac::{Hmac, Mac};
use keyfile::Ring;
use sha2::Sha256;
use std::{
    fmt,
    path::PathBuf,
    sync::{RwLock, RwLockReadGuard},
};

/// A sealed text as it lies in a column: `z1.<key id>.<nonce and ciphertext>`.
#[derive(Clone, PartialEq, Eq, sea_orm::DeriveValueType, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

impl Sealed {
    fn prefix(key: &str) -> String {
        format!("z1.{key}.")
    }

    /// Key id and bytes; none when this never was a sealed text.
    fn parts(&self) -> Option<(&str, Vec<u8>)> {
        let (key, rest) = self.0.strip_prefix("z1.")?.split_once('.')?;
        Some((key, URL_SAFE_NO_PAD.decode(rest).ok()?))
    }
}

/// Why keys cannot be had or do not fit; for the operator. Never holds key material or content.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("无法读写密钥文件 {}", .0.display())]
    File(PathBuf, #[source] std::io::Error),
    #[error("{0} 第 {1} 项不是“编号 密钥”的写法（密钥为 32 字节的 Base64）")]
    Format(String, usize),
    #[error("{0} 中没有 {1} 密钥")]
    Incomplete(String, &'static str),
    #[error("密钥由环境变量 ZHENDI_DATA_KEYS 给出，请在其中最前面加上新密钥后重启，再运行重新加密")]
    Given,
    #[error("数据由密钥 {0} 加密，而现有密钥中没有它；请从备份中找回密钥文件")]
    Missing(String),
    #[error("密钥 {key} 打不开用途为 {purpose} 的数据：密钥不对，或数据被改动过")]
    Unopened { key: String, purpose: &'static str },
    #[error("用途为 {0} 的数据不是加密后的格式")]
    NotSealed(&'static str),
}

impl From<KeyError> for Fault {
    fn from(error: KeyError) -> Self {
        Self::internal(error)
    }
}

/// The keys that seal and open.
pub struct Keyring {
    ring: RwLock<Ring>,
    /// The file that the keys came from; none when a variable gave them.
    file: Option<PathBuf>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring")
    }
}

impl Keyring {
    /// The keys that the configuration gives, or those of `data/keys/data.keys`, which is made when it is
    /// not there.
    ///
    /// # Errors
    /// When the file or the variable cannot be read or is not a list of keys.
    pub fn open_or_create(config: &Config, entropy: &Entropy) -> Result<Self, KeyError> {
        if let Some(given) = &config.keys.data {
            return Ok(Self {
                ring: RwLock::new(Ring::parse("ZHENDI_DATA_KEYS", given)?),
                file: None,
            });
        }
        let file = Self::file_of(config);
        let ring = Ring::read_or_create(&file, entropy)?;
        Ok(Self {
            ring: RwLock::new(ring),
            file: Some(file),
        })
    }

    fn file_of(config: &Config) -> PathBuf {
        config.data.join("keys").join("data.keys")
    }

    /// The file of the keys, where there should be one and is none.
    pub fn missing(config: &Config) -> Option<PathBuf> {
        let file = Self::file_of(config);
        (config.keys.data.is_none() && !file.exists()).then_some(file)
    }

    fn ring(&self) -> RwLockReadGuard<'_, Ring> {
        // A panic while the ring was replaced cannot leave half a ring: it is replaced whole.
        self.ring
            .read()
            .unwrap_or_else(|poison| poison.into_inner())
    }

    /// Seals a text for a purpose (such as `"person.phone"`), with the newest key.
    pub fn seal(&self, entropy: &Entropy, purpose: &'static str, plain: &str) -> Sealed {
        let ring = self.ring();
        let (id, key) = ring.newest();
        let nonce: [u8; 24] = entropy.bytes();
        let sealed = XChaCha20Poly1305::new(key.into())
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plain.as_bytes(),
                    aad: &bound(id, purpose),
                },
            )
            .expect("a text in memory is far shorter than the cipher's limit");
        let body = URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat());
        Sealed(Sealed::prefix(id) + &body)
    }

    /// Opens what was sealed for the same purpose.
    ///
    /// # Errors
    /// `Fault::Internal` naming key and purpose when the key is missing or does not fit, or the text was
    /// altered or sealed for another purpose.
    pub fn open(&self, purpose: &'static str, sealed: &Sealed) -> Result<String, Fault> {
        let (id, bytes) = sealed.parts().ok_or(KeyError::NotSealed(purpose))?;
        if self.ring().get(id).is_none() {
            self.reload()?;
        }
        let ring = self.ring();
        let key = ring.get(id).ok_or_else(|| KeyError::Missing(id.into()))?;
        let unopened = || KeyError::Unopened {
            key: id.into(),
            purpose,
        };
        let (nonce, body) = bytes.split_first_chunk::<24>().ok_or_else(unopened)?;
        let plain = XChaCha20Poly1305::new(key.into())
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: body,
                    aad: &bound(id, purpose),
                },
            )
            .map_err(|_| unopened())?;
        Ok(String::from_utf8(plain).map_err(|_| unopened())?)
    }

    /// The blind index of a text: equal texts of a purpose have equal ones, and nothing else shows.
    pub fn blind(&self, purpose: &'static str, text: &str) -> String {
        let ring = self.ring();
        // First a key for the purpose, then the text under it: no purpose and text can collide.
        let key = mac(
            ring.index(),
            &[b"zhendi blind index 1\0", purpose.as_bytes()],
        );
        hex::encode(mac(&key, &[text.as_bytes()]))
    }

    /// Adds a new key that seals from now on; returns its id. Running programs take it up by themselves
    /// when they meet it. What older keys sealed is moved over by [`reseal`].
    ///
    /// # Errors
    /// When the keys came from a variable, or the file cannot be written.
    pub fn rotate(&self, entropy: &Entropy) -> Result<String, KeyError> {
        let file = self.file.as_deref().ok_or(KeyError::Given)?;
        let mut ring = Ring::read(file)?;
        let id = ring.add(entropy);
        ring.replace(file)?;
        *self
            .ring
            .write()
            .unwrap_or_else(|poison| poison.into_inner()) = ring;
        Ok(id)
    }

    /// The id of the key that seals now.
    pub fn newest(&self) -> String {
        self.ring().newest().0.to_owned()
    }

    /// Another process may have rotated the keys since they were read.
    fn reload(&self) -> Result<(), KeyError> {
        if let Some(file) = &self.file {
            let ring = Ring::read(file)?;
            *self
                .ring
                .write()
                .unwrap_or_else(|poison| poison.into_inner()) = ring;
        }
        Ok(())
    }
}

/// What a sealed text is bound to besides its content.
fn bound(key: &str, purpose: &str) -> Vec<u8> {
    format!("zhendi sealed 1\0{key}\0{purpose}").into_bytes()
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key)
        .expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
