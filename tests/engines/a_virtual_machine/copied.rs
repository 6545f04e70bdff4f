//! What provisions a container on a throw-away copy does so with a virtual machine.

use super::{libvirt_has_none, state};
use crate::project::Project;
use std::fs;

/// The same machine under another id, without its ports; what its playbook changes is not in the machine itself.
pub(super) fn is_provisioned(project: &Project, id: &str) {
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
