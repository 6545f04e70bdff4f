//! A configuration without errors, for the verbs that show what comes of it.

use super::answer::Answer;
use super::compile::Judging;
use super::{Session, check};
use crate::model::Project;
use crate::state::ledger::Ledger;
use crate::state::project::ProjectIdentity;

/// What was read, whose it is, and the answer with what was found on the way.
pub struct Understood {
    /// To be completed by the verb.
    pub answer: Answer,
    /// The project.
    pub project: Project,
    /// Whose it is.
    pub identity: ProjectIdentity,
    /// What is given out.
    pub ledger: Ledger,
}

/// Reads the project's configuration.
///
/// # Errors
/// With the exit status, after the errors were told.
pub fn understood(session: &Session, command: &'static str) -> Result<Understood, u8> {
    let located = session
        .find()
        .map_err(|not_found| session.not_found(command, not_found))?;
    let mut answer = Answer::new(command, &located.folder);
    answer.file = Some(located.file.clone());
    let identity = match session.identify(&located.folder) {
        Ok(identity) => identity,
        Err(finding) => {
            answer.findings.push(finding);
            return Err(session.finish(&answer));
        }
    };
    let ledger = Ledger::read(&session.state);
    let compiled = session.compile(&located, Judging::WITHOUT_HOST, &identity, &ledger);
    let errors = compiled.has_errors();
    answer.sources = compiled.sources;
    answer.findings = compiled.findings;
    let Some(project) = compiled.project.filter(|_| !errors) else {
        let exit = session.finish(&answer);
        if !session.options.ui.json {
            let summary = check::summary(&answer.findings);
            session.ui.err(&format!("{summary}, nothing is resolved"));
        }
        return Err(exit);
    };
    Ok(Understood {
        answer,
        project,
        identity,
        ledger,
    })
}
