//! Machines as containers.

mod create;
mod given;
mod image;
mod known;
mod leftovers;
mod names;
mod networks;
mod ports;
mod remove;
mod user_networks;

pub use create::lies_at;
pub(super) use image::scratch;

use super::{Doer, Halt, Job};
use crate::call::Outcome;
use crate::engine::podman;
use crate::plan::Action;
use crate::plan::difference::Difference;
use crate::state::observed::ObservedMachine;
use crate::state::record::Stage;

impl Doer<'_> {
    /// Does one step of a container.
    pub(super) fn container_step(&self, job: &mut Job) -> Result<(), Halt> {
        match &job.step.action {
            Action::Create | Action::Resume => self.create(job),
            Action::Finish => self.finish(job),
            Action::Start => self.start(job),
            Action::Set(differences) => self.set(job, differences),
            Action::Recreate { keep } => self.recreate(job, *keep),
            Action::Provision => self.provision_again(job),
            Action::Stop { force } => self.stop(job, *force),
            Action::Remove { force } => self.remove(job, *force),
            Action::Replace | Action::Forget => self.remove(job, false),
        }
    }

    /// Starts a machine as it was made.
    fn start(&self, job: &mut Job) -> Result<(), Halt> {
        let Some(found) = job.found else {
            return self.create(job);
        };
        let stage = self.stage("start", &format!("container {}", job.record.id), None);
        self.intend(job, Stage::Starting)?;
        let mut outcome = self.start_container(job, found)?;
        if self.mends_networks(&outcome)? {
            outcome = self.start_container(job, found)?;
        }
        if !outcome.ok() && self.interrupt.count() == 0 {
            return Err(self.refused(job, &outcome).into());
        }
        self.check(&outcome)?;
        if job.record.limits_set || job.step.sets_limits() {
            self.limits(job, &found.engine_id)?;
        }
        // Only now: killed before, the record still tells of the old limits.
        self.save(job, Stage::Starting)?;
        stage.done(&format!("container {}", job.record.id));
        self.finish(job)
    }

    fn start_container(&self, job: &Job, found: &ObservedMachine) -> Result<Outcome, Halt> {
        let networks = &job.record.networking.networks;
        let coming = self.coming(networks);
        let before = self.served();
        self.go_on()?;
        let outcome = self.run(&podman::start(found));
        if outcome.ok() {
            self.keep_bridges(networks);
        }
        drop(coming);
        if outcome.ok() {
            self.serve_names(&found.engine_id, networks);
            self.await_names(&before, networks);
        }
        Ok(outcome)
    }

    /// Sets what a running machine takes live.
    fn set(&self, job: &mut Job, differences: &[Difference]) -> Result<(), Halt> {
        let Some(found) = job.found else {
            return Ok(());
        };
        let words: Vec<String> = differences.iter().map(ToString::to_string).collect();
        let stage = self.stage("set", &words.join(", "), None);
        self.limits(job, &found.engine_id)?;
        self.save(job, Stage::Running)?;
        stage.done(&words.join(", "));
        self.provision_pending(job)
    }

    fn limits(&self, job: &mut Job, engine_id: &str) -> Result<(), Halt> {
        // Podman takes them at creation and ignores them, but fails when they are to change.
        let Some(machine) = job.machine.filter(|_| self.limits) else {
            return Ok(());
        };
        self.must(&podman::set_limits(
            engine_id,
            machine.memory.value,
            machine.cpus.value,
        ))?;
        job.record.limits_set = true;
        Ok(())
    }

    /// It runs, and is to let us in, find the others, be provisioned and be ready: also where an `up` was cut short
    /// there.
    fn finish(&self, job: &mut Job) -> Result<(), Halt> {
        job.record.engine_id = job.found.map(|found| found.engine_id.clone());
        self.reach(job)?;
        self.wait_for_names(job)?;
        self.provision(job)?;
        self.ready(job)?;
        job.record
            .created_at
            .get_or_insert_with(jiff::Timestamp::now);
        self.save(job, Stage::Running)
    }

    fn stop(&self, job: &mut Job, force: bool) -> Result<(), Halt> {
        let Some(found) = job.found else {
            return Ok(());
        };
        let stage = self.stage("stop", &format!("container {}", found.name), None);
        let grace = (!force).then(|| job.grace());
        // Intents stay what they are: the next `up` or `rm` goes on from there.
        let after = match job.record.stage {
            Stage::Starting | Stage::Running | Stage::Stopped => Stage::Stopped,
            intent => intent,
        };
        // A full disk keeps nobody from stopping a machine.
        let _ = self.save(job, after);
        self.hang_up(job);
        for call in podman::stop(found, grace) {
            self.must(&call)?;
        }
        self.keep_apart(job);
        stage.done(&format!("container {}", found.name));
        Ok(())
    }

    /// netavark 1.4 drops the jump into its isolation rules when the last machine of a network goes:
    /// then the machines that stay could reach each other.
    fn keep_apart(&self, job: &Job) {
        if job.others_run && !self.run(&podman::isolation_holds()).ok() {
            self.run(&podman::hold_isolation());
        }
    }
}
