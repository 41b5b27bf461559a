//! Characters that are written by a name or a number.

/// The names that Chinese texts and editors use, in order. Others show as they are written.
const NAMES: [(&str, char); 118] = [
    ("AMP", '&'),
    ("COPY", '©'),
    ("GT", '>'),
    ("Hat", '^'),
    ("LT", '<'),
    ("MediumSpace", '\u{205f}'),
    ("NewLine", '\n'),
    ("NoBreak", '\u{2060}'),
    ("Prime", '″'),
    ("QUOT", '"'),
    ("REG", '®'),
    ("TRADE", '™'),
    ("Tab", '\t'),
    ("ZeroWidthSpace", '\u{200b}'),
    ("amp", '&'),
    ("apos", '\''),
    ("ast", '*'),
    ("asymp", '≈'),
    ("bdquo", '„'),
    ("bsol", '\\'),
    ("bull", '•'),
    ("cent", '¢'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("copy", '©'),
    ("darr", '↓'),
    ("dash", '‐'),
    ("deg", '°'),
    ("divide", '÷'),
    ("dollar", '$'),
    ("emsp", '\u{2003}'),
    ("emsp13", '\u{2004}'),
    ("emsp14", '\u{2005}'),
    ("ensp", '\u{2002}'),
    ("equals", '='),
    ("euro", '€'),
    ("excl", '!'),
    ("female", '♀'),
    ("frac12", '½'),
    ("frac14", '¼'),
    ("frac34", '¾'),
    ("frasl", '⁄'),
    ("ge", '≥'),
    ("grave", '`'),
    ("gt", '>'),
    ("hairsp", '\u{200a}'),
    ("harr", '↔'),
    ("hellip", '…'),
    ("hyphen", '‐'),
    ("iexcl", '¡'),
    ("infin", '∞'),
    ("iquest", '¿'),
    ("laquo", '«'),
    ("larr", '←'),
    ("lbrack", '['),
    ("lcub", '{'),
    ("ldquo", '“'),
    ("le", '≤'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lrm", '\u{200e}'),
    ("lsaquo", '‹'),
    ("lsqb", '['),
    ("lsquo", '‘'),
    ("lt", '<'),
    ("male", '♂'),
    ("mdash", '—'),
    ("micro", 'µ'),
    ("middot", '·'),
    ("minus", '−'),
    ("nbsp", '\u{a0}'),
    ("ndash", '–'),
    ("ne", '≠'),
    ("num", '#'),
    ("numsp", '\u{2007}'),
    ("oline", '‾'),
    ("para", '¶'),
    ("percnt", '%'),
    ("period", '.'),
    ("permil", '‰'),
    ("plus", '+'),
    ("plusmn", '±'),
    ("pound", '£'),
    ("prime", '′'),
    ("puncsp", '\u{2008}'),
    ("quest", '?'),
    ("quot", '"'),
    ("raquo", '»'),
    ("rarr", '→'),
    ("rbrack", ']'),
    ("rcub", '}'),
    ("rdquo", '”'),
    ("reg", '®'),
    ("rlm", '\u{200f}'),
    ("rpar", ')'),
    ("rsaquo", '›'),
    ("rsqb", ']'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("sect", '§'),
    ("semi", ';'),
    ("shy", '\u{ad}'),
    ("sol", '/'),
    ("star", '☆'),
    ("starf", '★'),
    ("sup1", '¹'),
    ("sup2", '²'),
    ("sup3", '³'),
    ("thinsp", '\u{2009}'),
    ("times", '×'),
    ("trade", '™'),
    ("uarr", '↑'),
    ("verbar", '|'),
    ("vert", '|'),
    ("yen", '¥'),
    ("zwj", '\u{200d}'),
    ("zwnj", '\u{200c}'),
];

/// The character at the beginning, and the bytes that stand for it.
pub(super) fn read(text: &str) -> Option<(char, usize)> {
    let rest = text.strip_prefix('&')?;
    if let Some(number) = rest.strip_prefix('#') {
        let hexadecimal = number.starts_with(['x', 'X']);
        let digits = &number[usize::from(hexadecimal)..];
        let radix = if hexadecimal { 16 } else { 10 };
        let length = digits
            .bytes()
            .take_while(|byte| char::from(*byte).is_digit(radix))
            .count();
        if length == 0 {
            return None;
        }
        let character = u32::from_str_radix(&digits[..length], radix)
            .ok()
            .and_then(char::from_u32)
            .filter(|character| *character != '\0')
            .unwrap_or(char::REPLACEMENT_CHARACTER);
        let end = 2 + usize::from(hexadecimal) + length;
        let closed = text[end..].starts_with(';');
        return Some((character, end + usize::from(closed)));
    }
    let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = &rest[..length];
    let closed = rest[length..].starts_with(';');
    let known = |name: &str| {
        let at = NAMES
            .binary_search_by(|(known, _)| (*known).cmp(name))
            .ok()?;
        Some(NAMES[at].1)
    };
    if closed {
        return known(name).map(|character| (character, length + 2));
    }
    // Old names need no semicolon.
    ["amp", "lt", "gt", "quot", "nbsp", "copy", "reg"]
        .into_iter()
        .find(|old| name.starts_with(old))
        .and_then(|old| Some((known(old)?, old.len() + 1)))
}

#[cfg(test)]
mod tests {
    use super::{NAMES, read};

    #[test]
    fn names_are_in_order() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn names_and_numbers() {
        for (written, character, length) in [
            ("&amp;x", '&', 5),
            ("&ampx", '&', 4),
            ("&ldquo;", '“', 7),
            ("&#20013;国", '中', 8),
            ("&#x4e2D国", '中', 7),
            ("&#0;", '\u{fffd}', 4),
            ("&#xD800;", '\u{fffd}', 8),
            ("&#99999999999;", '\u{fffd}', 14),
        ] {
            assert_eq!(read(written), Some((character, length)), "{written}");
        }
        for written in ["&", "& ", "&;", "&#;", "&#x;", "&unknown;", "&ldquo"] {
            assert_eq!(read(written), None, "{written}");
        }
    }
}
