//! What a layer of a `vagrantp.kdl` says, made up.

use proptest::prelude::*;
use std::collections::BTreeMap;

/// What one layer says.
#[derive(Debug, Clone, Default)]
pub struct Said {
    pub memory: Option<u32>,
    pub cpus: Option<u32>,
    pub restart: Option<&'static str>,
    pub tags: Vec<&'static str>,
    pub packages: Vec<&'static str>,
    /// `ports` without a word, before the others.
    pub no_ports: bool,
    pub ports: BTreeMap<u16, u16>,
    pub env: BTreeMap<&'static str, u8>,
    pub volumes: BTreeMap<&'static str, &'static str>,
    /// The user of ssh.
    pub user: Option<&'static str>,
    /// The port that answers when it is ready, and for how many seconds it is waited for.
    pub ready: Option<u16>,
    pub within: Option<u32>,
    /// Folders of the host by their paths in the machine.
    pub shares: BTreeMap<&'static str, &'static str>,
    /// Where secrets come from, by their names.
    pub secrets: BTreeMap<&'static str, &'static str>,
    pub playbooks: Vec<&'static str>,
}

/// Any of it.
pub fn said() -> impl Strategy<Value = Said> {
    let words = |all: &'static [&'static str]| prop::sample::subsequence(all, 0..=all.len());
    let restart = prop::option::of(prop::sample::select(&["no", "always", "on-failure"][..]));
    let name = prop::sample::select(&["A", "B", "C"][..]);
    let path = prop::sample::select(&["/one", "/two", "/three"][..]);
    let volume = prop::sample::select(&["x", "y", "z"][..]);
    (
        (
            prop::option::of(512u32..4096),
            prop::option::of(1u32..9),
            restart,
        ),
        (words(&["t1", "t2", "t3"]), words(&["git", "curl", "vim"])),
        (
            any::<bool>(),
            prop::collection::btree_map(80u16..84, 0u16..99, 0..3),
        ),
        prop::collection::btree_map(name, any::<u8>(), 0..3),
        prop::collection::btree_map(path, volume, 0..3),
        more(),
    )
        .prop_map(
            |((memory, cpus, restart), (tags, packages), (no_ports, ports), env, volumes, more)| {
                Said {
                    memory,
                    cpus,
                    restart,
                    tags,
                    packages,
                    no_ports,
                    // Of two ports of a machine, each has its own on the host.
                    ports: ports
                        .into_iter()
                        .map(|(guest, host)| (guest, guest * 100 + host))
                        .collect(),
                    env,
                    volumes,
                    ..more
                }
            },
        )
}

/// The rest.
fn more() -> impl Strategy<Value = Said> {
    let user = prop::sample::select(&["dev", "av"][..]);
    let path = prop::sample::select(&["/work", "/src"][..]);
    let host = prop::sample::select(&["./a", "./b", "./c"][..]);
    let name = prop::sample::select(&["S1", "S2"][..]);
    let from = prop::sample::select(&["FROM_X", "FROM_Y"][..]);
    let playbooks = prop::sample::subsequence(&["a.yml", "b.yml"][..], 0..=2);
    (
        prop::option::of(user),
        prop::option::of(1u16..9),
        prop::option::of(1u32..59),
        prop::collection::btree_map(path, host, 0..3),
        prop::collection::btree_map(name, from, 0..3),
        playbooks,
    )
        .prop_map(|(user, ready, within, shares, secrets, playbooks)| Said {
            user,
            ready,
            within,
            shares,
            secrets,
            playbooks,
            ..Said::default()
        })
}

impl Said {
    /// As the block of a `vagrantp.kdl`.
    pub fn kdl(&self) -> String {
        let mut text = String::new();
        let mut line = |line: String| text.extend(["    ", &*line, "\n"]);
        self.memory
            .into_iter()
            .for_each(|memory| line(format!("memory \"{memory}M\"")));
        self.cpus
            .into_iter()
            .for_each(|cpus| line(format!("cpus {cpus}")));
        self.restart
            .into_iter()
            .for_each(|word| line(format!("restart {word}")));
        if !self.tags.is_empty() {
            line(format!("tags {}", self.tags.join(" ")));
        }
        if !self.packages.is_empty() {
            line(format!("packages {}", self.packages.join(" ")));
        }
        if self.no_ports {
            line("ports".into());
        }
        for (guest, host) in &self.ports {
            line(format!("ports \"{host}:{guest}\""));
        }
        for (name, value) in &self.env {
            line(format!("env {name}=\"{value}\""));
        }
        for (path, name) in &self.volumes {
            line(format!("volume {name} to=\"{path}\""));
        }
        if let Some(user) = self.user {
            line(format!("ssh user={user}"));
        }
        let port = self.ready.map(|port| format!(" port={port}"));
        let within = self.within.map(|within| format!(" within=\"{within}s\""));
        if port.is_some() || within.is_some() {
            line(format!(
                "ready{}{}",
                port.unwrap_or_default(),
                within.unwrap_or_default()
            ));
        }
        for (path, host) in &self.shares {
            line(format!("sync \"{host}\" to=\"{path}\""));
        }
        for (name, from) in &self.secrets {
            line(format!("secret {name} from={from}"));
        }
        for path in &self.playbooks {
            line(format!("provision \"{path}\""));
        }
        text
    }
}
