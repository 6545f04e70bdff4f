//! One setting, by its form.

use super::node::Node;
use super::place::Place;
use super::sample::sample;
use super::{Reader, misformed};
use crate::settings::{self, Form, Setting};
use crate::source::Span;
use crate::syntax::kdl::clump::quoted;
use crate::syntax::{Entry, Literal, Word};

impl Reader<'_> {
    /// A setting of a row of its own.
    pub(super) fn setting(&mut self, row: &'static Setting, node: &Node, out: &mut Vec<Entry>) {
        let entry = |values| Entry {
            setting: row.name,
            key: node.name.clone(),
            values,
            parts: Vec::new(),
        };
        match row.form {
            Form::Many => {
                let values = self.list(row, node);
                // An empty list would empty what lower layers write, where it only was wrong.
                if node.arguments.is_empty() || !values.is_empty() {
                    out.push(entry(values));
                }
            }
            Form::Item => out.extend(self.item(row, node)),
            Form::Parts => {
                let parts = self.parts(row.name, node);
                out.push(Entry {
                    parts,
                    ..entry(Vec::new())
                });
            }
            Form::Pairs => self.pairs(row, node, out),
            Form::Group => self.group(row, node, out),
            Form::Flag => {
                self.flag(node);
                out.push(entry(Vec::new()));
            }
            Form::One | Form::Kind | Form::OfKind | Form::Property => {
                let value = self.only_argument(node, Some(row));
                let value = value.and_then(|word| self.checked(row, &word));
                out.push(entry(value.into_iter().collect()));
            }
        }
    }

    /// `env APP_ENV=dev`, `env { APP_ENV dev; }`
    fn pairs(&mut self, row: &'static Setting, node: &Node, out: &mut Vec<Entry>) {
        let name = &node.name.text;
        let entry = |values| Entry {
            setting: row.name,
            key: node.name.clone(),
            values,
            parts: Vec::new(),
        };
        if let Some(argument) = node.arguments.first() {
            let found = misformed(format!("`{name}` takes `NAME=value`"))
                .at_origin(argument.origin)
                .label("an argument");
            let pair = argument.text.split_once('=');
            let found = match (pair, &node.arguments[..], self.literal(argument)) {
                (Some((name, value)), _, Some(span)) if is_plain(name) => {
                    let pair = format!("{name}={}", quoted(value));
                    found.help(format!("write `{pair}`")).fix(span, pair)
                }
                (None, [_, value], _) if is_plain(&argument.text) => {
                    found.help(format!("write `{}={}`", argument.text, self.raw(value)))
                }
                _ => found.help(format!("write `{}`", sample(name, Some(row)))),
            };
            self.sink.push(found);
        }
        for (name, value) in &node.properties {
            self.references(row, value);
            out.push(entry(vec![name.clone(), value.clone()]));
        }
        for raw in node.block.iter().flat_map(|block| block.nodes) {
            let pair = self.node(raw);
            if let Some(value) = self.only_argument(&pair, None) {
                self.references(row, &value);
                out.push(entry(vec![pair.name, value]));
            }
        }
        if node.is_bare() {
            out.push(entry(Vec::new()));
        }
    }

    /// `engine-args podman "--device=/dev/fuse"`
    fn group(&mut self, row: &'static Setting, node: &Node, out: &mut Vec<Entry>) {
        for (name, value) in &node.properties {
            self.property(node, &[], name, value);
        }
        self.no_block(node);
        let good = match &node.arguments[..] {
            [] => node.is_bare(),
            [only] if node.properties.is_empty() => {
                self.sink.push(
                    misformed(format!(
                        "`{}` needs an engine and its arguments",
                        node.name.text
                    ))
                    .at_origin(only.origin)
                    .label("nothing is behind it")
                    .help(format!("write `{}`", sample(&node.name.text, Some(row)))),
                );
                false
            }
            [_] => false,
            [_, rest @ ..] => {
                let wrong = rest.iter().filter(|word| !self.references(row, word));
                wrong.count() == 0
            }
        };
        if good {
            out.push(Entry {
                setting: row.name,
                key: node.name.clone(),
                values: node.arguments.clone(),
                parts: Vec::new(),
            });
        }
    }

    /// `read-only`, which says all that it says by being there.
    pub(super) fn flag(&mut self, node: &Node) {
        if let Some(argument) = node.arguments.first() {
            let name = &node.name.text;
            let found = misformed(format!("`{name}` takes no argument"))
                .at_origin(argument.origin)
                .label("an argument");
            let off = argument.literal == Literal::Keyword && argument.text != "true";
            let rest = node.place().zip(self.literal(argument));
            let fixed = |(name, end): (Span, Span)| Span {
                start: name.end,
                end: end.end,
                ..name
            };
            self.sink.push(match rest.map(fixed) {
                _ if off => found.help(format!("remove `{name}`: what is not written is off")),
                Some(span) => found.help(format!("write `{name}` alone")).fix(span, ""),
                None => found.help(format!("write `{name}` alone")),
            });
        }
        for (name, value) in &node.properties {
            self.property(node, &[], name, value);
        }
        if let Some(block) = &node.block {
            let found = self.block(node, block.brace);
            self.sink
                .push(found.help(format!("write `{}` alone", node.name.text)));
        }
    }

    /// `vm "debian/bookworm64"`: its name is the kind, its argument the box. A block is none, but what
    /// stands in it is read.
    pub(super) fn kind(&mut self, place: Place, node: &Node, out: &mut Vec<Entry>) {
        let setting = match &*node.name.text {
            "vm" => settings::of("box"),
            _ => settings::of("image"),
        };
        let entry = |setting, values| Entry {
            setting,
            key: node.name.clone(),
            values,
            parts: Vec::new(),
        };
        let kind = Word {
            verbatim: self.raw(&node.name) == node.name.text,
            ..node.name.clone()
        };
        out.push(entry("kind", vec![kind]));
        if let Some(block) = &node.block {
            let found = self.block(node, block.brace);
            self.sink
                .push(found.help("move what is in it out, beside it in the block of the machine"));
            let inside = self.inside(place, Some(block));
            out.extend(inside.section.entries);
        }
        let alone = Node {
            name: node.name.clone(),
            arguments: node.arguments.clone(),
            properties: Vec::new(),
            block: None,
        };
        let names = [setting.name, "name", "image", "box"];
        match &node.properties[..] {
            [(name, _), ..] if node.arguments.is_empty() && names.contains(&&*name.text) => {
                let with = Node {
                    properties: node.properties.clone(),
                    ..alone
                };
                let value = self.only_argument(&with, Some(setting));
                out.push(entry(setting.name, value.into_iter().collect()));
            }
            properties => {
                for (name, value) in properties {
                    self.property(node, &[], name, value);
                }
                if !node.arguments.is_empty() {
                    let value = self.only_argument(&alone, Some(setting));
                    let value = value.and_then(|word| self.checked(setting, &word));
                    out.push(entry(setting.name, value.into_iter().collect()));
                }
            }
        }
    }
}

/// Whether a text can be the name of a property without quotes.
fn is_plain(name: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(part)
}
