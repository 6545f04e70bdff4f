//! Who listens on a port of the host.

use crate::value::Protocol;
use std::fs;
use std::io;
use std::net::{self, Ipv4Addr, Ipv6Addr, TcpListener};
use std::path::Path;

/// A socket that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Its process; unknown where it is another user's.
    pub pid: Option<u32>,
    /// The process's name.
    pub command: Option<String>,
    /// Where it listens; `0.0.0.0` also for one on all addresses of both families.
    pub address: Ipv4Addr,
}

/// Whether a port can be had, found out by having it for a moment.
///
/// # Errors
/// `AddrInUse`, `PermissionDenied` for a privileged port, `AddrNotAvailable` for an address that
/// is not the host's, or whatever else the system says.
pub fn bindable(address: Ipv4Addr, port: u16, protocol: Protocol) -> Result<(), io::ErrorKind> {
    let bound = match protocol {
        Protocol::Tcp => TcpListener::bind((address, port)).map(drop),
        Protocol::Udp => net::UdpSocket::bind((address, port)).map(drop),
    };
    bound.map_err(|error| error.kind())
}

/// Whether a port cannot be had at every address and for both protocols.
pub fn is_taken(port: u16) -> bool {
    let free = |protocol| bindable(Ipv4Addr::UNSPECIFIED, port, protocol).is_ok();
    !(free(Protocol::Tcp) && free(Protocol::Udp))
}

/// The socket that keeps a port from being bound, if one is seen. Whether the port is free is
/// [`bindable`]'s to say: this only names who has it.
pub fn listener(address: Ipv4Addr, port: u16, protocol: Protocol) -> Option<Listener> {
    let table = |path: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        sockets(&text, protocol)
    };
    let four = table(&format!("/proc/net/{protocol}"));
    let six = table(&format!("/proc/net/{protocol}6"));
    let any = |one: &Ipv4Addr| one.is_unspecified() || address.is_unspecified();
    let (address, _, inode) = four
        .into_iter()
        .chain(six)
        .find(|(found, at, _)| *at == port && (*found == address || any(found)))?;
    let pid = owner(inode);
    let comm = |pid: u32| fs::read_to_string(format!("/proc/{pid}/comm")).ok();
    Some(Listener {
        pid,
        command: pid.and_then(comm).map(|name| name.trim().to_owned()),
        address,
    })
}

/// Whether something listens on a TCP port where a process lives, which may be a network of its own.
/// Nothing where that cannot be seen.
pub fn listens_in(pid: u32, port: u16) -> Option<bool> {
    let table = |name: &str| fs::read_to_string(format!("/proc/{pid}/net/{name}"));
    let four = table("tcp").ok()?;
    Some(lists_listener(&four, port) || lists_listener(&table("tcp6").unwrap_or_default(), port))
}

/// A socket that takes datagrams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UdpSocket {
    /// Where.
    pub address: Ipv4Addr,
    /// The kernel's number of it: no later one has the same.
    pub inode: u64,
}

/// The sockets at a UDP port where a process lives, which may be a network of its own.
pub fn udp_sockets_of(pid: u32, port: u16) -> Vec<UdpSocket> {
    let text = fs::read_to_string(format!("/proc/{pid}/net/udp")).unwrap_or_default();
    let all = sockets(&text, Protocol::Udp).into_iter();
    all.filter(|(_, at, _)| *at == port)
        .map(|(address, _, inode)| UdpSocket { address, inode })
        .collect()
}

/// Whether a table of TCP sockets has one that listens on a port, whatever its address.
pub fn lists_listener(table: &str, port: u16) -> bool {
    let listens = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().take(4).collect();
        let [_, local, _, "0A"] = words[..] else {
            return false;
        };
        let at = local.rsplit_once(':').map(|(_, port)| port);
        at.is_some_and(|at| u16::from_str_radix(at, 16) == Ok(port))
    };
    table.lines().any(listens)
}

/// The listening sockets of a table: IPv4 address, port, inode. IPv6 ones count where they also
/// take IPv4: on `::`, and on mapped addresses.
fn sockets(text: &str, protocol: Protocol) -> Vec<(Ipv4Addr, u16, u64)> {
    let waiting = match protocol {
        Protocol::Tcp => "0A",
        Protocol::Udp => "07",
    };
    let socket = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, local, _, state, _, _, _, _, _, inode, ..] = words[..] else {
            return None;
        };
        let (address, port) = local.split_once(':')?;
        let port = u16::from_str_radix(port, 16).ok()?;
        let found = (four(address)?, port, inode.parse().ok()?);
        (state == waiting).then_some(found)
    };
    text.lines().skip(1).filter_map(socket).collect()
}

/// An address as the kernel prints it: words of 32 bits, each in the host's byte order.
fn four(hex: &str) -> Option<Ipv4Addr> {
    let word = |at: usize| {
        let digits = hex.get(at..at + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    match hex.len() {
        8 => word(0).map(Ipv4Addr::from),
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?];
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            match Ipv6Addr::from(bytes) {
                Ipv6Addr::UNSPECIFIED => Some(Ipv4Addr::UNSPECIFIED),
                other => other.to_ipv4_mapped(),
            }
        }
        _ => None,
    }
}

/// The process that has a socket open.
fn owner(inode: u64) -> Option<u32> {
    let wanted = format!("socket:[{inode}]");
    let has = |pid: &u32| {
        let files = fs::read_dir(format!("/proc/{pid}/fd"))
            .into_iter()
            .flatten();
        let mut links = files.flatten().map(|file| fs::read_link(file.path()));
        links.any(|link| link.is_ok_and(|to| to == Path::new(&wanted)))
    };
    let entries = fs::read_dir("/proc").ok()?.flatten();
    let mut pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.find(has)
}

#[cfg(test)]
mod tests {
    use super::{bindable, listener, listens_in, udp_sockets_of};
    use crate::value::Protocol;
    use std::io::ErrorKind;
    use std::net::{Ipv4Addr, TcpListener, UdpSocket};

    #[test]
    fn a_listener_is_found_with_its_process() {
        let (all, local) = (Ipv4Addr::UNSPECIFIED, Ipv4Addr::LOCALHOST);
        let other = Ipv4Addr::new(127, 0, 0, 2);
        let socket = TcpListener::bind((local, 0)).unwrap();
        let port = socket.local_addr().unwrap().port();
        for asked in [local, all] {
            let found = listener(asked, port, Protocol::Tcp).unwrap();
            assert_eq!(found.pid, Some(std::process::id()));
            assert!(found.command.is_some_and(|name| !name.is_empty()));
            assert_eq!(found.address, local);
            let refused = bindable(asked, port, Protocol::Tcp);
            assert_eq!(refused, Err(ErrorKind::AddrInUse));
        }
        assert_eq!(listener(other, port, Protocol::Tcp), None);
        assert_eq!(bindable(other, port, Protocol::Tcp), Ok(()));
    }

    #[test]
    fn a_listener_on_all_addresses_is_in_the_way_of_each() {
        let socket = TcpListener::bind(("::", 0)).or_else(|_| TcpListener::bind(("0.0.0.0", 0)));
        let socket = socket.unwrap();
        let port = socket.local_addr().unwrap().port();
        let found = listener(Ipv4Addr::LOCALHOST, port, Protocol::Tcp).unwrap();
        assert_eq!(found.address, Ipv4Addr::UNSPECIFIED);
    }

    #[test]
    fn a_process_shows_what_listens_beside_it() {
        let own = std::process::id();
        for address in ["127.0.0.1:0", "[::1]:0"] {
            // A host may have no IPv6.
            let Ok(socket) = TcpListener::bind(address) else {
                continue;
            };
            let port = socket.local_addr().unwrap().port();
            assert_eq!(listens_in(own, port), Some(true), "{address}");
            drop(socket);
            assert_eq!(listens_in(own, port), Some(false), "{address}");
        }
        assert_eq!(listens_in(u32::MAX, 80), None);
    }

    #[test]
    fn udp_has_ports_of_its_own() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = socket.local_addr().unwrap().port();
        let found = listener(Ipv4Addr::LOCALHOST, port, Protocol::Udp).unwrap();
        assert_eq!(found.pid, Some(std::process::id()));
        let refused = bindable(Ipv4Addr::LOCALHOST, port, Protocol::Udp);
        assert_eq!(refused, Err(ErrorKind::AddrInUse));
        let seen = |address: Ipv4Addr| {
            let all = udp_sockets_of(std::process::id(), port).into_iter();
            all.filter(|one| one.address == address).collect::<Vec<_>>()
        };
        let first = seen(Ipv4Addr::LOCALHOST);
        assert_eq!(first.len(), 1);
        drop(socket);
        let _again = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        assert_ne!(seen(Ipv4Addr::LOCALHOST), first);
    }
}
