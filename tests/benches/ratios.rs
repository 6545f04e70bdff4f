//! Speed against the raw engine, in one run: `cargo bench`, or `cargo bench -- ROUNDS`; with the word `provision` only
//! that of provisioning, with `guest` only that of a virtual machine, which takes minutes.
//! It needs Podman and an image for `debian:12`. Nothing here fails on a time: it prints.

mod clock;
mod fleet;
mod guest;
mod processes;
mod provision;
mod scene;

use clock::{Contender, race, ratio, timed};
use scene::{ByHand, Scene, must, quiet};
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn main() {
    let words = std::env::args().skip(1);
    let words: Vec<String> = words.filter(|word| !word.starts_with('-')).collect();
    let rounds = words.iter().find_map(|word| word.parse().ok());
    let rounds: usize = rounds.unwrap_or(9);
    if words.iter().any(|word| word == "provision") {
        return provision::runs(rounds);
    }
    if words.iter().any(|word| word == "guest") {
        return guest::runs(rounds);
    }
    let scene = Scene::new();
    must(scene.vagrantp(&["up"]));
    let hand = scene.by_hand();
    hand.up();

    warm(&scene, rounds);
    starts(&scene, &hand, rounds);
    must(scene.vagrantp(&["rm", "--force"]));
    hand.remove();
    creations(&scene, &hand, rounds);
    fleet::checks(rounds);
    fleet::ups(rounds.min(5));
    provision::runs(rounds.min(5));
    counts(&scene);
}

/// What asks of a machine that runs.
fn warm(scene: &Scene, rounds: usize) {
    let many = rounds * 3;
    let run = |command: Command| timed(|| must(command));
    println!("status");
    let podman = || {
        let mut command = Command::new("podman");
        command.arg("ps");
        command
    };
    let times = race(
        many,
        vec![
            contender("vagrantp status", || run(scene.vagrantp(&["status"]))),
            contender("podman ps", || run(podman())),
        ],
    );
    ratio("status / podman ps", &times[0], &times[1], "≤ 1.3");

    println!("ssh");
    let times = race(
        many,
        vec![
            contender("vagrantp ssh -c true", || {
                run(scene.vagrantp(&["ssh", "-c", "true"]))
            }),
            contender("ssh true, a fresh connection", || run(scene.raw_ssh())),
        ],
    );
    ratio("raw ssh / vagrantp ssh", &times[1], &times[0], "≥ 5");

    println!("without an engine");
    race(
        many,
        vec![
            contender("vagrantp check", || run(scene.vagrantp(&["check"]))),
            contender("vagrantp check --no-host", || {
                run(scene.vagrantp(&["check", "--no-host"]))
            }),
            contender("vagrantp --version", || run(scene.vagrantp(&["--version"]))),
        ],
    );
    println!();
}

/// A stopped machine is started.
fn starts(scene: &Scene, hand: &ByHand, rounds: usize) {
    println!("up of a stopped machine");
    let times = race(
        rounds,
        vec![
            contender("vagrantp up", || {
                must(scene.vagrantp(&["stop"]));
                timed(|| must(scene.vagrantp(&["up"])))
            }),
            contender("podman start, ssh until it answers", || {
                hand.stop();
                timed(|| hand.start())
            }),
        ],
    );
    ratio("start", &times[0], &times[1], "≤ 1.3");
}

/// A machine is made from a cached image.
fn creations(scene: &Scene, hand: &ByHand, rounds: usize) {
    println!("up with a cached image");
    let mut first = Vec::new();
    let times = race(
        rounds,
        vec![
            contender("vagrantp up", || {
                let (whole, byte) = first_byte(scene.vagrantp(&["up"]));
                first.push(byte);
                must(scene.vagrantp(&["rm", "--force"]));
                whole
            }),
            contender("podman run -d, ssh until it answers", || {
                let time = timed(|| hand.up());
                hand.remove();
                time
            }),
        ],
    );
    ratio("up", &times[0], &times[1], "≤ 1.3");
    first.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "first line of up: {:.1} ms   min {:.1}  max {:.1}   (asked: ≤ 10)\n",
        ms(first[first.len() / 2]),
        ms(first[0]),
        ms(first[first.len() - 1])
    );
}

/// How long a command takes, and how long until its first byte on stderr.
fn first_byte(mut command: Command) -> (Duration, Duration) {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let began = Instant::now();
    let mut child = command.stderr(Stdio::piped()).spawn().expect("it starts");
    let mut stderr = child.stderr.take().expect("it is piped");
    let mut byte = [0];
    stderr.read_exact(&mut byte).expect("it says something");
    let first = began.elapsed();
    let mut rest = String::new();
    let _ = stderr.read_to_string(&mut rest);
    assert!(child.wait().is_ok_and(|status| status.success()), "{rest}");
    (began.elapsed(), first)
}

/// The processes that each verb starts.
fn counts(scene: &Scene) {
    println!("processes: started by vagrantp itself, and in all");
    for words in [
        &["up"][..],
        &["up"],
        &["status"],
        &["ls"],
        &["plan"],
        &["ssh", "-c", "true"],
        &["check"],
        &["stop"],
        &["up"],
        &["rm", "--force"],
    ] {
        let Some(found) = processes::started(&scene.vagrantp(words)) else {
            println!("  strace is not installed");
            return;
        };
        let (own, all) = (found.direct.len(), found.all);
        println!(
            "  {:14}{own:2} {all:3}   {}",
            words.join(" "),
            found.direct.join(", ")
        );
    }
    let _ = quiet(scene.vagrantp(&["rm", "--force"])).status();
}

fn contender<'a>(name: &'a str, once: impl FnMut() -> Duration + 'a) -> Contender<'a> {
    Contender {
        name,
        once: Box::new(once),
    }
}
