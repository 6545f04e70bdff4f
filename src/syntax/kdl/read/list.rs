//! Settings with any number of arguments: `ports "8080:80" "auto:443"`.

use super::node::Node;
use super::{Reader, misformed};
use crate::settings::{Setting, Takes};
use crate::syntax::Word;
use crate::syntax::kdl::clump::quoted;

impl Reader<'_> {
    /// The values of a list, each judged by itself.
    pub(super) fn list(&mut self, row: &'static Setting, node: &Node) -> Vec<Word> {
        if !(row.name == "ports" && self.sides(node)) {
            for (name, value) in &node.properties {
                self.property(node, &[], name, value);
            }
        }
        self.no_block(node);
        let one_word = matches!(
            row.takes,
            Takes::Ports | Takes::ObjectName | Takes::PackageName
        );
        let mut values = Vec::new();
        for (position, word) in node.arguments.iter().enumerate() {
            let arguments_may = row.name == "command" && position > 0;
            match word.text.is_empty() && arguments_may {
                true => values.push(word.clone()),
                false if one_word && self.in_one_string(node, word) => {}
                false => values.extend(self.checked(row, word)),
            }
        }
        values
    }

    /// `tags "a, b"`: whether several are in one string, which is told.
    pub(super) fn in_one_string(&mut self, node: &Node, word: &Word) -> bool {
        let parts = word.text.split([',', ' ', ';']).map(str::trim);
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let Some(at) = word.text.find([',', ' ', ';']).filter(|_| parts.len() > 1) else {
            return false;
        };
        if word.text.contains("{{") {
            return false;
        }
        let plain = parts.iter().all(|part| {
            let name = |c: char| c.is_ascii_alphanumeric() || c == '-';
            part.starts_with(|c: char| c.is_ascii_lowercase()) && part.chars().all(name)
        });
        let words = parts.iter().map(|part| match plain {
            true => (*part).to_owned(),
            false => quoted(part),
        });
        let words = words.collect::<Vec<_>>().join(" ");
        let name = &node.name.text;
        let found = misformed(format!("Each value of `{name}` is an argument of its own"))
            .at_origin(word.part(at..at + 1))
            .label("within one string");
        let found = match words.len() < 60 {
            true => found.help(format!("write `{name} {words}`")),
            false => found.help("put each into quotes of its own"),
        };
        self.sink.push(match self.literal(word) {
            Some(span) => found.fix(span, words),
            None => found,
        });
        true
    }

    /// `ports host=8080 guest=80`: whether its sides are properties, which is told.
    fn sides(&mut self, node: &Node) -> bool {
        let find = |names: &[&str]| {
            let mut properties = node.properties.iter();
            properties.find(|(name, _)| names.contains(&&*name.text))
        };
        let host = find(&["host", "published", "host-port", "host_port"]);
        let guest = find(&["guest", "target", "container", "guest-port", "guest_port"]);
        let (Some((name, host)), Some((_, guest))) = (host, guest) else {
            return false;
        };
        self.sink.push(
            misformed("A port is one text, `host:guest`")
                .at_origin(name.origin)
                .label("a property")
                .help(format!("write `ports \"{}:{}\"`", host.text, guest.text)),
        );
        true
    }
}
