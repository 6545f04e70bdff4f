//! The networks that a machine is on, as they are called on the host, and the host's names of volumes.

use super::{Attachment, Machine};
use crate::value::{NetworkName, Subnet};
use std::net::Ipv4Addr;
use uuid::Uuid;

/// A network that machines share, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// Its addresses, where they are chosen.
    pub subnet: Option<Subnet>,
    /// Whether it leads nowhere else.
    pub internal: bool,
    /// Whether it is one that the project names: it may be written otherwise than it was made.
    pub own: bool,
}

/// A machine on a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// Which.
    pub network: Network,
    /// Its name in the project.
    pub name: NetworkName,
    /// A fixed address.
    pub address: Option<Ipv4Addr>,
    /// The names that lead to it, beside its id.
    pub aliases: Vec<String>,
}

impl Joined {
    /// A machine's networks, in order. One that has a fixed address behind the host is on the host-wide
    /// network of that address; beside other machines, it is on the project's as well, where names lead to it.
    pub fn all(machine: &Machine, project: Uuid) -> Vec<Joined> {
        let node = machine.instance.as_ref().map(|instance| &instance.node);
        let mut aliases = vec![machine.name.clone()];
        aliases.extend(node.filter(|node| **node != machine.name).cloned());
        let joined = |network, name, address| Joined {
            network,
            name,
            address,
            aliases: aliases.clone(),
        };
        let default = || joined(Network::of_project(project), NetworkName::Default, None);
        let mut all: Vec<Joined> = Vec::new();
        for attachment in &machine.networks {
            let ip = attachment.ip.as_ref().map(|ip| ip.value);
            match (&attachment.name.value, ip) {
                (NetworkName::Own(_), _) => {
                    let own = Network::own(attachment, project);
                    all.push(joined(own, attachment.name.value.clone(), ip));
                }
                (NetworkName::Default, Some(ip)) => {
                    let shared = Network::around(ip);
                    let mut there = joined(shared, NetworkName::Default, Some(ip));
                    if !machine.key.is_empty() {
                        // Machines of other projects may have this one's name.
                        there.aliases.clear();
                        all.push(default());
                    }
                    all.push(there);
                }
                // A child of the host's interface cannot talk to the host: the way in is the default network.
                (NetworkName::Default | NetworkName::Bridge, _) => all.push(default()),
            }
        }
        if all.is_empty() {
            all.push(default());
        }
        all
    }
}

impl Network {
    /// The network of a project whose machines name none.
    pub fn of_project(project: Uuid) -> Self {
        Network {
            name: network_of(project),
            subnet: None,
            internal: false,
            own: false,
        }
    }

    /// The /24 around a fixed address, which machines of all projects share.
    pub fn around(ip: Ipv4Addr) -> Self {
        let [a, b, c, _] = ip.octets();
        let address = Ipv4Addr::new(a, b, c, 0);
        Network {
            name: format!("vagrantp-{address}"),
            subnet: Some(Subnet {
                address,
                prefix: 24,
            }),
            internal: false,
            own: false,
        }
    }

    fn own(attachment: &Attachment, project: Uuid) -> Self {
        let own = attachment.own.as_ref();
        let subnet = own.and_then(|own| own.subnet.as_ref());
        Network {
            name: own_network(project, attachment.name.as_str()),
            subnet: subnet.map(|subnet| subnet.value),
            internal: own.is_some_and(|own| own.internal),
            own: true,
        }
    }
}

/// The name of a project's own network.
pub fn network_of(project: Uuid) -> String {
    format!("vagrantp-{}", &project.simple().to_string()[..12])
}

/// The name of a network that a project names.
pub fn own_network(project: Uuid, name: &str) -> String {
    format!("{}-{name}", network_of(project))
}

/// The host's name of a project's volume.
pub fn volume_name(project: Uuid, name: &str) -> String {
    format!("{}-{name}", network_of(project))
}
