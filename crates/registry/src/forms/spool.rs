//! The rows of a form between the database and the file: hashed as they come, kept beside the memory when
//! there are many. The database is read once, the writers run on a thread of their own, and a print's hash
//! is known before its first page.

use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::{
    io::{BufRead, BufReader, Seek, Write},
    path::Path,
};
use tempfile::SpooledTempFile;
use zhendi_kernel::Fault;

/// So many bytes of rows stay in memory; the rest goes to a file without a name, gone when it is closed.
const IN_MEMORY: usize = 2 * 1024 * 1024;

/// Rows that are being gathered.
pub struct Spool {
    file: SpooledTempFile,
    hash: Sha256,
    line: Vec<u8>,
    rows: u64,
}

impl Spool {
    /// No rows yet; `heading` says what the rows are of and is hashed before them.
    ///
    /// # Errors
    /// When the heading is no JSON: a mistake of the program.
    pub fn new(folder: &Path, heading: &impl Serialize) -> Result<Self, Fault> {
        let mut spool = Self {
            file: tempfile::spooled_tempfile_in(IN_MEMORY, folder),
            hash: Sha256::new(),
            line: vec![],
            rows: 0,
        };
        spool.encode(heading)?;
        Ok(spool)
    }

    /// The content of a form is hashed as JSON, one line for each row: nothing else belongs to it.
    fn encode(&mut self, row: &impl Serialize) -> Result<(), Fault> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, row).map_err(Fault::internal)?;
        self.line.push(b'\n');
        self.hash.update(&self.line);
        Ok(())
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn push(&mut self, row: &impl Serialize) -> Result<(), Fault> {
        self.encode(row)?;
        self.file.write_all(&self.line)?;
        self.rows += 1;
        Ok(())
    }

    /// The hash in hex, and the rows to read again.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn finish(mut self) -> Result<(String, Lines), Fault> {
        self.file.flush()?;
        let lines = Lines {
            file: BufReader::new(self.file),
            rows: self.rows,
        };
        Ok((hex::encode(self.hash.finalize()), lines))
    }
}

/// Rows that were gathered.
pub struct Lines {
    file: BufReader<SpooledTempFile>,
    /// How many there are.
    pub rows: u64,
}

impl Lines {
    /// All rows, from the first.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn read<T: DeserializeOwned>(
        &mut self,
    ) -> Result<impl Iterator<Item = std::io::Result<T>> + Send + '_, Fault> {
        self.file.rewind()?;
        let mut line = vec![];
        Ok(std::iter::from_fn(move || {
            line.clear();
            match self.file.read_until(b'\n', &mut line) {
                Ok(0) => None,
                Ok(_) => Some(serde_json::from_slice(&line).map_err(std::io::Error::from)),
                Err(error) => Some(Err(error)),
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_back_as_often_as_wanted_and_hash_alike() {
        let folder = tempfile::tempdir().unwrap();
        let fill = |last: &str| {
            let mut spool = Spool::new(folder.path(), &"附件1").unwrap();
            for row in ["一", "二", last] {
                spool.push(&[row, "x\n"]).unwrap();
            }
            spool.finish().unwrap()
        };
        let (hash, mut lines) = fill("三");
        for _ in 0..2 {
            let rows: Vec<[String; 2]> = lines.read().unwrap().map(Result::unwrap).collect();
            assert_eq!(rows[2], ["三".to_owned(), "x\n".to_owned()]);
        }
        assert_eq!(lines.rows, 3);
        assert_eq!(hash, fill("三").0);
        assert_ne!(hash, fill("四").0);
        // Known beforehand: anyone can recompute it from what is printed.
        let text = "\"附件1\"\n[\"一\",\"x\\n\"]\n[\"二\",\"x\\n\"]\n[\"三\",\"x\\n\"]\n";
        assert_eq!(hash, hex::encode(Sha256::digest(text)));
    }
}
