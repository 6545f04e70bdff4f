//! What is remembered is lost or damaged: the engine is the truth, and nothing blocks `rm`.

use crate::remains::{none_remains, one_runs};
use crate::world::World;
use std::fs;

/// A running machine with something installed in it.
fn lived_in(test: &str) -> World {
    let world = World::new(test);
    world.must(&["up"]);
    world.must(&["ssh", "-c", "echo mine >/root/installed"]);
    world
}

fn keeps_what_was_installed(world: &World, when: &str) {
    one_runs(world, when);
    let inside = world.must(&["ssh", "-c", "cat /root/installed"]);
    assert_eq!(inside.stdout, "mine\n", "{when}");
}

#[test]
fn a_lost_project_folder_mark_is_found_again() {
    let world = lived_in("clean");
    let uuid = world.uuid();
    fs::remove_dir_all(world.project().join(".vagrantp")).unwrap();
    assert!(world.must(&["status"]).stdout.contains("running"));
    let up = world.run(&["up"]);
    assert_eq!(up.status, 3, "{up}");
    assert_eq!(world.uuid(), uuid);
    fs::remove_dir_all(world.project().join(".vagrantp")).unwrap();
    world.must(&["rm", "-f"]);
    none_remains(&world, &uuid, "git clean, then rm");
}

#[test]
fn a_lost_state_folder_loses_no_machine() {
    let world = lived_in("lost");
    let uuid = world.uuid();
    fs::remove_dir_all(world.state()).unwrap();
    let up = world.run(&["up"]);
    assert_eq!(up.status, 3, "{up}");
    assert!(up.stderr.contains("its record and keys are lost"), "{up}");
    let up = world.run(&["up", "--recreate"]);
    assert_eq!(up.status, 0, "{up}");
    keeps_what_was_installed(&world, "made anew without a state folder");
    fs::remove_dir_all(world.state()).unwrap();
    world.must(&["rm", "-f"]);
    none_remains(&world, &uuid, "rm without a state folder");
}

#[test]
fn with_all_marks_lost_the_path_label_finds_it() {
    let world = lived_in("label");
    let uuid = world.uuid();
    let forget = || {
        fs::remove_dir_all(world.state()).unwrap();
        fs::remove_dir_all(world.project().join(".vagrantp")).unwrap();
    };
    forget();
    assert!(world.must(&["status"]).stdout.contains("running"));
    let up = world.run(&["up"]);
    assert_eq!(up.status, 3, "{up}");
    assert_eq!(world.uuid(), uuid);
    forget();
    world.must(&["stop"]);
    world.must(&["rm", "-f"]);
    none_remains(&world, &uuid, "rm by the path label alone");
}

#[test]
fn a_damaged_record_blocks_nothing() {
    let world = lived_in("damaged");
    let uuid = world.uuid();
    let newer = br#"{"schema": 99, "id": "unknown"}"#;
    let whole = fs::read(world.record_path().unwrap()).unwrap();
    let contents: [(&str, &[u8]); 4] = [
        ("cut short", &whole[..whole.len() / 2]),
        ("empty", b""),
        ("garbage", b"\0\x01garbage\xff"),
        ("newer", newer),
    ];
    for (what, content) in contents {
        fs::write(world.record_path().unwrap(), content).unwrap();
        let path = world.record_path().unwrap();
        let name = path.display().to_string();
        let status = world.must(&["status"]);
        assert!(status.stdout.contains("running"), "{what}: {status}");
        let flat = status.stderr.replace(['\n', ' ', '│'], "");
        assert!(flat.contains(&name.replace(' ', "")), "{what}: {status}");
        let up = world.run(&["up"]);
        assert!([1, 3].contains(&up.status), "{what}: {up}");
        assert_eq!(fs::read(&path).unwrap(), content, "{what}: up touched it");
        world.must(&["rm", "-f"]);
        none_remains(&world, &uuid, what);
        world.must(&["up"]);
    }
    // The configuration broken as well, and the machine gone behind our back.
    fs::write(world.record_path().unwrap(), b"{").unwrap();
    world.write("INFRA_TYPE=container\nMEMORY=nothing\n");
    world.must(&["rm", "-f"]);
    none_remains(&world, &uuid, "broken record and configuration");
}

#[test]
fn a_damaged_record_of_a_machine_that_is_gone_is_cleared() {
    let world = lived_in("gone");
    let uuid = world.uuid();
    fs::write(world.record_path().unwrap(), b"{").unwrap();
    crate::world::tool("podman", &["rm", "-f", "-t", "0", world.id()]);
    world.must(&["rm", "-f"]);
    none_remains(&world, &uuid, "rm of a damaged record alone");
    world.must(&["up"]);
    let newer = br#"{"schema": 99}"#;
    fs::write(world.record_path().unwrap(), newer).unwrap();
    crate::world::tool("podman", &["rm", "-f", "-t", "0", world.id()]);
    let up = world.run(&["up"]);
    assert_eq!(up.status, 1, "a newer record is never written over: {up}");
    assert!(up.stderr.contains("newer vagrantp"), "{up}");
    assert_eq!(fs::read(world.record_path().unwrap()).unwrap(), newer);
    world.must(&["rm", "-f"]);
    none_remains(&world, &uuid, "rm of a newer record");
}
