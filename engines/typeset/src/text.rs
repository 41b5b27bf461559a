//! Texts that would not fit: places where a long word may be broken.

use std::borrow::Cow;

/// A word longer than this does not fit into a narrow column.
const LONG: usize = 10;

/// Puts a zero-width space between the characters of a long run without a place to break it: addresses,
/// ids. Chinese text breaks by itself.
pub(crate) fn breakable(text: &str) -> Cow<'_, str> {
    // Wide characters begin here; between any two of them a line may end.
    let solid = |c: char| c < '\u{2E80}' && !c.is_whitespace();
    let is_long = |word: &str| word.chars().nth(LONG).is_some();
    if !text.split(|c| !solid(c)).any(is_long) {
        return Cow::Borrowed(text);
    }
    let mut broken = String::with_capacity(text.len() * 2);
    for word in text.split_inclusive(|c| !solid(c)) {
        let long = is_long(word.trim_end_matches(|c| !solid(c)));
        for (at, c) in word.chars().enumerate() {
            if long && at > 0 && solid(c) {
                broken.push('\u{200B}');
            }
            broken.push(c);
        }
    }
    Cow::Owned(broken)
}
