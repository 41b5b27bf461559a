//! The shared texts of an `.xls`, walked for their lengths.

use crate::OpenError;

/// Walks the shared texts ([MS-XLS] 2.5.293), which run on over continued records.
pub(super) struct Texts<'a> {
    pieces: Vec<&'a [u8]>,
    piece: usize,
    at: usize,
}

impl<'a> Texts<'a> {
    /// Walks the texts of a record and of those that continue it.
    pub fn new(pieces: Vec<&'a [u8]>) -> Self {
        Self {
            pieces,
            piece: 0,
            at: 0,
        }
    }

    fn rest(&self) -> usize {
        self.pieces
            .get(self.piece)
            .map_or(0, |piece| piece.len() - self.at)
    }

    /// Moves to the next piece that holds something; false at the end.
    fn turn(&mut self) -> bool {
        while self.rest() == 0 {
            if self.piece + 1 >= self.pieces.len() {
                return false;
            }
            self.piece += 1;
            self.at = 0;
        }
        true
    }

    fn byte(&mut self) -> Result<u8, OpenError> {
        if !self.turn() {
            return Err(OpenError::broken("a shared text is cut off"));
        }
        self.at += 1;
        Ok(self.pieces[self.piece][self.at - 1])
    }

    fn number(&mut self, bytes: u32) -> Result<u64, OpenError> {
        (0..bytes).try_fold(0, |number, i| {
            Ok(number | u64::from(self.byte()?) << (8 * i))
        })
    }

    fn skip(&mut self, mut bytes: u64) -> Result<(), OpenError> {
        while bytes > 0 {
            if !self.turn() {
                return Err(OpenError::broken("a shared text is cut off"));
            }
            let step = bytes.min(self.rest() as u64);
            self.at += step as usize;
            bytes -= step;
        }
        Ok(())
    }

    /// The most bytes of UTF-8 that the next text can have.
    pub fn next(&mut self) -> Result<Option<u32>, OpenError> {
        if !self.turn() {
            return Ok(None);
        }
        let mut characters = self.number(2)?;
        let flags = self.byte()?;
        let runs = if flags & 8 != 0 { self.number(2)? } else { 0 };
        let extended = if flags & 4 != 0 { self.number(4)? } else { 0 };
        let length = characters as u32 * 3;
        let mut width = 1 + u64::from(flags & 1);
        while characters > 0 {
            if self.rest() == 0 {
                // A continued text says anew how wide its characters are.
                width = 1 + u64::from(self.byte()? & 1);
            }
            let step = characters.min((self.rest() as u64).div_ceil(width));
            self.skip(step * width)?;
            characters -= step;
        }
        self.skip(4 * runs + extended)?;
        Ok(Some(length))
    }
}
