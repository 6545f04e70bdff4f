//! A box goes: ours from its folder, from Vagrant's store and from libvirt's pool, another's from the pool alone.

use super::foreign::hide_from_vagrant;
use super::publish::OTHER;
use super::{Doer, Halt};
use crate::engine::boxes::{self, HostBox, volumes};
use crate::state::lock;
use std::path::Path;

/// What became of a box in libvirt's pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unpublished {
    /// It was not there.
    Absent,
    /// It was removed.
    Removed,
    /// This volume stands on it: nothing was removed.
    Used(String),
}

impl Doer<'_> {
    /// Removes a box of ours: from libvirt's pool first, as all else says where it is. Where a volume stands on
    /// it nothing is removed: that one's name.
    ///
    /// # Errors
    /// When its folder cannot be removed, or an interrupt comes.
    pub fn remove_box(&self, host_box: &HostBox, folder: &Path) -> Result<Option<String>, Halt> {
        self.go_on()?;
        if let Unpublished::Used(user) = self.unpublish(&format!("{}.", host_box.stem()))? {
            return Ok(Some(user));
        }
        hide_from_vagrant(host_box);
        // What says that it is whole goes first.
        let _ = std::fs::remove_file(folder.join("box.json"));
        std::fs::remove_dir_all(folder).map_err(|error| self.no_box_folder(folder, &error))?;
        Ok(None)
    }

    /// Takes another's box out of libvirt's pool, in all its versions. Vagrant's own copy is Vagrant's.
    ///
    /// # Errors
    /// When another process is at work on the pool for too long, or an interrupt comes.
    pub fn unpublish_box(&self, name: &str) -> Result<Unpublished, Halt> {
        self.unpublish(&boxes::volumes_of(name))
    }

    /// Removes the volumes whose names begin so.
    fn unpublish(&self, start: &str) -> Result<Unpublished, Halt> {
        let interrupted = || self.interrupt.count() > 0;
        let _lock = lock::acquire_for_all("pool", "vagrantp box rm", OTHER, &interrupted)
            .map_err(|error| error.diagnostic())?;
        let outcome = self.run(&volumes::list());
        if !outcome.ok() {
            // No libvirt here: then it is in no pool either.
            return Ok(Unpublished::Absent);
        }
        let found = volumes::read_list(&outcome);
        let (mut ours, others): (Vec<_>, Vec<_>) =
            found.iter().partition(|(name, _)| name.starts_with(start));
        if ours.is_empty() {
            return Ok(Unpublished::Absent);
        }
        for (name, _) in others {
            let outcome = self.run(&volumes::describe(name));
            let mut bases = ours.iter().map(|(_, path)| path);
            if outcome.ok() && bases.any(|path| volumes::stands_on(&outcome, path)) {
                return Ok(Unpublished::Used(name.clone()));
            }
        }
        // What says that it is whole goes first.
        ours.sort_by_key(|(name, _)| !volumes::marks(name));
        for (name, _) in ours {
            self.go_on()?;
            self.run(&volumes::delete(name));
        }
        Ok(Unpublished::Removed)
    }
}
