//! Quotes: those of other languages, those that do not close, and values that need some.

use super::characters::{breaks, is_space};
use super::clump::{Clump, Slip, error, quoted};
use super::scan::Kind;
use crate::diagnostic::Diagnostic;
use crate::source::Origin;

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
    let line = of.line(start);
    let inner = first.len_utf8();
    let ends = |at: usize, close: char| {
        let next = line[at + close.len_utf8()..].chars().next();
        next.is_none_or(|c| is_space(c) || matches!(c, ';' | '}' | ',' | ')' | '='))
    };
    let close = line[inner..]
        .match_indices(*closing)
        .map(|(at, found)| (inner + at, found.chars().next().unwrap_or(first)))
        .find(|(at, close)| ends(*at, *close));
    let name = match first {
        '\'' => "A single quote",
        '`' => "A backtick",
        _ => "A curly quote",
    };
    let Some((at, close)) = close else {
        let found = Diagnostic::error(2404)
            .message(format!("{name} is no quote in KDL, and is not closed"))
            .at(of.span(start..start + inner))
            .label("opened here")
            .help("put the value in double quotes");
        return clump.slip(found);
    };
    let end = start + at + close.len_utf8();
    let span = of.span(start..end);
    Some(Slip {
        found: Some(
            error(format!("{name} is no quote in KDL"))
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
    let shown = of.text[..end].trim_end().len();
    let (message, place) = match end == of.text.len() {
        true => ("the file ends here", Origin::Written(of.span(shown..shown))),
        false => (
            "another one begins after here",
            Origin::Written(of.span(end..end)),
        ),
    };
    if text.starts_with("/*") {
        let found = found.message("The comment is not closed");
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
            .help("write `\"\"\"` around it, with a line break after the first three and before the last");
        return clump.slip(found);
    }
    let found = found.message("The string is not closed");
    let inner = &text[delimiter..];
    let plain = !inner.is_empty() && !inner.contains([' ', '{', '}', ';', '\\', '/', '=']);
    let found = match quotes {
        3 => found.related(message, place).help(format!(
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
