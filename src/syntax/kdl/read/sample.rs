//! Nodes as one would write them: what the help of a finding shows.

use crate::settings::{self, Form, Setting, Takes};
use crate::syntax::kdl::clump::quoted;
use crate::syntax::kdl::words::valid;

/// Nodes whose form a setting's row does not tell.
const SAMPLES: &[(&str, &str)] = &[
    ("project", "project shop"),
    ("default-profile", "default-profile dev"),
    ("include", "include \"machines/*.kdl\""),
    ("defaults", "defaults { … }"),
    ("template", "template web-base { … }"),
    ("machine", "machine web { … }"),
    ("profile", "profile dev { … }"),
    ("task", "task test in=web { run \"cargo test\"; }"),
    ("run", "run \"cargo test\""),
    ("subnet", "subnet \"10.20.0.0/24\""),
    ("internal", "internal"),
    ("use", "use web-base"),
    ("param", "param port 8080"),
    ("only", "only web db"),
    ("vm", "vm \"debian/bookworm64\""),
    ("container", "container \"debian:12\""),
    ("network", "network backend ip=\"10.20.0.5\""),
    ("ssh", "ssh user=dev"),
    ("sync", "sync \".\" to=\"/workspace\""),
    ("volume", "volume cache-data to=\"/data\""),
    ("extra-disk", "extra-disk data size=\"10G\""),
    ("ready", "ready port=80 within=\"30s\""),
    ("env", "env APP_ENV=dev"),
    ("vars", "vars release=\"1.2\""),
    ("secret", "secret API_TOKEN"),
    ("command", "command redis-server \"--appendonly\" yes"),
    ("engine-args", "engine-args podman \"--device=/dev/fuse\""),
];

/// A node of this name.
pub(super) fn sample(name: &str, row: Option<&Setting>) -> String {
    if let Some((_, sample)) = SAMPLES.iter().find(|(known, _)| *known == name) {
        return (*sample).to_owned();
    }
    match row.or(settings::by_name(name)) {
        Some(row) => {
            let words = row.example.split(',').filter(|word| !word.is_empty());
            let words = words.map(|word| format!(" {}", as_value(row, word)));
            format!("{name}{}", words.collect::<String>())
        }
        None => name.to_owned(),
    }
}

/// A property as one would write it: `ip="10.20.0.5"`.
pub(super) fn property(row: &Setting) -> String {
    format!("{}={}", row.own_name(), as_value(row, row.example))
}

/// A text behind the name of a setting: names are bare, values quoted.
pub(super) fn as_value(row: &Setting, text: &str) -> String {
    use Takes::*;
    let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = matches!(
        row.takes,
        Provider
            | Init
            | Restart
            | Switch
            | ObjectName
            | NetworkMode
            | Name
            | User
            | VariableName
            | PackageName
            | Kind
            | Interface
    );
    match number || (is_name && valid(text) && row.form != Form::OfKind) {
        true => text.to_owned(),
        false => quoted(text),
    }
}

/// Names in backticks: "`a`, `b` or `c`".
pub(super) fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
