//! Bases and first processes: two Debians, sshd, systemd, an image's own command, a Containerfile.

use crate::engine::{self, BASE, ask, inspect};
use crate::host::{cgroups_are_v2, is_root};
use crate::place::Place;
use std::fs;

/// An image with a service of its own, gone when the test ends.
struct Service(String);

impl Service {
    fn build(place: &Place, base: &str, more: &str) -> Self {
        let name = format!("localhost/{}:1", place.id("service"));
        let file = place.path().join("Service");
        let stays =
            r#"ENTRYPOINT ["/bin/sh", "-c", "trap 'exit 0' TERM; tail -f /dev/null & wait"]"#;
        fs::write(&file, format!("{base}ENV COLOUR=green\n{more}{stays}\n")).unwrap();
        let (file, context) = (file.display().to_string(), place.path().join("home"));
        let context = context.display().to_string();
        engine::podman(&[
            "build", "--quiet", "--tag", &name, "--file", &file, &context,
        ])
        .exits(0);
        Service(name)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        engine::podman(&["rmi", "--force", &self.0]);
    }
}

#[test]
fn two_debian_releases_become_machines_to_live_in() {
    let place = Place::new();
    for (image, codename) in [("debian:12", "bookworm"), ("debian:13", "trixie")] {
        let name = image.replace(':', "");
        let project = place.project(&name, &format!("IMAGE={image}\nSSH_USER=dev\n"));
        project.up();
        let release = project.guest(". /etc/os-release; echo $VERSION_CODENAME");
        assert_eq!(release, codename);
        assert_eq!(
            project.guest("ps -p 1 -o comm= 2>/dev/null || cat /proc/1/comm"),
            "sshd"
        );
        assert_eq!(project.guest("id -un; sudo -n id -u"), "dev\n0");
        assert_eq!(project.guest("python3 -c 'print(6 * 7)'"), "42");
        project.run(&["stop"]).exits(0);
        assert_eq!(
            inspect(&project.id(), "{{.State.ExitCode}}"),
            "0",
            "sshd ends by itself"
        );
        project.up();
        assert_eq!(project.guest("id -un"), "dev");
        project.take_down();
    }
}

#[test]
fn systemd_runs_where_the_host_lets_it_and_is_refused_at_its_line_elsewhere() {
    let place = Place::new();
    let project = place.project("web", "INIT=systemd\nSSH_USER=dev\n");
    if !is_root() && !cgroups_are_v2() {
        let refused = project.run(&["up"]).exits(5);
        refused
            .says(".env:5:")
            .says("INIT=systemd")
            .says("cgroups v2")
            .says("INIT=sshd");
        assert_eq!(project.containers(), [""; 0]);
        assert_eq!(project.machine_folders().len(), 0, "nothing began");
        project.run(&["plan"]).exits(5);
        project.run(&["check"]).exits(0).says("INIT=systemd");
        return;
    }
    project.up();
    assert_eq!(project.guest("cat /proc/1/comm"), "systemd");
    assert_eq!(
        project.guest("systemctl is-system-running --wait"),
        "running"
    );
    assert_eq!(project.guest("sudo -n systemctl is-active ssh"), "active");
    project.guest("sudo -n systemd-run --unit=probe --remain-after-exit true");
    assert_eq!(project.guest("systemctl is-active probe"), "active");
    project.run(&["stop"]).exits(0);
    project.up();
    assert_eq!(project.guest("id -un; cat /proc/1/comm"), "dev\nsystemd");
    project.take_down();
}

#[test]
fn an_image_with_a_service_keeps_its_command_and_is_entered_by_exec() {
    let place = Place::new();
    let service = Service::build(
        &place,
        &format!("FROM {BASE}\n"),
        "VOLUME /data\nWORKDIR /data\n",
    );
    for init in ["", "INIT=image\n"] {
        let project = place.project("web", &format!("IMAGE={}\n{init}", service.0));
        project.up().says("by exec");
        let id = project.id();
        assert_eq!(ask(&["exec", &id, "cat", "/proc/1/comm"]), "sh");
        let made_from = inspect(&id, "{{.Image}}");
        assert_eq!(
            made_from,
            ask(&["image", "inspect", "--format", "{{.Id}}", &service.0])
        );
        assert_eq!(project.guest("echo $COLOUR; pwd"), "green\n/data");
        project.run(&["ssh", "-c", "exit 42"]).exits(42);
        let words = ["ssh", "--", "printf", "%s|", "a b", "$x", "it's"];
        assert_eq!(project.run(&words).exits(0).out(), "a b|$x|it's|");
        let back = project
            .run_with(&["ssh", "-c", "cat"], b"in and out")
            .exits(0);
        assert_eq!(back.out(), "in and out");
        project.run(&["ssh-config"]).exits(1).says(&id);
        let status = project.run(&["status", "--json"]).exits(0).json();
        assert_eq!(status["machines"][0]["access"]["init"], "image");

        project.guest("echo here > /data/kept; echo there > /kept");
        project.run(&["stop"]).exits(0);
        project.run(&["ssh", "-c", "true"]).exits(1);
        project.up();
        assert_eq!(project.guest("cat /data/kept /kept"), "here\nthere");
        let held = project.held();
        project.run(&["rm"]).exits(0);
        project.nothing_is_left(&held);
        assert!(
            engine::has_image(&service.0),
            "the user's image is the user's"
        );
    }
}

#[test]
fn an_image_with_a_service_can_be_lived_in_when_told_so() {
    let place = Place::new();
    let service = Service::build(&place, &Place::lived_in(), "");
    let project = place.project(
        "web",
        &format!("IMAGE={}\nINIT=sshd\nSSH_USER=dev\n", service.0),
    );
    project.up();
    assert_eq!(project.guest("cat /proc/1/comm; id -un"), "sshd\ndev");
    let layer = inspect(&project.id(), "{{.ImageName}}");
    project.take_down();
    engine::podman(&["rmi", &layer]).exits(0);
}

#[test]
fn an_image_that_ends_at_once_is_told_and_leaves_nothing() {
    let place = Place::new();
    let project = place.project("web", "INIT=image\nIMAGE=debian:12\n");
    // Its command is a shell without a terminal: it ends before anyone could enter.
    project
        .run(&["up"])
        .exits(1)
        .says("stopped right after its start");
    let held = project.held();
    project.run(&["rm"]).exits(0);
    project.nothing_is_left(&held);
}

#[test]
fn a_containerfile_is_built_and_lived_in() {
    let place = Place::new();
    let project = place.project("web", "IMAGE=./Containerfile\n");
    let file = project.path().join("Containerfile");
    fs::write(project.path().join("given"), "from the folder\n").unwrap();
    fs::write(
        &file,
        format!("FROM {BASE}\nCOPY given /given\nRUN exit 42\n"),
    )
    .unwrap();
    project
        .run(&["up"])
        .exits(1)
        .says("1105")
        .says(".env:5:")
        .says("42");
    assert_eq!(project.containers(), [""; 0]);

    fs::write(
        &file,
        format!(
            "{}COPY given /given\nRUN echo built > /made\n",
            Place::lived_in()
        ),
    )
    .unwrap();
    project.up();
    assert_eq!(
        project.guest("cat /given /made; cat /proc/1/comm"),
        "from the folder\nbuilt\nsshd"
    );
    let layer = inspect(&project.id(), "{{.ImageName}}");
    project.take_down();
    engine::podman(&["rmi", &layer]).exits(0);
}

#[test]
fn an_image_that_is_nowhere_is_told_at_its_line() {
    let place = Place::new();
    let project = place.project("web", "IMAGE=localhost/nowhere/to-be-found:1\n");
    project.run(&["up"]).exits(1).says("1104").says(".env:5:");
    assert_eq!(project.containers(), [""; 0]);
    assert_eq!(project.machine_folders().len(), 0);
    project.run(&["rm"]).exits(1);
}
