//! Checks of texts and attachments with the layers of a unit.
