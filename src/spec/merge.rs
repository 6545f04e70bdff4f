//! Layers become one: what each writes meets what the lower ones wrote, as the setting's row says.

use crate::settings::{self, Merge, Setting};
use crate::source::Origin;
use crate::syntax::{Entry, Section, Word};
use crate::value::{Choice, Kind, Provider};
use std::collections::BTreeMap;

/// Which `use` a layer's `{{ param.X }}` belong to: an index of the machine's uses, none outside a template.
pub type Scope = Option<usize>;

/// One layer over a machine.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'a> {
    /// What it writes.
    pub section: &'a Section,
    /// Whose parameters its texts may name.
    pub scope: Scope,
}

/// A setting, or an item of one, as the layers together write it. Its words are not evaluated yet.
#[derive(Debug, Clone)]
pub struct Merged<'a> {
    /// The row.
    pub row: &'static Setting,
    /// The name as written in the highest layer that has it.
    pub key: &'a Word,
    /// What that layer writes.
    pub values: &'a [Word],
    /// Whose parameters they name.
    pub scope: Scope,
    /// What qualifies it, from all layers.
    pub parts: Settings<'a>,
}

/// Merged settings by name; a setting that replaces has one, the others one an item.
pub type Settings<'a> = BTreeMap<&'static str, Vec<Merged<'a>>>;

/// The kind that the layers set: the highest does.
pub fn kind(layers: &[Layer]) -> Option<Kind> {
    let mut entries = layers
        .iter()
        .rev()
        .flat_map(|layer| layer.section.entries.iter().rev());
    let entry = entries.find(|entry| entry.setting == "kind")?;
    Kind::parse(&entry.values.last()?.text).ok()
}

/// Lays the layers over each other, lowest first.
pub fn merge<'a>(layers: &[Layer<'a>], kind: Option<Kind>) -> Settings<'a> {
    let mut settings = Settings::new();
    for layer in layers {
        lay(&mut settings, &layer.section.entries, layer.scope, kind);
    }
    settings
}

fn lay<'a>(settings: &mut Settings<'a>, entries: &'a [Entry], scope: Scope, kind: Option<Kind>) {
    for entry in entries {
        let row = settings::of(entry.setting);
        if row.name == "provider" && is_passed_over(entry, kind) {
            continue;
        }
        let slot = settings.entry(row.name).or_default();
        let bare = entry.values.is_empty() && entry.parts.is_empty();
        let overrides = matches!(entry.key.origin, Origin::Env(_) | Origin::Flag(_));
        match row.merge {
            // How long it may take is no other way to be ready.
            Merge::Replace if only_within(entry) && !slot.is_empty() => {
                let higher = item(row, entry, &entry.values, scope, kind);
                for there in slot.iter_mut() {
                    there.parts.extend(higher.parts.clone());
                }
            }
            Merge::Replace => *slot = vec![item(row, entry, &entry.values, scope, kind)],
            _ if bare => slot.clear(),
            Merge::Append => slot.push(item(row, entry, &entry.values, scope, kind)),
            // What is asked for this one time is all that is asked for.
            _ if overrides && row.is_list() => {
                slot.clear();
                let items = entry.values.chunks(1);
                slot.extend(items.map(|value| item(row, entry, value, scope, kind)));
            }
            Merge::Union => {
                for value in entry.values.chunks(1) {
                    if slot
                        .iter()
                        .all(|there| there.values[0].text != value[0].text)
                    {
                        slot.push(item(row, entry, value, scope, kind));
                    }
                }
            }
            Merge::ByName | Merge::ByGuestPath | Merge::ByGuestPort => {
                for values in items_of(row, entry) {
                    by_key(slot, item(row, entry, values, scope, kind));
                }
            }
        }
    }
}

/// Whether an entry is a `ready within="90s"`, which says nothing of what is waited for.
fn only_within(entry: &Entry) -> bool {
    let mut parts = entry.parts.iter();
    !entry.parts.is_empty() && parts.all(|part| part.setting == "ready.within")
}

/// The items of an entry: each value of a list, else its values together.
fn items_of<'a>(row: &Setting, entry: &'a Entry) -> impl Iterator<Item = &'a [Word]> {
    let size = match row.is_list() || row.merge == Merge::ByGuestPort {
        true => 1,
        false => entry.values.len().max(1),
    };
    entry.values.chunks(size)
}

fn item<'a>(
    row: &'static Setting,
    entry: &'a Entry,
    values: &'a [Word],
    scope: Scope,
    kind: Option<Kind>,
) -> Merged<'a> {
    let mut parts = Settings::new();
    lay(&mut parts, &entry.parts, scope, kind);
    Merged {
        row,
        key: &entry.key,
        values,
        scope,
        parts,
    }
}

/// The higher replaces the lower of the same key, part by part.
fn by_key<'a>(slot: &mut Vec<Merged<'a>>, higher: Merged<'a>) {
    let key = key(&higher);
    let within = higher.scope;
    // Two of one layer are both there, so that a rule can tell of it.
    let same = |lower: &&mut Merged| self::key(lower) == key && !written_together(lower, &higher);
    let Some(lower) = slot.iter_mut().find(same) else {
        slot.push(higher);
        return;
    };
    lower.key = higher.key;
    lower.values = higher.values;
    lower.scope = within;
    for (name, parts) in higher.parts {
        let there = lower.parts.entry(name).or_default();
        match settings::of(name).merge {
            Merge::Replace => *there = parts,
            _ => parts.into_iter().for_each(|part| by_key(there, part)),
        }
    }
}

/// Whether one block writes both: then neither overrides the other.
fn written_together(lower: &Merged, higher: &Merged) -> bool {
    let is_name = higher.row.merge == Merge::ByName;
    !is_name && std::ptr::eq(lower.key, higher.key)
}

fn key(item: &Merged) -> String {
    let first = item.values.first().map_or("", |word| &word.text);
    let part = |name: &str| Some(item.parts.get(name)?.last()?.values.first()?.text.clone());
    match item.row.merge {
        Merge::ByGuestPath if item.row.name == "volume" => part("volume.to").unwrap_or_default(),
        Merge::ByGuestPath => part("sync.to").unwrap_or_else(|| {
            let guest = first.split(':').nth(1);
            guest
                .unwrap_or("/workspace")
                .trim_end_matches('/')
                .to_owned()
        }),
        Merge::ByGuestPort => guest_port(first),
        _ => first.to_owned(),
    }
}

/// `80/tcp` of `127.0.0.1:8080:80`.
fn guest_port(rule: &str) -> String {
    let guest = rule.rsplit(':').next().unwrap_or(rule).trim();
    match guest.contains('/') {
        true => guest.to_owned(),
        false => format!("{guest}/tcp"),
    }
}

/// A provider that is written for many machines is for those that it can run.
fn is_passed_over(entry: &Entry, kind: Option<Kind>) -> bool {
    let for_many = matches!(
        entry.key.origin,
        Origin::Defaults(_) | Origin::Template(_) | Origin::Profile(_)
    );
    let provider = entry
        .values
        .last()
        .and_then(|word| Provider::parse(&word.text).ok());
    for_many
        && provider
            .zip(kind)
            .is_some_and(|(provider, kind)| provider.kind() != kind)
}
