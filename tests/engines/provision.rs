//! Provisioning: real Ansible in real containers. What was done is asked of the guest, what is remembered of the
//! next command.

use crate::engine;
use crate::host::within;
use crate::place::Place;
use crate::project::Project;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

fn play(project: &Project, tasks: &str) {
    let text = format!("- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}");
    fs::write(project.path().join("site.yml"), text).unwrap();
}

const GREET: &str = r#"    - name: Greet
      copy:
        content: "hello\n"
        dest: /etc/greeting
"#;

const FAIL: &str = r#"    - name: Install Nginx
      command: sh -c 'echo no such package >&2; exit 1'
"#;

#[test]
fn it_is_remembered_and_run_again_when_anything_changes() {
    let place = Place::new();
    let project = place.project("web", "PROVISIONING_PLAYBOOK=site.yml\n");
    play(&project, GREET);
    project.up().says("1 task, 1 changed");
    assert_eq!(project.guest("cat /etc/greeting"), "hello");
    assert_eq!(project.record()["provisioned"], "ok");
    project.run(&["up"]).exits(3).says("already exists");
    project.guest("rm /etc/greeting");
    project.run(&["stop"]).exits(0);
    project.up().says("unchanged since it went well");
    project.guest("test ! -e /etc/greeting");

    let files = project.path().join("files");
    fs::create_dir(&files).unwrap();
    fs::write(files.join("motd"), "one\n").unwrap();
    let status = || project.run(&["status"]).exits(0).out();
    assert!(status().contains("provisioned: stale"), "{}", status());
    project.run(&["up", "--no-provision"]).exits(3);
    project.run(&["plan"]).exits(0).says("site.yml (changed)");
    project
        .run(&["provision", "--dry-run"])
        .exits(0)
        .says("would change");
    project.guest("test ! -e /etc/greeting");
    assert!(status().contains("provisioned: stale"), "{}", status());
    project.up();
    assert_eq!(project.guest("cat /etc/greeting"), "hello");
    project.run(&["up"]).exits(3);

    play(&project, &format!("{GREET}{FAIL}"));
    let said = project.run(&["up", "--json"]).exits(7).json();
    let error = &said["error"];
    assert_eq!(error["code"], "PROVISIONING_FAILED");
    assert_eq!(error["file"], "site.yml");
    assert_eq!((&error["line"], &error["column"]), (&8.into(), &5.into()));
    let message = "Ansible playbook failed: task 'Install Nginx' returned non-zero exit code 1";
    assert_eq!(error["message"], message);
    let details = error["details"].to_string();
    assert!(details.contains("stderr: no such package"), "{details}");
    assert_eq!(said["machines"][0]["provisioned"], "failed");
    assert_eq!(said["machines"][0]["state"], "running");
    project.run(&["up"]).exits(7).says("site.yml:8:5");
    let log = fs::read_to_string(project.machine_folder().join("logs/provision.log")).unwrap();
    assert!(log.contains("TASK Install Nginx"), "{log}");

    play(&project, GREET);
    project.run(&["up"]).exits(0).says("1 task, 0 changed");
    project.take_down();
}

#[test]
fn a_run_is_proved_to_change_nothing_the_second_time() {
    let place = Place::new();
    let project = place.project("web", "PROVISIONING_PLAYBOOK=site.yml\n");
    let touch = "    - name: Touch\n      file: path=/etc/touched state=touch\n";
    play(&project, GREET);
    project.up();
    project.run(&["provision", "--verify"]).exits(0);
    play(&project, &format!("{GREET}{touch}{FAIL}"));
    project.run(&["provision", "--tags", "none"]).exits(0);
    play(
        &project,
        &format!("{touch}{GREET}{}", touch.replace("Touch", "Again")),
    );
    let said = project.run(&["provision", "--verify"]).exits(7);
    let said = said.says("Task 'Touch' is not idempotent");
    let said = said.says("site.yml:4:5");
    let said = said.says("Task 'Again' is not idempotent");
    let said = said.says("site.yml:10:5");
    assert!(!said.err.contains("Task 'Greet'"), "{}", said.report());
    project.take_down();
}

#[test]
fn what_ansible_says_is_told_where_it_belongs() {
    let place = Place::new();
    let project = place.project("web", "PROVISIONING_PLAYBOOK=site.yml\n");
    play(&project, GREET);
    project.up();
    let cases = [
        (
            "    - name: A\n      debug: msg={{ nobody }}\n",
            "7005",
            "4:5",
        ),
        ("    - name: A\n      aptt: name=x\n", "7003", "4:7"),
        (
            "    - name: A\n      shell: mv /usr/bin/python3 /usr/bin/python3.gone; mv /usr/bin/python3.11 /usr/bin/gone\n    - name: B\n      ping:\n",
            "7008",
            "6:5",
        ),
        (
            "    - name: A\n      raw: mv /usr/bin/gone /usr/bin/python3.11; mv /usr/bin/python3.gone /usr/bin/python3; echo 'DenyUsers root' >> /etc/vagrantp/sshd_config; kill -HUP 1\n",
            "7009",
            "4:5",
        ),
    ];
    for (tasks, rule, place) in cases {
        play(&project, tasks);
        let said = project.run(&["provision"]).exits(7);
        let said = said.says(&format!("error[{rule}]"));
        said.says(&format!("site.yml:{place}]"));
    }
    fs::write(
        project.path().join("site.yml"),
        "- hosts: nobody\n  tasks: []\n",
    )
    .unwrap();
    engine::podman(&[
        "exec",
        &project.id(),
        "sed",
        "-i",
        "/DenyUsers/d",
        "/etc/vagrantp/sshd_config",
    ])
    .exits(0);
    engine::podman(&["exec", &project.id(), "kill", "-HUP", "1"]).exits(0);
    project.run(&["provision"]).exits(7).says("error[7010]");
    play(
        &project,
        "    - name: Die\n      raw: kill -TERM 1; sleep 5\n",
    );
    project.run(&["provision"]).exits(7).says("error[7006]");
}

#[test]
fn what_is_cut_short_is_run_again() {
    let place = Place::new();
    let project = place.project("web", "PROVISIONING_PLAYBOOK=site.yml\n");
    play(
        &project,
        "    - name: Wait\n      shell: touch /begun; until test -e /go; do sleep 0.2; done; rm /begun\n",
    );
    let begun = || engine::podman(&["exec", &place.id("web"), "test", "-e", "/begun"]).status == 0;
    let mut child = project
        .command(&["up"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    within(Duration::from_secs(120), "the task has begun", || {
        begun().then_some(())
    });
    // timeout hands it on.
    engine::run("kill", &["-INT", &child.id().to_string()]).exits(0);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let left = crate::host::processes_with(&project.path().join("site.yml").display().to_string());
    assert_eq!(left, [""; 0]);
    assert_eq!(project.record()["provisioned"], "failed");
    engine::podman(&["exec", &place.id("web"), "rm", "-f", "/begun"]).exits(0);

    let mut child = project
        .command(&["up"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    within(Duration::from_secs(120), "the task has begun", || {
        begun().then_some(())
    });
    let pid = child.id();
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    engine::run("kill", &["-KILL", children.trim()]).exits(0);
    assert!(!child.wait().unwrap().success());
    project
        .run(&["status"])
        .exits(0)
        .says("provisioned: failed");
    engine::podman(&["exec", &place.id("web"), "touch", "/go"]).exits(0);
    project.up();
    assert_eq!(project.record()["provisioned"], "ok");
    project.take_down();
}
