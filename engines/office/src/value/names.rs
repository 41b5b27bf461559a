//! Several people in one cell.

use super::tidy::tidy;

/// Splits a people cell into names: `刘洋、陈静`, `刘洋/陈静`, `刘洋 陈静`, one to a line.
///
/// `张 三` is one person, spaced out to the width of three characters: a space between two single Chinese characters
/// joins. Placeholders (`-`, 无, `XXX`) and repeated names are left out.
pub fn split_names(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in tidy(text).split(['、', '，', ',', '/', '／', ';', '；', '\n', '|', '\t']) {
        let words: Vec<&str> = part.split_whitespace().collect();
        let western = words.iter().any(|w| w.is_ascii());
        let single = |w: &str| w.chars().count() == 1;
        let mut at = 0;
        while at < words.len() {
            let name = if western {
                at = words.len();
                words.join(" ")
            } else if single(words[at]) && words.get(at + 1).is_some_and(|w| single(w)) {
                at += 2;
                format!("{}{}", words[at - 2], words[at - 1])
            } else {
                at += 1;
                words[at - 1].to_owned()
            };
            let name = tidy(&name).into_owned();
            let placeholder = matches!(name.as_str(), "" | "-" | "--" | "—" | "——" | "无")
                || name.chars().all(|c| matches!(c, 'x' | 'X' | '×' | 'Ｘ'));
            if !placeholder && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ways_people_list_names() {
        for (cell, names) in [
            ("刘洋", &["刘洋"][..]),
            ("刘洋、陈静", &["刘洋", "陈静"]),
            ("刘洋，陈静, 周涛;李明", &["刘洋", "陈静", "周涛", "李明"]),
            ("刘洋/陈静\n周涛", &["刘洋", "陈静", "周涛"]),
            ("刘洋 陈静", &["刘洋", "陈静"]),
            ("张 三\u{3000}李四", &["张三", "李四"]),
            ("张\u{3000}三、李 四", &["张三", "李四"]),
            ("欧阳娜娜 张三", &["欧阳娜娜", "张三"]),
            ("阿卜杜拉·买买提", &["阿卜杜拉·买买提"]),
            ("John Smith、刘洋", &["John Smith", "刘洋"]),
            ("刘洋、刘洋", &["刘洋"]),
            ("-", &[]),
            ("XXX", &[]),
            ("", &[]),
        ] {
            assert_eq!(split_names(cell), names, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn no_name_is_blank_or_holds_a_separator(text in r"[刘洋陈静 、，,/;\n\u{3000}x]{0,20}|\PC{0,30}") {
            for name in split_names(&text) {
                prop_assert_eq!(tidy(&name), name.as_str());
                prop_assert!(!name.is_empty() && !name.contains(['、', '，', ',', '/', ';', '\n']), "{:?}", name);
            }
        }
    }
}
