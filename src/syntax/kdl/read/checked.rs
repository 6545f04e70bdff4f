//! What no value may be, whatever it is for.

use super::sample::{property, sample};
use super::{Reader, misformed};
use crate::diagnostic::Diagnostic;
use crate::settings::{Form, Setting};
use crate::syntax::Word;
use std::ops::Range;

/// Settings whose texts a shell or a program of the machine reads: their `${X}` is its own.
const OF_THE_MACHINE: &[&str] = &["command", "ready.command"];

impl Reader<'_> {
    /// A value that is not empty and has no reference in the way of a `.env`.
    pub(super) fn checked(&mut self, row: &'static Setting, word: &Word) -> Option<Word> {
        if !word.text.is_empty() {
            return self.references(row, word).then(|| word.clone());
        }
        let name = row.own_name();
        let sample = match row.form {
            Form::Property => property(row),
            Form::OfKind if row.name == "box" => sample("vm", None),
            Form::OfKind => sample("container", None),
            _ => sample(name, Some(row)),
        };
        self.sink.push(
            Diagnostic::error(row.rule)
                .message(format!("Invalid value for {}: must not be empty", row.name))
                .at_origin(
                    self.literal(word)
                        .map_or(word.origin, |span| word.origin.at(span)),
                )
                .label("nothing")
                .help(format!("write one such as `{sample}`, or remove it")),
        );
        None
    }

    /// Tells of each `${NAME}`, and whether there is none.
    pub(super) fn references(&mut self, row: &'static Setting, word: &Word) -> bool {
        OF_THE_MACHINE.contains(&row.name) || self.no_references(word)
    }

    /// Tells of each `${NAME}` in plain quotes, and whether there is none.
    pub(super) fn no_references(&mut self, word: &Word) -> bool {
        if !word.text.contains("${") || !self.is_quoted(word) {
            return true;
        }
        let found = references(&word.text);
        for (range, name) in &found {
            let origin = word.part(range.clone());
            let instead = format!("{{{{ env.{name} }}}}");
            let told = misformed("A variable of the environment is not written with `$`")
                .at_origin(origin)
                .label("not evaluated")
                .help(format!("write `{instead}`"));
            self.sink.push(match origin.span() {
                Some(span) if word.verbatim => told.fix(span, instead),
                _ => told,
            });
        }
        found.is_empty()
    }
}

/// All `${NAME}` of a text.
fn references(text: &str) -> Vec<(Range<usize>, &str)> {
    let starts = text.match_indices("${");
    let each = starts.filter_map(|(start, _)| {
        let rest = &text[start + 2..];
        let name = &rest[..rest.find('}')?];
        let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let end = start + 2 + name.len() + 1;
        (is_name && name.chars().all(part)).then_some((start..end, name))
    });
    each.collect()
}
