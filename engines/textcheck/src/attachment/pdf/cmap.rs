//! The table of a font that says which characters its codes stand for (`ToUnicode`).

use std::collections::HashMap;

/// What codes stand for.
#[derive(Debug, Default)]
pub(super) struct Characters {
    single: HashMap<u32, String>,
    /// First and last code, and the UTF-16 of the first.
    ranges: Vec<(u32, u32, Vec<u16>)>,
    /// Bytes of one code.
    pub width: usize,
}

/// Mappings of one font; more than there are characters is no table.
const MOST: usize = 200_000;

enum Token<'a> {
    Hex(Vec<u8>),
    Open,
    Close,
    Word(&'a [u8]),
}

impl Characters {
    pub fn read(source: &[u8]) -> Self {
        let mut table = Self {
            width: 0,
            ..Self::default()
        };
        let mut tokens = Tokens { source, at: 0 };
        while let Some(token) = tokens.next() {
            let Token::Word(word) = token else { continue };
            match word {
                b"begincodespacerange" => {
                    while let Some(Token::Hex(low)) = tokens.next() {
                        table.width = table.width.max(low.len());
                        tokens.next();
                    }
                }
                b"beginbfchar" => {
                    while let Some(Token::Hex(code)) = tokens.next() {
                        let Some(Token::Hex(to)) = tokens.next() else {
                            break;
                        };
                        table.width = table.width.max(code.len());
                        table.put(number(&code), &units(&to));
                    }
                }
                b"beginbfrange" => table.ranges(&mut tokens),
                _ => {}
            }
        }
        table.width = table.width.clamp(1, 4);
        table
    }

    fn ranges(&mut self, tokens: &mut Tokens<'_>) {
        while let Some(Token::Hex(low)) = tokens.next() {
            let Some(Token::Hex(high)) = tokens.next() else {
                return;
            };
            self.width = self.width.max(low.len());
            let (first, last) = (number(&low), number(&high));
            match tokens.next() {
                Some(Token::Hex(to)) if self.ranges.len() < MOST && first <= last => {
                    self.ranges.push((first, last, units(&to)));
                }
                Some(Token::Open) => {
                    let mut code = first;
                    while let Some(Token::Hex(to)) = tokens.next() {
                        self.put(code, &units(&to));
                        code = code.saturating_add(1);
                    }
                }
                Some(_) => {}
                None => return,
            }
        }
    }

    fn put(&mut self, code: u32, units: &[u16]) {
        if self.single.len() < MOST {
            self.single.insert(code, String::from_utf16_lossy(units));
        }
    }

    /// What a code stands for.
    pub fn get(&self, code: u32) -> Option<String> {
        if let Some(found) = self.single.get(&code) {
            return Some(found.clone());
        }
        let (first, _, units) = self
            .ranges
            .iter()
            .find(|(first, last, _)| (*first..=*last).contains(&code))?;
        let mut units = units.clone();
        let last = units.last_mut()?;
        *last = last.wrapping_add((code - first) as u16);
        Some(String::from_utf16_lossy(&units))
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .take(4)
        .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    match bytes {
        [one] => vec![u16::from(*one)],
        _ => bytes
            .chunks_exact(2)
            .take(32)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect(),
    }
}

struct Tokens<'a> {
    source: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.source.get(self.at..)?;
        let skip = rest
            .iter()
            .position(|byte| !byte.is_ascii_whitespace() && *byte != 0)?;
        self.at += skip;
        let rest = &self.source[self.at..];
        match rest[0] {
            b'<' if rest.get(1) != Some(&b'<') => {
                let end = memchr::memchr(b'>', rest)?;
                self.at += end + 1;
                let digits: Vec<u32> = rest[1..end]
                    .iter()
                    .filter_map(|byte| char::from(*byte).to_digit(16))
                    .take(256)
                    .collect();
                let pairs = digits.chunks(2);
                Some(Token::Hex(
                    pairs
                        .map(|pair| (16 * pair[0] + pair.get(1).unwrap_or(&0)) as u8)
                        .collect(),
                ))
            }
            b'[' => {
                self.at += 1;
                Some(Token::Open)
            }
            b']' => {
                self.at += 1;
                Some(Token::Close)
            }
            _ => {
                let end = rest[1..]
                    .iter()
                    .position(|byte| byte.is_ascii_whitespace() || b"<[]/".contains(byte))
                    .map_or(rest.len(), |end| end + 1);
                self.at += end;
                Some(Token::Word(&rest[..end]))
            }
        }
    }
}
