//! What changed between two versions: line by line, and within a changed line character by character, since
//! Chinese knows no spaces between words. Pure.

use similar::{Algorithm, DiffTag, capture_diff_slices};

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Same,
    Old,
    New,
    /// So many lines in between did not change and are left out.
    Skipped(usize),
}

/// A line with its parts; those that changed are marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub fate: Fate,
    pub parts: Vec<(bool, String)>,
}

/// Around a change so many unchanged lines are shown.
const AROUND: usize = 2;
/// Longer lines are compared as wholes.
const LONG: usize = 4_000;

fn line(fate: Fate, text: &str) -> Line {
    Line {
        fate,
        parts: vec![(false, text.into())],
    }
}

/// Parts of one side of a changed line.
fn push(parts: &mut Vec<(bool, String)>, changed: bool, chars: &[char]) {
    if chars.is_empty() {
        return;
    }
    let text: String = chars.iter().collect();
    match parts.last_mut() {
        Some((was, before)) if *was == changed => before.push_str(&text),
        _ => parts.push((changed, text)),
    }
}

/// A line that was changed to another: both, with what differs marked. Lines that share little are shown as
/// wholes.
fn changed(old: &str, new: &str) -> [Line; 2] {
    let (a, b): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let whole = [line(Fate::Old, old), line(Fate::New, new)];
    if a.len().max(b.len()) > LONG {
        return whole;
    }
    let (mut left, mut right, mut shared) = (vec![], vec![], 0);
    for op in capture_diff_slices(Algorithm::Myers, &a, &b) {
        let (tag, from, to) = op.as_tag_tuple();
        let differs = tag != DiffTag::Equal;
        if !differs {
            shared += from.len();
        }
        push(&mut left, differs, &a[from]);
        push(&mut right, differs, &b[to]);
    }
    if shared * 3 < a.len().max(b.len()) {
        return whole;
    }
    [
        Line {
            fate: Fate::Old,
            parts: left,
        },
        Line {
            fate: Fate::New,
            parts: right,
        },
    ]
}

/// The differences between two texts; none when they say the same.
pub fn differences(old: &str, new: &str) -> Vec<Line> {
    let read = |text: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (a, b) = (read(old), read(new));
    if a == b {
        return vec![];
    }
    let mut all = vec![];
    for op in capture_diff_slices(Algorithm::Myers, &a, &b) {
        let (tag, from, to) = op.as_tag_tuple();
        match tag {
            DiffTag::Equal => all.extend(a[from].iter().map(|text| line(Fate::Same, text))),
            _ => {
                let pairs = from.len().min(to.len());
                let (first, second) = (&a[from], &b[to]);
                for (old, new) in first.iter().zip(second) {
                    all.extend(changed(old, new));
                }
                all.extend(first[pairs..].iter().map(|text| line(Fate::Old, text)));
                all.extend(second[pairs..].iter().map(|text| line(Fate::New, text)));
            }
        }
    }
    fold(all)
}

/// Leaves out what is far from any change.
fn fold(all: Vec<Line>) -> Vec<Line> {
    let near: Vec<bool> = (0..all.len())
        .map(|at| {
            let around = at.saturating_sub(AROUND)..(at + AROUND + 1).min(all.len());
            all[around].iter().any(|line| line.fate != Fate::Same)
        })
        .collect();
    let mut shown: Vec<Line> = vec![];
    for (line, near) in all.into_iter().zip(near) {
        if near {
            shown.push(line);
            continue;
        }
        match shown.last_mut() {
            Some(Line {
                fate: Fate::Skipped(count),
                ..
            }) => *count += 1,
            _ => shown.push(Line {
                fate: Fate::Skipped(1),
                parts: vec![],
            }),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[Line], fate: Fate) -> Vec<String> {
        let of = lines.iter().filter(|line| line.fate == fate);
        of.map(|line| line.parts.iter().map(|part| part.1.as_str()).collect())
            .collect()
    }

    #[test]
    fn a_changed_word_is_marked_in_its_line() {
        let found = differences(
            "第一条 目的\n第二条 密码长度不少于8位。\n第三条 附则",
            "第一条 目的\n第二条 密码长度不少于12位。\n第三条 附则",
        );
        assert_eq!(text(&found, Fate::Old), ["第二条 密码长度不少于8位。"]);
        let new = found.iter().find(|line| line.fate == Fate::New).unwrap();
        let marked: Vec<&str> = new
            .parts
            .iter()
            .filter(|part| part.0)
            .map(|part| part.1.as_str())
            .collect();
        assert_eq!(marked, ["12"]);
        assert_eq!(text(&found, Fate::Same).len(), 2);
    }

    #[test]
    fn lines_come_and_go_and_long_quiet_stretches_are_left_out() {
        let many: String = (1..=20).map(|n| format!("第{n}条 内容\n")).collect();
        let found = differences(&many, &format!("{many}第21条 新增\n"));
        assert_eq!(found[0].fate, Fate::Skipped(18));
        assert_eq!(text(&found, Fate::New), ["第21条 新增"]);
        let gone = differences("甲\n乙\n", "乙\n");
        assert_eq!(text(&gone, Fate::Old), ["甲"]);
        assert!(
            differences("甲\n\n乙", "甲\n乙\n").is_empty(),
            "空行不算修改"
        );
    }

    #[test]
    fn both_sides_can_be_put_together_again() {
        let (old, new) = ("一二三四五六七八", "一二叁四五陆七八九");
        let [left, right] = changed(old, new);
        let whole = |line: &Line| line.parts.iter().map(|p| p.1.as_str()).collect::<String>();
        assert_eq!(whole(&left), old);
        assert_eq!(whole(&right), new);
    }
}
