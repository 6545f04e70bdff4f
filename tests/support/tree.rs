//! The project's files.

use std::fs;
use std::path::{Path, PathBuf};

/// The project's own folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files under a folder of the project, by path relative to the project, sorted.
pub fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let relative = path.strip_prefix(root()).expect("walked from the root");
        if [".git", "target"]
            .iter()
            .any(|name| relative == Path::new(name))
        {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&path, found),
            Ok(kind) if kind.is_file() => found.push(relative.to_owned()),
            _ => {}
        }
    }
}

/// A file's text, with what is not UTF-8 replaced.
pub fn text(path: &Path) -> String {
    let bytes = fs::read(root().join(path));
    let bytes = bytes.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    String::from_utf8_lossy(&bytes).into_owned()
}
