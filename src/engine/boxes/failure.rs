//! What `virsh` and Vagrant say where a box does not come about. Those of a box and a
//! pool that are not there were recorded from the real ones.

use crate::call::{End, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::failure::evidence;

/// What failed of a volume, as a finding.
pub fn read(outcome: &Outcome, what: &str) -> Diagnostic {
    if let End::NotStarted(_) = outcome.end {
        return Diagnostic::error(5001)
            .message("Provider 'libvirt' is not installed or not configured: virsh is not there")
            .help("install libvirt and its clients: apt install libvirt-daemon-system libvirt-clients");
    }
    let says = |sentence: &str| outcome.stderr.contains(sentence);
    let finding = if says("Unable to get system bus connection")
        || says("authentication unavailable")
        || (says("Failed to connect socket") && says("Permission denied"))
    {
        Diagnostic::error(5003)
            .message(
                "The engine may not do this as this user: libvirt lets in root and its group alone",
            )
            .help("as root: usermod --append --groups libvirt USER, then log in anew")
    } else if says("Failed to connect socket") {
        Diagnostic::error(5001)
            .message(
                "Provider 'libvirt' is not installed or not configured: its daemon does not run",
            )
            .help("start it, as root: systemctl enable --now libvirtd")
    } else if says("No space left on device") {
        Diagnostic::error(4003)
            .message("Insufficient disk space: libvirt's pool is full")
            .help("free space where the pool is: virsh -c qemu:///system pool-info default")
    } else {
        Diagnostic::error(1143)
            .message(format!("{what} cannot be put into libvirt's pool"))
            .help("run the command by hand, and see libvirt's own words above")
    };
    evidence(finding, outcome)
}
