//! Names without a meaning where they stand, and what was meant.

use super::elsewhere::elsewhere;
use super::foreign::{foreign, several};
use super::node::Node;
use super::place::{Place, is_setting};
use super::sample::listed;
use super::{Reader, misformed, unknown};
use crate::diagnostic::Diagnostic;
use crate::settings::{self, Form, Setting};
use crate::source::Span;
use crate::syntax::Word;
use crate::syntax::kdl::clump::quoted;
use crate::syntax::kdl::habits;
use crate::syntax::misspelt::PREFIX;
use crate::value::{ObjectName, nearest};

impl Reader<'_> {
    /// The node that a name means here. Another name than its own is told; what it surely means is read on
    /// as that.
    pub(super) fn resolve(&mut self, place: Place, node: &mut Node) -> Option<&'static str> {
        let known = place.nodes();
        let name = node.name.text.clone();
        if let Some(name) = known.iter().find(|known| **known == name) {
            return Some(name);
        }
        if name == "-" && self.goes_on_a_list(node) {
            return None;
        }
        let key = name.strip_prefix(PREFIX).unwrap_or(&name);
        let (found, meant) = match settings::by_env(key) {
            Some(row) if place.has_settings() || matches!(place, Place::Top) => {
                self.of_dotenv(place, node, row)
            }
            _ => match self.unnamed_machine(place, node) {
                Some(found) => (found, Some("machine")),
                None => self.otherwise(place, &known, node),
            },
        };
        self.sink.push(found);
        let meant = meant.filter(|meant| known.contains(meant))?;
        meant.clone_into(&mut node.name.text);
        node.name.verbatim = false;
        Some(meant)
    }

    /// Whether the line before begins with a dash too: the first of a list tells of all of it.
    fn goes_on_a_list(&self, node: &Node) -> bool {
        let start = node.place().map_or(0, |span| span.start as usize);
        let mut lines = self.text[..start].lines().rev();
        let own = lines.next().is_some_and(|line| line.trim().is_empty());
        own && lines
            .next()
            .is_some_and(|line| line.trim_start().starts_with("- "))
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
                let whole = Span {
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

    /// `web { container; }`: a machine's block, whose `machine` is not written. It is read on as that.
    fn unnamed_machine(&self, place: Place, node: &mut Node) -> Option<Diagnostic> {
        let name = &*node.name.text;
        let block = node.block.as_ref()?;
        let mut inside = block.nodes.iter().map(|node| node.name().value());
        let of_machine = matches!(place, Place::Top | Place::Profile)
            && node.arguments.is_empty()
            && node.properties.is_empty()
            && inside.any(is_setting);
        let known = place.nodes();
        let meant = nearest(&hyphened(name), known.iter().copied()).is_some()
            || foreign(place, &hyphened(name)).is_some()
            || elsewhere(place, &hyphened(name)).is_some();
        if !of_machine || meant || ObjectName::parse(name).is_err() {
            return None;
        }
        let found = unknown(format!("Unknown node `{name}` {}", place.called()))
            .at_origin(node.name.origin)
            .label("not known")
            .help(format!("write `machine {name} {{ … }}`"));
        let start = self.literal(&node.name);
        let name = Word {
            origin: node.name.origin,
            ..node.name.clone()
        };
        node.arguments.push(name);
        Some(match start {
            Some(start) => found.fix(
                Span {
                    end: start.start,
                    ..start
                },
                "machine ",
            ),
            None => found,
        })
    }

    /// `cargo test` in a task, where `run "cargo test"` is meant.
    fn as_command(&self, node: &Node) -> String {
        let words = node.arguments.iter().map(|word| &*word.text);
        let words: Vec<&str> = std::iter::once(&*node.name.text).chain(words).collect();
        let line = words.join(" ");
        match node.properties.is_empty() && node.block.is_none() && line.len() < 60 {
            true => format!("write `run {}`", quoted(&line)),
            false => "write the line in quotes behind `run`".into(),
        }
    }

    fn otherwise(
        &self,
        place: Place,
        known: &[&'static str],
        node: &Node,
    ) -> (Diagnostic, Option<&'static str>) {
        let name = &*node.name.text;
        let place_of = |found: Diagnostic| found.at_origin(node.name.origin);
        let found = place_of(unknown(format!("Unknown node `{name}` {}", place.called())))
            .label("not known");
        let hyphened = hyphened(name);
        if let Some(help) = several(place, &hyphened, node) {
            return (found.help(help), None);
        }
        let same = known.iter().find(|known| **known == hyphened);
        let other = foreign(place, &hyphened).map(|other| other.fit(node));
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
            _ if matches!(place, Place::Task) => self.as_command(node),
            _ if name == "-" => "write the values behind the name, one after the other".into(),
            Some(row) => format!("write it as `{} …`", habits::node(row)),
            None if known.is_empty() => "remove the block".into(),
            None if known.len() <= 8 => format!("remove it, or write {}", listed(known)),
            None => "remove it: there is no such setting".into(),
        };
        (found.help(help), None)
    }
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
