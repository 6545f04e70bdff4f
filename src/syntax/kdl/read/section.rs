//! A block of settings.

use super::Reader;
use super::node::{Block, Node};
use super::place::Place;
use crate::settings;
use crate::source::{Origin, Span};
use crate::syntax::Section;
use crate::syntax::document::{ParamNode, UseNode};

/// What a block of settings says.
#[derive(Default)]
pub(super) struct Inside {
    pub(super) section: Section,
    pub(super) uses: Vec<UseNode>,
    pub(super) params: Vec<ParamNode>,
}

impl Reader<'_> {
    /// The block of a node, as of a layer.
    pub(super) fn block_of(
        &mut self,
        place: Place,
        layer: fn(Span) -> Origin,
        node: &Node,
    ) -> Inside {
        let before = std::mem::replace(&mut self.layer, layer);
        let mut inside = self.inside(place, node.block.as_ref());
        self.layer = before;
        self.once(&mut inside.section.entries);
        self.params_once(&mut inside.params);
        inside
    }

    pub(super) fn inside(&mut self, place: Place, block: Option<&Block>) -> Inside {
        let mut inside = Inside::default();
        let entries = &mut Vec::new();
        for raw in block.iter().flat_map(|block| block.nodes) {
            let mut node = self.node(raw);
            match self.resolve(place, &mut node) {
                None => {}
                Some("use") => inside.uses.extend(self.use_of(&node)),
                Some("param") => inside.params.extend(self.param(&node)),
                Some("vm" | "container") => self.kind(place, &node, entries),
                Some(name) => match settings::by_name(name) {
                    Some(row) => self.setting(row, &node, entries),
                    None => self.lone_properties(name, &node, entries),
                },
            }
        }
        inside.section.entries.append(entries);
        inside
    }
}
