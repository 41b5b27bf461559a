//! A block as an array of characters with classes: what the rules without a dictionary look at.

use std::ops::Range;

/// A block's characters and where each begins in the plain text.
#[derive(Default)]
pub(crate) struct Line {
    pub chars: Vec<char>,
    at: Vec<u32>,
    base: usize,
}

impl Line {
    /// Reads a block that begins at `base` as it stands.
    pub fn read(&mut self, block: &str, base: usize) {
        self.begin(block, base);
        for (at, character) in block.char_indices() {
            self.chars.push(character);
            self.at.push(at as u32);
        }
        self.at.push(block.len() as u32);
    }

    /// Reads a block with full-width letters, digits and marks as narrow ones and without invisible characters.
    pub fn read_folded(&mut self, block: &str, base: usize) {
        self.begin(block, base);
        for (at, character) in block.char_indices() {
            if han(character) {
                self.chars.push(character);
                self.at.push(at as u32);
            } else if !invisible(character) {
                self.chars.push(fold(character));
                self.at.push(at as u32);
            }
        }
        self.at.push(block.len() as u32);
    }

    fn begin(&mut self, block: &str, base: usize) {
        self.chars.clear();
        self.at.clear();
        self.chars.reserve(block.len() / 3);
        self.at.reserve(block.len() / 3 + 1);
        self.base = base;
    }

    /// The character there, or NUL outside.
    #[inline]
    pub fn get(&self, index: usize) -> char {
        self.chars.get(index).copied().unwrap_or('\0')
    }

    /// The character that many places before, or NUL outside.
    #[inline]
    pub fn before(&self, index: usize, back: usize) -> char {
        index.checked_sub(back).map_or('\0', |at| self.get(at))
    }

    pub fn len(&self) -> usize {
        self.chars.len()
    }

    /// Bytes of the plain text.
    pub fn bytes(&self, range: Range<usize>) -> Range<usize> {
        self.base + self.at[range.start] as usize..self.base + self.at[range.end] as usize
    }

    /// Whether these characters stand there.
    pub fn has(&self, index: usize, words: &str) -> bool {
        let mut at = index;
        words.chars().all(|character| {
            at += 1;
            self.get(at - 1) == character
        })
    }

    /// Which of these words stands there, as its length.
    pub fn any(&self, index: usize, words: &[&str]) -> Option<usize> {
        words
            .iter()
            .find(|word| self.has(index, word))
            .map(|word| word.chars().count())
    }

    /// Whether one of these words ends just before.
    pub fn ends(&self, index: usize, words: &[&str]) -> bool {
        let before = &self.chars[..index.min(self.len())];
        words.iter().any(|word| {
            let mut at = before.len();
            // From the last character back: most words differ there.
            word.chars().rev().all(|character| {
                at = at.wrapping_sub(1);
                before.get(at) == Some(&character)
            })
        })
    }

    /// Whether one of these words stands in that range.
    pub fn within(&self, range: Range<usize>, words: &[&str]) -> bool {
        range.into_iter().any(|at| self.any(at, words).is_some())
    }

    /// How many blanks stand there.
    pub fn blanks(&self, index: usize) -> usize {
        self.chars[index.min(self.len())..]
            .iter()
            .take_while(|character| blank(**character))
            .count()
    }

    /// The same in a string that has room already.
    pub fn words<'a>(&self, range: Range<usize>, room: &'a mut String) -> &'a str {
        room.clear();
        room.extend(&self.chars[range]);
        room
    }

    pub fn string(&self, range: Range<usize>) -> String {
        self.chars[range].iter().collect()
    }
}

/// A blank that does not end a line.
#[inline]
pub(crate) fn blank(character: char) -> bool {
    matches!(
        character,
        ' ' | '\u{3000}' | '\u{a0}' | '\u{2002}'..='\u{200a}'
    )
}

/// What [`Line::read_folded`] leaves out.
pub(crate) fn invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
    )
}

/// The narrow form of a full-width character.
#[inline]
pub(crate) fn fold(character: char) -> char {
    match character {
        '！'..='～' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        _ => character,
    }
}

/// A Chinese character.
#[inline]
pub(crate) fn han(character: char) -> bool {
    matches!(character, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '〇')
}

/// The value of a digit, narrow or wide.
#[inline]
pub(crate) fn digit(character: char) -> Option<u32> {
    fold(character).to_digit(10)
}

/// The value of a Chinese digit, 0 to 9.
#[inline]
pub(crate) fn numeral(character: char) -> Option<u32> {
    Some(match character {
        '〇' | '零' | '○' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

/// A Chinese number up to 999 that begins there, and where it ends; also digits one after another, as in a year.
pub(crate) fn chinese_number(line: &Line, start: usize) -> Option<(u32, usize)> {
    let (mut total, mut part, mut digits, mut at) = (0u32, 0u32, 0, start);
    while at < start + 8 {
        match line.get(at) {
            '百' if at > start => {
                total += part.max(1) * 100;
                (part, digits) = (0, 0);
            }
            '十' => {
                total += if digits == 0 { 1 } else { part } * 10;
                (part, digits) = (0, 0);
            }
            character => match numeral(character) {
                Some(value) => {
                    part = part * 10 + value;
                    digits += 1;
                }
                None => break,
            },
        }
        at += 1;
    }
    (at > start).then_some((total + part, at))
}

/// A number of narrow or wide digits that begins there, at most nine of them, and where it ends.
pub(crate) fn arabic_number(line: &Line, start: usize) -> Option<(u32, usize)> {
    let mut value = 0;
    let mut at = start;
    while let Some(next) = digit(line.get(at)) {
        if at - start == 9 {
            return None;
        }
        value = value * 10 + next;
        at += 1;
    }
    (at > start).then_some((value, at))
}

/// Classes of characters, one byte each: looking one up takes no branch.
pub(crate) struct Classes(Box<[u8; 0x1_0000]>);

impl Classes {
    pub fn new(classes: &[(u8, &str)]) -> Self {
        let mut table = vec![0; 0x1_0000].into_boxed_slice();
        for (class, characters) in classes {
            for character in characters.chars() {
                table[character as usize & 0xffff] |= class;
            }
        }
        // The slice was made with this very length.
        Self(table.try_into().expect("65536 entries"))
    }

    #[inline]
    pub fn of(&self, character: char) -> u8 {
        self.0[character as usize & 0xffff]
    }
}
