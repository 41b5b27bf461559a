//! Numbers made of digits: resident numbers (GB 11643), telephones, bank cards; also spaced and joined by hyphens.

use chrono::NaiveDate;

use super::{Hit, What};
use crate::scan::{Line, blank};

/// A run of digits without anything between.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
}

impl Group {
    fn len(self) -> usize {
        self.end - self.start
    }
}

/// Groups that are looked at together: a resident number whose digits are spaced has eighteen.
const GROUPS: usize = 20;

/// No number of a person has more digits.
const LONGEST: usize = 24;

/// What the digits are that begin there, and where to go on looking.
pub(super) fn find(line: &Line, start: usize) -> (Option<Hit>, usize) {
    let end = run(line, start, usize::MAX);
    // A digit in the middle of spaced digits begins nothing.
    let inner =
        end - start == 1 && blank(line.before(start, 1)) && line.before(start, 2).is_ascii_digit();
    if end - start > LONGEST || inner || !free_before(line, start) {
        return (None, end);
    }
    let mut groups = [Group { start, end }; GROUPS];
    let mut count = 1;
    while count < GROUPS {
        let at = groups[count - 1].end;
        let next = line.get(at + 1);
        if !(blank(line.get(at)) || matches!(line.get(at), '-' | '–' | '·'))
            || !next.is_ascii_digit()
        {
            break;
        }
        // One longer than the longest is as good as a longer one.
        let to = run(line, at + 1, LONGEST + 1);
        groups[count] = Group {
            start: at + 1,
            end: to,
        };
        count += 1;
    }
    let groups = &groups[..count];
    let found = resident(line, groups)
        .or_else(|| mobile(line, groups))
        .or_else(|| landline(line, groups))
        .or_else(|| card(line, groups));
    let end = found.as_ref().map_or(end, |hit| hit.range.end.max(end));
    (found, end)
}

fn run(line: &Line, start: usize, most: usize) -> usize {
    let length = line.chars[start..]
        .iter()
        .take(most)
        .take_while(|character| character.is_ascii_digit())
        .count();
    start + length
}

/// Nothing before it makes it a part of something else.
fn free_before(line: &Line, start: usize) -> bool {
    let before = line.before(start, 1);
    let second = line.before(start, 2);
    match before {
        '*' | '＊' | '×' => false,
        '.' => !second.is_ascii_digit(),
        '-' | '–' => !second.is_ascii_alphanumeric(),
        letter if letter.is_ascii_alphabetic() => {
            let letters = (start.saturating_sub(8)..start)
                .rev()
                .take_while(|at| line.chars[*at].is_ascii_alphabetic())
                .count();
            let word: String = line.chars[start - letters..start]
                .iter()
                .map(char::to_ascii_lowercase)
                .collect();
            matches!(
                word.as_str(),
                "tel" | "phone" | "mobile" | "mob" | "id" | "idcard" | "no" | "cell"
            )
        }
        _ => true,
    }
}

/// Nothing after it makes it a part of something else, or hides a part of it.
fn free_after(line: &Line, end: usize) -> bool {
    let next = line.get(end);
    match next {
        '*' | '＊' | '×' | '@' => false,
        '.' => !line.get(end + 1).is_ascii_digit(),
        '-' | '–' => !line.get(end + 1).is_ascii_alphanumeric() && line.get(end + 1) != '*',
        next => !next.is_ascii_alphanumeric(),
    }
}

/// The groups that together have that many digits, as the number of groups.
fn join(groups: &[Group], digits: usize) -> Option<usize> {
    let mut total = 0;
    for (at, group) in groups.iter().enumerate() {
        total += group.len();
        if total == digits {
            // Spaced digits that go on are another number.
            let on = group.len() == 1
                && at > 0
                && groups.get(at + 1).is_some_and(|next| next.len() == 1);
            return (!on).then_some(at + 1);
        }
        if total > digits {
            return None;
        }
    }
    None
}

fn digits(line: &Line, groups: &[Group]) -> Vec<u32> {
    groups
        .iter()
        .flat_map(|group| line.chars[group.start..group.end].iter())
        .filter_map(|character| character.to_digit(10))
        .collect()
}

fn resident(line: &Line, groups: &[Group]) -> Option<Hit> {
    let whole = |end| {
        Some(Hit {
            what: What::ResidentId,
            range: groups[0].start..end,
        })
    };
    if let Some(count) = join(groups, 18) {
        let number = digits(line, &groups[..count]);
        let end = groups[count - 1].end;
        return (identity(&number, number[17]) && free_after(line, end))
            .then(|| whole(end))
            .flatten();
    }
    if let Some(count) = join(groups, 17) {
        let mut at = groups[count - 1].end;
        if (blank(line.get(at)) || line.get(at) == '-') && count > 1 {
            at += 1;
        }
        let number = digits(line, &groups[..count]);
        if matches!(line.get(at), 'X' | 'x') && free_after(line, at + 1) && identity(&number, 10) {
            return whole(at + 1);
        }
        return None;
    }
    // The old form has no check digit: area and date must fit, and nothing may say that it is another number.
    let first = groups[0];
    if first.len() == 15 && free_after(line, first.end) && !other(line, first.start) {
        let number = digits(line, &groups[..1]);
        let year = 1900 + number[6] * 10 + number[7];
        if area(&number) && date(year, &number[8..12]) {
            return whole(first.end);
        }
    }
    None
}

/// Area, date and check digit of GB 11643; `check` is 10 for X.
fn identity(number: &[u32], check: u32) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = number
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let year = number[6..10]
        .iter()
        .fold(0, |year, digit| year * 10 + digit);
    (12 - sum % 11) % 11 == check
        && area(number)
        && (1880..=2099).contains(&year)
        && date(year, &number[10..14])
}

/// Provinces of GB/T 2260, and that the code goes on.
fn area(number: &[u32]) -> bool {
    let province = number[0] * 10 + number[1];
    matches!(province, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91)
        && number[2..6].iter().any(|digit| *digit != 0)
}

fn date(year: u32, rest: &[u32]) -> bool {
    i32::try_from(year)
        .ok()
        .and_then(|year| {
            NaiveDate::from_ymd_opt(year, rest[0] * 10 + rest[1], rest[2] * 10 + rest[3])
        })
        .is_some()
}

/// The words of the same clause before a number.
fn clause(line: &Line, start: usize, most: usize) -> std::ops::Range<usize> {
    let from = (start.saturating_sub(most)..start)
        .rev()
        .find(|at| {
            matches!(
                line.chars[*at],
                '，' | '。' | '；' | ',' | ';' | '\t' | '、'
            )
        })
        .map_or(start.saturating_sub(most), |at| at + 1);
    from..start
}

/// Words that say that it is the number of something else.
fn other(line: &Line, start: usize) -> bool {
    const OTHER: &[&str] = &[
        "订单",
        "单号",
        "流水",
        "编号",
        "合同",
        "批准",
        "专利",
        "刊号",
        "书号",
        "ISBN",
        "条码",
        "条形码",
        "设备",
        "资产",
        "代码",
        "税号",
        "识别号",
        "账单",
        "哈希",
        "备案",
        "序列",
        "批次",
        "型号",
        "货号",
        "DOI",
        "版本",
        "IMEI",
        "公网安备",
        "QQ",
    ];
    line.within(clause(line, start, 14), OTHER) && !telephone(line, start)
}

fn telephone(line: &Line, start: usize) -> bool {
    const WORDS: &[&str] = &[
        "电话", "手机", "联系", "微信", "热线", "传真", "致电", "拨打", "短信", "座机", "宅电",
        "Tel", "TEL", "tel", "Phone", "phone",
    ];
    line.within(clause(line, start, 14), WORDS)
}

fn mobile(line: &Line, groups: &[Group]) -> Option<Hit> {
    let all = digits(line, &groups[..1]);
    let text: String = line.chars[groups[0].start..groups[0].end].iter().collect();
    // The country's code alone, or in one piece with the number.
    let alone = matches!(text.as_str(), "86" | "0086") && groups.len() > 1;
    let prefix = if text.starts_with("0086") && all.len() == 15 {
        4
    } else if text.starts_with("86") && all.len() == 13 {
        2
    } else {
        0
    };
    let rest = if alone { &groups[1..] } else { groups };
    let first = rest[0];
    let count = if prefix > 0 { 1 } else { join(rest, 11)? };
    let shape = count == 1
        || matches!(first.len(), 3 | 4) && count <= 4
        || rest[..count].iter().all(|group| group.len() == 1);
    let number = digits(line, &rest[..count]);
    let number = &number[prefix..];
    let end = rest[count - 1].end;
    if !shape || !segment(number) || !free_after(line, end) {
        return None;
    }
    let known = telephone(line, groups[0].start);
    let amount = "元万亿字次吨米克度册篇斤倍平".contains(line.get(end)) && end < line.len()
        || matches!(line.before(groups[0].start, 1), '¥' | '￥' | '$');
    ((known || !amount) && !other(line, groups[0].start)).then(|| Hit {
        what: What::Mobile,
        range: groups[0].start..end,
    })
}

/// Segments that operators have.
fn segment(number: &[u32]) -> bool {
    number[0] == 1
        && match number[1] {
            3 | 8 => true,
            4 => !matches!(number[2], 2 | 3),
            5 => number[2] != 4,
            6 => matches!(number[2], 2 | 5 | 6 | 7),
            7 => number[2] != 9,
            9 => number[2] != 4,
            _ => false,
        }
}

fn landline(line: &Line, groups: &[Group]) -> Option<Hit> {
    let first = groups[0];
    let number = digits(line, &groups[..1]);
    let hit = |end| {
        Some(Hit {
            what: What::Landline,
            range: first.start..end,
        })
    };
    let subscriber = |group: &Group| {
        matches!(group.len(), 7 | 8) && matches!(line.chars[group.start], '2'..='8')
    };
    if code(&number)
        && let Some(end) = behind_code(line, groups, &subscriber)
    {
        return (!other(line, first.start) && free_after(line, end))
            .then(|| hit(end))
            .flatten();
    }
    // 86-10-62345678
    if matches!(number.as_slice(), [8, 6] | [0, 0, 8, 6])
        && let Some([area, rest]) = groups.get(1..3)
        && matches!(area.len(), 2 | 3)
        && subscriber(rest)
        && free_after(line, rest.end)
    {
        return hit(rest.end);
    }
    let length = number.len();
    // In one piece, or without the area's code, only a word before it tells.
    if matches!(length, 10..=12)
        && number[0] == 0
        && telephone(line, first.start)
        && free_after(line, first.end)
    {
        let area = if number[1] <= 2 { 3 } else { 4 };
        if code(&number[..area])
            && matches!(length - area, 7 | 8)
            && (2..=8).contains(&number[area])
        {
            return hit(first.end);
        }
    }
    let label = &[
        "电话", "传真", "热线", "座机", "宅电", "Tel", "TEL", "tel", "号码",
    ];
    let mut at = first.start;
    while at > 0
        && first.start - at < 3
        && matches!(
            line.chars[at - 1],
            '：' | ':' | '为' | '是' | ' ' | '\u{3000}' | '(' | '/' | '、'
        )
    {
        at -= 1;
    }
    (subscriber(&first) && line.ends(at, label) && free_after(line, first.end))
        .then(|| hit(first.end))
        .flatten()
}

/// Where a number ends whose area code is the first group.
fn behind_code(
    line: &Line,
    groups: &[Group],
    subscriber: &dyn Fn(&Group) -> bool,
) -> Option<usize> {
    let first = groups[0];
    if line.get(first.end) == ')' {
        let start = first.end
            + 1
            + usize::from(blank(line.get(first.end + 1)) || line.get(first.end + 1) == '-');
        let rest = Group {
            start,
            end: run(line, start.min(line.len()), 9),
        };
        return (rest.end > start && subscriber(&rest)).then_some(rest.end);
    }
    let rest = groups.get(1)?;
    if subscriber(rest) && !(first.len() == 3 && rest.len() == 7) {
        return Some(rest.end);
    }
    let last = groups.get(2)?;
    (matches!(rest.len(), 3 | 4) && last.len() == 4 && matches!(line.chars[rest.start], '2'..='8'))
        .then_some(last.end)
}

/// Codes of areas.
fn code(number: &[u32]) -> bool {
    match number {
        [0, 1, 0] => true,
        [0, 2, last] => *last != 6,
        [0, 3, third, _] => matches!(third, 1 | 3 | 4 | 5 | 7 | 9),
        [0, 4, third, _] => (1..=8).contains(third),
        [0, 5, third, _] => *third != 0,
        [0, 6, third, _] => matches!(third, 3 | 6 | 9),
        [0, 7 | 9, _, _] => true,
        [0, 8, third, _] => *third != 0,
        _ => false,
    }
}

fn card(line: &Line, groups: &[Group]) -> Option<Hit> {
    const WORDS: &[&str] = &[
        "银行",
        "卡号",
        "账号",
        "帐号",
        "账户",
        "帐户",
        "开户",
        "工行",
        "农行",
        "建行",
        "中行",
        "交行",
        "招行",
        "邮储",
        "信用卡",
        "储蓄卡",
        "借记卡",
        "转账",
        "汇款",
        "汇入",
        "打入",
        "一卡",
    ];
    let first = groups[0];
    let fours = groups.iter().take_while(|group| group.len() == 4).count();
    let (count, spaced) = if (13..=19).contains(&first.len()) {
        (1, false)
    } else if fours >= 4 {
        // 4-4-4-4, 4-4-4-4-3
        let tail = groups.get(4).is_some_and(|group| group.len() <= 3);
        (4 + usize::from(tail), true)
    } else if first.len() == 4
        && fours == 3
        && groups
            .get(3)
            .is_some_and(|group| (1..=7).contains(&group.len()))
    {
        (4, true)
    } else if first.len() == 6
        && groups
            .get(1)
            .is_some_and(|group| (10..=13).contains(&group.len()))
    {
        (2, true)
    } else {
        return None;
    };
    let number = digits(line, &groups[..count]);
    let end = groups[count - 1].end;
    if !(13..=19).contains(&number.len()) || !luhn(&number) || !free_after(line, end) {
        return None;
    }
    let word = line.within(clause(line, first.start, 20), WORDS)
        || line
            .any(end + line.blanks(end), &["(工", "(农", "(建", "(中"])
            .is_some();
    let issued = number[0] == 6 && number[1] == 2 && number.len() >= 16;
    let foreign = number.len() == 16
        && (number[0] == 4
            || number[0] == 5 && (1..=5).contains(&number[1])
            || number[0] == 3 && number[1] == 5);
    ((issued || foreign && spaced) && !other(line, first.start) || word).then_some(Hit {
        what: What::BankCard,
        range: first.start..end,
    })
}

fn luhn(number: &[u32]) -> bool {
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => *digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10) && number.iter().any(|digit| *digit != number[0])
}
