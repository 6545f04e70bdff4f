//! What a machine gets beside its image: volumes, and values that must not be seen.

use super::{Doer, Halt, Job};
use crate::engine::{failure, podman};
use crate::model::Machine;
use crate::model::sealed::Hidden;
use crate::value::Choice;

/// What a machine gets unseen.
pub(super) struct Unseen {
    /// The variables, by name.
    pub names: Vec<String>,
    /// The engine's name of each value, with the variable's; an empty value has none.
    pub secrets: Vec<(String, String)>,
    values: Vec<(String, Hidden)>,
}

impl Doer<'_> {
    /// What a machine gets unseen; nothing of it is anywhere yet.
    pub(super) fn unseen(&self, job: &Job, machine: &Machine) -> Unseen {
        let me = &job.identity;
        let whose = format!("{} {} {}", me.file, me.machine, me.kind.word());
        let hidden = self.values.hidden(machine);
        let names = hidden.iter().map(|hidden| hidden.name.clone()).collect();
        let full = hidden.into_iter().filter(|hidden| !hidden.value.is_empty());
        let values: Vec<(String, Hidden)> = full
            .map(|hidden| {
                (
                    podman::secret_name(me.project, &whose, &hidden.name),
                    hidden,
                )
            })
            .collect();
        let secrets = values.iter();
        let secrets = secrets.map(|(name, hidden)| (name.clone(), hidden.name.clone()));
        Unseen {
            names,
            secrets: secrets.collect(),
            values,
        }
    }

    /// Gives the engine the values, and makes the volumes that are not there.
    pub(super) fn give(&self, job: &Job, machine: &Machine, unseen: &Unseen) -> Result<(), Halt> {
        for (name, hidden) in &unseen.values {
            self.go_on()?;
            // One of an earlier try, or of the machine's old self; none is fine.
            self.run(&podman::remove_secret(name));
            self.must(&podman::create_secret(name, hidden))?;
        }
        for volume in &machine.volumes {
            self.go_on()?;
            let call = podman::create_volume(job.identity.project, volume.name.as_str());
            let outcome = self.run(&call);
            if !outcome.ok() && !podman::volume_exists(&outcome) {
                self.go_on()?;
                return Err(failure::read(&outcome).at_origin(volume.origin).into());
            }
        }
        Ok(())
    }

    /// Takes the values from the engine that the machine does not use any more.
    pub(super) fn take_back(&self, job: &mut Job, used: &[(String, String)]) {
        let left = |name: &mut String| used.iter().all(|(used, _)| used != name);
        for name in job.record.given.secrets.extract_if(.., left) {
            self.run(&podman::remove_secret(&name));
        }
    }
}
