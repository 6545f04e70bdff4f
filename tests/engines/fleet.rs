//! Many machines of one project: they come up at once, reach each other by name, and go together.

use crate::place::Place;
use crate::{engine, host};
use std::collections::BTreeSet;

#[test]
fn ten_come_up_at_once_and_go_together() {
    let place = Place::new();
    let project = place.fleet(
        "fleet",
        "defaults { container; memory \"512M\"; cpus 1; }\nmachine node { count 10; }\n",
    );
    let up = project.up();
    let ids: Vec<String> = (1..=10)
        .map(|number| project.id_of(&format!("node-{number}")))
        .collect();
    for id in &ids {
        assert_eq!(engine::inspect(id, "{{.State.Running}}"), "true", "{id}");
    }
    assert!(
        up.out()
            .lines()
            .filter(|line| line.contains("created"))
            .count()
            == 10,
        "{}",
        up.report()
    );

    // One network, made once; each one's port is its own.
    let networks: BTreeSet<String> = ids
        .iter()
        .map(|id| {
            engine::inspect(
                id,
                "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}",
            )
        })
        .collect();
    assert_eq!(networks, BTreeSet::from([project.network()]));
    let records = project.records();
    let ports: BTreeSet<u64> = records
        .iter()
        .filter_map(|record| record["access"]["port"].as_u64())
        .collect();
    assert_eq!(ports.len(), 10);

    let seen = project
        .run(&[
            "ssh",
            "node-3",
            "-c",
            "for i in $(seq 50); do getent hosts node-7 && break; sleep 0.2; done | wc -l; hostname",
        ])
        .exits(0);
    assert_eq!(seen.word(), format!("1\n{}", ids[2]));

    project.run(&["stop", "node-[1-3]"]).exits(0);
    let running = || {
        let label = format!("label=vagrantp.project={}", project.uuid().expect("one"));
        engine::ask(&["ps", "--filter", &label, "--format", "{{.Names}}"])
            .lines()
            .count()
    };
    assert_eq!(running(), 7);
    let again = project.run(&["up", "node"]).exits(0);
    assert_eq!(running(), 10, "{}", again.report());
    project.run(&["up"]).exits(3).says("all 10 machines run");
    project.run(&["up", "--ensure"]).exits(0);

    project.run(&["rm", "--force"]).exits(0);
    assert_eq!(project.containers(), [""; 0]);
    assert!(
        !engine::has_network(&project.network()),
        "its network went with the last"
    );
    assert!(ports.iter().all(|port| host::is_free(*port as u16)));
    assert!(project.machine_folders().is_empty());
}

#[test]
fn an_image_that_many_want_is_built_once() {
    let place = Place::new();
    let project = place.fleet(
        "built",
        "machine node { count 4; container \"./Containerfile\"; memory \"512M\"; cpus 1; }\n",
    );
    let text = format!("{}RUN date +%N > /built\n", Place::lived_in());
    std::fs::write(project.path().join("Containerfile"), text).expect("a Containerfile");
    let up = project.run(&["-v", "up"]).exits(0);
    let builds = up
        .err
        .lines()
        .filter(|line| line.starts_with("$ podman build"))
        .count();
    let networks = up
        .err
        .lines()
        .filter(|line| line.starts_with("$ podman network create"))
        .count();
    assert_eq!((builds, networks), (1, 1), "{}", up.report());
    let images: BTreeSet<String> = (1..=4)
        .map(|number| engine::inspect(&project.id_of(&format!("node-{number}")), "{{.Image}}"))
        .collect();
    assert_eq!(images.len(), 1);
    project.run(&["rm", "--force"]).exits(0);
    assert_eq!(project.containers(), [""; 0]);
}
