//! Machines as libvirt's domains: Vagrant defines them, and all else goes without it.

mod create;
mod define;
mod disk;
mod keep;
mod lease;
mod networks;
mod remove;
mod share;

use super::{Doer, Halt, Job};
use crate::call::Outcome;
use crate::call::run::run;
use crate::diagnostic::Diagnostic;
use crate::engine::{failure, libvirt};
use crate::plan::Action;
use crate::plan::difference::Difference;
use crate::state::observed::ObservedMachine;
use crate::state::record::Stage;
use std::time::{Duration, Instant};

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
            Action::Forget => self.remove(job, true),
        }
    }

    fn must(&self, call: &crate::call::Call) -> Result<Outcome, Halt> {
        self.0.go_on()?;
        let outcome = self.0.run(call);
        self.check(outcome)
    }

    fn check(&self, outcome: Outcome) -> Result<Outcome, Halt> {
        if outcome.ok() {
            Ok(outcome)
        } else if self.0.interrupt.count() > 0 {
            Err(Halt::Interrupted)
        } else {
            Err(libvirt::failed(&outcome).into())
        }
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
        self.address(job)?;
        self.0.reach(job)?;
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
                return Err(needs_restart(&outcome).into());
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
        let is_down = || {
            let outcome = run(&libvirt::state(uuid), self.0.interrupt, None);
            libvirt::read_gone(&outcome).is_some()
        };
        if is_down() {
            return Ok(());
        }
        if let Some(grace) = grace.filter(|_| found.word != "paused") {
            let until = Instant::now() + grace;
            self.must(&libvirt::shut_down(uuid))?;
            while Instant::now() < until {
                self.0.interrupt.wait(libvirt::GLANCE);
                self.0.go_on()?;
                if is_down() {
                    return Ok(());
                }
            }
        }
        let outcome = self.0.run(&libvirt::destroy(uuid));
        if outcome.ok() || is_down() {
            return Ok(());
        }
        self.check(outcome).map(drop)
    }
}

fn needs_restart(outcome: &Outcome) -> Diagnostic {
    let finding = Diagnostic::error(3002)
        .message("The running machine does not take its new limits; its next start does")
        .help("restart it: vagrantp stop, then vagrantp up");
    failure::evidence(finding, outcome)
}
