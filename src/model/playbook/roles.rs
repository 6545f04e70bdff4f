//! Roles: where they lie, and what they hold.

use super::context::Context;
use super::judge::{Judge, There};
use crate::diagnostic::Diagnostic;
use crate::model::files::Verdict;
use crate::model::provision::REQUIREMENTS;
use crate::source::Span;
use crate::syntax::yaml::{Node, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Which files of a role are meant, where not the usual ones.
#[derive(Default)]
pub struct Parts {
    /// `tasks_from`.
    pub tasks: Option<String>,
    /// `handlers_from`.
    pub handlers: Option<String>,
}

impl Judge<'_, '_> {
    /// Judges the roles of a play, or those that a role depends on.
    pub(super) fn roles(&mut self, node: &Node, context: &Context) {
        if node.is_null() {
            return;
        }
        let Some(items) = node.list() else {
            let finding = Diagnostic::error(2702)
                .message(format!(
                    "`roles` takes a list of roles, and this is {}",
                    node.kind()
                ))
                .at(super::play::first_line(node))
                .help("begin each role with `- `");
            return self.tell(context.read, finding);
        };
        for item in items {
            self.role_entry(item, context);
        }
    }

    fn role_entry(&mut self, item: &Rc<Node>, context: &Context) {
        let (name, context) = match item.map() {
            Some(map) => {
                let name = map.get("role").or(map.get("name"));
                if name.is_none() && map.get("src").is_none() {
                    let finding = Diagnostic::error(2702)
                        .message("A role is named by `role:`, and this entry names none")
                        .at(super::play::first_line(item))
                        .help("write `- role: NAME`");
                    return self.tell(context.read, finding);
                }
                (name, context.under(map))
            }
            None => (Some(item), context.clone()),
        };
        // A list of names with commas is the old way of requirements.
        let Some(node) = name else { return };
        if let Some(name) = node.literal().filter(|name| !name.contains(',')) {
            self.role(name, node.span, &Parts::default(), &context, true);
        }
    }

    /// Judges a role by its name.
    pub(super) fn role(
        &mut self,
        name: &str,
        at: Span,
        parts: &Parts,
        context: &Context,
        fixed: bool,
    ) {
        let mut folders = vec![context.base.join("roles")];
        let disk = self.around.disk;
        folders.extend(
            self.places
                .roles(&context.base, &|path| disk.read(path).ok()),
        );
        folders.extend(
            context
                .roles
                .first()
                .and_then(|role| role.parent())
                .map(Path::to_owned),
        );
        folders.push(context.base.clone());
        let all: Vec<PathBuf> = folders
            .iter()
            .map(|folder| self.places.absolute(folder, name))
            .collect();
        let sure = if fixed { context.read } else { context.run };
        match self.there(&all) {
            There::Found(path) => self.role_at(&path, at, parts, context, fixed),
            // What has a collection's name is not looked for.
            There::Missing
                if !context.collections
                    && name.split('.').count() != 3
                    && !self.is_required(&context.base) =>
            {
                let looked: Vec<String> = folders.iter().map(|folder| self.shown(folder)).collect();
                let shown = looked
                    .iter()
                    .map(|folder| if folder.is_empty() { "." } else { folder });
                let finding = self
                    .around
                    .outside(2706)
                    .message(format!("There is no role '{name}'"))
                    .at(at)
                    .details(
                        ["looked in:".to_owned()]
                            .into_iter()
                            .chain(shown.map(|folder| format!("  {folder}"))),
                    )
                    .help(self.role_help(name, context));
                self.tell(sure, finding);
            }
            There::Missing | There::Unknown => {}
        }
    }

    /// Whether a file beside the playbook lists what is installed for it.
    fn is_required(&self, base: &Path) -> bool {
        let files: Vec<PathBuf> = REQUIREMENTS.iter().map(|name| base.join(name)).collect();
        self.there(&files) != There::Missing
    }

    fn role_help(&self, name: &str, context: &Context) -> String {
        let folder = self.shown(&context.base.join("roles").join(name));
        format!(
            "make it: {folder}/tasks/main.yml, or have it: ansible-galaxy role install {}",
            crate::call::quoted(name)
        )
    }

    fn role_at(&mut self, path: &Path, at: Span, parts: &Parts, context: &Context, fixed: bool) {
        // No file: the same role with other tasks is another.
        let entry = parts
            .tasks
            .as_deref()
            .map_or(path.to_owned(), |tasks| path.join(tasks));
        if self.goes_round(&entry, Some(at), fixed && !context.dynamic) {
            return;
        }
        let outside = !self.is_inside(path) && self.around.verdict == Verdict::Check;
        let mut inner = match fixed {
            true => context.imported(path.join("tasks")),
            false => context.included(path.join("tasks")),
        };
        inner.read &= !outside;
        inner.run &= !outside;
        inner.roles.insert(0, path.to_owned());
        inner.handlers = false;
        inner.collections = false;
        self.open.push(entry);
        self.dependencies(path, &mut inner);
        for folder in ["defaults", "vars"] {
            if let There::Found(file) = self.there(&main_files(&path.join(folder), None)) {
                self.vars_file(&file, inner.read);
            }
        }
        self.role_tasks(path, "tasks", parts.tasks.as_deref(), at, &inner);
        let handlers = Context {
            handlers: true,
            run: false,
            folder: path.join("handlers"),
            ..inner
        };
        self.role_tasks(path, "handlers", parts.handlers.as_deref(), at, &handlers);
        self.open.pop();
    }

    fn role_tasks(
        &mut self,
        role: &Path,
        folder: &str,
        from: Option<&str>,
        at: Span,
        context: &Context,
    ) {
        match self.there(&main_files(&role.join(folder), from)) {
            There::Found(file) if self.is_folder(&file) => {}
            There::Found(file) => self.task_file(&file, at, context, true),
            There::Missing => {
                if let Some(from) = from.filter(|_| self.is_folder(&role.join(folder))) {
                    let shown = self.shown(&role.join(folder).join(from));
                    let finding = Diagnostic::error(2705)
                        .message(format!("The role has no file {shown}.yml"))
                        .at(at)
                        .help(format!("write the name of a file in the role's {folder}/"));
                    self.tell(context.read, finding);
                }
            }
            There::Unknown => {}
        }
    }

    /// The roles that a role needs, and whether it looks into collections.
    fn dependencies(&mut self, path: &Path, context: &mut Context) {
        let There::Found(file) = self.there(&main_files(&path.join("meta"), None)) else {
            return;
        };
        let Some(Read::Holds(root)) = self.open(&file, context.read) else {
            return;
        };
        let Some(map) = root.map() else {
            let finding = Diagnostic::error(2702)
                .message(format!(
                    "What a role says of itself is a mapping, and this is {}",
                    root.kind()
                ))
                .at(root.span)
                .help("write `dependencies: []`");
            return self.tell(context.read, finding);
        };
        context.collections |= map.get("collections").is_some();
        if let Some(roles) = map
            .get("dependencies")
            .filter(|roles| roles.list().is_some())
        {
            self.roles(roles, context);
        }
    }
}

/// The files that one of a role's folders begins with.
fn main_files(folder: &Path, from: Option<&str>) -> Vec<PathBuf> {
    let name = from.map_or("main", |from| from.rsplit('/').next().unwrap_or(from));
    let ends = match from {
        Some(_) => ["", ".yml", ".yaml", ".json"],
        None => [".yml", ".yaml", ".json", ""],
    };
    ends.iter()
        .map(|end| folder.join(format!("{name}{end}")))
        .collect()
}
