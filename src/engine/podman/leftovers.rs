//! What a killed Podman leaves of a network in the kernel: namespaces, the bridge they hang on, rules of the firewall.
//! Nothing of Podman's own knows of them any more. Sources: netavark 1.4, src/firewall, where a network's
//! chains bear the start of the SHA-512 of its name; ip-netns(8).

use crate::call::{Call, Outcome};
use serde::Deserialize;
use sha2::{Digest, Sha512};
use std::fmt::Write;
use std::path::PathBuf;

/// A network of root's in the kernel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Bridged {
    name: String,
    #[serde(rename = "network_interface")]
    interface: String,
    #[serde(default)]
    subnets: Vec<Range>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Range {
    subnet: String,
}

impl Bridged {
    /// Where Podman writes down what a network is; elsewhere where it was told to.
    pub fn file(name: &str) -> PathBuf {
        PathBuf::from("/etc/containers/networks").join(format!("{name}.json"))
    }

    /// As it is written down there.
    pub fn read(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    /// Where the kernel shows its bridge: it goes with the last container that is on it.
    pub fn shown(&self) -> PathBuf {
        PathBuf::from("/sys/class/net").join(&self.interface)
    }

    /// Asks what hangs on its bridge.
    pub fn members(&self) -> Call {
        Call::read("ip").args(["-json", "link", "show", "master", &self.interface])
    }

    /// Deletes its bridge.
    pub fn delete(&self) -> Call {
        Call::change("ip").args(["link", "delete", &self.interface])
    }

    fn chains(&self) -> [String; 2] {
        let hash = Sha512::digest(&self.name);
        let hex: String = hash.iter().map(|byte| format!("{byte:02X}")).collect();
        let short = &hex[..13];
        [format!("NETAVARK-{short}"), format!("NETAVARK-DN-{short}")]
    }
}

/// Asks for the namespaces that have names.
pub fn namespaces() -> Call {
    Call::read("ip").args(["-json", "netns", "list"])
}

/// Deletes a namespace, and with it what it has on a bridge.
pub fn delete_namespace(name: &str) -> Call {
    Call::change("ip").args(["netns", "delete", name])
}

/// The names of the namespaces that hang on a bridge, from the answers to [`Bridged::members`] and [`namespaces`].
pub fn read_members(members: &Outcome, namespaces: &Outcome) -> Vec<String> {
    #[derive(Deserialize)]
    struct Member {
        link_netnsid: Option<i64>,
    }
    #[derive(Deserialize)]
    struct Namespace {
        name: String,
        id: Option<i64>,
    }
    let members: Vec<Member> = serde_json::from_str(&members.stdout).unwrap_or_default();
    let namespaces: Vec<Namespace> = serde_json::from_str(&namespaces.stdout).unwrap_or_default();
    let hangs = |namespace: &Namespace| {
        let mut members = members.iter().filter_map(|member| member.link_netnsid);
        members.any(|id| Some(id) == namespace.id)
    };
    let hanging = namespaces.into_iter().filter(hangs);
    hanging.map(|namespace| namespace.name).collect()
}

/// Asks for the rules of a table.
pub fn rules(table: &str) -> Call {
    Call::read("iptables").args(["--wait", "-t", table, "-S"])
}

/// Takes rules away, in the form of [`without_network`].
pub fn take_rules_away(script: String) -> Call {
    Call::change("iptables-restore")
        .args(["--wait", "--noflush"])
        .stdin(script)
}

/// A script for iptables-restore(8) that takes away what a network has in a table, from the answer to [`rules`];
/// nothing where it has nothing.
pub fn without_network(network: &Bridged, table: &str, said: &str) -> Option<String> {
    let chains = network.chains();
    let is_its = |line: &&str| {
        let mut words = line.split_whitespace();
        match words.nth(1) {
            Some("NETAVARK_FORWARD") => {
                words.any(|word| network.subnets.iter().any(|it| it.subnet == word))
            }
            Some(chain) if chain.starts_with("NETAVARK_ISOLATION_") => {
                words.any(|word| word == network.interface)
            }
            _ => words
                .next_back()
                .is_some_and(|to| chains.iter().any(|chain| chain == to)),
        }
    };
    let mut lines: Vec<String> = added(said).filter(is_its).map(deletion).collect();
    for chain in &chains {
        if said.lines().any(|line| line == format!("-N {chain}")) {
            lines.push(format!("-F {chain}"));
            lines.push(format!("-X {chain}"));
        }
    }
    script(table, &lines)
}

/// The same of one container's forwarded ports, where its network is still in use.
pub fn without_container(engine_id: &str, said: &str) -> Option<String> {
    let id = format!("id: {engine_id}\"");
    let (own, others): (Vec<&str>, Vec<&str>) = added(said)
        .filter(|line| line.starts_with("-A NETAVARK-HOSTPORT-DNAT "))
        .partition(|line| line.contains(&id));
    let mut lines: Vec<String> = own.iter().copied().map(deletion).collect();
    for own in own {
        let (port, chain) = (port(own), own.split_whitespace().next_back()?);
        // Another one's may be the same port of another address.
        if others
            .iter()
            .any(|other| port == self::port(other) && other.ends_with(chain))
        {
            continue;
        }
        let start = format!("-A {chain} ");
        let behind =
            added(said).filter(|line| line.starts_with(&start) && self::port(line) == port);
        lines.extend(behind.map(deletion));
    }
    script("nat", &lines)
}

fn added(said: &str) -> impl Iterator<Item = &str> {
    said.lines().filter(|line| line.starts_with("-A "))
}

fn deletion(line: &str) -> String {
    line.replacen("-A ", "-D ", 1)
}

/// The protocol and the port that a rule is about.
fn port(line: &str) -> Option<(&str, &str)> {
    let after = |option: &str| {
        let mut words = line.split_whitespace();
        words.find(|word| *word == option)?;
        words.next()
    };
    Some((after("-p")?, after("--dport")?))
}

fn script(table: &str, lines: &[String]) -> Option<String> {
    let mut text = format!("*{table}\n");
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
    text.push_str("COMMIT\n");
    (!lines.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As iptables 1.8.9 told it, of what two killed and one living container had.
    const NAT: &str = include_str!("leftovers/nat.txt");
    const FILTER: &str = include_str!("leftovers/filter.txt");

    fn network() -> Bridged {
        Bridged {
            name: "vagrantp-81bb220f4958".into(),
            interface: "podman3".into(),
            subnets: vec![Range {
                subnet: "10.89.3.0/24".into(),
            }],
        }
    }

    #[test]
    fn what_a_network_has() {
        let nat = without_network(&network(), "nat", NAT);
        let filter = without_network(&network(), "filter", FILTER);
        let script = [nat, filter].map(Option::unwrap).concat();
        assert_eq!(script, include_str!("leftovers/without-network.txt"));
    }

    #[test]
    fn what_a_container_has() {
        let id = "b307252bc7698d829b4b10eadf3fad0f795852b03aa5b206c53aecf7c364d9cc";
        let script = without_container(id, NAT).unwrap();
        assert_eq!(script, include_str!("leftovers/without-container.txt"));
    }

    #[test]
    fn nobody_elses() {
        let mut network = network();
        network.name = "vagrantp-000000000000".into();
        network.interface = "podman9".into();
        network.subnets[0].subnet = "10.89.9.0/24".into();
        assert_eq!(without_network(&network, "nat", NAT), None);
        assert_eq!(without_network(&network, "filter", FILTER), None);
        assert_eq!(without_container(&"0".repeat(64), NAT), None);
    }
}
