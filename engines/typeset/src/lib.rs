//! Turns a Typst template and its data into a PDF with open Chinese fonts; knows nothing of the application.

mod fonts;
mod lines;
mod long;
mod qr;
mod sheet;
mod text;
mod world;

pub use fonts::{Chosen, FontSource, NoChineseFont, Role};
pub use lines::write_lines;
pub use qr::qr_svg;

use fonts::Fonts;
use std::{fmt, sync::Arc};
use typst::{
    Library, LibraryExt, World,
    diag::SourceDiagnostic,
    ecow::EcoVec,
    foundations::{Bytes, Dict, IntoValue, Smart},
    syntax::Source,
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;
use world::Room;

/// The template of a printed sheet; `README.md` describes its data.
pub const SHEET: &str = include_str!("../templates/sheet.typ");

/// What was compiled is remembered for so many documents: the template's own parts are used again by each,
/// the rest never.
const REMEMBERED: usize = 2;

/// Sets documents. Cheap to clone; one for a program, since it holds the fonts.
#[derive(Clone)]
pub struct Typesetter(Arc<Shared>);

pub(crate) struct Shared {
    pub library: LazyHash<Library>,
    pub fonts: Fonts,
}

/// Why a document could not be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypesetError {
    /// The template or its data are wrong: a mistake of the program.
    #[error("typesetting: {0}")]
    Template(String),
    /// The data are not what the template needs, or their source failed.
    #[error("data for typesetting: {0}")]
    Data(String),
    /// The pages could not be written as PDF.
    #[error("writing the PDF: {0}")]
    Pdf(String),
}

impl fmt::Debug for Typesetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typesetter")
            .field("fonts", &self.0.fonts.chosen)
            .finish()
    }
}

impl Typesetter {
    /// Looks for fonts: some tenths of a second. Their files are read later, each when it is needed first.
    ///
    /// # Errors
    /// When there is no Chinese font; it says where it looked and what to install.
    pub fn new(source: &FontSource) -> Result<Self, NoChineseFont> {
        let fonts = Fonts::find(source)?;
        let mut inputs = Dict::new();
        inputs.insert("fonts".into(), fonts.dict().into_value());
        let library = Library::builder().with_inputs(inputs).build();
        Ok(Self(Arc::new(Shared {
            library: LazyHash::new(library),
            fonts,
        })))
    }

    /// Gives back the memory that the fonts take, some 60 MB; the next document reads their files anew.
    pub fn rest(&self) {
        self.0.fonts.rest();
        typst::comemo::evict(0);
    }

    /// Which family serves each role.
    pub fn fonts(&self) -> &[Chosen] {
        &self.0.fonts.chosen
    }

    /// One sentence for each role whose own style is not there, saying what stands in.
    pub fn notes(&self) -> Vec<String> {
        let standing_in = self.fonts().iter().filter(|chosen| !chosen.own);
        standing_in
            .map(|chosen| {
                let role = chosen.role.label();
                format!("没有找到{role}字体，以“{}”代替", chosen.family)
            })
            .collect()
    }

    /// Sets the template with its data and writes the PDF. The same input gives the same bytes.
    ///
    /// The template reads the data with `json("data.json")` and each of `files` by its name; texts in the data
    /// are texts, never markup. It sees nothing else of the machine. Names of files must be constants.
    ///
    /// # Errors
    /// When the template is wrong or does not go with the data.
    pub fn pdf(
        &self,
        template: &str,
        data: &serde_json::Value,
        files: &[(&str, &[u8])],
    ) -> Result<Vec<u8>, TypesetError> {
        self.write_one(world::template(template), data, files)
    }

    /// A document by itself, and as little as is useful of it remembered.
    fn write_one(
        &self,
        template: Source,
        data: &serde_json::Value,
        files: &[(&str, &[u8])],
    ) -> Result<Vec<u8>, TypesetError> {
        let ident = format!("{}{data}", template.text());
        let outcome =
            set(&self.0, template, data, files).and_then(|document| write(&document, ident, true));
        typst::comemo::evict(REMEMBERED);
        outcome
    }
}

fn set(
    shared: &Shared,
    template: Source,
    data: &serde_json::Value,
    files: &[(&str, &[u8])],
) -> Result<PagedDocument, TypesetError> {
    let mut given = vec![("data.json", Bytes::from_string(data.to_string()))];
    given.extend(
        files
            .iter()
            .map(|(name, bytes)| (*name, Bytes::new(bytes.to_vec()))),
    );
    let room = Room::new(shared, template, given);
    typst::compile(&room)
        .output
        .map_err(|errors| TypesetError::Template(words(&room, &errors)))
}

/// The document as PDF. Structure for screen readers (`tagged`) takes as much room again as the document.
fn write(document: &PagedDocument, ident: String, tagged: bool) -> Result<Vec<u8>, TypesetError> {
    let options = PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("Zhendi".into())),
        tagged,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(document, &options).map_err(|errors| {
        let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
        TypesetError::Pdf(messages.join("; "))
    })
}

/// What went wrong, each with its line of the template.
fn words(room: &Room<'_>, errors: &EcoVec<SourceDiagnostic>) -> String {
    use typst::WorldExt;
    let shown = errors.iter().map(|error| {
        let line = room.range(error.span).and_then(|range| {
            let main = room.source(room.main()).ok()?;
            Some(main.text().get(..range.start)?.matches('\n').count() + 1)
        });
        match line {
            Some(line) => format!("line {line}: {}", error.message),
            None => error.message.to_string(),
        }
    });
    shown.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
