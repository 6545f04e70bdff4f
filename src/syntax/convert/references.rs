//! `${NAME}` of a `.env` as `{{ env.NAME }}` of KDL, where that says the same.

use super::{Rewriting, row};
use crate::syntax::{Word, expand};

impl Rewriting<'_> {
    /// A value with its references. Nothing where it has none, or where it would come to something else.
    pub fn referring(&self, word: &Word, raw: &str) -> Option<String> {
        let inner = match raw.strip_prefix('"') {
            Some(rest) => rest.strip_suffix('"')?,
            None => raw,
        };
        if inner.contains(['\\', '"', '\'']) || inner.contains("{{") || inner.contains("{%") {
            return None;
        }
        let references = expand::read(inner).references;
        let (mut text, mut value) = (String::new(), String::new());
        let mut at = 0;
        for reference in &references {
            let name = &inner[reference.name.clone()];
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            // One of ours may be taken out of the file.
            if !first || !name.chars().all(plain) || row(name).is_some() {
                return None;
            }
            let before = &inner[at..reference.range.start];
            text.push_str(&format!("{before}{{{{ env.{name} }}}}"));
            value.push_str(&format!("{before}{}", (self.variable)(name)?));
            at = reference.range.end;
        }
        text.push_str(&inner[at..]);
        value.push_str(&inner[at..]);
        (!references.is_empty() && value == word.text).then_some(text)
    }
}
