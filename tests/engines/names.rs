//! Machines of a project find each other by name, on the networks that they share.

use crate::engine::{has_network, inspect, run};
use crate::place::Place;
use crate::shop::{Shop, subnet};

/// A line that says `SSH-` where the machine of a name answers. Nothing waits for these machines, and the server
/// of names reads its lists anew a moment after a start: so it tries for a while.
fn knock(name: &str) -> String {
    let knock = format!("s = socket.create_connection((\"{name}\", 22), 3)");
    format!(
        "python3 -c 'import socket, time\n\
         for _ in range(60):\n\
         \x20   try: {knock}; break\n\
         \x20   except OSError: time.sleep(0.25)\n\
         print(s.recv(4).decode())'"
    )
}

#[test]
fn names_lead_to_the_machines() {
    let place = Place::new();
    let net = subnet();
    let shop = Shop::new(
        &place,
        "shop",
        &format!(
            "machine web {{ container; }}\n\
             machine node {{ count 2; container; }}\n\
             machine fixed {{ container; network default ip=\"{net}.7\"; }}\n"
        ),
    );
    shop.run(&["up"]).exits(0);
    for name in [
        "node-1",
        "node-2",
        "node",
        "web",
        "fixed",
        &shop.id("node-2"),
    ] {
        assert_eq!(shop.guest("web", &knock(name)), "SSH-", "{name}");
    }
    assert_eq!(shop.guest("node-1", &knock("web")), "SSH-");
    let addresses = shop.guest("fixed", "hostname -I");
    assert!(addresses.contains(&format!("{net}.7")), "{addresses}");
    assert_eq!(shop.guest("fixed", &knock("web")), "SSH-");
    // A machine of another project with the same name is not met.
    let other = Shop::new(&place, "other", "machine web { container; }\n");
    other.run(&["up"]).exits(0);
    let found = other.run(&["ssh", "web", "-c", "getent hosts node-1"]);
    assert_ne!(found.status, 0, "{}", found.report());
    other.take_down();
    shop.take_down();
    assert!(!has_network(&format!("vagrantp-{net}.0")));
}

#[test]
fn an_internal_network_is_entered_by_exec() {
    let place = Place::new();
    let net = subnet();
    let shop = Shop::new(
        &place,
        "shop",
        &format!(
            "network backend {{ subnet \"{net}.0/24\"; internal; }}\n\
             machine web {{ container; network default; network backend ip=\"{net}.5\"; ports \"auto:8080\"; }}\n\
             machine db {{ container; network backend ip=\"{net}.6\"; ssh user=dev; }}\n\
             machine cache {{ container; network backend; command sleep \"1000\"; }}\n"
        ),
    );
    shop.run(&["up"]).exits(0);
    assert_eq!(shop.guest("db", "hostname -I"), format!("{net}.6"));
    assert_eq!(shop.guest("db", "id -un"), "dev");
    assert_eq!(shop.guest("db", "sudo id -un"), "root");
    let routes = shop.guest("db", "cut -f2 /proc/net/route | grep -c 00000000 || true");
    assert_eq!(routes, "0", "it has no way out");
    assert_eq!(shop.guest("db", &knock("web")), "SSH-");
    assert_eq!(shop.guest("web", &knock("db")), "SSH-");
    assert_eq!(
        shop.guest(
            "cache",
            "for i in $(seq 50); do getent hosts db && break; sleep 0.2; done | cut -d' ' -f1"
        ),
        format!("{net}.6")
    );
    let record = shop.record("db");
    assert_eq!(record["access"]["exec"], true);
    assert_eq!(record["access"]["port"], serde_json::Value::Null);
    assert_eq!(
        inspect(&shop.id("db"), "{{.HostConfig.PortBindings}}"),
        "map[]"
    );
    assert_eq!(shop.record("web")["access"]["exec"], false);

    // Plain ssh gets in by the same way, with the host's key checked, and with what it is written to.
    let config = place.path().join("ssh_config");
    std::fs::write(&config, shop.run(&["ssh-config", "db"]).exits(0).out()).expect("a file");
    let config = config.display().to_string();
    let id = shop.id("db");
    let said = run(
        "ssh",
        &["-F", &config, "-o", "ControlPath=none", &id, "echo there"],
    );
    assert_eq!(said.exits(0).word(), "there");
    let known_hosts = shop.machine_folder("db").join("known_hosts");
    let pinned = std::fs::read_to_string(&known_hosts).expect("a pinned key");
    let own = shop.machine_folder("web").join("known_hosts");
    let own = std::fs::read_to_string(own).expect("a pinned key");
    std::fs::write(&known_hosts, own.replace(&shop.id("web"), &id)).expect("a file");
    let said = run(
        "ssh",
        &["-F", &config, "-o", "ControlPath=none", &id, "true"],
    );
    said.exits(255).says("Host key verification failed");
    std::fs::write(&known_hosts, pinned).expect("a file");

    // It survives a stop, and says why where it does not run.
    shop.run(&["stop", "db"]).exits(0);
    shop.run(&["ssh", "db", "-c", "true"])
        .exits(1)
        .says("is not running");
    shop.run(&["up", "db"]).exits(0);
    assert_eq!(shop.guest("db", "hostname -I"), format!("{net}.6"));

    let json = shop.run(&["--json", "status"]).exits(0).json();
    let networks = &json["machines"][0]["networks"];
    assert_eq!(networks[0]["name"], "default");
    assert_eq!(networks[1]["name"], "backend");
    assert_eq!(networks[1]["ip_address"], format!("{net}.5"));
    assert_eq!(networks[1]["subnet"], format!("{net}.0/24"));

    // It goes with the last machine on it.
    shop.run(&["rm", "--force", "db", "cache"]).exits(0);
    assert!(has_network(&shop.network("backend")));
    shop.take_down();
}

#[test]
fn a_network_that_is_written_otherwise_is_made_anew() {
    let place = Place::new();
    let (old, new) = (subnet(), subnet());
    let shop = Shop::new(
        &place,
        "shop",
        &format!(
            "network backend {{ subnet \"{old}.0/24\"; }}\n\
             machine web {{ container; network backend ip=\"{old}.5\"; }}\n\
             machine db {{ container; network backend; }}\n"
        ),
    );
    shop.run(&["up"]).exits(0);
    assert_eq!(shop.guest("web", &knock("db")), "SSH-");
    shop.guest("web", "echo kept >/root/kept");
    shop.change(&format!("{old}.0/24\""), &format!("{new}.0/24\"; internal"));
    shop.change(&format!("{old}.5"), &format!("{new}.5"));
    let said = shop.run(&["up"]).exits(3);
    let said = said.says(&format!(
        "network backend ({old}.0/24) → backend ({new}.0/24 internal)"
    ));
    said.says(&format!("network.ip {old}.5 → {new}.5"));
    shop.run(&["up", "--recreate"]).exits(0);
    assert_eq!(shop.guest("web", "hostname -I"), format!("{new}.5"));
    assert_eq!(shop.guest("web", "cat /root/kept"), "kept");
    assert_eq!(shop.guest("web", &knock("db")), "SSH-");
    shop.run(&["up", "--ensure"]).exits(0);

    // Another project's addresses are refused before anything is made, also while its machines stand still.
    shop.run(&["stop"]).exits(0);
    let other = Shop::new(
        &place,
        "other",
        &format!(
            "network mine {{ subnet \"{new}.128/25\"; }}\n\
             machine web {{ container; network mine; }}\nmachine db {{ container; network mine; }}\n"
        ),
    );
    let said = other.run(&["up"]).exits(1).says("1301").says("overlaps");
    assert_eq!(
        said.flat().matches("error[1301]").count(),
        1,
        "{}",
        said.report()
    );
    shop.take_down();
}
