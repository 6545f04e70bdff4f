//! What a killed Podman left of a machine's networks in the kernel. As root it is there until the host boots anew; an
//! ordinary user's goes with the namespace of all of them.

use super::{Doer, Job};
use crate::call::Outcome;
use crate::engine::podman::leftovers::{self, Bridged};
use crate::engine::podman::{self};
use crate::value::Provider;

impl Doer<'_> {
    /// Removes a network that nothing uses any more, and what is left of it; whether it went.
    pub(super) fn drop_network(&self, name: &str) -> bool {
        let bridged = Bridged::read(name).filter(|_| !self.rootless);
        // In use by another machine, or gone: either is fine.
        if !self.run(&podman::remove_network(name)).ok() {
            return false;
        }
        if let Some(bridged) = bridged.filter(Bridged::is_there) {
            self.take_down(&bridged);
        }
        self.unlist(name);
        true
    }

    /// Clears what a container left that was never started: another one is about to have its ports, its addresses
    /// and its networks.
    pub(super) fn clear_up_after(&self, job: &mut Job, engine_id: &str) {
        let networks = &mut job.record.networking.networks;
        let alone = |name: &mut String| self.shared.is_alone(Provider::Podman, name);
        networks.retain_mut(|name| !(alone(name) && self.drop_network(name)));
        if self.rootless || networks.is_empty() {
            return;
        }
        let _alone = self.alone();
        let said = self.run(&leftovers::rules("nat"));
        if let Some(script) = leftovers::without_container(engine_id, &said.stdout) {
            self.run(&leftovers::take_rules_away(script));
        }
    }

    /// Whoever was on it has gone: what still hangs on its bridge is nobody's.
    fn take_down(&self, bridged: &Bridged) {
        let _alone = self.alone();
        let answers: [Outcome; 2] =
            [bridged.members(), leftovers::namespaces()].map(|call| self.run(&call));
        for name in leftovers::read_members(&answers[0], &answers[1]) {
            self.run(&leftovers::delete_namespace(&name));
        }
        self.run(&bridged.delete());
        for table in ["nat", "filter"] {
            let said = self.run(&leftovers::rules(table));
            if let Some(script) = leftovers::without_network(bridged, table, &said.stdout) {
                self.run(&leftovers::take_rules_away(script));
            }
        }
    }
}
