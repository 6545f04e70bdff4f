//! Boxes for tests that write into disks: small trees that look like guests, made disks by mke2fs and sfdisk, and
//! read back by debugfs past vagrantp.

use crate::engine::run;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// How a box's disk is cut.
#[derive(Clone, Copy, PartialEq)]
pub enum Cut {
    /// The file system is the whole disk.
    Whole,
    /// Partitioned as a PC's.
    Mbr,
    /// Partitioned as an EFI machine's, with a small partition before.
    Gpt,
    /// As a PC's, with a small partition behind.
    Enclosed,
}

/// Where the root's partition begins, where there are some.
const ROOT: u64 = 12 << 20;
const MKE2FS: &str = "/usr/sbin/mke2fs";

/// A box in a folder of a test's own.
pub struct GuestBox {
    folder: tempfile::TempDir,
    offset: u64,
}

impl GuestBox {
    /// A box of this tree, of one kind of file system.
    pub fn new(tree: &Tree, cut: Cut, kind: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("vpd").tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let root = tree.folder.path().display().to_string();
        // As an ordinary user the tree is not root's, whose it is in a box.
        let words = ["-q", "-t", kind, "-E", "root_owner=0:0", "-d", &root];
        run(MKE2FS, &[&words[..], &[&at("root.raw"), "48M"]].concat()).exits(0);
        give_to_root(&at("root.raw"), &root);
        let offset = if cut == Cut::Whole { 0 } else { ROOT };
        if cut == Cut::Whole {
            fs::rename(at("root.raw"), at("disk.raw")).unwrap();
        } else {
            let disk = fs::File::create(at("disk.raw")).unwrap();
            disk.set_len(64 << 20).unwrap();
            let (label, first, second) = match cut {
                Cut::Gpt => ("gpt", "U", "L"),
                _ => ("dos", "82", "83"),
            };
            let mut table = format!(
                "label: {label}\nstart=2048, size=20480, type={first}\nstart=24576, size=98304, type={second}\n"
            );
            if cut == Cut::Enclosed {
                table.push_str("start=122880, size=4096, type=82\n");
            }
            fs::write(at("table"), table).unwrap();
            let script = "/usr/sbin/sfdisk -q \"$1\" <\"$2\" && dd if=\"$3\" of=\"$1\" bs=1M seek=12 conv=notrunc,sparse status=none";
            let words = [
                "-c",
                script,
                "sh",
                &at("disk.raw"),
                &at("table"),
                &at("root.raw"),
            ];
            run("sh", &words).exits(0);
        }
        let made = GuestBox { folder, offset };
        let at = |name: &str| made.at(name).display().to_string();
        run(
            "qemu-img",
            &["convert", "-O", "qcow2", &at("disk.raw"), &at("box.qcow2")],
        )
        .exits(0);
        made.fresh();
        made
    }

    /// Makes the overlay anew.
    pub fn fresh(&self) {
        let (base, overlay) = (self.at("box.qcow2"), self.overlay());
        let base = base.display().to_string();
        let overlay = overlay.display().to_string();
        let words = [
            "create", "-q", "-f", "qcow2", "-b", &base, "-F", "qcow2", &overlay, "1G",
        ];
        run("qemu-img", &words).exits(0);
    }

    /// A file beside the box.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The machine's disk.
    pub fn overlay(&self) -> PathBuf {
        self.at("overlay, of a=machine.qcow2")
    }

    /// What a command of debugfs says of the machine's disk, as QEMU's own copy of it has it.
    pub fn debugfs(&self, command: &str) -> String {
        let (overlay, raw) = (self.overlay(), self.at("read.raw"));
        let overlay = overlay.display().to_string();
        let raw = raw.display().to_string();
        let written = |path: &str| fs::metadata(path).and_then(|meta| meta.modified()).ok();
        if written(&raw) < written(&overlay) {
            run("qemu-img", &["convert", "-O", "raw", &overlay, &raw]).exits(0);
        }
        let place = format!("{raw}?offset={}", self.offset);
        let said = run("/usr/sbin/debugfs", &["-R", command, &place]).exits(0);
        said.out()
    }

    /// A file in it.
    pub fn cat(&self, path: &str) -> String {
        self.debugfs(&format!("cat \"{path}\""))
    }

    /// `MODE UID GID` of what lies there.
    pub fn owner(&self, path: &str) -> String {
        let said = self.debugfs(&format!("stat \"{path}\""));
        let word = |after: &str| {
            let rest = said.split(after).nth(1).unwrap_or_default();
            rest.split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        format!("{} {} {}", word("Mode:"), word("User:"), word("Group:"))
    }

    /// How large the root's partition is, in MiB; 0 where there is none.
    pub fn root_size(&self) -> u64 {
        self.debugfs("stat /");
        let raw = self.at("read.raw").display().to_string();
        let table = run("/usr/sbin/sfdisk", &["-d", &raw]).out();
        let line = table
            .lines()
            .find(|line| line.contains("start=       24576"));
        let size = line.and_then(|line| line.split("size=").nth(1)?.split(',').next());
        size.map_or(0, |size| {
            size.trim().parse::<u64>().expect("a number") >> 11
        })
    }

    /// The names in a folder.
    pub fn names(&self, path: &str) -> Vec<String> {
        let said = self.debugfs(&format!("ls -p \"{path}\""));
        let names = said.lines().filter_map(|line| line.split('/').nth(5));
        names
            .filter(|name| !name.starts_with('.'))
            .map(str::to_owned)
            .collect()
    }

    /// That its file system is whole.
    #[track_caller]
    pub fn is_sound(&self) {
        self.debugfs("stat /");
        let raw = self.at("read.raw").display().to_string();
        let place = format!("{raw}?offset={}", self.offset);
        run("/usr/sbin/e2fsck", &["-fn", &place]).exits(0);
    }
}

fn give_to_root(disk: &str, tree: &str) {
    let script = "cd \"$1\" && find . -mindepth 1 -printf 'sif \"/%P\" uid 0\\nsif \"/%P\" gid 0\\n' >\"$2\".script && \
                  /usr/sbin/debugfs -w -f \"$2\".script \"$2\"";
    run("sh", &["-c", script, "sh", tree, disk]).exits(0);
}

/// What will be a guest's root.
pub struct Tree {
    folder: tempfile::TempDir,
}

impl Tree {
    /// What every guest has.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("vpt").tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let tree = Tree { folder };
        let wanted = tree.at("etc/systemd/system/multi-user.target.wants");
        fs::create_dir_all(wanted).unwrap();
        tree.file(
            "etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\nvagrant:x:1000:1000::/home/vagrant:/bin/bash\n",
        )
        .file("etc/group", "root:x:0:\nstaff:x:1001:\nvagrant:x:1000:\n")
        .file(
            "etc/shadow",
            "root:*:19000:0:99999:7:::\nvagrant:!x:19000:0:99999:7:::\n",
        )
        .mode("etc/shadow", 0o640)
        .file(
            "etc/hosts",
            "127.0.0.1 localhost\n127.0.1.1 box\n10.9.9.9 other\n",
        )
        .file("etc/hostname", "box\n")
        .file("etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        .file("etc/fstab", "/dev/vda / ext4 defaults 0 0\n")
        .file("etc/sudoers", "@includedir /etc/sudoers.d\n")
        .file("etc/skel/.profile", "# profile\n")
        .file(
            "etc/ssh/sshd_config",
            "HostKey /etc/ssh/ssh_host_rsa_key\nPort 22\n",
        )
        .file("etc/ssh/ssh_host_rsa_key", "the box's own\n")
        .file("etc/ssh/ssh_host_ed25519_key", "the box's own\n")
        .file(
            "home/vagrant/.ssh/authorized_keys",
            "ssh-rsa AAAA insecure\n",
        )
        .file("bin/bash", "")
        .file("usr/sbin/sshd", "")
        .file("usr/lib/systemd/systemd-udevd", "")
    }

    /// A guest of systemd-networkd.
    pub fn networkd() -> Self {
        Tree::new().link(
            "etc/systemd/system/multi-user.target.wants/systemd-networkd.service",
            "/lib/systemd/system/systemd-networkd.service",
        )
    }

    /// A guest of ifupdown, which has the programs in `/usr` as today's have.
    pub fn ifupdown() -> Self {
        Tree::new()
            .file("usr/sbin/ifup", "")
            .link("sbin", "usr/sbin")
            .file(
                "etc/network/interfaces",
                "source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\n\n\
                 # The card\nallow-hotplug eth0\niface eth0 inet dhcp\n    dns-search box\n\n\
                 auto br7\niface br7 inet manual\n    bridge_ports none\n",
            )
    }

    /// A guest of NetworkManager.
    pub fn network_manager() -> Self {
        Tree::new().file("usr/sbin/NetworkManager", "").link(
            "etc/systemd/system/multi-user.target.wants/NetworkManager.service",
            "/lib/systemd/system/NetworkManager.service",
        )
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// With a file more.
    pub fn file(self, path: &str, text: &str) -> Self {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// With a symbolic link more.
    pub fn link(self, path: &str, target: &str) -> Self {
        symlink(target, self.at(path)).unwrap();
        self
    }

    /// Without something.
    pub fn without(self, path: &str) -> Self {
        fs::remove_file(self.at(path)).unwrap();
        self
    }

    fn mode(self, path: &str, mode: u32) -> Self {
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(mode)).unwrap();
        self
    }
}
