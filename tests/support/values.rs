//! The values of a project, as texts to compare.

use vagrantp::model::Project;

/// Each value of each machine, `env.*` too where they are `shown`.
pub fn values(project: &Project, shown: bool) -> Vec<String> {
    let mut machines = project.machines.clone();
    if shown {
        let all = machines.iter_mut();
        all.for_each(|machine| machine.unexpanded.clear());
    }
    let each = machines.iter().flat_map(|machine| {
        let values = machine.values().into_iter();
        values.map(|value| format!("{} {} {}", machine.key, value.setting, value.text))
    });
    each.collect()
}
