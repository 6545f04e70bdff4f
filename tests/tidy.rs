//! The house rules. Each test is one rule; its failure names file and reason.

#[path = "support/code.rs"]
mod code;
#[path = "support/source.rs"]
mod source;
#[path = "support/tree.rs"]
mod tree;

use code::Used;
use source::source;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use vagrantp::diagnostic::codes::RULES;

/// What may lie in the project's folder.
const TOP_LEVEL: &[&str] = &[
    ".ci",
    ".git",
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "book",
    "clippy.toml",
    "examples",
    "fuzz",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "src",
    "stdlib-templates",
    "target",
    "tests",
];

/// Where the world is touched, under `src/`.
const EFFECTS: &[&str] = &[
    "call/run",
    "state/",
    "state.rs",
    "ui",
    "commands/",
    "commands.rs",
    "apply",
    "main.rs",
];

/// What touches it: beginnings of paths, or whole names of methods, functions and macros.
const EFFECT_PATHS: &[&str] = &[
    "std::fs",
    "std::process",
    "std::env",
    "std::thread",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::net::TcpStream",
    "std::net::TcpListener",
    "std::net::UdpSocket",
    "std::net::ToSocketAddrs",
    "duct",
    "rustix",
    "signal_hook",
    "tempfile",
    "fs",
    "process",
    "thread",
];
const EFFECT_NAMES: &[(&str, char)] = &[
    ("println", '!'),
    ("print", '!'),
    ("eprintln", '!'),
    ("eprint", '!'),
    ("stdin", '('),
    ("stdout", '('),
    ("stderr", '('),
    (".exists", '('),
    (".try_exists", '('),
    (".is_file", '('),
    (".is_dir", '('),
    (".is_symlink", '('),
    (".metadata", '('),
    (".symlink_metadata", '('),
    (".canonicalize", '('),
    (".read_dir", '('),
    (".read_link", '('),
    ("Instant::now", '('),
    ("SystemTime::now", '('),
    ("Timestamp::now", '('),
    ("Uuid::new_v4", '('),
];

fn none(broken: Vec<String>, rule: &str) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

/// The modules and their groups' numbers, lowest first, those still commented out as well.
fn groups(lib: &str) -> BTreeMap<String, usize> {
    let mut groups = BTreeMap::new();
    for (number, group) in lib.split("\n\n").enumerate() {
        for line in group.lines() {
            let line = line.trim_start_matches("// ");
            let line = line
                .trim_start_matches("pub(crate) ")
                .trim_start_matches("pub ");
            let name = line
                .strip_prefix("mod ")
                .and_then(|rest| rest.strip_suffix(';'));
            if let Some(name) = name {
                groups.insert(name.to_owned(), number);
            }
        }
    }
    groups
}

#[test]
fn a_module_uses_only_groups_above_its_own() {
    let groups = groups(&tree::text(Path::new("src/lib.rs")));
    let mut broken = Vec::new();
    for file in source()
        .iter()
        .filter(|file| !["lib", "main"].contains(&file.module().as_str()))
    {
        let module = file.module();
        let Some(own) = groups.get(&module) else {
            broken.push(format!(
                "{}: `{module}` is in no group of lib.rs",
                file.name()
            ));
            continue;
        };
        for other in file.mentions().iter().filter(|other| **other != module) {
            if groups.get(other).is_some_and(|group| group >= own) {
                broken.push(format!(
                    "{} uses `{other}`, which is not above `{module}`",
                    file.name()
                ));
            }
        }
    }
    none(
        broken,
        "a module uses only groups above its own line in lib.rs",
    );
}

#[test]
fn effects_live_in_six_places() {
    let mut broken = Vec::new();
    for file in source().iter().filter(|file| !file.within(EFFECTS)) {
        let mut before = None;
        for used in &file.used {
            let under =
                |start: &&str| used.path == **start || used.path.starts_with(&format!("{start}::"));
            let begins = EFFECT_PATHS
                .iter()
                .any(|start| under(start) && (start.contains("::") || used.path.contains("::")));
            let ends = |name: &str| {
                used.path == name
                    || (!name.starts_with('.') && used.path.ends_with(&format!("::{name}")))
            };
            let declared = before.is_some_and(|before: &Used| before.path == "fn");
            let called = !declared
                && EFFECT_NAMES
                    .iter()
                    .any(|(name, after)| used.after == *after && ends(name));
            if begins || called {
                broken.push(format!("{}: {}", file.name(), used.path));
            }
            before = Some(used);
        }
    }
    none(
        broken,
        "only call/run, state, ui, commands, apply and main touch the world",
    );
}

#[test]
fn only_one_file_names_duct_and_none_sleeps() {
    let mut broken = Vec::new();
    for file in source() {
        for used in &file.used {
            let duct = used.path == "duct" || used.path.starts_with("duct::");
            let sleep =
                used.after == '(' && (used.path == "sleep" || used.path.ends_with("::sleep"));
            if (duct && !file.within(&["call/run"])) || sleep {
                broken.push(format!("{}: {}", file.name(), used.path));
            }
        }
    }
    none(
        broken,
        "duct is named in call/run alone, and nothing sleeps: waiting is for an event",
    );
}

#[test]
fn files_are_small_and_named_for_what_they_hold() {
    let mut broken = Vec::new();
    let rust = tree::files("src").into_iter().chain(tree::files("tests"));
    for path in rust.filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        let lines = tree::text(&path).lines().count();
        if lines > 400 {
            broken.push(format!("{}: {lines} lines, more than 400", path.display()));
        }
        let empty = [
            "util", "utils", "helper", "helpers", "common", "manager", "misc",
        ];
        let named = |part: &str| empty.contains(&part.trim_end_matches(".rs"));
        if path.iter().any(|part| named(&part.to_string_lossy())) {
            broken.push(format!("{}: the name says nothing", path.display()));
        }
    }
    none(broken, "one idea a file");
}

#[test]
fn nothing_is_left_half_done() {
    let mut broken = Vec::new();
    for file in source() {
        let half = |used: &&Used| {
            ["todo", "unimplemented", "dbg"].contains(&used.path.as_str()) && used.after == '!'
        };
        broken.extend(
            file.used
                .iter()
                .filter(half)
                .map(|used| format!("{}: {}!", file.name(), used.path)),
        );
        if file.text.contains("allow(dead_code") || file.text.contains("expect(dead_code") {
            broken.push(format!("{}: dead code", file.name()));
        }
    }
    none(broken, "no half-done and no dead code");
}

#[test]
fn the_top_level_holds_only_what_it_must() {
    let entries = std::fs::read_dir(tree::root()).expect("the project can be read");
    let names = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    let extra = names.filter(|name| !TOP_LEVEL.contains(&name.as_str()));
    none(extra.collect(), "the top level holds only what it must");
}

#[test]
fn no_template_steps_around_the_escapes() {
    let templates = tree::files("stdlib-templates").into_iter();
    let safe = templates.filter(|path| tree::text(path).replace(' ', "").contains("|safe"));
    none(
        safe.map(|path| path.display().to_string()).collect(),
        "`| safe` is in no template",
    );
}

#[test]
fn no_text_names_a_machine_it_was_written_on() {
    // Put together here, so that this file does not name them.
    let paths = [
        ["/wo", "rk/"].concat(),
        ["/tmp", "/w/"].concat(),
        ["/ro", "ot/.cargo"].concat(),
    ];
    let mut broken = Vec::new();
    for path in tree::files("") {
        let text = tree::text(&path);
        broken.extend(
            paths
                .iter()
                .filter(|word| text.contains(*word))
                .map(|word| format!("{}: {word}", path.display())),
        );
    }
    none(broken, "no absolute path of a workplace");
}

#[test]
fn every_rule_has_a_page_and_every_page_a_rule() {
    let pages: BTreeSet<String> = tree::files("book/src/errors")
        .iter()
        .map(|path| {
            path.file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let rules: BTreeSet<String> = RULES
        .iter()
        .map(|rule| format!("VP{:04}.md", rule.number))
        .collect();
    let odd = pages.symmetric_difference(&rules).cloned();
    none(odd.collect(), "a page a rule, a rule a page");
    let ascending = RULES.windows(2).all(|pair| pair[0].number < pair[1].number);
    assert!(ascending, "the catalogue is in order, each number once");
}

#[test]
fn the_code_uses_the_whole_catalogue_and_nothing_else() {
    let mut unused: BTreeSet<u16> = RULES.iter().map(|rule| rule.number).collect();
    let mut broken = Vec::new();
    for file in source()
        .iter()
        .filter(|file| !file.path.ends_with("codes.rs"))
    {
        for (number, surely) in file.numbers() {
            unused.remove(&number);
            if surely && !RULES.iter().any(|rule| rule.number == number) {
                broken.push(format!("{}: {number} has no row", file.name()));
            }
        }
    }
    none(broken, "a rule is used only after its row is written");
    none(
        unused.iter().map(u16::to_string).collect(),
        "every row is used in src/",
    );
}
