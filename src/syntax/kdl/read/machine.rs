//! `machine`, `template`, and what is in them beside settings.

use super::node::Node;
use super::place::{Place, is_setting};
use super::{Reader, misformed};
use crate::source::Origin;
use crate::syntax::document::{MachineNode, ParamNode, TemplateNode, UseNode};
use crate::syntax::{Literal, Word};

impl Reader<'_> {
    pub(super) fn machine(&mut self, node: &Node) -> Option<MachineNode> {
        let name = self.named(node);
        self.no_properties(node);
        let inside = self.block_of(Place::Machine, Origin::Written, node);
        // Without a name it would be the one of a `.env`.
        Some(MachineNode {
            name: Some(name?),
            uses: inside.uses,
            section: inside.section,
        })
    }

    pub(super) fn template(&mut self, node: &Node) -> Option<TemplateNode> {
        let name = self.named(node);
        self.no_properties(node);
        let inside = self.block_of(Place::Template, Origin::Template, node);
        Some(TemplateNode {
            name: name?,
            params: inside.params,
            uses: inside.uses,
            section: inside.section,
        })
    }

    pub(super) fn no_properties(&mut self, node: &Node) {
        for (name, value) in &node.properties {
            self.property(node, &[], name, value);
        }
    }

    /// `use web-base port=9090`
    pub(super) fn use_of(&mut self, node: &Node) -> Option<UseNode> {
        let as_param = |word: &Word| match word.literal == Literal::Text {
            true => "write a `use` for each template".to_owned(),
            false => format!(
                "write it with its parameter's name, as in `port={}`",
                word.text
            ),
        };
        self.no_arguments(node, 1, &as_param);
        if let Some(block) = &node.block {
            let found = self.block(node, block.brace);
            self.sink.push(found.help("write parameters behind it, as in `use web-base port=9090`, and settings beside it"));
        }
        let Some(template) = node.arguments.first() else {
            self.missing(node, "a template", None);
            return None;
        };
        let mut arguments = Vec::new();
        for (name, value) in &node.properties {
            if is_setting(&name.text) && name.text.contains('-') {
                self.param_name(name);
            }
            if self.no_references(value) {
                arguments.push((name.clone(), value.clone()));
            }
        }
        Some(UseNode {
            template: template.clone(),
            arguments,
        })
    }

    /// `param port 8080`
    pub(super) fn param(&mut self, node: &Node) -> Option<ParamNode> {
        if let Some(block) = &node.block {
            let found = self.block(node, block.brace);
            self.sink.push(found.help("write `param port 8080`"));
        }
        let surplus = node.arguments.get(2);
        if let Some(surplus) = surplus {
            let found = misformed("`param` takes a name and a default")
                .at_origin(surplus.origin)
                .label("one too many");
            self.sink.push(found.help("write a `param` for each"));
        }
        let (name, default) = match (&node.arguments[..], &node.properties[..]) {
            ([], [(name, value), ..]) => {
                self.default_as_property(name, name, value);
                (name, Some(value))
            }
            ([name], [(property, value), ..]) => {
                self.default_as_property(name, property, value);
                (name, Some(value))
            }
            ([name, default, ..], [(property, value), ..]) => {
                self.property(node, &[], property, value);
                (name, Some(default))
            }
            ([name, rest @ ..], []) => (name, rest.first()),
            ([], []) => {
                self.missing(node, "a name", None);
                return None;
            }
        };
        self.param_name(name);
        let default = default.filter(|default| self.no_references(default));
        Some(ParamNode {
            name: name.clone(),
            default: default.cloned(),
        })
    }

    /// `param port=8080`, `param port default=8080`
    fn default_as_property(&mut self, name: &Word, property: &Word, value: &Word) {
        let raw = self.raw(value).to_owned();
        self.sink.push(
            misformed("The default of a parameter is an argument")
                .at_origin(property.origin)
                .label("a property")
                .help(format!("write `param {} {raw}`", name.text)),
        );
    }
}
