//! The lines of a `.env`, every byte of them, without reading any value.
//!
//! It follows the lines as dotenvy does, but for those that dotenvy loses: an apostrophe in a comment opens
//! nothing, a backslash in single quotes escapes nothing, and a quote opens a value of several lines only
//! where the value begins with it. What then is no line is [`Content::Broken`], alone.

use std::ops::Range;

/// One line, or the lines of one quoted value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// All of its bytes, the line break included. Items follow each other without a gap.
    pub span: Range<usize>,
    /// How many lines it has.
    pub lines: usize,
    /// What stands there.
    pub content: Content,
    /// The comment, from `#` to the end of the line.
    pub comment: Option<Range<usize>>,
}

impl Item {
    /// The pair, if it is one.
    pub fn pair(&self) -> Option<&Pair> {
        match &self.content {
            Content::Pair(pair) => Some(pair),
            _ => None,
        }
    }
}

/// What stands on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing, or only a comment.
    Blank,
    /// A key and a value.
    Pair(Pair),
    /// Something else.
    Broken(Broken),
}

/// `KEY=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The word `export`.
    pub export: Option<Range<usize>>,
    /// The key.
    pub key: Range<usize>,
    /// Where `=` stands.
    pub equals: usize,
    /// The value as written, with its quotes, without blanks around it.
    pub value: Range<usize>,
    /// What the value begins with.
    pub quote: Quote,
}

/// The quote that a value begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// None.
    None,
    /// `'`: all is literal.
    Single,
    /// `"`: escapes and references are read.
    Double,
}

/// A line that is no pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The key, as far as there is one.
    pub key: Option<Range<usize>>,
    /// Why.
    pub why: Why,
    /// The place of the flaw.
    pub at: usize,
}

/// Why a line is no pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It begins with no key.
    NoKey,
    /// No `=` follows the key.
    NoEquals,
    /// A quote is not closed where it should be. The range is the first key of ours that a reader which looks
    /// for the closing quote further down would take for a part of the value.
    Unclosed(Option<Range<usize>>),
}

/// The items of a text. A quoted value that takes in a line which sets one of `ours` is broken instead.
pub fn scan(text: &str, ours: &dyn Fn(&str) -> bool) -> Vec<Item> {
    let mut items = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let item = Line { text, start, ours }.item();
        start = item.span.end;
        items.push(item);
    }
    items
}

/// The key that begins `line`, if it is one followed by `=`.
fn key_of(line: &str) -> Option<Range<usize>> {
    let mut at = blanks(line, 0);
    let mut key = word(line, at)?;
    at = blanks(line, key.end);
    if &line[key.clone()] == "export" && !line[at..].starts_with('=') {
        key = word(line, at)?;
        at = blanks(line, key.end);
    }
    line[at..].starts_with('=').then_some(key)
}

/// Where the blanks from `at` end.
fn blanks(line: &str, at: usize) -> usize {
    line.len() - line[at..].trim_start().len()
}

/// The word that a key can be, at `at`.
fn word(line: &str, at: usize) -> Option<Range<usize>> {
    let rest = &line.as_bytes()[at..];
    let in_key = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'.';
    let first = *rest.first()?;
    let length = rest.iter().take_while(|byte| in_key(byte)).count();
    (first.is_ascii_alphabetic() || first == b'_').then_some(at..at + length)
}

/// The line that begins at `start`, about to be read.
struct Line<'a> {
    text: &'a str,
    start: usize,
    ours: &'a dyn Fn(&str) -> bool,
}

impl Line<'_> {
    fn item(&self) -> Item {
        let end = self.end_from(self.start);
        // All but the value ends on the line, so the text can be cut here and offsets stay those of the text.
        let line = &self.text[..end];
        let at = blanks(line, self.start);
        match line[at..].chars().next() {
            None => return self.one_line(Content::Blank, None),
            Some('#') => return self.one_line(Content::Blank, Some(at..self.content_end(end))),
            Some(_) => {}
        }
        let Some(mut key) = word(line, at) else {
            return self.broken(None, Why::NoKey, at);
        };
        let mut next = blanks(line, key.end);
        let mut export = None;
        if &line[key.clone()] == "export" && !line[next..].starts_with('=') {
            let Some(second) = word(line, next) else {
                return self.broken(None, Why::NoKey, next.min(self.content_end(end)));
            };
            export = Some(std::mem::replace(&mut key, second));
            next = blanks(line, key.end);
        }
        if !line[next..].starts_with('=') {
            let at = if next == end { key.end } else { next };
            return self.broken(Some(key), Why::NoEquals, at);
        }
        let value = blanks(line, next + 1);
        let pair = Pair {
            export,
            key,
            equals: next,
            value: value..value,
            quote: match line.as_bytes().get(value) {
                Some(b'\'') => Quote::Single,
                Some(b'"') => Quote::Double,
                _ => Quote::None,
            },
        };
        self.value(pair)
    }

    /// Reads on from the value of `pair`.
    fn value(&self, mut pair: Pair) -> Item {
        let start = pair.value.start;
        let bytes = self.text.as_bytes();
        let mut at = start;
        let mut blank = true; // Whether a `#` here begins a comment.
        let mut open: Option<(u8, usize)> = None;
        let mut comment = None;
        if self.text[self.start..start].contains('\n') {
            // Blanks up to the end of the line: there is no value.
            pair.value = pair.equals + 1..pair.equals + 1;
            return self.one_line(Content::Pair(pair), None);
        }
        while at < bytes.len() {
            let byte = bytes[at];
            match (open, byte) {
                (None, b'\n') => break,
                (Some((_, opened)), b'\n') if opened != start => {
                    return self.unclosed(pair.key, opened);
                }
                (None | Some((b'"', _)), b'\\') => {
                    let next = self.text[at + 1..].chars().next();
                    let ends = next == Some('\n') && open.is_none_or(|(_, opened)| opened != start);
                    at += next.filter(|_| !ends).map_or(0, char::len_utf8);
                    blank = false;
                }
                (None, b'\'' | b'"') => {
                    open = Some((byte, at));
                    blank = false;
                }
                (Some((quote, _)), _) if quote == byte => open = None,
                (Some(_), _) => {}
                (None, b'#') if blank => {
                    let end = self.content_end(self.end_from(at));
                    comment = Some(at..end);
                    break;
                }
                (None, _) => {
                    let char = self.text[at..].chars().next().unwrap_or(' ');
                    blank = char.is_whitespace() && char != '\r';
                    at += char.len_utf8() - 1;
                }
            }
            at += 1;
        }
        if let Some((_, opened)) = open {
            return self.unclosed(pair.key, opened);
        }
        let value_end = self.text[start..at].trim_end().len() + start;
        if let Some(taken) = self.taken(start, value_end) {
            return self.broken(Some(pair.key), Why::Unclosed(Some(taken)), start);
        }
        pair.value = if value_end == start {
            pair.equals + 1..pair.equals + 1
        } else {
            start..value_end
        };
        let span = self.start..self.end_from(at);
        Item {
            lines: self.text[self.start..at].matches('\n').count() + 1,
            span,
            content: Content::Pair(pair),
            comment,
        }
    }

    /// A line whose quote at `opened` is not closed.
    fn unclosed(&self, key: Range<usize>, opened: usize) -> Item {
        // One opened after lines of a quoted value does not save these: the value is broken where it begins.
        let first = self.text[self.start..opened].find('\n');
        let opened = first.map_or(opened, |end| {
            let line = &self.text[..self.start + end];
            line.len()
                - line[key.end..]
                    .trim_start_matches(|c: char| c.is_whitespace() || c == '=')
                    .len()
        });
        let quote = self.text[opened..].chars().next().unwrap_or('"');
        let after = self.end_from(opened);
        let rest = &self.text[after..];
        let reach = rest.find(quote).unwrap_or(rest.len());
        let taken = self.taken(opened, after + reach);
        self.broken(Some(key), Why::Unclosed(taken), opened)
    }

    /// The first key of ours that is set by a line which begins between two places.
    fn taken(&self, from: usize, to: usize) -> Option<Range<usize>> {
        let mut at = self.end_from(from);
        while at < to {
            let end = self.end_from(at);
            if let Some(key) = key_of(&self.text[at..end]) {
                let key = at + key.start..at + key.end;
                if (self.ours)(&self.text[key.clone()]) {
                    return Some(key);
                }
            }
            at = end;
        }
        None
    }

    fn broken(&self, key: Option<Range<usize>>, why: Why, at: usize) -> Item {
        self.one_line(Content::Broken(Broken { key, why, at }), None)
    }

    fn one_line(&self, content: Content, comment: Option<Range<usize>>) -> Item {
        Item {
            span: self.start..self.end_from(self.start),
            lines: 1,
            content,
            comment,
        }
    }

    /// The end of the line that holds `at`, its line break included.
    fn end_from(&self, at: usize) -> usize {
        let rest = &self.text.as_bytes()[at..];
        let line_break = rest.iter().position(|byte| *byte == b'\n');
        line_break.map_or(self.text.len(), |offset| at + offset + 1)
    }

    /// The end of a line without its line break.
    fn content_end(&self, end: usize) -> usize {
        let line = &self.text[self.start..end];
        self.start + line.trim_end_matches(['\n', '\r']).len()
    }
}
