//! What stands in a `provision` node: files of variables, variables, tags, dry runs, and several in order.

use crate::engine;
use crate::place::Place;
use std::fs;

/// What is written beside a playbook wins over files of variables, and these over its own.
const SITE: &str = r#"- hosts: all
  gather_facts: false
  vars: {whom: nobody, port: none}
  tasks:
    - name: Say it
      copy:
        content: "{{ greeting }} {{ whom }} {{ port }}\n"
        dest: "/etc/{{ file }}"
      tags: say
    - name: Never without its tag
      copy: content=x dest=/etc/other
      tags: other
"#;

#[test]
fn what_stands_in_a_node_is_of_its_playbook_alone() {
    let place = Place::new();
    let id = place.id("web");
    let text = format!(
        r#"machine web {{
    id {id}
    container
    memory "512M"
    cpus 1
    provision "site.yml" {{
        vars-file "values/base.yml"
        vars-file "values/more.json"
        vars whom="{{{{ machine.name }}}}"
        only-tags say
    }}
    provision "again.yml" {{
        vars file=again greeting=hi port="80" whom=it
    }}
    provision "never.yml" {{
        dry-run
    }}
}}
"#
    );
    let project = place.kdl("web", &text);
    let path = project.path();
    fs::create_dir(path.join("values")).unwrap();
    fs::write(
        path.join("values/base.yml"),
        "greeting: hello\nport: 80\nfile: first\nwhom: somebody\n",
    )
    .unwrap();
    fs::write(path.join("values/more.json"), "{\"port\": 8080}").unwrap();
    fs::write(path.join("site.yml"), SITE).unwrap();
    let order = "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: After the first\n      command: test -e /etc/first\n      changed_when: false\n";
    let again = SITE.replacen("- hosts: all\n", &format!("{order}- hosts: all\n"), 1);
    fs::write(
        path.join("again.yml"),
        again.replace("      tags: other\n", ""),
    )
    .unwrap();
    fs::write(
        path.join("never.yml"),
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: Write\n      copy: content=x dest=/etc/never\n",
    )
    .unwrap();
    project.run(&["check"]).exits(0);
    let said = project.up();
    let said = said.says("site.yml  1 task, 1 changed");
    let said = said.says("again.yml  3 tasks, 2 changed");
    let said = said.says("never.yml  1 task, 1 would change");
    said.says("would change  web  Write");
    assert_eq!(project.guest("cat /etc/first"), "hello web 8080");
    assert_eq!(project.guest("cat /etc/again"), "hi it 80");
    project.guest("test ! -e /etc/never -a -e /etc/other");
    assert_eq!(project.record()["provisioned"], "ok");
    // Nothing waits for what only says what it would do.
    project.run(&["up"]).exits(3);

    // A file of variables, a variable and a tag are part of what is remembered, each of its own playbook.
    engine::podman(&["exec", &id, "rm", "/etc/other"]).exits(0);
    fs::write(path.join("values/more.json"), "{\"port\": 9090}").unwrap();
    project.run(&["plan"]).exits(0).says("site.yml (changed)");
    project.up().says("again.yml  unchanged since it went well");
    assert_eq!(project.guest("cat /etc/first"), "hello web 9090");
    project.change("only-tags say", "only-tags say other");
    project.up().says("site.yml  2 tasks, 1 changed");
    project.guest("test -e /etc/other");
    project.change("vars file=again greeting=hi", "vars file=again greeting=ho");
    project.up().says("site.yml  unchanged since it went well");
    assert_eq!(project.guest("cat /etc/again"), "ho it 80");

    // On the command line, for once.
    fs::write(path.join("values/more.json"), "{\"port\": 1}").unwrap();
    project.run(&["provision", "--tags", "say"]).exits(0);
    assert_eq!(project.guest("cat /etc/first"), "hello web 1");
    project.run(&["status"]).exits(0).says("provisioned: stale");
    project.take_down();
}

#[test]
fn the_first_that_fails_keeps_the_rest_from_its_turn() {
    let place = Place::new();
    let id = place.id("web");
    let text = format!(
        "machine web {{ id {id}; container; memory \"512M\"; cpus 1; provision \"one.sh\"; provision \"two.sh\"; provision \"three.sh\"; }}\n"
    );
    let project = place.kdl("web", &text);
    let write = |name: &str, text: &str| fs::write(project.path().join(name), text).unwrap();
    write("one.sh", "echo one >>/etc/order\n");
    write("two.sh", "exit 4\n");
    write("three.sh", "echo three >>/etc/order\n");
    let said = project.run(&["up"]).exits(7);
    said.says("script 'two.sh' returned non-zero exit code 4");
    assert_eq!(project.guest("cat /etc/order"), "one");
    write("two.sh", "echo two >>/etc/order\n");
    project.up().says("one.sh  unchanged since it went well");
    assert_eq!(project.guest("cat /etc/order"), "one\ntwo\nthree");
    project.take_down();
}
