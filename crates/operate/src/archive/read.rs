//! Reading a backup to its end: every byte is decrypted and hashed, whether it is unpacked or not.

use super::{
    CONFIG, DATABASE, FILES, FORMAT, FilesIn, KEYS, MANIFEST, Manifest, Member, PUBLIC_KEYS, ROWS,
    key::Key,
};
use crate::Trouble;
use age::{DecryptError, Decryptor};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Write},
    path::Path,
};
use zhendi_kernel::files::ContentHash;

/// No manifest is larger.
const MANIFEST_LIMIT: u64 = 64 << 20;

fn damaged(why: impl std::fmt::Display) -> Trouble {
    Trouble::Failed(format!(
        "备份文件已损坏或不完整（{why}），没有使用其中任何内容。"
    ))
}

/// An error while reading is damage, unless the disk that it is unpacked to is full.
fn unreadable(error: io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => error.into(),
        _ => damaged(error),
    }
}

pub(super) fn locked(error: DecryptError) -> Trouble {
    match error {
        DecryptError::NoMatchingKeys
        | DecryptError::KeyDecryptionFailed
        | DecryptError::DecryptionFailed => {
            Trouble::Failed("密钥或口令不对，打不开这个备份。".into())
        }
        DecryptError::ExcessiveWork { .. } => {
            Trouble::Failed("这个备份的口令加密强度超出了本机能承受的范围。".into())
        }
        DecryptError::UnknownFormat | DecryptError::InvalidHeader => {
            Trouble::Failed("这不是备份文件，或文件开头已损坏。".into())
        }
        other => damaged(other),
    }
}

/// What of a backup is unpacked while it is read.
#[derive(Clone, Copy, Debug)]
pub enum Unpack<'a> {
    Nothing,
    /// One member.
    Only(&'static str, &'a Path),
    All(&'a Path),
}

impl<'a> Unpack<'a> {
    fn folder_for(self, name: &str) -> Option<&'a Path> {
        match self {
            Self::All(folder) => Some(folder),
            Self::Only(wanted, folder) if wanted == name => Some(folder),
            _ => None,
        }
    }
}

/// Reads a backup to its end, compares everything with its manifest, and returns that.
///
/// # Errors
/// When the key does not open it, or anything in it is not as it was written.
pub fn read(input: impl Read, key: &Key, unpack: Unpack<'_>) -> Result<Manifest, Trouble> {
    let decryptor =
        Decryptor::new_buffered(BufReader::with_capacity(1 << 18, input)).map_err(locked)?;
    let opened = decryptor.decrypt(key.identities()).map_err(locked)?;
    let unpacked = zstd::Decoder::new(opened).map_err(unreadable)?;
    let mut tar = tar::Archive::new(unpacked);
    let mut seen = Seen::default();
    for entry in tar.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let regular = entry.header().entry_type() == tar::EntryType::Regular;
        let name = entry.path_bytes();
        let name = std::str::from_utf8(&name).map_err(damaged)?.to_owned();
        if !regular || seen.manifest.is_some() || !is_member(&name) {
            return Err(damaged(format!("多出了“{name}”")));
        }
        seen.take(&name, &mut entry, unpack.folder_for(&name))?;
    }
    // What follows the tar's end is nothing, and the ends of zstd and age must be there.
    let mut rest = tar.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(unreadable)?;
    if rest.into_inner().read(&mut [0]).map_err(unreadable)? > 0 {
        return Err(damaged("末尾多出内容"));
    }
    seen.compare()
}

/// Whether an archive may hold a member of this name; no name leads out of a folder.
fn is_member(name: &str) -> bool {
    let plain = |rest: &str| {
        !rest.is_empty()
            && !rest.starts_with('.')
            && rest
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'))
    };
    match name.strip_prefix(FILES) {
        Some(hash) => hash.parse::<ContentHash>().is_ok(),
        None => {
            [DATABASE, ROWS, CONFIG, PUBLIC_KEYS, MANIFEST].contains(&name)
                || name.strip_prefix(KEYS).is_some_and(plain)
        }
    }
}

#[derive(Default)]
struct Seen {
    members: Vec<Member>,
    files: FilesIn,
    names: Sha256,
    manifest: Option<Manifest>,
}

impl Seen {
    fn take(
        &mut self,
        name: &str,
        entry: &mut impl Read,
        folder: Option<&Path>,
    ) -> Result<(), Trouble> {
        if name == MANIFEST {
            let mut text = vec![];
            entry
                .take(MANIFEST_LIMIT)
                .read_to_end(&mut text)
                .map_err(unreadable)?;
            self.manifest = Some(serde_json::from_slice(&text).map_err(damaged)?);
            return Ok(());
        }
        let mut out = match folder {
            Some(folder) => Some(create(&folder.join(path_of(name)))?),
            None => None,
        };
        let mut hash = Sha256::new();
        let mut size = 0;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = entry.read(&mut buffer).map_err(unreadable)?;
            if n == 0 {
                break;
            }
            hash.update(&buffer[..n]);
            size += n as u64;
            if let Some(out) = &mut out {
                out.write_all(&buffer[..n])?;
            }
        }
        if let Some(out) = out {
            out.sync_all()?;
        }
        let sha256 = hex::encode(hash.finalize());
        match name.strip_prefix(FILES) {
            Some(expected) if expected != sha256 => {
                return Err(damaged(format!("文件 {expected} 的内容不对")));
            }
            Some(_) => {
                self.names.update(format!("{sha256}\n"));
                self.files.count += 1;
                self.files.bytes += size;
            }
            None => self.members.push(Member {
                name: name.to_owned(),
                size,
                sha256,
            }),
        }
        Ok(())
    }

    fn compare(self) -> Result<Manifest, Trouble> {
        let manifest = self.manifest.ok_or_else(|| damaged("没有目录"))?;
        if manifest.format != FORMAT {
            return Err(Trouble::Failed(format!(
                "这个备份的格式（第 {} 版）不是本程序能读的，请用较新的程序恢复。",
                manifest.format
            )));
        }
        for member in &manifest.members {
            if !self.members.contains(member) {
                return Err(damaged(format!("“{}”与目录不符", member.name)));
            }
        }
        let files = FilesIn {
            names_sha256: hex::encode(self.names.finalize()),
            ..self.files
        };
        if self.members.len() != manifest.members.len() || files != manifest.files {
            return Err(damaged("内容与目录不符"));
        }
        Ok(manifest)
    }
}

/// Where a member is unpacked to; stored files as the local store keeps them.
fn path_of(name: &str) -> String {
    match name.strip_prefix(FILES) {
        Some(hash) => format!("{FILES}{}/{}/{hash}", &hash[..2], &hash[2..4]),
        None => name.to_owned(),
    }
}

/// A new file that nobody else reads.
pub(super) fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
