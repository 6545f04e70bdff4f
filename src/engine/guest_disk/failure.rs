//! Why a disk cannot be prepared.

use super::partitions::Holds;
use super::script::Unfit;
use crate::call::{End, Outcome};
use crate::diagnostic::Diagnostic;
use crate::engine::failure::evidence;

/// A program that is missing, with its package.
fn missing(program: &str) -> Diagnostic {
    let package = match program {
        "debugfs" => "e2fsprogs",
        "fusermount3" => "fuse3",
        "sfdisk" => "fdisk",
        _ => "qemu-utils",
    };
    Diagnostic::error(5004)
        .message(format!(
            "The program {program} is needed and is not installed"
        ))
        .help(format!("install it: the package {package}"))
}

/// A program that failed.
pub fn failed(outcome: &Outcome, program: &str, what: &str) -> Diagnostic {
    if let End::NotStarted(_) = outcome.end {
        return missing(program);
    }
    evidence(
        Diagnostic::error(1151)
            .message(format!("The machine's disk cannot be prepared: {what}"))
            .help("run it again; where it stays so, free space (df -h) and run the command below by hand"),
        outcome,
    )
}

/// What was written does not stand there.
pub fn not_written(what: &str, said: &Outcome) -> Diagnostic {
    evidence(
        Diagnostic::error(1151)
            .message(format!("The machine's disk was written and does not read so: {what}"))
            .help("make the machine anew: vagrantp up --recreate; see the last lines of debugfs above"),
        said,
    )
}

/// A value that no script can carry.
pub fn unfit(word: &Unfit) -> Diagnostic {
    Diagnostic::error(1151)
        .message(
            "The machine's disk cannot be prepared: a path is too long or has control characters",
        )
        .help("write another path, or give the project's folder another name")
        .details([word.0.chars().take(200).collect::<String>()])
}

/// No file system in which a root could lie.
pub fn no_root(held: &[Holds]) -> Diagnostic {
    let names: Vec<&str> = held
        .iter()
        .filter_map(|holds| match holds {
            Holds::Ext { .. } => Some("ext without /etc/passwd"),
            Holds::Other(name) => Some(name),
            Holds::Unknown => None,
        })
        .collect();
    let found = match names.is_empty() {
        true => "nothing that is known".to_owned(),
        false => names.join(", "),
    };
    Diagnostic::error(1152)
        .message(format!(
            "The box's root file system is not ext2, ext3 or ext4; found: {found}"
        ))
        .help("write a BOX whose root is ext4, such as the default one")
}

/// A guest into which ssh cannot lead.
pub fn no_sshd() -> Diagnostic {
    Diagnostic::error(1152)
        .message("The box has no ssh server, so there is no way into its machine")
        .help("write a BOX with openssh-server in it")
}

/// A network that nobody in the guest would set up.
pub fn no_network() -> Diagnostic {
    Diagnostic::error(1351)
        .message("The box has no network service that vagrantp can set up")
        .help("write a BOX with systemd-networkd, NetworkManager or ifupdown switched on in it")
}
