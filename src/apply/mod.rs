//! Walks a plan: calls → run → record. Decides nothing.

pub mod acceleration;
pub mod boxes;
mod container;
mod domain;
mod down;
pub mod guest_disk;
mod keys;
mod made;
mod provision;
mod reach;
mod ready;
mod rounds;
mod shared;
mod vagrant;
mod virtualbox;
pub mod walk;

pub use provision::Asked;
pub use shared::Shared;

pub use container::lies_at;

use crate::call::run::{Interrupt, run};
use crate::call::{Call, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::image::Base;
use crate::engine::{access, failure};
use crate::model::Machine;
use crate::model::sealed::Values;
use crate::plan::{Action, Step};
use crate::render::Overrides;
use crate::state::StateError;
use crate::state::folder::{Identity, MachineFolder, StateFolder};
use crate::state::observed::ObservedMachine;
use crate::state::record::{MachineRecord, Stage};
use crate::ui::{self, Ui};
use crate::value::Provider;
use domain::Domain;
use std::path::PathBuf;
use std::time::Duration;
use virtualbox::VirtualBox;

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
    /// How machines are provisioned.
    pub asked: Asked,
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
    /// Whether its Python is where distributions have it, once it let us in.
    pub has_python: bool,
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
        match job.record.provider {
            Provider::Podman => self.container_step(job),
            Provider::Libvirt => Domain(self).step(job),
            Provider::Virtualbox => VirtualBox(self).step(job),
        }
    }

    /// Has what a machine is made from, where its step makes it.
    ///
    /// # Errors
    /// When it cannot be had.
    pub fn fetch(&self, job: &mut Job) -> Result<(), Halt> {
        let makes = matches!(
            job.step.action,
            Action::Create | Action::Resume | Action::Recreate { .. }
        );
        let Some(machine) = job.machine.filter(|_| makes) else {
            return Ok(());
        };
        match job.record.provider {
            Provider::Podman => self.had(job, machine, true).map(drop),
            Provider::Libvirt => Domain(self).had(job, machine).map(drop),
            // Vagrant has the box while it makes the machine.
            Provider::Virtualbox => Ok(()),
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
        let interrupt = self.interrupt.clone();
        let stage = self.ui.stage(&self.label, stage, text, eta);
        stage.or_interrupted(move || interrupt.count() > 0)
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

    /// Ends the shared connection; a missing one is fine.
    fn hang_up(&self, job: &Job) {
        let config = self.folder(job).ssh_config();
        if config.exists() {
            self.run(&access::hang_up(&config, &job.record.id));
        }
    }
}
