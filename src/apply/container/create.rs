//! A machine is made: intent, image, keys, network, container, way in.

use super::given::Unseen;
use super::{Doer, Halt, Job};
use crate::call::Outcome;
use crate::diagnostic::Diagnostic;
use crate::engine::image::Base;
use crate::engine::podman::{Covered, Ids, RunInputs};
use crate::engine::{failure, image, podman};
use crate::model::Machine;
use crate::model::joined::Joined;
use crate::plan::Action;
use crate::plan::remember::digest;
use crate::render;
use crate::state::observed::Seen;
use crate::state::record::{Provisioned, Stage};
use crate::value::{Init, Provider};
use std::path::Path;

impl Doer<'_> {
    pub(super) fn create(&self, job: &mut Job) -> Result<(), Halt> {
        let Some(machine) = job.machine else {
            return Ok(());
        };
        // What replaces a machine is here before that one goes: it may be had from nowhere.
        let replaces = matches!(job.step.action, Action::Recreate { .. });
        let (base, init) = self.had(job, machine, replaces)?;
        if job.record.stage != Stage::Creating {
            self.save(job, Stage::Creating)?;
        }
        if let Some(found) = job.found {
            let alone = self.alone();
            self.take_away(found)?;
            drop(alone);
            if found.state == Seen::Made {
                self.clear_up_after(job, &found.engine_id);
            }
        }
        if let (Action::Recreate { keep: false }, Some(image)) =
            (&job.step.action, &job.record.kept)
        {
            self.run(&podman::remove_image(image));
            job.record.kept = None;
        }
        if job.record.kept.is_none() {
            // Nothing of what was done to its old self is in it.
            job.record.provisioned = Provisioned::Never;
            job.record.provisions.clear();
        }
        let result = self.make(job, machine, &base, init);
        if let Err(Halt::Failed(_)) = &result {
            self.clear(job);
        }
        result?;
        self.reach(job)?;
        self.wait_for_names(job)?;
        self.provision(job)?;
        self.ready(job)?;
        job.record.created_at = Some(jiff::Timestamp::now());
        self.save(job, Stage::Running)
    }

    /// Made anew: with what was installed in it, or from its image.
    pub(super) fn recreate(&self, job: &mut Job, keep: bool) -> Result<(), Halt> {
        let Some(found) = job.found else {
            return self.create(job);
        };
        if keep {
            let stage = self.stage("keep", "what was installed", None);
            // The intent, and whose image is to be removed with the machine: killed before the
            // commit is done, the next `up` begins anew with the old machine, which was only stopped.
            let tag = podman::kept_image(&job.record.id);
            job.record.kept = Some(tag.clone());
            self.save(job, Stage::Keeping)?;
            self.hang_up(job);
            if found.word == "running" || found.word == "paused" {
                let _alone = self.alone();
                for call in podman::stop(found, Some(job.grace())) {
                    self.must(&call)?;
                }
            }
            self.must(&podman::commit(&found.engine_id, &tag))?;
            stage.done("what was installed");
        }
        self.create(job)
    }

    /// The image that it is made from, and what runs first in it; with `whole`, its layer as well.
    /// The image, whole with its layer where that is asked for. Where it cannot be had, nothing of a new machine is left.
    pub(in crate::apply) fn had(
        &self,
        job: &mut Job,
        machine: &Machine,
        whole: bool,
    ) -> Result<(Base, Init), Halt> {
        let had = self.image(job, machine, whole);
        let replaces = matches!(job.step.action, Action::Recreate { .. });
        if let (Err(Halt::Failed(_)), false) = (&had, replaces) {
            self.clear(job);
        }
        had
    }

    fn image(&self, job: &mut Job, machine: &Machine, whole: bool) -> Result<(Base, Init), Halt> {
        let (base, init) = self.base(job, machine)?;
        if init == Init::Image
            && let Some(provision) = machine.provisions.first()
        {
            return Err(Diagnostic::error(2206)
                .message(format!(
                    "{} runs its own command, so it cannot be provisioned",
                    base.name
                ))
                .at_origin(provision.playbook.origin)
                .help("write `INIT=sshd`, or remove what it is provisioned by")
                .into());
        }
        if let Some(layer) = self.layer(&base, init).filter(|_| whole) {
            self.build_layer(&base, init, &layer)?;
        }
        Ok((base, init))
    }

    fn make(&self, job: &mut Job, machine: &Machine, base: &Base, init: Init) -> Result<(), Halt> {
        job.record.access.init = init;
        if init == Init::Image {
            job.record.access.port = None;
            job.record.access.exec = false;
        }
        let joined = Joined::all(machine, job.identity.project);
        let unseen = self.unseen(job, machine);
        let networks = &mut job.record.networking.networks;
        let known = networks.clone();
        for Joined { network, .. } in &joined {
            if !known.contains(&network.name) {
                networks.push(network.name.clone());
                self.shared.joins(Provider::Podman, &network.name);
            }
        }
        let secrets = &mut job.record.given.secrets;
        let new = unseen.secrets.iter().map(|(name, _)| name.clone());
        let new: Vec<String> = new.filter(|name| !secrets.contains(name)).collect();
        secrets.extend(new);
        self.save(job, Stage::Creating)?;
        let shared = &*job;
        std::thread::scope(|scope| {
            let networks = scope.spawn(|| self.networks(&joined, &known));
            let given = self.give(shared, machine, &unseen);
            let keys = if init == Init::Image {
                Ok(())
            } else {
                self.keys(shared, machine)
            };
            let networks = networks.join().expect("it does not panic");
            keys.and(given).and(networks)
        })?;
        let layer = self.layer(base, init);
        let kept = job.record.kept.clone();
        let image = kept.unwrap_or_else(|| layer.clone().unwrap_or_else(|| base.name.clone()));
        let text = format!("container {}", job.record.id);
        let mut stage = self.stage("create", &text, self.eta(job, "create"));
        let mut outcome = self.container(job, machine, (&joined, &unseen), &image)?;
        if layer.as_ref() == Some(&image) && image::is_missing(&outcome) {
            stage.withdraw();
            self.build_layer(base, init, &image)?;
            stage = self.stage("create", &text, None);
            outcome = self.container(job, machine, (&joined, &unseen), &image)?;
        } else if job.record.kept.as_ref() == Some(&image) && image::is_missing(&outcome) {
            // It was to be kept, and something else removed the machine before it was.
            stage.withdraw();
            job.record.kept = None;
            return self.make(job, machine, base, init);
        } else if outcome.stderr.contains("unable to find network") {
            for Joined { network, .. } in &joined {
                self.network(network)?;
            }
            outcome = self.container(job, machine, (&joined, &unseen), &image)?;
        }
        self.go_on_with(job, &outcome)?;
        self.leave_networks(job, &joined);
        self.take_back(job, &unseen.secrets);
        stage.done(&text);
        Ok(())
    }

    fn go_on_with(&self, job: &mut Job, outcome: &Outcome) -> Result<(), Halt> {
        match podman::read_run(outcome) {
            Some(id) => {
                job.record.engine_id = Some(id);
                let ignored = podman::limits_ignored(outcome);
                job.record.notes = ignored
                    .then(|| "memory and CPUs are not enforced".to_owned())
                    .into_iter()
                    .collect();
                job.record
                    .durations
                    .insert("create".into(), outcome.took.as_secs_f64());
                Ok(())
            }
            None if self.interrupt.count() > 0 => Err(Halt::Interrupted),
            // A Podman that was told to end exits with 0, and nothing says what it has made.
            None if outcome.ok() => Err(failure::garbage(outcome, "no container's id").into()),
            None => Err(self.refused(job, outcome).into()),
        }
    }

    fn container(
        &self,
        job: &mut Job,
        machine: &Machine,
        with: (&[Joined], &Unseen),
        image: &str,
    ) -> Result<Outcome, Halt> {
        let run = |job: &Job| self.run_container(job, machine, with, image);
        let outcome = self.with_free_ports(job, &run)?;
        if !self.mends_networks(&outcome)? {
            return Ok(outcome);
        }
        // What could not start is there under the machine's name.
        self.must(&podman::remove_ours(&job.record.id, job.record.project))?;
        self.with_free_ports(job, &run)
    }

    fn run_container(
        &self,
        job: &Job,
        machine: &Machine,
        (joined, unseen): (&[Joined], &Unseen),
        image: &str,
    ) -> Result<Outcome, Halt> {
        self.go_on()?;
        let keys = self.folder(job).keys();
        let context = podman::run_context(&RunInputs {
            machine,
            record: &job.record,
            digest: &digest(&job.record),
            image,
            keys: &keys,
            networks: joined,
            hidden: &unseen.names,
            secrets: &unseen.secrets,
            look: &lies_at,
            ids: Ids::of(machine, job.owner, self.rootless),
        });
        let args = render::podman_run(&context, self.overrides)?;
        let names = joined.iter().map(|joined| joined.network.name.clone());
        let coming = self.coming(&names.collect::<Vec<_>>());
        self.go_on()?;
        let before = self.served();
        let outcome = self.run(&podman::run(args));
        let came = podman::read_run(&outcome);
        if came.is_some() {
            self.keep_bridges(&job.record.networking.networks);
        }
        drop(coming);
        if let Some(engine_id) = came {
            self.serve_names(&engine_id, &job.record.networking.networks);
            self.await_names(&before, &job.record.networking.networks);
        }
        Ok(outcome)
    }

    /// What a failed creation left: only what bears our labels.
    fn clear(&self, job: &mut Job) {
        let outcome = self.run(&podman::remove_ours(&job.record.id, job.record.project));
        if outcome.ok() && job.record.kept.is_none() {
            for network in &job.record.networking.networks {
                self.leave(network);
            }
            self.take_back(job, &[]);
            // Nothing was made, so nothing is held; the finding is told in any case.
            let _ = self.folder(job).remove();
        }
    }
}

/// What lies at a path: what a link leads to.
pub fn lies_at(path: &Path) -> Option<Covered> {
    let found = std::fs::metadata(path).ok()?;
    Some(match found.is_dir() {
        true => Covered::Folder,
        false => Covered::File,
    })
}
