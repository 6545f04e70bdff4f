//! The book's chapters are true: examples are checked, the reference is the table of settings, and
//! every field and name stands where it is explained. `VAGRANTP_BLESS=1` writes the reference.

#[path = "support/findings.rs"]
mod findings;
#[path = "support/page.rs"]
mod page;
#[path = "support/tree.rs"]
mod tree;

use std::fmt::Write;
use std::path::Path;
use vagrantp::commands::explain;
use vagrantp::diagnostic::Diagnostic;
use vagrantp::diagnostic::codes::RULES;
use vagrantp::diagnostic::report::count;
use vagrantp::settings::{Class, SETTINGS, Setting};
use vagrantp::value::Kind;

const REFERENCE: &str = "book/src/settings.md";

fn chapter(name: &str) -> String {
    tree::text(Path::new(&format!("book/src/{name}.md")))
}

#[test]
fn every_example_passes_or_fails_as_it_says() {
    let mut wrong = Vec::new();
    for path in tree::files("book/src") {
        let text = tree::text(&path);
        for block in page::blocks(&text) {
            let claims = [
                (".env", "env"),
                ("vagrantp.kdl", "kdl"),
                ("site.yml", "yaml"),
            ];
            let mut claims = claims.iter();
            let Some((file, claim)) = claims
                .find_map(|(file, language)| Some((file, block.info.strip_prefix(language)?)))
            else {
                continue;
            };
            // One that claims nothing is no playbook.
            if block.info == "yaml" {
                continue;
            }
            let project = findings::project();
            let found = match *file {
                "site.yml" => played(project.path(), &block.text),
                file => findings::findings(project.path(), file, block.text.as_bytes(), &[]).1,
            };
            let numbers: Vec<u16> = found.iter().map(|found| found.rule.number).collect();
            let failing = claim.strip_prefix(",fails=").map(str::parse::<u16>);
            let holds = match (claim, failing) {
                (",passes", _) => count(&found).0 == 0,
                (",example", _) => is_of_an_example(file, &block.text),
                (_, Some(Ok(number))) => numbers.contains(&number),
                _ => false,
            };
            if !holds {
                let text = block.text;
                wrong.push(format!(
                    "{}: `{file}{claim}` finds {numbers:?}\n{text}",
                    path.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is found in a playbook.
fn played(project: &Path, text: &str) -> Vec<Diagnostic> {
    std::fs::write(project.join("site.yml"), text).expect("our own folder");
    let env = "INFRA_TYPE=container\nPROVISIONING_PLAYBOOK=site.yml\n";
    findings::findings(project, ".env", env.as_bytes(), &[]).1
}

/// Whether a file of this name in `examples` holds it.
fn is_of_an_example(file: &str, text: &str) -> bool {
    let mut files = tree::files("examples").into_iter();
    files.any(|path| path.ends_with(file) && tree::text(&path).contains(text))
}

#[test]
fn the_chapter_of_tasks_shows_the_example() {
    let program = tree::text(Path::new("examples/xtask/xtask/src/main.rs"));
    let shown = chapter("tasks");
    let mut blocks = page::blocks(&shown).into_iter();
    let block = blocks
        .find(|block| block.info == "rust")
        .expect("it shows it");
    assert!(
        program.contains(&block.text),
        "it shows another:\n{}",
        block.text
    );
}

#[test]
fn the_reference_is_the_table_of_settings() {
    let expected = reference();
    let path = tree::root().join(REFERENCE);
    if std::env::var_os("VAGRANTP_BLESS").is_some() {
        std::fs::write(&path, &expected).expect("the book can be written");
    }
    let hint = "`VAGRANTP_BLESS=1 cargo test --test chapters` writes it";
    assert!(
        tree::text(Path::new(REFERENCE)) == expected,
        "{REFERENCE}: {hint}"
    );
}

#[test]
fn every_name_of_an_error_has_its_exit_status() {
    let text = chapter("exit-codes");
    for rule in RULES {
        let (status, name) = (rule.exit(), format!("`{:?}`", rule.name));
        let is_row =
            |line: &str| line.starts_with(&format!("| {status} |")) && line.contains(&name);
        assert!(
            text.lines().any(is_row),
            "exit-codes.md: {name} is not {status}"
        );
    }
}

#[test]
fn every_field_of_a_record_is_explained() {
    let (record, page) = (
        tree::text(Path::new("src/state/record.rs")),
        chapter("state"),
    );
    for line in record.lines() {
        let field = line
            .strip_prefix("    pub ")
            .and_then(|rest| rest.split_once(": "));
        let Some((field, _)) = field else { continue };
        let elsewhere = ["address", "host_port", "container_port", "protocol", "auto"];
        let place = if elsewhere.contains(&field) {
            chapter("json")
        } else {
            page.clone()
        };
        assert!(
            place.contains(&format!("`{field}`")),
            "{field} is not explained"
        );
    }
}

#[test]
fn the_groups_are_those_of_the_crate() {
    let (lib, page) = (tree::text(Path::new("src/lib.rs")), chapter("architecture"));
    for group in lib.split("\n\n") {
        let names = group
            .lines()
            .filter_map(|line| line.strip_prefix("pub mod "));
        let names: Vec<String> = names
            .map(|name| format!("`{}`", name.trim_end_matches(';')))
            .collect();
        let row = format!("| {} |", names.join(" "));
        assert!(
            names.is_empty() || page.contains(&row),
            "architecture.md: no row {row}"
        );
    }
}

/// The page of all settings.
fn reference() -> String {
    let mut text = String::from(
        "# Settings\n\nA setting is a line `NAME=value` in the `.env`, or a node of a \
         machine in a [`vagrantp.kdl`](kdl.md).\nWhat only KDL can say is written small. `INFRA_TYPE` is required. \
         An empty value is unset.\nA variable `VAGRANTP_NAME` in the environment replaces the \
         line. `vagrantp config --origins` shows each value and\nwhere it came from.\n\n\
         | name | default | a change |\n|---|---|---|\n",
    );
    for row in SETTINGS.iter().filter(is_shown) {
        let default = row.default.map_or("–".into(), |value| format!("`{value}`"));
        let (name, link) = (row.key(), row.key().to_lowercase());
        let class = match row.class {
            Class::Free => "takes effect by itself",
            Class::Live => "live",
            Class::Recreate => "recreate",
            Class::LosesData => "loses data",
        };
        let _ = writeln!(text, "| [`{name}`](#{link}) | {default} | {class} |");
    }
    for row in SETTINGS.iter().filter(is_shown) {
        let said = explain::setting(row);
        let mut lines = said.lines().skip(2);
        let _ = writeln!(text, "\n## {}\n", row.key());
        let doc = lines.next().unwrap_or_default();
        let _ = writeln!(text, "{doc}\n");
        let shown = |line: &&str| !line.is_empty() && !line.starts_with("Example: ");
        for line in lines.filter(shown) {
            let line = match line.split_once("vagrantp explain ") {
                Some((head, number)) => format!("{head}[{number}](errors/VP{number}.md)"),
                None => line.to_owned(),
            };
            let _ = writeln!(text, "- {line}");
        }
        let _ = match row.env {
            Some(_) => write!(text, "\n```env,passes\n{}```\n", example(row)),
            None => write!(text, "\n```kdl,passes\n{}```\n", kdl_example(row)),
        };
    }
    text
}

/// What only KDL can say has a section of its own; parts stand in their owner's.
fn is_shown(row: &&Setting) -> bool {
    row.env.is_some() || row.owner().is_none()
}

/// A machine that shows one setting of KDL.
fn kdl_example(row: &Setting) -> String {
    let kind = match row.kind {
        Some(Kind::Vm) => "vm; provider libvirt",
        _ => "container",
    };
    let others = match row.name {
        "depends-on" => "machine db {\n    container\n}\n\n",
        _ => "",
    };
    format!(
        "{others}machine web {{\n    {kind}\n    {} {}\n}}\n",
        row.name, row.example
    )
}

/// A configuration that shows one setting, with what it needs beside it.
fn example(row: &Setting) -> String {
    let vm = row.kind == Some(Kind::Vm) || row.key() == "PROVIDER";
    let beside: &[&str] = match row.key() {
        "INFRA_TYPE" => &[],
        "PROVIDER" => &["INFRA_TYPE=vm"],
        "NETWORK_INTERFACE" => &["INFRA_TYPE=container", "NETWORK_MODE=bridge"],
        "PROVISIONING_VARS" => &[
            "INFRA_TYPE=container",
            "PROVISIONING_PLAYBOOK=./playbooks/site.yml",
        ],
        "PROVISIONING_SECRETS" => &[
            "INFRA_TYPE=container",
            "PROVISIONING_PLAYBOOK=./playbooks/site.yml",
            "DB_PASSWORD=correct-horse",
        ],
        _ if vm => &["INFRA_TYPE=vm", "PROVIDER=libvirt"],
        _ => &["INFRA_TYPE=container"],
    };
    let mut text: String = beside.iter().map(|line| format!("{line}\n")).collect();
    // What stands in the tests' project: nobody's home does.
    let value = if row.key() == "SSH_KEY" {
        "./id_ed25519"
    } else {
        row.example
    };
    let _ = writeln!(text, "{}={value}", row.key());
    text
}
