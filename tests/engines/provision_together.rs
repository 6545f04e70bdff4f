//! Several machines: one inventory with groups, plays across machines, and one run a rank.

use crate::place::Place;
use std::fs;

const DATA: &str = r#"- hosts: tag-data
  gather_facts: false
  tasks:
    - name: Play a part
      copy: content="{{ part }}\n" dest=/etc/part
"#;

const FRONT: &str = r#"- hosts: tag-front
  gather_facts: false
  tasks:
    - name: Who is there
      copy:
        content: "{{ groups['all'] | sort | join(' ') }} / {{ ansible_play_hosts | sort | join(' ') }}\n"
        dest: /etc/seen
    - name: Ask the database
      command: cat /etc/part
      delegate_to: "{{ groups['tag-data'] | first }}"
      register: part
      changed_when: false
    - name: Only on one
      command: "false"
      when: inventory_hostname == 'node-2' and fails | bool
    - name: Note it
      copy: content="{{ part.stdout }}\n" dest=/etc/asked
"#;

#[test]
fn a_rank_is_one_run_that_sees_all_who_were_reached() {
    let place = Place::new();
    let machine = "memory \"512M\"; cpus 1;";
    let project = place.fleet(
        "shop",
        &format!(
            r#"
machine db {{ container; {machine} tags data; provision "data.yml" {{ vars part="it's {{% raw %}}{{{{ x }}}}{{% endraw %}}"; }}; }}
machine node {{ count 2; container; {machine} tags front; depends-on db; provision "front.yml" {{ vars fails="no"; }}; }}
"#
        ),
    );
    fs::write(project.path().join("data.yml"), DATA).unwrap();
    fs::write(project.path().join("front.yml"), FRONT).unwrap();
    project.up();
    for node in ["node-1", "node-2"] {
        let guest = |line: &str| project.run(&["ssh", node, "-c", line]).exits(0).out();
        assert_eq!(guest("cat /etc/seen"), "db node-1 node-2 / node-1 node-2\n");
        assert_eq!(guest("cat /etc/asked"), "it's {{ x }}\n");
    }
    project.change("fails=\"no\"", "fails=\"yes\"");
    let said = project.run(&["up", "--json"]).exits(7).json();
    let results = said["results"].as_array().expect("rows");
    let of =
        |name: &str| results.iter().find(|row| row["machine"] == name).unwrap()["result"].clone();
    assert_eq!(of("node-1"), "provisioned");
    assert_eq!(of("node-2"), "failed");
    assert_eq!(said["errors"].as_array().map(Vec::len), Some(1));
    assert_eq!(said["error"]["line"], 13);
    // One that went well is not run again with the other.
    let again = project.run(&["up"]).exits(7).says("node-2");
    assert!(!again.err.contains("node-1  "), "{}", again.report());
    project.run(&["rm", "--force"]).exits(0);
}
