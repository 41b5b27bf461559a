//! A link as a QR code in a picture.

use super::WriteError;

/// Pixels of a module's side, and modules of the quiet zone that readers need around the code.
const SIDE: usize = 6;
const QUIET: usize = 4;

/// A PNG of the code, and its side in pixels.
pub(crate) fn qr_png(link: &str) -> Result<(Vec<u8>, u32), WriteError> {
    let refused = |error: &dyn std::fmt::Display| WriteError::Library(error.to_string());
    let code = qrcode::QrCode::new(link).map_err(|error| refused(&error))?;
    let modules = code.width() + 2 * QUIET;
    let side = modules * SIDE;
    let colours = code.to_colors();
    let dark = |x: usize, y: usize| {
        let inside = |at: usize| {
            (at / SIDE)
                .checked_sub(QUIET)
                .filter(|at| *at < code.width())
        };
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => colours[y * code.width() + x] == qrcode::Color::Dark,
            _ => false,
        }
    };
    let pixels: Vec<u8> = (0..side)
        .flat_map(|y| (0..side).map(move |x| (x, y)))
        .map(|(x, y)| if dark(x, y) { 0 } else { 255 })
        .collect();
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, side as u32, side as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|error| refused(&error))?;
    writer
        .write_image_data(&pixels)
        .map_err(|error| refused(&error))?;
    writer.finish().map_err(|error| refused(&error))?;
    Ok((png, side as u32))
}
