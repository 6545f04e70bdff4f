//! What goes wrong, told for what it is; and what was cut short goes on.

use super::{VirtualBox, project};
use crate::host;
use crate::place::Place;
use crate::project::Project;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Begins an `up`, and waits for what it asks.
fn begun(virtualbox: &VirtualBox, project: &Project, asked: &str) -> Child {
    let mut command = virtualbox.command(project, &["up"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = child.expect("timeout is there");
    host::within(Duration::from_secs(90), asked, || {
        let calls = fs::read_to_string(virtualbox.bin.join("calls")).ok()?;
        calls
            .lines()
            .any(|line| line.starts_with(asked))
            .then_some(())
    });
    child
}

#[test]
fn without_virtualbox_nothing_begins() {
    let place = Place::new();
    let project = project(&place, "web", "");
    let said = project.run(&["up"]).exits(5);
    let said = said.says("Provider 'virtualbox' is not installed or not configured");
    said.says("https://www.virtualbox.org");
    assert_eq!(project.machine_folders().len(), 0);
    // Who has none has no machine either.
    project.run(&["status"]).exits(0);
    project.run(&["rm"]).exits(1);
}

#[test]
fn a_machine_that_was_removed_behind_our_back_is_made_anew() {
    let place = Place::new();
    let virtualbox = VirtualBox::new(&place);
    let project = project(&place, "web", "");
    virtualbox.run(&project, &["up"]).exits(0);
    let remove = || {
        let id = project.id();
        for words in [
            ["controlvm", &id, "poweroff"],
            ["unregistervm", &id, "--delete"],
        ] {
            let manage = virtualbox.bin.join("VBoxManage");
            let done = Command::new(manage).args(words).status().expect("it runs");
            assert!(done.success());
        }
    };
    remove();
    let status = virtualbox.run(&project, &["status"]).exits(0);
    status.says("not created");
    virtualbox.run(&project, &["ssh", "-c", "true"]).exits(1);
    virtualbox.run(&project, &["up"]).exits(0);
    let said = virtualbox
        .run(&project, &["ssh", "-c", "echo anew"])
        .exits(0);
    assert_eq!(said.word(), "anew");
    remove();
    virtualbox.run(&project, &["rm"]).exits(0);
    virtualbox.is_empty(&project);
}

#[test]
fn a_guest_that_does_not_come_up_is_told_and_removed() {
    let place = Place::new();
    let virtualbox = VirtualBox::new(&place);
    virtualbox.set("mute", "");
    let vm =
        "vm \"vptest/box\"; provider virtualbox; memory \"512M\"; cpus 1; boot-timeout \"5s\";";
    let project = place.kdl("web", &format!("machine web {{ {vm} }}\n"));
    let said = virtualbox.run(&project, &["up"]).exits(1);
    said.says("error[1202]").says("boot-timeout");
    virtualbox.run(&project, &["rm", "-y"]).exits(0);
    virtualbox.is_empty(&project);

    virtualbox.unset("mute");
    let refused = "VT-x is not available (VERR_VMX_NO_VMX)\nVBoxManage: error: Details: code NS_ERROR_FAILURE (0x80004005), component ConsoleWrap, interface IConsole";
    virtualbox.set("broken", refused);
    let said = virtualbox.run(&project, &["up"]).exits(5);
    said.says("the processor's virtualisation is off");
    virtualbox.unset("broken");
    virtualbox.run(&project, &["up"]).exits(0);
    virtualbox.run(&project, &["rm", "-y", "--force"]).exits(0);
    virtualbox.is_empty(&project);
}

#[test]
fn an_up_that_was_killed_goes_on_and_another_vagrant_is_waited_for() {
    let place = Place::new();
    let virtualbox = VirtualBox::new(&place);
    let project = project(&place, "web", "");

    // All of it is killed after the import: what Vagrant made has no name of ours yet.
    let mut child = begun(&virtualbox, &project, "VBoxManage modifyvm");
    let state = place.state().display().to_string();
    kill(&mut child);
    for pid in vagrants(&state) {
        let _ = kill_process(pid, Signal::KILL);
    }
    host::until("the end of Vagrant", || {
        vagrants(&state).is_empty().then_some(())
    });
    assert_eq!(virtualbox.machines().len(), 1);
    virtualbox.asked();

    // vagrantp alone is killed: Vagrant goes on, and the next one waits for it.
    virtualbox.set("slow", "3");
    let mut child = begun(&virtualbox, &project, "VBoxManage startvm");
    assert_eq!(virtualbox.machines().len(), 1, "what was left is gone");
    kill(&mut child);
    virtualbox.unset("slow");
    let said = virtualbox.run(&project, &["up"]).exits(0);
    said.says("for what was begun before and cut short");
    let said = virtualbox.run(&project, &["ssh", "-c", "echo in"]).exits(0);
    assert_eq!(said.word(), "in");
    virtualbox.run(&project, &["rm", "-y", "--force"]).exits(0);
    virtualbox.is_empty(&project);
}

/// Kills vagrantp alone, which `timeout` has as its only child.
fn kill(timeout: &mut Child) {
    let path = format!("/proc/{0}/task/{0}/children", timeout.id());
    let children = fs::read_to_string(path).expect("it runs");
    let pid = children.trim().parse().ok().and_then(Pid::from_raw);
    kill_process(pid.expect("one child"), Signal::KILL).expect("it runs");
    timeout.wait().expect("it ends");
}

/// The processes of the real Vagrant that work for a state folder.
fn vagrants(state: &str) -> Vec<Pid> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("Linux has /proc").flatten() {
        let read = |file: &str| fs::read(entry.path().join(file)).unwrap_or_default();
        let has = |bytes: &[u8], text: &str| String::from_utf8_lossy(bytes).contains(text);
        if has(&read("cmdline"), "vagrant") && has(&read("environ"), state) {
            let pid = entry.file_name().to_string_lossy().parse().ok();
            found.extend(pid.and_then(Pid::from_raw));
        }
    }
    found
}
