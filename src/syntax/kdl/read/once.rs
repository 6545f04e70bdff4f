//! What has one value is written once in a block.

use super::Reader;
use crate::diagnostic::Diagnostic;
use crate::settings::{self, Form, Merge};
use crate::source::Origin;
use crate::syntax::document::ParamNode;
use crate::syntax::{Entry, Word};
use std::collections::HashMap;

impl Reader<'_> {
    /// Takes out what is written again, and tells of it. What had another name is told already.
    pub(super) fn once(&mut self, entries: &mut Vec<Entry>) {
        let mut first: HashMap<(&str, String), (Word, bool)> = HashMap::new();
        let mut kinds: Vec<Origin> = Vec::new();
        entries.retain(|entry| {
            let Some((name, word)) = named(entry) else {
                let of_kind = settings::of(entry.setting).form == Form::OfKind;
                return !of_kind || !kinds.contains(&entry.key.origin);
            };
            let own = entry.key.verbatim;
            let Some((there, was_own)) = first.get(&(entry.setting, name.clone())) else {
                first.insert((entry.setting, name), (word.clone(), own));
                return true;
            };
            if entry.setting == "kind" {
                kinds.push(entry.key.origin);
            }
            if own && *was_own {
                let message = match entry.setting {
                    "kind" if there.text != word.text => {
                        "A machine is `vm` or `container`, not both".to_owned()
                    }
                    _ if name.is_empty() => {
                        format!("`{}` is written twice in one block", entry.key.text)
                    }
                    _ => format!("`{} {name}` is written twice in one block", entry.key.text),
                };
                self.sink.push(again(word, there.origin).message(message));
            }
            false
        });
    }

    /// Parameters of one template have different names.
    pub(super) fn params_once(&mut self, params: &mut Vec<ParamNode>) {
        let mut first: HashMap<String, Origin> = HashMap::new();
        params.retain(|param| match first.get(&param.name.text) {
            Some(there) => {
                let found = again(&param.name, *there);
                let message = format!("`param {}` is written twice in one block", param.name.text);
                self.sink.push(found.message(message));
                false
            }
            None => {
                first.insert(param.name.text.clone(), param.name.origin);
                true
            }
        });
    }
}

/// Two places of what may stand in one.
pub(super) fn again(word: &Word, first: Origin) -> Diagnostic {
    Diagnostic::error(2408)
        .at_origin(word.origin)
        .label("again here")
        .related("first here", first)
        .help("remove one of them")
}

/// What may be there once, by its name where there are several of its kind; and where it says so.
fn named(entry: &Entry) -> Option<(String, &Word)> {
    let row = settings::of(entry.setting);
    match (row.merge, row.form, entry.values.first()) {
        // Told with the kind, whose argument it is.
        (_, Form::OfKind, _) => None,
        (Merge::Replace, ..) => Some((String::new(), &entry.key)),
        (Merge::ByName, Form::Item | Form::Pairs, Some(name)) => Some((name.text.clone(), name)),
        _ => None,
    }
}
