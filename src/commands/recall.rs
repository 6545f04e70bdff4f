//! What the verbs that need only the record know of a project: a configuration that cannot be read is one
//! warning there.

use super::Session;
use super::answer::Answer;
use super::compile::{Compiled, Judging};
use super::find::Located;
use super::machines::{Known, known};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Project;
use crate::state::ledger::Ledger;
use crate::state::observed::ObservedMachine;
use crate::state::project::ProjectIdentity;
use uuid::Uuid;

/// All that is known of a project's machines.
pub struct Recalled {
    /// The configuration, where one compiles.
    pub compiled: Option<Compiled>,
    project: Uuid,
    named: Option<String>,
    ledger: Ledger,
    observed: Vec<ObservedMachine>,
}

impl Session {
    /// Recalls a project whose machines the engine was asked for. What cannot be read is warned of.
    pub(super) fn recall(
        &self,
        answer: &mut Answer,
        identity: &ProjectIdentity,
        observed: Vec<ObservedMachine>,
    ) -> Recalled {
        let ledger = Ledger::read(&self.state);
        let damaged = ledger.damaged.iter();
        let damaged = damaged.map(|error| error.diagnostic().as_warning());
        answer.findings.extend(damaged);
        let compiled = match self.find() {
            Ok(located) if located.folder == answer.folder => {
                self.compile_if_right(&located, answer, identity, &ledger)
            }
            // One further up is another project's.
            Ok(_) => {
                answer.findings.push(
                    Diagnostic::warning(2001)
                        .message("Configuration file .env not found in the project's folder")
                        .help("put it back; what needs only the record goes on without it"),
                );
                None
            }
            Err(not_found) => {
                let mut finding = not_found.1.as_warning();
                finding.span = None;
                answer.findings.push(finding);
                None
            }
        };
        Recalled {
            compiled,
            project: identity.uuid,
            named: self.named_file(),
            ledger,
            observed,
        }
    }

    fn compile_if_right(
        &self,
        located: &Located,
        answer: &mut Answer,
        identity: &ProjectIdentity,
        ledger: &Ledger,
    ) -> Option<Compiled> {
        answer.file = Some(located.file.clone());
        let judging = Judging {
            as_last_up: true,
            ..Judging::WITHOUT_HOST
        };
        let compiled = self.compile(located, judging, identity, ledger);
        if !compiled.has_errors() {
            return Some(compiled);
        }
        let mut found = compiled.findings.iter();
        let first = found.find(|found| found.severity == Severity::Error);
        let why = first.map(|found| found.message.as_str());
        answer.findings.push(
            Diagnostic::warning(2002)
                .message(format!(
                    "{} is not taken into account: {}",
                    located.file,
                    why.unwrap_or_default()
                ))
                .help("see all of it: vagrantp check"),
        );
        None
    }
}

impl Recalled {
    /// Its machines: those of the named file, where one was named.
    pub fn known(&self) -> Vec<Known<'_>> {
        let named = self.named.as_deref();
        let compiled = self.compiled.as_ref();
        known(compiled, self.project, named, &self.ledger, &self.observed)
    }

    /// The configured project, where one compiles.
    pub fn project(&self) -> Option<&Project> {
        self.compiled.as_ref()?.project.as_ref()
    }

    /// What the engine has.
    pub fn observed(&self) -> &[ObservedMachine] {
        &self.observed
    }
}
