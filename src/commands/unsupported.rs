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
    let is_container = machine.kind.value == Kind::Container;
    if let Some(bridge) = machine.bridge().filter(|_| is_container) {
        found.push(
            Diagnostic::error(5005)
                .message("This version of vagrantp does not make bridged containers yet")
                .at_origin(bridge.name.origin)
                .help("write `NETWORK_MODE=default`, and publish ports"),
        );
    }
    found.extend(shares(machine));
    found
}

/// A virtual machine shares whole folders: what is hidden from it could be seen by its root.
fn shares(machine: &Machine) -> Option<Diagnostic> {
    if machine.kind.value != Kind::Vm {
        return None;
    }
    let masks = machine.shares.iter().flat_map(|share| &share.masks);
    let mask = masks.map(|mask| {
        Diagnostic::error(5005)
            .message("This version of vagrantp hides nothing from a virtual machine")
            .at_origin(mask.origin)
            .help("share a folder that does not hold it, or write a container")
    });
    let files = machine.shares.iter().filter(|share| share.host.is_file());
    let file = files.map(|share| {
        Diagnostic::error(5005)
            .message("This version of vagrantp shares no single file with a virtual machine")
            .at_origin(share.origin)
            .help("share its folder")
    });
    mask.chain(file).next()
}
