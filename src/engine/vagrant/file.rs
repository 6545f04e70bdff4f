//! A machine as its Vagrantfile.

use super::Label;
use crate::model::Machine;
use crate::model::joined::Joined;
use crate::render::context::{
    VagrantBoot, VagrantDisk, VagrantManagement, VagrantNetwork, VagrantPort, VagrantShare,
    Vagrantfile,
};
use crate::state::record::MachineRecord;
use crate::value::{Choice, Provider, Size, Subnet};
use sha2::{Digest, Sha256};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

/// What a Vagrantfile needs beyond the machine.
pub struct FileInputs<'a> {
    /// As meant.
    pub machine: &'a Machine,
    /// With ports, access and digest decided.
    pub record: &'a MachineRecord,
    /// The digest of what it is made as.
    pub digest: &'a str,
    /// The box, as Vagrant knows it.
    pub box_name: &'a str,
    /// The private keys to try, in order.
    pub keys: &'a [PathBuf],
    /// The networks.
    pub networks: &'a [Joined],
    /// The script that puts the machine's keys into it, where Vagrant is to do that.
    pub setup: Option<&'a Path>,
    /// What only libvirt needs.
    pub libvirt: Libvirt<'a>,
}

/// What runs a guest's instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// The processor.
    Kvm,
    /// A program.
    Qemu,
}

/// What only libvirt needs.
pub struct Libvirt<'a> {
    /// What runs the guest's instructions.
    pub driver: Driver,
    /// The storage pool.
    pub pool: &'a str,
    /// What is booted directly, where the box has no boot loader.
    pub boot: Option<Boot<'a>>,
    /// The file that the console is written to.
    pub console: Option<&'a Path>,
    /// The network of the first interface, by its name in libvirt; none: vagrant-libvirt's own.
    pub management: Option<(&'a str, Subnet)>,
    /// The hardware address of the machine on a network.
    pub mac: &'a dyn Fn(&str) -> Option<String>,
    /// Further words for QEMU.
    pub words: &'a [String],
}

impl Libvirt<'_> {
    /// Nothing beside the driver: another provider's machine, or one that is only shown.
    pub fn only(driver: Driver) -> Self {
        Libvirt {
            driver,
            pool: "default",
            boot: None,
            console: None,
            management: None,
            mac: &|_| None,
            words: &[],
        }
    }
}

/// What is booted directly.
#[derive(Debug, Clone, Copy)]
pub struct Boot<'a> {
    /// The kernel.
    pub kernel: &'a Path,
    /// The initial ramdisk.
    pub initrd: &'a Path,
    /// The kernel's command line.
    pub command_line: &'a str,
}

/// What the template of a Vagrantfile sees.
pub fn file_context(inputs: &FileInputs) -> Vagrantfile {
    let FileInputs {
        machine,
        record,
        libvirt,
        ..
    } = inputs;
    let is_libvirt = machine.provider.value == Provider::Libvirt;
    let hostname = machine.hostname.as_ref().map(|name| name.to_string());
    let own_words = machine.engine_args.iter().map(|word| word.value.clone());
    let words = libvirt.words.iter().filter(|_| is_libvirt).cloned();
    Vagrantfile {
        id: record.id.clone(),
        provider: machine.provider.word().to_owned(),
        hostname: hostname.unwrap_or_else(|| record.id.clone()),
        description: Label::of(record, inputs.digest).to_string(),
        box_name: inputs.box_name.to_owned(),
        boot_timeout: machine.boot_timeout.value.as_secs(),
        user: record.access.user.clone(),
        keys: inputs.keys.iter().map(text).collect(),
        memory_mb: machine.memory.as_mib(),
        cpus: machine.cpus.value,
        disk_gb: machine.disk_size.as_gib(),
        disk_size: sized(machine.disk_size.value, is_libvirt),
        extra_disks: extra_disks(machine, is_libvirt),
        networks: networks(inputs, is_libvirt),
        ports: ports(record, is_libvirt),
        shares: shares(machine, is_libvirt),
        driver: match libvirt.driver {
            Driver::Kvm => "kvm".to_owned(),
            Driver::Qemu => "qemu".to_owned(),
        },
        pool: libvirt.pool.to_owned(),
        management: libvirt.management.map(|(name, subnet)| VagrantManagement {
            name: name.to_owned(),
            subnet: subnet.to_string(),
            mac: (libvirt.mac)(name),
        }),
        boot: libvirt.boot.map(|boot| VagrantBoot {
            kernel: text(boot.kernel),
            initrd: text(boot.initrd),
            command_line: boot.command_line.to_owned(),
        }),
        console: libvirt.console.map(text),
        setup: inputs.setup.map(text),
        engine_args: words.chain(own_words).collect(),
    }
}

fn text(path: impl AsRef<Path>) -> String {
    path.as_ref().display().to_string()
}

/// Vagrant's own word for a unit has two letters; QEMU's has one.
fn sized(size: Size, is_libvirt: bool) -> String {
    let unit = if is_libvirt { "M" } else { "MB" };
    format!("{}{unit}", size.as_mib())
}

fn extra_disks(machine: &Machine, is_libvirt: bool) -> Vec<VagrantDisk> {
    let disk = |disk: &crate::model::ExtraDisk| VagrantDisk {
        name: disk.name.to_string(),
        size: sized(disk.size.value, is_libvirt),
        serial: serial(disk.name.as_str()),
    };
    let disks = machine.extra_disks.iter();
    disks.map(|it| disk(&it.value)).collect()
}

/// What a guest finds a disk by: virtio has room for 20 characters.
pub fn serial(name: &str) -> String {
    let whole = format!("disk-{name}");
    if whole.len() <= 20 {
        return whole;
    }
    let digest = Sha256::digest(name);
    let end: String = digest[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{}-{end}", &whole[..11])
}

/// The first interface is the provider's own; these are beside it.
fn networks(inputs: &FileInputs, is_libvirt: bool) -> Vec<VagrantNetwork> {
    let management = inputs.libvirt.management.map(|(name, _)| name);
    let beside = inputs.networks.iter().filter(|joined| match is_libvirt {
        true => Some(joined.network.name.as_str()) != management,
        // VirtualBox's first interface leads out; what has no address and no name of its own needs no more.
        false => joined.network.own || joined.address.is_some(),
    });
    let mac = |name: &str| (inputs.libvirt.mac)(name).filter(|_| is_libvirt);
    let mut all: Vec<VagrantNetwork> = beside
        .map(|joined| VagrantNetwork {
            name: joined.network.name.clone(),
            bridge: None,
            internal: joined.network.internal,
            ip: joined.address.map(|ip| ip.to_string()),
            netmask: joined
                .address
                .map(|_| netmask(joined.network.subnet).to_string()),
            mac: mac(&joined.network.name),
            auto_config: !is_libvirt && (joined.address.is_some() || !joined.network.internal),
        })
        .collect();
    if let Some(bridge) = inputs.machine.bridge() {
        let interface = bridge.interface.as_ref().map(|name| name.value.clone());
        let ip = bridge.ip.as_ref().map(|ip| ip.value);
        all.push(VagrantNetwork {
            name: "bridge".to_owned(),
            bridge: Some(interface.unwrap_or_default()),
            internal: false,
            ip: ip.map(|ip| ip.to_string()),
            netmask: ip.map(|_| netmask(None).to_string()),
            mac: mac("bridge"),
            auto_config: !is_libvirt,
        });
    }
    all
}

fn netmask(subnet: Option<Subnet>) -> Ipv4Addr {
    let prefix = subnet.map_or(24, |subnet| subnet.prefix);
    let bits = u32::MAX.checked_shl(32 - u32::from(prefix));
    Ipv4Addr::from_bits(bits.unwrap_or(0))
}

/// libvirt's Vagrant forwards by an ssh of its own, which ends with it: there QEMU does it.
fn ports(record: &MachineRecord, is_libvirt: bool) -> Vec<VagrantPort> {
    if is_libvirt {
        return Vec::new();
    }
    let way_in = record.access.port.map(|port| VagrantPort {
        id: "ssh".to_owned(),
        address: Ipv4Addr::LOCALHOST.to_string(),
        host: port,
        guest: 22,
        protocol: "tcp".to_owned(),
    });
    let published = record.networking.ports.iter().map(|port| VagrantPort {
        id: format!("{}{}", port.protocol, port.container_port),
        address: port.address.to_string(),
        host: port.host_port,
        guest: port.container_port,
        protocol: port.protocol.to_string(),
    });
    way_in.into_iter().chain(published).collect()
}

fn shares(machine: &Machine, is_libvirt: bool) -> Vec<VagrantShare> {
    if is_libvirt {
        return Vec::new();
    }
    let share = |share: &crate::model::MountedShare| VagrantShare {
        host: text(&share.host),
        guest: share.written.guest.clone(),
        read_only: share.written.read_only,
    };
    let shares = machine.shares.iter();
    shares.map(|it| share(&it.value)).collect()
}
