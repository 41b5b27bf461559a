//! What stands before the page: the window, the looks, the name of the page, its repeated rows, the texts.

use super::{
    looks::Looks,
    record::{Data, begin, end},
    texts::Texts,
};

/// The globals of a workbook with one page that follows right behind them. `titles` are the repeated rows: the first, and
/// the one behind the last.
pub fn globals(name: &str, titles: Option<(u32, u32)>, looks: &Looks, texts: &Texts) -> Vec<u8> {
    let mut out = Vec::new();
    begin(&mut out, 0x0005);
    // Text is UTF-16.
    Data::default().u16(1200).write(&mut out, 0x0042);
    window(&mut out);
    // Days count from 1900.
    Data::default().u16(0).write(&mut out, 0x0022);
    looks.write(&mut out);
    let place = out.len() + 4;
    Data::default()
        .u32(0)
        .u16(0)
        .short_text(name)
        .write(&mut out, 0x0085);
    // China, for program and file.
    Data::default().u16(86).u16(86).write(&mut out, 0x008C);
    if let Some(rows) = titles {
        repeated(&mut out, rows);
    }
    texts.write(&mut out);
    end(&mut out);
    let length = out.len() as u32;
    out[place..place + 4].copy_from_slice(&length.to_le_bytes());
    out
}

fn window(out: &mut Vec<u8>) {
    Data::default()
        .u16(0x01E0)
        .u16(0x005A)
        .u16(0x4BC0)
        .u16(0x2D5A)
        .u16(0x0038)
        .u16(0)
        .u16(0)
        .u16(1)
        .u16(0x0258)
        .write(out, 0x003D);
}

/// The built-in name Print_Titles, which refers to whole rows of the page.
fn repeated(out: &mut Vec<u8>, (first, below): (u32, u32)) {
    const PRINT_TITLES: u8 = 7;
    const AREA: u8 = 0x3B;
    // This workbook, its one page.
    Data::default().u16(1).u16(0x0401).write(out, 0x01AE);
    Data::default()
        .u16(1)
        .u16(0)
        .u16(0)
        .u16(0)
        .write(out, 0x0017);
    Data::default()
        .u16(0x0020)
        .u8(0)
        .u8(1)
        .u16(11)
        .u16(0)
        .u16(1)
        .u32(0)
        .u8(0)
        .u8(PRINT_TITLES)
        .u8(AREA)
        .u16(0)
        .u16(first as u16)
        .u16((below - 1) as u16)
        .u16(0)
        .u16(0x00FF)
        .write(out, 0x0018);
}
