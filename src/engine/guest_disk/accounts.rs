//! The user who logs in: where the box has no such account, it is made as the distribution would.

use super::GuestSeed;
use super::boot::block;
use super::found::Found;
use super::put::Put;
use std::collections::HashSet;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its numbers.
    pub owner: (u32, u32),
    /// Its home.
    pub home: String,
    /// Whether the box has it.
    pub is_there: bool,
    /// The numbers that it has in the box, where it is given others.
    pub was: Option<(u32, u32)>,
}

/// The first number of an ordinary user.
const ORDINARY: u32 = 1000;
/// Below the ones that are given to nobody and to containers.
const LAST: u32 = 60_000;

/// The account, as it is in `/etc/passwd` or will be.
pub fn account(seed: &GuestSeed, found: &Found) -> Account {
    let passwd = found.text("/etc/passwd");
    let rows = rows(&passwd);
    let uids = numbers_of(&passwd);
    let gids = numbers_of(&found.text("/etc/group"));
    let is_free = |id: &u32| !uids.contains(id) && !gids.contains(id);
    let wanted = seed.uid.filter(|uid| *uid >= ORDINARY).filter(is_free);
    let row = rows.iter().find(|row| row.first() == Some(&&*seed.user));
    let numbers = row.and_then(|row| Some((row.get(2)?.parse().ok()?, row.get(3)?.parse().ok()?)));
    if let (Some(row), Some(owner)) = (row, numbers) {
        let home = row
            .get(5)
            .filter(|home| home.starts_with('/') && home.len() > 1);
        let fallback = match owner.0 {
            0 => "/root".to_owned(),
            _ => format!("/home/{}", seed.user),
        };
        // Shared folders tell who may write in them by numbers alone.
        let groups = found.text("/etc/group");
        let own_group = format!("{}:x:{}:", seed.user, owner.1);
        let has_own_group = groups.lines().any(|line| line.starts_with(&own_group));
        let other = wanted.filter(|_| owner.0 >= ORDINARY && has_own_group);
        return Account {
            name: seed.user.clone(),
            owner: other.map_or(owner, |uid| (uid, uid)),
            home: home.map_or(fallback, |home| home.trim_end_matches('/').to_owned()),
            is_there: true,
            was: other.map(|_| owner),
        };
    }
    let uid = wanted.or_else(|| (ORDINARY..LAST).find(is_free));
    let uid = uid.unwrap_or(LAST);
    Account {
        name: seed.user.clone(),
        owner: (uid, uid),
        home: format!("/home/{}", seed.user),
        is_there: false,
        was: None,
    }
}

/// What makes the account, lets it in and lets it do all.
pub fn puts(seed: &GuestSeed, found: &Found, account: &Account) -> Vec<Put> {
    let mut puts = Vec::new();
    if !account.is_there {
        puts.extend(made(found, account));
    }
    puts.extend(renumbered(found, account));
    puts.extend(opened(found, account));
    let (home, owner) = (&account.home, account.owner);
    if !found.has_folder(home) {
        puts.push(Put::Folder {
            path: home.clone(),
            mode: 0o755,
            owner,
            is_fixed: true,
        });
    }
    if !account.is_there {
        puts.extend(skeleton(found, account));
    }
    puts.push(Put::Folder {
        path: format!("{home}/.ssh"),
        mode: 0o700,
        owner,
        is_fixed: true,
    });
    puts.push(Put::File {
        path: format!("{home}/.ssh/authorized_keys"),
        bytes: seed.authorized_keys.clone().into_bytes(),
        mode: 0o600,
        owner,
    });
    if owner.0 != 0 && found.entry("/etc/sudoers").is_some() {
        if !found.has_folder("/etc/sudoers.d") {
            puts.push(Put::folder("/etc/sudoers.d"));
        }
        let text = format!("{} ALL=(ALL:ALL) NOPASSWD: ALL\n", account.name);
        puts.push(Put::file("/etc/sudoers.d/vagrantp", text, 0o440));
    }
    puts
}

/// Its lines.
fn made(found: &Found, account: &Account) -> Vec<Put> {
    let (name, (uid, gid), home) = (&account.name, account.owner, &account.home);
    let shell = ["/bin/bash", "/usr/bin/bash"];
    let shell = match shell.iter().any(|path| found.entry(path).is_some()) {
        true => "/bin/bash",
        false => "/bin/sh",
    };
    let mut puts = vec![
        with_line(
            found,
            "/etc/passwd",
            &format!("{name}:x:{uid}:{gid}::{home}:{shell}"),
        ),
        with_line(found, "/etc/group", &format!("{name}:x:{gid}:")),
    ];
    if found.bytes("/etc/gshadow").is_some() {
        puts.push(with_line(found, "/etc/gshadow", &format!("{name}:!::")));
    }
    puts
}

/// Its numbers in the box's lists, and on what is in its home: a box's user has only a few files there.
fn renumbered(found: &Found, account: &Account) -> Vec<Put> {
    let Some((uid, _)) = account.was else {
        return Vec::new();
    };
    let with = |path: &str, numbers: &[(usize, u32)]| {
        let text = found.text(path);
        let lines = text.lines().map(|line| {
            let mut fields: Vec<String> = line.split(':').map(str::to_owned).collect();
            for (at, number) in numbers {
                if let Some(field) = fields.get_mut(*at).filter(|_| line_is_of(line, account)) {
                    *field = number.to_string();
                }
            }
            fields.join(":") + "\n"
        });
        same(found, path, lines.collect::<String>().into_bytes(), 0o644)
    };
    let lists = [
        with("/etc/passwd", &[(2, account.owner.0), (3, account.owner.1)]),
        with("/etc/group", &[(2, account.owner.1)]),
    ];
    let home = found.entries(&account.home);
    let inside = home.filter(|entry| entry.owner.0 == uid);
    let inside = inside.map(|entry| format!("{}/{}", account.home, entry.name));
    let owned = inside.chain([account.home.clone()]).map(|path| Put::Owned {
        path,
        owner: account.owner,
    });
    lists.into_iter().chain(owned).collect()
}

fn line_is_of(line: &str, account: &Account) -> bool {
    line.split(':').next() == Some(&*account.name)
}

/// A password field that begins with `!` is a locked account to an sshd without PAM.
fn opened(found: &Found, account: &Account) -> Option<Put> {
    let shadow = found.bytes("/etc/shadow")?;
    let mut is_there = false;
    let mut text = Vec::new();
    for line in lines(shadow) {
        let words = String::from_utf8_lossy(line);
        let mut fields: Vec<&str> = words.split(':').collect();
        if fields[0] == account.name && !is_there {
            is_there = true;
            if let Some(password) = fields.get_mut(1).filter(|field| field.starts_with('!')) {
                *password = "*";
            }
            text.extend_from_slice(fields.join(":").as_bytes());
        } else {
            text.extend_from_slice(line);
        }
        text.push(b'\n');
    }
    if !is_there {
        let line = format!("{}:*:19000:0:99999:7:::\n", account.name);
        text.extend_from_slice(line.as_bytes());
    }
    (text != shadow).then(|| same(found, "/etc/shadow", text, 0o640))
}

/// Files of `/etc/skel`.
fn skeleton<'a>(found: &'a Found, account: &'a Account) -> impl Iterator<Item = Put> + 'a {
    found.entries("/etc/skel").filter_map(|entry| {
        let bytes = found.bytes(&format!("/etc/skel/{}", entry.name))?;
        Some(Put::File {
            path: format!("{}/{}", account.home, entry.name),
            bytes: bytes.to_vec(),
            mode: entry.mode & 0o777,
            owner: account.owner,
        })
    })
}

/// A file of lines with one more, in place of those that begin with the same name.
fn with_line(found: &Found, path: &str, line: &str) -> Put {
    let name = line.split(':').next().unwrap_or_default();
    let begin = format!("{name}:").into_bytes();
    let mut text = Vec::new();
    let before = found.bytes(path).unwrap_or_default();
    for other in lines(before).filter(|other| !other.starts_with(&begin)) {
        text.extend_from_slice(other);
        text.push(b'\n');
    }
    text.extend_from_slice(line.as_bytes());
    text.push(b'\n');
    same(found, path, text, 0o644)
}

/// A file with another content, and the owner and mode it had.
pub fn same(found: &Found, path: &str, bytes: Vec<u8>, mode: u32) -> Put {
    let entry = found.entry(path).filter(|entry| entry.is_plain());
    Put::File {
        path: path.to_owned(),
        bytes,
        mode: entry.map_or(mode, |entry| entry.mode & 0o7777),
        owner: entry.map_or((0, 0), |entry| entry.owner),
    }
}

/// The lines of a file, without what ends them; one without an end is a line too.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let all = whole.split(|byte| *byte == b'\n');
    all.filter(move |_| !bytes.is_empty())
}

fn rows(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split(':').collect()).collect()
}

fn numbers_of(text: &str) -> HashSet<u32> {
    let all = rows(text);
    all.iter()
        .filter_map(|row| row.get(2)?.parse().ok())
        .collect()
}

/// sshd's own settings: before the box's, since it takes the first of each.
pub fn sshd(seed: &GuestSeed, found: &Found) -> Vec<Put> {
    let mut puts: Vec<Put> = found
        .entries("/etc/ssh")
        .filter(|entry| entry.name.starts_with("ssh_host_") && !entry.is_folder())
        .map(|entry| Put::Gone {
            path: format!("/etc/ssh/{}", entry.name),
        })
        .collect();
    puts.push(Put::file(HOST_KEY, seed.host_key.clone(), 0o600));
    puts.push(Put::file(
        format!("{HOST_KEY}.pub"),
        seed.host_key_public.clone(),
        0o644,
    ));
    let path = "/etc/ssh/sshd_config";
    let text = sshd_lines(&seed.user, seed.env.iter().chain(&seed.secrets));
    let before = found.bytes(path).unwrap_or_default();
    let bytes = block(before, &text, true);
    // Values may be secrets, and only root reads them.
    puts.push(match seed.secrets.is_empty() {
        true => same(found, path, bytes, 0o644),
        false => Put::File {
            path: path.to_owned(),
            bytes,
            mode: 0o600,
            owner: (0, 0),
        },
    });
    puts
}

/// What sshd is told, before all else that it is told.
pub fn sshd_lines<'a>(user: &str, env: impl Iterator<Item = &'a (String, String)>) -> String {
    let mut text = format!(
        "HostKey {HOST_KEY}\nAcceptEnv *\nUseDNS no\n\
         # One shared connection carries many sessions; parallel provisioning opens many connections.\n\
         MaxSessions 100\nMaxStartups 100\n"
    );
    if user == "root" {
        text.push_str("PermitRootLogin prohibit-password\n");
    }
    let words: Vec<String> = env
        .filter(|(name, value)| is_name(name) && !value.chars().any(char::is_control))
        .map(|(name, value)| {
            let value = value.replace('\\', r"\\").replace('"', "\\\"");
            format!(" \"{name}={value}\"")
        })
        .collect();
    if !words.is_empty() {
        text.push_str(&format!("SetEnv{}\n", words.concat()));
    }
    text
}

/// The only host key.
const HOST_KEY: &str = "/etc/ssh/ssh_host_ed25519_key";

/// Whether it can be a variable's name.
pub fn is_name(name: &str) -> bool {
    let rest = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(rest)
}
