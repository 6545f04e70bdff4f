//! A setting is one row for both front ends: what its example comes to is the same in a `.env` and in a
//! `vagrantp.kdl`, and wherever it was written is where it is said to come from.

#[path = "support/findings.rs"]
mod findings;
#[path = "support/meaning.rs"]
mod meaning;

use findings::{findings, project};
use meaning::{compiled, environment};
use std::path::Path;
use vagrantp::diagnostic::Severity;
use vagrantp::model::Resolved;
use vagrantp::settings::{self, Form, SETTINGS, Setting};
use vagrantp::source::Origin;
use vagrantp::value::Kind;

/// The example of a row as a text: some are written with their quotes.
fn example(row: &Setting) -> &'static str {
    match row.name {
        // What stands in the tests' project: nobody's home does.
        "ssh.key" => "./id_ed25519",
        "secret.file" => "./notes.txt",
        "sync" => "./src:/src",
        _ => row.example.trim_matches('"'),
    }
}

/// The kind of machine that a row, or what it qualifies, is for.
fn kind(row: &Setting) -> Option<Kind> {
    let owner = row.owner().and_then(settings::by_name);
    row.kind.or(owner.and_then(|owner| owner.kind))
}

/// A row's example in KDL, without the block around it.
fn in_kdl(row: &Setting) -> String {
    let (name, text) = (row.own_name(), example(row));
    let quoted = |text: &str| format!("\"{text}\"");
    let alone = match row.form {
        Form::Kind => return text.into(),
        Form::OfKind if row.name == "box" => return format!("vm {}", quoted(text)),
        Form::OfKind => return format!("container {}", quoted(text)),
        Form::Many => {
            let words: Vec<String> = text.split(',').map(quoted).collect();
            format!("{name} {}", words.join(" "))
        }
        Form::Flag => name.to_owned(),
        Form::Property => format!("{name}={}", quoted(text)),
        Form::Parts | Form::Pairs | Form::Group => format!("{name} {}", row.example),
        Form::Item if row.example.contains('=') => format!("{name} {}", row.example),
        Form::Item | Form::One => format!("{name} {}", quoted(text)),
    };
    let owner = match row.owner() {
        None => return alone,
        Some("network") => "network bridge",
        Some("provision") => "provision \"./playbooks/site.yml\"",
        Some("sync") => "sync \"./src\"",
        Some("volume") => "volume cache to=\"/cache\"",
        Some("extra-disk") => "extra-disk more",
        Some("secret") => "secret TOKEN",
        Some("provision.secret") => "provision \"./playbooks/site.yml\" { secret token",
        Some(owner) => owner,
    };
    let owner = match row.name {
        "volume.to" => "volume cache",
        "ready.within" => "ready port=80",
        _ => owner,
    };
    let closing = owner.matches('{').count();
    match row.form {
        Form::Property => format!("{owner} {alone}{}", "; }".repeat(closing)),
        _ => format!("{owner} {{ {alone}; }}"),
    }
}

/// The `.env` that writes a row's example last.
fn in_env(row: &Setting) -> String {
    let kind = match (row.kind, row.name) {
        _ if row.form == Form::Kind => "",
        (Some(Kind::Vm), _) => "INFRA_TYPE=vm\nPROVIDER=libvirt\n",
        (_, "provider") => "INFRA_TYPE=vm\n",
        _ => "INFRA_TYPE=container\n",
    };
    let more = match row.name {
        "network.interface" => "NETWORK_MODE=bridge\n",
        "network.ip" => "NETWORK_MODE=bridge\n",
        "provision.vars-file" | "provision.secret" => {
            "PROVISIONING_PLAYBOOK=./playbooks/site.yml\nDB_PASSWORD=x\n"
        }
        _ => "",
    };
    format!("{kind}{more}{}={}\n", row.key(), example(row))
}

/// The `vagrantp.kdl` that writes a row's example on the line of its own.
fn kdl(row: &Setting) -> String {
    let kind = match (kind(row), row.name) {
        _ if matches!(row.form, Form::Kind | Form::OfKind) && row.kind.is_none() => "",
        (_, "image") => "",
        (_, "box") => "    provider libvirt\n",
        (Some(Kind::Vm), _) => "    vm; provider libvirt\n",
        (_, "provider") => "    vm\n",
        _ => "    container\n",
    };
    let needed = match row.name {
        "depends-on" => "machine db { container; }\n",
        _ => "",
    };
    let id = if row.name == "id" {
        ""
    } else {
        "    id shop\n"
    };
    format!(
        "{needed}machine web {{\n{id}{kind}    {}\n}}\n",
        in_kdl(row)
    )
}

/// The values of a text's last machine that its line `line` of the file gave.
fn given(folder: &Path, file: &str, text: &str, line: &str) -> Vec<Resolved> {
    let (_, found) = findings(folder, file, text.as_bytes(), &environment());
    let error = found.iter().find(|found| found.severity == Severity::Error);
    assert!(error.is_none(), "{text}\n{error:#?}");
    let compiled = compiled(folder, file, text);
    let project = compiled.project.as_ref().expect("it compiled");
    let machine = project.machines.last().expect("a machine");
    let from_line = |origin: Origin| {
        let Some(span) = origin.span() else {
            return false;
        };
        let source = compiled.sources.get(span.source);
        let range = source.line_range(source.line_of(span.start));
        source.name == file && source.text[range].trim() == line.trim()
    };
    let all = machine.values().into_iter();
    let given = all.filter(|value| from_line(value.origin)).collect();
    std::fs::remove_file(folder.join(file)).expect("it is ours");
    given
}

#[test]
fn every_setting_of_kdl_is_said_to_come_from_where_it_stands() {
    let folder = project();
    // `count` is no value of a machine: it makes their names.
    for row in SETTINGS.iter().filter(|row| row.name != "count") {
        let text = kdl(row);
        let given = given(folder.path(), "vagrantp.kdl", &text, &in_kdl(row));
        // What qualifies an item is shown with it.
        let owner = row.name.rsplit_once('.').map(|(owner, _)| owner);
        let said = |value: &Resolved| value.setting == row.name || Some(value.setting) == owner;
        assert!(given.iter().any(said), "{}: {given:?}\n{text}", row.name);
    }
}

#[test]
fn what_both_front_ends_say_is_one_value() {
    let folder = project();
    for row in SETTINGS.iter().filter(|row| row.env.is_some()) {
        let line = format!("{}={}", row.key(), example(row));
        let env = given(folder.path(), ".env", &in_env(row), &line);
        let kdl = given(folder.path(), "vagrantp.kdl", &kdl(row), &in_kdl(row));
        let own = |values: Vec<Resolved>| -> Vec<String> {
            let values = values.into_iter();
            let own = values.filter(|value| value.setting == row.name);
            own.map(|value| value.text).collect()
        };
        let (env, kdl) = (own(env), own(kdl));
        assert!(!env.is_empty(), "{}", row.name);
        assert_eq!(env, kdl, "{}", row.name);
    }
}
