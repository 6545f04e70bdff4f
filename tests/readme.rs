//! The README is true: its commands exist, its examples check clean, its report is the program's.

#[path = "support/page.rs"]
mod page;
#[path = "support/tree.rs"]
mod tree;

use clap::Parser;
use std::path::Path;
use vagrantp::cli::Cli;
use vagrantp::commands::check;
use vagrantp::diagnostic::report::{Style, pretty};

fn readme() -> String {
    tree::text(Path::new("README.md"))
}

/// The commands: a line each of a `sh` block, and what follows `$ ` in a `console` block.
fn commands() -> Vec<String> {
    let text = readme();
    let mut found = Vec::new();
    for block in page::blocks(&text) {
        let lines = block.text.lines();
        match block.info.as_str() {
            "sh" => found.extend(lines.map(str::to_owned)),
            "console" => found.extend(
                lines
                    .filter_map(|line| line.strip_prefix("$ "))
                    .map(str::to_owned),
            ),
            _ => {}
        }
    }
    found
}

#[test]
fn every_command_exists() {
    let commands = commands();
    assert!(commands.len() > 5, "{commands:?}");
    for command in commands {
        let words = command
            .strip_prefix("cargo run --release -- ")
            .or(command.strip_prefix("vagrantp "));
        match words {
            Some(words) => {
                let words = std::iter::once("vagrantp").chain(words.split(' '));
                let parsed = Cli::try_parse_from(words);
                assert!(
                    parsed.is_ok(),
                    "{command}: {}",
                    parsed.expect_err("checked")
                );
            }
            None => assert!(
                tree::root().join(&command).is_file(),
                "{command}: neither vagrantp nor a file"
            ),
        }
    }
    assert!(readme().contains("\ncargo run --release -- -C examples/hello up --setup -y\n"));
    assert!(readme().contains("\ntests/run\n"));
}

#[test]
fn every_example_checks_clean_and_the_first_is_hello() {
    let text = readme();
    let blocks = page::blocks(&text);
    let mut examples = blocks.iter().filter(|block| block.info == "env").peekable();
    let first = examples.peek().expect("there is an example");
    assert_eq!(
        first.text.trim(),
        tree::text(Path::new("examples/hello/.env")).trim()
    );
    let files = tree::files("examples").into_iter();
    // Beside a vagrantp.kdl it only gives values.
    let is_machine = |path: &std::path::PathBuf| {
        path.ends_with(".env")
            && !tree::root()
                .join(path.with_file_name("vagrantp.kdl"))
                .exists()
    };
    let files = files.filter(is_machine);
    let texts = examples.map(|block| block.text.clone());
    let folder = tempfile::tempdir().expect("a temporary folder");
    for text in texts.chain(files.map(|path| tree::text(&path))) {
        let (_, found) = check::text(folder.path(), ".env", text.as_bytes(), &[]);
        // That the machine can read what it shares is said of each that shares its own folder.
        let wrong = found.iter().filter(|found| found.rule.number != 2304);
        assert_eq!(wrong.count(), 0, "{found:?}");
    }
}

/// Those of the README and of `examples`, each in its own folder: it names files beside it.
#[test]
fn every_kdl_checks_clean() {
    let text = readme();
    let root = tree::root();
    let blocks = page::blocks(&text);
    let blocks = blocks.iter().filter(|block| block.info == "kdl");
    let shown = blocks.map(|block| (root.join("examples/web-db"), block.text.to_string()));
    let files = tree::files("examples").into_iter();
    let files = files.filter(|path| path.ends_with("vagrantp.kdl"));
    let files = files.map(|path| {
        let folder = root.join(&path).parent().expect("a folder").to_owned();
        (folder, tree::text(&path))
    });
    let all: Vec<_> = shown.chain(files).collect();
    assert!(all.len() >= 6, "the README's and those of five examples");
    for (folder, text) in all {
        let (_, found) = check::text(&folder, "vagrantp.kdl", text.as_bytes(), &[]);
        let folder = folder.display();
        assert_eq!(found.len(), 0, "{folder}: {found:?}");
    }
}

#[test]
fn its_report_is_the_programs() {
    let text = tree::text(Path::new("examples/hello/.env")).replace("512M", "256");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (sources, found) = check::text(folder.path(), ".env", text.as_bytes(), &[]);
    let report = pretty(&found, &sources, Style::BOOK);
    let said = format!(
        "$ vagrantp check\n{}\n.env: {}\n",
        report.trim_end(),
        check::summary(&found)
    );
    assert!(readme().contains(&said), "the README lacks:\n{said}");
}

#[test]
fn every_link_leads_somewhere() {
    for link in readme().split("](").skip(1) {
        let target = link.split(')').next().unwrap_or_default();
        assert!(tree::root().join(target).exists(), "{target}");
    }
}
