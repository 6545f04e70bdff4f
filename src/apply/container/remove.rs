//! A machine goes, and nothing of it stays.

use super::{Doer, Halt, Job};
use crate::call::run::end_left_behind;
use crate::engine::podman;
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::Stage;
use crate::value::Provider;

impl Doer<'_> {
    pub(super) fn remove(&self, job: &mut Job, force: bool) -> Result<(), Halt> {
        self.hang_up(job);
        let Some(found) = job.found else {
            return self.forget(job);
        };
        let text = format!("container {}", found.name);
        let stage = self.stage("remove", &text, None);
        // A full disk keeps nobody from freeing it; without its intent, it is found by its label.
        let _ = self.save(job, Stage::Removing);
        if !force && found.word == "running" {
            for call in podman::stop(found, Some(job.grace())) {
                self.must(&call)?;
            }
        }
        self.take_away(found)?;
        if found.state == Seen::Made {
            self.clear_up_after(job, &found.engine_id);
        }
        self.keep_apart(job);
        stage.done(&text);
        self.forget(job)
    }

    /// Removes a container, one that a killed Podman left half made included.
    pub(super) fn take_away(&self, found: &ObservedMachine) -> Result<(), Halt> {
        let engine_id = &*found.engine_id;
        let call = podman::remove(engine_id);
        self.go_on()?;
        let outcome = self.run(&call);
        if let Some(path) = podman::left_mounted(&outcome, engine_id) {
            // It may have gone meanwhile: the removal tells.
            self.run(&podman::unmount(path, self.rootless));
            self.must(&call)?;
        } else {
            self.check(&outcome)?;
        }
        if found.state == Seen::Made {
            // What watches a container that a killed Podman never started waits for it forever.
            let watches = |words: &[String]| words.iter().any(|word| word == engine_id);
            end_left_behind("conmon", &watches);
        }
        Ok(())
    }

    /// A network goes with the last machine of this run that was on it. One that others use stays.
    pub(super) fn leave(&self, network: &str) {
        if self.shared.leaves(Provider::Podman, network) {
            self.drop_network(network);
        }
    }

    /// The engine has nothing of it any more: its network, its kept image and its folder go.
    pub(super) fn forget(&self, job: &mut Job) -> Result<(), Halt> {
        for network in &job.record.networking.networks {
            self.leave(network);
        }
        self.take_back(job, &[]);
        if let Some(image) = &job.record.kept {
            self.run(&podman::remove_image(image));
        }
        self.folder(job).remove()?;
        Ok(())
    }
}
