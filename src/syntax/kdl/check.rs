//! The grammar of KDL 2, over tokens: finds every mistake of a text, one finding each.
//!
//! It walks the text once, with its open blocks in a list, so that no input makes it slow or overflows a
//! stack. The crate, which does both, reads only what was found good here.

use super::blocks::{Blocks, Node};
use super::clump::{Clump, Place, Slip, Tokens, error};
use super::scan::{Kind, scan};
use super::{habits, quotes, unseen, words};
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
    habits::list,
    quotes::foreign,
    quotes::unclosed,
    quotes::raw_of_kdl_1,
    habits::reference,
    quotes::path_with_comment,
    words::comma,
    words::colon,
    words::number,
    words::bare_keyword,
    words::keyword,
    quotes::string,
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
        self.annotation();
        let first = self.at;
        match self.kind() {
            Some(Kind::Open) => self.nameless(node),
            Some(Kind::Equals) => return self.lone_equals(node),
            Some(Kind::CloseParen) => self.lone_paren(),
            kind => {
                self.clump(Place::Name);
                let equals = self.of.past_space(self.at);
                if self.of.kind(equals) == Some(Kind::Equals) {
                    self.follow(habits::assignment(self.of, first, equals));
                } else if self.of.kind(self.at) == Some(Kind::Open) && kind == Some(Kind::Unclosed)
                {
                    return;
                }
                self.swallowed(node, first);
            }
        }
        self.entries(node);
    }

    /// The `/-` here, and the blanks after it. Says whether something to comment out follows.
    fn slash_dash(&mut self) -> bool {
        let at = self.at;
        self.at += 1;
        self.skip_lines();
        let nothing = matches!(
            self.kind(),
            None | Some(
                Kind::Close | Kind::Semicolon | Kind::Equals | Kind::SlashDash | Kind::CloseParen
            )
        );
        if nothing {
            let found = error("`/-` comments out what follows, and nothing does");
            let found = found.at(self.of.span_of(at)).label("comments nothing out");
            self.push(found.help("remove it").fix(self.of.span_of(at), ""));
        }
        !nothing
    }

    /// A type annotation, if one is here.
    fn annotation(&mut self) {
        if self.kind() != Some(Kind::OpenParen) {
            return;
        }
        let open = self.at;
        let name = self.of.past_space(open + 1);
        let clump = Clump::new(self.of, Place::Value, name);
        let close = self.of.past_space(clump.end.max(name));
        if clump.end == name + 1
            && self.of.kind(name).is_some_and(Kind::is_string)
            && self.of.kind(close) == Some(Kind::CloseParen)
        {
            self.at = name;
            self.clump(Place::Value);
            self.at = self.of.past_space(close + 1);
            if self.of.ends_node(self.at) || matches!(self.kind(), Some(Kind::Equals | Kind::Open))
            {
                let found =
                    error("A type stands before what it is the type of, and nothing is there");
                let found = found.at(self.of.span(self.of.start(open)..self.of.end(close)));
                self.push(
                    found
                        .label("a type annotation")
                        .help("remove it, or put it in quotes"),
                );
            }
            return;
        }
        let line = self.of.line_end(open);
        let close = (open..line).find(|at| self.of.kind(*at) == Some(Kind::CloseParen));
        let found = error("A `(` begins a type annotation, which is one name and a `)`");
        let found = found.at(self.of.span_of(open)).label("opened here");
        self.push(found.help("put the value in quotes"));
        self.at = close.map_or(open + 1, |close| self.of.past_space(close + 1));
    }

    /// What a block without a name is reported as.
    fn nameless(&mut self, node: Node) {
        if let Some(slip) = habits::expression(self.of, self.at) {
            return self.follow(slip);
        }
        let span = self.of.span_of(self.at);
        let before = self.of.text[..self.of.start(self.at)].trim_end();
        let blanks = before.len()..self.of.start(self.at);
        let line = before.rsplit('\n').next().unwrap_or("");
        let alone = self.of.text[blanks.clone()].contains('\n') && node.slashed.is_none();
        let ends =
            before.is_empty() || before.ends_with(['{', '}', ';', '/']) || line.contains("//");
        let found = match alone && !ends {
            true => error("A block begins on the line of its node")
                .at(span)
                .label("the line before ended the node")
                .help("put the `{` at the end of the line before")
                .fix(self.of.span(blanks), " "),
            false => error("A block has a name before it")
                .at(span)
                .label("no name is before it")
                .help("write the node's name before the `{`"),
        };
        self.push(found);
    }

    fn lone_equals(&mut self, node: Node) {
        let found = error("An `=` has a property's name before it").at(self.of.span_of(self.at));
        self.push(
            found
                .label("no name is before it")
                .help("write `name=value`"),
        );
        self.at += 1;
        self.entries(node);
    }

    fn lone_paren(&mut self) {
        let found = error("A `)` closes nothing").at(self.of.span_of(self.at));
        self.push(
            found
                .label("no `(` is before it")
                .help("remove it, or put the value in quotes"),
        );
        self.at += 1;
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

    /// Arguments and properties, to the end of the node or to its block.
    fn entries(&mut self, node: Node) {
        while !self.stopped {
            self.at = self.of.past_space(self.at);
            match self.kind() {
                None | Some(Kind::Newline | Kind::LineComment | Kind::Semicolon | Kind::Close) => {
                    return self.end(node);
                }
                Some(Kind::Open) => match habits::expression(self.of, self.at) {
                    Some(slip) => self.follow(slip),
                    None => return self.open(node, None),
                },
                Some(Kind::SlashDash) => {
                    let start = self.of.start(self.at);
                    if !self.slash_dash() {
                        continue;
                    }
                    if self.kind() == Some(Kind::Open) {
                        return self.open(node, Some(start));
                    }
                    self.entry(node);
                    let end = self.of.end(self.at.saturating_sub(1));
                    self.commented.push(start..end);
                }
                Some(Kind::Equals) => {
                    let found = error("An `=` has a property's name before it");
                    let found = found
                        .at(self.of.span_of(self.at))
                        .label("no name is before it");
                    self.push(found.help("write `name=value`"));
                    self.at += 1;
                    self.value();
                }
                Some(Kind::CloseParen) => self.lone_paren(),
                Some(_) => self.entry(node),
            }
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

    fn entry(&mut self, node: Node) {
        let touches = self.at > 0
            && self
                .of
                .kind(self.at - 1)
                .is_some_and(|kind| kind.is_string() || kind == Kind::Number);
        if self.kind() == Some(Kind::OpenParen) && touches {
            return self.follow(habits::call(self.of, self.at));
        }
        let typed = self.kind() == Some(Kind::OpenParen);
        self.annotation();
        if self.of.ends_node(self.at)
            || matches!(
                self.kind(),
                Some(Kind::Open | Kind::Equals | Kind::CloseParen | Kind::SlashDash)
            )
        {
            return;
        }
        let first = self.at;
        let good = self.clump(Place::Argument);
        self.swallowed(node, first);
        let end = self.at;
        let equals = self.of.past_space(end);
        if self.of.kind(equals) != Some(Kind::Equals) || self.at <= first {
            return;
        }
        let key = self.of.span(self.of.start(first)..self.of.end(end - 1));
        let string = end == first + 1 && self.of.kind(first).is_some_and(Kind::is_string);
        self.at = equals + 1;
        let next = self.of.past_space(self.at);
        if good && (typed || !string) {
            let found = error("A property's name is a word or a string").at(key);
            self.push(
                found
                    .label("before an `=`")
                    .help("put it in quotes, and a type after the `=`"),
            );
        }
        if self.of.ends_node(next)
            || self.of.kind(next) == Some(Kind::Open) && habits::expression(self.of, next).is_none()
        {
            let found = error("The property has no value").at(self.of.span_of(equals));
            self.push(
                found
                    .label("nothing is after it")
                    .help("write the value after the `=`, or remove the property"),
            );
            return;
        }
        let blanks = |mut between: Range<usize>| {
            between.all(|at| at == equals || self.of.kind(at) == Some(Kind::Space))
        };
        if good && next > end + 1 && blanks(end..next) {
            let place = self.of.span(self.of.end(end - 1)..self.of.start(next));
            let found = error("The blanks around `=` make the word before it a property's name");
            let found = found
                .as_warning()
                .at(place)
                .label("a property, not an assignment");
            self.push(found.help("write it without blanks").fix(place, "="));
        }
        self.value();
        self.swallowed(node, equals);
    }

    /// The value of a property.
    fn value(&mut self) {
        self.at = self.of.past_space(self.at);
        if self.kind() == Some(Kind::SlashDash) {
            let found = error("`/-` stands before a whole property, not within it");
            let found = found.at(self.of.span_of(self.at)).label("after the `=`");
            self.push(found.help("put it before the property's name"));
            self.at = self.of.past_space(self.at + 1);
        }
        self.annotation();
        match habits::expression(self.of, self.at) {
            Some(slip) => self.follow(slip),
            None => {
                self.clump(Place::Value);
            }
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

    /// Something that stands after a block where only the end of the node may.
    fn second(&mut self, node: Node) {
        let before = self
            .of
            .end(self.at.saturating_sub(1))
            .min(self.of.start(self.at));
        let place = self.of.span(
            self.of.start(self.at)
                ..Clump::new(self.of, Place::Name, self.at)
                    .range()
                    .end
                    .max(self.of.end(self.at)),
        );
        let found = error("A node ends with its block, or with a `;` or the line");
        let found = found.at(place).label("after a block");
        let text = self.of.text[..before].trim_end();
        self.push(match text.ends_with('}') && node.has_block {
            true => found
                .help("put a `;` after the `}`, or begin a new line")
                .fix(self.of.span(text.len()..text.len()), ";"),
            false => {
                found.help("put arguments before the block, and other nodes on lines of their own")
            }
        });
        self.comment_out(node, before);
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
