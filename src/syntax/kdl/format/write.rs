//! A layout → its text.

use super::WIDTH;
use super::multiline::indented;
use super::spelling::{Spelling, argument, bare, property, quoted};
use super::tree::{Bit, Block, Dash, Gap, Item, Node, Part, name};
use std::borrow::Cow;

pub(super) fn write(block: &Block) -> String {
    let mut writer = Writer::default();
    writer.items(&block.items, 0);
    writer.out
}

#[derive(Default)]
struct Writer {
    out: String,
    /// Whether all goes onto one line.
    is_flat: bool,
}

impl Writer {
    fn items(&mut self, items: &[Item], level: usize) {
        for item in items {
            if item.is_apart {
                self.out.push('\n');
            }
            self.out.push_str(&indent(level));
            self.item(item, level);
            self.out.push('\n');
        }
    }

    fn item(&mut self, item: &Item, level: usize) {
        for (number, comment) in item.comments.iter().enumerate() {
            self.out.push_str(if number > 0 { " " } else { "" });
            self.out.push_str(&lines(comment));
        }
        if let Some(node) = &item.node {
            self.out
                .push_str(if item.comments.is_empty() { "" } else { " " });
            self.node(node, level);
        }
    }

    fn node(&mut self, node: &Node, level: usize) {
        self.dash(node.dash.as_ref(), level);
        let mut arguments = 0;
        for (number, (gap, part)) in node.parts.iter().enumerate() {
            if number > 0 {
                self.gap(gap, level);
                self.blank();
            }
            match part {
                Part::Block(dash, block) => {
                    self.dash(dash.as_ref(), level + 1);
                    self.block(block, level);
                }
                Part::Entry(dash, bits) => {
                    self.dash(dash.as_ref(), level + 1);
                    let spelling = match name(bits) {
                        Some(key) => property(node.name(), key),
                        None => argument(node.name(), arguments),
                    };
                    let counts = dash.is_none() && name(bits).is_none();
                    arguments += usize::from(counts);
                    bits.iter().for_each(|bit| self.bit(bit, spelling, level));
                }
            }
        }
        self.behind(&node.after);
    }

    fn bit(&mut self, bit: &Bit, spelling: Spelling, level: usize) {
        match bit {
            Bit::Sign(sign) => self.out.push_str(sign),
            Bit::Gap(gap) => self.gap(gap, level),
            Bit::Plain(text) => self.out.push_str(&lines(text)),
            Bit::Name(text) => self.out.push_str(&lines(quoted(text, Spelling::Name))),
            Bit::Bare(text) => self.out.push_str(&bare(text, spelling)),
            Bit::Quoted(text) => match indented(text, &indent(level + 1)) {
                Some(text) => self.out.push_str(&text),
                None => self.out.push_str(&lines(quoted(text, spelling))),
            },
        }
    }

    /// What stands between two words beside blanks, with blanks around it.
    fn gap(&mut self, gap: &[Gap], level: usize) {
        for one in gap {
            self.blank();
            match one {
                Gap::Comment(comment) => self.out.push_str(&lines(comment)),
                Gap::Break(comments) => {
                    self.out.push('\\');
                    self.behind(comments);
                    self.line(level + 1);
                }
            }
        }
        if !gap.is_empty() {
            self.blank();
        }
    }

    fn dash(&mut self, dash: Option<&Dash>, level: usize) {
        let Some(dash) = dash else { return };
        self.out.push_str("/-");
        for comment in &dash.comments {
            self.blank();
            self.out.push_str(&lines(comment));
            if comment.starts_with("//") {
                self.line(level);
            }
        }
        if dash.is_apart || !dash.comments.is_empty() {
            self.blank();
        }
    }

    /// A block: on one line if it was written so, and fits.
    fn block(&mut self, block: &Block, level: usize) {
        if block.is_one_line {
            let line = one_line(block);
            let before = self.out.len() - self.out.rfind('\n').map_or(0, |at| at + 1);
            let before = self.out[self.out.len() - before..].chars().count();
            if self.is_flat || before + line.chars().count() <= WIDTH {
                return self.out.push_str(&line);
            }
        }
        self.out.push('{');
        self.behind(&block.head);
        self.out.push('\n');
        self.items(&block.items, level + 1);
        self.out.push_str(&indent(level));
        self.out.push('}');
    }

    /// Comments at the end of a line.
    fn behind(&mut self, comments: &[&str]) {
        for (number, comment) in comments.iter().enumerate() {
            self.out.push_str(if number == 0 && !self.is_flat {
                "  "
            } else {
                " "
            });
            self.out.push_str(&lines(comment));
        }
    }

    /// A blank, unless one is there.
    fn blank(&mut self) {
        if !self.out.ends_with([' ', '\n']) {
            self.out.push(' ');
        }
    }

    /// A line's beginning.
    fn line(&mut self, level: usize) {
        self.out.push('\n');
        self.out.push_str(&indent(level));
    }
}

fn one_line(block: &Block) -> String {
    let mut writer = Writer {
        is_flat: true,
        ..Writer::default()
    };
    writer.out.push('{');
    writer.behind(&block.head);
    for item in &block.items {
        writer.out.push(' ');
        writer.item(item, 0);
        writer.out.push(';');
    }
    writer
        .out
        .push_str(if writer.out.len() > 1 { " }" } else { "}" });
    writer.out
}

fn indent(level: usize) -> String {
    "    ".repeat(level)
}

/// A text with the line breaks of a file.
fn lines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        text.into()
    }
}
