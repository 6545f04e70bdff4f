//! What provisions containers provisions virtual machines: throw-away copies, and the example's own playbooks.

use super::{libvirt_has_none, state};
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

/// The playbooks of `examples/provisioned`, as they are: nginx, whose page holds what redis says.
pub(super) const DATABASE: &str = r#"provision "db.yml" {
        vars greeting="Hello from the database"
        secret db_password from=DB_PASSWORD
    }"#;
pub(super) const WEB: &str = r#"ports "auto:80"
    provision "web.yml" {
        secret db_password from=DB_PASSWORD
    }"#;

/// Puts them where they are written.
pub(super) fn written(project: &Project) {
    // The configuration is the machines' own.
    put(project.path(), &PROVISIONED[1..]);
}

/// Asks the services from the host.
pub(super) fn serves(project: &Project) {
    let port = published(project, "web");
    let page = until("nginx", || answer(port).ok());
    assert!(page.contains("<p>Hello from the database\n"), "{page}");
}
