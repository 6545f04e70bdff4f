//! A fixed address is the machine's alone: before it starts, nothing else on the network has it.

use super::super::{Halt, Job};
use super::Domain;
use super::lease::SSH;
use crate::call::run::is_anyone_at;
use crate::diagnostic::Diagnostic;
use crate::engine::libvirt::{self, Lease};
use crate::source::Origin;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// As long as a neighbour may take to answer; it is no further away than the host's own bridge.
const KNOCK: Duration = Duration::from_millis(250);

impl Domain<'_, '_> {
    /// What has a machine's address has a lease of it, or answers at it. The machine itself does not run.
    pub(super) fn addresses_are_free(&self, job: &Job) -> Result<(), Halt> {
        let macs = job.record.vm.as_ref().map(|vm| &vm.macs);
        for attached in &job.record.networking.attached {
            let Some(ip) = attached.ip_address else {
                continue;
            };
            self.0.go_on()?;
            let own = macs.and_then(|macs| macs.get(&attached.engine));
            let told = self.0.run(&libvirt::all_leases(&attached.engine));
            let leases = libvirt::read_leases(&told);
            let other = leases
                .iter()
                .find(|lease| lease.ip == ip && Some(&lease.mac) != own);
            let who = match other {
                Some(lease) => Some(leased(lease)),
                None => is_anyone_at(SocketAddr::from((ip, SSH)), KNOCK)
                    .then(|| "something answers there".to_owned()),
            };
            if let Some(who) = who {
                return Err(taken(ip, &who).at_origin(written(job, ip)).into());
            }
        }
        Ok(())
    }
}

fn leased(lease: &Lease) -> String {
    match &lease.host {
        Some(host) => format!("libvirt leased it to '{host}' ({})", lease.mac),
        None => format!("libvirt leased it to {}", lease.mac),
    }
}

fn taken(ip: Ipv4Addr, who: &str) -> Diagnostic {
    Diagnostic::error(1301)
        .message(format!("Address {ip} is already used: {who}"))
        .help("write another address, or end what has it; then vagrantp up")
}

/// Where it is written.
fn written(job: &Job, ip: Ipv4Addr) -> Origin {
    let attachments = job.machine.iter().flat_map(|machine| &machine.networks);
    let mut written = attachments.filter_map(|attachment| attachment.ip.as_ref());
    written
        .find(|written| written.value == ip)
        .map_or(Origin::Default, |written| written.origin)
}
