//! The grammar of KDL 2, over tokens: finds every mistake of a text, one finding each.
//!
//! It walks the text once, with its open blocks in a list, so that no input makes it slow or overflows a
//! stack. The crate, which does both, reads only what was found good here.

mod entries;
mod punctuation;

use super::assignment::assignment;
use super::blocks::{Blocks, Node};
use super::clump::{Clump, Place, Slip, Tokens, error};
use super::scan::{Kind, scan};
use super::{escapes, habits, numbers, quotes, unseen, words};
use crate::diagnostic::Diagnostic;
use crate::source::SourceId;
use std::ops::Range;

/// How many findings a file is worth.
const FINDINGS: usize = 1000;

/// What was found.
pub(super) struct Checked {
    /// The mistakes.
    pub(super) found: Vec<Diagnostic>,
    /// What is commented out by `/-` or within a line: nothing of it is part of the document.
    pub(super) commented: Vec<Range<usize>>,
}

/// Slips of one clump, in the order to try them.
const SLIPS: &[fn(&Clump) -> Option<Slip>] = &[
    words::forbidden,
    habits::comment,
    habits::dashes,
    words::wide,
    habits::list,
    quotes::foreign,
    quotes::unclosed,
    quotes::raw_of_kdl_1,
    habits::reference,
    quotes::path_with_comment,
    words::comma,
    words::colon,
    numbers::number,
    words::bare_keyword,
    words::keyword,
    escapes::string,
    words::glued,
];

/// Checks a text.
pub(super) fn check(text: &str, id: SourceId) -> Checked {
    let all = scan(text);
    let of = &Tokens { text, id, all };
    let mut walk = Walk {
        of,
        at: 0,
        blocks: Blocks::default(),
        found: unseen::found(of, FINDINGS),
        commented: Vec::new(),
        stopped: false,
    };
    walk.comments();
    walk.document();
    walk.found.sort_by_key(|found| found.span);
    Checked {
        found: walk.found,
        commented: walk.commented,
    }
}

struct Walk<'a> {
    of: &'a Tokens<'a>,
    /// The next token.
    at: usize,
    blocks: Blocks,
    found: Vec<Diagnostic>,
    commented: Vec<Range<usize>>,
    /// Whether the rest is not looked at.
    stopped: bool,
}

impl Walk<'_> {
    fn kind(&self) -> Option<Kind> {
        self.of.kind(self.at)
    }

    fn push(&mut self, found: Diagnostic) {
        if self.found.len() < FINDINGS {
            self.found.push(found);
        } else if !self.stopped {
            self.stopped = true;
            let found = error(format!("The file has more than {FINDINGS} mistakes"));
            let place = found
                .at(self.of.span_of(self.at))
                .label("not read from here on");
            self.found.push(place.help("correct those above first"));
        }
    }

    fn follow(&mut self, slip: Slip) {
        slip.found.into_iter().for_each(|found| self.push(found));
        self.at = slip.end.max(self.at);
    }

    /// Block comments, which the crate would read by recursion, a level each `*` in them.
    fn comments(&mut self) {
        let comments = self
            .of
            .all
            .iter()
            .filter(|token| token.kind == Kind::BlockComment);
        self.commented.extend(comments.map(|token| token.range()));
    }

    fn skip_lines(&mut self) {
        let skipped =
            |kind: Kind| kind.is_space() || matches!(kind, Kind::Newline | Kind::LineComment);
        while self.kind().is_some_and(skipped) {
            self.at += 1;
        }
    }

    fn document(&mut self) {
        while !self.stopped {
            self.skip_lines();
            match self.kind() {
                None => break,
                Some(Kind::Close) => self.close(),
                Some(Kind::Semicolon) => {
                    let found = error("A `;` ends a node, and none is before it");
                    let found = found.at(self.of.span_of(self.at)).label("ends nothing");
                    let found = found.help("remove it").fix(self.of.span_of(self.at), "");
                    self.push(found);
                    self.at += 1;
                }
                Some(_) => self.node(),
            }
        }
        if !self.stopped {
            let unclosed = self.blocks.unclosed(self.of);
            unclosed.into_iter().for_each(|found| self.push(found));
        }
    }

    fn close(&mut self) {
        let at = self.at;
        self.at += 1;
        let Some(block) = self.blocks.pop(self.of, at) else {
            let found = error("A `}` closes nothing").at(self.of.span_of(at));
            self.push(found.label("no block is open here").help("remove it"));
            return;
        };
        let mut node = block.node;
        match block.slashed {
            Some(start) => self.commented.push(start..self.of.end(at)),
            None => node.has_block = true,
        }
        self.after_block(node);
    }

    /// A node, to its end or to its block.
    fn node(&mut self) {
        self.blocks.node(self.of, self.at);
        let mut node = Node {
            first: self.at,
            slashed: None,
            has_block: false,
        };
        if self.kind() == Some(Kind::SlashDash) {
            node.slashed = Some(self.of.start(self.at));
            if !self.slash_dash() {
                return;
            }
        }
        self.version(node);
        let told = self.annotation();
        let first = self.at;
        match self.kind() {
            Some(Kind::Open) if told => {}
            Some(Kind::Open) => self.nameless(node),
            Some(Kind::Equals) => return self.lone_equals(node),
            Some(Kind::CloseParen) => self.lone_paren(),
            _ => {
                self.clump(Place::Name);
                if let Some(slip) = assignment(self.of, first, self.at) {
                    self.follow(slip);
                }
                self.swallowed(node, first);
            }
        }
        self.entries(node);
    }

    /// What touches here, judged. Says whether it is good.
    fn clump(&mut self, place: Place) -> bool {
        let clump = Clump::new(self.of, place, self.at);
        if clump.end == clump.first {
            return false;
        }
        match SLIPS.iter().find_map(|slip| slip(&clump)) {
            Some(slip) => {
                self.follow(slip);
                false
            }
            None => {
                self.at = clump.end;
                true
            }
        }
    }

    /// Braces at the end of a string that is not closed, from the token `from` on, which it took in.
    fn swallowed(&mut self, node: Node, from: usize) {
        let Some(last) = self.at.checked_sub(1).filter(|last| *last >= from) else {
            return;
        };
        if self.of.kind(last) != Some(Kind::Unclosed) || self.of.text_of(last).starts_with("/*") {
            return;
        }
        let text = self.of.text_of(last).trim_end();
        if text.ends_with('{') {
            let deep = self.blocks.push(self.of, last, node, None);
            self.stopped |= deep.is_some();
            deep.into_iter().for_each(|found| self.push(found));
            return;
        }
        let tail = text.len() - text.trim_end_matches(['}', ';', ' ']).len();
        for _ in text[text.len() - tail..].matches('}') {
            self.blocks.pop(self.of, last);
        }
    }

    fn open(&mut self, node: Node, slashed: Option<usize>) {
        let at = self.at;
        self.at += 1;
        if let Some(deep) = self.blocks.push(self.of, at, node, slashed) {
            self.push(deep);
            self.stopped = true;
        }
    }

    /// What may follow a block on its line.
    fn after_block(&mut self, node: Node) {
        self.at = self.of.past_space(self.at);
        match self.kind() {
            None | Some(Kind::Newline | Kind::LineComment | Kind::Semicolon | Kind::Close) => {
                self.end(node)
            }
            Some(Kind::SlashDash) => {
                let start = self.of.start(self.at);
                if !self.slash_dash() {
                    return self.after_block(node);
                }
                match self.kind() {
                    Some(Kind::Open) => self.open(node, Some(start)),
                    _ => self.second(node),
                }
            }
            Some(Kind::Open) if !node.has_block => self.open(node, None),
            Some(Kind::Open) => {
                let found = error("A node has one block").at(self.of.span_of(self.at));
                self.push(found.label("a second block").help("put both in one"));
                self.open(node, None);
            }
            Some(_) => self.second(node),
        }
    }

    /// The end of a node, before or with what ends it.
    fn end(&mut self, node: Node) {
        if self.kind() == Some(Kind::Semicolon) {
            self.at += 1;
        }
        let end = match self.at {
            0 => 0,
            at => self.of.end(at - 1),
        };
        self.comment_out(node, end);
    }

    fn comment_out(&mut self, node: Node, end: usize) {
        if let Some(start) = node.slashed {
            self.commented.push(start..end);
        }
    }
}
