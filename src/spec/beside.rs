//! A `.env` that describes machines and stands beside a `vagrantp.kdl`.

use super::Spec;
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::Dialect;
use crate::syntax::document::{MachineNode, ProjectNode};
use crate::syntax::{Entry, Section, Word};

/// With no machine in the KDL, the `.env` is the one machine. Else it is the lowest layer of all; what it
/// and the environment call the machine is what the project is called, and what only one machine can have
/// is an error where there are more.
pub fn beside(spec: &mut Spec, sink: &mut Sink) {
    if spec.dialect == Dialect::Env {
        return;
    }
    if spec.machines.is_empty()
        && let Some(section) = spec.beneath.take()
    {
        spec.machines.push(MachineNode {
            name: None,
            uses: Vec::new(),
            section,
        });
        return;
    }
    let several = spec.machines.len() > 1 || spec.machines.iter().any(has_count);
    let mut name = None;
    for section in spec.beneath.iter_mut().chain([&mut spec.environment]) {
        let id = take_id(section);
        name = id.or(name);
        if several {
            lone(section, sink);
        }
    }
    if let Some(name) = name {
        let project = spec.project.get_or_insert_with(|| ProjectNode {
            key: name.clone(),
            name: None,
            default_profile: None,
        });
        project.name.get_or_insert(name);
    }
}

fn has_count(machine: &MachineNode) -> bool {
    machine
        .section
        .entries
        .iter()
        .any(|entry| entry.setting == "count")
}

fn take_id(section: &mut Section) -> Option<Word> {
    let at = section
        .entries
        .iter()
        .position(|entry| entry.setting == "id")?;
    section.entries.remove(at).values.pop()
}

fn lone(section: &mut Section, sink: &mut Sink) {
    let is_lone = |entry: &mut Entry| matches!(entry.setting, "network.ip" | "ports");
    for entry in section.entries.extract_if(.., is_lone) {
        sink.push(
            Diagnostic::error(2611)
                .message(format!(
                    "{} is for one machine, and there are several",
                    entry.key.text
                ))
                .at_origin(entry.key.origin)
                .help("write it in the machine's block in vagrantp.kdl"),
        );
    }
}
