//! What each provider needs, by each distribution's names. Only apt's were tried; the others are the same programs.

use super::Manager;
use crate::model::host::Distribution;
use crate::value::Provider;

/// The packages, in one text each: they are read more often than they are used.
const PACKAGES: &[(Manager, Provider, &str)] = &[
    (
        Manager::Apt,
        Provider::Podman,
        "podman runc crun netavark aardvark-dns iptables uidmap slirp4netns fuse-overlayfs mmdebstrap \
         debian-archive-keyring openssh-client ca-certificates",
    ),
    (
        Manager::Apt,
        Provider::Libvirt,
        "vagrant vagrant-libvirt libvirt-daemon-system libvirt-daemon-driver-qemu libvirt-clients \
         qemu-system-x86 qemu-utils dnsmasq-base e2fsprogs fdisk fuse3 mmdebstrap debian-archive-keyring \
         openssh-client ca-certificates",
    ),
    (Manager::Apt, Provider::Virtualbox, "vagrant openssh-client"),
    (
        Manager::Dnf,
        Provider::Podman,
        "podman runc crun netavark aardvark-dns iptables-nft shadow-utils slirp4netns fuse-overlayfs \
         openssh-clients ca-certificates",
    ),
    (
        Manager::Dnf,
        Provider::Libvirt,
        "vagrant vagrant-libvirt libvirt-daemon-kvm libvirt-client qemu-kvm qemu-img dnsmasq e2fsprogs \
         util-linux fuse3 openssh-clients ca-certificates",
    ),
    (
        Manager::Dnf,
        Provider::Virtualbox,
        "vagrant openssh-clients",
    ),
    (
        Manager::Apk,
        Provider::Podman,
        "podman runc crun netavark aardvark-dns iptables shadow-uidmap slirp4netns fuse-overlayfs \
         openssh-client-default ca-certificates",
    ),
    (
        Manager::Apk,
        Provider::Libvirt,
        "vagrant libvirt-daemon libvirt-qemu libvirt-client qemu-system-x86_64 qemu-img dnsmasq e2fsprogs \
         e2fsprogs-extra sfdisk fuse3 openssh-client-default ca-certificates",
    ),
    (
        Manager::Apk,
        Provider::Virtualbox,
        "vagrant openssh-client-default",
    ),
    (
        Manager::Zypper,
        Provider::Podman,
        "podman runc crun netavark aardvark-dns iptables shadow slirp4netns fuse-overlayfs openssh-clients ca-certificates",
    ),
    (
        Manager::Zypper,
        Provider::Libvirt,
        "vagrant vagrant-libvirt libvirt-daemon-qemu libvirt-client qemu-x86 qemu-tools dnsmasq e2fsprogs \
         util-linux fuse3 openssh-clients ca-certificates",
    ),
    (
        Manager::Zypper,
        Provider::Virtualbox,
        "vagrant openssh-clients",
    ),
    (
        Manager::Pacman,
        Provider::Podman,
        "podman runc crun netavark aardvark-dns iptables shadow slirp4netns fuse-overlayfs openssh ca-certificates",
    ),
    (
        Manager::Pacman,
        Provider::Libvirt,
        "vagrant libvirt qemu-base dnsmasq e2fsprogs util-linux fuse3 openssh ca-certificates",
    ),
    (Manager::Pacman, Provider::Virtualbox, "vagrant openssh"),
];

/// What shares folders with a virtual machine.
const VIRTIOFSD: &str = "virtiofsd";

/// The releases whose QEMU brings it along; everywhere else it is a package of its own.
const WITH_VIRTIOFSD: &[&str] = &["bullseye", "bookworm", "focal", "jammy"];

impl Manager {
    /// All that a provider needs. VirtualBox itself is in no distribution's archive.
    pub fn packages(self, provider: Provider, distribution: &Distribution) -> Vec<&'static str> {
        let is_meant =
            |row: &&(Manager, Provider, &'static str)| (row.0, row.1) == (self, provider);
        let row = PACKAGES.iter().find(is_meant);
        let mut all = row.map_or_else(Vec::new, |row| row.2.split_whitespace().collect());
        let brought = WITH_VIRTIOFSD.contains(&distribution.codename.as_str());
        if provider == Provider::Libvirt && !brought {
            all.push(VIRTIOFSD);
        }
        all
    }

    /// The package of a program that a call names; its own name where it is none of ours.
    pub fn package(self, program: &str) -> &str {
        match (program, self) {
            ("ssh" | "ssh-keygen", Manager::Apt) => "openssh-client",
            ("ssh" | "ssh-keygen", Manager::Dnf | Manager::Zypper) => "openssh-clients",
            ("ssh" | "ssh-keygen", Manager::Apk) => "openssh-client-default",
            ("ssh" | "ssh-keygen", Manager::Pacman) => "openssh",
            ("virsh", Manager::Apt) => "libvirt-clients",
            ("virsh", Manager::Dnf | Manager::Zypper | Manager::Apk) => "libvirt-client",
            ("virsh", Manager::Pacman) => "libvirt",
            ("qemu-img", Manager::Apt) => "qemu-utils",
            ("qemu-img", Manager::Zypper) => "qemu-tools",
            ("debugfs" | "mke2fs", _) => "e2fsprogs",
            _ => program,
        }
    }
}
