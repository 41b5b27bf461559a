//! The secret keys as a file of their own, encrypted like a backup, so that they can lie elsewhere: whoever
//! finds one of the two can read nothing that was sealed.

use super::key::{Key, Lock};
use crate::Trouble;
use age::Decryptor;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read, Write},
    path::Path,
};
use zhendi_kernel::{Fault, config::Config};

/// Key files by name.
pub type KeyFiles = BTreeMap<String, String>;

/// What a configuration's keys are, from the folder or from variables.
///
/// # Errors
/// When a file cannot be read.
pub fn of(config: &Config) -> Result<KeyFiles, Trouble> {
    let folder = config.data.join("keys");
    let mut all = KeyFiles::new();
    for (name, given) in [
        ("data.keys", &config.keys.data),
        ("audit-signing.key", &config.keys.audit),
        ("audit-signing.pub", &None),
    ] {
        let text = match given {
            Some(given) => given.to_string(),
            None => match fs::read_to_string(folder.join(name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other?,
            },
        };
        all.insert(name.into(), text);
    }
    Ok(all)
}

/// Writes them, encrypted.
///
/// # Errors
/// When they cannot be written.
pub fn write<W: Write>(out: W, lock: &Lock, keys: &KeyFiles) -> Result<W, Trouble> {
    let mut sealed = lock.encryptor()?.wrap_output(out)?;
    let text = serde_json::to_vec(keys).map_err(Fault::internal)?;
    sealed.write_all(&text)?;
    Ok(sealed.finish()?)
}

/// Reads them.
///
/// # Errors
/// When the key does not open them, or the file is damaged.
pub fn read(input: impl Read, key: &Key) -> Result<KeyFiles, Trouble> {
    let decryptor = Decryptor::new(input).map_err(super::read::locked)?;
    let opened = decryptor
        .decrypt(key.identities())
        .map_err(super::read::locked)?;
    let damaged = || Trouble::Failed("密钥备份已损坏，没有使用其中任何内容。".into());
    let mut text = vec![];
    opened
        .take(1 << 20)
        .read_to_end(&mut text)
        .map_err(|_| damaged())?;
    let keys: KeyFiles = serde_json::from_slice(&text).map_err(|_| damaged())?;
    if keys
        .keys()
        .any(|name| name.contains(['/', '\\']) || name.starts_with('.'))
    {
        return Err(damaged());
    }
    Ok(keys)
}

/// Puts them into a folder where there are none yet.
///
/// # Errors
/// When they cannot be written.
pub fn unpack(keys: &KeyFiles, folder: &Path) -> Result<(), Trouble> {
    fs::create_dir_all(folder)?;
    for (name, text) in keys {
        let mut file = super::read::create(&folder.join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
    }
    Ok(())
}
