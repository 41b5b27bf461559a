//! Personal data that is told by letters or by the word before it: mail, plates, passports, numbers of persons, birth dates.

use super::{Hit, Pattern, What};
use crate::scan::{Line, arabic_number, blank, han};

/// What a plate begins with.
pub(super) const PROVINCES: &str =
    "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使";

/// name@example.edu.cn, at the sign.
pub(super) fn mail(line: &Line, at: usize) -> Option<Hit> {
    let local = (at.saturating_sub(64)..at)
        .rev()
        .take_while(|at| {
            let character = line.chars[*at];
            character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-' | '+' | '%')
        })
        .count();
    let start = at - local;
    if local == 0 || line.before(start, 1) == '*' || line.before(at, 1) == '.' {
        return None;
    }
    let mut end = at + 1;
    let mut dot = 0;
    while end < at + 128 {
        let character = line.get(end);
        if character == '.' {
            if end == at + 1 || line.before(end, 1) == '.' {
                break;
            }
            dot = end;
        } else if !(character.is_ascii_alphanumeric() || character == '-') {
            break;
        }
        end += 1;
    }
    if line.before(end, 1) == '.' {
        end -= 1;
        dot = (at + 1..end)
            .rev()
            .find(|at| line.chars[*at] == '.')
            .unwrap_or(0);
    }
    if dot == 0 {
        return None;
    }
    let top = (dot + 1..end)
        .filter(|at| line.chars[*at].is_ascii_alphabetic())
        .count();
    (top >= 2 && top == end - dot - 1 && line.get(end) != '*').then_some(Hit {
        what: What::Mail,
        range: start..end,
    })
}

/// 京A12345, at the province.
pub(super) fn plate(line: &Line, start: usize) -> Option<Hit> {
    if !line.get(start + 1).is_ascii_alphabetic() || matches!(line.get(start + 1), 'I' | 'i') {
        return None;
    }
    let gap = usize::from(
        matches!(line.get(start + 2), '·' | '.' | '•' | '-' | '・') || blank(line.get(start + 2)),
    );
    let from = start + 2 + gap;
    let mut end = from;
    while end < from + 7 && line.get(end).is_ascii_alphanumeric() {
        end += 1;
    }
    let signs = &line.chars[from..end];
    let digits = signs.iter().filter(|sign| sign.is_ascii_digit()).count();
    let letters = signs
        .iter()
        .all(|sign| !matches!(sign.to_ascii_uppercase(), 'I' | 'O'));
    let electric = |sign: Option<&char>| {
        sign.is_some_and(|sign| matches!(sign.to_ascii_uppercase(), 'A'..='H' | 'J' | 'K'))
    };
    let special = usize::from("学警挂港澳领试超".contains(line.get(end)) && end < line.len());
    let shape = match signs.len() {
        4 => special == 1 && digits >= 3,
        5 => digits >= 3,
        6 => digits >= 4 && (electric(signs.first()) || electric(signs.last())),
        _ => false,
    };
    let other = line.within(
        start.saturating_sub(6)..start,
        &["编号", "型号", "货号", "批号"],
    );
    if !shape || !letters || other || line.get(end) == '*' {
        return None;
    }
    Some(Hit {
        what: What::Plate,
        range: start..end + special,
    })
}

const NUMBERS: &[&str] = &[
    "学号",
    "工号",
    "教工号",
    "职工号",
    "员工号",
    "人事编号",
    "考生号",
    "准考证号",
    "学籍号",
    "校园卡号",
    "一卡通号",
    "学生证号",
    "工作证号",
    "教师证号",
    "报名号",
    "职工编号",
    "员工编号",
    "学生编号",
    "准考证号码",
    "学籍编号",
    "学员编号",
];

/// A number of a person or a birth date after its word; `at` is the word's last sign.
pub(super) fn labelled(line: &Line, at: usize) -> Option<Hit> {
    match line.chars[at] {
        '号' if line.ends(at + 1, NUMBERS) => number(line, at + 1),
        '期' if line.ends(at + 1, &["出生日期"]) => birth(line, at + 1),
        '月' if line.ends(at + 1, &["出生年月"]) => {
            birth(line, at + 1 + usize::from(line.get(at + 1) == '日'))
        }
        '生' => born(line, at),
        _ => None,
    }
}

fn after_label(line: &Line, from: usize) -> usize {
    let mut at = from;
    while at < from + 5
        && (blank(line.get(at))
            || matches!(
                line.get(at),
                '：' | ':' | '为' | '是' | '码' | ')' | '(' | '='
            ))
    {
        at += 1;
    }
    at
}

fn number(line: &Line, from: usize) -> Option<Hit> {
    let start = after_label(line, from);
    let end = token_end(line, start);
    let token = &line.chars[start..end];
    let digits = token.iter().filter(|sign| sign.is_ascii_digit()).count();
    let masked =
        matches!(line.get(end), '*' | '×') || line.get(end) == '-' && line.get(end + 1) == '*';
    (digits >= 4 && token.len() <= 24 && !masked).then_some(Hit {
        what: What::PersonNumber,
        range: start..end,
    })
}

fn token_end(line: &Line, start: usize) -> usize {
    let from = start.min(line.len());
    from + line.chars[from..]
        .iter()
        .take_while(|sign| sign.is_ascii_alphanumeric())
        .count()
}

/// A date after 出生日期.
fn birth(line: &Line, from: usize) -> Option<Hit> {
    let start = after_label(line, from);
    let (year, mut end) = arabic_number(line, start)?;
    while line.get(end).is_ascii_digit()
        || matches!(line.get(end), '年' | '月' | '日' | '-' | '.' | '/')
    {
        end += 1;
        if end - start > 12 {
            return None;
        }
    }
    let whole = (1900..=2100).contains(&year) && end > start + 4
        || (19_000_101..=21_001_231).contains(&year)
        || (190_001..=210_012).contains(&year);
    (whole && line.get(end) != '*').then_some(Hit {
        what: What::BirthDate,
        range: start..end,
    })
}

/// 女，1988年3月5日出生，: in the short account of a person, not in a story.
fn born(line: &Line, at: usize) -> Option<Hit> {
    let end = if line.before(at, 1) == '出' {
        at - 1
    } else {
        at
    };
    let start = end
        - (end.saturating_sub(11)..end)
            .rev()
            .take_while(|at| {
                line.chars[*at].is_ascii_digit()
                    || matches!(line.chars[*at], '年' | '月' | '日' | '.')
            })
            .count();
    let (year, after) = arabic_number(line, start)?;
    let written = matches!(line.get(after), '年' | '.')
        && line.get(after + 1).is_ascii_digit()
        && end > after + 1;
    let person = line.within(start.saturating_sub(12)..start, &["男", "女"]);
    let closes = !han(line.get(at + 1)) || line.get(at + 1) == '于';
    ((1900..=2100).contains(&year) && written && person && closes).then_some(Hit {
        what: What::BirthDate,
        range: start..end,
    })
}

/// A run of letters and digits that begins there: the number of a passport or one by the institution's own pattern.
pub(super) fn token(line: &Line, start: usize, patterns: &[Pattern]) -> Option<Hit> {
    let most = 25;
    let length = line.chars[start..]
        .iter()
        .take(most)
        .take_while(|sign| sign.is_ascii_alphanumeric())
        .count();
    if !(5..most).contains(&length) {
        return None;
    }
    let end = start + length;
    let token = &line.chars[start..end];
    if matches!(line.get(end), '*' | '@') || line.before(start, 1) == '*' {
        return None;
    }
    if patterns.iter().any(|pattern| pattern.fits(token)) {
        return Some(Hit {
            what: What::PersonNumber,
            range: start..end,
        });
    }
    let letters = token
        .iter()
        .take_while(|sign| sign.is_ascii_alphabetic())
        .count();
    let digits = &token[letters..];
    if !digits.iter().all(char::is_ascii_digit) {
        return None;
    }
    let from = (start.saturating_sub(20)..start)
        .rev()
        .find(|at| matches!(line.chars[*at], '。' | '；' | '，' | ',' | '\t'))
        .map_or(start.saturating_sub(20), |at| at + 1);
    let near = |words| line.within(from..start, words);
    let fits = match letters {
        0 => {
            matches!(digits.len(), 8 | 10) && near(&["通行证", "台胞证"])
                || digits.len() == 9 && matches!(token[..2], ['1', '4' | '5']) && near(&["护照号"])
        }
        1 => {
            "EGDSPHMCKLT".contains(token[0].to_ascii_uppercase())
                && matches!(digits.len(), 7..=10)
                && near(&[
                    "护照",
                    "通行证",
                    "回乡证",
                    "证件号",
                    "passport",
                    "Passport",
                    "PASSPORT",
                ])
        }
        2 => digits.len() == 7 && near(&["护照", "证件号", "passport", "Passport", "PASSPORT"]),
        _ => false,
    };
    fits.then_some(Hit {
        what: What::Passport,
        range: start..end,
    })
}
