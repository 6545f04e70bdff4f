//! What of a machine's provisioning is done, and what is still to be run.

use super::reconcile::{Part, Subject, unrecorded};
use super::refusals::{not_created, not_running};
use super::situation::{Situation, State};
use super::{Action, Cause};
use crate::diagnostic::Diagnostic;
use crate::model::{Machine, Provision};
use crate::state::record::{MachineRecord, Provisioned};

/// What is new, changed, failed or was cut short since it went well. What only says what it would change is
/// never done, and nothing waits for it.
pub fn pending<'a>(machine: &'a Machine, record: &MachineRecord) -> Vec<&'a Provision> {
    let all = machine.provisions.iter();
    all.filter(|provision| !provision.dry_run && !is_done(provision, record))
        .collect()
}

/// Whether it went well as it is written now.
pub fn is_done(provision: &Provision, record: &MachineRecord) -> bool {
    let mut ran = record.provisions.iter();
    ran.any(|ran| ran.ok && ran.fingerprint == provision.fingerprint)
}

/// Whether a machine is provisioned, as it is written where that is known.
pub fn provisioned(machine: Option<&Machine>, record: Option<&MachineRecord>) -> Provisioned {
    let Some(record) = record else {
        return Provisioned::Never;
    };
    match (record.provisioned, machine) {
        (Provisioned::Ok, Some(machine)) if !pending(machine, record).is_empty() => {
            Provisioned::Stale
        }
        (told, _) => told,
    }
}

/// Why something is pending, in a word.
fn why(provision: &Provision, record: &MachineRecord) -> &'static str {
    let mut same = record.provisions.iter();
    match same.find(|ran| ran.playbook == provision.playbook.value) {
        None => "new",
        Some(ran) if ran.ok => "changed",
        Some(_) => "failed before",
    }
}

/// Runs all that a running machine is provisioned by, however it is written otherwise.
pub(super) fn provision(subject: &Subject, situation: Situation, plan: &mut Part) {
    match situation.state {
        State::Running if subject.record.is_none() => unrecorded(subject, true, false, plan),
        State::Running => {
            if let Some(machine) = subject.meant.filter(|it| !it.provisions.is_empty()) {
                plan.step = Some((Action::Provision, playbooks(machine, None)));
            }
        }
        State::NotCreated | State::Creating => plan.refusals.push(not_created(subject)),
        state => plan
            .refusals
            .push(not_running(Diagnostic::error(1601), subject, state)),
    }
}

/// The playbooks that are run, each with its place: those that are pending, where a record says which.
pub(super) fn playbooks(machine: &Machine, record: Option<&MachineRecord>) -> Vec<Cause> {
    let all = match record {
        Some(record) => pending(machine, record),
        None => machine.provisions.iter().collect(),
    };
    let cause = |provision: &Provision| {
        let name = machine.shown(provision.playbook.origin, provision.name());
        let why = record.map(|record| format!(" ({})", why(provision, record)));
        Cause {
            text: format!("{name}{}", why.unwrap_or_default()),
            origin: Some(provision.playbook.origin),
        }
    };
    all.into_iter().map(cause).collect()
}
