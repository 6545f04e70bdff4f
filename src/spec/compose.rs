//! The layers of every machine under a choice of profiles, laid over each other and evaluated.

use super::expression::Values;
use super::merge::{Layer, Scope, kind, merge};
use super::names::params;
use super::profiles::{chain, only};
use super::select::{Candidate, Pattern};
use super::{MachineSpec, Spec};
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Origin;
use crate::syntax::document::{MachineNode, ProfileNode, UseNode};
use crate::syntax::{Section, Word};
use crate::value::{Choice, Kind};
use std::collections::{BTreeMap, HashSet};

/// What the texts of a project may name.
pub struct World<'a> {
    /// Variables of the environment and the `.env`.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The project's name.
    pub project_name: String,
    /// The project's folder.
    pub project_dir: String,
}

/// One machine, as all layers write it.
#[derive(Debug, Clone)]
pub struct Composed {
    /// Its name; none for the one of a `.env`.
    pub name: Option<Word>,
    /// Which it is of how many, and the name of the node.
    pub instance: Option<(String, u32, u32)>,
    /// Its kind, where one is set.
    pub kind: Option<Kind>,
    /// The kind that it has where nothing overrides what is written of it.
    pub own_kind: Option<Kind>,
    /// What is written.
    pub spec: MachineSpec,
    /// Whether one of its templates is not there, so that what it would say is not known.
    pub incomplete: bool,
    /// Whether the profile leaves it out.
    pub left_out: bool,
    /// Where it is written: its name.
    pub origin: Origin,
    /// What texts about it may name: `project`, `profile`, `machine`, `index`, `count`.
    pub context: BTreeMap<String, tera::Value>,
}

/// More machines than a host can have.
const MOST: u32 = 1000;

/// All machines under these profiles, in written order; those that they leave out too.
pub fn compose(spec: &Spec, profiles: &[String], world: &World, sink: &mut Sink) -> Vec<Composed> {
    let chain = chain(spec, profiles);
    let only = only(spec, profiles);
    let mut all = Vec::new();
    for node in &spec.machines {
        let base = Base::of(spec, node);
        let Some(count) = count(node, sink) else {
            continue;
        };
        for index in 1..=count.unwrap_or(1) {
            let instance = count.map(|count| (index, count));
            let composing = Composing {
                spec,
                node,
                base: &base,
                chain: &chain,
                profiles,
                world,
            };
            let machine = composing.machine(instance, sink);
            let tags: Vec<String> = tags(&machine.spec);
            let called = spec.called(node);
            let candidate = Candidate {
                node: called,
                name: machine.name.as_ref().map_or(called, |name| &name.text),
                tags: &tags,
            };
            let left_out = only.as_ref().is_some_and(|only| !only.takes(&candidate));
            all.push(Composed {
                left_out,
                ..machine
            });
        }
    }
    all
}

fn tags(spec: &MachineSpec) -> Vec<String> {
    let written = spec.settings.get("tags").into_iter().flatten();
    let values = written.flat_map(|written| &written.values);
    values
        .filter_map(|value| match &value.value {
            super::Value::Object(name) => Some(name.to_string()),
            _ => None,
        })
        .collect()
}

/// The layers below the profiles: the same for all machines of a node.
struct Base<'a> {
    /// What overrides may mean it by.
    tags: Vec<String>,
    layers: Vec<Layer<'a>>,
    scopes: Vec<BTreeMap<String, tera::Value>>,
    /// The uses that the scopes are of.
    uses: Vec<&'a UseNode>,
    incomplete: bool,
    laid: HashSet<String>,
}

/// A use as it is written: equal ones lay the same.
fn said(node: &UseNode) -> String {
    let mut text = node.template.text.clone();
    for (name, value) in &node.arguments {
        text.push_str(&format!(" {}={:?}", name.text, value.text));
    }
    text
}

impl<'a> Base<'a> {
    fn of(spec: &'a Spec, node: &'a MachineNode) -> Self {
        let mut base = Base {
            tags: Vec::new(),
            layers: Vec::new(),
            scopes: Vec::new(),
            uses: Vec::new(),
            incomplete: false,
            laid: HashSet::new(),
        };
        for section in spec.beneath.iter().chain(&spec.defaults) {
            base.push(section, None);
        }
        base.uses(spec, &node.uses, &mut Vec::new());
        base.push(&node.section, None);
        let entries = base.layers.iter().flat_map(|layer| &layer.section.entries);
        let tags = entries.filter(|entry| entry.setting == "tags");
        let tags = tags.flat_map(|entry| &entry.values);
        base.tags = tags.map(|tag| tag.text.clone()).collect();
        base
    }

    fn push(&mut self, section: &'a Section, scope: Scope) {
        self.layers.push(Layer { section, scope });
    }

    /// A template's own uses lie beneath it. One that uses itself was told.
    fn uses(&mut self, spec: &'a Spec, uses: &'a [UseNode], within: &mut Vec<&'a str>) {
        for node in uses {
            let template = spec
                .templates
                .iter()
                .find(|there| there.name.text == node.template.text);
            let looped = |name: &str| within.contains(&name);
            let Some(template) = template.filter(|template| !looped(&template.name.text)) else {
                self.incomplete = true;
                continue;
            };
            // What two templates build on lies beneath both, once.
            if !self.laid.insert(said(node)) {
                continue;
            }
            within.push(&template.name.text);
            self.uses(spec, &template.uses, within);
            within.pop();
            self.scopes.push(params(node, template));
            self.uses.push(node);
            self.push(&template.section, Some(self.scopes.len() - 1));
        }
    }
}

/// How many machines a node is; none without `count`. Nothing where that is told to be wrong.
fn count(node: &MachineNode, sink: &mut Sink) -> Option<Option<u32>> {
    let mut entries = node.section.entries.iter();
    let Some(entry) = entries.rfind(|entry| entry.setting == "count") else {
        return Some(None);
    };
    let word = entry.values.first()?;
    match word.text.parse::<u32>() {
        Ok(count @ 1..=MOST) => Some(Some(count)),
        Ok(count) if count > MOST => {
            sink.push(
                Diagnostic::error(2133)
                    .message(format!("Invalid value for count: at most {MOST}"))
                    .at_origin(word.origin)
                    .label("too many")
                    .help(format!("write a number up to {MOST}")),
            );
            None
        }
        _ => None,
    }
}

struct Composing<'a> {
    spec: &'a Spec,
    node: &'a MachineNode,
    base: &'a Base<'a>,
    chain: &'a [&'a ProfileNode],
    profiles: &'a [String],
    world: &'a World<'a>,
}

impl Composing<'_> {
    fn machine(&self, instance: Option<(u32, u32)>, sink: &mut Sink) -> Composed {
        let node = self.node.name.as_ref();
        let name = node.map(|node| match instance {
            Some((index, _)) => Word {
                text: format!("{}-{index}", node.text),
                verbatim: false,
                ..node.clone()
            },
            None => node.clone(),
        });
        let layers = self.layers(name.as_ref());
        let kind = kind(&layers);
        let context = self.context(name.as_ref(), kind, instance);
        let merged = merge(&layers, kind);
        let none = BTreeMap::new();
        let values = |scope: Scope| Values {
            variable: self.world.variable,
            params: scope.map_or(&none, |scope| &self.base.scopes[scope]),
            context: &context,
        };
        let spec = super::lower::lower(&merged, kind, &values, &self.base.uses, sink);
        Composed {
            origin: node.map_or(Origin::Default, |node| node.origin),
            instance: node
                .zip(instance)
                .map(|(node, (index, count))| (node.text.clone(), index, count)),
            name,
            kind,
            own_kind: self::kind(&self.base.layers),
            spec,
            incomplete: self.base.incomplete,
            left_out: false,
            context,
        }
    }

    fn layers(&self, name: Option<&Word>) -> Vec<Layer<'_>> {
        let mut layers = self.base.layers.clone();
        let called = self.spec.called(self.node);
        let candidate = Candidate {
            node: called,
            name: name.map_or(called, |name| &name.text),
            tags: &self.base.tags,
        };
        let overrides = self.chain.iter().flat_map(|profile| &profile.overrides);
        for node in self.spec.local.iter().chain(overrides) {
            let matches =
                Pattern::parse(&node.target.text).is_ok_and(|pattern| pattern.matches(&candidate));
            if matches {
                layers.push(Layer {
                    section: &node.section,
                    scope: None,
                });
            }
        }
        layers.push(Layer {
            section: &self.spec.environment,
            scope: None,
        });
        for (machine, section) in &self.spec.flags {
            let meant = machine
                .as_ref()
                .is_none_or(|meant| *meant == candidate.node || *meant == candidate.name);
            if meant {
                layers.push(Layer {
                    section,
                    scope: None,
                });
            }
        }
        layers
    }

    fn context(
        &self,
        name: Option<&Word>,
        kind: Option<Kind>,
        instance: Option<(u32, u32)>,
    ) -> BTreeMap<String, tera::Value> {
        let mut context = BTreeMap::new();
        let mut put = |name: &str, value: tera::Value| context.insert(name.to_owned(), value);
        put("project.name", self.world.project_name.clone().into());
        put("project.dir", self.world.project_dir.clone().into());
        put(
            "profile.name",
            self.profiles.last().cloned().unwrap_or_default().into(),
        );
        let name = name.map_or(&self.world.project_name, |name| &name.text);
        put("machine.name", name.clone().into());
        put("machine.kind", kind.map_or("", Choice::word).into());
        let (index, count) = instance.unwrap_or((1, 1));
        put("index", index.into());
        put("count", count.into());
        context
    }
}
