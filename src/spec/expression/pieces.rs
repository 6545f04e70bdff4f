//! A text cut at its braces, and the names between them.

use std::ops::Range;

/// What a text is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// As it is.
    Text(Range<usize>),
    /// Between `{% raw %}` and `{% endraw %}`.
    Raw(Range<usize>),
    /// Between the braces.
    Expression(Range<usize>),
}

/// What is wrong with a text as such.
#[derive(Debug, Clone, PartialEq)]
pub enum Slip {
    /// Braces without their end.
    Unclosed(Range<usize>),
    /// `{% … %}`.
    Statement(Range<usize>),
    /// `{# … #}`.
    Comment(Range<usize>),
}

/// Cuts a text into its pieces; a slip ends at its own end, and cutting goes on.
pub fn pieces(text: &str) -> (Vec<Piece>, Vec<Slip>) {
    let (mut pieces, mut slips) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(open) = text[at..].find('{').map(|found| at + found) {
        let rest = &text[open..];
        let (kind, close) = match rest.as_bytes().get(1) {
            Some(b'{') => ('x', "}}"),
            Some(b'%') => ('%', "%}"),
            Some(b'#') if !text[..open].ends_with('$') => ('#', "#}"),
            _ => {
                pieces.push(Piece::Text(at..open + 1));
                at = open + 1;
                continue;
            }
        };
        pieces.push(Piece::Text(at..open));
        let Some(length) = rest.find(close).map(|end| end + 2) else {
            slips.push(Slip::Unclosed(open..open + 2));
            at = text.len();
            break;
        };
        let whole = open..open + length;
        at = whole.end;
        match kind {
            'x' => pieces.push(Piece::Expression(whole.start + 2..whole.end - 2)),
            '#' => slips.push(Slip::Comment(whole)),
            _ if statement(&text[whole.clone()]) == "raw" => {
                let ends = [
                    "{% endraw %}",
                    "{%- endraw -%}",
                    "{%endraw%}",
                    "{%- endraw %}",
                    "{% endraw -%}",
                ];
                let end = ends
                    .iter()
                    .filter_map(|word| Some((text[at..].find(word)?, word.len())))
                    .min();
                match end {
                    Some((end, length)) => {
                        pieces.push(Piece::Raw(at..at + end));
                        at += end + length;
                    }
                    None => {
                        slips.push(Slip::Unclosed(whole));
                        at = text.len();
                    }
                }
            }
            _ => slips.push(Slip::Statement(whole)),
        }
    }
    pieces.push(Piece::Text(at..text.len()));
    (pieces, slips)
}

fn statement(text: &str) -> &str {
    text.trim_start_matches("{%")
        .trim_end_matches("%}")
        .trim_matches('-')
        .trim()
}

/// A name as its parts, `env` and `HOME`, and its place.
pub type Name<'a> = (Vec<&'a str>, Range<usize>);

/// The names in an expression: words that are no literals, keywords, filters or arguments' names.
pub fn names_in(text: &str) -> Vec<Name<'_>> {
    const KEYWORDS: [&str; 11] = [
        "and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "loop",
    ];
    let bytes = text.as_bytes();
    let mut names = Vec::new();
    let mut at = 0;
    let mut filter = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' | b'`' => {
                let rest = &bytes[at + 1..];
                at += rest
                    .iter()
                    .position(|end| *end == byte)
                    .map_or(bytes.len(), |end| end + 2);
            }
            b'|' => {
                filter = true;
                at += 1;
            }
            b'0'..=b'9' => {
                let number = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.';
                at += bytes[at..].iter().take_while(|byte| number(byte)).count();
            }
            _ if byte.is_ascii_alphabetic() || byte == b'_' || byte == b'.' => {
                let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.".contains(byte);
                let length = bytes[at..].iter().take_while(|byte| word(byte)).count();
                let name = &text[at..at + length];
                let after = text[at + length..].trim_start();
                let argument = after.starts_with('=') && !after.starts_with("==");
                if !filter && !argument && !KEYWORDS.contains(&name) {
                    names.push((name.split('.').collect(), at..at + length));
                }
                filter = false;
                at += length;
            }
            _ => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    names
}
