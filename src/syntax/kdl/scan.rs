//! The tokens of a KDL 2 text, every byte of it, without reading any value.
//!
//! One pass, no recursion, no failure: what is wrong is a token too ([`Kind::Unclosed`], [`Kind::OverLines`],
//! [`Kind::Odd`]), and what follows it is cut up as if it were right, so that one slip does not hide the next.

use super::characters::{is_bare, is_space, line_end, newline};
use super::strings::{Strings, comment_end};
use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Blanks within a line. A byte-order mark that begins the text counts as one.
    Space,
    /// One line break: `\n`, `\r\n`, or one of the others that KDL has.
    Newline,
    /// `// …`, without its line break.
    LineComment,
    /// `/* … */`, with all that are nested in it.
    BlockComment,
    /// `\` and the line break that it takes back, with the blanks and comments between them.
    Escline,
    /// `/-`.
    SlashDash,
    /// `{`.
    Open,
    /// `}`.
    Close,
    /// `;`.
    Semicolon,
    /// `=`.
    Equals,
    /// `(`.
    OpenParen,
    /// `)`.
    CloseParen,
    /// Bare characters that begin as a name does.
    Word,
    /// Bare characters that begin as a number does: digits, perhaps after a sign or a point.
    Number,
    /// `#` and the bare characters after it, as in `#true`.
    Keyword,
    /// `"…"` on one line.
    Quoted,
    /// `"""…"""`, mostly on several lines.
    Multiline,
    /// `#"…"#` or `#"""…"""#`, with any number of `#`.
    Raw,
    /// `"…"` or `#"…"#` that ends on a later line than it begins, which KDL 2 does not have.
    OverLines,
    /// A string or a comment that is never closed: to the end of its line, or of the text.
    Unclosed,
    /// Characters that begin nothing: `[`, `]`, `/`, `\`, `#`, control characters.
    Odd,
}

impl Kind {
    /// Whether this stands between words and says nothing: a blank, a block comment, or a taken back line break.
    pub fn is_space(self) -> bool {
        matches!(self, Kind::Space | Kind::BlockComment | Kind::Escline)
    }

    /// Whether this can be a name, or an argument that is text.
    pub fn is_string(self) -> bool {
        matches!(
            self,
            Kind::Word | Kind::Quoted | Kind::Multiline | Kind::Raw
        )
    }
}

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
}

impl Token {
    /// Its bytes.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// What stands there.
    pub fn text(self, text: &str) -> &str {
        &text[self.range()]
    }
}

/// The tokens of a text, which follow each other without a gap from its first byte to its last.
///
/// The text is at most 4 GB.
pub fn scan(text: &str) -> Vec<Token> {
    let mut strings = Strings::new(text);
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let touches = tokens
            .last()
            .is_some_and(|last| !last.kind.is_space() && last.kind != Kind::Newline);
        let (kind, end) = next(text, at, touches, &mut strings);
        tokens.push(Token {
            kind,
            start: at as u32,
            end: end as u32,
        });
        at = end;
    }
    tokens
}

/// The kind and the end of the token at `at`; `touches` where no blank is before it.
fn next(text: &str, at: usize, touches: bool, strings: &mut Strings) -> (Kind, usize) {
    let rest = &text[at..];
    let Some(first) = rest.chars().next() else {
        return (Kind::Odd, at);
    };
    let one = at + first.len_utf8();
    match first {
        '{' => (Kind::Open, one),
        '}' => (Kind::Close, one),
        ';' => (Kind::Semicolon, one),
        '=' => (Kind::Equals, one),
        '(' => (Kind::OpenParen, one),
        ')' => (Kind::CloseParen, one),
        '/' => match rest.as_bytes().get(1) {
            Some(b'-') => (Kind::SlashDash, at + 2),
            Some(b'/') => (Kind::LineComment, line_end(text, at)),
            Some(b'*') => strings.comment(at, touches),
            _ => (Kind::Odd, one),
        },
        '\\' => match escline(text, at) {
            Some(end) => (Kind::Escline, end),
            None => (Kind::Odd, one),
        },
        '"' => strings.quoted(at),
        '#' => {
            let hashes = at + (rest.len() - rest.trim_start_matches('#').len());
            if text[hashes..].starts_with('"') {
                return strings.raw(at, hashes);
            }
            match bare_end(text, hashes) {
                end if end > hashes && hashes == one => (Kind::Keyword, end),
                _ => (Kind::Odd, hashes),
            }
        }
        '\u{FEFF}' if at == 0 => (Kind::Space, one),
        _ if is_space(first) => {
            let end = rest.find(|c| !is_space(c)).unwrap_or(rest.len());
            (Kind::Space, at + end)
        }
        _ => match (newline(text, at), bare_end(text, at)) {
            (Some(end), _) => (Kind::Newline, end),
            (None, end) if end == at => (Kind::Odd, one),
            (None, end) if begins_number(rest) => (Kind::Number, end),
            (None, end) => (Kind::Word, end),
        },
    }
}

/// Where the bare characters from `at` end.
fn bare_end(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    at + rest.find(|c| !is_bare(c)).unwrap_or(rest.len())
}

/// Whether bare characters begin as a number does.
fn begins_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.strip_prefix('.').unwrap_or(unsigned);
    digits.starts_with(|c: char| c.is_ascii_digit())
}

/// The end of the line break that the backslash at `at` takes back.
fn escline(text: &str, at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        let rest = &text[at..];
        let blank = rest.find(|c| !is_space(c)).unwrap_or(rest.len());
        at += blank;
        let rest = &text[at..];
        if rest.is_empty() {
            return Some(at);
        }
        if rest.starts_with("//") {
            at = line_end(text, at);
            return Some(newline(text, at).unwrap_or(at));
        }
        if !rest.starts_with("/*") {
            return newline(text, at);
        }
        at = comment_end(text, at)?;
    }
}

#[cfg(test)]
mod tests;
