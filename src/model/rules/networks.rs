//! What networks of the project's own must be, and the machines on them.

use crate::diagnostic::{Diagnostic, Sink};
use crate::model::joined::Network as Made;
use crate::model::{Attachment, Machine, Network, Project};
use crate::source::{Located, Origin};
use crate::spec::lower::did_you_mean;
use crate::value::{NetworkName, Subnet};
use std::collections::HashMap;
use std::net::Ipv4Addr;

/// Judges a project's networks.
pub(super) fn rules(project: &Project, sink: &mut Sink) {
    subnets_overlap(project, sink);
    address_used_twice(project, sink);
    for machine in &project.machines {
        ports_of_a_shut_in_machine(machine, sink);
        for attachment in &machine.networks {
            network_unknown(project, attachment, sink);
            address_outside(attachment, sink);
        }
    }
}

/// A machine's network is one that the project names, or one that needs no name.
fn network_unknown(project: &Project, attachment: &Attachment, sink: &mut Sink) {
    let NetworkName::Own(name) = &attachment.name.value else {
        return;
    };
    if attachment.own.is_some() {
        return;
    }
    let own = project.networks.iter();
    let known: Vec<&str> = own.map(|network| network.name.as_str()).collect();
    let known = known.into_iter().chain(["default", "bridge"]);
    told_once(
        sink,
        Diagnostic::error(2211)
            .message(format!("There is no network '{name}'"))
            .at_origin(attachment.name.origin)
            .label("not defined")
            .help(did_you_mean(
                name.as_str(),
                known,
                &format!("add `network {name}` beside the machines"),
            )),
    );
}

/// A fixed address lies in its network, and is not the network's own, the gateway's or the broadcast's.
fn address_outside(attachment: &Attachment, sink: &mut Sink) {
    let (Some(own), Some(ip)) = (&attachment.own, &attachment.ip) else {
        return;
    };
    let finding = Diagnostic::error(2212).at_origin(ip.origin);
    let Some(subnet) = &own.subnet else {
        let Made { subnet, .. } = Made::around(ip.value);
        let example = subnet.map_or(String::new(), |subnet| subnet.to_string());
        return told_once(
            sink,
            finding
                .message(format!(
                    "The network '{}' has no subnet that {ip} could lie in",
                    own.name
                ))
                .related("the network is here", own.name.origin)
                .help(format!("write `subnet \"{example}\"` in it")),
        );
    };
    let wrong = match ip.value {
        ip if !subnet.contains(ip) => "lies outside",
        ip if ip == subnet.address => "is the own address of",
        ip if ip == subnet.gateway() => "is the gateway's address of",
        ip if ip == subnet.last() => "is the broadcast address of",
        _ => return,
    };
    let first = Ipv4Addr::from_bits(subnet.address.to_bits() + 2);
    let last = Ipv4Addr::from_bits(subnet.last().to_bits() - 1);
    told_once(
        sink,
        finding
            .message(format!("{ip} {wrong} the network {}", subnet.value))
            .related("the subnet is here", subnet.origin)
            .help(format!("write an address from {first} to {last}")),
    );
}

/// An address is one machine's.
fn address_used_twice(project: &Project, sink: &mut Sink) {
    let mut taken: HashMap<Ipv4Addr, (&Machine, Origin)> = HashMap::new();
    for machine in &project.machines {
        for ip in machine.networks.iter().filter_map(|it| it.ip.as_ref()) {
            let Some((first, place)) = taken.get(&ip.value) else {
                taken.insert(ip.value, (machine, ip.origin));
                continue;
            };
            let finding = Diagnostic::error(2213)
                .message(format!(
                    "Address {ip} is of '{}' and of '{}'",
                    first.name, machine.name
                ))
                .at_origin(ip.origin);
            told_once(
                sink,
                match place.span() == ip.origin.span() {
                    // All machines of a `count` have what is written once.
                    true => {
                        finding.help("write an address with `{{ index }}` in it, or no address")
                    }
                    false => finding
                        .label("again here")
                        .related("first here", *place)
                        .help("write another address"),
                },
            );
        }
    }
}

/// Networks of one host share no address.
fn subnets_overlap(project: &Project, sink: &mut Sink) {
    let mut before: Vec<(&Network, &Located<Subnet>)> = Vec::new();
    for network in &project.networks {
        let Some(subnet) = &network.subnet else {
            continue;
        };
        let overlaps = |(_, other): &&(&Network, &Located<Subnet>)| other.overlaps(subnet.value);
        if let Some((first, other)) = before.iter().find(overlaps) {
            sink.push(
                Diagnostic::error(2214)
                    .message(format!(
                        "{} overlaps {}, the network '{}'",
                        subnet.value, other.value, first.name
                    ))
                    .at_origin(subnet.origin)
                    .related("first here", other.origin)
                    .help("write addresses of which no other network has any"),
            );
        }
        before.push((network, subnet));
    }
}

/// What is on internal networks alone can publish nothing.
fn ports_of_a_shut_in_machine(machine: &Machine, sink: &mut Sink) {
    let (true, Some(port)) = (machine.is_shut_in(), machine.ports.first()) else {
        return;
    };
    let network = machine.networks.first().map(|network| network.name.origin);
    told_once(
        sink,
        Diagnostic::error(2215)
            .message("Nothing can be published: the machine is on internal networks only")
            .at_origin(port.origin)
            .related("on this one", network.unwrap_or(machine.origin))
            .help("add `network default`, or remove the ports"),
    );
}

/// Machines of a `count`, or of a template, have one place for one mistake.
fn told_once(sink: &mut Sink, finding: Diagnostic) {
    let same = |told: &Diagnostic| {
        told.rule.number == finding.rule.number && told.span.is_some() && told.span == finding.span
    };
    if !sink.found.iter().any(same) {
        sink.push(finding);
    }
}
