//! A node of the crate, sorted into what a reader asks it for.

use super::{Reader, misformed};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::Word;
use kdl::{KdlIdentifier, KdlNode};

/// A node's name, and all that stands behind it.
pub(super) struct Node<'k> {
    pub(super) name: Word,
    pub(super) arguments: Vec<Word>,
    pub(super) properties: Vec<(Word, Word)>,
    pub(super) block: Option<Block<'k>>,
}

/// What stands between braces.
pub(super) struct Block<'k> {
    /// The opening brace.
    pub(super) brace: Span,
    pub(super) nodes: &'k [KdlNode],
}

impl Node<'_> {
    /// Whether its name alone is there.
    pub(super) fn is_bare(&self) -> bool {
        self.arguments.is_empty() && self.properties.is_empty() && self.block.is_none()
    }

    /// The place of its name.
    pub(super) fn place(&self) -> Option<Span> {
        self.name.origin.span()
    }
}

impl Reader<'_> {
    /// Sorts a node. Types, and a property that is there twice, are told here.
    pub(super) fn node<'k>(&mut self, raw: &'k KdlNode) -> Node<'k> {
        raw.ty().into_iter().for_each(|ty| self.annotation(ty));
        let name = self.name(raw.name());
        let mut node = Node {
            name,
            arguments: Vec::new(),
            properties: Vec::new(),
            block: None,
        };
        for entry in raw.entries() {
            entry.ty().into_iter().for_each(|ty| self.annotation(ty));
            let value = self.value(entry);
            let Some(name) = entry.name() else {
                node.arguments.push(value);
                continue;
            };
            let name = self.name(name);
            let mut before = node.properties.iter();
            match before.find(|(there, _)| there.text == name.text) {
                Some((there, _)) => {
                    let first = there.origin;
                    self.sink.push(
                        Diagnostic::error(2408)
                            .message(format!("The property `{}` is written twice", name.text))
                            .at_origin(name.origin)
                            .label("again here")
                            .related("first here", first)
                            .help("remove one of them"),
                    );
                }
                None => node.properties.push((name, value)),
            }
        }
        node.block = raw.children().map(|children| {
            let start = children.span().offset().min(self.text.len());
            let brace = self.text[..start].rfind('{').unwrap_or(start);
            Block {
                brace: self.span(brace..brace + 1),
                nodes: children.nodes(),
            }
        });
        node
    }

    fn annotation(&mut self, ty: &KdlIdentifier) {
        let (start, end) = (ty.span().offset(), ty.span().offset() + ty.span().len());
        let open = self.text[..start].rfind('(').unwrap_or(start);
        let close = self.text[end..].find(')').map_or(end, |at| end + at + 1);
        let place = self.span(open..close);
        self.sink.push(
            misformed("A type is not written")
                .at(place)
                .label("a type annotation")
                .help("remove it")
                .fix(place, ""),
        );
    }
}
