//! Provisioning, against `ansible-playbook` by hand with what it does by default.

use super::clock::{race, ratio, timed};
use super::contender;
use super::scene::{Scene, must, quiet};
use std::process::Command;

/// Ten tasks of the usual kind; facts are gathered, as nothing says otherwise.
const PLAYBOOK: &str = r#"- hosts: all
  vars:
    people: [ada, grace]
  tasks:
    - name: Make a folder
      file: path=/srv/site state=directory
    - name: Write a page
      copy: content="hello\n" dest=/srv/site/index.html
    - name: Write a configuration
      template: src=site.conf.j2 dest=/srv/site/site.conf
    - name: Make a group
      group: name=site
    - name: Make a user
      user: name=ada groups=site
    - name: Let her be root
      copy: content="ada ALL=(ALL) NOPASSWD:ALL\n" dest=/etc/sudoers.d/ada mode=0440 validate="visudo -cf %s"
    - name: Add a line
      lineinfile: path=/etc/profile line="export SITE=/srv/site"
    - name: Make a link
      file: src=/srv/site dest=/srv/current state=link
    - name: Ask who is there
      command: id ada
      changed_when: false
    - name: Look at a file
      stat: path=/srv/site/index.html
"#;

/// A run of ten tasks that change nothing any more.
pub fn runs(rounds: usize) {
    println!("provision: ten tasks, facts gathered");
    if quiet(version()).status().is_err() {
        println!("  Ansible is not installed");
        return;
    }
    let scene = Scene::provisioned(
        PLAYBOOK,
        &[("site.conf.j2", "for {{ ansible_hostname }}\n")],
    );
    must(scene.vagrantp(&["up"]));
    let inventory = scene.inventory();
    let times = race(
        rounds,
        vec![
            contender("vagrantp provision", || {
                timed(|| must(scene.vagrantp(&["provision"])))
            }),
            contender("ansible-playbook", || {
                let mut command = Command::new("ansible-playbook");
                command.arg("-i").arg(&inventory).arg("site.yml");
                timed(|| must(scene.within(command)))
            }),
        ],
    );
    ratio(
        "ansible-playbook / provision",
        &times[1],
        &times[0],
        "≥ 1.15",
    );
}

fn version() -> Command {
    let mut command = Command::new("ansible-playbook");
    command.arg("--version");
    command
}
