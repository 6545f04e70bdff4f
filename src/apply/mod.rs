//! Walks a plan: calls → run → record. Decides nothing.

pub mod boxes;
mod create;
mod given;
mod image;
mod keys;
mod names;
mod networks;
mod reach;
mod ready;
mod remove;
mod shared;
pub mod walk;

pub use shared::Shared;

pub use create::lies_at;

use crate::call::run::{Interrupt, run};
use crate::call::{Call, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::image::Base;
use crate::engine::{access, failure, podman};
use crate::model::Machine;
use crate::model::sealed::Values;
use crate::plan::difference::Difference;
use crate::plan::{Action, Step};
use crate::render::Overrides;
use crate::state::StateError;
use crate::state::folder::{Identity, MachineFolder, StateFolder};
use crate::state::observed::ObservedMachine;
use crate::state::record::{MachineRecord, Stage};
use crate::ui::{self, Ui};
use std::path::PathBuf;
use std::time::Duration;

/// The grace that a machine has to stop in.
const STOP_GRACE: Duration = Duration::from_secs(30);

/// Why a step ended before its end.
#[derive(Debug)]
pub enum Halt {
    /// Something failed.
    Failed(Box<Diagnostic>),
    /// The user's interrupt: no new call began.
    Interrupted,
}

impl From<Diagnostic> for Halt {
    fn from(diagnostic: Diagnostic) -> Self {
        Halt::Failed(Box::new(diagnostic))
    }
}

impl From<StateError> for Halt {
    fn from(error: StateError) -> Self {
        error.diagnostic().into()
    }
}

/// What all steps are done with.
#[derive(Clone)]
pub struct Doer<'a> {
    /// The machine's name in what is shown; nothing where only one is at work.
    pub label: String,
    /// What the steps have in common.
    pub shared: &'a Shared,
    /// Shows progress.
    pub ui: &'a Ui,
    /// The user's interrupts.
    pub interrupt: &'a Interrupt,
    /// Where records are.
    pub state: &'a StateFolder,
    /// Where control sockets are.
    pub runtime: PathBuf,
    /// Where what can be made again is.
    pub cache: PathBuf,
    /// The project's own stdlib files.
    pub overrides: Overrides<'a>,
    /// Whether the engine runs as an ordinary user.
    pub rootless: bool,
    /// Whether the engine can limit memory and CPUs.
    pub limits: bool,
    /// What secrets hold.
    pub values: Values,
}

/// One step, with all that is known of its machine.
pub struct Job<'a> {
    /// What to do.
    pub step: &'a Step,
    /// As meant, where the step makes or changes the machine.
    pub machine: Option<&'a Machine>,
    /// Whose record it is.
    pub identity: Identity,
    /// What it is about to be, or is.
    pub record: MachineRecord,
    /// What the engine has of it.
    pub found: Option<&'a ObservedMachine>,
    /// Its image, where that was looked up already.
    pub base: Option<Base>,
    /// Who owns the first shared folder: uid and gid.
    pub owner: Option<(u32, u32)>,
    /// Whether other machines of ours run on root's networks, and stay.
    pub others_run: bool,
    /// The machines that it needs and shares a network with, by the names that it calls them.
    pub needs: Vec<String>,
}

impl Job<'_> {
    /// The grace that the machine has to stop in: as it is written now, else as it was.
    fn grace(&self) -> Duration {
        let remembered = self.record.stop_timeout.map(Duration::from_secs);
        let written = self.machine.map(|machine| machine.stop_timeout.value);
        written.or(remembered).unwrap_or(STOP_GRACE)
    }
}

impl Doer<'_> {
    /// Does one step. The record that it leaves is saved whatever comes of it.
    pub fn step(&self, job: &mut Job) -> Result<(), Halt> {
        match &job.step.action {
            Action::Create | Action::Resume => self.create(job),
            Action::Finish => self.finish(job),
            Action::Start => self.start(job),
            Action::Set(differences) => self.set(job, differences),
            Action::Recreate { keep } => self.recreate(job, *keep),
            Action::Stop { force } => self.stop(job, *force),
            Action::Remove { force } => self.remove(job, *force),
            Action::Forget => self.remove(job, false),
        }
    }

    /// The same for the step of one machine among several.
    pub fn labelled(&self, label: &str) -> Self {
        Doer {
            label: label.to_owned(),
            ..self.clone()
        }
    }

    fn stage(&self, stage: &str, text: &str, eta: Option<Duration>) -> ui::Stage {
        self.ui.stage(&self.label, stage, text, eta)
    }

    /// Runs a call, shown under `-v`.
    fn run(&self, call: &Call) -> Outcome {
        self.ui.call(&call.to_string());
        run(call, self.interrupt, None)
    }

    /// Runs a call that must succeed.
    fn must(&self, call: &Call) -> Result<Outcome, Halt> {
        self.go_on()?;
        let outcome = self.run(call);
        self.check(&outcome)?;
        Ok(outcome)
    }

    fn check(&self, outcome: &Outcome) -> Result<(), Halt> {
        if outcome.ok() {
            Ok(())
        } else if self.interrupt.count() > 0 {
            Err(Halt::Interrupted)
        } else {
            Err(failure::read(outcome).into())
        }
    }

    /// After an interrupt no new call begins.
    fn go_on(&self) -> Result<(), Halt> {
        if self.interrupt.count() > 0 {
            return Err(Halt::Interrupted);
        }
        Ok(())
    }

    fn folder(&self, job: &Job) -> MachineFolder {
        self.state.machine(&job.identity)
    }

    fn save(&self, job: &mut Job, stage: Stage) -> Result<(), Halt> {
        job.record.stage = stage;
        job.record.updated_at = jiff::Timestamp::now();
        self.folder(job).save(&job.record)?;
        Ok(())
    }

    /// Saves that it is about to be so; of all else, what was is still so.
    fn intend(&self, job: &Job, stage: Stage) -> Result<(), Halt> {
        let folder = self.folder(job);
        let mut record = folder.load()?.unwrap_or_else(|| job.record.clone());
        record.stage = stage;
        record.updated_at = jiff::Timestamp::now();
        folder.save(&record)?;
        Ok(())
    }

    /// Starts a machine as it was made.
    fn start(&self, job: &mut Job) -> Result<(), Halt> {
        let Some(found) = job.found else {
            return self.create(job);
        };
        let stage = self.stage("start", &format!("container {}", job.record.id), None);
        self.intend(job, Stage::Running)?;
        {
            let _coming = self.coming(&job.record.networking.networks);
            self.must(&podman::start(found))?;
        }
        self.serve_names(&found.engine_id);
        if job.record.limits_set || job.step.sets_limits() {
            self.limits(job, &found.engine_id)?;
        }
        // Only now: killed before, the record still tells of the old limits.
        self.save(job, Stage::Running)?;
        stage.done(&format!("container {}", job.record.id));
        self.reach(job)?;
        self.wait_for_names(job)?;
        self.ready(job)?;
        job.record
            .created_at
            .get_or_insert_with(jiff::Timestamp::now);
        self.save(job, Stage::Running)
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
        Ok(())
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

    /// An `up` that was cut short after the machine ran.
    fn finish(&self, job: &mut Job) -> Result<(), Halt> {
        job.record.engine_id = job.found.map(|found| found.engine_id.clone());
        self.reach(job)?;
        self.wait_for_names(job)?;
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
            Stage::Running | Stage::Stopped => Stage::Stopped,
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

    /// Ends the shared connection; a missing one is fine.
    fn hang_up(&self, job: &Job) {
        let config = self.folder(job).ssh_config();
        if config.exists() {
            self.run(&access::hang_up(&config, &job.record.id));
        }
    }
}
