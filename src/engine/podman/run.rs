//! A machine as arguments of `podman run`.

use super::network::network_argument;
use super::storage::{Look, bind, mounts};
use super::{DIGEST, FOLDER, INSTANCE, PROJECT};
use crate::model::Machine;
use crate::model::joined::Joined;
use crate::render::context::PodmanRun;
use crate::source::Located;
use crate::state::record::MachineRecord;
use crate::value::{Choice, Init, Restart};
use std::path::Path;

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
    /// The networks.
    pub networks: &'a [Joined],
    /// The variables whose values must not be seen.
    pub hidden: &'a [String],
    /// The engine's names of what the machine gets unseen, with each variable's name.
    pub secrets: &'a [(String, String)],
    /// What lies at a path of the host.
    pub look: Look<'a>,
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
        machine, record, ..
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
    let mut mounts = mounts(machine, record.project, inputs.look);
    let mut environment = environment(inputs);
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
        environment.extend(for_sessions(inputs));
    }
    if record.access.init == Init::Systemd {
        options.push("--systemd=always".into());
    }
    if machine.restart.value != Restart::No {
        options.push(format!("--restart={}", machine.restart.word()));
    }
    if record.kept.as_deref() == Some(inputs.image) {
        let gone = record.given.unset.iter();
        options.extend(gone.map(|name| format!("--unsetenv={name}")));
    }
    let hostname = machine.hostname.as_ref().map(|name| name.to_string());
    let secrets = inputs.secrets.iter();
    let secrets = secrets.map(|(name, variable)| format!("{name},type=env,target={variable}"));
    PodmanRun {
        id: record.id.clone(),
        hostname: hostname.unwrap_or_else(|| record.id.clone()),
        labels: vec![
            format!("{INSTANCE}={}", record.id),
            format!("{PROJECT}={}", record.project),
            format!("{FOLDER}={}", record.project_path.display()),
            format!("{DIGEST}={}", inputs.digest),
        ],
        memory: format!("{}b", machine.memory.bytes()),
        cpus: machine.cpus.to_string(),
        networks: inputs.networks.iter().map(network_argument).collect(),
        ports,
        mounts,
        options,
        environment,
        secrets: secrets.collect(),
        engine_args: words(&machine.engine_args),
        image: inputs.image.to_owned(),
        command: words(&machine.command),
    }
}

fn words(words: &[Located<String>]) -> Vec<String> {
    words.iter().map(|word| word.value.clone()).collect()
}

/// The variables that may be seen; of those that may not, the empty ones, which say nothing.
fn environment(inputs: &RunInputs) -> Vec<String> {
    let machine = inputs.machine;
    let seen = machine
        .env
        .iter()
        .filter(|variable| !machine.is_hidden(variable.value.origin));
    let seen = seen.map(|variable| format!("{}={}", variable.name.value, variable.value.value));
    let unseen = |name: &&String| inputs.secrets.iter().all(|(_, variable)| variable != *name);
    let empty = inputs.hidden.iter().filter(unseen);
    seen.chain(empty.map(|name| format!("{name}="))).collect()
}

/// The names of the variables that the first process hands on to ssh's sessions. The image of a machine that
/// is made anew has the old ones.
fn for_sessions(inputs: &RunInputs) -> Option<String> {
    let given = &inputs.record.given;
    let names: Vec<&str> = given.variables.iter().map(String::as_str).collect();
    let matters = !names.is_empty() || inputs.record.kept.is_some();
    matters.then(|| format!("VP_ENV={}", names.join(" ")))
}
