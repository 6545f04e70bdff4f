//! Several machines at once are cut short: what is left of each is told, and the next command goes on.

use crate::remains::none_remains;
use crate::world::{LONG, World, tool};
use rustix::process::Signal;
use std::fs;

const SHOP: &str = "defaults { container; memory \"512M\"; cpus 1; }
machine web { depends-on db; }
machine db { ready command=\"true\"; }
machine node { count 3; }
";
const COUNT: usize = 5;

/// A world whose project has several machines.
fn shop(test: &str) -> World {
    let world = World::new(test);
    fs::remove_file(world.project().join(".env")).unwrap();
    fs::write(world.project().join("vagrantp.kdl"), SHOP).unwrap();
    world
}

/// How many of its machines Podman runs.
fn running(world: &World) -> usize {
    let Some(uuid) = crate::world::uuid_in(&world.project()) else {
        return 0;
    };
    let label = format!("label=vagrantp.project={uuid}");
    tool("podman", &["ps", "--filter", &label, "-q"])
        .lines()
        .count()
}

/// The next `up` makes all of them run, or the next `rm` leaves nothing.
fn recovers(world: &World, by_up: bool, when: &str) {
    if by_up {
        let up = world.run(&["up", "--lock-timeout", "60"]);
        assert!(up.status == 0 || up.status == 3, "{when}: up: {up}");
        assert_eq!(running(world), COUNT, "{when}: {up}");
        let inside = world.run(&[
            "ssh",
            "web",
            "-c",
            "for i in $(seq 50); do getent hosts db node-3 && exit; sleep 0.2; done; exit 2",
        ]);
        assert_eq!(inside.status, 0, "{when}: ssh: {inside}");
    }
    let rm = world.run(&["rm", "-f", "--lock-timeout", "60"]);
    let nothing = rm.status == 1 && rm.stderr.contains("1501") && !by_up;
    assert!(rm.status == 0 || nothing, "{when}: rm: {rm}");
    let uuid = crate::world::uuid_in(&world.project());
    none_remains(world, &uuid.unwrap_or_else(|| world.id().to_owned()), when);
}

#[test]
fn many_are_killed_on_their_way_up() {
    let world = shop("many-up");
    let whole = world.start(&["up"]).end();
    assert_eq!(whole.status, 0, "{whole}");
    world.must(&["rm", "-f"]);
    for step in 1..8u32 {
        let mut up = world.start(&["up"]);
        up.let_run(whole.took * step / 8);
        match step % 2 == 0 {
            true => up.signal_group(Signal::KILL),
            false => up.signal(Signal::KILL),
        }
        up.end();
        let when = format!("killed after {step}/8 of {:?}", whole.took);
        recovers(&world, step % 3 != 0, &when);
    }
}

#[test]
fn many_are_killed_on_their_way_down() {
    let world = shop("many-down");
    for (verb, step) in [("rm", 1), ("stop", 1), ("rm", 2), ("stop", 2), ("rm", 3)] {
        world.must(&["up"]);
        let mut down = world.start(&[verb]);
        down.let_run(std::time::Duration::from_millis(350) * step);
        down.signal_group(Signal::KILL);
        down.end();
        recovers(&world, step % 2 == 1, &format!("{verb} killed at {step}"));
    }
}

#[test]
fn an_interrupt_lets_each_finish_and_tells_of_all() {
    let world = shop("many-int");
    for count in [1, COUNT] {
        let mut up = world.start(&["up"]);
        assert!(up.until(|| running(&world) >= count));
        up.signal_group(Signal::INT);
        let ran = up.end();
        let when = format!("interrupted with {count}");
        assert!(ran.took < LONG, "{when}");
        if ran.status == 0 {
            continue;
        }
        assert_eq!(ran.status, 130, "{when}: {ran}");
        let last = ran.stderr.trim_end().lines().last().unwrap_or_default();
        for word in ["interrupted", "vagrantp up", "vagrantp rm"] {
            assert!(last.contains(word), "{when}: {ran}");
        }
        recovers(&world, true, &when);
    }
}
