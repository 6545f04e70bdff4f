//! Machines as libvirt's domains: Vagrant defines them, and all else goes without it.

mod conflict;
mod create;
mod define;
mod disk;
mod keep;
mod lease;
mod names;
mod networks;
mod remove;
mod share;

use super::down::{Ways, needs_restart};
use super::{Doer, Halt, Job};
use crate::call::run::run;
use crate::call::{Call, Outcome};
use crate::engine::{failure, libvirt};
use crate::plan::Action;
use crate::plan::difference::Difference;
use crate::state::observed::ObservedMachine;
use crate::state::record::Stage;
use std::time::Duration;

/// Does the steps of virtual machines.
pub(super) struct Domain<'d, 'a>(pub(super) &'d Doer<'a>);

impl Domain<'_, '_> {
    /// Does one step of a virtual machine.
    pub(super) fn step(&self, job: &mut Job) -> Result<(), Halt> {
        match &job.step.action {
            Action::Create | Action::Resume | Action::Recreate { .. } => self.create(job),
            Action::Finish => {
                let found = job.found.map(|found| found.engine_id.clone());
                job.record.engine_id = found.or(job.record.engine_id.take());
                self.finish(job)
            }
            Action::Start => self.start(job),
            Action::Set(differences) => self.set(job, differences),
            Action::Provision => self.0.provision_again(job),
            Action::Stop { force } => self.stop(job, *force),
            Action::Remove { force } => self.remove(job, *force),
            Action::Replace => self.remove(job, false),
            Action::Forget => self.remove(job, true),
        }
    }

    fn must(&self, call: &Call) -> Result<Outcome, Halt> {
        self.0.must_by(call, libvirt::failed)
    }

    fn check(&self, outcome: Outcome) -> Result<Outcome, Halt> {
        self.0.judged(outcome, libvirt::failed)
    }

    /// Starts a machine as it was made: what is in it is kept.
    fn start(&self, job: &mut Job) -> Result<(), Halt> {
        let Some(found) = job.found else {
            return self.create(job);
        };
        job.record.engine_id = Some(found.engine_id.clone());
        self.0.intend(job, Stage::Starting)?;
        self.networks(job)?;
        if job.step.sets_limits() {
            self.limits(job, &found.engine_id)?;
        }
        self.boot(job, Some(found))
    }

    /// The guest comes up: started, reached, ready.
    fn boot(&self, job: &mut Job, found: Option<&ObservedMachine>) -> Result<(), Halt> {
        let Some(uuid) = job.record.engine_id.clone() else {
            return Ok(());
        };
        let text = format!("vm {}", job.record.id);
        let stage = self.0.stage("start", &text, None);
        self.forget_console(job);
        self.must(&libvirt::start(found, &uuid))?;
        stage.done(&text);
        self.finish(job)
    }

    /// An `up` that was cut short after the machine ran goes on here.
    fn finish(&self, job: &mut Job) -> Result<(), Halt> {
        self.forget_kept(job);
        self.address(job)?;
        self.0.reach(job)?;
        self.announce(job);
        self.0.provision(job)?;
        self.0.ready(job)?;
        let now = jiff::Timestamp::now;
        job.record.created_at.get_or_insert_with(now);
        self.0.save(job, Stage::Running)
    }

    /// Sets what a running machine takes live; for the next start in any case.
    fn set(&self, job: &mut Job, differences: &[Difference]) -> Result<(), Halt> {
        let (Some(found), Some(machine)) = (job.found, job.machine) else {
            return Ok(());
        };
        let words: Vec<String> = differences.iter().map(ToString::to_string).collect();
        let stage = self.0.stage("set", &words.join(", "), None);
        self.limits(job, &found.engine_id)?;
        let (memory, cpus) = (machine.memory.value, machine.cpus.value);
        for call in libvirt::set_limits_live(&found.engine_id, memory, cpus) {
            self.0.go_on()?;
            let outcome = self.0.run(&call);
            if !outcome.ok() {
                let finding = needs_restart();
                return Err(failure::evidence(finding, &outcome).into());
            }
        }
        self.0.save(job, Stage::Running)?;
        stage.done(&words.join(", "));
        self.0.provision_pending(job)
    }

    fn limits(&self, job: &Job, uuid: &str) -> Result<(), Halt> {
        let Some(machine) = job.machine else {
            return Ok(());
        };
        for call in libvirt::set_limits(uuid, machine.memory.value, machine.cpus.value) {
            self.must(&call)?;
        }
        Ok(())
    }

    fn stop(&self, job: &mut Job, force: bool) -> Result<(), Halt> {
        self.0
            .stop_vm(job, force, &|found, grace| self.down(found, grace))
    }

    fn down(&self, found: &ObservedMachine, grace: Option<Duration>) -> Result<(), Halt> {
        let uuid = &*found.engine_id;
        let is_down = || {
            let outcome = run(&libvirt::state(uuid), self.0.interrupt, None);
            libvirt::read_gone(&outcome).is_some()
        };
        let ways = Ways {
            is_down: &is_down,
            ask: (found.word != "paused").then(|| libvirt::shut_down(uuid)),
            end: libvirt::destroy(uuid),
            failed: libvirt::failed,
        };
        self.0.down(&ways, grace)
    }
}
