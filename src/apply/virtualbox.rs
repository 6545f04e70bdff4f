//! Machines of VirtualBox: Vagrant makes and boots them; all that comes after goes without it.

mod create;
mod keys;

use super::{Doer, Halt, Job};
use crate::call::{Call, Outcome};
use crate::engine::vagrant::boot;
use crate::engine::virtualbox;
use crate::plan::Action;
use crate::state::observed::ObservedMachine;
use crate::state::record::Stage;
use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

/// As long as a guest's own shutdown is waited for between two looks.
const GLANCE: Duration = Duration::from_millis(500);

/// Does the steps of VirtualBox's machines.
pub(super) struct VirtualBox<'d, 'a>(pub(super) &'d Doer<'a>);

impl VirtualBox<'_, '_> {
    /// Does one step.
    pub(super) fn step(&self, job: &mut Job) -> Result<(), Halt> {
        match &job.step.action {
            Action::Create | Action::Resume | Action::Recreate { .. } => self.create(job),
            Action::Finish => self.finish(job),
            Action::Start => self.start(job),
            // Only a machine that does not run takes them.
            Action::Set(_) => Ok(()),
            Action::Provision => self.0.provision_again(job),
            Action::Stop { force } => self.stop(job, *force),
            Action::Remove { force } => self.remove(job, *force),
            Action::Forget => self.remove(job, true),
        }
    }

    fn must(&self, call: &Call) -> Result<Outcome, Halt> {
        self.0.go_on()?;
        let outcome = self.0.run(call);
        if outcome.ok() {
            Ok(outcome)
        } else if self.0.interrupt.count() > 0 {
            Err(Halt::Interrupted)
        } else {
            Err(virtualbox::failed(&outcome).into())
        }
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
        let Some(found) = job.found else {
            return Ok(());
        };
        let text = format!("vm {}", found.name);
        let stage = self.0.stage("stop", &text, None);
        // Intents stay what they are: the next `up` or `rm` goes on from there.
        let after = match job.record.stage {
            Stage::Starting | Stage::Running | Stage::Stopped => Stage::Stopped,
            intent => intent,
        };
        // A full disk keeps nobody from stopping a machine.
        let _ = self.0.save(job, after);
        self.0.hang_up(job);
        self.down(found, (!force).then(|| job.grace()))?;
        stage.done(&text);
        Ok(())
    }

    /// Shuts the guest down; at the end of its grace, or without one, it is ended.
    fn down(&self, found: &ObservedMachine, grace: Option<Duration>) -> Result<(), Halt> {
        let uuid = &*found.engine_id;
        let is_down = || virtualbox::read_gone(&self.0.run(&virtualbox::look(uuid))).is_some();
        if is_down() {
            return Ok(());
        }
        let listens = found.word == "running";
        if let Some(grace) = grace.filter(|_| listens) {
            let until = Instant::now() + grace;
            self.must(&virtualbox::shut_down(uuid))?;
            while Instant::now() < until {
                self.0.interrupt.wait(GLANCE);
                self.0.go_on()?;
                if is_down() {
                    return Ok(());
                }
            }
        }
        let outcome = self.0.run(&virtualbox::power_off(uuid));
        if outcome.ok() || is_down() {
            return Ok(());
        }
        Err(virtualbox::failed(&outcome).into())
    }

    fn remove(&self, job: &mut Job, force: bool) -> Result<(), Halt> {
        self.0.hang_up(job);
        let text = format!("vm {}", job.record.id);
        let stage = self.0.stage("remove", &text, None);
        // A full disk keeps nobody from freeing it; without its intent, it is found by its label.
        let _ = self.0.save(job, Stage::Removing);
        if let Some(found) = job.found {
            self.down(found, (!force).then(|| job.grace()))?;
        }
        self.take_away(job)?;
        stage.done(&text);
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
