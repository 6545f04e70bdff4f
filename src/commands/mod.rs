//! The verbs, one file each, and what they share: the session that finds, reads, compiles and asks.

pub mod advice;
pub mod answer;
pub mod arrival;
pub mod boxes;
pub mod bring;
pub mod check;
pub mod compile;
pub mod config;
pub mod convert;
pub mod disk;
pub mod enter;
pub mod errands;
pub mod explain;
pub mod files_of;
pub mod find;
pub mod fingerprint;
pub mod fmt;
pub mod isolated;
mod lacking;
mod load;
pub mod looking;
pub mod ls;
pub mod machine_json;
pub mod machines;
pub mod making;
pub mod placed;
pub mod plan;
pub mod profiles;
pub mod provision;
pub mod recall;
pub mod remove;
pub mod render;
pub mod reserve;
pub mod results;
pub mod root;
pub mod run;
pub mod running;
pub mod scene;
pub mod seen;
pub mod session;
pub mod setup;
pub mod ssh;
pub mod ssh_config;
pub mod status;
pub mod stop;
pub mod targets;
pub mod together;
pub mod understood;
pub mod unsupported;
pub mod up;
pub mod usage;
pub mod volumes;
pub mod whose;

use self::answer::Answer;
use crate::apply::{Asked, Doer, Shared};
use crate::call::run::{Interrupt, run, wait_for_left_behind};
use crate::call::{Call, Outcome};
use crate::engine::{libvirt, podman, vagrant, virtualbox};
use crate::model::joined::network_of;
use crate::model::sealed::Values;
use crate::state::StateError;
use crate::state::folder::StateFolder;
use crate::state::lock::{self, Lock, LockError};
use crate::state::observed::ObservedMachine;
use crate::state::project;
use crate::state::runtime::{cache_folder, runtime_folder};
use crate::ui::{self, Ui};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

/// How long the engine may take to finish what a killed vagrantp began.
const LEFT_BEHIND: Duration = Duration::from_secs(120);

/// What every verb understands.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The configuration file, instead of looking for one.
    pub file: Option<PathBuf>,
    /// Where to look from, instead of the working directory.
    pub directory: Option<PathBuf>,
    /// Profiles, which need a `vagrantp.kdl`.
    pub profiles: Vec<String>,
    /// Not even the project's own default.
    pub no_profile: bool,
    /// `[machine.]setting=value`, over all that is written.
    pub flags: Vec<String>,
    /// How many machines are worked on at once, where that is said.
    pub parallel: Option<usize>,
    /// How long to wait for another vagrantp at work on this project.
    pub lock_timeout: Duration,
    /// What to print.
    pub ui: ui::Options,
}

/// One run of a verb: where it is, whom it asks, what it prints through.
pub struct Session {
    /// What every verb understands.
    pub options: Options,
    /// Prints.
    pub ui: Ui,
    /// The user's interrupts.
    pub interrupt: Interrupt,
    /// What is remembered.
    pub state: StateFolder,
    /// What the last verb answered, where a program asked.
    kept: Mutex<Option<Answer>>,
}

/// A variable of the process environment; one that is not UTF-8 counts as unset.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The process environment, without what is not UTF-8.
pub fn variables() -> Vec<(String, String)> {
    let text = |word: std::ffi::OsString| word.into_string().ok();
    std::env::vars_os()
        .filter_map(|(name, value)| Some((text(name)?, text(value)?)))
        .collect()
}

impl Session {
    /// Begins a run, which hears interrupts as long as it lives.
    ///
    /// # Errors
    /// When this user has no home and no state folder is set.
    pub fn new(options: Options) -> Result<Self, StateError> {
        Self::hearing(Interrupt::install(), options)
    }

    fn hearing(interrupt: Interrupt, options: Options) -> Result<Self, StateError> {
        Ok(Session {
            ui: Ui::new(options.ui),
            interrupt,
            state: StateFolder::locate(&environment)?,
            kept: Mutex::default(),
            options,
        })
    }

    /// Where to look from, absolute and without links.
    fn start(&self) -> PathBuf {
        let here = here();
        let start = self
            .options
            .directory
            .as_ref()
            .map_or(here.clone(), |to| here.join(to));
        start.canonicalize().unwrap_or(start)
    }

    /// Runs a call, shown under `-v`.
    fn call(&self, call: &Call) -> Outcome {
        self.ui.call(&call.to_string());
        run(call, &self.interrupt, None)
    }

    /// Holds a project while something is done to it.
    fn hold(&self, project: uuid::Uuid, verb: &str) -> Result<Lock, LockError> {
        let path = self.state.lock_path(project);
        let interrupted = || self.interrupt.count() > 0;
        let command = format!("vagrantp {verb}");
        let lock = lock::acquire(&path, &command, self.options.lock_timeout, &interrupted)?;
        self.wait_for_left_behind(project);
        Ok(lock)
    }

    /// The project that the engine knows a folder as by its label: for a folder of which all that
    /// was remembered is lost. One that is noted elsewhere was here once, and is there now.
    fn recognized(&self, folder: &Path, observed: &[ObservedMachine]) -> Option<uuid::Uuid> {
        let mut here = observed
            .iter()
            .filter(|seen| seen.path.as_deref() == Some(folder));
        here.find_map(|seen| seen.project)
            .filter(|uuid| !project::is_noted(&self.state, *uuid))
    }

    /// Lets the engine finish what a killed vagrantp began: it is never signalled, so it goes on.
    fn wait_for_left_behind(&self, project: uuid::Uuid) {
        let mut defined = Vec::new();
        let mut playbooks: Vec<String> = Vec::new();
        let mut names = vec![
            format!("{}={project}", podman::PROJECT),
            network_of(project),
        ];
        for folder in self.state.machines_of(project) {
            let Some(record) = folder.load().ok().flatten() else {
                continue;
            };
            defined.push(vagrant::which(&record.id));
            names.extend(record.engine_id);
            let cut = record.provisions.into_iter().filter(|ran| !ran.ok);
            playbooks.extend(cut.map(|ran| ran.playbook.display().to_string()));
        }
        let meant = |words: &[String]| {
            podman::changes(words)
                && words.iter().any(|word| {
                    let ours = |name: &String| {
                        word == name
                            || word.ends_with(&format!("={name}"))
                            || word.starts_with(&format!("{name}-"))
                    };
                    names.iter().any(ours)
                })
        };
        let mut stage = None;
        let mut told = || {
            stage.get_or_insert_with(|| {
                let text = "for what was begun before and cut short";
                self.ui.stage("", "wait", text, None)
            });
        };
        wait_for_left_behind("podman", &meant, &self.interrupt, LEFT_BEHIND, &mut told);
        let of_vm = |words: &[String]| {
            libvirt::changes(words) && words.iter().any(|word| names.contains(word))
        };
        wait_for_left_behind("virsh", &of_vm, &self.interrupt, LEFT_BEHIND, &mut told);
        let of_vm = |words: &[String]| {
            virtualbox::changes(words) && words.iter().any(|word| names.contains(word))
        };
        wait_for_left_behind(
            "VBoxManage",
            &of_vm,
            &self.interrupt,
            LEFT_BEHIND,
            &mut told,
        );
        let defines = |words: &[String]| words.iter().any(|word| defined.contains(word));
        wait_for_left_behind("vagrant", &defines, &self.interrupt, LEFT_BEHIND, &mut told);
        let plays = |words: &[String]| words.iter().any(|word| playbooks.contains(word));
        let ansible = "ansible-playbook";
        wait_for_left_behind(ansible, &plays, &self.interrupt, LEFT_BEHIND, &mut told);
        if let Some(stage) = stage {
            stage.done("for what was begun before and cut short");
        }
    }

    /// A yes or no on the terminal; anything but a yes is a no.
    fn confirm(&self, question: &str) -> bool {
        self.ui.ask(&format!("{question} [y/N] "));
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes")
    }

    /// What steps are done with.
    fn doer<'a>(
        &'a self,
        shared: &'a Shared,
        overrides: crate::render::Overrides<'a>,
    ) -> Result<Doer<'a>, StateError> {
        Ok(Doer {
            label: String::new(),
            shared,
            ui: &self.ui,
            interrupt: &self.interrupt,
            state: &self.state,
            runtime: runtime_folder(&environment)?,
            cache: cache_folder(&environment)?,
            overrides,
            rootless: !rustix::process::geteuid().is_root(),
            limits: crate::state::host::limits_are_enforced(),
            values: Values::default(),
            asked: Asked::default(),
        })
    }
}

fn here() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"))
}

/// Tells that this user has no state folder, where no session could begin.
pub fn homeless(error: &StateError, options: ui::Options) -> u8 {
    let ui = Ui::new(options);
    let finding = error.diagnostic();
    if options.json {
        let answer = Answer::finding("vagrantp", &here(), finding);
        ui.document(&answer.document_with(&answer.sources));
        return answer.exit();
    }
    ui.err(&format!(
        "error[{}]: {}",
        finding.rule.number, finding.message
    ));
    ui.err(&format!("  help: {}", finding.help.unwrap_or_default()));
    finding.rule.exit()
}

/// A project's own version of a stdlib file.
fn own_template(folder: &Path, name: &str) -> Option<String> {
    std::fs::read_to_string(folder.join("templates").join(name)).ok()
}

/// A folder as a user names it: relative to the working directory where it is below it.
fn shown(folder: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| folder.strip_prefix(here).ok().map(Path::to_owned));
    match below {
        Some(path) if path.as_os_str().is_empty() => ".".into(),
        Some(path) => path.display().to_string(),
        None => folder.display().to_string(),
    }
}
