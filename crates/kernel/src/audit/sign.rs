//! The key that signs checkpoints, and the public keys by which they are checked.

use crate::{
    Entropy,
    config::Config,
    secrets::{KeyError, keyfile},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use std::{fmt, fs, path::PathBuf};

/// Signs with Ed25519. Beside `data/keys/audit-signing.key` lies `audit-signing.pub` with every public
/// key that was ever in use here, newest first: keep a copy of it elsewhere, with the checkpoints.
pub struct Signer {
    key: SigningKey,
    id: String,
    known: Vec<(String, VerifyingKey)>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.id)
    }
}

/// A key's id: the beginning of its hash.
fn id_of(key: &VerifyingKey) -> String {
    hex::encode(&Sha256::digest(key.as_bytes())[..8])
}

impl Signer {
    fn file_of(config: &Config) -> PathBuf {
        config.data.join("keys").join("audit-signing.key")
    }

    /// The file of the key, where there should be one and is none.
    pub fn missing(config: &Config) -> Option<PathBuf> {
        let file = Self::file_of(config);
        (config.keys.audit.is_none() && !file.exists()).then_some(file)
    }

    /// The key that the configuration gives, or the one in the data folder, which is made when it is not
    /// there.
    ///
    /// # Errors
    /// When a file cannot be read or written, or does not hold a key.
    pub fn open_or_create(config: &Config, entropy: &Entropy) -> Result<Self, KeyError> {
        let folder = config.data.join("keys");
        let (source, seed) = match &config.keys.audit {
            Some(given) => ("ZHENDI_AUDIT_KEY".to_owned(), keyfile::decode(given)),
            None => {
                let file = Self::file_of(config);
                let failed = |cause| KeyError::File(file.clone(), cause);
                let new = zeroize::Zeroizing::new(STANDARD.encode(entropy.bytes::<32>()));
                keyfile::create(&file, &format!("{}\n", *new)).map_err(failed)?;
                let text = zeroize::Zeroizing::new(fs::read_to_string(&file).map_err(failed)?);
                (file.display().to_string(), keyfile::decode(&text))
            }
        };
        let seed = seed.ok_or(KeyError::Format(source, 1))?;
        let key = SigningKey::from_bytes(&seed);
        let id = id_of(&key.verifying_key());

        let file = folder.join("audit-signing.pub");
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            other => other.map_err(|cause| KeyError::File(file.clone(), cause))?,
        };
        let mut known = vec![];
        for (n, line) in text.lines().enumerate() {
            let key = keyfile::decode(line)
                .and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
                .ok_or_else(|| KeyError::Format(file.display().to_string(), n + 1))?;
            known.push((id_of(&key), key));
        }
        if !known.iter().any(|(known, _)| *known == id) {
            let public = STANDARD.encode(key.verifying_key().as_bytes());
            keyfile::replace(&file, &format!("{public}\n{text}"))
                .map_err(|cause| KeyError::File(file, cause))?;
            known.insert(0, (id.clone(), key.verifying_key()));
        }
        Ok(Self { key, id, known })
    }

    /// The id of the key that signs now.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message).to_bytes().to_vec()
    }

    /// Whether a known key of this id made the signature.
    pub(super) fn verifies(&self, id: &str, message: &[u8], signature: &[u8]) -> bool {
        let key = self.known.iter().find(|(known, _)| known == id);
        let signature = Signature::from_slice(signature);
        match (key, signature) {
            (Some((_, key)), Ok(signature)) => key.verify_strict(message, &signature).is_ok(),
            _ => false,
        }
    }
}
