//! What goes wrong with a real virtual machine, told for what it is: over a guest that never answers.

use crate::dead_box::{DeadBox, SAYS};
use crate::engine::{self, virsh};
use crate::host::{is_root, within};
use crate::place::Place;
use crate::project::Project;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// An address in a network of this process's own.
fn at(host: u32) -> String {
    format!("10.97.{}.{host}", std::process::id() % 250)
}

#[track_caller]
fn nothing_is_left(project: &Project) {
    let id = project.id_of("");
    for words in [&["list", "--all", "--name"][..], &["vol-list", "default"]] {
        let said = virsh(words).exits(0).out();
        assert!(!said.contains(&id), "{said}");
    }
    assert_eq!(project.machine_folders().len(), 0);
}

#[test]
fn a_guest_that_never_answers() {
    let place = Place::new();
    let dead = DeadBox::new(&place);
    let project = place.fleet("mute", &dead.machine("web", ""));
    let id = project.id_of("web");
    is_told(&project);
    assert_eq!(virsh(&["domstate", &id]).word(), "running");
    let uuid = virsh(&["domuuid", &id]).word();

    // It does not hear that it is to shut down either.
    project.run(&["stop", "--force"]).exits(0);
    assert_eq!(virsh(&["domstate", &id]).word(), "shut off");
    renamed_behind_our_back(&project, &id, &uuid);
    held_by_another_vagrant(&place, &project);
    assert_eq!(
        virsh(&["list", "--name", "--all"])
            .out()
            .matches(&id)
            .count(),
        1
    );
    project.run(&["rm", "-y", "--force"]).exits(0);
    nothing_is_left(&project);
}

/// With its console's last line and how its lease stands.
#[track_caller]
fn is_told(project: &Project) {
    project
        .run(&["up"])
        .exits(1)
        .says("error[1202]")
        .says("is not ready in time: it took no address within 10 s")
        .says("lease: none for 52:54:00:")
        .says(&format!("console: {SAYS}"));
}

/// It is known by what libvirt itself knows it by.
fn renamed_behind_our_back(project: &Project, id: &str, uuid: &str) {
    let other = format!("{id}-x");
    virsh(&["domrename", id, &other]).exits(0);
    let status = project.run(&["status"]).exits(0).says("stopped");
    status.says(&format!("renamed to {other} by something else"));
    is_told(project);
    assert_eq!(virsh(&["domuuid", &other]).word(), uuid);
    project.run(&["stop", "--force"]).exits(0);
    virsh(&["domrename", &other, id]).exits(0);
}

/// One that was started by hand in the machine's folder is waited for.
fn held_by_another_vagrant(place: &Place, project: &Project) {
    let folder = project.machine_folder().join("vagrant");
    project.run(&["rm", "-y"]).exits(0);
    nothing_is_left(project);
    let data = place.path().join("home/.vagrant.d/data");
    let lock = data.join(format!("lock.machine-action-{}.lock", vagrants_id(&folder)));
    let held = fs::File::create(&lock).expect("Vagrant was here");
    held.lock().expect("nobody else has it");
    let said = project.path().join("said");
    let mut command = project.command(&["-v", "up"]);
    command.stdout(Stdio::null());
    command.stderr(fs::File::create(&said).expect("a file"));
    let mut child = command.spawn().expect("timeout is there");
    let text = || fs::read_to_string(&said).unwrap_or_default();
    let tries = || text().matches("vagrant up --no-provision").count();
    within(Duration::from_secs(60), "a second try", || {
        (tries() > 1).then_some(())
    });
    drop(held);
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    let text = text();
    assert!(
        text.contains("for another Vagrant that is at work on the machine"),
        "{text}"
    );
    assert!(text.contains("error[1202]"), "{text}");
    fs::remove_file(said).expect("it is ours");
}

/// What Vagrant calls a machine of a folder in its locks' names.
fn vagrants_id(folder: &Path) -> String {
    let folder = folder.display();
    let script = format!("printf %s '{folder}{folder}/.vagrantmachine' | md5sum");
    let said = engine::run("sh", &["-c", &script]).exits(0);
    said.word().split(' ').next().expect("a digest").to_owned()
}

#[test]
fn a_fixed_address() {
    let place = Place::new();
    let dead = DeadBox::new(&place);
    let machine = dead.machine("web", &format!("network backend ip=\"{}\"", at(5)));
    let network = format!("network backend {{ subnet \"{}/24\" }}\n", at(0));
    let project = place.fleet("fixed", &(network + &machine));
    project
        .run(&["up"])
        .exits(1)
        .says("is not ready in time: no sshd answered within 10 s")
        .says(&format!("address: {} is a fixed one, no lease", at(5)))
        .says(&format!("console: {SAYS}"));
    project.run(&["stop", "--force"]).exits(0);
    if is_root() {
        let _host = Address::new(at(5));
        project
            .run(&["up"])
            .exits(1)
            .says("error[1301]")
            .says(&format!(
                "Address {} is already used: something answers there",
                at(5)
            ));
        assert_eq!(
            virsh(&["domstate", &project.id_of("web")]).word(),
            "shut off"
        );
    }
    project.run(&["rm", "-y"]).exits(0);
    nothing_is_left(&project);
}

/// An address that this host has, for as long as it is needed.
struct Address(String);

impl Address {
    fn new(ip: String) -> Self {
        engine::run("ip", &["address", "add", &format!("{ip}/32"), "dev", "lo"]).exits(0);
        Address(ip)
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        engine::run(
            "ip",
            &["address", "delete", &format!("{}/32", self.0), "dev", "lo"],
        );
    }
}
