//! In which machine a task runs.

use super::{Machine, Project, Task};
use crate::diagnostic::{Diagnostic, Sink};

impl Project {
    /// The machine that a task names, else the only one; a profile that leaves it out has no say.
    ///
    /// # Errors
    /// With the finding, where that is none or several.
    pub fn machine_of(&self, task: &Task) -> Result<&Machine, Diagnostic> {
        let named = task.machine.as_ref();
        let is_meant = |machine: &&Machine| {
            let node = machine.instance.as_ref().map(|one| &one.node);
            named.is_none_or(|named| machine.name == named.value || node == Some(&named.value))
        };
        let meant: Vec<&Machine> = self.all().filter(is_meant).collect();
        let at = named.map_or(task.name.origin, |named| named.origin);
        match meant[..] {
            [machine] => Ok(machine),
            [] => Err(Diagnostic::error(2601)
                .message(format!(
                    "There is no machine for task '{}'",
                    task.name.value
                ))
                .at_origin(at)
                .help("write a machine: machine web { container; }")),
            _ => {
                let names: Vec<&str> = meant.iter().map(|one| one.name.as_str()).collect();
                Err(Diagnostic::error(2611)
                    .message(format!(
                        "Task '{}' does not say in which machine it runs",
                        task.name.value
                    ))
                    .at_origin(at)
                    .help(format!("write `in=NAME`, one of: {}", names.join(", "))))
            }
        }
    }
}

/// A task runs in one machine. What else the project has comes up without.
pub fn task_in_several_machines(project: &Project, sink: &mut Sink) {
    for task in &project.tasks {
        match project.machine_of(task) {
            Err(finding) if finding.rule.number == 2611 => sink.push(finding.as_warning()),
            _ => {}
        }
    }
}
