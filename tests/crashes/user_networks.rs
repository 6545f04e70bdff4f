//! A Podman that is killed while it makes the namespace of an ordinary user's networks takes it for whole ever after.
//! Only an ordinary user has one: root is not asked.

use crate::processes::all;
use crate::remains::{none_remains, one_runs};
use crate::world::{World, eventually, run, tool};
use std::path::PathBuf;
use std::process::Command;

/// What Podman needs of the namespace besides the namespace itself.
fn parts() -> PathBuf {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").expect("a user has it");
    PathBuf::from(runtime).join("libpod/tmp/rootless-netns")
}

/// Leaves what a Podman leaves that is killed after its first step.
fn made_by_half() {
    tool("podman", &["unshare", "--rootless-netns", "true"]);
    std::fs::remove_dir_all(parts()).unwrap();
    let refused = run(Command::new("podman").args(["unshare", "--rootless-netns", "true"]));
    assert!(refused.stderr.contains("for rootless netns: "), "{refused}");
}

fn ways_outside() -> usize {
    let is_one = |words: &[String]| {
        words[0].ends_with("slirp4netns")
            && words.iter().any(|word| word.contains("rootless-netns"))
    };
    all()
        .iter()
        .filter(|process| is_one(&process.words))
        .count()
}

#[test]
fn half_made_they_are_made_anew() {
    let world = World::alone("half");
    made_by_half();
    let up = world.must(&["up"]);
    one_runs(&world, &format!("made after a killed Podman: {up}"));
    eventually("that of the half-made one has gone", || ways_outside() == 1);
    world.must(&["stop"]);

    made_by_half();
    let up = world.must(&["up"]);
    one_runs(&world, &format!("started after a killed Podman: {up}"));
    eventually("that of the half-made one has gone", || ways_outside() == 1);
    world.must(&["ssh", "-c", "true"]);
    world.must(&["rm", "-f"]);
    none_remains(&world, &world.uuid(), "half made, then rm");
    eventually("the last way outside has gone", || ways_outside() == 0);
}

#[test]
fn what_runs_in_them_is_left_alone() {
    let world = World::alone("lives");
    world.must(&["up"]);
    let second = world.projects().join("second");
    std::fs::create_dir(&second).unwrap();
    std::fs::copy(world.project().join(".env"), second.join(".env")).unwrap();
    let away = world.home().join("away");
    std::fs::rename(parts(), &away).unwrap();

    let up = world.run_in(&second, &["up"]);
    std::fs::remove_dir_all(parts()).unwrap();
    std::fs::rename(&away, parts()).unwrap();

    assert_eq!(up.status, 1, "{up}");
    let said: Vec<&str> = up.stderr.split_whitespace().collect();
    let said = said.join(" ");
    assert!(said.contains("containers still run in it"), "{up}");
    assert!(said.contains("podman stop --all"), "{up}");
    one_runs(&world, "while another project could not come up");
    world.must(&["ssh", "-c", "true"]);
    let up = world.run_in(&second, &["up"]);
    assert_eq!(up.status, 0, "{up}");
    assert_eq!(world.run_in(&second, &["rm", "-f"]).status, 0);
    world.must(&["rm", "-f"]);
    none_remains(&world, &world.uuid(), "rm at last");
}
