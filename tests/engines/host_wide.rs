//! One truth for the host: names and ports are had once, and what is not ours is never touched.

use crate::engine::{self, inspect};
use crate::host::free_ports;
use crate::place::Place;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};

#[test]
fn a_port_of_another_project_is_refused_with_its_path_and_line() {
    let place = Place::new();
    let port = free_ports(1);
    let one = place.project("one", &format!("PORTS={port}:80\n"));
    let two = place.project(
        "two",
        &format!("SSH_USER=root\nPORTS=auto:81,{port}:8080\n"),
    );
    one.up();
    let said = two.run(&["up"]).exits(6).says(".env:6:");
    let said = said.says(&format!(
        "Port {port} is already in use by project '{}'",
        one.id()
    ));
    said.says(&format!("{}/.env:5", one.path().display()))
        .says("auto:8080");
    let plan = two.run(&["plan", "--json"]).exits(6).json();
    assert_eq!(plan["error"]["code"], "PORT_CONFLICT");
    two.run(&["check"]).exits(0);
    assert_eq!(two.containers(), [""; 0]);
    assert_eq!(two.machine_folders().len(), 0);

    // A stopped machine's fixed port is only noted, and whoever runs has it.
    one.run(&["stop"]).exits(0);
    two.up().says(&one.id());
    one.run(&["up"]).exits(6).says(&two.id());
    two.take_down();
    one.up();
    one.take_down();
}

#[test]
fn a_port_that_a_process_holds_is_refused_with_its_pid() {
    let place = Place::new();
    let port = free_ports(2);
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let too = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port + 1)).unwrap();
    let project = place.project("web", &format!("PORTS={port}:80,{}:53/udp\n", port + 1));
    let said = project.run(&["up"]).exits(6).says(".env:5:");
    let pid = format!("(pid {})", std::process::id());
    let said = said.says(&format!("Port {port} is already in use by process"));
    let said = said.says(&format!("Port {} is already in use by process", port + 1));
    assert_eq!(said.flat().matches(&pid).count(), 2, "{}", said.report());
    drop((held, too));
    project.up();
    project.take_down();
}

#[test]
fn six_projects_of_one_name_come_up_at_once() {
    let place = Place::new();
    let name = place.id("app");
    let text = "INFRA_TYPE=container\nMEMORY=512M\nCPUS=1\nPORTS=auto:80,auto:443,auto:53/udp\n";
    let projects: Vec<_> = (0..6)
        .map(|number| place.verbatim(&format!("{number}/{name}"), text))
        .collect();
    let children: Vec<_> = projects
        .iter()
        .map(|project| {
            let mut command = project.command(&["up"]);
            let piped = std::process::Stdio::piped;
            command.stdout(piped()).stderr(piped()).spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        crate::said::Said::of("vagrantp up".into(), output).exits(0);
    }
    let mut ids = BTreeSet::new();
    let mut ports = BTreeSet::new();
    for project in &projects {
        let id = project.id();
        assert!(id.starts_with(&name), "{id}");
        assert_eq!(project.guest("hostname"), id);
        assert_eq!(inspect(&id, "{{.State.Running}}"), "true");
        ids.insert(id);
        let record = project.record();
        ports.insert(record["access"]["port"].as_u64().unwrap());
        for guest in [80, 443, 53] {
            ports.insert(u64::from(project.host_port(guest)));
        }
    }
    assert_eq!((ids.len(), ports.len()), (6, 24));
    for project in &projects {
        let id = project.id();
        project.run(&["stop", "--force"]).exits(0);
        project.up();
        assert_eq!(project.id(), id, "a given id stays");
        project.take_down();
    }
}

#[test]
fn an_id_of_another_project_is_refused_with_its_path() {
    let place = Place::new();
    let one = place.project("one", "");
    one.up();
    let text = format!(
        "INFRA_TYPE=container\nINFRA_ID={}\nMEMORY=512M\nCPUS=1\n",
        one.id()
    );
    let two = place.verbatim("two", &text);
    let said = two.run(&["up"]).exits(3).says(".env:2:").says("3004");
    said.says(&one.path().display().to_string());
    two.run(&["plan"])
        .exits(3)
        .says("3004")
        .says(&one.path().display().to_string());
    two.run(&["check"]).exits(0);
    two.run(&["rm"]).exits(1);
    assert_eq!(one.guest("echo in"), "in");
    one.take_down();
}

/// A container that is not ours.
struct Foreign(String);

impl Foreign {
    fn run(name: String) -> Self {
        let stays = "trap 'exit 0' TERM; tail -f /dev/null & wait";
        engine::podman(&[
            "run",
            "--detach",
            "--pull=never",
            "--network=none",
            "--name",
            &name,
            engine::BASE,
            "sh",
            "-c",
            stays,
        ])
        .exits(0);
        Foreign(name)
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        engine::podman(&["rm", "--force", "--time", "0", &self.0]);
    }
}

#[test]
fn a_foreign_container_of_our_name_is_never_touched() {
    let place = Place::new();
    let project = place.project("web", "");
    let foreign = Foreign::run(place.id("web"));
    let before = inspect(&foreign.0, "{{.Id}} {{.State.StartedAt}} {{.State.Status}}");
    project
        .run(&["up"])
        .exits(3)
        .says("3003")
        .says(&foreign.0)
        .says("not ours")
        .says(".env:2:");
    project
        .run(&["plan"])
        .exits(3)
        .says("3003")
        .says("not ours");
    for line in [&["up", "--recreate"][..], &["up", "--ensure"]] {
        project.run(line).exits(3);
    }
    for line in [
        &["stop"][..],
        &["rm"],
        &["rm", "--force"],
        &["ssh", "-c", "true"],
    ] {
        project.run(line).exits(1);
    }
    project.run(&["stop", "--ensure"]).exits(0);
    project.run(&["rm", "--force", "--ensure"]).exits(0);
    let status = project.run(&["status", "--json"]).exits(0).json();
    assert_eq!(status["machines"][0]["state"], "not_created");
    let after = inspect(&foreign.0, "{{.Id}} {{.State.StartedAt}} {{.State.Status}}");
    assert_eq!(after, before);

    // Also where it takes our name while our machine is away.
    drop(foreign);
    project.up();
    let held = project.held();
    engine::podman(&["rm", "--force", "--time", "0", &project.id()]).exits(0);
    let foreign = Foreign::run(place.id("web"));
    project.run(&["up"]).exits(3);
    project.run(&["rm"]).exits(0);
    assert_eq!(inspect(&foreign.0, "{{.State.Status}}"), "running");
    drop(foreign);
    project.nothing_is_left(&held);
}
