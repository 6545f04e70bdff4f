//! A machine is provisioned: Ansible over the way in, followed task by task, judged, remembered.

mod generated;
mod judge;
mod log;
mod once;
mod progress;
mod requirements;

use super::{Doer, Halt, Job};
use crate::engine::ansible::finding::changed_again;
use crate::engine::ansible::inventory::Host;
use crate::model::mask::Mask;
use crate::model::{Machine, Means, Provision};
use crate::plan::provisioning::{is_done, pending};
use crate::state::record::{MachineRecord, Provisioned, Ran, Stage};
use crate::value::Init;
use log::Log;
pub(super) use once::{Done, Member};
use std::collections::BTreeSet;
use std::path::Path;

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

/// What is run for a machine.
struct Play<'a> {
    machine: &'a Machine,
    provision: &'a Provision,
    /// Its name, as lines show it.
    name: String,
    /// Its place among all that the machine is provisioned by.
    place: usize,
    rank: usize,
    check: bool,
    tags: Vec<String>,
    mask: Mask,
}

impl Play<'_> {
    /// What it has in common with those that are run with it. With its place in it nobody waits for one who
    /// waits for him.
    fn round(&self, again: bool) -> String {
        let Provision {
            playbook,
            vars_files,
            ..
        } = self.provision;
        let files: Vec<_> = vars_files.iter().map(|file| &file.value).collect();
        let packages = self.provision.packages().iter();
        let packages: Vec<_> = packages.map(|package| &package.value).collect();
        let names = self.provision.given();
        let (rank, place, check, tags) = (self.rank, self.place, self.check, &self.tags);
        let what = (
            &playbook.value,
            packages,
            files,
            names.collect::<BTreeSet<_>>(),
        );
        format!("{:?}", (rank, place, what, check, tags, again))
    }
}

impl Doer<'_> {
    /// Says which machines may be provisioned together, before any begins: those of one rank.
    pub fn expect<'j>(&self, jobs: impl Iterator<Item = (&'j Job<'j>, usize)>) {
        for (job, rank) in jobs {
            let Some(machine) = job.machine.filter(|_| !self.asked.off) else {
                continue;
            };
            self.shared.ranks(&machine.name, rank);
            for play in self.plays(machine) {
                self.shared.rounds.expect(&play.round(false), &machine.name);
                if self.asked.verify {
                    self.shared.rounds.expect(&play.round(true), &machine.name);
                }
            }
        }
    }

    /// A machine that runs and to which nothing is done: plays may look at it.
    pub fn meets(&self, machine: &Machine, record: &MachineRecord, folder: &Path) {
        if record.access.init != Init::Image {
            let config = folder.join("ssh_config");
            self.shared.reach(host(machine, &record.id, &config, false));
        }
    }

    /// Runs all that a machine is provisioned by; what went well and is as it was is passed over, and that is
    /// said. A machine that is let in runs: whatever comes of this, it is remembered so.
    pub(super) fn provision(&self, job: &mut Job) -> Result<(), Halt> {
        let Some(machine) = job.machine.filter(|_| !self.asked.off) else {
            return Ok(());
        };
        if job.record.access.init == Init::Image {
            return Ok(());
        }
        self.shared.reach(self.met(job, machine));
        if machine.provisions.is_empty() {
            return Ok(());
        }
        job.record
            .created_at
            .get_or_insert_with(jiff::Timestamp::now);
        self.save(job, Stage::Running)?;
        Log::begin(&self.folder(job).log("provision"))?;
        for play in self.plays(machine) {
            if !self.asked.again && is_done(play.provision, &job.record) {
                let text = format!("{}  unchanged since it went well", play.name);
                self.shared.rounds.pass(&play.round(false), &machine.name);
                self.stage("provision", &play.name, None).done(&text);
                continue;
            }
            self.require(job, &play)?;
            self.play(job, &play)?;
        }
        Ok(())
    }

    /// The same where something is new, changed or failed: else not even a line is said.
    pub(super) fn provision_pending(&self, job: &mut Job) -> Result<(), Halt> {
        let is_pending = |machine: &Machine| !pending(machine, &job.record).is_empty();
        match job.machine.is_some_and(is_pending) && !self.asked.off {
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

    fn plays<'m>(&self, machine: &'m Machine) -> Vec<Play<'m>> {
        let hidden = self.values.hidden(machine);
        let play = |(place, provision): (usize, &'m Provision)| {
            let own = self.values.hidden_of(machine, provision);
            let hidden = hidden.iter().chain(&own);
            let written = provision.only_tags.iter().map(|tag| tag.value.clone());
            Play {
                machine,
                provision,
                name: provision.name(),
                place,
                rank: self.shared.rank_of(&machine.name),
                check: self.asked.dry_run || provision.dry_run,
                tags: match self.asked.tags.is_empty() {
                    true => written.collect(),
                    false => self.asked.tags.clone(),
                },
                mask: Mask::new(hidden.map(|hidden| hidden.value.clone())),
            }
        };
        // Tags are of playbooks.
        let is_asked = |(_, it): &(usize, &Provision)| {
            self.asked.tags.is_empty() || it.means == Means::Playbook
        };
        let all = machine.provisions.iter().enumerate();
        all.filter(is_asked).map(play).collect()
    }

    /// One playbook, and what came of it as the record has it: a dry run, and one of some tags, leaves it.
    fn play(&self, job: &mut Job, play: &Play) -> Result<(), Halt> {
        let is_whole = !play.check && self.asked.tags.is_empty();
        if is_whole {
            note(job, play, false);
            self.save(job, Stage::Running)?;
        }
        self.run_once(job, play, false)?;
        if is_whole {
            note(job, play, true);
            self.save(job, Stage::Running)?;
        }
        if !self.asked.verify || play.check {
            return Ok(());
        }
        let again = self.run_once(job, play, true)?;
        let name = &play.machine.name;
        // A script cannot say that it changed nothing: that it goes well again is all that is proved.
        let own = match play.provision.means {
            Means::Script => [].iter(),
            _ => again.story.changed.iter(),
        };
        let mut found = own.filter(|place| place.host == *name).map(changed_again);
        let Some(first) = found.next() else {
            return Ok(());
        };
        found.for_each(|finding| self.shared.adds(finding));
        Err(first.into())
    }

    fn met(&self, job: &Job, machine: &Machine) -> Host {
        let config = self.folder(job).ssh_config();
        host(machine, &job.record.id, &config, job.has_python)
    }
}

fn host(machine: &Machine, id: &str, config: &Path, has_python: bool) -> Host {
    let instance = machine.instance.as_ref();
    Host {
        name: machine.name.clone(),
        id: id.to_owned(),
        config: config.to_owned(),
        tags: machine.tags.iter().map(|tag| tag.to_string()).collect(),
        node: instance.map(|instance| instance.node.clone()),
        has_python,
        vars: Vec::new(),
    }
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
