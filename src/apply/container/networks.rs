//! A machine's networks are made before it, and go with the last machine that is on them.

use super::{Doer, Halt, Job};
use crate::call::Outcome;
use crate::engine::{failure, podman};
use crate::model::joined::{Joined, Network};

impl Doer<'_> {
    /// Makes the networks that are not there. Those of the host and the project are as they are remembered;
    /// one that the project names may be written otherwise than it was made.
    pub(super) fn networks(&self, joined: &[Joined], known: &[String]) -> Result<(), Halt> {
        for Joined { network, .. } in joined {
            let all = &self.shared.networks;
            if network.own {
                all.get(&network.name, || self.own_network(network))?;
            } else if !known.contains(&network.name) {
                all.get(&network.name, || self.network(network))?;
            }
        }
        Ok(())
    }

    pub(super) fn network(&self, network: &Network) -> Result<(), Halt> {
        let mut outcome = self.create_network(network)?;
        // Bounded by how many interfaces may go one after the other while Podman counts them.
        for _ in 0..20 {
            if !podman::was_crossed_by_interface(&outcome) {
                break;
            }
            outcome = self.create_network(network)?;
        }
        if outcome.ok() || podman::network_exists(&outcome) {
            return Ok(());
        }
        if self.interrupt.count() > 0 {
            return Err(Halt::Interrupted);
        }
        Err(failure::read(&outcome).into())
    }

    fn create_network(&self, network: &Network) -> Result<Outcome, Halt> {
        self.go_on()?;
        Ok(self.run(&podman::create_network(network)))
    }

    /// A network that is there otherwise than written is made anew: whatever is on it differs too, and comes
    /// back to it when it is made anew itself.
    fn own_network(&self, network: &Network) -> Result<(), Halt> {
        self.go_on()?;
        let outcome = self.run(&podman::inspect_network(network));
        match podman::is_as_meant(network, &outcome) {
            Some(true) => return Ok(()),
            Some(false) => {
                let users = self.must(&podman::users_of(&network.name))?;
                for user in users.stdout.lines() {
                    self.run(&podman::disconnect(&network.name, user));
                }
                self.must(&podman::remove_network(&network.name))?;
            }
            None => {}
        }
        self.network(network)
    }

    /// The networks that the machine was on before it was made anew go, where nothing else is on them.
    pub(super) fn leave_networks(&self, job: &mut Job, joined: &[Joined]) {
        let networks = &mut job.record.networking.networks;
        let left = |name: &mut String| joined.iter().all(|joined| joined.network.name != *name);
        for left in networks.extract_if(.., left) {
            self.drop_network(&left);
        }
    }
}
