//! What VBoxManage's sentences mean, as its manual and its source have them.

use crate::call::{End, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::failure::{self, Known};

const IS_OFF: &str = "Provider 'virtualbox' is not installed or not configured: the processor's virtualisation is off";
const SWITCH_ON: &str = "switch it on in the firmware's settings, or write `PROVIDER=libvirt`";
const IS_HELD: &str = "Provider 'virtualbox' is not installed or not configured: KVM holds the processor's virtualisation";
const LET_GO: &str = "end what runs under KVM, then as root: modprobe -r kvm_intel kvm_amd kvm; or write `PROVIDER=libvirt`";

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
        sentence: "VERR_VM_DRIVER_VERSION_MISMATCH",
        rule: 5001,
        message: "Provider 'virtualbox' is not installed or not configured: its kernel module is of another version",
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
        message: IS_OFF,
        help: SWITCH_ON,
    },
    Known {
        sentence: "VERR_VMX_MSR_ALL_VMX_DISABLED",
        rule: 5001,
        message: IS_OFF,
        help: SWITCH_ON,
    },
    Known {
        sentence: "VERR_SVM_NO_SVM",
        rule: 5001,
        message: IS_OFF,
        help: SWITCH_ON,
    },
    Known {
        sentence: "VERR_SVM_DISABLED",
        rule: 5001,
        message: IS_OFF,
        help: SWITCH_ON,
    },
    Known {
        sentence: "VERR_VMX_IN_VMX_ROOT_MODE",
        rule: 5001,
        message: IS_HELD,
        help: LET_GO,
    },
    Known {
        sentence: "VERR_SVM_IN_USE",
        rule: 5001,
        message: IS_HELD,
        help: LET_GO,
    },
];

/// A failed call as a finding.
pub fn read(outcome: &Outcome) -> Diagnostic {
    match &outcome.end {
        End::NotStarted(_) => {
            return Diagnostic::error(5001)
                .message("Provider 'virtualbox' is not installed or not configured")
                .help(
                    "install VirtualBox from https://www.virtualbox.org, or write `PROVIDER=libvirt`",
                );
        }
        End::Deadline(after) => {
            let finding = Diagnostic::error(1102)
                .message(format!(
                    "VirtualBox has not answered for {} s",
                    after.as_secs()
                ))
                .help("see what holds it: ps -ef | grep VBox");
            return failure::evidence(finding, outcome);
        }
        _ => {}
    }
    let finding = failure::known(KNOWN, &outcome.stderr).unwrap_or_else(|| {
        Diagnostic::error(1101)
            .message(format!("VirtualBox failed ({})", outcome.end))
            .help("run the command by hand, and see the engine's own words above")
    });
    failure::evidence(finding, outcome)
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, read};
    use crate::call::{End, Outcome};
    use std::time::Duration;

    const DETAILS: &str = "VBoxManage: error: Details: code NS_ERROR_FAILURE (0x80004005), component ConsoleWrap, interface IConsole\n";

    /// What VBoxManage says on its stderr by reports of those who have it: it was never run here.
    const REPORTED: &[(&str, u16)] = &[
        (
            "VBoxManage: error: VT-x is not available (VERR_VMX_NO_VMX)\n",
            5001,
        ),
        (
            "VBoxManage: error: VT-x is disabled in the BIOS for all CPU modes (VERR_VMX_MSR_ALL_VMX_DISABLED)\n",
            5001,
        ),
        (
            "VBoxManage: error: AMD-V is not available (VERR_SVM_NO_SVM)\n",
            5001,
        ),
        (
            "VBoxManage: error: AMD-V is disabled in the BIOS (or by the host OS) (VERR_SVM_DISABLED)\n",
            5001,
        ),
        (
            "VBoxManage: error: VT-x is being used by another hypervisor (VERR_VMX_IN_VMX_ROOT_MODE).\n\
             VBoxManage: error: VirtualBox can't operate in VMX root mode. Please disable the KVM kernel extension, recompile your kernel and reboot (VERR_VMX_IN_VMX_ROOT_MODE)\n",
            5001,
        ),
        (
            "VBoxManage: error: VirtualBox can't enable the AMD-V extension. Please disable the KVM kernel extension, recompile your kernel and reboot (VERR_SVM_IN_USE)\n",
            5001,
        ),
        (
            "where: suplibOsInit what: 3 VERR_VM_DRIVER_NOT_INSTALLED (-1908) - The support driver is not installed. On linux, open returned ENOENT.\n",
            5001,
        ),
        (
            "where: supR3HardenedMainInitRuntime what: 4 VERR_VM_DRIVER_VERSION_MISMATCH (-1912) - The installed support driver doesn't match the version of the user.\n",
            5001,
        ),
        ("VBoxManage: error: Something new\n", 1101),
    ];

    fn said(end: End, stderr: &str) -> Outcome {
        Outcome {
            line: "VBoxManage startvm shop --type headless".into(),
            end,
            stdout: String::new(),
            stderr: format!("{stderr}{DETAILS}"),
            took: Duration::ZERO,
        }
    }

    #[test]
    fn each_reported_sentence_is_told_for_what_it_is() {
        let mut told = std::collections::BTreeSet::new();
        for (stderr, rule) in REPORTED {
            let finding = read(&said(End::Exit(1), stderr));
            assert_eq!(finding.rule.number, *rule, "{stderr}");
            told.insert(finding.message);
        }
        assert_eq!(told.len(), 5, "{told:#?}");
    }

    #[test]
    fn one_that_does_not_answer_is_told() {
        let hangs = said(End::Deadline(Duration::from_secs(60)), "");
        assert_eq!(read(&hangs).rule.number, 1102);
    }

    #[test]
    fn no_sentence_hides_another() {
        for (index, row) in KNOWN.iter().enumerate() {
            let mut before = KNOWN[..index].iter();
            assert!(before.all(|other| !row.sentence.contains(other.sentence)));
        }
    }
}
