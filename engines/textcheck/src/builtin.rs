//! The dictionary that this program brings: common miswritings, and nothing that an institution should decide.

use std::sync::Arc;

use crate::{
    dictionary::{Entry, EntryKind, Layer},
    finding::Severity,
};

const MISWRITINGS: &str = include_str!("../data/miswritings.txt");

/// The built-in layer: about 2,100 slips of the hand and of input methods, as warnings.
#[must_use]
pub fn miswritings() -> Layer {
    let category: Arc<str> = "错别字".into();
    let lines = MISWRITINGS.lines().filter(|line| !line.starts_with('#'));
    let entries = lines.filter_map(|line| {
        let entry = match line.strip_prefix('+') {
            Some(word) => Entry::new(EntryKind::Allow, word),
            None => {
                let (wrong, right) = line.split_once(' ')?;
                Entry::wrong(wrong, right)
            }
        };
        Some(Entry {
            category: Some(Arc::clone(&category)),
            severity: Severity::Warning,
            ..entry
        })
    });
    Layer::new("内置", entries.collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chrono::NaiveDate;

    use super::{MISWRITINGS, miswritings};
    use crate::{Checker, Context, EntryKind, Text, words::folded};

    #[test]
    fn every_line_is_a_pair_of_words_or_a_word_that_is_allowed() {
        let mut wrong = HashSet::new();
        for line in MISWRITINGS.lines().filter(|line| !line.starts_with('#')) {
            let chinese = |word: &str| word.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            if let Some(word) = line.strip_prefix('+') {
                assert!(chinese(word) && word.chars().count() > 2, "{line}");
                continue;
            }
            let words: Vec<_> = line.split(' ').collect();
            assert_eq!(words.len(), 2, "{line}");
            assert!(words.iter().all(|word| chinese(word)), "{line}");
            assert!(
                words
                    .iter()
                    .all(|word| (2..=8).contains(&word.chars().count())),
                "{line}"
            );
            assert_ne!(folded(words[0]), folded(words[1]), "{line}");
            assert_eq!(words[0], folded(words[0]), "{line}");
            assert!(wrong.insert(words[0]), "twice: {line}");
        }
        assert!(wrong.len() >= 800, "{}", wrong.len());
        let entries = miswritings().entries;
        let pairs = entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::Wrong);
        assert_eq!(pairs.count(), wrong.len());
    }

    #[test]
    fn nothing_in_it_is_political() {
        let terms = [
            "党",
            "政府",
            "国务院",
            "主席",
            "总书记",
            "总理",
            "主义",
            "改革",
            "人民",
            "国家",
            "台湾",
            "香港",
            "澳门",
            "西藏",
            "新疆",
            "宗教",
            "民主",
            "选举",
            "革命",
            "领袖",
            "中央",
            "人大",
            "政协",
            "共产",
            "共和",
            "统一战线",
        ];
        for line in MISWRITINGS.lines().filter(|line| !line.starts_with('#')) {
            assert!(!terms.iter().any(|term| line.contains(term)), "{line}");
        }
    }

    #[test]
    fn wrong_words_are_hits_and_right_words_are_none() {
        let layer = miswritings();
        let checker = Checker::builder().layer(layer.clone()).build().unwrap();
        let context = Context::on(NaiveDate::from_ymd_opt(2026, 3, 1).unwrap());
        for entry in &layer.entries {
            if let Some(right) = entry.right.first() {
                let found = checker.check(&Text::plain(&entry.word), &context);
                assert!(
                    found
                        .iter()
                        .any(|finding| finding.suggestions.contains(right)
                            || finding.bytes.len() < entry.word.len()
                            || finding.bytes == (0..entry.word.len())),
                    "{}",
                    entry.word
                );
                let found = checker.check(&Text::plain(right), &context);
                assert!(found.is_empty(), "{right}: {found:?}");
            } else {
                let found = checker.check(&Text::plain(&entry.word), &context);
                assert!(found.is_empty(), "{}: {found:?}", entry.word);
            }
        }
    }

    /// Right prose in which wrong words stand by chance, across the borders of words.
    #[test]
    fn chance_neighbours_are_no_hits() {
        let checker = Checker::builder().layer(miswritings()).build().unwrap();
        let context = Context::on(NaiveDate::from_ymd_opt(2026, 3, 1).unwrap());
        for prose in [
            "他自己经历了这一切，也是专家俱乐部的成员。",
            "学校已发布署名文章，并补充份额不足的部分。",
            "志愿者搬运并转帐篷二十顶。",
            "制定单位名单，研究竞赛规则，习惯穿校服。",
            "校园满意度调查显示，通知职工按时参加。",
            "点缀学校环境的人，究竟赛出了什么水平。",
            "化学反应情况记录表、过敏反应情况说明。",
            "交通迅速恢复，资讯速递促消费，面对严峻工作任务，点按排序按钮。",
            "恢复盖章业务，请贴在准考证卷面，激发韧性，金融恰逢机遇。",
            "深入学习贯彻精神，严厉经济处罚，近来厉行节约，选拔打造强基计划拔尖人才。",
            "集团园区排查漏洞查找问题，荷兰球队与乌兰球员直接恰当配合，我院监察询问，讲座班开班。",
            "一座标志性建筑两侧试点修复盖顶，社保双重覆盖、健康覆盖率提升，上海拨付款项，店铺导购。",
            "检查院内环境，果蔬通关，以连贯输出推进渡口改造，这究竟技术难在哪里，明显漏水处已修。",
        ] {
            let found = checker.check(&Text::plain(prose), &context);
            assert!(found.is_empty(), "{prose}: {found:?}");
        }
    }
}
