//! A virtual machine, against libvirt's own listing and against Vagrant alone with the same box.

use super::clock::{race, ratio, timed};
use super::contender;
use super::scene::{Scene, must, quiet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What comes before the provider's own part, for a Vagrant that is used by hand.
const BY_HAND: &str = r#"Vagrant.configure("2") do |config|
  config.vm.box = "BOX"
  config.vm.box_check_update = false
  config.vm.hostname = "by-hand"
  config.vm.synced_folder ".", "/vagrant", disabled: true
  config.vm.provider :libvirt do |libvirt|
"#;

/// Makes a box as others make them: Vagrant alone can enter ours only with a help that nobody has by hand.
const FOREIGN_BOX: &str = include_str!("../engines/foreign_box.sh");

/// One machine of each kind, one after the other.
pub fn runs(rounds: usize) {
    println!("a virtual machine of a cached box");
    let scene = Scene::guest();
    let name = scene.guest_box();
    must(scene.vagrantp(&["box", "build", "std/debian"]));
    add(&scene, &name);
    // The first machine of a box has its disk put into libvirt's pool, by whichever of the two.
    must(scene.vagrantp(&["up"]));
    must(scene.vagrantp(&["rm", "--force"]));
    let ours = timed(|| must(scene.vagrantp(&["up"])));

    let times = race(
        rounds,
        vec![
            contender("vagrantp status", || {
                timed(|| must(scene.vagrantp(&["status"])))
            }),
            contender("virsh list", || timed(|| must(virsh(&["list", "--all"])))),
        ],
    );
    ratio("status / virsh list", &times[0], &times[1], "≤ 1.5");
    let warm = race(
        rounds,
        vec![contender("vagrantp ssh -c true", || {
            timed(|| must(scene.vagrantp(&["ssh", "-c", "true"])))
        })],
    );
    let rendered = scene.vagrantfile();
    must(scene.vagrantp(&["stop", "--force"]));

    let folder = scene.folder("by-hand");
    by_hand(&folder, &name, &rendered);
    let vagrant = |words: &[&str]| {
        let mut command = Command::new("vagrant");
        command.args(words).current_dir(&folder);
        command
    };
    let theirs = timed(|| must(vagrant(&["up", "--provider=libvirt"])));
    let asked = race(
        rounds,
        vec![
            contender("vagrant status", || timed(|| must(vagrant(&["status"])))),
            contender("vagrant ssh -c true", || {
                timed(|| must(vagrant(&["ssh", "-c", "true"])))
            }),
        ],
    );
    let _ = quiet(vagrant(&["destroy", "-f"])).status();
    ratio(
        "vagrant status / vagrantp status",
        &asked[0],
        &times[0],
        "≥ 15",
    );
    ratio("vagrant ssh / vagrantp ssh", &asked[1], &warm[0], "≥ 20");
    let (ours, theirs) = (ours.as_secs_f64(), theirs.as_secs_f64());
    println!("  vagrantp up {ours:.1} s, vagrant up {theirs:.1} s");
    println!(
        "  → vagrant up / vagrantp up: {:.2} ×   (asked: ≥ 3)\n",
        theirs / ours
    );
    must(scene.vagrantp(&["rm", "--force"]));
    must(scene.vagrantp(&["box", "rm", "std/debian"]));
    let _ = quiet(vagrant(&["box", "remove", &name])).status();
    let listed = virsh(&["vol-list", "default"]).output().expect("virsh");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let volumes = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    let of_box = name.replace('/', "-VAGRANTSLASH-");
    for volume in volumes.filter(|volume| volume.starts_with(&of_box)) {
        must(virsh(&["vol-delete", volume, "default"]));
    }
}

/// Adds the box to Vagrant, made of ours.
fn add(scene: &Scene, name: &str) {
    let file = scene.file("foreign.box", "");
    let mut make = Command::new("sh");
    make.args(["-c", FOREIGN_BOX, "sh"])
        .arg(scene.box_folder())
        .arg(&file);
    must(make);
    let mut add = Command::new("vagrant");
    add.args(["box", "add", "--name", name]).arg(&file);
    must(add);
}

fn virsh(words: &[&str]) -> Command {
    let mut command = Command::new("virsh");
    command.args(["-q", "-c", "qemu:///system"]).args(words);
    command
}

/// The same machine for Vagrant alone: how it is emulated is taken from the rendered file.
fn by_hand(folder: &Path, name: &str, rendered: &str) {
    const TAKEN: [&str; 6] = [
        "driver",
        "memory",
        "cpus",
        "cpu_mode",
        "cpu_model",
        "graphics_type",
    ];
    let lines = rendered.lines().filter(|line| {
        let word = line.trim().strip_prefix("libvirt.");
        let word = word.and_then(|word| word.split(' ').next());
        word.is_some_and(|word| TAKEN.contains(&word))
    });
    let provider: String = lines.map(|line| format!("{line}\n")).collect();
    let text = BY_HAND.replace("BOX", name) + &provider + "  end\nend\n";
    fs::write(folder.join("Vagrantfile"), text).expect("our own folder");
}
