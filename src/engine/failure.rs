//! What Podman's sentences mean. Each was recorded from the real engine (4.3.1).

use crate::call::{End, Outcome};
use crate::diagnostic::Diagnostic;

/// A sentence, and what to say of it.
pub struct Known {
    /// A part of it that nothing else has.
    pub sentence: &'static str,
    /// The rule that it comes to.
    pub rule: u16,
    /// What is told.
    pub message: &'static str,
    /// What can be done.
    pub help: &'static str,
}

/// What the first sentence that was said comes to.
pub fn known(rows: &[Known], said: &str) -> Option<Diagnostic> {
    let said = said.to_lowercase();
    let mut rows = rows.iter();
    let row = rows.find(|row| said.contains(&row.sentence.to_lowercase()))?;
    Some(
        Diagnostic::error(row.rule)
            .message(row.message)
            .help(row.help),
    )
}

/// The help where Podman is too old.
pub const UPDATE: &str =
    "update podman to 4.3 or newer: this host's distribution may need to be updated for it";
const SET_UP: &str = "vagrantp up --setup";

/// The help where a program is missing. Who knows the distribution says its command as well.
pub fn install(program: &str) -> String {
    format!("install {program}: {SET_UP}")
}

/// The program of such a help.
pub fn to_install(help: &str) -> Option<&str> {
    help.strip_prefix("install ")?
        .strip_suffix(SET_UP)?
        .strip_suffix(": ")
}

/// In the order to try them.
const KNOWN: &[Known] = &[
    Known {
        sentence: "cgroups in hybrid mode not supported",
        rule: 5001,
        message: "Provider 'podman' is not installed or not configured: crun does not run on this host's cgroups",
        help: "let vagrantp configure it: vagrantp up --setup",
    },
    Known {
        sentence: "error setting rlimit type",
        rule: 5001,
        message: "Provider 'podman' is not installed or not configured: the default limits cannot be set on this host",
        help: "let vagrantp configure it: vagrantp up --setup",
    },
    Known {
        sentence: "setrlimit",
        rule: 5001,
        message: "Provider 'podman' is not installed or not configured: the default limits cannot be set on this host",
        help: "let vagrantp configure it: vagrantp up --setup",
    },
    Known {
        sentence: "unknown flag",
        rule: 5002,
        message: "The provider is too old: podman does not know what it was asked",
        help: UPDATE,
    },
    Known {
        sentence: "unrecognized command",
        rule: 5002,
        message: "The provider is too old: podman does not know what it was asked",
        help: UPDATE,
    },
    Known {
        sentence: "cannot expose privileged port",
        rule: 6003,
        message: "An ordinary user cannot publish a port below 1024",
        help: "write a host port from 1024 on, such as `8080:80`, or lower net.ipv4.ip_unprivileged_port_start",
    },
    Known {
        sentence: "cannot assign requested address",
        rule: 6003,
        message: "This host does not have the address that a port is published on",
        help: "write an address that `ip address` shows, or leave it out for all interfaces",
    },
    Known {
        sentence: "address already in use",
        rule: 6002,
        message: "A port is already in use by a process",
        help: "see who listens: ss -ltnup, or write `auto:` for the host's side",
    },
    Known {
        sentence: "is already in use by",
        rule: 3003,
        message: "The machine's name is taken by a container that is not ours",
        help: "write another INFRA_ID, or remove that container: podman rm",
    },
    Known {
        sentence: "IPAM error: requested ip address",
        rule: 1301,
        message: "The fixed address is taken by another container",
        help: "write another address",
    },
    Known {
        sentence: "is already used on the host or by another config",
        rule: 1301,
        message: "The network of the fixed address is in use on this host",
        help: "write an address in a network that `ip route` does not show",
    },
    Known {
        sentence: "no space left on device",
        rule: 4003,
        message: "Insufficient disk space: the engine's storage is full",
        help: "free space: podman system prune, and see: df -h",
    },
    Known {
        sentence: "error mounting",
        rule: 1101,
        message: "A folder that is mounted into the machine does not exist any more",
        help: "make it again, or make the machine anew: vagrantp up --recreate",
    },
    Known {
        sentence: "netavark: No such file or directory",
        rule: 5001,
        message: "Provider 'podman' is not installed or not configured: its network needs iptables",
        help: "let vagrantp configure it: vagrantp up --setup",
    },
    Known {
        sentence: "statfs",
        rule: 1101,
        message: "A folder that is mounted into the machine does not exist any more",
        help: "make it again, or make the machine anew: vagrantp up --recreate",
    },
    Known {
        sentence: "invalid internal status, try resetting the pause process",
        rule: 1101,
        message: "Podman takes containers of this user for running whose processes were killed",
        help: "let it look again: podman system migrate",
    },
    Known {
        sentence: "for rootless netns: ",
        rule: 1101,
        message: "The namespace of this user's networks is not whole, and containers still run in it",
        help: "stop them, and bring this one up again: podman stop --all",
    },
    Known {
        sentence: "no subuid ranges found",
        rule: 5003,
        message: "This user has no subordinate ids, which rootless Podman needs",
        help: "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER",
    },
    Known {
        sentence: "/dev/net/tun",
        rule: 5003,
        message: "This user may not open /dev/net/tun, which rootless networking needs",
        help: "as root: chmod 0666 /dev/net/tun",
    },
];

/// A failed call as a finding, with the call, its end and its last lines as evidence.
pub fn read(outcome: &Outcome) -> Diagnostic {
    let program = outcome.line.split(' ').next().unwrap_or_default();
    match &outcome.end {
        End::NotStarted(_) => {
            return Diagnostic::error(5001)
                .message(format!(
                    "Provider '{program}' is not installed or not configured"
                ))
                .help(install(program));
        }
        End::Interrupted => {
            return evidence(
                Diagnostic::error(1101)
                    .message("Interrupted before Podman had answered")
                    .help("run it again"),
                outcome,
            );
        }
        End::Deadline(after) => {
            return evidence(
                Diagnostic::error(1102)
                    .message(format!("Podman has not answered for {} s", after.as_secs()))
                    .help("see what holds it: ps -ef | grep podman"),
                outcome,
            );
        }
        _ => {}
    }
    let finding = known(KNOWN, &outcome.stderr).unwrap_or_else(|| {
        Diagnostic::error(1101)
            .message(format!("Podman failed ({})", outcome.end))
            .help("run the command by hand, and see the engine's own words above")
    });
    evidence(finding, outcome)
}

/// An answer that is none.
pub fn garbage(outcome: &Outcome, what: &str) -> Diagnostic {
    evidence(
        Diagnostic::error(1103)
            .message(format!("Podman's answer cannot be read: {what}"))
            .help("run the command by hand; a wrapper named podman on PATH may be in the way"),
        outcome,
    )
}

/// Adds the call, its end and its last lines.
pub fn evidence(finding: Diagnostic, outcome: &Outcome) -> Diagnostic {
    finding
        .details([format!("$ {}", outcome.line), format!("{}", outcome.end)])
        .details(outcome.tail(8))
}
