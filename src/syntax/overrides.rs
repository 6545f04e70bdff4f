//! `VAGRANTP_<KEY>` of the process environment, as texts of their own that messages can point into.

mod flags;

pub use flags::flags;

use super::misspelt::{PREFIX, meant};
use super::{Entry, Literal, Section, Word, list};
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::by_env;
use crate::source::{Origin, Sources, Span};

/// The settings that the environment overrides. Of all variables only `VAGRANTP_<KEY>` are looked at.
///
/// Each becomes a source of its name, in the order of the names.
pub fn overrides(
    variables: impl Iterator<Item = (String, String)>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Section {
    let mut variables: Vec<(String, String)> = variables
        .filter(|(name, value)| !value.is_empty() && is_meant(name))
        .collect();
    variables.sort();
    let mut section = Section::default();
    for (name, value) in variables {
        let shown = on_one_line(&value);
        let verbatim = shown == value;
        let text = format!("{name}={shown}");
        let (equals, end) = (name.len(), text.len());
        let id = sources.add_word(&name, text);
        let place = |start, end| Origin::Env(Span::new(id, start, end));
        let Some(row) = name.strip_prefix(PREFIX).and_then(by_env) else {
            sink.push(misspelt(&name, place(0, equals)));
            continue;
        };
        let key = Word {
            text: name,
            origin: place(0, equals),
            verbatim: true,
            literal: Literal::Text,
        };
        let word = Word {
            text: value,
            origin: place(equals + 1, end),
            verbatim,
            literal: Literal::Text,
        };
        let values = match row.is_list() {
            false => vec![word],
            true => list::split(&word, row, sink),
        };
        section.entries.push(Entry {
            setting: row.name,
            key,
            values,
            parts: Vec::new(),
        });
    }
    section
}

/// Whether a variable is a setting, or was meant to be one.
fn is_meant(name: &str) -> bool {
    let key = name.strip_prefix(PREFIX);
    key.is_some_and(|key| by_env(key).is_some() || meant(name, None).is_some())
}

fn misspelt(name: &str, place: Origin) -> Diagnostic {
    let meant = meant(name, None).unwrap_or_default();
    Diagnostic::warning(2301)
        .message(format!("`{name}` in the environment looks like `{meant}`"))
        .at_origin(place)
        .label("not a setting")
        .help(format!("set `{meant}` instead"))
}

/// A value without line breaks and other control characters.
fn on_one_line(value: &str) -> String {
    let mut line = String::with_capacity(value.len());
    for char in value.chars() {
        match char.is_control() {
            true => line.extend(char.escape_default()),
            false => line.push(char),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::overrides;
    use crate::diagnostic::Sink;
    use crate::source::{Origin, Sources};

    fn read(variables: &[(&str, &str)]) -> (Sources, crate::syntax::Section, Sink) {
        let (mut sources, mut sink) = (Sources::default(), Sink::default());
        let variables = variables
            .iter()
            .map(|(n, v)| (n.to_string(), v.to_string()));
        let section = overrides(variables, &mut sources, &mut sink);
        (sources, section, sink)
    }

    #[test]
    fn only_known_keys_are_settings() {
        let (sources, section, sink) = read(&[
            ("VAGRANTP_PORTS", "8080:80,auto:443"),
            ("VAGRANTP_MEMORY", "256"),
            ("VAGRANTP_FILE", "x"),
            ("VAGRANTP_PROFILE", "x"),
            ("VAGRANTP_CPUS", ""),
            ("MEMORY", "1"),
            ("MEMROY", "1"),
        ]);
        assert!(sink.found.is_empty());
        let shown: Vec<_> = section
            .entries
            .iter()
            .map(|e| (e.setting, e.values.len()))
            .collect();
        assert_eq!(shown, [("memory", 1), ("ports", 2)]);
        for word in section.entries.iter().flat_map(|e| &e.values) {
            assert!(matches!(word.origin, Origin::Env(_)) && word.verbatim);
            assert_eq!(sources.slice(word.origin.span().unwrap()), word.text);
        }
        assert_eq!(
            sources.place(section.entries[0].values[0].origin.span().unwrap()),
            "VAGRANTP_MEMORY"
        );
    }

    #[test]
    fn a_value_of_several_lines_stays_on_one() {
        let (sources, section, _) = read(&[
            ("VAGRANTP_INFRA_ID", "a\nb\u{1b}"),
            ("VAGRANTP_INIT", "sshd"),
        ]);
        let value = &section.entries[0].values[0];
        assert_eq!(value.text, "a\nb\u{1b}");
        assert!(!value.verbatim);
        assert_eq!(sources.slice(value.origin.span().unwrap()), r"a\nb\u{1b}");
        let next = &section.entries[1].values[0];
        assert_eq!(sources.slice(next.origin.span().unwrap()), "sshd");
    }

    #[test]
    fn a_near_miss_is_told() {
        let (sources, section, sink) = read(&[("VAGRANTP_MEMROY", "secret")]);
        assert!(section.entries.is_empty());
        assert_eq!(sink.found[0].rule.number, 2301);
        assert_eq!(
            sink.found[0].help.as_deref(),
            Some("set `VAGRANTP_MEMORY` instead")
        );
        assert_eq!(
            sources.slice(sink.found[0].span.unwrap()),
            "VAGRANTP_MEMROY"
        );
    }
}
