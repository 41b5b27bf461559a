//! HTML read into a [`Document`]. Pure; whatever comes in, only words, known settings and media come out.

use super::{
    document::{Block, Document, Glyph, Kind, Medium, Row, Sign, Style, Words},
    tag::{Tag, characters, hidden},
};

/// Elements that begin a new block of words.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];
/// Elements whose content is not for readers.
const HIDDEN: &[&str] = &[
    "script", "style", "template", "noscript", "title", "head", "svg", "math", "iframe",
];
/// Elements without content.
const VOID: &[&str] = &[
    "area", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "embed",
];

/// An element that is open.
struct Open {
    name: String,
    /// The style outside of it.
    style: usize,
    /// Of a list: the next number.
    next: u32,
}

struct Table {
    /// How many elements are open outside of it.
    depth: usize,
    rows: Vec<Row>,
    cell: Option<Kind>,
}

struct Reader {
    document: Document,
    open: Vec<Open>,
    style: usize,
    glyphs: Vec<Glyph>,
    /// A space that is written when words follow.
    space: Option<(usize, usize)>,
    table: Option<Table>,
    /// An item of a list was begun and has no words yet: its number.
    item: Option<Option<u32>>,
}

/// Reads HTML.
pub(super) fn read(html: &str) -> Document {
    let mut reader = Reader {
        document: Document {
            styles: vec![Style::default()],
            ..Document::default()
        },
        open: vec![],
        style: 0,
        glyphs: vec![],
        space: None,
        table: None,
        item: None,
    };
    let mut at = 0;
    while at < html.len() {
        let rest = &html[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            at += 4 + comment.find("-->").map_or(comment.len(), |end| end + 3);
        } else if rest.starts_with("</") || rest.starts_with("<!") || rest.starts_with("<?") {
            let end = rest.find('>').map_or(rest.len(), |end| end + 1);
            if let Some(name) = rest[..end].strip_prefix("</") {
                let name = name.trim_end_matches('>').trim().to_ascii_lowercase();
                reader.end(&name);
            }
            at += end;
        } else if rest.starts_with('<') && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic())
        {
            let (tag, length) = Tag::read(rest);
            if HIDDEN.contains(&tag.name.as_str()) {
                at += length + hidden(&rest[length..], &tag.name);
            } else {
                reader.begin(&tag, (at, at + length));
                at += length;
            }
        } else {
            // A bracket that opens nothing is a sign like others.
            let next = rest.bytes().skip(1).position(|byte| byte == b'<');
            let end = next.map_or(rest.len(), |end| end + 1);
            reader.text(&rest[..end], at);
            at += end;
        }
    }
    reader.finish()
}

impl Reader {
    fn is_open(&self, name: &str) -> bool {
        self.open.iter().any(|open| open.name == name)
    }

    /// What kind of block words would begin here.
    fn kind(&mut self) -> Kind {
        if let Some(kind) = self.table.as_ref().and_then(|table| table.cell) {
            return kind;
        }
        let lists = self
            .open
            .iter()
            .filter(|open| matches!(open.name.as_str(), "ul" | "ol"));
        let depth = u8::try_from(lists.count()).unwrap_or(u8::MAX);
        if let Some(number) = self.item.take() {
            return Kind::Item { depth, number };
        }
        for open in self.open.iter().rev() {
            match open.name.as_str() {
                "pre" => return Kind::Code,
                "blockquote" => return Kind::Quote,
                "figcaption" | "caption" => return Kind::Caption,
                name => {
                    if let Some(level) = name.strip_prefix('h').and_then(|level| level.parse().ok())
                    {
                        return Kind::Heading(level);
                    }
                }
            }
        }
        Kind::Paragraph
    }

    /// Ends the words that are being read. In a cell they only end a line.
    fn flush(&mut self) {
        self.space = None;
        if self
            .table
            .as_ref()
            .is_some_and(|table| table.cell.is_some())
        {
            if let Some(last) = self.glyphs.last()
                && last.sign != Sign::Char('\n')
            {
                let end = last.html.1;
                self.push(Sign::Char('\n'), (end, end));
            }
            return;
        }
        while self
            .glyphs
            .last()
            .is_some_and(|glyph| glyph.sign == Sign::Char('\n'))
        {
            self.glyphs.pop();
        }
        if self.glyphs.is_empty() {
            return;
        }
        let kind = self.kind();
        let words = Words {
            kind,
            start: 0,
            glyphs: std::mem::take(&mut self.glyphs),
        };
        self.document.blocks.push(Block::Words(words));
    }

    fn end_cell(&mut self) {
        let Some(kind) = self.table.as_mut().and_then(|table| table.cell.take()) else {
            return;
        };
        while self
            .glyphs
            .last()
            .is_some_and(|glyph| glyph.sign == Sign::Char('\n'))
        {
            self.glyphs.pop();
        }
        self.space = None;
        let words = Words {
            kind,
            start: 0,
            glyphs: std::mem::take(&mut self.glyphs),
        };
        if let Some(table) = &mut self.table {
            if table.rows.is_empty() {
                table.rows.push(Row::default());
            }
            if let Some(row) = table.rows.last_mut() {
                row.cells.push(words);
            }
        }
    }

    fn end_table(&mut self) {
        self.end_cell();
        if let Some(table) = self.table.take() {
            let rows: Vec<Row> = table
                .rows
                .into_iter()
                .filter(|row| !row.cells.is_empty())
                .collect();
            if !rows.is_empty() {
                self.document.blocks.push(Block::Table(rows));
            }
        }
    }

    fn push(&mut self, sign: Sign, html: (usize, usize)) {
        if let Some(html) = self.space.take()
            && self
                .glyphs
                .last()
                .is_some_and(|glyph| glyph.sign != Sign::Char('\n'))
        {
            self.glyphs.push(Glyph {
                sign: Sign::Char(' '),
                style: self.style,
                html,
            });
        }
        self.glyphs.push(Glyph {
            sign,
            style: self.style,
            html,
        });
    }

    fn begin(&mut self, tag: &Tag, html: (usize, usize)) {
        let name = tag.name.as_str();
        let in_table = self.table.is_some();
        // A second table inside a cell is read as lines of it.
        let nested = self.table.as_ref().is_some_and(|table| {
            self.open
                .iter()
                .skip(table.depth + 1)
                .any(|open| open.name == "table")
        });
        if BLOCKS.contains(&name) {
            self.flush();
        }
        match name {
            "br" => {
                self.space = None;
                self.push(Sign::Char('\n'), html);
            }
            "hr" if !in_table => self.document.blocks.push(Block::Words(Words {
                kind: Kind::Rule,
                start: 0,
                glyphs: vec![],
            })),
            "img" | "video" | "audio" => {
                let number = self.document.media.len();
                self.document.media.push(Medium {
                    film: name != "img",
                    source: tag.get("src").to_owned(),
                    alt: if name == "img" {
                        tag.get("alt")
                    } else {
                        tag.get("title")
                    }
                    .to_owned(),
                });
                self.push(Sign::Medium(number), html);
            }
            "source" if self.is_open("video") || self.is_open("audio") => {
                if let Some(medium) = self.document.media.last_mut()
                    && medium.source.is_empty()
                {
                    medium.source = tag.get("src").to_owned();
                }
            }
            "table" if !in_table => {
                self.item = None;
                self.table = Some(Table {
                    depth: self.open.len(),
                    rows: vec![],
                    cell: None,
                });
            }
            "tr" if in_table && !nested => {
                self.end_cell();
                if let Some(table) = &mut self.table {
                    table.rows.push(Row::default());
                }
            }
            "td" | "th" if in_table && !nested => {
                self.end_cell();
                if let Some(table) = &mut self.table {
                    table.cell = Some(Kind::Cell {
                        heading: name == "th",
                        columns: tag.span("colspan"),
                        rows: tag.span("rowspan"),
                    });
                }
            }
            "li" => {
                let list = self
                    .open
                    .iter_mut()
                    .rev()
                    .find(|open| matches!(open.name.as_str(), "ul" | "ol"));
                self.item = Some(match list {
                    Some(list) if list.name == "ol" => {
                        list.next += 1;
                        Some(list.next - 1)
                    }
                    _ => None,
                });
            }
            _ => {}
        }
        if VOID.contains(&name) {
            return;
        }
        self.open.push(Open {
            name: name.to_owned(),
            style: self.style,
            next: if name == "ol" {
                tag.get("start").parse().unwrap_or(1)
            } else {
                1
            },
        });
        let mut style = self.document.styles[self.style].clone();
        match name {
            "b" | "strong" => style.bold = true,
            "i" | "em" => style.italic = true,
            "u" | "ins" => style.underline = true,
            "s" | "del" | "strike" => style.strike = true,
            "code" | "kbd" | "samp" => style.code = true,
            "sup" => style.raised = true,
            "sub" => style.lowered = true,
            "a" if !tag.get("href").is_empty() => style.link = Some(tag.get("href").to_owned()),
            _ => return,
        }
        let styles = &mut self.document.styles;
        self.style = styles
            .iter()
            .position(|one| *one == style)
            .unwrap_or_else(|| {
                styles.push(style);
                styles.len() - 1
            });
    }

    fn end(&mut self, name: &str) {
        let Some(at) = self.open.iter().rposition(|open| open.name == name) else {
            return;
        };
        // What is open across a cell's or a table's edge ends with it.
        if let Some(table) = &self.table
            && at < table.depth
        {
            self.end_cell();
            self.end_table();
        }
        if BLOCKS.contains(&name) {
            self.flush();
        }
        let outermost = self.table.as_ref().is_some_and(|table| at == table.depth);
        let nested = self.table.as_ref().is_some_and(|table| {
            self.open[..at]
                .iter()
                .skip(table.depth + 1)
                .any(|open| open.name == "table")
        });
        match name {
            "td" | "th" | "tr" if !nested => self.end_cell(),
            "table" if outermost => self.end_table(),
            "li" => self.item = None,
            _ => {}
        }
        self.style = self.open[at].style;
        self.open.truncate(at);
    }

    fn text(&mut self, text: &str, offset: usize) {
        let kept = self.is_open("pre");
        // Between the rows of a table stands nothing for readers.
        if self
            .table
            .as_ref()
            .is_some_and(|table| table.cell.is_none())
            && !self.is_open("caption")
        {
            return;
        }
        for (from, to, c) in characters(text) {
            let html = (offset + from, offset + to);
            match c {
                ' ' | '\t' | '\r' | '\n' | '\u{C}' if !kept => {
                    self.space.get_or_insert(html);
                }
                '\r' => {}
                _ => self.push(Sign::Char(c), html),
            }
        }
    }

    fn finish(mut self) -> Document {
        self.end_table();
        self.flush();
        let mut at = 0;
        for block in &mut self.document.blocks {
            let words: Vec<&mut Words> = match block {
                Block::Words(words) => vec![words],
                Block::Table(rows) => rows.iter_mut().flat_map(|row| &mut row.cells).collect(),
            };
            for words in words {
                words.start = at;
                at += words.glyphs.len() + 1;
            }
        }
        self.document
    }
}
