//! A machine is provisioned: Ansible over the way in, followed task by task, judged, remembered.

mod log;
mod progress;

use super::{Doer, Halt, Job};
use crate::call::run::run;
use crate::call::{End, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::ansible::finding::{changed_again, finding, locked_out};
use crate::engine::ansible::inventory::{Host, inventory};
use crate::engine::ansible::story::{Place, Story};
use crate::engine::ansible::verdict::{Trouble, verdict};
use crate::engine::ansible::{CALLBACK, Run, events};
use crate::engine::{access, failure};
use crate::model::mask::Mask;
use crate::model::{Machine, Provision};
use crate::plan::provisioning::{is_done, pending};
use crate::render;
use crate::state::record::{Provisioned, Ran, Stage};
use crate::value::Init;
use log::Log;
use progress::Progress;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How machines are provisioned.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Not at all.
    pub off: bool,
    /// Also by what went well already.
    pub again: bool,
    /// Only say what it would change.
    pub dry_run: bool,
    /// A second time, in which nothing may change.
    pub verify: bool,
    /// Only tasks with these tags.
    pub tags: Vec<String>,
}

/// How long a machine may take to let us in again after its sshd was started anew.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is run for a machine.
struct Play<'a> {
    machine: &'a Machine,
    provision: &'a Provision,
    /// Its name, as lines show it.
    name: String,
    check: bool,
    mask: Mask,
    config: PathBuf,
}

impl Doer<'_> {
    /// Runs all that a machine is provisioned by; what went well and is as it was is passed over, and that is
    /// said. A machine that is let in runs: whatever comes of this, it is remembered so.
    pub(super) fn provision(&self, job: &mut Job) -> Result<(), Halt> {
        let Some(machine) = job.machine else {
            return Ok(());
        };
        let is_entered = job.record.access.init != Init::Image;
        if self.asked.off || machine.provisions.is_empty() || !is_entered {
            return Ok(());
        }
        job.record
            .created_at
            .get_or_insert_with(jiff::Timestamp::now);
        self.save(job, Stage::Running)?;
        let path = self.folder(job).log("provision");
        let mut log = Log::begin(&path)?;
        for provision in &machine.provisions {
            let name = file_name(&provision.playbook);
            if !self.asked.again && is_done(provision, &job.record) {
                let text = format!("{name}  unchanged since it went well");
                self.stage("provision", &name, None).done(&text);
                continue;
            }
            let hidden = self.values.hidden(machine).into_iter();
            let hidden = hidden.chain(self.values.hidden_of(machine, provision));
            let play = Play {
                machine,
                provision,
                name,
                check: self.asked.dry_run || provision.dry_run,
                mask: Mask::new(hidden.map(|hidden| hidden.value)),
                config: self.folder(job).ssh_config(),
            };
            self.play(job, &play, &mut log)?;
        }
        Ok(())
    }

    /// The same where something is new, changed or failed: else not even a line is said.
    pub(super) fn provision_pending(&self, job: &mut Job) -> Result<(), Halt> {
        let is_pending = |machine: &Machine| !pending(machine, &job.record).is_empty();
        match job.machine.is_some_and(is_pending) {
            true => self.provision_again(job),
            false => Ok(()),
        }
    }

    /// The same for a machine that runs already.
    pub(super) fn provision_again(&self, job: &mut Job) -> Result<(), Halt> {
        job.record.engine_id = job.found.map(|found| found.engine_id.clone());
        self.reach(job)?;
        self.provision(job)?;
        self.ready(job)?;
        self.save(job, Stage::Running)
    }

    /// One playbook, and what came of it as the record has it: a dry run, and one of some tags, leaves it.
    fn play(&self, job: &mut Job, play: &Play, log: &mut Log) -> Result<(), Halt> {
        let is_whole = !play.check && self.asked.tags.is_empty();
        if is_whole {
            note(job, play, false);
            self.save(job, Stage::Running)?;
        }
        let story = self.run_once(job, play, log)?;
        if is_whole {
            note(job, play, true);
            self.save(job, Stage::Running)?;
        }
        let _ = story;
        if !self.asked.verify || play.check {
            return Ok(());
        }
        let again = self.run_once(job, play, log)?;
        let mut found = again.changed.iter().map(changed_again);
        let Some(first) = found.next() else {
            return Ok(());
        };
        found.for_each(|finding| self.shared.adds(finding));
        Err(first.into())
    }

    /// Runs it once.
    fn run_once(&self, job: &mut Job, play: &Play, log: &mut Log) -> Result<Story, Halt> {
        self.go_on()?;
        let playbook = &play.provision.playbook.value;
        let temporary = self.runtime.join(format!("ansible-{}", job.record.id));
        let call = self.ansible(job, play, &temporary)?.call();
        let line = play.mask.hide(&call.to_string()).into_owned();
        self.ui.call(&line);
        log.line(&format!("$ {line}"));
        let key = format!("provision {}", playbook.display());
        let stage = self.stage("provision", &play.name, self.eta(job, &key));
        let hide = |text: &str| play.mask.hide(text).into_owned();
        let mut story = Story::default();
        let mut progress = Progress::new(&stage, &self.label);
        let began = Instant::now();
        let mut on_line = |line: &str| match events::read(line) {
            Some(event) => {
                let event = event.masked(&hide);
                story.take(&event);
                progress.take(&event, &story);
                log.event(&event);
            }
            None => log.line(&hide(line)),
        };
        let outcome = run(&call, self.interrupt, Some(&mut on_line));
        drop(call);
        progress.end();
        // What Ansible works with holds values; it is gone but where Ansible was killed.
        let _ = std::fs::remove_dir_all(&temporary);
        let outcome = Outcome {
            line,
            stderr: hide(&outcome.stderr),
            stdout: String::new(),
            ..outcome
        };
        log.line(&format!(
            "{} after {:.1} s",
            outcome.end,
            outcome.took.as_secs_f64()
        ));
        if outcome.end == End::Interrupted || self.interrupt.count() > 0 {
            return Err(Halt::Interrupted);
        }
        if let End::NotStarted(_) = outcome.end {
            let finding = Diagnostic::error(5004)
                .message("Ansible is not installed")
                .at_origin(play.provision.playbook.origin)
                .help(failure::install("ansible"));
            return Err(failure::evidence(finding, &outcome).into());
        }
        let troubles = verdict(&story, &outcome.end, &outcome.stderr);
        let findings = self.findings(job, play, &troubles, &story, &outcome);
        let mut findings = findings.into_iter();
        if let Some(first) = findings.next() {
            findings.for_each(|finding| self.shared.adds(finding));
            return Err(first.into());
        }
        let took = began.elapsed().as_secs_f64();
        job.record.durations.insert(key, took);
        let changed = story.changed.len();
        let verb = if play.check {
            "would change"
        } else {
            "changed"
        };
        stage.done(&format!(
            "{}  {} tasks, {changed} {verb}",
            play.name, story.begun
        ));
        if play.check {
            log.tell_differences(self.ui);
        }
        Ok(story)
    }

    /// The run as data.
    fn ansible<'p>(
        &self,
        job: &Job,
        play: &'p Play,
        temporary: &'p Path,
    ) -> Result<Prepared<'p>, Halt> {
        let folder = self.folder(job);
        let callbacks = folder.path().join("ansible");
        let text = render::stdlib_text(CALLBACK, self.overrides);
        let path = callbacks.join(file_name(Path::new(CALLBACK)));
        folder.write(&path, text.as_bytes(), 0o600)?;
        let provision = play.provision;
        let tags = match self.asked.tags.is_empty() {
            true => provision
                .only_tags
                .iter()
                .map(|tag| tag.value.clone())
                .collect(),
            false => self.asked.tags.clone(),
        };
        Ok(Prepared {
            play,
            temporary,
            callbacks,
            tags,
            config: config_beside(&provision.playbook, &job.record.project_path),
            inventory: inventory(&[self.host(job, play)]),
        })
    }

    fn host(&self, job: &Job, play: &Play) -> Host {
        let Play {
            machine, provision, ..
        } = play;
        let plain = provision.vars.iter();
        let plain = plain.filter(|variable| !machine.is_hidden(variable.value.origin));
        let plain =
            plain.map(|variable| (variable.name.value.clone(), variable.value.value.clone()));
        let hidden = self.values.hidden_of(machine, provision).into_iter();
        Host {
            name: machine.name.clone(),
            id: job.record.id.clone(),
            config: play.config.clone(),
            tags: machine.tags.iter().map(|tag| tag.to_string()).collect(),
            node: machine
                .instance
                .as_ref()
                .map(|instance| instance.node.clone()),
            vars: plain
                .chain(hidden.map(|hidden| (hidden.name, hidden.value)))
                .collect(),
        }
    }

    /// What is to be told, with the way to the whole of it.
    fn findings(
        &self,
        job: &Job,
        play: &Play,
        troubles: &[Trouble],
        story: &Story,
        outcome: &Outcome,
    ) -> Vec<Diagnostic> {
        let playbook = &play.provision.playbook;
        let target = play.machine.target();
        let mut found: Vec<Diagnostic> = troubles
            .iter()
            .map(|trouble| finding(trouble, playbook, &target, outcome))
            .collect();
        let is_lost =
            |trouble: &Trouble| matches!(trouble, Trouble::Task(failure) if failure.is_unreachable);
        let may_be_shut =
            !play.check && (!story.changed.is_empty() || troubles.iter().any(is_lost));
        if let Some(why) = may_be_shut.then(|| self.shut_out(job)).flatten() {
            if troubles.iter().all(is_lost) {
                found.clear();
            }
            found.push(why.finding(story.changed.last()));
        }
        let log = self.folder(job).log("provision");
        let told = found.into_iter().map(|finding| {
            finding
                .related("played here", playbook.origin)
                .details([format!("log: {}", log.display())])
        });
        told.collect()
    }

    /// Why nobody is let in any more, where that is so.
    fn shut_out(&self, job: &Job) -> Option<Shut> {
        let began = Instant::now();
        let mut pause = Duration::from_millis(50);
        let call = access::fresh_session(&self.folder(job).ssh_config(), &job.record.id);
        loop {
            let outcome = self.run(&call);
            if outcome.ok() || self.interrupt.count() > 0 {
                return None;
            }
            if let Some(how) = job.made(self).and_then(|made| self.gone(&made)) {
                return Some(Shut::Gone(how));
            }
            if began.elapsed() > PATIENCE {
                return Some(Shut::Out(outcome.tail(1).join(" ")));
            }
            self.interrupt.wait(pause);
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }
}

/// Why nobody is let in.
enum Shut {
    /// The machine ended.
    Gone(String),
    /// It runs, and ssh says this.
    Out(String),
}

impl Shut {
    fn finding(&self, last: Option<&Place>) -> Diagnostic {
        match self {
            Shut::Out(why) => locked_out(last, why),
            Shut::Gone(how) => {
                let finding = Diagnostic::error(7006)
                    .message(format!(
                        "Ansible playbook failed: the machine stopped: {how}"
                    ))
                    .help("start it: vagrantp up");
                match last {
                    Some(place) => finding.in_file(&place.file, place.line, None),
                    None => finding,
                }
            }
        }
    }
}

/// A run, with what it borrows from.
struct Prepared<'a> {
    play: &'a Play<'a>,
    temporary: &'a Path,
    callbacks: PathBuf,
    tags: Vec<String>,
    config: Option<PathBuf>,
    inventory: Vec<u8>,
}

impl Prepared<'_> {
    fn call(self) -> crate::call::Call {
        let provision = self.play.provision;
        Run {
            playbook: &provision.playbook,
            callbacks: &self.callbacks,
            temporary: self.temporary,
            config: self.config,
            vars_files: provision
                .vars_files
                .iter()
                .map(|file| &*file.value)
                .collect(),
            tags: self.tags.iter().map(String::as_str).collect(),
            check: self.play.check,
            limit: None,
            inventory: self.inventory,
            hidden: holding(&self.play.mask),
        }
        .call()
    }
}

/// Variables of our environment that hold what must not be seen.
fn holding(mask: &Mask) -> Vec<String> {
    let needed = ["PATH", "HOME", "USER", "LOGNAME", "TMPDIR"];
    let all = std::env::vars_os().filter_map(|(name, value)| {
        let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
        (!needed.contains(&&*name) && mask.hide(&value) != value).then_some(name)
    });
    all.collect()
}

/// The project's own configuration of Ansible, which looks for one only in the playbook's folder.
fn config_beside(playbook: &Path, project: &Path) -> Option<PathBuf> {
    let beside = playbook.parent()?.join("ansible.cfg");
    let own = project.join("ansible.cfg");
    let is_set = std::env::var_os("ANSIBLE_CONFIG").is_some();
    (!is_set && !beside.exists() && own.exists()).then_some(own)
}

/// Notes that a playbook has begun, or went well; of what is not written any more nothing stays.
fn note(job: &mut Job, play: &Play, ok: bool) {
    let written = |ran: &Ran| {
        let mut all = play.machine.provisions.iter();
        all.any(|provision| provision.fingerprint == ran.fingerprint)
    };
    let fingerprint = &play.provision.fingerprint;
    let playbook = &play.provision.playbook.value;
    let ran = &mut job.record.provisions;
    ran.retain(|ran| {
        ran.fingerprint != *fingerprint && (written(ran) || ran.playbook != *playbook)
    });
    ran.push(Ran {
        playbook: playbook.clone(),
        fingerprint: fingerprint.clone(),
        ok,
        at: jiff::Timestamp::now(),
    });
    job.record.provisioned = match ran.iter().all(|ran| ran.ok) {
        true => Provisioned::Ok,
        false => Provisioned::Failed,
    };
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
