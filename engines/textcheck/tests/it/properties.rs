//! What holds for every text.

use proptest::prelude::*;
use zhendi_textcheck::{Checker, Entry, EntryKind, Layer, Text};

use crate::{checker, context};

/// Few characters, so that words meet.
fn word() -> impl Strategy<Value = String> {
    proptest::collection::vec(prop_oneof!["甲", "乙", "丙", "丁"], 1..4)
        .prop_map(|parts| parts.concat())
}

/// Text of the same characters with much between them.
fn text() -> impl Strategy<Value = String> {
    let part =
        prop_oneof![8 => "[甲乙丙丁]", 1 => " |\u{3000}|\u{200b}", 1 => "。|，|\n", 1 => "\\PC"];
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

/// Things that HTML is made of, in any order.
fn html() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "<",
        ">",
        "</",
        "/>",
        "<p>",
        "</p>",
        "<li>",
        "<ol>",
        "</ol>",
        "<td>",
        "<tr>",
        "<table>",
        "</table>",
        "<br>",
        "<pre>",
        "</pre>",
        "<b class='x>'>",
        "</b>",
        "<script>",
        "</script>",
        "<!--",
        "-->",
        "<!",
        "&",
        "&amp;",
        "&#20013;",
        "&#x1F600;",
        "&nbsp;",
        "&bogus;",
        "\n",
        "  ",
        "甲乙",
        "帐号",
        "帐 号",
        "\"",
        "'",
        "=",
        "\\PC"
    ];
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

/// Where a word stands, by the simplest way: characters that count are compared one by one.
fn naive(text: &str, word: &str) -> Vec<(usize, usize)> {
    let counts = |c: &char| !matches!(c, ' ' | '\u{3000}' | '\u{200b}');
    let word: Vec<char> = word.chars().collect();
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let mut found = Vec::new();
    for (first, (start, _)) in characters
        .iter()
        .enumerate()
        .filter(|(_, (_, c))| counts(c))
    {
        let matched: Vec<_> = characters[first..]
            .iter()
            .filter(|(_, c)| counts(c))
            .take(word.len())
            .collect();
        if matched.iter().map(|(_, c)| *c).eq(word.iter().copied()) {
            let (at, last) = matched[matched.len() - 1];
            found.push((*start, at + last.len_utf8()));
        }
    }
    found
}

proptest! {
    #[test]
    fn one_word_is_found_wherever_it_stands(text in text(), word in word()) {
        // What else may be invisible is not the simplest way's business.
        prop_assume!(text.chars().all(|c| "甲乙丙丁 \u{3000}\u{200b}。，\n".contains(c)));
        let checker = checker(vec![Entry::wrong(&*word, "对")]);
        let found: Vec<_> = checker.check(&Text::plain(&text), &context()).into_iter()
            .map(|finding| (finding.bytes.start, finding.bytes.end)).collect();
        prop_assert_eq!(found, naive(&text, &word));
    }

    #[test]
    fn of_many_words_those_are_found_that_no_other_covers(
        text in text(),
        words in proptest::collection::btree_set(word(), 1..12),
        allowed in proptest::collection::btree_set(word(), 0..3),
    ) {
        prop_assume!(text.chars().all(|c| "甲乙丙丁 \u{3000}\u{200b}。，\n".contains(c)));
        let wrong: Vec<_> = words.difference(&allowed).collect();
        let entries = wrong.iter().map(|word| Entry::wrong(word.as_str(), "对"))
            .chain(allowed.iter().map(|word| Entry::new(EntryKind::Allow, word)));
        let checker = checker(entries.collect());
        let mut found: Vec<_> = checker.check(&Text::plain(&text), &context()).into_iter()
            .map(|finding| (finding.bytes.start, finding.bytes.end)).collect();
        found.sort_unstable();
        let all: Vec<_> = words.union(&allowed).flat_map(|word| naive(&text, word)).collect();
        let mut expected: Vec<_> = wrong.iter().flat_map(|word| naive(&text, word))
            .filter(|hit| !all.iter().any(|other| other != hit && other.0 <= hit.0 && hit.1 <= other.1))
            .collect();
        expected.sort_unstable();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn places_in_html_are_on_characters_and_in_order(source in html()) {
        let checker = checker(vec![Entry::wrong("帐号", "账号"), Entry::wrong("甲", "乙"), Entry::wrong("中", "忠")]);
        let text = Text::html(&source);
        for finding in checker.check(&text, &context()) {
            let plain = &text.as_str()[finding.bytes.clone()];
            let stands = &source[finding.source.bytes.clone()];
            prop_assert!(!stands.is_empty());
            prop_assert_eq!(plain.chars().count(), finding.chars.len());
            prop_assert_eq!(source[..finding.source.bytes.start].chars().count(), finding.source.chars.start);
            prop_assert_eq!(stands.chars().count(), finding.source.chars.len());
            // What stands there shows the same again.
            let again = Text::html(stands);
            let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(visible(again.as_str()), visible(plain));
            prop_assert_eq!(text.to_plain(finding.source.bytes.clone()), finding.bytes.clone());
        }
        let blocks = text.blocks();
        prop_assert!(blocks.windows(2).all(|two| two[0].bytes.end < two[1].bytes.start));
        prop_assert!(blocks.iter().all(|block| !text.block(block).trim().is_empty()));
    }

    #[test]
    fn text_that_needs_no_tags_is_the_same_in_html(text in "[甲乙丙丁。，]{0,40}") {
        let checker = Checker::builder().layer(Layer::new("本校", vec![Entry::wrong("甲乙", "乙甲")])).build().unwrap();
        let places = |text: Text<'_>| checker.check(&text, &context()).into_iter()
            .map(|finding| (finding.bytes, finding.chars, finding.source)).collect::<Vec<_>>();
        prop_assert_eq!(places(Text::html(&text)), places(Text::plain(&text)));
    }

    #[test]
    fn sentences_cover_what_can_be_seen(text in "[甲乙。！？；”）\n ]{0,40}") {
        let read = Text::plain(&text);
        let joined: String = read.sentences().map(|range| text[range].to_owned()).collect();
        let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        prop_assert_eq!(visible(&joined), visible(&text));
    }
}
