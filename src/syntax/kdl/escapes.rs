//! What is wrong within a string that is closed: escapes.

use super::characters::{breaks, is_space};
use super::clump::{Clump, Slip, error};
use super::layout::layout;
use super::scan::Kind;
use crate::diagnostic::Diagnostic;

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
        let mut fixed = text.to_owned();
        for c in ["'", "$", "/", "`"] {
            fixed = fixed.replace(&format!("\\{c}"), c);
        }
        let found = found.help("remove the backslash");
        return match text.contains("\\\\") {
            true => found,
            false => found.fix(clump.span(), fixed),
        };
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
