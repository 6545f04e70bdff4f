//! The table of states: each verb in each of them, with its exit status.

use crate::engine::{self, inspect};
use crate::host::limits_are_enforced;
use crate::place::Place;
use crate::project::Project;

/// Holds verbs to exit statuses.
#[track_caller]
fn each(project: &Project, rows: &[(&str, i32)]) {
    for (line, status) in rows {
        let words: Vec<&str> = line.split(' ').collect();
        project.run(&words).exits(*status);
    }
}

#[track_caller]
fn state(project: &Project) -> String {
    let document = project.run(&["status", "--json"]).exits(0).json();
    document["machines"][0]["state"]
        .as_str()
        .expect("a state")
        .to_owned()
}

#[test]
fn not_created() {
    let place = Place::new();
    let project = place.project("web", "");
    assert_eq!(state(&project), "not_created");
    each(
        &project,
        &[
            ("stop", 1),
            ("stop --ensure", 0),
            ("rm", 1),
            ("rm --force", 1),
            ("rm --ensure", 0),
            ("ssh-config", 1),
            ("status", 0),
            ("ls", 0),
            ("plan", 0),
            ("up --dry-run", 0),
            ("plan --detailed-exitcode", 10),
        ],
    );
    project
        .run(&["ssh", "-c", "true"])
        .exits(1)
        .says("vagrantp up");
    assert_eq!(project.uuid(), None, "asking leaves no trace");
    assert!(!place.state().exists());
    project.up();
    project.take_down();
    assert_eq!(state(&project), "not_created");
    each(&project, &[("rm", 1), ("stop", 1), ("rm --ensure", 0)]);
}

#[test]
fn running_as_written() {
    let place = Place::new();
    let project = place.project("web", "");
    project.up();
    let since = inspect(&project.id(), "{{.State.StartedAt}}");
    assert_eq!(state(&project), "running");
    let again = project.run(&["up"]).exits(3);
    let name = project.id();
    let again = again.says(&format!(
        "Infrastructure '{name}' already exists (state: running)"
    ));
    again
        .says("vagrantp ssh")
        .says("vagrantp stop")
        .says("--ensure");
    each(
        &project,
        &[
            ("up --ensure", 0),
            ("start --ensure", 0),
            ("plan", 0),
            ("plan --detailed-exitcode", 0),
            ("status", 0),
            ("ls", 0),
            ("ssh-config", 0),
            ("up nobody", 2),
            ("stop nobody", 2),
        ],
    );
    assert_eq!(
        inspect(&name, "{{.State.StartedAt}}"),
        since,
        "it was left alone"
    );
    project.run(&["ssh", "-c", "exit 9"]).exits(9);
    each(
        &project,
        &[("stop", 0), ("up", 0), ("halt --force", 0), ("up", 0)],
    );
    let held = project.held();
    each(&project, &[("rm", 0)]);
    project.nothing_is_left(&held);
}

#[test]
fn stopped() {
    let place = Place::new();
    let project = place.project("web", "");
    project.up();
    project.guest("echo stays > /root/kept");
    project.run(&["stop"]).exits(0);
    assert_eq!(inspect(&project.id(), "{{.State.Running}}"), "false");
    assert_eq!(state(&project), "stopped");
    each(
        &project,
        &[
            ("stop", 1),
            ("stop --force", 1),
            ("stop --ensure", 0),
            ("ssh -c true", 1),
            ("plan", 0),
            ("plan --detailed-exitcode", 10),
            ("status", 0),
            ("ls", 0),
        ],
    );
    project
        .run(&["ssh", "-c", "true"])
        .exits(1)
        .says("not running")
        .says("vagrantp up");
    each(&project, &[("up", 0)]);
    assert_eq!(project.guest("cat /root/kept"), "stays");
    project.run(&["stop"]).exits(0);
    project.take_down();
}

#[test]
fn stopped_or_removed_behind_our_back() {
    let place = Place::new();
    let project = place.project("web", "PORTS=auto:80\n");
    project.up();
    let (id, port) = (project.id(), project.host_port(80));
    engine::podman(&["stop", "--time", "5", &id]).exits(0);
    assert_eq!(state(&project), "stopped");
    project
        .run(&["ssh", "-c", "true"])
        .exits(1)
        .says("not running");
    project.up();
    assert_eq!(project.guest("echo in"), "in");

    if limits_are_enforced() {
        // Paused is stopped, and goes on where it was.
        let since = inspect(&id, "{{.State.StartedAt}}");
        engine::podman(&["pause", &id]).exits(0);
        assert_eq!(state(&project), "stopped");
        project.up();
        assert_eq!(inspect(&id, "{{.State.StartedAt}}"), since);
        assert_eq!(project.guest("echo in"), "in");
        engine::podman(&["pause", &id]).exits(0);
        project.run(&["stop", "--ensure"]).exits(0);
    } else {
        // Without a cgroup nothing can be paused.
        engine::podman(&["pause", &id]).exits(125);
    }

    let held = project.held();
    engine::podman(&["rm", "--force", "--time", "0", &id]).exits(0);
    assert_eq!(state(&project), "not_created");
    project
        .run(&["ssh", "-c", "true"])
        .exits(1)
        .says("vagrantp up");
    each(&project, &[("stop", 1), ("plan --detailed-exitcode", 10)]);
    project.up();
    assert_eq!(project.host_port(80), port, "auto ports stay");
    assert_eq!(project.guest("echo in"), "in");

    engine::podman(&["rm", "--force", "--time", "0", &id]).exits(0);
    each(&project, &[("rm", 0), ("rm", 1)]);
    project.nothing_is_left(&held);
}

#[test]
fn creating_left_behind() {
    let place = Place::new();
    let project = place.project("web", "");
    project.up();
    let since = inspect(&project.id(), "{{.State.StartedAt}}");
    project.remember("stage", "creating");
    assert_eq!(state(&project), "creating");
    project.run(&["ssh", "-c", "exit 5"]).exits(5);
    each(&project, &[("plan --detailed-exitcode", 10), ("up", 0)]);
    assert_eq!(
        inspect(&project.id(), "{{.State.StartedAt}}"),
        since,
        "what runs is only finished"
    );
    assert_eq!(state(&project), "running");

    project.remember("stage", "creating");
    each(&project, &[("stop", 0), ("stop", 0)]);
    each(&project, &[("up", 0)]);
    assert_eq!(project.guest("echo in"), "in");
    project.remember("stage", "creating");
    project.take_down();
}

#[test]
fn removing_left_behind() {
    let place = Place::new();
    let project = place.project("web", "");
    project.up();
    project.remember("stage", "removing");
    assert_eq!(state(&project), "removing");
    each(&project, &[("up", 0)]);
    assert_eq!(state(&project), "running");
    assert_eq!(project.guest("echo in"), "in");
    project.remember("stage", "removing");
    project.take_down();
}

#[test]
fn what_exists_is_reached_without_a_clean_configuration() {
    let place = Place::new();
    let project = place.project("web", "");
    project.up();
    project.write("INFRA_TYPE=container\nMEMORY=nonsense\n");
    for line in ["up", "plan", "check"] {
        project.run(&[line]).exits(2).says(".env:2:");
    }
    assert_eq!(
        project.run(&["ssh", "-c", "echo in"]).exits(0).out(),
        "in\n"
    );
    let status = project.run(&["status", "--json"]).exits(0).json();
    assert_eq!(status["machines"][0]["state"], "running");
    assert_eq!(status["warnings"].as_array().unwrap().len(), 1, "{status}");
    project
        .run(&["stop"])
        .exits(0)
        .says("Invalid value for MEMORY");
    std::fs::remove_file(project.path().join(".env")).unwrap();
    project.run(&["status"]).exits(0).says("stopped");
    project.take_down();
}
