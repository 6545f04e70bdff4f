//! Punctuation that is not where it should be, or has nothing beside it.

use super::super::blocks::Node;
use super::super::clump::{Clump, Place, error};
use super::super::habits;
use super::super::scan::Kind;
use super::Walk;

impl Walk<'_> {
    /// The `/-` here, and the blanks after it. Says whether something to comment out follows.
    pub(super) fn slash_dash(&mut self) -> bool {
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
            let found = found.help("remove it");
            if self.kind() == Some(Kind::Equals) {
                self.push(found);
                self.at += 1;
                self.value();
            } else {
                self.push(found.fix(self.of.span_of(at), ""));
            }
        }
        !nothing
    }

    /// A text that says it is KDL 1.
    pub(super) fn version(&mut self, node: Node) {
        let number = self.of.past_space(self.at + 1);
        let marker = node.slashed.is_some() && self.of.text_of(self.at) == "kdl-version";
        if marker && self.of.text_of(number) == "1" && self.of.before(node.first).is_none() {
            let span = self.of.span_of(number);
            let found = error("The file says that it is KDL 1, and KDL 2 is read").at(span);
            let found = found.label("an older version");
            self.push(found.help("write it as KDL 2, and `2` here").fix(span, "2"));
        }
    }

    /// A type annotation, if one is here. Says whether it is told to be wrong.
    pub(super) fn annotation(&mut self) -> bool {
        if self.kind() != Some(Kind::OpenParen) {
            return false;
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
            if self.kind() == Some(Kind::OpenParen) {
                return self.second_type();
            }
            let lone = self.of.ends_node(self.at)
                || matches!(self.kind(), Some(Kind::Equals | Kind::Open));
            if lone {
                let found =
                    error("A type stands before what it is the type of, and nothing is there");
                let found = found.at(self.of.span(self.of.start(open)..self.of.end(close)));
                self.push(
                    found
                        .label("a type annotation")
                        .help("remove it, or put it in quotes"),
                );
            }
            return lone;
        }
        let close = self
            .of
            .on_line(open, |at| self.of.kind(at) == Some(Kind::CloseParen));
        let found = error("A `(` begins a type annotation, which is one name and a `)`");
        let found = found.at(self.of.span_of(open)).label("opened here");
        self.push(found.help("put the value in quotes"));
        self.at = close.map_or(open + 1, |close| self.of.past_space(close + 1));
        true
    }

    /// A type annotation where one is already: `(u8)(u16)1`. What follows is told with it.
    fn second_type(&mut self) -> bool {
        let open = self.at;
        let close = self
            .of
            .on_line(open, |at| self.of.kind(at) == Some(Kind::CloseParen));
        let end = close.map_or(self.of.end(open), |close| self.of.end(close));
        let found = error("A value has one type");
        let found = found.at(self.of.span(self.of.start(open)..end));
        self.push(found.label("a second one").help("remove it"));
        self.at = close.map_or(open + 1, |close| self.of.past_space(close + 1));
        true
    }

    /// What a block without a name is reported as.
    pub(super) fn nameless(&mut self, node: Node) {
        if let Some(slip) = habits::expression(self.of, self.at) {
            return self.follow(slip);
        }
        let span = self.of.span_of(self.at);
        let before = self.of.before(self.at).filter(|before| {
            let ends = [Kind::Open, Kind::Close, Kind::Semicolon, Kind::SlashDash];
            node.slashed.is_none()
                && !self
                    .of
                    .kind(*before)
                    .is_some_and(|kind| ends.contains(&kind))
        });
        let found = match before {
            Some(before) => {
                let between = self.of.end(before)..self.of.start(self.at);
                let blank = self.of.text[between.clone()].trim().is_empty();
                let found = error("A block begins on the line of its node")
                    .at(span)
                    .label("the line before ended the node")
                    .help("put the `{` at the end of the line before");
                match blank {
                    true => found.fix(self.of.span(between), " "),
                    false => found,
                }
            }
            None => error("A block has a name before it")
                .at(span)
                .label("no name is before it")
                .help("write the node's name before the `{`"),
        };
        self.push(found);
    }

    pub(super) fn lone_equals(&mut self, node: Node) {
        let found = error("An `=` has a property's name before it").at(self.of.span_of(self.at));
        self.push(
            found
                .label("no name is before it")
                .help("write `name=value`"),
        );
        self.at += 1;
        self.entries(node);
    }

    pub(super) fn lone_paren(&mut self) {
        let found = error("A `)` closes nothing").at(self.of.span_of(self.at));
        self.push(
            found
                .label("no `(` is before it")
                .help("remove it, or put the value in quotes"),
        );
        self.at += 1;
    }

    /// Something that stands after a block where only the end of the node may.
    pub(super) fn second(&mut self, node: Node) {
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
}
