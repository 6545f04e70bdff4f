//! Names that mean other things: each is there, or the nearest one is offered.

use super::Spec;
use super::chain::{Link, loops};
use super::expression::Names;
use super::lower::{did_you_mean, judge, kind_of};
use super::select::Pattern;
use crate::diagnostic::{Diagnostic, Sink};
use crate::syntax::document::{TemplateNode, UseNode};
use crate::syntax::{Literal, Section, Word};
use crate::value::Kind;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the rest of the world knows of names in texts.
pub struct World<'a> {
    /// Whether the `.env` or the environment has a variable.
    pub has_variable: &'a dyn Fn(&str) -> bool,
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
    for section in spec.flags.iter().map(|(_, section)| section) {
        judge(section, None, &outside, sink);
    }
    let known = known_names(spec);
    for node in &spec.local {
        judge(&node.section, None, &outside, sink);
        target(&node.target, &known, "vagrantp.local.kdl", sink);
    }
    profiles(spec, &outside, &known, sink);
    depends_on(spec, &known, sink);
    tasks(spec, &known, sink);
}

fn names<'a>(world: &'a World, params: Option<&'a [&'a str]>) -> Names<'a> {
    Names {
        params,
        has_variable: world.has_variable,
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
        let Some(name) = &machine.name else { continue };
        known.nodes.push(&name.text);
        known.names.insert(name.text.clone());
        let mut entries = machine.section.entries.iter();
        let count = entries.rfind(|entry| entry.setting == "count");
        let count = count.and_then(|entry| entry.values.first()?.text.parse::<u32>().ok());
        for index in 1..=count.unwrap_or(0).min(10_000) {
            known.names.insert(format!("{}-{index}", name.text));
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
        did_you_mean(name, self.nodes.iter().copied(), "add the machine")
    }
}

/// Each use names a template and gives it what it takes.
fn uses(spec: &Spec, uses: &[UseNode], sink: &mut Sink) {
    for node in uses {
        let name = &node.template.text;
        let Some(template) = spec.templates.iter().find(|there| there.name.text == *name) else {
            let known = spec.templates.iter().map(|there| &*there.name.text);
            let standard = crate::syntax::document::STANDARD.iter().copied();
            let help = match name.starts_with("std/") {
                true => did_you_mean(name, standard, ""),
                false => did_you_mean(
                    name,
                    known,
                    "write a `template` of this name, or use one of the standard library: `std/debian`",
                ),
            };
            sink.push(
                Diagnostic::error(2602)
                    .message(format!("There is no template '{name}'"))
                    .at_origin(node.template.origin)
                    .label("not defined")
                    .help(help),
            );
            continue;
        };
        arguments(node, template, sink);
    }
}

fn arguments(node: &UseNode, template: &TemplateNode, sink: &mut Sink) {
    for (name, value) in &node.arguments {
        let param = template
            .params
            .iter()
            .find(|param| param.name.text == name.text);
        let Some(param) = param else {
            let known = template.params.iter().map(|param| &*param.name.text);
            sink.push(
                Diagnostic::error(2603)
                    .message(format!(
                        "Template '{}' has no parameter '{}'",
                        template.name.text, name.text
                    ))
                    .at_origin(name.origin)
                    .label("not one of its parameters")
                    .related("the template is here", template.name.origin)
                    .help(did_you_mean(
                        &name.text,
                        known,
                        "remove it: the template has none",
                    )),
            );
            continue;
        };
        if super::expression::is_expression(&value.text) {
            sink.push(
                Diagnostic::error(2501)
                    .message("`use` is not evaluated")
                    .at_origin(value.origin)
                    .help("write the value out"),
            );
            continue;
        }
        let wanted = param.default.as_ref().map(|default| default.literal);
        if let Some(wanted) = wanted.filter(|wanted| *wanted != value.literal) {
            let (is, help) = match wanted {
                Literal::Number => ("a number", "write a number without quotes"),
                Literal::Keyword => ("`#true` or `#false`", "write `#true` or `#false`"),
                Literal::Text => ("a text", "write it in quotes"),
            };
            let mut finding = Diagnostic::error(2603)
                .message(format!("Parameter '{}' is {is}", name.text))
                .at_origin(value.origin)
                .help(help);
            if let Some(default) = &param.default {
                finding = finding.related("its default says so", default.origin);
            }
            sink.push(finding);
        }
    }
    for param in &template.params {
        let given = node
            .arguments
            .iter()
            .any(|(name, _)| name.text == param.name.text);
        if !given && param.default.is_none() {
            sink.push(
                Diagnostic::error(2603)
                    .message(format!(
                        "Template '{}' needs its parameter '{}'",
                        template.name.text, param.name.text
                    ))
                    .at_origin(node.template.origin)
                    .label("not given")
                    .related("it has no default", param.name.origin)
                    .help(format!(
                        "write `use {} {}=…`",
                        template.name.text, param.name.text
                    )),
            );
        }
    }
}

fn profiles(spec: &Spec, outside: &Names, known: &Known, sink: &mut Sink) {
    let names = || spec.profiles.iter().map(|profile| &*profile.name.text);
    let mut links = Vec::new();
    let unknown = |word: &Word, sink: &mut Sink| {
        sink.push(
            Diagnostic::error(2604)
                .message(format!("There is no profile '{}'", word.text))
                .at_origin(word.origin)
                .label("not defined")
                .help(did_you_mean(
                    &word.text,
                    names(),
                    "write a `profile` of this name",
                )),
        );
    };
    let default = spec
        .project
        .as_ref()
        .and_then(|project| project.default_profile.as_ref());
    if let Some(word) = default.filter(|word| !names().any(|name| name == word.text)) {
        unknown(word, sink);
    }
    for profile in &spec.profiles {
        if let Some(parent) = &profile.extends {
            match names().any(|name| name == parent.text) {
                true => links.push(Link {
                    from: &profile.name.text,
                    to: &parent.text,
                    origin: parent.origin,
                }),
                false => unknown(parent, sink),
            }
        }
        for word in profile.only.iter().flatten() {
            let bare = word
                .slice(word.text.len() - word.text.trim_start_matches('!').len()..word.text.len());
            target(&bare, known, "only", sink);
        }
        for node in &profile.overrides {
            target(&node.target, known, "the profile", sink);
            let kind = known_kind(spec, &node.target);
            judge(&node.section, kind, outside, sink);
        }
    }
    loops("Profiles", &links, sink);
    let mut links = Vec::new();
    for template in &spec.templates {
        let from = &*template.name.text;
        links.extend(template.uses.iter().map(|node| Link {
            from,
            to: &node.template.text,
            origin: node.template.origin,
        }));
    }
    loops("Templates", &links, sink);
}

/// The kind of the one machine that a target names, where its own block sets it.
fn known_kind(spec: &Spec, target: &Word) -> Option<Kind> {
    let mut all = spec.machines.iter();
    let named = all.find(|machine| {
        machine
            .name
            .as_ref()
            .is_some_and(|name| name.text == target.text)
    });
    named.and_then(|machine| kind_of(&machine.section))
}

/// A literal name must be there; a glob or tag that matches nothing is told and does nothing.
fn target(word: &Word, known: &Known, place: &str, sink: &mut Sink) {
    let nothing = |what: String| {
        Diagnostic::warning(2607)
            .message(what)
            .at_origin(word.origin)
            .label("matches nothing")
            .help(format!(
                "write a name that is there, or remove it from {place}"
            ))
    };
    match Pattern::parse(&word.text) {
        Err(why) => sink.push(
            Diagnostic::error(2607)
                .message(format!("The pattern cannot be read: {why}"))
                .at_origin(word.origin)
                .help("write a name, or a glob such as `web*`"),
        ),
        Ok(Pattern::Name(name)) if !known.has(&name) => sink.push(
            Diagnostic::error(2601)
                .message(format!("There is no machine '{name}'"))
                .at_origin(word.origin)
                .label("not defined")
                .help(known.nearest(&name)),
        ),
        Ok(Pattern::Glob(glob)) if !known.names.iter().any(|name| glob.is_match(name)) => {
            sink.push(nothing(format!("No machine is called '{}'", word.text)));
        }
        Ok(Pattern::Tag(tag)) if !known.tags.contains(&*tag) => {
            sink.push(nothing(format!("No machine has the tag '{tag}'")));
        }
        Ok(_) => {}
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
    for (_, word) in all.iter().filter(|(_, word)| !known.has(&word.text)) {
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

fn tasks(spec: &Spec, known: &Known, sink: &mut Sink) {
    for task in &spec.tasks {
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

/// The parameters of a use: what it gives, and the defaults of the others.
pub fn params(node: &UseNode, template: &TemplateNode) -> BTreeMap<String, tera::Value> {
    let mut values = BTreeMap::new();
    for param in &template.params {
        let mut given = node.arguments.iter();
        let given = given.find(|(name, _)| name.text == param.name.text);
        let word = given.map(|(_, value)| value).or(param.default.as_ref());
        if let Some(word) = word {
            values.insert(param.name.text.clone(), typed(word));
        }
    }
    values
}

fn typed(word: &Word) -> tera::Value {
    match word.literal {
        Literal::Number => match (word.text.parse::<i64>(), word.text.parse::<f64>()) {
            (Ok(whole), _) => tera::Value::from(whole),
            (_, Ok(number)) => tera::Value::from(number),
            _ => tera::Value::from(word.text.clone()),
        },
        Literal::Keyword => tera::Value::from(word.text == "true"),
        Literal::Text => tera::Value::from(word.text.clone()),
    }
}
