//! Forms of numbers that GB/T 15835 rules out.

use std::ops::Range;

use super::slip;
use crate::{
    finding::{Finding, Severity},
    scan::{Line, arabic_number, chinese_number, digit, numeral},
};

pub(super) fn line(line: &Line, numbers: &[u32], findings: &mut Vec<Finding>) {
    for start in numbers.iter().map(|at| *at as usize) {
        let found = if digit(line.chars[start]).is_some() {
            arabic(line, start)
        } else {
            chinese(line, start)
        };
        if let Some((range, message, better)) = found {
            let finding = slip(
                Severity::Notice,
                "proofreading.number",
                line.bytes(range),
                message,
            );
            findings.push(match better {
                Some(better) => finding.suggest(better),
                None => finding,
            });
        }
    }
}

/// Whether a Chinese number that has this behind its first character may be a date, a year or more than one character:
/// all that is looked for.
pub(super) fn goes_on(next: char) -> bool {
    matches!(
        next,
        '十' | '百' | '月' | '、' | 'O' | 'o' | '0' | 'Ｏ' | '０'
    ) || numeral(next).is_some()
}

type Found = Option<(Range<usize>, &'static str, Option<String>)>;

/// What a number may be followed by if it counts something.
const MEASURES: &str = "个天人次里米件位小块岁周斤分元棵种类艘辆";

fn arabic(line: &Line, start: usize) -> Found {
    let end = run(line, start);
    if line.chars[start..end]
        .iter()
        .all(|character| !character.is_ascii())
    {
        let narrow = line.chars[start..end]
            .iter()
            .map(|c| crate::scan::fold(*c))
            .collect();
        return Some((start..end, "阿拉伯数字应当用半角", Some(narrow)));
    }
    let before = line.before(start, 1);
    if before.is_ascii_alphabetic() || before == '.' || before == '-' {
        return None;
    }
    let next = line.get(end);
    let after = line.get(end + 1);
    match next {
        // 3百, 5千; not 3千米.
        '十' | '百' | '千'
            if !(unit(next, after) || next == '百' && after == '分' || before == '第') =>
        {
            return Some((start..end + 1, "阿拉伯数字后面只能用“万”“亿”", None));
        }
        '几' if before != '第' && !"何乎".contains(after) => {
            return Some((start..end + 1, "概数“几”前面应当用汉字数字", None));
        }
        '月' if end - start <= 2 => {
            if let Some((day, to)) =
                chinese_number(line, end + 1).filter(|(_, to)| matches!(line.get(*to), '日' | '号'))
            {
                return Some((
                    start..to + 1,
                    "日期里的数字应当一致",
                    Some(format!("{}{day}日", line.string(start..end + 1))),
                ));
            }
        }
        '，' if end - start <= 3 => {
            // 13，500元
            let to = run(line, end + 1);
            if to == end + 4
                && "元人万亿个册名平篇件".contains(line.get(to))
                && line.get(to) != '\0'
            {
                let plain = format!("{}{}", line.string(start..end), line.string(end + 1..to));
                return Some((start..to, "数字里不用中文逗号分节", Some(plain)));
            }
        }
        '-' | '–' | '—' | '~' | '～' | '－' if before != '/' => {
            let to = decimal(line, end + 1);
            let mark = line.get(to);
            // 10～20% has to be 10%～20%; 3～5万 has to be 3万～5万.
            if to > end + 1
                && matches!(mark, '%' | '％' | '‰' | '万' | '亿')
                && line.before(start, 1) != '—'
                && to - end <= 6
                && end - start <= 4
            {
                let from = decimal_start(line, start);
                let better = format!(
                    "{}{mark}{next}{}",
                    line.string(from..end),
                    line.string(end + 1..to + 1)
                );
                return Some((from..to + 1, "数值范围前后都要带单位", Some(better)));
            }
        }
        _ => {}
    }
    if line.ends(start, &["百分之"]) {
        let to = decimal(line, start);
        return Some((
            start - 3..to,
            "应当写作百分号",
            Some(format!("{}%", line.string(start..to))),
        ));
    }
    if line.ends(start, &["星期", "礼拜"])
        && end == start + 1
        && (b'1'..=b'7').contains(&(line.chars[start] as u8))
    {
        return Some((start - 2..end, "星期几应当用汉字", None));
    }
    // 二十5, 二0二四年
    if before == '十' && end == start + 1 && numeral(line.before(start, 2)).is_some() {
        return Some((start - 2..end, "一个数里不混用汉字和阿拉伯数字", None));
    }
    None
}

/// 千 and 百 are parts of a unit.
fn unit(mark: char, after: char) -> bool {
    (mark == '千' && "米克瓦伏赫帕焦卡兆字安欧牛吨".contains(after)
        || mark == '百' && after == '帕')
        && after != '\0'
}

fn run(line: &Line, start: usize) -> usize {
    line.chars[start..]
        .iter()
        .position(|c| digit(*c).is_none())
        .map_or(line.len(), |length| start + length)
}

/// Where a number with decimals ends.
fn decimal(line: &Line, start: usize) -> usize {
    let end = if start < line.len() {
        run(line, start)
    } else {
        start
    };
    if end > start && line.get(end) == '.' && digit(line.get(end + 1)).is_some() {
        run(line, end + 1)
    } else {
        end
    }
}

/// Where a number begins whose decimals begin there.
fn decimal_start(line: &Line, start: usize) -> usize {
    if line.before(start, 1) != '.' {
        return start;
    }
    let whole = line.chars[..start - 1]
        .iter()
        .rev()
        .take(9)
        .take_while(|c| digit(**c).is_some())
        .count();
    start - 1 - whole
}

fn chinese(line: &Line, start: usize) -> Found {
    let first = line.chars[start];
    year(line, start)
        .or_else(|| approximate(line, start, first))
        .or_else(|| month(line, start))
}

/// 二零二四年, 二O二四年, 二0二四年: a year has 〇.
fn year(line: &Line, start: usize) -> Found {
    if line.get(start + 4) != '年'
        || !matches!(line.get(start), '一' | '二')
        || line.before(start, 1) == '第'
    {
        return None;
    }
    let zero = |c: char| matches!(c, '零' | '○' | 'O' | 'o' | '0' | 'Ｏ' | '０');
    let digits = &line.chars[start..start + 4];
    if digits.iter().all(|c| zero(*c) || numeral(*c).is_some()) && digits.iter().any(|c| zero(*c)) {
        let better = digits
            .iter()
            .map(|c| if zero(*c) { '〇' } else { *c })
            .chain(['年'])
            .collect();
        return Some((start..start + 5, "年份里的零应当写作“〇”", Some(better)));
    }
    None
}

/// 三、四天: neighbours that mean about so many stand without a mark.
fn approximate(line: &Line, start: usize, first: char) -> Found {
    let at = if matches!(line.get(start + 1), '、') {
        start
    } else if line.get(start + 2) == '、' && first == '十' {
        start + 1
    } else {
        return None;
    };
    let (one, two) = (numeral(line.get(at))?, numeral(line.get(at + 2))?);
    let before = line.before(start, 1);
    if two != one + 1 || one == 0 || before == '第' || before == '、' {
        return None;
    }
    let mut end = at + 3;
    let tens = matches!(line.get(end), '十' | '百' | '千' | '万');
    end += usize::from(tens);
    let next = line.get(end);
    if next == '\0' || line.get(at + 3) == '、' {
        return None;
    }
    let counts = (MEASURES.contains(next) || tens && next != '、')
        && !matches!(
            (next, line.get(end + 1)),
            ('年', '级') | ('小', '组' | '学' | '节')
        );
    let enumerated = next == '类' || next == '周' || next == '种';
    (counts && !enumerated).then(|| {
        let better = line.string(start..end).replace('、', "");
        (
            start..end + 1,
            "相邻数字表示概数，中间不用顿号",
            Some(format!("{better}{next}")),
        )
    })
}

/// 五月1日.
fn month(line: &Line, start: usize) -> Found {
    let (month, end) = chinese_number(line, start)?;
    if line.get(end) != '月' || !(1..=12).contains(&month) {
        return None;
    }
    let (_, to) = arabic_number(line, end + 1)?;
    matches!(line.get(to), '日' | '号').then(|| {
        let better = format!("{month}月{}", line.string(end + 1..to + 1));
        (start..to + 1, "日期里的数字应当一致", Some(better))
    })
}
