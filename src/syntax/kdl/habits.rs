//! Habits of other languages: what a `.env`, YAML, JSON, a shell or Compose would have there.

use super::characters::{breaks, is_space};
use super::clump::{Clump, Place, Slip, Tokens, error, quoted};
use super::scan::Kind;
use super::words::valid;
use crate::settings::{self, Form, Setting};
use crate::value::Kind as Machine;

/// `# a comment`.
pub(super) fn comment(clump: &Clump) -> Option<Slip> {
    let of = clump.of;
    let text = clump.text();
    let blank = text.trim_start_matches('#').is_empty();
    let keyword = of.kind(clump.first) == Some(Kind::Keyword);
    if !text.starts_with('#') || !(blank || (keyword && clump.place == Place::Name)) {
        return None;
    }
    let hashes = text.len() - text.trim_start_matches('#').len();
    Some(Slip {
        found: Some(
            error("A comment begins with `//`")
                .at(clump.part(0..hashes))
                .label("begins no comment in KDL")
                .help("write `//`")
                .fix(clump.part(0..hashes), "//"),
        ),
        end: of.line_end(clump.first),
    })
}

/// `["8080:80", "9090:90"]`.
pub(super) fn list(clump: &Clump) -> Option<Slip> {
    let of = clump.of;
    if of.text_of(clump.first) != "[" || clump.place == Place::Value {
        return None;
    }
    let inside = |at: &usize| of.kind(*at).is_some_and(|kind| kind != Kind::Newline);
    let close = (clump.first..)
        .take_while(inside)
        .find(|at| of.text_of(*at) == "]");
    let last = close.unwrap_or(clump.end - 1);
    let range = of.start(clump.first)..of.end(last);
    let found = error(match clump.place {
        Place::Name => "A section has no brackets: it is a node with a block",
        _ => "A list has no brackets",
    })
    .at(of.span(range.clone()));
    let found = match clump.place {
        Place::Name => found.label("not a node").help("write `machine web { … }`"),
        _ => found
            .label("a list")
            .help("write the values one after the other, with blanks between"),
    };
    let inner = &of.text[range.start + 1..range.end.saturating_sub(1).max(range.start + 1)];
    let items: Vec<&str> = inner
        .split(',')
        .map(|item| item.trim_matches(is_space))
        .collect();
    let plain = close.is_some() && items.iter().all(|item| valid(item));
    Some(Slip {
        found: Some(match plain && clump.place == Place::Argument {
            true => found.fix(of.span(range), items.join(" ")),
            false => found,
        }),
        end: last + 1,
    })
}

/// `${PORT}:80` and `$PORT`, which a `.env` would expand.
pub(super) fn reference(clump: &Clump) -> Option<Slip> {
    let of = clump.of;
    let last = of.text_of(clump.end - 1);
    let name = |text: &str| {
        let first = text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_');
        let rest = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        first && text.chars().all(rest)
    };
    let end = match clump.text().strip_prefix('$') {
        Some(rest) if name(rest) => clump.range().end,
        _ if last.ends_with('$') && of.kind(clump.end) == Some(Kind::Open) => {
            let rest = &of.text[clump.range().end..];
            clump.range().end
                + rest
                    .find(|c| is_space(c) || breaks(c) || c == ';')
                    .unwrap_or(rest.len())
        }
        _ => return None,
    };
    let range = clump.range().start..end;
    let text = &of.text[range.clone()];
    let found = error("A variable of the environment is not written with `$`")
        .at(of.span(range.clone()))
        .label("read as a `$` here");
    let found = match expanded(text) {
        Some(fixed) => found
            .help(format!(
                "write `{}`",
                fixed.chars().take(60).collect::<String>()
            ))
            .fix(of.span(range), fixed),
        None => found.help("write `{{ env.NAME }}` in a string"),
    };
    Some(Slip {
        found: Some(found),
        end: of.at_byte(clump.end, end),
    })
}

/// A text with `${NAME}` as a string with `{{ env.NAME }}`.
fn expanded(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        let (name, next) = match after.strip_prefix('{') {
            Some(after) => after.split_once('}')?,
            None => (after, ""),
        };
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || name.is_empty() {
            return None;
        }
        out.push_str(&format!("{before}{{{{ env.{name} }}}}"));
        rest = next;
    }
    out.push_str(rest);
    let plain = !out.contains(['"', '\\', '#']);
    plain.then(|| quoted(&out))
}

/// `{{ env.X }}` without quotes, whose first brace is at `at`.
pub(super) fn expression(of: &Tokens, at: usize) -> Option<Slip> {
    let two = of.kind(at) == Some(Kind::Open) && of.kind(at + 1) == Some(Kind::Open);
    let start = of.start(at);
    let line = of.text[start..].split(breaks).next().unwrap_or("");
    let end = start + line.find("}}")? + 2;
    let rest = &of.text[end..start + line.len()];
    let end = end
        + rest
            .find(|c| is_space(c) || c == ';' || c == '}')
            .unwrap_or(rest.len());
    let span = of.span(start..end);
    two.then(|| Slip {
        found: Some(
            error("An expression needs quotes")
                .at(span)
                .label("not in a string")
                .help("put it in quotes")
                .fix(span, quoted(&of.text[start..end])),
        ),
        end: of.at_byte(at, end),
    })
}

/// `container("debian:12")`, whose `(` is at `at` and touches what is before it.
pub(super) fn call(of: &Tokens, at: usize) -> Slip {
    let line = of.line_end(at);
    let close = (at..line).find(|at| of.kind(*at) == Some(Kind::CloseParen));
    let found = error("Arguments are not in parentheses")
        .at(of.span_of(at))
        .label("an opening parenthesis right after a word")
        .help("put a blank instead of the parentheses");
    let Some(close) = close else {
        return Slip {
            found: Some(found),
            end: at + 1,
        };
    };
    let inner = &of.text[of.end(at)..of.start(close)];
    let span = of.span(of.start(at)..of.end(close));
    Slip {
        found: Some(match valid(inner.trim_matches(is_space)) {
            true => found.fix(span, format!(" {}", inner.trim_matches(is_space))),
            false => found,
        }),
        end: close + 1,
    }
}

/// `memory = "2G"` and `MEMORY=2G`: a name from `first`, and `=` at `equals`, where a node should be.
pub(super) fn assignment(of: &Tokens, first: usize, equals: usize) -> Slip {
    let name_end = of.end(
        (first..equals)
            .rev()
            .find(|at| !of.kind(*at).is_some_and(Kind::is_space))
            .unwrap_or(first),
    );
    let name = &of.text[of.start(first)..name_end];
    let row = settings::by_env(name);
    let value = of.past_space(equals + 1);
    let start = of.start(value);
    let rest = &of.text[start..of.start(of.line_end(value))];
    let string = of
        .kind(value)
        .is_some_and(|kind| kind.is_string() && kind != Kind::Word);
    let length = match string {
        true => of.end(value) - start,
        false => rest.find(|c| is_space(c) || c == ';').unwrap_or(rest.len()),
    };
    let text = &rest[..length
        .min(rest.len())
        .max(if string { length } else { 0 })
        .min(rest.len())];
    let found = error(match row {
        Some(_) => format!("`{name}` is the name for a `.env`"),
        None => "A setting is not assigned with `=`".to_owned(),
    });
    let found = match row {
        Some(_) => found
            .at(of.span(of.start(first)..name_end))
            .label("not a node's name"),
        None => found
            .at(of.span_of(equals))
            .label("an `=` after a node's name"),
    };
    let end = of.at_byte(value, start + text.len());
    let slip = |found| Slip {
        found: Some(found),
        end: end.max(equals + 1),
    };
    if text.is_empty() || of.ends_node(value) || of.kind(value) == Some(Kind::Open) {
        let name = row.map_or(name, |row| node(row));
        return slip(found.help(format!(
            "write the value after a blank, as in `{name} value`"
        )));
    }
    let fixed = match row {
        Some(row) => kdl(row, text),
        None if valid(text) => Some(format!("{name} {text}")),
        None => Some(format!("{name} {}", quoted(text))),
    };
    slip(match (fixed, row) {
        (Some(fixed), _) => found
            .help(format!(
                "write `{}`",
                fixed.chars().take(60).collect::<String>()
            ))
            .fix(of.span(of.start(first)..start + text.len()), fixed),
        (None, Some(row)) => found.help(format!("write it as `{} …`", node(row))),
        (None, None) => found.help("put a blank instead of the `=`"),
    })
}

/// The node that a row is in KDL.
fn node(row: &Setting) -> &'static str {
    match (row.form, row.kind) {
        (Form::Kind | Form::OfKind, Some(Machine::Vm)) => "vm",
        (Form::Kind | Form::OfKind, _) => "container",
        _ => row.owner().unwrap_or(row.name),
    }
}

/// A line of a `.env` as its node, where one word says it.
fn kdl(row: &Setting, raw: &str) -> Option<String> {
    let text = raw.trim_matches(['"', '\'']);
    let word = match text.contains(['"', '\'', '\\', '$']) {
        true => return None,
        false => quoted(text),
    };
    match row.form {
        Form::Kind => matches!(text, "vm" | "container").then(|| text.to_owned()),
        Form::OfKind | Form::One => Some(format!("{} {word}", node(row))),
        Form::Many => {
            let words: Vec<String> = text.split(',').map(|word| quoted(word.trim())).collect();
            Some(format!("{} {}", node(row), words.join(" ")))
        }
        Form::Property => Some(format!("{} {}={word}", node(row), row.own_name())),
        Form::Item if row.owner().is_none() && row.name != "sync" => {
            Some(format!("{} {word}", node(row)))
        }
        _ => None,
    }
}
