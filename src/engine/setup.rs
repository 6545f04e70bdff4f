//! What an engine needs of a host, in each distribution's own words, and how it is put there.

use crate::call::{Call, End, Outcome, quoted};
use crate::model::host::Distribution;
use std::path::Path;
use std::time::Duration;

/// Where Podman is told what this host cannot do.
pub const DROP_IN: &str = "/etc/containers/containers.conf.d/50-vagrantp.conf";

/// The least that a host without the right to raise limits, or with hybrid cgroups, can run.
pub const DROP_IN_TEXT: &str = r#"[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]

[engine]
runtime = "runc"
"#;

/// The least Podman that knows all that it is asked.
pub const OLDEST: (u32, u32) = (4, 3);

const INSTALL: Duration = Duration::from_secs(1800);

/// What installs packages here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// Debian, Ubuntu.
    Apt,
    /// Fedora, RHEL and their kin.
    Dnf,
    /// Alpine.
    Apk,
    /// openSUSE, SLES.
    Zypper,
    /// Arch.
    Pacman,
}

/// The package that provisions; it has this name everywhere.
pub const ANSIBLE: &str = "ansible-core";

impl Manager {
    /// That of a distribution, or of the one that it descends from.
    pub fn of(distribution: &Distribution) -> Option<Self> {
        std::iter::once(&distribution.id)
            .chain(&distribution.like)
            .find_map(|id| match id.as_str() {
                "debian" | "ubuntu" => Some(Manager::Apt),
                "fedora" | "rhel" | "centos" => Some(Manager::Dnf),
                "alpine" => Some(Manager::Apk),
                "suse" | "opensuse" | "sles" => Some(Manager::Zypper),
                "arch" => Some(Manager::Pacman),
                _ => None,
            })
    }

    /// All that the engine needs of packages. Only apt's were tried; the others are the same programs.
    pub fn packages(self) -> &'static [&'static str] {
        match self {
            Manager::Apt => &[
                "podman",
                "runc",
                "crun",
                "netavark",
                "aardvark-dns",
                "iptables",
                "uidmap",
                "slirp4netns",
                "fuse-overlayfs",
                "mmdebstrap",
                "debian-archive-keyring",
                "openssh-client",
                "ca-certificates",
            ],
            Manager::Dnf => &[
                "podman",
                "runc",
                "crun",
                "netavark",
                "aardvark-dns",
                "iptables-nft",
                "shadow-utils",
                "slirp4netns",
                "fuse-overlayfs",
                "openssh-clients",
                "ca-certificates",
            ],
            Manager::Apk => &[
                "podman",
                "runc",
                "crun",
                "netavark",
                "aardvark-dns",
                "iptables",
                "shadow-uidmap",
                "slirp4netns",
                "fuse-overlayfs",
                "openssh-client-default",
                "ca-certificates",
            ],
            Manager::Zypper => &[
                "podman",
                "runc",
                "crun",
                "netavark",
                "aardvark-dns",
                "iptables",
                "shadow",
                "slirp4netns",
                "fuse-overlayfs",
                "openssh-clients",
                "ca-certificates",
            ],
            Manager::Pacman => &[
                "podman",
                "runc",
                "crun",
                "netavark",
                "aardvark-dns",
                "iptables",
                "shadow",
                "slirp4netns",
                "fuse-overlayfs",
                "openssh",
                "ca-certificates",
            ],
        }
    }

    /// The package of a program that a call names; its own name where it is none of ours.
    pub fn package(self, program: &str) -> &str {
        match (program, self) {
            ("ssh" | "ssh-keygen", Manager::Apt) => "openssh-client",
            ("ssh" | "ssh-keygen", Manager::Dnf | Manager::Zypper) => "openssh-clients",
            ("ssh" | "ssh-keygen", Manager::Apk) => "openssh-client-default",
            ("ssh" | "ssh-keygen", Manager::Pacman) => "openssh",
            _ => program,
        }
    }

    /// Asks which of the packages are here.
    pub fn installed(self, packages: &[&str]) -> Call {
        let call = match self {
            Manager::Apt => Call::read("dpkg-query")
                .args(["--show", "--showformat=${Package}=${db:Status-Status}\\n"]),
            Manager::Dnf | Manager::Zypper => Call::read("rpm").args(["-q", "--whatprovides"]),
            Manager::Apk => Call::read("apk").args(["info", "--installed"]),
            Manager::Pacman => Call::read("pacman").arg("--deptest"),
        };
        call.args(packages)
    }

    /// Reads the answer to [`Manager::installed`]: the packages that are not here. An answer that
    /// says nothing of a package counts as its absence: to install what is there does no harm.
    pub fn missing<'p>(self, packages: &[&'p str], outcome: &Outcome) -> Vec<&'p str> {
        let line = |text: &str| outcome.stdout.lines().any(|line| line.trim() == text);
        let here = |name: &str| match self {
            Manager::Apt => line(&format!("{name}=installed")),
            Manager::Apk => line(name),
            Manager::Dnf | Manager::Zypper => {
                started(outcome) && !line(&format!("no package provides {name}"))
            }
            Manager::Pacman => started(outcome) && !line(name),
        };
        let all = packages.iter().copied();
        all.filter(|name| !here(name)).collect()
    }

    /// Installs packages, asking nothing.
    pub fn install(self, packages: &[&str]) -> Vec<Call> {
        let change = |program: &str| Call::change(program).within(INSTALL);
        let calls = match self {
            Manager::Apt => {
                // Another apt at work is waited for.
                let apt = || {
                    change("apt-get")
                        .env("DEBIAN_FRONTEND", "noninteractive")
                        .args(["-o", "DPkg::Lock::Timeout=120"])
                };
                vec![
                    apt().arg("update"),
                    apt().args(["install", "--yes", "--no-install-recommends"]),
                ]
            }
            Manager::Dnf => vec![change("dnf").args(["install", "--assumeyes"])],
            Manager::Apk => vec![change("apk").args(["add", "--no-interactive"])],
            Manager::Zypper => {
                vec![change("zypper").args(["--non-interactive", "install", "--no-recommends"])]
            }
            Manager::Pacman => vec![change("pacman").args(["-S", "--needed", "--noconfirm"])],
        };
        let last = calls.len() - 1;
        let with = |(index, call): (usize, Call)| match index == last {
            true => call.args(packages),
            false => call,
        };
        calls.into_iter().enumerate().map(with).collect()
    }

    /// The command that a person types to install one program's package.
    pub fn by_hand(self, program: &str) -> String {
        let package = self.package(program);
        match self {
            Manager::Apt => format!("apt install {package}"),
            Manager::Dnf => format!("dnf install {package}"),
            Manager::Apk => format!("apk add {package}"),
            Manager::Zypper => format!("zypper install {package}"),
            Manager::Pacman => format!("pacman -S {package}"),
        }
    }
}

fn started(outcome: &Outcome) -> bool {
    matches!(outcome.end, End::Exit(_))
}

/// Runs the host's own `true` in a container whose root is `folder`, with the host's programs in
/// it: no image and no network outside is needed to see whether a container runs at all.
pub fn probe(folder: &Path, programs: &[&Path]) -> Call {
    let mut call = Call::change("podman").args(["run", "--rm", "--security-opt", "label=disable"]);
    for path in programs {
        let path = path.display();
        call = call.args(["--volume", &format!("{path}:{path}:ro")]);
    }
    call.args(["--label", "vagrantp.probe=1", "--rootfs"])
        .arg(folder.display())
        .arg("true")
}

/// Whether the drop-in mends what a container failed of.
pub fn drop_in_mends(outcome: &Outcome) -> bool {
    [
        "cgroups in hybrid mode not supported",
        "error setting rlimit type",
        "setrlimit",
    ]
    .iter()
    .any(|sentence| outcome.stderr.contains(sentence))
}

/// The drop-in as commands to paste, each a line.
pub fn drop_in_by_hand(before: &str) -> Vec<String> {
    let folder = DROP_IN.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let lines: Vec<String> = DROP_IN_TEXT.lines().map(quoted).collect();
    vec![
        format!("{before}mkdir -p {folder}"),
        format!("printf '%s\\n' {} | {before}tee {DROP_IN}", lines.join(" ")),
    ]
}

/// Asks Podman for its version.
pub fn version() -> Call {
    Call::read("podman")
        .arg("--version")
        .within(Duration::from_secs(5))
}

/// The version of a Podman that is too old, from the answer to [`version`].
pub fn too_old(outcome: &Outcome) -> Option<String> {
    let word = outcome.stdout.trim().strip_prefix("podman version ")?;
    let mut numbers = word.split(['.', '-']).map(str::parse::<u32>);
    let found = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    (found < OLDEST).then(|| word.to_owned())
}
