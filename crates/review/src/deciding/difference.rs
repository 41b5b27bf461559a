//! What changed between two texts: blocks that came, went, moved or were changed, and within those the words.
//! Every mark is true: what is said to be the same is the same, and nothing is left out. Pure.

use super::{
    cut::{Cut, Lexicon},
    document::{Block, Document, Sign, Words},
    pairing,
    spans::spans,
    tables::rows,
};
use similar::{Algorithm, DiffTag, capture_diff_slices};
use std::{collections::HashMap, ops::Range};

/// What became of a stretch of signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Same,
    Old,
    New,
    /// The same signs, set in another way: bold, a link that leads elsewhere, other words for a picture.
    Reset,
}

/// A stretch of signs of one fate: places within the old and the new block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub fate: Fate,
    pub old: Range<usize>,
    pub new: Range<usize>,
}

/// What became of a table's cell; numbers are places in the two rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellChange {
    Both {
        old: usize,
        new: usize,
        spans: Vec<Span>,
    },
    Old(usize),
    New(usize),
}

/// What became of a table's row; numbers are places in the two tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowChange {
    Same {
        old: usize,
        new: usize,
    },
    Changed {
        old: usize,
        new: usize,
        cells: Vec<CellChange>,
    },
    Old(usize),
    New(usize),
}

/// What became of what is in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inside {
    Words(Vec<Span>),
    Table(Vec<RowChange>),
}

/// What became of a block, in the order of the new text; numbers are places in the two documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Same {
        old: usize,
        new: usize,
    },
    Changed {
        old: usize,
        new: usize,
        inside: Inside,
    },
    Old(usize),
    New(usize),
    /// It stood here, and now stands where the move of the same number says.
    MovedAway {
        old: usize,
        number: usize,
    },
    /// It stood elsewhere; it may have been changed as well.
    MovedHere {
        old: usize,
        new: usize,
        number: usize,
        inside: Inside,
    },
}

/// How much was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Signs that came and went.
    pub added: usize,
    pub removed: usize,
    /// Blocks that moved or became of another kind, signs set in another way.
    pub other: usize,
}

impl Amount {
    /// Nothing at all.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    fn spans(&mut self, spans: &[Span]) {
        for span in spans {
            match span.fate {
                Fate::Same => {}
                Fate::Old => self.removed += span.old.len(),
                Fate::New => self.added += span.new.len(),
                Fate::Reset => self.other += span.new.len(),
            }
        }
    }
}

/// Blocks shorter than this are not said to have moved.
const MOVABLE: usize = 8;
/// So much of two blocks must be shared for one to be a change of the other, in percent.
pub(super) const RELATED: u32 = 35;
/// The same where both stand alone between what stayed.
pub(super) const ALONE: u32 = 15;
/// The same for a block that moved.
const MOVED: u32 = 70;

/// A document ready for comparison.
struct Side<'d> {
    document: &'d Document,
    /// Of each block the words, cell by cell.
    cuts: Vec<Vec<Cut>>,
    keys: Vec<u32>,
}

impl<'d> Side<'d> {
    fn new(lexicon: &mut Lexicon, document: &'d Document) -> Self {
        let (mut cuts, mut keys) = (vec![], vec![]);
        for block in &document.blocks {
            let cut: Vec<Cut> = block
                .words()
                .into_iter()
                .map(|words| lexicon.cut(document, words))
                .collect();
            keys.push(lexicon.block(document, block, &cut));
            cuts.push(cut);
        }
        Self {
            document,
            cuts,
            keys,
        }
    }

    fn features(&self, block: usize) -> Vec<(u64, u32)> {
        pairing::features(self.cuts[block].iter().map(|cut| cut.words.as_slice()))
    }

    fn movable(&self, block: usize) -> bool {
        match &self.document.blocks[block] {
            Block::Table(_) => true,
            Block::Words(words) => {
                words.glyphs.len() >= MOVABLE
                    || words
                        .glyphs
                        .iter()
                        .any(|g| matches!(g.sign, Sign::Medium(_)))
            }
        }
    }
}

/// What changed from one text to another.
pub fn compare(old: &Document, new: &Document) -> Vec<Change> {
    let mut lexicon = Lexicon::default();
    let (a, b) = (Side::new(&mut lexicon, old), Side::new(&mut lexicon, new));
    let mut gaps = vec![];
    // Pairs that stand in the order of both texts.
    let mut pairs: Vec<(usize, usize)> = vec![];
    for op in capture_diff_slices(Algorithm::Myers, &a.keys, &b.keys) {
        let (tag, from, to) = op.as_tag_tuple();
        match tag {
            DiffTag::Equal => pairs.extend(from.zip(to)),
            _ => gaps.push((from, to)),
        }
    }
    let mut moves = exact_moves(&a, &b, &gaps);
    for (from, to) in gaps {
        let from: Vec<usize> = from
            .filter(|i| !moves.iter().any(|(old, _)| old == i))
            .collect();
        let to: Vec<usize> = to
            .filter(|j| !moves.iter().any(|(_, new)| new == j))
            .collect();
        let least = if from.len() == 1 && to.len() == 1 {
            ALONE
        } else {
            RELATED
        };
        let features = |side: &Side<'_>, blocks: &[usize]| -> Vec<Vec<(u64, u32)>> {
            blocks.iter().map(|block| side.features(*block)).collect()
        };
        let found = pairing::in_order(&features(&a, &from), &features(&b, &to), least, |i, j| {
            alike(&old.blocks[from[i]], &new.blocks[to[j]])
        });
        pairs.extend(found.into_iter().map(|(i, j)| (from[i], to[j])));
    }
    pairs.sort_unstable();
    moves.extend(changed_moves(&a, &b, &pairs, &moves));
    moves.sort_unstable_by_key(|(_, new)| *new);
    in_new_order(&mut lexicon, &a, &b, &pairs, &moves)
}

/// Whether one block can be a change of the other at all.
fn alike(old: &Block, new: &Block) -> bool {
    matches!(
        (old, new),
        (Block::Words(_), Block::Words(_)) | (Block::Table(_), Block::Table(_))
    )
}

/// Blocks that stand elsewhere as they were.
fn exact_moves(
    a: &Side<'_>,
    b: &Side<'_>,
    gaps: &[(Range<usize>, Range<usize>)],
) -> Vec<(usize, usize)> {
    let mut left: HashMap<u32, Vec<usize>> = HashMap::new();
    for i in gaps.iter().flat_map(|(from, _)| from.clone()).rev() {
        if a.movable(i) {
            left.entry(a.keys[i]).or_default().push(i);
        }
    }
    let came = gaps.iter().flat_map(|(_, to)| to.clone());
    came.filter_map(|j| Some((left.get_mut(&b.keys[j])?.pop()?, j)))
        .collect()
}

/// Blocks that stand elsewhere and were changed a little.
fn changed_moves(
    a: &Side<'_>,
    b: &Side<'_>,
    pairs: &[(usize, usize)],
    moves: &[(usize, usize)],
) -> Vec<(usize, usize)> {
    let mut gone = vec![true; a.keys.len()];
    let mut came = vec![true; b.keys.len()];
    for (i, j) in pairs.iter().chain(moves) {
        gone[*i] = false;
        came[*j] = false;
    }
    let from: Vec<usize> = (0..gone.len())
        .filter(|i| gone[*i] && a.movable(*i))
        .collect();
    let to: Vec<usize> = (0..came.len())
        .filter(|j| came[*j] && b.movable(*j))
        .collect();
    let old: Vec<Vec<(u64, u32)>> = from.iter().map(|i| a.features(*i)).collect();
    let new: Vec<Vec<(u64, u32)>> = to.iter().map(|j| b.features(*j)).collect();
    let found = pairing::anywhere(&old, &new, MOVED, |i, j| {
        alike(&a.document.blocks[from[i]], &b.document.blocks[to[j]])
    });
    found.into_iter().map(|(i, j)| (from[i], to[j])).collect()
}

/// Everything in the order of the new text; what went stands where it was.
fn in_new_order(
    lexicon: &mut Lexicon,
    a: &Side<'_>,
    b: &Side<'_>,
    pairs: &[(usize, usize)],
    moves: &[(usize, usize)],
) -> Vec<Change> {
    let away: HashMap<usize, usize> = moves
        .iter()
        .zip(1..)
        .map(|((old, _), number)| (*old, number))
        .collect();
    let here: HashMap<usize, (usize, usize)> = moves
        .iter()
        .zip(1..)
        .map(|((old, new), number)| (*new, (*old, number)))
        .collect();
    let mut changes = Vec::with_capacity(a.keys.len().max(b.keys.len()));
    let (mut i, mut j) = (0, 0);
    let ends = (a.keys.len(), b.keys.len());
    for (old, new) in pairs.iter().copied().chain([ends]) {
        changes.extend((i..old).map(|old| match away.get(&old) {
            Some(number) => Change::MovedAway {
                old,
                number: *number,
            },
            None => Change::Old(old),
        }));
        for new in j..new {
            changes.push(match here.get(&new) {
                Some((old, number)) => Change::MovedHere {
                    old: *old,
                    new,
                    number: *number,
                    inside: inside(lexicon, a, b, *old, new),
                },
                None => Change::New(new),
            });
        }
        if (old, new) == ends {
            break;
        }
        changes.push(if a.keys[old] == b.keys[new] {
            Change::Same { old, new }
        } else {
            let inside = inside(lexicon, a, b, old, new);
            Change::Changed { old, new, inside }
        });
        (i, j) = (old + 1, new + 1);
    }
    changes
}

/// What changed within a block. The two are alike.
fn inside(lexicon: &mut Lexicon, a: &Side<'_>, b: &Side<'_>, old: usize, new: usize) -> Inside {
    let (cuts_a, cuts_b) = (&a.cuts[old], &b.cuts[new]);
    match (&a.document.blocks[old], &b.document.blocks[new]) {
        (Block::Words(x), Block::Words(y)) => Inside::Words(spans(
            (a.document, x, &cuts_a[0]),
            (b.document, y, &cuts_b[0]),
        )),
        _ => Inside::Table(rows(
            lexicon,
            (a.document, &a.document.blocks[old], cuts_a),
            (b.document, &b.document.blocks[new], cuts_b),
        )),
    }
}

/// How much the changes come to.
pub fn amount(old: &Document, new: &Document, changes: &[Change]) -> Amount {
    let mut amount = Amount::default();
    let size = |block: &Block| {
        block
            .words()
            .iter()
            .map(|words| words.glyphs.len())
            .sum::<usize>()
            .max(1)
    };
    for change in changes {
        match change {
            Change::Same { .. } | Change::MovedAway { .. } => {}
            Change::Old(at) => amount.removed += size(&old.blocks[*at]),
            Change::New(at) => amount.added += size(&new.blocks[*at]),
            Change::Changed {
                old: x,
                new: y,
                inside,
            } => {
                amount.inside(&old.blocks[*x], &new.blocks[*y], inside);
            }
            Change::MovedHere {
                old: x,
                new: y,
                inside,
                ..
            } => {
                amount.other += 1;
                amount.inside(&old.blocks[*x], &new.blocks[*y], inside);
            }
        }
    }
    amount
}

impl Amount {
    fn inside(&mut self, old: &Block, new: &Block, inside: &Inside) {
        let before = (self.added, self.removed, self.other);
        match (old, new, inside) {
            (Block::Table(a), Block::Table(b), Inside::Table(rows)) => {
                let size = |cells: &[Words]| {
                    cells
                        .iter()
                        .map(|cell| cell.glyphs.len())
                        .sum::<usize>()
                        .max(1)
                };
                for row in rows {
                    match row {
                        RowChange::Same { .. } => {}
                        RowChange::Old(at) => self.removed += size(&a[*at].cells),
                        RowChange::New(at) => self.added += size(&b[*at].cells),
                        RowChange::Changed {
                            old: x,
                            new: y,
                            cells,
                        } => {
                            for cell in cells {
                                match cell {
                                    CellChange::Both { spans, .. } => self.spans(spans),
                                    CellChange::Old(at) => {
                                        self.removed += size(&a[*x].cells[*at..=*at])
                                    }
                                    CellChange::New(at) => {
                                        self.added += size(&b[*y].cells[*at..=*at])
                                    }
                                }
                            }
                        }
                    }
                }
            }
            (Block::Words(a), Block::Words(b), Inside::Words(spans)) => {
                self.spans(spans);
                self.other += usize::from(a.kind != b.kind);
            }
            _ => {}
        }
        // A block that differs in nothing counted here differs in how it is set: a cell that became a heading.
        if before == (self.added, self.removed, self.other) {
            self.other += 1;
        }
    }
}
