//! What lines that cannot be read are reported as. Nothing here says a value, or a key that is not ours.

use super::expand::{Flaw, Reading};
use super::scan::{Broken, Item, Pair, Why};
use crate::diagnostic::Diagnostic;
use crate::settings::{Setting, Takes};
use crate::source::{SourceId, Span};
use std::ops::Range;

/// Reports the unreadable lines of one text.
pub struct Slips<'a> {
    /// The text.
    pub text: &'a str,
    /// Its name.
    pub id: SourceId,
}

impl Slips<'_> {
    /// A line that is no pair: an error where it is one of ours or may take in one of ours.
    pub fn broken(&self, item: &Item, broken: &Broken, setting: Option<&Setting>) -> Diagnostic {
        let line = self.text[item.span.clone()].trim_end_matches(['\n', '\r']);
        let end = item.span.start + line.len();
        let key = broken.key.clone();
        let found = self.start(setting, matches!(broken.why, Why::Unclosed(Some(_))));
        match &broken.why {
            Why::Unclosed(taken) => {
                let found = found
                    .message(match taken {
                        Some(key) => format!(
                            "A quote that does not end on its line may take in `{}`",
                            &self.text[key.clone()]
                        ),
                        None => "The quote is not closed on its line".to_owned(),
                    })
                    .at(self.span(broken.at..broken.at + 1))
                    .label("opened here");
                let found = match taken {
                    Some(key) => {
                        let origin = crate::source::Origin::Written(self.span(key.clone()));
                        found.related("taken in here", origin)
                    }
                    None => found,
                };
                let opens = self.text[..broken.at].trim_end().ends_with('=');
                let quote = &self.text[broken.at..broken.at + 1];
                let found = found.help(match (quote, opens) {
                    (_, true) => "close the quote at the end of the value",
                    ("'", _) => "put the whole value in double quotes",
                    _ => "put the whole value in single quotes",
                });
                let whole = &self.text[broken.at + 1..end];
                if opens
                    && setting.is_some()
                    && !whole.trim().is_empty()
                    && !whole.contains([' ', '#', '\\'])
                {
                    return found.fix(self.span(end..end), quote);
                }
                found
            }
            Why::NoKey => found
                .at(self.span(broken.at..end))
                .label("no `KEY=value`")
                .help("write `KEY=value`, or begin the line with `#` to make it a comment"),
            Why::NoEquals => {
                let next = self.text[broken.at..end].chars().next();
                let after = broken.at + next.map_or(0, char::len_utf8);
                let found = found.at(self.span(broken.at..after));
                let Some(key) = key.filter(|_| setting.is_some()) else {
                    return found.label("no `=` after the key").help(
                        "write `KEY=value`, or begin the line with `#` to make it a comment",
                    );
                };
                let name = &self.text[key.clone()];
                let rest = &self.text[key.end..end];
                let value =
                    rest.trim_start_matches(|c: char| c.is_whitespace() || ":+?=".contains(c));
                if value.is_empty() {
                    return found
                        .message(format!("`{name}` has no value"))
                        .at(self.span(key))
                        .label("no `=` after it")
                        .help(format!("write `{name}=value`"));
                }
                found
                    .message(format!("`{name}` is not followed by `=`"))
                    .label("expected `=`")
                    .help(format!("write `{name}=`, then the value"))
                    .fix(self.span(key.end..end - value.len()), "=")
            }
        }
    }

    /// A pair whose value cannot be read.
    pub fn unreadable(
        &self,
        pair: &Pair,
        reading: &Reading,
        setting: Option<&Setting>,
    ) -> Diagnostic {
        let value = pair.value.clone();
        let raw = &self.text[value.clone()];
        let found = self.start(setting, false);
        let at =
            |range: Range<usize>| self.span(value.start + range.start..value.start + range.end);
        let fix = |found: Diagnostic, span, text: Option<String>| match (setting, text) {
            (Some(_), Some(text)) => found.fix(span, text),
            _ => found,
        };
        match &reading.flaw {
            Some(Flaw::Space(place)) => {
                let (help, fixed) = spaced(raw, setting);
                let found = found
                    .message("A value with a blank in it needs quotes")
                    .at(at(*place..raw.len()))
                    .label("after a blank")
                    .help(help);
                fix(found, self.span(value.clone()), fixed)
            }
            Some(Flaw::Escape(place)) => {
                let next = raw[place + 1..].chars().next().map_or(0, char::len_utf8);
                let found = found
                    .message("The backslash escapes nothing")
                    .at(at(*place..place + 1 + next))
                    .label(r#"only \\ \" \' \$ \n and a blank can follow a backslash"#)
                    .help("put the value in single quotes, where a backslash is itself");
                fix(found, self.span(value.clone()), single_quoted(raw))
            }
            Some(Flaw::OpenReference(place)) => {
                let name = &raw[place + 2..];
                let plain = !name.is_empty()
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                let end = at(raw.len()..raw.len());
                let found = found
                    .message("`${` is not closed")
                    .at(at(*place..place + 2))
                    .label("no `}` follows")
                    .help("write `${NAME}`, or put the value in single quotes to keep the `$`");
                fix(found, end, plain.then(|| "}".to_owned()))
            }
            Some(Flaw::Bare(reference)) => {
                let name = &raw[reference.name.clone()];
                let (help, fixed) = match name {
                    "" => ("write `\\$` for a dollar", "\\$".to_owned()),
                    _ => ("put the name in braces", format!("${{{name}}}")),
                };
                let found = found
                    .message("A `$` right before a quote or a backslash makes the value unreadable")
                    .at(at(reference.range.clone()))
                    .label("takes the next character for text")
                    .help(help);
                fix(found, at(reference.range.clone()), Some(fixed))
            }
            Some(Flaw::OpenQuote(place)) => found
                .message("The quote is not closed on its line")
                .at(at(*place..place + 1))
                .label("opened here")
                .help("close the quote at the end of the value"),
            None => found
                .at(at(0..raw.len()))
                .help("put the value in single quotes"),
        }
    }

    fn start(&self, setting: Option<&Setting>, takes_in: bool) -> Diagnostic {
        match setting {
            Some(setting) => Diagnostic::error(2401)
                .message(format!("The value of {} cannot be read", setting.key())),
            None if takes_in => Diagnostic::error(2401),
            None => Diagnostic::warning(2401)
                .message("The line, which is not vagrantp's, cannot be read"),
        }
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.id, range.start, range.end)
    }
}

/// What to do about a blank in a value, and the value without the slip where it has one right form.
fn spaced(raw: &str, setting: Option<&Setting>) -> (&'static str, Option<String>) {
    let plain = !raw.contains(['\'', '"', '\\', '$', '`']);
    let words = || raw.split_whitespace().collect::<Vec<_>>();
    match setting.map(|setting| setting.takes) {
        Some(Takes::Ports | Takes::VariableName) => {
            let fixed = plain.then(|| words().join(","));
            ("put commas between the words", fixed)
        }
        Some(Takes::Size(_)) => (
            "write the number and its unit as one word",
            plain.then(|| words().concat()),
        ),
        Some(Takes::Share | Takes::Path) | None => {
            let fixed = plain.then(|| format!("\"{raw}\""));
            (
                "put the value in quotes, or a `#` before the rest to make it a comment",
                fixed,
            )
        }
        Some(_) => (
            "end the line after the first word, or put a `#` before the rest",
            None,
        ),
    }
}

/// The value in single quotes, where nothing in it forbids that.
fn single_quoted(raw: &str) -> Option<String> {
    let inner = raw
        .strip_prefix('"')
        .and_then(|raw| raw.strip_suffix('"'))
        .unwrap_or(raw);
    let plain = !inner.contains(['\'', '"', '$', '\n']) && !inner.contains(r"\\");
    plain.then(|| format!("'{inner}'"))
}
