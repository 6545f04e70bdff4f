//! The project's folder is moved, renamed, copied, linked.

use crate::remains::{none_remains, one_runs};
use crate::world::{World, tool, uuid_in};
use std::fs;
use std::os::unix::fs::symlink;

fn copy(from: &std::path::Path, to: &std::path::Path) {
    tool("cp", &["-a", from.to_str().unwrap(), to.to_str().unwrap()]);
}

#[test]
fn moved_and_renamed_it_finds_its_machine() {
    let world = World::new("moved");
    world.must(&["up"]);
    let uuid = world.uuid();
    let there = world.home().join("elsewhere");
    fs::rename(world.project(), &there).unwrap();
    let status = world.run_in(&there, &["status"]);
    assert!(status.stdout.contains("running"), "{status}");
    assert_eq!(world.run_in(&there, &["ssh", "-c", "true"]).status, 0);
    let up = world.run_in(&there, &["up"]);
    assert_eq!(up.status, 3, "a renamed folder keeps its id: {up}");
    assert_eq!(uuid_in(&there).as_ref(), Some(&uuid));
    let record = world.record().unwrap();
    assert_eq!(record["project_path"], there.to_str().unwrap());
    assert_eq!(record["id"], world.id());
    assert_eq!(world.run_in(&there, &["stop"]).status, 0);
    let up = world.run_in(&there, &["up"]);
    assert_eq!(up.status, 0, "{up}");
    assert_eq!(world.run_in(&there, &["rm", "-f"]).status, 0);
    none_remains(&world, &uuid, "rm in the new place");
}

#[test]
fn moved_with_a_shared_folder_it_is_made_anew_there() {
    let world = World::new("shared");
    world.write("INFRA_TYPE=container\nMEMORY=512M\nCPUS=1\nSYNC=.:/srv/p\n");
    world.must(&["up"]);
    world.must(&["ssh", "-c", "echo mine >/root/installed"]);
    let uuid = world.uuid();
    let there = world.home().join("elsewhere");
    fs::rename(world.project(), &there).unwrap();
    let up = world.run_in(&there, &["up"]);
    assert_eq!(up.status, 3, "it runs, and sees its folder: {up}");
    let inside = world.run_in(&there, &["ssh", "-c", "ls /srv/p/.env"]);
    assert_eq!(inside.status, 0, "{inside}");
    assert_eq!(world.run_in(&there, &["stop"]).status, 0);
    let up = world.run_in(&there, &["up"]);
    assert_eq!(up.status, 3, "{up}");
    assert!(up.stderr.contains("--recreate"), "{up}");
    let up = world.run_in(&there, &["up", "--recreate"]);
    assert_eq!(up.status, 0, "{up}");
    let inside = world.run_in(
        &there,
        &["ssh", "-c", "cat /root/installed; ls /srv/p/.env"],
    );
    assert_eq!(inside.stdout, "mine\n/srv/p/.env\n", "{inside}");
    assert_eq!(world.run_in(&there, &["rm", "-f"]).status, 0);
    none_remains(&world, &uuid, "rm in the new place");
}

#[test]
fn copied_it_gets_a_machine_of_its_own() {
    let world = World::new("copied");
    world.must(&["up"]);
    let copied = world.home().join("copy");
    copy(&world.project(), &copied);
    let status = world.run_in(&copied, &["status"]);
    assert!(!status.stdout.contains("running"), "{status}");
    let rm = world.run_in(&copied, &["rm", "-f"]);
    assert_eq!(rm.status, 1, "the copy has no machine to remove: {rm}");
    let stop = world.run_in(&copied, &["stop"]);
    assert_eq!(stop.status, 1, "{stop}");
    one_runs(&world, "the original");
    let up = world.run_in(&copied, &["up"]);
    assert_eq!(up.status, 0, "{up}");
    let uuid = uuid_in(&copied).unwrap();
    assert_ne!(uuid, world.uuid());
    one_runs(&world, "the original, beside the copy");
    let rm = world.run_in(&copied, &["rm", "-f"]);
    assert_eq!(rm.status, 0, "{rm}");
    one_runs(&world, "the original, after the copy's rm");
    let labels = tool("podman", &["ps", "-a", "--format", "{{.Labels}}"]);
    assert!(!labels.contains(&uuid), "{labels}");
    world.must(&["rm", "-f"]);
    none_remains(&world, &world.uuid(), "rm");
}

#[test]
fn through_a_link_it_is_the_same_project() {
    let world = World::new("linked");
    let link = world.home().join("link");
    symlink(world.project(), &link).unwrap();
    assert_eq!(world.run_in(&link, &["up"]).status, 0);
    let up = world.run(&["up"]);
    assert_eq!(up.status, 3, "{up}");
    one_runs(&world, "through a link");
    let named = world.run_in(world.home(), &["-C", link.to_str().unwrap(), "rm", "-f"]);
    assert_eq!(named.status, 0, "{named}");
    none_remains(&world, &world.uuid(), "rm through a link");
}
