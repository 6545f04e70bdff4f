//! What of a plan clashes with the host: names, ports, addresses, memory. Judged before anything starts.

use super::addresses::addresses;
use super::capacity::{Load, disk, first_process, resources};
use super::ports::port_conflict;
use super::reconcile::Subject;
use super::turned::Former;
use super::{Action, Plan, Refusal};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Machine;
use crate::model::files::Verdict;
use crate::model::host::Host;
use crate::settings::Dialect;
use crate::state::folder::Identity;
use crate::state::ledger::{Ledger, LedgerEntry};
use crate::state::listeners::Listener;
use crate::state::observed::{ObservedMachine, Seen};
use crate::state::record::Stage;
use crate::value::{Protocol, Provider};
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
            let former = subjects[step.subject].former;
            let before = former.map(|former| Before {
                former,
                goes: plan.replaces(step.subject),
            });
            own = conflicts(machine, (&identity(machine), before), &load, view);
        } else if let Action::Set(_) = step.action {
            let alone = Load::of(std::iter::once(machine));
            resources(machine, &alone, view, &mut own);
            own.extend(disk(machine, view));
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
    each.flat_map(|(machine, me)| conflicts(machine, (me, None), &load, view))
        .collect()
}

/// What a machine was while it was of the other kind, and whether that goes before it is started.
#[derive(Clone, Copy)]
pub(super) struct Before<'a> {
    pub(super) former: Former<'a>,
    pub(super) goes: bool,
}

impl Before<'_> {
    pub(super) fn is(&self, entry: &LedgerEntry) -> bool {
        Identity::of(&entry.record) == *self.former.identity
    }
}

/// Whose conflicts are judged.
pub(super) type Mine<'a> = (&'a Identity, Option<Before<'a>>);

fn conflicts(
    machine: &Machine,
    mine @ (me, before): Mine,
    load: &Load,
    view: &View,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    name(machine, me, view, &mut found);
    for port in machine.fixed_ports() {
        found.extend(port_conflict(port, mine, view));
    }
    resources(machine, load, view, &mut found);
    found.extend(disk(machine, view).filter(|_| before.is_none()));
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

    pub(super) fn runs(&self, entry: &LedgerEntry) -> bool {
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

pub(super) fn word(path: &Path) -> String {
    crate::call::quoted(&path.display().to_string())
}
