//! What a template may see: a contract with the authors of overriding templates. A name is never
//! taken away or given another meaning; new ones may come.

use serde::Serialize;

/// `engines/podman/run.json.tera`. Every value is a complete argument of `podman run`.
#[derive(Debug, Clone, Serialize)]
pub struct PodmanRun {
    /// The instance id.
    pub id: String,
    /// The name that the machine has for itself.
    pub hostname: String,
    /// `name=value`.
    pub labels: Vec<String>,
    /// In bytes, with the unit `b`.
    pub memory: String,
    /// A count.
    pub cpus: String,
    /// `name:alias=…,ip=…`.
    pub networks: Vec<String>,
    /// `address:host:guest/protocol`.
    pub ports: Vec<String>,
    /// `type=bind,…`.
    pub mounts: Vec<String>,
    /// Further options, whole: `--userns=…`.
    pub options: Vec<String>,
    /// `NAME=value`.
    pub environment: Vec<String>,
    /// `name,type=env,target=…`.
    pub secrets: Vec<String>,
    /// The user's own, as they are.
    pub engine_args: Vec<String>,
    /// The image to run.
    pub image: String,
    /// What runs in it; nothing: the image's own command.
    pub command: Vec<String>,
}

/// `engines/ansible/packages.yml.tera`.
#[derive(Debug, Clone, Serialize)]
pub struct Packages {
    /// Their names.
    pub packages: Vec<String>,
}

/// `engines/ansible/script.yml.tera`.
#[derive(Debug, Clone, Serialize)]
pub struct Script {
    /// What the task is called.
    pub name: String,
    /// The script's path, quoted as a word of a shell.
    pub command: String,
    /// What runs it, where it does not say so itself.
    pub interpreter: Option<String>,
}

/// `engines/ssh_config.tera`.
#[derive(Debug, Clone, Serialize)]
pub struct SshConfig {
    /// The instance id.
    pub id: String,
    /// Where sshd is.
    pub address: String,
    /// Its port there.
    pub port: Option<u16>,
    /// The container to enter by the engine's exec, where no port leads in.
    pub exec: Option<String>,
    /// The user.
    pub user: String,
    /// The private key's path.
    pub key: String,
    /// The known-hosts file's path.
    pub known_hosts: String,
    /// The path of the shared connection's socket.
    pub control: String,
    /// `NAME=value`, for every session.
    pub environment: Vec<String>,
}

/// `engines/vagrant/Vagrantfile.tera`.
#[derive(Debug, Clone, Serialize)]
pub struct Vagrantfile {
    /// The instance id.
    pub id: String,
    /// `libvirt` or `virtualbox`.
    pub provider: String,
    /// The name that the machine has for itself.
    pub hostname: String,
    /// What the provider is told of it: whose it is.
    pub description: String,
    /// The box.
    pub box_name: String,
    /// In seconds.
    pub boot_timeout: u64,
    /// The user.
    pub user: String,
    /// Paths of private keys, each tried in turn; none: Vagrant's own.
    pub keys: Vec<String>,
    /// In MB.
    pub memory_mb: u64,
    /// A count.
    pub cpus: u32,
    /// Whole GB.
    pub disk_gb: u64,
    /// The same with its unit: `20GB`.
    pub disk_size: String,
    /// Disks beside the first.
    pub extra_disks: Vec<VagrantDisk>,
    /// Networks beside the one that Vagrant itself uses.
    pub networks: Vec<VagrantNetwork>,
    /// What the provider forwards.
    pub ports: Vec<VagrantPort>,
    /// Folders that the provider itself shares.
    pub shares: Vec<VagrantShare>,
    /// libvirt: `kvm` or `qemu`.
    pub driver: String,
    /// libvirt: the storage pool.
    pub pool: String,
    /// libvirt: the network of the first interface; none: vagrant-libvirt's own.
    pub management: Option<VagrantManagement>,
    /// libvirt: what is booted directly, where the box has no boot loader.
    pub boot: Option<VagrantBoot>,
    /// libvirt: the file that the console is written to.
    pub console: Option<String>,
    /// VirtualBox: the script that puts the machine's keys into it, once.
    pub setup: Option<String>,
    /// Words for QEMU, or for `VBoxManage modifyvm`: the user's own, as they are.
    pub engine_args: Vec<String>,
}

/// `engines/vagrant/keys.sh.tera`.
#[derive(Debug, Clone, Serialize)]
pub struct GuestKeys {
    /// The user, made where the machine has none of the name.
    pub user: String,
    /// What its `authorized_keys` holds.
    pub authorized: String,
    /// The machine's host key.
    pub host_key: String,
    /// That key's public half.
    pub host_key_public: String,
    /// What sshd is told before all else: variables of its sessions are in it, secrets too.
    pub sshd: String,
}

/// A disk beside the first.
#[derive(Debug, Clone, Serialize)]
pub struct VagrantDisk {
    /// Its name in the project.
    pub name: String,
    /// With its unit: `10GB` for VirtualBox, `10G` for libvirt.
    pub size: String,
    /// libvirt: what the guest finds it by.
    pub serial: String,
}

/// A network.
#[derive(Debug, Clone, Serialize)]
pub struct VagrantNetwork {
    /// Its name on the host.
    pub name: String,
    /// The host's interface, for a machine on the host's own network.
    pub bridge: Option<String>,
    /// Whether it leads nowhere else.
    pub internal: bool,
    /// A fixed address.
    pub ip: Option<String>,
    /// That address's netmask.
    pub netmask: Option<String>,
    /// libvirt: the interface's hardware address.
    pub mac: Option<String>,
    /// Whether Vagrant sets the guest's side up.
    pub auto_config: bool,
}

/// A port that the provider forwards.
#[derive(Debug, Clone, Serialize)]
pub struct VagrantPort {
    /// `ssh` is Vagrant's own way in.
    pub id: String,
    /// The host's address.
    pub address: String,
    /// The host's port.
    pub host: u16,
    /// The machine's port.
    pub guest: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// A folder that the provider itself shares.
#[derive(Debug, Clone, Serialize)]
pub struct VagrantShare {
    /// The host's folder.
    pub host: String,
    /// The path in the machine.
    pub guest: String,
    /// Whether the machine only reads it.
    pub read_only: bool,
}

/// The network of the first interface.
#[derive(Debug, Clone, Serialize)]
pub struct VagrantManagement {
    /// Its name in libvirt.
    pub name: String,
    /// `192.168.121.0/24`.
    pub subnet: String,
    /// The interface's hardware address.
    pub mac: Option<String>,
}

/// What is booted directly.
#[derive(Debug, Clone, Serialize)]
pub struct VagrantBoot {
    /// The kernel's path.
    pub kernel: String,
    /// The initial ramdisk's path.
    pub initrd: String,
    /// The kernel's command line.
    pub command_line: String,
}
