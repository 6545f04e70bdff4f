//! The library's session, in a process of its own: it takes the state folder from the environment.

use crate::engine;
use crate::host;
use crate::place::Place;
use crate::project::Project;
use crate::said::Said;
use std::io::{BufRead, BufReader, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use vagrantp::plan::situation::State;
use vagrantp::{Machine, Session};

fn project<'a>(place: &'a Place, name: &str) -> Project<'a> {
    let machine = |name: &str| {
        let id = place.id(name);
        format!(
            "machine {name} {{ container; id {id}; memory \"512M\"; cpus 1; ports \"127.0.0.1:auto:80\"; }}\n"
        )
    };
    let tasks = "task says in=web { run \"echo said; exit 7\"; }\n";
    place.kdl(name, &(machine("web") + &machine("db") + tasks))
}

fn other(project: &Project, part: &str) -> Command {
    let program = std::env::current_exe().expect("this test program");
    let name = format!("session::{part}");
    let words = ["--ignored", "--exact", "--nocapture", &name];
    project.other_command(&program, &words)
}

#[track_caller]
fn passes(project: &Project, part: &str) {
    let output = other(project, part).output().expect("timeout is there");
    Said::of(part.to_owned(), output).exits(0).says("1 passed");
    assert_eq!(project.containers(), [""; 0], "{part}");
}

fn states(session: &Session) -> Vec<(String, State)> {
    let all = session.status().unwrap().into_iter();
    all.map(|machine| (machine.name, machine.state)).collect()
}

fn named<'a>(machines: &'a [Machine], name: &str) -> &'a Machine {
    machines
        .iter()
        .find(|machine| machine.name == name)
        .unwrap()
}

#[test]
fn a_session_does_what_the_verbs_do() {
    let place = Place::new();
    passes(&project(&place, "verbs"), "verbs");
}

#[test]
#[ignore = "a part of a_session_does_what_the_verbs_do"]
fn verbs() {
    let session = Session::open(".").unwrap();
    let gone = [
        ("web".to_owned(), State::NotCreated),
        ("db".to_owned(), State::NotCreated),
    ];
    assert_eq!(states(&session), gone);
    let machines = session.up(&["web"]).unwrap();
    let web = named(&machines, "web");
    assert_eq!(web.state, State::Running);
    assert!(web.port(80).is_some_and(|port| port.ip().is_loopback()));
    assert_eq!(web.port(81), None);
    session.up(&["web"]).unwrap();

    let said = session
        .exec("web", "echo out; echo err >&2; exit 42")
        .unwrap();
    assert_eq!(
        (said.status, &*said.stdout, &*said.stderr),
        (42, "out\n", "err\n")
    );
    assert_eq!(session.run("says", &[]).unwrap(), 7);
    // Several in one process, one after the other and at once.
    let other = Session::open(".").unwrap();
    assert_eq!(states(&other)[0], ("web".to_owned(), State::Running));

    let error = other.run("sasy", &[]).unwrap_err();
    assert_eq!((error.status, error.rule()), (2, Some(2904)));
    assert_eq!(error.diagnostics[0].help.as_deref(), Some("write `says`"));
    assert!(format!("{error:?}").contains("error[2904]"), "{error}");
    let error = session.exec("nobody", "true").unwrap_err();
    assert_eq!((error.status, error.rule()), (2, Some(2902)));

    session.stop(&[]).unwrap();
    assert_eq!(states(&session)[0].1, State::Stopped);
    session.stop(&[]).unwrap();
    let error = session.exec("web", "true").unwrap_err();
    assert!(!error.diagnostics.is_empty(), "{error}");
    session.rm(&[]).unwrap();
    session.rm(&[]).unwrap();
    assert_eq!(states(&session), gone);
    let error = Session::open("/").map(drop).unwrap_err();
    assert_eq!((error.status, error.rule()), (2, Some(2001)));
}

#[test]
fn guarded_machines_go_when_the_program_panics_and_others_stay() {
    let place = Place::new();
    passes(&project(&place, "guarded"), "guarded");
}

#[test]
#[ignore = "a part of guarded_machines_go_when_the_program_panics_and_others_stay"]
fn guarded() {
    let session = Session::open(".").unwrap();
    session.up(&["db"]).unwrap();
    let fails = AssertUnwindSafe(|| {
        let machines = session.up_guarded(&[]).unwrap();
        assert!(machines.machine("web").is_some());
        assert_eq!(states(&session)[0].1, State::Running);
        panic!("as a test that fails");
    });
    assert!(catch_unwind(fails).is_err());
    let now = states(&session);
    assert_eq!(now[0].1, State::NotCreated, "it was not there before");
    assert_eq!(now[1].1, State::Running, "it ran before");

    session.stop(&["db"]).unwrap();
    session.up_guarded(&["db"]).unwrap().down().unwrap();
    assert_eq!(states(&session)[1].1, State::Stopped, "it was stopped");
    session.rm(&[]).unwrap();
}

#[test]
fn guarded_machines_go_when_the_program_is_interrupted() {
    let place = Place::new();
    let project = project(&place, "interrupted");
    let mut child = other(&project, "interrupted")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("timeout is there");
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let pid = lines
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once("up in ")?.1.to_owned()))
        .expect("it says when it is up");
    assert_eq!(project.containers().len(), 1);
    engine::run("kill", &["-INT", &pid]).exits(0);
    let status = host::until("its end", || child.try_wait().expect("a child"));
    assert_eq!(status.code(), Some(130));
    assert_eq!(project.containers(), [""; 0]);
}

#[test]
#[ignore = "a part of guarded_machines_go_when_the_program_is_interrupted"]
fn interrupted() {
    let session = Session::open(".").unwrap();
    let _machines = session.up_guarded(&["web"]).unwrap();
    println!("up in {}", std::process::id());
    std::io::stdout().flush().unwrap();
    // Nothing comes: only the interrupt ends this.
    let _ = std::io::stdin().read_line(&mut String::new());
}
