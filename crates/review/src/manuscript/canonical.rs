//! The one form of a manuscript's content that its hash is taken of (R-REV-5).

use super::terms::Content;
use zhendi_kernel::files::ContentHash;
use zhendi_textcheck::Text;

/// The plain text of sanitised HTML: what findings, annotations and differences count characters in.
pub fn plain(html: &str) -> String {
    Text::html(html).as_str().to_owned()
}

/// Characters as Chinese writers count them: each Chinese character and mark is one, each word or number of
/// other scripts is one.
pub fn words(text: &str) -> i32 {
    let mut count: i32 = 0;
    let mut within = false;
    for c in text.chars() {
        let joins = c.is_alphanumeric() && (c as u32) < 0x2E80;
        if !(c.is_whitespace() || joins && within) {
            count = count.saturating_add(1);
        }
        within = joins || (within && matches!(c, '.' | '-' | '\'' | '@' | '_'));
    }
    count
}

/// The hash of a manuscript's content. Each part stands with its length, so that no two contents are written
/// alike; files stand by what is in them and what is said of them, never by where they are kept.
pub fn hash(content: &Content) -> ContentHash {
    let mut all = Canon(b"zhendi manuscript 1\n".to_vec());
    let html = by_content(content);
    all.part(&content.title);
    all.part(&html);
    all.part(content.layout.code());
    all.part(&content.link);
    all.count(content.channels.len());
    for channel in &content.channels {
        all.part(&channel.to_string());
    }
    all.count(content.files.len());
    for file in &content.files {
        all.part(file.role.code());
        all.part(&file.hash);
        all.part(&file.name);
        all.part(&file.alt);
        all.part(file.rights.map_or("", super::Rights::code));
        all.part(&file.credit);
    }
    let cover = content
        .files
        .iter()
        .find(|file| Some(file.id) == content.cover);
    all.part(cover.map_or("", |file| file.hash.as_str()));
    all.part(&content.category);
    all.part(content.origin.code());
    all.part(&content.source);
    all.part(&content.source_link);
    all.part(&content.source_title);
    all.part(&content.names);
    ContentHash::of(&all.0)
}

/// The HTML with its files named by what is in them, wherever they are kept.
fn by_content(content: &Content) -> String {
    let mut out = String::with_capacity(content.html.len());
    let mut rest = content.html.as_str();
    while let Some(at) = rest.find(PLACE) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let tail = &found[PLACE.len()..];
        let tail = tail[digits(tail)..].strip_prefix("/files/");
        let named = tail.and_then(|tail| {
            let (id, after) = tail.split_at(digits(tail));
            let file = content
                .files
                .iter()
                .find(|file| file.id.to_string() == id)?;
            let ends = MARKS.iter().any(|mark| after.starts_with(mark));
            ends.then_some((file, after))
        });
        rest = match named {
            Some((file, after)) => {
                out.push_str("/content/");
                out.push_str(&file.hash);
                after
            }
            None => {
                out.push_str(PLACE);
                &found[PLACE.len()..]
            }
        };
    }
    out.push_str(rest);
    out
}

/// How the address of a manuscript's file begins.
const PLACE: &str = "/manuscripts/";
/// What ends the address of a file in sanitised HTML: the end of an attribute's value, or of a picture's name in
/// a style.
const MARKS: [&str; 2] = ["\"", "&quot;"];

/// Whether sanitised HTML shows a file.
pub(super) fn shows(html: &str, file: i64) -> bool {
    MARKS
        .iter()
        .any(|mark| html.contains(&format!("/files/{file}{mark}")))
}

struct Canon(Vec<u8>);

impl Canon {
    fn count(&mut self, count: usize) {
        self.0.extend_from_slice(&(count as u64).to_be_bytes());
    }

    fn part(&mut self, part: &str) {
        self.count(part.len());
        self.0.extend_from_slice(part.as_bytes());
    }
}
