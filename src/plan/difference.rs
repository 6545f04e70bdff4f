//! What of a machine is written otherwise than it was made.

use crate::model::Machine;
use crate::model::facets::SEAL;
use crate::settings::{Class, SETTINGS};
use crate::source::Origin;
use crate::state::record::MachineRecord;
use crate::value::{Kind, Provider, Size};
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
    /// What is shown instead, where the value may be a secret.
    pub shown: Option<String>,
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
        let class = match row.name {
            // The image that keeps what was installed keeps the command too.
            "command" if to.is_empty() => Class::LosesData,
            // A virtual machine's disk is kept, and can only grow.
            "disk-size" if grows(&from, &to) && machine.kind.value == Kind::Vm => Class::Recreate,
            // A disk that is not written any more goes, with all that is on it.
            "extra-disk" if drops(&from, &to) => Class::LosesData,
            _ => row.class,
        };
        let class = priced(machine, class);
        let same = from == to || row.name == "secret" && is_unknown(&from, &to);
        (!same).then(|| Difference {
            setting: row.name,
            shown: match row.name {
                "env" | "secret" | "command" | "engine-args" => None,
                setting => machine.unshown(setting),
            },
            from,
            to,
            class,
            origin,
        })
    };
    SETTINGS.iter().filter_map(difference).collect()
}

/// What a machine of this provider pays: the disk of a VirtualBox machine goes with it.
fn priced(machine: &Machine, class: Class) -> Class {
    match (class, keeps_what_is_in_it(machine)) {
        (Class::Recreate, false) => Class::LosesData,
        (class, _) => class,
    }
}

/// Whether a machine that is made anew has what was in the old one.
pub(super) fn keeps_what_is_in_it(machine: &Machine) -> bool {
    machine.provider.value != Provider::Virtualbox
}

fn grows(from: &str, to: &str) -> bool {
    let bytes = |text: &str| Size::parse(text, 'G').map(Size::bytes);
    matches!((bytes(from), bytes(to)), (Ok(from), Ok(to)) if from < to)
}

/// Whether a list of names, each with its size, has one that another list has not.
fn drops(from: &str, to: &str) -> bool {
    let name = |item: &str| item.split(' ').next().unwrap_or_default().to_owned();
    let kept: Vec<String> = to.split(", ").map(name).collect();
    let mut before = from.split(", ").map(name).filter(|name| !name.is_empty());
    before.any(|name| !kept.contains(&name))
}

/// Whether secrets are the same as far as is known: of one without a value there is no digest.
fn is_unknown(from: &str, to: &str) -> bool {
    let (mut from, mut to) = (from.split(", "), to.split(", "));
    loop {
        match (from.next(), to.next()) {
            (None, None) => return true,
            (Some(from), Some(to)) if from == to || unsealed(from) == to => {}
            _ => return false,
        }
    }
}

/// The text without digests, which say nothing to anyone.
fn unsealed(text: &str) -> String {
    let word = |word: &str| match word.rsplit_once(SEAL) {
        Some((name, digest)) if is_digest(digest) => name.to_owned(),
        _ => word.to_owned(),
    };
    text.split(", ").map(word).collect::<Vec<_>>().join(", ")
}

fn is_digest(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
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
        shown: machine.unshown("sync"),
        class: priced(machine, Class::Recreate),
        origin: now.origin,
    })
}

impl Difference {
    /// What was applied and what is written, as both may be shown: what was applied may be the value of
    /// another day of what is not shown.
    pub fn sides(&self) -> (String, String) {
        match (&self.shown, self.setting) {
            (Some(shown), _) => (shown.clone(), shown.clone()),
            (None, "env" | "secret" | "command" | "engine-args") => {
                (unsealed(&self.from), unsealed(&self.to))
            }
            (None, _) => (self.from.clone(), self.to.clone()),
        }
    }
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
        let (from, to) = self.sides();
        if from == to {
            return write!(f, "{} {to} (a value that is not shown)", self.setting);
        }
        write!(f, "{} {} → {}", self.setting, shown(&from), shown(&to))
    }
}
