//! What changed within a block: stretches of signs that stayed, came, went, or are set in another way. Pure.

use super::{
    cut::Cut,
    difference::{Fate, Span},
    document::{Document, Glyph, Sign, Words},
};
use similar::{Algorithm, DiffTag, capture_diff_slices};
use std::ops::Range;

/// Words that are the same or differ, by their numbers.
struct Stretch {
    same: bool,
    old: Range<usize>,
    new: Range<usize>,
}

/// The words of two blocks, marked.
pub(super) fn spans(
    (old, x, a): (&Document, &Words, &Cut),
    (new, y, b): (&Document, &Words, &Cut),
) -> Vec<Span> {
    let mut all: Vec<Stretch> = vec![];
    for op in capture_diff_slices(Algorithm::Myers, &a.words, &b.words) {
        let (tag, from, to) = op.as_tag_tuple();
        let next = Stretch {
            same: tag == DiffTag::Equal,
            old: a.signs(&from),
            new: b.signs(&to),
        };
        match all.last_mut() {
            Some(last) if last.same == next.same => {
                last.old.end = next.old.end;
                last.new.end = next.new.end;
            }
            _ => all.push(next),
        }
        join_over_islands(&mut all);
    }
    let mut spans = vec![];
    for stretch in all {
        if stretch.same {
            settings((old, x), (new, y), &stretch, &mut spans);
            continue;
        }
        let Stretch { old, new, .. } = stretch;
        if !old.is_empty() {
            spans.push(Span {
                fate: Fate::Old,
                old: old.clone(),
                new: new.start..new.start,
            });
        }
        if !new.is_empty() {
            spans.push(Span {
                fate: Fate::New,
                old: old.end..old.end,
                new,
            });
        }
    }
    spans
}

/// One or two signs that stayed by chance amid what changed would only disturb the reader.
fn join_over_islands(all: &mut Vec<Stretch>) {
    while let [.., before, island, after] = all.as_slice() {
        let size = |stretch: &Stretch| stretch.old.len().max(stretch.new.len());
        let tiny = island.same && size(island) <= 2 && size(island) < size(before).min(size(after));
        if !tiny || before.same || after.same {
            return;
        }
        let (old, new) = (
            before.old.start..after.old.end,
            before.new.start..after.new.end,
        );
        all.truncate(all.len() - 3);
        all.push(Stretch {
            same: false,
            old,
            new,
        });
    }
}

/// Divides signs that stayed by whether they are set as before.
fn settings(
    (old, x): (&Document, &Words),
    (new, y): (&Document, &Words),
    stretch: &Stretch,
    spans: &mut Vec<Span>,
) {
    for (i, j) in stretch.old.clone().zip(stretch.new.clone()) {
        let fate = if set_alike(old, &x.glyphs[i], new, &y.glyphs[j]) {
            Fate::Same
        } else {
            Fate::Reset
        };
        match spans.last_mut() {
            Some(last) if last.fate == fate && last.old.end == i && last.new.end == j => {
                last.old.end = i + 1;
                last.new.end = j + 1;
            }
            _ => spans.push(Span {
                fate,
                old: i..i + 1,
                new: j..j + 1,
            }),
        }
    }
}

fn set_alike(old: &Document, a: &Glyph, new: &Document, b: &Glyph) -> bool {
    let alt = |document: &Document, glyph: &Glyph| match glyph.sign {
        Sign::Medium(number) => document.media[number].alt.clone(),
        Sign::Char(_) => String::new(),
    };
    old.styles[a.style] == new.styles[b.style]
        && (matches!(a.sign, Sign::Char(_)) || alt(old, a) == alt(new, b))
}
