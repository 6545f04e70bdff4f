//! The examples of several machines, as they stand in `examples`: brought up, used over ssh and HTTP, changed, planned,
//! stopped, removed. Only their projects have other names here.

use crate::example::{Files, answer, example, files, published};
use crate::place::Place;
use crate::{engine, host};
use std::time::{Duration, Instant};

const WEB_DB: Files =
    files!("web-db": "vagrantp.kdl" "db/Containerfile" "web/Containerfile" "web/server.py");
const FLEET: Files = files!("fleet": "vagrantp.kdl");
const PROFILES: Files = files!("profiles": "vagrantp.kdl");

/// What a page of this host's port says. Podman's server of names is away for a moment whenever any machine of this
/// user comes or goes, and other tests' do: a database that is not found is asked for again.
fn page(port: u16) -> String {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let said = page_now(port);
        if !said.starts_with("no database") || Instant::now() > until {
            return said;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn page_now(port: u16) -> String {
    let said = answer(port).expect("the port leads to a server that answers");
    said.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_web_server_reads_from_the_database_that_it_waits_for() {
    let place = Place::new();
    let project = example(&place, "web-db", WEB_DB);
    let up = project.up();
    let said = up.report();
    let at = |text: &str| said.find(text).unwrap_or_else(|| panic!("{said}"));
    assert!(at("redis-cli ping") < at(&format!("container {}", project.id_of("web"))));

    let port = published(&project, "web");
    assert_eq!(page(port), "visit 1");
    assert_eq!(page(port), "visit 2");
    let ask = "for i in $(seq 50); do getent hosts web >/dev/null && break; sleep 0.2; done\n\
               python3 -c 'import urllib.request as u; print(u.urlopen(\"http://web:8000\").read().decode())'";
    let said = project.run(&["ssh", "dev", "-c", ask]).exits(0);
    assert_eq!(said.word(), "visit 3");

    project.change("memory \"1G\"", "memory \"768M\"");
    project
        .run(&["plan", "--detailed-exitcode"])
        .exits(10)
        .says("memory 1G → 768M");
    project.run(&["up", "--apply"]).exits(0);
    if host::limits_are_enforced() {
        let files = "/sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes";
        let ask = format!("cat {files} 2>/dev/null");
        let said = project.run(&["ssh", "dev", "-c", &ask]);
        assert_eq!(said.word(), (768u64 << 20).to_string());
    }

    // Without its database the server still runs, and says so; with it again, nothing was lost.
    project
        .run(&["stop", "db"])
        .exits(0)
        .says("web still needs it");
    assert!(page_now(port).starts_with("no database"));
    project.run(&["up"]).exits(0);
    assert_eq!(page(published(&project, "web")), "visit 4");

    project.run(&["stop"]).exits(0);
    for machine in ["web", "db", "dev"] {
        assert_eq!(
            engine::inspect(&project.id_of(machine), "{{.State.Running}}"),
            "false"
        );
    }
    let kept = project.run(&["rm", "--yes"]).exits(0);
    assert!(
        kept.report().contains("volume data is kept"),
        "{}",
        kept.report()
    );
    project.up();
    assert_eq!(page(published(&project, "web")), "visit 5");
    project.run(&["rm", "--yes", "--volumes"]).exits(0);
    assert_eq!(project.containers(), [""; 0]);
    assert_eq!(project.machine_folders().len(), 0);
    assert!(!engine::has_network(&project.network()));
}

#[test]
fn a_fleet_has_the_addresses_that_its_file_works_out() {
    let place = Place::new();
    let project = example(&place, "fleet", FLEET);
    project.up();
    let ask = "hostname -I; for i in $(seq 50); do getent hosts node-7 && break; sleep 0.2; done \
               | cut -d' ' -f1; echo $NODE";
    let said = project.run(&["ssh", "node-3", "-c", ask]).exits(0);
    let said = said.word();
    let words: Vec<&str> = said.lines().map(str::trim).collect();
    assert!(words[0].contains("10.77.0.13"), "{words:?}");
    assert_eq!(words[1..], ["10.77.0.17", "3 of 10"]);

    // Neighbours that run on know the addresses of those that come again.
    project.run(&["stop", "node-[1-5]"]).exits(0);
    assert_eq!(
        engine::inspect(&project.id_of("node-6"), "{{.State.Running}}"),
        "true"
    );
    let began = std::time::Instant::now();
    project.run(&["up", "@worker"]).exits(0);
    assert!(
        began.elapsed() < Duration::from_secs(30),
        "a stale neighbour entry"
    );
    project.run(&["ssh", "node-3", "-c", "true"]).exits(0);

    // One fewer: the last is left over, and goes with the others.
    project.change("count 10", "count 9");
    project.run(&["status"]).exits(0).says("left over");
    project.run(&["rm", "--yes"]).exits(0);
    assert_eq!(project.containers(), [""; 0]);
    assert_eq!(project.machine_folders().len(), 0);
}

#[test]
fn profiles_say_which_machines_and_how() {
    let place = Place::new();
    let project = example(&place, "profiles", PROFILES);
    let running = |machine: &str| {
        let id = project.id_of(machine);
        engine::has_container(&id) && engine::inspect(&id, "{{.State.Running}}") == "true"
    };
    project.up();
    assert!(running("api") && running("docs") && !running("bench"));
    assert_eq!(
        project
            .run(&["ssh", "api", "-c", "echo $MODE"])
            .exits(0)
            .word(),
        "dev"
    );

    project
        .run(&["plan", "--profile", "ci"])
        .exits(0)
        .says("env MODE=dev → MODE=ci");
    project.run(&["up", "--profile", "ci"]).exits(3);
    project
        .run(&["up", "--profile", "ci", "--recreate"])
        .exits(0);
    assert_eq!(
        project
            .run(&["ssh", "api", "-c", "echo $MODE"])
            .exits(0)
            .word(),
        "ci"
    );
    // What `up` used is what status and plan compare with.
    project.run(&["plan", "--detailed-exitcode"]).exits(0);
    project.run(&["status"]).exits(0).says("left out");

    project.run(&["up", "--profile", "ci", "bench"]).exits(0);
    assert!(running("bench"));
    project.run(&["stop"]).exits(0);
    assert!(!running("api") && !running("docs") && !running("bench"));
    project.run(&["rm", "--yes"]).exits(0);
    assert_eq!(project.containers(), [""; 0]);
    assert_eq!(project.machine_folders().len(), 0);
}
