//! What went badly in a run, as a finding at the user's own line.

use super::complaint::{Complaint, without_place};
use super::generated;
use super::story::{Failure, Place};
use super::verdict::Trouble;
use crate::call::Outcome;
use crate::diagnostic::Diagnostic;
use crate::model::{Means, Provision};
use std::path::Path;

const AGAIN: &str = "then run it again: vagrantp provision";

/// The finding. The machine is what a command says to mean it, and the user of its ssh.
pub fn finding(
    trouble: &Trouble,
    provision: &Provision,
    machine: (&str, &str),
    outcome: &Outcome,
) -> Diagnostic {
    let playbook = &provision.playbook.value;
    match trouble {
        Trouble::Task(failure) => task(failure, provision, machine),
        Trouble::Complaint(complaint) => complained(complaint, playbook),
        Trouble::NoHosts => Diagnostic::error(7010)
            .message(format!(
                "Ansible playbook failed: no play of {} is for this machine",
                name(playbook)
            ))
            .in_file(playbook, 1, None)
            .help("write `hosts: all`, the machine's name, or `tag-NAME` for one of its tags"),
        Trouble::Silent => Diagnostic::error(7012)
            .message(format!("Ansible itself failed ({})", outcome.end))
            .help("run the command by hand, and see Ansible's own words above")
            .details([format!("$ {}", outcome.line)])
            .details(outcome.tail(8)),
    }
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn task(failure: &Failure, provision: &Provision, (machine, user): (&str, &str)) -> Diagnostic {
    let Place {
        task, file, line, ..
    } = &failure.place;
    let (lead, subject, own) = match provision.means {
        Means::Playbook => (
            "Ansible playbook failed",
            format!("task '{task}'"),
            "the task",
        ),
        Means::Script => (
            "Provisioning failed",
            format!("script '{}'", provision.name()),
            "the script",
        ),
        Means::Packages(_) => ("Provisioning failed", "packages".to_owned(), "the names"),
    };
    let first = failure.message.lines().next().unwrap_or_default().trim();
    let said = [&*failure.message, &failure.stderr, &failure.stdout].join("\n");
    let says = |part: &str| said.contains(part);
    let (rule, message, help) = if failure.is_unreachable {
        let why = first.trim_start_matches("Failed to connect to the host via ssh: ");
        let why = why.trim_end_matches(':');
        let why = match why {
            "" => "it does not answer",
            why => why,
        };
        (
            7006,
            format!("the machine was lost at {subject}: {why}"),
            format!("see its state: vagrantp status, {AGAIN}"),
        )
    } else if says("Missing sudo password") || says("a password is required") {
        (
            7007,
            format!("{subject} needs sudo, which asks {user} for a password"),
            format!(
                "write `SSH_USER=root`, let it be in the machine: `{user} ALL=(ALL) NOPASSWD: ALL` in \
                 /etc/sudoers.d/{user}, or leave `become` out"
            ),
        )
    } else if failure.rc == Some(127) && says("python") && says("not found") {
        (
            7008,
            format!("{subject} needs Python in the machine"),
            "install it by a first task: `raw: apt-get install -y python3`, with `gather_facts: false`"
                .to_owned(),
        )
    } else if let Some(variable) = undefined(&failure.message) {
        (
            7005,
            format!("{subject} uses {variable}, which is undefined"),
            "define it in the playbook or in `vars`, or mend its name".to_owned(),
        )
    } else if first.contains("couldn't resolve module/action") {
        (
            7003,
            format!("{subject} uses a module that is not there"),
            "mend the module's name, or install its collection: ansible-galaxy collection install"
                .to_owned(),
        )
    } else if says("Could not find or access '") {
        (
            7004,
            format!("{subject} names a file that is not there"),
            format!("put it there or mend its name, {AGAIN}"),
        )
    } else {
        let is_of_packages = matches!(provision.means, Means::Packages(_));
        let how = match failure.rc {
            _ if is_of_packages => format!("cannot be installed: {}", shortened(first)),
            Some(rc) if rc != 0 => format!("returned non-zero exit code {rc}"),
            _ if failure.is_censored => "failed, and may not say why (no_log)".to_owned(),
            _ if first.is_empty() => "failed".to_owned(),
            _ => format!("failed: {}", shortened(first)),
        };
        (
            7001,
            format!("{subject} {how}"),
            format!("mend {own}, {AGAIN}; the machine runs: vagrantp ssh{machine}"),
        )
    };
    let finding = Diagnostic::error(rule)
        .message(format!("{lead}: {message}"))
        .help(help)
        .details(evidence(failure, provision));
    match provision.means {
        Means::Playbook => finding.in_file(file, *line, None),
        _ => generated::placed(finding, failure, provision),
    }
}

/// A message as part of a sentence.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 160;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.trim_end_matches('.').to_owned(),
    }
}

/// The variable in `'x' is undefined`, with its quotes.
fn undefined(message: &str) -> Option<String> {
    let (before, _) = message.split_once(" is undefined")?;
    let before = before.strip_suffix('\'')?;
    let (_, variable) = before.rsplit_once('\'')?;
    Some(format!("'{variable}'"))
}

fn evidence(failure: &Failure, provision: &Provision) -> Vec<String> {
    const LINES: usize = 8;
    let mut lines = vec![format!("host: {}", failure.place.host)];
    if let Some(other) = &failure.delegated_to {
        lines.push(format!("delegated to: {other}"));
    }
    if provision.means == Means::Playbook {
        lines.push(format!("module: {}", failure.action));
    }
    if let Some(item) = &failure.item {
        lines.push(format!("item: {item}"));
    }
    let mut told = |name: &str, text: &str| {
        let text = without_place(text);
        let all: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let last = &all[all.len().saturating_sub(LINES)..];
        lines.extend(last.iter().enumerate().map(|(index, line)| match index {
            0 => format!("{name}: {}", line.trim()),
            _ => format!("  {}", line.trim_end()),
        }));
    };
    if failure.message != "non-zero return code" {
        told("message", &failure.message);
    }
    match failure.stderr.trim().is_empty() {
        false => told("stderr", &failure.stderr),
        true => told("stdout", &failure.stdout),
    }
    lines
}

fn complained(complaint: &Complaint, playbook: &Path) -> Diagnostic {
    let message = complaint.message.as_str();
    let missing = [
        "was not found",
        "could not be found",
        "Could not find or access",
        "Unable to retrieve file contents",
    ];
    let (rule, help) = if message.contains("couldn't resolve module/action") {
        (
            7003,
            "mend the module's name, or install its collection: ansible-galaxy collection install",
        )
    } else if missing.iter().any(|part| message.contains(part)) {
        (7004, "put it there, or mend its name")
    } else if message.contains("is undefined") {
        (
            7005,
            "define it in the playbook or in `vars`, or mend its name",
        )
    } else {
        (
            7002,
            "mend the line; ansible-playbook --syntax-check tells more",
        )
    };
    let (file, line) = match &complaint.place {
        Some((file, line)) => (file.as_path(), *line),
        None => (playbook, 1),
    };
    let sentence = message.split(". ").next().unwrap_or(message);
    let sentence = sentence.trim_end_matches('.');
    // Where it was looked for is told below.
    let sentence = match sentence.split_once(" was not found in /") {
        Some((what, _)) => format!("{what} was not found"),
        None => sentence.to_owned(),
    };
    Diagnostic::error(rule)
        .message(format!("Ansible playbook failed: {}", shortened(&sentence)))
        .in_file(file, line, complaint.column)
        .help(help)
        .details(complaint.lines.iter().take(12).cloned())
}

/// One task that changed something a second time.
pub fn changed_again(place: &Place) -> Diagnostic {
    Diagnostic::error(7011)
        .message(format!(
            "Task '{}' is not idempotent: it changed something again",
            place.task
        ))
        .in_file(&place.file, place.line, None)
        .help("write `creates:` or `changed_when:`, or use a module that looks first")
        .details([format!("host: {}", place.host)])
}

/// After the run nobody is let in any more.
pub fn locked_out(last: Option<&Place>, why: &str) -> Diagnostic {
    let finding = Diagnostic::error(7009)
        .message("Ansible playbook failed: after it, ssh does not let vagrantp in any more")
        .help("take back what the task does to ssh, the user or the firewall; then make the machine anew: vagrantp rm, vagrantp up")
        .details([format!("ssh said: {why}")]);
    match last {
        Some(place) => finding
            .in_file(&place.file, place.line, None)
            .details([format!(
                "the last that may have changed something was task '{}'",
                place.task
            )]),
        None => finding,
    }
}
