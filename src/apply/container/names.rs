//! The server of names of Podman's networks: it ends with the last container and is started with the first,
//! and Podman 4 takes one that is just ending for one that runs. Then no name leads anywhere.

use super::{Doer, Halt, Job};
use crate::call::End;
use crate::engine::podman;
use crate::state::gate::Gate;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

impl Doer<'_> {
    /// Held while a container comes that is on these networks. Podman 4 starts the server of names, and the list
    /// of a network's names, without a lock of its own, and of two at once the names are dead: who begins
    /// either is alone on this host, whatever project it is of.
    pub(super) fn coming(&self, networks: &[String]) -> Option<Gate> {
        let folder = self.networks_folder();
        let is_begun = || {
            let listed = |name: &String| folder.join("aardvark-dns").join(name).exists();
            server_at(&folder) == Server::Runs && networks.iter().all(listed)
        };
        loop {
            if is_begun() {
                let gate = Gate::with_others(&folder);
                if is_begun() {
                    return gate;
                }
            }
            let gate = self.alone();
            // Whoever was alone before may have begun it: then there is nothing to be alone for.
            if gate.is_none() || !is_begun() {
                return gate;
            }
        }
    }

    /// Held while a container goes as others come.
    pub(super) fn alone(&self) -> Option<Gate> {
        Gate::alone(&self.networks_folder())
    }

    /// Has the server started again where it is dead: by a container that just came, whose connections
    /// nobody has yet. Nothing where no network of its own is served.
    pub(super) fn serve_names(&self, engine_id: &str, networks: &[String]) {
        let folder = self.networks_folder();
        let is_listed = |name: &String| folder.join("aardvark-dns").join(name).exists();
        let is_dead = || server_at(&folder) == Server::Dead && networks.iter().any(is_listed);
        if !is_dead() {
            return;
        }
        let _alone = self.alone();
        // Another one may have done it meanwhile.
        if is_dead() {
            // Podman would take the number for a process that runs.
            let _ = std::fs::remove_file(pid_file(&folder));
            self.run(&podman::reload_network(engine_id));
        }
    }

    /// Waits until the machines that it needs are found by name: the server reads its lists anew after each
    /// start, and tells nobody when it has. A machine that cannot tell is not waited for.
    pub(super) fn wait_for_names(&self, job: &Job) -> Result<(), Halt> {
        const FOUND_WITHIN: Duration = Duration::from_secs(10);
        /// What getent(1) ends with where a name is not found.
        const NOT_FOUND: i32 = 2;
        let Some(engine_id) = job.record.engine_id.as_deref() else {
            return Ok(());
        };
        if job.needs.is_empty() {
            return Ok(());
        }
        let words: Vec<String> = ["getent", "hosts"].map(str::to_owned).into();
        let words: Vec<String> = words.into_iter().chain(job.needs.clone()).collect();
        let until = Instant::now() + FOUND_WITHIN;
        let mut pause = Duration::from_millis(10);
        loop {
            self.go_on()?;
            let outcome = self.run(&podman::exec(engine_id, false, &words).within(FOUND_WITHIN));
            if outcome.end != End::Exit(NOT_FOUND) || Instant::now() > until {
                return self.go_on();
            }
            self.interrupt.wait(pause);
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    /// The list of a network that is gone goes too. A killed Podman leaves it, and a later network with the same
    /// addresses would have no names: the server takes whoever asks for one of the old network.
    pub(super) fn unlist(&self, network: &str) {
        let _alone = self.alone();
        // Most often Podman has removed it.
        let _ = std::fs::remove_file(self.networks_folder().join("aardvark-dns").join(network));
    }

    /// What the server of names reads of a network, and its own file, lie there.
    pub(super) fn networks_folder(&self) -> PathBuf {
        let own = self.runtime.parent().filter(|_| self.rootless);
        let base = own.unwrap_or(Path::new("/run"));
        base.join("containers/networks")
    }
}

#[derive(Debug, PartialEq)]
enum Server {
    /// No network has names.
    Missing,
    Runs,
    /// It has ended, and Podman does not know.
    Dead,
}

/// The file that names the server's process.
pub(super) fn pid_file(folder: &Path) -> PathBuf {
    folder.join("aardvark-dns/aardvark.pid")
}

/// What the process does that the networks' file names: one that has ended may not be reaped yet.
fn server_at(folder: &Path) -> Server {
    let Ok(pid) = std::fs::read_to_string(pid_file(folder)) else {
        return Server::Missing;
    };
    let process = Path::new("/proc").join(pid.trim());
    let state = |stat: String| Some(stat.rsplit(')').next()?.trim_start().starts_with('Z'));
    match std::fs::read_to_string(process.join("stat")).map(state) {
        Ok(Some(false)) => Server::Runs,
        _ => Server::Dead,
    }
}
