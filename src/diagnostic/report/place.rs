use crate::source::{Position, Sources, Span};
use std::path::{Path, PathBuf};

/// A place in a file: none where the text is no file, such as the environment.
pub(super) struct Place<'a> {
    pub(super) path: &'a Path,
    pub(super) start: Position,
    pub(super) end: Position,
}

impl<'a> Place<'a> {
    pub(super) fn of(span: Span, sources: &'a Sources) -> Option<Self> {
        let source = sources.get(span.source);
        Some(Place {
            path: source.path.as_deref()?,
            start: source.position(span.start),
            end: source.position(span.end),
        })
    }
}

/// A path as programs look it up: relative to `root` and without `./` below it, absolute elsewhere.
pub(super) fn below<'a>(path: &'a Path, root: &Path) -> &'a Path {
    path.strip_prefix(root).unwrap_or(path)
}

/// What was found in one file, for the formats that other programs read.
pub struct Checked<'a> {
    /// The findings, in the order to show them.
    pub findings: &'a [super::Diagnostic],
    /// The texts they point into.
    pub sources: &'a Sources,
    /// The file that findings without a place are about, where one was found.
    pub file: Option<PathBuf>,
}
