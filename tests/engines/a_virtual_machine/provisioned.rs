//! What provisions containers provisions virtual machines: throw-away copies, and the example's own playbooks.

use super::{libvirt_has_none, state};
use crate::engine;
use crate::example::{answer, published, put};
use crate::host::until;
use crate::project::Project;
use crate::provisioned::PROVISIONED;
use std::fs;

/// The same machine under another id, without its ports; what its playbook changes is not in the machine itself.
pub(super) fn on_a_copy(project: &Project, id: &str) {
    let before = fs::read_to_string(project.machine_folder().join("record.json")).unwrap();
    let play = "- hosts: all\n  become: true\n  tasks:\n    - copy: { dest: /etc/noted, content: \"noted\\n\" }\n    - command: test -e /workspace/from-host -a ! -e /home/vagrant/echo.py\n      changed_when: false\n";
    fs::write(project.path().join("site.yml"), play).unwrap();
    project.change(
        "INFRA_TYPE=vm\n",
        "INFRA_TYPE=vm\nPROVISIONING_PLAYBOOK=site.yml\n",
    );
    let said = project.run(&["provision", "--isolated"]).exits(0);
    let said = said.says(&format!("vm {id}-isolated"));
    said.says("was provisioned, and is gone; nothing was done to the real thing");
    let after = fs::read_to_string(project.machine_folder().join("record.json")).unwrap();
    assert_eq!(before, after);
    assert_eq!(state(id), "running");
    project.guest("test ! -e /etc/noted");
    libvirt_has_none(&format!("{id}-isolated"), "isolated-copies");
    project.change("PROVISIONING_PLAYBOOK=site.yml\n", "");
}

/// The playbooks of `examples/provisioned`, as they are: nginx, whose page holds what redis says. Their packages come
/// from a folder.
pub(super) const DATABASE: &str = r#"sync "near" to="/srv/near" { read-only; }
    provision "near.sh"
    provision "db.yml" {
        vars greeting="Hello from the database"
        secret db_password from=DB_PASSWORD
    }"#;
pub(super) const WEB: &str = r#"ports "auto:80"
    sync "near" to="/srv/near" { read-only; }
    provision "near.sh"
    provision "web.yml" {
        secret db_password from=DB_PASSWORD
    }"#;

const NEAR: &str = include_str!("near.sh");
const SOURCES: &str = "#!/bin/sh\nset -e\nrm -f /etc/apt/sources.list.d/*\n\
                       echo 'deb [trusted=yes] file:/srv/near ./' >/etc/apt/sources.list\n";
const PACKAGES: &[&str] = &[
    "redis-server",
    "redis-tools",
    "nginx",
    "cron",
    "python3-apt",
];

/// Puts them where they are written.
pub(super) fn written(project: &Project) {
    // The configuration is the machines' own.
    put(project.path(), &PROVISIONED[1..]);
    fs::create_dir(project.path().join("near")).expect("a folder");
    fs::write(project.path().join("near.sh"), SOURCES).expect("a file");
}

/// Gets what a guest lacks.
pub(super) fn get_packages(project: &Project) {
    let status = project.path().join("status");
    let said = project.run(&["ssh", "db", "-c", "cat /var/lib/dpkg/status"]);
    fs::write(&status, said.exits(0).out()).expect("a file");
    let (status, near) = (status.display(), project.path().join("near"));
    let words = [
        "-c",
        NEAR,
        "sh",
        &status.to_string(),
        &near.display().to_string(),
    ];
    engine::run("sh", &[&words[..], PACKAGES].concat()).exits(0);
}

/// Asks the services from the host.
pub(super) fn serves(project: &Project) {
    let port = published(project, "web");
    let page = until("nginx", || answer(port).ok());
    assert!(page.contains("<p>Hello from the database\n"), "{page}");
}
