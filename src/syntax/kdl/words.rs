//! Slips of bare words: what needs quotes, and keywords that are none.

use super::characters::{is_bare, is_forbidden, is_space};
use super::clump::{Clump, Place, Slip, error, quoted, rewrite};
use super::numbers::flaw;
use super::scan::Kind;

/// Characters that are forbidden everywhere are told once, elsewhere.
pub(super) fn forbidden(clump: &Clump) -> Option<Slip> {
    let known = clump.kinds().any(|kind| kind == Kind::Odd) && clump.text().contains(is_forbidden);
    known.then_some(Slip {
        found: None,
        end: clump.end,
    })
}

/// `a, b`, `"a","b"` and `8080:80,9090:90`.
pub(super) fn comma(clump: &Clump) -> Option<Slip> {
    let of = clump.of;
    let text = clump.text();
    let several = clump.end > clump.first + 1;
    let lone = |at: &usize| of.text_of(*at) == ",";
    let lone = (clump.first..clump.end)
        .find(lone)
        .filter(|_| several || clump.place == Place::Argument);
    let number = clump.single() == Some(Kind::Number);
    // A word that begins with one, after a string.
    let after = |at: &usize| of.text_of(*at).starts_with(',');
    let at = match lone.or_else(|| (clump.first..clump.end).filter(|_| several).find(after)) {
        Some(at) => of.start(at) - clump.range().start,
        _ if text.len() > 1 && text.ends_with(',') => text.len() - 1,
        _ => text.find(',').filter(|_| number)?,
    };
    let strings = clump
        .kinds()
        .any(|kind| kind.is_string() && kind != Kind::Word);
    let fixed: Vec<String> = match strings {
        true => {
            let parts = (clump.first..clump.end).map(|at| of.text_of(at).trim_matches(','));
            parts
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect()
        }
        false => {
            let parts = text.split(',').filter(|part| !part.is_empty());
            parts
                .map(|part| {
                    if valid(part) {
                        part.to_owned()
                    } else {
                        quoted(part)
                    }
                })
                .collect()
        }
    };
    let found = error("Arguments are separated by blanks alone")
        .at(clump.part(at..at + 1))
        .label("a comma")
        .help("put a blank instead of the comma");
    clump.slip(match clump.place {
        Place::Argument => found.fix(clump.span(), fixed.join(" ")),
        _ => found.fix(clump.part(at..at + 1), " "),
    })
}

/// `；`, `：`, `，` and `＝`, as keyboards for other scripts write them.
pub(super) fn wide(clump: &Clump) -> Option<Slip> {
    const WIDE: &[(char, &str)] = &[('；', ";"), ('：', " "), ('，', " "), ('＝', "=")];
    let word = |at: &usize| matches!(clump.of.kind(*at), Some(Kind::Word | Kind::Odd));
    let mut words = (clump.first..clump.end).filter(word);
    let (at, wide, ours) = words.find_map(|token| {
        let (text, start) = (clump.of.text_of(token), clump.of.start(token));
        text.char_indices().find_map(|(at, c)| {
            let (wide, ours) = WIDE.iter().find(|(wide, _)| *wide == c)?;
            Some((start + at, *wide, *ours))
        })
    })?;
    let span = clump.of.span(at..at + wide.len_utf8());
    let found = error(format!("`{wide}` is a letter for KDL"))
        .at(span)
        .label("a wide character");
    let help = match ours {
        " " => "put a blank instead of it".to_owned(),
        _ => format!("write `{ours}`"),
    };
    clump.slip(found.help(help).fix(span, ours))
}

/// `memory: "2G"`, `"memory": "2G"`, `user: dev`.
pub(super) fn colon(clump: &Clump) -> Option<Slip> {
    let text = clump.text();
    let first = clump.of.text_of(clump.first);
    let at = match clump.place {
        Place::Value => return None,
        Place::Argument => text.strip_suffix(':').map(str::len)?,
        Place::Name if clump.of.kind(clump.first) == Some(Kind::Quoted) => text[first.len()..]
            .starts_with(':')
            .then_some(first.len())?,
        Place::Name => text.find(':').filter(|at| *at > 0)?,
    };
    let (rest, next) = (&text[at + 1..], clump.of.past_space(clump.end));
    let ends = clump.of.ends_node(next) || clump.of.kind(next) == Some(Kind::Open);
    let lone = clump.place == Place::Name || text.len() == 1;
    let found = match lone {
        true => error("A node's name is not followed by `:`").help("remove the colon"),
        _ => error("A property is written with `=`").help("write `=` instead of the colon"),
    };
    let found = found.at(clump.part(at..at + 1)).label("a colon");
    if ends && rest.is_empty() && indented_more(clump) {
        let found = error("A block begins with `{`").at(clump.part(at..at + 1));
        let found = found.label("a colon, as in YAML");
        return clump
            .slip(found.help("write ` {` instead of the colon, and `}` where the block ends"));
    }
    let found = match (lone, ends) {
        (false, true) => found.help("put the value after it, as in `name=value`"),
        (false, _) => {
            let end = clump.of.start(next);
            let start = clump.range().start + at;
            found.fix(clump.of.span(start..end), "=")
        }
        (_, _) if rest.is_empty() => found.fix(clump.part(at..at + 1), ""),
        (_, _) if valid(rest) => found.fix(clump.part(at..at + 1), " "),
        (_, _) => found.fix(clump.part(at..text.len()), format!(" {}", quoted(rest))),
    };
    clump.slip(found)
}

/// Whether the next line is indented further than the one that this clump ends.
fn indented_more(clump: &Clump) -> bool {
    let of = clump.of;
    let line = of.line_end(clump.end);
    let next = (line..).find(|at| of.kind(*at) != Some(Kind::Newline));
    let indent = next.and_then(|at| {
        let space = of.kind(at) == Some(Kind::Space);
        of.indent(if space { at + 1 } else { at })
    });
    let first = (0..=clump.first).rev().find_map(|at| of.indent(at));
    indent > first
}

/// Whether a text can stand as it is where a value is expected.
pub(super) fn valid(text: &str) -> bool {
    let mut tokens = super::scan::scan(text).into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(token), None) => match token.kind {
            Kind::Word => !KEYWORDS.contains(&text) && !text.contains(['\'', '“', '”', ',', '$']),
            Kind::Number => flaw(text).is_none(),
            kind => kind.is_string(),
        },
        _ => false,
    }
}

/// `10.20.0.0/24`, `./x`, `C:\dir`, `"a""b"`: tokens that touch.
pub(super) fn glued(clump: &Clump) -> Option<Slip> {
    if clump.single().is_some_and(|kind| kind != Kind::Odd) {
        return None;
    }
    let string = |at: &usize| {
        clump
            .of
            .kind(*at)
            .is_some_and(|kind| kind.is_string() && kind != Kind::Word)
    };
    let Some(at) = (clump.first..clump.end).find(string) else {
        return clump.slip(unquoted(clump));
    };
    // The place where the blank is missing: after the string, or before it.
    let place = match at + 1 < clump.end {
        true => clump.of.end(at),
        false => clump.of.start(at),
    };
    let found = error("A blank is missing beside the string").at(clump.of.span(place..place));
    let found = found.label("two values touch here");
    clump.slip(found.help("put a blank between them, or `\\\"` for a quote within the string"))
}

fn unquoted(clump: &Clump) -> crate::diagnostic::Diagnostic {
    let text = clump.text();
    let odd = text.chars().find(|c| !is_bare(*c)).unwrap_or(' ');
    if clump.place == Place::Name && text == "/" {
        let found = error("A comment begins with `//`").at(clump.span());
        return rewrite(
            found.label("begins no comment in KDL"),
            clump.span(),
            "//".to_owned(),
        );
    }
    let found = error(match text.chars().count() {
        1 => format!("`{odd}` begins nothing"),
        _ => format!("`{odd}` cannot be in a word without quotes"),
    })
    .at(clump.span())
    .label("not a word");
    rewrite(found, clump.span(), quoted(text))
}

/// What a word is not, though it is one for KDL 1.
const KEYWORDS: &[&str] = &["true", "false", "null", "inf", "-inf", "nan"];

/// `true` without `#`.
pub(super) fn bare_keyword(clump: &Clump) -> Option<Slip> {
    let text = clump.text();
    if clump.single() != Some(Kind::Word) || !KEYWORDS.contains(&text) {
        return None;
    }
    let found = error(format!("`{text}` cannot stand without quotes or `#`"))
        .at(clump.span())
        .label("a keyword in KDL 1");
    let before = clump.of.text[..clump.range().start].trim_end_matches(is_space);
    let word = clump.of.span(before.len()..clump.range().end);
    let switch = match text {
        "true" => "on",
        _ => "off",
    };
    clump.slip(match (clump.place, text) {
        (Place::Argument, "true" | "false") if before.ends_with("autostart") => found
            .help(format!("write `autostart {switch}`"))
            .fix(clump.span(), switch),
        (Place::Argument, "true") => found
            .help("remove it: a setting that is written is on")
            .fix(word, ""),
        (Place::Argument, "false" | "null") => {
            found.help("remove the setting: what is not written is off")
        }
        (Place::Value, "true" | "false" | "null") => found
            .help(format!("write `#{text}`"))
            .fix(clump.span(), format!("#{text}")),
        _ => rewrite(found, clump.span(), quoted(text)),
    })
}

/// `#yes`.
pub(super) fn keyword(clump: &Clump) -> Option<Slip> {
    let text = clump.text();
    if clump.single() != Some(Kind::Keyword) {
        return None;
    }
    const KNOWN: &[&str] = &["#true", "#false", "#null", "#inf", "#-inf", "#nan"];
    let found = match KNOWN.contains(&text) {
        true if clump.place == Place::Name => error("A node's name is a word or a string")
            .at(clump.span())
            .label("a keyword"),
        true => return None,
        false => error("This is no keyword of KDL")
            .at(clump.span())
            .label("not `#true`, `#false` or `#null`"),
    };
    let same = |known: &&&str| known.eq_ignore_ascii_case(text);
    let fixed = match KNOWN.iter().find(same) {
        Some(known) if clump.place != Place::Name => (*known).to_owned(),
        _ => quoted(text),
    };
    clump.slip(rewrite(found, clump.span(), fixed))
}
