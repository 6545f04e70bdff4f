//! The tokens of a KDL 2 text, every byte of it, without reading any value.
//!
//! One pass, no recursion, no failure: what is wrong is a token too ([`Kind::Unclosed`], [`Kind::OverLines`],
//! [`Kind::Odd`]), and what follows it is cut up as if it were right, so that one slip does not hide the next.

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

/// The end of the line break at `at`, if one is there.
pub(super) fn newline(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    if rest.starts_with("\r\n") {
        return Some(at + 2);
    }
    let first = rest.chars().next()?;
    breaks(first).then(|| at + first.len_utf8())
}

/// Whether a character ends a line.
pub(super) fn breaks(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Where the line that holds `at` ends, before its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(breaks).map_or(text.len(), |end| at + end)
}

/// Whether a character is a blank within a line.
pub(super) fn is_space(c: char) -> bool {
    matches!(
        c,
        '\t' | ' ' | '\u{A0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    )
}

/// Whether KDL forbids a character everywhere: it would be invisible, or change how the rest is shown.
pub fn is_forbidden(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{8}'
            | '\u{E}'..='\u{1F}'
            | '\u{7F}'
            | '\u{200E}' | '\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}'
    )
}

/// Whether a character can be part of a bare word.
pub fn is_bare(c: char) -> bool {
    let special = matches!(
        c,
        '\\' | '/' | '(' | ')' | '{' | '}' | ';' | '[' | ']' | '"' | '#' | '='
    );
    !special && !is_space(c) && !breaks(c) && !is_forbidden(c)
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
mod tests {
    use super::Kind::*;
    use super::{Kind, scan};
    use proptest::prelude::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        let tokens = scan(text).into_iter();
        tokens
            .filter(|token| token.kind != Space)
            .map(|token| (token.kind, token.text(text)))
            .collect()
    }

    #[test]
    fn every_kind_is_told_apart() {
        let cases: &[(&str, &[(Kind, &str)])] = &[
            ("\u{FEFF}a\u{3000}b", &[(Word, "a"), (Word, "b")]),
            (
                "a\r\n\r\n",
                &[(Word, "a"), (Newline, "\r\n"), (Newline, "\r\n")],
            ),
            (
                "a // b\n",
                &[(Word, "a"), (LineComment, "// b"), (Newline, "\n")],
            ),
            (
                "/* /* */ */x",
                &[(BlockComment, "/* /* */ */"), (Word, "x")],
            ),
            ("\\ // c\nb", &[(Escline, "\\ // c\n"), (Word, "b")]),
            (
                "\\ /* /* */ */ \r\n\\",
                &[(Escline, "\\ /* /* */ */ \r\n"), (Escline, "\\")],
            ),
            (
                "/-{};",
                &[
                    (SlashDash, "/-"),
                    (Open, "{"),
                    (Close, "}"),
                    (Semicolon, ";"),
                ],
            ),
            (
                "(a)b=c",
                &[
                    (OpenParen, "("),
                    (Word, "a"),
                    (CloseParen, ")"),
                    (Word, "b"),
                    (Equals, "="),
                    (Word, "c"),
                ],
            ),
            (
                "1 -1 +.5 .5x",
                &[
                    (Number, "1"),
                    (Number, "-1"),
                    (Number, "+.5"),
                    (Number, ".5x"),
                ],
            ),
            (
                "- . -a .a é",
                &[
                    (Word, "-"),
                    (Word, "."),
                    (Word, "-a"),
                    (Word, ".a"),
                    (Word, "é"),
                ],
            ),
            (
                "#true #-inf #",
                &[(Keyword, "#true"), (Keyword, "#-inf"), (Odd, "#")],
            ),
            (
                r#""a\"b" "\\""#,
                &[(Quoted, r#""a\"b""#), (Quoted, r#""\\""#)],
            ),
            ("\"a \\\n  b\" c", &[(Quoted, "\"a \\\n  b\""), (Word, "c")]),
            (
                "\"\"\"\n a\\\"\"\"\n \"\"\"x",
                &[(Multiline, "\"\"\"\n a\\\"\"\"\n \"\"\""), (Word, "x")],
            ),
            (
                r####"#"a"b"# ##"a"#b"##"####,
                &[(Raw, r##"#"a"b"#"##), (Raw, r###"##"a"#b"##"###)],
            ),
            ("#\"\"\"\n\"\n\"\"\"#", &[(Raw, "#\"\"\"\n\"\n\"\"\"#")]),
            (
                "a/b \\x",
                &[
                    (Word, "a"),
                    (Odd, "/"),
                    (Word, "b"),
                    (Odd, "\\"),
                    (Word, "x"),
                ],
            ),
            ("\u{202E}a", &[(Odd, "\u{202E}"), (Word, "a")]),
        ];
        for (text, expected) in cases {
            assert_eq!(kinds(text), *expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_closed_hides_as_little_as_it_can() {
        let cases: &[(&str, &[(Kind, &str)])] = &[
            (
                "a \"b\nc \"d\"",
                &[
                    (Word, "a"),
                    (Unclosed, "\"b"),
                    (Newline, "\n"),
                    (Word, "c"),
                    (Quoted, "\"d\""),
                ],
            ),
            (
                "a \"b\nc\" {",
                &[(Word, "a"), (OverLines, "\"b\nc\""), (Open, "{")],
            ),
            (
                "a #\"b\nc",
                &[
                    (Word, "a"),
                    (Unclosed, "#\"b"),
                    (Newline, "\n"),
                    (Word, "c"),
                ],
            ),
            ("a #\"b\nc\"#", &[(Word, "a"), (OverLines, "#\"b\nc\"#")]),
            (
                "a/*.kdl\nb",
                &[
                    (Word, "a"),
                    (Unclosed, "/*.kdl"),
                    (Newline, "\n"),
                    (Word, "b"),
                ],
            ),
            ("a /* b\nc", &[(Word, "a"), (Unclosed, "/* b\nc")]),
            (
                "a \"\"\"\n b\nc \"\"\"\n d\n \"\"\"",
                &[
                    (Word, "a"),
                    (Unclosed, "\"\"\"\n b"),
                    (Newline, "\n"),
                    (Word, "c"),
                    (Multiline, "\"\"\"\n d\n \"\"\""),
                ],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(kinds(text), *expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn tokens_tile_the_text(text in r##"([a1 \n\r{}()/\-*;=#"\\,é\u{2028}\u{7f}.]|"""|/\*|\*/|/-|#")*"##) {
            let mut at = 0;
            for token in scan(&text) {
                prop_assert_eq!(token.start, at);
                prop_assert!(token.end > at);
                prop_assert!(text.is_char_boundary(token.end as usize));
                at = token.end;
            }
            prop_assert_eq!(at as usize, text.len());
        }
    }
}
