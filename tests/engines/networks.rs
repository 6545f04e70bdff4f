//! Networks: fixed addresses in a shared /24, and projects that cannot reach each other.

use crate::engine::{self, has_network, inspect};
use crate::host::until;
use crate::place::Place;
use crate::project::Project;
use std::sync::atomic::{AtomicU32, Ordering};

/// The first three numbers of a /24 that no other test uses.
fn subnet() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = std::process::id() * 8 + NEXT.fetch_add(1, Ordering::Relaxed);
    format!("10.{}.{}", 100 + number / 250 % 100, number % 250)
}

/// Whether a machine reaches another's sshd.
fn reaches(from: &Project, address: &str) -> bool {
    let line = format!(
        "python3 -c 'import socket; print(socket.create_connection((\"{address}\", 22), 2).recv(4))'"
    );
    let said = from.run(&["ssh", "-c", &line]);
    said.status == 0 && said.out().contains("SSH-")
}

#[test]
fn two_projects_share_the_network_of_their_fixed_addresses() {
    let place = Place::new();
    let net = subnet();
    let network = format!("vagrantp-{net}.0");
    let one = place.project("one", &format!("IP_ADDRESS={net}.5\nPORTS=auto:80\n"));
    let two = place.project("two", &format!("IP_ADDRESS={net}.6\n"));
    one.up();
    two.up();
    for (project, last) in [(&one, 5), (&two, 6)] {
        assert_eq!(project.guest("hostname -I"), format!("{net}.{last}"));
    }
    assert!(
        reaches(&one, &format!("{net}.6")),
        "the same /24 is one network"
    );
    assert!(reaches(&two, &format!("{net}.5")));
    assert_eq!(
        inspect(
            &one.id(),
            "{{range $n, $_ := .NetworkSettings.Networks}}{{$n}}{{end}}"
        ),
        network
    );
    crate::echo::serve(&one, "80/tcp");
    crate::echo::tcp_carries(std::net::Ipv4Addr::LOCALHOST, one.host_port(80), 80);

    // The address is given out once.
    let three = place.project("three", &format!("IP_ADDRESS={net}.5\n"));
    three
        .run(&["up"])
        .exits(1)
        .says("1301")
        .says(&one.id())
        .says(".env:5:");
    assert_eq!(three.containers(), [""; 0]);

    // It stays over a stop, and while another machine uses the network.
    one.run(&["stop"]).exits(0);
    one.up();
    assert_eq!(one.guest("hostname -I"), format!("{net}.5"));
    one.take_down();
    assert!(has_network(&network), "it is still used");
    assert_eq!(two.guest("hostname -I"), format!("{net}.6"));
    two.take_down();
    assert!(!has_network(&network), "it goes with the last");
}

#[test]
fn a_network_goes_when_its_machine_moves_to_another() {
    let place = Place::new();
    let (old, new) = (subnet(), subnet());
    let project = place.project("web", &format!("IP_ADDRESS={old}.5\n"));
    project.up();
    assert!(has_network(&format!("vagrantp-{old}.0")));
    project.change(&format!("{old}.5"), &format!("{new}.5"));
    project.run(&["up", "--recreate"]).exits(0);
    assert_eq!(project.guest("hostname -I"), format!("{new}.5"));
    assert!(
        !has_network(&format!("vagrantp-{old}.0")),
        "nothing is on it"
    );
    project.take_down();
    assert!(!has_network(&format!("vagrantp-{new}.0")));
}

#[test]
fn projects_cannot_reach_each_other() {
    let place = Place::new();
    let (one, two) = (place.project("one", ""), place.project("two", ""));
    one.up();
    two.up();
    let address = |project: &Project| project.guest("hostname -I");
    assert_ne!(one.network(), two.network());
    assert!(reaches(&one, &address(&one)), "the way of asking works");
    // netavark 1.4 drops the way into its isolation rules when the last machine of any isolated network
    // goes, as those of other tests do meanwhile; the next one to come, or a reload, puts it back.
    for (from, to) in [(&one, &two), (&two, &one)] {
        until("isolation", || {
            engine::podman(&["network", "reload", &from.id()]).exits(0);
            (!reaches(from, &address(to))).then_some(())
        });
    }
    let name = two.id();
    assert_ne!(
        one.run(&["ssh", "-c", &format!("getent hosts {name}")])
            .status,
        0
    );
    assert_ne!(
        engine::ask(&["network", "inspect", &one.network()]).find("isolate"),
        None
    );
    one.take_down();
    two.take_down();
}

#[test]
fn an_address_that_the_host_routes_elsewhere_is_refused() {
    let place = Place::new();
    let route = engine::run("ip", &["-4", "-o", "address", "show", "scope", "global"])
        .exits(0)
        .out();
    let own = route
        .split_whitespace()
        .skip_while(|word| *word != "inet")
        .nth(1);
    let own = own
        .expect("this host has an address")
        .split('/')
        .next()
        .expect("an address");
    let mut numbers: Vec<&str> = own.split('.').collect();
    let other = if numbers[3] == "77" { "78" } else { "77" };
    numbers[3] = other;
    let private = numbers[0] == "10" || own.starts_with("192.168.") || own.starts_with("172.");
    let project = place.project("web", &format!("IP_ADDRESS={}\n", numbers.join(".")));
    let said = project.run(&["up"]);
    assert_eq!(
        said.status,
        if private { 1 } else { 2 },
        "{}",
        said.report()
    );
    said.says(".env:5:");
    assert_eq!(project.containers(), [""; 0]);
}
