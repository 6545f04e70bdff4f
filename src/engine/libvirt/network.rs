//! Networks are ours: defined and removed by us, so that no Vagrant takes one away that a stopped machine names.

use super::{act, ask};
use crate::call::{Call, Outcome};
use crate::value::Subnet;
use std::net::Ipv4Addr;

/// A network as libvirt has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Net {
    /// Its addresses.
    pub subnet: Subnet,
    /// The host's own address in it.
    pub host: Ipv4Addr,
}

/// Defines a network; only its name is not ours to choose freely, and it has no character that XML knows.
pub fn define_network(name: &str, subnet: Subnet, is_internal: bool, is_chosen: bool) -> Call {
    let first = u32::from(subnet.address);
    let size = 1_u32 << (32 - u32::from(subnet.prefix)).min(16);
    // Where addresses are given out by hand, they come from the lower half.
    let from = if is_chosen { size / 2 } else { 2 };
    let at = |offset: u32| Ipv4Addr::from(first + offset);
    let forward = if is_internal {
        ""
    } else {
        "<forward mode='nat'/>"
    };
    // Who is on it has its address from us: asking whether somebody else has it costs each new machine three seconds.
    // Source: dnsmasq(8), --no-ping; libvirt has taken its options since 5.6.
    let xml = format!(
        "<network xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'><name>{name}</name>{forward}\
         <bridge stp='on' delay='0'/>\
         <ip address='{}' prefix='{}'><dhcp><range start='{}' end='{}'/></dhcp></ip>\
         <dnsmasq:options><dnsmasq:option value='no-ping'/></dnsmasq:options></network>",
        at(1),
        subnet.prefix,
        at(from),
        at(size - 2),
    );
    act(&["net-define", "/dev/stdin"]).stdin(xml)
}

/// Starts a network.
pub fn start_network(name: &str) -> Call {
    act(&["net-start", name])
}

/// Stops a network, whoever is on it.
pub fn stop_network(name: &str) -> Call {
    act(&["net-destroy", name])
}

/// Forgets a network that is stopped.
pub fn undefine_network(name: &str) -> Call {
    act(&["net-undefine", name])
}

/// Stops and forgets a network.
pub fn remove_network(name: &str) -> [Call; 2] {
    [stop_network(name), undefine_network(name)]
}

/// The names of all networks.
pub fn network_names() -> Call {
    ask(&["net-list", "--all", "--name"])
}

/// Asks what a network is, and whether it runs.
pub fn dump_network(name: &str) -> Call {
    ask(&["net-dumpxml", name])
}

/// Asks whether a network runs.
pub fn network_state(name: &str) -> Call {
    ask(&["net-info", name])
}

/// Which machines are on a network: the uuid of each domain that names it.
pub fn users_of(uuids: &[&str]) -> Call {
    let words: Vec<String> = uuids
        .iter()
        .map(|uuid| format!("domiflist {uuid}"))
        .collect();
    ask(&[&words.join("; ")])
}

/// The network of the answer to [`dump_network`].
pub fn read_network(outcome: &Outcome) -> Option<Net> {
    let text = &outcome.stdout;
    let tag = text.split("<ip ").nth(1)?.split('>').next()?;
    let value = |name: &str| {
        let rest = tag.split(&format!("{name}='")).nth(1)?;
        rest.split('\'').next().map(str::to_owned)
    };
    let host: Ipv4Addr = value("address")?.parse().ok()?;
    let prefix = match (value("prefix"), value("netmask")) {
        (Some(prefix), _) => prefix.parse().ok()?,
        (None, Some(mask)) => {
            let mask: Ipv4Addr = mask.parse().ok()?;
            u32::from(mask).leading_ones() as u8
        }
        (None, None) => 24,
    };
    let bits = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
    let address = Ipv4Addr::from(u32::from(host) & bits);
    let subnet = Subnet { address, prefix };
    Some(Net { subnet, host })
}

/// Asks what the host routes where.
pub fn routes() -> Call {
    Call::read("ip").args(["-4", "-json", "route"])
}

/// The destinations, of the answer to [`routes`].
pub fn read_routes(outcome: &Outcome) -> Vec<Subnet> {
    let rows: Vec<serde_json::Value> = serde_json::from_str(&outcome.stdout).unwrap_or_default();
    let to = rows.iter().filter_map(|row| row["dst"].as_str());
    to.filter_map(|to| {
        let (address, prefix) = to.split_once('/').unwrap_or((to, "32"));
        Some(Subnet {
            address: address.parse().ok()?,
            prefix: prefix.parse().ok()?,
        })
    })
    .collect()
}

/// The subnets that a network of this name may have, in the order to try them.
pub fn subnets(name: &str) -> impl Iterator<Item = Subnet> {
    const FIRST: u8 = 130;
    const COUNT: u8 = 120;
    let sum = name
        .bytes()
        .fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    (0..COUNT).map(move |step| Subnet {
        address: Ipv4Addr::new(192, 168, FIRST + sum.wrapping_add(step) % COUNT, 0),
        prefix: 24,
    })
}

/// Asks for the addresses that a card was given.
pub fn leases(network: &str, mac: &str) -> Call {
    ask(&["net-dhcp-leases", network, "--mac", mac])
}

/// Asks for the addresses that were given on a network.
pub fn all_leases(network: &str) -> Call {
    ask(&["net-dhcp-leases", network])
}

/// An address that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The address.
    pub ip: Ipv4Addr,
    /// The card that it was given.
    pub mac: String,
    /// What its machine calls itself.
    pub host: Option<String>,
}

/// All of them, the newest last, of the answer to [`leases`] or [`all_leases`].
pub fn read_leases(outcome: &Outcome) -> Vec<Lease> {
    let mut rows: Vec<&str> = outcome.stdout.lines().collect();
    // Each begins with the time at which it expires.
    rows.sort_unstable();
    rows.into_iter().filter_map(lease).collect()
}

/// `2026-11-24 16:20:11   52:54:00:aa:00:01   ipv4   192.168.121.17/24   shop   ff:00`
fn lease(row: &str) -> Option<Lease> {
    let words: Vec<&str> = row.split_whitespace().collect();
    let [_, _, mac, "ipv4", place, rest @ ..] = &words[..] else {
        return None;
    };
    let (ip, _) = place.split_once('/')?;
    let host = rest.first().filter(|host| **host != "-");
    Some(Lease {
        ip: ip.parse().ok()?,
        mac: (*mac).to_owned(),
        host: host.map(|host| (*host).to_owned()),
    })
}

/// The newest of them, of the answer to [`leases`].
pub fn read_lease(outcome: &Outcome) -> Option<Ipv4Addr> {
    read_leases(outcome).last().map(|lease| lease.ip)
}

#[cfg(test)]
mod tests {
    use super::{read_lease, read_leases, read_network, read_routes, subnets};
    use crate::call::{End, Outcome};

    fn said(stdout: &str) -> Outcome {
        Outcome {
            line: "virsh".into(),
            end: End::Exit(0),
            stdout: stdout.into(),
            stderr: String::new(),
            took: std::time::Duration::ZERO,
        }
    }

    #[test]
    fn addresses_are_read() {
        let net = said("<network>\n  <ip address='192.168.121.1' netmask='255.255.255.0'>\n");
        let net = read_network(&net).unwrap();
        assert_eq!(
            (
                net.subnet.to_string().as_str(),
                net.host.to_string().as_str()
            ),
            ("192.168.121.0/24", "192.168.121.1")
        );
        let leases = " 2026-11-24 16:20:11   52:54:00:aa:00:01   ipv4       192.168.121.17/24   shop       ff:00\n \
                      2026-11-24 17:20:11   52:54:00:aa:00:01   ipv4       192.168.121.4/24    -          ff:01\n";
        assert_eq!(
            read_lease(&said(leases)).unwrap().to_string(),
            "192.168.121.4"
        );
        let all = read_leases(&said(leases));
        let hosts: Vec<_> = all.iter().map(|lease| lease.host.as_deref()).collect();
        assert_eq!(hosts, [Some("shop"), None]);
        assert_eq!(all[0].mac, "52:54:00:aa:00:01");
        assert_eq!(read_lease(&said("")), None);
        let routes = read_routes(&said(
            r#"[{"dst":"default"},{"dst":"10.89.0.0/24"},{"dst":"10.0.0.1"}]"#,
        ));
        assert_eq!(routes.len(), 2);
        assert_eq!(subnets("vagrantp-abc").count(), 120);
    }
}
