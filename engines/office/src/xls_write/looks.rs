//! Fonts, number formats and the formats of cells.

use super::record::Data;
use crate::{
    sheet::{Side, Style, Typeface, Upright},
    write::DATE_FORMAT,
};

/// Number of the one number format that is not built in.
const DATE: u16 = 164;
/// Formats of styles that a workbook begins with, and the plain cell behind them.
const BUILT_IN: u16 = 15;

/// How a cell is shown: its style, bold where marked, as a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    pub style: Style,
    pub marked: bool,
    pub day: bool,
}

#[derive(Clone, Copy, PartialEq)]
struct Font {
    typeface: Typeface,
    twips: u16,
    bold: bool,
}

/// All formats that cells may have, numbered.
pub struct Looks {
    fonts: Vec<Font>,
    kinds: Vec<Kind>,
}

impl Looks {
    pub fn new() -> Self {
        let kinds: Vec<Kind> = Style::ALL
            .into_iter()
            .flat_map(|style| {
                [(false, false), (true, false), (false, true)].map(|(marked, day)| Kind {
                    style,
                    marked,
                    day,
                })
            })
            .collect();
        let mut fonts = Vec::new();
        for &kind in &kinds {
            let font = Font::of(kind);
            if !fonts.contains(&font) {
                fonts.push(font);
            }
        }
        Self { fonts, kinds }
    }

    /// The number of a format.
    pub fn number(&self, kind: Kind) -> u16 {
        let at = self.kinds.iter().position(|&known| known == kind);
        BUILT_IN + 1 + at.unwrap_or_default() as u16
    }

    /// The records FONT, FORMAT, XF and STYLE.
    pub fn write(&self, out: &mut Vec<u8>) {
        // The first font gives columns their unit of width; there is none with number 4, so the first four are plain.
        for _ in 0..PLAIN_FONTS {
            font(out, "Arial", 200, false, 0);
        }
        for own in &self.fonts {
            font(out, own.typeface.name(), own.twips, own.bold, GB2312);
        }
        Data::default()
            .u16(DATE)
            .text(DATE_FORMAT)
            .write(out, 0x041E);
        for at in 0..BUILT_IN {
            let used = if at == 0 { 0x00 } else { 0xF4 };
            format(out, 0, 0, STYLE, 0x20, used, 0);
        }
        format(out, 0, 0, CELL, 0x20, 0x00, 0);
        for &kind in &self.kinds {
            let look = kind.style.look();
            let at = self.fonts.iter().position(|&font| font == Font::of(kind));
            // Number 4 does not exist.
            let font = PLAIN_FONTS + 1 + at.unwrap_or_default() as u16;
            let across = match look.side {
                Side::Left => 1,
                Side::Centre => 2,
            };
            let upright = match look.upright {
                Upright::Top => 0x00,
                Upright::Middle => 0x10,
            };
            let number = if kind.day { DATE } else { 0 };
            let border = if look.border { 0x1111 } else { 0 };
            format(
                out,
                font,
                number,
                CELL,
                across | WRAP | upright,
                0xFC,
                border,
            );
        }
        // The one style: Normal.
        Data::default()
            .u16(0x8000)
            .u8(0)
            .u8(0xFF)
            .write(out, 0x0293);
    }
}

impl Font {
    fn of(kind: Kind) -> Self {
        let look = kind.style.look();
        Self {
            typeface: look.typeface,
            // Sizes are small.
            twips: (look.size * 20.0) as u16,
            bold: kind.marked,
        }
    }
}

const PLAIN_FONTS: u16 = 4;
const GB2312: u8 = 134;
/// A style, with no parent; locked.
const STYLE: u16 = 0xFFF5;
/// A cell after the first style; locked.
const CELL: u16 = 0x0001;
const WRAP: u8 = 0x08;

fn font(out: &mut Vec<u8>, name: &str, twips: u16, bold: bool, charset: u8) {
    Data::default()
        .u16(twips)
        .u16(u16::from(bold))
        // The automatic colour.
        .u16(0x7FFF)
        .u16(if bold { 700 } else { 400 })
        .u16(0)
        .u8(0)
        .u8(0)
        .u8(charset)
        .u8(0)
        .short_text(name)
        .write(out, 0x0031);
}

/// `used` says which groups of attributes are the format's own; `border` holds four line styles.
fn format(out: &mut Vec<u8>, font: u16, number: u16, what: u16, align: u8, used: u8, border: u32) {
    // The automatic colour for each line that there is.
    let (sides, ends) = if border == 0 {
        (0, 0)
    } else {
        (0x40 << 16 | 0x40 << 23, 0x40 | 0x40 << 7)
    };
    Data::default()
        .u16(font)
        .u16(number)
        .u16(what)
        .u8(align)
        .u8(0)
        .u8(0)
        .u8(used)
        .u32(border | sides)
        .u32(ends)
        .u16(0x20C0)
        .write(out, 0x00E0);
}
