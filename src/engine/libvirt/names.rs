//! Names of machines, as the DNS server of a network knows them.

use super::act;
use crate::call::{Call, Outcome};
use std::net::Ipv4Addr;

/// A name and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownName {
    /// The name.
    pub name: String,
    /// The address.
    pub address: Ipv4Addr,
}

/// The names that a network knows, of the answer to [`dump_network`](super::dump_network).
pub fn read_names(outcome: &Outcome) -> Vec<KnownName> {
    let Some((_, dns)) = outcome.stdout.split_once("<dns>") else {
        return Vec::new();
    };
    let dns = dns.split("</dns>").next().unwrap_or_default();
    let hosts = dns.split("<host ip='").skip(1);
    hosts
        .flat_map(|host| {
            let (address, rest) = host.split_once('\'').unwrap_or_default();
            let names = rest.split("<hostname>").skip(1);
            let name = |text: &str| text.split('<').next().unwrap_or_default().to_owned();
            let address = address.parse().ok();
            names.filter_map(move |text| {
                let name = name(text);
                Some(KnownName {
                    name,
                    address: address?,
                })
            })
        })
        .collect()
}

/// Has a network know that names lead to an address, or that they do not any more. The names are ones that host
/// names may be, so XML takes them as they are.
pub fn set_names(network: &str, address: Ipv4Addr, names: &[&str], is_known: bool) -> Call {
    let inside: String = names
        .iter()
        .map(|name| format!("<hostname>{name}</hostname>"))
        .collect();
    let command = if is_known { "add-last" } else { "delete" };
    let xml = format!("<host ip='{address}'>{inside}</host>");
    let words = ["net-update", network, command, "dns-host", &xml];
    act(&[&words[..], &["--live", "--config"]].concat())
}

#[cfg(test)]
mod tests {
    use super::{KnownName, read_names};
    use crate::call::{End, Outcome};

    #[test]
    fn names_are_read_and_reservations_are_not() {
        let stdout = "<network>\n  <dns>\n    <host ip='10.9.0.6'>\n      <hostname>db</hostname>\n      \
                      <hostname>shop-db</hostname>\n    </host>\n  </dns>\n  <ip address='10.9.0.1'>\n    <dhcp>\n      \
                      <host mac='52:54:00:00:00:01' name='x' ip='10.9.0.7'/>\n    </dhcp>\n  </ip>\n</network>\n";
        let outcome = Outcome {
            line: "virsh".into(),
            end: End::Exit(0),
            stdout: stdout.into(),
            stderr: String::new(),
            took: std::time::Duration::ZERO,
        };
        let known = |name: &str| KnownName {
            name: name.into(),
            address: [10, 9, 0, 6].into(),
        };
        assert_eq!(read_names(&outcome), [known("db"), known("shop-db")]);
    }
}
