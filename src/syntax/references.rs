//! What a value of ours takes from elsewhere, where that is surely not meant.

use super::expand::{Reading, Reference};
use super::scan::{Item, Pair};
use super::shield::Variables;
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::{Origin, SourceId, Span};
use std::collections::HashMap;

/// The keys of a text, as references may name them.
pub struct References<'a> {
    text: &'a str,
    id: SourceId,
    defined: HashMap<&'a str, usize>,
}

impl<'a> References<'a> {
    /// The keys of the pairs in `items`.
    pub fn new(text: &'a str, id: SourceId, items: &[Item]) -> Self {
        let pairs = items.iter().filter_map(Item::pair);
        let defined = pairs
            .map(|pair| (&text[pair.key.clone()], pair.key.start))
            .collect();
        References { text, id, defined }
    }

    /// Whether a key is defined anywhere.
    pub fn defines(&self, key: &str) -> bool {
        self.defined.contains_key(key)
    }

    /// Warns of what in the value of `pair` is undefined, or not what the file says.
    pub fn check(&self, pair: &Pair, reading: &Reading, variables: &Variables, sink: &mut Sink) {
        let raw = &self.text[pair.value.clone()];
        let mut references = reading.references.iter().peekable();
        while let Some(reference) = references.next() {
            let next = references.peek();
            let doubled = next.is_some_and(|next| next.range.start == reference.range.end);
            let name = &raw[reference.name.clone()];
            let start = pair.value.start;
            let place = self.span(start + reference.range.start, start + reference.range.end);
            match (name, variables.outer(name), variables.inner(name)) {
                // `$$word` is told at `$word`.
                ("", ..) if doubled => {}
                ("", ..) => sink.push(
                    Diagnostic::warning(2303)
                        .message("A `$` without a name is dropped")
                        .at(place)
                        .label("names nothing")
                        .help("write `\\$`, or put the value in single quotes, to keep the `$`"),
                ),
                (_, None, None) => sink.push(self.undefined(raw, reference, name, place)),
                (_, Some(outer), Some((inner, at))) if outer != inner => sink.push(
                    Diagnostic::warning(2305)
                        .message(format!("`{name}` of the environment wins over the file's"))
                        .at(place)
                        .label("not the file's value")
                        .help(format!("unset `{name}` in the shell to use the file's"))
                        .related("defined here", self.key(name, at)),
                ),
                _ => {}
            }
        }
    }

    fn undefined(&self, raw: &str, reference: &Reference, name: &str, place: Span) -> Diagnostic {
        let found = Diagnostic::warning(2303).at(place).label("empty");
        // dotenvy ends a bare name at `_`; who writes `$A_B` means all of it.
        let tail = raw[reference.range.end..]
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .next()
            .filter(|tail| tail.starts_with('_') && reference.name.end == reference.range.end);
        if let Some(tail) = tail {
            let whole = self.span(place.start as usize, place.end as usize + tail.len());
            let fixed = format!("${{{name}{tail}}}");
            return found
                .message(format!(
                    "`{name}` is not defined: a name without braces ends at `_`"
                ))
                .help(format!("write `{fixed}`"))
                .fix(whole, fixed);
        }
        let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if let Some((head, default)) = name.split_once(":-").or(name.split_once('-'))
            && !head.is_empty()
            && head.chars().all(part)
        {
            return found
                .message("A reference takes a name alone: the default in the braces is not read")
                .help(format!(
                    "write `{default}`, or define `{head}` above and write `${{{head}}}`"
                ));
        }
        match self.defined.get(name) {
            Some(at) => found
                .message(format!(
                    "`{name}` is defined only further down and is empty here"
                ))
                .help("move its line above this one")
                .related("defined here", self.key(name, *at)),
            None => found
                .message(format!("`{name}` is not defined and is empty here"))
                .help(format!(
                    "define `{name}` above, or put the value in single quotes to keep the `$`"
                )),
        }
    }

    fn key(&self, name: &str, at: usize) -> Origin {
        Origin::Written(self.span(at, at + name.len()))
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.id, start, end)
    }
}
