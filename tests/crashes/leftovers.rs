//! A Podman that is killed after it has given a container its network leaves a namespace, a bridge and rules of the
//! firewall that it knows nothing of. Only root's stay in the host: an ordinary user is not asked.

use crate::processes::{naming, runs};
use crate::remains::none_remains;
use crate::world::{World, tool};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeSet;

fn names(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// What the kernel has of networks.
fn kernel() -> Vec<BTreeSet<String>> {
    let rules = |table: &str| {
        let said = tool("iptables", &["-t", table, "-S"]);
        let lines = said.lines().filter(|line| line.contains("NETAVARK"));
        // What is there once for all of them comes with the first and stays.
        let lines = lines.filter(|line| line.contains("10.89.") || line.contains("podman"));
        lines.map(str::to_owned).collect()
    };
    let mut interfaces = names("/sys/class/net");
    interfaces.retain(|name| name.starts_with("podman") || name.starts_with("veth"));
    let namespaces = names("/run/netns");
    vec![interfaces, namespaces, rules("nat"), rules("filter")]
}

/// Kills Podman and vagrantp once the container has its first rules, or else at the end.
fn killed_on_its_way(world: &World) {
    let mut up = world.start(&["up"]);
    let id = world.id().to_owned();
    assert!(up.until(|| runs("podman", "run", &id)));
    let has_rules = || {
        let rules = tool("iptables", &["-t", "nat", "-S"]);
        rules
            .lines()
            .any(|line| line.contains("dnat name: vagrantp-"))
    };
    up.until(has_rules);
    up.signal(Signal::KILL);
    for process in naming(&id) {
        let _ = kill_process(Pid::from_raw(process.pid as i32).unwrap(), Signal::KILL);
    }
    let ran = up.end();
    assert_ne!(ran.status, 0, "{ran}");
}

#[test]
fn nothing_of_a_network_is_left_in_the_kernel() {
    let world = World::alone("kernel");
    world.must(&["up"]);
    world.must(&["rm", "-f"]);
    let before = kernel();

    // Not each of them is hit where something is left.
    for _ in 0..3 {
        killed_on_its_way(&world);
        world.run(&["rm", "-f"]);
        assert_eq!(kernel(), before, "killed, then rm");

        killed_on_its_way(&world);
        world.must(&["up"]);
        world.must(&["ssh", "-c", "true"]);
        world.must(&["rm", "-f"]);
        assert_eq!(kernel(), before, "killed, then up and rm");
    }
    none_remains(&world, &world.uuid(), "at the end");
}
