//! The machine templates that need no registry come up, and are what they say.

use crate::engine::inspect;
use crate::host::{cgroups_are_v2, is_root};
use crate::place::Place;
use std::fs;

/// Brings a machine of a template up, and asks it.
fn lives(place: &Place, template: &str, asks: &[(&str, &str)]) {
    let id = place.id(template);
    let text = format!(
        "machine box {{\n    use \"std/{template}\"\n    id {id}\n    memory \"512M\"\n    cpus 1\n}}\n"
    );
    let project = place.kdl(template, &text);
    fs::write(project.path().join(".env"), "TOKEN=hunter2\n").unwrap();
    fs::write(project.path().join("hello"), "from the host\n").unwrap();
    project.up();
    assert_eq!(inspect(&id, "{{.State.Running}}"), "true");
    for (line, answer) in asks {
        assert_eq!(project.guest(line), *answer, "{template}: {line}");
    }
    project.take_down();
}

#[test]
fn the_debians_come_up_and_can_be_lived_in() {
    let place = Place::new();
    let release = (". /etc/os-release; echo $VERSION_CODENAME", "bookworm");
    let python = ("python3 -c 'print(6 * 7)'", "42");
    lives(&place, "debian", &[release, python]);
    for template in ["rust-dev", "node-dev", "python-dev"] {
        let shared = ("cat /workspace/hello", "from the host");
        let hidden = ("grep -c hunter2 /workspace/.env || true", "0");
        let written = (
            "touch /workspace/made && ls /workspace/made",
            "/workspace/made",
        );
        lives(&place, template, &[release, shared, hidden, written]);
    }
}

#[test]
fn systemd_is_the_first_process_where_the_host_lets_it() {
    let place = Place::new();
    if is_root() || cgroups_are_v2() {
        lives(&place, "systemd", &[("cat /proc/1/comm", "systemd")]);
        return;
    }
    let project = place.kdl("systemd", "machine box {\n    use \"std/systemd\"\n}\n");
    project.run(&["up"]).exits(5).says("cgroups v2");
    assert_eq!(project.containers(), [""; 0]);
}
