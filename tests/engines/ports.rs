//! Published ports: every form carries traffic, before and after a stop, and is free again after `rm`.

use crate::echo::{serve, tcp, tcp_carries, udp_carries};
use crate::host::{free_ports, is_free, lan_address};
use crate::place::Place;
use std::net::{Ipv4Addr, TcpListener};

const ANY: Ipv4Addr = Ipv4Addr::LOCALHOST;

#[test]
fn every_form_of_port_carries_traffic_before_and_after_a_stop() {
    let place = Place::new();
    let first = free_ports(6);
    let [plain, local, udp, range] = [first, first + 1, first + 2, first + 3];
    let project = place.project(
        "web",
        &format!(
            "PORTS={plain}:80,127.0.0.1:{local}:81,auto:443,{udp}:53/udp,{range}-{}:90-92,auto:54/udp\n",
            range + 2
        ),
    );
    project.up().says(&format!("{plain} → 80")).says("(auto)");
    let (auto, auto_udp) = (project.host_port(443), project.host_port(54));
    let carries = || {
        serve(
            &project,
            "80/tcp 81/tcp 443/tcp 53/udp 54/udp 90/tcp 91/tcp 92/tcp",
        );
        for (host, guest) in [
            (plain, 80),
            (local, 81),
            (auto, 443),
            (range, 90),
            (range + 1, 91),
            (range + 2, 92),
        ] {
            tcp_carries(ANY, host, guest);
        }
        udp_carries(ANY, udp, 53);
        udp_carries(ANY, auto_udp, 54);
        if let Some(lan) = lan_address() {
            tcp_carries(lan, plain, 80);
            udp_carries(lan, udp, 53);
            assert_eq!(tcp(lan, local), None, "127.0.0.1 is not for the network");
        }
    };
    carries();
    project.run(&["stop"]).exits(0);
    for port in [plain, local, auto, udp, range, range + 1, range + 2] {
        assert!(is_free(port), "{port} is held by a stopped machine");
    }
    project.up();
    assert_eq!(
        (project.host_port(443), project.host_port(54)),
        (auto, auto_udp)
    );
    carries();
    project.take_down();
}

#[test]
fn an_auto_port_is_its_machines_until_it_is_removed() {
    let place = Place::new();
    let project = place.project("web", "PORTS=auto:80\n");
    project.up();
    let port = project.host_port(80);
    project.run(&["stop"]).exits(0);
    assert!(is_free(port));

    // Stopped, it is still reserved: nobody else of this user gets it, fixed is only a note.
    let other = place.project("other", "PORTS=auto:80,auto:81\n");
    other.up();
    assert_ne!(other.host_port(80), port);
    assert_ne!(other.host_port(81), port);
    assert_ne!(other.host_port(80), other.host_port(81));
    project.up();
    assert_eq!(project.host_port(80), port);
    serve(&project, "80/tcp");
    tcp_carries(ANY, port, 80);
    project.take_down();
    other.take_down();
}

#[test]
fn picked_ports_that_processes_take_before_the_engine_does_are_picked_again() {
    let place = Place::new();
    let project = place.project("web", "PORTS=auto:80\n");
    project.up();
    let way_in = project.record()["access"]["port"].as_u64();
    let old = [
        project.host_port(80),
        way_in.expect("its sshd has one") as u16,
    ];
    project.run(&["stop"]).exits(0);
    let takers = old.map(|port| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).expect("free"));
    project
        .run(&["up"])
        .exits(6)
        .says("is already in use by a process");

    // Made anew it keeps its ports, and the engine is told so before it can be asked.
    project.change("auto:80", "auto:80,auto:81");
    project.run(&["up", "--recreate"]).exits(0);
    let new = project.host_port(80);
    assert!(!old.contains(&new), "{new}");
    serve(&project, "80/tcp");
    tcp_carries(ANY, new, 80);
    drop(takers);
    project.take_down();
}

#[test]
fn the_report_and_the_json_name_the_ports_that_the_engine_has() {
    let place = Place::new();
    let fixed = free_ports(1);
    let project = place.project("web", &format!("PORTS={fixed}:8080,auto:53/udp\n"));
    let up = project.run(&["up", "--json"]).exits(0).json();
    let ports = &up["machines"][0]["networking"]["ports"];
    assert_eq!(ports[0]["host_port"], fixed);
    assert_eq!(ports[0]["auto"], false);
    assert_eq!(ports[1]["protocol"], "udp");
    assert_eq!(ports[1]["auto"], true);
    let engine = crate::engine::ask(&["port", &project.id()]);
    assert!(
        engine.contains(&format!("8080/tcp -> 0.0.0.0:{fixed}")),
        "{engine}"
    );
    assert!(
        engine.contains(&format!("53/udp -> 0.0.0.0:{}", ports[1]["host_port"])),
        "{engine}"
    );
    project
        .run(&["status"])
        .exits(0)
        .says(&format!("{fixed}→8080"));
    project.take_down();
}
