//! What virsh's sentences mean.

use crate::call::{End, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::failure;

/// A failed call as a finding.
pub fn read(outcome: &Outcome) -> Diagnostic {
    if let End::NotStarted(_) = &outcome.end {
        return Diagnostic::error(5001)
            .message("Provider 'libvirt' is not installed or not configured")
            .help(failure::install("virsh"));
    }
    let said = |sentence: &str| outcome.stderr.contains(sentence);
    let finding = if said("failed to connect to the hypervisor") && said("ermission denied") {
        Diagnostic::error(5003)
            .message("This user may not talk to libvirt")
            .help("as root: usermod --append --groups libvirt USER, then log in again")
    } else if said("failed to connect to the hypervisor") {
        Diagnostic::error(5001)
            .message(
                "Provider 'libvirt' is not installed or not configured: its daemon does not run",
            )
            .help("start it: systemctl start libvirtd")
    } else if said("No space left on device") {
        Diagnostic::error(4003)
            .message("Insufficient disk space: the engine's storage is full")
            .help("free space, and see: virsh pool-info default")
    } else {
        Diagnostic::error(1101)
            .message(format!("libvirt failed ({})", outcome.end))
            .help("run the command by hand, and see the engine's own words above")
    };
    failure::evidence(finding, outcome)
}
