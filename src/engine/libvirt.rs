//! Virtual machines as libvirt keeps them: asked, started and removed by virsh(1), without Ruby. What is said of
//! its answers was tried with libvirt 9.0.

mod failure;
mod look;
mod names;
mod network;
mod share;
mod volume;

pub use failure::{KNOWN, read as failed, wants_group};
pub use look::{look, plain, read_gone, read_look, state};
pub use names::{KnownName, read_names, set_names};
pub use network::{
    Lease, Net, all_leases, define_network, dump_network, leases, network_names, network_state,
    read_lease, read_leases, read_network, read_routes, remove_network, routes, start_network,
    stop_network, subnets, undefine_network, users_of,
};
pub use share::{SharedFolder, define, definition, with_shares};
pub use volume::{
    create_volume, download, read_size, remove_volume, upload, volume_path, volume_size, volumes,
};

use crate::call::Call;
use crate::state::observed::ObservedMachine;
use crate::value::Size;
use std::time::Duration;

/// The libvirt of the whole host.
pub const URI: &str = "qemu:///system";
/// The pool that disks lie in.
pub const POOL: &str = "default";

/// A question. What it says is read, so it is asked for in English.
fn ask(words: &[&str]) -> Call {
    virsh(Call::read("virsh"), words)
}

fn act(words: &[&str]) -> Call {
    virsh(Call::change("virsh"), words)
}

fn virsh(call: Call, words: &[&str]) -> Call {
    call.env("LC_ALL", "C").args(["-q", "-c", URI]).args(words)
}

/// The domain's uuid, by its name.
pub fn uuid_of(name: &str) -> Call {
    ask(&["domuuid", name])
}

/// Starts a machine, or lets one go on that was paused.
pub fn start(found: Option<&ObservedMachine>, uuid: &str) -> Call {
    match found {
        Some(found) if found.word == "paused" => act(&["resume", uuid]),
        Some(found) if found.word == "pmsuspended" => act(&["dompmwakeup", uuid]),
        _ => act(&["start", uuid]),
    }
}

/// Asks the guest to shut down; nothing waits for it.
pub fn shut_down(uuid: &str) -> Call {
    act(&["shutdown", uuid])
}

/// Ends the machine at once.
pub fn destroy(uuid: &str) -> Call {
    act(&["destroy", uuid])
}

/// Removes the machine and its own disks; what they lie over stays.
pub fn undefine(uuid: &str) -> Call {
    act(&[
        "undefine",
        uuid,
        "--managed-save",
        "--snapshots-metadata",
        "--checkpoints-metadata",
        "--remove-all-storage",
        "--nvram",
    ])
}

/// Sets memory and CPUs for the next start.
pub fn set_limits(uuid: &str, memory: Size, cpus: u32) -> Vec<Call> {
    let memory = format!("{}KiB", memory.bytes().div_ceil(1024));
    let cpus = cpus.to_string();
    vec![
        act(&["setmaxmem", uuid, &memory, "--config"]),
        act(&["setmem", uuid, &memory, "--config"]),
        act(&["setvcpus", uuid, &cpus, "--config", "--maximum"]),
        act(&["setvcpus", uuid, &cpus, "--config"]),
    ]
}

/// Sets them for the running machine, up to what it was started with.
pub fn set_limits_live(uuid: &str, memory: Size, cpus: u32) -> Vec<Call> {
    let memory = format!("{}KiB", memory.bytes().div_ceil(1024));
    vec![
        act(&["setmem", uuid, &memory, "--live"]),
        act(&["setvcpus", uuid, &cpus.to_string(), "--live"]),
    ]
}

/// Whether a command of virsh's changes something of a machine: it is waited for where its caller was killed.
pub fn changes(words: &[String]) -> bool {
    const VERBS: &[&str] = &[
        "start",
        "shutdown",
        "destroy",
        "undefine",
        "vol-upload",
        "vol-download",
        "define",
        "net-start",
    ];
    words.iter().any(|word| VERBS.contains(&word.as_str()))
}

/// As long as a guest's own shutdown is waited for between two looks.
pub const GLANCE: Duration = Duration::from_millis(250);
