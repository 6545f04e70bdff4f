//! Arguments and properties.

use super::super::blocks::Node;
use super::super::clump::{Place, error};
use super::super::habits;
use super::super::scan::Kind;
use super::Walk;
use std::ops::Range;

impl Walk<'_> {
    /// Arguments and properties, to the end of the node or to its block.
    pub(super) fn entries(&mut self, node: Node) {
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

    pub(super) fn entry(&mut self, node: Node) {
        let touches = self.at > 0
            && self.of.kind(self.at - 1).is_some_and(|kind| {
                kind.is_string() || matches!(kind, Kind::Number | Kind::Keyword)
            });
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
            let found = error("A property is written without blanks around its `=`");
            let found = found.as_warning().at(place).label("blanks");
            self.push(found.help("write `=` alone").fix(place, "="));
        }
        self.value();
        self.swallowed(node, equals);
    }

    /// The value of a property.
    pub(super) fn value(&mut self) {
        self.at = self.of.past_space(self.at);
        if self.kind() == Some(Kind::Equals) {
            let place = self.of.span_of(self.at);
            let found = error("A property has one `=`").at(place).label("one more");
            self.push(found.help("remove it").fix(place, ""));
            while self.kind() == Some(Kind::Equals) {
                self.at = self.of.past_space(self.at + 1);
            }
            if self.of.ends_node(self.at) {
                return;
            }
        }
        if self.kind() == Some(Kind::SlashDash) {
            let found = error("`/-` stands before a whole property, not within it");
            let found = found.at(self.of.span_of(self.at)).label("after the `=`");
            self.push(found.help("put it before the property's name"));
            self.at = self.of.past_space(self.at + 1);
        }
        self.annotation();
        match habits::expression(self.of, self.at) {
            Some(slip) => self.follow(slip),
            None if self.clump(Place::Value) => {}
            None => {
                // What was wrong may have been two properties in one word.
                while self.kind() == Some(Kind::Equals) {
                    self.at += 1;
                    self.clump(Place::Value);
                }
            }
        }
    }
}
