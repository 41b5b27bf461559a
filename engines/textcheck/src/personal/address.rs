//! Where people live: an address down to the door, or one after a word that says so. Offices are no finding.

use std::ops::Range;

use super::{Hit, What};
use crate::scan::{Line, blank, numeral};

const HOMES: &[&str] = &[
    "家庭住址",
    "现住址",
    "住址",
    "户籍地址",
    "户籍所在地址",
    "户口地址",
    "常住地址",
    "居住地址",
    "家庭地址",
    "现住地址",
];

const LIVES: &[&str] = &[
    "家住",
    "现住",
    "居住于",
    "居住在",
    "住于",
    "现居",
    "租住",
    "租住于",
    "租住在",
];

/// An address at the sign that may tell one: the word before it, or a house within it.
pub(super) fn find(line: &Line, at: usize) -> Option<Hit> {
    match line.chars[at] {
        '址' if line.ends(at + 1, HOMES) => after_word(line, at + 1),
        '住' if line.ends(at + 1, LIVES) || line.any(at, &["住在", "住于"]).is_some() => {
            after_word(line, at + 1)
        }
        '址' | '住' => None,
        _ => house(line, at),
    }
}

fn ends(character: char) -> bool {
    matches!(
        character,
        '\0' | '，'
            | '。'
            | '；'
            | ','
            | ';'
            | '\t'
            | '！'
            | '!'
            | '?'
            | '('
            | ')'
            | '、'
            | '：'
            | ':'
            | '”'
            | '“'
            | '》'
            | '《'
    )
}

/// 家庭住址：…
fn after_word(line: &Line, from: usize) -> Option<Hit> {
    let mut start = from;
    while start < from + 4
        && (blank(line.get(start))
            || matches!(
                line.get(start),
                '：' | ':' | '为' | '是' | '在' | '于' | '地'
            ))
    {
        start += 1;
    }
    let length = line.chars[start.min(line.len())..]
        .iter()
        .take(50)
        .take_while(|character| !ends(**character))
        .count();
    let end = start + length;
    if length < 4 {
        return None;
    }
    let (mut fine, mut coarse) = (0, 0);
    for character in &line.chars[start..end] {
        match character {
            '村' | '组' | '屯' | '弄' | '巷' | '号' | '栋' | '幢' | '室' | '路' | '街' | '镇'
            | '乡' | '苑' | '胡' | '楼' => fine += 1,
            '省' | '市' | '县' | '区' | '州' | '旗' => coarse += 1,
            _ => {}
        }
    }
    let numbered = line.chars[start..end]
        .iter()
        .any(|c| c.is_ascii_digit() || numeral(*c).is_some());
    let masked = line.chars[start..end].contains(&'*');
    let words = line.within(start..end, &["的", "等", "变更", "填写", "情况"]);
    (fine >= 1
        && (fine + coarse >= 3
            || (fine + coarse >= 2 && numbered)
            || (coarse >= 1 && !words && fine >= 1))
        && !masked)
        .then_some(Hit {
            what: What::Address,
            range: start..end,
        })
}

const HOUSING: &[&str] = &[
    "小区",
    "花园",
    "家园",
    "家属院",
    "家属区",
    "新村",
    "公寓",
    "苑",
    "里",
    "弄",
    "区",
    "胡同",
    "号院",
    "花苑",
    "公馆",
    "名邸",
    "新城",
    "路",
    "街",
    "巷",
    "庄",
    "府",
];

/// Houses where people work.
const OFFICES: &[&str] = &[
    "教学",
    "办公",
    "行政",
    "实验",
    "图书馆",
    "大厦",
    "中心",
    "教室",
    "报告厅",
    "会议",
    "逸夫",
    "综合楼",
    "科研",
    "写字楼",
    "学院楼",
    "地点",
    "宿舍",
    "学生公寓",
    "单位地址",
    "报名",
    "校区",
    "活动",
];

/// 5幢2单元301室, at 幢.
fn house(line: &Line, at: usize) -> Option<Hit> {
    let character = line.chars[at];
    let number = |at: usize| {
        line.chars[at].is_ascii_alphanumeric()
            || numeral(line.chars[at]).is_some()
            || line.chars[at] == '十'
    };
    let before = match character {
        '元' => at
            .checked_sub(2)
            .filter(|before| line.chars[*before + 1] == '单' && number(*before))?,
        '楼' => at
            .checked_sub(2)
            .filter(|before| line.chars[*before + 1] == '号' && number(*before))?,
        _ => at.checked_sub(1).filter(|before| number(*before))?,
    };
    let end = room(line, at + 1)?;
    let start = begin(line, before);
    if !line.within(start..before, HOUSING) || line.within(start.saturating_sub(6)..end, OFFICES) {
        return None;
    }
    Some(Hit {
        what: What::Address,
        range: start..end,
    })
}

/// Where the room ends that follows within a few signs.
fn room(line: &Line, from: usize) -> Option<usize> {
    let mut at = from;
    while at < from + 10 {
        if !line.get(at).is_ascii_digit() {
            if ends(line.get(at)) {
                return None;
            }
            at += 1;
            continue;
        }
        let end = at
            + line.chars[at..]
                .iter()
                .take(6)
                .take_while(|sign| sign.is_ascii_digit())
                .count();
        let door = matches!(line.get(end), '室' | '户')
            || line.get(end) == '号' && line.get(end + 1) != '楼';
        if matches!(end - at, 3 | 4) && (door || ends(line.get(end)) || blank(line.get(end))) {
            return Some(end + usize::from(door));
        }
        if end - at <= 4 && door && line.get(end) != '号' {
            return Some(end + 1);
        }
        at = end;
    }
    None
}

/// Where the address begins that goes on there: after the clause's beginning or the word before it.
fn begin(line: &Line, at: usize) -> usize {
    let from = at.saturating_sub(30);
    let Range { start, end } = from..at;
    (start..end)
        .rev()
        .find(|at| {
            ends(line.chars[*at])
                || blank(line.chars[*at])
                || matches!(line.chars[*at], '住' | '在' | '于' | '址')
        })
        .map_or(start, |at| at + 1)
}
