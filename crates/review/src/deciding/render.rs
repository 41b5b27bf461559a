//! Documents as HTML of our own: every sign is written here, escaped, so that nothing of the source's markup gets
//! through. Marks stand at their places.

use super::document::{Block, Document, Glyph, Kind, Medium, Row, Sign, Style, Words};
use std::{fmt::Write, ops::Range};

/// A place in the text that a note speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub range: Range<usize>,
    /// The note's number on the page.
    pub number: usize,
    /// `error`, `warning`, `notice` for what the machine found, `remark` for what people noted.
    pub tone: &'static str,
}

/// A block with the numbers of the notes on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// From 1.
    pub number: usize,
    pub html: String,
    /// Its place in the document.
    pub range: Range<usize>,
    /// How it begins.
    pub beginning: String,
    pub notes: Vec<usize>,
}

fn escape(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        '\n' => out.push_str("<br>"),
        c => out.push(c),
    }
}

pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| escape(&mut out, c));
    out
}

/// Whether an address may be followed from our pages.
fn may_follow(link: &str) -> bool {
    let link = link.trim_start().to_ascii_lowercase();
    link.starts_with('/') && !link.starts_with("//")
        || ["http://", "https://", "mailto:", "tel:"]
            .iter()
            .any(|scheme| link.starts_with(scheme))
}

/// Whether it is a file of ours; others are not loaded by any page.
fn is_own(source: &str) -> bool {
    source.starts_with("/manuscripts/")
}

fn medium(out: &mut String, medium: &Medium) {
    let (source, alt) = (escaped(&medium.source), escaped(&medium.alt));
    let what = if medium.film { "视频" } else { "图片" };
    if !is_own(&medium.source) {
        _ = write!(
            out,
            "<span class=\"medium-away\">{what}在外部网站，未载入：{source}"
        );
        if !alt.is_empty() {
            _ = write!(out, "（{alt}）");
        }
        out.push_str("</span>");
    } else if medium.film {
        _ = write!(
            out,
            "<video class=\"medium\" controls preload=\"metadata\" src=\"{source}\" aria-label=\"视频 {alt}\"></video>"
        );
    } else {
        _ = write!(
            out,
            "<img class=\"medium\" loading=\"lazy\" src=\"{source}\" alt=\"{alt}\">"
        );
        let said = if alt.is_empty() {
            "没有替代文字".to_owned()
        } else {
            format!("替代文字：{alt}")
        };
        _ = write!(
            out,
            "<span class=\"medium-alt\" aria-hidden=\"true\">{said}</span>"
        );
    }
}

/// The elements of a style, in the order of opening.
fn elements(style: &Style) -> Vec<(String, &'static str)> {
    let mut all = vec![];
    if let Some(link) = &style.link {
        let shown = escaped(link);
        all.push(if may_follow(link) {
            (format!("<a href=\"{shown}\" target=\"_blank\" rel=\"noopener noreferrer\" title=\"{shown}\">"), "</a>")
        } else {
            (format!("<span class=\"link-dead\" title=\"{shown}\">"), "</span>")
        });
    }
    for (is_set, open, close) in [
        (style.bold, "<b>", "</b>"),
        (style.italic, "<i>", "</i>"),
        (style.underline, "<u>", "</u>"),
        (style.strike, "<s>", "</s>"),
        (style.code, "<code>", "</code>"),
        (style.raised, "<sup>", "</sup>"),
        (style.lowered, "<sub>", "</sub>"),
    ] {
        if is_set {
            all.push((open.to_owned(), close));
        }
    }
    all
}

/// Signs of one style each, without anything around them.
pub(super) fn signs(out: &mut String, document: &Document, glyphs: &[Glyph]) {
    for run in glyphs.chunk_by(|a, b| a.style == b.style) {
        let elements = elements(&document.styles[run[0].style]);
        for (open, _) in &elements {
            out.push_str(open);
        }
        for glyph in run {
            match glyph.sign {
                Sign::Char(c) => escape(out, c),
                Sign::Medium(number) => medium(out, &document.media[number]),
            }
        }
        for (_, close) in elements.iter().rev() {
            out.push_str(close);
        }
    }
}

/// A block's words with the marks on them.
fn marked(out: &mut String, document: &Document, words: &Words, marks: &[Mark]) {
    let here = words.range();
    let touching: Vec<&Mark> = marks
        .iter()
        .filter(|mark| mark.range.start < here.end && mark.range.end > here.start)
        .collect();
    let mut cuts: Vec<usize> = touching
        .iter()
        .flat_map(|mark| [mark.range.start, mark.range.end])
        .map(|at| at.clamp(here.start, here.end) - here.start)
        .chain([0, words.glyphs.len()])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    for edges in cuts.windows(2) {
        let (from, to) = (edges[0], edges[1]);
        let at = words.start + from;
        let over: Vec<&&Mark> = touching
            .iter()
            .filter(|mark| mark.range.contains(&at))
            .collect();
        // What people noted is shown before what the machine found, the gravest first.
        let rank = |mark: &&&Mark| {
            ["remark", "error", "warning", "notice"]
                .iter()
                .position(|tone| *tone == mark.tone)
        };
        let Some(first) = over.iter().copied().min_by_key(rank) else {
            signs(out, document, &words.glyphs[from..to]);
            continue;
        };
        _ = write!(
            out,
            "<mark class=\"mark mark-{}\" data-note=\"{}\"",
            first.tone, first.number
        );
        if first.range.start.max(here.start) == at {
            _ = write!(out, " id=\"mark-{}\"", first.number);
        }
        out.push('>');
        signs(out, document, &words.glyphs[from..to]);
        out.push_str("</mark>");
        for mark in over {
            if mark.range.end.min(here.end) == words.start + to && mark.range.end <= here.end {
                let n = mark.number;
                _ = write!(
                    out,
                    "<a class=\"mark-ref\" href=\"#note-{n}\" data-ref aria-label=\"第 {n} 条\">{n}</a>"
                );
            }
        }
    }
}

/// Levels of headings that never skip one, below the page's own.
#[derive(Default)]
pub(super) struct Outline(pub(super) u8);

impl Outline {
    fn level(&mut self, wanted: u8) -> u8 {
        let level = (wanted + 1).clamp(3, 6).min(self.0.max(2) + 1);
        self.0 = level;
        level
    }
}

/// A block of words as an element around what `inner` writes.
pub(super) fn element(
    out: &mut String,
    kind: Kind,
    outline: &mut Outline,
    inner: impl FnOnce(&mut String),
) {
    match kind {
        Kind::Paragraph => {
            out.push_str("<p>");
            inner(out);
            out.push_str("</p>");
        }
        Kind::Heading(level) => {
            let level = outline.level(level);
            _ = write!(out, "<h{level}>");
            inner(out);
            _ = write!(out, "</h{level}>");
        }
        Kind::Item { depth, number } => {
            _ = write!(
                out,
                "<p class=\"item item-{}\"><span class=\"item-no\">",
                depth.clamp(1, 4)
            );
            match number {
                Some(number) => _ = write!(out, "{number}."),
                None => out.push('•'),
            }
            out.push_str("</span>");
            inner(out);
            out.push_str("</p>");
        }
        Kind::Quote => {
            out.push_str("<blockquote>");
            inner(out);
            out.push_str("</blockquote>");
        }
        Kind::Caption => {
            out.push_str("<p class=\"caption\">");
            inner(out);
            out.push_str("</p>");
        }
        Kind::Code => {
            out.push_str("<pre>");
            inner(out);
            out.push_str("</pre>");
        }
        Kind::Rule => out.push_str("<hr>"),
        Kind::Cell {
            heading,
            columns,
            rows,
        } => {
            let name = if heading { "th" } else { "td" };
            _ = write!(out, "<{name}");
            for (attribute, value) in [("colspan", columns), ("rowspan", rows)] {
                if value > 1 {
                    _ = write!(out, " {attribute}=\"{value}\"");
                }
            }
            out.push('>');
            inner(out);
            _ = write!(out, "</{name}>");
        }
    }
}

pub(super) fn table(out: &mut String, inner: impl FnOnce(&mut String)) {
    out.push_str("<div class=\"doc-table\" tabindex=\"0\" role=\"region\" aria-label=\"稿件中的表格\"><table><tbody>");
    inner(out);
    out.push_str("</tbody></table></div>");
}

pub(super) fn cells(
    out: &mut String,
    document: &Document,
    row: &Row,
    class: &str,
    wrap: (&str, &str),
) {
    _ = write!(out, "<tr{class}>");
    for cell in &row.cells {
        element(out, cell.kind, &mut Outline::default(), |out| {
            out.push_str(wrap.0);
            signs(out, document, &cell.glyphs);
            out.push_str(wrap.1);
        });
    }
    out.push_str("</tr>");
}

/// A block as it is.
pub(super) fn plain(
    out: &mut String,
    document: &Document,
    block: &Block,
    outline: &mut Outline,
    wrap: (&str, &str),
) {
    match block {
        Block::Words(words) => element(out, words.kind, outline, |out| {
            out.push_str(wrap.0);
            signs(out, document, &words.glyphs);
            out.push_str(wrap.1);
        }),
        Block::Table(rows) => table(out, |out| {
            for row in rows {
                cells(out, document, row, "", wrap);
            }
        }),
    }
}

/// The text, block by block, with marks at their places.
pub fn passages(document: &Document, marks: &[Mark]) -> Vec<Passage> {
    const BEGINNING: usize = 20;
    let mut outline = Outline::default();
    let each = document.blocks.iter().zip(1..);
    each.map(|(block, number)| {
        let mut html = String::new();
        match block {
            Block::Words(words) => {
                element(&mut html, words.kind, &mut outline, |out| {
                    marked(out, document, words, marks)
                });
            }
            Block::Table(rows) => table(&mut html, |out| {
                for row in rows {
                    out.push_str("<tr>");
                    for cell in &row.cells {
                        element(out, cell.kind, &mut Outline::default(), |out| {
                            _ = write!(out, "<span data-at=\"{}\">", cell.start);
                            marked(out, document, cell, marks);
                            out.push_str("</span>");
                        });
                    }
                    out.push_str("</tr>");
                }
            }),
        }
        let range = block.range();
        let quote = document.quote(&range);
        let mut beginning: String = quote
            .chars()
            .filter(|c| *c != super::document::OBJECT)
            .take(BEGINNING)
            .collect();
        if beginning.trim().is_empty() {
            beginning = "（图片或视频）".into();
        }
        // A note stands beside the block in which its place ends.
        let ends = |mark: &&Mark| mark.range.end > range.start && mark.range.end <= range.end;
        let mut notes: Vec<usize> = marks.iter().filter(ends).map(|mark| mark.number).collect();
        notes.sort_unstable();
        notes.dedup();
        Passage {
            number,
            html,
            range,
            beginning,
            notes,
        }
    })
    .collect()
}

/// How the passage that a mark lies in shows it: one line with the place marked, for lists of points.
pub fn quotation(quote: &str) -> String {
    const SHOWN: usize = 120;
    let mut text: String = quote.chars().take(SHOWN).collect();
    if quote.chars().count() > SHOWN {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_sources_markup_gets_through() {
        let document = Document::read(
            "<p onclick=\"x()\">a<script>alert(1)</script><a href=\"javascript:alert(1)\">b</a><img src=\"x\" onerror=\"y\" alt=\"&quot;&gt;&lt;i&gt;\"></p>",
        );
        let html: String = passages(&document, &[])
            .iter()
            .map(|one| one.html.clone())
            .collect();
        assert!(
            !html.contains("script>") && !html.contains("onclick") && !html.contains("onerror"),
            "{html}"
        );
        assert!(
            !html.contains("href=") && !html.contains("<img") && !html.contains("<i>"),
            "{html}"
        );
    }

    #[test]
    fn marks_may_overlap_and_each_ends_with_its_number() {
        let document = Document::read("<p>一二三<b>四五</b>六</p>");
        let mark = |range, number, tone| Mark {
            range,
            number,
            tone,
        };
        let shown = passages(
            &document,
            &[mark(1..4, 1, "error"), mark(3..5, 2, "remark")],
        );
        let html = &shown[0].html;
        assert!(
            html.contains(
                "<mark class=\"mark mark-error\" data-note=\"1\" id=\"mark-1\">二三</mark>"
            ),
            "{html}"
        );
        assert!(
            html.contains(
                "<mark class=\"mark mark-remark\" data-note=\"2\" id=\"mark-2\"><b>四</b></mark>"
            ),
            "{html}"
        );
        assert_eq!(html.matches("class=\"mark-ref\"").count(), 2, "{html}");
        assert_eq!(shown[0].notes, [1, 2]);
        let words: String = Document::read(html).text();
        assert_eq!(words, "一二三四1五2六");
    }

    #[test]
    fn headings_never_skip_a_level() {
        let document = Document::read("<h4>a</h4><h2>b</h2><h4>c</h4>");
        let html: String = passages(&document, &[])
            .iter()
            .map(|one| one.html.clone())
            .collect();
        assert_eq!(html, "<h3>a</h3><h3>b</h3><h4>c</h4>");
    }
}
