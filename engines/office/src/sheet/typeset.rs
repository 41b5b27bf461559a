//! The sheet as the data that a typesetter's template takes.

use serde_json::{Value as Json, json};

use super::{BoxError, Row, Sheet, Side};

impl Sheet<'_> {
    /// The whole sheet as data for the typesetter:
    ///
    /// ```text
    /// { name, page: { landscape, margin_y, margin_x }, columns: [mm], repeated,
    ///   head: [row], body: [row], foot: [row],
    ///   proof: null | { number, hash, link, line } }
    /// row  = { height: null | points, cells: [cell] }
    /// cell = { text, style, size, align: "left" | "center", border, colspan, rowspan, marked }
    /// ```
    ///
    /// Cells take the columns from left to right, as in an HTML table. The mark of a changed cell stands in `text` already.
    /// A long table comes in parts: [`typeset_head`](Self::typeset_head), then [`typeset_rows`] for as many rows as fit.
    ///
    /// # Errors
    /// What the source of the rows failed with.
    pub fn to_typst_data(mut self) -> Result<Json, BoxError> {
        let rows = self.body.by_ref().collect::<Result<Vec<_>, _>>()?;
        let mut data = self.typeset_head();
        data["body"] = typeset_rows(rows);
        Ok(data)
    }

    /// The same without the rows of the body.
    pub fn typeset_head(&self) -> Json {
        json!({
            "name": self.name,
            "page": self.page,
            "columns": self.columns,
            "repeated": self.repeated,
            "head": typeset_rows(self.head.clone()),
            "body": [],
            "foot": typeset_rows(self.foot.clone()),
            "proof": self.proof.as_ref().map(|proof| json!({
                "number": proof.number,
                "hash": proof.hash,
                "link": proof.link,
                "line": proof.line(),
            })),
        })
    }
}

/// Rows as data for the typesetter; see [`Sheet::to_typst_data`].
pub fn typeset_rows(rows: impl IntoIterator<Item = Row>) -> Json {
    let cell = |cell: super::Cell| {
        let look = cell.style.look();
        let align = match look.side {
            Side::Left => "left",
            Side::Centre => "center",
        };
        json!({
            "style": cell.style,
            "size": look.size,
            "align": align,
            "border": look.border,
            "colspan": cell.colspan,
            "rowspan": cell.rowspan,
            "marked": cell.marked,
            "text": cell.shown().to_string(),
        })
    };
    rows.into_iter()
        .map(|row| json!({ "height": row.height, "cells": row.cells.into_iter().map(cell).collect::<Vec<_>>() }))
        .collect()
}
