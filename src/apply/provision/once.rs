//! One run of Ansible, for one machine or for all that meet in it.

use super::log::Log;
use super::progress::Progress;
use super::{Play, file_name};
use crate::apply::rounds::Turn;
use crate::apply::{Doer, Halt, Job};
use crate::call::run::{is_needed, run};
use crate::call::{Call, End, Outcome};
use crate::engine::ansible::inventory::{Host, inventory};
use crate::engine::ansible::story::Story;
use crate::engine::ansible::{CALLBACK, Run, events, not_installed};
use crate::engine::failure;
use crate::model::mask::Mask;
use crate::render;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// A machine in a run.
pub(in crate::apply) struct Member {
    host: Host,
    mask: Mask,
}

/// What came of a run.
pub(in crate::apply) struct Done {
    /// What happened.
    pub(super) story: Story,
    /// How it ended; without its events.
    pub(super) outcome: Outcome,
    /// Where all of it is told.
    pub(super) log: PathBuf,
}

impl Doer<'_> {
    /// Runs it once, with the others that are provisioned by the same.
    pub(super) fn run_once(
        &self,
        job: &mut Job,
        play: &Play,
        again: bool,
    ) -> Result<Arc<Done>, Halt> {
        self.go_on()?;
        let again_text = if again { "  again" } else { "" };
        let text = format!("{}{again_text}", play.name);
        let key = play.round(again);
        let member = Member {
            host: self.host(job, play),
            mask: play.mask.clone(),
        };
        let past = format!("provision {}", play.provision.playbook.display());
        let stage = self.stage("provision", &text, self.eta(job, &past));
        let began = Instant::now();
        let name = &play.machine.name;
        let came = match self
            .shared
            .rounds
            .arrive(&key, name, member, self.interrupt)
        {
            Turn::Leads(members) => {
                let done = self.lead(job, play, &stage, members).map(Arc::new);
                self.shared.rounds.finish(
                    &key,
                    match &done {
                        Ok(done) => Ok(done.clone()),
                        Err(Halt::Failed(finding)) => Err(Some(finding.clone())),
                        Err(Halt::Interrupted) => Err(None),
                    },
                );
                done?
            }
            Turn::Came(Ok(done)) => done,
            Turn::Came(Err(Some(finding))) => return Err(Halt::Failed(finding)),
            Turn::Came(Err(None)) => return Err(Halt::Interrupted),
        };
        self.judge(job, play, &came)?;
        let took = began.elapsed().as_secs_f64();
        job.record.durations.insert(past, took);
        let changed = came.story.changed_on(name);
        let verb = if play.check {
            "would change"
        } else {
            "changed"
        };
        let tasks = match came.story.begun {
            1 => "1 task".to_owned(),
            count => format!("{count} tasks"),
        };
        stage.done(&format!("{text}  {tasks}, {changed} {verb}"));
        Ok(came)
    }

    fn lead(
        &self,
        job: &Job,
        play: &Play,
        stage: &crate::ui::Stage,
        members: Vec<Member>,
    ) -> Result<Done, Halt> {
        let path = self.folder(job).log("provision");
        let mut log = Log::open(&path)?;
        let mask = Mask::all(members.iter().map(|member| &member.mask));
        let temporary = self.runtime.join(format!("ansible-{}", job.record.id));
        let call = self.ansible(job, play, &temporary, &members, &mask)?;
        let line = mask.hide(&call.to_string()).into_owned();
        self.ui.call(&line);
        log.line(&format!("$ {line}"));
        let hide = |text: &str| mask.hide(text).into_owned();
        let mut story = Story::default();
        let mut progress = Progress::new(stage, &self.label);
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
        // What Ansible works with holds values; all of it is gone but where Ansible was killed.
        let _ = std::fs::remove_dir_all(&temporary);
        let outcome = Outcome {
            line,
            stderr: hide(&outcome.stderr),
            stdout: String::new(),
            ..outcome
        };
        let took = outcome.took.as_secs_f64();
        log.line(&format!("{} after {took:.1} s", outcome.end));
        if outcome.end == End::Interrupted || self.interrupt.count() > 0 {
            return Err(Halt::Interrupted);
        }
        if let End::NotStarted(_) = outcome.end {
            let finding = not_installed(play.provision);
            return Err(failure::evidence(finding, &outcome).into());
        }
        if play.check {
            log.tell_differences(self.ui);
        }
        Ok(Done {
            story,
            outcome,
            log: path,
        })
    }

    /// The run as a call.
    fn ansible(
        &self,
        job: &Job,
        play: &Play,
        temporary: &Path,
        members: &[Member],
        mask: &Mask,
    ) -> Result<Call, Halt> {
        let folder = self.folder(job);
        let callbacks = folder.path().join("ansible");
        let text = render::stdlib_text(CALLBACK, self.overrides);
        let path = callbacks.join(file_name(Path::new(CALLBACK)));
        folder.write(&path, text.as_bytes(), 0o600)?;
        let provision = play.provision;
        let playbook = self.playbook(&folder, &callbacks, provision)?;
        // Plays may look at the others; what is done is done to those that are meant.
        let own: Vec<&str> = members.iter().map(|it| &*it.host.name).collect();
        let others = self.shared.reached();
        let others: Vec<&Host> = others
            .iter()
            .filter(|host| !own.contains(&&*host.name))
            .collect();
        let all: Vec<&Host> = members.iter().map(|member| &member.host).collect();
        let all: Vec<&Host> = all.into_iter().chain(others.iter().copied()).collect();
        let config = config_beside(&playbook, &job.record.project_path);
        let run = Run {
            playbook: &playbook,
            installed: self.installed(job, play, config.as_deref()),
            callbacks: &callbacks,
            temporary,
            config,
            vars_files: provision
                .vars_files
                .iter()
                .map(|file| &*file.value)
                .collect(),
            vars: provision.given().collect(),
            tags: play.tags.iter().map(String::as_str).collect(),
            check: play.check,
            limit: (!others.is_empty()).then_some(own),
            inventory: inventory(&all),
            hidden: holding(mask),
        };
        Ok(run.call(members.len()))
    }

    fn host(&self, job: &Job, play: &Play) -> Host {
        let Play {
            machine, provision, ..
        } = play;
        let plain = provision.vars.iter();
        let plain = plain.filter(|variable| !machine.is_hidden(variable.value.origin));
        let plain = plain.map(|it| (it.name.value.clone(), it.value.value.clone()));
        let hidden = self.values.hidden_of(machine, provision).into_iter();
        let hidden = hidden.map(|hidden| (hidden.name, hidden.value));
        Host {
            vars: plain.chain(hidden).collect(),
            ..self.met(job, machine)
        }
    }
}

/// Variables of our environment that hold what must not be seen.
pub(super) fn holding(mask: &Mask) -> Vec<String> {
    let all = std::env::vars_os().filter_map(|(name, value)| {
        let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
        (!is_needed(&name) && mask.hide(&value) != value).then_some(name)
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
