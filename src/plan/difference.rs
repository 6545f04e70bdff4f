//! What of a machine is written otherwise than it was made.

use crate::model::Machine;
use crate::settings::{Class, SETTINGS};
use crate::source::Origin;
use crate::state::record::MachineRecord;
use std::fmt;

/// One setting that was applied with one value and is written with another.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The setting.
    pub setting: &'static str,
    /// What was applied; empty where nothing was.
    pub from: String,
    /// What is written; empty where nothing is.
    pub to: String,
    /// What it takes.
    pub class: Class,
    /// Where it is written.
    pub origin: Origin,
}

/// All differences of a machine, in the order of the settings' table.
pub fn differences(machine: &Machine, record: &MachineRecord) -> Vec<Difference> {
    let meant = machine.facets();
    let difference = |row: &'static crate::settings::Setting| {
        let from = record.applied.get(row.name).cloned().unwrap_or_default();
        let (to, origin) = meant
            .get(row.name)
            .cloned()
            .unwrap_or((String::new(), Origin::Default));
        (from != to).then_some(Difference {
            setting: row.name,
            from,
            to,
            class: row.class,
            origin,
        })
    };
    SETTINGS.iter().filter_map(difference).collect()
}

/// Shared folders that are written as before and are elsewhere now, as a moved project's are.
pub fn moved_shares(machine: &Machine, record: &MachineRecord) -> Option<Difference> {
    let before = record.shared.iter();
    let mut moved = before
        .zip(&machine.shares)
        .filter(|(before, now)| **before != now.host);
    let (before, now) = moved.next()?;
    Some(Difference {
        setting: "sync",
        from: before.display().to_string(),
        to: now.host.display().to_string(),
        class: Class::Recreate,
        origin: now.origin,
    })
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: &str| {
            if text.is_empty() {
                "–".to_owned()
            } else {
                text.to_owned()
            }
        };
        write!(
            f,
            "{} {} → {}",
            self.setting,
            shown(&self.from),
            shown(&self.to)
        )
    }
}
