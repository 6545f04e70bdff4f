//! Tokens → how they are laid out. What is no KDL has no layout.

use super::super::characters::breaks;
use super::super::scan::{Kind, Token, scan};
use super::WIDTH;
use super::tree::{Bit, Block, Dash, Gap, Item, Node, Part};
use std::mem::take;

/// Deeper than any text that is read.
const DEEPEST: usize = 128;

/// In bytes without blanks: what is longer is too wide for a line, even without the quotes that it may
/// lose and where each character takes four.
const LONGEST: usize = 6 * WIDTH;

/// The layout of a whole text.
pub(super) fn read(text: &str) -> Option<Block<'_>> {
    let mut reader = Reader {
        text,
        tokens: scan(text),
        at: 0,
    };
    reader.block(0)
}

struct Reader<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn kind(&self) -> Option<Kind> {
        self.tokens.get(self.at).map(|token| token.kind)
    }

    /// The text of the token that stands here, which is then passed.
    fn take(&mut self) -> &'a str {
        let range = self.tokens.get(self.at).map_or(0..0, |token| token.range());
        self.at += 1;
        // Blanks at the end of a comment say nothing.
        self.text[range].trim_end()
    }

    /// What stands up to the `}` that closes it, or up to the end; which is passed.
    fn block(&mut self, depth: usize) -> Option<Block<'a>> {
        let begins = self.at;
        let mut block = Block::default();
        let mut line = Line {
            has_owner: depth > 0,
            ..Line::default()
        };
        loop {
            match self.kind() {
                None | Some(Kind::Close) => break,
                Some(Kind::Space | Kind::Semicolon) => self.at += 1,
                Some(Kind::Newline) => {
                    self.at += 1;
                    line.end(&mut block);
                }
                Some(Kind::Escline) => {
                    for comment in comments(self.take()) {
                        line.comment(comment);
                    }
                    line.end(&mut block);
                }
                Some(Kind::LineComment | Kind::BlockComment) => line.comment(self.take()),
                Some(_) => {
                    let node = self.node(depth)?;
                    line.node(node, &mut block);
                }
            }
        }
        if self.kind().is_some() != (depth > 0) {
            return None;
        }
        line.end(&mut block);
        block.is_one_line = (block.head.is_empty() && block.items.is_empty())
            || (self.is_one_line(begins) && block.items.iter().all(Item::is_flat));
        self.at += 1;
        Some(block)
    }

    /// Whether all from a token up to here stands on one line, and may fit on one.
    fn is_one_line(&self, begins: usize) -> bool {
        let mut bytes = 0;
        let mut between = self.tokens[begins..self.at].iter();
        between.all(|token| {
            if token.kind != Kind::Space {
                bytes += token.range().len();
            }
            bytes <= LONGEST && !token.text(self.text).contains(breaks)
        })
    }

    fn node(&mut self, depth: usize) -> Option<Node<'a>> {
        let dash = self.dash();
        let mut name = self.value()?;
        name.iter_mut().for_each(Bit::become_name);
        let mut parts = vec![(Vec::new(), Part::Entry(None, name))];
        loop {
            let gap = self.gap();
            match self.kind() {
                None | Some(Kind::Newline | Kind::LineComment | Kind::Semicolon | Kind::Close) => {
                    let after = gap.into_iter().flat_map(Gap::into_comments).collect();
                    return Some(Node { dash, parts, after });
                }
                Some(_) => {}
            }
            let dash = self.dash();
            let part = if self.kind() == Some(Kind::Open) {
                if depth == DEEPEST {
                    return None;
                }
                self.at += 1;
                Part::Block(dash, self.block(depth + 1)?)
            } else {
                Part::Entry(dash, self.entry()?)
            };
            parts.push((gap, part));
        }
    }

    /// An argument or a property.
    fn entry(&mut self) -> Option<Vec<Bit<'a>>> {
        let mut bits = self.value()?;
        let after = self.at;
        let gap = self.gap();
        if self.kind() != Some(Kind::Equals) {
            self.at = after;
            return Some(bits);
        }
        self.at += 1;
        bits.iter_mut().for_each(Bit::become_name);
        bits.push(Bit::Gap(gap));
        bits.push(Bit::Sign("="));
        bits.push(Bit::Gap(self.gap()));
        bits.append(&mut self.value()?);
        Some(bits)
    }

    /// A string, number or keyword, with its type.
    fn value(&mut self) -> Option<Vec<Bit<'a>>> {
        let mut bits = Vec::new();
        if self.kind() == Some(Kind::OpenParen) {
            self.at += 1;
            bits.push(Bit::Sign("("));
            bits.push(Bit::Gap(self.gap()));
            if !self.kind()?.is_string() {
                return None;
            }
            bits.push(Bit::Plain(self.take()));
            bits.push(Bit::Gap(self.gap()));
            if self.kind() != Some(Kind::CloseParen) {
                return None;
            }
            self.at += 1;
            bits.push(Bit::Sign(")"));
            bits.push(Bit::Gap(self.gap()));
        }
        bits.push(match self.kind()? {
            Kind::Word => Bit::Bare(self.take()),
            Kind::Quoted | Kind::Multiline | Kind::Raw => Bit::Quoted(self.take()),
            Kind::Number | Kind::Keyword => Bit::Plain(self.take()),
            _ => return None,
        });
        Some(bits)
    }

    /// A `/-`, with all that may stand between it and what it takes away.
    fn dash(&mut self) -> Option<Dash<'a>> {
        if self.kind() != Some(Kind::SlashDash) {
            return None;
        }
        self.at += 1;
        let mut dash = Dash {
            is_apart: matches!(
                self.kind(),
                Some(Kind::Space | Kind::Newline | Kind::Escline)
            ),
            comments: Vec::new(),
        };
        loop {
            match self.kind() {
                Some(Kind::Space | Kind::Newline) => self.at += 1,
                Some(Kind::LineComment | Kind::BlockComment) => dash.comments.push(self.take()),
                Some(Kind::Escline) => dash.comments.extend(comments(self.take())),
                _ => return Some(dash),
            }
        }
    }

    fn gap(&mut self) -> Vec<Gap<'a>> {
        let mut gap = Vec::new();
        loop {
            match self.kind() {
                Some(Kind::Space) => self.at += 1,
                Some(Kind::BlockComment) => gap.push(Gap::Comment(self.take())),
                Some(Kind::Escline) => gap.push(Gap::Break(comments(self.take()))),
                _ => return gap,
            }
        }
    }
}

/// The comments between a backslash and the line break that it takes back.
fn comments(escline: &str) -> Vec<&str> {
    let inside = escline.strip_prefix('\\').unwrap_or(escline);
    let is_comment = |token: &Token| matches!(token.kind, Kind::LineComment | Kind::BlockComment);
    let tokens = scan(inside).into_iter().filter(is_comment);
    tokens.map(|token| token.text(inside).trim_end()).collect()
}

/// What has been seen of a line of a block.
#[derive(Default)]
struct Line<'a> {
    comments: Vec<&'a str>,
    /// Whether a node, or the `{`, is on it: comments at its end are about that.
    has_owner: bool,
    /// How many lines before it are blank.
    blank: usize,
}

impl<'a> Line<'a> {
    fn comment(&mut self, comment: &'a str) {
        self.comments.push(comment);
    }

    fn node(&mut self, node: Node<'a>, block: &mut Block<'a>) {
        block.items.push(Item {
            is_apart: self.blank > 0 && !block.items.is_empty(),
            comments: take(&mut self.comments),
            node: Some(node),
        });
        self.has_owner = true;
        self.blank = 0;
    }

    fn end(&mut self, block: &mut Block<'a>) {
        let comments = take(&mut self.comments);
        if comments.is_empty() {
            self.blank = if self.has_owner { 0 } else { self.blank + 1 };
        } else if self.has_owner {
            let last = block.items.last_mut().and_then(|item| item.node.as_mut());
            let owner = last.map_or(&mut block.head, |node| &mut node.after);
            owner.extend(comments);
            self.blank = 0;
        } else {
            block.items.push(Item {
                is_apart: self.blank > 0 && !block.items.is_empty(),
                comments,
                node: None,
            });
            self.blank = 0;
        }
        self.has_owner = false;
    }
}
