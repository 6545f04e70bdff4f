//! Asks the host about itself.

use crate::model::host::{Cgroup, Distribution, Host, Interface, Route};
use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// The host's facts, as they are now. What cannot be read is zero or empty.
pub fn gather() -> Host {
    let uid = rustix::process::geteuid().as_raw();
    let memory = read("/proc/meminfo");
    let user = passwd(uid).map(|(name, _)| name);
    let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Host {
        memory_total: meminfo(&memory, "MemTotal:"),
        memory_available: meminfo(&memory, "MemAvailable:"),
        cpus: cpus(),
        routes: routes(&read("/proc/net/route")),
        interfaces: interfaces(),
        uid,
        user: user
            .or_else(|| env("USER"))
            .unwrap_or_else(|| uid.to_string()),
        home: env("HOME").map(PathBuf::from).or_else(home_of_user),
        cgroup: cgroup(),
        ephemeral_ports: ephemeral_ports(),
        unprivileged_port: unprivileged_port(),
        distribution: distribution(&os_release()),
    }
}

/// The bytes that this user can still write where a path lies, or would lie.
pub fn free_disk(path: &Path) -> Option<u64> {
    let standing = path.ancestors().find(|path| path.exists())?;
    let stat = rustix::fs::statvfs(standing).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// The ports that the system hands out by itself.
pub fn ephemeral_ports() -> RangeInclusive<u16> {
    let text = read("/proc/sys/net/ipv4/ip_local_port_range");
    let mut words = text.split_whitespace().map(str::parse);
    match (words.next(), words.next()) {
        (Some(Ok(low)), Some(Ok(high))) if low <= high => low..=high,
        _ => 32_768..=60_999,
    }
}

/// This user's home as the system has it, for when `HOME` is not set.
pub fn home_of_user() -> Option<PathBuf> {
    let (_, home) = passwd(rustix::process::geteuid().as_raw())?;
    home.is_absolute().then_some(home)
}

fn read(path: &str) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn meminfo(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|rest| rest.split_whitespace().next());
    kib.and_then(|word| word.parse::<u64>().ok())
        .unwrap_or(0)
        .saturating_mul(1024)
}

/// The host's CPUs, not the share of them that this process was given.
fn cpus() -> u32 {
    let text = read("/sys/devices/system/cpu/online");
    let spans = text.trim().split(',').map(|span| {
        let (low, high) = span.split_once('-').unwrap_or((span, span));
        let (low, high) = (low.parse::<u32>().ok()?, high.parse::<u32>().ok()?);
        high.checked_sub(low).map(|more| more + 1)
    });
    let counted = spans.sum::<Option<u32>>();
    let own = || std::thread::available_parallelism().map_or(1, |count| count.get() as u32);
    counted.unwrap_or_else(own)
}

/// The routes of `/proc/net/route`: addresses in hexadecimal, in the host's byte order.
fn routes(text: &str) -> Vec<Route> {
    const UP: u32 = 1;
    let address = |word: &str| {
        let bits = u32::from_str_radix(word, 16).ok()?;
        Some(Ipv4Addr::from(bits.to_ne_bytes()))
    };
    let route = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, destination, gateway, flags, _, _, _, mask, ..] = words[..] else {
            return None;
        };
        let up = u32::from_str_radix(flags, 16).ok()? & UP != 0;
        up.then_some(Route {
            destination: address(destination)?,
            prefix: address(mask)?.to_bits().leading_ones() as u8,
            interface: name.to_owned(),
            gateway: address(gateway).filter(|gateway| !gateway.is_unspecified()),
        })
    };
    text.lines().skip(1).filter_map(route).collect()
}

fn interfaces() -> Vec<Interface> {
    const UP: u32 = 1;
    let mut addresses: BTreeMap<String, Vec<(Ipv4Addr, u8)>> = BTreeMap::new();
    for found in if_addrs::get_if_addrs().unwrap_or_default() {
        if let if_addrs::IfAddr::V4(v4) = found.addr {
            let of = addresses.entry(found.name).or_default();
            of.push((v4.ip, v4.netmask.to_bits().leading_ones() as u8));
        }
    }
    let folders = fs::read_dir("/sys/class/net").into_iter().flatten();
    let mut all: Vec<Interface> = folders
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let flags = fs::read_to_string(entry.path().join("flags")).ok()?;
            let flags = u32::from_str_radix(flags.trim().trim_start_matches("0x"), 16).ok()?;
            Some(Interface {
                addresses: addresses.remove(&name).unwrap_or_default(),
                is_bridge: entry.path().join("bridge").exists(),
                up: flags & UP != 0,
                name,
            })
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// Whether this user's containers can be limited in memory and CPUs.
pub fn limits_are_enforced() -> bool {
    cgroup().lets_limit(rustix::process::geteuid().as_raw())
}

fn cgroup() -> Cgroup {
    match Path::new("/sys/fs/cgroup/cgroup.controllers").exists() {
        true => Cgroup::V2,
        false => Cgroup::V1,
    }
}

/// A user's name and home in `/etc/passwd`.
fn passwd(uid: u32) -> Option<(String, PathBuf)> {
    let text = read("/etc/passwd");
    text.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, number, _, _, home, ..] = fields[..] else {
            return None;
        };
        let ours = number.parse() == Ok(uid);
        ours.then(|| (name.to_owned(), PathBuf::from(home)))
    })
}

fn os_release() -> String {
    let text = read("/etc/os-release");
    match text.is_empty() {
        true => read("/usr/lib/os-release"),
        false => text,
    }
}

fn distribution(text: &str) -> Distribution {
    let value = |name: &str| {
        let rest = text.lines().find_map(|line| {
            let rest = line.trim().strip_prefix(name)?;
            rest.strip_prefix('=')
        });
        let quotes = ['"', '\''];
        rest.unwrap_or("").trim_matches(quotes).to_owned()
    };
    let base = ["DEBIAN_CODENAME", "UBUNTU_CODENAME", "VERSION_CODENAME"];
    let mut codenames = base.map(value).into_iter();
    Distribution {
        id: value("ID"),
        like: value("ID_LIKE")
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        codename: codenames.find(|name| !name.is_empty()).unwrap_or_default(),
        pretty_name: value("PRETTY_NAME"),
    }
}

/// Linux lets an ordinary user listen from here on: ip(7).
fn unprivileged_port() -> u16 {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    text.ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(1024)
}

#[cfg(test)]
mod tests {
    use super::{distribution, free_disk, gather, routes};
    use std::path::Path;

    #[test]
    fn routes_are_read_as_the_kernel_writes_them() {
        let text = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
                    eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
                    eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n\
                    eth1\t0000000A\t00000000\t0000\t0\t0\t0\t000000FF\t0\t0\t0\n";
        let shown: Vec<String> = routes(text).iter().map(ToString::to_string).collect();
        let expected = ["0.0.0.0/0 via 192.0.2.1 dev eth0", "192.0.2.0/24 dev eth0"];
        if cfg!(target_endian = "little") {
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn a_distribution_is_read_with_and_without_quotes() {
        let found = distribution("PRETTY_NAME=\"Debian 13\"\nID=debian\nVERSION_ID='13'\n");
        assert_eq!((&*found.id, &*found.pretty_name), ("debian", "Debian 13"));
        assert_eq!(found.codename, "");
        let mint = "ID=linuxmint\nVERSION_CODENAME=virginia\nUBUNTU_CODENAME=jammy\n";
        assert_eq!(distribution(mint).codename, "jammy");
    }

    #[test]
    fn this_host_has_memory_processors_and_a_loopback() {
        let host = gather();
        assert!(host.memory_total >= host.memory_available && host.memory_available > 0);
        assert!(host.cpus > 0);
        let lo = host.interface("lo").expect("every host has a loopback");
        assert!(lo.up && !lo.is_bridge && lo.addresses[0].0.is_loopback());
        assert!(free_disk(Path::new("/no/such/folder")).is_some());
    }
}
