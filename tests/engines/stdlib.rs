//! The machine templates that need no registry come up, and are what they say.

use crate::engine::inspect;
use crate::host::{cgroups_are_v2, is_root};
use crate::place::Place;
use std::fs;

/// Brings a machine of a template up, and asks it.
fn lives(place: &Place, template: &str, words: &[&str], asks: &[(&str, &str)]) {
    let id = place.id(template);
    let text = format!(
        "machine box {{\n    use \"std/{template}\"\n    id {id}\n    memory \"512M\"\n    cpus 1\n}}\n"
    );
    let project = place.kdl(template, &text);
    fs::write(project.path().join(".env"), "TOKEN=hunter2\n").unwrap();
    fs::write(project.path().join("hello"), "from the host\n").unwrap();
    project.run(words).exits(0);
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
    lives(&place, "debian", &["up"], &[release, python]);
    for template in ["rust-dev", "node-dev", "python-dev"] {
        let shared = ("cat /workspace/hello", "from the host");
        let hidden = ("grep -c hunter2 /workspace/.env || true", "0");
        let written = (
            "touch /workspace/made && ls /workspace/made",
            "/workspace/made",
        );
        // Their packages are many: one of the three has them for all.
        let (words, installed) = match template {
            "python-dev" => (
                &["up"][..],
                (
                    "python3 -m venv /tmp/v && /tmp/v/bin/pip --version | cut -d' ' -f1",
                    "pip",
                ),
            ),
            _ => (
                &["up", "--no-provision"][..],
                ("command -v gcc || echo none", "none"),
            ),
        };
        let asks = [release, shared, hidden, written, installed];
        lives(&place, template, words, &asks);
    }
}

#[test]
fn systemd_is_the_first_process_where_the_host_lets_it() {
    let place = Place::new();
    if is_root() || cgroups_are_v2() {
        lives(
            &place,
            "systemd",
            &["up"],
            &[("cat /proc/1/comm", "systemd")],
        );
        return;
    }
    let project = place.kdl("systemd", "machine box {\n    use \"std/systemd\"\n}\n");
    project.run(&["up"]).exits(5).says("cgroups v2");
    assert_eq!(project.containers(), [""; 0]);
}
