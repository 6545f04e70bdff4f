//! `memory = "2G"` and `MEMORY=2G`: a value that is assigned, where KDL has a node and its argument.

use super::characters::is_space;
use super::clump::{Slip, Tokens, error, quoted, rewrite};
use super::habits::{kdl, node};
use super::scan::Kind;
use super::words::valid;
use crate::settings::{self, Form};

/// A name from the token `first`, perhaps after `export`, and an `=`, where a node should be; `next` is the
/// token after the first word.
pub(super) fn assignment(of: &Tokens, first: usize, next: usize) -> Option<Slip> {
    let is_equals = |at: usize| of.kind(at) == Some(Kind::Equals);
    let begin = of.start(first);
    let (mut first, mut equals) = (first, of.past_space(next));
    let exported = of.past_space(equals + 1);
    if !is_equals(equals) && of.text_of(first) == "export" && is_equals(exported) {
        (first, equals) = (equals, exported);
    }
    if !is_equals(equals) {
        return None;
    }
    let name_end = of.text[..of.start(equals)].trim_end_matches(is_space).len();
    let name = &of.text[of.start(first)..name_end.max(of.start(first))];
    let mut value = of.past_space(equals + 1);
    // `==` and `=>` are one sign for whoever writes them.
    while is_equals(value) || of.text_of(value) == ">" {
        value = of.past_space(value + 1);
    }
    let text = value_text(of, value);
    let start = of.start(value);
    let row = settings::by_env(name);
    let found = match row {
        Some(_) => error(format!("`{name}` is the name for a `.env`"))
            .at(of.span(of.start(first)..name_end))
            .label("not a node's name"),
        None => error("A setting is not assigned with `=`")
            .at(of.span_of(equals))
            .label("an `=` after a node's name"),
    };
    let slip = |found, end: usize| {
        Some(Slip {
            found: Some(found),
            end: end.max(equals + 1),
        })
    };
    if of.ends_node(value) || text.is_empty() {
        let name = row.map_or(name, |row| node(row));
        let help = format!("write the value after a blank, as in `{name} value`");
        return slip(found.help(help), value);
    }
    if row.is_none() && text.starts_with(['{', '[', '$', '\'', '`', '“', '(']) {
        let found = found.help("put a blank instead of the `=`");
        return slip(found.fix(of.span(name_end..start), " "), value);
    }
    let end = of.at_byte(value, start + text.len());
    let fixed = match row {
        Some(row) => kdl(row, text),
        None if valid(text) => Some(format!("{name} {text}")),
        None => Some(format!("{name} {}", quoted(text))),
    };
    match (fixed, row) {
        (Some(fixed), _) => slip(
            rewrite(found, of.span(begin..start + text.len()), fixed),
            end,
        ),
        (None, Some(row)) => slip(
            found.help(match row.form {
                Form::Property => format!("write it as `{} … {}=…`", node(row), row.own_name()),
                _ => format!("write it as `{} …`", node(row)),
            }),
            end,
        ),
        (None, None) => slip(found.help("put a blank instead of the `=`"), end),
    }
}

/// The value that begins at a token: a string, or all up to a blank.
fn value_text<'a>(of: &Tokens<'a>, at: usize) -> &'a str {
    let rest = of.line(of.start(at));
    match of.kind(at) {
        Some(Kind::Quoted | Kind::Raw | Kind::Multiline) => of.text_of(at),
        _ => &rest[..rest.find(|c| is_space(c) || c == ';').unwrap_or(rest.len())],
    }
}
