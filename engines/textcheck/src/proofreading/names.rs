//! One thing under two names in the same text: persons, institutions, titles of documents, words with two spellings.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use super::slip;
use crate::{
    finding::{Finding, Severity},
    scan::{Classes, Line, han, numeral},
};

/// Titles that stand after a person's name.
const TITLES: &[&str] = &[
    "副教授",
    "教授",
    "书记",
    "院长",
    "校长",
    "处长",
    "部长",
    "主任",
    "老师",
    "同学",
    "同志",
    "博士",
    "研究员",
    "院士",
    "馆长",
    "科长",
    "秘书长",
    "主席",
    "会长",
    "团长",
    "董事",
    "讲师",
    "医师",
];

const SURNAMES: &str = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于傅皮卞齐康伍余元卜顾孟平黄穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉钮龚程嵇邢裴陆荣翁荀羊甄曲家封芮储靳段富巫焦巴牧山谷车侯宓蓬全班仰秋仲伊宫宁仇栾甘厉戎祖武符刘景詹束龙叶幸司韶黎薄印宿白怀蒲卓蔺屠蒙池乔阴胥苍闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍桑桂濮牛寿通边扈燕冀浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧沃利蔚越夔隆师巩聂晁勾敖融冷訾辛阚那简饶空曾沙养鞠须丰巢关蒯相查荆红游竺权盖益桓公岳覃辜邸肖涂";

const SURNAME: u8 = 1;

static CLASSES: LazyLock<Classes> = LazyLock::new(|| Classes::new(&[(SURNAME, SURNAMES)]));

/// Characters of names that sound or look alike.
const ALIKE: &[&str] = &[
    "晓小筱肖",
    "明铭鸣",
    "伟玮炜卫苇",
    "军君俊钧均骏",
    "红宏洪鸿虹弘",
    "丽莉俐立力利",
    "建健剑",
    "华桦骅",
    "文雯纹",
    "志智致治至",
    "杰洁捷",
    "辉晖徽惠慧",
    "英瑛颖莹",
    "平萍苹",
    "琳霖林麟",
    "佳嘉加家",
    "玉钰瑜宇羽雨语",
    "静靖婧敬",
    "芳方舫",
    "涛韬滔",
    "勇永咏泳",
    "新欣鑫心馨昕",
    "东冬栋",
    "梅枚玫霉",
    "娟涓鹃",
    "燕艳雁彦",
    "兰岚澜",
    "峰锋丰风枫烽",
    "飞菲斐",
    "鹏朋",
    "浩皓昊",
    "子梓紫",
    "轩萱宣",
    "涵函晗",
    "怡宜仪",
    "彤桐童",
    "晨辰宸",
    "阳洋扬杨",
    "瑞睿锐",
    "成诚承程",
    "正政铮",
    "少绍",
    "庆清青卿",
    "云芸昀",
    "生胜升声",
    "斌彬宾",
    "国郭",
    "海",
    "长常",
    "树书",
    "淑舒",
    "秀绣",
    "春椿",
    "凯恺",
    "楠南男",
    "琪琦祺奇",
    "倩茜",
    "娜那",
    "刚钢",
    "亮量",
    "广光",
    "民敏闽",
    "荣容蓉",
    "胤印",
    "璐露路",
    "珊姗",
    "晶菁精",
    "雪学",
    "超朝",
    "维唯惟薇",
    "旭序",
    "德得",
    "义毅艺逸益",
    "田天恬",
    "已己巳",
    "末未",
    "鑫森",
];

/// Words that have one good spelling now: the good one first.
const SPELLINGS: &[(&str, &str)] = &[
    ("账号", "帐号"),
    ("账户", "帐户"),
    ("登录", "登陆"),
    ("其他", "其它"),
    ("身份", "身分"),
    ("部分", "部份"),
    ("想象", "想像"),
    ("图像", "图象"),
    ("坐落", "座落"),
    ("唯一", "惟一"),
];

const SUFFIXES: &[&str] = &[
    "学院",
    "研究院",
    "研究所",
    "中心",
    "委员会",
    "实验室",
    "研究会",
];

/// The characters before the last and the last ones of titles, of institutions and of words with two spellings: where
/// two of them do not meet, nothing of this module is to be found.
pub(super) fn tails() -> [String; 2] {
    let spellings = SPELLINGS.iter().flat_map(|(good, other)| [*good, *other]);
    let words: Vec<&str> = TITLES
        .iter()
        .chain(SUFFIXES)
        .copied()
        .chain(spellings)
        .collect();
    [1, 0].map(|back| {
        let characters = words.iter().filter_map(|word| word.chars().rev().nth(back));
        characters.collect()
    })
}

/// More different names than this in one text are not compared.
const KEPT: usize = 200;

struct Seen {
    places: Vec<Range<usize>>,
}

/// Names of a text so far.
#[derive(Default)]
pub(super) struct Names {
    /// A word that is looked up, kept for its room.
    word: String,
    persons: Order,
    titles: Order,
    joined: Order,
    tails: Order,
    spellings: [[Vec<Range<usize>>; 2]; SPELLINGS.len()],
}

/// Names in the order in which they came.
#[derive(Default)]
struct Order {
    index: HashMap<String, usize>,
    seen: Vec<(String, Seen)>,
}

impl Order {
    fn add(&mut self, name: &str, bytes: Range<usize>) {
        match self.index.get(name) {
            Some(at) => {
                let seen = &mut self.seen[*at].1;
                // A few places are enough to say which name is the usual one.
                if seen.places.len() < KEPT {
                    seen.places.push(bytes);
                }
            }
            None if self.seen.len() < KEPT => {
                self.index.insert(name.to_owned(), self.seen.len());
                self.seen.push((
                    name.to_owned(),
                    Seen {
                        places: vec![bytes],
                    },
                ));
            }
            None => {}
        }
    }
}

impl Names {
    /// `spots`: where names and words with two spellings may end.
    pub(super) fn line(&mut self, line: &Line, spots: &[u32]) {
        for at in spots.iter().map(|at| *at as usize) {
            match line.chars[at] {
                '》' => self.document(line, at),
                '院' | '所' | '心' | '会' | '室' => self.institution(line, at),
                '授' | '记' | '长' | '师' | '学' | '任' | '士' | '员' | '志' | '席' | '事' => {
                    self.person(line, at)
                }
                _ => self.spelling(line, at - 1),
            }
        }
    }

    fn person(&mut self, line: &Line, at: usize) {
        if self.persons.seen.len() >= KEPT {
            return;
        }
        let Some(title) = TITLES.iter().find(|title| line.ends(at + 1, &[title])) else {
            return;
        };
        let mut end = at + 1 - title.chars().count();
        end -= usize::from(line.before(end, 1) == '副' && end > 0);
        for length in [3, 2] {
            let Some(start) = end.checked_sub(length) else {
                continue;
            };
            let name = &line.chars[start..end];
            if CLASSES.of(name[0]) & SURNAME != 0
                && name.iter().all(|c| han(*c))
                && !name[1..]
                    .iter()
                    .any(|c| "的和与及等为是在由对学院校系部处位名".contains(*c))
            {
                let bytes = line.bytes(start..end);
                self.persons
                    .add(line.words(start..end, &mut self.word), bytes);
                return;
            }
        }
    }

    fn document(&mut self, line: &Line, close: usize) {
        let open = (close.saturating_sub(60)..close)
            .rev()
            .find(|at| line.chars[*at] == '《');
        if let Some(open) = open.filter(|open| close - open > 6) {
            let bytes = line.bytes(open..close + 1);
            self.titles
                .add(line.words(open + 1..close, &mut self.word), bytes);
        }
    }

    fn spelling(&mut self, line: &Line, at: usize) {
        for (pair, (good, other)) in SPELLINGS.iter().enumerate() {
            for (which, word) in [good, other].into_iter().enumerate() {
                let places = &mut self.spellings[pair][which];
                if line.has(at, word)
                    && places.len() < KEPT
                    && !(*word == "部份" && line.before(at, 1) == '全')
                    && !(*word == "登陆"
                        && line.within(
                            at.saturating_sub(10)..(at + 6).min(line.len()),
                            &["台风", "抢滩", "沿海", "风暴", "月球", "火星"],
                        ))
                {
                    places.push(line.bytes(at..at + 2));
                }
            }
        }
    }

    /// 信息科学与技术学院: kept by what stands around 与, and other institutions by their last characters.
    fn institution(&mut self, line: &Line, at: usize) {
        let Some(suffix) = SUFFIXES.iter().find(|suffix| line.ends(at + 1, &[suffix])) else {
            return;
        };
        let body = at + 1 - suffix.chars().count();
        let start = (body.saturating_sub(14)..body)
            .rev()
            .find(|at| !han(line.chars[*at]))
            .map_or(body.saturating_sub(14), |at| at + 1);
        let link = (start..body)
            .rev()
            .find(|at| matches!(line.chars[*at], '与' | '和' | '及'));
        match link {
            Some(link) if link >= start + 2 && body >= link + 3 => {
                let name = line.words(link - 2..at + 1, &mut self.word);
                self.joined.add(name, line.bytes(link - 2..at + 1));
            }
            None if body >= start + 4 => {
                let name = line.words(start..at + 1, &mut self.word);
                self.tails.add(name, line.bytes(start..at + 1));
            }
            _ => {}
        }
    }

    pub(super) fn end(self, findings: &mut Vec<Finding>) {
        let persons = &self.persons.seen;
        for (later, (second, two)) in persons.iter().enumerate() {
            for (first, one) in &persons[..later] {
                if alike(first, second) && !together(one, two) {
                    report(first, one, second, two, findings);
                }
            }
        }
        let titles = &self.titles.seen;
        for (later, (second, two)) in titles.iter().enumerate() {
            for (first, one) in &titles[..later] {
                if nearly(first, second) {
                    report(first, one, second, two, findings);
                }
            }
        }
        self.institutions(findings);
        for ((good, other), [right, wrong]) in SPELLINGS.iter().zip(self.spellings) {
            if right.is_empty() {
                continue;
            }
            for bytes in wrong {
                findings.push(inconsistent(bytes, other, good));
            }
        }
    }

    fn institutions(&self, findings: &mut Vec<Finding>) {
        let bare = |name: &str| name.replace(['与', '和', '及'], "");
        let joined = &self.joined.seen;
        let bares: Vec<String> = joined.iter().map(|(name, _)| bare(name)).collect();
        for (later, (second, two)) in joined.iter().enumerate() {
            let without = &bares[later];
            for (at, (first, one)) in joined[..later].iter().enumerate() {
                if bares[at] == *without {
                    report(first, one, second, two, findings);
                }
            }
            for (name, seen) in &self.tails.seen {
                if name.ends_with(without.as_str()) {
                    report(second, two, without, seen, findings);
                }
            }
        }
    }
}

/// Two persons who are named next to each other are two persons.
fn together(one: &Seen, two: &Seen) -> bool {
    one.places[0].start.abs_diff(two.places[0].start) <= 60 && one.places.len() == two.places.len()
}

/// The rarer of two names is the slip; of equals the later.
fn report(first: &str, one: &Seen, second: &str, two: &Seen, findings: &mut Vec<Finding>) {
    let first_usual = one.places.len() > two.places.len()
        || one.places.len() == two.places.len() && one.places[0].start <= two.places[0].start;
    let (usual, name, seen) = if first_usual {
        (first, second, two)
    } else {
        (second, first, one)
    };
    for bytes in &seen.places {
        findings.push(inconsistent(bytes.clone(), name, usual));
    }
}

fn inconsistent(bytes: Range<usize>, name: &str, usual: &str) -> Finding {
    slip(
        Severity::Warning,
        "proofreading.name",
        bytes,
        format!("“{name}”与文中的“{usual}”不一致"),
    )
    .suggest(usual)
}

/// Names of the same length that differ in one character that sounds or looks alike.
fn alike(first: &str, second: &str) -> bool {
    difference(first, second).is_some_and(|(at, a, b)| {
        at > 0
            && ALIKE
                .iter()
                .any(|group| group.contains(a) && group.contains(b))
    })
}

/// Titles that differ in one character that does not count or oppose.
fn nearly(first: &str, second: &str) -> bool {
    const APART: &str = "上中下前后左右东西南北甲乙丙丁新旧大小老内外男女春夏秋冬初高本专硕博正副总分期季月年校院系省市县区国级";
    difference(first, second).is_some_and(|(_, a, b)| {
        let counts = |c: char| numeral(c).is_some() || c.is_ascii_alphanumeric() || c == '十';
        !(counts(a) || counts(b) || APART.contains(a) && APART.contains(b))
    })
}

/// Where and how two strings of the same length differ, if only in one character.
fn difference(first: &str, second: &str) -> Option<(usize, char, char)> {
    if first.len() != second.len() {
        return None;
    }
    let mut found = None;
    for (at, (a, b)) in first.chars().zip(second.chars()).enumerate() {
        if a != b {
            if found.is_some() {
                return None;
            }
            found = Some((at, a, b));
        }
    }
    found
}
