//! What a verb says in the end: findings, the one document of `--json`, the exit status.

use super::Session;
use super::find::NotFound;
use super::results::Row;
use crate::diagnostic::report::{self, Style};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;
use crate::ui::Voice;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

/// The exit status after an interrupt.
pub const INTERRUPTED: u8 = 130;

/// The version of the document of `--json`.
pub const SCHEMA: u32 = 1;

/// What came of a verb.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The verb.
    pub command: &'static str,
    /// The project's name, where one was found.
    pub name: Option<String>,
    /// Its folder.
    pub folder: PathBuf,
    /// Its configuration file's name.
    pub file: Option<String>,
    /// The machines, each in the form of the design.
    pub machines: Vec<Value>,
    /// The texts that the findings point into.
    pub sources: Sources,
    /// Everything found, in the order to show it.
    pub findings: Vec<Diagnostic>,
    /// How many of the findings were told already.
    pub told: usize,
    /// Whether something was begun.
    pub begun: bool,
    /// Set where it is not decided by the findings.
    pub exit: Option<u8>,
    /// Further members of the document.
    pub extra: Vec<(&'static str, Value)>,
}

impl Answer {
    /// An answer of a verb about a folder.
    pub fn new(command: &'static str, folder: &Path) -> Self {
        Answer {
            command,
            name: None,
            folder: folder.to_owned(),
            file: None,
            machines: Vec::new(),
            sources: Sources::default(),
            findings: Vec::new(),
            told: 0,
            begun: false,
            exit: None,
            extra: Vec::new(),
        }
    }

    /// An answer that is one finding.
    pub fn finding(command: &'static str, folder: &Path, finding: Diagnostic) -> Self {
        let mut answer = Self::new(command, folder);
        answer.findings.push(finding);
        answer
    }

    /// Whether an error was found.
    pub fn has_errors(&self) -> bool {
        self.findings
            .iter()
            .any(|found| found.severity == Severity::Error)
    }

    /// The largest exit status of the errors; 0 without one.
    pub fn exit(&self) -> u8 {
        let errors = self
            .findings
            .iter()
            .filter(|found| found.severity == Severity::Error);
        let largest = errors.map(Diagnostic::exit).max().unwrap_or(0);
        self.exit.unwrap_or(largest)
    }

    /// Adds what came of it for each of several machines.
    pub fn results(&mut self, rows: &[Row]) {
        let rows: Vec<Value> = rows.iter().map(Row::document).collect();
        self.extra.push(("results", rows.into()));
    }

    /// The one document of `--json`, of findings that point into other texts.
    pub fn document_with(&self, sources: &Sources) -> Value {
        let of = |severity: Severity| -> Vec<Value> {
            let found = self
                .findings
                .iter()
                .filter(|found| found.severity == severity);
            found
                .map(|found| report::json(found, sources, &self.folder))
                .collect()
        };
        let errors = of(Severity::Error);
        let mut document = json!({
            "schema": SCHEMA,
            "command": self.command,
            "exit": self.exit(),
            "project": {
                "name": self.name,
                "path": self.folder.display().to_string(),
                "config_file": self.file,
                "infrastructure_id": self.name,
            },
            "machines": self.machines,
            "error": errors.first(),
            "errors": errors,
            "warnings": of(Severity::Warning),
        });
        for (name, value) in &self.extra {
            document[*name] = value.clone();
        }
        document
    }
}

impl Session {
    /// Tells why no project was found.
    pub fn not_found(&self, command: &'static str, not_found: NotFound) -> u8 {
        self.finish(&self.without_project(command, not_found))
    }

    /// An answer that is why no project was found.
    pub fn without_project(&self, command: &'static str, not_found: NotFound) -> Answer {
        let (sources, finding) = *not_found;
        let mut answer = Answer::finding(command, &self.start(), finding);
        answer.sources = sources;
        answer
    }

    /// Prints an answer: findings that were not told yet to stderr, or under `--json` the one document to stdout.
    pub fn finish(&self, answer: &Answer) -> u8 {
        let exit = self.exit(answer);
        if self.options.ui.json {
            let mut document = answer.document_with(&answer.sources);
            document["exit"] = exit.into();
            self.ui.document(&document);
        }
        self.show(&answer.findings[answer.told..], &answer.sources);
        if self.options.ui.voice != Voice::Aloud {
            let kept = Answer {
                exit: Some(exit),
                ..answer.clone()
            };
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        }
        exit
    }

    /// What the last verb answered, in a session whose results are not on stdout.
    pub fn answered(&self) -> Option<Answer> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.take()
    }

    /// Whatever failed after an interrupt failed because of it.
    fn exit(&self, answer: &Answer) -> u8 {
        match answer.exit() {
            0 => 0,
            _ if self.interrupt.count() > 0 => INTERRUPTED,
            exit => exit,
        }
    }

    /// Tells what is known before work begins, so that the last lines are those of the work.
    pub fn tell(&self, answer: &mut Answer) {
        self.show(&answer.findings[answer.told..], &answer.sources);
        answer.told = answer.findings.len();
    }

    fn show(&self, findings: &[Diagnostic], sources: &Sources) {
        if !self.options.ui.json && !findings.is_empty() {
            self.ui
                .err_styled(self.pretty(findings, sources).trim_end());
        }
    }

    /// Findings as a person reads them.
    pub fn pretty(&self, findings: &[Diagnostic], sources: &Sources) -> String {
        let style = Style {
            color: self.ui.color(),
            width: self.ui.width(),
            unicode: true,
        };
        report::pretty(findings, sources, style)
    }
}
