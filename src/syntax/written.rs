//! Which of the lines of ours count: the last of each setting.

use super::{Entry, Section, Word};
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::Setting;
use crate::source::Origin;
use std::collections::HashMap;

/// A line of ours.
pub struct Written {
    /// Its setting.
    pub setting: &'static Setting,
    /// Its key.
    pub key: Word,
    /// Nothing where it is empty, no words where it cannot be read.
    pub values: Option<Vec<Word>>,
}

/// The entries that count. The last line of a setting does, and each one before which there is another is told.
pub fn settle(mut lines: Vec<Written>, sink: &mut Sink) -> Section {
    lines.sort_by_key(|line| line.key.origin.span());
    let mut first: HashMap<&str, Origin> = HashMap::new();
    let mut last: HashMap<&str, usize> = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        let name = line.setting.name;
        if let Some(first) = first.get(name) {
            sink.push(
                Diagnostic::warning(2302)
                    .message(format!(
                        "{} is written twice; the last one counts",
                        line.key.text
                    ))
                    .at_origin(line.key.origin)
                    .label("again")
                    .help("remove one of the two lines")
                    .related("first here", *first),
            );
        }
        first.entry(name).or_insert(line.key.origin);
        last.insert(name, at);
    }
    let counting = lines.into_iter().enumerate().filter_map(|(at, line)| {
        let setting = line.setting.name;
        let values = line.values.filter(|_| last[setting] == at)?;
        let key = line.key;
        Some(Entry {
            setting,
            key,
            values,
            parts: Vec::new(),
        })
    });
    Section {
        entries: counting.collect(),
    }
}
