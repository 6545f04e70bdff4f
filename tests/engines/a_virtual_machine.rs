//! Real virtual machines: Vagrant defines them, libvirt runs them. What is in them is asked of the guest, what is
//! left of them of libvirt and the host's disk. One test, since a guest takes its time to boot under emulation.

mod copied;
mod foreign;
mod services;
mod several;

use crate::echo::{tcp, tcp_carries, udp_carries};
use crate::engine::{self, virsh};
use crate::host::{is_free, is_root, until, within};
use crate::place::Place;
use crate::project::Project;
use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

fn state(id: &str) -> String {
    virsh(&["domstate", id]).word()
}

/// Nothing of machines whose ids begin so is in libvirt, and no network whose name holds this.
#[track_caller]
fn libvirt_has_none(prefix: &str, network: &str) {
    for words in [
        &["list", "--all", "--name"][..],
        &["vol-list", "default"],
        &["net-list", "--all", "--name"],
    ] {
        let said = virsh(words).exits(0).out();
        assert!(!said.contains(prefix) && !said.contains(network), "{said}");
    }
}

#[track_caller]
fn nothing_is_left(project: &Project, prefix: &str, network: &str) {
    libvirt_has_none(prefix, network);
    assert_eq!(project.machine_folders(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn is_lived_in_as_a_container_is() {
    let place = Place::new();
    one_from_an_env(&place);
    several::are_lived_in(&place);
    // A partitioned disk is no other to root.
    if !is_root() {
        foreign::is_lived_in(&place);
    }
    // The box is of this test's cache alone.
    let project = place.verbatim("boxes", "");
    project.run(&["box", "rm", "std/debian"]).exits(0);
    let volumes = virsh(&["vol-list", "default"]).exits(0).out();
    let box_of_ours = project.run(&["box", "ls"]).exits(0).out();
    assert!(
        !box_of_ours.contains("std/debian "),
        "{box_of_ours}\n{volumes}"
    );
}

/// A server on 80/tcp and 7/udp that comes with the guest.
const UNIT: &str = "[Service]\nExecStart=/usr/bin/python3 /home/vagrant/echo.py 80/tcp 7/udp\n\
                    [Install]\nWantedBy=multi-user.target\n";

#[track_caller]
fn serve_always(project: &Project) {
    let script = crate::echo::SERVER;
    let put = |path: &str, text: &str| {
        let line = format!("sudo tee {path} >/dev/null");
        project
            .run_with(&["ssh", "-c", &line], text.as_bytes())
            .exits(0);
    };
    put("/home/vagrant/echo.py", script);
    put("/etc/systemd/system/echo.service", UNIT);
    project.guest("sudo systemctl enable --now echo 2>&1");
}

fn one_from_an_env(place: &Place) {
    let id = place.id("vm");
    let lines = format!(
        "INFRA_TYPE=vm\nPROVIDER=libvirt\nINFRA_ID={id}\nMEMORY=768M\nCPUS=1\nDISK_SIZE=6G\n\
         PORTS=auto:80,auto:7/udp\nSYNC=.:/workspace\n"
    );
    let project = place.verbatim("vm", &lines);
    project.up().says("shared by virtiofs");
    assert_eq!(state(&id), "running");

    // What was written is so, inside.
    assert_eq!(
        project.guest("hostname; nproc; id -un"),
        format!("{id}\n1\nvagrant")
    );
    let memory: u64 = project
        .guest("awk '/MemTotal/ {print $2}' /proc/meminfo")
        .parse()
        .unwrap();
    assert!((600 << 10..769 << 10).contains(&memory), "{memory} KiB");
    let root: u64 = project
        .guest("df -B1 --output=size / | tail -1")
        .trim()
        .parse()
        .unwrap();
    assert!(root > 5 << 30, "the root file system has {root} bytes");

    // The key was known before the first packet: it is the one that the guest was given.
    let known = fs::read_to_string(project.machine_folder().join("known_hosts")).unwrap();
    let own = project.guest("cat /etc/ssh/ssh_host_ed25519_key.pub");
    let key = own.split_whitespace().nth(1).unwrap();
    assert!(known.contains(key), "{known} has not {key}");

    // The shared folder is one, and what the user writes there has the owner's number where that is a user's.
    fs::write(project.path().join("from-host"), "host\n").unwrap();
    assert_eq!(project.guest("cat /workspace/from-host"), "host");
    project.guest("sudo -n true; echo guest | if test -w /workspace; then tee /workspace/from-guest; else sudo tee /workspace/from-guest; fi");
    let written = fs::metadata(project.path().join("from-guest")).unwrap();
    assert_eq!(written.uid(), fs::metadata(project.path()).unwrap().uid());

    serve_always(&project);
    both_carry(&project);
    // From here on libvirt does the same for both, and each boot takes its time.
    if is_root() {
        forwards_come_back(&project);
        copied::is_provisioned(&project, &id);
    } else {
        stop_keeps(&project, &id);
        anew_keeps(&project, &id);
    }
    removed_behind_our_back(&project, &id);
}

#[track_caller]
fn both_carry(project: &Project) {
    let local = Ipv4Addr::LOCALHOST;
    until("an answer through the forwarded port", || {
        tcp(local, project.host_port(80))
    });
    tcp_carries(local, project.host_port(80), 80);
    udp_carries(local, project.host_port(7), 7);
}

fn forwards_come_back(project: &Project) {
    let boot = project.guest("cat /proc/sys/kernel/random/boot_id");
    project.run(&["ssh", "-c", "sudo systemctl reboot"]);
    within(Duration::from_secs(600), "the guest is back", || {
        let said = project.run(&["ssh", "-c", "cat /proc/sys/kernel/random/boot_id"]);
        (said.status == 0 && said.word() != boot).then_some(())
    });
    both_carry(project);
}

fn stop_keeps(project: &Project, id: &str) {
    project.guest("echo kept > ~/kept; sync");
    let port = project.host_port(80);
    project.run(&["stop"]).exits(0);
    assert_eq!(state(id), "shut off");
    assert!(is_free(port), "a stopped machine has no forwards");
    project.run(&["status"]).exits(0).says("stopped");
    let address = given_another_address(project);
    project.up();
    assert_eq!(project.record()["access"]["address"], *address);
    assert_eq!(project.guest("cat ~/kept"), "kept");
    both_carry(project);
}

/// When it boots again it is leased another address than it has a lease of.
fn given_another_address(project: &Project) -> String {
    let (record, network) = (project.record(), project.network());
    let mac = record["vm"]["macs"][&network].as_str().expect("its card");
    let before = record["access"]["address"].as_str().expect("its address");
    let (subnet, last) = before.rsplit_once('.').expect("four numbers");
    let address = format!("{subnet}.{}", if last == "77" { 78 } else { 77 });
    let leases = virsh(&["net-dhcp-leases", &network, "--mac", mac]).exits(0);
    assert!(leases.out().contains(before), "{}", leases.report());
    let host = format!("<host mac='{mac}' ip='{address}'/>");
    let words = ["net-update", &network, "add", "ip-dhcp-host", &host];
    virsh(&[&words[..], &["--live", "--config"]].concat()).exits(0);
    address
}

/// A machine that is written otherwise is made anew around its disk.
fn anew_keeps(project: &Project, id: &str) {
    project.change("DISK_SIZE=6G", "DISK_SIZE=7G");
    project.change("auto:7/udp", "auto:7/udp,auto:81");
    project.run(&["up"]).exits(3).says("--recreate");
    project
        .run(&["plan"])
        .exits(0)
        .says("installed kept")
        .says("nothing is lost");
    project.run(&["up", "--recreate"]).exits(0);
    assert_eq!(project.guest("cat ~/kept"), "kept");
    let root: u64 = project
        .guest("df -B1 --output=size / | tail -1")
        .trim()
        .parse()
        .unwrap();
    assert!(root > 6 << 30, "the root file system has {root} bytes");
    assert!(project.host_port(81) > 0);
    both_carry(project);
    assert!(!project.machine_folder().join("kept").exists());
    assert_eq!(state(id), "running");
}

fn removed_behind_our_back(project: &Project, id: &str) {
    let network = project.network();
    virsh(&["destroy", id]).exits(0);
    project.run(&["status"]).exits(0).says("stopped");
    turned_around(project, id);
    virsh(&["undefine", id, "--remove-all-storage"]).exits(0);
    project
        .run(&["status"])
        .exits(0)
        .says("not created")
        .says("removed by something else");
    project.run(&["rm", "--force"]).exits(0);
    nothing_is_left(project, id, &network);
    assert!(!engine::has_container(id));
}

/// Of another kind it is another machine: the old one is left over, and neither hides the other.
fn turned_around(project: &Project, id: &str) {
    let written = fs::read_to_string(project.path().join(".env")).unwrap();
    project.write(&format!(
        "INFRA_TYPE=container\nINFRA_ID={id}\nMEMORY=512M\nCPUS=1\n"
    ));
    project.run(&["plan"]).exits(0).says("left over (stopped)");
    project.up();
    assert!(engine::has_container(id));
    project
        .run(&["status"])
        .exits(0)
        .says("running")
        .says("left over");
    project
        .run(&["up"])
        .exits(3)
        .says("already exists (state: running)");
    assert_eq!(state(id), "shut off", "the old one is left as it is");
    project.write(&written);
}
