//! How much of a file is read, and the running count against it.

use std::borrow::Cow;

/// Bounds on one call of [`read`](super::read), over all files of an archive together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file, as sent or as unpacked.
    pub file_bytes: u64,
    /// Bytes of everything once unpacked.
    pub unpacked_bytes: u64,
    /// Unpacked over packed size of one part; judged only above 1 MiB, small parts may be very regular.
    pub ratio: u64,
    /// Files and parts of files, of all archives together.
    pub entries: usize,
    /// Archives inside archives.
    pub depth: usize,
    /// Bytes of text.
    pub text_bytes: usize,
    /// Cells that hold something.
    pub cells: usize,
    /// Steps of drawing pages of a PDF file.
    pub drawing_steps: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 50 << 20,
            unpacked_bytes: 128 << 20,
            ratio: 200,
            entries: 4_000,
            depth: 4,
            text_bytes: 16 << 20,
            cells: 1_000_000,
            drawing_steps: 6_000_000,
        }
    }
}

/// Why something is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    #[error("文件超过 {} MB，未检查", .0 >> 20)]
    TooBig(u64),
    #[error("压缩内容展开后过大，未检查")]
    Bomb,
    #[error("压缩包里的文件过多，其余未检查")]
    TooManyEntries,
    #[error("压缩包层数过多，里面的文件未检查")]
    TooDeep,
    #[error("文字过多，其余未检查")]
    TooMuchText,
    #[error("单元格过多，其余未检查")]
    TooManyCells,
    #[error("页面内容过于复杂，其余未检查")]
    TooManySteps,
    #[error("文件有密码或已加密，无法读取")]
    Encrypted,
    #[error("文件已损坏，无法读取")]
    Broken,
    #[error("{0}")]
    Unsupported(&'static str),
    #[error("{0}")]
    Said(Cow<'static, str>),
}

impl Problem {
    pub fn too_big(limit: u64) -> Self {
        Self::TooBig(limit)
    }

    /// Whatever a reader of a format says: people are told that the file is broken.
    pub fn broken<E>(_: E) -> Self {
        Self::Broken
    }
}

/// What is left of the [`Limits`] of one call.
pub(super) struct Budget<'l> {
    pub limits: &'l Limits,
    unpacked: u64,
    entries: usize,
    text: usize,
    cells: usize,
    steps: usize,
}

impl<'l> Budget<'l> {
    pub fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            unpacked: 0,
            entries: 0,
            text: 0,
            cells: 0,
            steps: 0,
        }
    }

    /// Counts `more` unpacked bytes of a part whose packed size is `packed` and which gave `part` bytes so far.
    pub fn unpack(&mut self, more: u64, part: u64, packed: u64) -> Result<(), Problem> {
        self.unpacked += more;
        let bomb = part > 1 << 20 && part / packed.max(1) > self.limits.ratio;
        if bomb || self.unpacked > self.limits.unpacked_bytes {
            return Err(Problem::Bomb);
        }
        Ok(())
    }

    pub fn entry(&mut self) -> Result<(), Problem> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(Problem::TooManyEntries);
        }
        Ok(())
    }

    pub fn text(&mut self, bytes: usize) -> Result<(), Problem> {
        self.text += bytes;
        if self.text > self.limits.text_bytes {
            return Err(Problem::TooMuchText);
        }
        Ok(())
    }

    pub fn cell(&mut self) -> Result<(), Problem> {
        self.cells += 1;
        if self.cells > self.limits.cells {
            return Err(Problem::TooManyCells);
        }
        Ok(())
    }

    pub fn step(&mut self) -> Result<(), Problem> {
        self.steps += 1;
        if self.steps > self.limits.drawing_steps {
            return Err(Problem::TooManySteps);
        }
        Ok(())
    }
}
