//! Which characters KDL 2 takes for what.

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
