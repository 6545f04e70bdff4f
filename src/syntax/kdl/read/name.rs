//! Names that nodes give to things.

use super::node::Node;
use super::place::is_setting;
use super::sample::sample;
use super::{Reader, misformed};
use crate::diagnostic::Diagnostic;
use crate::syntax::Word;
use crate::value::{Flaw, ObjectName};

/// Words with a meaning of their own where the name would stand.
const RESERVED: &[(&str, &[&str])] = &[
    ("machine", &["host"]),
    ("network", &["host", "default", "bridge"]),
];

/// Whether a word means all machines of a kind of name, or of a tag.
pub fn is_pattern(text: &str) -> bool {
    text.starts_with('@') || text.contains(['*', '?', '[', '{'])
}

impl Reader<'_> {
    /// The name that a node gives, its only argument. A wrong one is told and stays what others call it.
    pub(super) fn named(&mut self, node: &Node) -> Option<Word> {
        let what = node.name.text.clone();
        let Some(name) = node.arguments.first() else {
            self.sink.push(
                misformed(format!("`{what}` needs a name"))
                    .at_origin(node.name.origin)
                    .label("nothing is behind it")
                    .help(match what.as_str() {
                        "network" => "write `network backend { … }`".to_owned(),
                        _ => format!("write `{}`", sample(&what, None)),
                    }),
            );
            return None;
        };
        self.one_name(node);
        let flaw = match ObjectName::parse(&name.text) {
            _ if name.text.contains("{{") => Some(Flaw::whole(
                &name.text,
                "is not evaluated",
                "write the name out",
            )),
            Err(_) if self.is_local && what == "machine" && is_pattern(&name.text) => None,
            Err(_) if what == "machine" && is_pattern(&name.text) => Some(Flaw::whole(
                &name.text,
                "is no pattern",
                "put the settings into `defaults { … }`, or the `machine` into a `profile`",
            )),
            Err(flaw) => Some(flaw),
            Ok(_) => None,
        };
        let reserved = RESERVED.iter().find(|(of, _)| *of == what);
        if let Some(flaw) = flaw {
            self.flawed(&what, name, flaw);
        } else if reserved.is_some_and(|(_, words)| words.contains(&&*name.text)) {
            self.sink.push(
                Diagnostic::error(2129)
                    .message(format!(
                        "`{}` is a reserved word, not the name of a {what}",
                        name.text
                    ))
                    .at_origin(name.origin)
                    .label("reserved")
                    .help("write another name"),
            );
        }
        Some(name.clone())
    }

    /// Tells of a second name.
    fn one_name(&mut self, node: &Node) {
        let what = &node.name.text;
        let Some(surplus) = node.arguments.get(1) else {
            return;
        };
        let block = match node.block {
            Some(_) => "its block",
            None => "a block behind it",
        };
        let help = match what.as_str() {
            _ if is_setting(&surplus.text) => format!("put `{}` into {block}", surplus.text),
            "task" => format!("write `{{ run {}; }}`", self.raw(surplus)),
            "network" if surplus.text.contains(['.', '/']) => {
                format!("write `{{ subnet {}; }}`", self.raw(surplus))
            }
            "network" if surplus.text == "internal" => format!("put `internal` into {block}"),
            _ => format!("write a `{what}` for each"),
        };
        self.sink.push(
            misformed(format!("`{what}` has one name"))
                .at_origin(surplus.origin)
                .label("one too many")
                .help(help),
        );
    }

    /// The name of a template's parameter: it is part of expressions, which have no hyphens.
    pub(super) fn param_name(&mut self, name: &Word) {
        let first = |c: char| c.is_ascii_lowercase() || c == '_';
        let rest = |c: char| first(c) || c.is_ascii_digit();
        let text = &name.text;
        if text.starts_with(first) && text.chars().all(rest) {
            return;
        }
        let message = "must be a-z, 0-9 and `_`, and not begin with a digit";
        let near = text.to_lowercase().replace('-', "_");
        let flaw = match near.starts_with(first) && near.chars().all(rest) {
            true => Flaw::instead(text, message, near),
            false => Flaw::whole(text, message, "write a name such as `port`"),
        };
        self.flawed("parameter", name, flaw);
    }

    fn flawed(&mut self, what: &str, name: &Word, flaw: Flaw) {
        let origin = name.part(flaw.range.clone());
        let help = match &flaw.instead {
            Some(name) => format!("write `{name}`"),
            None => flaw.help.clone(),
        };
        let found = Diagnostic::error(2129)
            .message(format!("The name of a {what} {}", flaw.message))
            .at_origin(origin)
            .label(flaw.label)
            .help(help);
        self.sink.push(match (flaw.fix, origin.span()) {
            (Some(fix), Some(span)) if name.verbatim => found.fix(span, fix),
            _ => found,
        });
    }
}
