//! Key files: a line for each key, its id and 32 bytes in Base64; newest first.

use super::KeyError;
use crate::Entropy;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{fs, io, io::Write, path::Path};
use zeroize::Zeroizing;

/// The name of the line with the key of the blind index.
const INDEX: &str = "index";

type Key = Zeroizing<[u8; 32]>;

/// The keys of one file.
pub(super) struct Ring {
    /// Newest first, never empty.
    keys: Vec<(String, Key)>,
    index: Key,
}

impl Ring {
    fn new(entropy: &Entropy) -> Self {
        let mut ring = Self {
            keys: vec![],
            index: Zeroizing::new(entropy.bytes()),
        };
        ring.add(entropy);
        ring
    }

    /// Puts a new key first; returns its id.
    pub(super) fn add(&mut self, entropy: &Entropy) -> String {
        let id = format!("k{}", hex::encode(entropy.bytes::<4>()));
        self.keys
            .insert(0, (id.clone(), Zeroizing::new(entropy.bytes())));
        id
    }

    pub(super) fn newest(&self) -> (&str, &[u8; 32]) {
        let (id, key) = &self.keys[0];
        (id, key)
    }

    pub(super) fn get(&self, id: &str) -> Option<&[u8; 32]> {
        let found = self.keys.iter().find(|(known, _)| known == id);
        found.map(|(_, key)| &**key)
    }

    pub(super) fn index(&self) -> &[u8; 32] {
        &self.index
    }

    /// Reads entries on lines or between commas; `source` is for the error alone.
    pub(super) fn parse(source: &str, text: &str) -> Result<Self, KeyError> {
        let mut keys = vec![];
        let mut index = None;
        let entries = text
            .split(['\n', ','])
            .map(str::trim)
            .filter(|entry| !entry.is_empty() && !entry.starts_with('#'));
        for (n, entry) in entries.enumerate() {
            let parsed = entry.split_once([' ', ':']).and_then(|(id, key)| {
                let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric());
                Some((id, decode(key)?)).filter(|_| plain && !id.is_empty())
            });
            match parsed {
                Some((INDEX, key)) => index = Some(key),
                Some((id, key)) => keys.push((id.to_owned(), key)),
                None => return Err(KeyError::Format(source.into(), n + 1)),
            }
        }
        if keys.is_empty() {
            return Err(KeyError::Incomplete(source.into(), "数据"));
        }
        let index = index.ok_or_else(|| KeyError::Incomplete(source.into(), INDEX))?;
        Ok(Self { keys, index })
    }

    pub(super) fn read(file: &Path) -> Result<Self, KeyError> {
        let text = fs::read_to_string(file).map_err(|cause| KeyError::File(file.into(), cause))?;
        Self::parse(&file.display().to_string(), &Zeroizing::new(text))
    }

    pub(super) fn read_or_create(file: &Path, entropy: &Entropy) -> Result<Self, KeyError> {
        create(file, &Self::new(entropy).text())
            .map_err(|cause| KeyError::File(file.into(), cause))?;
        Self::read(file)
    }

    pub(super) fn replace(&self, file: &Path) -> Result<(), KeyError> {
        replace(file, &self.text()).map_err(|cause| KeyError::File(file.into(), cause))
    }

    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::from(
            "# 阵地的数据密钥，最新的在最前面。请另行备份：没有它，加密的数据无法恢复。\n",
        ));
        let index = (INDEX, &self.index);
        for (id, key) in self
            .keys
            .iter()
            .map(|(id, key)| (id.as_str(), key))
            .chain([index])
        {
            text.push_str(id);
            text.push(' ');
            text.push_str(&Zeroizing::new(STANDARD.encode(**key)));
            text.push('\n');
        }
        text
    }
}

/// 32 bytes in Base64.
pub(crate) fn decode(text: &str) -> Option<Key> {
    let bytes = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
    Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
}

/// Makes a file that only its owner reads, whole or not at all; one that is there already stays.
pub(crate) fn create(file: &Path, text: &str) -> io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    // A link, unlike a rename, never replaces what another process made in the meantime.
    staged(file, text, |draft| match fs::hard_link(draft, file) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    })
}

/// Replaces a file: after a crash there is the old one or the new one.
pub(crate) fn replace(file: &Path, text: &str) -> io::Result<()> {
    staged(file, text, |draft| fs::rename(draft, file))
}

fn staged(
    file: &Path,
    text: &str,
    publish: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut draft = file.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let draft = Path::new(&draft);
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let written = options.open(draft).and_then(|mut open| {
        open.write_all(text.as_bytes())?;
        open.sync_all()
    });
    let published = written.and_then(|()| publish(draft));
    // After a rename there is no draft any more; that is not a failure.
    let _ = fs::remove_file(draft);
    published?;
    // The name itself must survive a power cut too.
    if cfg!(unix) {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}
