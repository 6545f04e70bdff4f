//! Which module a task runs, and with what: the several ways to say it.

use super::modules::short;
use crate::source::Span;
use crate::syntax::yaml::{Map, Node};
use std::rc::Rc;

/// What a task runs.
pub struct Action {
    /// The module's name as written.
    pub name: String,
    /// Where it stands.
    pub at: Span,
    /// Its arguments: a mapping, a text or nothing.
    pub value: Rc<Node>,
    /// Whether the name is part of the value: `action: copy src=a`.
    pub old: bool,
}

impl Action {
    /// What `action` or `local_action` says. `None` where it cannot be known.
    pub fn old_style(value: &Rc<Node>) -> Option<Action> {
        let named = value.map().and_then(|map| map.get("module"));
        let node = named.unwrap_or(value);
        let name = node.literal()?.split_whitespace().next()?.to_owned();
        Some(Action {
            at: node.span,
            value: value.clone(),
            old: true,
            name,
        })
    }

    /// Its name without that of Ansible's own collection.
    pub fn short(&self) -> &str {
        short(&self.name)
    }

    /// An argument, with its place: of the mapping, or `name=value` of the text.
    pub fn argument<'n>(&'n self, name: &str, map: &'n Map) -> Option<(String, Span)> {
        let beside = map.get("args").and_then(|args| args.map());
        let node = [self.value.map(), beside]
            .into_iter()
            .flatten()
            .find_map(|map| map.get(name));
        if let Some(node) = node {
            return Some((node.literal()?.to_owned(), node.span));
        }
        let text = self
            .value
            .literal()
            .filter(|text| !text.contains(['"', '\'', '\\']))?;
        let prefix = format!("{name}=");
        let words = text.split_whitespace();
        let value = words
            .filter_map(|word| word.strip_prefix(&*prefix))
            .next()?;
        Some((
            value.to_owned(),
            self.part(text, &format!("{prefix}{value}"), prefix.len()),
        ))
    }

    /// Where a part of the text stands; all of it where the file writes it otherwise.
    fn part(&self, text: &str, part: &str, after: usize) -> Span {
        let span = self.value.span;
        let as_written = (span.end - span.start) as usize == text.len();
        match text.find(part).filter(|_| as_written) {
            Some(at) => span.sub(at + after, at + part.len()),
            None => span,
        }
    }

    /// Whether an argument is said at all.
    pub fn says(&self, name: &str, map: &Map) -> bool {
        let beside = map.get("args").and_then(|args| args.map());
        let maps = [self.value.map(), beside];
        let inside = maps
            .into_iter()
            .flatten()
            .any(|map| map.get(name).is_some());
        let text = self.value.text().unwrap_or_default();
        inside || text.contains(&format!("{name}="))
    }

    /// The text that is no `name=value`: a command, a path. `None` where it cannot be told apart.
    pub fn free(&self) -> Option<(String, Span)> {
        let text = self
            .value
            .literal()
            .filter(|text| !text.contains(['"', '\'', '\\', '\n']))?;
        let words = text.split_whitespace().skip(usize::from(self.old));
        let free: Vec<&str> = words.filter(|word| !word.contains('=')).collect();
        Some((free.join(" "), self.value.span))
    }
}
