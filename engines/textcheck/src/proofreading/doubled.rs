//! Characters and words written twice.

use super::slip;
use crate::{
    finding::{Finding, Severity},
    scan::{Classes, Line, han, numeral},
};
use std::sync::LazyLock;

/// A small word that is never meant twice, unless the first ends a word with one of the characters before it,
/// or the second begins a word with one of those after it.
struct Small {
    word: char,
    ends: &'static str,
    begins: &'static str,
}

const fn small(word: char, ends: &'static str, begins: &'static str) -> Small {
    Small { word, ends, begins }
}

const SMALL: &[Small] = &[
    small('的', "目中标有众", "确士卢"),
    small('了', "为除罢末", "解结却然如无事断悟"),
    small(
        '在',
        "现存实正内外自潜所好旨何健",
        "于场校线职籍岗读家乎位内座所野",
    ),
    small('和', "温缓柔祥平饱谐共总随附中亲调", "谐平睦解美声气蔼服缓"),
    small(
        '是',
        "但可于还只就总都不凡若要或正却便即硬倒更也真老国",
        "非否",
    ),
    small('与', "参给赋付授", "会其否众时日世此"),
    small('及', "以涉普提顾危波触企论遍累殃", "时格第早其物至"),
    small(
        '对',
        "面应相绝针反校核配敌派作查一成结",
        "于待手比照象称应方接策抗话付立外口联准位",
    ),
    small(
        '为',
        "成作认因行以称视分变即更极较最尤颇改转设列",
        "了何止期首民主人数",
    ),
    small('将', "即必终行大小名健麻干良武中上少", "来要军士会近"),
    small('把', "一火拖", "握关手柄控戏"),
    small('被', "棉毛植羽床", "动告子褥"),
    small('由', "自理缘来经事", "于来此衷"),
    small(
        '向',
        "方走志导倾定转意趋动去取流朝一偏内外",
        "往导上前心下日",
    ),
    small('就', "成造早高迁", "业是要读医职此地近餐诊寝绪位算任义"),
    small('于', "", "是"),
    small('我', "自忘大小", ""),
    small('们', "", ""),
    small('这', "", ""),
    small('也', "", ""),
    small('但', "不", "是愿凡"),
    small('并', "合吞兼", "且非列购存"),
    small('而', "然从因反", "且是言"),
    small('从', "自服跟听顺盲侍随", "事而容此前来未业"),
    small('到', "达得", "达期位底处场来"),
    small('使', "即大假天迫致促行驱", "用命者得"),
    small('都', "首京古成故", "市会城"),
    small('该', "应", ""),
    small('或', "", "者许是"),
    small('很', "", ""),
];

/// Words of two characters that are said twice with a meaning of their own.
const TWICE: &[&str] = &[
    "研究", "讨论", "学习", "休息", "商量", "考虑", "了解", "认识", "打听", "检查", "锻炼", "练习",
    "交流", "体验", "体会", "感受", "准备", "整理", "打扫", "收拾", "活动", "放松", "调整", "介绍",
    "参观", "尝试", "总结", "反思", "沟通", "探讨", "切磋", "请教", "比较", "关心", "照顾", "帮助",
    "教育", "表现", "观察", "思考", "琢磨", "熟悉", "适应", "试验", "娱乐", "庆祝", "热闹", "高兴",
    "轻松", "凉快", "暖和", "痛快", "享受", "指点", "指导", "点评", "品尝", "品味", "欣赏", "鉴赏",
    "意思", "打扮", "合计", "核实", "核对", "推敲", "回忆", "回味", "评论", "评价", "宣传", "算计",
    "清醒", "冷静", "走动", "修改", "鼓励", "安慰", "劝说", "模仿", "展示", "分享", "非常", "许多",
    "很多", "特别", "好多", "无数", "永远", "加油", "真的", "好的", "是的", "不要", "快点", "再见",
    "你好", "欢迎", "来了", "到了", "彼此", "哪里", "大家", "多少", "慢慢", "切实",
];

/// With one of these after it, the second word may be the beginning of a longer one: 学生 + 学生会.
const TAILS: &str = "会部厅局处科室所院员者家生站性型长议组赛馆社路";

const SOUNDS: &str = "哈呵嘻嘿啦哗咚嗒叮当滴答唰嗖呼噜轰隆咔嚓咕吱喳呀";

const KNOWN: u8 = 1;

static CLASSES: LazyLock<Classes> = LazyLock::new(|| {
    let words: String = SMALL.iter().map(|small| small.word).collect();
    Classes::new(&[(KNOWN, &words)])
});

pub(super) fn line(line: &Line, findings: &mut Vec<Finding>) {
    let chars = &line.chars;
    let classes = &*CLASSES;
    let mut told = 0;
    for at in 1..chars.len() {
        let character = chars[at];
        if character == chars[at - 1] {
            if classes.of(character) & KNOWN != 0 && at > told && twice(line, at) {
                findings.push(found(line, at - 1..at + 1, character.to_string()));
                told = at + 1;
            }
            continue;
        }
        if at < 3 || at - 3 < told {
            continue;
        }
        let width = if character == chars[at - 2] && chars[at - 1] == chars[at - 3] {
            2
        } else if at >= 5
            && character == chars[at - 3]
            && chars[at - 1] == chars[at - 4]
            && chars[at - 2] == chars[at - 5]
        {
            3
        } else {
            continue;
        };
        let start = at + 1 - 2 * width;
        if start >= told && word_twice(line, start, width) {
            let word = line.string(start..start + width);
            findings.push(found(line, start..at + 1, word));
            told = at + 1;
        }
    }
}

fn found(line: &Line, range: std::ops::Range<usize>, once: String) -> Finding {
    slip(
        Severity::Warning,
        "proofreading.doubled",
        line.bytes(range),
        format!("“{once}”可能重复了"),
    )
    .suggest(once)
}

/// The second of two equal small words stands there.
fn twice(line: &Line, at: usize) -> bool {
    let word = line.chars[at];
    let (mut before, mut after) = (line.before(at, 2), line.get(at + 1));
    // Three times is right only if it is right on both sides: 实实在 + 在 + 在岗.
    let thrice = after == word;
    if thrice {
        after = line.get(at + 2);
    }
    if before == word {
        before = line.before(at, 3);
    }
    SMALL
        .iter()
        .filter(|small| small.word == word)
        .all(|small| {
            let ends = small.ends.contains(before);
            let begins = small.begins.contains(after);
            if thrice {
                !(ends && begins)
            } else {
                !(ends || begins)
            }
        })
}

fn word_twice(line: &Line, start: usize, width: usize) -> bool {
    let word = &line.chars[start..start + width];
    let after = line.get(start + 2 * width);
    word.iter()
        .all(|character| han(*character) && !SOUNDS.contains(*character))
        // 一步一步, 三个三个
        && numeral(word[0]).is_none()
        && !(han(after) && TAILS.contains(after))
        // 委员会委员会上
        && !(word[width - 1] == '会' && "上后前场费".contains(after) && after != '\0')
        && !(width == 2 && line.any(start, TWICE).is_some())
}
