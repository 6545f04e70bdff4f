//! Secrets of playbooks: a planted value is looked for in everything that is left, and in all that shows what runs.

use crate::engine;
use crate::host::until;
use crate::place::Place;
use std::fs;
use std::path::Path;
use std::process::Stdio;

const PLANTED: &str = "pl4nted-v4lue";

const PLAY: &str = r#"- hosts: all
  gather_facts: false
  tasks:
    - name: Use it as {{ password }}
      copy: content="{{ password | length }}\n" dest=/etc/length
    - name: Wait
      shell: touch /begun; until test -e /go; do sleep 0.2; done
    - name: Tell
      debug: msg="{{ password }}"
    - name: Fail with it
      shell: echo "{{ password }}" >&2; exit 3
"#;

/// Files below a folder that hold it.
fn holding(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(holding(&path)),
            Ok(kind) if kind.is_file() => {
                let bytes = fs::read(&path).unwrap_or_default();
                if holds(&bytes) {
                    found.push(path.display().to_string());
                }
            }
            _ => {}
        }
    }
    found
}

fn holds(bytes: &[u8]) -> bool {
    bytes
        .windows(PLANTED.len())
        .any(|part| part == PLANTED.as_bytes())
}

/// Processes whose command line or environment holds it, but for those that were given it.
fn showing(given: &[u32]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if given.iter().any(|pid| pid.to_string() == name) {
            continue;
        }
        for file in ["cmdline", "environ"] {
            let path = entry.path().join(file);
            if fs::read(&path).is_ok_and(|bytes| holds(&bytes)) {
                let name = fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
                found.push(format!("{} {}", path.display(), name.replace('\0', " ")));
            }
        }
    }
    found
}

#[test]
fn a_secret_is_in_nothing_that_stays_or_shows() {
    let place = Place::new();
    let id = place.id("web");
    let text = format!(
        "machine web {{ id {id}; container; memory \"512M\"; cpus 1; provision \"site.yml\" {{ secret password from=PASSWORD; }}; }}\n"
    );
    let project = place.kdl("web", &text);
    fs::write(project.path().join("site.yml"), PLAY).unwrap();
    let missing = project.run(&["up"]).exits(2);
    missing.says("PASSWORD is not set");
    fs::write(project.path().join(".env"), format!("PASSWORD={PLANTED}\n")).unwrap();
    let mut child = project.command(&["-v", "up"]);
    let child = child
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = || engine::podman(&["exec", &id, "test", "-e", "/begun"]).status == 0;
    until("the task has begun", || begun().then_some(()));
    assert_eq!(showing(&[]), [""; 0]);
    engine::podman(&["exec", &id, "touch", "/go"]).exits(0);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!holds(&output.stderr) && !holds(&output.stdout), "{said}");
    assert!(
        said.contains("task 'Fail with it'") && said.contains("stderr: ********"),
        "{said}"
    );
    assert_eq!(
        project
            .run(&["ssh", "-c", "cat /etc/length"])
            .exits(0)
            .out(),
        "13\n"
    );
    let own = project.path().join(".env").display().to_string();
    assert_eq!(holding(place.path()), [own]);
    for words in [&["status", "--json"][..], &["plan", "--json"], &["config"]] {
        let said = project.run(words);
        assert!(!holds(said.report().as_bytes()), "{}", said.report());
    }
    project.take_down();
}

/// The program's child, which is vagrantp itself.
fn child_of(pid: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    children.ok()?.trim().parse().ok()
}

#[test]
fn a_secret_of_the_environment_goes_to_no_other_program() {
    let place = Place::new();
    let id = place.id("web");
    let text = format!(
        "machine web {{ id {id}; container; memory \"512M\"; cpus 1; provision \"site.yml\" {{ secret password from=PASSWORD; }}; }}\n"
    );
    let project = place.kdl("web", &text);
    fs::write(project.path().join("site.yml"), PLAY).unwrap();
    let mut child = project.command(&["up"]);
    let child = child
        .env("PASSWORD", PLANTED)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = || engine::podman(&["exec", &id, "test", "-e", "/begun"]).status == 0;
    let given = [child.id(), until("vagrantp runs", || child_of(child.id()))];
    until("the task has begun", || begun().then_some(()));
    assert_eq!(showing(&given), [""; 0]);
    engine::podman(&["exec", &id, "touch", "/go"]).exits(0);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(7));
    assert_eq!(project.guest("cat /etc/length"), "13");
    // What goes on running after it has none of it either: the watcher of the container, the shared connection.
    assert_eq!(showing(&[]), [""; 0]);
    assert_eq!(holding(place.path()), [""; 0]);
    project.take_down();
}
