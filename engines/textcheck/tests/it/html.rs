//! HTML: what shows, in which blocks, and the way back.

use zhendi_textcheck::{BlockKind, Entry, Text};

use crate::{checker, context};

fn lines(html: &str) -> Vec<String> {
    let text = Text::html(html);
    text.blocks()
        .iter()
        .map(|block| text.block(block).to_owned())
        .collect()
}

#[test]
fn what_a_browser_shows() {
    for (html, shown) in [
        ("", vec![]),
        ("一段", vec!["一段"]),
        ("<p>一</p><p>二</p>", vec!["一", "二"]),
        ("<p>一<br>二<br/>三</p>", vec!["一", "二", "三"]),
        ("<p>红<b>色</b>校<i>史</i></p>", vec!["红色校史"]),
        ("<p>  a \n  b  </p>\n\n<p> c </p>", vec!["a b", "c"]),
        ("<p>a <b> b</b> c</p>", vec!["a b c"]),
        (
            "<p>1 &lt; 2 &amp;&#20013;&#x6587;&nbsp;x</p>",
            vec!["1 < 2 &中文\u{a0}x"],
        ),
        ("<p>a &unknown; b & c &lt</p>", vec!["a &unknown; b & c <"]),
        (
            "<p>一<script>var a = '<p>二</p>';</script>三</p>",
            vec!["一三"],
        ),
        ("<style>p{}</style><p>一</p><SCRIPT>x</SCRIPT >", vec!["一"]),
        ("<p>一<!-- 二 <p>三</p> -->四</p>", vec!["一四"]),
        ("<p>一<!-->二</p>", vec!["一二"]),
        (
            "<!doctype html><html><head><title>题</title></head><body>文</body></html>",
            vec!["文"],
        ),
        ("<p title='a>b' data-x=\"</p>\">一</p>", vec!["一"]),
        ("<p a=b'>一</p>'", vec!["一", "'"]),
        ("<p>3 < 5 <= 6</p>", vec!["3 < 5 <= 6"]),
        ("<p>一</p", vec!["一"]),
        ("<p>一<", vec!["一<"]),
        ("一</", vec!["一</"]),
        ("一</ x>二", vec!["一二"]),
        ("<pre>a  b\nc\n\n d</pre>", vec!["a  b", "c", " d"]),
        (
            "<svg><text>x</text></svg>一<template><p>x</p></template>",
            vec!["一"],
        ),
        (
            "<div><div>一</div>二<div>三</div></div>",
            vec!["一", "二", "三"],
        ),
        ("a<wbr>b<img alt=x src='data:,<>'>c", vec!["abc"]),
        ("<?xml version='1.0'?>一<![CDATA[二]]>三", vec!["一三"]),
        ("<script>一", vec![]),
        ("<p>一</p>\u{feff}<p>二</p>", vec!["一", "\u{feff}", "二"]),
    ] {
        assert_eq!(lines(html), shown, "{html}");
    }
}

#[test]
fn blocks_say_what_they_are() {
    let html = "<h2>题</h2><p>文</p><ol><li>一<li>二<ul><li>甲</li></ul></li><li><p>三</p></li></ol><ul><li>乙</ul>\
        <table><tr><th>姓名<th>电话</tr><tr><td>李<br>明</td><td><p>1</p></td></table><p>尾</p>";
    let text = Text::html(html);
    let item = |list, number, ordered| BlockKind::Item {
        list,
        number,
        ordered,
    };
    let cell = |row, column, heading| BlockKind::Cell {
        table: 0,
        row,
        column,
        heading,
    };
    let blocks: Vec<_> = text
        .blocks()
        .iter()
        .map(|block| (text.block(block), block.kind))
        .collect();
    assert_eq!(
        blocks,
        [
            ("题", BlockKind::Heading(2)),
            ("文", BlockKind::Paragraph),
            ("一", item(0, 0, true)),
            ("二", item(0, 1, true)),
            ("甲", item(1, 0, false)),
            ("三", item(0, 2, true)),
            ("乙", item(2, 0, false)),
            ("姓名", cell(0, 0, true)),
            ("电话", cell(0, 1, true)),
            ("李", cell(1, 0, false)),
            ("明", cell(1, 0, false)),
            ("1", cell(1, 1, false)),
            ("尾", BlockKind::Paragraph),
        ]
    );
}

#[test]
fn places_lead_back_into_the_source() {
    let checker = checker(vec![
        Entry::wrong("登陆网站", "登录网站"),
        Entry::wrong("<帐号>", "账号"),
    ]);
    for (html, stands) in [
        ("<p>请登陆网站</p>", "登陆网站"),
        ("<p>请登<b>陆网</b>站。</p>", "登<b>陆网</b>站"),
        ("<p>&ldquo;登&#38470;网站&rdquo;</p>", "登&#38470;网站"),
        ("<p>请&#30331;陆网&#31449;。</p>", "&#30331;陆网&#31449;"),
        ("<p>请登陆 \n 网站</p>", "登陆 \n 网站"),
        ("<p>请登陆<!-- 注 -->网站</p>", "登陆<!-- 注 -->网站"),
        ("<p>😀&lt;帐号&gt;</p>", "&lt;帐号&gt;"),
        ("<p>a\u{a0}<i>登</i>&nbsp;陆网站</p>", "登</i>&nbsp;陆网站"),
    ] {
        let findings = checker.check(&Text::html(html), &context());
        assert_eq!(findings.len(), 1, "{html}");
        let place = &findings[0].source;
        assert_eq!(&html[place.bytes.clone()], stands, "{html}");
        assert_eq!(
            html.chars()
                .skip(place.chars.start)
                .take(place.chars.len())
                .collect::<String>(),
            stands
        );
    }
}

#[test]
fn places_in_the_source_lead_to_what_a_reader_sees() {
    let html = "<p>甲&amp;<a href=\"/x\">乙  <b>丙</b></a><i></i>&nbsp;丁</p>";
    let text = Text::html(html);
    let seen = |stands: &str| {
        let at = html.find(stands).expect("it stands there");
        &text.as_str()[text.to_plain(at..at + stands.len())]
    };
    assert_eq!(seen("乙  <b>丙</b>"), "乙 丙");
    assert_eq!(seen("甲&amp;<a"), "甲&");
    assert_eq!(seen("&amp;"), "&");
    assert_eq!(seen("<b>丙"), "丙");
    assert_eq!(seen("丁"), "丁");
    assert_eq!(seen("<i></i>"), "");
    assert_eq!(seen(html), text.as_str());
    let plain = Text::plain("甲乙");
    assert_eq!(plain.to_plain(3..6), 3..6);
}
