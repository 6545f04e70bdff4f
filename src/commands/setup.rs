//! `up --setup`: installs and configures what the engines need, telling each thing before it is done.

use super::Session;
use crate::call::run::run as run_call;
use crate::call::{Call, End, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::failure;
use crate::engine::setup::{self, ANSIBLE, DROP_IN, DROP_IN_TEXT, Manager};
use crate::model::host::Host;
use crate::value::{Choice, Provider};
use std::fs;
use std::path::Path;

mod libvirt;
mod ordinary;

/// What `--setup` takes.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// Without a question.
    pub yes: bool,
}

type Failure = Box<Diagnostic>;

/// Brings the host to where machines of these providers run, and are provisioned where one is to be. Without
/// `--setup` nothing is done.
///
/// # Errors
/// When it may not be done, was not wanted, or did not help.
pub fn run(
    session: &Session,
    wanted: Option<Setup>,
    host: &Host,
    mut providers: Vec<Provider>,
    provisions: bool,
) -> Result<(), Failure> {
    let Some(Setup { yes }) = wanted else {
        return Ok(());
    };
    if !yes && !session.ui.is_terminal() {
        return Err(Diagnostic::error(2901)
            .message("`--setup` asks before it changes this host: without a terminal it needs `-y`")
            .help("write: vagrantp up --setup -y")
            .into());
    }
    providers.sort();
    providers.dedup();
    for provider in providers {
        let work = Work {
            session,
            yes,
            host,
            provider,
            provisions,
            is_root: host.uid == 0,
        };
        work.packages()?;
        match provider {
            Provider::Podman => {
                if !work.is_root {
                    work.ordinary_user()?;
                }
                work.container()?;
            }
            Provider::Libvirt => work.libvirt()?,
            // It is in no distribution's archive: that it is missing is told by whoever asks it.
            Provider::Virtualbox => {}
        }
    }
    Ok(())
}

/// One run of it.
struct Work<'a> {
    session: &'a Session,
    yes: bool,
    host: &'a Host,
    provider: Provider,
    provisions: bool,
    is_root: bool,
}

impl Work<'_> {
    fn packages(&self) -> Result<(), Failure> {
        let name = &self.host.distribution.pretty_name;
        let Some(manager) = Manager::of(&self.host.distribution) else {
            self.say(&format!(
                "setup: how packages are installed on {name} is not known; only what is there is tried"
            ));
            return Ok(());
        };
        let ansible = self.provisions.then_some(ANSIBLE);
        let wanted = manager
            .packages(self.provider, &self.host.distribution)
            .into_iter()
            .chain(ansible);
        let wanted: Vec<&str> = wanted.collect();
        let missing = manager.missing(&wanted, &self.ask(&manager.installed(&wanted)));
        if missing.is_empty() {
            self.say("setup: every package is installed");
            return Ok(());
        }
        let calls = manager.install(&missing);
        let lines: Vec<String> = calls.iter().map(Call::to_string).collect();
        if !self.is_root {
            return Err(self.by_root(sudo(lines)));
        }
        self.announce("setup: packages are missing; this installs them:", &lines);
        self.agreed()?;
        calls.iter().try_for_each(|call| self.act(call))
    }

    /// Runs a call that changes the host, and must succeed.
    fn act(&self, call: &Call) -> Result<(), Failure> {
        let text = text_of(call);
        let stage = self.session.ui.stage("", "setup", &text, None);
        let detail = &mut |line: &str| stage.detail(line);
        let outcome = run_call(call, &self.session.interrupt, Some(detail));
        if !outcome.ok() {
            return Err(failure::evidence(
                Diagnostic::error(5001)
                    .message(format!("Setting up failed: {text} ({})", outcome.end))
                    .help("mend what the lines above say, then: vagrantp up --setup"),
                &outcome,
            )
            .into());
        }
        stage.done(&text);
        Ok(())
    }

    /// A container runs, if need be with the drop-in.
    fn container(&self) -> Result<(), Failure> {
        let first = self.probe()?;
        if first.ok() {
            self.say("setup: a container runs");
            return Ok(());
        }
        let is_written = fs::read_to_string(DROP_IN).is_ok_and(|text| text == DROP_IN_TEXT);
        if is_written || !setup::drop_in_mends(&first) {
            return Err(failure::read(&first).into());
        }
        let why = first.tail(1).pop().unwrap_or_default();
        self.say(&format!("setup: no container runs: {why}"));
        if Path::new(DROP_IN).exists() {
            return Err(failure::evidence(
                Diagnostic::error(5001)
                    .message(format!(
                        "{DROP_IN} exists, and holds something else than is needed"
                    ))
                    .help(format!("remove it, and try again: rm {DROP_IN}")),
                &first,
            )
            .into());
        }
        if !self.is_root {
            return Err(self.by_root(setup::drop_in_by_hand("sudo ")));
        }
        let title = format!("setup: this goes into {DROP_IN}:");
        let lines: Vec<String> = DROP_IN_TEXT.lines().map(str::to_owned).collect();
        self.announce(&title, &lines);
        self.agreed()?;
        write_drop_in().map_err(|error| {
            Diagnostic::error(5003)
                .message(format!("{DROP_IN} cannot be written: {error}"))
                .help("write it by hand, with the lines above")
        })?;
        self.say(&format!("setup: {DROP_IN} is written"));
        let second = self.probe()?;
        if !second.ok() {
            return Err(failure::read(&second).into());
        }
        self.say("setup: a container runs");
        Ok(())
    }

    /// Runs a container of the host's own programs.
    fn probe(&self) -> Result<Outcome, Failure> {
        let no_folder = |error: std::io::Error| {
            Diagnostic::error(1801)
                .message(format!("No temporary folder can be made: {error}"))
                .help("free space there, or set TMPDIR to a folder that can be written")
        };
        let root = tempfile::Builder::new()
            .prefix("vagrantp-probe-")
            .tempdir()
            .map_err(no_folder)?;
        let mut programs = Vec::new();
        for name in ["usr", "bin", "sbin", "lib", "lib64"] {
            let here = Path::new("/").join(name);
            let there = root.path().join(name);
            match fs::read_link(&here) {
                Ok(target) => std::os::unix::fs::symlink(target, there).map_err(no_folder)?,
                Err(_) if here.is_dir() => {
                    fs::create_dir(there).map_err(no_folder)?;
                    programs.push(here);
                }
                Err(_) => {}
            }
        }
        let programs: Vec<&Path> = programs.iter().map(AsRef::as_ref).collect();
        let call = setup::probe(root.path(), &programs);
        let stage = self.session.ui.stage(
            "",
            "setup",
            "podman run, to see whether a container runs",
            None,
        );
        let outcome = self.ask(&call);
        stage.withdraw();
        match outcome.end {
            End::NotStarted(_) | End::Deadline(_) => Err(failure::read(&outcome).into()),
            _ => Ok(outcome),
        }
    }

    fn ask(&self, call: &Call) -> Outcome {
        self.session.ui.call(&call.to_string());
        run_call(call, &self.session.interrupt, None)
    }

    /// What changes the host is told in any case, also to who wants no progress.
    fn say(&self, text: &str) {
        self.session.ui.err(text);
    }

    fn announce(&self, title: &str, lines: &[String]) {
        self.say(title);
        for line in lines {
            self.say(format!("    {line}").trim_end());
        }
    }

    fn agreed(&self) -> Result<(), Failure> {
        if self.yes || self.session.confirm("Do this?") {
            return Ok(());
        }
        Err(Diagnostic::error(5001)
            .message(format!(
                "Provider '{}' is not installed or not configured: setting it up was not wanted",
                self.provider.word()
            ))
            .help("run the commands above by hand, or: vagrantp up --setup")
            .into())
    }

    fn by_root(&self, lines: Vec<String>) -> Failure {
        Diagnostic::error(5001)
            .message(format!(
                "Provider '{}' is not installed or not configured: this needs root",
                self.provider.word()
            ))
            .help("run these commands, then again: vagrantp up")
            .details(lines)
            .into()
    }
}

/// `apt-get install`, without the words that nobody reads twice.
fn text_of(call: &Call) -> String {
    const VERBS: &[&str] = &[
        "update",
        "install",
        "add",
        "-S",
        "enable",
        "pool-define-as",
        "pool-build",
        "pool-autostart",
        "pool-start",
    ];
    let mut words = call.args.iter();
    let verb = words.find(|arg| VERBS.contains(&arg.as_str()));
    let text = format!("{} {}", call.program, verb.map_or("", String::as_str));
    text.trim_end().to_owned()
}

fn sudo(lines: Vec<String>) -> Vec<String> {
    lines.iter().map(|line| format!("sudo {line}")).collect()
}

fn write_drop_in() -> std::io::Result<()> {
    let path = Path::new(DROP_IN);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, DROP_IN_TEXT)
}
