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
