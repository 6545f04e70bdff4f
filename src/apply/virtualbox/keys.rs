//! The script by which Vagrant puts a machine's keys into it. It holds secrets, so it is whole only meanwhile.

use super::super::keys::read;
use super::super::{Halt, Job};
use super::VirtualBox;
use crate::engine::guest_disk::accounts::sshd_lines;
use crate::render;
use crate::render::context::GuestKeys;
use crate::state::folder::MachineFolder;
use std::path::PathBuf;

/// Where it lies: Vagrant takes no Vagrantfile whose script is not there.
pub(super) fn script(folder: &MachineFolder) -> PathBuf {
    folder.vagrant().join("keys.sh")
}

impl VirtualBox<'_, '_> {
    /// Writes the script, has something done, and takes what it held away.
    pub(super) fn with_keys(
        &self,
        job: &Job,
        act: impl FnOnce() -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        let folder = self.0.folder(job);
        let text = self.keys_script(job, &folder)?;
        let path = script(&folder);
        folder.write(&path, text.as_bytes(), 0o600)?;
        let ended = act();
        folder.write(&path, b"#!/bin/sh\n", 0o600)?;
        ended
    }

    fn keys_script(&self, job: &Job, folder: &MachineFolder) -> Result<String, Halt> {
        let keys = folder.keys();
        let user = job.record.access.user.clone();
        let hidden = job.machine.map(|machine| self.0.values.hidden(machine));
        let hidden = hidden.unwrap_or_default();
        let hidden = hidden
            .iter()
            .map(|it| (it.name.clone(), it.value.clone()))
            .collect::<Vec<_>>();
        let written = job.machine.iter().flat_map(|machine| &machine.env);
        let written = written.map(|it| (it.name.value.clone(), it.value.value.clone()));
        // What is hidden is written as it is meant to be shown.
        let is_plain = |(name, _): &(String, String)| hidden.iter().all(|it| it.0 != *name);
        let plain: Vec<_> = written.filter(is_plain).collect();
        let context = GuestKeys {
            authorized: read(&keys.join("authorized_keys"))?,
            host_key: read(&keys.join("host_key"))?,
            host_key_public: read(&keys.join("host_key.pub"))?,
            sshd: sshd_lines(&user, plain.iter().chain(&hidden)),
            user,
        };
        Ok(render::guest_keys(&context, self.0.overrides)?)
    }
}
