//! Who is blamed: the user whose sudo asks for a password, and the task that shuts us out.

use crate::engine;
use crate::place::Place;
use crate::project::Project;
use std::fs;

fn play(project: &Project, tasks: &str) {
    let text = format!("- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}");
    fs::write(project.path().join("site.yml"), text).unwrap();
}

#[test]
fn sudo_that_asks_for_a_password_is_told_with_its_user() {
    let place = Place::new();
    let lines = "PROVISIONING_PLAYBOOK=site.yml\nSSH_USER=dev\n";
    let project = place.project("web", lines);
    let become_root = "    - name: Install\n      become: true\n      command: id -u\n";
    play(&project, become_root);
    project.up();
    let asks = "echo 'dev ALL=(ALL) ALL' >/etc/sudoers.d/vagrantp";
    engine::podman(&["exec", &project.id(), "sh", "-c", asks]).exits(0);
    let said = project.run(&["provision"]).exits(7);
    let said =
        said.says("error[7007]: Ansible playbook failed: task 'Install' needs sudo, which asks");
    let said = said.says("site.yml:4:5]");
    said.says("NOPASSWD: ALL` in /etc/sudoers.d/dev");
    assert_eq!(
        project.run(&["provision", "--json"]).json()["error"]["code"],
        "PROVISIONING_FAILED"
    );
    project.take_down();
}

#[test]
fn the_last_task_that_may_have_done_it_is_blamed_for_a_lock_out() {
    let place = Place::new();
    let project = place.project("web", "PROVISIONING_PLAYBOOK=site.yml\n");
    let shut = "echo 'DenyUsers root' >>/etc/vagrantp/sshd_config; kill -HUP 1";
    // It says that it changed nothing; what comes after it only looks, over the connection that is still there.
    play(
        &project,
        &format!(
            "    - name: Write\n      copy: content=x dest=/etc/x\n    - name: Harden\n      shell: {shut}\n      changed_when: false\n    - name: Look\n      stat: path=/etc/x\n"
        ),
    );
    let said = project.run(&["up"]).exits(7);
    let said = said.says("error[7009]");
    said.says("site.yml:6:5]");
    let open = "sed -i /DenyUsers/d /etc/vagrantp/sshd_config; kill -HUP 1";
    let open_again = || engine::podman(&["exec", &project.id(), "sh", "-c", open]).exits(0);
    open_again();
    // The connection is cut under the task itself.
    play(
        &project,
        &format!(
            "    - name: Write\n      copy: content=y dest=/etc/x\n    - name: Cut\n      shell: {shut}; pkill -f 'sshd. root'; sleep 5\n    - name: Look\n      stat: path=/etc/x\n"
        ),
    );
    let said = project.run(&["provision"]).exits(7);
    let said = said.says("error[7009]");
    said.says("site.yml:6:5]");
    open_again();
    play(&project, "    - name: Look\n      stat: path=/etc/x\n");
    project.run(&["provision"]).exits(0);
    project.take_down();
}
