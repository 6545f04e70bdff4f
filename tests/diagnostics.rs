//! Every case of `tests/diagnostics` finds what is written under its lines, and nothing else.
//!
//! A case is a configuration with its findings as comments (see `support/carets.rs`), or, where it
//! cannot bear comments, beside a `.expect` file. `#: env NAME=value` sets a variable of the
//! environment. `VAGRANTP_BLESS=1` writes what was found.

#[path = "support/carets.rs"]
mod carets;
#[path = "support/difference.rs"]
mod difference;
#[path = "support/findings.rs"]
mod findings;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use vagrantp::diagnostic::codes::RULES;
use vagrantp::diagnostic::report::count;

/// Rules of the 2xxx that no case can show: they are about a folder, its owner, or a command line.
const ELSEWHERE: &[u16] = &[
    2001, 2002, 2207, 2306, 2611, 2613, 2614, 2901, 2902, 2903, 2904,
];

/// Rules about playbooks: their cases are those of `tests/playbooks.rs`.
const PLAYBOOKS: std::ops::Range<u16> = 2701..2800;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let entries = fs::read_dir(folder).expect("the cases").flatten();
    let paths = entries.map(|entry| entry.path());
    let mut cases: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_none_or(|end| end != "expect"))
        .collect();
    cases.sort();
    cases
}

fn twin(case: &Path) -> PathBuf {
    let mut name = case.as_os_str().to_owned();
    name.push(".expect");
    PathBuf::from(name)
}

fn name(case: &Path) -> String {
    let name = case.file_name().unwrap_or_default().to_string_lossy();
    match case.extension() {
        Some(end) if end == "env" => ".env".to_owned(),
        _ => name.into_owned(),
    }
}

fn variables(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().filter_map(|line| {
        line.strip_prefix("#: env ")
            .or(line.strip_prefix("//: env "))
    });
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

struct Outcome {
    /// The file that holds the expectation.
    file: PathBuf,
    expected: String,
    actual: Result<String, String>,
    rules: Vec<u16>,
    errors: usize,
}

fn run(project: &Path, case: &Path) -> Outcome {
    let mut bytes = fs::read(case).expect("a case");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let comment = carets::comment(&name(case));
    if comment == "//" {
        // In a block or a string of several lines it would be no comment.
        bytes = carets::stripped(&text, comment).into_bytes();
    }
    let (sources, found) = findings::findings(project, &name(case), &bytes, &variables(&text));
    let rules = found.iter().map(|found| found.rule.number).collect();
    let twin = twin(case);
    let (file, expected, actual) = if twin.exists() {
        let expected = fs::read_to_string(&twin).expect("a list");
        (twin, expected, Ok(carets::list(&sources, &found)))
    } else {
        let shown = match comment {
            "//" => carets::stripped(&text, comment),
            _ => text.clone(),
        };
        let actual = carets::annotate(&shown, comment, &sources, &found);
        (case.to_owned(), text, actual)
    };
    // The folder has another name each time.
    let folder = project.to_string_lossy().into_owned();
    Outcome {
        file,
        expected,
        actual: actual.map(|actual| actual.replace(&folder, "<project>")),
        rules,
        errors: count(&found).0,
    }
}

#[test]
fn every_case_finds_what_it_says() {
    let bless = std::env::var_os("VAGRANTP_BLESS").is_some();
    let project = findings::project();
    let mut wrong = Vec::new();
    for outcome in cases().iter().map(|case| run(project.path(), case)) {
        let name = outcome
            .file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        if name.starts_with("good-") && outcome.errors > 0 {
            wrong.push(format!("{name}: finds errors, though it is good"));
        }
        match outcome.actual {
            Err(why) => wrong.push(format!("{name}: {why}")),
            Ok(actual) if actual == outcome.expected => {}
            Ok(actual) if bless => {
                fs::write(&outcome.file, actual).expect("a case can be written");
            }
            Ok(actual) => {
                let lines = difference::lines(&outcome.expected, &actual);
                wrong.push(format!("{name}:\n{lines}"));
            }
        }
    }
    let hint = "`VAGRANTP_BLESS=1 cargo test --test diagnostics` writes what was found";
    assert!(wrong.is_empty(), "{}\n{hint}", wrong.join("\n"));
}

#[test]
fn every_rule_of_a_configuration_has_a_case() {
    let project = findings::project();
    let outcomes: Vec<Outcome> = cases()
        .iter()
        .map(|case| run(project.path(), case))
        .collect();
    let shown: BTreeSet<u16> = outcomes
        .iter()
        .flat_map(|outcome| outcome.rules.clone())
        .collect();
    let rules = RULES.iter().map(|rule| rule.number);
    let missing = rules
        .filter(|number| (2000..3000).contains(number) && !ELSEWHERE.contains(number))
        .filter(|number| !PLAYBOOKS.contains(number))
        .filter(|number| !shown.contains(number));
    let missing: Vec<u16> = missing.collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}

#[test]
fn no_list_is_without_its_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let entries = fs::read_dir(folder).expect("the cases").flatten();
    let lists = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "expect"));
    let orphans: Vec<PathBuf> = lists
        .filter(|path| !path.with_extension("").exists())
        .collect();
    assert!(orphans.is_empty(), "{orphans:?}");
}
