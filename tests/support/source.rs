//! `src/` as the house rules see it.

use crate::code::{self, Used};
use crate::tree;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A file of `src/` as the rules see it.
pub struct File {
    /// Relative to `src/`.
    pub path: PathBuf,
    pub text: String,
    pub used: Vec<Used>,
}

impl File {
    pub fn name(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    /// The module of the crate that it belongs to.
    pub fn module(&self) -> String {
        let first = self.path.iter().next().unwrap_or_default();
        first.to_string_lossy().trim_end_matches(".rs").to_owned()
    }

    /// How many `super::` lead from here to the crate.
    fn depth(&self) -> usize {
        let names = self.path.iter().count();
        names - usize::from(self.path.ends_with("mod.rs"))
    }

    pub fn within(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.name().starts_with(place))
    }

    /// The modules of the crate that a file mentions.
    pub fn mentions(&self) -> BTreeSet<String> {
        let up = "super::".repeat(self.depth());
        let from_crate = self.used.iter().filter_map(|used| {
            let path = used.path.as_str();
            path.strip_prefix("crate::")
                .or(path.strip_prefix(up.as_str()))
        });
        from_crate
            .map(|path| path.split("::").next().unwrap_or(path).to_owned())
            .collect()
    }

    /// Whole numbers of four digits in the code of a file, and whether each stands where only a rule can.
    pub fn numbers(&self) -> Vec<(u16, bool)> {
        let code = code::code(&self.text);
        let mut found = Vec::new();
        let digits = |c: char| c.is_ascii_digit();
        for (at, _) in code.match_indices(digits) {
            let before = &code[..at];
            let number: String = code[at..]
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            let inside = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            if inside || number.len() != 4 {
                continue;
            }
            let before = before.trim_end();
            let surely = [
                "Diagnostic::error(",
                "Diagnostic::warning(",
                "sink.error(",
                "sink.warning(",
                "rule:",
            ]
            .iter()
            .any(|word| before.ends_with(word));
            found.extend(number.parse().map(|number| (number, surely)));
        }
        found
    }
}

/// All files of `src/` but those of tests.
pub fn source() -> Vec<File> {
    let rust = tree::files("src").into_iter();
    let rust = rust.filter(|path| {
        path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs")
    });
    rust.map(|path| {
        let text = tree::text(&path);
        let used = code::paths(&code::code(&text));
        let path = path.strip_prefix("src").expect("under src").to_owned();
        File { path, text, used }
    })
    .collect()
}
