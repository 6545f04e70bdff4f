//! What is meant: every machine complete, every value with the place it came from.

pub mod facets;
pub mod files;
pub mod host;
pub mod in_env;
pub mod in_kdl;
pub mod joined;
mod lacking;
pub mod machine;
pub mod mask;
pub mod naming;
pub mod network;
pub mod playbook;
pub mod provision;
pub mod reader;
mod ready;
pub mod resolve;
pub mod rules;
pub mod sealed;
pub mod shown;
pub mod task;
pub mod throw_away;
pub mod values;

use crate::settings::Dialect;
use crate::source::{Located, Origin, Span};
pub use crate::spec::Variable;
use crate::value::{
    HostName, HostPort, ImageRef, Init, Kind, NetworkMode, NetworkName, ObjectName, PortRule,
    Provider, Restart, Share, Size, UserName,
};
pub use network::{Attachment, Network};
pub use provision::{Means, Provision, Requirements};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;
pub use values::Resolved;

/// A folder's machines.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder, absolute and without links.
    pub folder: PathBuf,
    /// The configuration file's name in it.
    pub file: String,
    /// How the file writes settings.
    pub dialect: Dialect,
    /// What the ids of its machines begin with; none where its one machine has an id of its own.
    pub name: Option<Located<HostName>>,
    /// The profiles that it was resolved for, in order.
    pub profiles: Vec<String>,
    /// Networks of its own.
    pub networks: Vec<Network>,
    /// In written order; those that a profile leaves out are not among them.
    pub machines: Vec<Machine>,
    /// Written machines that the profile leaves out: another machine may depend on one.
    pub left_out: Vec<Machine>,
    /// The profile that is used where none is asked for.
    pub default_profile: Option<String>,
    /// Commands to run in a machine.
    pub tasks: Vec<Task>,
    /// Where templates and profiles begin: a place between two of them is in the first.
    pub headings: BTreeMap<Span, String>,
}

/// Commands to run in a machine.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its name.
    pub name: Located<ObjectName>,
    /// The machine's name; the only one without.
    pub machine: Option<Located<String>>,
    /// Lines for its shell, in order.
    pub run: Vec<Located<String>>,
    /// Lines that came of `env.*`, as they are written: they may hold secrets. By their place.
    pub unexpanded: BTreeMap<Span, String>,
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
    /// What it is without what overrides that: a profile may turn it around.
    pub turned_from: Option<Kind>,
    /// What of its written settings the other kind of machine has, and its own has less of or nothing.
    pub lacking: Vec<Located<String>>,
    /// What runs it.
    pub provider: Located<Provider>,
    /// RAM.
    pub memory: Located<Size>,
    /// Whole CPUs.
    pub cpus: Located<u32>,
    /// The disk.
    pub disk_size: Located<Size>,
    /// The networks that it names; none: the default one alone.
    pub networks: Vec<Attachment>,
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
    /// Playbooks and scripts, in order.
    pub provisions: Vec<Provision>,
    /// Named volumes.
    pub volumes: Vec<Located<Volume>>,
    /// Disks beside the first.
    pub extra_disks: Vec<Located<ExtraDisk>>,
    /// Variables of its environment, by name.
    pub env: Vec<Variable>,
    /// Variables of its environment whose values are never shown.
    pub secrets: Vec<Secret>,
    /// Packages of the distribution.
    pub packages: Vec<Located<String>>,
    /// Groups that it belongs to.
    pub tags: Vec<Located<ObjectName>>,
    /// Names of the machines that must be ready first: a `count` stands for all of its machines.
    pub depends_on: Vec<Located<String>>,
    /// When it is ready; when it can be entered, where nothing is written.
    pub ready: Option<Located<Ready>>,
    /// When the engine starts it again by itself.
    pub restart: Located<Restart>,
    /// What runs instead of the image's command, a word an argument; nothing: the image's.
    pub command: Vec<Located<String>>,
    /// Its name for itself, where that is not its id.
    pub hostname: Option<Located<HostName>>,
    /// How long it may take to boot.
    pub boot_timeout: Located<Duration>,
    /// How long it may take to stop by itself.
    pub stop_timeout: Located<Duration>,
    /// Whether it comes up without being named.
    pub autostart: Located<bool>,
    /// Arguments for its engine, as they are.
    pub engine_args: Vec<Located<String>>,
    /// The node's name before `count`, and which of how many it is.
    pub instance: Option<Instance>,
    /// Where it is written: its name.
    pub origin: Origin,
    /// The how many-th it is of all that are written, those that the profile leaves out too.
    pub place: usize,
    /// Values that came of `env.*`, as they are written: they may be secrets and are shown so. By their place.
    pub unexpanded: BTreeMap<Span, String>,
    /// Where values that came of a template's parameters were given, by their place.
    pub given: BTreeMap<Span, Origin>,
    /// Digests of what may be remembered and never shown, by the name of the variable or setting: [`sealed`].
    pub sealed: BTreeMap<String, String>,
}

/// One of the machines of a `count`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The name of the node.
    pub node: String,
    /// From 1.
    pub index: u32,
    /// How many there are.
    pub count: u32,
}

/// A named volume at a path of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Its name in the project.
    pub name: ObjectName,
    /// The path in the machine.
    pub to: Located<String>,
    /// Whether the machine only reads it.
    pub read_only: bool,
}

/// A disk beside the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraDisk {
    /// Its name.
    pub name: ObjectName,
    /// Its size.
    pub size: Located<Size>,
}

/// A value that is never shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Secret {
    /// The variable that it becomes.
    pub name: Located<String>,
    /// Where its value is.
    pub from: SecretSource,
}

/// Where a secret's value is.
#[derive(Debug, Clone, PartialEq)]
pub enum SecretSource {
    /// In a variable of the `.env` or the environment.
    Variable(Located<String>),
    /// In a file; absolute.
    File(Located<PathBuf>),
}

/// When a machine is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// What is tried.
    pub probe: Located<ReadyProbe>,
    /// How long that may take.
    pub within: Located<Duration>,
}

/// What is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadyProbe {
    /// A port that answers inside the machine.
    Port(u16),
    /// A command of its shell that ends with 0.
    Command(String),
}

/// A share with the host's side as an absolute path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountedShare {
    /// As written, for messages.
    pub written: Share,
    /// The host's folder or file.
    pub host: PathBuf,
    /// Where the path in the machine is written, where that is another place than the host's.
    pub to: Origin,
    /// Paths in it that the machine does not see, relative to it.
    pub masks: Vec<Located<String>>,
}

impl Project {
    /// What the project is called: its lone machine's id, where that has one of its own.
    pub fn shown_name(&self) -> String {
        match (&self.name, &self.machines[..]) {
            (Some(name), _) => name.to_string(),
            (None, [machine, ..]) => machine.id.to_string(),
            (None, []) => String::new(),
        }
    }

    /// Calls the project otherwise, and with it the machines whose ids are made of its name.
    pub fn rename(&mut self, name: &HostName) {
        self.name = Some(Located::new(name.clone(), Origin::Default));
        let machines = self.machines.iter_mut().chain(&mut self.left_out);
        for machine in machines.filter(|machine| machine.id.span().is_none()) {
            let id = match machine.key.is_empty() {
                true => Ok(name.clone()),
                false => HostName::parse(&format!("{name}-{}", machine.name)),
            };
            // Too long with the suffix: the old one then clashes, and that is told.
            let Ok(id) = id else { continue };
            if machine.key.is_empty() {
                machine.name = id.to_string();
            }
            machine.id.value = id;
        }
    }

    /// The layer of a value as people name it: with the name of its template or profile.
    pub fn layer(&self, origin: Origin) -> String {
        let named = matches!(origin, Origin::Template(_) | Origin::Profile(_));
        let heading = origin.span().filter(|_| named).and_then(|span| {
            let before = self.headings.range(..=span).next_back()?;
            (before.0.source == span.source).then_some(before.1)
        });
        match heading {
            Some(name) => format!("{} {name}", origin.layer()),
            None => origin.layer().to_owned(),
        }
    }

    /// All written machines: those that the profile leaves out behind the others.
    pub fn all(&self) -> impl Iterator<Item = &Machine> {
        self.machines.iter().chain(&self.left_out)
    }

    /// What `up` is asked for the same profiles by: nothing where it uses them by itself.
    pub fn profile_flags(&self) -> String {
        match (&self.profiles[..], &self.default_profile) {
            ([], None) => String::new(),
            ([], Some(_)) => " --no-profile".into(),
            ([one], Some(default)) if one == default => String::new(),
            (names, _) => names
                .iter()
                .map(|name| format!(" --profile {name}"))
                .collect(),
        }
    }
}

impl Machine {
    /// The user to log in as: boxes have one of this name.
    pub fn login(&self) -> &str {
        let own = match self.kind.value {
            Kind::Vm => "vagrant",
            Kind::Container => "root",
        };
        self.user.as_ref().map_or(own, |user| user.as_str())
    }

    /// What to do where its id is taken.
    pub fn another_id(&self) -> &'static str {
        match (self.key.is_empty(), &self.instance) {
            (true, _) => "write another INFRA_ID",
            // With `count` the project's name is all that can be chosen.
            (false, Some(_)) => "write another name for the `project`",
            (false, None) => "write another `id`",
        }
    }

    /// What a command says behind its verb to mean it: nothing for the one of a `.env`.
    pub fn target(&self) -> String {
        let name = Some(&self.key).filter(|key| !key.is_empty());
        name.map(|name| format!(" {name}")).unwrap_or_default()
    }

    /// Its attachment to the host's own network, where it has one.
    pub fn bridge(&self) -> Option<&Attachment> {
        let mut all = self.networks.iter();
        all.find(|network| network.name.value == NetworkName::Bridge)
    }

    /// `bridge` where the machine is on the host's own network.
    pub fn network_mode(&self) -> NetworkMode {
        match self.bridge() {
            Some(_) => NetworkMode::Bridge,
            None => NetworkMode::Default,
        }
    }

    /// What runs first: a command of its own runs as the image's does.
    pub fn first_process(&self) -> Init {
        match self.init.value {
            Init::Auto if !self.command.is_empty() => Init::Image,
            init => init,
        }
    }

    /// Whether no network of it leads to the host, so that nothing can be published.
    pub fn is_shut_in(&self) -> bool {
        let mut own = self.networks.iter().map(|network| network.own.as_ref());
        !self.networks.is_empty() && own.all(|own| own.is_some_and(|own| own.internal))
    }

    /// The first fixed address.
    pub fn ip(&self) -> Option<&Located<Ipv4Addr>> {
        self.networks.iter().find_map(|network| network.ip.as_ref())
    }

    /// The fixed host ports.
    pub fn fixed_ports(&self) -> impl Iterator<Item = &Located<PortRule>> {
        let fixed = |port: &&Located<PortRule>| matches!(port.host, HostPort::Fixed(_));
        self.ports.iter().filter(fixed)
    }
}
