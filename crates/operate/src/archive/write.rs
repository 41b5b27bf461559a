//! Writing: tar, then zstd, then age. Most of the size is scans that do not shrink; the database shrinks to
//! a quarter, and zstd's fastest levels cost less than the encryption.

use super::{FILES, FilesIn, MANIFEST, Manifest, Member, key::Lock};
use crate::Trouble;
use age::stream::StreamWriter;
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};
use zhendi_kernel::files::ContentHash;

type Packed<W> = zstd::Encoder<'static, StreamWriter<W>>;

/// An archive that is being written.
pub struct Writer<W: Write> {
    tar: tar::Builder<Packed<W>>,
    members: Vec<Member>,
    files: FilesIn,
    names: Sha256,
}

/// Hashes what passes.
struct Passing<R>(R, Sha256);

impl<R: Read> Read for Passing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.0.read(buffer)?;
        self.1.update(&buffer[..n]);
        Ok(n)
    }
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_entry_type(tar::EntryType::Regular);
    header
}

impl<W: Write> Writer<W> {
    /// Begins an archive.
    ///
    /// # Errors
    /// When there is nobody to encrypt for, or the beginning cannot be written.
    pub fn new(out: W, lock: &Lock) -> Result<Self, Trouble> {
        let sealed = lock.encryptor()?.wrap_output(out)?;
        let mut packed = zstd::Encoder::new(sealed, 3)?;
        packed.include_checksum(true)?;
        Ok(Self {
            tar: tar::Builder::new(packed),
            members: vec![],
            files: FilesIn::default(),
            names: Sha256::new(),
        })
    }

    /// Adds a member of a known size.
    ///
    /// # Errors
    /// When it cannot be read or written, or has another size.
    pub fn add(&mut self, name: &str, size: u64, content: impl Read) -> Result<(), Trouble> {
        let mut passing = Passing(content.take(size), Sha256::new());
        self.tar
            .append_data(&mut header(size), name, &mut passing)?;
        if passing.0.limit() > 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        self.members.push(Member {
            name: name.to_owned(),
            size,
            sha256: hex::encode(passing.1.finalize()),
        });
        Ok(())
    }

    /// Adds a stored file, whose content the caller has checked. They come in the order of their names.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add_file(&mut self, hash: &ContentHash, content: &[u8]) -> Result<(), Trouble> {
        let size = content.len() as u64;
        self.tar
            .append_data(&mut header(size), format!("{FILES}{hash}"), content)?;
        self.names.update(format!("{hash}\n"));
        self.files.count += 1;
        self.files.bytes += size;
        Ok(())
    }

    /// What was added so far, into the manifest; and that as the last member.
    ///
    /// # Errors
    /// When the end cannot be written.
    pub fn finish(mut self, mut manifest: Manifest) -> Result<(W, Manifest), Trouble> {
        manifest.members = self.members;
        manifest.files = FilesIn {
            names_sha256: hex::encode(self.names.finalize()),
            ..self.files
        };
        let text = serde_json::to_vec_pretty(&manifest).map_err(zhendi_kernel::Fault::internal)?;
        self.tar
            .append_data(&mut header(text.len() as u64), MANIFEST, text.as_slice())?;
        let out = self.tar.into_inner()?.finish()?.finish()?;
        Ok((out, manifest))
    }
}
