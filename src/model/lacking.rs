//! What a machine's kind has less of than the other kind has.

use crate::settings::{self, Form};
use crate::source::Located;
use crate::spec::{Settings, Value, Written};
use crate::value::{Choice, Kind};

/// What is written and means less for this kind of machine, or nothing, in the order of the places. The kind itself
/// is none of it.
pub(super) fn lacking(settings: &Settings, kind: Kind) -> Vec<Located<String>> {
    let mut found = Vec::new();
    add(settings, kind, &mut found);
    // A node of several items is one place.
    found.sort_by_key(|there: &Located<String>| there.origin.span());
    found.dedup_by_key(|there| (there.origin.span(), there.value.clone()));
    found
}

fn add(settings: &Settings, kind: Kind, found: &mut Vec<Located<String>>) {
    let items = settings
        .iter()
        .flat_map(|(name, items)| items.iter().map(move |item| (*name, item)));
    for (name, item) in items.filter(|(name, _)| *name != "kind") {
        let what = of(name, item, kind);
        found.extend(what.map(|what| Located::new(what, item.key.origin)));
        add(&item.parts, kind, found);
    }
}

fn of(name: &str, item: &Written, kind: Kind) -> Option<String> {
    let row = settings::of(name);
    if let Some(only) = row.kind.filter(|only| *only != kind) {
        let it = match row.form {
            // What stands there says the kind, too.
            Form::OfKind => format!("this {}", row.name),
            _ => "it".to_owned(),
        };
        return Some(format!("only a {} has {it}", only.word()));
    }
    let foreign = item.values.iter().find_map(|value| match &value.value {
        Value::EngineArg(engine, _) if engine.kind() != kind => Some(engine),
        _ => None,
    });
    match foreign {
        Some(engine) => Some(format!("only {} takes it", engine.word())),
        None => row.weaker_for(kind).map(str::to_owned),
    }
}
