//! Names, mounts, variables and units: what a guest reads while it boots.

use super::GuestSeed;
use super::accounts::{Account, is_name, lines, same};
use super::found::Found;
use super::growth;
use super::put::{Put, above};
use sha2::Digest;

const BEGIN: &[u8] = b"# vagrantp begin";
const END: &[u8] = b"# vagrantp end";

/// A file's text with our lines in it between two marks, at its beginning or its end, in place of those of an
/// earlier time.
pub fn block(before: &[u8], ours: &str, is_first: bool) -> Vec<u8> {
    let mut rest = Vec::new();
    let mut is_ours = false;
    for line in lines(before) {
        match line {
            line if line == BEGIN => is_ours = true,
            line if line == END && is_ours => is_ours = false,
            line if !is_ours => {
                rest.extend_from_slice(line);
                rest.push(b'\n');
            }
            _ => {}
        }
    }
    if ours.is_empty() {
        return rest;
    }
    let ours = [BEGIN, b"\n", ours.as_bytes(), END, b"\n"].concat();
    match is_first {
        true => [ours, rest].concat(),
        false => [rest, ours].concat(),
    }
}

/// The guest's names.
pub fn names(seed: &GuestSeed, found: &Found) -> Vec<Put> {
    let name = &seed.hostname;
    let mut hosts = Vec::new();
    let line = format!("127.0.1.1 {name}");
    let mut is_there = false;
    for old in lines(found.bytes("/etc/hosts").unwrap_or_default()) {
        let first = old.split(u8::is_ascii_whitespace).next();
        let is_own = first == Some(b"127.0.1.1");
        match (is_own, is_there) {
            (true, true) => continue,
            (true, false) => hosts.extend_from_slice(line.as_bytes()),
            (false, _) => hosts.extend_from_slice(old),
        }
        is_there |= is_own;
        hosts.push(b'\n');
    }
    if hosts.is_empty() {
        hosts.extend_from_slice(b"127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
    }
    if !is_there {
        hosts.extend_from_slice(line.as_bytes());
        hosts.push(b'\n');
    }
    let mut puts = vec![
        Put::file("/etc/hostname", format!("{name}\n"), 0o644),
        same(found, "/etc/hosts", hosts, 0o644),
    ];
    // Two guests of one box would be one machine to their network's DHCP. An empty one is made at the start.
    let id = found.entry("/etc/machine-id");
    if id.is_some_and(|entry| entry.size.is_some_and(|size| size > 0)) {
        let digest = sha2::Sha256::digest(seed.host_key_public.as_bytes());
        let id: String = digest[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        puts.push(Put::file("/etc/machine-id", format!("{id}\n"), 0o444));
    }
    puts
}

/// Shared folders and further disks, and a root that grows.
pub fn mounts(seed: &GuestSeed, found: &Found, account: &Account) -> Vec<Put> {
    let mut text = String::new();
    let mut paths = Vec::new();
    for share in &seed.shares {
        let access = if share.read_only { "ro" } else { "rw" };
        text.push_str(&format!(
            "{} {} virtiofs {access},nofail 0 0\n",
            field(&share.tag),
            field(&share.path)
        ));
        paths.push(&share.path);
    }
    for disk in &seed.disks {
        text.push_str(&format!(
            "/dev/disk/by-id/virtio-{} {} ext4 defaults,nofail,x-systemd.makefs,x-systemd.growfs 0 2\n",
            field(&disk.serial),
            field(&disk.path)
        ));
        paths.push(&disk.path);
    }
    let before = found.bytes("/etc/fstab").unwrap_or_default();
    let grown = growth::fstab(found);
    let bytes = block(grown.as_deref().unwrap_or(before), &text, false);
    let mut puts = Vec::new();
    if bytes != before {
        puts.push(same(found, "/etc/fstab", bytes, 0o644));
    }
    let mut made: Vec<String> = Vec::new();
    for path in paths {
        let path = path.trim_end_matches('/');
        for folder in above(path).into_iter().chain([path]) {
            let is_there = found.has_folder(folder) || made.iter().any(|made| made == folder);
            if is_there || folder.is_empty() {
                continue;
            }
            made.push(folder.to_owned());
            let is_at_home = folder.starts_with(&format!("{}/", account.home));
            puts.push(Put::Folder {
                path: folder.to_owned(),
                mode: 0o755,
                owner: if is_at_home { account.owner } else { (0, 0) },
                is_fixed: false,
            });
        }
    }
    puts
}

/// The folders that must be known for [`mounts`].
pub fn folders(seed: &GuestSeed) -> Vec<String> {
    let shares = seed.shares.iter().map(|share| &share.path);
    let paths = shares.chain(seed.disks.iter().map(|disk| &disk.path));
    let mut all: Vec<String> = paths
        .flat_map(|path| {
            let path = path.trim_end_matches('/');
            above(path).into_iter().chain([path])
        })
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect();
    all.sort();
    all.dedup();
    all
}

/// A word of fstab(5).
fn field(word: &str) -> String {
    let escaped = |c: char| match c {
        ' ' | '\t' | '\n' | '\\' | '#' => format!("\\{:03o}", u32::from(c)),
        c => c.to_string(),
    };
    word.chars().map(escaped).collect()
}

/// Variables of every session. What this file's reader would take apart is sshd's to give alone.
pub fn variables(seed: &GuestSeed, found: &Found) -> Option<Put> {
    let path = "/etc/environment";
    let is_plain = |value: &str| {
        let apart = |c: char| c.is_control() || "\"'\\#$".contains(c);
        !value.contains(apart) && value.trim() == value
    };
    let all = seed.env.iter();
    let lines: Vec<String> = all
        .filter(|(name, value)| is_name(name) && is_plain(value))
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    let before = found.bytes(path).unwrap_or_default();
    let bytes = block(before, &lines.concat(), false);
    (bytes != before).then(|| same(found, path, bytes, 0o644))
}

/// Units that are not to start, and cloud-init kept from undoing what is written here.
pub fn units(seed: &GuestSeed, found: &Found) -> Vec<Put> {
    let mut puts: Vec<Put> = seed
        .masked
        .iter()
        .map(|unit| Put::Link {
            path: format!("/etc/systemd/system/{unit}"),
            target: "/dev/null".to_owned(),
        })
        .collect();
    if found.has_folder("/etc/cloud/cloud.cfg.d") {
        let text = "# Written by vagrantp: the keys, the names and the network are its.\n\
                    datasource_list: [None]\nssh_deletekeys: false\npreserve_hostname: true\n\
                    manage_etc_hosts: false\nnetwork: {config: disabled}\n";
        puts.push(Put::file(
            "/etc/cloud/cloud.cfg.d/99-vagrantp.cfg",
            text,
            0o644,
        ));
    }
    puts
}

#[cfg(test)]
mod tests {
    use super::{block, field};

    #[test]
    fn our_lines_are_there_once() {
        let first = block(b"a\nb", "x\n", true);
        assert_eq!(first, b"# vagrantp begin\nx\n# vagrantp end\na\nb\n");
        assert_eq!(
            block(&first, "y\n", false),
            b"a\nb\n# vagrantp begin\ny\n# vagrantp end\n"
        );
        assert_eq!(block(&first, "", false), b"a\nb\n");
        assert_eq!(block(b"\xE9\n", "", true), b"\xE9\n");
    }

    #[test]
    fn a_path_is_one_word_of_fstab() {
        assert_eq!(field("/a b\\#"), r"/a\040b\134\043");
    }
}
