//! What a project must be, whatever the host: each rule a function, named for what goes wrong.

mod networks;

use super::files;
pub use super::files::{Disk, Found, Surroundings, Verdict};
use super::{Attachment, Machine, Means, Project};
use crate::diagnostic::{Diagnostic, Sink};
use crate::settings::Dialect;
use crate::source::{Located, Origin};
use crate::value::{
    Choice, HostPort, Init, NetworkMode, NetworkName, PortRule, Protocol, Provider,
};
use std::collections::{HashMap, HashSet};
use std::net::Ipv4Addr;

/// Judges a project by all rules.
pub fn rules(project: &Project, around: &Surroundings, sink: &mut Sink) {
    port_published_twice(project, sink);
    id_used_twice(project, sink);
    networks::rules(project, sink);
    super::task::task_in_several_machines(project, sink);
    for machine in &project.machines {
        guest_path_used_twice(machine, project.dialect, sink);
        interface_without_bridge(machine, project.dialect, sink);
        address_not_private(machine, project.dialect, sink);
        address_not_host_only(machine, project.dialect, sink);
        image_machine_provisioned(machine, sink);
        script_with_variables(machine, sink);
        command_beside_an_init(machine, sink);
        variable_set_twice(machine, sink);
        files::rules(project, machine, around, sink);
    }
}

/// A port, and whose it is.
type Published<'a> = (&'a Machine, &'a Located<PortRule>);

/// A host port is published once in a project. A word that clashes is told once, however many ports it means.
fn port_published_twice(project: &Project, sink: &mut Sink) {
    // By the address too; the port alone, for what listens on all addresses.
    let mut taken: HashMap<(HostPort, Protocol, Option<Ipv4Addr>), Published> = HashMap::new();
    let mut told = HashSet::new();
    let each = project.machines.iter();
    for (machine, port) in
        each.flat_map(|machine| machine.fixed_ports().map(move |port| (machine, port)))
    {
        let at = |address| (port.host, port.protocol, address);
        let first = if port.address.is_unspecified() {
            taken.get(&at(None))
        } else {
            let all = taken.get(&at(Some(Ipv4Addr::UNSPECIFIED)));
            all.or(taken.get(&at(Some(port.address))))
        };
        if let (Some((by, first)), HostPort::Fixed(host)) = (first, port.host)
            && told.insert(port.span())
        {
            let finding = Diagnostic::error(2204)
                .message(format!("Host port {host} is published twice"))
                .at_origin(port.origin)
                .help(match first.span() == port.span() {
                    true => format!("write `{}`", port.as_auto()),
                    false => format!("write another host port, or `{}`", port.as_auto()),
                });
            // Of a template, or with `count`, one text is what several machines publish.
            sink.push(match first.span() == port.span() {
                false => finding
                    .label("again here")
                    .related("first here", first.origin),
                true if by.origin == machine.origin => {
                    finding.label(format!("by '{}' and by '{}'", by.name, machine.name))
                }
                true => finding
                    .label("by two machines")
                    .related("by this one", by.origin)
                    .related("and by this one", machine.origin),
            });
        }
        taken.entry(at(None)).or_insert((machine, port));
        taken
            .entry(at(Some(port.address)))
            .or_insert((machine, port));
    }
}

/// An id is one machine's.
fn id_used_twice(project: &Project, sink: &mut Sink) {
    let mut taken: HashMap<&str, Origin> = HashMap::new();
    for machine in project.all() {
        let place = machine
            .id
            .span()
            .map_or(machine.origin, |_| machine.id.origin);
        if let Some(first) = taken.get(machine.id.as_str()) {
            // Two of one name were told as such.
            if first.span() != place.span() && !same_name(project, machine) {
                sink.push(
                    Diagnostic::error(2608)
                        .message(format!("Two machines have the id '{}'", machine.id))
                        .at_origin(place)
                        .label("again here")
                        .related("first here", *first)
                        .help("rename one of them, or write another `id`"),
                );
            }
        }
        taken.entry(machine.id.as_str()).or_insert(place);
    }
}

fn same_name(project: &Project, machine: &Machine) -> bool {
    let same = |there: &&Machine| {
        there.name == machine.name && there.instance.is_none() == machine.instance.is_none()
    };
    project.all().filter(same).count() > 1
}

/// A guest path holds one share or volume.
fn guest_path_used_twice(machine: &Machine, dialect: Dialect, sink: &mut Sink) {
    let mut taken: HashMap<&str, Origin> = HashMap::new();
    let mut judge = |path, origin: Origin, help: String| {
        if let Some(first) = taken.get(path) {
            sink.push(
                Diagnostic::error(2208)
                    .message(format!("Guest path {path} is used twice"))
                    .at_origin(origin)
                    .label("again here")
                    .related("first here", *first)
                    .help(help),
            );
        }
        taken.entry(path).or_insert(origin);
    };
    for share in &machine.shares {
        let written = &share.written;
        let name = share.host.file_name().map(|name| name.to_string_lossy());
        let name = name.unwrap_or("src".into());
        let help = match dialect {
            Dialect::Env => format!(
                "write another guest path, such as `{}:/{name}`",
                written.host
            ),
            Dialect::Kdl => format!("write another guest path, such as `to=\"/{name}\"`"),
        };
        judge(&written.guest, share.origin, help);
    }
    for volume in &machine.volumes {
        let help = format!(
            "write another guest path, such as `to=\"/var/lib/{}\"`",
            volume.name
        );
        judge(&volume.to, volume.origin, help);
    }
}

/// An interface is chosen only for a bridge.
fn interface_without_bridge(machine: &Machine, dialect: Dialect, sink: &mut Sink) {
    let mut all = machine.networks.iter();
    let other = all
        .find(|network| network.name.value != NetworkName::Bridge && network.interface.is_some());
    if let Some(interface) = other.and_then(|network| network.interface.as_ref()) {
        sink.push(
            Diagnostic::warning(2209)
                .message(match dialect {
                    Dialect::Env => "NETWORK_INTERFACE has an effect only with NETWORK_MODE=bridge",
                    Dialect::Kdl => "`interface` has an effect only with `network bridge`",
                })
                .at_origin(interface.origin)
                .help(match dialect {
                    Dialect::Env => "add a line `NETWORK_MODE=bridge`, or remove this one".into(),
                    Dialect::Kdl => {
                        format!("write `network bridge interface={interface}`, or remove it")
                    }
                }),
        );
    }
}

/// In `default` mode a fixed address is private, and not the network's, the gateway's or the broadcast's.
/// One on a network of the project's own has a rule of its own.
fn address_not_private(machine: &Machine, dialect: Dialect, sink: &mut Sink) {
    let mut nameless = machine.networks.iter();
    let nameless = nameless.find(|network| network.own.is_none() && network.ip.is_some());
    let Some(ip) = nameless.and_then(|network| network.ip.as_ref()) else {
        return;
    };
    let mut finding = |what: &str, help: String| {
        sink.push(
            Diagnostic::error(2106)
                .message(format!(
                    "Invalid value for {}: {what}",
                    dialect.called("network.ip")
                ))
                .at_origin(ip.origin)
                .help(help),
        );
    };
    let [a, b, c, last] = ip.octets();
    let neighbour = Ipv4Addr::new(a, b, c, 10);
    if ip.is_unspecified() || ip.is_loopback() || ip.is_multicast() || ip.is_broadcast() {
        finding(
            "must be an address that a machine can have",
            "write a private address such as `10.20.0.5`".into(),
        );
    } else if machine.network_mode() == NetworkMode::Default {
        if !ip.is_private() {
            let mode = match dialect {
                Dialect::Env => "NETWORK_MODE=default",
                Dialect::Kdl => "`network default`",
            };
            finding(
                &format!("must be private with {mode}"),
                "write an address of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, such as `10.20.0.5`".into(),
            );
        } else if let Some(role) = match last {
            0 => Some("the network's own address"),
            1 => Some("the gateway's address"),
            255 => Some("the broadcast address"),
            _ => None,
        } {
            finding(
                &format!("{ip} is {role}"),
                format!("write an address from .2 to .254, such as `{neighbour}`"),
            );
        }
    }
}

/// VirtualBox makes host-only networks in 192.168.56.0/21 alone (its manual, 6.7).
fn address_not_host_only(machine: &Machine, dialect: Dialect, sink: &mut Sink) {
    if machine.provider.value != Provider::Virtualbox {
        return;
    }
    let is_host_only = |network: &&Attachment| match &network.own {
        Some(own) => !own.internal,
        None => network.name.value == NetworkName::Default,
    };
    let networks = machine.networks.iter().filter(is_host_only);
    for ip in networks.filter_map(|network| network.ip.as_ref()) {
        let [a, b, c, _] = ip.octets();
        let within = (a, b) == (192, 168) && (56..64).contains(&c);
        if ip.is_private() && !within {
            sink.push(
                Diagnostic::error(2106)
                    .message(format!(
                        "Invalid value for {}: VirtualBox makes networks in 192.168.56.0/21 only",
                        dialect.called("network.ip")
                    ))
                    .at_origin(ip.origin)
                    .related("asked for here", machine.provider.origin)
                    .help(format!(
                        "write an address from 192.168.56.2 to 192.168.63.254, or {}",
                        dialect.removed()
                    )),
            );
        }
    }
}

/// A machine that is entered by exec has no ssh for Ansible.
fn image_machine_provisioned(machine: &Machine, sink: &mut Sink) {
    let Some(provision) = machine.provisions.first() else {
        return;
    };
    if machine.first_process() == Init::Image {
        let (why, place) = match machine.command.first() {
            Some(command) if machine.init.value == Init::Auto => {
                ("this runs alone", command.origin)
            }
            _ => ("the image's own command runs alone", machine.init.origin),
        };
        sink.push(
            Diagnostic::error(2206)
                .message("A machine with INIT=image cannot be provisioned")
                .at_origin(provision.playbook.origin)
                .label("Ansible needs ssh")
                .related(why, place)
                .help(match &provision.means {
                    Means::Packages(_) => "write `init sshd`, or remove the packages",
                    Means::Script => "write `INIT=sshd`, or remove the script",
                    Means::Playbook => "write `INIT=sshd`, or remove the playbook",
                }),
        );
    }
}

/// A script is given no variables, and has no tasks that could have tags.
fn script_with_variables(machine: &Machine, sink: &mut Sink) {
    let scripts = machine.provisions.iter();
    for script in scripts.filter(|provision| provision.means == Means::Script) {
        let written = [
            ("vars-file", script.vars_files.first().map(|it| it.origin)),
            ("vars", script.vars.first().map(|it| it.name.origin)),
            ("secret", script.secrets.first().map(|it| it.name.origin)),
            ("only-tags", script.only_tags.first().map(|it| it.origin)),
        ];
        for (name, origin) in written {
            let Some(origin) = origin else { continue };
            sink.push(
                Diagnostic::error(2205)
                    .message(format!("`{name}` needs a playbook"))
                    .at_origin(origin)
                    .related("this is a script", script.playbook.origin)
                    .help(format!(
                        "remove it, or write a playbook with a task that runs it: `script: {}`",
                        script.name()
                    )),
            );
        }
    }
}

/// A command of one's own runs as the image's does: without sshd or systemd.
fn command_beside_an_init(machine: &Machine, sink: &mut Sink) {
    let Some(command) = machine.command.first() else {
        return;
    };
    let init = &machine.init;
    if matches!(init.value, Init::Sshd | Init::Systemd) {
        sink.push(
            Diagnostic::error(2210)
                .message(format!(
                    "A command needs the image's own init, not {}",
                    init.word()
                ))
                .at_origin(command.origin)
                .related("set here", init.origin)
                .help("write `init image`, or remove the command"),
        );
    }
}

/// A variable has one value.
fn variable_set_twice(machine: &Machine, sink: &mut Sink) {
    for secret in &machine.secrets {
        let mut env = machine.env.iter();
        if let Some(first) = env.find(|variable| variable.name.value == secret.name.value) {
            sink.push(
                Diagnostic::error(2216)
                    .message(format!("{} is in env and a secret too", secret.name.value))
                    .at_origin(secret.name.origin)
                    .label("again here")
                    .related("first here", first.name.origin)
                    .help("remove one of them"),
            );
        }
    }
}
