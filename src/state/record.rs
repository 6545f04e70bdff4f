//! The versioned record of one machine. On disk it has the form of a machine in `--json`, plus ours.

use super::given::{Attached, Given};
use crate::value::{Init, Kind, NetworkMode, PortRule, Protocol, Provider};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use uuid::Uuid;

/// The version that this program writes. A newer one is refused, never guessed at.
pub const SCHEMA: u32 = 1;

/// What is remembered of one machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MachineRecord {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The instance id: the engine's name of the machine, its host name, its ssh name.
    pub id: String,
    /// The machine's name in the project.
    pub machine: String,
    /// The project.
    pub project: Uuid,
    /// The project's folder.
    pub project_path: PathBuf,
    /// The configuration file's name in it.
    pub config_file: String,
    /// `vm` or `container`.
    pub infra_type: Kind,
    /// What runs it.
    pub provider: Provider,
    /// The last intent, or the last outcome.
    pub stage: Stage,
    /// The engine's own id of the thing, once known.
    pub engine_id: Option<String>,
    /// What the machine may use.
    pub resources: Resources,
    /// How it is on the network.
    pub networking: Networking,
    /// How to get in.
    pub access: Access,
    /// Image and the like as they were applied: setting → value in its canonical form.
    pub applied: BTreeMap<String, String>,
    /// Where each applied setting was written, as `file:line`.
    pub places: BTreeMap<String, String>,
    /// The image that holds what was installed in the machine that this one replaces.
    #[serde(default)]
    pub kept: Option<String>,
    /// The host's folders that it shares, as they were when it was made: a moved project's are elsewhere.
    #[serde(default)]
    pub shared: Vec<PathBuf>,
    /// What only a virtual machine has.
    #[serde(default)]
    pub vm: Option<VmRecord>,
    /// How it stands to the project's other machines, as the last `up` that made or started it meant it.
    #[serde(default)]
    pub ties: Ties,
    /// Whether the limits were set while it ran: Podman 4 forgets them, so each start sets them again.
    #[serde(default)]
    pub limits_set: bool,
    /// What it was given beside its settings.
    #[serde(default)]
    pub given: Given,
    /// The grace to stop in, in seconds, where one is written.
    #[serde(default)]
    pub stop_timeout: Option<u64>,
    /// Whether it was provisioned, as far as that is known without the configuration.
    #[serde(default)]
    pub provisioned: Provisioned,
    /// What it was provisioned by, and what came of it.
    #[serde(default)]
    pub provisions: Vec<Ran>,
    /// What was told of it once and is still true, such as limits that are not enforced.
    pub notes: Vec<String>,
    /// How long each stage took, in seconds: the next run's ETA.
    pub durations: BTreeMap<String, f64>,
    /// RFC 3339, UTC.
    pub created_at: Option<jiff::Timestamp>,
    /// RFC 3339, UTC.
    pub updated_at: jiff::Timestamp,
}

/// Whether a machine is provisioned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provisioned {
    /// Nothing was ever run.
    #[default]
    Never,
    /// All that was run went well.
    Ok,
    /// Something failed, or was cut short.
    Failed,
    /// It went well, and is written otherwise now.
    Stale,
}

/// One playbook that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// The playbook.
    pub playbook: PathBuf,
    /// What it was made of.
    pub fingerprint: String,
    /// Whether it went well; where that stands at no while nothing runs, it failed or was cut short.
    pub ok: bool,
    /// When it began, or ended well.
    pub at: jiff::Timestamp,
}

/// The last intent or outcome. `Keeping`, `Creating` and `Removing` are intents: where they stand,
/// something was cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Names and ports are reserved; nothing is made.
    Reserved,
    /// What was installed in its old self is being kept; the rest of the record tells of the new one.
    Keeping,
    /// It is being made.
    Creating,
    /// It is being started again, and may not be ready yet.
    Starting,
    /// It ran.
    Running,
    /// It was stopped.
    Stopped,
    /// It is being removed.
    Removing,
}

/// How a machine stands to the others of its project: what needs only the record knows it from here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ties {
    /// The profiles that `up` used.
    pub profiles: Vec<String>,
    /// When it used them.
    pub since: Option<jiff::Timestamp>,
    /// The node that it is one of, where that has a `count`.
    pub node: Option<String>,
    /// Its groups.
    pub tags: Vec<String>,
    /// What must be ready before it.
    pub depends_on: Vec<String>,
}

/// What a machine may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// Rounded up.
    pub memory_mb: u64,
    /// Exact.
    pub memory_bytes: u64,
    /// Whole CPUs.
    pub cpus: u32,
    /// Rounded up.
    pub disk_gb: u64,
    /// Exact.
    pub disk_bytes: u64,
}

/// How a machine is on the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Networking {
    /// `default` or `bridge`.
    pub mode: NetworkMode,
    /// The fixed address, where one was asked for.
    pub ip_address: Option<Ipv4Addr>,
    /// What is published.
    pub ports: Vec<PublishedPort>,
    /// The engine's networks that it uses, by name.
    pub networks: Vec<String>,
    /// The networks that it is on, in order.
    #[serde(default)]
    pub attached: Vec<Attached>,
}

/// A published port, with the host's side decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedPort {
    /// The host's address.
    pub address: Ipv4Addr,
    /// The host's port.
    pub host_port: u16,
    /// The machine's port.
    pub container_port: u16,
    /// `tcp` or `udp`.
    pub protocol: Protocol,
    /// Whether vagrantp picked it.
    pub auto: bool,
}

impl PublishedPort {
    /// As a rule with a fixed host port.
    pub fn rule(&self) -> PortRule {
        PortRule {
            address: self.address,
            host: crate::value::HostPort::Fixed(self.host_port),
            guest: self.container_port,
            protocol: self.protocol,
        }
    }
}

/// How to get in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// What runs first: `image` machines are entered by exec.
    pub init: Init,
    /// The user.
    pub user: String,
    /// The user's own key; without it the pair in the machine's folder.
    pub key: Option<PathBuf>,
    /// Where sshd is.
    #[serde(default = "loopback")]
    pub address: Ipv4Addr,
    /// The port there that leads to sshd.
    pub port: Option<u16>,
    /// Whether ssh goes through the engine's exec: no network of it leads to the host.
    #[serde(default)]
    pub exec: bool,
}

fn loopback() -> Ipv4Addr {
    Ipv4Addr::LOCALHOST
}

/// What only a virtual machine has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VmRecord {
    /// The box that it was made from.
    pub box_name: String,
    /// The volume that its disk lies over.
    pub base: String,
    /// Whether a program runs its instructions, and no processor does.
    pub emulated: bool,
    /// Whether its disk has all that lets us in: before that, nobody can have lived in it.
    pub is_seeded: bool,
    /// The hardware address of its card on each network, by the network's name on the host.
    pub macs: BTreeMap<String, String>,
    /// The names of its further disks, in the order in which it has them.
    #[serde(default)]
    pub disks: Vec<String>,
}
