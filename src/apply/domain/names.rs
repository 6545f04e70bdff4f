//! Machines of a project find each other by name, as containers do: the server of each network knows them.

use super::super::Job;
use super::Domain;
use crate::engine::libvirt;
use std::net::Ipv4Addr;

impl Domain<'_, '_> {
    /// Has each network of a machine know its names. What fails here fails nobody's `up`: the machine runs.
    pub(super) fn announce(&self, job: &Job) {
        let Some(vm) = &job.record.vm else { return };
        let names = names(job);
        for network in &job.record.networking.networks {
            let mut attached = job.record.networking.attached.iter();
            let attached = attached.find(|attached| attached.engine == *network);
            let fixed = attached.and_then(|attached| attached.ip_address);
            let leased = || {
                let mac = vm.macs.get(network)?;
                libvirt::read_lease(&self.0.run(&libvirt::leases(network, mac)))
            };
            if let Some(address) = fixed.or_else(leased) {
                self.know(network, address, &names);
            }
        }
    }

    fn know(&self, network: &str, address: Ipv4Addr, names: &[&str]) {
        let known = libvirt::read_names(&self.0.run(&libvirt::dump_network(network)));
        let ours = known
            .iter()
            .filter(|known| names.contains(&known.name.as_str()));
        let ours: Vec<_> = ours.collect();
        let is_right =
            ours.len() == names.len() && ours.iter().all(|known| known.address == address);
        if is_right {
            return;
        }
        let mut old: Vec<Ipv4Addr> = ours.iter().map(|known| known.address).collect();
        old.dedup();
        for old in old {
            self.0.run(&libvirt::set_names(network, old, names, false));
        }
        self.0
            .run(&libvirt::set_names(network, address, names, true));
    }

    /// Has no network know its names any more.
    pub(super) fn withdraw_names(&self, job: &Job) {
        let names = names(job);
        for network in &job.record.networking.networks {
            let known = libvirt::read_names(&self.0.run(&libvirt::dump_network(network)));
            let ours = known
                .iter()
                .find(|known| names.contains(&known.name.as_str()));
            if let Some(known) = ours {
                self.0
                    .run(&libvirt::set_names(network, known.address, &names, false));
            }
        }
    }
}

/// What it is called: by the project's other machines, and by its id.
fn names<'a>(job: &'a Job) -> Vec<&'a str> {
    let own = job.identity.machine.as_str();
    let is_name = !own.is_empty() && own.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let mut names = vec![job.record.id.as_str()];
    names.extend(is_name.then_some(own).filter(|own| *own != job.record.id));
    names
}
