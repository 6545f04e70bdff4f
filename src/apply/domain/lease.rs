//! Where the guest is: a fixed address, or the one that it was leased.

use super::super::made::Made;
use super::super::{Doer, Halt, Job};
use super::Domain;
use crate::engine::libvirt;
use crate::state::record::MachineRecord;
use crate::value::Provider;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

/// Where every guest's sshd listens.
pub(super) const SSH: u16 = 22;

impl Domain<'_, '_> {
    /// Settles the address under which the host reaches the guest.
    pub(super) fn address(&self, job: &mut Job) -> Result<(), Halt> {
        let Some(made) = job.made(self.0) else {
            return Ok(());
        };
        let address = match (fixed(&job.record), card(&job.record)) {
            (Some(ip), _) => ip,
            (None, Some(_)) => self.leased(job, &made)?,
            (None, None) => return Ok(()),
        };
        job.record.access.address = address;
        job.record.access.port = Some(SSH);
        // From here on it can be entered, whoever ends us.
        let stage = job.record.stage;
        self.0.save(job, stage)
    }

    fn leased(&self, job: &Job, made: &Made) -> Result<Ipv4Addr, Halt> {
        let stage = self
            .0
            .stage("boot", "until it has an address", self.0.eta(job, "boot"));
        let until = Instant::now() + job.patience();
        let mut pause = Duration::from_millis(50);
        if let Some((network, mac)) = card(&job.record) {
            self.0.ui.call(&libvirt::leases(network, mac).to_string());
        }
        loop {
            self.0.go_on()?;
            if let Some(ip) = self.0.leased_now(&job.record) {
                stage.done(&format!("address {ip}"));
                return Ok(ip);
            }
            if let Some(how) = self.0.gone(made) {
                return Err(self.0.boot_failed(made, &how).into());
            }
            if Instant::now() >= until {
                let text = "it took no address";
                return Err(self.0.silent(job, made, text, None).into());
            }
            self.0.interrupt.wait(pause);
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }
}

impl Doer<'_> {
    /// The address that a machine has from libvirt's server as of now. A machine that boots again may take
    /// another one, while its old lease goes on for an hour.
    pub(in super::super) fn leased_now(&self, record: &MachineRecord) -> Option<Ipv4Addr> {
        if fixed(record).is_some() {
            return None;
        }
        let (network, mac) = card(record)?;
        let call = libvirt::leases(network, mac);
        libvirt::read_lease(&crate::call::run::run(&call, self.interrupt, None))
    }

    /// How its lease stands, in words.
    pub(in super::super) fn lease_state(&self, record: &MachineRecord) -> Option<String> {
        if let Some(ip) = fixed(record) {
            return Some(format!("address: {ip} is a fixed one, no lease"));
        }
        let (network, mac) = card(record)?;
        Some(match self.leased_now(record) {
            Some(ip) => format!("lease: {ip} for {mac} on network {network}"),
            None => format!("lease: none for {mac} on network {network}"),
        })
    }
}

/// The fixed address on the network by which the host reaches it.
fn fixed(record: &MachineRecord) -> Option<Ipv4Addr> {
    let first = record.networking.attached.first();
    first.and_then(|attached| attached.ip_address)
}

/// That network, and the hardware address of the machine's card on it.
fn card(record: &MachineRecord) -> Option<(&str, &str)> {
    let network = record.networking.networks.first()?;
    let vm = record.vm.as_ref();
    let vm = vm.filter(|_| record.provider == Provider::Libvirt)?;
    Some((network, vm.macs.get(network)?))
}
