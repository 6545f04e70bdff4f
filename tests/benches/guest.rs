//! A virtual machine, against libvirt's own listing and against Vagrant alone with the same box.

use super::clock::{race, ratio, timed};
use super::contender;
use super::scene::{Scene, must, quiet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What comes before the provider's own part, for a Vagrant that is used by hand. The box has no key: systemd puts
/// one in for root.
const BY_HAND: &str = r#"Vagrant.configure("2") do |config|
  config.vm.box = "std/debian"
  config.vm.box_check_update = false
  config.ssh.username = "root"
  config.ssh.insert_key = false
  config.ssh.private_key_path = "KEY"
  config.vm.synced_folder ".", "/vagrant", disabled: true
  config.vm.provider :libvirt do |libvirt|
    libvirt.qemuargs value: "-smbios"
    libvirt.qemuargs value: "type=11,value=io.systemd.credential.binary:ssh.authorized_keys.root=#{[File.read("KEY.pub")].pack("m0")}"
"#;

/// One machine of each kind, one after the other.
pub fn runs(rounds: usize) {
    println!("a virtual machine of a cached box");
    let scene = Scene::guest();
    must(scene.vagrantp(&["box", "build", "std/debian"]));
    must(scene.vagrantp(&["box", "publish", "std/debian"]));
    let ours = timed(|| must(scene.vagrantp(&["up"])));

    let times = race(
        rounds,
        vec![
            contender("vagrantp status", || {
                timed(|| must(scene.vagrantp(&["status"])))
            }),
            contender("virsh list", || timed(|| must(virsh()))),
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
    by_hand(&folder, &rendered);
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
}

fn virsh() -> Command {
    let mut command = Command::new("virsh");
    command.args(["-q", "-c", "qemu:///system", "list", "--all"]);
    command
}

/// The same machine for Vagrant alone: what boots it is taken from the rendered file.
fn by_hand(folder: &Path, rendered: &str) {
    let key = folder.join("key");
    let mut keygen = Command::new("ssh-keygen");
    keygen
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key);
    must(keygen);
    const TAKEN: [&str; 9] = [
        "driver",
        "memory",
        "cpus",
        "cpu_mode",
        "cpu_model",
        "graphics_type",
        "kernel",
        "initrd",
        "cmd_line",
    ];
    let lines = rendered.lines().filter(|line| {
        let word = line.trim().strip_prefix("libvirt.");
        let word = word.and_then(|word| word.split(' ').next());
        word.is_some_and(|word| TAKEN.contains(&word))
    });
    let provider: String = lines.map(|line| format!("{line}\n")).collect();
    let text = BY_HAND.replace("KEY", &key.display().to_string()) + &provider + "  end\nend\n";
    fs::write(folder.join("Vagrantfile"), text).expect("our own folder");
}
