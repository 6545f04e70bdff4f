//! What a killed Podman left of a machine's networks in the kernel. As root it is there until the host boots anew; an
//! ordinary user's goes with the namespace of all of them.

use super::{Doer, Job};
use crate::engine::podman;
use crate::engine::podman::leftovers::{self, Bridged};
use crate::value::Provider;

impl Doer<'_> {
    /// Removes a network that nothing uses any more, and what is left of it; whether it went.
    pub(super) fn drop_network(&self, name: &str) -> bool {
        let written = std::fs::read(Bridged::file(name)).ok();
        let bridged = written.and_then(|text| Bridged::read(&text));
        // In use by another machine, or gone: either is fine.
        if !self.run(&podman::remove_network(name)).ok() {
            return false;
        }
        if let Some(bridged) = bridged.filter(|it| !self.rootless && it.shown().exists()) {
            self.take_down(&bridged);
        }
        self.unlist(name);
        true
    }

    /// The same of one that no other step of this run is to use.
    fn drop_own_network(&self, name: &str) -> bool {
        self.shared.is_alone(Provider::Podman, name) && self.drop_network(name)
    }

    /// Clears what a container left that was never started: another one is about to have its ports, its addresses
    /// and its networks.
    pub(super) fn clear_up_after(&self, job: &mut Job, engine_id: &str) {
        let networks = &mut job.record.networking.networks;
        for gone in networks.extract_if(.., |name| self.drop_own_network(name)) {
            self.shared.leaves(Provider::Podman, &gone);
        }
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
        let members = self.run(&bridged.members());
        let namespaces = self.run(&leftovers::namespaces());
        for name in leftovers::read_members(&members, &namespaces) {
            self.run(&leftovers::delete_namespace(&name));
        }
        for table in ["nat", "filter"] {
            let said = self.run(&leftovers::rules(table));
            if let Some(script) = leftovers::without_network(bridged, table, &said.stdout) {
                self.run(&leftovers::take_rules_away(script));
            }
        }
        // Last: as long as it is there, nobody is given its addresses.
        self.run(&bridged.delete());
    }
}
