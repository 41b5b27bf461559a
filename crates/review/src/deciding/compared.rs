//! Differences as HTML: what came is `ins`, what went is `del`, and what moved says so.

use super::{
    difference::{self, CellChange, Change, Fate, Inside, RowChange, Span},
    document::{Block, Document, Glyph, Kind, Sign, Words},
    render::{Outline, cells, element, escaped, plain, signs, table},
};
use std::fmt::Write;

/// A part of a page of differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Changed(String),
    /// So many blocks that did not change, far from any change.
    Quiet(usize, String),
}

/// What both versions of a block's words have, marked.
fn spans(out: &mut String, old: (&Document, &Words), new: (&Document, &Words), spans: &[Span]) {
    for span in spans {
        let before = &old.1.glyphs[span.old.clone()];
        let after = &new.1.glyphs[span.new.clone()];
        match span.fate {
            Fate::Same => signs(out, new.0, after),
            Fate::Old => {
                out.push_str("<del>");
                signs(out, old.0, before);
                out.push_str("</del>");
            }
            Fate::New => {
                out.push_str("<ins>");
                signs(out, new.0, after);
                out.push_str("</ins>");
            }
            Fate::Reset => {
                out.push_str("<span class=\"reset\">");
                signs(out, new.0, after);
                _ = write!(
                    out,
                    "</span><span class=\"diff-say\">（{}）</span>",
                    reset((old.0, before), (new.0, after))
                );
            }
        }
    }
}

/// In words, what is set in another way.
fn reset((old, before): (&Document, &[Glyph]), (new, after): (&Document, &[Glyph])) -> String {
    let (Some(a), Some(b)) = (before.first(), after.first()) else {
        return String::new();
    };
    let link = |document: &Document, glyph: &Glyph| document.styles[glyph.style].link.clone();
    let (was, is) = (link(old, a), link(new, b));
    if was != is {
        return match (was, is) {
            (Some(was), Some(is)) => format!("链接由 {} 改为 {}", escaped(&was), escaped(&is)),
            (None, Some(is)) => format!("新加链接 {}", escaped(&is)),
            (Some(was), None) => format!("去掉链接 {}", escaped(&was)),
            (None, None) => String::new(),
        };
    }
    if let (Sign::Medium(x), Sign::Medium(y)) = (a.sign, b.sign)
        && old.media[x].alt != new.media[y].alt
    {
        return format!(
            "替代文字由“{}”改为“{}”",
            escaped(&old.media[x].alt),
            escaped(&new.media[y].alt)
        );
    }
    "字体格式有改动".into()
}

fn called(kind: Kind) -> &'static str {
    match kind {
        Kind::Paragraph => "段落",
        Kind::Heading(_) => "标题",
        Kind::Item { .. } => "列表项",
        Kind::Quote => "引用",
        Kind::Caption => "图片说明",
        Kind::Code => "代码",
        Kind::Rule => "分隔线",
        Kind::Cell { .. } => "单元格",
    }
}

fn inside(
    out: &mut String,
    (old, a): (&Document, &Block),
    (new, b): (&Document, &Block),
    what: &Inside,
    outline: &mut Outline,
) {
    match (a, b, what) {
        (Block::Words(x), Block::Words(y), Inside::Words(all)) => {
            if x.kind != y.kind {
                _ = write!(
                    out,
                    "<p class=\"diff-say\">由{}改为{}</p>",
                    called(x.kind),
                    called(y.kind)
                );
            }
            element(out, y.kind, outline, |out| {
                spans(out, (old, x), (new, y), all)
            });
        }
        (Block::Table(x), Block::Table(y), Inside::Table(rows)) => table(out, |out| {
            for row in rows {
                match row {
                    RowChange::Same { new: at, .. } => cells(out, new, &y[*at], "", ("", "")),
                    RowChange::Old(at) => {
                        cells(out, old, &x[*at], " class=\"row-old\"", ("<del>", "</del>"))
                    }
                    RowChange::New(at) => {
                        cells(out, new, &y[*at], " class=\"row-new\"", ("<ins>", "</ins>"))
                    }
                    RowChange::Changed {
                        old: i,
                        new: j,
                        cells,
                    } => {
                        out.push_str("<tr>");
                        for cell in cells {
                            self::cell(out, (old, &x[*i].cells), (new, &y[*j].cells), cell);
                        }
                        out.push_str("</tr>");
                    }
                }
            }
        }),
        _ => {}
    }
}

fn cell(
    out: &mut String,
    (old, a): (&Document, &[Words]),
    (new, b): (&Document, &[Words]),
    change: &CellChange,
) {
    let mut whole = |document: &Document, words: &Words, open: &str, close: &str| {
        element(out, words.kind, &mut Outline::default(), |out| {
            out.push_str(open);
            signs(out, document, &words.glyphs);
            out.push_str(close);
        });
    };
    match change {
        CellChange::Old(at) => whole(old, &a[*at], "<del>", "</del>"),
        CellChange::New(at) => whole(new, &b[*at], "<ins>", "</ins>"),
        CellChange::Both {
            old: x,
            new: y,
            spans: all,
        } => {
            element(out, b[*y].kind, &mut Outline::default(), |out| {
                spans(out, (old, &a[*x]), (new, &b[*y]), all);
                if a[*x].kind != b[*y].kind {
                    out.push_str("<span class=\"diff-say\">（单元格的合并或表头有改动）</span>");
                }
            });
        }
    }
}

/// Blocks far from any change stand together, so that they can be folded away.
const AROUND: usize = 1;

/// The differences between two documents.
pub fn differences(old: &Document, new: &Document, changes: &[Change]) -> Vec<Part> {
    let is_same = |at: usize| matches!(changes[at], Change::Same { .. });
    let is_quiet = |at: usize| {
        let around = at.saturating_sub(AROUND)..(at + AROUND + 1).min(changes.len());
        around.into_iter().all(is_same)
    };
    let mut parts: Vec<Part> = vec![];
    let mut outline = Outline::default();
    for (at, change) in changes.iter().enumerate() {
        let mut html = String::new();
        let out = &mut html;
        match change {
            Change::Same { new: j, .. } => plain(out, new, &new.blocks[*j], &mut outline, ("", "")),
            Change::Changed {
                old: i,
                new: j,
                inside: what,
            } => {
                out.push_str("<div class=\"diff-changed\">");
                inside(
                    out,
                    (old, &old.blocks[*i]),
                    (new, &new.blocks[*j]),
                    what,
                    &mut outline,
                );
                out.push_str("</div>");
            }
            Change::Old(i) => {
                out.push_str("<div class=\"diff-gone\">");
                plain(
                    out,
                    old,
                    &old.blocks[*i],
                    &mut Outline(outline.0),
                    ("<del>", "</del>"),
                );
                out.push_str("</div>");
            }
            Change::New(j) => {
                out.push_str("<div class=\"diff-came\">");
                plain(out, new, &new.blocks[*j], &mut outline, ("<ins>", "</ins>"));
                out.push_str("</div>");
            }
            Change::MovedAway { old: i, number } => {
                let begins: String = old
                    .quote(&old.blocks[*i].range())
                    .chars()
                    .take(20)
                    .collect();
                _ = write!(
                    out,
                    "<p class=\"diff-moved-away\" id=\"moved-from-{number}\"><a href=\"#moved-{number}\">“{}…”这一段移到了别处（移动 {number}）</a></p>",
                    escaped(&begins)
                );
            }
            Change::MovedHere {
                old: i,
                new: j,
                number,
                inside: what,
            } => {
                _ = write!(
                    out,
                    "<div class=\"diff-moved\" id=\"moved-{number}\"><p class=\"diff-say\"><a href=\"#moved-from-{number}\">从别处移来（移动 {number}）</a></p>"
                );
                inside(
                    out,
                    (old, &old.blocks[*i]),
                    (new, &new.blocks[*j]),
                    what,
                    &mut outline,
                );
                out.push_str("</div>");
            }
        }
        match (parts.last_mut(), is_quiet(at)) {
            (Some(Part::Quiet(count, before)), true) => {
                *count += 1;
                before.push_str(&html);
            }
            (_, true) => parts.push(Part::Quiet(1, html)),
            (Some(Part::Changed(before)), false) => before.push_str(&html),
            (_, false) => parts.push(Part::Changed(html)),
        }
    }
    parts
}

/// The differences of one line, such as a title.
pub fn line(old: &str, new: &str) -> String {
    let (old, new) = (Document::line(old), Document::line(new));
    let mut out = String::new();
    for change in difference::compare(&old, &new) {
        match change {
            Change::Changed {
                inside: Inside::Words(all),
                ..
            } => {
                if let ([Block::Words(x)], [Block::Words(y)]) =
                    (old.blocks.as_slice(), new.blocks.as_slice())
                {
                    spans(&mut out, (&old, x), (&new, y), &all);
                }
            }
            Change::Same { .. } => out.push_str(&escaped(&new.text())),
            Change::Old(_) if !old.text().is_empty() => {
                _ = write!(out, "<del>{}</del>", escaped(&old.text()))
            }
            Change::New(_) if !new.text().is_empty() => {
                _ = write!(out, "<ins>{}</ins>", escaped(&new.text()))
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deciding::difference::compare;

    #[test]
    fn differences_are_readable_without_colour() {
        let old = Document::read(
            "<p>甲乙丙丁戊己庚辛。</p><p>不变的一段。</p><p>详见<a href=\"https://a.example\">官网</a></p>",
        );
        let new = Document::read(
            "<p>甲乙丙丁戊己庚壬。</p><p>不变的一段。</p><p>详见<a href=\"https://b.example\">官网</a></p>",
        );
        let parts = differences(&old, &new, &compare(&old, &new));
        let [Part::Changed(html)] = parts.as_slice() else {
            panic!("{parts:?}")
        };
        assert!(html.contains("<del>辛</del><ins>壬</ins>"), "{html}");
        assert!(
            html.contains("链接由 https://a.example 改为 https://b.example"),
            "{html}"
        );
        assert_eq!(line("招生简章", "2026招生简章"), "<ins>2026</ins>招生简章");
    }
}
