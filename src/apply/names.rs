//! The server of names of Podman's networks. It ends with the last container and is started with the first, and
//! Podman 4 takes one that is just ending for one that runs: then no name leads anywhere. When a container comes,
//! it reads its names anew after Podman is done, and answers nobody while it does.

use super::Doer;
use crate::engine::podman;
use crate::state::listeners::{UdpSocket, udp_sockets_of};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the server may take to know a container that came.
const KNOWN_WITHIN: Duration = Duration::from_secs(1);

/// How long a server that is being started may have no process yet.
const BEGUN_WITHIN: Duration = Duration::from_millis(300);

const DNS: u16 = 53;

impl Doer<'_> {
    /// Where the server listens now: what it listens at later, with new sockets, knows who came meanwhile.
    pub(super) fn served(&self) -> Vec<UdpSocket> {
        let server = alive(&self.names_folder().join("aardvark.pid"));
        server.map_or_else(Vec::new, |server| udp_sockets_of(server, DNS))
    }

    /// Waits until the server answers on the networks of a container that just came, and has it started again
    /// where it is dead: by that container, whose connections nobody has yet.
    pub(super) fn serve_names(&self, before: &[UdpSocket], engine_id: &str, networks: &[String]) {
        let folder = self.names_folder();
        let gateways: Vec<Ipv4Addr> = networks
            .iter()
            .filter_map(|network| gateway(&folder.join(network)))
            .collect();
        if gateways.is_empty() {
            return;
        }
        let pid_file = folder.join("aardvark.pid");
        let (began, mut pause) = (Instant::now(), Duration::from_millis(1));
        let mut is_begun_anew = false;
        loop {
            if let Some(server) = alive(&pid_file) {
                let sockets = udp_sockets_of(server, DNS);
                let is_new = |socket: &UdpSocket| !before.contains(socket);
                let serves = |gateway: &Ipv4Addr| {
                    let keeps = self.shared.keeps_sockets();
                    let mut all = sockets.iter();
                    all.any(|one| one.address == *gateway && (keeps || is_new(one)))
                };
                let is_late = began.elapsed() > KNOWN_WITHIN;
                if is_late && !sockets.iter().any(is_new) {
                    // A later server, which reads its names without a pause.
                    self.shared.keep_sockets();
                }
                if is_late || gateways.iter().all(serves) {
                    return self.keep_bridges(server, &gateways);
                }
            } else if is_begun_anew && began.elapsed() > KNOWN_WITHIN {
                return;
            } else if !is_begun_anew && (pid_file.exists() || began.elapsed() > BEGUN_WITHIN) {
                // Podman would take the number for a process that runs.
                let _ = std::fs::remove_file(&pid_file);
                self.run(&podman::reload_network(engine_id));
                is_begun_anew = true;
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
    fn keep_bridges(&self, server: u32, gateways: &[Ipv4Addr]) {
        let inside = self.rootless.then_some(server);
        let outcome = self.run(&podman::bridges(inside));
        for bridge in podman::read_bridges(&outcome) {
            let is_ours = bridge.has_any(gateways);
            if is_ours && self.shared.keeps(&bridge) {
                self.run(&podman::keep_address(&bridge, inside));
            }
        }
    }

    fn names_folder(&self) -> PathBuf {
        let own = self.runtime.parent().filter(|_| self.rootless);
        let base = own.unwrap_or(Path::new("/run"));
        base.join("containers/networks/aardvark-dns")
    }
}

/// Where the server listens on a network: the first line of what it reads of it.
fn gateway(network: &Path) -> Option<Ipv4Addr> {
    let text = std::fs::read_to_string(network).ok()?;
    let mut words = text.lines().next()?.split([',', ' ']);
    words.find_map(|word| word.parse().ok())
}

/// The process that a file names, unless it has ended, reaped or not.
fn alive(pid_file: &Path) -> Option<u32> {
    let pid = std::fs::read_to_string(pid_file).ok()?;
    let pid = pid.trim().parse().ok()?;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    (!rest.trim_start().starts_with('Z')).then_some(pid)
}
