//! A virtual machine goes down, whatever runs it: it is asked to, and ended where it does not.

use super::{Doer, Halt, Job};
use crate::call::{Call, Outcome};
use crate::diagnostic::Diagnostic;
use crate::state::observed::ObservedMachine;
use crate::state::record::Stage;
use crate::ui;
use std::time::{Duration, Instant};

/// As long as a guest's own shutdown is waited for between two looks.
const GLANCE: Duration = Duration::from_millis(250);

/// How one kind of virtual machine goes down.
pub(super) struct Ways<'w> {
    /// Whether it is.
    pub is_down: &'w dyn Fn() -> bool,
    /// Asks its guest; nothing where that does not listen.
    pub ask: Option<Call>,
    /// Ends it at once.
    pub end: Call,
    /// Why such a call failed.
    pub failed: fn(&Outcome) -> Diagnostic,
}

/// Takes a machine down, within the grace that it has.
pub(super) type Down<'d> = &'d dyn Fn(&ObservedMachine, Option<Duration>) -> Result<(), Halt>;

impl Doer<'_> {
    /// Shuts the guest down; at the end of its grace, or without one, it is ended.
    pub(super) fn down(&self, ways: &Ways, grace: Option<Duration>) -> Result<(), Halt> {
        if (ways.is_down)() {
            return Ok(());
        }
        if let (Some(grace), Some(ask)) = (grace, &ways.ask) {
            let until = Instant::now() + grace;
            self.must_by(ask, ways.failed)?;
            while Instant::now() < until {
                self.interrupt.wait(GLANCE);
                self.go_on()?;
                if (ways.is_down)() {
                    return Ok(());
                }
            }
        }
        let outcome = self.run(&ways.end);
        if outcome.ok() || (ways.is_down)() {
            return Ok(());
        }
        self.judged(outcome, ways.failed).map(drop)
    }

    /// Stops a virtual machine, and remembers that.
    pub(super) fn stop_vm(&self, job: &mut Job, force: bool, down: Down) -> Result<(), Halt> {
        let Some(found) = job.found else {
            return Ok(());
        };
        let text = format!("vm {}", found.name);
        let stage = self.stage("stop", &text, None);
        // Intents stay what they are: the next `up` or `rm` goes on from there.
        let after = match job.record.stage {
            Stage::Starting | Stage::Running | Stage::Stopped => Stage::Stopped,
            intent => intent,
        };
        // A full disk keeps nobody from stopping a machine.
        let _ = self.save(job, after);
        self.hang_up(job);
        down(found, (!force).then(|| job.grace()))?;
        stage.done(&text);
        Ok(())
    }

    /// What comes before a virtual machine is taken away: the intent, and that it is down.
    pub(super) fn leave_vm(
        &self,
        job: &mut Job,
        force: bool,
        down: Down,
    ) -> Result<ui::Stage, Halt> {
        self.hang_up(job);
        let text = format!("vm {}", job.record.id);
        let stage = self.stage("remove", &text, None);
        // A full disk keeps nobody from freeing it; without its intent, it is found by its label.
        let _ = self.save(job, Stage::Removing);
        if let Some(found) = job.found {
            down(found, (!force).then(|| job.grace()))?;
        }
        Ok(stage)
    }

    /// Runs a call that must succeed; why it did not, its engine knows.
    pub(super) fn must_by(
        &self,
        call: &Call,
        failed: fn(&Outcome) -> Diagnostic,
    ) -> Result<Outcome, Halt> {
        self.go_on()?;
        let outcome = self.run(call);
        self.judged(outcome, failed)
    }

    /// The outcome of a call that must have succeeded.
    pub(super) fn judged(
        &self,
        outcome: Outcome,
        failed: fn(&Outcome) -> Diagnostic,
    ) -> Result<Outcome, Halt> {
        if outcome.ok() {
            Ok(outcome)
        } else if self.interrupt.count() > 0 {
            Err(Halt::Interrupted)
        } else {
            Err(failed(&outcome).into())
        }
    }
}

/// Limits that only a machine that does not run takes.
pub(super) fn needs_restart() -> Diagnostic {
    Diagnostic::error(3002)
        .message("The running machine does not take its new limits; its next start does")
        .help("restart it: vagrantp stop, then vagrantp up")
}
