//! How much of a file is read before it is refused, and the running count against it.

use crate::OpenError;

/// Bounds on one call of [`open`](crate::open), over all files of an archive together.
///
/// The defaults hold a province's yearly summary and keep the worst hostile file under 200 MB and 2 s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file as sent.
    pub file_bytes: u64,
    /// Bytes of all archive parts once unpacked, counted while unpacking (headers are not believed).
    pub unpacked_bytes: u64,
    /// Unpacked over packed size of one part; judged only above 1 MiB, small parts may be very regular.
    pub ratio: u64,
    /// Parts in one archive.
    pub parts: usize,
    /// Sheets in one workbook.
    pub sheets: usize,
    /// Rows that hold something.
    pub rows: usize,
    /// Rightmost column that may hold something.
    pub columns: u32,
    /// Cells that hold something.
    pub cells: usize,
    /// Characters in one cell.
    pub cell_chars: usize,
    /// Bytes of all cell texts together.
    pub text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 20 << 20,
            unpacked_bytes: 64 << 20,
            ratio: 200,
            parts: 1_000,
            sheets: 100,
            rows: 100_000,
            columns: 256,
            cells: 1_500_000,
            cell_chars: 32_767,
            text_bytes: 48 << 20,
        }
    }
}

/// What is left of the [`Limits`] of one call.
pub(crate) struct Budget<'a> {
    pub limits: &'a Limits,
    unpacked: u64,
    rows: usize,
    cells: usize,
    text: usize,
    merged: u64,
}

/// Cells under all merged areas together; areas beyond it are not followed.
const MERGED: u64 = 400_000;

impl<'a> Budget<'a> {
    pub fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            unpacked: 0,
            rows: 0,
            cells: 0,
            text: 0,
            merged: 0,
        }
    }

    /// Counts unpacked bytes of a part whose packed size is `packed` and which has given `part` bytes so far.
    pub fn unpack(&mut self, more: u64, part: u64, packed: u64) -> Result<(), OpenError> {
        self.unpacked += more;
        let bomb = part > 1 << 20 && part / packed.max(1) > self.limits.ratio;
        if bomb || self.unpacked > self.limits.unpacked_bytes {
            return Err(OpenError::Bomb {
                limit: self.limits.unpacked_bytes,
            });
        }
        Ok(())
    }

    pub fn row(&mut self) -> Result<(), OpenError> {
        self.rows += 1;
        if self.rows > self.limits.rows {
            return Err(OpenError::TooManyRows {
                limit: self.limits.rows,
            });
        }
        Ok(())
    }

    pub fn column(&self, column: u32) -> Result<(), OpenError> {
        if column > self.limits.columns {
            return Err(OpenError::TooManyColumns {
                limit: self.limits.columns,
            });
        }
        Ok(())
    }

    pub fn cell(&mut self, column: u32) -> Result<(), OpenError> {
        self.column(column)?;
        self.cells += 1;
        if self.cells > self.limits.cells {
            return Err(OpenError::TooManyCells {
                limit: self.limits.cells,
            });
        }
        Ok(())
    }

    pub fn text(&mut self, bytes: usize) -> Result<(), OpenError> {
        self.text += bytes;
        if self.text > self.limits.text_bytes {
            return Err(OpenError::TooMuchText {
                limit: self.limits.text_bytes,
            });
        }
        Ok(())
    }

    /// Whether a merged area of so many cells is still followed.
    pub fn merge(&mut self, area: u64) -> bool {
        let fits = self.merged + area <= MERGED;
        if fits {
            self.merged += area;
        }
        fits
    }
}
