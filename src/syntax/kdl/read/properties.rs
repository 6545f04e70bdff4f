//! Properties: which a node has, and what others may be.

use super::foreign;
use super::node::Node;
use super::place::{Place, children, is_setting};
use super::sample::listed;
use super::unknown::hyphened;
use super::{Reader, misformed, unknown};
use crate::settings::{self, Form, Setting, Takes};
use crate::source::Span;
use crate::syntax::Word;
use crate::syntax::kdl::clump::quoted;
use crate::value::nearest;

impl Reader<'_> {
    /// The property that a name means, of those that a node has. Another name than its own is told.
    pub(super) fn property(
        &mut self,
        node: &Node,
        known: &[&'static str],
        name: &Word,
        value: &Word,
    ) -> Option<&'static str> {
        if let Some(known) = known.iter().find(|known| **known == name.text) {
            return Some(known);
        }
        let of = &*node.name.text;
        let hyphened = hyphened(&name.text);
        let same = known.iter().find(|known| **known == hyphened).copied();
        let foreign = foreign::property(of, &hyphened).filter(|name| known.contains(name));
        let near = || nearest(&hyphened, known.iter().copied());
        let meant = same.or(foreign);
        let found = unknown(format!("`{of}` has no property `{}`", name.text))
            .at_origin(name.origin)
            .label("not known");
        if meant.is_none()
            && let Some(found) = self.no_property(node, &hyphened, name, value)
        {
            self.sink.push(found);
            return None;
        }
        let meant = meant.or_else(near);
        self.sink.push(match (meant, self.literal(name)) {
            (Some(meant), Some(span)) => found.help(format!("write `{meant}`")).fix(span, meant),
            _ if known.is_empty() => found.help("remove it"),
            _ => found.help(format!("remove it, or write {}", listed(known))),
        });
        meant
    }

    /// What has another form than a property.
    fn no_property(
        &self,
        node: &Node,
        meant: &str,
        name: &Word,
        value: &Word,
    ) -> Option<crate::diagnostic::Diagnostic> {
        let of = &*node.name.text;
        let row = settings::by_name(of);
        let whole = || Some((self.literal(name)?, self.literal(value)?));
        if let Some(row) = row
            && matches!(row.takes, Takes::PackageName | Takes::Text)
            && matches!(row.form, Form::Many | Form::Group)
        {
            let (start, end) = whole()?;
            let span = Span {
                end: end.end,
                ..start
            };
            let text = quoted(&self.text[span.start as usize..span.end as usize]);
            let found = misformed(format!("`{of}` has no properties")).at_origin(name.origin);
            let found = found.label("a property").help("put it in quotes");
            return Some(found.fix(span, text));
        }
        if of == "secret" && node.arguments.is_empty() && nearest(meant, ["from", "file"]).is_none()
        {
            let found = misformed("The value of a secret does not stand in the file");
            let found = found.at_origin(name.origin).label("a name with its value");
            return Some(found.help(format!(
                "write `secret {0}` here, and `{0}=…` in the .env beside it",
                name.text
            )));
        }
        let raw = self.raw(value);
        let (meant, help) = match row.and_then(|row| child(row, meant)) {
            Some(part) if part.form == Form::Flag => (
                part.own_name(),
                format!("write `{{ {}; }}`", part.own_name()),
            ),
            Some(part) => (
                part.own_name(),
                format!("write `{{ {}; }}`", written(part, raw)),
            ),
            None => (meant, as_node(of, meant, raw)?),
        };
        let message = format!("`{meant}` is no property of `{of}`, it is a node");
        let found = misformed(message).at_origin(name.origin);
        Some(found.label("a property").help(help))
    }
}

/// The part of a setting that stands in its block.
fn child(row: &'static Setting, meant: &str) -> Option<&'static Setting> {
    let find = |name: &str| children(row).find(|part| part.own_name() == name);
    find(meant).or_else(|| find(foreign::foreign(Place::Part(row), meant)?.node?))
}

/// Where to write as a node what is a property of `of`.
fn as_node(of: &str, meant: &str, raw: &str) -> Option<String> {
    Some(match (of, meant) {
        ("network", "subnet") | ("project", "default-profile") | ("task", "run") => {
            format!("write `{{ {meant} {raw}; }}`")
        }
        ("network", "internal") => "write `{ internal; }`".into(),
        ("network", "ip" | "interface") => {
            format!("write it in a `machine`, as in `network backend {meant}={raw}`")
        }
        ("machine" | "template" | "defaults", _) => {
            let node = foreign::foreign(Place::Machine, meant).and_then(|word| word.node);
            let node = Some(meant).filter(|name| is_setting(name)).or(node)?;
            format!("write `{node} {raw}` in its block")
        }
        _ if is_setting(meant) => format!("write `{meant} {raw}` on a line of its own"),
        _ => return None,
    })
}

/// A part with a value, as a node.
fn written(part: &Setting, raw: &str) -> String {
    match part.form {
        Form::Pairs => format!("{} name={raw}", part.own_name()),
        _ => format!("{} {raw}", part.own_name()),
    }
}
