//! The shared texts of a workbook: each is kept once, cells give its number.

use std::{collections::HashMap, rc::Rc};

use super::record::{CONTINUE, MOST, record};

/// The most UTF-16 units of a cell's text.
const LONGEST: usize = 32_767;

/// Texts in the order in which they came.
#[derive(Default)]
pub struct Texts {
    numbers: HashMap<Rc<str>, u32>,
    in_order: Vec<Rc<str>>,
    used: u32,
}

impl Texts {
    /// The number of a text; none if it is too long for a cell.
    pub fn number(&mut self, text: &str) -> Option<u32> {
        self.used += 1;
        if let Some(&known) = self.numbers.get(text) {
            return Some(known);
        }
        if text.len() > LONGEST && text.encode_utf16().count() > LONGEST {
            return None;
        }
        let number = self.in_order.len() as u32;
        let shared: Rc<str> = text.into();
        self.in_order.push(shared.clone());
        self.numbers.insert(shared, number);
        Some(number)
    }

    /// The SST record with as many CONTINUE records as it takes.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut parts = Parts {
            out,
            kind: 0x00FC,
            data: Vec::with_capacity(MOST),
        };
        parts.data.extend(self.used.to_le_bytes());
        parts
            .data
            .extend((self.in_order.len() as u32).to_le_bytes());
        for text in &self.in_order {
            parts.text(text);
        }
        parts.close();
    }
}

/// A record and those that go on with it.
struct Parts<'a> {
    out: &'a mut Vec<u8>,
    kind: u16,
    data: Vec<u8>,
}

impl Parts<'_> {
    /// Length, width of the characters, characters. Length and width stand together; where the characters are split,
    /// the next record begins with their width again.
    fn text(&mut self, text: &str) {
        if self.room() < 3 {
            self.close();
        }
        if text.is_ascii() {
            self.data.extend((text.len() as u16).to_le_bytes());
            self.data.push(0);
            let mut rest = text.as_bytes();
            while !rest.is_empty() {
                let (now, later) = rest.split_at(rest.len().min(self.room()));
                self.data.extend(now);
                rest = later;
                if !rest.is_empty() {
                    self.close();
                    self.data.push(0);
                }
            }
            return;
        }
        let units: Vec<u16> = text.encode_utf16().collect();
        self.data.extend((units.len() as u16).to_le_bytes());
        self.data.push(1);
        let mut rest = units.as_slice();
        while !rest.is_empty() {
            let mut fit = rest.len().min(self.room() / 2);
            // Readers decode each part by itself: the two halves of an astral character stay together.
            if fit < rest.len() && fit > 0 && (0xD800..0xDC00).contains(&rest[fit - 1]) {
                fit -= 1;
            }
            let (now, later) = rest.split_at(fit);
            self.data
                .extend(now.iter().flat_map(|unit| unit.to_le_bytes()));
            rest = later;
            if !rest.is_empty() {
                self.close();
                self.data.push(1);
            }
        }
    }

    fn room(&self) -> usize {
        MOST - self.data.len()
    }

    fn close(&mut self) {
        record(self.out, self.kind, &self.data);
        self.data.clear();
        self.kind = CONTINUE;
    }
}
