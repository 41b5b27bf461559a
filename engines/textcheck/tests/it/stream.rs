//! Streams: the same findings as in a whole, however it is cut.

use std::io::{self, Cursor, ErrorKind, Read};

use zhendi_textcheck::{Checker, Entry, Finding, Format, Text};

use crate::{checker, context};

fn dictionary() -> Checker {
    checker(vec![
        Entry::wrong("帐号", "账号"),
        Entry::wrong("登陆网站", "登录网站"),
    ])
}

/// More than a few pieces of text.
fn long() -> String {
    let mut text = String::new();
    for line in 0..80_000 {
        text.push_str(&format!(
            "第{line}行，请登陆网站，管理帐\u{3000}号与文字😀。\n"
        ));
    }
    assert!(text.len() > 4 << 20);
    text
}

fn stream(text: impl Read, format: Format) -> io::Result<Vec<Finding>> {
    let mut all = Vec::new();
    dictionary().check_stream(text, format, &context(), |finding| all.push(finding))?;
    Ok(all)
}

#[test]
fn plain_text_in_pieces_is_plain_text_in_one() {
    let text = long();
    let whole = dictionary().check(&Text::plain(&text), &context());
    assert_eq!(whole.len(), 160_000);
    assert_eq!(stream(Cursor::new(&text), Format::Plain).unwrap(), whole);
}

#[test]
fn html_in_pieces_is_html_in_one() {
    let mut html = String::from("<table>");
    for (at, line) in long().lines().enumerate() {
        html.push_str(&format!("<tr><td title='{at}>'>{line}<!-- 帐号 --></td><td>&lt;帐&#21495;<script>'帐号'</script></td>"));
    }
    let whole = dictionary().check(&Text::html(&html), &context());
    assert_eq!(whole.len(), 240_000);
    assert_eq!(stream(Cursor::new(&html), Format::Html).unwrap(), whole);
}

#[test]
fn a_line_without_an_end_is_cut_behind_a_sentence() {
    let text = long().replace('\n', "");
    let findings = stream(Cursor::new(&text), Format::Plain).unwrap();
    assert_eq!(findings.len(), 160_000);
    let last = findings.last().unwrap();
    assert_eq!(&text[last.bytes.clone()], "帐\u{3000}号");
}

#[test]
fn a_comment_without_an_end_takes_no_memory_and_hides_all() {
    let endless = io::repeat(b'x').take(32 << 20);
    let html = Cursor::new("<p>帐号</p><!--").chain(endless);
    assert_eq!(stream(html, Format::Html).unwrap().len(), 1);
}

#[test]
fn what_is_not_utf8_is_said() {
    let error = stream(Cursor::new(b"\xd5\xca\xba\xc5"), Format::Plain).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    // Half a character at the end.
    let error = stream(
        Cursor::new("帐号".as_bytes().split_last().unwrap().1),
        Format::Html,
    )
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
}

#[test]
fn an_empty_stream_has_no_findings() {
    assert!(stream(io::empty(), Format::Plain).unwrap().is_empty());
    assert!(stream(io::empty(), Format::Html).unwrap().is_empty());
}
