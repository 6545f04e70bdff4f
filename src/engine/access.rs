//! Keys, known hosts, ssh's configuration, and what ssh's last line means.

use crate::call::{Call, Outcome};
use crate::diagnostic::Diagnostic;
use crate::render::context::SshConfig;
use crate::state::record::MachineRecord;
use std::path::Path;
use std::time::Duration;

/// Makes an ed25519 pair without a passphrase.
pub fn make_pair(path: &Path, comment: &str) -> Call {
    Call::change("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f"])
        .arg(path.display())
}

/// The public half of a private key that has no passphrase.
pub fn public_half(path: &Path) -> Call {
    Call::read("ssh-keygen")
        .args(["-y", "-P", "", "-f"])
        .arg(path.display())
}

/// A known_hosts(5) line that pins a machine's host key under its id.
pub fn known_host(id: &str, public_key: &str) -> String {
    let words: Vec<&str> = public_key.split_whitespace().take(2).collect();
    format!("{id} {}\n", words.join(" "))
}

/// What the template of ssh_config(5) sees.
pub fn ssh_context(
    record: &MachineRecord,
    key: &Path,
    known_hosts: &Path,
    control: &Path,
) -> SshConfig {
    SshConfig {
        id: record.id.clone(),
        address: record.access.address.to_string(),
        port: record.access.port,
        exec: record.access.exec.then(|| record.id.clone()),
        user: record.access.user.clone(),
        key: key.display().to_string(),
        known_hosts: known_hosts.display().to_string(),
        control: control.display().to_string(),
        environment: vec!["LANG=C.UTF-8".into()],
    }
}

/// Where a distribution has its own Python, as our image layer and our box install it.
pub const PYTHON: &str = "/usr/bin/python3";

/// The first session: proves that the way in works, leaves a shared connection behind, and says whether the
/// machine has a Python, which saves Ansible two sessions.
pub fn first_session(config: &Path, id: &str) -> Call {
    Call::change("ssh")
        .arg("-F")
        .arg(config.display())
        .args(["-o", "BatchMode=yes", id])
        .arg(format!("test ! -x {PYTHON} || echo {PYTHON}"))
}

/// Whether a first session found a Python. What a shell prints of its own at every start is passed over.
pub fn has_python(outcome: &Outcome) -> bool {
    outcome.stdout.lines().any(|line| line == PYTHON)
}

/// A session that shares no connection: whether the way in still works.
pub fn fresh_session(config: &Path, id: &str) -> Call {
    Call::read("ssh").arg("-F").arg(config.display()).args([
        "-o",
        "BatchMode=yes",
        "-o",
        "ControlPath=none",
        id,
        "true",
    ])
}

/// The beginning of the variables that every session is handed from ssh's own environment, by the template
/// of ssh_config: a connection that is shared hands on only what its first session's configuration names.
pub const CARRIER: &str = "VAGRANTP_ENV_";

/// A session in the foreground.
pub fn session(config: &Path, id: &str, terminal: Option<bool>, command: Option<&str>) -> Call {
    let mut call = Call::read("ssh").arg("-F").arg(config.display());
    match terminal {
        Some(true) => call = call.arg("-t"),
        Some(false) => call = call.arg("-T"),
        None => {}
    }
    call.deadline = Duration::MAX;
    call.arg(id).args(
        command
            .map(|command| vec!["--".to_owned(), command.to_owned()])
            .unwrap_or_default(),
    )
}

/// Ends the shared connection.
pub fn hang_up(config: &Path, id: &str) -> Call {
    Call::read("ssh")
        .arg("-F")
        .arg(config.display())
        .args(["-O", "exit", id])
        .within(Duration::from_secs(3))
}

/// ssh's own failures exit 255; an inner command may end with it too.
pub const SSH_OWN_FAILURE: i32 = 255;

/// Whether ssh itself complains among what was complained: each line that it writes when no session
/// comes about, or one breaks, begins so.
pub fn complains(stderr: &str) -> bool {
    let begins = [
        "ssh: ",
        "ssh_",
        "Connection ",
        "Host key verification failed",
        "kex_exchange",
        "mux_client",
        "client_loop: ",
        "Timeout, server ",
        "Control socket ",
        "Can't open user config file",
        "Bad ",
        "@@@@",
    ];
    // These begin with a name of ours.
    let holds = [": Permission denied (", ": terminating, "];
    stderr.lines().any(|line| {
        begins.iter().any(|begin| line.starts_with(begin))
            || holds.iter().any(|part| line.contains(part))
    })
}

/// Sentences of ssh (OpenSSH 9.2), what each means, and what to try.
const CAUSES: &[(&str, &str, &str)] = &[
    (
        "Permission denied",
        "the machine does not take this key",
        "make it anew: vagrantp up --recreate",
    ),
    (
        "Host key verification failed",
        "something else answers on this port",
        "see who listens: ss -ltnp",
    ),
    (
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "something else answers on this port",
        "see who listens: ss -ltnp",
    ),
    (
        "Connection refused",
        "nothing listens: the machine or its sshd is not running",
        "see its state: vagrantp status",
    ),
    (
        "Connection timed out",
        "the port leads nowhere",
        "restart it: vagrantp stop, then vagrantp up",
    ),
    (
        "timed out during banner exchange",
        "the port is open and no sshd answers behind it",
        "restart it: vagrantp stop, then vagrantp up",
    ),
    (
        "Connection reset",
        "the machine closed the connection",
        "see its state: vagrantp status",
    ),
    (
        "Connection closed",
        "the machine closed the connection",
        "see its state: vagrantp status",
    ),
    (
        "UNPROTECTED PRIVATE KEY",
        "the key is open to others",
        "run: chmod 600 on the key",
    ),
    (
        "not accessible",
        "the key is not there",
        "make the machine anew: vagrantp up --recreate",
    ),
    (
        "Control socket connect",
        "the shared connection's socket is stale",
        "try again",
    ),
];

/// Why no session came about: where, as whom, with what, and ssh's last line.
pub fn failed(record: &MachineRecord, key: &Path, stderr: &str) -> Diagnostic {
    let last = stderr
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("")
        .trim();
    let cause = CAUSES
        .iter()
        .find(|(sentence, _, _)| stderr.contains(sentence));
    let (why, help) = cause.map_or(
        ("no session came about", "see its state: vagrantp status"),
        |row| (row.1, row.2),
    );
    let address = match record.access.port {
        Some(port) => format!("address {} port {port}", record.access.address),
        None => format!("through podman exec {}", record.id),
    };
    Diagnostic::error(1401)
        .message(format!(
            "No ssh session with '{}' came about: {why}",
            record.id
        ))
        .help(help)
        .details([
            format!(
                "{address} user {} key {}",
                record.access.user,
                key.display()
            ),
            format!(
                "ssh said: {}",
                if last.is_empty() { "nothing" } else { last }
            ),
        ])
}

/// The same for an outcome.
pub fn session_failed(record: &MachineRecord, key: &Path, outcome: &Outcome) -> Diagnostic {
    failed(record, key, &outcome.stderr)
}

#[cfg(test)]
mod tests {
    use super::complains;

    #[test]
    fn what_a_command_says_is_not_taken_for_ssh() {
        for own in [
            "ssh: connect to host 127.0.0.1 port 2222: Connection refused",
            "kex_exchange_identification: read: Connection reset by peer",
            "noise\ndev@127.0.0.1: Permission denied (publickey).",
            "/s/ssh_config: terminating, 1 bad configuration options",
        ] {
            assert!(complains(own), "{own}");
        }
        for inner in [
            "",
            "ls: cannot access 'x': No such file or directory",
            "psql: error: Connection refused",
            "bash: ./run: Permission denied",
        ] {
            assert!(!complains(inner), "{inner}");
        }
    }
}
