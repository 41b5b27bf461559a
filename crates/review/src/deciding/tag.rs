//! Opening tags and entities of HTML, as [`super::reading`] meets them. Pure.

/// How long the content of a hidden element is.
pub(super) fn hidden(text: &str, name: &str) -> usize {
    let ends = text.match_indices("</").map(|(at, _)| at);
    let is_end = |at: &usize| {
        let found = text.as_bytes().get(at + 2..at + 2 + name.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
    };
    ends.into_iter().find(is_end).unwrap_or(text.len())
}

/// An opening tag.
pub(crate) struct Tag {
    pub name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// Reads the tag that the text begins with; also its length.
    pub fn read(text: &str) -> (Self, usize) {
        let bytes = text.as_bytes();
        let is_name = |b: &u8| !b.is_ascii_whitespace() && !matches!(b, b'>' | b'/' | b'=');
        let run = |from: usize| from + bytes[from..].iter().take_while(|b| is_name(b)).count();
        let mut at = run(1);
        let mut tag = Self {
            name: text[1..at].to_ascii_lowercase(),
            attributes: vec![],
        };
        let blank = |from: usize| {
            from + bytes[from..]
                .iter()
                .take_while(|b| b.is_ascii_whitespace())
                .count()
        };
        loop {
            at = blank(at);
            match bytes.get(at) {
                None => return (tag, at),
                Some(b'>') => return (tag, at + 1),
                Some(b'/' | b'=') => at += 1,
                Some(_) => {
                    let end = run(at);
                    let name = text[at..end].to_ascii_lowercase();
                    at = blank(end);
                    let mut value = String::new();
                    if bytes.get(at) == Some(&b'=') {
                        at = blank(at + 1);
                        let (from, to, next) = match bytes.get(at) {
                            Some(quote @ (b'"' | b'\'')) => {
                                let rest = &bytes[at + 1..];
                                let length =
                                    rest.iter().position(|b| b == quote).unwrap_or(rest.len());
                                let to = at + 1 + length;
                                (at + 1, to, (to + 1).min(bytes.len()))
                            }
                            _ => {
                                let rest = bytes[at..].iter();
                                let to = at
                                    + rest
                                        .take_while(|b| !b.is_ascii_whitespace() && **b != b'>')
                                        .count();
                                (at, to, to)
                            }
                        };
                        value = decode(&text[from..to]);
                        at = next;
                    }
                    tag.attributes.push((name, value));
                }
            }
        }
    }

    pub fn get(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    pub fn span(&self, name: &str) -> u16 {
        self.get(name).parse().unwrap_or(1).clamp(1, 1_000)
    }
}

/// The character that an entity at the beginning stands for, and the entity's length.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(32).position(|b| b == b';')?;
    let name = text.get(1..end)?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{A0}',
        "emsp" => '\u{2003}',
        "ensp" => '\u{2002}',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        "middot" => '·',
        "times" => '×',
        "copy" => '©',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((c, end + 1))
}

/// The characters of a text with what each is written with, entities read.
pub(super) fn characters(text: &str) -> impl Iterator<Item = (usize, usize, char)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &text[at..];
        let first = rest.chars().next()?;
        let (c, length) = match first {
            '&' => entity(rest).unwrap_or((first, 1)),
            _ => (first, first.len_utf8()),
        };
        let from = at;
        at += length;
        Some((from, at, c))
    })
}

fn decode(text: &str) -> String {
    characters(text).map(|(_, _, c)| c).collect()
}
