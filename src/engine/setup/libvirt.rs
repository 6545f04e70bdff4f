//! What libvirt needs beside its packages: a daemon that runs, and a pool for its disks.

use crate::call::Call;
use crate::engine::libvirt::{POOL, URI};

/// Where a pool of ours keeps its disks: libvirt's own place for them.
const POOL_FOLDER: &str = "/var/lib/libvirt/images";

/// Starts the daemon, for good where systemd runs.
pub fn start_daemon(by_systemd: bool) -> Vec<Call> {
    let change = |program: &str, words: &[&str]| Call::change(program).args(words);
    match by_systemd {
        true => vec![change("systemctl", &["enable", "--now", "libvirtd"])],
        false => vec![
            change("virtlogd", &["--daemon"]),
            change("libvirtd", &["--daemon"]),
        ],
    }
}

/// Asks for the pool.
pub fn pool() -> Call {
    Call::read("virsh")
        .env("LC_ALL", "C")
        .args(["-q", "-c", URI, "pool-info", POOL])
}

/// Makes the pool where there is none.
pub fn make_pool() -> Vec<Call> {
    let define = ["pool-define-as", POOL, "dir", "--target", POOL_FOLDER];
    let words: [&[&str]; 3] = [&define, &["pool-build", POOL], &["pool-autostart", POOL]];
    let calls = words.into_iter().map(act);
    calls.chain([start_pool()]).collect()
}

/// Starts the pool.
pub fn start_pool() -> Call {
    act(&["pool-start", POOL])
}

fn act(words: &[&str]) -> Call {
    Call::change("virsh")
        .env("LC_ALL", "C")
        .args(["-q", "-c", URI])
        .args(words)
}
