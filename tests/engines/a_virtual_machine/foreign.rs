//! A box as others make them: partitioned, booted by a boot loader of its own, with the key that everyone knows.

use super::nothing_is_left;
use crate::echo::{serve, tcp_carries};
use crate::engine::{self, virsh};
use crate::place::Place;
use crate::project::Project;
use crate::said::Said;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

const MAKE: &str = include_str!("../foreign_box.sh");

/// A machine of such a box, made of the one of ours that lies in the place's cache.
pub fn is_lived_in(place: &Place) {
    let id = place.id("foreign");
    let name = format!("org/{id}");
    let lines = format!(
        "INFRA_TYPE=vm\nPROVIDER=libvirt\nBOX={name}\nINFRA_ID={id}\nMEMORY=640M\nCPUS=1\nDISK_SIZE=6G\n\
         PORTS=auto:80\nSYNC=.:/workspace\n"
    );
    let project = place.verbatim("foreign", &lines);
    add(&project, place, &name);
    project.up().says(&name);

    assert_eq!(
        project.guest("hostname; findmnt -no SOURCE /; cat /workspace/.env | head -1"),
        format!("{id}\n/dev/vda1\nINFRA_TYPE=vm")
    );
    let root: u64 = project
        .guest("df -B1 --output=size / | tail -1")
        .trim()
        .parse()
        .unwrap();
    assert!(root > 5 << 30, "the root file system has {root} bytes");
    let used = project.run(&["box", "rm", &name]).exits(3);
    used.says(&format!(
        "[3102]: The box {name} is in use: the disk {id}.img stands on it"
    ));
    serve(&project, "80/tcp");
    tcp_carries(Ipv4Addr::LOCALHOST, project.host_port(80), 80);
    nobody_else_comes_in(&project);

    let network = project.network();
    project.run(&["stop", "--force"]).exits(0);
    assert_eq!(virsh(&["domstate", &id]).word(), "shut off");
    project.run(&["rm", "--force"]).exits(0);
    nothing_is_left_but_the_box(&project, &id, &network, &name);
}

fn add(project: &Project, place: &Place, name: &str) {
    let boxes = fs::read_dir(place.path().join("cache/vagrantp/boxes")).unwrap();
    let mut boxes = boxes.flatten().map(|entry| entry.path());
    let ours = boxes.find(|path| path.join("box.img").is_file()).unwrap();
    let file = place.path().join("foreign.box").display().to_string();
    engine::run(
        "sh",
        &["-c", MAKE, "sh", &ours.display().to_string(), &file],
    )
    .exits(0);
    let words = ["box", "add", "--name", name, &file];
    let output = project.other_command(Path::new("vagrant"), &words).output();
    Said::of("vagrant box add".to_owned(), output.unwrap()).exits(0);
}

/// The key that the box let in is public.
fn nobody_else_comes_in(project: &Project) {
    let config = project.run(&["ssh-config"]).exits(0).out();
    let host = config
        .lines()
        .find_map(|line| line.trim().strip_prefix("HostName "));
    let find = "cat /usr/share/rubygems-integration/all/gems/vagrant-*/keys/vagrant";
    let key = project.path().join("insecure");
    fs::write(&key, engine::run("sh", &["-c", find]).exits(0).out()).unwrap();
    engine::run("chmod", &["600", &key.display().to_string()]).exits(0);
    let options = "-oBatchMode=yes -oIdentitiesOnly=yes -oStrictHostKeyChecking=no -oUserKnownHostsFile=/dev/null -i";
    let mut words: Vec<&str> = options.split(' ').collect();
    let key = key.display().to_string();
    let target = format!("vagrant@{}", host.expect("an address"));
    words.extend([&*key, &target, "true"]);
    engine::run("ssh", &words)
        .exits(255)
        .says("Permission denied");
}

/// The base image stays for the next machine, until it is taken out.
fn nothing_is_left_but_the_box(project: &Project, id: &str, network: &str, name: &str) {
    let volume = name.replace('/', "-VAGRANTSLASH-");
    let in_pool = || {
        virsh(&["vol-list", "default"])
            .exits(0)
            .out()
            .contains(&volume)
    };
    assert!(in_pool());
    let out = project.run(&["box", "rm", name]).exits(0);
    out.says("is out of libvirt's pool");
    assert!(!in_pool());
    project.run(&["box", "rm", name]).exits(1).says("[1501]");
    nothing_is_left(project, id, network);
}
