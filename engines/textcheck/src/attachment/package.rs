//! Zip packages: what is in them, and their parts, unpacked under the limits.

use std::io::{Cursor, Read as _};

use memchr::memmem;
use zip::{ZipArchive, result::ZipError};

use super::{
    Reading, archive, decode,
    limits::{Budget, Problem},
    opendocument, slides, word, xlsx,
};

/// An archive whose directory was read, but not yet its parts.
pub(super) struct Package<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
}

/// Reads a document or an archive of files.
pub(super) fn read(
    reading: &mut Reading<'_>,
    name: &str,
    bytes: &[u8],
    depth: usize,
) -> Result<(), Problem> {
    let mut package = Package::open(bytes, &mut reading.budget)?;
    if package.has("[content_types].xml") {
        match () {
            () if package.has_under("word/") => word::read(reading, name, &mut package)?,
            () if package.has_under("xl/") => xlsx::read(reading, name, &mut package)?,
            () if package.has_under("ppt/") => slides::read(reading, name, &mut package)?,
            () => return Err(Problem::Unsupported("这种文档无法读取")),
        }
    } else if package.has("content.xml") && package.has("mimetype") {
        opendocument::read(reading, name, &mut package)?;
    } else {
        return archive::read(reading, name, package, depth);
    }
    embedded(reading, name, &mut package, depth)
}

/// Files and pictures that a document holds.
fn embedded(
    reading: &mut Reading<'_>,
    name: &str,
    package: &mut Package<'_>,
    depth: usize,
) -> Result<(), Problem> {
    let mut pictures = 0;
    for index in 0..package.len() {
        let inner = package.name(index).to_owned();
        let lower = inner.to_ascii_lowercase();
        let short = inner.rsplit('/').next().unwrap_or(&inner);
        let is_picture = lower.contains("/media/") || lower.starts_with("pictures/");
        if is_picture {
            pictures += 1;
        } else if lower.contains("/embeddings/") && !short.is_empty() {
            let at = format!("{name}/{short}");
            if depth >= reading.budget.limits.depth {
                reading.unread(&at, Problem::TooDeep);
                continue;
            }
            let done = package
                .part(index, &mut reading.budget)
                .and_then(|bytes| reading.file(&at, &bytes, depth + 1));
            if let Err(problem) = done {
                reading.unread(&at, problem);
            }
        }
    }
    if pictures > 0 {
        let said = format!("文档中有{pictures}张图片，图片中的文字未检查");
        reading.unread(name, Problem::Said(said.into()));
    }
    Ok(())
}

impl<'a> Package<'a> {
    fn open(bytes: &'a [u8], budget: &mut Budget<'_>) -> Result<Self, Problem> {
        // A directory entry costs the archive reader ten times its size: count before it reads.
        let limit = 2 * budget.limits.entries;
        if memmem::find_iter(bytes, b"PK\x01\x02")
            .take(limit + 1)
            .count()
            > limit
        {
            return Err(Problem::TooManyEntries);
        }
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(Problem::broken)?;
        let mut names = Vec::with_capacity(zip.len());
        for index in 0..zip.len() {
            budget.entry()?;
            let entry = zip.by_index_raw(index).map_err(Problem::broken)?;
            names.push(entry_name(entry.name_raw()));
        }
        Ok(Self { zip, names })
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn name(&self, index: usize) -> &str {
        &self.names[index]
    }

    /// The parts whose names begin and end so, in the order of the numbers in them.
    pub fn matching(&self, begin: &str, end: &str) -> Vec<String> {
        let mut found: Vec<String> = self
            .names
            .iter()
            .filter(|name| name.starts_with(begin) && name.ends_with(end))
            .cloned()
            .collect();
        found.sort_by_key(|name| {
            let digits: String = name.chars().filter(char::is_ascii_digit).collect();
            (digits.parse::<u64>().unwrap_or(0), name.clone())
        });
        found
    }

    fn has(&self, name: &str) -> bool {
        self.names
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    }

    fn has_under(&self, folder: &str) -> bool {
        self.names.iter().any(|name| {
            name.get(..folder.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(folder))
        })
    }

    /// Unpacks one part.
    pub fn part(&mut self, index: usize, budget: &mut Budget<'_>) -> Result<Vec<u8>, Problem> {
        let mut part = self.zip.by_index(index).map_err(|error| match error {
            ZipError::UnsupportedArchive(detail) if detail == ZipError::PASSWORD_REQUIRED => {
                Problem::Encrypted
            }
            ZipError::UnsupportedArchive(_) => Problem::Unsupported("压缩方式无法识别，未检查"),
            _ => Problem::Broken,
        })?;
        let packed = part.compressed_size();
        let mut bytes = Vec::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = part.read(&mut buffer).map_err(Problem::broken)?;
            if read == 0 {
                return Ok(bytes);
            }
            let size = (bytes.len() + read) as u64;
            budget.unpack(read as u64, size, packed)?;
            if size > budget.limits.file_bytes {
                return Err(Problem::too_big(budget.limits.file_bytes));
            }
            bytes.extend_from_slice(&buffer[..read]);
        }
    }

    /// A part as text, if there is one of that name.
    pub fn text(&mut self, name: &str, budget: &mut Budget<'_>) -> Result<Option<String>, Problem> {
        let found = self
            .names
            .iter()
            .position(|known| known.eq_ignore_ascii_case(name));
        match found {
            Some(index) => Ok(Some(decode(&self.part(index, budget)?))),
            None => Ok(None),
        }
    }
}

/// Names are UTF-8 or, from Windows' own packer, GBK; the flag that should tell is often missing.
fn entry_name(raw: &[u8]) -> String {
    super::shown(&decode(raw).replace('\\', "/"))
}
