//! What a machine asks of the host's hardware and kernel, beside what is there.

use super::conflicts::View;
use crate::diagnostic::Diagnostic;
use crate::model::Machine;
use crate::settings::{self, Dialect};
use crate::source::Origin;
use crate::value::{Init, Kind};

const MIB: u64 = 1 << 20;

/// What machines that are started at once ask for together, a kind by itself: the limits of containers
/// may overcommit, the memory of vms is theirs.
#[derive(Default)]
pub(super) struct Load {
    machines: Vec<(String, u64, Kind)>,
}

impl Load {
    /// Of these machines.
    pub(super) fn of<'a>(machines: impl Iterator<Item = &'a Machine>) -> Self {
        let one = |machine: &Machine| {
            let need = machine.memory.as_mib();
            (machine.name.clone(), need, machine.kind.value)
        };
        Load {
            machines: machines.map(one).collect(),
        }
    }

    /// Whether a machine is the first of its kind: what is so for all of a kind is said there.
    fn is_first(&self, machine: &Machine) -> bool {
        let kind = machine.kind.value;
        let mut alike = self.machines.iter().filter(|(.., other)| *other == kind);
        alike
            .next()
            .is_none_or(|(first, ..)| *first == machine.name)
    }

    /// What all of a machine's kind need together, and who how much, if it is the one that passes a limit.
    fn passed_at(&self, machine: &Machine, limit: u64) -> Option<(u64, Vec<String>)> {
        let kind = machine.kind.value;
        let alike = || self.machines.iter().filter(|(.., other)| *other == kind);
        let mut sum = 0;
        let (first, ..) = alike().find(|(_, need, _)| {
            sum += need;
            sum > limit
        })?;
        let each = alike().map(|(name, need, _)| format!("{need}MB for {name}"));
        let each: Vec<String> = each.collect();
        let together = if each.len() > 1 { each } else { Vec::new() };
        let sum = alike().map(|(_, need, _)| need).sum();
        (*first == machine.name).then_some((sum, together))
    }
}

/// Memory and CPUs: more than there is, or not enforced here.
pub(super) fn resources(machine: &Machine, load: &Load, view: &View, found: &mut Vec<Diagnostic>) {
    let (need, total) = (machine.memory.as_mib(), view.host.memory_total / MIB);
    let available = view.host.memory_available / MIB;
    let container = machine.kind.value == Kind::Container;
    let origin = |origin: Origin| {
        if origin.span().is_some() {
            origin
        } else {
            machine.kind.origin
        }
    };
    let memory = origin(machine.memory.origin);
    if need > total {
        found.push(
            view.clash(4001)
                .message(format!(
                    "Insufficient RAM: need {need}MB, {total}MB available"
                ))
                .at_origin(memory)
                .label("more than this host has")
                .help(match view.dialect {
                    Dialect::Env => format!("write `MEMORY={}M` or less", total / 2),
                    Dialect::Kdl => format!("write `memory \"{}M\"` or less", total / 2),
                }),
        );
    } else if let Some((need, each)) = load.passed_at(machine, available) {
        let finding = if container {
            Diagnostic::warning(4001)
        } else {
            view.clash(4001)
        };
        found.push(
            finding
                .message(format!(
                    "Insufficient RAM: need {need}MB, {available}MB available"
                ))
                .at_origin(memory)
                .details(each)
                .help(format!(
                    "write a smaller {}, or stop another machine: vagrantp ls",
                    view.dialect.called("memory")
                )),
        );
    }
    if machine.cpus.value > view.host.cpus {
        found.push(
            view.clash(4002)
                .message(format!(
                    "Insufficient CPUs: need {}, {} available",
                    machine.cpus.value, view.host.cpus
                ))
                .at_origin(origin(machine.cpus.origin))
                .help(format!(
                    "write `{}` or less",
                    view.dialect
                        .write(settings::of("cpus"), &view.host.cpus.to_string())
                )),
        );
    }
    if container && load.is_first(machine) && !view.host.cgroup.lets_limit(view.host.uid) {
        found.push(
            Diagnostic::warning(4004)
                .message(format!("{} and {} are not enforced: rootless limits need cgroups v2", view.dialect.called("memory"), view.dialect.called("cpus")))
                .at_origin(memory)
                .help("boot the host with systemd.unified_cgroup_hierarchy=1, or run vagrantp as root"),
        );
    }
}

/// A disk of a size that nothing keeps. Of a machine that is turned around it is told with all that it has less of.
pub(super) fn disk(machine: &Machine, view: &View) -> Option<Diagnostic> {
    machine.disk_size.span()?;
    let row = settings::of("disk-size");
    let why = row.weaker_for(machine.kind.value)?;
    machine.turned_from.is_none().then(|| {
        Diagnostic::warning(4004)
            .message(format!("{} is not enforced: {why}", view.dialect.name(row)))
            .at_origin(machine.disk_size.origin)
            .help(view.dialect.removed())
    })
}

/// systemd needs cgroups of its own, which an ordinary user has only under cgroups v2. Podman starts it
/// all the same, and it dies without a word.
pub(super) fn first_process(machine: &Machine, view: &View) -> Option<Diagnostic> {
    let refused = machine.kind.value == Kind::Container
        && machine.init.value == Init::Systemd
        && !view.host.cgroup.lets_limit(view.host.uid);
    refused.then(|| {
        view.clash(5003)
            .message("An ordinary user cannot run systemd in a container here: it needs cgroups v2")
            .at_origin(machine.init.origin)
            .help(format!(
                "write `{}`, or run vagrantp as root",
                view.dialect.write(settings::of("init"), "sshd")
            ))
    })
}
