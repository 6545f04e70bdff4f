//! Vagrant defines a machine and starts nothing.

use crate::call::Call;
use crate::engine::libvirt;
use std::path::Path;
use std::time::Duration;

/// The machine's name to Vagrant. It is in every Vagrantfile, as the machines have a folder each.
pub(super) const MACHINE: &str = "machine";

/// What names the machine on Vagrant's command line: also its id, by which a call is known that goes on when
/// its caller was killed.
pub fn which(id: &str) -> String {
    format!("/^{MACHINE}$|^{id}$/")
}

/// Has the machine of a folder defined; `plugin` is what keeps Vagrant from starting it.
pub fn define(id: &str, folder: &Path, plugin: &Path) -> Call {
    let mut call = Call::change("vagrant")
        .args(["up", "--no-provision", "--no-destroy-on-error"])
        .args(["--provider", "libvirt", "--machine-readable"])
        .arg(which(id))
        .env("VAGRANT_CWD", folder.display())
        .env("VAGRANT_DOTFILE_PATH", folder.join(".vagrant").display())
        .env("VAGRANT_CHECKPOINT_DISABLE", "1")
        .env("VAGRANT_NO_COLOR", "1")
        .env("VAGRANTP_PLUGIN", plugin.display())
        .env("VAGRANTP_ID", id)
        .env("LIBVIRT_DEFAULT_URI", libvirt::URI)
        .within(Duration::from_secs(600));
    call.cwd = Some(folder.to_owned());
    call
}
