//! Differences tell the truth, all of it, in words that a reader would mark.

use super::truth::check;
use crate::deciding::{
    difference::{Change, Fate, Inside, RowChange, Span, amount},
    document::{Block, Document, Glyph},
};
use proptest::prelude::*;

fn of(old: &str, new: &str) -> (Document, Document, Vec<Change>) {
    let (old, new) = (Document::read(old), Document::read(new));
    let changes = check(&old, &new);
    (old, new, changes)
}

/// The words that are marked in a changed block: what went, what came.
fn marked(old: &Document, new: &Document, changes: &[Change]) -> (Vec<String>, Vec<String>) {
    let (mut gone, mut came) = (vec![], vec![]);
    for change in changes {
        let (Change::Changed {
            old: x,
            new: y,
            inside: Inside::Words(spans),
        }
        | Change::MovedHere {
            old: x,
            new: y,
            inside: Inside::Words(spans),
            ..
        }) = change
        else {
            continue;
        };
        let (Block::Words(a), Block::Words(b)) = (&old.blocks[*x], &new.blocks[*y]) else {
            panic!("words")
        };
        for span in spans {
            let text = |document: &Document, glyphs: &[Glyph]| -> String {
                glyphs.iter().map(|glyph| document.char(glyph)).collect()
            };
            match span.fate {
                Fate::Old => gone.push(text(old, &a.glyphs[span.old.clone()])),
                Fate::New => came.push(text(new, &b.glyphs[span.new.clone()])),
                _ => {}
            }
        }
    }
    (gone, came)
}

#[test]
fn chinese_is_marked_by_characters_and_numbers_as_wholes() {
    let (old, new, changes) = of(
        "<p>校党委于11月20日召开会议，研究5000名新生的报到工作。</p>",
        "<p>学校党委于11月21日召开会议，研究50000名新生的报到工作。</p>",
    );
    let (gone, came) = marked(&old, &new, &changes);
    assert_eq!(gone, ["20", "5000"]);
    assert_eq!(came, ["学", "21", "50000"]);
}

#[test]
fn chance_islands_do_not_tear_a_new_sentence_apart() {
    let (old, new, changes) = of(
        "<p>会议强调，要认真落实意识形态工作责任制，管好各类网络阵地。</p>",
        "<p>会议强调，要严格执行三级审核制度，管好各类网络阵地。</p>",
    );
    let (gone, came) = marked(&old, &new, &changes);
    assert!(gone.len() <= 2 && came.len() <= 2, "{gone:?} {came:?}");
}

#[test]
fn a_moved_paragraph_is_said_to_have_moved_with_what_changed_in_it() {
    let (old, new, changes) = of(
        "<p>第一段讲学校概况与历史沿革。</p><p>第二段讲招生计划与收费标准。</p><p>第三段讲联系方式和乘车路线。</p>",
        "<p>第二段讲招生计划与收费标准。</p><p>第三段讲联系方式和乘车路线。</p><p>第一段讲学校概况与历史变迁。</p>",
    );
    assert!(
        matches!(changes[0], Change::MovedAway { old: 0, number: 1 }),
        "{changes:?}"
    );
    assert!(
        matches!(
            changes[3],
            Change::MovedHere {
                old: 0,
                new: 2,
                number: 1,
                ..
            }
        ),
        "{changes:?}"
    );
    let (gone, came) = marked(&old, &new, &changes);
    assert_eq!(
        (gone, came),
        (vec!["沿革".to_owned()], vec!["变迁".to_owned()])
    );
}

#[test]
fn a_link_that_leads_elsewhere_and_other_words_for_a_picture_are_marked() {
    let (_, _, changes) = of(
        "<p>详见<a href=\"https://a.example\">学校官网</a>。</p>",
        "<p>详见<a href=\"https://b.example\">学校官网</a>。</p>",
    );
    let [
        Change::Changed {
            inside: Inside::Words(spans),
            ..
        },
    ] = changes.as_slice()
    else {
        panic!("{changes:?}")
    };
    assert_eq!(
        spans[1],
        Span {
            fate: Fate::Reset,
            old: 2..6,
            new: 2..6
        }
    );
    let (_, _, changes) = of(
        "<p><img src=\"/f/1\" alt=\"校门\"></p>",
        "<p><img src=\"/f/1\" alt=\"图书馆\"></p>",
    );
    let [
        Change::Changed {
            inside: Inside::Words(spans),
            ..
        },
    ] = changes.as_slice()
    else {
        panic!("{changes:?}")
    };
    assert_eq!(spans[0].fate, Fate::Reset);
    let (_, _, changes) = of(
        "<p>前文若干字<img src=\"/f/1\"></p>",
        "<p>前文若干字<img src=\"/f/2\"></p>",
    );
    let [
        Change::Changed {
            inside: Inside::Words(spans),
            ..
        },
    ] = changes.as_slice()
    else {
        panic!("{changes:?}")
    };
    assert_eq!(
        spans.iter().map(|span| span.fate).collect::<Vec<_>>(),
        [Fate::Same, Fate::Old, Fate::New]
    );
}

#[test]
fn in_a_table_the_row_and_the_cell_are_found() {
    let head = "<tr><th>专业</th><th>人数</th></tr>";
    let (old, new, changes) = of(
        &format!(
            "<table>{head}<tr><td>软件技术</td><td>120</td></tr><tr><td>护理</td><td>80</td></tr></table>"
        ),
        &format!(
            "<table>{head}<tr><td>软件技术</td><td>150</td></tr><tr><td>机电一体化</td><td>60</td></tr><tr><td>护理</td><td>80</td></tr></table>"
        ),
    );
    let [
        Change::Changed {
            inside: Inside::Table(rows),
            ..
        },
    ] = changes.as_slice()
    else {
        panic!("{changes:?}")
    };
    assert!(matches!(rows[0], RowChange::Same { .. }));
    assert!(
        matches!(&rows[1], RowChange::Changed { old: 1, new: 1, .. }),
        "{rows:?}"
    );
    assert_eq!(rows[2], RowChange::New(2));
    assert_eq!(rows[3], RowChange::Same { old: 2, new: 3 });
    let amount = amount(&old, &new, &changes);
    assert_eq!((amount.added, amount.removed), (3 + 7, 3));
    let (_, _, changes) = of(
        "<table><tr><td>甲</td><td>乙</td></tr></table>",
        "<table><tr><td>甲</td><td>丙</td><td>乙</td></tr></table>",
    );
    assert!(
        format!("{changes:?}").contains("New(1)"),
        "a column came: {changes:?}"
    );
}

#[test]
fn what_only_looks_alike_is_not_the_same() {
    // The same words as a heading, as an item, in bold.
    for (old, new) in [
        ("<p>通知</p>", "<h2>通知</h2>"),
        ("<p>通知</p>", "<ul><li>通知</li></ul>"),
        ("<p>通知</p>", "<p><b>通知</b></p>"),
        (
            "<table><tr><td>通知</td></tr></table>",
            "<table><tr><th>通知</th></tr></table>",
        ),
        (
            "<ol><li>通知</li></ol>",
            "<ol start=\"2\"><li>通知</li></ol>",
        ),
        ("<p>通知</p>", "<p>通知</p><hr>"),
    ] {
        let (_, _, changes) = of(old, new);
        assert!(
            changes
                .iter()
                .any(|change| !matches!(change, Change::Same { .. })),
            "{old} {new}"
        );
    }
}

fn html() -> impl Strategy<Value = String> {
    let words = prop::collection::vec(
        prop::sample::select(vec![
            "会议",
            "通知",
            "学校",
            "，",
            "。",
            "2026",
            "年",
            "abc",
            " ",
            "<b>重要</b>",
            "<a href=\"/x\">链接</a>",
            "<a href=\"/y\">链接</a>",
            "<img src=\"/1\" alt=\"甲\">",
            "<img src=\"/1\" alt=\"乙\">",
            "<img src=\"/2\">",
            "党委宣传部召开意识形态工作会议",
            "<br>",
        ]),
        0..9,
    )
    .prop_map(|words| words.concat());
    let cell = words.clone().prop_map(|words| format!("<td>{words}</td>"));
    let row =
        prop::collection::vec(cell, 1..4).prop_map(|cells| format!("<tr>{}</tr>", cells.concat()));
    let table = prop::collection::vec(row, 1..4)
        .prop_map(|rows| format!("<table>{}</table>", rows.concat()));
    let block = prop_oneof![
        5 => words.clone().prop_map(|words| format!("<p>{words}</p>")),
        1 => words.clone().prop_map(|words| format!("<h2>{words}</h2>")),
        1 => words.prop_map(|words| format!("<ul><li>{words}</li></ul>")),
        1 => table,
    ];
    prop::collection::vec(block, 0..7).prop_map(|blocks| blocks.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn applying_gives_the_new_text_and_marks_never_lie(old in html(), new in html()) {
        check(&Document::read(&old), &Document::read(&new));
    }

    #[test]
    fn a_text_does_not_differ_from_itself(text in html()) {
        let document = Document::read(&text);
        prop_assert!(amount(&document, &document, &check(&document, &document)).is_none());
    }

    #[test]
    fn shuffled_blocks_are_told_truly(blocks in prop::collection::vec("[一二三四五六七八九十]{1,14}", 1..9), seed in any::<u64>()) {
        let old: String = blocks.iter().map(|block| format!("<p>{block}</p>")).collect();
        let mut order = blocks;
        let len = order.len();
        for at in 0..len {
            order.swap(at, (seed >> at) as usize % len);
        }
        let new: String = order.iter().map(|block| format!("<p>{block}</p>")).collect();
        check(&Document::read(&old), &Document::read(&new));
    }
}

/// Chinese-looking text without meaning: the same for the same number.
fn prose(paragraphs: usize, length: usize, mut seed: u64) -> Vec<String> {
    let mut next = move || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as u32
    };
    (0..paragraphs)
        .map(|_| {
            (0..length)
                .filter_map(|_| char::from_u32(0x4E00 + next() % 800))
                .collect()
        })
        .collect()
}

/// The bound itself is measured in release (`make bench`); here only that no input makes it run away.
#[test]
fn long_texts_that_have_little_in_common_are_compared_soon() {
    let started = std::time::Instant::now();
    let page = |paragraphs: &[String]| -> String {
        paragraphs.iter().map(|p| format!("<p>{p}</p>")).collect()
    };
    for (old, new) in [
        (prose(1, 20_000, 1), prose(1, 20_000, 2)),
        (prose(100, 200, 1), prose(100, 200, 2)),
        (prose(2_000, 10, 1), prose(2_000, 10, 2)),
    ] {
        check(&Document::read(&page(&old)), &Document::read(&page(&new)));
    }
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
