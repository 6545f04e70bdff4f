//! The machine's nodes.

use super::Rewriting;
use super::sorting::Group;
use crate::settings::{self, Takes};
use crate::syntax::kdl::write::Node;
use crate::syntax::{Entry, Word, expand};
use crate::value::{Choice, Share};

impl Rewriting<'_> {
    /// A node for each group, and the id. Where the `.env` stays a layer, its playbook must not run twice.
    pub(super) fn nodes(&self, groups: &[Group], layer: bool) -> Vec<Node> {
        let id = || Node::new("id").name(self.instance);
        let mut nodes = Vec::new();
        let has_id = groups.iter().any(|group| group.anchor == "id");
        for group in groups {
            let mut above = group.above.clone();
            let mut beside = group.beside.clone();
            if beside.len() > 1 {
                above.append(&mut beside);
            }
            above.extend(self.frozen(group));
            if group.anchor == "provision" && layer {
                above.push(" the one of the .env beside does not run too".into());
                let none = Node::new("provision").above(std::mem::take(&mut above));
                nodes.push(none);
            }
            let made = match group.anchor {
                "id" => vec![id()],
                "sync" => self.shares(group),
                _ => vec![self.node(group)],
            };
            let last = made.len().saturating_sub(1);
            for (at, node) in made.into_iter().enumerate() {
                let above = match at {
                    0 => std::mem::take(&mut above),
                    _ => Vec::new(),
                };
                let beside = match at == last {
                    true => beside.pop(),
                    false => None,
                };
                nodes.push(node.above(above).beside(beside));
            }
            if group.anchor == "kind" && !has_id {
                nodes.push(id());
            }
        }
        nodes
    }

    fn node(&self, group: &Group) -> Node {
        let part = |setting: &str| {
            let mut entries = group.entries.iter();
            let (entry, raw) = entries.find(|(entry, _)| entry.setting == setting)?;
            let word = entry.values.first()?;
            Some(self.text(entry, word, raw))
        };
        let words = |setting: &str| -> Vec<String> {
            let mut entries = group.entries.iter();
            let found = entries.find(|(entry, _)| entry.setting == setting);
            found.map_or(Vec::new(), |(entry, _)| {
                entry.values.iter().map(|word| word.text.clone()).collect()
            })
        };
        match group.anchor {
            "kind" => {
                let node = Node::new(self.kind.word());
                match part("image").or(part("box")) {
                    Some(text) => node.value(&text),
                    None => node,
                }
            }
            "network" => {
                let mode = part("network").unwrap_or_else(|| "default".into());
                let mut node = Node::new("network").name(&mode);
                if let Some(interface) = part("network.interface") {
                    node = node.named("interface", &interface);
                }
                match part("network.ip") {
                    Some(ip) => node.with("ip", &ip),
                    None => node,
                }
            }
            "ssh" => {
                let mut node = Node::new("ssh");
                if let Some(user) = part("ssh.user") {
                    node = node.named("user", &user);
                }
                match part("ssh.key") {
                    Some(key) => node.with("key", &key),
                    None => node,
                }
            }
            "provision" => {
                let file = part("provision.vars-file");
                let file = file.map(|file| Node::new("vars-file").value(&file));
                let secrets = words("provision.secret");
                let secrets = secrets.iter().map(|name| Node::new("secret").name(name));
                let playbook = part("provision").unwrap_or_default();
                let node = Node::new("provision").value(&playbook);
                node.children(file.into_iter().chain(secrets).collect())
            }
            "ports" => {
                let ports = words("ports");
                let node = Node::new("ports");
                ports.iter().fold(node, |node, port| node.value(port))
            }
            setting => {
                let text = part(setting).unwrap_or_default();
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                match settings::of(setting).takes {
                    Takes::Count if digits => Node::new(setting).literal(&text),
                    Takes::Provider | Takes::Init => Node::new(setting).name(&text),
                    _ => Node::new(setting).value(&text),
                }
            }
        }
    }

    fn shares(&self, group: &Group) -> Vec<Node> {
        let words = group.entries.iter().flat_map(|(entry, _)| &entry.values);
        let node = |word: &Word| {
            let node = Node::new("sync");
            let share = Share::parse(&word.text);
            let Some(share) = share.ok().filter(|_| !word.text.contains('{')) else {
                return node.value(&word.text);
            };
            let node = node.value(&share.host).with("to", &share.guest);
            match share.read_only {
                true => node.child(Node::new("read-only")),
                false => node,
            }
        };
        words.map(node).collect()
    }

    fn text(&self, entry: &Entry, word: &Word, raw: &str) -> String {
        let referring = || self.referring(word, raw);
        let row = settings::of(entry.setting);
        let evaluated = !row.is_list() && row.takes != Takes::Kind;
        let text = evaluated.then(referring).flatten();
        text.unwrap_or_else(|| word.text.clone())
    }

    /// What values were that refer to others and cannot any more.
    fn frozen(&self, group: &Group) -> Vec<String> {
        let refers = |raw: &str| !expand::read(raw).references.is_empty();
        let lost = |(entry, raw): &&(&Entry, &str)| {
            let word = entry.values.first();
            refers(raw)
                && word.is_some_and(|word| {
                    group.anchor == "id" || self.text(entry, word, raw) == word.text
                })
        };
        let entries = group.entries.iter().filter(lost);
        entries
            .map(|(entry, raw)| format!(" was {}={raw}", entry.key.text))
            .collect()
    }
}
