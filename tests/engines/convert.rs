//! A running machine stays itself when its `.env` becomes a `vagrantp.kdl`.

use crate::engine::inspect;
use crate::place::Place;
use std::fs;

#[test]
fn a_running_machine_stays_itself_when_its_configuration_is_converted() {
    let place = Place::new();
    let project = place.project("shop", "# the site\nPORTS=auto:80\nSSH_USER=dev\nAPP=1\n");
    project.up();
    project.guest("echo mine > ~/here");
    let (id, held) = (project.id(), project.held());
    let container = inspect(&id, "{{.Id}}");
    let port = project.host_port(80);
    let before = project.run(&["status", "--json"]).exits(0).json();

    project.run(&["convert"]).exits(0).says("vagrantp.kdl");
    let text = fs::read_to_string(project.path().join("vagrantp.kdl")).unwrap();
    assert!(
        text.contains(&format!("id {id}")) && text.contains("// the site"),
        "{text}"
    );

    let after = project.run(&["status", "--json"]).exits(0).json();
    for field in [
        "id",
        "state",
        "networking",
        "access",
        "created_at",
        "left_over",
    ] {
        assert_eq!(
            after["machines"][0][field], before["machines"][0][field],
            "{field}"
        );
    }
    assert_eq!(after["machines"].as_array().unwrap().len(), 1, "{after}");
    project.run(&["up"]).exits(3).says("already");
    assert_eq!(
        project
            .run(&["plan", "--detailed-exitcode"])
            .exits(0)
            .word()
            .lines()
            .count(),
        1
    );
    assert_eq!(project.guest("cat ~/here"), "mine");
    assert_eq!(inspect(&id, "{{.Id}}"), container);

    // Also when the .env says nothing of ours any more, through a stop, and made anew.
    fs::write(project.path().join(".env"), "APP=1\n").unwrap();
    project.run(&["stop"]).exits(0);
    project.up();
    assert_eq!(project.guest("cat ~/here"), "mine");
    let changed = text.replace("ssh user=dev", "ssh user=dev\n    hostname other");
    fs::write(project.path().join("vagrantp.kdl"), changed).unwrap();
    project.run(&["up", "--recreate"]).exits(0);
    assert_eq!(project.guest("cat ~/here; hostname"), "mine\nother");
    assert_eq!(project.host_port(80), port);

    // The way back leads to it too.
    fs::remove_file(project.path().join("vagrantp.kdl")).unwrap();
    project.write(&format!(
        "INFRA_TYPE=container\nINFRA_ID={id}\nMEMORY=512M\nCPUS=1\nPORTS=auto:80\nSSH_USER=dev\n"
    ));
    let back = project.run(&["status", "--json"]).exits(0).json();
    assert_eq!(back["machines"][0]["state"], "running");
    fs::write(project.path().join("vagrantp.kdl"), &text).unwrap();
    project.run(&["rm", "-f"]).exits(0);
    project.nothing_is_left(&held);
    project.run(&["status"]).exits(0).says("not created");
}
