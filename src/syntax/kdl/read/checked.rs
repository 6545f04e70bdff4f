//! What no value may be, whatever it is for.

use super::sample::{property, sample};
use super::{Reader, misformed};
use crate::diagnostic::Diagnostic;
use crate::settings::{Form, Setting, Takes};
use crate::syntax::{Literal, Word};
use std::ops::Range;

/// Settings whose texts a shell or a program of the machine reads: their `${X}` is its own.
const OF_THE_MACHINE: &[&str] = &["command", "ready.command"];

impl Reader<'_> {
    /// A value that is not empty and has no reference in the way of a `.env`.
    pub(super) fn checked(&mut self, row: &'static Setting, word: &Word) -> Option<Word> {
        if !word.text.is_empty() {
            let good = self.is_text(row, word) && self.references(row, word);
            return good.then(|| word.clone());
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

    /// Tells of `#true`, `#false` and `#null` where a text is wanted that they would make, and whether it is none.
    fn is_text(&mut self, row: &'static Setting, word: &Word) -> bool {
        use Takes::{
            BoxName, GuestPath, Image, Name, ObjectName, PackageName, Path, Share, Text, User,
            VariableName,
        };
        let wants = matches!(
            row.takes,
            BoxName
                | GuestPath
                | Image
                | Name
                | ObjectName
                | PackageName
                | Path
                | Share
                | Text
                | User
                | VariableName
        );
        if !wants || word.literal != Literal::Keyword {
            return true;
        }
        let raw = self.raw(word).to_owned();
        let help = match (row.form, word.text.as_str()) {
            (Form::OfKind, "true") => "remove it: a setting that is written is on".to_owned(),
            (Form::Property, _) => format!("write one such as `{}`, or remove it", property(row)),
            (Form::OfKind, _) if row.name == "box" => "write `container` instead".to_owned(),
            (Form::OfKind, _) => "write `vm` instead".to_owned(),
            _ => format!(
                "write one such as `{}`, or remove it",
                sample(row.own_name(), Some(row))
            ),
        };
        self.sink.push(
            Diagnostic::error(row.rule)
                .message(format!("Invalid value for {}: must be a text", row.name))
                .at_origin(word.origin)
                .label(format!("`{raw}` is none"))
                .help(help),
        );
        false
    }

    /// Tells of each `${NAME}`, and whether there is none.
    pub(super) fn references(&mut self, row: &'static Setting, word: &Word) -> bool {
        // No image and no size has a `$` in it.
        let bare = matches!(
            row.takes,
            Takes::Image | Takes::BoxName | Takes::Size(_) | Takes::Ports
        );
        let found = match bare {
            true => bare_references(&word.text),
            false => Vec::new(),
        };
        OF_THE_MACHINE.contains(&row.name) || (self.tell(word, &found) && self.no_references(word))
    }

    /// Tells of each `${NAME}` in plain quotes, and whether there is none.
    pub(super) fn no_references(&mut self, word: &Word) -> bool {
        if !word.text.contains("${") || !self.is_quoted(word) {
            return true;
        }
        self.tell(word, &references(&word.text))
    }

    /// Tells of references, and whether there is none.
    fn tell(&mut self, word: &Word, found: &[(Range<usize>, &str)]) -> bool {
        for (range, name) in found {
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

/// All `$NAME` of a text.
fn bare_references(text: &str) -> Vec<(Range<usize>, &str)> {
    let starts = text.match_indices('$');
    let each = starts.filter_map(|(start, _)| {
        let rest = &text[start + 1..];
        let part = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        let name = &rest[..rest.find(part).unwrap_or(rest.len())];
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        is_name.then_some((start..start + 1 + name.len(), name))
    });
    each.collect()
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
