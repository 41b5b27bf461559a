//! Sheets of any length: set in parts, so that memory does not grow with everything that layout remembers,
//! and put together as one document with one set of fonts and running page numbers.

use crate::{TypesetError, Typesetter, set, sheet, write};
use serde_json::{Value, json};
use typst::{
    ecow::EcoVec,
    layout::{Frame, FrameItem, Point},
    model::Document,
};
use typst_layout::{Page, PagedDocument};

/// A part ends after so many rows …
pub(crate) const ROWS: usize = 400;
/// … or so many bytes of text.
const BYTES: usize = 200_000;

impl Typesetter {
    /// The same as [`sheet`](Self::sheet) for a table of any length: `head` is the sheet without its body, `rows`
    /// are the body's, in the same shape. Each part of some hundred rows begins a page.
    ///
    /// # Errors
    /// When the data are not those of a sheet, and whatever the source of the rows fails with.
    pub fn long_sheet(
        &self,
        head: Value,
        rows: impl Iterator<Item = Result<Value, TypesetError>>,
    ) -> Result<Vec<u8>, TypesetError> {
        let ident = head.to_string();
        write(&self.long_pages(head, rows)?, ident, false)
    }

    /// The pages of a long sheet.
    pub(crate) fn long_pages(
        &self,
        head: Value,
        rows: impl Iterator<Item = Result<Value, TypesetError>>,
    ) -> Result<PagedDocument, TypesetError> {
        let qr = sheet::qr(&head)?;
        let mut rows = rows.peekable();
        let mut pages = EcoVec::new();
        loop {
            let body = part(&mut rows)?;
            let mut data = head.clone();
            data["body"] = body;
            data["part"] = json!({ "first": pages.is_empty(), "last": rows.peek().is_none() });
            sheet::make_breakable(&mut data);
            let part = self.set_apart(&data, &qr)?;
            pages.extend(part.pages().iter().map(drawn));
            if rows.peek().is_none() {
                break;
            }
        }
        let mut feet = head;
        feet["body"] = json!([]);
        feet["part"] = json!({ "pages": pages.len() });
        let feet = self.set_apart(&feet, &qr)?;
        let info = feet.info().clone();
        for (page, foot) in pages.make_mut().iter_mut().zip(feet.pages()) {
            page.frame.push_frame(Point::zero(), foot.frame.clone());
        }
        Ok(PagedDocument::new(pages, info))
    }

    /// Sets one part and forgets how.
    fn set_apart(&self, data: &Value, qr: &str) -> Result<PagedDocument, TypesetError> {
        let document = set(&self.0, sheet::source(), data, &[("qr.svg", qr.as_bytes())])?;
        typst::comemo::evict(0);
        Ok(document)
    }
}

/// The page as what is drawn and nothing else: without the marks by which elements are found again, which hold
/// all that the template said, and without frames in frames.
fn drawn(page: &Page) -> Page {
    let mut frame = Frame::new(page.frame.size(), page.frame.kind());
    draw(&page.frame, Point::zero(), &mut frame);
    Page {
        frame,
        ..page.clone()
    }
}

fn draw(from: &Frame, at: Point, into: &mut Frame) {
    for (offset, item) in from.items() {
        let at = at + *offset;
        match item {
            FrameItem::Tag(_) => {}
            FrameItem::Group(group) if group.clip.is_none() && group.transform.is_identity() => {
                draw(&group.frame, at, into);
            }
            FrameItem::Group(group) => {
                let mut group = group.clone();
                let mut inner = Frame::new(group.frame.size(), group.frame.kind());
                draw(&group.frame, Point::zero(), &mut inner);
                group.frame = inner;
                into.push(at, FrameItem::Group(group));
            }
            item => into.push(at, item.clone()),
        }
    }
}

/// The rows of the next part.
fn part(
    rows: &mut impl Iterator<Item = Result<Value, TypesetError>>,
) -> Result<Value, TypesetError> {
    let mut taken = vec![];
    let mut bytes = 0;
    while taken.len() < ROWS && bytes < BYTES {
        let Some(row) = rows.next() else { break };
        let row = row?;
        bytes += text_bytes(&row);
        taken.push(row);
    }
    Ok(Value::Array(taken))
}

fn text_bytes(row: &Value) -> usize {
    let cells = row.get("cells").and_then(Value::as_array);
    let texts = cells
        .into_iter()
        .flatten()
        .filter_map(|cell| cell.get("text")?.as_str());
    texts.map(str::len).sum()
}
