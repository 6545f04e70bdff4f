//! What is meant: every machine complete, every value with the place it came from.

pub mod files;
pub mod host;
pub mod playbook;
pub mod resolve;
pub mod rules;

use crate::source::{Located, Origin};
use crate::value::{
    HostName, HostPort, ImageRef, Init, Kind, NetworkMode, PortRule, Provider, Share, Size,
    UserName,
};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// A folder's machines.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder, absolute and without links.
    pub folder: PathBuf,
    /// The configuration file's name in it.
    pub file: String,
    /// In written order.
    pub machines: Vec<Machine>,
}

/// One machine, as meant.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its name in the project; the project's for the one of a `.env`.
    pub name: String,
    /// Its key in the state folder: empty for the one of a `.env`, which may be renamed.
    pub key: String,
    /// The instance id: unique for the user on the host.
    pub id: Located<HostName>,
    /// What it is.
    pub kind: Located<Kind>,
    /// What runs it.
    pub provider: Located<Provider>,
    /// RAM.
    pub memory: Located<Size>,
    /// Whole CPUs.
    pub cpus: Located<u32>,
    /// The disk.
    pub disk_size: Located<Size>,
    /// How it is reached.
    pub network: Located<NetworkMode>,
    /// The host's interface for `bridge`.
    pub interface: Option<Located<String>>,
    /// A fixed address.
    pub ip: Option<Located<Ipv4Addr>>,
    /// Published ports.
    pub ports: Vec<Located<PortRule>>,
    /// A container's image.
    pub image: Located<ImageRef>,
    /// A vm's box.
    pub box_name: Located<String>,
    /// What runs first in a container.
    pub init: Located<Init>,
    /// The user, where one is written.
    pub user: Option<Located<UserName>>,
    /// The user's own private key, absolute.
    pub key_file: Option<Located<PathBuf>>,
    /// Shared folders; the host's side absolute.
    pub shares: Vec<Located<MountedShare>>,
    /// The playbook and what goes with it.
    pub provision: Option<Provision>,
}

/// A share with the host's side as an absolute path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountedShare {
    /// As written, for messages.
    pub written: Share,
    /// The host's folder or file.
    pub host: PathBuf,
}

/// A playbook and what goes with it. Paths are absolute.
#[derive(Debug, Clone)]
pub struct Provision {
    /// The playbook.
    pub playbook: Located<PathBuf>,
    /// A YAML or JSON mapping of variables.
    pub vars: Option<Located<PathBuf>>,
    /// Names of variables that become Ansible variables.
    pub secrets: Vec<Located<String>>,
}

impl Machine {
    /// The user to log in as.
    pub fn login(&self) -> &str {
        self.user.as_ref().map_or("root", |user| user.as_str())
    }

    /// The fixed host ports.
    pub fn fixed_ports(&self) -> impl Iterator<Item = &Located<PortRule>> {
        let fixed = |port: &&Located<PortRule>| matches!(port.host, HostPort::Fixed(_));
        self.ports.iter().filter(fixed)
    }

    /// Every setting that makes the machine what it is, in its canonical form, with its place.
    /// Two machines with equal facets need nothing done to become each other.
    pub fn facets(&self) -> BTreeMap<&'static str, (String, Origin)> {
        use crate::value::Choice;
        let mut facets = BTreeMap::new();
        let mut put = |name, text: String, origin| {
            facets.insert(name, (text, origin));
        };
        put("kind", self.kind.word().into(), self.kind.origin);
        put("id", self.id.to_string(), self.id.origin);
        put("memory", self.memory.to_string(), self.memory.origin);
        put("cpus", self.cpus.to_string(), self.cpus.origin);
        put(
            "provider",
            self.provider.word().into(),
            self.provider.origin,
        );
        put("network", self.network.word().into(), self.network.origin);
        if let Some(interface) = &self.interface {
            put("network.interface", interface.to_string(), interface.origin);
        }
        if let Some(ip) = &self.ip {
            put("network.ip", ip.to_string(), ip.origin);
        }
        if let Some(first) = self.ports.first() {
            put("ports", listed(&self.ports), first.origin);
        }
        match self.kind.value {
            Kind::Container => {
                let image = match &self.image.value {
                    ImageRef::Registry(full) => full.clone(),
                    ImageRef::Containerfile(path) => path.clone(),
                };
                put("image", image, self.image.origin);
                put("init", self.init.word().into(), self.init.origin);
            }
            Kind::Vm => {
                put("box", self.box_name.to_string(), self.box_name.origin);
                put(
                    "disk-size",
                    self.disk_size.to_string(),
                    self.disk_size.origin,
                );
            }
        }
        if let Some(user) = &self.user {
            put("ssh.user", user.to_string(), user.origin);
        }
        if let Some(key) = &self.key_file {
            put("ssh.key", key.display().to_string(), key.origin);
        }
        if let Some(first) = self.shares.first() {
            put("sync", listed(&self.shares), first.origin);
        }
        facets
    }
}

fn listed<T: std::fmt::Display>(values: &[Located<T>]) -> String {
    let words: Vec<String> = values.iter().map(|value| value.value.to_string()).collect();
    words.join(",")
}

impl std::fmt::Display for MountedShare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mode = if self.written.read_only { ":ro" } else { "" };
        write!(f, "{}:{}{mode}", self.written.host, self.written.guest)
    }
}
