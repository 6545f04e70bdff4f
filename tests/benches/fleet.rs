//! Many machines of one file.

use super::clock::{Contender, race, ratio, timed};
use super::contender;
use super::scene::{ByHand, Scene, must, quiet};
use std::process::Command;

/// How many come up at once.
const FLEET: usize = 10;

/// `check` of files of many machines: twice as many take twice as long.
pub fn checks(rounds: usize) {
    println!("check of many machines");
    let counts = [100, 1000, 2000];
    let scenes = counts.map(Scene::text);
    let names = counts.map(|count| format!("vagrantp check of {count} machines"));
    let check = |scene: &Scene| timed(|| must(scene.vagrantp(&["check", "--no-host"])));
    let contenders = scenes.iter().zip(&names);
    let times = race(
        rounds,
        contenders
            .map(|(scene, name)| contender(name, || check(scene)))
            .collect(),
    );
    ratio("2000 / 1000 machines", &times[2], &times[1], "≤ 2.2");
}

/// `up` of a fleet, against the same by hand and by podman-compose.
pub fn ups(rounds: usize) {
    println!("up of {FLEET} containers");
    let scene = Scene::fleet(FLEET);
    must(scene.vagrantp(&["up"]));
    let hands = scene.by_hands(FLEET);
    must(scene.vagrantp(&["rm", "--force"]));
    let services: String = hands.iter().map(ByHand::service).collect();
    let compose = scene.file("compose.yaml", &format!("services:\n{services}"));
    let composed = |words: &[&str]| {
        let mut command = Command::new("podman-compose");
        command
            .arg("-f")
            .arg(&compose)
            .args(["-p", "bench"])
            .args(words);
        command
    };
    let mut contenders: Vec<Contender> = vec![
        contender("vagrantp up", || {
            let time = timed(|| must(scene.vagrantp(&["up"])));
            must(scene.vagrantp(&["rm", "--force"]));
            time
        }),
        contender("podman run and ssh, all at once", || {
            let all = || {
                std::thread::scope(|scope| {
                    for hand in &hands {
                        scope.spawn(|| hand.up());
                    }
                });
            };
            let time = timed(all);
            hands.iter().for_each(ByHand::remove);
            time
        }),
    ];
    let is_there = quiet(composed(&["version"])).status().is_ok();
    if is_there {
        contenders.push(contender("podman-compose up -d, without ssh", || {
            let time = timed(|| must(composed(&["up", "-d"])));
            must(composed(&["down", "-t", "0"]));
            time
        }));
    } else {
        println!("  podman-compose is not installed");
    }
    let times = race(rounds, contenders);
    ratio("up / by hand", &times[0], &times[1], "≤ 1.2");
    if let Some(compose) = times.get(2) {
        ratio("up / podman-compose", &times[0], compose, "< 1");
    }
}
