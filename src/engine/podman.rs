//! Machines as Podman containers. Facts about Podman's answers: podman-ps(1), podman-run(1), tried on 4.3.1.

pub mod leftovers;
mod look;
mod network;
mod run;
mod storage;
pub mod user_networks;

pub use look::{look, read_look, was_crossed};
pub use network::{
    Bridge, bridges, create_network, disconnect, hold_isolation, inspect_network, is_as_meant,
    isolation_holds, keep_address, network_exists, read_bridges, reload_network, remove_network,
    users_of, was_crossed_by_interface,
};
pub use run::{Ids, RunInputs, run_context};
pub use storage::{
    Covered, Look, create_secret, create_volume, look_for_volumes, read_volumes, remove_secret,
    remove_volume, secret_name, volume_exists,
};

use crate::call::{Call, Outcome};
use crate::state::observed::ObservedMachine;
use crate::value::Size;
use std::time::Duration;

/// The label that names the instance: what does not carry it is never touched.
pub const INSTANCE: &str = "vagrantp.instance";
/// The label that names the project.
pub const PROJECT: &str = "vagrantp.project";
/// The label with the project's folder.
pub const FOLDER: &str = "vagrantp.path";
/// The label with the digest of what the machine was made as.
pub const DIGEST: &str = "vagrantp.digest";

/// Whether a command of Podman's changes machines or networks and ends by itself: it is waited for
/// where its caller was killed.
pub fn changes(words: &[String]) -> bool {
    const VERBS: &[&str] = &[
        "run", "start", "unpause", "stop", "rm", "commit", "update", "network", "rmi", "volume",
        "secret",
    ];
    words
        .first()
        .is_some_and(|verb| VERBS.contains(&verb.as_str()))
}

/// Runs a machine.
pub fn run(args: Vec<String>) -> Call {
    Call::change("podman").args(args)
}

/// The engine's id that a successful [`run`] printed. A killed Podman exits 0 without one.
pub fn read_run(outcome: &Outcome) -> Option<String> {
    let id = outcome.stdout.trim().lines().last()?.trim();
    let hex = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    (outcome.ok() && hex).then(|| id.to_owned())
}

/// Starts a stopped or paused machine.
pub fn start(found: &ObservedMachine) -> Call {
    let verb = if found.word == "paused" {
        "unpause"
    } else {
        "start"
    };
    Call::change("podman").args([verb, &found.engine_id])
}

/// Stops a machine: at once, or with a grace of so long.
pub fn stop(found: &ObservedMachine, grace: Option<Duration>) -> Vec<Call> {
    let unpause = (found.word == "paused")
        .then(|| Call::change("podman").args(["unpause", &found.engine_id]));
    let seconds = grace.map_or(0, |grace| grace.as_secs());
    let deadline = Duration::from_secs(seconds + 60);
    let stop = Call::change("podman")
        .args(["stop", "--time"])
        .arg(seconds)
        .arg(&found.engine_id);
    unpause.into_iter().chain([stop.within(deadline)]).collect()
}

/// Removes a machine, running or not. `--ignore`: without it one missing name keeps all the others.
pub fn remove(engine_id: &str) -> Call {
    Call::change("podman")
        .args(["rm", "--force", "--ignore", "--time", "0", "--volumes"])
        .arg(engine_id)
}

/// What a killed Podman left mounted of a container, where that kept it from being removed.
pub fn left_mounted<'a>(outcome: &'a Outcome, engine_id: &str) -> Option<&'a str> {
    let (before, _) = outcome.stderr.split_once(": device or resource busy")?;
    let (_, path) = before.rsplit_once("unlinkat ")?;
    let ours = path.contains(&format!("/overlay-containers/{engine_id}/userdata/"));
    ours.then_some(path)
}

/// Unmounts what a killed Podman left mounted; an ordinary user's mounts are in Podman's namespace.
pub fn unmount(path: &str, rootless: bool) -> Call {
    match rootless {
        true => Call::change("podman").args(["unshare", "umount", "--lazy", path]),
        false => Call::change("umount").args(["--lazy", path]),
    }
}

/// Removes what bears our labels for an instance, however it is called.
pub fn remove_ours(id: &str, project: uuid::Uuid) -> Call {
    Call::change("podman")
        .args(["rm", "--force", "--time", "0", "--volumes", "--filter"])
        .arg(format!("label={INSTANCE}={id}"))
        .arg("--filter")
        .arg(format!("label={PROJECT}={project}"))
}

/// Removes an image by its tag; one in use stays.
pub fn remove_image(tag: &str) -> Call {
    Call::change("podman").args(["rmi", tag])
}

/// Sets the limits of a running machine. Podman 4 forgets them at the next start.
pub fn set_limits(engine_id: &str, memory: Size, cpus: u32) -> Call {
    Call::change("podman")
        .arg("update")
        .arg("--memory")
        .arg(format!("{}b", memory.bytes()))
        .arg("--cpus")
        .arg(cpus)
        .arg(engine_id)
}

/// The image that keeps what was installed in a machine while it is made anew.
pub fn kept_image(id: &str) -> String {
    format!("localhost/vagrantp/kept:{id}")
}

/// Keeps a machine's file system as an image, without our labels: whoever runs it is not the machine.
pub fn commit(engine_id: &str, tag: &str) -> Call {
    let mut call = Call::change("podman")
        .args(["commit", "--quiet"])
        .within(Duration::from_secs(600));
    for label in [INSTANCE, PROJECT, FOLDER, DIGEST] {
        call = call.arg("--change").arg(format!("LABEL {label}="));
    }
    call.args(["--change", "LABEL vagrantp.kept=1"])
        .args([engine_id, tag])
}

/// The last lines that a machine's first process wrote.
pub fn logs(engine_id: &str) -> Call {
    Call::read("podman").args(["logs", "--tail", "20", engine_id])
}

/// Whether a container still runs.
pub fn is_running(engine_id: &str) -> Call {
    Call::read("podman").args([
        "inspect",
        "--format",
        "{{.State.Running}} {{.State.ExitCode}}",
        engine_id,
    ])
}

/// Waits until a machine's first process has become what it is to be: while it prepares that, it is `init`.
pub fn prepared(engine_id: &str) -> Call {
    let script = "while read -r name </proc/1/comm && [ \"$name\" = init ]; do sleep 0.05; done";
    Call::read("podman").args(["exec", engine_id, "sh", "-c", script])
}

/// The host's number of a machine's first process.
pub fn process(engine_id: &str) -> Call {
    Call::read("podman").args(["inspect", "--format", "{{.State.Pid}}", engine_id])
}

/// Reads the answer to [`process`]; nothing where the machine does not run.
pub fn read_process(outcome: &Outcome) -> Option<u32> {
    let pid = outcome.stdout.trim().parse().ok()?;
    (outcome.ok() && pid != 0).then_some(pid)
}

/// Podman's own status where `exec` failed; a command inside may end with it too.
pub const EXEC_FAILED: i32 = 125;
/// Its status where the container does not run; a command inside may end with it too.
pub const EXEC_REFUSED: i32 = 255;

/// A command inside, with a terminal or without.
pub fn exec(engine_id: &str, terminal: bool, words: &[String]) -> Call {
    exec_with(engine_id, terminal, &[], words)
}

/// The same, which is handed variables of Podman's own environment.
pub fn exec_with(engine_id: &str, terminal: bool, variables: &[&str], words: &[String]) -> Call {
    let tty: &[&str] = if terminal {
        &["--interactive", "--tty"]
    } else {
        &["--interactive"]
    };
    let given = variables.iter().flat_map(|name| ["--env", name]);
    let mut call = Call::read("podman").arg("exec").args(tty).args(given);
    call = call.arg(engine_id);
    call.deadline = Duration::MAX;
    call.args(words)
}

/// Whether Podman warned that it cannot enforce the limits (rootless without cgroups v2).
pub fn limits_ignored(outcome: &Outcome) -> bool {
    outcome
        .stderr
        .contains("Resource limits are not supported and ignored")
}
