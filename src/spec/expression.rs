//! `{{ … }}` in a written text: what it may name, and what it comes to for one machine.

mod evaluate;
mod judge;
mod pieces;
mod unexpanded;

pub use evaluate::{Values, evaluate};
pub use judge::{Names, judge};
pub use unexpanded::unexpanded;

use pieces::{Piece, names_in, pieces};

/// Whether a text has anything to evaluate.
pub fn is_expression(text: &str) -> bool {
    // `${#name}` is a shell's length of a variable.
    let comment = |(at, _): (usize, &str)| !text[..at].ends_with('$');
    text.contains("{{") || text.contains("{%") || text.match_indices("{#").any(comment)
}

/// A value as it must be written to come to itself.
pub fn literal(text: &str) -> String {
    match is_expression(text) {
        true => format!("{{% raw %}}{text}{{% endraw %}}"),
        false => text.to_owned(),
    }
}

/// Whether a text's value depends on a variable of the environment, which may be a secret.
pub fn uses_env(text: &str) -> bool {
    let parts = pieces(text).0;
    let mut expressions = parts.into_iter().filter_map(|piece| match piece {
        Piece::Expression(range) => Some(range),
        Piece::Text(_) | Piece::Raw(_) => None,
    });
    expressions.any(|range| {
        names_in(&text[range])
            .iter()
            .any(|(name, _)| name[0] == "env")
    })
}

/// The parameters that a text's value depends on.
pub fn params_of(text: &str) -> Vec<&str> {
    let parts = pieces(text).0.into_iter();
    let expressions = parts.filter_map(|piece| match piece {
        Piece::Expression(range) => Some(&text[range]),
        Piece::Text(_) | Piece::Raw(_) => None,
    });
    let names = expressions.flat_map(names_in);
    let params = names.filter_map(|(name, _)| match name[..] {
        ["param", param] => Some(param),
        _ => None,
    });
    params.collect()
}

/// Tera's reason, in one line and without what it would have liked better.
fn reason(error: &tera::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let reason = first.trim_start_matches("error: ");
    let reason = reason.split(" but expected").next().unwrap_or(reason);
    let mut letters = reason.chars();
    let lower = letters.next().map(|first| first.to_ascii_lowercase());
    lower.into_iter().chain(letters).collect()
}
