//! Places: libyaml counts characters, spans count bytes.

use crate::source::{SourceId, Span};
use libyaml_safer::Mark;

/// Where the characters of a text stand.
pub struct Places {
    id: SourceId,
    /// The byte of each character, where not each is one.
    offsets: Option<Vec<u32>>,
    end: usize,
}

impl Places {
    /// Those of a text.
    pub fn new(text: &str, id: SourceId) -> Self {
        let offsets = || text.char_indices().map(|(at, _)| at as u32).collect();
        Places {
            id,
            offsets: (!text.is_ascii()).then(offsets),
            end: text.len(),
        }
    }

    /// The byte of a mark.
    pub fn byte(&self, mark: Mark) -> usize {
        let index = mark.index as usize;
        let byte = match &self.offsets {
            Some(offsets) => offsets.get(index).map_or(self.end, |at| *at as usize),
            None => index,
        };
        byte.min(self.end)
    }

    /// From one mark to another.
    pub fn span(&self, start: Mark, end: Mark) -> Span {
        Span::new(self.id, self.byte(start), self.byte(end))
    }

    /// From one byte to another.
    pub fn bytes(&self, start: usize, end: usize) -> Span {
        Span::new(self.id, start, end)
    }
}
