//! The blocks that are open, and which of them lacks its `}`.
//!
//! The count of braces says how many are missing, the indentation where: a line that is indented no further
//! than the line of the block it would be in stands outside of it for whoever wrote it.

use super::clump::Tokens;
use crate::diagnostic::Diagnostic;
use crate::source::{Origin, Span};

/// How deep blocks may be in each other.
pub(super) const LEVELS: usize = 64;

/// A node whose end is not read yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// Its first token.
    pub(super) first: usize,
    /// The byte of the `/-` before it.
    pub(super) slashed: Option<usize>,
    /// Whether a block of its own was read.
    pub(super) has_block: bool,
}

/// An open block.
#[derive(Debug)]
pub(super) struct Block {
    /// The token that opens it.
    pub(super) open: usize,
    /// The node that it belongs to.
    pub(super) node: Node,
    /// The byte of the `/-` before it.
    pub(super) slashed: Option<usize>,
    /// How far the line of its node is indented, where the node begins a line.
    indent: Option<usize>,
    doubted: bool,
}

/// All open blocks, the outermost first.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    open: Vec<Block>,
    /// The opening tokens of blocks that seem to lack their `}`, and the tokens that show it.
    doubts: Vec<(usize, usize)>,
}

impl Blocks {
    /// Opens one; says so when there are too many.
    pub(super) fn push(
        &mut self,
        of: &Tokens,
        open: usize,
        node: Node,
        slashed: Option<usize>,
    ) -> Option<Diagnostic> {
        if self.open.len() == LEVELS {
            return Some(
                Diagnostic::error(2405)
                    .at(of.span_of(open))
                    .label(format!("more than {LEVELS} blocks are open here"))
                    .help("write it with fewer blocks in each other"),
            );
        }
        self.open.push(Block {
            open,
            node,
            slashed,
            indent: of.indent(node.first),
            doubted: false,
        });
        None
    }

    /// Closes the last one, by the token `at`.
    pub(super) fn pop(&mut self, of: &Tokens, at: usize) -> Option<Block> {
        self.doubt(of, at, |line, block| line < block);
        self.open.pop()
    }

    /// Looks at the first token of a node.
    pub(super) fn node(&mut self, of: &Tokens, at: usize) {
        self.doubt(of, at, |line, block| line <= block);
    }

    fn doubt(&mut self, of: &Tokens, at: usize, outside: fn(usize, usize) -> bool) {
        let Some(line) = of.indent(at) else {
            return;
        };
        for block in self.open.iter_mut().rev() {
            if !block.indent.is_some_and(|indent| outside(line, indent)) {
                break;
            }
            if !std::mem::replace(&mut block.doubted, true) {
                self.doubts.push((block.open, at));
            }
        }
    }

    /// At the end of the text: one finding a `}` that is missing.
    pub(super) fn unclosed(&self, of: &Tokens) -> Vec<Diagnostic> {
        let missing = self.open.len();
        let doubted = self.doubts.iter().map(|(open, at)| (*open, Some(*at)));
        let others = self.open.iter().rev().map(|block| (block.open, None));
        let others =
            others.filter(|(open, _)| !self.doubts.iter().any(|(doubted, _)| doubted == open));
        doubted
            .chain(others)
            .take(missing)
            .map(|(open, at)| {
                let end = of.text.trim_end().len();
                let end = of.span(end..end);
                let (message, place) = match at {
                    Some(at) => ("by its indentation this is outside of it", of.span_of(at)),
                    None => ("the file ends here", end),
                };
                Diagnostic::error(2404)
                    .message("The block is not closed")
                    .at(brace(of, open))
                    .label("opened here")
                    .related(message, Origin::Written(place))
                    .help("write `}` where it ends")
            })
            .collect()
    }
}

/// The brace of an opening token, which may be the end of a string that is not closed.
fn brace(of: &Tokens, open: usize) -> Span {
    let end = of.start(open) + of.text_of(open).trim_end().len();
    of.span(end.max(1) - 1..end)
}
