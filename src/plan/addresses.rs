//! Addresses that are someone else's: on a network, of a network, or routed elsewhere by the host.

use super::conflicts::{View, is_another};
use crate::diagnostic::Diagnostic;
use crate::model::Machine;
use crate::model::joined::{Joined, Network};
use crate::settings::Dialect;
use crate::source::Located;
use crate::state::folder::Identity;
use crate::state::ledger::LedgerEntry;
use crate::value::{NetworkName, Subnet};
use std::net::Ipv4Addr;

/// What stands in the way of a machine's addresses.
pub(super) fn addresses(
    machine: &Machine,
    me: &Identity,
    view: &View,
    found: &mut Vec<Diagnostic>,
) {
    if let Some(bridge) = machine.bridge() {
        if let Some(interface) = &bridge.interface
            && view.host.interface(interface.as_str()).is_none()
        {
            found.push(
                view.clash(2105)
                    .message(format!(
                        "Invalid value for {}: this host has no interface '{interface}'",
                        view.dialect.called("network.interface")
                    ))
                    .at_origin(interface.origin)
                    .help("write a name that `ip link` shows"),
            );
        }
        return;
    }
    for joined in Joined::all(machine, me.project) {
        let mut meant = machine.networks.iter();
        let meant = meant.find(|attachment| attachment.name.value == joined.name);
        let ip = meant.and_then(|attachment| attachment.ip.as_ref());
        let ip = ip.filter(|ip| Some(ip.value) == joined.address);
        let taken = ip.and_then(|ip| Some((ip, taken(ip, me, view)?)));
        let own = meant.and_then(|attachment| attachment.own.as_ref());
        let written = own.and_then(|own| own.subnet.as_ref());
        let origin = written
            .map(|subnet| subnet.origin)
            .or(ip.map(|ip| ip.origin));
        let mut clash = None;
        if let (Some(subnet), Some(origin)) = (joined.network.subnet, origin)
            && !is_there(&joined.network, view)
        {
            let is_own = matches!(joined.name, NetworkName::Own(_));
            clash = overlap(&joined.network, subnet, me, view)
                .or_else(|| routed(subnet, is_own, view))
                .map(|clash| clash.at_origin(origin));
        }
        // Where the whole network cannot be had, another address of it is no help.
        found.extend(match (clash, taken) {
            (Some(clash), Some((ip, id))) => Some(clash.details([in_use(ip, id)])),
            (clash, None) => clash,
            (None, Some((ip, id))) => Some(
                view.clash(1301)
                    .message(in_use(ip, id))
                    .at_origin(ip.origin)
                    .help(format!(
                        "write another {}, or see who has it: vagrantp ls",
                        address(view.dialect)
                    )),
            ),
        });
    }
}

/// The other machine that has an address: it is one machine's.
fn taken<'v>(ip: &Located<Ipv4Addr>, me: &Identity, view: &'v View) -> Option<&'v str> {
    let has = |entry: &&LedgerEntry| {
        let networking = &entry.record.networking;
        let mut attached = networking.attached.iter();
        let there = attached.any(|attached| attached.ip_address == Some(ip.value));
        is_another(entry, me) && (there || networking.ip_address == Some(ip.value))
    };
    let entry = view.ledger.entries.iter().find(has)?;
    Some(&entry.record.id)
}

fn in_use(ip: &Located<Ipv4Addr>, id: &str) -> String {
    format!("Address {ip} is already used by project '{id}'")
}

/// What a fixed address is written as.
fn address(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Env => "IP_ADDRESS",
        Dialect::Kdl => "`ip`",
    }
}

/// Whether the network is there already, with these addresses.
fn is_there(network: &Network, view: &View) -> bool {
    let subnet = network.subnet.map(|subnet| subnet.to_string());
    view.ledger.entries.iter().any(|entry| {
        let networking = &entry.record.networking;
        let mut attached = networking.attached.iter();
        let other = attached.any(|it| it.engine == network.name && it.subnet != subnet);
        networking.networks.contains(&network.name) && !other
    })
}

/// A network of another name that has some of the addresses, be it there now or not.
fn overlap(network: &Network, subnet: Subnet, me: &Identity, view: &View) -> Option<Diagnostic> {
    let overlaps = |entry: &LedgerEntry| {
        let others = networks_of(entry);
        let mut others = others.into_iter().filter(|(name, _)| *name != network.name);
        others.find(|(_, other)| other.overlaps(subnet))
    };
    let mut entries = view.ledger.entries.iter();
    let (entry, (_, other)) = entries.find_map(|entry| {
        is_another(entry, me).then_some(())?;
        Some((entry, overlaps(entry)?))
    })?;
    let id = &entry.record.id;
    Some(
        view.clash(1301)
            .message(format!("{subnet} overlaps {other}, which '{id}' is on"))
            .help(format!(
                "write other addresses, or remove '{id}': vagrantp ls"
            )),
    )
}

/// The networks with chosen addresses that a machine is on.
fn networks_of(entry: &LedgerEntry) -> Vec<(String, Subnet)> {
    let networking = &entry.record.networking;
    let attached = networking.attached.iter().filter_map(|attached| {
        let subnet = Subnet::parse(attached.subnet.as_ref()?).ok()?;
        Some((attached.engine.clone(), subnet))
    });
    let mut all: Vec<(String, Subnet)> = attached.collect();
    // A record of before says only the address.
    if let (true, Some(ip)) = (all.is_empty(), networking.ip_address) {
        let shared = Network::around(ip);
        all.extend(shared.subnet.map(|subnet| (shared.name, subnet)));
    }
    all
}

fn routed(subnet: Subnet, own: bool, view: &View) -> Option<Diagnostic> {
    let route = view
        .host
        .routes_into(subnet.address, subnet.prefix)
        .next()?;
    let example = free(view);
    let help = match own {
        true => format!(
            "write a subnet that `ip route` does not show{}",
            such_as(example, 0, "/24")
        ),
        false => format!(
            "write an {} in a network that `ip route` does not show{}",
            address(view.dialect),
            such_as(example, 5, "")
        ),
    };
    Some(
        view.clash(1302)
            .message(format!(
                "The host already routes {subnet} elsewhere: {route}"
            ))
            .help(help),
    )
}

/// A network that would do.
fn free(view: &View) -> Option<Ipv4Addr> {
    let private = [[10, 20, 0], [172, 28, 0], [192, 168, 240]];
    let subnets = private.map(|[a, b, c]| Ipv4Addr::new(a, b, c, 0));
    let free = |subnet: &Ipv4Addr| view.host.routes_into(*subnet, 24).next().is_none();
    subnets.into_iter().find(free)
}

fn such_as(network: Option<Ipv4Addr>, last: u8, prefix: &str) -> String {
    network.map_or(String::new(), |network| {
        let [a, b, c, _] = network.octets();
        format!(", such as {}{prefix}", Ipv4Addr::new(a, b, c, last))
    })
}
