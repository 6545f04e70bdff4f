//! Whose record a written machine's is.

use crate::model::{Machine, Project};
use crate::settings::Dialect;
use crate::state::folder::Identity;
use crate::state::ledger::Ledger;
use crate::value::Kind;
use uuid::Uuid;

/// Its own, or that of the machine which a `.env` in the same folder described under the same id: whoever
/// rewrites a `.env` as KDL, by hand or by `convert`, goes on with the machine that is there. So nothing needs to be
/// moved, a kill in between leaves nothing half done, and the way back leads to the same machine too.
pub fn identity_of(project: &Project, machine: &Machine, uuid: Uuid, ledger: &Ledger) -> Identity {
    identity_as(machine.kind.value, project, machine, uuid, ledger)
}

/// The one that it had while it was of the other kind.
pub fn former_identity_of(
    project: &Project,
    machine: &Machine,
    uuid: Uuid,
    ledger: &Ledger,
) -> Identity {
    identity_as(machine.kind.value.other(), project, machine, uuid, ledger)
}

fn identity_as(
    kind: Kind,
    project: &Project,
    machine: &Machine,
    uuid: Uuid,
    ledger: &Ledger,
) -> Identity {
    let own = Identity {
        kind,
        ..own_identity(project, machine, uuid)
    };
    if project.dialect == Dialect::Env || ledger.entry(&own).is_some() {
        return own;
    }
    let former = ledger.project(uuid).find(|entry| {
        let record = &entry.record;
        record.machine.is_empty()
            && record.id == machine.id.as_str()
            && record.infra_type == kind
            && Dialect::of_file(&record.config_file) == Dialect::Env
    });
    former.map_or(own, |entry| Identity::of(&entry.record))
}

/// The one that it has as it is written.
pub fn own_identity(project: &Project, machine: &Machine, uuid: Uuid) -> Identity {
    Identity {
        project: uuid,
        file: project.file.clone(),
        machine: machine.key.clone(),
        kind: machine.kind.value,
    }
}
