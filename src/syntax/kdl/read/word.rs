//! A value or a name of the crate as a word, with its exact place.

use super::Reader;
use crate::source::Span;
use crate::syntax::{Literal, Word};
use kdl::{KdlEntry, KdlIdentifier, KdlValue};
use std::ops::Range;

impl Reader<'_> {
    /// A span of this text.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.id, range.start, range.end)
    }

    /// The name of a node or property.
    pub(super) fn name(&self, name: &KdlIdentifier) -> Word {
        let start = name.span().offset();
        self.word(
            start..start + name.span().len(),
            name.value(),
            Literal::Text,
        )
    }

    /// The value of an argument or property. The crate knows where the entry ends, and how long the value is.
    pub(super) fn value(&self, entry: &KdlEntry) -> Word {
        let end = entry.span().offset() + entry.span().len();
        let length = entry.format().map_or(0, |format| format.value_repr.len());
        let range = end.saturating_sub(length)..end;
        let raw = &self.text[range.clone()];
        match entry.value() {
            KdlValue::String(text) => self.word(range, text, Literal::Text),
            KdlValue::Integer(_) | KdlValue::Float(_) if is_number(raw) => {
                self.word(range, raw, Literal::Number)
            }
            KdlValue::Integer(number) => self.word(range, &number.to_string(), Literal::Number),
            KdlValue::Float(number) if number.is_finite() => {
                self.word(range, &number.to_string(), Literal::Number)
            }
            KdlValue::Float(_) => self.word(range, raw.trim_start_matches('#'), Literal::Keyword),
            KdlValue::Bool(value) => self.word(range, &value.to_string(), Literal::Keyword),
            KdlValue::Null => self.word(range, "null", Literal::Keyword),
        }
    }

    /// A decoded text and where it stands: within its quotes, where these are all that was decoded.
    fn word(&self, range: Range<usize>, text: &str, literal: Literal) -> Word {
        let raw = &self.text[range.clone()];
        let bare = raw.trim_matches('#');
        let hashes = (raw.len() - bare.len()) / 2;
        let inside = bare
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let (range, verbatim) = match inside {
            _ if raw == text => (range, true),
            Some(inside) if inside == text => {
                (range.start + hashes + 1..range.end - hashes - 1, true)
            }
            _ => (range, false),
        };
        Word {
            text: text.to_owned(),
            origin: (self.layer)(self.span(range)),
            verbatim,
            literal,
        }
    }

    /// Whether a word is in plain quotes: what is raw says by its `#` that it is meant as it stands.
    pub(super) fn is_quoted(&self, word: &Word) -> bool {
        let Some(span) = word.origin.span() else {
            return false;
        };
        let start = span.start as usize;
        let quote = match word.verbatim {
            true => start.saturating_sub(1),
            false => start,
        };
        let before = self.text[..quote].chars().next_back();
        self.text[quote..].starts_with('"') && before != Some('#')
    }
}

/// Whether a number is written as JSON would write it, without an exponent.
fn is_number(raw: &str) -> bool {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all(whole) && all(fraction) && (whole == "0" || !whole.starts_with('0'))
}
