//! The nodes of a file.

use super::node::Node;
use super::once::again;
use super::place::Place;
use super::{Reader, misformed};
use crate::source::Origin;
use crate::syntax::document::{Document, NetworkNode, ProjectNode};

impl Reader<'_> {
    pub(super) fn top(&mut self, name: &str, node: &Node, document: &mut Document) {
        match name {
            "project" => self.project(node, document),
            "include" => self.include(node, document),
            "network" => document.networks.extend(self.network(node)),
            "defaults" => self.defaults(node, document),
            "template" => document.templates.extend(self.template(node)),
            "machine" => document.machines.extend(self.machine(node)),
            "profile" => document.profiles.extend(self.profile(node)),
            _ => document.tasks.extend(self.task(node)),
        }
    }

    /// `project shop { default-profile dev; }`
    fn project(&mut self, node: &Node, document: &mut Document) {
        self.no_properties(node);
        self.no_arguments(node, 1, &|_| "remove it: a project has one name".into());
        let mut project = ProjectNode {
            key: node.name.clone(),
            name: node.arguments.first().cloned(),
            default_profile: None,
        };
        for raw in node.block.iter().flat_map(|block| block.nodes) {
            let mut child = self.node(raw);
            if self.resolve(Place::Project, &mut child).is_none() {
                continue;
            }
            let Some(profile) = self.only_argument(&child, None) else {
                continue;
            };
            match &project.default_profile {
                Some(there) => {
                    let message = "`default-profile` is written twice in one block";
                    self.sink
                        .push(again(&child.name, there.origin).message(message));
                }
                None => project.default_profile = Some(profile),
            }
        }
        // What has another name is told already.
        let own = node.name.verbatim;
        if node.is_bare() && own {
            self.missing(node, "a name or a block", None);
        }
        match &document.project {
            Some(_) if !own => {}
            Some(there) => {
                let found = again(&node.name, there.key.origin);
                self.sink
                    .push(found.message("`project` is written twice in one file"));
            }
            None => document.project = Some(project),
        }
    }

    /// `include "machines/*.kdl"`
    fn include(&mut self, node: &Node, document: &mut Document) {
        let Some(pattern) = self.only_argument(node, None) else {
            return;
        };
        let found = misformed(match pattern.text.as_str() {
            "" => "The path of an `include` is empty",
            text if text.contains("{{") => "The path of an `include` is not evaluated",
            _ => {
                document
                    .includes
                    .extend(self.no_references(&pattern).then_some(pattern));
                return;
            }
        });
        let place = self.literal(&pattern);
        let found = found.at_origin(place.map_or(pattern.origin, Origin::Written));
        self.sink
            .push(found.help("write a path, or a glob such as `machines/*.kdl`"));
    }

    /// `network backend { subnet "10.20.0.0/24"; internal; }`
    fn network(&mut self, node: &Node) -> Option<NetworkNode> {
        let name = self.named(node);
        self.no_properties(node);
        let mut network = NetworkNode {
            name: name.clone().unwrap_or_else(|| node.name.clone()),
            subnet: None,
            internal: None,
        };
        for raw in node.block.iter().flat_map(|block| block.nodes) {
            let mut child = self.node(raw);
            let (slot, word) = match self.resolve(Place::Network, &mut child) {
                None => continue,
                Some("internal") => {
                    self.flag(&child);
                    (&mut network.internal, Some(child.name.clone()))
                }
                Some(_) => (&mut network.subnet, self.only_argument(&child, None)),
            };
            match (&slot, word) {
                (Some(there), Some(_)) => {
                    let found = again(&child.name, there.origin);
                    let message = format!("`{}` is written twice in one block", child.name.text);
                    self.sink.push(found.message(message));
                }
                (None, word) => *slot = word,
                _ => {}
            }
        }
        name.map(|_| network)
    }

    /// `defaults { memory "2G"; }`
    fn defaults(&mut self, node: &Node, document: &mut Document) {
        self.no_properties(node);
        self.no_arguments(node, 0, &|_| {
            "remove it: defaults are for all machines".into()
        });
        let inside = self.block_of(Place::Defaults, Origin::Defaults, node);
        let own = node.name.verbatim;
        if node.is_bare() && own {
            self.missing(node, "a block", None);
        }
        let Some(place) = node.place() else { return };
        match &document.defaults {
            Some(_) if !own => {}
            Some((there, _)) => {
                let found = again(&node.name, Origin::Written(*there));
                self.sink
                    .push(found.message("`defaults` is written twice in one file"));
            }
            None => document.defaults = Some((place, inside.section)),
        }
    }
}
