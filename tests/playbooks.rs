//! Every playbook of `tests/playbooks/valid` finds nothing, and every one of `tests/playbooks/invalid` finds what is
//! written under its lines (see `support/carets.rs`). What is about another file, or about the line of the
//! configuration, stands in the end. `VAGRANTP_BLESS=1` writes what was found. The real `ansible-playbook --syntax-check`
//! is asked about all of them, and sees them as we do.

#[path = "support/carets.rs"]
mod carets;
#[path = "support/difference.rs"]
mod difference;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use vagrantp::diagnostic::codes::RULES;
use vagrantp::diagnostic::{Diagnostic, Severity};
use vagrantp::source::{Sources, Span};

fn folder(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/playbooks").join(name)
}

fn playbooks(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the playbooks").flatten();
    let paths = entries.map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "yml"))
        .collect();
    paths.sort();
    paths
}

/// What `check --no-host` finds in a project whose one playbook this is.
fn findings(folder: &Path, name: &str) -> (Sources, Vec<Diagnostic>) {
    let text = format!("INFRA_TYPE=container\nPROVISIONING_PLAYBOOK={name}\n");
    vagrantp::commands::check::text(folder, ".env", text.as_bytes(), &[])
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[test]
fn nothing_is_found_in_what_ansible_accepts() {
    let folder = folder("valid");
    let mut wrong = Vec::new();
    for playbook in playbooks(&folder) {
        let (sources, found) = findings(&folder, &name(&playbook));
        let found = found.iter().map(|found| {
            let place = found.span.map(|span| sources.place(span));
            format!("{}: {} {found}", name(&playbook), place.unwrap_or_default())
        });
        wrong.extend(found);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The playbook's own findings; what is about other files follows as comments.
fn annotated(
    text: &str,
    playbook: &Path,
    sources: &Sources,
    found: &[Diagnostic],
) -> Result<String, String> {
    let is_own = |span: Span| sources.get(span.source).path.as_deref() == Some(playbook);
    let mut own = Vec::new();
    let mut elsewhere = String::new();
    for finding in found {
        let mut finding = finding.clone();
        finding.related.retain(|other| is_own(other.span));
        match finding.span {
            Some(span) if is_own(span) => own.push(finding),
            span => {
                let place = span.map_or("-".into(), |span| sources.place(span));
                let weight = match finding.severity {
                    Severity::Error => "",
                    Severity::Warning => "(warning) ",
                };
                let (number, message) = (finding.rule.number, &finding.message);
                elsewhere.push_str(&format!("# {number} {weight}{place} {message}\n"));
            }
        }
    }
    let comment = carets::comment(&name(playbook));
    let plain = carets::stripped(text, comment);
    Ok(carets::annotate(&plain, comment, sources, &own)? + &elsewhere)
}

#[test]
fn every_mistake_is_found_at_its_place() {
    let bless = std::env::var_os("VAGRANTP_BLESS").is_some();
    let folder = tempfile::tempdir().expect("a folder");
    copy(&self::folder("invalid"), folder.path());
    let mut wrong = Vec::new();
    let mut shown = BTreeSet::new();
    for case in playbooks(&self::folder("invalid")) {
        let text = fs::read_to_string(&case).expect("a case");
        // What stands between the lines of a text would be part of it.
        let playbook = folder.path().join(name(&case));
        fs::write(&playbook, carets::stripped(&text, "#")).expect("our own folder");
        let (sources, found) = findings(folder.path(), &name(&case));
        shown.extend(found.iter().map(|found| found.rule.number));
        if found.is_empty() {
            wrong.push(format!("{}: finds nothing", name(&case)));
        }
        match annotated(&text, &playbook, &sources, &found) {
            Err(why) => wrong.push(format!("{}: {why}", name(&case))),
            Ok(actual) if actual == text => {}
            Ok(actual) if bless => fs::write(&case, actual).expect("a case can be written"),
            Ok(actual) => {
                let lines = difference::lines(&text, &actual);
                wrong.push(format!("{}:\n{lines}", name(&case)));
            }
        }
    }
    let hint = "`VAGRANTP_BLESS=1 cargo test --test playbooks` writes what was found";
    assert!(wrong.is_empty(), "{}\n{hint}", wrong.join("\n"));
    // A role may lie outside the project, which this check does not look at: see `commands/check-role.md`.
    let rules = RULES.iter().map(|rule| rule.number);
    let missing = rules.filter(|number| (2701..2800).contains(number) && *number != 2706);
    let missing: Vec<u16> = missing.filter(|number| !shown.contains(number)).collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).expect("a new folder");
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a file");
        }
    }
}

/// What Ansible looks for only when it comes to the task.
const SEEN_ONLY_BY_RUNNING: [&str; 5] = [
    "copy-missing.yml",
    "include-missing.yml",
    "script-missing.yml",
    "template-missing.yml",
    "vars-files-missing.yml",
];

/// A file of variables in it is under lock, and nobody has the key.
const LOCKED: &str = "prompts.yml";

#[test]
fn ansible_judges_as_we_do() {
    let mut wrong = Vec::new();
    for (name, complaint) in asked(&folder("valid")) {
        if let Some(complaint) = complaint.filter(|_| name != LOCKED) {
            wrong.push(format!("{name} is accepted, and Ansible says {complaint}"));
        }
    }
    let folder = folder("invalid");
    for (name, complaint) in asked(&folder) {
        let (_, found) = findings(&folder, &name);
        // What may be a module that only Ansible can see is a warning of ours.
        let is_told =
            |found: &Diagnostic| found.severity == Severity::Error || found.rule.number == 2709;
        let is_refused = found.iter().any(is_told) && !SEEN_ONLY_BY_RUNNING.contains(&&*name);
        if is_refused != complaint.is_some() {
            wrong.push(format!(
                "{name}: we find {found:?}, and Ansible says {complaint:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What Ansible says of each playbook of a folder: nothing, or why it does not take it.
fn asked(folder: &Path) -> Vec<(String, Option<String>)> {
    let names: Vec<String> = playbooks(folder).iter().map(|path| name(path)).collect();
    // Its own Python: another may not have it.
    let program = fs::read_to_string("/usr/bin/ansible-playbook").expect("Ansible is installed");
    let python = program
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("#!"));
    let output = Command::new(python.expect("a script").trim())
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/syntax_check.py"))
        .args(&names)
        .current_dir(folder)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("Python is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    let answers = said.lines().map(|line| {
        let (status, complaint): (i32, String) = serde_json::from_str(line).expect("JSON");
        (status != 0).then_some(complaint)
    });
    let answers: Vec<Option<String>> = answers.collect();
    assert_eq!(
        answers.len(),
        names.len(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    names.into_iter().zip(answers).collect()
}
