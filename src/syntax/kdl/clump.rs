//! Tokens that touch each other: what a reader takes for one word, though KDL may not.

use super::characters::breaks;
use super::scan::{Kind, Token};
use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, Span};
use std::ops::Range;

/// How far a line is searched for the other end of something, so that no line makes it slow.
const LOOK: usize = 4096;

/// A text in its tokens.
pub(super) struct Tokens<'a> {
    pub(super) text: &'a str,
    pub(super) id: SourceId,
    pub(super) all: Vec<Token>,
}

impl<'a> Tokens<'a> {
    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.all.get(at).map(|token| token.kind)
    }

    pub(super) fn text_of(&self, at: usize) -> &'a str {
        self.all.get(at).map_or("", |token| token.text(self.text))
    }

    /// Where a token begins; the end of the text where there is none.
    pub(super) fn start(&self, at: usize) -> usize {
        self.all
            .get(at)
            .map_or(self.text.len(), |token| token.start as usize)
    }

    pub(super) fn end(&self, at: usize) -> usize {
        self.all
            .get(at)
            .map_or(self.text.len(), |token| token.end as usize)
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.id, range.start, range.end)
    }

    pub(super) fn span_of(&self, at: usize) -> Span {
        self.span(self.start(at)..self.end(at))
    }

    /// The first token from `at` that is no blank within a line.
    pub(super) fn past_space(&self, mut at: usize) -> usize {
        while self.kind(at).is_some_and(Kind::is_space) {
            at += 1;
        }
        at
    }

    /// The first token from `at` that begins on another line, or the line break before it.
    pub(super) fn line_end(&self, mut at: usize) -> usize {
        while self.kind(at).is_some_and(|kind| kind != Kind::Newline) {
            at += 1;
        }
        at
    }

    /// The rest of a line from a byte, as much of it as is looked at for the other end of something.
    pub(super) fn line(&self, from: usize) -> &'a str {
        let rest = &self.text[from..];
        let most = (0..=LOOK.min(rest.len()))
            .rev()
            .find(|end| rest.is_char_boundary(*end));
        let rest = &rest[..most.unwrap_or(0)];
        rest.split(breaks).next().unwrap_or("")
    }

    /// The first token of a kind on the line from `at`, if it is not far.
    pub(super) fn on_line(&self, at: usize, found: impl Fn(usize) -> bool) -> Option<usize> {
        let inside = |at: &usize| self.kind(*at).is_some_and(|kind| kind != Kind::Newline);
        (at..).take(LOOK).take_while(inside).find(|at| found(*at))
    }

    /// The first token of a kind from `at`, on a later line too, but before any block.
    pub(super) fn before_blocks(&self, at: usize, found: impl Fn(usize) -> bool) -> Option<usize> {
        let blocks = [Kind::Open, Kind::Close, Kind::Unclosed, Kind::Semicolon];
        let inside = |at: &usize| self.kind(*at).is_some_and(|kind| !blocks.contains(&kind));
        (at..).take(LOOK).take_while(inside).find(|at| found(*at))
    }

    /// The last token before `at` that says something.
    pub(super) fn before(&self, at: usize) -> Option<usize> {
        let says =
            |kind: Kind| !kind.is_space() && !matches!(kind, Kind::Newline | Kind::LineComment);
        (0..at).rev().find(|at| self.kind(*at).is_some_and(says))
    }

    /// The first token from `at` that begins at or after a byte.
    pub(super) fn at_byte(&self, mut at: usize, byte: usize) -> usize {
        while at < self.all.len() && self.start(at) < byte {
            at += 1;
        }
        at
    }

    /// Whether a node ends before this token.
    pub(super) fn ends_node(&self, at: usize) -> bool {
        matches!(
            self.kind(at),
            None | Some(Kind::Newline | Kind::LineComment | Kind::Semicolon | Kind::Close)
        )
    }

    /// How far the first token of a line is indented; nothing for another token.
    pub(super) fn indent(&self, at: usize) -> Option<usize> {
        let begins = |at: usize| at == 0 || self.kind(at - 1) == Some(Kind::Newline);
        match at.checked_sub(1) {
            Some(before) if self.kind(before) == Some(Kind::Space) && begins(before) => {
                Some(self.text_of(before).chars().count())
            }
            _ => begins(at).then_some(0),
        }
    }
}

/// Where a clump stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Where a node's name is expected.
    Name,
    /// Where an argument, or a property's name, is expected.
    Argument,
    /// After a property's `=`.
    Value,
}

/// Tokens that touch each other, with no punctuation of KDL between them.
pub(super) struct Clump<'a> {
    pub(super) of: &'a Tokens<'a>,
    pub(super) place: Place,
    /// Its first token.
    pub(super) first: usize,
    /// The token after its last.
    pub(super) end: usize,
}

impl<'a> Clump<'a> {
    pub(super) fn new(of: &'a Tokens<'a>, place: Place, first: usize) -> Self {
        let mut end = first;
        while of.kind(end).is_some_and(touches) {
            end += 1;
        }
        Clump {
            of,
            place,
            first,
            end,
        }
    }

    pub(super) fn range(&self) -> Range<usize> {
        self.of.start(self.first)..self.of.start(self.end)
    }

    pub(super) fn text(&self) -> &'a str {
        &self.of.text[self.range()]
    }

    pub(super) fn span(&self) -> Span {
        self.of.span(self.range())
    }

    /// A part of it, in bytes of its text.
    pub(super) fn part(&self, range: Range<usize>) -> Span {
        let start = self.range().start;
        self.of.span(start + range.start..start + range.end)
    }

    /// Its only token, if it has but one.
    pub(super) fn single(&self) -> Option<Kind> {
        (self.end == self.first + 1)
            .then(|| self.of.kind(self.first))
            .flatten()
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        (self.first..self.end).filter_map(|at| self.of.kind(at))
    }

    /// A slip that takes in all of it.
    pub(super) fn slip(&self, found: Diagnostic) -> Option<Slip> {
        Some(Slip {
            found: Some(found),
            end: self.end,
        })
    }
}

fn touches(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Word | Number | Keyword | Quoted | Multiline | Raw | OverLines | Unclosed | Odd
    )
}

/// A mistake, and the token from where reading goes on.
pub(super) struct Slip {
    /// Nothing where it is told already.
    pub(super) found: Option<Diagnostic>,
    pub(super) end: usize,
}

/// A text as a KDL string.
pub(super) fn quoted(text: &str) -> String {
    match (text.contains('\\'), text.contains("\"#")) {
        (true, false) => format!("#\"{text}\"#"),
        _ => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// A finding whose fix is another text at its place.
pub(super) fn rewrite(found: Diagnostic, span: Span, fixed: String) -> Diagnostic {
    let found = match fixed.chars().nth(60).is_some() || fixed.contains(breaks) {
        true => found.help("put it in quotes"),
        false => found.help(format!("write `{fixed}`")),
    };
    found.fix(span, fixed)
}

/// A finding of the ordinary kind.
pub(super) fn error(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(2401).message(message)
}
