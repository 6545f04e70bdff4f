//! In which machine a task runs, and what its lines are there.

use super::{Machine, Project, Task};
use crate::diagnostic::{Diagnostic, Sink};
use crate::spec::compose::Composed;
use crate::spec::expression::{self, Values};
use std::collections::BTreeMap;

/// Evaluates the lines of all tasks, each for the machine that it runs in. Where that is not known, it was told.
pub fn evaluate(
    project: &mut Project,
    composed: &[Composed],
    variable: &dyn Fn(&str) -> Option<String>,
    sink: &mut Sink,
) {
    let mut tasks = std::mem::take(&mut project.tasks);
    for task in &mut tasks {
        let is_text = |line: &str| !expression::is_expression(line);
        if task.run.iter().all(|line| is_text(line)) {
            continue;
        }
        let name = project.machine_of(task).map(|machine| machine.name.clone());
        let meant = composed.iter().find(|composed| {
            let text = composed.name.as_ref().map(|name| &name.text);
            text.is_some() && text == name.as_ref().ok()
        });
        let Some(meant) = meant else { continue };
        let values = Values {
            variable,
            params: &BTreeMap::new(),
            context: &meant.context,
        };
        lines(task, &values, sink);
    }
    project.tasks = tasks;
}

fn lines(task: &mut Task, values: &Values, sink: &mut Sink) {
    for line in &mut task.run {
        match expression::evaluate(&line.value, values) {
            Ok(text) => {
                if expression::uses_env(&line.value)
                    && let Some(span) = line.origin.span()
                {
                    let written = expression::unexpanded(&line.value, values);
                    task.unexpanded.insert(span, written);
                }
                line.value = text;
            }
            // What is wrong in every machine was told.
            Err(None) => {}
            Err(Some(why)) => sink.push(
                Diagnostic::error(2504)
                    .message(format!("No value comes of this: {why}"))
                    .at_origin(line.origin)
                    .help("write an expression that has a value for every machine"),
            ),
        }
    }
}

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
