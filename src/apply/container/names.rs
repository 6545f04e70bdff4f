//! The server of names of Podman's networks: it ends with the last container and is started with the first,
//! and Podman 4 takes one that is just ending for one that runs. Then no name leads anywhere.

use super::Doer;
use crate::engine::podman;
use std::path::{Path, PathBuf};

impl Doer<'_> {
    /// Has the server started again where it is dead: by a container that just came, whose connections
    /// nobody has yet.
    pub(super) fn serve_names(&self, engine_id: &str) {
        let pid_file = self.networks_folder().join("aardvark-dns/aardvark.pid");
        if is_dead(&pid_file) {
            // Podman would take the number for a process that runs.
            let _ = std::fs::remove_file(&pid_file);
            self.run(&podman::reload_network(engine_id));
        }
    }

    fn networks_folder(&self) -> PathBuf {
        let own = self.runtime.parent().filter(|_| self.rootless);
        let base = own.unwrap_or(Path::new("/run"));
        base.join("containers/networks")
    }
}

/// Whether the process that a file names has ended, reaped or not.
fn is_dead(pid_file: &Path) -> bool {
    let Ok(pid) = std::fs::read_to_string(pid_file) else {
        return false;
    };
    let process = Path::new("/proc").join(pid.trim());
    match std::fs::read_to_string(process.join("stat")) {
        Ok(stat) => stat
            .rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim_start().starts_with('Z')),
        Err(_) => true,
    }
}
