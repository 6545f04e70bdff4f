//! One playbook being judged.

use super::search::Places;
use super::texts::Texts;
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::files::{Found, Surroundings, Verdict};
use crate::source::Span;
use crate::syntax::yaml::Read;
use std::path::{Path, PathBuf};

/// More than a person writes; what builds on itself in many ways ends here.
const MOST_TASKS: usize = 20_000;

/// What judging one playbook needs and finds.
pub struct Judge<'j, 'a> {
    texts: &'j mut Texts<'a>,
    pub(super) around: &'a Surroundings<'a>,
    project: PathBuf,
    /// Where Ansible looks for roles and modules.
    pub(super) places: Places<'a>,
    /// What an inventory calls the machine.
    names: Vec<String>,
    /// Whether all tasks are asked for, whatever their tags.
    pub(super) all_tags: bool,
    /// Playbooks, files of tasks and roles that are being read.
    pub(super) open: Vec<PathBuf>,
    /// Names of handlers that the play notifies, where they could be found.
    pub(super) notified: Vec<(String, Span)>,
    /// Whether the play has tasks or handlers from elsewhere.
    pub(super) elsewhere: bool,
    /// Whether a task may have made files, or ended the play.
    pub(super) unsure: bool,
    tasks: usize,
    found: Vec<Diagnostic>,
}

/// What stands at one of several paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum There {
    /// This one.
    Found(PathBuf),
    /// None of them.
    Missing,
    /// It may be somewhere that is not looked at.
    Unknown,
}

impl There {
    /// Whether one was found.
    pub fn is_found(&self) -> bool {
        matches!(self, There::Found(_))
    }
}

impl<'j, 'a> Judge<'j, 'a> {
    /// Nothing is found yet.
    pub fn new(
        texts: &'j mut Texts<'a>,
        around: &'a Surroundings<'a>,
        environment: &'a dyn Fn(&str) -> Option<String>,
        project: &Path,
        names: Vec<String>,
        all_tags: bool,
    ) -> Self {
        Judge {
            texts,
            around,
            project: project.to_owned(),
            places: Places::new(environment),
            names,
            all_tags,
            open: Vec::new(),
            notified: Vec::new(),
            elsewhere: false,
            unsure: false,
            tasks: 0,
            found: Vec::new(),
        }
    }

    /// All findings.
    pub fn into_found(self) -> Vec<Diagnostic> {
        self.found
    }

    /// Adds a finding: where it is not sure that Ansible comes to it, it is a warning.
    pub fn tell(&mut self, sure: bool, finding: Diagnostic) {
        self.found.push(match sure {
            true => finding,
            false => finding.as_warning(),
        });
    }

    /// Whether another task may be judged.
    pub fn counts(&mut self) -> bool {
        self.tasks += 1;
        self.tasks <= MOST_TASKS
    }

    /// Whether a pattern of `hosts` means the machine for sure.
    pub fn is_meant(&self, hosts: &str) -> bool {
        ["all", "*"].contains(&hosts) || self.names.iter().any(|name| name == hosts)
    }

    /// Whether a path is one of the project's own.
    pub fn is_inside(&self, path: &Path) -> bool {
        path.starts_with(&self.project)
    }

    /// Which of several paths there is.
    pub fn there(&self, candidates: &[PathBuf]) -> There {
        let mut there = There::Missing;
        for path in candidates {
            if !self.around.host && !self.is_inside(path) {
                there = There::Unknown;
                continue;
            }
            match self.around.disk.look(path) {
                Found::Missing => {}
                Found::Denied => there = There::Unknown,
                _ => return There::Found(path.clone()),
            }
        }
        there
    }

    /// Whether a path is a folder.
    pub fn is_folder(&self, path: &Path) -> bool {
        (self.around.host || self.is_inside(path)) && self.around.disk.look(path) == Found::Folder
    }

    /// A path as messages name it.
    pub fn shown(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.project).unwrap_or(path);
        inside.display().to_string()
    }

    /// Reads a file; what is wrong with it as YAML is told. `None` where it cannot be read at all.
    pub fn open(&mut self, path: &Path, sure: bool) -> Option<Read> {
        let shown = self.shown(path);
        let opened = self.texts.open(path, &shown).ok()?;
        let outside = !self.is_inside(path) && self.around.verdict == Verdict::Check;
        for finding in opened.found {
            let error = finding.severity == Severity::Error;
            self.tell(!error || (sure && !outside), finding);
        }
        Some(opened.read)
    }
}
