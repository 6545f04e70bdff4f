//! A box of ours goes: from its folder, from Vagrant's store and from libvirt's pool.

use super::foreign::hide_from_vagrant;
use super::publish::OTHER;
use super::{Doer, Halt};
use crate::engine::boxes::{HostBox, volumes};
use crate::state::lock;
use std::path::Path;

impl Doer<'_> {
    /// Removes a box of ours: from libvirt's pool first, as all else says where it is. Where a volume stands on
    /// it nothing is removed: that one's name.
    ///
    /// # Errors
    /// When its folder cannot be removed, or an interrupt comes.
    pub fn remove_box(&self, host_box: &HostBox, folder: &Path) -> Result<Option<String>, Halt> {
        self.go_on()?;
        if let Some(user) = self.unpublish(host_box)? {
            return Ok(Some(user));
        }
        hide_from_vagrant(host_box);
        // What says that it is whole goes first.
        let _ = std::fs::remove_file(folder.join("box.json"));
        std::fs::remove_dir_all(folder).map_err(|error| self.no_box_folder(folder, &error))?;
        Ok(None)
    }

    fn unpublish(&self, host_box: &HostBox) -> Result<Option<String>, Halt> {
        let interrupted = || self.interrupt.count() > 0;
        let _lock = lock::acquire_for_all("pool", "vagrantp box rm", OTHER, &interrupted)
            .map_err(|error| error.diagnostic())?;
        let outcome = self.run(&volumes::list());
        if !outcome.ok() {
            // No libvirt here: then it is in no pool either.
            return Ok(None);
        }
        let found = volumes::read_list(&outcome);
        let stem = host_box.stem();
        let parts = host_box.parts();
        let ours = |name: &str| parts.iter().any(|part| part.name == name);
        let disk = found.iter().find(|(name, _)| *name == parts[0].name);
        if let Some((_, path)) = disk {
            for (name, _) in found.iter().filter(|(name, _)| !ours(name)) {
                let outcome = self.run(&volumes::describe(name));
                if outcome.ok() && volumes::stands_on(&outcome, path) {
                    return Ok(Some(name.clone()));
                }
            }
        }
        let markers = found
            .iter()
            .filter(|(name, _)| volumes::is_marker(name, &stem));
        let rest = found.iter().filter(|(name, _)| ours(name));
        for (name, _) in markers.chain(rest) {
            self.go_on()?;
            self.run(&volumes::delete(name));
        }
        Ok(None)
    }
}
