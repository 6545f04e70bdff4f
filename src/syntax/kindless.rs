//! A `.env` that does not say what it describes.

use super::dotenv::DotEnv;
use crate::diagnostic::{Diagnostic, Sink};

/// The missing key is told at its near miss, which then is told no more, else where it is empty, else at
/// the first line.
pub fn missing_kind(read: &DotEnv, sink: &mut Sink) {
    let finding = Diagnostic::error(2003)
        .message("INFRA_TYPE is not set")
        .help("add a line `INFRA_TYPE=container` or `INFRA_TYPE=vm`");
    let near = sink.found.iter_mut().find(|found| {
        let meant = found.fix.as_ref().map(|fix| fix.replacement.as_str());
        found.rule.number == 2301 && meant.is_some_and(|meant| meant.ends_with("INFRA_TYPE"))
    });
    if let Some(near) = near {
        let key = near.fix.as_ref().map(|fix| fix.replacement.as_str());
        let help = format!("write `{}` here", key.unwrap_or("INFRA_TYPE"));
        *near = Diagnostic {
            span: near.span,
            fix: near.fix.clone(),
            ..finding.label("misspelt?").help(help)
        };
        return;
    }
    let mut empty = read
        .variables
        .iter()
        .filter(|found| found.name == "INFRA_TYPE");
    sink.push(match empty.next_back() {
        Some(empty) => finding
            .at_origin(empty.value.origin)
            .label("empty")
            .help("write `INFRA_TYPE=container` or `INFRA_TYPE=vm`"),
        None => finding.at(read.document.head.sub(0, 0)),
    });
}
