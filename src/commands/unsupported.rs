//! What the language has and this version does not do yet: said before anything starts.

use crate::diagnostic::Diagnostic;
use crate::model::Machine;
use crate::value::Kind;

/// One finding for each thing that this version cannot do.
pub fn unsupported<'a>(machines: impl Iterator<Item = &'a Machine>) -> Vec<Diagnostic> {
    machines.flat_map(of_machine).collect()
}

fn of_machine(machine: &Machine) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if machine.kind.value == Kind::Vm {
        found.push(
            Diagnostic::error(5005)
                .message("This version of vagrantp does not make virtual machines yet")
                .at_origin(machine.kind.origin)
                .help("write `INFRA_TYPE=container`; `check` judges the vm's settings already"),
        );
    } else if let Some(bridge) = machine.bridge() {
        found.push(
            Diagnostic::error(5005)
                .message("This version of vagrantp does not make bridged containers yet")
                .at_origin(bridge.name.origin)
                .help("write `NETWORK_MODE=default`, and publish ports"),
        );
    }
    found
}
