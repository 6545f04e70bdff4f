//! The project that a file which is given alone is part of.

use super::find::{Located, named_file};
use crate::diagnostic::Diagnostic;
use crate::source::Sources;
use std::path::{Path, PathBuf};

/// A part of a project: the project's main file, and the part's own path without links.
pub struct Part {
    /// The main file.
    pub root: Located,
    /// The part.
    pub path: PathBuf,
}

impl Part {
    /// The nearest `vagrantp.kdl` that may include a file: beside it, or in a folder above.
    pub fn of(start: &Path, file: &Path) -> Option<Self> {
        let path = start.join(file).canonicalize().ok()?;
        if path.extension().is_none_or(|ending| ending != "kdl") {
            return None;
        }
        let folders = path.parent()?.ancestors();
        let root = folders
            .map(|folder| folder.join("vagrantp.kdl"))
            .find(|root| root.is_file())?;
        if root == path {
            return None;
        }
        let root = named_file(start, &root).ok()?;
        Some(Part { root, path })
    }

    /// What is found in the part, where the project reads it.
    pub fn own(&self, sources: &Sources, findings: &[Diagnostic]) -> Option<Vec<Diagnostic>> {
        let is_part = |path: &Path| path.canonicalize().is_ok_and(|path| path == self.path);
        if !sources.files().any(is_part) {
            return None;
        }
        let of_part = |found: &&Diagnostic| {
            let source = found.span.map(|span| sources.get(span.source));
            source.is_some_and(|source| source.path.as_deref().is_some_and(is_part))
        };
        Some(findings.iter().filter(of_part).cloned().collect())
    }

    /// Its path as messages name it.
    pub fn name(&self) -> String {
        let inside = self.path.strip_prefix(&self.root.folder);
        inside.unwrap_or(&self.path).display().to_string()
    }
}
