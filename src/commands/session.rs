//! The library: a session does what the verbs do, says nothing, and gives what came of it as values.

use super::answer::{Answer, INTERRUPTED};
use super::enter::{self, Inside};
use super::find::NotFound;
use super::remove;
use super::running::Running;
use super::seen::Machine;
use super::{Options, Session, run, ssh, status, stop, up};
use crate::call::run::Interrupt;
use crate::diagnostic::report::{self, Style};
use crate::diagnostic::{Diagnostic, Severity};
use crate::state::StateError;
use crate::ui::{self, Voice};
use std::fmt;
use std::path::Path;

/// Why a verb did not do what it was asked.
///
/// It shows itself, also by `{:?}`, as the command line would, so that a test that unwraps it tells all.
#[derive(Clone)]
pub struct Error {
    /// The exit status that the verb has on the command line.
    pub status: u8,
    /// All that was wrong; nothing after an interrupt.
    pub diagnostics: Vec<Diagnostic>,
    report: String,
}

impl Error {
    fn new(status: u8, answer: &Answer) -> Self {
        let style = Style {
            color: false,
            width: 80,
            unicode: true,
        };
        let errors = answer.findings.iter();
        let diagnostics: Vec<Diagnostic> = errors
            .filter(|found| found.severity == Severity::Error)
            .cloned()
            .collect();
        let report = match diagnostics[..] {
            [] => format!("{} ended with status {status}", answer.command),
            _ => report::pretty(&diagnostics, &answer.sources, style),
        };
        Error {
            status,
            diagnostics,
            report: report.trim_end().to_owned(),
        }
    }

    fn finding(folder: &Path, finding: Diagnostic) -> Self {
        let answer = Answer::finding("vagrantp", folder, finding);
        Error::new(answer.exit(), &answer)
    }

    /// Whether an interrupt of the user's ended it.
    pub fn is_interrupted(&self) -> bool {
        self.status == INTERRUPTED
    }

    /// The four digits of the first thing that was wrong.
    pub fn rule(&self) -> Option<u16> {
        Some(self.diagnostics.first()?.rule.number)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_interrupted() {
            true => f.write_str("interrupted"),
            false => f.write_str(&self.report),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

impl From<StateError> for Error {
    fn from(error: StateError) -> Self {
        Error::finding(&super::here(), error.diagnostic())
    }
}

impl From<NotFound> for Error {
    fn from(not_found: NotFound) -> Self {
        let (sources, finding) = *not_found;
        let mut answer = Answer::finding("vagrantp", &super::here(), finding);
        answer.sources = sources;
        Error::new(answer.exit(), &answer)
    }
}

/// What a command in a machine printed, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its exit status; 128 and the signal where one ended it.
    pub status: u8,
    /// What it printed.
    pub stdout: String,
    /// What it complained.
    pub stderr: String,
}

/// For programs such as a `cargo xtask`. Each of these does what the verb of its name does on the command
/// line, through the same code; a process may open any number of sessions. INT, TERM and HUP are heard while
/// one of these works: it then returns an [`Error`] that [is interrupted](Error::is_interrupted).
impl Session {
    /// The project of a folder, or of the nearest one above that has a configuration. Nothing is made yet.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(folder: impl AsRef<Path>) -> Result<Session, Error> {
        let session = Session::hearing(
            Interrupt::none(),
            Options {
                directory: Some(folder.as_ref().to_owned()),
                ui: ui::Options {
                    quiet: true,
                    voice: Voice::Silent,
                    ..ui::Options::default()
                },
                ..Options::default()
            },
        )?;
        session.find_folder()?;
        Ok(session)
    }

    /// The same, with the progress of what it does on stderr.
    pub fn showing_progress(mut self) -> Session {
        self.options.ui.quiet = false;
        self
    }

    /// The same, for these profiles.
    pub fn with_profiles(mut self, names: &[&str]) -> Session {
        self.options.profiles = names.iter().map(ToString::to_string).collect();
        self
    }

    /// Brings machines up, and what they depend on; all without targets. What runs already is fine.
    ///
    /// # Errors
    /// When one does not run as written in the end.
    pub fn up(&self, targets: &[&str]) -> Result<Vec<Machine>, Error> {
        let arguments = up::Arguments {
            targets: owned(targets),
            ensure: true,
            ..up::Arguments::default()
        };
        self.ask(|session| up::run(session, &arguments))
            .map(machines)
    }

    /// Brings machines up until the returned value is dropped, by a panic as well.
    ///
    /// # Errors
    /// As [`Session::up`]; what it began is taken down.
    pub fn up_guarded(&self, targets: &[&str]) -> Result<Running, Error> {
        Running::begin(self.again()?, targets)
    }

    /// Stops machines; all without targets. What does not run is fine.
    ///
    /// # Errors
    /// When one runs on.
    pub fn stop(&self, targets: &[&str]) -> Result<(), Error> {
        let targets = owned(targets);
        self.ask(|session| stop::run(session, &targets, false, true))
            .map(drop)
    }

    /// Removes machines and what is in them, without a question; all without targets. What is not there is
    /// fine.
    ///
    /// # Errors
    /// When something is left.
    pub fn rm(&self, targets: &[&str]) -> Result<(), Error> {
        let arguments = remove::Arguments {
            targets: owned(targets),
            yes: true,
            ensure: true,
            ..remove::Arguments::default()
        };
        self.ask(|session| remove::run(session, &arguments))
            .map(drop)
    }

    /// The project's machines: those that are written, and those that are there.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub fn status(&self) -> Result<Vec<Machine>, Error> {
        self.ask(|session| status::run(session, &[])).map(machines)
    }

    /// Runs a task in its machine, which is brought up if it does not run. The task has our stdin, stdout and
    /// stderr. Its status is returned whatever it is.
    ///
    /// # Errors
    /// When the task could not be begun.
    pub fn run(&self, task: &str, args: &[&str]) -> Result<u8, Error> {
        let arguments = run::Arguments {
            task: Some(task.to_owned()),
            args: owned(args),
        };
        let session = self.again()?;
        let status = run::run(&session, &arguments);
        match session.answered() {
            Some(answer) if status != 0 => Err(Error::new(status, &answer)),
            _ => Ok(status),
        }
    }

    /// Runs a line in a machine's shell, as `ssh -c` does, and returns what it printed. Without a machine, in
    /// the only one.
    ///
    /// # Errors
    /// When no session with the machine came about.
    pub fn exec<'a>(
        &self,
        machine: impl Into<Option<&'a str>>,
        line: &str,
    ) -> Result<Output, Error> {
        let session = self.again()?;
        let folder = session.find_folder()?;
        let entry = ssh::only(&session, &folder, machine.into())?;
        let call = enter::call(&entry, &Inside::Line(line.to_owned()), false);
        let outcome = session.call(&call);
        if session.interrupt.count() > 0 {
            return Err(Error::new(INTERRUPTED, &Answer::new("ssh", &folder)));
        }
        match session.status_of(&entry, &outcome.end, &outcome.stderr) {
            Err(finding) => Err(Error::finding(&folder, *finding)),
            Ok(status) => Ok(Output {
                status,
                stdout: outcome.stdout,
                stderr: outcome.stderr,
            }),
        }
    }

    /// A session that hears interrupts from now on, for one verb.
    pub(super) fn again(&self) -> Result<Session, StateError> {
        Session::new(self.options.clone())
    }

    fn ask(&self, verb: impl FnOnce(&Session) -> u8) -> Result<Answer, Error> {
        let session = self.again()?;
        let status = verb(&session);
        let answer = session.answered();
        let answer = answer.unwrap_or_else(|| Answer::new("vagrantp", &session.start()));
        match status {
            0 => Ok(answer),
            status => Err(Error::new(status, &answer)),
        }
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn machines(answer: Answer) -> Vec<Machine> {
    let machines = answer.machines.into_iter();
    machines
        .filter_map(|machine| serde_json::from_value(machine).ok())
        .collect()
}
