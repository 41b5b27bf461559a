//! Whether differences tell the truth, all of it: the new text is put together again from what they say.

use crate::deciding::{
    difference::{CellChange, Change, Fate, Inside, RowChange, Span, amount, compare},
    document::{Block, Document, Glyph, Sign, Words},
};

/// A sign with all that a reader would see of it.
fn seen(document: &Document, glyph: &Glyph) -> String {
    let medium = match glyph.sign {
        Sign::Medium(number) => format!("{:?}", document.media[number]),
        Sign::Char(c) => c.to_string(),
    };
    format!("{medium}{:?}", document.styles[glyph.style])
}

fn sign(document: &Document, glyph: &Glyph) -> String {
    match glyph.sign {
        Sign::Medium(number) => document.media[number].source.clone(),
        Sign::Char(c) => c.to_string(),
    }
}

fn shown(document: &Document, words: &Words) -> Vec<String> {
    words
        .glyphs
        .iter()
        .map(|glyph| seen(document, glyph))
        .collect()
}

/// The new words, put together from the old ones and what is marked as new.
fn apply(old: (&Document, &Words), new: (&Document, &Words), spans: &[Span]) -> Vec<String> {
    let (mut i, mut j, mut out) = (0, 0, vec![]);
    for span in spans {
        assert_eq!(
            (span.old.start, span.new.start),
            (i, j),
            "nothing is left out"
        );
        (i, j) = (span.old.end, span.new.end);
        let a = &old.1.glyphs[span.old.clone()];
        let b = &new.1.glyphs[span.new.clone()];
        match span.fate {
            Fate::Same => {
                assert_eq!(a.len(), b.len());
                out.extend(a.iter().map(|glyph| seen(old.0, glyph)));
            }
            Fate::Old => assert!(b.is_empty() && !a.is_empty()),
            Fate::New => {
                assert!(a.is_empty() && !b.is_empty());
                out.extend(b.iter().map(|glyph| seen(new.0, glyph)));
            }
            Fate::Reset => {
                for (a, b) in a.iter().zip(b) {
                    assert_eq!(sign(old.0, a), sign(new.0, b));
                    assert_ne!(
                        seen(old.0, a),
                        seen(new.0, b),
                        "a mark where nothing changed"
                    );
                }
                assert_eq!(a.len(), b.len());
                out.extend(b.iter().map(|glyph| seen(new.0, glyph)));
            }
        }
    }
    assert_eq!((i, j), (old.1.glyphs.len(), new.1.glyphs.len()));
    out
}

fn check_rows(old: &Document, a: &Block, new: &Document, b: &Block, rows: &[RowChange]) {
    let (Block::Table(a), Block::Table(b)) = (a, b) else {
        panic!("tables")
    };
    let (mut i, mut j) = (0, 0);
    for row in rows {
        match row {
            RowChange::Same { old: x, new: y } => {
                assert_eq!((*x, *y), (i, j));
                let of = |document: &Document, row: &[Words]| -> Vec<Vec<String>> {
                    row.iter().map(|cell| shown(document, cell)).collect()
                };
                assert_eq!(of(old, &a[i].cells), of(new, &b[j].cells));
                (i, j) = (i + 1, j + 1);
            }
            RowChange::Changed {
                old: x,
                new: y,
                cells,
            } => {
                assert_eq!((*x, *y), (i, j));
                let (mut m, mut n) = (0, 0);
                for cell in cells {
                    match cell {
                        CellChange::Both {
                            old: x,
                            new: y,
                            spans,
                        } => {
                            assert_eq!((*x, *y), (m, n));
                            let (before, after) = (&a[i].cells[m], &b[j].cells[n]);
                            assert_eq!(
                                apply((old, before), (new, after), spans),
                                shown(new, after)
                            );
                            (m, n) = (m + 1, n + 1);
                        }
                        CellChange::Old(x) => {
                            assert_eq!(*x, m);
                            m += 1;
                        }
                        CellChange::New(y) => {
                            assert_eq!(*y, n);
                            n += 1;
                        }
                    }
                }
                assert_eq!((m, n), (a[i].cells.len(), b[j].cells.len()));
                (i, j) = (i + 1, j + 1);
            }
            RowChange::Old(x) => {
                assert_eq!(*x, i);
                i += 1;
            }
            RowChange::New(y) => {
                assert_eq!(*y, j);
                j += 1;
            }
        }
    }
    assert_eq!((i, j), (a.len(), b.len()));
}

fn check_inside(old: &Document, a: &Block, new: &Document, b: &Block, inside: &Inside) {
    match (a, b, inside) {
        (Block::Words(x), Block::Words(y), Inside::Words(spans)) => {
            assert_eq!(apply((old, x), (new, y), spans), shown(new, y));
        }
        (_, _, Inside::Table(rows)) => check_rows(old, a, new, b, rows),
        _ => panic!("{inside:?}"),
    }
}

/// Every block of both texts is spoken of once, each in its order, and what is said of it is so.
pub(super) fn check(old: &Document, new: &Document) -> Vec<Change> {
    let changes = compare(old, new);
    let (mut i, mut j, mut moved) = (0, 0, vec![]);
    for change in &changes {
        match change {
            Change::Same { old: x, new: y } => {
                assert_eq!((*x, *y), (i, j));
                let (a, b) = (&old.blocks[i], &new.blocks[j]);
                for (a, b) in a.words().into_iter().zip(b.words()) {
                    assert_eq!(a.kind, b.kind);
                    assert_eq!(shown(old, a), shown(new, b));
                }
                assert_eq!(a.words().len(), b.words().len());
                (i, j) = (i + 1, j + 1);
            }
            Change::Changed {
                old: x,
                new: y,
                inside,
            } => {
                assert_eq!((*x, *y), (i, j));
                check_inside(old, &old.blocks[i], new, &new.blocks[j], inside);
                (i, j) = (i + 1, j + 1);
            }
            Change::Old(x) => {
                assert_eq!(*x, i);
                i += 1;
            }
            Change::New(y) => {
                assert_eq!(*y, j);
                j += 1;
            }
            Change::MovedAway { old, number } => {
                assert_eq!(*old, i);
                moved.push((*number, *old, false));
                i += 1;
            }
            Change::MovedHere {
                old: x,
                new: y,
                number,
                inside,
            } => {
                assert_eq!(*y, j);
                check_inside(old, &old.blocks[*x], new, &new.blocks[*y], inside);
                moved.push((*number, *x, true));
                j += 1;
            }
        }
    }
    assert_eq!(
        (i, j),
        (old.blocks.len(), new.blocks.len()),
        "everything is spoken of"
    );
    moved.sort_unstable();
    for pair in moved.chunks(2) {
        assert!(
            matches!(pair, [(m, x, false), (n, y, true)] if m == n && x == y),
            "{moved:?}"
        );
    }
    let none = changes
        .iter()
        .all(|change| matches!(change, Change::Same { .. }));
    assert_eq!(amount(old, new, &changes).is_none(), none);
    changes
}
