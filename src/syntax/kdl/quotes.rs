//! Slips of strings: quotes of other languages, escapes, and strings of several lines.

use super::characters::{breaks, is_space, newline};
use super::clump::{Clump, Slip, error, quoted};
use super::scan::Kind;
use crate::diagnostic::Diagnostic;
use crate::source::{Origin, Span};

/// `'x'`, `“x”`, and backticks.
pub(super) fn foreign(clump: &Clump) -> Option<Slip> {
    const QUOTES: &[(char, &[char])] = &[
        ('\'', &['\'']),
        ('`', &['`']),
        ('“', &['”', '“', '"']),
        ('”', &['”', '"']),
        ('„', &['“', '”', '"']),
        ('«', &['»']),
        ('‘', &['’', '‘']),
        ('’', &['’']),
    ];
    let of = clump.of;
    let first = of.text_of(clump.first).chars().next()?;
    let (_, closing) = QUOTES.iter().find(|(open, _)| *open == first)?;
    let start = clump.range().start;
    let line = of.text[start..].split(breaks).next().unwrap_or("");
    let inner = first.len_utf8();
    let ends = |at: usize, close: char| {
        let next = line[at + close.len_utf8()..].chars().next();
        next.is_none_or(|c| is_space(c) || matches!(c, ';' | '}' | ',' | ')' | '='))
    };
    let close = line[inner..]
        .match_indices(*closing)
        .map(|(at, found)| (inner + at, found.chars().next().unwrap_or(first)))
        .find(|(at, close)| ends(*at, *close));
    let Some((at, close)) = close else {
        let found = Diagnostic::error(2404)
            .message(format!("A `{first}` is not a quote, and is not closed"))
            .at(of.span(start..start + inner))
            .label("opened here")
            .help("put the value in double quotes");
        return clump.slip(found);
    };
    let end = start + at + close.len_utf8();
    let span = of.span(start..end);
    Some(Slip {
        found: Some(
            error(format!("`{first}` is no quote in KDL"))
                .at(span)
                .label("would be part of the value")
                .help("write double quotes")
                .fix(span, quoted(&line[inner..at])),
        ),
        end: of.at_byte(clump.first, end),
    })
}

/// `r"…"` and `r#"…"#` of KDL 1.
pub(super) fn raw_of_kdl_1(clump: &Clump) -> Option<Slip> {
    let of = clump.of;
    let string = of.kind(clump.first + 1);
    let known = matches!(string, Some(Kind::Quoted | Kind::Raw)) && clump.end == clump.first + 2;
    if !known || of.text_of(clump.first) != "r" {
        return None;
    }
    let text = of.text_of(clump.first + 1);
    let fixed = match string {
        Some(Kind::Raw) => text.to_owned(),
        _ => format!("#{text}#"),
    };
    clump.slip(
        error("A raw string begins with `#`")
            .at(clump.part(0..1))
            .label("as in KDL 1")
            .help("remove the `r`, and put `#` on both sides of the quotes")
            .fix(clump.span(), fixed),
    )
}

/// A string or a comment that is not closed where it should be.
pub(super) fn unclosed(clump: &Clump) -> Option<Slip> {
    let of = clump.of;
    let open = |at: &usize| matches!(of.kind(*at), Some(Kind::Unclosed | Kind::OverLines));
    let at = (clump.first..clump.end).find(open)?;
    let text = of.text_of(at);
    let start = of.start(at);
    let name = text.trim_start_matches('#');
    let hashes = text.len() - name.len();
    let quotes = if name.starts_with("\"\"\"") { 3 } else { 1 };
    let delimiter = match text.starts_with("/*") {
        true => 2,
        false => hashes + quotes,
    };
    let found = Diagnostic::error(2404)
        .at(of.span(start..start + delimiter))
        .label("opened here");
    let end = of.end(at);
    let last = |what: &str| (what.to_owned(), Origin::Written(of.span(end..end)));
    if text.starts_with("/*") {
        let found = found.message("The comment is not closed");
        let (message, place) = last(if end == of.text.len() {
            "the file ends here"
        } else {
            "the line ends here"
        });
        return Some(Slip {
            found: Some(match at > clump.first {
                true => path(
                    clump,
                    found.message("`/*` begins a comment, which is not closed"),
                ),
                false => found
                    .related(message, place)
                    .help("write `*/` where it ends"),
            }),
            end: at + 1,
        });
    }
    let close = format!("{}{}", "\"".repeat(quotes), "#".repeat(hashes));
    if of.kind(at) == Some(Kind::OverLines) {
        let found = found
            .message("A string in one pair of quotes ends on its line")
            .related("closed here", Origin::Written(of.span(end - close.len()..end)))
            .help("open and close it with `\"\"\"`, each at the end of a line or on its own, for several lines");
        return clump.slip(found);
    }
    let (message, place) = last(if quotes == 3 && end == of.text.len() {
        "the file ends here"
    } else {
        "the line ends here"
    });
    let found = found
        .message("The string is not closed")
        .related(message, place);
    let inner = &text[delimiter..];
    let plain = !inner.is_empty() && !inner.contains([' ', '{', '}', ';', '\\', '/', '=']);
    let found = match quotes {
        3 => found.help(format!(
            "write `{close}` on a line of its own where it ends"
        )),
        _ => found.help(format!("write `{close}` where it ends")),
    };
    clump.slip(match plain && quotes == 1 {
        true => found.fix(of.span(end..end), close),
        false => found,
    })
}

/// `machines/*.kdl` and `a/**/b`, where a comment begins or is within a path; `https://x`.
pub(super) fn path_with_comment(clump: &Clump) -> Option<Slip> {
    let of = clump.of;
    let closed = of.kind(clump.end) == Some(Kind::BlockComment);
    let word = |at: usize| matches!(of.kind(at), Some(Kind::Word | Kind::Number | Kind::Odd));
    let address = of.kind(clump.end) == Some(Kind::LineComment) && clump.text().ends_with(':');
    if !(address || (closed && word(clump.end - 1) && word(clump.end + 1))) {
        return None;
    }
    let found = error("`//` and `/*` begin a comment, in a word too");
    let end = match address {
        true => clump.end + 1,
        false => Clump::new(of, clump.place, clump.end + 1).end,
    };
    Some(Slip {
        found: Some(path(clump, found)),
        end,
    })
}

/// The help for a path or an address that a comment cuts off.
fn path(clump: &Clump, found: Diagnostic) -> Diagnostic {
    let of = clump.of;
    let start = clump.range().start;
    let rest = &of.text[start..];
    let end = rest
        .find(|c| is_space(c) || breaks(c) || c == ';')
        .unwrap_or(rest.len());
    let span = of.span(start..start + end);
    let found = found
        .at(span)
        .label("cut off by a comment")
        .help("put it in quotes");
    match rest[..end].contains('"') {
        true => found,
        false => found.fix(span, quoted(&rest[..end])),
    }
}

/// What is wrong within a string that is closed.
pub(super) fn string(clump: &Clump) -> Option<Slip> {
    let text = clump.text();
    let found = match clump.single()? {
        Kind::Quoted => escape(clump)?,
        Kind::Multiline => layout(clump, 3).or_else(|| escape(clump))?,
        Kind::Raw => {
            let hashes = text.len() - text.trim_start_matches('#').len();
            match text[hashes..].starts_with("\"\"\"") {
                true => layout(clump, hashes + 3)?,
                false => return None,
            }
        }
        _ => return None,
    };
    clump.slip(found)
}

/// The first backslash that escapes nothing.
fn escape(clump: &Clump) -> Option<Diagnostic> {
    let text = clump.text();
    let mut from = 0;
    loop {
        let at = from + text[from..].find('\\')?;
        let rest = &text[at + 1..];
        let next = rest.chars().next()?;
        from = at + 1 + next.len_utf8();
        if is_space(next) || breaks(next) || "\"\\bfnrts".contains(next) {
            continue;
        }
        let code = rest
            .strip_prefix("u{")
            .and_then(|rest| rest.split_once('}'))
            .map(|(code, _)| code);
        let hex = |code: &str| {
            (1..=6).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_hexdigit())
        };
        let known = code.filter(|code| hex(code));
        if known.is_some_and(|code| {
            u32::from_str_radix(code, 16)
                .ok()
                .and_then(char::from_u32)
                .is_some()
        }) {
            continue;
        }
        return Some(bad_escape(clump, at, from, code));
    }
}

fn bad_escape(clump: &Clump, at: usize, end: usize, code: Option<&str>) -> Diagnostic {
    let text = clump.text();
    let next = text[at + 1..end].chars().next().unwrap_or(' ');
    let digits: String = text[end..]
        .chars()
        .take(4)
        .take_while(char::is_ascii_hexdigit)
        .collect();
    let end = match code {
        Some(code) if next == 'u' => end + code.len().min(8) + 2,
        _ => end,
    };
    let end = (end..=text.len())
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(text.len());
    let place = clump.part(at..end);
    let found = error("The backslash escapes nothing")
        .at(place)
        .label("no escape of KDL");
    if next == 'u' && code.is_none() && digits.len() == 4 {
        let found = found.help(format!("write `\\u{{{digits}}}`"));
        return found.fix(clump.part(at..at + 6), format!("\\u{{{digits}}}"));
    }
    if next == 'u' {
        return found
            .help("write `\\u{…}` with the code of a character, or `\\\\` for a backslash");
    }
    if "'$/`".contains(next) {
        return found
            .help("remove the backslash")
            .fix(clump.part(at..at + 1), "");
    }
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or("");
    let found = found.help("write `\\\\` for a backslash, or put `#` on both sides of the quotes");
    match clump.single() == Some(Kind::Quoted) && !inner.contains('"') && !inner.contains("\\\\") {
        true => found.fix(clump.span(), format!("#\"{inner}\"#")),
        false => found,
    }
}

/// What is wrong with the lines of a string in three quotes, which are `opening` bytes from its start.
fn layout(clump: &Clump, opening: usize) -> Option<Diagnostic> {
    let text = clump.text();
    let hashes = opening - 3;
    let body = &text[opening
        ..text
            .len()
            .checked_sub(opening)
            .filter(|end| *end >= opening)
            .unwrap_or(opening)];
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
