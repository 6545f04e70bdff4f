//! Machines of VirtualBox: Vagrant makes and boots them; all that comes after goes without it.

mod create;
mod keys;

use super::down::{Ways, needs_restart};
use super::{Doer, Halt, Job};
use crate::call::{Call, Outcome};
use crate::engine::vagrant::boot;
use crate::engine::virtualbox;
use crate::plan::Action;
use crate::state::observed::ObservedMachine;
use crate::state::record::Stage;
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

/// Does the steps of VirtualBox's machines.
pub(super) struct VirtualBox<'d, 'a>(pub(super) &'d Doer<'a>);

impl VirtualBox<'_, '_> {
    /// Does one step.
    pub(super) fn step(&self, job: &mut Job) -> Result<(), Halt> {
        match &job.step.action {
            Action::Create | Action::Resume | Action::Recreate { .. } => self.create(job),
            Action::Finish => self.finish(job),
            Action::Start => self.start(job),
            Action::Set(_) => Err(needs_restart().into()),
            Action::Provision => self.0.provision_again(job),
            Action::Stop { force } => self.stop(job, *force),
            Action::Remove { force } => self.remove(job, *force),
            Action::Replace => self.remove(job, false),
            Action::Forget => self.remove(job, true),
        }
    }

    fn must(&self, call: &Call) -> Result<Outcome, Halt> {
        self.0.must_by(call, virtualbox::failed)
    }

    /// Starts a machine as it was made. What it shares is mounted by Vagrant alone.
    fn start(&self, job: &mut Job) -> Result<(), Halt> {
        let Some(found) = job.found else {
            return self.create(job);
        };
        job.record.engine_id = Some(found.engine_id.clone());
        self.0.intend(job, Stage::Starting)?;
        if let Some(machine) = job.machine.filter(|_| job.step.sets_limits()) {
            let (memory, cpus) = (machine.memory.value, machine.cpus.value);
            self.must(&virtualbox::set_limits(&found.engine_id, memory, cpus))?;
        }
        let is_seeded = job.record.vm.as_ref().is_none_or(|vm| vm.is_seeded);
        let by_itself = is_seeded && job.record.shared.is_empty();
        if by_itself || found.word == "paused" {
            let text = format!("vm {}", job.record.id);
            let stage = self.0.stage("start", &text, None);
            self.must(&virtualbox::start(Some(found), &found.engine_id))?;
            stage.done(&text);
        } else {
            self.boot(job)?;
        }
        self.finish(job)
    }

    /// An `up` that was cut short after the machine ran goes on here.
    fn finish(&self, job: &mut Job) -> Result<(), Halt> {
        if let Some(found) = job.found {
            job.record.engine_id = Some(found.engine_id.clone());
        }
        if job.record.vm.as_ref().is_some_and(|vm| !vm.is_seeded) {
            self.boot(job)?;
        }
        self.0.reach(job)?;
        self.0.provision(job)?;
        self.0.ready(job)?;
        let now = jiff::Timestamp::now;
        job.record.created_at.get_or_insert_with(now);
        self.0.save(job, Stage::Running)
    }

    fn stop(&self, job: &mut Job, force: bool) -> Result<(), Halt> {
        self.0
            .stop_vm(job, force, &|found, grace| self.down(found, grace))
    }

    fn down(&self, found: &ObservedMachine, grace: Option<Duration>) -> Result<(), Halt> {
        let uuid = &*found.engine_id;
        let is_down = || virtualbox::read_gone(&self.0.run(&virtualbox::look(uuid))).is_some();
        let ways = Ways {
            is_down: &is_down,
            ask: (found.word == "running").then(|| virtualbox::shut_down(uuid)),
            end: virtualbox::power_off(uuid),
            failed: virtualbox::failed,
        };
        self.0.down(&ways, grace)
    }

    fn remove(&self, job: &mut Job, force: bool) -> Result<(), Halt> {
        let down = |found: &ObservedMachine, grace| self.down(found, grace);
        let stage = self.0.leave_vm(job, force, &down)?;
        self.take_away(job)?;
        stage.done(&format!("vm {}", job.record.id));
        self.0.folder(job).remove()?;
        Ok(())
    }

    /// The machine that was found, and what else Vagrant made for it: one that was cut short has no label yet.
    fn take_away(&self, job: &Job) -> Result<(), Halt> {
        let found = job.found.map(|found| found.engine_id.clone());
        let uuids = [found, job.record.engine_id.clone(), self.remembered(job)];
        for uuid in uuids.into_iter().flatten().collect::<BTreeSet<_>>() {
            let told = self.0.run(&virtualbox::look(&uuid));
            let Some(seen) = virtualbox::read_look(&told) else {
                continue;
            };
            self.down(&seen, None)?;
            self.must(&virtualbox::remove(&uuid))?;
        }
        Ok(())
    }

    /// The machine's uuid, as Vagrant remembers it from its import on.
    fn remembered(&self, job: &Job) -> Option<String> {
        let path = boot::remembered(&self.0.folder(job).vagrant());
        let uuid = fs::read_to_string(path).ok()?;
        Some(uuid.trim().to_owned()).filter(|uuid| !uuid.is_empty())
    }
}
