//! One form for what is written in several: width, case, traditional characters; and what counts as nothing.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// What [`Fold::of`] says of a character that counts as nothing.
pub(crate) const NOTHING: char = '\0';

static TABLE: LazyLock<Fold> = LazyLock::new(Fold::new);

/// The folded form of each character, as a table: it is asked for every character of every text.
pub(crate) struct Fold {
    /// For the first plane. No character that is kept folds into a surrogate.
    near: Box<[u16; 0x1_0000]>,
    /// A bit for each character of the first plane that does not stay as it is. Most of a text does, and this says so
    /// from a few lines of the cache.
    changes: [u64; 0x400],
}

impl Fold {
    pub fn get() -> &'static Self {
        &TABLE
    }

    /// The folded form, or [`NOTHING`].
    #[inline(always)]
    pub fn of(&self, character: char) -> char {
        let at = character as usize;
        match self.changes.get(at >> 6) {
            Some(changes) if changes >> (at & 63) & 1 == 0 => character,
            // Below the surrogates or above them.
            Some(_) => char::from_u32(u32::from(self.near[at])).unwrap_or(NOTHING),
            None => far(character),
        }
    }

    fn new() -> Self {
        let mut near: Box<[u16; 0x1_0000]> = vec![0; 0x1_0000]
            .into_boxed_slice()
            .try_into()
            .expect("as long as it was made");
        for (at, folded) in (0..=0xffff).zip(near.iter_mut()) {
            if let Some(character) = char::from_u32(at) {
                *folded = folded_near(character);
            }
        }
        let data = include_str!("../data/traditional.txt");
        for pair in data
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_whitespace)
        {
            let mut characters = pair.chars();
            if let (Some(traditional), Some(simplified)) = (characters.next(), characters.next()) {
                near[traditional as usize] = simplified as u16;
            }
        }
        // Compatibility forms of traditional characters have both steps to go.
        for at in 0..near.len() {
            let once = usize::from(near[at]);
            if once != at && once != 0 {
                near[at] = near[once];
            }
        }
        let mut changes = [0; 0x400];
        for (at, folded) in near.iter().enumerate() {
            changes[at >> 6] |= u64::from(usize::from(*folded) != at) << (at & 63);
        }
        Self { near, changes }
    }
}

/// Width, compatibility forms and case of a character of the first plane.
fn folded_near(character: char) -> u16 {
    if is_nothing(character) {
        return 0;
    }
    let wide = match character {
        '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' => {
            single(character.nfkc()).unwrap_or(character)
        }
        _ => character,
    };
    let lower = single(wide.to_lowercase()).unwrap_or(wide);
    u16::try_from(u32::from(lower)).unwrap_or(character as u16)
}

/// Letters for formulas, compatibility forms, and marks that do not show, of the planes above.
#[cold]
fn far(character: char) -> char {
    match character {
        '\u{1d400}'..='\u{1d7ff}' | '\u{2f800}'..='\u{2fa1f}' => single(character.nfkc())
            .and_then(|plain| single(plain.to_lowercase()))
            .unwrap_or(character),
        '\u{e0000}'..='\u{e0fff}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' => {
            NOTHING
        }
        _ => character,
    }
}

/// Spaces within a line, what has no width, marks put upon other characters, controls.
/// What ends a line does count: no word crosses it.
fn is_nothing(character: char) -> bool {
    let ends_line = matches!(
        character,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    );
    let invisible = matches!(
        character,
        '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{300}'..='\u{36f}'
            | '\u{20d0}'..='\u{20ff}'
    );
    !ends_line && (invisible || character.is_whitespace() || character.is_control())
}

fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    characters.next().filter(|_| characters.next().is_none())
}
