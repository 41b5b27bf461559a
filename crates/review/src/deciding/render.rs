//! Documents as HTML of our own: every sign is written here, escaped, so that nothing of the source's markup gets
//! through. Marks stand at their places; differences are `ins` and `del`.

use super::{
    difference::{CellChange, Change, Fate, Inside, RowChange, Span},
    document::{Block, Document, Glyph, Kind, Medium, Row, Sign, Style, Words},
};
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

/// A part of a page of differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Changed(String),
    /// So many blocks that did not change, far from any change.
    Quiet(usize, String),
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

fn escaped(text: &str) -> String {
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
fn signs(out: &mut String, document: &Document, glyphs: &[Glyph]) {
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
struct Outline(u8);

impl Outline {
    fn level(&mut self, wanted: u8) -> u8 {
        let level = (wanted + 1).clamp(3, 6).min(self.0.max(2) + 1);
        self.0 = level;
        level
    }
}

/// A block of words as an element around what `inner` writes.
fn element(out: &mut String, kind: Kind, outline: &mut Outline, inner: impl FnOnce(&mut String)) {
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

fn table(out: &mut String, inner: impl FnOnce(&mut String)) {
    out.push_str("<div class=\"doc-table\" tabindex=\"0\" role=\"region\" aria-label=\"稿件中的表格\"><table><tbody>");
    inner(out);
    out.push_str("</tbody></table></div>");
}

fn cells(out: &mut String, document: &Document, row: &Row, class: &str, wrap: (&str, &str)) {
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
fn plain(
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
    for change in super::difference::compare(&old, &new) {
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
    use crate::deciding::difference::compare;

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
