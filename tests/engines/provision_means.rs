//! Scripts and packages: what they did is asked of the guest; what fails is told at the user's own line.

use crate::place::Place;
use crate::project::Project;
use std::fs;

fn machine(place: &Place, name: &str, lines: &str) -> String {
    let id = place.id(name);
    format!(
        "machine {name} {{\n    id {id}\n    container\n    memory \"512M\"\n    cpus 1\n{lines}}}\n"
    )
}

fn script(project: &Project, name: &str, text: &str) {
    fs::write(project.path().join(name), text).unwrap();
}

#[test]
fn scripts_and_playbooks_run_in_order_and_are_remembered() {
    let place = Place::new();
    let lines = r#"    provision "it's a setup.sh"
    provision "site.yml" { vars greeting="it is {{ machine.name }}"; }
    provision "count.py"
"#;
    let project = place.kdl("web", &machine(&place, "web", lines));
    let setup = "it's a setup.sh";
    script(
        &project,
        setup,
        "#!/bin/bash\nset -eu\ntest \"$(id -u)\" = 0\n[[ -n $BASH ]]\necho first >>/etc/order\n",
    );
    script(
        &project,
        "site.yml",
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: Second\n      shell: echo '{{ greeting }}' >>/etc/order\n",
    );
    // Without `#!` its ending says what runs it.
    script(
        &project,
        "count.py",
        "open('/etc/order', 'a').write('third\\n')\n",
    );
    let said = project.up();
    said.says("site.yml  1 task, 1 changed");
    assert_eq!(project.guest("cat /etc/order"), "first\nit is web\nthird");
    assert_eq!(project.record()["provisioned"], "ok");
    project.run(&["up"]).exits(3);

    // Only what changed runs again.
    script(
        &project,
        "count.py",
        "open('/etc/order', 'a').write('again\\n')\n",
    );
    project.run(&["plan"]).exits(0).says("count.py (changed)");
    let said = project.up();
    said.says("site.yml  unchanged since it went well");
    assert_eq!(project.guest("tail -n 2 /etc/order"), "third\nagain");
    project
        .run(&["provision", "--verify"])
        .exits(7)
        .says("Task 'Second' is not idempotent");
    project.take_down();
}

#[test]
fn a_script_that_fails_is_told_at_its_line() {
    let place = Place::new();
    let lines = "    provision \"setup.sh\"\n";
    let project = place.kdl("web", &machine(&place, "web", lines));
    script(
        &project,
        "setup.sh",
        "#!/bin/sh\nset -e\necho so far\nfrobnicate --all\n",
    );
    let said = project.run(&["up", "--json"]).exits(7).json();
    let error = &said["error"];
    assert_eq!(error["code"], "PROVISIONING_FAILED");
    assert_eq!(
        error["message"],
        "Provisioning failed: script 'setup.sh' returned non-zero exit code 127"
    );
    assert_eq!(
        (&error["file"], &error["line"]),
        (&"setup.sh".into(), &4.into())
    );
    assert!(
        error["details"]
            .to_string()
            .contains("frobnicate: not found"),
        "{error}"
    );

    script(
        &project,
        "setup.sh",
        "#!/bin/sh\necho it is broken >&2\nexit 5\n",
    );
    let said = project.run(&["up"]).exits(7);
    let said = said.says("script 'setup.sh' returned non-zero exit code 5");
    let said = said.says("vagrantp.kdl:6:16]");
    said.says("stderr: it is broken");
    assert_eq!(project.record()["provisioned"], "failed");

    script(
        &project,
        "setup.sh",
        "#!/usr/bin/env python3\nimport sys\n\ndef go():\n    1 / 0\n\ngo()\n",
    );
    project.run(&["up"]).exits(7).says("setup.sh:5:5]");
    script(&project, "setup.sh", "#!/bin/sh\ntrue\n");
    project.up();
    assert_eq!(project.record()["provisioned"], "ok");
    project.take_down();
}

#[test]
fn packages_are_installed_before_all_else() {
    let place = Place::new();
    let lines = "    packages tree sl\n    provision \"setup.sh\"\n";
    let project = place.kdl("web", &machine(&place, "web", lines));
    script(
        &project,
        "setup.sh",
        "#!/bin/sh\nset -e\ntree --version\ntouch /etc/set-up\n",
    );
    project.up();
    project.guest("command -v tree && test -x /usr/games/sl && test -e /etc/set-up");
    project.run(&["up"]).exits(3);
    project.change("tree sl", "tree sl nosuchpackage");
    let status = project.run(&["status"]).exits(0);
    status.says("provisioned: stale");
    let said = project.run(&["up"]).exits(7);
    let said = said.says("error[7001]");
    let said =
        said.says("packages cannot be installed: No package matching 'nosuchpackage' is available");
    said.says("vagrantp.kdl:6:22]");
    project.change("tree sl nosuchpackage", "tree sl hello");
    project.run(&["up", "--no-provision"]).exits(3);
    project.up().says("setup.sh  unchanged since it went well");
    assert_eq!(project.guest("hello --greeting=hi"), "hi");
    project.run(&["provision", "--verify"]).exits(0);
    project.take_down();
}
