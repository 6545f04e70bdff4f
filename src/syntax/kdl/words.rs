//! Slips of bare words: what needs quotes, and numbers and keywords that are none.

use super::characters::{is_bare, is_forbidden, is_space};
use super::clump::{Clump, Place, Slip, error, quoted};
use super::scan::Kind;

/// Characters that are forbidden everywhere are told once, elsewhere.
pub(super) fn forbidden(clump: &Clump) -> Option<Slip> {
    let known = clump.kinds().any(|kind| kind == Kind::Odd) && clump.text().contains(is_forbidden);
    known.then_some(Slip {
        found: None,
        end: clump.end,
    })
}

/// `a, b`.
pub(super) fn comma(clump: &Clump) -> Option<Slip> {
    let text = clump.text();
    let bare = (clump.first..clump.end).filter(|at| clump.of.kind(*at) == Some(Kind::Word));
    let lone = bare.clone().find(|at| clump.of.text_of(*at) == ",");
    let several = clump.end > clump.first + 1;
    let at = match lone {
        Some(at) if several || clump.place == Place::Argument => {
            clump.of.start(at) - clump.range().start
        }
        _ if text.len() > 1 && text.ends_with(',') => text.len() - 1,
        _ => return None,
    };
    let after = clump.of.end(clump.end - 1) == clump.range().start + at + 1;
    let blank = if after { "" } else { " " };
    clump.slip(
        error("Arguments are separated by blanks alone")
            .at(clump.part(at..at + 1))
            .label("a comma")
            .help("remove the comma")
            .fix(clump.part(at..at + 1), blank),
    )
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
    error(match text.chars().count() {
        1 => format!("`{odd}` begins nothing"),
        _ => format!("`{odd}` cannot be in a word without quotes"),
    })
    .at(clump.span())
    .label("not a word")
    .help("put it in quotes")
    .fix(clump.span(), quoted(text))
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
    clump.slip(match (clump.place, text) {
        (Place::Argument, "true") => found
            .help("remove it: a setting that is written is on")
            .fix(word, ""),
        (Place::Argument, "false" | "null") => {
            found.help("remove the setting: what is not written is off")
        }
        (Place::Value, "true" | "false" | "null") => found
            .help(format!("write `#{text}`"))
            .fix(clump.span(), format!("#{text}")),
        _ => found
            .help("put it in quotes")
            .fix(clump.span(), quoted(text)),
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
        false => error(format!("`{text}` is no keyword"))
            .at(clump.span())
            .label("not `#true`, `#false` or `#null`"),
    };
    clump.slip(
        found
            .help("put it in quotes")
            .fix(clump.span(), quoted(text)),
    )
}

/// `2GiB`, `8080:80`, `192.168.0.1`, and numbers that are too large.
pub(super) fn number(clump: &Clump) -> Option<Slip> {
    let text = clump.text();
    if clump.single() != Some(Kind::Number) {
        return None;
    }
    let found = match flaw(text) {
        None if clump.place == Place::Name => {
            error("A node's name is a word or a string").label("a number")
        }
        None => return None,
        Some(Flaw::Other) => {
            error("A word that begins as a number needs quotes").label("not a number")
        }
        Some(Flaw::Large) => error("The number is too large").label("more than can be counted"),
        Some(Flaw::Point) => {
            let fixed = text.replacen('.', "0.", 1);
            let found = error("A number begins with a digit").at(clump.span());
            let found = found.label("begins with a point");
            let found = found.help(format!("write `{}`", short(&fixed)));
            return clump.slip(found.fix(clump.span(), fixed));
        }
    };
    let found = found.at(clump.span()).help("put it in quotes");
    clump.slip(found.fix(clump.span(), quoted(text)))
}

fn short(text: &str) -> &str {
    let end = text.char_indices().nth(40).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

enum Flaw {
    /// It is more than KDL readers can hold.
    Large,
    /// It has no digit before its point.
    Point,
    /// It is no number.
    Other,
}

fn flaw(text: &str) -> Option<Flaw> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = unsigned.strip_prefix(prefix) {
            return whole(digits, radix);
        }
    }
    if unsigned.starts_with('.') {
        let rest = format!("0{unsigned}");
        return Some(flaw(&rest).map_or(Flaw::Point, |_| Flaw::Other));
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        ),
        None => (unsigned, None),
    };
    let (integer, fraction) = match mantissa.split_once('.') {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (mantissa, None),
    };
    let parts = [Some(integer), fraction, exponent].into_iter().flatten();
    let flaws: Vec<Flaw> = parts.filter_map(|part| whole(part, 10)).collect();
    let other = flaws.iter().any(|flaw| matches!(flaw, Flaw::Other));
    let plain = unsigned.replace('_', "");
    let endless = || plain.parse().is_ok_and(f64::is_infinite);
    match flaws.is_empty() {
        true => endless().then_some(Flaw::Large),
        false if other => Some(Flaw::Other),
        false => Some(Flaw::Large),
    }
}

/// What is wrong with the digits of a whole number.
fn whole(digits: &str, radix: u32) -> Option<Flaw> {
    let first = digits.chars().next();
    let known = |c: char| c.is_digit(radix) || c == '_';
    if !first.is_some_and(|c| c.is_digit(radix)) || !digits.chars().all(known) {
        return Some(Flaw::Other);
    }
    let plain = digits.replace('_', "");
    i128::from_str_radix(&plain, radix)
        .is_err()
        .then_some(Flaw::Large)
}
