//! The machine templates of the standard library: each is resolved, and its page tells what it is.
//! `VAGRANTP_BLESS=1` writes the pages.

#[path = "support/meaning.rs"]
mod meaning;
#[path = "support/values.rs"]
mod values;

use meaning::compiled;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use vagrantp::model::{Machine, Project};
use vagrantp::render::stdlib::PAGES;
use vagrantp::source::Origin;
use vagrantp::syntax::document::STANDARD;
use vagrantp::syntax::kdl::format::format;
use values::values;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn names() -> impl Iterator<Item = &'static str> {
    let names = STANDARD.iter();
    names.map(|name| name.strip_prefix("std/").expect("a name of ours"))
}

fn template(name: &str) -> String {
    let path = root()
        .join("stdlib-templates/machines")
        .join(format!("{name}.kdl"));
    fs::read_to_string(path).expect("a template of ours")
}

fn folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("shop").tempdir();
    folder.expect("a folder")
}

/// A project that is right in every way, warnings too.
#[track_caller]
fn project(folder: &Path, text: &str) -> Project {
    let compiled = compiled(folder, "vagrantp.kdl", text);
    assert!(
        compiled.findings.is_empty(),
        "{text}\n{:?}",
        compiled.findings
    );
    compiled.project.expect("it compiles")
}

fn example(name: &str) -> String {
    format!("machine box {{\n    use \"std/{name}\"\n}}\n")
}

/// Comments as paragraphs; a line without words ends one.
fn prose<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let lines: Vec<&str> = lines
        .map(|line| line.trim_start().trim_start_matches("//").trim())
        .collect();
    lines.join("\n").trim().to_owned()
}

/// Name, default and meaning of each parameter.
fn parameters(text: &str) -> Vec<(String, String, String)> {
    let mut comment = Vec::new();
    let mut found = Vec::new();
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("//") {
            comment.push(line);
            continue;
        }
        if let Some(rest) = line.strip_prefix("param ") {
            let (name, default) = rest.split_once(' ').expect("each has a default");
            let meaning = prose(comment.iter().copied()).replace('\n', " ");
            found.push((name.to_owned(), default.to_owned(), meaning));
        }
        comment.clear();
    }
    found
}

/// What is not as it would be without the template.
fn written(machine: &Machine) -> String {
    let values = machine.values().into_iter();
    let values: Vec<_> = values
        .filter(|value| value.origin != Origin::Default && value.setting != "id")
        .collect();
    let width = values.iter().map(|value| value.setting.len()).max();
    let lines = values.iter().map(|value| {
        let width = width.unwrap_or(0);
        format!("{:width$}  {}", value.setting, value.text)
            .trim_end()
            .to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn page(name: &str) -> String {
    let text = template(name);
    let intro = prose(text.lines().take_while(|line| line.starts_with("//")));
    let example = example(name);
    let folder = folder();
    let project = project(folder.path(), &example);
    let mut page = format!(
        "# std/{name}\n\n{intro}\n\n```kdl,passes\n{example}```\n\n| Parameter | Default | |\n|---|---|---|\n"
    );
    for (name, default, meaning) in parameters(&text) {
        let _ = writeln!(page, "| `{name}` | `{default}` | {meaning} |");
    }
    let _ = write!(
        page,
        "\nIt comes to\n\n```text\n{}\n```\n\nfrom this template, in whose place a project's own \
         `templates/machines/{name}.kdl` is taken:\n\n```text\n{}```\n",
        written(&project.machines[0]),
        text.split_once("\ntemplate ")
            .map_or(String::new(), |(_, rest)| format!("template {rest}")),
    );
    page
}

#[test]
fn every_template_has_its_page() {
    let mut wrong = Vec::new();
    for name in names() {
        let path = root().join(format!("book/src/templates/{name}.md"));
        let (found, expected) = (fs::read_to_string(&path).unwrap_or_default(), page(name));
        if found != expected && std::env::var_os("VAGRANTP_BLESS").is_some() {
            fs::write(&path, &expected).expect("the book can be written");
        } else if found != expected {
            wrong.push(name);
        }
    }
    assert!(
        wrong.is_empty(),
        "{wrong:?}: `VAGRANTP_BLESS=1 cargo test --test stdlib` writes the pages"
    );
    let pages: Vec<&str> = PAGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(pages, STANDARD);
}

#[test]
fn every_file_is_a_template_of_its_name() {
    let folder = fs::read_dir(root().join("stdlib-templates/machines")).expect("the library");
    let mut files: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut expected: Vec<PathBuf> = names()
        .map(|name| root().join(format!("stdlib-templates/machines/{name}.kdl")))
        .collect();
    expected.sort();
    assert_eq!(files, expected);
    for name in names() {
        let text = template(name);
        assert_eq!(format(&text).as_deref(), Some(&*text), "{name}");
    }
}

#[test]
fn every_parameter_is_used() {
    for name in names() {
        let text = template(name);
        let (before, folder) = (folder(), folder());
        let before = values(&project(before.path(), &example(name)), true);
        for (parameter, _, meaning) in parameters(&text) {
            assert!(!meaning.is_empty(), "{name}: {parameter} is told of");
            let other = "\"other\"";
            let used = format!("machine box {{\n    use \"std/{name}\" {parameter}={other}\n}}\n");
            let after = values(&project(folder.path(), &used), true);
            assert_ne!(before, after, "{name}: {parameter}");
        }
    }
}

#[test]
fn what_a_machine_writes_itself_wins_over_its_template() {
    let folder = folder();
    let text = "machine db {\n    use \"std/postgres\"\n    memory \"1G\"\n    ports \"127.0.0.1:5432:5432\"\n    \
                volume other to=\"/var/lib/postgresql\"\n    env POSTGRES_DB=shop TZ=UTC\n}\n\
                machine web {\n    use \"std/nginx\"\n    depends-on db\n}\n";
    let found = values(&project(folder.path(), text), true);
    for expected in [
        "db memory 1G",
        "db ports 127.0.0.1:5432:5432",
        "db volume other:/var/lib/postgresql",
        "db env POSTGRES_DB=shop",
        "db env TZ=UTC",
        "db env POSTGRES_USER=postgres",
        "web depends-on db",
    ] {
        assert!(
            found.iter().any(|value| value == expected),
            "{expected}: {found:?}"
        );
    }
    assert_eq!(
        found
            .iter()
            .filter(|value| value.contains(" volume "))
            .count(),
        1
    );
}

#[test]
fn a_project_puts_its_own_file_in_the_place_of_ours() {
    let folder = folder();
    let own = folder.path().join("templates/machines/redis.kdl");
    fs::create_dir_all(own.parent().expect("a folder")).expect("a folder");
    fs::write(
        &own,
        "template redis { container \"localhost/redis:1\"; init image; }\n",
    )
    .expect("a file");
    let found = values(&project(folder.path(), &example("redis")), true);
    assert!(
        found.contains(&"box image localhost/redis:1".to_owned()),
        "{found:?}"
    );
}
