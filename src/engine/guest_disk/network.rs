//! The cards' addresses, for whichever service sets up the guest's network.

use super::accounts::{lines, same};
use super::boot::block;
use super::found::Found;
use super::put::Put;
use super::{Addressing, GuestSeed, Nic};
use sha2::Digest;

/// What sets up the guest's network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// systemd-networkd, also beneath netplan.
    Networkd,
    /// ifupdown; with udev cards get names by their address, else they have the kernel's, in their order.
    Ifupdown {
        /// Whether udev gives the names.
        udev: bool,
    },
    /// NetworkManager.
    NetworkManager,
}

const LINKS: &str = "/etc/systemd/network";
const PROFILES: &str = "/etc/NetworkManager/system-connections";
const RESOLVED: &str = "/etc/systemd/resolved.conf.d";
/// Machines have plain names, which systemd-resolved asks no server for by itself.
const PLAIN_NAMES: &str = "# Written by vagrantp.\n[Resolve]\nResolveUnicastSingleLabel=yes\n";
const WANTED: &str = "/etc/systemd/system/multi-user.target.wants";

/// The service that is switched on; ifupdown is where it is there.
pub fn service(found: &Found) -> Option<Service> {
    let is_there = |path: String| found.entry(&path).is_some();
    let wanted = |unit: &str| is_there(format!("{WANTED}/{unit}"));
    let program = |name: &str| {
        ["/sbin", "/usr/sbin", "/bin", "/usr/bin"]
            .iter()
            .any(|folder| is_there(format!("{folder}/{name}")))
    };
    let dbus = is_there("/etc/systemd/system/dbus-org.freedesktop.network1.service".to_owned());
    if wanted("systemd-networkd.service") || dbus {
        return Some(Service::Networkd);
    }
    if wanted("NetworkManager.service") && program("NetworkManager") {
        return Some(Service::NetworkManager);
    }
    let udev = ["/lib/systemd", "/usr/lib/systemd"]
        .iter()
        .any(|folder| is_there(format!("{folder}/systemd-udevd")));
    (program("ifup") && found.has_folder("/etc/network")).then_some(Service::Ifupdown { udev })
}

/// Its files, in place of those of an earlier time.
pub fn puts(seed: &GuestSeed, found: &Found, service: Service) -> Vec<Put> {
    let mut puts: Vec<Put> = [LINKS, PROFILES]
        .iter()
        .flat_map(|folder| {
            let ours = found.entries(folder).filter(|entry| is_ours(&entry.name));
            ours.map(move |entry| Put::Gone {
                path: format!("{folder}/{}", entry.name),
            })
        })
        .collect();
    let nics = seed.nics.iter().enumerate();
    match service {
        Service::Networkd => {
            puts.push(Put::folder("/etc/systemd"));
            puts.push(Put::folder(LINKS));
            puts.push(Put::folder(RESOLVED));
            puts.push(Put::file(
                format!("{RESOLVED}/05-vagrantp.conf"),
                PLAIN_NAMES,
                0o644,
            ));
            puts.extend(nics.map(|(at, nic)| {
                let path = format!("{LINKS}/05-vagrantp-{at}.network");
                Put::file(path, networkd(nic, at), 0o644)
            }));
        }
        Service::NetworkManager => {
            puts.push(Put::folder("/etc/NetworkManager"));
            puts.push(Put::folder(PROFILES));
            puts.extend(nics.map(|(at, nic)| {
                let path = format!("{PROFILES}/vagrantp-{at}.nmconnection");
                Put::file(path, profile(nic, at), 0o600)
            }));
        }
        Service::Ifupdown { udev } => {
            if udev {
                puts.push(Put::folder("/etc/systemd"));
                puts.push(Put::folder(LINKS));
                puts.extend(nics.map(|(at, nic)| {
                    let path = format!("{LINKS}/05-vagrantp-{at}.link");
                    let text = format!(
                        "{HEAD}[Match]\nMACAddress={}\n\n[Link]\nName=vp{at}\n",
                        nic.mac
                    );
                    Put::file(path, text, 0o644)
                }));
            }
            puts.push(interfaces(seed, found, udev));
            puts.extend(resolver(seed, found));
        }
    }
    puts
}

const HEAD: &str = "# Written by vagrantp.\n";

fn is_ours(name: &str) -> bool {
    name.starts_with("05-vagrantp-") || name.starts_with("vagrantp-")
}

/// A guest tells its card's address to DHCP, not its machine id: guests of one box may share that.
fn networkd(nic: &Nic, at: usize) -> String {
    let mut text = format!("{HEAD}[Match]\nMACAddress={}\n\n", nic.mac);
    // Booting waits for the first card alone.
    if at > 0 {
        text.push_str("[Link]\nRequiredForOnline=no\n\n");
    }
    text.push_str("[Network]\n");
    match nic.addressing {
        Addressing::Dhcp { routes: true } => {
            text.push_str("DHCP=ipv4\n\n[DHCPv4]\nClientIdentifier=mac\n");
        }
        Addressing::Dhcp { routes: false } => {
            text.push_str(
                "DHCP=ipv4\n\n[DHCPv4]\nClientIdentifier=mac\nUseRoutes=no\nUseHostname=no\n",
            );
        }
        Addressing::Fixed {
            ip,
            prefix,
            gateway,
            dns,
        } => {
            text.push_str(&format!("Address={ip}/{prefix}\n"));
            if let Some(gateway) = gateway {
                text.push_str(&format!("Gateway={gateway}\n"));
            }
            if let Some(dns) = dns {
                text.push_str(&format!("DNS={dns}\n"));
            }
        }
    }
    text
}

fn profile(nic: &Nic, at: usize) -> String {
    let digest = sha2::Sha256::digest(format!("{} {at}", nic.mac).as_bytes());
    let hex: String = digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let uuid = format!(
        "{}-{}-4{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    );
    let mut text = format!(
        "{HEAD}[connection]\nid=vagrantp-{at}\nuuid={uuid}\ntype=ethernet\nautoconnect-priority=100\n\n\
         [ethernet]\nmac-address={}\n\n[ipv4]\n",
        nic.mac
    );
    match nic.addressing {
        Addressing::Dhcp { routes } => {
            text.push_str("method=auto\ndhcp-client-id=mac\n");
            if !routes {
                text.push_str("never-default=true\nignore-auto-routes=true\n");
            }
        }
        Addressing::Fixed {
            ip,
            prefix,
            gateway,
            dns,
        } => {
            text.push_str(&format!("method=manual\naddress1={ip}/{prefix}"));
            match gateway {
                Some(gateway) => text.push_str(&format!(",{gateway}\n")),
                None => text.push_str("\nnever-default=true\n"),
            }
            if let Some(dns) = dns {
                text.push_str(&format!("dns={dns};\n"));
            }
        }
    }
    text.push_str("\n[ipv6]\nmethod=auto\nmay-fail=true\n");
    text
}

/// Without resolvconf(8) nobody writes down who knows names where the first card has a fixed address.
fn resolver(seed: &GuestSeed, found: &Found) -> Option<Put> {
    let path = "/etc/resolv.conf";
    let Addressing::Fixed { dns: Some(dns), .. } = seed.nics.first()?.addressing else {
        return None;
    };
    let is_link = found.entry(path).is_some_and(|entry| entry.is_link());
    (!is_link).then(|| Put::file(path, format!("nameserver {dns}\n"), 0o644))
}

/// interfaces(5) with the cards in it. Stanzas for cards that the box expected are ours to replace: such a card
/// is not there, or has another name now. Bridges and the like stay.
fn interfaces(seed: &GuestSeed, found: &Found, udev: bool) -> Put {
    let path = "/etc/network/interfaces";
    let mut kept = Vec::new();
    let mut is_cards = false;
    let before = block(found.bytes(path).unwrap_or_default(), "", false);
    for line in lines(&before) {
        let text = String::from_utf8_lossy(line).into_owned();
        let words: Vec<&str> = text.split_whitespace().collect();
        let begins = words.first().is_some_and(|word| {
            [
                "iface",
                "mapping",
                "source",
                "source-directory",
                "template",
                "rename",
            ]
            .contains(word)
                || word.starts_with("auto")
                || word.starts_with("allow-")
                || word.starts_with("no-")
        });
        if begins {
            is_cards = words.get(1).is_some_and(|name| is_card(name)) && words[0] != "source";
        }
        // A comment ends no stanza, but stays.
        let is_comment = words.first().is_some_and(|word| word.starts_with('#'));
        if !is_cards || is_comment {
            kept.extend_from_slice(line);
            kept.push(b'\n');
        }
    }
    let mut text = String::new();
    if !String::from_utf8_lossy(&kept).contains("iface lo ") {
        text.push_str("auto lo\niface lo inet loopback\n");
    }
    for (at, nic) in seed.nics.iter().enumerate() {
        let name = if udev {
            format!("vp{at}")
        } else {
            format!("eth{at}")
        };
        text.push_str(&format!("auto {name}\niface {name} inet "));
        match nic.addressing {
            Addressing::Dhcp { routes: true } => text.push_str("dhcp\n"),
            Addressing::Dhcp { routes: false } => text.push_str("dhcp\n    metric 1000\n"),
            Addressing::Fixed {
                ip,
                prefix,
                gateway,
                dns,
            } => {
                text.push_str(&format!("static\n    address {ip}/{prefix}\n"));
                if let Some(gateway) = gateway {
                    text.push_str(&format!("    gateway {gateway}\n"));
                }
                if let Some(dns) = dns {
                    text.push_str(&format!("    dns-nameservers {dns}\n"));
                }
            }
        }
    }
    same(found, path, block(&kept, &text, false), 0o644)
}

/// Whether it is the name of a card: the kernel's, udev's, or ours of an earlier time.
fn is_card(name: &str) -> bool {
    let numbered = |begin: &str| {
        let rest = name.strip_prefix(begin);
        rest.is_some_and(|rest| {
            rest.starts_with(|c: char| c.is_ascii_digit()) && !rest.contains('.')
        })
    };
    numbered("eth") || numbered("ens") || numbered("enp") || numbered("eno") || numbered("vp")
}
