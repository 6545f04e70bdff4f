//! Settings with parts: `network backend ip="10.20.0.5"`, `ready port=80`, `ssh user=dev`.

use super::node::Node;
use super::place::Place;
use super::sample::{property, sample};
use super::{Reader, misformed};
use crate::settings::{self, Form, Setting, parts_of};
use crate::syntax::kdl::clump::quoted;
use crate::syntax::{Entry, Literal, Word};
use crate::value::Size;
use std::net::Ipv4Addr;

impl Reader<'_> {
    /// A node with a name and parts. Without either it empties the list.
    pub(super) fn item(&mut self, row: &'static Setting, node: &Node) -> Option<Entry> {
        if row.name == "provision" && self.provisioner(node) {
            return None;
        }
        let before = self.sink.found.len();
        let mut parts = self.qualified(row.name, node);
        let only_wrong = parts.is_empty() && self.sink.found.len() > before;
        let entry = |values, parts| Entry {
            setting: row.name,
            key: node.name.clone(),
            values,
            parts,
        };
        let Some(first) = node.arguments.first() else {
            if node.is_bare() {
                return Some(entry(Vec::new(), parts));
            }
            let what = match row.name {
                "provision" | "sync" => "a path as its argument",
                _ => "a name as its argument",
            };
            if !only_wrong {
                self.missing(node, what, Some(row));
            }
            return None;
        };
        if let Some(surplus) = node.arguments.get(1) {
            let meant = self.as_property(row.name, node, surplus);
            parts.extend(meant);
        }
        if let Some(property) = property_as_name(row, first) {
            let found = misformed(format!("This is the property `{property}`, not the name"))
                .at_origin(first.origin)
                .label("not a name");
            let name = match row.name {
                "network" => "default",
                _ => "data",
            };
            let raw = self.raw(first).to_owned();
            self.sink
                .push(found.help(format!("write `{} {name} {property}={raw}`", row.name)));
            return None;
        }
        if self.of_others(row, first) {
            return None;
        }
        let first = self.checked(row, first)?;
        Some(entry(vec![first], parts))
    }

    /// `network private_network`, `volume "data:/data"`: whether Vagrant's or Compose's way of a name is told.
    fn of_others(&mut self, row: &Setting, first: &Word) -> bool {
        let text = &*first.text;
        let written = match (row.name, text, text.split_once(':')) {
            ("network", "private_network" | "private-network" | "private", _) => {
                "network default ip=\"192.168.56.10\"".to_owned()
            }
            ("network", "public_network" | "public-network" | "bridged", _) => {
                "network bridge".to_owned()
            }
            ("volume", _, Some((name, path))) if path.starts_with('/') => {
                let (path, read_only) = match path.strip_suffix(":ro") {
                    Some(path) => (path, " { read-only; }"),
                    None => (path, ""),
                };
                let host = name.starts_with(['.', '/', '~']);
                let node = if host { "sync" } else { "volume" };
                let name = if host { quoted(name) } else { name.to_owned() };
                format!("{node} {name} to={}{read_only}", quoted(path))
            }
            _ => return false,
        };
        let whose = if row.name == "network" {
            "Vagrant"
        } else {
            "Compose"
        };
        self.sink.push(
            misformed(format!(
                "`{text}` is no name, but {whose}'s way to write it"
            ))
            .at_origin(first.origin)
            .label("not a name")
            .help(format!("write `{written}`")),
        );
        true
    }

    /// The parts of a node that has no argument.
    pub(super) fn parts(&mut self, owner: &'static str, node: &Node) -> Vec<Entry> {
        let meant = node.arguments.first();
        let meant = meant.and_then(|argument| self.as_property(owner, node, argument));
        let mut parts: Vec<Entry> = meant.into_iter().collect();
        parts.extend(self.qualified(owner, node));
        parts
    }

    /// `ssh user=dev`: properties that are settings of their own.
    pub(super) fn lone_properties(
        &mut self,
        owner: &'static str,
        node: &Node,
        out: &mut Vec<Entry>,
    ) {
        if node.is_bare() {
            self.missing(node, "a property", None);
        }
        out.extend(self.parts(owner, node));
    }

    fn qualified(&mut self, owner: &'static str, node: &Node) -> Vec<Entry> {
        let rows: Vec<&'static Setting> = parts_of(owner).collect();
        let is_property = |row: &&&Setting| row.form == Form::Property;
        let known: Vec<&str> = rows
            .iter()
            .filter(is_property)
            .map(|row| row.own_name())
            .collect();
        let find = |name: &str| rows.iter().find(|row| row.own_name() == name).copied();
        let mut parts = Vec::new();
        for (name, value) in &node.properties {
            let meant = self.property(node, &known, name, value);
            let Some(row) = meant.and_then(find) else {
                continue;
            };
            parts.push(self.part(row, name, value));
        }
        for raw in node.block.iter().flat_map(|block| block.nodes) {
            let mut child = self.node(raw);
            let row = find(&child.name.text).filter(|row| row.form == Form::Property);
            if let Some(row) = row {
                self.property_as_node(owner, row, &child);
                if let [value] = &child.arguments[..] {
                    let told = Word {
                        verbatim: false,
                        ..child.name.clone()
                    };
                    parts.push(self.part(row, &told, value));
                }
                continue;
            }
            let within = settings::by_name(owner).map(Place::Part);
            let Some(within) = within else {
                let brace = node.block.as_ref().map(|block| block.brace);
                if let Some(found) = brace.map(|brace| self.block(node, brace)) {
                    self.sink
                        .push(found.help(format!("write `{}`", sample(owner, None))));
                }
                break;
            };
            if let Some(row) = self.resolve(within, &mut child).and_then(find) {
                self.setting(row, &child, &mut parts);
            }
        }
        self.once(&mut parts);
        parts
    }

    fn part(&mut self, row: &'static Setting, name: &Word, value: &Word) -> Entry {
        let own = name.verbatim && name.text == row.own_name();
        Entry {
            setting: row.name,
            key: Word {
                text: row.own_name().to_owned(),
                verbatim: own,
                ..name.clone()
            },
            values: self.checked(row, value).into_iter().collect(),
            parts: Vec::new(),
        }
    }

    /// `ready 80`: an argument that a property is meant for, which it is read on as.
    fn as_property(&mut self, owner: &str, node: &Node, argument: &Word) -> Option<Entry> {
        let text = &argument.text;
        let row = match owner {
            "ready" if argument.literal == Literal::Number || text.parse::<u16>().is_ok() => {
                "ready.port"
            }
            "ready" => "ready.command",
            "ssh" if text.contains('/') => "ssh.key",
            "ssh" => "ssh.user",
            "network" if text.parse::<Ipv4Addr>().is_ok() => "network.ip",
            "sync" if text.starts_with('/') => "sync.to",
            "volume" if text.starts_with('/') => "volume.to",
            "extra-disk" => "extra-disk.size",
            _ => "",
        };
        let (message, label) = match owner {
            "ready" | "ssh" => (format!("`{owner}` takes no argument"), "an argument"),
            _ => (
                format!("`{}` takes one argument", node.name.text),
                "one too many",
            ),
        };
        let found = misformed(message).at_origin(argument.origin).label(label);
        let flag = parts_of(owner).find(|part| part.own_name() == text && part.form == Form::Flag);
        let raw = self.raw(argument).to_owned();
        self.sink.push(
            match (settings::by_name(row), self.literal(argument), flag) {
                (Some(row), Some(span), _) => {
                    let written = format!("{}={raw}", row.own_name());
                    found.help(format!("write `{written}`")).fix(span, written)
                }
                (.., Some(flag)) => found.help(format!("write `{{ {}; }}`", flag.own_name())),
                _ => found.help(format!("write a `{}` for each", node.name.text)),
            },
        );
        let row = settings::by_name(row)?;
        let key = Word {
            text: row.own_name().to_owned(),
            verbatim: false,
            ..node.name.clone()
        };
        Some(self.part(row, &key, argument))
    }

    /// `network backend { ip "10.20.0.5"; }`
    fn property_as_node(&mut self, owner: &str, row: &'static Setting, child: &Node) {
        let name = &child.name.text;
        let written = match &child.arguments[..] {
            [value] => format!("{name}={}", self.raw(value)),
            _ => property(row),
        };
        self.sink.push(
            misformed(format!("`{name}` is a property of `{owner}`"))
                .at_origin(child.name.origin)
                .label("a node")
                .help(format!(
                    "write `{written}` behind `{owner}`, before the block"
                )),
        );
    }
}

/// `network "10.20.0.5"`, `extra-disk "10G"`
fn property_as_name(row: &Setting, first: &Word) -> Option<&'static str> {
    let text = &first.text;
    match row.name {
        "network" => text.parse::<Ipv4Addr>().is_ok().then_some("ip"),
        "extra-disk" => {
            (first.literal == Literal::Number || Size::parse(text, 'G').is_ok()).then_some("size")
        }
        _ => None,
    }
}
