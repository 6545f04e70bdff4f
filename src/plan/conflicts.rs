//! What of a plan clashes with the host: names, ports, addresses, memory. Judged before anything starts.

use super::addresses::addresses;
use super::capacity::{Load, first_process, resources};
use super::reconcile::Subject;
use super::{Action, Plan, Refusal};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Machine;
use crate::model::files::Verdict;
use crate::model::host::Host;
use crate::settings::Dialect;
use crate::source::Located;
use crate::state::folder::Identity;
use crate::state::ledger::{Ledger, LedgerEntry};
use crate::state::listeners::Listener;
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::Stage;
use crate::value::{HostPort, PortRule, Protocol, Provider};
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
    /// In whose words settings are named.
    pub dialect: Dialect,
    /// `check` warns where `up` refuses.
    pub verdict: Verdict,
}

/// Judges the machines that a plan makes or starts, and adds what stands in its way. `subjects` are
/// those that it was decided on.
pub fn judge(
    plan: &mut Plan,
    subjects: &[Subject],
    identity: &dyn Fn(&Machine) -> Identity,
    view: &View,
) {
    let steps = || {
        plan.steps.iter().filter_map(|step| {
            let machine = subjects[step.subject].meant?;
            Some((step, machine))
        })
    };
    let starts = |action: &Action| {
        matches!(
            action,
            Action::Create | Action::Resume | Action::Start | Action::Recreate { .. }
        )
    };
    let load = Load::of(
        steps()
            .filter(|(step, _)| starts(&step.action))
            .map(|(_, machine)| machine),
    );
    let mut found = Vec::new();
    for (step, machine) in steps() {
        let mut own = Vec::new();
        if starts(&step.action) {
            own = conflicts(machine, &identity(machine), &load, view);
        } else if let Action::Set(_) = step.action {
            let alone = Load::of(std::iter::once(machine));
            resources(machine, &alone, view, &mut own);
        }
        found.extend(own.into_iter().map(|finding| (step.subject, finding)));
    }
    for (subject, finding) in found {
        // A network clashes once, however many machines are on it.
        let same =
            |there: &Diagnostic| there.span == finding.span && there.message == finding.message;
        let mut told = plan.refusals.iter().map(|refusal| &refusal.finding);
        if told.any(same) || plan.notes.iter().any(same) {
            continue;
        }
        match finding.severity {
            Severity::Error => plan.refusals.push(Refusal { subject, finding }),
            Severity::Warning => plan.notes.push(finding),
        }
    }
}

/// All that stands in the way of machines that would be started together.
pub fn all_conflicts(machines: &[(&Machine, Identity)], view: &View) -> Vec<Diagnostic> {
    let load = Load::of(machines.iter().map(|(machine, _)| *machine));
    let each = machines.iter();
    each.flat_map(|(machine, me)| conflicts(machine, me, &load, view))
        .collect()
}

fn conflicts(machine: &Machine, me: &Identity, load: &Load, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    name(machine, me, view, &mut found);
    for port in machine.fixed_ports() {
        found.extend(port_conflict(port, me, view));
    }
    resources(machine, load, view, &mut found);
    found.extend(first_process(machine, view));
    addresses(machine, me, view, &mut found);
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
            seen.name == record.id
                && seen.project == Some(record.project)
                && seen.provider == record.provider
        };
        let found = self.observed.iter().find(ours);
        // `check` asks no engine: there the record is all that is known.
        let remembered = self.verdict == Verdict::Check
            && matches!(record.stage, Stage::Starting | Stage::Running);
        remembered || found.is_some_and(|seen| seen.state == Seen::Running)
    }
}

/// Another machine than `me`: one that only had another kind before is the same.
pub(super) fn is_another(entry: &LedgerEntry, me: &Identity) -> bool {
    let it = &entry.record;
    (it.project, &it.config_file, &it.machine) != (me.project, &me.file, &me.machine)
}

fn name(machine: &Machine, me: &Identity, view: &View, found: &mut Vec<Diagnostic>) {
    let id = machine.id.as_str();
    let another = machine.another_id();
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
                        "{another}, or remove that one: vagrantp --file {file} rm"
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
                    "{another}, or remove that one: vagrantp -C {} rm",
                    word(&record.project_path)
                )),
        );
        return;
    }
    let own = view.ledger.entry(me).map(|entry| &entry.record);
    let foreign = |seen: &&ObservedMachine| {
        seen.name == id
            && seen.provider == machine.provider.value
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
                    "{another}, or remove that one: vagrantp -C {} rm",
                    word(path)
                )),
            None => view
                .clash(3003)
                .message(format!(
                    "Infrastructure '{id}' already exists (state: {}), and is not ours",
                    seen.word
                ))
                .help(format!("{another}, or {}", renaming(seen.provider, id))),
        };
        found.push(finding.at_origin(origin));
    }
}

/// How what is not ours gets out of the way, and is kept.
fn renaming(provider: Provider, id: &str) -> String {
    match provider {
        Provider::Podman => format!("rename that container: podman rename {id} {id}-old"),
        Provider::Libvirt => {
            format!("rename that machine, once it is shut off: virsh domrename {id} {id}-old")
        }
        Provider::Virtualbox => {
            format!("rename that machine: VBoxManage modifyvm {id} --name {id}-old")
        }
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
        Some(entry) => claimed(port, host, me, entry, view),
        None => match held(port, host, me, view) {
            Some(finding) => finding,
            None => claimed(port, host, me, claims.first()?, view),
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
    // Not every engine tells of ports: then it is known of the machine's own record.
    let ours = view.ledger.ports_of(me);
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
    me: &Identity,
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

fn word(path: &Path) -> String {
    crate::call::quoted(&path.display().to_string())
}
