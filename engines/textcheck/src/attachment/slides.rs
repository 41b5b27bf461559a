//! Presentations (`.pptx`): slides, notes and comments.

use super::{
    Reading,
    limits::Problem,
    package::Package,
    word,
    xml::{Piece, Xml, is_true},
};
use crate::text::{BlockKind, TextBuilder};

const PARTS: &[(&str, &str, bool)] = &[
    ("ppt/slides/slide", "幻灯片", false),
    ("ppt/notesSlides/notesSlide", "备注页", true),
    ("ppt/comments/", "批注", true),
];

pub(super) fn read(
    reading: &mut Reading<'_>,
    file: &str,
    package: &mut Package<'_>,
) -> Result<(), Problem> {
    for (begin, section, veiled) in PARTS {
        for (part, number) in package.matching(begin, ".xml").into_iter().zip(1..) {
            let Some(source) = package.text(&part, &mut reading.budget)? else {
                continue;
            };
            let mut text = TextBuilder::new();
            let mut paragraph = String::new();
            let mut inside = false;
            let mut unseen = *veiled;
            let mut xml = Xml::new(&source);
            while let Some(piece) = xml.next()? {
                match piece {
                    Piece::Start(start) => match start.local_name().as_ref() {
                        "t" | "text" => inside = true,
                        "br" => paragraph.push('\n'),
                        // A slide says `show="0"` when it is left out of the presentation.
                        "sld" => {
                            unseen |= super::xml::attribute(&start, "show").is_some()
                                && !is_true(&start, "show");
                        }
                        _ => {}
                    },
                    Piece::Text(words) if inside => {
                        reading.budget.text(words.len())?;
                        paragraph.push_str(&words);
                    }
                    Piece::Text(_) => {}
                    Piece::End(name) => match name.as_str() {
                        "t" => inside = false,
                        "p" | "text" | "cm" => {
                            inside = false;
                            text.push(BlockKind::Paragraph, &std::mem::take(&mut paragraph));
                        }
                        _ => {}
                    },
                }
            }
            let veil = if unseen && !veiled {
                "（隐藏）"
            } else {
                ""
            };
            reading.built(file, &format!("{section}{number}{veil}"), unseen, text);
        }
    }
    word::properties(reading, file, package)
}
