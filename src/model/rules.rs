//! What a project must be, whatever the host: each rule a function, named for what goes wrong.

use super::files;
pub use super::files::{Disk, Found, Surroundings, Verdict};
use super::{Machine, Project};
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Located;
use crate::value::{HostPort, Init, NetworkMode, PortRule};
use std::net::Ipv4Addr;

/// Judges a project by all rules.
pub fn rules(project: &Project, around: &Surroundings, sink: &mut Sink) {
    port_published_twice(project, sink);
    for machine in &project.machines {
        guest_path_used_twice(machine, sink);
        interface_without_bridge(machine, sink);
        address_not_private(machine, sink);
        image_machine_provisioned(machine, sink);
        files::rules(project, machine, around, sink);
    }
}

/// A host port is published once in a project.
fn port_published_twice(project: &Project, sink: &mut Sink) {
    let mut taken: Vec<&Located<PortRule>> = Vec::new();
    for port in project.machines.iter().flat_map(Machine::fixed_ports) {
        if let Some(first) = taken.iter().find(|first| first.clashes(port)) {
            let HostPort::Fixed(host) = port.host else {
                continue;
            };
            sink.push(
                Diagnostic::error(2204)
                    .message(format!("Host port {host} is published twice"))
                    .at_origin(port.origin)
                    .label("again here")
                    .related("first here", first.origin)
                    .help(format!("write another host port, or `auto:{}`", port.guest)),
            );
        }
        taken.push(port);
    }
}

/// A guest path holds one share.
fn guest_path_used_twice(machine: &Machine, sink: &mut Sink) {
    for (index, share) in machine.shares.iter().enumerate() {
        let same =
            |other: &&Located<super::MountedShare>| other.written.guest == share.written.guest;
        if let Some(first) = machine.shares[..index].iter().find(same) {
            sink.push(
                Diagnostic::error(2208)
                    .message(format!("Guest path {} is used twice", share.written.guest))
                    .at_origin(share.origin)
                    .label("again here")
                    .related("first here", first.origin)
                    .help(format!(
                        "write another guest path, such as `{}:/src`",
                        share.written.host
                    )),
            );
        }
    }
}

/// An interface is chosen only for a bridge.
fn interface_without_bridge(machine: &Machine, sink: &mut Sink) {
    let Some(interface) = &machine.interface else {
        return;
    };
    if machine.network.value == NetworkMode::Default {
        sink.push(
            Diagnostic::warning(2209)
                .message("NETWORK_INTERFACE has an effect only with NETWORK_MODE=bridge")
                .at_origin(interface.origin)
                .help("add a line `NETWORK_MODE=bridge`, or remove this one"),
        );
    }
}

/// In `default` mode a fixed address is private, and not the network's, the gateway's or the broadcast's.
fn address_not_private(machine: &Machine, sink: &mut Sink) {
    let Some(ip) = &machine.ip else { return };
    let mut finding = |what: &str, help: String| {
        sink.push(
            Diagnostic::error(2106)
                .message(format!("Invalid value for IP_ADDRESS: {what}"))
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
    } else if machine.network.value == NetworkMode::Default {
        if !ip.is_private() {
            finding(
                "must be private with NETWORK_MODE=default",
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

/// A machine that is entered by exec has no ssh for Ansible.
fn image_machine_provisioned(machine: &Machine, sink: &mut Sink) {
    let Some(provision) = &machine.provision else {
        return;
    };
    if machine.init.value == Init::Image {
        sink.push(
            Diagnostic::error(2206)
                .message("A machine with INIT=image cannot be provisioned")
                .at_origin(provision.playbook.origin)
                .label("Ansible needs ssh")
                .related("the image's own command runs alone", machine.init.origin)
                .help("write `INIT=sshd`, or remove the playbook"),
        );
    }
}
