//! A machine that runs otherwise than written: told, applied live, or made anew with what was in it.

use crate::echo::{serve, tcp_carries};
use crate::engine::{self, ask, inspect};
use crate::host::{cpus, free_ports, is_free, limits_are_enforced};
use crate::limits::inside;
use crate::place::Place;
use std::net::Ipv4Addr;

#[test]
fn memory_changes_live() {
    let place = Place::new();
    let project = place.project("web", "");
    project.up();
    let since = inspect(&project.id(), "{{.State.StartedAt}}");
    project.change("MEMORY=512M", "MEMORY=768M");
    let said = project
        .run(&["up"])
        .exits(3)
        .says(".env:3:")
        .says("memory")
        .says("--apply");
    said.says("512M").says("768M");
    project.run(&["plan"]).exits(0).says("768M").says(".env:3");
    project.run(&["plan", "--detailed-exitcode"]).exits(10);
    project.run(&["up", "--ensure"]).exits(3);
    project.run(&["status"]).exits(0).says("768M");
    if limits_are_enforced() {
        assert_eq!(inside(&project).0, 512 << 20, "telling is not doing");
    }

    project.run(&["up", "--apply"]).exits(0);
    assert_eq!(
        inspect(&project.id(), "{{.State.StartedAt}}"),
        since,
        "without a restart"
    );
    project
        .run(&["up"])
        .exits(3)
        .says("already exists (state: running)");
    project.run(&["up", "--ensure"]).exits(0);
    if limits_are_enforced() {
        assert_eq!(inside(&project).0, 768 << 20);
    }
    project.run(&["stop"]).exits(0);
    project.up();
    if limits_are_enforced() {
        assert_eq!(
            inside(&project).0,
            768 << 20,
            "Podman forgets it, vagrantp does not"
        );
    }

    // A stopped machine takes it at its next start.
    project.run(&["stop"]).exits(0);
    project.change("MEMORY=768M", "MEMORY=640M");
    if cpus() > 1 {
        project.change("CPUS=1", "CPUS=2");
    }
    project.up();
    project.run(&["up", "--ensure"]).exits(0);
    if limits_are_enforced() {
        let percent = if cpus() > 1 { 200 } else { 100 };
        assert_eq!(inside(&project), (640 << 20, percent));
    }
    project.take_down();
}

#[test]
fn changed_ports_make_it_anew_with_what_was_installed() {
    let place = Place::new();
    let (old, new) = (free_ports(1), free_ports(1));
    let project = place.project("web", &format!("PORTS={old}:80,auto:81\nSSH_USER=dev\n"));
    project.up();
    let (auto, id) = (project.host_port(81), project.id());
    project.guest("echo mine > ~/kept; echo all | sudo tee /opt/kept; sudo chmod 754 /opt/kept");
    project.change(&format!("{old}:80"), &format!("{new}:80"));
    let said = project
        .run(&["up"])
        .exits(3)
        .says(".env:5:")
        .says("--recreate");
    said.says(&old.to_string())
        .says(&new.to_string())
        .says("kept");
    project.run(&["up", "--apply"]).exits(3);
    assert!(
        ask(&["port", &id]).contains(&old.to_string()),
        "nothing was done yet"
    );
    project
        .run(&["plan"])
        .exits(0)
        .says("--recreate")
        .says("nothing is lost");

    let mut images = Vec::new();
    for turn in 0..2 {
        project.run(&["up", "--recreate"]).exits(0);
        images.push(inspect(&id, "{{.Image}}"));
        assert_eq!(
            project.guest("cat ~/kept /opt/kept; stat -c %a /opt/kept"),
            "mine\nall\n754"
        );
        assert_eq!(project.guest("id -un; sudo -n id -u"), "dev\n0");
        serve(&project, "80/tcp 81/tcp");
        let port = if turn == 0 { new } else { old };
        tcp_carries(Ipv4Addr::LOCALHOST, port, 80);
        tcp_carries(Ipv4Addr::LOCALHOST, auto, 81);
        assert!(is_free(if turn == 0 { old } else { new }));
        project.run(&["up", "--ensure"]).exits(0);
        if turn == 0 {
            project.change(&format!("{new}:80"), &format!("{old}:80"));
        }
    }
    project.run(&["stop"]).exits(0);
    project.up();
    assert_eq!(project.guest("cat ~/kept"), "mine");
    project.take_down();
    for image in images {
        assert!(
            !engine::has_image(&image),
            "what was kept is gone with the machine"
        );
    }
}

#[test]
fn another_image_loses_what_was_in_it_and_says_so() {
    let place = Place::new();
    let project = place.project("web", "IMAGE=debian:12\n");
    project.up();
    project.guest("echo mine > /root/kept");
    let built = format!("localhost/{}:1", place.id("other"));
    let file = place.path().join("Other");
    std::fs::write(&file, format!("{}LABEL other=1\n", Place::lived_in())).unwrap();
    let context = place.path().join("home").display().to_string();
    engine::podman(&[
        "build",
        "--quiet",
        "--tag",
        &built,
        "--file",
        &file.display().to_string(),
        &context,
    ])
    .exits(0);
    project.change("IMAGE=debian:12", &format!("IMAGE={built}"));
    let said = project.run(&["up"]).exits(3).says(".env:5:").says("lost");
    said.says("debian:12");
    project.run(&["plan"]).exits(0).says("is lost");
    assert_eq!(project.guest("cat /root/kept"), "mine");
    project.run(&["up", "--recreate"]).exits(0);
    project.run(&["ssh", "-c", "test ! -e /root/kept"]).exits(0);
    let layer = inspect(&project.id(), "{{.ImageName}}");
    project.take_down();
    engine::podman(&["rmi", "--force", &layer, &built]).exits(0);
}

#[test]
fn a_stopped_machine_made_otherwise_is_not_started_unawares() {
    let place = Place::new();
    let port = free_ports(1);
    let project = place.project("web", "");
    project.up();
    project.guest("echo mine > /root/kept");
    project.run(&["stop"]).exits(0);
    let path = project.path().join(".env");
    let before = std::fs::read_to_string(&path).unwrap();
    project.write(&format!("{before}PORTS={port}:80\n"));
    project
        .run(&["up"])
        .exits(3)
        .says("3005")
        .says(".env:5:")
        .says("--recreate");
    assert_eq!(inspect(&project.id(), "{{.State.Running}}"), "false");
    project.write(&before);
    project.up();
    project.run(&["stop"]).exits(0);
    project.write(&format!("{before}PORTS={port}:80\n"));
    project.run(&["up", "--recreate"]).exits(0);
    assert_eq!(project.guest("cat /root/kept"), "mine");
    project.take_down();
}

#[test]
fn another_id_is_told_and_taken_on_with_what_was_in_it() {
    let place = Place::new();
    let project = place.project("web", "");
    project.up();
    project.guest("echo mine > /root/kept");
    let (old, new) = (project.id(), place.id("other"));
    project.change(&old, &new);
    project.run(&["up"]).exits(3).says(".env:2:").says(&new);
    project.run(&["ssh", "-c", "true"]).exits(0);
    project.run(&["up", "--recreate"]).exits(0);
    assert_eq!(project.containers(), [new.as_str()]);
    assert_eq!(
        project.guest("hostname; cat /root/kept"),
        format!("{new}\nmine")
    );
    project.take_down();
    let kept = format!("localhost/vagrantp/kept:{old}");
    assert!(!engine::has_image(&kept));
}

/// The vm that is written and the container that is there share a name; both verbs mean what is there.
#[test]
fn a_changed_kind_does_not_hide_the_old_machine_from_stop_and_rm() {
    let place = Place::new();
    let project = place.project("web", "");
    project.up();
    let held = project.held();
    project.change("INFRA_TYPE=container", "INFRA_TYPE=vm\nPROVIDER=libvirt");
    project.run(&["status"]).exits(0).says("left over");
    project.run(&["stop"]).exits(0);
    project.run(&["status"]).exits(0).says("stopped");
    project.run(&["rm", "-f"]).exits(0);
    project.nothing_is_left(&held);
}
