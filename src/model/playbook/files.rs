//! Files that tasks take along, and files of variables.

use super::action::Action;
use super::context::Context;
use super::judge::{Judge, There};
use super::play::first_line;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::yaml::{Map, Read};
use std::path::{Path, PathBuf};

/// A file that is named and is not there.
pub struct Wanted<'w> {
    /// What it would be.
    pub what: &'static str,
    /// As written.
    pub written: &'w str,
    /// Where it is named.
    pub at: Span,
    /// Whether Ansible looks for it for sure.
    pub sure: bool,
    /// What to write.
    pub help: &'static str,
}

impl Judge<'_, '_> {
    /// Tells a file that is not there, unless an earlier task may have made it.
    pub(super) fn missing(&mut self, wanted: &Wanted) {
        let finding = Diagnostic::error(2705)
            .message(format!("There is no {} {}", wanted.what, wanted.written))
            .at(wanted.at)
            .help(wanted.help);
        if !self.unsure {
            self.tell(wanted.sure, finding);
        }
    }

    /// The file that `copy`, `template` or `script` takes along.
    pub(super) fn source(&mut self, action: &Action, map: &Map, context: &Context) {
        let (folder, what, help) = match action.short() {
            "template" => (
                "templates",
                "template",
                "write the path of a file in templates/",
            ),
            "script" => (
                "files",
                "script",
                "write the path of a file in files/, or beside the playbook",
            ),
            _ => (
                "files",
                "file",
                "write the path of a file in files/, or beside the playbook",
            ),
        };
        if action.says("remote_src", map) {
            return;
        }
        let Some((written, at)) = self.named_source(action, map) else {
            return;
        };
        if written.is_empty() || written.contains("://") {
            return;
        }
        let mut folders = context.roles.clone();
        folders.extend(context.roles.iter().map(|role| role.join("tasks")));
        folders.extend([context.folder.clone(), context.base.clone()]);
        let in_tasks = ["tasks", "handlers"]
            .iter()
            .any(|name| context.folder.ends_with(name));
        let above = context.folder.parent().filter(|_| in_tasks);
        folders.extend(above.map(Path::to_owned));
        let all = folders
            .iter()
            .flat_map(|base| [base.join(folder), base.clone()]);
        let all: Vec<PathBuf> = all
            .map(|base| self.places.absolute(&base, &written))
            .collect();
        if self.there(&all) == There::Missing {
            self.missing(&Wanted {
                what,
                written: &written,
                at,
                sure: context.run,
                help,
            });
        }
    }

    fn named_source(&self, action: &Action, map: &Map) -> Option<(String, Span)> {
        if action.short() != "script" {
            return action.argument("src", map);
        }
        let (text, at) = match action.says("cmd", map) {
            true => action.argument("cmd", map)?,
            false => action.free()?,
        };
        let quoted = text.contains(['"', '\'', '\\']);
        let word = text.split_whitespace().next().filter(|_| !quoted)?;
        Some((word.to_owned(), at))
    }

    /// Judges a file of variables.
    pub(super) fn vars_file(&mut self, path: &Path, sure: bool) {
        if self.is_folder(path) {
            return;
        }
        let Some(Read::Holds(root)) = self.open(path, sure) else {
            return;
        };
        let listed = root
            .list()
            .is_some_and(|items| items.iter().all(|item| item.map().is_some()));
        if root.map().is_none() && !listed {
            let finding = Diagnostic::error(2702)
                .message(format!(
                    "A file of variables holds names with values, and this is {}",
                    root.kind()
                ))
                .at(first_line(&root))
                .help("write `name: value` lines");
            self.tell(sure, finding);
        }
    }

    /// Whether a module of this name lies beside the playbook, in a role, or where Ansible is told to look.
    pub(super) fn lies_beside(&self, name: &str, context: &Context) -> bool {
        let disk = self.around.disk;
        let mut bases = context.roles.clone();
        bases.push(context.base.clone());
        let beside = bases.iter().flat_map(|base| {
            [
                "library",
                "plugins/modules",
                "action_plugins",
                "plugins/action",
                "modules",
            ]
            .map(|folder| base.join(folder))
        });
        let mut folders: Vec<PathBuf> = beside.collect();
        folders.extend(
            self.places
                .modules(&context.base, &|path| disk.read(path).ok()),
        );
        if !self.around.host {
            folders.retain(|folder| self.is_inside(folder));
        }
        let files = folders.iter().flat_map(|folder| {
            ["", ".py", ".sh", ".ps1"].map(|end| folder.join(format!("{name}{end}")))
        });
        let files: Vec<PathBuf> = files.collect();
        // Ansible looks into folders in these folders too.
        let any = folders.iter().any(|folder| self.is_folder(folder));
        context.collections || any || self.there(&files) != There::Missing
    }
}
