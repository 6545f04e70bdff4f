//! How an `up` that was cut short goes on. What ever ran may have been lived in: it is not thrown away.

use super::Action;
use super::difference::{differences, keeps_what_is_in_it};
use super::reconcile::Subject;
use super::remember::digest;
use crate::model::Machine;
use crate::settings::Class;
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::{MachineRecord, Stage};
use crate::value::Init;

/// What to do; nothing where only `--recreate` may, since what is in the machine would be lost.
pub fn unfinished(subject: &Subject, machine: &Machine, recreate: bool) -> Option<Action> {
    let (Some(record), Some(found)) = (subject.record, subject.found) else {
        return Some(Action::Resume);
    };
    let stands = matches!(found.state, Seen::Running | Seen::Stopped);
    if record.stage == Stage::Keeping && stands {
        return Some(Action::Recreate { keep: true });
    }
    let remembered = is_made_as_remembered(record, found);
    let left = differences(machine, record);
    // Whether a committed image already holds what was in the machine that is found.
    let is_kept = !remembered && record.kept.is_some();
    if record.stage != Stage::Creating || !may_be_lived_in(record, found) || is_kept {
        return Some(Action::Resume);
    }
    let lost = left
        .iter()
        .any(|difference| difference.class == Class::LosesData);
    match (left.is_empty() && remembered, found.state) {
        (true, Seen::Running) => Some(Action::Finish),
        (true, _) => Some(Action::Start),
        (false, _) if lost || !keeps_what_is_in_it(machine) => {
            recreate.then_some(Action::Recreate { keep: false })
        }
        (false, _) => Some(Action::Recreate { keep: true }),
    }
}

/// Whether it ever let someone in. One that ended by itself with a failure never did; an image's own
/// command may end with any status.
fn may_be_lived_in(record: &MachineRecord, found: &ObservedMachine) -> bool {
    match found.state {
        Seen::Running => true,
        Seen::Stopped if record.vm.as_ref().is_some_and(|vm| !vm.is_seeded) => false,
        Seen::Stopped => {
            let ended_well = found.exit_code == 0 || found.exit_code >= 128;
            ended_well && record.access.init != Init::Image
        }
        _ => false,
    }
}

/// Whether what is found is what the record tells of, and not the machine that it is to replace.
fn is_made_as_remembered(record: &MachineRecord, found: &ObservedMachine) -> bool {
    let made_as = found.digest.as_ref();
    made_as.is_none_or(|made_as| *made_as == digest(record))
}
