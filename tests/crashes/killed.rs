//! vagrantp is killed, at every moment and at exact points.

use crate::processes::runs;
use crate::remains::{none_remains, one_runs};
use crate::world::{Started, World, files};
use rustix::process::Signal;
use std::time::Duration;

/// What comes after the kill.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Up,
    Remove,
}

/// After a kill: `up` makes it one running machine, `rm` leaves nothing. Both at once, too.
fn recovers(world: &World, then: Then, when: &str) {
    if then == Then::Up {
        let up = world.run(&["up", "--lock-timeout", "60"]);
        let fine = up.status == 0
            || (up.status == 3 && up.stderr.contains("already exists (state: running)"));
        assert!(fine, "{when}: up: {up}");
        one_runs(world, when);
    }
    let rm = world.run(&["rm", "-f", "--lock-timeout", "60"]);
    // Killed before anything was written, there is nothing to remove.
    let nothing = rm.status == 1 && rm.stderr.contains("1501") && then == Then::Remove;
    assert!(rm.status == 0 || nothing, "{when}: rm: {rm}");
    let uuid = crate::world::uuid_in(&world.project());
    none_remains(world, &uuid.unwrap_or_else(|| world.id().to_owned()), when);
}

fn kill(mut started: Started, delay: Duration, group: bool) -> bool {
    started.let_run(delay);
    let ran = started.runs();
    match group {
        true => started.signal_group(Signal::KILL),
        false => started.signal(Signal::KILL),
    }
    started.end();
    ran
}

/// Kills a verb at evenly spread moments of its whole course.
fn sweep(world: &World, args: &[&str], before: &dyn Fn(), count: u32) {
    before();
    let whole = world.start(args).end();
    assert_eq!(whole.status, 0, "{args:?}: {whole}");
    world.run(&["rm", "-f"]);
    for step in 0..count {
        before();
        let delay = whole.took * step / count;
        let group = step % 2 == 0;
        let then = if step % 4 < 2 { Then::Up } else { Then::Remove };
        kill(world.start(args), delay, group);
        recovers(
            world,
            then,
            &format!("{args:?} killed after {delay:?} of {:?}", whole.took),
        );
    }
}

#[test]
fn up_is_killed_at_any_moment() {
    let world = World::new("up");
    sweep(&world, &["up"], &|| {}, 12);
}

#[test]
fn stop_is_killed_at_any_moment() {
    let world = World::new("stop");
    sweep(&world, &["stop"], &|| drop(world.must(&["up"])), 6);
}

#[test]
fn rm_is_killed_at_any_moment() {
    let world = World::new("rm");
    sweep(&world, &["rm"], &|| drop(world.must(&["up"])), 6);
}

/// Kills `up` as soon as something is seen.
fn at(world: &World, what: &str, seen: &dyn Fn() -> bool, then: Then) {
    let mut up = world.start(&["up"]);
    assert!(up.until(seen), "{what} was never seen: {}", up.stderr());
    up.signal_group(Signal::KILL);
    up.end();
    recovers(world, then, &format!("killed when {what}"));
}

#[test]
fn up_is_killed_at_exact_points() {
    let world = World::new("points");
    let id = world.id().to_owned();
    let stage = |name: &str| world.record().is_some_and(|record| record["stage"] == name);
    let home = world.home().display().to_string();
    let machines = world.state().join("machines");
    let named = |name: &str| files(&machines).iter().any(|path| path.ends_with(name));
    let points: [(&str, &dyn Fn() -> bool); 8] = [
        ("the project has its UUID", &|| {
            crate::world::uuid_in(&world.project()).is_some()
        }),
        ("the intent is written", &|| stage("creating")),
        ("a key is made", &|| named("key")),
        ("the host's key is made", &|| named("host_key")),
        ("a network is made", &|| {
            runs("podman", "network", "vagrantp-")
        }),
        ("the engine makes it", &|| runs("podman", "run", &id)),
        ("the way in is written", &|| named("ssh_config")),
        ("ssh is tried", &|| runs("ssh", "-F", &home)),
    ];
    for (what, seen) in points {
        for then in [Then::Up, Then::Remove] {
            at(&world, what, seen, then);
        }
    }
}

#[test]
fn recreate_is_killed_and_what_was_installed_stays() {
    let world = World::new("anew");
    let before = "INFRA_TYPE=container\nMEMORY=512M\nCPUS=1\n";
    let after = "INFRA_TYPE=container\nMEMORY=512M\nCPUS=1\nSYNC=.:/srv/p\n";
    let up = || {
        world.write(before);
        world.must(&["up"]);
        world.must(&["ssh", "-c", "echo mine >/root/installed"]);
        world.write(after);
    };
    up();
    let whole = world.start(&["up", "--recreate"]).end();
    assert_eq!(whole.status, 0, "{whole}");
    let check = |when: &str| {
        one_runs(&world, when);
        let kept = world.run(&["ssh", "-c", "cat /root/installed; ls /srv/p/.env"]);
        assert_eq!(kept.stdout, "mine\n/srv/p/.env\n", "{when}: {kept}");
    };
    check("recreated");
    world.must(&["rm", "-f"]);
    let count = 9;
    for step in 0..count {
        up();
        let delay = whole.took * step / count;
        let when = format!("recreate killed after {delay:?} of {:?}", whole.took);
        kill(world.start(&["up", "--recreate"]), delay, step % 2 == 0);
        let again = match step % 3 {
            0 => &["up", "--recreate"][..],
            _ => &["up"],
        };
        let ran = world.run(again);
        // Before its intent was written, nothing has happened to the old machine.
        if ran.status == 3 && ran.stderr.contains("otherwise than written") {
            one_runs(&world, &when);
            let ran = world.run(&["up", "--recreate"]);
            assert_eq!(ran.status, 0, "{when}: {ran}");
        } else {
            let already = ran.status == 3 && ran.stderr.contains("already exists");
            assert!(ran.status == 0 || already, "{when}: {ran}");
        }
        check(&when);
        let uuid = world.uuid();
        world.must(&["rm", "-f"]);
        none_remains(&world, &uuid, &when);
    }
}
