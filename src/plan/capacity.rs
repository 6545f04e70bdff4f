//! What a machine asks of the host's hardware and kernel, beside what is there.

use super::conflicts::View;
use crate::diagnostic::Diagnostic;
use crate::model::Machine;
use crate::source::Origin;
use crate::value::{Init, Kind};

/// Memory, CPUs and disk: more than there is, or not enforced here.
pub(super) fn resources(machine: &Machine, view: &View, found: &mut Vec<Diagnostic>) {
    const MIB: u64 = 1 << 20;
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
                .help(format!("write `MEMORY={}M` or less", total / 2)),
        );
    } else if need > available {
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
                .help("write a smaller MEMORY, or stop another machine: vagrantp ls"),
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
                .help(format!("write `CPUS={}` or less", view.host.cpus)),
        );
    }
    if container && !view.host.cgroup.lets_limit(view.host.uid) {
        found.push(
            Diagnostic::warning(4004)
                .message("MEMORY and CPUS are not enforced: rootless limits need cgroups v2")
                .at_origin(memory)
                .help("boot the host with systemd.unified_cgroup_hierarchy=1, or run vagrantp as root"),
        );
    }
    if container && machine.disk_size.span().is_some() {
        found.push(
            Diagnostic::warning(4004)
                .message("DISK_SIZE is not enforced for a container: it shares the host's disk")
                .at_origin(machine.disk_size.origin)
                .help("remove the line"),
        );
    }
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
            .help("write `INIT=sshd`, or run vagrantp as root")
    })
}
