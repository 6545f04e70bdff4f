//! What of a machine's provisioning is done, and what is still to be run.

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
pub fn why(provision: &Provision, record: &MachineRecord) -> &'static str {
    let mut same = record.provisions.iter();
    match same.find(|ran| ran.playbook == provision.playbook.value) {
        None => "new",
        Some(ran) if ran.ok => "changed",
        Some(_) => "failed before",
    }
}
