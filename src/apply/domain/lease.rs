//! Where the guest is: a fixed address, or the one that it was leased.

use super::super::made::Made;
use super::super::{Halt, Job};
use super::Domain;
use crate::call::run::run;
use crate::diagnostic::Diagnostic;
use crate::engine::libvirt;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

/// Where every guest's sshd listens.
const SSH: u16 = 22;

impl Domain<'_, '_> {
    /// Settles the address under which the host reaches the guest.
    pub(super) fn address(&self, job: &mut Job) -> Result<(), Halt> {
        let (Some(vm), Some(made)) = (job.record.vm.clone(), job.made(self.0)) else {
            return Ok(());
        };
        let first = job.record.networking.attached.first();
        let fixed = first.and_then(|attached| attached.ip_address);
        let network = job.record.networking.networks.first().cloned();
        let network = network.unwrap_or_default();
        let address = match (fixed, vm.macs.get(&network)) {
            (Some(ip), _) => ip,
            (None, Some(mac)) => self.leased(job, &made, &network, mac)?,
            (None, None) => return Ok(()),
        };
        job.record.access.address = address;
        job.record.access.port = Some(SSH);
        // From here on it can be entered, whoever ends us.
        let stage = job.record.stage;
        self.0.save(job, stage)
    }

    fn leased(&self, job: &Job, made: &Made, network: &str, mac: &str) -> Result<Ipv4Addr, Halt> {
        let stage = self
            .0
            .stage("boot", "until it has an address", self.0.eta(job, "boot"));
        let until = Instant::now() + job.patience();
        let mut pause = Duration::from_millis(50);
        let call = libvirt::leases(network, mac);
        self.0.ui.call(&call.to_string());
        loop {
            self.0.go_on()?;
            let outcome = run(&call, self.0.interrupt, None);
            if let Some(ip) = libvirt::read_lease(&outcome) {
                stage.done(&format!("address {ip}"));
                return Ok(ip);
            }
            if let Some(how) = self.0.gone(made) {
                return Err(self.0.boot_failed(made, &how).into());
            }
            if Instant::now() >= until {
                return Err(self.no_address(job, made).into());
            }
            self.0.interrupt.wait(pause);
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    fn no_address(&self, job: &Job, made: &Made) -> Diagnostic {
        let words = self.0.last_words(made);
        let lines: Vec<&str> = words
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let from = lines.len().saturating_sub(8);
        let seconds = job.patience().as_secs();
        Diagnostic::error(1202)
            .message(format!(
                "Machine '{}' is not ready in time: it took no address within {seconds} s",
                job.record.id
            ))
            .help("see its console above, or write a longer BOOT_TIMEOUT; then vagrantp up")
            .details(lines[from..].iter().map(ToString::to_string))
    }
}
