//! What is left of a machine anywhere: in the engine, the kernel, the state folder.

use crate::processes;
use crate::world::{World, files, root, run, tool};
use sha2::{Digest, Sha512};
use std::path::Path;
use std::process::Command;

/// Everything of a machine and its project that still exists.
pub fn remains(world: &World, uuid: &str) -> Vec<String> {
    let id = world.id();
    let network = network(uuid);
    let mut found = Vec::new();
    let rows: serde_json::Value = serde_json::from_str(&tool(
        "podman",
        &[
            "ps",
            "--all",
            "--external",
            "--no-trunc",
            "--format",
            "json",
        ],
    ))
    .unwrap();
    for row in rows.as_array().into_iter().flatten() {
        let text = row.to_string();
        if text.contains(id) || text.contains(uuid) {
            found.push(format!("container {} {}", row["Names"], row["State"]));
        }
    }
    for line in tool("podman", &["network", "ls", "--format", "{{.Name}}"]).lines() {
        if line == network {
            found.push(format!("network {line}"));
        }
    }
    let virsh = |list: &[&str]| tool("virsh", &[&["-q", "-c", "qemu:///system"], list].concat());
    let pools = virsh(&["pool-list", "--name"]);
    let volumes = pools.lines().map(str::trim).filter(|pool| !pool.is_empty());
    let volumes: Vec<[&str; 2]> = volumes.map(|pool| ["vol-list", pool]).collect();
    let lists: [&[&str]; 2] = [
        &["list", "--all", "--name"],
        &["net-list", "--all", "--name"],
    ];
    for list in lists
        .into_iter()
        .chain(volumes.iter().map(|list| &list[..]))
    {
        let said = virsh(list);
        let ours = said
            .lines()
            .filter(|line| line.contains(id) || line.contains(&network));
        found.extend(ours.map(|line| format!("libvirt has {}", line.trim())));
    }
    let kept = format!("localhost/vagrantp/kept:{id}");
    if exists("image", &kept) {
        found.push(format!("image {kept}"));
    }
    if root() {
        let hash = Sha512::digest(&network);
        let hash: String = hash.iter().map(|byte| format!("{byte:02X}")).collect();
        let chain = &hash[..13];
        for line in tool("iptables", &["-t", "nat", "-S"]).lines() {
            if line.contains(&network) || line.contains(chain) {
                found.push(format!("rule {line}"));
            }
        }
        let names = format!("/run/containers/storage/networks/aardvark-dns/{network}");
        let names = [
            names,
            format!("/run/containers/networks/aardvark-dns/{network}"),
        ];
        found.extend(names.into_iter().filter(|path| Path::new(path).exists()));
    }
    let home = world.home().display().to_string();
    for text in [id, uuid, &home] {
        for process in processes::naming(text) {
            found.push(format!("process {} {:?}", process.pid, process.words));
        }
    }
    for folder in ["machines"] {
        for path in files(&world.state().join(folder)) {
            found.push(format!("file {}", path.display()));
        }
    }
    found
}

/// Nothing is left, or soon nothing is: what ends by itself is given the time to.
pub fn none_remains(world: &World, uuid: &str, when: &str) {
    let mut left = Vec::new();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        left.clear();
        left.extend(remains(world, uuid));
        if left.is_empty() {
            return;
        }
        assert!(
            std::time::Instant::now() < end,
            "{when}: left behind:\n  {}",
            left.join("\n  ")
        );
        processes::ended_within(std::process::id(), std::time::Duration::from_millis(100));
    }
}

fn exists(kind: &str, name: &str) -> bool {
    run(Command::new("podman").args([kind, "exists", name])).status == 0
}

/// The project's network.
pub fn network(uuid: &str) -> String {
    format!("vagrantp-{}", &uuid.replace('-', "")[..12])
}

/// One machine runs, and it is reachable.
pub fn one_runs(world: &World, when: &str) {
    let running = containers(world);
    assert_eq!(running.len(), 1, "{when}: {running:?}");
    assert!(running[0].contains(" Up "), "{when}: {running:?}");
    let inside = world.run(&["ssh", "-c", "true"]);
    assert_eq!(inside.status, 0, "{when}: ssh: {inside}");
}

/// The containers of a test's machine: name and what Podman calls its status.
pub fn containers(world: &World) -> Vec<String> {
    let label = format!("label=vagrantp.instance={}", world.id());
    let format = "{{.Names}} {{.Status}}";
    let args = ["ps", "-a", "--format", format, "--filter", &label];
    let text = tool("podman", &args);
    text.lines().map(str::to_owned).collect()
}
