//! A link as a QR code.

use qrcode::{EcLevel, QrCode, render::svg};

/// The link as a square SVG without a quiet zone: the paper around it is white.
///
/// # Errors
/// `None` when the link is longer than a code holds (about 2,300 bytes).
pub fn qr_svg(link: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M).ok()?;
    Some(
        code.render::<svg::Color<'_>>()
            .quiet_zone(false)
            .min_dimensions(100, 100)
            .build(),
    )
}
