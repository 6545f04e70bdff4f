//! Names that mean other things: each is there, or the nearest one is offered.

mod profiles;
mod uses;

pub use uses::params;

use super::Spec;
use super::chain::{Link, loops};
use super::expression::{self, Names, is_expression};
use super::lower::{did_you_mean, judge, kind_of};
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Origin;
use crate::syntax::{Section, Word};
use crate::value::ObjectName;
use profiles::{profiles, target};
use std::collections::{HashMap, HashSet};
use uses::uses;

/// What the rest of the world knows of names in texts.
pub struct World<'a> {
    /// Whether the `.env` or the environment has a variable.
    pub has_variable: &'a dyn Fn(&str) -> bool,
    /// The nearest name of a variable that one of them has.
    pub near_variable: &'a dyn Fn(&str) -> Option<String>,
    /// What is wrong with the line of the `.env` that should set a variable.
    pub unread: &'a dyn Fn(&str) -> Option<Diagnostic>,
    /// Whether an unset variable is an error, or a warning.
    pub strict: bool,
}

/// Judges all that is written, whether any machine or profile uses it or not.
pub fn judge_all(spec: &Spec, world: &World, sink: &mut Sink) {
    let outside = names(world, None);
    for section in spec
        .beneath
        .iter()
        .chain(&spec.defaults)
        .chain([&spec.environment])
    {
        judge(section, None, &outside, sink);
    }
    for template in &spec.templates {
        let params: Vec<&str> = template
            .params
            .iter()
            .map(|param| &*param.name.text)
            .collect();
        judge(&template.section, None, &names(world, Some(&params)), sink);
        uses(spec, &template.uses, sink);
    }
    let nameless = spec.machines.iter().find(|machine| machine.name.is_none());
    let above = kind_of(&spec.environment).filter(|_| nameless.is_some());
    for machine in &spec.machines {
        let kind = above.or(kind_of(&machine.section));
        judge(&machine.section, kind, &outside, sink);
        uses(spec, &machine.uses, sink);
    }
    let known = known_names(spec);
    for (machine, section) in &spec.flags {
        judge(section, None, &outside, sink);
        if let Some(machine) = machine.as_ref().filter(|name| !known.has(name)) {
            let key = section.entries.first().map(|entry| entry.key.origin);
            sink.push(
                Diagnostic::error(2601)
                    .message(format!("There is no machine '{machine}'"))
                    .at_origin(key.unwrap_or(Origin::Default))
                    .label("set for no machine")
                    .help(known.nearest(machine)),
            );
        }
    }
    for node in &spec.local {
        judge(&node.section, None, &outside, sink);
        target(&node.target, &known, "vagrantp.local.kdl", sink);
    }
    profiles(spec, &outside, &known, sink);
    depends_on(spec, &known, sink);
    tasks(spec, &known, &outside, sink);
}

fn names<'a>(world: &'a World, params: Option<&'a [&'a str]>) -> Names<'a> {
    Names {
        params,
        has_variable: world.has_variable,
        near_variable: world.near_variable,
        unread: world.unread,
        strict: world.strict,
    }
}

/// Names of machines: of their nodes, and of each of a `count`.
pub struct Known<'a> {
    nodes: Vec<&'a str>,
    names: HashSet<String>,
    tags: HashSet<&'a str>,
}

fn known_names(spec: &Spec) -> Known<'_> {
    let mut known = Known {
        nodes: Vec::new(),
        names: HashSet::new(),
        tags: HashSet::new(),
    };
    for machine in &spec.machines {
        let name = spec.called(machine);
        known.nodes.push(name);
        known.names.insert(name.to_owned());
        let mut entries = machine.section.entries.iter();
        let count = entries.rfind(|entry| entry.setting == "count");
        let count = count.and_then(|entry| entry.values.first()?.text.parse::<u32>().ok());
        for index in 1..=count.unwrap_or(0).min(10_000) {
            known.names.insert(format!("{name}-{index}"));
        }
    }
    let templates = spec.templates.iter().map(|node| &node.section);
    let machines = spec.machines.iter().map(|node| &node.section);
    let overrides = spec.profiles.iter().flat_map(|profile| &profile.overrides);
    let overrides = overrides.chain(&spec.local).map(|node| &node.section);
    let all = templates
        .chain(machines)
        .chain(overrides)
        .chain(&spec.defaults);
    for section in all {
        let entries = section
            .entries
            .iter()
            .filter(|entry| entry.setting == "tags");
        known.tags.extend(
            entries
                .flat_map(|entry| &entry.values)
                .map(|word| &*word.text),
        );
    }
    known
}

impl Known<'_> {
    fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    fn nearest(&self, name: &str) -> String {
        let none = match ObjectName::parse(name) {
            Ok(_) => format!("add `machine {name}`, or write a name that is there"),
            Err(_) => "write the name of a machine".to_owned(),
        };
        did_you_mean(name, self.nodes.iter().copied(), &none)
    }
}

/// Machines that others wait for are there, and none waits for itself.
fn depends_on(spec: &Spec, known: &Known, sink: &mut Sink) {
    let mut all: Vec<(&str, &Word)> = Vec::new();
    for machine in &spec.machines {
        let name = machine.name.as_ref().map_or("", |name| &*name.text);
        all.extend(wanted(&machine.section).map(|word| (name, word)));
    }
    let others = spec.templates.iter().map(|node| &node.section);
    let overrides = spec.profiles.iter().flat_map(|profile| &profile.overrides);
    let overrides = overrides.chain(&spec.local).map(|node| &node.section);
    for section in others.chain(&spec.defaults).chain(overrides) {
        all.extend(wanted(section).map(|word| ("", word)));
    }
    let mut told = HashSet::new();
    // What no machine could be called is told where it stands.
    let unknown = |word: &Word| {
        let can_be = ObjectName::parse(&word.text).is_ok();
        can_be && !known.has(&word.text) && !is_expression(&word.text)
    };
    for (_, word) in all.iter().filter(|(_, word)| unknown(word)) {
        if told.insert(word.origin.span()) {
            sink.push(
                Diagnostic::error(2601)
                    .message(format!("There is no machine '{}'", word.text))
                    .at_origin(word.origin)
                    .label("not defined")
                    .help(known.nearest(&word.text)),
            );
        }
    }
    let nodes: HashMap<&str, &str> = known.nodes.iter().map(|name| (*name, *name)).collect();
    let links: Vec<Link> = all
        .iter()
        .filter(|(from, _)| !from.is_empty())
        .filter_map(|(from, word)| {
            let to = nodes.get(&*word.text).copied().or_else(|| {
                let (node, _) = word.text.rsplit_once('-')?;
                nodes.get(node).copied()
            })?;
            Some(Link {
                from,
                to,
                origin: word.origin,
            })
        })
        .collect();
    loops("Machines that wait for each other", &links, sink);
}

fn wanted(section: &Section) -> impl Iterator<Item = &Word> {
    let entries = section
        .entries
        .iter()
        .filter(|entry| entry.setting == "depends-on");
    entries.flat_map(|entry| &entry.values)
}

fn tasks(spec: &Spec, known: &Known, names: &Names, sink: &mut Sink) {
    for task in &spec.tasks {
        for line in task.run.iter().filter(|line| is_expression(&line.text)) {
            expression::judge(line, names, sink);
        }
        if let Some(machine) = task.machine.as_ref().filter(|word| !known.has(&word.text)) {
            sink.push(
                Diagnostic::error(2601)
                    .message(format!("There is no machine '{}'", machine.text))
                    .at_origin(machine.origin)
                    .label("not defined")
                    .help(known.nearest(&machine.text)),
            );
        }
    }
}
