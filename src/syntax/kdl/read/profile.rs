//! `profile` and `task`.

use super::node::Node;
use super::place::Place;
use super::{Reader, misformed};
use crate::source::Origin;
use crate::syntax::Word;
use crate::syntax::document::{OverrideNode, ProfileNode, TaskNode};

impl Reader<'_> {
    pub(super) fn profile(&mut self, node: &Node) -> Option<ProfileNode> {
        let name = self.named(node);
        let mut profile = ProfileNode {
            name: name.clone().unwrap_or_else(|| node.name.clone()),
            extends: None,
            only: None,
            overrides: Vec::new(),
        };
        for (name, value) in &node.properties {
            if self.property(node, &["extends"], name, value).is_some() {
                profile.extends = Some(value.clone());
            }
        }
        for raw in node.block.iter().flat_map(|block| block.nodes) {
            let mut child = self.node(raw);
            if let ("extends", [parent]) = (&*child.name.text, &child.arguments[..]) {
                self.moved(&child, parent, "extends", "profile");
                profile.extends = Some(parent.clone());
                continue;
            }
            match self.resolve(Place::Profile, &mut child) {
                Some("only") => {
                    let words = self.only(&child);
                    profile.only.get_or_insert_default().extend(words);
                }
                Some("machine") => profile.overrides.extend(self.machine_of_profile(&child)),
                _ => {}
            }
        }
        name.map(|_| profile)
    }

    /// `only web "!debug"`
    fn only(&mut self, node: &Node) -> Vec<Word> {
        self.no_properties(node);
        self.no_block(node);
        if node.arguments.is_empty() && node.properties.is_empty() && node.block.is_none() {
            self.missing(node, "the names of machines", None);
        }
        let words = node.arguments.iter();
        words
            .filter(|word| !self.in_one_string(node, word))
            .cloned()
            .collect()
    }

    fn machine_of_profile(&mut self, node: &Node) -> Option<OverrideNode> {
        self.no_properties(node);
        let inside = self.block_of(Place::Override, Origin::Profile, node);
        let Some(target) = node.arguments.first() else {
            self.missing(node, "the name of a machine, or a pattern", None);
            return None;
        };
        self.no_arguments(node, 1, &|_| {
            "write a `machine` for each, or a pattern such as `\"web*\"`".into()
        });
        if node.block.is_none() {
            self.sink.push(
                misformed("A `machine` of a profile needs a block")
                    .at_origin(node.name.origin)
                    .label("says nothing")
                    .help(format!(
                        "write `only {}` to choose it, or a block with settings",
                        self.raw(target)
                    )),
            );
        }
        Some(OverrideNode {
            target: target.clone(),
            section: inside.section,
        })
    }

    pub(super) fn task(&mut self, node: &Node) -> Option<TaskNode> {
        let name = self.named(node);
        let mut task = TaskNode {
            name: name.clone().unwrap_or_else(|| node.name.clone()),
            machine: None,
            run: Vec::new(),
        };
        let mut wrong = node.arguments.len() > 1;
        for (name, value) in &node.properties {
            match self.property(node, &["in"], name, value) {
                Some(_) => task.machine = Some(value.clone()),
                None => wrong = true,
            }
        }
        for raw in node.block.iter().flat_map(|block| block.nodes) {
            let mut child = self.node(raw);
            if let ("in", [machine]) = (&*child.name.text, &child.arguments[..]) {
                self.moved(&child, machine, "in", "task");
                task.machine = Some(machine.clone());
                continue;
            }
            wrong = true;
            if self.resolve(Place::Task, &mut child).is_some() {
                task.run.extend(self.only_argument(&child, None));
            }
        }
        if task.run.is_empty() && !wrong && name.is_some() {
            self.missing(node, "a command to run", None);
        }
        name.map(|_| task)
    }

    /// `profile ci { extends dev; }`
    fn moved(&mut self, child: &Node, value: &Word, property: &str, of: &str) {
        let raw = self.raw(value);
        let found = misformed(format!("`{property}` is a property of `{of}`"))
            .at_origin(child.name.origin)
            .label("a node")
            .help(format!(
                "write `{property}={raw}` behind `{of}`, before the block"
            ));
        self.sink.push(found);
    }
}
