//! Characters that are not seen, or change how others are: controls, direction marks, odd line breaks.

use super::characters::is_forbidden;
use super::clump::{Tokens, error};
use super::scan::Kind;
use crate::diagnostic::Diagnostic;

/// The first `most` findings about them: one for each run of forbidden characters, one for each kind of odd
/// line break.
pub(super) fn found(of: &Tokens, most: usize) -> Vec<Diagnostic> {
    let mut found = breaks(of);
    let mut last_end = 0;
    for (at, c) in of.text.char_indices().filter(|(_, c)| is_forbidden(*c)) {
        if found.len() >= most {
            break;
        }
        let end = at + c.len_utf8();
        let again = std::mem::replace(&mut last_end, end) == at && at > 0;
        let mark = at == 0 && c == '\u{FEFF}';
        if !again && !mark {
            found.push(character(of, at, c));
        }
    }
    found
}

fn character(of: &Tokens, at: usize, c: char) -> Diagnostic {
    let run = of.text[at..]
        .chars()
        .take_while(|c| is_forbidden(*c))
        .map(char::len_utf8)
        .sum::<usize>();
    let span = of.span(at..at + run);
    let token = of.all.partition_point(|token| token.end as usize <= at);
    let code = c as u32;
    let found = error(format!(
        "The character U+{code:04X} cannot be in a KDL file"
    ))
    .at(span)
    .label(match c {
        '\u{FEFF}' => "a byte-order mark, which only begins a file",
        '\u{200E}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            "changes the direction of what is shown"
        }
        _ => "a control character",
    });
    match of.kind(token) {
        Some(Kind::Quoted | Kind::Multiline) => {
            found.help(format!("remove it, or write `\\u{{{code:X}}}`"))
        }
        _ => found.help("remove it").fix(span, ""),
    }
}

/// Line breaks that editors do not show as such, and that line numbers do not count.
fn breaks(of: &Tokens) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut seen = Vec::new();
    for token in of.all.iter().filter(|token| token.kind == Kind::Newline) {
        let text = token.text(of.text);
        if matches!(text, "\n" | "\r\n") || seen.contains(&text) {
            continue;
        }
        seen.push(text);
        let span = of.span(token.range());
        let name = match text {
            "\r" => "a carriage return alone".to_owned(),
            _ => format!("U+{:04X}", text.chars().next().map_or(0, |c| c as u32)),
        };
        let again = of.text[token.end as usize..].contains(text) && text != "\r";
        let one = error("A line ends with a line break that editors do not show")
            .at(span)
            .label(name);
        found.push(match again || text == "\r" {
            true => one.help("save the file with `\\n` as its line breaks"),
            false => one.help("begin a new line instead").fix(span, "\n"),
        });
    }
    found
}
