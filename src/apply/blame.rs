//! Why an engine failed that gave no reason we know: only then is its age asked.

use crate::call::Outcome;
use crate::call::run::{Interrupt, run};
use crate::diagnostic::Diagnostic;
use crate::engine::{failure, podman};
use crate::ui::Ui;

/// A failed call as a finding.
pub fn blame(outcome: &Outcome, ui: &Ui, interrupt: &Interrupt) -> Diagnostic {
    or_its_age(failure::read(outcome), ui, interrupt)
}

/// The finding, unless it says nothing and the engine is older than it may be.
pub fn or_its_age(finding: Diagnostic, ui: &Ui, interrupt: &Interrupt) -> Diagnostic {
    if !matches!(finding.rule.number, 1101 | 1103) || interrupt.count() > 0 {
        return finding;
    }
    let call = podman::version();
    ui.call(&call.to_string());
    match podman::too_old(&run(&call, interrupt, None)) {
        Some(old) => old.details(finding.details),
        None => finding,
    }
}
