//! What a machine needs is ready before it begins, and goes after it.

use crate::engine;
use crate::host::until;
use crate::place::Place;
use crate::said::Said;
use std::process::Stdio;

/// When a container was started, in seconds.
fn started(id: &str) -> f64 {
    let text = engine::inspect(id, "{{.State.StartedAt.UnixMilli}}");
    text.parse::<f64>().expect("a number") / 1000.0
}

#[test]
fn what_needs_another_begins_when_that_one_is_ready() {
    let place = Place::new();
    let project = place.fleet(
        "order",
        "defaults { container; memory \"512M\"; cpus 1; }\n\
         machine web { depends-on db; ready command=\"getent hosts db\"; }\n\
         machine db { ready port=5432 within=\"30s\"; }\n\
         machine tools\n",
    );
    // Its port answers two seconds after it is entered for the first time: until then `web` waits.
    let listens = "sh -c 'sleep 2; exec python3 -m http.server 5432' >/dev/null 2>&1 &";
    let mut up = project.command(&["up"]);
    up.stdout(Stdio::piped()).stderr(Stdio::piped());
    let up = up.spawn().expect("it starts");
    let db = project.id_of("db");
    let made = || engine::podman(&["exec", "--detach", &db, "sh", "-c", listens]).status == 0;
    until("db to be entered", || made().then_some(()));
    let output = up.wait_with_output().expect("it ends");
    Said::of("vagrantp up".into(), output).exits(0);
    let (web, db) = (
        started(&project.id_of("web")),
        started(&project.id_of("db")),
    );
    assert!(web - db >= 2.0, "web began {} s after db", web - db);
    project
        .run(&["ssh", "web", "-c", "exec 3<>/dev/tcp/db/5432"])
        .exits(0);

    // On the way down it is the other way round.
    let stop = project.run(&["-v", "stop"]).exits(0);
    let line = |name: &str| {
        let id = engine::inspect(&project.id_of(name), "{{.Id}}");
        let mut calls = stop.err.lines();
        calls.position(|line| line.contains("podman stop") && line.contains(&id))
    };
    assert!(line("web") < line("db"), "{}", stop.report());
    project.run(&["rm", "--force"]).exits(0);
    assert_eq!(project.containers(), [""; 0]);
    assert!(!engine::has_network(&project.network()));
}

#[test]
fn one_that_fails_leaves_the_rest_alone() {
    let place = Place::new();
    let project = place.fleet(
        "fails",
        "defaults { container; memory \"512M\"; cpus 1; }\n\
         machine web { depends-on db; }\n\
         machine db { ready command=\"echo starting; exit 3\" within=\"2s\"; }\n\
         machine tools\n\
         machine bad { container \"localhost/vpe-nothing:1\"; }\n",
    );
    let up = project.run(&["up"]).exits(1);
    up.says("error[1202]")
        .says("status 3")
        .says("starting")
        .says("error[1104]")
        .says("waits for db");
    for (name, there) in [
        ("db", true),
        ("tools", true),
        ("web", false),
        ("bad", false),
    ] {
        assert_eq!(engine::has_container(&project.id_of(name)), there, "{name}");
    }
    // It is not thrown away: the next one waits again, and goes on with the rest.
    let before = engine::inspect(&project.id_of("db"), "{{.Id}}");
    project.write_kdl(
        "defaults { container; memory \"512M\"; cpus 1; }\n\
         machine web { depends-on db; }\n\
         machine db { ready command=\"true\"; }\n\
         machine tools\n",
    );
    project.run(&["up"]).exits(0);
    assert_eq!(engine::inspect(&project.id_of("db"), "{{.Id}}"), before);
    assert!(engine::has_container(&project.id_of("web")));
    // Stopped alone, since that is what was asked for; it comes back first.
    project
        .run(&["stop", "db"])
        .exits(0)
        .says("web still needs it");
    project.run(&["up", "web"]).exits(0);
    assert_eq!(
        engine::inspect(&project.id_of("db"), "{{.State.Running}}"),
        "true"
    );
    project.run(&["rm", "--force"]).exits(0);
    assert_eq!(project.containers(), [""; 0]);
}

#[test]
fn a_machine_without_a_shell_is_ready_when_its_port_answers() {
    let place = Place::new();
    let project = place.fleet(
        "plain",
        "machine srv {\n    container \"./Containerfile\"\n    init image\n    memory \"512M\"\n    cpus 1\n    ready port=7001 within=\"20s\"\n}\n\
         machine mute {\n    container \"./Containerfile\"\n    init image\n    memory \"512M\"\n    cpus 1\n    ready port=7002 within=\"1s\"\n}\n",
    );
    // No cat and no sh are left in it: only python runs.
    let text = format!(
        "{}RUN rm -f /bin/cat /usr/bin/cat\nCMD [\"python3\", \"-m\", \"http.server\", \"7001\"]\n",
        Place::lived_in()
    );
    std::fs::write(project.path().join("Containerfile"), text).expect("a Containerfile");
    let up = project
        .run(&["up"])
        .exits(1)
        .says("nothing listens on port 7002");
    assert!(
        up.out()
            .lines()
            .any(|line| line.starts_with("srv ") && line.contains("created")),
        "{}",
        up.report()
    );
    project.run(&["rm", "--force"]).exits(0);
    assert_eq!(project.containers(), [""; 0]);
}
