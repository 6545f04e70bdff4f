//! The server of names knows who came, and is reached by all. It reads its names anew after Podman is done with a
//! start, and answers nobody while it does.

use super::Doer;
use super::names::pid_file;
use crate::engine::podman;
use crate::state::listeners::{UdpSocket, udp_sockets_of};
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

/// How long the server may take to know a container that came.
const KNOWN_WITHIN: Duration = Duration::from_secs(1);

const DNS: u16 = 53;

impl Doer<'_> {
    /// Where the server listens now: what it listens at with other sockets later knows who came meanwhile.
    pub(super) fn served(&self) -> Vec<UdpSocket> {
        let server = self.server();
        server.map_or_else(Vec::new, |server| udp_sockets_of(server, DNS))
    }

    /// Waits until the server answers on the networks of a container that came.
    pub(super) fn await_names(&self, before: &[UdpSocket], networks: &[String]) {
        let gateways = self.gateways(networks);
        let until = Instant::now() + KNOWN_WITHIN;
        let mut pause = Duration::from_millis(1);
        loop {
            let sockets = self.served();
            let keeps = self.shared.keeps_sockets();
            let is_new = |socket: &UdpSocket| keeps || !before.contains(socket);
            let serves = |gateway: &Ipv4Addr| {
                let mut all = sockets.iter();
                all.any(|socket| socket.address == *gateway && is_new(socket))
            };
            if gateways.iter().all(serves) {
                return;
            }
            if Instant::now() > until {
                if !sockets.is_empty() && !sockets.iter().any(is_new) {
                    // A later server, which answers while it reads.
                    self.shared.keep_sockets();
                }
                return;
            }
            if self.interrupt.wait(pause) {
                return;
            }
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }

    /// A bridge has the least hardware address of what is on it, so another one with each machine that comes
    /// or goes, and its neighbours send what is for it, lookups first of all, to the old one for half a minute.
    /// One that was set stays.
    pub(super) fn keep_bridges(&self, networks: &[String]) {
        let gateways = self.gateways(networks);
        let inside = match self.rootless {
            false => None,
            true => match self.server() {
                Some(server) => Some(server),
                None => return,
            },
        };
        if gateways.is_empty() {
            return;
        }
        let outcome = self.run(&podman::bridges(inside));
        for bridge in podman::read_bridges(&outcome) {
            if bridge.has_any(&gateways) && self.shared.keeps(&bridge) {
                self.run(&podman::keep_address(&bridge, inside));
            }
        }
    }

    fn server(&self) -> Option<u32> {
        let pid = std::fs::read_to_string(pid_file(&self.networks_folder())).ok()?;
        pid.trim().parse().ok()
    }

    /// Where the server listens on networks: the first line of what it reads of each.
    fn gateways(&self, networks: &[String]) -> Vec<Ipv4Addr> {
        let folder = self.networks_folder().join("aardvark-dns");
        let gateway = |network: &String| {
            let text = std::fs::read_to_string(folder.join(network)).ok()?;
            let mut words = text.lines().next()?.split([',', ' ']);
            words.find_map(|word| word.parse().ok())
        };
        networks.iter().filter_map(gateway).collect()
    }
}
