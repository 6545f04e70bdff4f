//! Where a string or a block comment ends, and what it is taken for when it does not.

use super::characters::{breaks, is_space, line_end, newline};
use super::scan::Kind;

/// Finds ends. It remembers the searches that found none, so that no text makes it search twice.
pub(super) struct Strings<'a> {
    text: &'a str,
    /// Whether a comment was found to be open to the end of the text.
    open_comment: bool,
    /// Whether no `"#` follows.
    no_raw_end: bool,
}

impl<'a> Strings<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Strings {
            text,
            open_comment: false,
            no_raw_end: false,
        }
    }

    /// The block comment at `at`. One that is open and touches a word is rather a path with a `*` in it, and
    /// ends with its line.
    pub(super) fn comment(&mut self, at: usize, touches: bool) -> (Kind, usize) {
        match comment_end(self.text, at) {
            Some(end) => (Kind::BlockComment, end),
            None if touches && !self.open_comment => {
                self.open_comment = true;
                (Kind::Unclosed, line_end(self.text, at))
            }
            None => (Kind::Unclosed, self.text.len()),
        }
    }

    /// The quoted string at `at`.
    pub(super) fn quoted(&self, at: usize) -> (Kind, usize) {
        if self.text[at..].starts_with("\"\"\"") {
            return self.multiline(at);
        }
        let mut next = at + 1;
        while let Some(c) = self.text[next..].chars().next() {
            match c {
                '"' => return (Kind::Quoted, next + 1),
                '\\' => next = self.escaped(next),
                _ if breaks(c) => break,
                _ => next += c.len_utf8(),
            }
        }
        let end = line_end(self.text, next);
        match self.quote_below(end) {
            Some(close) => (Kind::OverLines, close),
            None => (Kind::Unclosed, end),
        }
    }

    /// The byte after the quote that closes, on a later line, a string that is open at the end of its line. A
    /// quote opens rather than closes if a blank, `=` or `(` is before it, or a word right after it.
    fn quote_below(&self, end: usize) -> Option<usize> {
        let quote = end + self.text[end..].find('"')?;
        let before = self.text[..quote].chars().next_back()?;
        let first = self.text[..quote]
            .trim_end_matches(is_space)
            .ends_with(breaks);
        let after = self.text[quote + 1..].chars().next().unwrap_or('\n');
        let closes = first || !(is_space(before) || before == '=' || before == '(');
        let ends = is_space(after) || breaks(after) || after == ';' || after == '}';
        (closes && ends).then_some(quote + 1)
    }

    /// Where the escape at `at` ends; a backslash before blanks takes them all, line breaks too.
    fn escaped(&self, at: usize) -> usize {
        let rest = &self.text[at + 1..];
        let blanks = rest
            .find(|c| !is_space(c) && !breaks(c))
            .unwrap_or(rest.len());
        let one = rest.chars().next().map_or(0, char::len_utf8);
        at + 1 + blanks.max(one)
    }

    /// The string in three quotes at `at`. Three quotes that look like the beginning of another one, which is
    /// closed, do not close it: it lacks its own.
    fn multiline(&self, at: usize) -> (Kind, usize) {
        let Some(close) = self.three_quotes(at + 3) else {
            return (Kind::Unclosed, self.text.len());
        };
        let body = &self.text[at + 3..close];
        if let Some(line) = body.rfind(breaks) {
            let before = body[line..].trim_start_matches(|c| is_space(c) || breaks(c));
            let begins = !before.is_empty()
                && before.ends_with(|c| is_space(c) || c == '=')
                && newline(self.text, close + 3).is_some();
            if begins && self.three_quotes(close + 3).is_some() {
                let kept = body[..line].trim_end_matches(breaks).len();
                return (Kind::Unclosed, at + 3 + kept);
            }
        }
        (Kind::Multiline, close + 3)
    }

    fn three_quotes(&self, from: usize) -> Option<usize> {
        let mut next = from;
        loop {
            next += self.text[next..].find(['"', '\\'])?;
            match &self.text[next..] {
                rest if rest.starts_with('\\') => next = self.escaped(next),
                rest if rest.starts_with("\"\"\"") => return Some(next),
                _ => next += 1,
            }
        }
    }

    /// The raw string at `at`, whose quotes begin at `quote`.
    pub(super) fn raw(&mut self, at: usize, quote: usize) -> (Kind, usize) {
        let hashes = &self.text[at..quote];
        let three = self.text[quote..].starts_with("\"\"\"");
        if three && newline(self.text, quote + 3).is_some() {
            let close = ["\"\"\"", hashes].concat();
            return match self.text[quote + 3..].find(&close) {
                Some(end) => (Kind::Raw, quote + 3 + end + close.len()),
                None => (Kind::Unclosed, self.text.len()),
            };
        }
        let close = ["\"", hashes].concat();
        let mut line = quote + 1;
        loop {
            let rest = &self.text[line..];
            line += rest.find(|c| c == '"' || breaks(c)).unwrap_or(rest.len());
            match &self.text[line..] {
                rest if rest.starts_with(&close) => return (Kind::Raw, line + close.len()),
                rest if rest.starts_with('"') => line += 1,
                _ => break,
            }
        }
        if hashes.len() == 1 && !self.no_raw_end {
            match self.text[line..].find(&close) {
                Some(end) => return (Kind::OverLines, line + end + close.len()),
                None => self.no_raw_end = true,
            }
        }
        (Kind::Unclosed, line)
    }
}

/// Where the block comment at `at` ends, with those that are nested in it.
pub(super) fn comment_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut next) = (1, at + 2);
    while depth > 0 {
        match (bytes.get(next)?, bytes.get(next + 1)) {
            (b'/', Some(b'*')) => (depth, next) = (depth + 1, next + 2),
            (b'*', Some(b'/')) => (depth, next) = (depth - 1, next + 2),
            _ => next += 1,
        }
    }
    Some(next)
}
