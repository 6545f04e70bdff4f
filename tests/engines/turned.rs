//! A machine whose kind was turned around. A domain that never ran stands for the vm that it was: nothing boots.

use crate::engine::{inspect, virsh};
use crate::place::Place;
use crate::project::Project;
use serde_json::{Value, json};
use std::fs;

/// What libvirt has whose name begins so.
fn left_of(id: &str) -> Vec<String> {
    let said = virsh(&["list --all --name; vol-list default"])
        .exits(0)
        .out();
    let words = said.split_whitespace();
    let names = words.filter(|word| word.starts_with(id));
    names.map(str::to_owned).collect()
}

/// The machine as a vm beside the container that it is: a domain with a disk, and its record.
fn was_a_vm(project: &Project, id: &str) {
    let uuid = project.uuid().expect("it came up");
    let label = json!({"instance": id, "project": uuid, "folder": project.path(), "digest": "0"});
    let domain = format!(
        "<domain type='qemu'><name>{id}</name><title>vagrantp {label}</title>\
         <memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>"
    );
    let file = project.path().join("domain.xml");
    fs::write(&file, domain).unwrap();
    virsh(&["define", &file.display().to_string()]).exits(0);
    virsh(&["vol-create-as", "default", &format!("{id}.img"), "1M"]).exits(0);
    let mut record = project.record();
    record["infra_type"] = "vm".into();
    record["provider"] = "libvirt".into();
    record["stage"] = "stopped".into();
    record["engine_id"] = virsh(&["domuuid", id]).exits(0).word().into();
    let folder = project.machine_folder().with_file_name("_.vm");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("record.json"), Value::to_string(&record)).unwrap();
}

#[test]
fn recreate_takes_away_the_vm_that_a_container_was() {
    let place = Place::new();
    let project = place.project("turned", "");
    project.up();
    let id = project.id();
    let container = inspect(&id, "{{.Id}}");
    was_a_vm(&project, &id);
    project.run(&["status"]).exits(0).says("left over");
    project
        .run(&["plan"])
        .exits(0)
        .says("left over (stopped), up leaves it as it is")
        .says("`vagrantp up --recreate` replaces what is left over");
    project.run(&["up"]).exits(3);
    assert_eq!(left_of(&id).len(), 2, "nothing goes unasked");

    project
        .run(&["up", "--recreate"])
        .exits(0)
        .says("is turned from a vm into a container")
        .says("what is on the disks of the vm is lost");
    assert_eq!(left_of(&id), Vec::<String>::new());
    assert_eq!(project.machine_folders(), [project.machine_folder()]);
    assert_eq!(inspect(&id, "{{.Id}}"), container, "it ran as written");
    assert_eq!(project.guest("echo in"), "in");
    project.run(&["up", "--recreate"]).exits(3);
    let held = project.held();
    project.run(&["rm", "-f"]).exits(0);
    project.nothing_is_left(&held);
}
