//! Which of some blocks became which of others: those that share most of their pairs of words. Pure.

use std::collections::HashMap;

/// Pairs of words that occur in more blocks than this say nothing about any of them.
const COMMON: usize = 40;
/// So many pairs of blocks are weighed for their order; where there are more, the first fit is taken.
const WEIGHED: usize = 1_000_000;

/// What a block is recognised by: its words and its pairs of words, sorted.
pub(super) fn features<'w>(parts: impl Iterator<Item = &'w [u32]>) -> Vec<u64> {
    let mut all = vec![];
    for words in parts {
        all.extend(words.iter().map(|word| u64::from(*word)));
        all.extend(
            words
                .windows(2)
                .map(|two| (u64::from(two[0]) << 32) | u64::from(two[1])),
        );
    }
    all.sort_unstable();
    all
}

/// How much two blocks share, in percent of both.
fn shared(a: &[u64], b: &[u64]) -> u32 {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                both += 1;
                i += 1;
                j += 1;
            }
        }
    }
    let all = a.len() + b.len();
    if all == 0 {
        0
    } else {
        u32::try_from(200 * both / all).unwrap_or(100)
    }
}

/// Pairs of blocks that share at least so much, with how much.
fn candidates(
    old: &[Vec<u64>],
    new: &[Vec<u64>],
    least: u32,
    alike: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize, u32)> {
    let mut index: HashMap<u64, Vec<usize>> = HashMap::new();
    for (i, features) in old.iter().enumerate() {
        for feature in features {
            let blocks = index.entry(*feature).or_default();
            if blocks.last() != Some(&i) {
                blocks.push(i);
            }
        }
    }
    let mut found = vec![];
    let mut met = vec![usize::MAX; old.len()];
    for (j, features) in new.iter().enumerate() {
        let near = features.iter().filter_map(|feature| index.get(feature));
        for i in near
            .filter(|blocks| blocks.len() <= COMMON)
            .flatten()
            .copied()
        {
            if met[i] == j || !alike(i, j) {
                continue;
            }
            met[i] = j;
            let (few, many) = (
                old[i].len().min(features.len()),
                old[i].len().max(features.len()),
            );
            // What is so unequal in length cannot share enough.
            if 200 * few < least as usize * (few + many) {
                continue;
            }
            let share = shared(&old[i], features);
            if share >= least {
                found.push((i, j, share));
            }
        }
    }
    found
}

/// Pairs in the order of both that share most in all.
pub(super) fn in_order(
    old: &[Vec<u64>],
    new: &[Vec<u64>],
    least: u32,
    alike: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    if old.is_empty() || new.is_empty() {
        return vec![];
    }
    let mut found = candidates(old, new, least, alike);
    found.sort_unstable();
    let width = new.len() + 1;
    if old.len().saturating_mul(width) > WEIGHED {
        let (mut pairs, mut next) = (vec![], (0, 0));
        for (i, j, _) in found {
            if i >= next.0 && j >= next.1 {
                pairs.push((i, j));
                next = (i + 1, j + 1);
            }
        }
        return pairs;
    }
    // The best sum of what is shared among the first i and j blocks.
    let mut best = vec![0u32; (old.len() + 1) * width];
    let mut rest = found.iter().peekable();
    let mut share = HashMap::new();
    for i in 0..old.len() {
        while let Some((_, j, percent)) = rest.next_if(|(of, ..)| *of == i) {
            share.insert((i, *j), *percent);
        }
        for j in 0..new.len() {
            let skip = best[i * width + j + 1].max(best[(i + 1) * width + j]);
            let pair = share
                .get(&(i, j))
                .map_or(0, |percent| best[i * width + j] + percent);
            best[(i + 1) * width + j + 1] = skip.max(pair);
        }
    }
    let (mut i, mut j, mut pairs) = (old.len(), new.len(), vec![]);
    while i > 0 && j > 0 {
        let here = best[i * width + j];
        if here == best[(i - 1) * width + j] {
            i -= 1;
        } else if here == best[i * width + j - 1] {
            j -= 1;
        } else {
            (i, j) = (i - 1, j - 1);
            pairs.push((i, j));
        }
    }
    pairs.reverse();
    pairs
}

/// Pairs in any order, those that share most first; each block is in one at most.
pub(super) fn anywhere(
    old: &[Vec<u64>],
    new: &[Vec<u64>],
    least: u32,
    alike: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    let mut found = candidates(old, new, least, alike);
    found.sort_unstable_by_key(|(i, j, share)| (std::cmp::Reverse(*share), *i, *j));
    let (mut taken_old, mut taken_new) = (vec![false; old.len()], vec![false; new.len()]);
    let mut pairs = vec![];
    for (i, j, _) in found {
        if !taken_old[i] && !taken_new[j] {
            taken_old[i] = true;
            taken_new[j] = true;
            pairs.push((i, j));
        }
    }
    pairs
}
