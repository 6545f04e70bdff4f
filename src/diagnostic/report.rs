//! Findings as text for people ([`pretty`], [`short`]) and as data for programs ([`json`], [`sarif`],
//! [`github`]).
//!
//! What a file or an engine says reaches a terminal only through [`plain`].

mod github;
mod json;
mod page;
mod place;
mod plain;
mod pretty;
mod sarif;
mod short;
#[cfg(test)]
mod tests;
mod wrap;

pub use github::github;
pub use json::json;
pub use place::Checked;
pub use plain::plain;
pub use pretty::pretty;
pub use sarif::sarif;
pub use short::short;

use super::{Diagnostic, Severity};

/// How a report is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether colour underlines what the words already say.
    pub color: bool,
    /// The terminal's width in columns.
    pub width: usize,
    /// Whether the frame is drawn with more than ASCII.
    pub unicode: bool,
}

impl Style {
    /// As in the book: 80 columns, no colour.
    pub const BOOK: Style = Style {
        color: false,
        width: 80,
        unicode: true,
    };
}

/// How many errors and how many warnings there are.
pub fn count(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let errors = diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .count();
    (errors, diagnostics.len() - errors)
}

/// The word that a severity is shown as.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
