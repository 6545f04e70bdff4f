//! What stands in a virtual machine's disk before its first start: as data, with the calls that put it there
//! and the reading of what they say.
//!
//! The disk is an overlay over a box. QEMU's storage daemon shows it as a raw file, and debugfs(8) writes into
//! that, so that neither root nor a mount is needed. A script's line that fails leaves debugfs's status 0:
//! therefore all that was written is read back.

pub mod accounts;
pub mod boot;
pub mod calls;
pub mod failure;
pub mod found;
pub mod growth;
pub mod network;
pub mod partitions;
pub mod put;
pub mod script;
pub mod verify;

use crate::diagnostic::Diagnostic;
use crate::source::Origin;
use std::net::Ipv4Addr;

/// What a guest is to find at its first start.
#[derive(Debug, Clone, Default)]
pub struct GuestSeed {
    /// Who logs in. Made where the box lacks it.
    pub user: String,
    /// The number that a user who is made should have; one that is there keeps its own.
    pub uid: Option<u32>,
    /// The guest's name.
    pub hostname: String,
    /// The host's private key (ed25519, OpenSSH's form): sshd offers only this one.
    pub host_key: String,
    /// Its public half.
    pub host_key_public: String,
    /// Who may log in as the user: the whole file. What the box let in before is not let in any more.
    pub authorized_keys: String,
    /// Its network cards, the one with the default route first.
    pub nics: Vec<Nic>,
    /// Folders of the host's, by virtiofs.
    pub shares: Vec<GuestShare>,
    /// Further disks. The guest formats one that is empty when it first mounts it (`x-systemd.makefs`).
    pub disks: Vec<DataDisk>,
    /// Variables of every session: in `/etc/environment`, and by sshd. One of several lines has no way there.
    pub env: Vec<(String, String)>,
    /// The same for values that only root and the user's sessions may read.
    pub secrets: Vec<(String, String)>,
    /// Units that are not to start: only of a box of ours, whose units are known.
    pub masked: Vec<String>,
}

/// A network card of the guest's.
#[derive(Debug, Clone)]
pub struct Nic {
    /// By which the guest knows it: `52:54:00:12:34:56`.
    pub mac: String,
    /// How it gets its address.
    pub addressing: Addressing,
    /// Where its network is written; findings are told there.
    pub origin: Origin,
}

/// How a card gets its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressing {
    /// From the network's DHCP.
    Dhcp {
        /// Whether the default route and the name servers come from there too.
        routes: bool,
    },
    /// A fixed one.
    Fixed {
        /// The address.
        ip: Ipv4Addr,
        /// The length of its network's prefix.
        prefix: u8,
        /// The default route, where it is this card's.
        gateway: Option<Ipv4Addr>,
        /// Who knows names there.
        dns: Option<Ipv4Addr>,
    },
}

impl Nic {
    /// The card through which QEMU's user network forwards ports: a fixed address and no route.
    pub fn forward(mac: &str) -> Self {
        Nic {
            mac: mac.to_owned(),
            addressing: Addressing::Fixed {
                ip: Ipv4Addr::new(10, 0, 2, 15),
                prefix: 24,
                gateway: None,
                dns: None,
            },
            origin: Origin::Default,
        }
    }
}

/// A shared folder.
#[derive(Debug, Clone)]
pub struct GuestShare {
    /// The virtiofs device's tag.
    pub tag: String,
    /// Where it is mounted.
    pub path: String,
    /// Whether the guest may not write there.
    pub read_only: bool,
}

/// A further disk.
#[derive(Debug, Clone)]
pub struct DataDisk {
    /// The virtio device's serial: at most 20 characters reach the guest.
    pub serial: String,
    /// Where it is mounted.
    pub path: String,
}

/// The folders that tell what a guest is; all that [`puts`] needs, but the user's home.
pub fn folders(seed: &GuestSeed) -> Vec<String> {
    let fixed = [
        "/",
        "/bin",
        "/sbin",
        "/usr/bin",
        "/usr/sbin",
        "/lib/systemd",
        "/usr/lib/systemd",
        "/home",
        "/etc",
        "/etc/cloud/cloud.cfg.d",
        "/etc/network",
        "/etc/NetworkManager/system-connections",
        "/etc/skel",
        "/etc/ssh",
        "/etc/sudoers.d",
        "/etc/systemd",
        "/etc/systemd/network",
        "/etc/systemd/system",
        "/etc/systemd/system/multi-user.target.wants",
    ];
    let mut all: Vec<String> = fixed.into_iter().map(str::to_owned).collect();
    all.extend(boot::folders(seed));
    all
}

/// The folders of the user's, once `/etc/passwd` is read.
pub fn home_folders(seed: &GuestSeed, found: &found::Found) -> Vec<String> {
    let home = accounts::account(seed, found).home;
    let mut all: Vec<String> = put::above(&home).into_iter().map(str::to_owned).collect();
    all.push(format!("{home}/.ssh"));
    all.push(home);
    all
}

/// The files whose texts [`puts`] needs, of those that are there.
pub fn files(found: &found::Found) -> Vec<String> {
    let fixed = [
        "/etc/passwd",
        "/etc/group",
        "/etc/shadow",
        "/etc/gshadow",
        "/etc/hosts",
        "/etc/fstab",
        "/etc/environment",
        "/etc/ssh/sshd_config",
        "/etc/network/interfaces",
    ];
    let skel = found.entries("/etc/skel").filter(|entry| entry.is_plain());
    let skel = skel.map(|entry| format!("/etc/skel/{}", entry.name));
    fixed.into_iter().map(str::to_owned).chain(skel).collect()
}

/// Whether what was found is the root of a system.
pub fn is_root(found: &found::Found) -> bool {
    found.entry("/etc/passwd").is_some()
}

/// All that is to be written, in its order.
///
/// # Errors
/// When the guest has no sshd, or nothing that sets up its network.
pub fn puts(seed: &GuestSeed, found: &found::Found) -> Result<Vec<put::Put>, Diagnostic> {
    let has_sshd = ["/usr/sbin/sshd", "/sbin/sshd", "/usr/bin/sshd"];
    if !has_sshd.iter().any(|path| found.entry(path).is_some()) {
        return Err(failure::no_sshd());
    }
    let account = accounts::account(seed, found);
    let mut puts = accounts::puts(seed, found, &account);
    puts.extend(accounts::sshd(seed, found));
    puts.extend(boot::names(seed, found));
    puts.extend(boot::mounts(seed, found, &account));
    puts.extend(boot::variables(seed, found));
    puts.extend(boot::units(seed, found));
    if !seed.nics.is_empty() {
        let service = network::service(found).ok_or_else(|| {
            let written = seed.nics.iter().map(|nic| nic.origin);
            let written = written.max_by_key(|origin| origin.span().is_some());
            failure::no_network().at_origin(written.unwrap_or(Origin::Default))
        })?;
        puts.extend(network::puts(seed, found, service));
    }
    Ok(puts)
}
