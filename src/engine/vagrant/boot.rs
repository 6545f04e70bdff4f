//! Vagrant makes a machine and boots it, where its provider can be reached by Vagrant alone.

use super::define::which;
use crate::call::{Call, Effect};
use crate::engine::boxes::recipe;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// As long as a box may take to be fetched and copied.
const FETCH: Duration = Duration::from_secs(3600);

/// Has the machine of a folder made and booted, and its keys put into it; or booted, where it is made already.
pub fn boot(id: &str, folder: &Path, within: Duration) -> Call {
    let mut call = Call::change("vagrant")
        .args(["up", "--provider", "virtualbox", "--machine-readable"])
        .args(["--provision", "--no-destroy-on-error"])
        .arg(which(id))
        .env("VAGRANT_CWD", folder.display())
        .env("VAGRANT_DOTFILE_PATH", folder.join(".vagrant").display())
        .env("VAGRANT_CHECKPOINT_DISABLE", "1")
        .env("VAGRANT_NO_COLOR", "1")
        .env("VAGRANT_EXPERIMENTAL", "disks")
        .within(FETCH + within);
    call.effect = Effect::Stoppable;
    call.cwd = Some(folder.to_owned());
    call
}

/// What Vagrant's catalogue has for a box of our own, which is libvirt's alone: Debian's.
pub fn box_name(written: &str) -> String {
    match recipe::release(written) {
        Some(Some(release)) => format!("debian/{}64", release.suite),
        _ => written.to_owned(),
    }
}

/// The file in which Vagrant remembers the machine's uuid, from its import on.
pub fn remembered(folder: &Path) -> PathBuf {
    folder.join(".vagrant/machines/machine/virtualbox/id")
}
