use super::{plain, word};
use crate::diagnostic::Diagnostic;
use crate::source::Sources;

/// One line a finding: `.env:3:8: error[2107] message`, columns in characters.
pub fn short(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let line = |found: &Diagnostic| {
        let place = match found.span {
            Some(span) => format!("{}: ", plain(&sources.place(span))),
            None => String::new(),
        };
        let (severity, number) = (word(found.severity), found.rule.number);
        format!("{place}{severity}[{number}] {}\n", plain(&found.message))
    };
    diagnostics.iter().map(line).collect()
}
