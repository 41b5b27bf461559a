//! What a template sees of the world: itself, the files that were handed over, fonts. Nothing else: no
//! disk, no packages, no network, no clock.

use crate::Shared;
use std::collections::HashMap;
use typst::{
    Library, World,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime, Duration},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};

/// One document's world.
pub(crate) struct Room<'a> {
    shared: &'a Shared,
    main: Source,
    files: HashMap<FileId, Bytes>,
}

impl<'a> Room<'a> {
    pub fn new(shared: &'a Shared, main: Source, files: Vec<(&str, Bytes)>) -> Self {
        Self {
            shared,
            main,
            files: files
                .into_iter()
                .map(|(name, bytes)| (id(name), bytes))
                .collect(),
        }
    }
}

/// A template, parsed.
pub(crate) fn template(text: &str) -> Source {
    Source::new(id("main.typ"), text.to_owned())
}

/// Ids are never forgotten by the library, so names must be few: they are constants of the program.
fn id(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("names of files are constants of the program");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

impl World for Room<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.shared.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shared.fonts.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            Ok(self.main.clone())
        } else {
            Err(missing(id))
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or_else(|| missing(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shared.fonts.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}
