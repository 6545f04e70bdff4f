//! Things done to a machine behind our back.

use crate::processes::naming;
use crate::remains::{none_remains, one_runs};
use crate::world::{World, eventually, root, tool};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;

fn podman(args: &[&str]) {
    tool("podman", args);
}

/// The state and the notes that `status` shows.
fn status(world: &World) -> String {
    world.must(&["status"]).stdout
}

#[test]
fn removed_it_is_not_created_and_up_makes_it_anew() {
    let world = World::new("removed");
    for stopped in [false, true] {
        world.must(&["up"]);
        if stopped {
            world.must(&["stop"]);
        }
        podman(&["rm", "-f", "-t", "0", world.id()]);
        let shown = status(&world);
        assert!(shown.contains("not created"), "{shown}");
        assert!(shown.contains("removed by something else"), "{shown}");
        let inside = world.run(&["ssh", "-c", "true"]);
        assert_eq!(inside.status, 1, "{inside}");
        assert!(
            inside.stderr.contains("does not exist any more"),
            "{inside}"
        );
        let stop = world.run(&["stop"]);
        assert_eq!(stop.status, 1, "{stop}");
        world.must(&["up"]);
        one_runs(&world, "made anew after a foreign rm");
        podman(&["rm", "-f", "-t", "0", world.id()]);
        let rm = world.run(&["rm", "-f"]);
        assert_eq!(rm.status, 0, "remembered but gone: {rm}");
        none_remains(&world, &world.uuid(), "rm after a foreign rm");
    }
}

#[test]
fn stopped_killed_or_paused_it_comes_up_again() {
    let world = World::new("halted");
    world.must(&["up"]);
    let id = world.id().to_owned();
    let ways: [&[&str]; 4] = [
        &["stop", "-t", "2", &id],
        &["kill", &id],
        &["kill", "-s", "TERM", &id],
        &["pause", &id],
    ];
    for way in ways {
        if way[0] == "pause" && !root() {
            // Podman cannot without cgroups v2.
            continue;
        }
        podman(way);
        eventually("status shows it", || status(&world).contains("stopped"));
        if way[0] != "pause" {
            // A paused one answers nothing, and ssh waits for it as for a bad line.
            let inside = world.run(&["ssh", "-c", "true"]);
            assert_eq!(inside.status, 1, "{way:?}: {inside}");
            assert!(inside.stderr.contains("not running"), "{way:?}: {inside}");
        }
        let up = world.run(&["up"]);
        assert_eq!(up.status, 0, "{way:?}: {up}");
        one_runs(&world, &format!("{way:?}"));
    }
    if root() {
        podman(&["pause", &id]);
    }
    world.must(&["rm"]);
    none_remains(&world, &world.uuid(), "rm of a paused machine");
}

#[test]
fn its_first_process_killed_from_outside_it_comes_up_again() {
    let world = World::new("first");
    world.must(&["up"]);
    let pid = tool("podman", &["inspect", "-f", "{{.State.Pid}}", world.id()]);
    if crate::world::root() {
        let pid = Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        kill_process(pid, Signal::KILL).unwrap();
    } else {
        podman(&["kill", world.id()]);
    }
    eventually("it is seen", || status(&world).contains("stopped"));
    world.must(&["up"]);
    one_runs(&world, "after its first process was killed");
    world.must(&["rm", "-f"]);
    none_remains(&world, &world.uuid(), "rm after it");
}

#[test]
fn without_its_monitor_it_can_be_removed() {
    let world = World::new("monitor");
    for then_up in [false, true] {
        world.must(&["up"]);
        let uuid = world.uuid();
        let monitors = naming(world.id())
            .into_iter()
            .filter(|process| process.words[0].ends_with("conmon"));
        for monitor in monitors {
            kill_process(Pid::from_raw(monitor.pid as i32).unwrap(), Signal::KILL).unwrap();
        }
        if then_up {
            // Stopping is what gets stuck without it.
            world.run(&["stop", "-f"]);
            let up = world.run(&["up"]);
            if up.status != 0 {
                let up = world.run(&["up", "--recreate"]);
                assert_eq!(up.status, 0, "{up}");
            }
            one_runs(&world, "without its monitor");
        }
        let rm = world.run(&["rm", "-f"]);
        assert_eq!(rm.status, 0, "{rm}");
        none_remains(&world, &uuid, "rm without its monitor");
    }
}

#[test]
fn after_a_reboot_up_starts_it() {
    let world = World::new("reboot");
    world.must(&["up"]);
    // What a reboot leaves: everything stopped, sockets and masters gone.
    let home = world.home().display().to_string();
    for master in naming(&home) {
        if master.words[0].starts_with("ssh") {
            let _ = kill_process(Pid::from_raw(master.pid as i32).unwrap(), Signal::KILL);
        }
    }
    podman(&["kill", world.id()]);
    if crate::world::root() {
        fs::remove_dir_all(world.runtime().join("vagrantp")).unwrap();
    }
    eventually("it is stopped", || status(&world).contains("stopped"));
    let up = world.run(&["up"]);
    assert_eq!(up.status, 0, "{up}");
    one_runs(&world, "after a reboot");
    world.must(&["stop"]);
    world.must(&["rm"]);
    none_remains(&world, &world.uuid(), "rm");
}
