//! What this host adds to an engine's failure: its distribution's command, its engine's version.

use super::Session;
use crate::diagnostic::Diagnostic;
use crate::engine::failure;
use crate::engine::setup::{self, Manager, OLDEST};
use crate::state::host;

impl Session {
    /// A finding with what this host knows of it. Podman is asked for its version only where it did
    /// not know a flag or gave no answer that can be read: no verb is slower for it.
    pub fn advised(&self, mut finding: Diagnostic) -> Diagnostic {
        let help = finding.help.clone().unwrap_or_default();
        if let Some(program) = failure::to_install(&help) {
            if let Some(manager) = Manager::of(&host::gather().distribution) {
                let command = manager.by_hand(program);
                finding = finding.help(format!("run `{command}` as root, or: vagrantp up --setup"));
            }
        } else if matches!(finding.rule.number, 1101 | 1103 | 5002)
            && let Some(found) = setup::too_old(&self.call(&setup::version()))
        {
            let (major, minor) = OLDEST;
            let details = std::mem::take(&mut finding.details);
            finding = Diagnostic::error(5002)
                .message(format!(
                    "The provider is too old: podman {found}, {major}.{minor} is needed"
                ))
                .help(failure::UPDATE)
                .details(details);
        }
        finding
    }
}
