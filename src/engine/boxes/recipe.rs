//! The box of our own: a Debian from the package mirror, on one file system, booted directly.

use crate::call::{Call, Effect, quoted};
use crate::engine::namespace::{as_root, mmdebstrap};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

/// The files that make it, in the standard library's folder of it.
pub const FILES: &[&str] = &[
    "after.sh",
    "before.sh",
    "dhcp.network",
    "disk.sh",
    "fstab",
    "hostkeys.service",
    "initramfs-modules",
    "initramfs.conf",
    "masked",
    "packages",
    "sshd.conf",
];

/// Where they are in the standard library.
pub const FOLDER: &str = "boxes/debian";

/// What a machine sees of the disk before it grows, in bytes: `disk.sh` makes it so.
pub const VIRTUAL_SIZE: u64 = 2 << 30;

/// The user that it has.
pub const USER: &str = "vagrant";

const BUILD: Duration = Duration::from_secs(1800);
const NAME: &str = "std/debian";
/// What no machine needs as a file, and what a package that is installed later leaves out too.
const LEFT_OUT: &[&str] = &["doc", "info", "locale", "man"];
/// Another one where this program makes something else of the same files.
const MAKE: &str = "1";

/// A Debian release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// As the mirror calls it.
    pub suite: &'static str,
    /// Its number.
    pub number: u32,
}

const RELEASES: &[Release] = &[
    Release {
        suite: "bookworm",
        number: 12,
    },
    Release {
        suite: "trixie",
        number: 13,
    },
];

/// What is to be made.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The release.
    pub release: Release,
    /// As Debian calls the host's processor.
    pub arch: &'static str,
    /// The files and their texts, in the order of [`FILES`].
    pub files: Vec<(&'static str, String)>,
}

/// The release that a box of our own has; nothing for another's box. `None` inside: there is no such release.
pub fn release(name: &str) -> Option<Option<Release>> {
    let rest = name.strip_prefix(NAME)?;
    let word = match rest.strip_prefix('@') {
        Some(word) => word,
        None if rest.is_empty() => RELEASES[0].suite,
        None => return None,
    };
    let meant = |release: &&Release| release.suite == word || release.number.to_string() == word;
    Some(RELEASES.iter().find(meant).copied())
}

/// The releases that can be made, as they are written.
pub fn releases() -> Vec<String> {
    let written = |release: &Release| format!("{NAME}@{}", release.suite);
    RELEASES.iter().map(written).collect()
}

impl Release {
    /// What the box of it is called: `std/debian`, `std/debian-trixie`. Vagrant's names have no `@`.
    pub fn box_name(self) -> String {
        match self == RELEASES[0] {
            true => NAME.to_owned(),
            false => format!("{NAME}-{}", self.suite),
        }
    }
}

impl Recipe {
    /// For a processor as Rust calls it, with the texts of its files, the project's own before ours.
    pub fn new(
        release: Release,
        processor: &'static str,
        text: &dyn Fn(&str) -> Cow<'static, str>,
    ) -> Self {
        let arch = match processor {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        let read = |name: &&'static str| (*name, text(&format!("{FOLDER}/{name}")).into_owned());
        Recipe {
            release,
            arch,
            files: FILES.iter().map(read).collect(),
        }
    }

    /// Names what comes of it: another recipe has another one.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let files = self.files.iter().flat_map(|(name, text)| [*name, text]);
        for part in [MAKE, self.release.suite, self.arch]
            .into_iter()
            .chain(files)
        {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        super::hex(&hash.finalize())[..16].to_owned()
    }

    /// The folder of the box made of it, below the one of all boxes.
    pub fn folder(&self) -> String {
        format!("debian-{}-{}", self.release.suite, self.digest())
    }

    /// The kernel's command line.
    pub fn command_line(&self) -> String {
        let console = match self.arch {
            "arm64" => "ttyAMA0",
            _ => "ttyS0",
        };
        format!(
            "root=/dev/vda rw console={console} net.ifnames=0 quiet mitigations=off random.trust_cpu=on"
        )
    }

    /// The names of its packages.
    fn packages(&self) -> Vec<String> {
        let named = self.files.iter().find(|(name, _)| *name == "packages");
        let lines = named.into_iter().flat_map(|(_, text)| text.lines());
        let lines = lines.map(str::trim);
        lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| line.replace("@ARCH@", self.arch))
            .collect()
    }

    /// Its files become a tar, in the folder where they lie below `recipe`. Memory-backed scratch space halves
    /// the time.
    pub fn install(&self, folder: &Path, tar: &str, scratch: &Path, is_root: bool) -> Call {
        let leave_out = LEFT_OUT
            .iter()
            .map(|name| format!("--dpkgopt=path-exclude=/usr/share/{name}/*"));
        let mut call = mmdebstrap(is_root)
            .args(["--variant=minbase", "--format=tar"])
            .arg(format!("--architectures={}", self.arch))
            .arg(format!("--include={}", self.packages().join(",")))
            .args(leave_out)
            .arg("--dpkgopt=force-unsafe-io")
            .args([
                "--essential-hook=copy-in recipe /",
                "--essential-hook=chroot \"$1\" sh /recipe/before.sh /recipe",
                "--customize-hook=chroot \"$1\" sh /recipe/after.sh",
                "--customize-hook=rm -rf \"$1/recipe\"",
                self.release.suite,
            ])
            .arg(folder.join(tar).display())
            .env("TMPDIR", scratch.display())
            .within(BUILD);
        call.cwd = Some(folder.to_owned());
        stoppable(call)
    }
}

/// What an interrupt may end: the next build begins it anew.
fn stoppable(mut call: Call) -> Call {
    call.effect = Effect::Stoppable;
    call
}

/// The tar's files become `disk.raw`, `kernel` and `initrd` in the folder; `tree` is where they lie meanwhile.
pub fn make_disk(folder: &Path, tar: &str, tree: &Path, is_root: bool) -> Call {
    let call = as_root(is_root)
        .arg("sh")
        .arg(folder.join("recipe/disk.sh").display())
        .arg(folder.join(tar).display())
        .arg(folder.display())
        .arg(tree.display());
    stoppable(call.within(BUILD))
}

/// The disk becomes the box's image.
pub fn compress(folder: &Path) -> Call {
    let call = Call::change("qemu-img")
        .args(["convert", "-p", "-c", "-O", "qcow2", "-o"])
        .arg("compression_type=zstd")
        .arg(folder.join("disk.raw").display())
        .arg(folder.join("box.img").display());
    stoppable(call.within(BUILD))
}

/// Removes a folder of a build: an ordinary user's own files in it may belong to other ids.
pub fn remove(folder: &Path, is_root: bool) -> Call {
    as_root(is_root).args(["rm", "-rf"]).arg(folder.display())
}

/// What Vagrant reads of the box.
pub fn metadata() -> String {
    let size = VIRTUAL_SIZE >> 30;
    format!("{{\"provider\":\"libvirt\",\"format\":\"qcow2\",\"virtual_size\":{size}}}\n")
}

/// The box's own Vagrantfile: how it is booted by hand.
pub fn vagrantfile(command_line: &str) -> String {
    format!(
        "# A box of vagrantp's. vagrantp puts keys into the disk; by hand there are none, see its book.\n\
         Vagrant.configure(\"2\") do |config|\n\
         \x20 config.ssh.username = \"{USER}\"\n\
         \x20 config.vm.provider :libvirt do |libvirt|\n\
         \x20   libvirt.kernel = File.expand_path(\"kernel\", __dir__)\n\
         \x20   libvirt.initrd = File.expand_path(\"initrd\", __dir__)\n\
         \x20   libvirt.cmd_line = \"{command_line}\"\n\
         \x20 end\n\
         end\n"
    )
}

/// The box as one file, for `vagrant box add`.
pub fn pack(folder: &Path, to: &Path) -> Call {
    Call::change("tar")
        .arg("-C")
        .arg(folder.display())
        .arg("-cf")
        .arg(to.display())
        .args([
            "metadata.json",
            "Vagrantfile",
            "box.img",
            "kernel",
            "initrd",
        ])
        .within(BUILD)
}

/// How the box is added to Vagrant by hand, from its file.
pub fn by_hand(file: &Path) -> String {
    let file = quoted(&file.display().to_string());
    format!("vagrant box add --name {NAME} {file}")
}

#[cfg(test)]
mod tests {
    use super::{Recipe, release};
    use std::borrow::Cow;

    #[test]
    fn a_release_is_named_or_the_default() {
        let suite = |name: &str| release(name).map(|found| found.map(|found| found.suite));
        assert_eq!(suite("std/debian"), Some(Some("bookworm")));
        assert_eq!(suite("std/debian@13"), Some(Some("trixie")));
        assert_eq!(suite("std/debian@woody"), Some(None));
        assert_eq!(suite("std/debianx"), None);
        assert_eq!(suite("debian/bookworm64"), None);
    }

    #[test]
    fn another_text_is_another_box() {
        let bookworm = release("std/debian").flatten().unwrap();
        let one = Recipe::new(bookworm, "x86_64", &|_| Cow::Borrowed("# x\na-@ARCH@\n\nb"));
        let other = Recipe::new(bookworm, "x86_64", &|_| Cow::Borrowed("c"));
        assert_ne!(one.folder(), other.folder());
        assert_eq!(one.packages(), [format!("a-{}", one.arch), "b".into()]);
    }
}
