//! Machines as Podman containers. Facts about Podman's answers: podman-ps(1), podman-run(1), tried on 4.3.1.

mod look;
mod network;

pub use look::{look, read_look, was_crossed};
pub use network::{Network, hold_isolation, isolation_holds, network_of, remove_network};

use crate::call::{Call, Outcome};
use crate::model::{Machine, MountedShare};
use crate::render::context::PodmanRun;
use crate::state::observed::ObservedMachine;
use crate::state::record::MachineRecord;
use crate::value::{Init, Size};
use std::path::Path;
use std::time::Duration;

/// The label that names the instance: what does not carry it is never touched.
pub const INSTANCE: &str = "vagrantp.instance";
/// The label that names the project.
pub const PROJECT: &str = "vagrantp.project";
/// The label with the project's folder.
pub const FOLDER: &str = "vagrantp.path";
/// The label with the digest of what the machine was made as.
pub const DIGEST: &str = "vagrantp.digest";

/// What `podman run` needs beyond the machine.
pub struct RunInputs<'a> {
    /// As meant.
    pub machine: &'a Machine,
    /// With ports, access and digest decided.
    pub record: &'a MachineRecord,
    /// The digest of what it is made as.
    pub digest: &'a str,
    /// The image, with the layer where there is one.
    pub image: &'a str,
    /// The folder with the keys, mounted where sshd looks for them.
    pub keys: &'a Path,
    /// The network.
    pub network: &'a Network,
    /// The uid and gid that the machine's user has, and whether the caller's own id is mapped to it.
    pub ids: Option<Ids>,
}

/// Who the machine's user is in terms of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ids {
    /// In the machine.
    pub uid: u32,
    /// In the machine.
    pub gid: u32,
    /// Rootless: the caller is this user inside.
    pub keep: bool,
}

impl Ids {
    /// The caller's files are the machine user's files: `owner` is the uid and gid of what is shared.
    /// Nothing where the user is root, or nothing is shared.
    pub fn of(machine: &Machine, owner: Option<(u32, u32)>, rootless: bool) -> Option<Self> {
        let user = machine.user.as_ref()?;
        let (uid, gid) = owner.filter(|_| user.as_str() != "root")?;
        if rootless {
            return Some(Ids {
                uid: 1000,
                gid: 1000,
                keep: true,
            });
        }
        (uid != 0).then_some(Ids {
            uid,
            gid,
            keep: false,
        })
    }
}

/// What the template of `podman run` sees.
pub fn run_context(inputs: &RunInputs) -> PodmanRun {
    let RunInputs {
        machine,
        record,
        network,
        ..
    } = inputs;
    let lived_in = record.access.init != Init::Image;
    let mut ports: Vec<String> = record
        .networking
        .ports
        .iter()
        .map(|port| {
            format!(
                "{}:{}:{}/{}",
                port.address, port.host_port, port.container_port, port.protocol
            )
        })
        .collect();
    ports.extend(
        record
            .access
            .port
            .map(|port| format!("127.0.0.1:{port}:22/tcp")),
    );
    let mut mounts: Vec<String> = machine
        .shares
        .iter()
        .map(|share| share_mount(share))
        .collect();
    let mut environment = Vec::new();
    let mut options = Vec::new();
    if lived_in {
        mounts.push(bind(inputs.keys, "/run/vagrantp", true));
        environment.push(format!("VP_USER={}", record.access.user));
        if let Some(ids) = inputs.ids {
            environment.push(format!("VP_UID={}", ids.uid));
            environment.push(format!("VP_GID={}", ids.gid));
            if ids.keep {
                options.push(format!("--userns=keep-id:uid={},gid={}", ids.uid, ids.gid));
                options.push("--user=0".into());
            }
        }
    }
    if record.access.init == Init::Systemd {
        options.push("--systemd=always".into());
    }
    let alias = format!("{}:alias={}", network.name, machine.name);
    let address = machine.ip().map(|ip| format!(",ip={ip}"));
    PodmanRun {
        id: record.id.clone(),
        labels: vec![
            format!("{INSTANCE}={}", record.id),
            format!("{PROJECT}={}", record.project),
            format!("{FOLDER}={}", record.project_path.display()),
            format!("{DIGEST}={}", inputs.digest),
        ],
        memory: format!("{}b", machine.memory.bytes()),
        cpus: machine.cpus.to_string(),
        networks: vec![format!("{alias}{}", address.unwrap_or_default())],
        ports,
        mounts,
        options,
        environment,
        image: inputs.image.to_owned(),
    }
}

fn share_mount(share: &MountedShare) -> String {
    bind(&share.host, &share.written.guest, share.written.read_only)
}

/// A `--mount` value is CSV: a field is quoted, a quote in it doubled.
fn bind(source: &Path, target: &str, read_only: bool) -> String {
    let field = |text: String| format!("\"{}\"", text.replace('"', "\"\""));
    let source = field(format!("src={}", source.display()));
    let target = field(format!("dst={target}"));
    let mode = if read_only { ",ro=true" } else { "" };
    format!("type=bind,{source},{target}{mode}")
}

/// Whether a command of Podman's changes machines or networks and ends by itself: it is waited for
/// where its caller was killed.
pub fn changes(words: &[String]) -> bool {
    const VERBS: &[&str] = &[
        "run", "start", "unpause", "stop", "rm", "commit", "update", "network", "rmi",
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

/// Podman's own status where `exec` failed; a command inside may end with it too.
pub const EXEC_FAILED: i32 = 125;
/// Its status where the container does not run; a command inside may end with it too.
pub const EXEC_REFUSED: i32 = 255;

/// A command inside, with a terminal or without.
pub fn exec(engine_id: &str, terminal: bool, words: &[String]) -> Call {
    let tty: &[&str] = if terminal {
        &["--interactive", "--tty"]
    } else {
        &["--interactive"]
    };
    let mut call = Call::read("podman").arg("exec").args(tty).arg(engine_id);
    call.deadline = Duration::MAX;
    call.args(words)
}

/// Whether Podman warned that it cannot enforce the limits (rootless without cgroups v2).
pub fn limits_ignored(outcome: &Outcome) -> bool {
    outcome
        .stderr
        .contains("Resource limits are not supported and ignored")
}
