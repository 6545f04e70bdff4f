//! The vocabulary: one row a setting. From it come reading, did-you-mean, defaults, `explain`,
//! the classes of a change, and the book's reference.

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

/// How a higher layer meets a lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// The higher value replaces the lower.
    Replace,
    /// A list: in a `.env` the words between commas; a higher layer replaces the whole list.
    List,
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
    /// The key in a `.env`.
    pub env: &'static str,
    /// How its words are read.
    pub takes: Takes,
    /// How layers meet.
    pub merge: Merge,
    /// The value where nothing is written, as it would be written.
    pub default: Option<&'static str>,
    /// The only kind of machine it is for; both where `None`.
    pub kind: Option<Kind>,
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

/// All settings, in the order to show them.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    Setting { name: "kind", env: "INFRA_TYPE", takes: Takes::Kind, merge: Replace, default: None, kind: None, class: LosesData, rule: 2101,
        doc: "What the machine is: `vm` or `container`. Required.", example: "container" },
    Setting { name: "id", env: "INFRA_ID", takes: Takes::Name, merge: Replace, default: None, kind: None, class: Recreate, rule: 2102,
        doc: "The machine's name on this host: a host name of at most 63 characters, unique for the user. Without it the folder's name is made into one.", example: "blog" },
    Setting { name: "memory", env: "MEMORY", takes: Takes::Size(&MEMORY), merge: Replace, default: Some("2048"), kind: None, class: Live, rule: 2107,
        doc: "RAM. A bare number is MB; at least 512 MB. Units K, M, G, T are powers of 1024.", example: "4G" },
    Setting { name: "cpus", env: "CPUS", takes: Takes::Count, merge: Replace, default: Some("2"), kind: None, class: Live, rule: 2108,
        doc: "How many CPUs: a whole number from 1 to the host's.", example: "4" },
    Setting { name: "disk-size", env: "DISK_SIZE", takes: Takes::Size(&DISK), merge: Replace, default: Some("20G"), kind: None, class: LosesData, rule: 2109,
        doc: "The size of the disk. A bare number is GB; at least 5 GB. A container has it only where the storage driver knows quotas.", example: "50G" },
    Setting { name: "provider", env: "PROVIDER", takes: Takes::Provider, merge: Replace, default: None, kind: None, class: LosesData, rule: 2103,
        doc: "What runs the machine: `libvirt` or `virtualbox` for a vm (required there), `podman` for a container.", example: "libvirt" },
    Setting { name: "network", env: "NETWORK_MODE", takes: Takes::NetworkMode, merge: Replace, default: Some("default"), kind: None, class: Recreate, rule: 2104,
        doc: "`default`: behind the host. `bridge`: also on the host's own network.", example: "bridge" },
    Setting { name: "network.interface", env: "NETWORK_INTERFACE", takes: Takes::Interface, merge: Replace, default: None, kind: None, class: Recreate, rule: 2105,
        doc: "The host's interface or bridge for `bridge`. Default: the interface of the default route.", example: "eth0" },
    Setting { name: "network.ip", env: "IP_ADDRESS", takes: Takes::Ip, merge: Replace, default: None, kind: None, class: Recreate, rule: 2106,
        doc: "A fixed IPv4 address. In `default` a private one: the /24 that holds it is made, with the gateway at .1. In `bridge` one of the interface's subnet.", example: "10.20.0.5" },
    Setting { name: "ports", env: "PORTS", takes: Takes::Ports, merge: List, default: None, kind: None, class: Recreate, rule: 2110,
        doc: "Ports of the machine published on the host: `[address:]host:guest[/tcp|/udp]`, `auto:guest`, ranges. Default address: all interfaces.", example: "8080:80,auto:443" },
    Setting { name: "image", env: "IMAGE", takes: Takes::Image, merge: Replace, default: Some("debian:12"), kind: Some(Kind::Container), class: LosesData, rule: 2111,
        doc: "The image: a registry reference (short names as Docker expands them), `localhost/…`, or the path of a Containerfile.", example: "debian:12" },
    Setting { name: "box", env: "BOX", takes: Takes::BoxName, merge: Replace, default: Some("std/debian"), kind: Some(Kind::Vm), class: LosesData, rule: 2119,
        doc: "The Vagrant box.", example: "debian/bookworm64" },
    Setting { name: "init", env: "INIT", takes: Takes::Init, merge: Replace, default: Some("auto"), kind: Some(Kind::Container), class: LosesData, rule: 2112,
        doc: "What runs first in the container: `sshd` (a machine to live in), `systemd`, `image` (the image's own command, entered by exec), or `auto`: `image` for an image that declares a service, else `sshd`.", example: "sshd" },
    Setting { name: "provision", env: "PROVISIONING_PLAYBOOK", takes: Takes::Path, merge: Replace, default: None, kind: None, class: Free, rule: 2116,
        doc: "An Ansible playbook: a YAML list of plays.", example: "./playbooks/site.yml" },
    Setting { name: "provision.vars-file", env: "PROVISIONING_VARS", takes: Takes::Path, merge: Replace, default: None, kind: None, class: Free, rule: 2117,
        doc: "Variables for the playbook: a YAML or JSON mapping.", example: "./vars.yml" },
    Setting { name: "provision.secret", env: "PROVISIONING_SECRETS", takes: Takes::VariableName, merge: List, default: None, kind: None, class: Free, rule: 2118,
        doc: "Names of variables of the `.env` or the environment; each becomes an Ansible variable of that name.", example: "DB_PASSWORD" },
    Setting { name: "ssh.user", env: "SSH_USER", takes: Takes::User, merge: Replace, default: None, kind: None, class: Recreate, rule: 2113,
        doc: "The user in the machine. Default: `root` in a container, the box's own in a vm.", example: "dev" },
    Setting { name: "ssh.key", env: "SSH_KEY", takes: Takes::Path, merge: Replace, default: None, kind: None, class: Recreate, rule: 2114,
        doc: "A private key of yours. Its public half comes from the `.pub` beside it. Default: a pair made for the machine.", example: "~/.ssh/id_ed25519" },
    Setting { name: "sync", env: "SYNC", takes: Takes::Share, merge: List, default: None, kind: None, class: Recreate, rule: 2115,
        doc: "Folders of the host in the machine: `host[:guest[:ro]]`. Default guest path: `/workspace`.", example: ".:/workspace" },
];

/// The row of a KDL name.
pub fn by_name(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|row| row.name == name)
}

/// The row of a `.env` key, exact.
pub fn by_env(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|row| row.env == key)
}
