//! Ports that are someone else's: another machine's, a process's, or nobody's to have.

use super::conflicts::{Mine, View, word};
use crate::diagnostic::Diagnostic;
use crate::source::Located;
use crate::state::ledger::LedgerEntry;
use crate::state::observed::{ObservedMachine, Seen};
use crate::value::{Choice, HostPort, PortRule};

/// What stands in the way of one port: whoever has it now, else who may want it later.
pub(super) fn port_conflict(
    port: &Located<PortRule>,
    mine @ (me, before): Mine,
    view: &View,
) -> Option<Diagnostic> {
    let HostPort::Fixed(host) = port.host else {
        return None;
    };
    let goes = |entry: &LedgerEntry| before.is_some_and(|before| before.goes && before.is(entry));
    let others = view.ledger.ports_of_others(me);
    let claims: Vec<&LedgerEntry> = others
        .filter(|(entry, held)| !goes(entry) && held.rule().clashes(&port.value))
        .map(|(entry, _)| entry)
        .collect();
    let finding = match claims.iter().find(|entry| view.runs(entry)) {
        Some(entry) => claimed(port, host, mine, entry, view),
        None => match held(port, host, mine, view) {
            Some(finding) => finding,
            None => claimed(port, host, mine, claims.first()?, view),
        },
    };
    Some(finding.at_origin(port.origin))
}

/// Who else has a port now, or why nobody can have it.
fn held(port: &PortRule, host: u16, (me, before): Mine, view: &View) -> Option<Diagnostic> {
    if view.host.uid != 0 && host < view.host.unprivileged_port {
        let first = view.host.unprivileged_port;
        let other = 8000 + host % 1000;
        return Some(
            view.clash(6003)
                .message(format!("An ordinary user cannot publish port {host}"))
                .help(format!(
                    "write a host port from {first} on, such as `{other}:{}`",
                    port.guest
                )),
        );
    }
    let any = port.address.is_unspecified() || port.address.is_loopback();
    if !any && !view.host.has_address(port.address) {
        return Some(
            view.clash(6003)
                .message(format!(
                    "This host does not have the address {}",
                    port.address
                ))
                .help(
                    "write an address that `ip address` shows, or leave it out for all interfaces",
                ),
        );
    }
    let holds = |seen: &&ObservedMachine| {
        seen.state == Seen::Running && seen.ports.iter().any(|other| other.clashes(port))
    };
    let holder = view.observed.iter().find(holds);
    if let Some(seen) = holder {
        // What is about to be made anew has its port still.
        let ours = seen.project == Some(me.project);
        return (!ours).then(|| {
            view.clash(6002)
                .message(format!(
                    "Port {host} is already in use by container '{}'",
                    seen.name
                ))
                .help(format!(
                    "write `auto:{}`, or stop it: podman stop {}",
                    port.guest, seen.name
                ))
        });
    }
    // Not every engine tells of ports: then it is known of the machine's own record.
    let gone = before.filter(|before| before.goes);
    let gone = gone.map(|before| before.former.identity);
    let ours = std::iter::once(me).chain(gone);
    let ours = ours.flat_map(|identity| view.ledger.ports_of(identity));
    let mut ours = ours.filter(|(_, held)| held.rule().clashes(port));
    if ours.any(|(entry, _)| view.runs(entry)) {
        return None;
    }
    let listener = (view.listens)(port.address, host, port.protocol)?;
    let who = match (&listener.command, listener.pid) {
        (Some(command), Some(pid)) => format!("process '{command}' (pid {pid})"),
        (None, Some(pid)) => format!("process {pid}"),
        _ => "a process of another user".to_owned(),
    };
    Some(
        view.clash(6002)
            .message(format!("Port {host} is already in use by {who}"))
            .help(format!("write `auto:{}`, or stop that process", port.guest)),
    )
}

fn claimed(
    port: &PortRule,
    host: u16,
    (me, before): Mine,
    entry: &LedgerEntry,
    view: &View,
) -> Diagnostic {
    let record = &entry.record;
    let written = record
        .places
        .get("ports")
        .cloned()
        .unwrap_or_else(|| record.config_file.clone());
    let file = record.project_path.join(written);
    let id = &record.id;
    if before.is_some_and(|before| before.is(entry)) {
        let kind = record.infra_type.word();
        return view
            .clash(6001)
            .message(format!(
                "Port {host} is already in use by the {kind} that '{id}' was"
            ))
            .label(format!("the {kind} is left over"))
            .help("replace it, and lose what is in it: vagrantp up --recreate");
    }
    // Written together they would clash in any case: it is left over, or the profile leaves it out.
    if (record.project, &record.config_file) == (me.project, &me.file) {
        let name = &record.machine;
        return view
            .clash(6001)
            .message(format!(
                "Port {host} is already in use by '{name}' of this project"
            ))
            .label(format!("'{name}' is not written any more, or left out"))
            .help(format!(
                "write `auto:{}`, or remove it: vagrantp rm {}",
                port.guest,
                crate::call::quoted(name)
            ));
    }
    let (finding, message, away, verb) = if view.runs(entry) {
        let message = format!("Port {host} is already in use by project '{id}'");
        (view.clash(6001), message, "stop", "stop")
    } else {
        let message = format!("Port {host} is also of project '{id}', which is stopped");
        (Diagnostic::warning(6001), message, "remove", "rm")
    };
    let folder = word(&record.project_path);
    finding
        .message(message)
        .label(format!("'{}' publishes it ({})", record.id, file.display()))
        .help(format!(
            "write `auto:{}`, or {away} it: vagrantp -C {folder} {verb}",
            port.guest
        ))
}
