//! The networks of virtual machines: made before them, and gone with the last machine that is on them.

use super::super::{Halt, Job};
use super::Domain;
use crate::diagnostic::Diagnostic;
use crate::engine::libvirt::{self, Net};
use crate::model::joined::Joined;
use crate::state::ledger::Ledger;
use crate::state::record::MachineRecord;
use crate::value::{Provider, Subnet};

/// How often a subnet may turn out to be somebody else's.
const TRIES: usize = 8;

impl Domain<'_, '_> {
    /// Has all networks of a machine there and running, and its addresses free on them.
    pub(super) fn networks(&self, job: &Job) -> Result<(), Halt> {
        let attached = job.record.networking.attached.iter();
        let joined = job
            .machine
            .map(|machine| Joined::all(machine, job.identity.project));
        let wanted: Vec<(String, Option<Subnet>, bool)> = match joined {
            Some(joined) => joined
                .into_iter()
                .map(|it| (it.network.name, it.network.subnet, it.network.internal))
                .collect(),
            None => attached
                .map(|it| {
                    let subnet = it
                        .subnet
                        .as_deref()
                        .and_then(|text| Subnet::parse(text).ok());
                    (it.engine.clone(), subnet, it.internal)
                })
                .collect(),
        };
        for (name, subnet, is_internal) in wanted {
            let made = || self.network(&name, subnet, is_internal);
            self.0
                .shared
                .networks
                .get(&format!("libvirt {name}"), made)?;
        }
        self.addresses_are_free(job)
    }

    fn network(&self, name: &str, chosen: Option<Subnet>, is_internal: bool) -> Result<(), Halt> {
        let state = self.0.run(&libvirt::network_state(name));
        let is = |word: &str, value: &str| {
            let mut lines = state.stdout.lines();
            lines.any(|line| line.starts_with(word) && line.ends_with(value))
        };
        if is("Active:", "yes") {
            return Ok(());
        }
        let mut is_there = state.ok();
        let routes = self.must(&libvirt::routes())?;
        let taken = libvirt::read_routes(&routes);
        let free = |subnet: &Subnet| taken.iter().all(|other| !other.overlaps(*subnet));
        let mut subnets = libvirt::subnets(name).filter(free).take(TRIES);
        loop {
            self.0.go_on()?;
            if !is_there {
                let Some(subnet) = chosen.or_else(|| subnets.next()) else {
                    return Err(no_subnet().into());
                };
                let call = libvirt::define_network(name, subnet, is_internal, chosen.is_some());
                let outcome = self.0.run(&call);
                // Another one of this user's may have been first.
                if !outcome.stderr.contains("already exists") {
                    self.check(outcome)?;
                }
            }
            let outcome = self.0.run(&libvirt::start_network(name));
            if outcome.ok() || outcome.stderr.contains("already active") {
                return Ok(());
            }
            let is_taken = outcome.stderr.contains("already in use");
            if !is_taken || chosen.is_some() {
                return self.check(outcome).map(drop);
            }
            self.must(&libvirt::undefine_network(name))?;
            is_there = false;
        }
    }

    /// A network as libvirt has it.
    pub(super) fn network_of(&self, name: &str) -> Result<Net, Halt> {
        let outcome = self.must(&libvirt::dump_network(name))?;
        libvirt::read_network(&outcome).ok_or_else(|| libvirt::failed(&outcome).into())
    }

    /// Takes networks away that no machine is on any more: libvirt would take one from its machines too.
    pub(super) fn leave_networks(&self, job: &Job) {
        let ledger = Ledger::read(self.0.state);
        let me = &job.record;
        // Of this project, what counts are the steps of this run, and the machines that libvirt has.
        let is_other = |record: &MachineRecord| {
            record.provider == Provider::Libvirt && record.project != me.project
        };
        for name in &me.networking.networks {
            if !self.0.shared.leaves(Provider::Libvirt, name) {
                continue;
            }
            let mut others = ledger.entries.iter().map(|entry| &entry.record);
            let is_used =
                others.any(|other| is_other(other) && other.networking.networks.contains(name));
            if is_used || self.is_used(name) {
                continue;
            }
            for call in libvirt::remove_network(name) {
                // One that is not there, or is stopped already, is fine.
                self.0.run(&call);
            }
        }
    }

    /// Whether any domain, of whichever user, names a network.
    fn is_used(&self, name: &str) -> bool {
        let outcome = self.0.run(&libvirt::look());
        let Ok(all) = libvirt::read_look(&outcome) else {
            return true;
        };
        let uuids: Vec<&str> = all.iter().map(|seen| seen.engine_id.as_str()).collect();
        if uuids.is_empty() {
            return false;
        }
        let outcome = self.0.run(&libvirt::users_of(&uuids));
        let mut words = outcome.stdout.split_whitespace();
        !outcome.ok() || words.any(|word| word == name)
    }
}

fn no_subnet() -> Diagnostic {
    Diagnostic::error(1301)
        .message("No subnet is left for the machine's network")
        .help("see what the host routes: ip route, and remove what is not needed: vagrantp ls")
}
