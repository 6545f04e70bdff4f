//! A machine whose kind was turned around: what becomes of its former self, and what of its settings holds less now.

use super::reconcile::{Part, Subject};
use super::situation::State;
use super::{Action, Cause};
use crate::diagnostic::Diagnostic;
use crate::model::Machine;
use crate::settings;
use crate::state::folder::Identity;
use crate::value::{Choice, Kind};

/// What a machine was while it was of the other kind, where that is still there.
#[derive(Debug, Clone, Copy)]
pub struct Former<'a> {
    /// Whose record it has.
    pub identity: &'a Identity,
    /// What it does.
    pub state: State,
}

impl Subject<'_> {
    /// Whether its former self goes: where that is asked for, and where it was begun and cut short.
    pub(super) fn replaces(&self, recreate: bool) -> bool {
        let asked = self.named && recreate;
        self.former
            .is_some_and(|former| asked || former.state == State::Removing)
    }
}

/// Adds to what is done to a machine what is done to its former self.
pub(super) fn turn(subject: &Subject, recreate: bool, part: &mut Part) {
    let Some(machine) = subject.meant else { return };
    let now = machine.kind.value;
    let replaces = subject.replaces(recreate) && part.refusals.is_empty();
    part.replaces = replaces.then(|| {
        vec![Cause {
            text: format!("kind {} → {}", now.other().word(), now.word()),
            origin: Some(machine.kind.origin),
        }]
    });
    let creates = matches!(part.step, Some((Action::Create, _)));
    if replaces || creates {
        part.notes.extend(told(subject, machine, replaces));
    }
}

/// What is lost, each setting at its place.
fn told(subject: &Subject, machine: &Machine, replaces: bool) -> Option<Diagnostic> {
    const TURNED: u16 = 3006;
    let now = machine.kind.value;
    let weaker = settings::of("kind").weaker_for(now);
    let by_profile = machine.turned_from.is_some();
    let is_less = weaker.is_some() || !machine.lacking.is_empty();
    if subject.former.is_none() && !(by_profile && is_less) {
        return None;
    }
    let before = now.other().word();
    let mut finding = Diagnostic::warning(TURNED)
        .message(format!(
            "'{}' is turned from a {before} into a {}",
            subject.name,
            now.word()
        ))
        .at_origin(machine.kind.origin)
        .label(weaker.unwrap_or_default());
    for less in &machine.lacking {
        finding = finding.related(less.value.clone(), less.origin);
    }
    Some(match (subject.former, replaces) {
        (None, _) => finding,
        (Some(_), true) => finding.details([match now.other() {
            Kind::Vm => "what is on the disks of the vm is lost; shared folders stay",
            Kind::Container => "what is in the container is lost; volumes and shared folders stay",
        }]),
        (Some(former), false) => finding
            .details([format!("the {before} is left over ({})", former.state)])
            .help(format!(
                "replace it, and lose what is in it: vagrantp up{} --recreate",
                machine.target()
            )),
    })
}
