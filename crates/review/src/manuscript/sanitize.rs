//! HTML from editors, pastes and layout tools made harmless: what is not on a list does not stay (R-REV-11).
//! What comes out is written by the parser itself, every value in double quotes, so that it is one form.

use super::terms::Layout;
use crate::ids::ManuscriptId;
use ammonia::{Builder, UrlRelative, UrlRelativeEvaluate};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    ops::Range,
};
use zhendi_kernel::Fault;

/// More than this is not parsed at all; a page pasted whole is smaller.
pub const RAW_LIMIT: usize = 12 << 20;
/// No kept text is longer than this, with its tags.
pub const LIMIT: usize = 2 << 20;
/// Elements within elements, no matter of which names. Real texts have a few dozen.
const DEEPEST: usize = 500;

/// What the editor writes.
const RICH: &[&str] = &[
    "p",
    "h2",
    "h3",
    "h4",
    "strong",
    "em",
    "b",
    "i",
    "u",
    "s",
    "sub",
    "sup",
    "br",
    "hr",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "img",
    "figure",
    "figcaption",
    "video",
    "table",
    "caption",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "th",
    "td",
    "pre",
    "code",
];
/// What layout tools write besides.
const FRAMED: &[&str] = &[
    "section", "div", "span", "h1", "h5", "h6", "center", "font", "colgroup", "col", "small",
    "big", "article", "header", "footer", "dl", "dt", "dd", "del", "ins", "mark", "strike",
    "address",
];
/// Their content is no text for readers and goes with them.
const GONE: &[&str] = &[
    "script",
    "style",
    "template",
    "noscript",
    "iframe",
    "object",
    "embed",
    "applet",
    "svg",
    "math",
    "title",
    "head",
    "textarea",
    "select",
    "option",
    "button",
    "audio",
    "canvas",
    "frameset",
    "noembed",
    "noframes",
    "plaintext",
    "xmp",
];
/// Properties that move nothing out of the frame's own flow and load nothing from elsewhere by themselves.
const STYLES: &[&str] = &[
    "color",
    "background",
    "background-color",
    "background-image",
    "background-position",
    "background-repeat",
    "background-size",
    "border",
    "border-top",
    "border-right",
    "border-bottom",
    "border-left",
    "border-color",
    "border-style",
    "border-width",
    "border-radius",
    "border-collapse",
    "border-spacing",
    "border-top-left-radius",
    "border-top-right-radius",
    "border-bottom-left-radius",
    "border-bottom-right-radius",
    "border-top-color",
    "border-right-color",
    "border-bottom-color",
    "border-left-color",
    "border-top-style",
    "border-right-style",
    "border-bottom-style",
    "border-left-style",
    "border-top-width",
    "border-right-width",
    "border-bottom-width",
    "border-left-width",
    "box-shadow",
    "box-sizing",
    "display",
    "align-items",
    "align-self",
    "align-content",
    "justify-content",
    "flex",
    "flex-basis",
    "flex-direction",
    "flex-flow",
    "flex-grow",
    "flex-shrink",
    "flex-wrap",
    "order",
    "float",
    "clear",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "max-height",
    "min-height",
    "width",
    "max-width",
    "min-width",
    "letter-spacing",
    "word-spacing",
    "line-height",
    "list-style",
    "list-style-type",
    "list-style-position",
    "margin",
    "margin-top",
    "margin-right",
    "margin-bottom",
    "margin-left",
    "padding",
    "padding-top",
    "padding-right",
    "padding-bottom",
    "padding-left",
    "opacity",
    "overflow",
    "overflow-x",
    "overflow-y",
    "overflow-wrap",
    "table-layout",
    "text-align",
    "text-align-last",
    "text-decoration",
    "text-indent",
    "text-justify",
    "text-overflow",
    "text-shadow",
    "text-transform",
    "transform",
    "vertical-align",
    "visibility",
    "white-space",
    "word-break",
    "word-wrap",
    "writing-mode",
];
/// Where a paragraph stands: the pages' own classes.
const ALIGNED: &[&str] = &["text-center", "text-end", "text-indent"];
/// These end themselves or may stay open without anything standing within them.
const NEVER_DEEP: &[&str] = &[
    "br", "hr", "img", "input", "col", "meta", "link", "wbr", "source", "p", "li", "td", "th",
    "tr", "dt", "dd", "tbody", "thead", "tfoot", "option", "area", "base", "param", "track",
    "embed", "html", "body",
];

/// The address of one of a manuscript's files.
pub fn file_address(of: ManuscriptId, file: i64) -> String {
    format!("/manuscripts/{of}/files/{file}")
}

fn is_own(of: ManuscriptId, address: &str) -> bool {
    address
        .strip_prefix(&format!("/manuscripts/{of}/files/"))
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}

fn is_web(address: &str) -> bool {
    let scheme = address.split(':').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

/// The harmless form of a manuscript's HTML. Pictures keep addresses elsewhere, which no page of ours
/// loads, until they were brought in: nothing that was pasted is lost.
///
/// # Errors
/// `Fault::TooLarge` and `Fault::Malformed` with the reason, when it is too long or nested beyond sense.
pub async fn clean(of: ManuscriptId, layout: Layout, raw: String) -> Result<String, Fault> {
    if raw.len() > RAW_LIMIT {
        return Err(Fault::TooLarge(format!(
            "正文连同格式超过 {} MB，没有保存。请分成几篇，或把图片单独上传。",
            RAW_LIMIT >> 20
        )));
    }
    if raw.len() < 64 << 10 {
        return clean_now(of, layout, &raw);
    }
    tokio::task::spawn_blocking(move || clean_now(of, layout, &raw))
        .await
        .map_err(Fault::internal)?
}

/// The same, at once.
///
/// # Errors
/// As [`clean`].
pub fn clean_now(of: ManuscriptId, layout: Layout, raw: &str) -> Result<String, Fault> {
    if deepest(raw) > DEEPEST {
        return Err(Fault::Malformed(
            "正文的格式层层嵌套过深，无法读取。请粘贴为纯文本后重新排版。".into(),
        ));
    }
    let cleaned = builder(of, layout).clean(raw).to_string();
    // The parser writes on one line what stood on one; spaces at the ends say nothing.
    let cleaned = cleaned.trim().replace('\0', "");
    if cleaned.len() > LIMIT {
        return Err(Fault::TooLarge(format!(
            "正文连同格式有 {:.1} MB，超过 {} MB，没有保存。请精简格式，或分成几篇。",
            cleaned.len() as f64 / f64::from(1 << 20),
            LIMIT >> 20
        )));
    }
    Ok(cleaned)
}

/// Of relative addresses only those of the manuscript's own files stay.
struct OwnFiles(ManuscriptId);

impl UrlRelativeEvaluate<'_> for OwnFiles {
    fn evaluate<'url>(&self, address: &'url str) -> Option<Cow<'url, str>> {
        is_own(self.0, address).then_some(Cow::Borrowed(address))
    }
}

fn builder(of: ManuscriptId, layout: Layout) -> Builder<'static> {
    let framed = layout == Layout::Framed;
    let set = |names: &[&'static str]| names.iter().copied().collect::<HashSet<_>>();
    let mut tags = set(RICH);
    let mut attributes: HashMap<&'static str, HashSet<&'static str>> = HashMap::from([
        ("a", set(&["href", "title"])),
        ("img", set(&["src", "alt", "title", "width", "height"])),
        (
            "video",
            set(&["src", "controls", "width", "height", "title"]),
        ),
        ("ol", set(&["start", "type"])),
        ("td", set(&["colspan", "rowspan"])),
        ("th", set(&["colspan", "rowspan", "scope"])),
    ]);
    let mut builder = Builder::empty();
    if framed {
        tags.extend(FRAMED);
        attributes.insert("font", set(&["color", "size", "face"]));
        attributes.insert(
            "table",
            set(&["border", "cellpadding", "cellspacing", "width", "align"]),
        );
        for cell in ["td", "th"] {
            attributes
                .entry(cell)
                .or_default()
                .extend(["width", "height", "align", "valign", "bgcolor"]);
        }
        attributes.insert("col", set(&["span", "width"]));
        builder
            .generic_attributes(set(&["style"]))
            .filter_style_properties(set(STYLES));
    } else {
        for tag in ["p", "h2", "h3", "h4"] {
            attributes.insert(tag, set(&["class"]));
        }
    }
    builder
        .tags(tags)
        .clean_content_tags(set(GONE))
        .tag_attributes(attributes)
        .url_schemes(set(&["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::Custom(Box::new(OwnFiles(of))))
        .link_rel(Some("noopener noreferrer"))
        .attribute_filter(
            move |element, attribute, value| match (element, attribute) {
                // A video elsewhere is a link; a picture elsewhere is brought in.
                ("video", "src") => is_own(of, value).then_some(value.into()),
                ("img", "src") => (is_own(of, value) || is_web(value)).then_some(value.into()),
                ("a", "href") => {
                    let schemes = ["http:", "https:", "mailto:", "tel:"];
                    let folded = value.trim_start().to_ascii_lowercase();
                    (is_own(of, value) || schemes.iter().any(|one| folded.starts_with(one)))
                        .then_some(value.into())
                }
                (_, "class") => {
                    let kept: Vec<&str> = value
                        .split_whitespace()
                        .filter(|one| ALIGNED.contains(one))
                        .collect();
                    (!kept.is_empty()).then(|| kept.join(" ").into())
                }
                (_, "style") => {
                    let folded = value.to_ascii_lowercase();
                    // No such value is any property's that a layout needs, and old browsers run some of them.
                    let odd = [
                        "expression",
                        "javascript:",
                        "-moz-binding",
                        "@import",
                        "image-set",
                        "\\",
                    ];
                    (!odd.iter().any(|one| folded.contains(one))).then_some(value.into())
                }
                _ => Some(value.into()),
            },
        );
    builder
}

/// How deep elements stand within elements, counted generously: a name is open until as many of it ended.
fn deepest(raw: &str) -> usize {
    let mut open: HashMap<String, usize> = HashMap::new();
    let (mut now, mut most) = (0, 0);
    for piece in raw.split('<').skip(1) {
        let ends = piece.starts_with('/');
        let name: String = piece
            .trim_start_matches('/')
            .chars()
            .take(16)
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if name.is_empty() || NEVER_DEEP.contains(&name.as_str()) {
            continue;
        }
        if !ends {
            *open.entry(name).or_default() += 1;
            now += 1;
            most = std::cmp::max(most, now);
        } else if let Some(count) = open.get_mut(&name).filter(|count| **count > 0) {
            *count -= 1;
            now -= 1;
        }
    }
    most
}

/// The addresses of pictures that lie elsewhere, each once, as they stand in the sanitised HTML.
pub fn outside(html: &str) -> Vec<String> {
    let mut found: Vec<String> = vec![];
    let mut add = |address: &str| {
        let address = address.replace("&amp;", "&");
        if is_web(&address) && !found.contains(&address) {
            found.push(address);
        }
    };
    for tag in pictures(html) {
        add(value(&html[tag], "src").unwrap_or_default());
    }
    for style in html.split("url(&quot;").skip(1) {
        if let Some((address, _)) = style.split_once("&quot;") {
            add(address);
        }
    }
    found
}

/// Whether what a plain field holds is text that someone typed, and no HTML.
pub fn is_typed(text: &str) -> bool {
    !["</", "<br", "<img"].iter().any(|tag| text.contains(tag))
}

/// Text typed without script as HTML: each line is a paragraph. What holds tags is HTML already.
pub fn from_typed(typed: &str) -> String {
    if !is_typed(typed) {
        return typed.into();
    }
    let escape = |line: &str| {
        line.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    typed
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| format!("<p>{}</p>", escape(line)))
        .collect()
}

/// Sanitised HTML for a plain field: paragraphs alone are lines again, anything else stays as it is.
pub fn to_typed(html: &str) -> String {
    let inner = html.replace("<p>", "").replace("</p>", "\n");
    if inner.contains('<') {
        return html.into();
    }
    inner
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
        .trim_end()
        .to_owned()
}

/// Sanitised HTML whose pictures carry what is said of their files.
pub fn describe(html: &str, of: ManuscriptId, files: &[super::FileRef]) -> String {
    let mut out = String::with_capacity(html.len());
    let mut done = 0;
    for tag in pictures(html) {
        let address = value(&html[tag.clone()], "src").unwrap_or_default();
        let file = files
            .iter()
            .find(|file| address == file_address(of, file.id));
        if let Some(file) = file {
            let whole = &html[tag.clone()];
            let said = format!(" alt=\"{}\"", quoted(&file.alt));
            let before = value(whole, "alt").map(|alt| format!(" alt=\"{alt}\""));
            out.push_str(&html[done..tag.start]);
            match before {
                Some(before) => out.push_str(&whole.replacen(&before, &said, 1)),
                None => out.push_str(&format!("{}{said}>", whole.trim_end_matches('>'))),
            }
            done = tag.end;
        }
    }
    out.push_str(&html[done..]);
    out
}

/// Where the tags of pictures stand in sanitised HTML. A mark in a quoted value ends no tag.
fn pictures(html: &str) -> Vec<Range<usize>> {
    let mut found = vec![];
    let mut at = 0;
    while let Some(start) = html[at..].find("<img ").map(|start| at + start) {
        let mut within = false;
        let end = html[start..].find(|c| {
            within ^= c == '"';
            c == '>' && !within
        });
        let end = end.map_or(html.len(), |end| start + end + 1);
        found.push(start..end);
        at = end;
    }
    found
}

/// The value of an attribute, as it is written.
fn value<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

/// A text as an attribute's value, written as the parser writes it.
fn quoted(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('\u{a0}', "&nbsp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
