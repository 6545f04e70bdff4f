//! What VBoxManage's sentences mean, as its manual and its source have them.

use crate::call::{End, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::failure::{self, Known};

/// In the order to try them.
pub const KNOWN: &[Known] = &[
    Known {
        sentence: "VBOX_E_OBJECT_NOT_FOUND",
        rule: 1501,
        message: "The machine does not exist any more: something else removed it",
        help: "make it anew: vagrantp up",
    },
    Known {
        sentence: "VERR_DISK_FULL",
        rule: 4003,
        message: "Insufficient disk space: VirtualBox's folder is full",
        help: "free space, and see: df -h ~/VirtualBox\\ VMs",
    },
    Known {
        sentence: "VERR_VM_DRIVER_NOT_INSTALLED",
        rule: 5001,
        message: "Provider 'virtualbox' is not installed or not configured: its kernel module is not loaded",
        help: "as root: /sbin/vboxconfig",
    },
    Known {
        sentence: "VERR_VM_DRIVER_NOT_ACCESSIBLE",
        rule: 5003,
        message: "This user may not use VirtualBox",
        help: "as root: usermod --append --groups vboxusers USER, then log in again",
    },
    Known {
        sentence: "VERR_VMX_NO_VMX",
        rule: 5001,
        message: "Provider 'virtualbox' is not installed or not configured: the processor's virtualisation is off",
        help: "switch it on in the firmware's settings, or write `PROVIDER=libvirt`",
    },
];

/// A failed call as a finding.
pub fn read(outcome: &Outcome) -> Diagnostic {
    if let End::NotStarted(_) = &outcome.end {
        return Diagnostic::error(5001)
            .message("Provider 'virtualbox' is not installed or not configured")
            .help(
                "install VirtualBox from https://www.virtualbox.org, or write `PROVIDER=libvirt`",
            );
    }
    let finding = failure::known(KNOWN, &outcome.stderr).unwrap_or_else(|| {
        Diagnostic::error(1101)
            .message(format!("VirtualBox failed ({})", outcome.end))
            .help("run the command by hand, and see the engine's own words above")
    });
    failure::evidence(finding, outcome)
}
