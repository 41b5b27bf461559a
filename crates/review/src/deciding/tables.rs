//! What changed in a table: rows that came and went, and within those that stayed the cells. Pure.

use super::{
    cut::{Cut, Lexicon},
    difference::{ALONE, CellChange, RELATED, RowChange},
    document::{Block, Document, Words},
    pairing,
    spans::spans,
};
use similar::{Algorithm, DiffTag, capture_diff_slices};
use std::ops::Range;

/// A table's rows with their numbers, cells and cuts.
struct Grid<'d> {
    keys: Vec<u32>,
    rows: Vec<(&'d [Words], &'d [Cut])>,
}

impl<'d> Grid<'d> {
    fn new(
        lexicon: &mut Lexicon,
        document: &Document,
        block: &'d Block,
        mut cuts: &'d [Cut],
    ) -> Self {
        let mut grid = Self {
            keys: vec![],
            rows: vec![],
        };
        if let Block::Table(rows) = block {
            for row in rows {
                let (of_row, rest) = cuts.split_at(row.cells.len());
                cuts = rest;
                grid.keys.push(lexicon.row(document, &row.cells, of_row));
                grid.rows.push((&row.cells, of_row));
            }
        }
        grid
    }

    fn features(&self, rows: Range<usize>) -> Vec<Vec<(u64, u32)>> {
        let of = |(_, cuts): &(&[Words], &[Cut])| {
            pairing::features(cuts.iter().map(|cut| cut.words.as_slice()))
        };
        self.rows[rows].iter().map(of).collect()
    }
}

pub(super) fn rows(
    lexicon: &mut Lexicon,
    (old, before, cuts_a): (&Document, &Block, &[Cut]),
    (new, after, cuts_b): (&Document, &Block, &[Cut]),
) -> Vec<RowChange> {
    let a = Grid::new(lexicon, old, before, cuts_a);
    let b = Grid::new(lexicon, new, after, cuts_b);
    let mut changes = vec![];
    for op in capture_diff_slices(Algorithm::Myers, &a.keys, &b.keys) {
        let (tag, from, to) = op.as_tag_tuple();
        if tag == DiffTag::Equal {
            changes.extend(from.zip(to).map(|(old, new)| RowChange::Same { old, new }));
            continue;
        }
        let (mut i, mut j) = (from.start, to.start);
        let least = if from.len() == to.len() {
            ALONE
        } else {
            RELATED
        };
        let pairs = pairing::in_order(
            &a.features(from.clone()),
            &b.features(to.clone()),
            least,
            |_, _| true,
        );
        for (x, y) in pairs {
            let (x, y) = (from.start + x, to.start + y);
            changes.extend((i..x).map(RowChange::Old));
            changes.extend((j..y).map(RowChange::New));
            let cells = cells(lexicon, (old, a.rows[x]), (new, b.rows[y]));
            changes.push(RowChange::Changed {
                old: x,
                new: y,
                cells,
            });
            (i, j) = (x + 1, y + 1);
        }
        changes.extend((i..from.end).map(RowChange::Old));
        changes.extend((j..to.end).map(RowChange::New));
    }
    changes
}

/// Cells stand below each other; where their number differs, those that stayed the same say which came and went.
fn cells(
    lexicon: &mut Lexicon,
    (old, (cells_a, cuts_a)): (&Document, (&[Words], &[Cut])),
    (new, (cells_b, cuts_b)): (&Document, (&[Words], &[Cut])),
) -> Vec<CellChange> {
    let both = |x: usize, y: usize| CellChange::Both {
        old: x,
        new: y,
        spans: spans(
            (old, &cells_a[x], &cuts_a[x]),
            (new, &cells_b[y], &cuts_b[y]),
        ),
    };
    if cells_a.len() == cells_b.len() {
        return (0..cells_a.len()).map(|at| both(at, at)).collect();
    }
    let mut keys = |document: &Document, cells: &[Words], cuts: &[Cut]| -> Vec<u32> {
        let each = cells.iter().zip(cuts);
        each.map(|(cell, cut)| {
            lexicon.row(
                document,
                std::slice::from_ref(cell),
                std::slice::from_ref(cut),
            )
        })
        .collect()
    };
    let (a, b) = (keys(old, cells_a, cuts_a), keys(new, cells_b, cuts_b));
    let mut changes = vec![];
    for op in capture_diff_slices(Algorithm::Myers, &a, &b) {
        let (_, from, to) = op.as_tag_tuple();
        let shared = from.len().min(to.len());
        changes.extend(from.clone().zip(to.clone()).map(|(x, y)| both(x, y)));
        changes.extend(from.skip(shared).map(CellChange::Old));
        changes.extend(to.skip(shared).map(CellChange::New));
    }
    changes
}
