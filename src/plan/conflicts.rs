//! What of a plan clashes with the host: names, ports, addresses, memory. Judged before anything starts.

use super::capacity::{first_process, resources};
use super::{Action, Plan};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::files::Verdict;
use crate::model::host::Host;
use crate::model::{Machine, Project};
use crate::source::Located;
use crate::state::folder::Identity;
use crate::state::ledger::{Ledger, LedgerEntry};
use crate::state::listeners::Listener;
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::Stage;
use crate::value::{HostPort, PortRule, Protocol};
use std::net::Ipv4Addr;
use std::path::Path;

/// Who listens on a port of the host.
pub type Listens<'a> = &'a dyn Fn(Ipv4Addr, u16, Protocol) -> Option<Listener>;

/// The host as it is now.
pub struct View<'a> {
    /// Its facts.
    pub host: &'a Host,
    /// What is given out.
    pub ledger: &'a Ledger,
    /// What the engine has; nothing where it was not asked.
    pub observed: &'a [ObservedMachine],
    /// Who listens where; asked only when needed.
    pub listens: Listens<'a>,
    /// `check` warns where `up` refuses.
    pub verdict: Verdict,
}

/// Judges the machines that a plan makes or starts, and adds what stands in its way.
pub fn judge(
    plan: &mut Plan,
    project: &Project,
    identity: &dyn Fn(&Machine) -> Identity,
    view: &View,
) {
    for machine in &project.machines {
        let steps = plan.steps.iter();
        let mut found = Vec::new();
        for step in steps.filter(|step| step.machine == machine.name) {
            match step.action {
                Action::Create | Action::Resume | Action::Start | Action::Recreate { .. } => {
                    found.extend(conflicts(machine, &identity(machine), view));
                }
                Action::Set(_) => resources(machine, view, &mut found),
                _ => {}
            }
        }
        for finding in found {
            match finding.severity {
                Severity::Error => plan.refusals.push(finding),
                Severity::Warning => plan.notes.push(finding),
            }
        }
    }
}

/// All that stands in the way of one machine.
pub fn conflicts(machine: &Machine, me: &Identity, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    name(machine, me, view, &mut found);
    for port in machine.fixed_ports() {
        found.extend(port_conflict(port, me, view));
    }
    resources(machine, view, &mut found);
    found.extend(first_process(machine, view));
    address(machine, me, view, &mut found);
    found
}

impl View<'_> {
    pub(super) fn clash(&self, number: u16) -> Diagnostic {
        match self.verdict {
            Verdict::Check => Diagnostic::warning(number),
            Verdict::Act => Diagnostic::error(number),
        }
    }

    fn runs(&self, entry: &LedgerEntry) -> bool {
        let record = &entry.record;
        let ours = |seen: &&ObservedMachine| {
            seen.name == record.id && seen.project == Some(record.project)
        };
        let found = self.observed.iter().find(ours);
        // `check` asks no engine: there the record is all that is known.
        let remembered = self.verdict == Verdict::Check && record.stage == Stage::Running;
        remembered || found.is_some_and(|seen| seen.state == Seen::Running)
    }
}

/// Another machine than `me`: one that only had another kind before is the same.
fn is_another(entry: &LedgerEntry, me: &Identity) -> bool {
    let it = &entry.record;
    (it.project, &it.config_file, &it.machine) != (me.project, &me.file, &me.machine)
}

fn name(machine: &Machine, me: &Identity, view: &View, found: &mut Vec<Diagnostic>) {
    let id = machine.id.as_str();
    let origin = if machine.id.span().is_some() {
        machine.id.origin
    } else {
        machine.kind.origin
    };
    let mut named = view.ledger.by_id(id);
    if let Some(entry) = named.find(|entry| is_another(entry, me)) {
        let record = &entry.record;
        if record.project == me.project {
            let file = word(&record.project_path.join(&record.config_file));
            found.push(
                view.clash(3004)
                    .message(format!(
                        "Infrastructure '{id}' already exists: {} in this folder has it",
                        record.config_file
                    ))
                    .at_origin(origin)
                    .help(format!(
                        "write another INFRA_ID, or remove that one: vagrantp --file {file} rm"
                    )),
            );
            return;
        }
        let folder = record.project_path.display();
        found.push(
            view.clash(3004)
                .message(format!(
                    "Infrastructure '{id}' already exists in another project: {folder}"
                ))
                .at_origin(origin)
                .help(format!(
                    "write another INFRA_ID, or remove that one: vagrantp -C {} rm",
                    word(&record.project_path)
                )),
        );
        return;
    }
    let own = view.ledger.entry(me).map(|entry| &entry.record);
    let foreign = |seen: &&ObservedMachine| {
        seen.name == id
            && seen.project != Some(me.project)
            && !own.is_some_and(|record| seen.is_half_made(record))
    };
    let holder = view.observed.iter().find(foreign);
    if let Some(seen) = holder {
        let finding = match &seen.path {
            Some(path) => view
                .clash(3004)
                .message(format!(
                    "Infrastructure '{id}' already exists in another project: {}",
                    path.display()
                ))
                .help(format!(
                    "write another INFRA_ID, or remove that one: vagrantp -C {} rm",
                    word(path)
                )),
            None => view
                .clash(3003)
                .message(format!(
                    "Infrastructure '{id}' already exists (state: {}), and is not ours",
                    seen.word
                ))
                .help(format!(
                    "write another INFRA_ID, or rename that container: podman rename {id} {id}-old"
                )),
        };
        found.push(finding.at_origin(origin));
    }
}

/// What stands in the way of one port: whoever has it now, else who may want it later.
fn port_conflict(port: &Located<PortRule>, me: &Identity, view: &View) -> Option<Diagnostic> {
    let HostPort::Fixed(host) = port.host else {
        return None;
    };
    let others = view.ledger.ports_of_others(me);
    let claims: Vec<&LedgerEntry> = others
        .filter(|(_, held)| held.rule().clashes(&port.value))
        .map(|(entry, _)| entry)
        .collect();
    let finding = match claims.iter().find(|entry| view.runs(entry)) {
        Some(entry) => claimed(port, host, entry, view),
        None => match held(port, host, me, view) {
            Some(finding) => finding,
            None => claimed(port, host, claims.first()?, view),
        },
    };
    Some(finding.at_origin(port.origin))
}

/// Who else has a port now, or why nobody can have it.
fn held(port: &PortRule, host: u16, me: &Identity, view: &View) -> Option<Diagnostic> {
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

fn claimed(port: &PortRule, host: u16, entry: &LedgerEntry, view: &View) -> Diagnostic {
    let record = &entry.record;
    let written = record
        .places
        .get("ports")
        .cloned()
        .unwrap_or_else(|| record.config_file.clone());
    let file = record.project_path.join(written);
    let id = &record.id;
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

fn address(machine: &Machine, me: &Identity, view: &View, found: &mut Vec<Diagnostic>) {
    if let Some(bridge) = machine.bridge() {
        if let Some(interface) = &bridge.interface
            && view.host.interface(interface.as_str()).is_none()
        {
            found.push(
                    view.clash(2105)
                        .message(format!("Invalid value for NETWORK_INTERFACE: this host has no interface '{interface}'"))
                        .at_origin(interface.origin)
                        .help("write a name that `ip link` shows"),
                );
        }
        return;
    }
    let Some(ip) = machine.ip() else { return };
    let taken = view.ledger.entries.iter().find(|entry| {
        entry.record.networking.ip_address == Some(ip.value) && is_another(entry, me)
    });
    if let Some(entry) = taken {
        found.push(
            view.clash(1301)
                .message(format!(
                    "Address {ip} is already used by project '{}'",
                    entry.record.id
                ))
                .at_origin(ip.origin)
                .help("write another IP_ADDRESS"),
        );
    }
    let [a, b, c, _] = ip.octets();
    let subnet = Ipv4Addr::new(a, b, c, 0);
    let ours = format!("vagrantp-{subnet}");
    let shared = view
        .ledger
        .entries
        .iter()
        .any(|entry| entry.record.networking.networks.contains(&ours));
    if let Some(route) = view.host.routes_into(subnet, 24).next().filter(|_| !shared) {
        found.push(
            view.clash(1302)
                .message(format!(
                    "The host already routes {subnet}/24 elsewhere: {route}"
                ))
                .at_origin(ip.origin)
                .help(format!(
                    "write an IP_ADDRESS in a network that `ip route` does not show{}",
                    free_address(view)
                )),
        );
    }
}

/// An example that would do.
fn free_address(view: &View) -> String {
    let private = [[10, 20, 0], [172, 28, 0], [192, 168, 240]];
    let subnets = private.map(|[a, b, c]| Ipv4Addr::new(a, b, c, 0));
    let free = |subnet: &Ipv4Addr| view.host.routes_into(*subnet, 24).next().is_none();
    subnets
        .into_iter()
        .find(free)
        .map_or(String::new(), |subnet| {
            let [a, b, c, _] = subnet.octets();
            format!(", such as {}", Ipv4Addr::new(a, b, c, 5))
        })
}

fn word(path: &Path) -> String {
    crate::call::quoted(&path.display().to_string())
}
