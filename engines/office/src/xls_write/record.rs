//! Records: a kind, a length, and bytes.

/// The most bytes that a record holds.
pub const MOST: usize = 8_224;

/// Goes on with the record before it.
pub const CONTINUE: u16 = 0x003C;

/// Appends a record. Its data is short; what may be long is split by whoever makes it.
pub fn record(out: &mut Vec<u8>, kind: u16, data: &[u8]) {
    debug_assert!(data.len() <= MOST);
    out.extend(kind.to_le_bytes());
    out.extend((data.len() as u16).to_le_bytes());
    out.extend(data);
}

/// The data of a record, put together field by field.
#[derive(Default)]
pub struct Data(pub Vec<u8>);

impl Data {
    pub fn u8(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    pub fn u16(mut self, value: u16) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    pub fn u32(mut self, value: u32) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    pub fn f64(mut self, value: f64) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    /// A text whose length in UTF-16 takes one byte.
    pub fn short_text(self, text: &str) -> Self {
        let units: Vec<u16> = text.encode_utf16().take(255).collect();
        self.u8(units.len() as u8).units(&units)
    }

    /// A text whose length in UTF-16 takes two bytes.
    pub fn text(self, text: &str) -> Self {
        let units: Vec<u16> = text.encode_utf16().collect();
        self.u16(units.len() as u16).units(&units)
    }

    fn units(self, units: &[u16]) -> Self {
        units.iter().fold(self.u8(1), |data, &unit| data.u16(unit))
    }

    pub fn write(self, out: &mut Vec<u8>, kind: u16) {
        record(out, kind, &self.0);
    }
}

/// Begins the globals or a page.
pub fn begin(out: &mut Vec<u8>, what: u16) {
    Data::default()
        .u16(0x0600)
        .u16(what)
        .u16(0x0DBB)
        .u16(0x07CC)
        .u32(0)
        .u32(6)
        .write(out, 0x0809);
}

/// Ends the globals or a page.
pub fn end(out: &mut Vec<u8>) {
    record(out, 0x000A, &[]);
}
