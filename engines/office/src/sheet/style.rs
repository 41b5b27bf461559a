//! The few looks that cells have, told once for all formats.

use serde::Serialize;

/// How a cell looks. Declared faces are those of official documents; a machine without them takes its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// 附件1, above the title.
    Tag,
    /// The title.
    Title,
    /// The line that declares who filled in the form.
    Line,
    /// A note below the table.
    Note,
    /// The line of the proof.
    Proof,
    /// A column's heading.
    Heading,
    /// Text of a long table.
    Body,
    /// Short entries of a long table: numbers, 是, names.
    BodyCentre,
    /// A printed label beside what is filled in.
    Label,
    /// A printed label that reads as a sentence.
    Item,
    /// What is filled in beside a label.
    Fill,
    /// The block for the opinion and the seal.
    Opinion,
}

/// A typeface by its part in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Typeface {
    Title,
    Heading,
    Body,
}

impl Typeface {
    /// The name declared in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "方正小标宋简体",
            Self::Heading => "黑体",
            Self::Body => "仿宋",
        }
    }
}

/// Left, middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Left,
    Centre,
}

/// Top, middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Upright {
    Top,
    Middle,
}

/// What a style means in print.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Look {
    pub typeface: Typeface,
    /// In points.
    pub size: f64,
    pub side: Side,
    pub upright: Upright,
    /// A thin line on all four sides.
    pub border: bool,
}

impl Style {
    /// All of them.
    pub(crate) const ALL: [Self; 12] = [
        Self::Tag,
        Self::Title,
        Self::Line,
        Self::Note,
        Self::Proof,
        Self::Heading,
        Self::Body,
        Self::BodyCentre,
        Self::Label,
        Self::Item,
        Self::Fill,
        Self::Opinion,
    ];

    /// The look of a style.
    pub(crate) fn look(self) -> Look {
        use {Side::*, Typeface as T, Upright::*};
        let look = |typeface, size, side, upright, border| Look {
            typeface,
            size,
            side,
            upright,
            border,
        };
        match self {
            Self::Tag => look(T::Heading, 14.0, Left, Middle, false),
            Self::Title => look(T::Title, 20.0, Centre, Middle, false),
            Self::Line => look(T::Body, 12.0, Left, Middle, false),
            Self::Note => look(T::Body, 10.5, Left, Top, false),
            Self::Proof => look(T::Body, 8.0, Left, Top, false),
            Self::Heading => look(T::Heading, 10.5, Centre, Middle, true),
            Self::Body => look(T::Body, 10.5, Left, Middle, true),
            Self::BodyCentre => look(T::Body, 10.5, Centre, Middle, true),
            Self::Label | Self::Fill => look(T::Body, 12.0, Centre, Middle, true),
            Self::Item => look(T::Body, 12.0, Left, Middle, true),
            Self::Opinion => look(T::Body, 12.0, Left, Top, true),
        }
    }
}
