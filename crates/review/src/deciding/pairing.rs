//! Which of some blocks became which of others: those that share most of their pairs of words. Pure.

use std::collections::HashMap;

/// Pairs of words that occur in more blocks than this say nothing about any of them.
const COMMON: usize = 500;
/// So many pairs of blocks are weighed for their order; where there are more, the first fit is taken.
const WEIGHED: usize = 1_000_000;

/// What a block is recognised by: its pairs of neighbouring words, edges included, each with how often.
pub(super) fn features<'w>(parts: impl Iterator<Item = &'w [u32]>) -> Vec<(u64, u32)> {
    let mut all = vec![];
    for words in parts {
        let after = words.iter().skip(1).chain([&0]);
        all.extend(words.first().map(|first| u64::from(*first)));
        all.extend(
            words
                .iter()
                .zip(after)
                .map(|(a, b)| (u64::from(*a) << 32) | u64::from(*b)),
        );
    }
    all.sort_unstable();
    let counted = all.chunk_by(|a, b| a == b);
    counted
        .map(|same| (same[0], u32::try_from(same.len()).unwrap_or(u32::MAX)))
        .collect()
}

/// Pairs of blocks that share at least so much, in percent of both.
fn candidates(
    old: &[Vec<(u64, u32)>],
    new: &[Vec<(u64, u32)>],
    least: u32,
    alike: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize, u32)> {
    let size = |block: &Vec<(u64, u32)>| block.iter().map(|(_, times)| *times).sum::<u32>();
    let sizes: Vec<u32> = old.iter().map(size).collect();
    let mut index: HashMap<u64, Vec<(usize, u32)>> = HashMap::new();
    for (i, features) in old.iter().enumerate() {
        for (feature, times) in features {
            index.entry(*feature).or_default().push((i, *times));
        }
    }
    let mut found = vec![];
    let mut shared = vec![0u32; old.len()];
    let mut met = vec![];
    for (j, features) in new.iter().enumerate() {
        for (feature, times) in features {
            let Some(blocks) = index.get(feature).filter(|blocks| blocks.len() <= COMMON) else {
                continue;
            };
            for (i, also) in blocks {
                if shared[*i] == 0 {
                    met.push(*i);
                }
                shared[*i] += times.min(also);
            }
        }
        let all = size(&new[j]);
        for i in met.drain(..) {
            let percent =
                200 * u64::from(std::mem::take(&mut shared[i])) / u64::from(sizes[i] + all);
            if percent >= u64::from(least) && alike(i, j) {
                found.push((i, j, u32::try_from(percent).unwrap_or(100)));
            }
        }
    }
    found
}

/// Pairs in the order of both that share most in all.
pub(super) fn in_order(
    old: &[Vec<(u64, u32)>],
    new: &[Vec<(u64, u32)>],
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
    old: &[Vec<(u64, u32)>],
    new: &[Vec<(u64, u32)>],
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
