//! `provision --isolated`: on a throw-away copy of a real machine, which goes whatever happens, and nothing is done to
//! the machine itself.

use crate::engine;
use crate::host::until;
use crate::place::Place;
use crate::project::Project;
use std::fs;
use std::process::{Child, Stdio};

const PLAY: &str = r#"- hosts: web
  gather_facts: false
  tasks:
    - name: Note it
      copy: content="noted\n" dest=/etc/noted
    - name: Look around
      command: test -e /workspace/site.yml -a ! -e /etc/real
      changed_when: false
"#;

/// A machine that runs, is provisioned by a playbook that went well, and publishes a port.
fn machine(place: &Place) -> Project<'_> {
    let id = place.id("web");
    let text = format!(
        "machine web {{ id {id}; container; memory \"512M\"; cpus 1; ports \"auto:80\"; sync \".\"; volume data to=\"/data\"; provision \"site.yml\"; }}\n"
    );
    let project = place.kdl("web", &text);
    fs::write(
        project.path().join("site.yml"),
        "- hosts: web\n  gather_facts: false\n  tasks:\n    - name: Real\n      copy: content=x dest=/etc/real\n",
    )
    .unwrap();
    project.up();
    project
}

/// All that is remembered of the machine, and what the engine has of the project.
fn state(project: &Project) -> (String, Vec<String>) {
    let record = fs::read_to_string(project.machine_folder().join("record.json")).unwrap();
    (record, project.containers())
}

fn networks(project: &Project) -> Vec<String> {
    let own = project.network();
    let all = engine::ask(&["network", "ls", "--format", "{{.Name}}"]);
    let mut own: Vec<String> = all
        .lines()
        .filter(|name| name.starts_with(&own))
        .map(str::to_owned)
        .collect();
    own.sort();
    own
}

#[test]
fn a_copy_is_provisioned_and_goes() {
    let place = Place::new();
    let project = machine(&place);
    fs::write(project.path().join("site.yml"), PLAY).unwrap();
    let before = (state(&project), networks(&project));
    let said = project
        .run(&["provision", "--isolated", "--verify"])
        .exits(0);
    let said = said.says(&format!("container {}-isolated", project.id()));
    said.says("a copy of web was provisioned, and is gone");
    assert_eq!((state(&project), networks(&project)), before);
    project.guest("test ! -e /etc/noted");
    project.run(&["status"]).exits(0).says("provisioned: stale");

    // What fails there is told, and its log stays.
    let touch = "    - name: Touch\n      file: path=/etc/touched state=touch\n    - name: Spoil\n      command: touch /workspace/spoilt\n";
    fs::write(project.path().join("site.yml"), format!("{PLAY}{touch}")).unwrap();
    let said = project.run(&["provision", "--isolated"]).exits(7);
    let said = said.says("task 'Spoil' returned non-zero exit code 1");
    let said = said.says("site.yml:11:5]");
    let log = said
        .err
        .split("log: ")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    assert!(
        fs::read_to_string(log).unwrap().contains("TASK Spoil"),
        "{log}"
    );
    assert!(!project.path().join("spoilt").exists());
    assert_eq!((state(&project), networks(&project)), before);
    let touch = touch.split("    - name: Spoil").next().unwrap();
    fs::write(project.path().join("site.yml"), format!("{PLAY}{touch}")).unwrap();
    let said = project
        .run(&["provision", "--isolated", "--verify", "--json"])
        .exits(7)
        .json();
    assert_eq!(said["error"]["line"], 9, "{said}");
    assert_eq!((state(&project), networks(&project)), before);
    project.run(&["rm", "--force", "--volumes"]).exits(0);
    assert_eq!(project.containers(), [""; 0]);
}

fn waiting(project: &Project, id: &str) -> Child {
    fs::write(
        project.path().join("site.yml"),
        "- hosts: web\n  gather_facts: false\n  tasks:\n    - name: Wait\n      shell: touch /begun; until test -e /go; do sleep 0.2; done\n",
    )
    .unwrap();
    let mut command = project.command(&["provision", "--isolated"]);
    let child = command
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let copy = format!("{id}-isolated");
    // Of one that a kill left, both are there.
    let begun = [
        "exec", &copy, "test", "-e", "/begun", "-a", "!", "-e", "/go",
    ];
    let begun = || engine::podman(&begun).status == 0;
    until("the task has begun on the copy", || begun().then_some(()));
    child
}

#[test]
fn a_copy_goes_when_it_is_interrupted_and_after_a_kill() {
    let place = Place::new();
    let project = machine(&place);
    let before = (state(&project), networks(&project));
    let id = place.id("web");
    let mut child = waiting(&project, &id);
    engine::run("kill", &["-INT", &child.id().to_string()]).exits(0);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!((state(&project), networks(&project)), before);

    let kill = |mut child: Child| {
        let pid = child.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        engine::run("kill", &["-KILL", children.trim()]).exits(0);
        assert!(!child.wait().unwrap().success());
        // What was begun goes on, and is waited for.
        let copy = format!("{id}-isolated");
        engine::podman(&["exec", &copy, "touch", "/go"]).exits(0);
    };
    kill(waiting(&project, &id));
    assert_eq!(project.containers().len(), 2);
    project.run(&["status"]).exits(0).says("web.isolated");
    // The next run begins with clearing it; so does `up`, though there is nothing else to do.
    kill(waiting(&project, &id));
    project.run(&["up", "--ensure", "--no-provision"]).exits(0);
    assert_eq!(project.containers(), [&*id]);
    assert_eq!(networks(&project), before.1);
    kill(waiting(&project, &id));
    let held = project.machine_folders().len();
    assert_eq!(held, 2);
    project.run(&["rm", "--force", "--volumes"]).exits(0);
    assert_eq!(project.containers(), [""; 0]);
    assert_eq!(networks(&project), [""; 0]);
}
