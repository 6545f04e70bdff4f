//! The roles and collections that a playbook requires: installed once, into a folder of the cache.

use super::Play;
use super::once::holding;
use crate::apply::{Doer, Halt, Job};
use crate::call::End;
use crate::diagnostic::{Diagnostic, Sink};
use crate::engine::ansible::galaxy::{self, What};
use crate::engine::ansible::{Installed, not_installed};
use crate::engine::failure;
use crate::model::Requirements;
use crate::model::playbook::search::Places;
use crate::source::Sources;
use crate::state;
use crate::syntax::yaml::{self, Read};
use std::path::{Path, PathBuf};

impl Doer<'_> {
    /// Installs what a playbook requires; what is there already is not asked for again.
    pub(super) fn require(&self, job: &Job, play: &Play) -> Result<(), Halt> {
        let Some(requirements) = &play.provision.requirements else {
            return Ok(());
        };
        let folder = self.required(job, requirements);
        let made = &self.shared.requirements;
        made.get(&folder.display().to_string(), || match folder.is_dir() {
            true => Ok(()),
            false => self.install(job, play, requirements, &folder),
        })
    }

    /// Where a run finds roles and collections: what was installed comes before the usual folders.
    pub(super) fn installed(
        &self,
        job: &Job,
        play: &Play,
        config: Option<&Path>,
    ) -> Option<Installed> {
        let requirements = play.provision.requirements.as_ref()?;
        let folder = self.required(job, requirements);
        let base = play.provision.playbook.parent()?;
        let environment = |name: &str| match config.filter(|_| name == "ANSIBLE_CONFIG") {
            Some(config) => Some(config.display().to_string()),
            None => std::env::var(name).ok(),
        };
        let places = Places::new(&environment);
        let read = |path: &Path| std::fs::read_to_string(path).ok();
        let with = |what: What, others: Vec<PathBuf>| {
            let all = std::iter::once(folder.join(what.name())).chain(others);
            let all: Vec<String> = all.map(|path| path.display().to_string()).collect();
            all.join(":")
        };
        Some(Installed {
            roles: with(What::Roles, places.roles(base, &read)),
            collections: with(What::Collections, places.collections(base, &read)),
        })
    }

    /// A folder of the project's, and in it one for what the file lists.
    fn required(&self, job: &Job, requirements: &Requirements) -> PathBuf {
        let project = job.record.project.to_string();
        let folder = self.cache.join("galaxy").join(project);
        folder.join(&requirements.digest)
    }

    /// First beside, then in its place: what was cut short counts for nothing.
    fn install(
        &self,
        job: &Job,
        play: &Play,
        requirements: &Requirements,
        folder: &Path,
    ) -> Result<(), Halt> {
        let name = requirements.file.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        let stage = self.stage("require", &name, None);
        let text = std::fs::read_to_string(&requirements.file).unwrap_or_default();
        let beside = folder.with_extension("part");
        let temporary = self.runtime.join(format!("galaxy-{}", job.record.id));
        // A part of an earlier one may be there, or not.
        let _ = std::fs::remove_dir_all(&beside);
        state::make_folder(&beside)?;
        let listed = listed(&text);
        for what in &listed {
            self.go_on()?;
            let mut call = galaxy::install(*what, requirements, &beside, &temporary);
            call.without = holding(&play.mask);
            let outcome = self.run(&call);
            // Only where it was killed anything is in it.
            let _ = std::fs::remove_dir_all(&temporary);
            if let End::NotStarted(_) = outcome.end {
                let finding = not_installed(play.provision);
                return Err(failure::evidence(finding, &outcome).into());
            }
            if outcome.end == End::Interrupted || self.interrupt.count() > 0 {
                return Err(Halt::Interrupted);
            }
            if !outcome.ok() {
                let finding = galaxy::refused(requirements, &text, &outcome);
                return Err(finding
                    .related("for this playbook", play.provision.playbook.origin)
                    .into());
            }
        }
        std::fs::rename(&beside, folder).map_err(|why| {
            Diagnostic::error(1001)
                .message(format!("{} cannot be made: {why}", folder.display()))
                .help("make room there, and run it again")
        })?;
        let words: Vec<&str> = listed.iter().map(|what| what.name()).collect();
        stage.done(&format!("{name}  {}", words.join(" and ")));
        Ok(())
    }
}

/// What a file lists: the old form is a list of roles. What cannot be read ansible-galaxy refuses itself.
fn listed(text: &str) -> Vec<What> {
    let id = Sources::default().add_text("requirements", text.to_owned());
    let all = [What::Roles, What::Collections];
    match yaml::read(text, id, &mut Sink::default()) {
        Read::Empty => Vec::new(),
        Read::Holds(root) if root.list().is_some() => vec![What::Roles],
        Read::Holds(root) => match root.map() {
            Some(map) => {
                let is_there = |what: &What| map.get(what.name()).is_some_and(|it| !it.is_null());
                all.into_iter().filter(is_there).collect()
            }
            None => vec![What::Roles],
        },
        Read::Broken | Read::Unjudged => all.into(),
    }
}
