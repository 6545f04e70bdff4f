//! What can be known of a playbook before Ansible reads it: all that Ansible itself would refuse, with its place.
//!
//! Nothing is told that Ansible would accept. What depends on values, on facts, on what earlier tasks make, or on
//! collections is not judged; what is only met while it runs, under a condition, is a warning.

mod action;
mod context;
mod files;
mod includes;
mod judge;
mod keywords;
mod modules;
mod play;
mod roles;
pub mod search;
mod tasks;
mod texts;

use super::files::Surroundings;
use super::{Machine, Means, Project, Provision};
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings;
use crate::source::{Located, Sources};
use judge::Judge;
use std::path::PathBuf;
use texts::Texts;

/// Judges the playbooks of projects; each file is read once.
pub struct Playbooks<'a> {
    around: &'a Surroundings<'a>,
    /// The process environment alone: Ansible sees no `.env`.
    environment: &'a dyn Fn(&str) -> Option<String>,
    texts: Texts<'a>,
}

impl<'a> Playbooks<'a> {
    /// Nothing is read yet.
    pub fn new(
        sources: &'a mut Sources,
        around: &'a Surroundings<'a>,
        environment: &'a dyn Fn(&str) -> Option<String>,
    ) -> Self {
        Playbooks {
            around,
            environment,
            texts: Texts::new(sources, around.disk),
        }
    }

    /// Judges what the machines of a project are provisioned by.
    pub fn rules(&mut self, project: &Project, sink: &mut Sink) {
        for machine in &project.machines {
            let playbooks = machine.provisions.iter();
            for provision in playbooks.filter(|it| it.means == Means::Playbook) {
                self.provision(project, machine, provision, sink);
            }
        }
    }

    fn provision(
        &mut self,
        project: &Project,
        machine: &Machine,
        provision: &Provision,
        sink: &mut Sink,
    ) {
        let row = settings::by_name("provision").expect("a row");
        let name = project.dialect.name(row);
        let mut judge = self.judge(project, machine, provision);
        judge.main(&provision.playbook);
        let origin = provision.playbook.origin;
        for finding in judge.into_found() {
            sink.push(finding.related(format!("by this {name}"), origin));
        }
        for vars in &provision.vars_files {
            let found = self.judge(project, machine, provision).named(vars);
            found.into_iter().for_each(|finding| sink.push(finding));
        }
    }

    fn judge<'j>(
        &'j mut self,
        project: &Project,
        machine: &Machine,
        provision: &Provision,
    ) -> Judge<'j, 'a> {
        let tags = machine.tags.iter().map(|tag| tag.to_string());
        let mut names: Vec<String> = tags.collect();
        names.extend([machine.name.clone(), machine.id.to_string()]);
        Judge::new(
            &mut self.texts,
            self.around,
            self.environment,
            &project.folder,
            names,
            provision.only_tags.is_empty(),
        )
    }
}

impl Judge<'_, '_> {
    /// Judges a file of variables that the configuration names.
    fn named(mut self, file: &Located<PathBuf>) -> Vec<Diagnostic> {
        if self.there(std::slice::from_ref(&file.value)).is_found() {
            self.vars_file(&file.value, true);
        }
        let found = self.into_found().into_iter();
        found
            .map(|finding| finding.related("named here", file.origin))
            .collect()
    }
}
