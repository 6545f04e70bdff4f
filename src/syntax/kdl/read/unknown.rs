//! Names without a meaning where they stand, and what was meant.

use super::elsewhere::elsewhere;
use super::foreign::foreign;
use super::node::Node;
use super::place::Place;
use super::sample::listed;
use super::{Reader, misformed, unknown};
use crate::diagnostic::Diagnostic;
use crate::settings::{self, Form, Setting};
use crate::syntax::kdl::habits;
use crate::syntax::misspelt::PREFIX;
use crate::value::nearest;

impl Reader<'_> {
    /// The node that a name means here. Another name than its own is told; what it surely means is read on
    /// as that.
    pub(super) fn resolve(&mut self, place: Place, node: &mut Node) -> Option<&'static str> {
        let known = place.nodes();
        let name = node.name.text.clone();
        if let Some(name) = known.iter().find(|known| **known == name) {
            return Some(name);
        }
        let key = name.strip_prefix(PREFIX).unwrap_or(&name);
        let (found, meant) = match settings::by_env(key) {
            Some(row) if place.has_settings() || matches!(place, Place::Top) => {
                self.of_dotenv(place, node, row)
            }
            _ => otherwise(place, &known, node),
        };
        self.sink.push(found);
        let meant = meant.filter(|meant| known.contains(meant))?;
        meant.clone_into(&mut node.name.text);
        node.name.verbatim = false;
        Some(meant)
    }

    /// `MEMORY "2G"`.
    fn of_dotenv(
        &mut self,
        place: Place,
        node: &mut Node,
        row: &'static Setting,
    ) -> (Diagnostic, Option<&'static str>) {
        let name = habits::node(row);
        let found = unknown(format!("`{}` is the name for a `.env`", node.name.text))
            .at_origin(node.name.origin)
            .label("not a node's name");
        let text = match &node.arguments[..] {
            [value] => habits::kdl(row, &value.text),
            _ => None,
        };
        let help = match &text {
            Some(text) => format!("write `{}`", text.chars().take(60).collect::<String>()),
            None if row.form == Form::Property => {
                format!("write it as `{name} … {}=…`", row.own_name())
            }
            None => format!("write it as `{name} …`"),
        };
        let found = found.help(match place {
            Place::Top => format!("{help} in `defaults {{ … }}` or a `machine`"),
            _ => help,
        });
        let value = node.arguments.first().and_then(|word| self.literal(word));
        let alone = node.properties.is_empty() && node.block.is_none();
        let found = match (text, node.place().zip(value)) {
            (Some(text), Some((start, end))) if alone && place.has_settings() => {
                let whole = crate::source::Span {
                    end: end.end,
                    ..start
                };
                found.fix(whole, text)
            }
            _ => found,
        };
        let kind = node.arguments.first().map(|word| word.text.as_str());
        let meant = match (row.form, kind) {
            (Form::Kind, Some("vm")) => Some("vm"),
            (Form::Kind, Some("container")) => Some("container"),
            (Form::OfKind | Form::One, _) => Some(name),
            _ => None,
        };
        if row.form == Form::Kind {
            node.arguments.clear();
        }
        (found, meant)
    }
}

fn otherwise(
    place: Place,
    known: &[&'static str],
    node: &Node,
) -> (Diagnostic, Option<&'static str>) {
    let name = &*node.name.text;
    let place_of = |found: Diagnostic| found.at_origin(node.name.origin);
    let found =
        place_of(unknown(format!("Unknown node `{name}` {}", place.called()))).label("not known");
    let hyphened = hyphened(name);
    let same = known.iter().find(|known| **known == hyphened);
    let other = foreign(place, &hyphened);
    if let (None, Some(other)) = (same, &other)
        && other.node.is_none()
    {
        return (found.help(other.help), None);
    }
    let same = same.copied().or(other.and_then(|other| other.node));
    if let (None, Some(help)) = (same, elsewhere(place, &hyphened)) {
        let found = place_of(misformed(format!(
            "`{name}` does not stand {}",
            place.called()
        )));
        return (found.label("not here").help(help), None);
    }
    if let Some(meant) = same.or_else(|| nearest(&hyphened, known.iter().copied())) {
        let found = found.help(format!("write `{meant}`"));
        return match node.place() {
            Some(span) if node.name.verbatim => (found.fix(span, meant), Some(meant)),
            _ => (found, Some(meant)),
        };
    }
    let row = settings::by_env(&name.to_uppercase());
    let help = match row {
        Some(row) => format!("write it as `{} …`", habits::node(row)),
        None if known.is_empty() => "remove the block".into(),
        None if known.len() <= 8 => format!("remove it, or write {}", listed(known)),
        None => "remove it: there is no such setting".into(),
    };
    (found.help(help), None)
}

/// A name in small letters with hyphens: `depends_on`, `dependsOn`, `DependsOn`.
pub(super) fn hyphened(name: &str) -> String {
    let upper = !name.chars().any(char::is_lowercase);
    let mut out = String::new();
    for c in name.chars() {
        match c {
            '_' | ' ' | '.' => out.push('-'),
            _ if c.is_uppercase() => {
                let begins = out.is_empty() || out.ends_with('-');
                if !upper && !begins {
                    out.push('-');
                }
                out.extend(c.to_lowercase());
            }
            _ => out.push(c),
        }
    }
    out
}
