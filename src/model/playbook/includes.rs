//! What a task leads to: files of tasks, roles, and files that it takes along.

use super::action::Action;
use super::context::Context;
use super::files::Wanted;
use super::judge::{Judge, There};
use super::keywords::Part;
use super::modules;
use super::play::first_line;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::yaml::{Map, Read};
use std::path::{Path, PathBuf};

impl Judge<'_, '_> {
    /// Judges what a task runs.
    pub(super) fn action(&mut self, action: &Action, map: &Map, context: &Context, part: Part) {
        self.arguments(action, context);
        let here = |value: Option<&str>| value.is_some_and(|value| value != "ssh");
        let delegated = map.get("delegate_to").is_some() || map.get("local_action").is_some();
        if delegated || here(map.get("connection").and_then(|value| value.text())) {
            self.unsure = true;
        }
        match action.short() {
            "import_tasks" => {
                self.no_loop(action, map, context);
                self.tasks_of(action, map, context, true);
            }
            "include_tasks" => {
                self.only_some(map, action, part, context);
                self.tasks_of(action, map, context, false);
            }
            // Which of the two it is depends on what it names.
            "include" => self.elsewhere = true,
            "import_role" => {
                self.no_loop(action, map, context);
                self.role_of(action, map, context, true);
            }
            "include_role" => {
                self.only_some(map, action, part, context);
                self.role_of(action, map, context, false);
            }
            "copy" | "template" | "script" => self.source(action, map, context),
            "meta" => {
                let ends = action
                    .value
                    .text()
                    .is_some_and(|text| text.contains("end_"));
                self.unsure |= ends;
            }
            _ => {}
        }
    }

    /// A text where the module wants `name=value`.
    fn arguments(&mut self, action: &Action, context: &Context) {
        if action.value.list().is_some() {
            let finding = Diagnostic::error(2702)
                .message(format!(
                    "`{}` takes `name: value` arguments, and this is a list",
                    action.name
                ))
                .at(action.at)
                .help("write the arguments as `name: value` lines below the module");
            return self.tell(context.read, finding);
        }
        let Some((free, at)) = action
            .free()
            .filter(|_| modules::needs_arguments(&action.name))
        else {
            return;
        };
        if let Some(word) = free.split_whitespace().next() {
            let finding = Diagnostic::error(2702)
                .message(format!(
                    "`{}` takes `name: value` arguments, and `{word}` is none",
                    action.name
                ))
                .at(at)
                .help(match action.short() {
                    "apt" | "dnf" | "yum" | "package" | "pip" | "service" | "systemd" | "user"
                    | "group" => {
                        format!(
                            "write `{}: name={word}`, or `name: {word}` on a line below",
                            action.name
                        )
                    }
                    _ => "write the arguments as `name: value` lines below the module".to_owned(),
                });
            self.tell(context.read, finding);
        }
    }

    fn no_loop(&mut self, action: &Action, map: &Map, context: &Context) {
        let loops = |name: &str| name == "loop" || name.starts_with("with_");
        if let Some((_, key, _)) = map.named().find(|(name, ..)| loops(name)) {
            let dynamic = action.name.replace("import_", "include_");
            let finding = Diagnostic::error(2703)
                .message(format!(
                    "`{}` is read once, before anything runs, and takes no loop",
                    action.name
                ))
                .at(key.span)
                .help(format!("write `{dynamic}` instead"));
            self.tell(context.read, finding);
        }
    }

    /// What is read as it runs takes only some of a task's keywords.
    fn only_some(&mut self, map: &Map, action: &Action, part: Part, context: &Context) {
        for (name, key, _) in map.named() {
            let fits = name == action.name || Part::Include.has(name) || name.starts_with("with_");
            let listens = part == Part::Handler && name == "listen";
            if !fits && !listens && part.has(name) {
                self.no_keyword(name, key.span, Part::Include, context.read);
            }
        }
    }

    fn tasks_of(&mut self, action: &Action, map: &Map, context: &Context, fixed: bool) {
        self.elsewhere = true;
        let named = action.argument("file", map);
        let free = || action.free().filter(|(text, _)| !text.is_empty());
        let Some((target, at)) = named.or_else(free) else {
            return;
        };
        if target.contains("=") {
            return;
        }
        let sure = if fixed { context.read } else { context.run };
        let own = if context.handlers {
            "handlers"
        } else {
            "tasks"
        };
        let mut folders = vec![context.folder.clone()];
        for role in &context.roles {
            folders.extend([
                role.join(own),
                role.join("tasks"),
                role.join("handlers"),
                role.clone(),
            ]);
        }
        folders.extend([
            context.base.clone(),
            context.base.join(own),
            context.folder.join(own),
        ]);
        let all: Vec<PathBuf> = folders
            .iter()
            .map(|folder| self.places.absolute(folder, &target))
            .collect();
        match self.there(&all) {
            There::Found(path) => self.task_file(&path, at, context, fixed),
            There::Missing => self.missing(&Wanted {
                what: "file of tasks",
                written: &target,
                at,
                sure,
                help: "write the path of a file of tasks, seen from the folder of this one",
            }),
            There::Unknown => {}
        }
    }

    /// Judges a file of tasks.
    pub(super) fn task_file(&mut self, path: &Path, from: Span, context: &Context, fixed: bool) {
        if self.goes_round(path, Some(from), fixed && !context.dynamic) {
            return;
        }
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        let inner = match fixed {
            true => context.imported(folder),
            false => context.included(folder),
        };
        let Some(Read::Holds(root)) = self.open(path, inner.read) else {
            return;
        };
        if root.list().is_none() {
            let finding = Diagnostic::error(2702)
                .message(format!(
                    "A file of tasks is a list, and this is {}",
                    root.kind()
                ))
                .at(first_line(&root))
                .help("begin each task with `- `");
            return self.tell(inner.read, finding);
        }
        let plays = root
            .list()
            .unwrap_or_default()
            .iter()
            .filter_map(|item| item.map());
        if let Some((key, _)) = plays.filter_map(|map| map.pair("hosts")).next() {
            let finding = Diagnostic::error(2702)
                .message("This is a playbook, and a file of tasks is named here")
                .at(key.span)
                .help("write `import_playbook` beside the plays, or leave the tasks alone in the file");
            return self.tell(inner.read, finding);
        }
        self.open.push(path.to_owned());
        self.task_list(&root, "tasks", &inner);
        self.open.pop();
    }

    fn role_of(&mut self, action: &Action, map: &Map, context: &Context, fixed: bool) {
        self.elsewhere = true;
        let name = action
            .argument("name", map)
            .or_else(|| action.argument("role", map));
        if let Some((name, at)) = name {
            let from = |part: &str| {
                let key = format!("{part}_from");
                match action.says(&key, map) {
                    true => action.argument(&key, map).map(|(name, _)| Some(name)),
                    false => Some(None),
                }
            };
            let (Some(tasks), Some(handlers)) = (from("tasks"), from("handlers")) else {
                return;
            };
            let parts = super::roles::Parts { tasks, handlers };
            self.role(&name, at, &parts, context, fixed);
        }
    }
}
