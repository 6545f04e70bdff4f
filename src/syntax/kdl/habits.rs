//! Habits of other languages: what a `.env`, YAML, JSON, a shell or Compose would have there.

use super::characters::{breaks, is_space};
use super::clump::{Clump, Place, Slip, Tokens, error, quoted, rewrite};
use super::scan::Kind;
use super::words::valid;
use crate::settings::{Form, Setting};
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

/// `-- a comment`, as in SQL and Lua.
pub(super) fn dashes(clump: &Clump) -> Option<Slip> {
    if clump.place != Place::Name || clump.text() != "--" {
        return None;
    }
    let found = error("A comment begins with `//`").at(clump.span());
    let found = found.label("begins no comment in KDL");
    Some(Slip {
        found: Some(found.help("write `//`").fix(clump.span(), "//")),
        end: clump.of.line_end(clump.first),
    })
}

/// `["8080:80", "9090:90"]`.
pub(super) fn list(clump: &Clump) -> Option<Slip> {
    let of = clump.of;
    if of.text_of(clump.first) != "[" {
        return None;
    }
    let ends = |at: usize| of.text_of(at) == "]";
    let next = of.kind(of.past_space(clump.first + 1));
    let close = match matches!(next, Some(Kind::Newline | Kind::LineComment)) {
        true => of.before_blocks(clump.first, ends),
        false => of.on_line(clump.first, ends),
    };
    let last = close.unwrap_or(clump.end - 1);
    let range = of.start(clump.first)..of.end(last);
    let found = error(match clump.place {
        Place::Name => "A section has no brackets: it is a node with a block",
        _ => "A list has no brackets",
    })
    .at(of.span(range.clone()));
    let found = match clump.place {
        Place::Name => found.label("not a node").help(section(of.text, &range)),
        Place::Argument => found
            .label("a list")
            .help("write the values one after the other, with blanks between"),
        Place::Value => found
            .label("a list")
            .help("write one value, or a node with the values one after the other"),
    };
    let inner = match close {
        Some(close) => &of.text[range.start + 1..of.start(close)],
        None => "",
    };
    let items: Vec<&str> = inner
        .split(',')
        .map(|item| item.trim_matches(|c| is_space(c) || breaks(c)))
        .filter(|item| !item.is_empty())
        .collect();
    let plain = close.is_some() && items.iter().all(|item| valid(item));
    Some(Slip {
        found: Some(match plain && clump.place == Place::Argument {
            true => found.fix(of.span(range), items.join(" ")),
            false => found,
        }),
        end: Clump::new(of, clump.place, last + 1).end,
    })
}

/// What a section of TOML is here: `[machine.web]`.
fn section(text: &str, range: &std::ops::Range<usize>) -> String {
    let words = text[range.clone()].trim_matches(['[', ']']);
    let plain = |word: &&str| !word.is_empty() && word.len() < 30 && valid(word);
    let words: Vec<&str> = words.split(['.', ' ']).filter(plain).collect();
    match &words[..] {
        [] => "write `machine web { … }`".to_owned(),
        [singly @ ("project" | "defaults")] => format!("write `{singly} {{ … }}`"),
        ["machine" | "profile" | "network" | "template" | "task", ..] if words.len() > 1 => {
            format!("write `{} {{ … }}`", words.join(" "))
        }
        [first, ..] => format!("write `machine {first} {{ … }}`"),
    }
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
        Some(fixed) => rewrite(found, of.span(range), fixed),
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
    if (of.kind(at), of.kind(at + 1)) != (Some(Kind::Open), Some(Kind::Open)) {
        return None;
    }
    let start = of.start(at);
    let line = of.line(start);
    let end = start + line.find("}}")? + 2;
    let rest = &of.text[end..start + line.len()];
    let end = end
        + rest
            .find(|c| is_space(c) || c == ';' || c == '}')
            .unwrap_or(rest.len());
    let span = of.span(start..end);
    Some(Slip {
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
    let close = of.on_line(at, |at| of.kind(at) == Some(Kind::CloseParen));
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

/// The node that a row is in KDL.
pub(super) fn node(row: &Setting) -> &'static str {
    match (row.form, row.kind) {
        (Form::Kind | Form::OfKind, Some(Machine::Vm)) => "vm",
        (Form::Kind | Form::OfKind, _) => "container",
        _ => row.owner().unwrap_or(row.name),
    }
}

/// A line of a `.env` as its node, where one word says it.
pub(super) fn kdl(row: &Setting, raw: &str) -> Option<String> {
    let text = raw.trim_matches(['"', '\'']);
    let word = match text.contains(['"', '\'', '\\', '$', '[', '{']) {
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
        Form::Property if node(row) != "network" => {
            Some(format!("{} {}={word}", node(row), row.own_name()))
        }
        Form::Item if row.owner().is_none() && row.name != "sync" => match valid(text) {
            true => Some(format!("{} {text}", node(row))),
            false => Some(format!("{} {word}", node(row))),
        },
        _ => None,
    }
}
