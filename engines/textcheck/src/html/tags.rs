//! The elements that change what a reader sees as one text.

/// What an element does to the text around it. Others do nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Heading(u8),
    Preformatted,
    List {
        ordered: bool,
    },
    Item,
    Table,
    Row,
    Cell {
        heading: bool,
    },
    /// A new line of the same block.
    Break,
    Block,
    /// Its content does not show.
    Hidden(&'static str),
}

impl Tag {
    /// The element of that name, in letters of any case.
    pub fn named(name: &[u8]) -> Option<Self> {
        let mut lower = [0; 10];
        let lower = lower.get_mut(..name.len())?;
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        Some(match &*lower {
            [b'h', level @ b'1'..=b'6'] => Self::Heading(level - b'0'),
            b"pre" | b"listing" | b"textarea" => Self::Preformatted,
            b"ol" => Self::List { ordered: true },
            b"ul" | b"menu" | b"dir" => Self::List { ordered: false },
            b"li" => Self::Item,
            b"table" => Self::Table,
            b"tr" => Self::Row,
            b"td" => Self::Cell { heading: false },
            b"th" => Self::Cell { heading: true },
            b"br" => Self::Break,
            b"script" => Self::Hidden("script"),
            b"style" => Self::Hidden("style"),
            b"template" => Self::Hidden("template"),
            b"title" => Self::Hidden("title"),
            b"svg" => Self::Hidden("svg"),
            b"iframe" => Self::Hidden("iframe"),
            b"address" | b"article" | b"aside" | b"blockquote" | b"body" | b"caption"
            | b"center" | b"col" | b"colgroup" | b"dd" | b"details" | b"dialog" | b"div"
            | b"dl" | b"dt" | b"fieldset" | b"figcaption" | b"figure" | b"footer" | b"form"
            | b"header" | b"hgroup" | b"head" | b"hr" | b"html" | b"legend" | b"main" | b"nav"
            | b"option" | b"optgroup" | b"p" | b"search" | b"section" | b"select" | b"summary"
            | b"tbody" | b"tfoot" | b"thead" => Self::Block,
            _ => return None,
        })
    }

    /// Whether what stands before and behind it is not one line.
    pub fn breaks(self) -> bool {
        !matches!(self, Self::Hidden(_))
    }

    /// The name, if nothing between its tags shows.
    pub fn hides(self) -> Option<&'static str> {
        match self {
            Self::Hidden(name) => Some(name),
            _ => None,
        }
    }
}
