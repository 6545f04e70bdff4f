//! What libvirt's sentences mean, said by virsh(1) or through Vagrant. Recorded from libvirt 9.0 and QEMU 7.2.

use crate::call::{End, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::failure::{self, Known};

const JOIN: &str = "as root: usermod --append --groups libvirt USER, then log in again";

/// In the order to try them.
pub const KNOWN: &[Known] = &[
    Known {
        sentence: "libvirt-sock': Permission denied",
        rule: 5003,
        message: "This user may not talk to libvirt",
        help: JOIN,
    },
    Known {
        sentence: "no polkit agent available to authenticate",
        rule: 5003,
        message: "This user may not talk to libvirt",
        help: JOIN,
    },
    Known {
        sentence: "Unable to get system bus connection",
        rule: 5003,
        message: "This user may not talk to libvirt: it asks polkit, which cannot be reached",
        help: "start dbus and polkit, or as root let the group libvirt in without: auth_unix_rw = \"none\" in /etc/libvirt/libvirtd.conf, then start libvirtd anew",
    },
    Known {
        sentence: "Failed to connect socket",
        rule: 5061,
        message: "The libvirt daemon does not run",
        help: "start it: systemctl start libvirtd, or let vagrantp do it: vagrantp up --setup",
    },
    Known {
        sentence: "failed to connect to the hypervisor",
        rule: 5061,
        message: "The libvirt daemon does not answer",
        help: "see what it says: systemctl status libvirtd",
    },
    Known {
        sentence: "No space left on device",
        rule: 4003,
        message: "Insufficient disk space: libvirt's storage pool is full",
        help: "free space, and see: virsh -c qemu:///system pool-info default",
    },
    Known {
        sentence: "cannot set up guest memory",
        rule: 4001,
        message: "Insufficient RAM: the host cannot give the machine its memory",
        help: "write a smaller MEMORY, or stop another machine: vagrantp ls",
    },
    Known {
        sentence: "Could not access KVM kernel module",
        rule: 5003,
        message: "QEMU may not use /dev/kvm",
        help: "as root: chgrp kvm /dev/kvm; chmod 0660 /dev/kvm",
    },
    Known {
        sentence: "' for x86_64 qemu domain on x86_64 host is not supported by hypervisor",
        rule: 1161,
        message: "The machine was made for acceleration, which this host has not",
        help: "make it anew for emulation: vagrantp up --recreate",
    },
    Known {
        sentence: "is already in use by interface",
        rule: 1301,
        message: "The network of the fixed address is in use on this host",
        help: "write an IP_ADDRESS in a network that `ip route` does not show",
    },
    Known {
        sentence: "Cannot get interface MTU on",
        rule: 1361,
        message: "The bridge that the machine is on does not exist",
        help: "write a NETWORK_INTERFACE that `ip link show type bridge` lists",
    },
    Known {
        sentence: "Network not found",
        rule: 1301,
        message: "A network that the machine is on was removed",
        help: "make the machine anew: vagrantp up --recreate",
    },
    Known {
        sentence: "Cannot access storage file",
        rule: 1162,
        message: "A disk of the machine was removed",
        help: "make the machine anew: vagrantp up --recreate",
    },
    Known {
        sentence: "already exists with uuid",
        rule: 3003,
        message: "The machine's name is taken by a vm that is not ours",
        help: "write another INFRA_ID, or remove that vm: virsh -c qemu:///system undefine NAME",
    },
    Known {
        sentence: "failed to get domain",
        rule: 1501,
        message: "The machine does not exist any more: something else removed it",
        help: "make it anew: vagrantp up",
    },
    Known {
        sentence: "Storage pool not found",
        rule: 5001,
        message: "Provider 'libvirt' is not installed or not configured: it has no storage pool 'default'",
        help: "let vagrantp configure it: vagrantp up --setup",
    },
];

/// Whether this user is refused that its group would let in.
pub fn wants_group(outcome: &Outcome) -> bool {
    let known = failure::known(KNOWN, &outcome.stderr);
    !outcome.ok() && known.is_some_and(|finding| finding.help.as_deref() == Some(JOIN))
}

/// A failed call as a finding.
pub fn read(outcome: &Outcome) -> Diagnostic {
    match &outcome.end {
        End::NotStarted(_) => {
            return Diagnostic::error(5001)
                .message("Provider 'libvirt' is not installed or not configured")
                .help(failure::install("virsh"));
        }
        End::Deadline(after) => {
            let finding = Diagnostic::error(1102)
                .message(format!(
                    "libvirt has not answered for {} s",
                    after.as_secs()
                ))
                .help("see what holds it: systemctl status libvirtd");
            return failure::evidence(finding, outcome);
        }
        _ => {}
    }
    let finding = failure::known(KNOWN, &outcome.stderr).unwrap_or_else(|| {
        Diagnostic::error(1101)
            .message(format!("libvirt failed ({})", outcome.end))
            .help("run the command by hand, and see the engine's own words above")
    });
    failure::evidence(finding, outcome)
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, read};
    use crate::call::{End, Outcome};
    use std::time::Duration;

    /// What virsh 9.0 said on its stderr, and what it comes to.
    const SAID: &[(&str, u16)] = &[
        (
            "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/nope': No such file or directory\n",
            5061,
        ),
        (
            "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied\n",
            5003,
        ),
        (
            "error: failed to connect to the hypervisor\nerror: authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'\n",
            5003,
        ),
        (
            "error: failed to connect to the hypervisor\nerror: internal error: Unable to get system bus connection: Could not connect: No such file or directory\n",
            5003,
        ),
        ("error: failed to get domain 'nosuch'\n\n", 1501),
        (
            "error: failed to get pool 'nosuch'\nerror: Storage pool not found: no storage pool with matching name 'nosuch'\n",
            5001,
        ),
        (
            "error: Failed to start domain 'vboxrec'\nerror: Network not found: no network with matching name 'nosuch'\n",
            1301,
        ),
        (
            "error: Failed to start domain 'vboxrec'\nerror: Cannot get interface MTU on 'nobr0': No such device\n",
            1361,
        ),
        (
            "error: Failed to start domain 'vboxrec'\nerror: Cannot access storage file '/nope.img': No such file or directory\n",
            1162,
        ),
        (
            "error: Failed to start domain 'vboxrec'\nerror: internal error: qemu unexpectedly closed the monitor: 2026-11-24T17:28:24.254186Z qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory\n",
            4001,
        ),
        (
            "error: Failed to start domain 'vboxrec'\nerror: unsupported configuration: CPU mode 'host-passthrough' for x86_64 qemu domain on x86_64 host is not supported by hypervisor\n",
            1161,
        ),
        (
            "error: Failed to define domain from d.xml\nerror: operation failed: domain 'vboxrec' already exists with uuid 6a51607b-436c-4339-a9cb-6815ce5989d9\n",
            3003,
        ),
        (
            "error: Failed to start network vboxclash\nerror: internal error: Network is already in use by interface virbr0\n",
            1301,
        ),
        (
            "error: Failed to create vol x.img\nerror: cannot allocate 10485760 bytes in file '/full/x.img': No space left on device\n",
            4003,
        ),
        (
            "error: cannot send data to volume y.raw\nerror: Unable to write /full/y.raw: No space left on device\n",
            4003,
        ),
        (
            "Could not access KVM kernel module: Permission denied\nqemu-system-x86_64: -accel kvm: failed to initialize kvm: Permission denied\n",
            5003,
        ),
        ("error: Domain is already active\n", 1101),
    ];

    #[test]
    fn each_recorded_sentence_is_told_for_what_it_is() {
        for (stderr, rule) in SAID {
            let outcome = Outcome {
                line: "virsh start shop".into(),
                end: End::Exit(1),
                stdout: String::new(),
                stderr: (*stderr).into(),
                took: Duration::ZERO,
            };
            let finding = read(&outcome);
            assert_eq!(finding.rule.number, *rule, "{stderr}");
            let last = stderr.lines().rfind(|line| !line.is_empty());
            assert_eq!(finding.details.last().map(String::as_str), last);
        }
    }

    #[test]
    fn no_sentence_hides_another() {
        for (index, row) in KNOWN.iter().enumerate() {
            let mut before = KNOWN[..index].iter();
            assert!(before.all(|other| !row.sentence.contains(other.sentence)));
        }
    }
}
