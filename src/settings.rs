//! The vocabulary: one row a setting. From it come reading, did-you-mean, defaults, `explain`,
//! the classes of a change, and the book's reference.

mod dialect;

pub use dialect::Dialect;

use crate::value::Kind;

/// How the words of a setting are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Takes {
    Kind,
    Name,
    Size(&'static SizeRule),
    Count,
    Provider,
    NetworkMode,
    Interface,
    Ip,
    Ports,
    Image,
    BoxName,
    Init,
    User,
    Path,
    Share,
    VariableName,
    Duration,
    Port,
    Restart,
    Switch,
    ObjectName,
    GuestPath,
    SharedPath,
    PackageName,
    Text,
    Nothing,
}

/// What stands for a setting in KDL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `vm` or `container`, whose argument is its box or image.
    Kind,
    /// The argument of `vm` or `container`.
    OfKind,
    /// A node with one argument: `memory "2G"`.
    One,
    /// A node with any number of arguments: `ports "8080:80" "auto:443"`.
    Many,
    /// A node with an argument, and parts: `volume data to="/data"`.
    Item,
    /// A node of parts alone: `ready port=80`.
    Parts,
    /// A node of free names: `env APP_ENV=dev DB_HOST=db`.
    Pairs,
    /// A node whose first argument says whose the others are: `engine-args podman "--device=/dev/fuse"`.
    Group,
    /// A node that is there or not: `dry-run`.
    Flag,
    /// A property of its owner, the setting or node before the last dot: `ssh user=dev`.
    Property,
}

/// Where a setting may stand in a `vagrantp.kdl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// In every block of settings.
    Everywhere,
    /// In a `machine` alone: what makes it that machine.
    Machine,
}

/// What a size must be.
#[derive(Debug, PartialEq, Eq)]
pub struct SizeRule {
    /// The unit of a bare number.
    pub bare: char,
    /// The least, as messages say it.
    pub least: &'static str,
    /// The least, in MiB.
    pub least_mib: u64,
    /// A bare number from here on was surely meant in [`SizeRule::meant`].
    pub mistaken: u64,
    /// The unit that was surely meant.
    pub meant: &'static str,
}

const MEMORY: SizeRule = SizeRule {
    bare: 'M',
    least: "512MB",
    least_mib: 512,
    mistaken: 1_048_576,
    meant: "B",
};

const DISK: SizeRule = SizeRule {
    bare: 'G',
    least: "5GB",
    least_mib: 5 * 1024,
    mistaken: 5120,
    meant: "M",
};

const DISK_MORE: SizeRule = SizeRule {
    bare: 'G',
    least: "1GB",
    least_mib: 1024,
    mistaken: 5120,
    meant: "M",
};

/// How a higher layer meets a lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// The higher value replaces the lower.
    Replace,
    /// All that the layers write, each once.
    Union,
    /// All that the layers write, the lower first.
    Append,
    /// By the value that names it: the higher replaces the lower of the same name.
    ByName,
    /// By the path in the machine.
    ByGuestPath,
    /// By the port of the machine and its protocol.
    ByGuestPort,
}

/// What it takes to apply a changed value to a machine that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Nothing: it is no property of the made machine.
    Free,
    /// While it runs.
    Live,
    /// A new container from a commit of the old one: what was installed in it stays.
    Recreate,
    /// A new machine from its image: what was in the old one is lost.
    LosesData,
}

/// A row.
#[derive(Debug)]
pub struct Setting {
    /// The name in KDL.
    pub name: &'static str,
    /// The key in a `.env`, where one machine alone may have it.
    pub env: Option<&'static str>,
    /// What stands for it in KDL.
    pub form: Form,
    /// Where it may stand in KDL.
    pub stands: Stands,
    /// How its words are read.
    pub takes: Takes,
    /// How layers meet.
    pub merge: Merge,
    /// The value where nothing is written, as it would be written.
    pub default: Option<&'static str>,
    /// The only kind of machine it is for; both where `None`.
    pub kind: Option<Kind>,
    /// The kind of machine that has less of it than the other, and what it is there.
    pub weaker: Option<(Kind, &'static str)>,
    /// What a changed value takes.
    pub class: Class,
    /// The rule that a wrong value breaks.
    pub rule: u16,
    /// What it means, with units and limits.
    pub doc: &'static str,
    /// A value that works.
    pub example: &'static str,
}

use Class::*;
use Merge::*;

/// What most rows have.
const ROW: Setting = Setting {
    name: "",
    env: None,
    takes: Takes::Nothing,
    form: Form::One,
    stands: Stands::Everywhere,
    merge: Replace,
    default: None,
    kind: None,
    weaker: None,
    class: Free,
    rule: 0,
    doc: "",
    example: "",
};

/// All settings, in the order to show them.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    Setting { name: "kind", env: Some("INFRA_TYPE"), takes: Takes::Kind, form: Form::Kind, class: LosesData, weaker: Some((Kind::Container, "a container shares the host's kernel")), rule: 2101,
        doc: "What the machine is: `vm` or `container`. Required.", example: "container", ..ROW },
    Setting { name: "id", env: Some("INFRA_ID"), takes: Takes::Name, stands: Stands::Machine, class: Recreate, rule: 2102,
        doc: "The machine's name on this host: a host name of at most 63 characters, unique for the user. Without it the folder's name is made into one.", example: "blog", ..ROW },
    Setting { name: "memory", env: Some("MEMORY"), takes: Takes::Size(&MEMORY), default: Some("2048"), class: Live, weaker: Some((Kind::Container, "a limit for a container, not memory of its own")), rule: 2107,
        doc: "RAM. A bare number is MB; at least 512 MB. Units K, M, G, T are powers of 1024.", example: "4G", ..ROW },
    Setting { name: "cpus", env: Some("CPUS"), takes: Takes::Count, default: Some("2"), class: Live, weaker: Some((Kind::Container, "a limit for a container, not CPUs of its own")), rule: 2108,
        doc: "How many CPUs: a whole number from 1 to the host's.", example: "4", ..ROW },
    Setting { name: "disk-size", env: Some("DISK_SIZE"), takes: Takes::Size(&DISK), default: Some("20G"), class: LosesData, weaker: Some((Kind::Container, "a container shares the host's disk")), rule: 2109,
        doc: "The size of the disk. A bare number is GB; at least 5 GB. A container has it only where the storage driver knows quotas.", example: "50G", ..ROW },
    Setting { name: "provider", env: Some("PROVIDER"), takes: Takes::Provider, class: LosesData, rule: 2103,
        doc: "What runs the machine: `libvirt` or `virtualbox` for a vm (required there), `podman` for a container.", example: "libvirt", ..ROW },
    Setting { name: "network", env: Some("NETWORK_MODE"), takes: Takes::NetworkMode, form: Form::Item, merge: ByName, default: Some("default"), class: Recreate, rule: 2104,
        doc: "`default`: behind the host. `bridge`: also on the host's own network.", example: "bridge", ..ROW },
    Setting { name: "network.interface", env: Some("NETWORK_INTERFACE"), takes: Takes::Interface, form: Form::Property, class: Recreate, rule: 2105,
        doc: "The host's interface or bridge for `bridge`. Default: the interface of the default route.", example: "eth0", ..ROW },
    Setting { name: "network.ip", env: Some("IP_ADDRESS"), takes: Takes::Ip, form: Form::Property, class: Recreate, rule: 2106,
        doc: "A fixed IPv4 address. In `default` a private one: the /24 that holds it is made, with the gateway at .1. In `bridge` one of the interface's subnet.", example: "10.20.0.5", ..ROW },
    Setting { name: "ports", env: Some("PORTS"), takes: Takes::Ports, form: Form::Many, merge: ByGuestPort, class: Recreate, rule: 2110,
        doc: "Ports of the machine published on the host: `[address:]host:guest[/tcp|/udp]`, `auto:guest`, ranges. Default address: all interfaces.", example: "8080:80,auto:443", ..ROW },
    Setting { name: "image", env: Some("IMAGE"), takes: Takes::Image, form: Form::OfKind, default: Some("debian:12"), kind: Some(Kind::Container), class: LosesData, rule: 2111,
        doc: "The image: a registry reference (short names as Docker expands them), `localhost/…`, or the path of a Containerfile.", example: "debian:12", ..ROW },
    Setting { name: "box", env: Some("BOX"), takes: Takes::BoxName, form: Form::OfKind, default: Some("std/debian"), kind: Some(Kind::Vm), class: LosesData, rule: 2119,
        doc: "The Vagrant box.", example: "debian/bookworm64", ..ROW },
    Setting { name: "init", env: Some("INIT"), takes: Takes::Init, default: Some("auto"), kind: Some(Kind::Container), class: LosesData, rule: 2112,
        doc: "What runs first in the container: `sshd` (a machine to live in), `systemd`, `image` (the image's own command, entered by exec), or `auto`: `image` for an image that declares a service, else `sshd`.", example: "sshd", ..ROW },
    Setting { name: "provision", env: Some("PROVISIONING_PLAYBOOK"), takes: Takes::Path, form: Form::Item, merge: Append, rule: 2116,
        doc: "An Ansible playbook: a YAML list of plays.", example: "./playbooks/site.yml", ..ROW },
    Setting { name: "provision.vars-file", env: Some("PROVISIONING_VARS"), takes: Takes::Path, merge: ByName, rule: 2117,
        doc: "Variables for the playbook: a YAML or JSON mapping.", example: "./vars.yml", ..ROW },
    Setting { name: "provision.secret", env: Some("PROVISIONING_SECRETS"), takes: Takes::VariableName, form: Form::Item, merge: ByName, rule: 2118,
        doc: "Names of variables of the `.env` or the environment; each becomes an Ansible variable of that name.", example: "DB_PASSWORD", ..ROW },
    Setting { name: "ssh.user", env: Some("SSH_USER"), takes: Takes::User, form: Form::Property, class: Recreate, rule: 2113,
        doc: "The user in the machine. Default: `root` in a container, the box's own in a vm.", example: "dev", ..ROW },
    Setting { name: "ssh.key", env: Some("SSH_KEY"), takes: Takes::Path, form: Form::Property, class: Recreate, rule: 2114,
        doc: "A private key of yours. Its public half comes from the `.pub` beside it. Default: a pair made for the machine.", example: "~/.ssh/id_ed25519", ..ROW },
    Setting { name: "sync", env: Some("SYNC"), takes: Takes::Share, form: Form::Item, merge: ByGuestPath, class: Recreate, weaker: Some((Kind::Vm, "under libvirt a vm's root writes there as the host's root")), rule: 2115,
        doc: "Folders of the host in the machine: `host[:guest[:ro]]`. Default guest path: `/workspace`.", example: ".:/workspace", ..ROW },
    Setting { name: "sync.to", takes: Takes::GuestPath, form: Form::Property, class: Recreate, rule: 2115,
        doc: "The path in the machine. Default: `/workspace`.", example: "/workspace", ..ROW },
    Setting { name: "sync.read-only", takes: Takes::Nothing, form: Form::Flag, class: Recreate, weaker: Some((Kind::Vm, "the guest's own doing in a vm: its root can undo it")), rule: 2115,
        doc: "The machine only reads it.", example: "", ..ROW },
    Setting { name: "sync.mask", takes: Takes::SharedPath, form: Form::Many, merge: Union, class: Recreate, rule: 2134,
        doc: "Paths of the shared folder that the machine does not see.", example: ".env", ..ROW },
    Setting { name: "volume", takes: Takes::ObjectName, form: Form::Item, merge: ByGuestPath, kind: Some(Kind::Container), class: Recreate, rule: 2125,
        doc: "A named volume: it outlives the machine, and goes with `rm --volumes`.", example: "cache-data to=\"/data\"", ..ROW },
    Setting { name: "volume.to", takes: Takes::GuestPath, form: Form::Property, class: Recreate, rule: 2125,
        doc: "The path in the machine. Required.", example: "/data", ..ROW },
    Setting { name: "volume.read-only", takes: Takes::Nothing, form: Form::Flag, class: Recreate, rule: 2125,
        doc: "The machine only reads it.", example: "", ..ROW },
    Setting { name: "extra-disk", takes: Takes::ObjectName, form: Form::Item, merge: ByName, kind: Some(Kind::Vm), class: Recreate, rule: 2124,
        doc: "A disk more. The guest has it at `/mnt/NAME`, with an ext4 file system that is made where it is empty.", example: "data size=\"10G\"", ..ROW },
    Setting { name: "extra-disk.size", takes: Takes::Size(&DISK_MORE), form: Form::Property, class: Recreate, rule: 2124,
        doc: "Its size. A bare number is GB; at least 1 GB.", example: "10G", ..ROW },
    Setting { name: "env", takes: Takes::Text, form: Form::Pairs, merge: ByName, class: Recreate, weaker: Some((Kind::Vm, "only in the sessions of ssh in a vm, not in its services")), rule: 2126,
        doc: "Variables of the environment in the machine: of its first process, of `exec` and of ssh's sessions. ssh has no way for a value of several lines.", example: "APP_ENV=dev", ..ROW },
    Setting { name: "secret", takes: Takes::VariableName, form: Form::Item, merge: ByName, class: Recreate, weaker: Some((Kind::Vm, "only in the sessions of ssh in a vm, not in its services")), rule: 2127,
        doc: "A variable of the environment in the machine whose value comes from the `.env`, the environment or a file, and is never shown.", example: "API_TOKEN", ..ROW },
    Setting { name: "secret.from", takes: Takes::VariableName, form: Form::Property, rule: 2127,
        doc: "The name it has in the `.env` or the environment, where that is another.", example: "DB_PASSWORD", ..ROW },
    Setting { name: "secret.file", takes: Takes::Path, form: Form::Property, rule: 2127,
        doc: "The file that holds it.", example: "./token", ..ROW },
    Setting { name: "packages", takes: Takes::PackageName, form: Form::Many, merge: Union, rule: 2128,
        doc: "Packages of the distribution that are installed.", example: "git", ..ROW },
    Setting { name: "command", takes: Takes::Text, form: Form::Many, kind: Some(Kind::Container), class: Recreate, rule: 2130,
        doc: "The command that runs in the container instead of the image's, a word an argument.", example: "redis-server --appendonly yes", ..ROW },
    Setting { name: "hostname", takes: Takes::Name, class: Recreate, rule: 2120,
        doc: "The name that the machine has for itself. Default: its id.", example: "web", ..ROW },
    Setting { name: "restart", takes: Takes::Restart, default: Some("no"), class: Recreate, weaker: Some((Kind::Vm, "not done for a vm: `vagrantp up` starts it again")), rule: 2123,
        doc: "When the engine starts it again where it ends by itself: `no`, `on-failure`, `always`. `vagrantp stop` holds all the same. After the host's own restart Podman starts only `always`, and only where its service `podman-restart` is enabled; else `vagrantp up` does.", example: "always", ..ROW },
    Setting { name: "tags", takes: Takes::ObjectName, form: Form::Many, merge: Union, rule: 2129,
        doc: "Groups that it belongs to: `@frontend` is a target, and a group of the inventory.", example: "frontend", ..ROW },
    Setting { name: "depends-on", takes: Takes::ObjectName, form: Form::Many, merge: Union, rule: 2129,
        doc: "Machines that must be ready before it starts.", example: "db", ..ROW },
    Setting { name: "ready", takes: Takes::Nothing, form: Form::Parts, rule: 2122,
        doc: "When it is ready, and what depends on it may start. Without it: when ssh works.", example: "port=80 within=\"30s\"", ..ROW },
    Setting { name: "ready.port", takes: Takes::Port, form: Form::Property, rule: 2122,
        doc: "Ready when this port answers inside the machine.", example: "80", ..ROW },
    Setting { name: "ready.command", takes: Takes::Text, form: Form::Property, rule: 2122,
        doc: "Ready when this command ends with 0 in its shell.", example: "pg_isready", ..ROW },
    Setting { name: "ready.within", takes: Takes::Duration, form: Form::Property, default: Some("60s"), rule: 2121,
        doc: "How long that may take.", example: "30s", ..ROW },
    Setting { name: "boot-timeout", takes: Takes::Duration, default: Some("300s"), rule: 2121,
        doc: "How long it may take to boot.", example: "\"300s\"", ..ROW },
    Setting { name: "stop-timeout", takes: Takes::Duration, default: Some("30s"), rule: 2121,
        doc: "How long it may take to stop by itself.", example: "\"30s\"", ..ROW },
    Setting { name: "autostart", takes: Takes::Switch, default: Some("on"), rule: 2132,
        doc: "`off`: it comes up only when it is named.", example: "off", ..ROW },
    Setting { name: "engine-args", takes: Takes::Text, form: Form::Group, merge: Append, class: Recreate, rule: 2131,
        doc: "Arguments for the engine, as they are: the way out where vagrantp has no setting.", example: "podman \"--device=/dev/fuse\"", ..ROW },
    Setting { name: "count", takes: Takes::Count, stands: Stands::Machine, rule: 2133,
        doc: "How many machines there are of it: `node` becomes `node-1`, `node-2`, …", example: "3", ..ROW },
    Setting { name: "provision.vars", takes: Takes::Text, form: Form::Pairs, merge: ByName, rule: 2117,
        doc: "Variables for the playbook.", example: "release=1.2", ..ROW },
    Setting { name: "provision.secret.from", takes: Takes::VariableName, form: Form::Property, rule: 2118,
        doc: "The name it has in the `.env` or the environment, where that is another.", example: "DB_PASSWORD", ..ROW },
    Setting { name: "provision.only-tags", takes: Takes::Text, form: Form::Many, merge: Union, rule: 2129,
        doc: "Only tasks with these tags.", example: "web", ..ROW },
    Setting { name: "provision.dry-run", takes: Takes::Nothing, form: Form::Flag, rule: 2116,
        doc: "Only say what it would change.", example: "", ..ROW },
];

/// The row of a KDL name.
pub fn by_name(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|row| row.name == name)
}

/// The row of a name that a document uses.
///
/// # Panics
/// When there is none: documents are made of rows.
pub fn of(name: &str) -> &'static Setting {
    by_name(name).expect("documents use the vocabulary")
}

/// The row of a `.env` key, exact.
pub fn by_env(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|row| row.env == Some(key))
}

impl Setting {
    /// Whether it means nothing for a kind of machine.
    pub fn is_foreign_to(&self, kind: Kind) -> bool {
        self.kind.is_some_and(|only| only != kind)
    }

    /// What it is for a kind of machine that has less of it than the other.
    pub fn weaker_for(&self, kind: Kind) -> Option<&'static str> {
        let (weaker, what) = self.weaker?;
        (weaker == kind).then_some(what)
    }

    /// Whether a `.env` writes several words of it between commas.
    pub fn is_list(&self) -> bool {
        matches!(
            self.takes,
            Takes::Ports | Takes::Share | Takes::VariableName
        )
    }

    /// The key in a `.env`; the name, for what only KDL can say.
    pub fn key(&self) -> &'static str {
        self.env.unwrap_or(self.name)
    }

    /// The setting or node that it is a part of: `network` for `network.ip`.
    pub fn owner(&self) -> Option<&'static str> {
        self.name.rsplit_once('.').map(|(owner, _)| owner)
    }

    /// Its name within its owner: `ip` for `network.ip`.
    pub fn own_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }
}

/// The parts of a setting or node, such as `network.ip` of `network`.
pub fn parts_of(owner: &str) -> impl Iterator<Item = &'static Setting> {
    SETTINGS
        .iter()
        .filter(move |row| row.owner() == Some(owner))
}
