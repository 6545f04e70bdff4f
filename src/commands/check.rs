//! `check`: the linter. Starts nothing, changes nothing; exits 0 or 2.

use super::answer::Answer;
use super::compile::{Compiled, Judging, Text, compile_text};
use super::find::{Located, NotFound, named_file};
use super::root::Part;
use super::whose::identity_of;
use super::{Session, here, shown};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::report::{Checked, count, github, sarif, short};
use crate::model::files::Verdict;
use crate::model::naming::Naming;
use crate::plan::conflicts::{View, all_conflicts};
use crate::source::Sources;
use crate::state::ledger::Ledger;
use crate::state::{host, listeners};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// With the lines they are about.
    Human,
    /// One line each.
    Short,
    /// The one document of `--json`.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands, which GitHub shows beside the lines.
    Github,
}

/// What `check` takes.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// Files to check; the project's where none is named.
    pub files: Vec<PathBuf>,
    /// How to print.
    pub format: Format,
    /// Ask nothing of the host but the project's own files.
    pub no_host: bool,
}

/// Checks a text that is the file `name` of a folder, asking nothing of the host; for tests and editors.
pub fn text(
    folder: &Path,
    name: &str,
    bytes: &[u8],
    variables: &[(String, String)],
) -> (Sources, Vec<Diagnostic>) {
    let compiled = without_host(folder, name, bytes, variables);
    (compiled.sources, compiled.findings)
}

fn without_host(
    folder: &Path,
    name: &str,
    bytes: &[u8],
    variables: &[(String, String)],
) -> Compiled {
    let naming = Naming {
        recorded: None,
        suffix: String::new(),
        taken: &|_| false,
    };
    let judging = Judging {
        every_profile: true,
        ..Judging::WITHOUT_HOST
    };
    let text = Text::new(folder, name, bytes, variables);
    compile_text(&text, judging, &naming)
}

/// Runs the verb.
pub fn run(session: &Session, arguments: &Arguments) -> u8 {
    let each = |located: Result<Located, NotFound>| match located {
        Ok(located) => one(session, arguments, &located),
        Err(not_found) => session.without_project("check", not_found),
    };
    let checked: Vec<Answer> = if arguments.files.is_empty() {
        vec![each(session.find())]
    } else {
        let files = arguments.files.iter();
        files
            .map(|file| {
                let part = as_part(session, arguments, file);
                part.unwrap_or_else(|| each(named_file(&session.start(), file)))
            })
            .collect()
    };
    let failed = |answer: &Answer| answer.has_errors();
    let exit = if checked.iter().any(failed) { 2 } else { 0 };
    match arguments.format {
        _ if session.options.ui.json => session.ui.document(&document(&checked, exit)),
        Format::Json => session.ui.document(&document(&checked, exit)),
        Format::Sarif => {
            let parts: Vec<Checked> = checked.iter().map(part).collect();
            session.ui.document(&sarif(&parts, &repository(session)));
        }
        Format::Github => {
            let root = repository(session);
            let each = checked.iter().map(|answer| github(&part(answer), &root));
            lines(session, &each.collect::<String>());
        }
        Format::Short => checked.iter().for_each(|answer| {
            lines(session, &short(&answer.findings, &answer.sources));
        }),
        Format::Human => checked.iter().for_each(|answer| print(session, answer)),
    }
    exit
}

/// A file that a project includes, checked as part of it: what is found in the file.
fn as_part(session: &Session, arguments: &Arguments, file: &Path) -> Option<Answer> {
    let part = Part::of(&session.start(), file)?;
    let mut answer = one(session, arguments, &part.root);
    answer.findings = part.own(&answer.sources, &answer.findings)?;
    answer.file = Some(part.name());
    Some(answer)
}

fn part(answer: &Answer) -> Checked<'_> {
    Checked {
        findings: &answer.findings,
        sources: &answer.sources,
        file: answer.file.as_ref().map(|file| answer.folder.join(file)),
    }
}

/// What programs look paths up from: the repository's folder, else the working directory.
fn repository(session: &Session) -> PathBuf {
    let start = session.start();
    let root = start
        .ancestors()
        .find(|folder| folder.join(".git").exists());
    root.map_or_else(here, Path::to_owned)
}

fn lines(session: &Session, text: &str) {
    if !text.is_empty() {
        session.ui.out_styled(text.trim_end());
    }
}

/// One document whatever was checked: the first file's, with the findings of all.
fn document(checked: &[Answer], exit: u8) -> Value {
    let each = checked
        .iter()
        .map(|answer| answer.document_with(&answer.sources));
    let joined = each.reduce(|mut all, next| {
        for list in ["errors", "warnings"] {
            let more = next[list].as_array().cloned().unwrap_or_default();
            if let Some(list) = all[list].as_array_mut() {
                list.extend(more);
            }
        }
        all["error"] = all["errors"][0].clone();
        all
    });
    let mut document = joined.unwrap_or_default();
    document["exit"] = exit.into();
    document
}

fn one(session: &Session, arguments: &Arguments, located: &Located) -> Answer {
    let mut answer = Answer::new("check", &located.folder);
    answer.file = Some(located.file.clone());
    let compiled = if arguments.no_host {
        let variables = super::variables();
        without_host(&located.folder, &located.file, &located.bytes, &variables)
    } else {
        let ledger = Ledger::read(&session.state);
        let identity = match session.identify(&located.folder) {
            Ok(identity) => identity,
            Err(finding) => {
                answer.findings.push(finding);
                return answer;
            }
        };
        let judging = Judging {
            verdict: Verdict::Check,
            host: true,
            every_profile: true,
            as_last_up: false,
        };
        let mut compiled = session.compile(located, judging, &identity, &ledger);
        host_findings(&mut compiled, identity.uuid, &ledger);
        compiled
    };
    answer.name = compiled.project.as_ref().and_then(|project| {
        project
            .machines
            .first()
            .map(|machine| machine.id.to_string())
    });
    answer.sources = compiled.sources;
    answer.findings = compiled.findings;
    answer
}

/// What clashes with the host now. The engine is not asked: a linter answers at once.
fn host_findings(compiled: &mut Compiled, uuid: uuid::Uuid, ledger: &Ledger) {
    let Some(project) = &compiled.project else {
        return;
    };
    let facts = host::gather();
    let view = View {
        host: &facts,
        dialect: project.dialect,
        ledger,
        observed: &[],
        listens: &|address, port, protocol| {
            // What runs already holds its own ports.
            let own = ledger.project(uuid).flat_map(|entry| entry.ports());
            if own.into_iter().any(|held| held.host_port == port) {
                return None;
            }
            listeners::bindable(address, port, protocol).err()?;
            listeners::listener(address, port, protocol)
        },
        verdict: Verdict::Check,
    };
    let machines = project.machines.iter();
    let machines: Vec<_> = machines
        .map(|machine| (machine, identity_of(project, machine, uuid, ledger)))
        .collect();
    compiled.findings.extend(all_conflicts(&machines, &view));
    compiled.findings.sort_by_key(|found| found.span);
}

fn print(session: &Session, answer: &Answer) {
    if !answer.findings.is_empty() {
        let text = session.pretty(&answer.findings, &answer.sources);
        session.ui.out_styled(text.trim_end());
    }
    let place = answer.file.as_ref().map(|file| {
        let folder = shown(&answer.folder);
        let folder = if folder == "." {
            String::new()
        } else {
            format!("{folder}/")
        };
        format!("{folder}{file}: ")
    });
    session.ui.out(&format!(
        "{}{}",
        place.unwrap_or_default(),
        summary(&answer.findings)
    ));
}

/// `2 errors, 1 warning`, or `no problem`.
pub fn summary(findings: &[Diagnostic]) -> String {
    let (errors, warnings) = count(findings);
    let number = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        count => Some(format!("{count} {word}s")),
    };
    let parts: Vec<String> = [number(errors, "error"), number(warnings, "warning")]
        .into_iter()
        .flatten()
        .collect();
    if parts.is_empty() {
        "no problem".into()
    } else {
        parts.join(", ")
    }
}
