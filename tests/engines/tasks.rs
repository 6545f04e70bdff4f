//! `run`: a task's own words, status, input and interrupts, in a machine that comes up for it.

use crate::engine::{self, ask};
use crate::host::{self, processes_with};
use crate::place::Place;
use crate::project::Project;
use std::fs;
use std::process::Stdio;

fn project<'a>(place: &'a Place, machine: &str) -> Project<'a> {
    let id = place.id("web");
    let text = format!(
        r#"
machine web {{
    {machine}
    id {id}
    memory "512M"
    cpus 1
    sync "." to="/shared/here"
    env PLAIN="it's" SECRET="{{{{ env.SECRET }}}}"
}}

task words {{ run "printf '%s|' \"$0\" \"$PLAIN\" \"$SECRET\""; run "printf '%s|'"; }}
task placed {{ run "echo \"$# $2\""; run "true"; }}
task fails {{ run "exit 7"; run "echo never"; }}
task where {{ run "cd /; pwd"; run "pwd"; }}
task reads {{ run "cat"; }}
task waits {{ run "echo begun; sleep 1234; echo slept"; run "echo never"; }}
"#
    );
    fs::write(place.path().join("home/.env"), "").unwrap();
    let project = place.kdl("web", &text);
    fs::write(project.path().join(".env"), "SECRET=s3cr3t\n").unwrap();
    project
}

fn is_told_and_passed(project: &Project) {
    let first = project.run(&["run", "words", "--", "a b", "$x", "it's", "", "*"]);
    let first = first.exits(0);
    assert_eq!(first.out(), "words|it's|s3cr3t|a b|$x|it's||*|");
    let second = project.run(&["run", "placed", "--", "1", "2 2", "3"]);
    let second = second.exits(0);
    assert_eq!(
        (second.out().as_str(), second.err.as_str()),
        ("3 2 2\n", "")
    );
    assert_eq!(project.run(&["run", "fails"]).exits(7).out(), "");
    assert_eq!(
        project.run(&["run", "where"]).exits(0).out(),
        "/\n/shared/here\n"
    );
    let input: Vec<u8> = (0..100_000_u32).map(|number| (number >> 3) as u8).collect();
    let back = project.run_with(&["run", "reads"], &input).exits(0);
    assert!(back.bytes == input, "stdin comes out as it went in");

    let shown = project.run(&["-v", "run", "words"]).exits(0);
    assert!(!shown.err.contains("s3cr3t"), "{}", shown.report());
    shown.says("{{ env.SECRET }}");
}

fn is_interrupted_inside(project: &Project) {
    for signal in ["INT", "TERM"] {
        let mut command = project.command(&["run", "waits"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut began = [0; 6];
        let mut out = child.stdout.take().unwrap();
        std::io::Read::read_exact(&mut out, &mut began).unwrap();
        let process = children(child.id()).pop().expect("vagrantp below timeout");
        let its = children(process);
        // As a terminal does it: INT to all of the group, TERM to whom it is sent.
        let meant = std::iter::once(process).chain(its.into_iter().filter(|_| signal == "INT"));
        for pid in meant {
            engine::run("kill", &[&format!("-{signal}"), &pid.to_string()]).exits(0);
        }
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        host::until("the end of what ran inside", || {
            processes_with("sleep 1234").is_empty().then_some(())
        });
    }
}

fn children(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .collect()
}

#[test]
fn a_task_runs_in_its_machine_which_comes_up_for_it() {
    let place = Place::new();
    let project = project(&place, "container");
    let listed = project.run(&["run"]).exits(0);
    listed.says("words web printf").says("fails web exit 7");
    assert_eq!(project.containers(), [""; 0], "to list is not to run");
    project
        .run(&["run", "wrods"])
        .exits(2)
        .says("2904")
        .says("`words`");

    is_told_and_passed(&project);
    let below = project.path().join("a/b");
    fs::create_dir_all(&below).unwrap();
    let mut command = project.command(&["run", "where"]);
    let output = command.current_dir(&below).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "/\n/shared/here/a/b\n"
    );
    is_interrupted_inside(&project);

    project.run(&["stop"]).exits(0);
    let again = project.run(&["run", "placed"]).exits(0);
    assert_eq!(again.out(), "0 \n");
    again.says("is running");
    project.take_down();
}

#[test]
fn a_task_runs_in_an_image_of_its_own_command() {
    let place = Place::new();
    let machine = "container \"./Containerfile\"";
    let project = project(&place, machine);
    let text = format!(
        "FROM {}\nEXPOSE 80\nCMD [\"sleep\", \"infinity\"]\n",
        engine::BASE
    );
    fs::write(project.path().join("Containerfile"), text).unwrap();
    is_told_and_passed(&project);
    is_interrupted_inside(&project);
    assert!(ask(&["ps", "--format", "{{.Names}}"]).contains(&project.id()));
    project.take_down();
}

#[test]
fn a_machine_that_cannot_come_up_is_why_no_line_ran() {
    let place = Place::new();
    let project = project(&place, "container \"localhost/nowhere/to-be-found:1\"");
    let said = project.run(&["run", "words"]).exits(1).says("1104");
    assert_eq!(said.out(), "");
    let said = project.run(&["--json", "run", "words"]).exits(1);
    let document = said.json();
    assert_eq!(document["command"], "run");
    assert_eq!(document["errors"][0]["rule"], "1104");
    assert_eq!(said.err, "");
}
