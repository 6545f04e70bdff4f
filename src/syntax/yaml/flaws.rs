//! What libyaml cannot read, in plain words, at the place that is to be changed.

use super::places::Places;
use super::{Data, Node};
use crate::diagnostic::Diagnostic;
use crate::source::{Origin, Span};
use libyaml_safer::Error;

/// One that libyaml tells.
pub fn told(error: &Error, text: &str, places: &Places) -> Diagnostic {
    let finding = Diagnostic::error(2701);
    let Some(mark) = error.problem_mark() else {
        return unprintable(finding, text, places);
    };
    let at = places.byte(mark);
    let began = error.context_mark().map(|mark| places.byte(mark));
    if let Some(braces) = bare_braces(text, at, began) {
        return braces_unquoted(finding, places.bytes(braces, braces + 2));
    }
    let one =
        |at: usize| places.bytes(at, at + text[at..].chars().next().map_or(0, char::len_utf8));
    let word = |at: usize| {
        let rest = &text[at..];
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let shown = rest[..end].trim_end().len();
        places.bytes(at, at + shown)
    };
    let begins = |finding: Diagnostic, what: &str| match began {
        Some(began) if began != at => finding.related(what, Origin::Written(one(began))),
        _ => finding,
    };
    let problem = error.problem();
    match (problem, text[at..].chars().next()) {
        ("found character that cannot start any token", Some('\t'))
        | ("found a tab character that violates indentation", _) => finding
            .message("A tab indents this line, and YAML takes only spaces")
            .at(tabs(text, at, places))
            .help("write spaces instead"),
        ("found character that cannot start any token", Some(char)) => finding
            .message(format!("A value cannot begin with `{char}`"))
            .at(one(at))
            .help("quote the value"),
        ("mapping values are not allowed in this context", _) => finding
            .message("A second `: ` stands in one value")
            .at(one(at))
            .help("quote the value, or indent the line as its neighbours are"),
        ("did not find expected key", _)
            if error.context() == Some("while parsing a block mapping") =>
        {
            let finding =
                finding.message("This fits neither as a key nor as more of the value above");
            begins(finding.at(word(at)), "the mapping begins here")
                .help("indent it as the keys of its mapping are, or quote the value as a whole")
        }
        ("did not find expected '-' indicator", _) => {
            let finding = finding.message("An item of the list must begin with `- `");
            begins(finding.at(word(at)), "the list begins here")
                .help("begin it with `- `, or indent it as its neighbours are")
        }
        ("did not find expected <document start>", _) => finding
            .message("This belongs to nothing above")
            .at(word(at))
            .help("indent it as its neighbours are"),
        ("could not find expected ':'", _) => finding
            .message("A key without its `:`")
            .at(began.map_or_else(|| one(at), word))
            .help("write `key: value`, or indent the line as its neighbours are"),
        ("found unexpected end of stream" | "found unexpected document indicator", _) => finding
            .message("A quote is not closed")
            .at(one(began.unwrap_or(at)))
            .help("close it, or quote the value as a whole"),
        ("did not find expected ',' or ']'", _) => {
            unclosed(finding, ('[', ']'), one(began.unwrap_or(at)))
        }
        ("did not find expected ',' or '}'", _) => {
            unclosed(finding, ('{', '}'), one(began.unwrap_or(at)))
        }
        ("found unknown escape character", _) => finding
            .message("Between double quotes YAML does not know this escape")
            .at(one(at))
            .help("write the backslash twice, or use single quotes"),
        ("block sequence entries are not allowed in this context", _) => finding
            .message("A list cannot begin on the line of its key")
            .at(one(at))
            .help("begin it on the next line"),
        ("did not find expected alphabetic or numeric character", _) => finding
            .message("A name is missing behind `*` or `&`")
            .at(one(began.unwrap_or(at)))
            .help("quote the value"),
        _ => finding
            .message(format!("This is not YAML: {problem}"))
            .at(one(at))
            .help("quote the value, or indent the line as its neighbours are"),
    }
}

fn unclosed(finding: Diagnostic, (open, close): (char, char), at: Span) -> Diagnostic {
    finding
        .message(format!("`{open}` is not closed"))
        .at(at)
        .help(format!("write `{close}` at its end, or quote the value"))
}

/// The tabs among the blanks before a place.
fn tabs(text: &str, at: usize, places: &Places) -> Span {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let first = text[line..=at].find('\t').map_or(at, |tab| line + tab);
    let length = text[first..].len() - text[first..].trim_start_matches('\t').len();
    places.bytes(first, first + length)
}

/// What no text file holds: there is no mark, so it is looked for.
fn unprintable(finding: Diagnostic, text: &str, places: &Places) -> Diagnostic {
    let fits = |c: char| {
        matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
            || c >= '\u{10000}'
    };
    let at = text.char_indices().find(|(_, c)| !fits(*c));
    let (at, char) = at.unwrap_or((0, ' '));
    finding
        .message(format!(
            "YAML takes no control character U+{:04X}",
            char as u32
        ))
        .at(places.bytes(at, at + char.len_utf8()))
        .help("remove it, or write it as an escape between double quotes")
}

fn braces_unquoted(finding: Diagnostic, at: Span) -> Diagnostic {
    finding
        .message("A value that begins with `{{` must be quoted")
        .at(at)
        .label("YAML takes it for a mapping")
        .help("put double quotes around the whole value")
}

/// Where a value of the line, or of the line of what began, begins with two braces.
fn bare_braces(text: &str, at: usize, began: Option<usize>) -> Option<usize> {
    let line = |at: usize| {
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let braces = start + text[start..].lines().next()?.find("{{")?;
        let before = text[start..braces].trim_end_matches(' ');
        let opens = before.len() < braces - start && before.ends_with([':', '-']);
        opens.then_some(braces)
    };
    line(at).or_else(|| line(began?))
}

/// A key that is a list or a mapping: most often an expression without quotes.
pub fn key_of_parts(key: &Node, map: Span, text: &str) -> Diagnostic {
    let whole = text
        .get(map.start as usize..map.end as usize)
        .unwrap_or_default();
    let finding = Diagnostic::error(2701);
    if !whole.starts_with("{{") || !matches!(key.data, Data::Map(_)) {
        return finding
            .message(format!("A key cannot be {}", key.kind()))
            .at(key.span)
            .help("quote the key");
    }
    let quote = match whole.contains('"') {
        true if whole.contains('\'') => None,
        true => Some('\''),
        false => Some('"'),
    };
    let finding = braces_unquoted(finding, map);
    match quote.filter(|_| !whole.contains('\n')) {
        Some(quote) => finding
            .help(format!("write `{quote}{whole}{quote}`"))
            .fix(map, format!("{quote}{whole}{quote}")),
        None => finding,
    }
}
