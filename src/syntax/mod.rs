//! Texts become documents: what is written, word by word, each with its place.
//!
//! A `.env` and (later) KDL meet here; from a [`Document`] on nobody knows which of the two it was.

pub mod decode;
pub mod dotenv;
mod expand;
pub mod kdl;
mod list;
mod misspelt;
pub mod overrides;
mod references;
pub mod scan;
mod shield;
mod slips;
mod written;

use crate::source::{Origin, SourceId, Span};

/// A decoded text and the place it was written at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Decoded: quotes, escapes and `${X}` are gone.
    pub text: String,
    /// Where it stands.
    pub origin: Origin,
    /// Whether `text` is, byte for byte, what stands at the place.
    pub verbatim: bool,
}

impl Word {
    /// The origin of a part of `text`; of the whole where the text is not verbatim.
    pub fn part(&self, range: std::ops::Range<usize>) -> Origin {
        match self.origin.span() {
            Some(span) if self.verbatim => self.origin.at(span.sub(range.start, range.end)),
            _ => self.origin,
        }
    }

    /// A part of this word as a word of its own.
    pub fn slice(&self, range: std::ops::Range<usize>) -> Word {
        Word {
            text: self.text[range.clone()].to_owned(),
            origin: self.part(range),
            verbatim: self.verbatim,
        }
    }
}

/// One setting as written: its name in the settings' vocabulary, and its values.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The setting's row, as in [`crate::settings`].
    pub setting: &'static str,
    /// The name as the user wrote it (`MEMORY`, `VAGRANTP_MEMORY`, `memory`), with its place.
    pub key: Word,
    /// The values; a list setting may have several.
    pub values: Vec<Word>,
}

/// The settings of one machine, or of the defaults under all of them.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// In written order.
    pub entries: Vec<Entry>,
}

/// What a file says.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file.
    pub source: SourceId,
    /// Its sections.
    pub sections: Vec<Section>,
    /// The place of the whole first line, for what is missing altogether.
    pub head: Span,
}
