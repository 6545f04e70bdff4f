//! The host's facts, as plain data.

use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// What is known of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Memory, in bytes.
    pub memory_total: u64,
    /// What of it can be had without swapping, in bytes.
    pub memory_available: u64,
    /// CPUs that are switched on.
    pub cpus: u32,
    /// IPv4 routes of the main table.
    pub routes: Vec<Route>,
    /// Network interfaces, by name.
    pub interfaces: Vec<Interface>,
    /// This user's number.
    pub uid: u32,
    /// This user's name; the number where the system knows no name.
    pub user: String,
    /// This user's home.
    pub home: Option<PathBuf>,
    /// Which form of control groups the host has.
    pub cgroup: Cgroup,
    /// The ports that the system hands out by itself.
    pub ephemeral_ports: RangeInclusive<u16>,
    /// The first port that an ordinary user may listen on.
    pub unprivileged_port: u16,
    /// What `/etc/os-release` says.
    pub distribution: Distribution,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Where it leads.
    pub destination: Ipv4Addr,
    /// How many leading bits of the destination count; 0 is the default route.
    pub prefix: u8,
    /// Through which interface.
    pub interface: String,
    /// Through which router; none where the destination is a neighbour.
    pub gateway: Option<Ipv4Addr>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its IPv4 addresses, each with its prefix length.
    pub addresses: Vec<(Ipv4Addr, u8)>,
    /// Whether it is a bridge.
    pub is_bridge: bool,
    /// Whether it is switched on.
    pub up: bool,
}

/// A form of control groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cgroup {
    /// A hierarchy a controller, or both forms side by side: a user cannot limit memory.
    V1,
    /// The unified hierarchy.
    V2,
}

/// Which distribution it is. Unknown parts are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distribution {
    /// Such as `debian`.
    pub id: String,
    /// What it descends from, such as `debian` for `ubuntu`.
    pub like: Vec<String>,
    /// Such as `trixie`: of the release that it is made from, where it says which.
    pub codename: String,
    /// For people.
    pub pretty_name: String,
}

impl Cgroup {
    /// Whether a user's containers can be limited in memory and CPUs: without root only under version 2.
    pub fn lets_limit(self, uid: u32) -> bool {
        uid == 0 || self == Cgroup::V2
    }
}

impl Host {
    /// An interface by its name.
    pub fn interface(&self, name: &str) -> Option<&Interface> {
        self.interfaces.iter().find(|found| found.name == name)
    }

    /// Whether an address is one of this host's own.
    pub fn has_address(&self, address: Ipv4Addr) -> bool {
        let mut all = self.interfaces.iter().flat_map(|found| &found.addresses);
        all.any(|(own, _)| *own == address)
    }

    /// The routes, other than default ones, that share addresses with a subnet.
    pub fn routes_into(&self, subnet: Ipv4Addr, prefix: u8) -> impl Iterator<Item = &Route> {
        self.routes.iter().filter(move |route| {
            let common = route.prefix.min(prefix);
            route.prefix > 0 && same_network(route.destination, subnet, common)
        })
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.destination, self.prefix)?;
        if let Some(gateway) = self.gateway {
            write!(f, " via {gateway}")?;
        }
        write!(f, " dev {}", self.interface)
    }
}

fn same_network(a: Ipv4Addr, b: Ipv4Addr, prefix: u8) -> bool {
    let mask = u32::MAX.checked_shl(32 - u32::from(prefix.min(32)));
    (a.to_bits() ^ b.to_bits()) & mask.unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::same_network;

    #[test]
    fn a_prefix_decides_which_addresses_are_neighbours() {
        let net =
            |a: &str, b: &str, prefix| same_network(a.parse().unwrap(), b.parse().unwrap(), prefix);
        assert!(net("10.0.0.1", "10.0.0.200", 24));
        assert!(!net("10.0.0.1", "10.0.1.1", 24));
        assert!(net("10.0.0.1", "192.168.0.1", 0));
        assert!(!net("10.0.0.1", "10.0.0.2", 32));
    }
}
