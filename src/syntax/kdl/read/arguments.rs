//! How many arguments a node has, and whether it has a block.

use super::node::Node;
use super::place::is_setting;
use super::sample::sample;
use super::{Reader, misformed};
use crate::diagnostic::Diagnostic;
use crate::settings::{Setting, Takes};
use crate::source::Span;
use crate::syntax::Word;
use crate::syntax::kdl::clump::quoted;

impl Reader<'_> {
    /// The place of a word with its quotes.
    pub(super) fn literal(&self, word: &Word) -> Option<Span> {
        let span = word.origin.span()?;
        let (start, end) = (span.start as usize, span.end as usize);
        let hashes = self.text[end..]
            .strip_prefix('"')
            .map(|rest| rest.len() - rest.trim_start_matches('#').len());
        Some(match hashes {
            Some(hashes) if word.verbatim && self.text[..start].ends_with('"') => {
                self.span(start - 1 - hashes..end + 1 + hashes)
            }
            _ => span,
        })
    }

    /// A word as it stands in the text.
    pub(super) fn raw(&self, word: &Word) -> &str {
        let span = self.literal(word);
        span.map_or("", |span| {
            &self.text[span.start as usize..span.end as usize]
        })
    }

    /// A node lacks what it cannot be without.
    pub(super) fn missing(&mut self, node: &Node, what: &str, row: Option<&Setting>) {
        let name = &node.name.text;
        let help = match sample(name, row) {
            sample if sample == *name => format!("write `{name} value`"),
            sample => format!("write `{sample}`"),
        };
        self.sink.push(
            misformed(format!("`{name}` needs {what}"))
                .at_origin(node.name.origin)
                .label("nothing is behind it")
                .help(help),
        );
    }

    /// The only argument of a node that has no properties and no block.
    pub(super) fn only_argument(&mut self, node: &Node, row: Option<&Setting>) -> Option<Word> {
        let name = &node.name.text;
        let mut arguments = node.arguments.iter();
        let mut properties = node.properties.iter();
        let first = match arguments.next() {
            Some(first) => Some(first),
            None => match properties.next() {
                Some((name, value)) => {
                    self.value_as_property(node, name, value);
                    Some(value)
                }
                None if node.block.is_none() => {
                    self.missing(node, "an argument", row);
                    return None;
                }
                None => None,
            },
        };
        let surplus = arguments.next();
        if let Some((first, surplus)) = first.zip(surplus) {
            let found = misformed(format!("`{name}` takes one argument"))
                .at_origin(surplus.origin)
                .label("one too many");
            let joined = match row.map(|row| row.takes) {
                Some(Takes::Size(_) | Takes::Duration) => {
                    Some(format!("{}{}", first.text, surplus.text))
                }
                None if name == "run" => {
                    let words: Vec<&str> = node.arguments.iter().map(|word| &*word.text).collect();
                    Some(words.join(" "))
                }
                _ => None,
            };
            let ends = self
                .literal(first)
                .zip(node.arguments.last().and_then(|last| self.literal(last)));
            let next = self.literal(surplus).filter(|_| {
                let bare = self.raw(surplus) == surplus.text;
                bare && (is_setting(&surplus.text) || surplus.text == "use")
            });
            let before = next.and_then(|next| {
                let from = self.literal(first)?.end;
                Some(Span {
                    start: from,
                    end: from,
                    ..next
                })
            });
            self.sink.push(match (joined, ends) {
                _ if let Some(before) = before => found
                    .label("another setting on the same line")
                    .help(format!(
                        "write `;` before `{}`, or begin a new line",
                        surplus.text
                    ))
                    .fix(before, ";"),
                (Some(joined), Some((start, end))) => found
                    .help(format!("write `{name} {}`", quoted(&joined)))
                    .fix(
                        Span {
                            end: end.end,
                            ..start
                        },
                        quoted(&joined),
                    ),
                _ => found.help("remove it"),
            });
        }
        let rest: Vec<&(Word, Word)> = properties.collect();
        rest.into_iter().for_each(|(property, value)| {
            self.property(node, &[], property, value);
        });
        self.no_block(node);
        first.filter(|_| surplus.is_none()).cloned()
    }

    /// `memory size="2G"`
    fn value_as_property(&mut self, node: &Node, name: &Word, value: &Word) {
        let of = &node.name.text;
        let raw = self.raw(value).to_owned();
        let found = misformed(format!("`{of}` takes its value as an argument"))
            .at_origin(name.origin)
            .label("a property")
            .help(format!("write `{of} {raw}`"));
        let places = self.literal(name).zip(self.literal(value));
        self.sink.push(match places {
            Some((start, end)) => found.fix(
                Span {
                    end: end.end,
                    ..start
                },
                raw,
            ),
            None => found,
        });
    }

    /// Tells of arguments from the position `most` on.
    pub(super) fn no_arguments(
        &mut self,
        node: &Node,
        most: usize,
        help: &dyn Fn(&Word) -> String,
    ) {
        let Some(surplus) = node.arguments.get(most) else {
            return;
        };
        let name = &node.name.text;
        let (takes, label) = match most {
            0 => ("no argument", "an argument"),
            _ => ("one argument", "one too many"),
        };
        self.sink.push(
            misformed(format!("`{name}` takes {takes}"))
                .at_origin(surplus.origin)
                .label(label)
                .help(help(surplus)),
        );
    }

    /// Tells of a block.
    pub(super) fn no_block(&mut self, node: &Node) {
        let Some(block) = &node.block else { return };
        let name = &node.name.text;
        let settings = block
            .nodes
            .iter()
            .any(|node| is_setting(node.name().value()));
        let help = match sample(name, None) {
            _ if settings && !node.arguments.is_empty() => {
                "move the settings out of it, beside it".to_owned()
            }
            _ if !node.arguments.is_empty() => "remove the block".to_owned(),
            sample if sample == *name => format!("write `{name} value`"),
            sample => format!("write `{sample}`"),
        };
        self.sink.push(self.block(node, block.brace).help(help));
    }

    pub(super) fn block(&self, node: &Node, brace: Span) -> Diagnostic {
        misformed(format!("`{}` has no block", node.name.text))
            .at(brace)
            .label("a block")
    }
}
