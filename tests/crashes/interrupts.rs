//! Ctrl-C once, twice, three times; a terminal that closes.

use crate::processes::{naming, runs};
use crate::remains::{none_remains, one_runs};
use crate::world::{Ran, Started, World};
use rustix::process::Signal;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

fn last_line(ran: &Ran) -> &str {
    ran.stderr.trim_end().lines().last().unwrap_or_default()
}

/// 130, and the last line says the state and how to go on.
fn tells(ran: &Ran, when: &str) {
    assert_eq!(ran.status, 130, "{when}: {ran}");
    let last = last_line(ran);
    assert!(last.contains("interrupted"), "{when}: {ran}");
    assert!(last.contains("vagrantp up"), "{when}: {ran}");
    assert!(last.contains("vagrantp rm"), "{when}: {ran}");
}

fn goes_on(world: &World, when: &str) {
    let up = world.run(&["up"]);
    assert!(up.status == 0 || up.status == 3, "{when}: {up}");
    one_runs(world, &format!("{when}, then {up}"));
    world.must(&["rm", "-f"]);
    none_remains(world, &world.uuid(), when);
}

fn engine_runs(world: &World) -> bool {
    runs("podman", "run", world.id())
}

#[test]
fn once_the_engine_finishes_and_up_goes_on() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let world = World::new("once");
        let mut up = world.start(&["up"]);
        assert!(up.until(|| engine_runs(&world)));
        up.signal_group(signal);
        let ran = up.end();
        let when = format!("{signal:?} during podman run");
        tells(&ran, &when);
        // It was let finish: no signal reached it, so the machine runs, whole.
        let seen = crate::remains::containers(&world);
        assert!(
            seen.len() == 1 && seen[0].contains(" Up "),
            "{when}: {seen:?}"
        );
        goes_on(&world, &when);
    }
}

#[test]
fn while_ssh_is_tried() {
    let world = World::new("reach");
    let home = world.home().display().to_string();
    let mut up = world.start(&["up"]);
    assert!(up.until(|| runs("ssh", "-F", &home)));
    up.signal_group(Signal::INT);
    let ran = up.end();
    // It may have come just too late, with all done.
    if ran.status != 0 {
        tells(&ran, "during ssh");
    }
    goes_on(&world, "during ssh");
}

#[test]
fn what_was_put_into_a_machine_before_its_up_went_on_stays() {
    let world = World::new("lived");
    let mut up = world.start(&["up"]);
    let home = world.home().display().to_string();
    assert!(up.until(|| runs("ssh", "-F", &home)));
    up.signal_group(Signal::INT);
    up.end();
    world.must(&["ssh", "-c", "echo mine > /root/mine"]);
    world.must(&["stop"]);
    world.must(&["up"]);
    let kept = world.run(&["ssh", "-c", "cat /root/mine"]);
    assert_eq!(kept.stdout, "mine\n", "{kept}");
    world.must(&["rm", "-f"]);
    none_remains(&world, &world.uuid(), "lived in");
}

#[test]
fn twice_and_three_times_it_ends_at_once() {
    for (count, delay) in [(2, 0), (3, 30), (2, 60), (3, 90), (2, 120), (3, 150)] {
        let world = World::new("hard");
        let mut up = world.start(&["up"]);
        assert!(up.until(|| engine_runs(&world)));
        up.let_run(std::time::Duration::from_millis(delay));
        for _ in 0..count {
            up.signal_group(Signal::INT);
            // Signals of one kind that come together count once.
            up.let_run(std::time::Duration::from_millis(5));
        }
        let ran = up.end();
        let when = format!("{count} interrupts after {delay} ms");
        tells(&ran, &when);
        // What a killed Podman leaves in the kernel is its own; the machine is ours.
        goes_on(&world, &when);
    }
}

#[test]
fn stop_and_rm_tell_how_to_go_on() {
    let world = World::new("others");
    for verb in ["stop", "rm"] {
        world.run(&["up", "--ensure"]);
        let mut started = world.start(&[verb]);
        assert!(started.until(|| {
            naming("podman").iter().any(|process| {
                process.words.get(1).is_some_and(|word| word == "stop")
                    && world.record().is_some_and(|record| {
                        process
                            .words
                            .iter()
                            .any(|word| record["engine_id"] == word.as_str())
                    })
            })
        }));
        started.signal_group(Signal::INT);
        let ran = started.end();
        if ran.status == 0 {
            // `stop` had nothing else to do.
            assert_eq!(verb, "stop", "{ran}");
        } else {
            assert_eq!(ran.status, 130, "{verb}: {ran}");
            let last = last_line(&ran);
            assert!(last.contains("interrupted"), "{verb}: {ran}");
            assert!(last.contains(&format!("vagrantp {verb}")), "{verb}: {ran}");
        }
    }
    let status = world.must(&["status"]);
    assert!(status.stdout.contains("removing"), "{status}");
    world.must(&["rm"]);
    none_remains(&world, &world.uuid(), "rm went on");
}

/// A real terminal: the key, not the signal.
#[test]
fn the_key_on_a_terminal() {
    let world = World::new("key");
    let mut command = Command::new("script");
    world.shape(&mut command);
    let line = format!("exec {} up", crate::processes::program().display());
    let mut child = command
        .args(["-q", "-e", "-c", &line, "/dev/null"])
        .current_dir(world.project())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    crate::world::eventually("the engine runs", || engine_runs(&world));
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"\x03").unwrap();
    stdin.flush().unwrap();
    let mut text = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130), "{text}");
    // A terminal has the last sentence in as many lines as it needs.
    let last = text.rfind("interrupted:").map_or("", |at| &text[at..]);
    assert!(
        last.contains("vagrantp up") && last.lines().count() < 3,
        "{text}"
    );
    drop(stdin);
    goes_on(&world, "Ctrl-C on a terminal");
}

#[test]
fn a_terminal_that_closes() {
    let world = World::new("closed");
    let mut command = Command::new("script");
    world.shape(&mut command);
    let line = format!("exec {} up", crate::processes::program().display());
    command
        .args(["-q", "-e", "-c", &line, "/dev/null"])
        .current_dir(world.project());
    let mut terminal = Started::of(&mut command, world.home());
    assert!(terminal.until(|| engine_runs(&world)));
    terminal.signal(Signal::KILL);
    terminal.end();
    let mark = world.project().join(".vagrantp");
    assert!(mark.exists());
    let up = world.run(&["up", "--lock-timeout", "60"]);
    assert!(up.status == 0 || up.status == 3, "{up}");
    goes_on(&world, "the terminal closed");
}
