//! HTML becomes blocks of signs.

use crate::deciding::document::{Block, Document, Kind, Sign, Style};
use proptest::prelude::*;

fn kinds(document: &Document) -> Vec<Kind> {
    document
        .blocks
        .iter()
        .flat_map(Block::words)
        .map(|words| words.kind)
        .collect()
}

#[test]
fn blocks_are_read_with_their_kind() {
    let document = Document::read(
        "<h2>招生简章</h2><p>今年  计划\n招生<strong>3000</strong>人。</p><ol start=\"3\"><li>报名</li><li><p>考试</p>\
         <ul><li>笔试</li></ul></li></ol><blockquote><p>原文</p></blockquote><hr>\
         <figure><img src=\"/files/a.png\" alt=\"校门\"><figcaption>图一</figcaption></figure>",
    );
    assert_eq!(
        document.text(),
        "招生简章\n今年 计划 招生3000人。\n报名\n考试\n笔试\n原文\n\n\u{FFFC}\n图一"
    );
    assert_eq!(
        kinds(&document),
        [
            Kind::Heading(2),
            Kind::Paragraph,
            Kind::Item {
                depth: 1,
                number: Some(3)
            },
            Kind::Item {
                depth: 1,
                number: Some(4)
            },
            Kind::Item {
                depth: 2,
                number: None
            },
            Kind::Quote,
            Kind::Rule,
            Kind::Paragraph,
            Kind::Caption,
        ]
    );
    assert_eq!(document.media[0].alt, "校门");
    let bold = Style {
        bold: true,
        ..Style::default()
    };
    assert!(document.styles.contains(&bold));
}

#[test]
fn a_table_keeps_its_rows_and_what_is_in_its_cells() {
    let document = Document::read(
        "<table><tbody><tr><th>专业</th><th>人数</th></tr><tr><td colspan=\"2\"><p>软件</p><p>网络</p></td></tr></tbody></table><p>完</p>",
    );
    let [Block::Table(rows), Block::Words(_)] = document.blocks.as_slice() else {
        panic!("{:?}", document.blocks);
    };
    assert_eq!(rows.len(), 2);
    assert_eq!(
        rows[0].cells[0].kind,
        Kind::Cell {
            heading: true,
            columns: 1,
            rows: 1
        }
    );
    assert_eq!(
        rows[1].cells[0].kind,
        Kind::Cell {
            heading: false,
            columns: 2,
            rows: 1
        }
    );
    assert_eq!(document.text(), "专业\n人数\n软件\n网络\n完");
}

#[test]
fn nothing_of_scripts_is_read_and_entities_are_signs() {
    let document = Document::read(
        "<p>a&lt;b&amp;&#x4E2D;&nbsp;</p><script>alert('</p>')</SCRIPT ><style>p{}</style><!-- x --><p>尾</p>",
    );
    assert_eq!(document.text(), "a<b&中\u{A0}\n尾");
}

#[test]
fn places_in_the_html_are_places_in_the_text() {
    let html = "<p>一二<b>三</b>四</p><p>五&amp;六</p>";
    let document = Document::read(html);
    let at = html.find("三").unwrap();
    let range = document.signs_at(&(at..at + 3)).unwrap();
    assert_eq!(range, 2..3);
    assert_eq!(document.quote(&range), "三");
    let at = html.find("&amp;").unwrap();
    assert_eq!(
        document.quote(&document.signs_at(&(at..at + 5)).unwrap()),
        "&"
    );
    assert_eq!(document.find(&(0..1), "六"), Some(7..8));
    assert_eq!(document.find(&(0..1), "七"), None);
    // Places that a form made up are none.
    for (from, to) in [(3, 1), (900, 2), (0, usize::MAX), (usize::MAX, 0)] {
        let quote = document.quote(&std::ops::Range {
            start: from,
            end: to,
        });
        assert!(quote.is_empty() || from == 0, "{quote}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_is_read(html in "(<(p|/p|li|ul|/ul|td|tr|table|/table|b|/b|a href=x|img src='y'|!--|script|/script|pre)>?|[ab中&;<>\"' \n/=]){0,60}") {
        let document = Document::read(&html);
        let mut at = 0;
        for words in document.blocks.iter().flat_map(Block::words) {
            prop_assert_eq!(words.start, at);
            at += words.glyphs.len() + 1;
            for glyph in &words.glyphs {
                prop_assert!(html.get(glyph.html.0..glyph.html.1).is_some());
                prop_assert!(glyph.style < document.styles.len());
                if let Sign::Medium(number) = glyph.sign {
                    prop_assert!(number < document.media.len());
                }
            }
        }
        let count = document.text().chars().count();
        prop_assert_eq!(count, at.saturating_sub(1));
    }
}
