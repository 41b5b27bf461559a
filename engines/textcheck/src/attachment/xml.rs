//! XML parts of office files, read as events with their characters resolved.

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesStart, Event},
};

use super::limits::Problem;

/// What comes next in a part.
pub(super) enum Piece<'a> {
    Start(BytesStart<'a>),
    End(String),
    Text(String),
}

/// A part being read.
pub(super) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
}

impl<'a> Xml<'a> {
    /// A decoded part.
    pub fn new(source: &'a str) -> Self {
        let mut reader = Reader::from_str(source);
        reader.config_mut().expand_empty_elements = true;
        // The words of a part that is cut off or badly nested are wanted all the same.
        reader.config_mut().check_end_names = false;
        Self { reader }
    }

    /// The next piece, `None` at the end. Entities that a part declares itself are not followed.
    pub fn next(&mut self) -> Result<Option<Piece<'a>>, Problem> {
        loop {
            return Ok(Some(
                match self.reader.read_event().map_err(Problem::broken)? {
                    Event::Start(start) => Piece::Start(start),
                    Event::End(end) => Piece::End(end.local_name().as_ref().to_owned()),
                    Event::Text(text) => Piece::Text(text.xml10_content().into_owned()),
                    Event::CData(text) => Piece::Text(text.xml10_content().into_owned()),
                    Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                        Ok(Some(character)) => Piece::Text(character.into()),
                        _ => match resolve_xml_entity(&reference.xml10_content()) {
                            Some(words) => Piece::Text(words.into()),
                            None => continue,
                        },
                    },
                    Event::Eof => return Ok(None),
                    _ => continue,
                },
            ));
        }
    }
}

/// An attribute by its local name.
pub(super) fn attribute(start: &BytesStart<'_>, local: &str) -> Option<String> {
    start
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == local)
        .and_then(|attribute| {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            value.ok().map(|value| value.into_owned())
        })
}

/// Whether an attribute says yes.
pub(super) fn is_true(start: &BytesStart<'_>, local: &str) -> bool {
    matches!(
        attribute(start, local).as_deref(),
        Some("1" | "true" | "on")
    )
}
