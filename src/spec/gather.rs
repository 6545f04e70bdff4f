//! Files → Spec: what the main file, its includes, the local file and the `.env` beside say together.

use super::Spec;
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::{self, Dialect, Stands};
use crate::source::Origin;
use crate::syntax::document::{Document, MachineNode, OverrideNode};
use crate::syntax::kdl::is_pattern;
use crate::syntax::{Section, Word};
use crate::value::nearest;
use std::collections::HashMap;

/// What part a file plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The one that makes the project.
    Main,
    /// One that it includes.
    Included,
    /// `vagrantp.local.kdl`: it may say otherwise what the others say.
    Local,
    /// A template of the standard library.
    Standard,
}

/// All files as one. What may stand once is told where it stands again.
pub fn gather(dialect: Dialect, documents: Vec<(Part, Document)>, sink: &mut Sink) -> Option<Spec> {
    let main = documents.iter().find(|(part, _)| *part == Part::Main)?;
    let mut spec = Spec {
        dialect,
        head: main.1.head,
        project: None,
        networks: Vec::new(),
        beneath: None,
        defaults: None,
        templates: Vec::new(),
        machines: Vec::new(),
        local: Vec::new(),
        profiles: Vec::new(),
        tasks: Vec::new(),
        environment: Section::default(),
        flags: Vec::new(),
    };
    for (part, document) in documents {
        add(&mut spec, part, document, sink);
    }
    twice(
        "template",
        spec.templates.iter().map(|node| &node.name),
        sink,
    );
    twice(
        "machine",
        spec.machines.iter().filter_map(|node| node.name.as_ref()),
        sink,
    );
    twice("profile", spec.profiles.iter().map(|node| &node.name), sink);
    twice("network", spec.networks.iter().map(|node| &node.name), sink);
    twice("task", spec.tasks.iter().map(|node| &node.name), sink);
    Some(spec)
}

fn add(spec: &mut Spec, part: Part, document: Document, sink: &mut Sink) {
    let only_main = |what: &str, origin: Origin, sink: &mut Sink| {
        sink.push(
            Diagnostic::error(2407)
                .message(format!("`{what}` stands in the main file alone"))
                .at_origin(origin)
                .help(format!("move it to {}", "vagrantp.kdl")),
        );
    };
    if let Some(project) = document.project {
        match part {
            Part::Main => spec.project = Some(project),
            _ => only_main("project", project.key.origin, sink),
        }
    }
    if let Some((place, section)) = document.defaults {
        match part {
            Part::Main => spec.defaults = Some(section),
            _ => only_main("defaults", Origin::Written(place), sink),
        }
    }
    spec.networks.extend(document.networks);
    spec.templates.extend(document.templates);
    spec.tasks.extend(document.tasks);
    for profile in document.profiles {
        let mine = spec
            .profiles
            .iter_mut()
            .find(|there| there.name.text == profile.name.text);
        match mine.filter(|_| part == Part::Local) {
            Some(there) => {
                there.only = profile.only.or(there.only.take());
                there.extends = profile.extends.or(there.extends.take());
                there.overrides.extend(profile.overrides);
            }
            None => spec.profiles.push(profile),
        }
    }
    for machine in document.machines {
        match part {
            Part::Local => local(spec, machine, sink),
            _ => spec.machines.push(machine),
        }
    }
}

/// A machine of the local file: one that is there is said otherwise, as a profile would; another is a new one.
fn local(spec: &mut Spec, machine: MachineNode, sink: &mut Sink) {
    let Some(target) = machine.name.clone() else {
        return;
    };
    let known = || spec.machines.iter().filter_map(|there| there.name.as_ref());
    let is_there = known().any(|there| there.text == target.text);
    if !is_there && !is_pattern(&target.text) {
        let near = nearest(&target.text, known().map(|name| &*name.text));
        let says_kind = machine.section.entries.iter();
        let mut says_kind = says_kind.filter(|entry| entry.setting == "kind");
        match near.filter(|_| machine.uses.is_empty() && says_kind.next().is_none()) {
            Some(near) => sink.push(
                Diagnostic::error(2601)
                    .message(format!("There is no machine '{}'", target.text))
                    .at_origin(target.origin)
                    .label("not defined")
                    .help(format!("write `{near}`")),
            ),
            None => spec.machines.push(machine),
        }
        return;
    }
    let settings = machine.section.entries.iter();
    let own = settings.filter(|entry| settings::of(entry.setting).stands == Stands::Machine);
    let own = own.map(|entry| (&*entry.key.text, entry.key.origin));
    let uses = machine.uses.iter();
    for (what, origin) in own.chain(uses.map(|node| ("use", node.template.origin))) {
        sink.push(
            Diagnostic::error(2407)
                .message(format!("`{what}` stands only where the machine is defined"))
                .at_origin(origin)
                .help("move it to the machine's own block, or give the machine another name"),
        );
    }
    let section = machine.section;
    spec.local.push(OverrideNode { target, section });
}

/// A name is one thing's in all files.
fn twice<'a>(what: &str, names: impl Iterator<Item = &'a Word>, sink: &mut Sink) {
    let mut first: HashMap<&str, Origin> = HashMap::new();
    for name in names {
        if let Some(there) = first.get(&*name.text) {
            sink.push(
                Diagnostic::error(2606)
                    .message(format!("There are two {what}s called '{}'", name.text))
                    .at_origin(name.origin)
                    .label("again here")
                    .related("first here", *there)
                    .help("rename one of them"),
            );
        }
        first.entry(&name.text).or_insert(name.origin);
    }
}
