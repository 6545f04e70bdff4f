//! The files that an `include` means.

use globset::GlobBuilder;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What a pattern means.
pub enum Matched {
    /// These files, sorted; one that is named literally need not be there.
    Files(Vec<PathBuf>),
    /// A glob that matches nothing.
    Nothing,
    /// No pattern.
    Wrong(String),
}

/// Folders deeper than this are not looked into.
const DEEPEST: usize = 16;

/// The files that a pattern means, relative to a folder.
pub fn files_of(base: &Path, pattern: &str) -> Matched {
    if !pattern.contains(['*', '?', '[', '{']) {
        return Matched::Files(vec![clean(&base.join(pattern))]);
    }
    let whole = clean(&base.join(pattern));
    let is_glob = |part: &Component| {
        part.as_os_str()
            .to_string_lossy()
            .contains(['*', '?', '[', '{'])
    };
    let literal: PathBuf = whole
        .components()
        .take_while(|part| !is_glob(part))
        .collect();
    let glob = GlobBuilder::new(&whole.to_string_lossy())
        .literal_separator(true)
        .build();
    let glob = match glob {
        Ok(glob) => glob.compile_matcher(),
        Err(error) => return Matched::Wrong(error.kind().to_string()),
    };
    let depth = match pattern.contains("**") {
        true => DEEPEST,
        false => whole.components().count() - literal.components().count(),
    };
    let mut files = Vec::new();
    collect(&literal, depth, &mut files);
    files.retain(|file| glob.is_match(file));
    files.sort();
    match files.is_empty() {
        true => Matched::Nothing,
        false => Matched::Files(files),
    }
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        // What a link leads to may lead back.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 1 => collect(&entry.path(), depth - 1, files),
            Ok(kind) if !kind.is_dir() => files.push(entry.path()),
            _ => {}
        }
    }
}

/// Without `.` and `..`, so that one file has one name.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}
