//! Sheets: the data of the office engine made ready for the template `sheet.typ`.

use crate::{SHEET, TypesetError, Typesetter, long, qr_svg, text::breakable, world};
use serde_json::Value;
use std::{borrow::Cow, sync::OnceLock};
use typst::syntax::Source;

impl Typesetter {
    /// A printed sheet as PDF. The data are those of the office engine's `Sheet::to_typst_data`; the QR code
    /// leads to the address of its proof. A table of more than some hundred rows is set in parts, as
    /// [`long_sheet`](Self::long_sheet) does, without structure for screen readers.
    ///
    /// # Errors
    /// When the data are not those of a sheet.
    pub fn sheet(&self, mut data: Value) -> Result<Vec<u8>, TypesetError> {
        if let Some(Value::Array(rows)) = data.get_mut("body")
            && rows.len() > long::ROWS
        {
            let rows = std::mem::take(rows);
            return self.long_sheet(data, rows.into_iter().map(Ok));
        }
        make_breakable(&mut data);
        let qr = qr(&data)?;
        self.write_one(source(), &data, &[("qr.svg", qr.as_bytes())])
    }
}

/// The template, parsed once.
pub(crate) fn source() -> Source {
    static PARSED: OnceLock<Source> = OnceLock::new();
    PARSED.get_or_init(|| world::template(SHEET)).clone()
}

/// The QR code of the sheet's proof; empty when it has none.
pub(crate) fn qr(data: &Value) -> Result<String, TypesetError> {
    match data.pointer("/proof/link").and_then(Value::as_str) {
        Some(link) => qr_svg(link)
            .ok_or_else(|| TypesetError::Data("the address is too long for a QR code".into())),
        None => Ok(String::new()),
    }
}

/// Makes every long word of a cell breakable.
pub(crate) fn make_breakable(data: &mut Value) {
    for part in ["head", "body", "foot"] {
        let rows = data.get_mut(part).and_then(Value::as_array_mut);
        for row in rows.into_iter().flatten() {
            let cells = row.get_mut("cells").and_then(Value::as_array_mut);
            for cell in cells.into_iter().flatten() {
                if let Some(Value::String(text)) = cell.get_mut("text")
                    && let Cow::Owned(broken) = breakable(text)
                {
                    *text = broken;
                }
            }
        }
    }
}
