//! The lines of a string in three quotes.

use super::characters::{breaks, is_space, newline};
use super::clump::{Clump, error};
use crate::diagnostic::Diagnostic;
use crate::source::{Origin, Span};

/// What is wrong with the lines of a string in three quotes, which are `opening` bytes from its start.
pub(super) fn layout(clump: &Clump, opening: usize) -> Option<Diagnostic> {
    let text = clump.text();
    let hashes = opening - 3;
    // One quote closes a raw string that only looks as if it had three.
    let closing = match text.ends_with(&["\"\"\"", &text[..hashes]].concat()) {
        true => opening,
        false => 1 + hashes,
    };
    let end = text.len().saturating_sub(closing).max(opening);
    let body = &text[opening..end];
    if newline(text, opening).is_none() {
        let found =
            error("Three quotes begin a string of several lines").at(clump.part(hashes..opening));
        let found = found.label("the line goes on after them");
        let one = !body.contains(breaks) && !body.is_empty() && !body.contains('"');
        let help = found.help("begin the text on the next line, or write it in one pair of quotes");
        let mark = "#".repeat(hashes);
        return Some(match one {
            true => help.fix(clump.span(), format!("{mark}\"{body}\"{mark}")),
            false => help,
        });
    }
    let last = body.rfind(breaks).map_or(0, |at| {
        at + body[at..].chars().next().map_or(0, char::len_utf8)
    });
    let prefix = &body[last..];
    let close = text.len() - opening..text.len();
    let taken_back = hashes == 0 && prefix.contains('\\');
    if !prefix.chars().all(is_space) && !taken_back {
        let found = error("Three quotes end a string of several lines on a line of their own");
        let found = found
            .at(clump.part(close))
            .label("something is before them");
        return Some(found.help("begin a new line before them"));
    }
    if taken_back {
        return None;
    }
    let mut at = opening + newline(body, 0)?;
    let mut continued = false;
    for line in body[newline(body, 0)?..last].split_inclusive(breaks) {
        let shown = line.trim_end_matches(breaks);
        let blank = shown.chars().all(is_space);
        let indent = shown.len() - shown.trim_start_matches(is_space).len();
        if !blank && !continued && !shown.starts_with(prefix) {
            return Some(indentation(clump, at..at + indent.max(1), close));
        }
        let end = shown.trim_end_matches(is_space);
        let slashes = end.len() - end.trim_end_matches('\\').len();
        continued = hashes == 0 && (slashes % 2 == 1 || (continued && blank));
        at += line.len();
    }
    None
}

fn indentation(
    clump: &Clump,
    at: std::ops::Range<usize>,
    close: std::ops::Range<usize>,
) -> Diagnostic {
    let end = (at.end..=clump.text().len())
        .find(|end| clump.text().is_char_boundary(*end))
        .unwrap_or(at.end);
    let quotes: Span = clump.part(close);
    error("A line of the string is not indented as its closing quotes are")
        .at(clump.part(at.start..end))
        .label("other blanks than before the quotes")
        .related("the closing quotes", Origin::Written(quotes))
        .help("indent every line as far as the closing quotes, and with the same blanks")
}
