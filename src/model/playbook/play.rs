//! Playbooks and plays.

use super::context::Context;
use super::files::Wanted;
use super::judge::{Judge, There};
use super::keywords::Part;
use super::search::clean;
use crate::diagnostic::Diagnostic;
use crate::source::{Origin, Span};
use crate::spec::lower::did_you_mean;
use crate::syntax::yaml::{Map, Node, Read};
use crate::value::nearest;
use std::path::{Path, PathBuf};

/// The names of the task that imports a playbook.
const IMPORT: &[&str] = &[
    "import_playbook",
    "ansible.builtin.import_playbook",
    "ansible.legacy.import_playbook",
];

impl Judge<'_, '_> {
    /// Judges the playbook that a configuration names; that it is a file is judged there.
    pub fn main(&mut self, path: &Path) {
        if self.there(&[path.to_owned()]).is_found() {
            let path = clean(path);
            let run = self.all_tags;
            self.playbook(&path, None, run);
        }
    }

    fn playbook(&mut self, path: &Path, from: Option<Span>, run: bool) {
        if self.goes_round(path, from, true) {
            return;
        }
        let Some(read) = self.open(path, true) else {
            return;
        };
        let finding = Diagnostic::error(2702).help("write a list of plays: `- hosts: all`");
        let shown = self.shown(path);
        let root = match read {
            Read::Broken | Read::Unjudged => return,
            Read::Empty => {
                let finding = finding.message(format!("{shown} holds no play"));
                return self.tell(true, at_maybe(finding, from));
            }
            Read::Holds(root) => root,
        };
        let Some(entries) = root.list() else {
            let message = format!("A playbook is a list of plays, and this is {}", root.kind());
            return self.tell(true, finding.message(message).at(first_line(&root)));
        };
        if entries.is_empty() {
            let finding = finding.message(format!("{shown} holds no play"));
            return self.tell(true, finding.at(root.span));
        }
        self.open.push(path.to_owned());
        let base = path.parent().unwrap_or(Path::new("/")).to_owned();
        for entry in entries {
            let Some(map) = entry.map() else {
                let message = format!("A play is a mapping, and this is {}", entry.kind());
                self.tell(true, finding.clone().message(message).at(entry.span));
                continue;
            };
            match IMPORT.iter().find_map(|name| map.get(name)) {
                Some(value) => self.import(map, value, &base, run),
                None => self.play(map, entry, &base, run),
            }
        }
        self.open.pop();
    }

    /// Whether a file is being read already: a circle without an end, where nothing decides as it runs.
    pub(super) fn goes_round(&mut self, path: &Path, from: Option<Span>, fixed: bool) -> bool {
        let Some(at) = self.open.iter().position(|open| open == path) else {
            return self.open.len() > 60;
        };
        if fixed {
            let mut names: Vec<String> = self.open[at..]
                .iter()
                .map(|path| self.shown(path))
                .collect();
            names.push(names[0].clone());
            let finding = Diagnostic::error(2710)
                .message(format!(
                    "This goes round in a circle: {}",
                    names.join(" → ")
                ))
                .help("take one of these links out");
            self.tell(true, at_maybe(finding, from));
        }
        true
    }

    fn import(&mut self, map: &Map, value: &Node, base: &Path, run: bool) {
        self.keywords(map, Part::Import, true);
        let Some(text) = value.text() else {
            let message = format!(
                "`import_playbook` takes a path, and this is {}",
                value.kind()
            );
            let finding = Diagnostic::error(2702).message(message).at(value.span);
            return self.tell(true, finding.help("write the path of a playbook"));
        };
        let Some(written) = value
            .literal()
            .filter(|text| !text.contains(['"', '\'', '=']))
        else {
            return;
        };
        let written = written.split_whitespace().next().unwrap_or(text);
        let named = written.split('.').count() == 3 && !written.contains('/');
        let path = self.places.absolute(base, written);
        match self.there(std::slice::from_ref(&path)) {
            There::Found(path) => {
                let run = run && map.get("when").is_none() && map.get("tags").is_none();
                self.playbook(&path, Some(value.span), run);
            }
            There::Missing if !named || written.ends_with("ml") => {
                let finding = Diagnostic::error(2705)
                    .message(format!("There is no playbook {}", self.shown(&path)))
                    .at(value.span)
                    .help("write the path of a playbook, seen from the folder of this one");
                self.tell(true, finding);
            }
            There::Missing | There::Unknown => {}
        }
    }

    fn play(&mut self, map: &Map, node: &Node, base: &Path, run: bool) {
        self.keywords(map, Part::Play, true);
        self.notified.clear();
        self.elsewhere = false;
        let run = run && self.hosts(map, node) && map.get("ignore_errors").is_none();
        let context = Context {
            base: base.to_owned(),
            folder: base.to_owned(),
            roles: Vec::new(),
            handlers: false,
            collections: false,
            read: true,
            run,
            dynamic: false,
        };
        let context = context.under(map);
        if map
            .get("connection")
            .is_some_and(|value| value.text() != Some("ssh"))
        {
            self.unsure = true;
        }
        self.vars(map, &context, "a play");
        self.vars_files(map, &context);
        if let Some(roles) = map.get("roles") {
            self.roles(roles, &context);
        }
        for name in ["pre_tasks", "tasks", "post_tasks"] {
            if let Some(tasks) = map.get(name) {
                self.task_list(tasks, name, &context);
            }
        }
        if let Some(handlers) = map.get("handlers") {
            let context = Context {
                handlers: true,
                run: false,
                ..context
            };
            self.task_list(handlers, "handlers", &context);
        }
        self.handlers_missing(map);
    }

    /// Whether the play means the machine for sure.
    fn hosts(&mut self, map: &Map, node: &Node) -> bool {
        let finding = Diagnostic::error(2702).help("write which machines it is for: `hosts: all`");
        let Some((key, hosts)) = map.pair("hosts") else {
            // One misspelt is told as such.
            let near = |(name, ..): (&str, _, _)| {
                !Part::Play.has(name) && nearest(name, ["hosts"]).is_some()
            };
            if !map.named().any(near) {
                let at = map.own.first().map_or(node.span, |(key, _)| key.span);
                self.tell(
                    true,
                    finding
                        .message("A play names its `hosts`, and this one does not")
                        .at(at),
                );
            }
            return false;
        };
        if hosts.is_null() || hosts.list().is_some_and(<[_]>::is_empty) || hosts.text() == Some("")
        {
            self.tell(true, finding.message("`hosts` is empty").at(key.span));
            return false;
        }
        if hosts.map().is_some() {
            let message = format!(
                "`hosts` takes a pattern or a list of patterns, and this is {}",
                hosts.kind()
            );
            self.tell(true, finding.message(message).at(key.span));
            return false;
        }
        let listed = hosts.list().unwrap_or_default();
        let local = |node: &Node| {
            node.text()
                .is_some_and(|text| text.contains("localhost") || text.starts_with("127."))
        };
        if local(hosts) || listed.iter().any(|node| local(node)) {
            self.unsure = true;
        }
        hosts.literal().is_some_and(|text| self.is_meant(text))
    }

    /// Tells keywords that a part has not.
    pub(super) fn keywords(&mut self, map: &Map, part: Part, sure: bool) {
        for (name, key, _) in map.named() {
            if !part.has(name) {
                self.no_keyword(name, key.span, part, sure);
            }
        }
    }

    /// Tells one keyword that a part has not.
    pub(super) fn no_keyword(&mut self, name: &str, at: Span, part: Part, sure: bool) {
        let elsewhere = match part {
            Part::Play if Part::Task.has(name) => {
                "write it in the tasks or in a block, or remove it"
            }
            Part::Block if Part::Task.has(name) || name.starts_with("with_") => {
                "write it in the tasks of the block, or remove it"
            }
            Part::Task if name == "listen" => "write it in a handler, or remove it",
            Part::Include if Part::Task.has(name) => {
                "write it below `apply:` of the arguments, or in the tasks"
            }
            _ => "remove it",
        };
        let help = match elsewhere {
            "remove it" => did_you_mean(name, part.keywords(), elsewhere),
            _ => elsewhere.to_owned(),
        };
        let finding = Diagnostic::error(2703)
            .message(format!("`{name}` is no keyword of {}", part.name()))
            .at(at)
            .help(help);
        self.tell(sure, finding);
    }

    /// The files of variables of a play.
    fn vars_files(&mut self, map: &Map, context: &Context) {
        let Some(value) = map.get("vars_files") else {
            return;
        };
        let one = [map.pair("vars_files").map(|(_, value)| value.clone())];
        let items = value
            .list()
            .map_or_else(|| one.iter().flatten().cloned().collect(), <[_]>::to_vec);
        for item in &items {
            // Of several, the first that is there is read.
            let several = item
                .list()
                .map_or_else(|| vec![item.clone()], <[_]>::to_vec);
            let Some(written) = several
                .iter()
                .map(|item| item.literal())
                .collect::<Option<Vec<_>>>()
            else {
                continue;
            };
            let all = written.iter().flat_map(|written| {
                let folders = [context.base.clone(), context.base.join("vars")];
                let places = &self.places;
                folders.map(|folder| places.absolute(&folder, written))
            });
            let all: Vec<PathBuf> = all.collect();
            match (self.there(&all), written.first()) {
                (There::Found(path), _) => {
                    let sure = context.run;
                    self.vars_file(&path, sure);
                }
                (There::Missing, Some(written)) => {
                    let wanted = Wanted {
                        what: "file of variables",
                        written,
                        at: item.span,
                        sure: context.run,
                        help: "write the path of a file of variables, seen from the folder of the playbook",
                    };
                    self.missing(&wanted);
                }
                _ => {}
            }
        }
    }

    /// Names that are notified and that no handler has, where all handlers can be seen.
    fn handlers_missing(&mut self, map: &Map) {
        let notified = std::mem::take(&mut self.notified);
        if self.elsewhere || map.get("roles").is_some() {
            return;
        }
        let mut names = Vec::new();
        let handlers = map.get("handlers").and_then(|value| value.list());
        for handler in handlers.unwrap_or_default() {
            let Some(map) = handler.map() else { return };
            let said = [map.get("name"), map.get("listen")].into_iter().flatten();
            for value in said {
                for item in value.list().map_or_else(
                    || vec![&**value],
                    |items| items.iter().map(|item| &**item).collect(),
                ) {
                    match item.literal() {
                        Some(name) => names.push(name.to_owned()),
                        None => return,
                    }
                }
            }
        }
        for (name, at) in notified {
            if names.contains(&name) {
                continue;
            }
            let known = names.iter().map(String::as_str);
            let help = did_you_mean(&name, known, "add a handler of this name to `handlers`");
            let finding = Diagnostic::warning(2708)
                .message(format!("No handler of the play is called `{name}`"))
                .at(at)
                .help(help);
            self.tell(true, finding);
        }
    }
}

/// A place, where there is one.
fn at_maybe(finding: Diagnostic, at: Option<Span>) -> Diagnostic {
    match at {
        Some(at) => finding.at(at),
        None => finding,
    }
}

/// A document's beginning: all of it would be underlined otherwise.
pub(super) fn first_line(node: &Node) -> Span {
    match node.map().and_then(|map| map.own.first()) {
        Some((key, _)) => key.span,
        None => node.span,
    }
}

/// What stands behind a name, as an origin.
pub(super) fn written(at: Span) -> Origin {
    Origin::Written(at)
}
