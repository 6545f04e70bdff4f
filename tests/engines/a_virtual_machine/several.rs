//! Several machines of one file: networks, names, further disks, a bridge, and one that becomes a container.

use super::{nothing_is_left, services, state};
use crate::engine::{self, virsh};
use crate::host::is_root;
use crate::place::Place;
use crate::project::Project;
use crate::said::Said;
use std::fs;
use std::io::Read;
use std::net::TcpStream;

pub(super) fn are_lived_in(place: &Place) {
    let bridge = is_root().then(Bridge::new);
    let subnet = 100 + std::process::id() % 100;
    let at = |host: u32| format!("10.98.{subnet}.{host}");
    let bridged = match &bridge {
        Some(bridge) => format!(
            "network bridge interface={} ip=\"{}\"",
            bridge.0,
            bridge.at(9)
        ),
        None => String::new(),
    };
    // Playbooks do the same for every user: real ones run once.
    let (web, db) = match is_root() {
        true => (services::WEB, services::DATABASE),
        false => ("", ""),
    };
    let text = format!(
        r#"defaults {{ vm "std/debian"; provider libvirt; memory "640M"; cpus 1; disk-size "5G" }}
network front
network backend {{ subnet "{}/24" }}
machine web {{
    network front
    network backend ip="{}"
    depends-on db
    extra-disk data size="1G"
    env GREETING="héllo $HOME"
    provision "site.yml"
    {web}
}}
machine db {{
    network backend ip="{}"
    {bridged}
    {db}
}}
"#,
        at(0),
        at(5),
        at(6)
    );
    let project = place.fleet("fleet", &text);
    let play = "- hosts: web\n  tasks:\n    - copy: { dest: /home/vagrant/provisioned, content: \"yes\\n\" }\n";
    fs::write(project.path().join("site.yml"), play).unwrap();
    if is_root() {
        services::written(&project);
        project.run(&["up", "--no-provision"]).exits(0);
        services::get_packages(&project);
    }
    project.up();
    if is_root() {
        services::serves(&project);
    }
    let network = project.network();
    let guest =
        |machine: &str, line: &str| project.run(&["ssh", machine, "-c", line]).exits(0).word();

    assert_eq!(
        guest("web", "cat provisioned; printenv GREETING"),
        "yes\nhéllo $HOME"
    );
    let addresses = guest("web", "ip -br -4 a");
    assert!(addresses.contains(&at(5)), "{addresses}");
    let reach = format!(
        "timeout 9 bash -c 'exec 3<>/dev/tcp/{}/22; head -1 <&3'",
        at(6)
    );
    let found = guest("web", "getent ahostsv4 db | head -1");
    assert!(found.starts_with(&at(6)), "by name: {found}");
    assert!(
        guest("web", &reach).starts_with("SSH-2.0"),
        "machines of a network reach each other"
    );
    guest(
        "web",
        "findmnt -n /mnt/data && echo x | sudo tee /mnt/data/x && sync",
    );
    if let Some(bridge) = &bridge {
        let mut stream =
            TcpStream::connect((bridge.at(9).as_str(), 22)).expect("the bridge leads to it");
        let mut banner = [0; 7];
        stream.read_exact(&mut banner).expect("sshd says who it is");
        assert_eq!(&banner, b"SSH-2.0");
    }
    let status = project.run(&["status"]).exits(0).out();
    assert_eq!(status.matches("running").count(), 2, "{status}");
    // A bridge is only root's.
    if bridge.is_none() {
        further_disks_are_kept(&project);
        turned_by_a_profile(&project);
    }
    project.run(&["rm", "--force"]).exits(0);
    nothing_is_left(&project, &project.id_of(""), &network);
    assert!(!engine::has_container(&project.id_of("web")));
}

/// Under a profile that turns it around, the container takes the place of the vm: of that nothing stays, and what it
/// loses is told at its lines.
fn turned_by_a_profile(project: &Project) {
    let path = project.path().join("vagrantp.kdl");
    let text = fs::read_to_string(&path).unwrap();
    let light = "profile light { machine web { container; network; }; }\n";
    fs::write(path, text + light).unwrap();
    let id = project.id_of("web");
    let light = ["web", "--profile", "light", "--no-deps", "--no-provision"];
    let lost = |said: Said| {
        said.says("[3006]: 'web' is turned from a vm into a container")
            .says("only a vm has it")
    };
    let plan = ["up", "--dry-run", "--recreate"];
    lost(project.run(&[&plan[..], &light].concat()).exits(0)).says("kind vm → container");
    assert_eq!(state(&id), "running", "a plan does nothing");
    lost(
        project
            .run(&[&["up", "--recreate"], &light[..]].concat())
            .exits(0),
    );
    assert!(engine::has_container(&id));
    let left = [
        "list --all --name",
        "vol-list default",
        "net-list --all --name",
    ];
    let left = virsh(&[&left.join("; ")]).exits(0).out();
    assert!(!left.contains(&id), "of the vm there is still: {left}");
    let folders = project.machine_folders();
    assert!(
        folders.iter().all(|folder| !folder.ends_with("web.vm")),
        "{folders:?}"
    );
    let status = project.run(&["status"]).exits(0).out();
    assert_eq!(status.matches("left over").count(), 0, "{status}");
    // What goes with the vm takes nothing from the others.
    let db = project.run(&["ssh", "db", "-c", "echo in"]).exits(0);
    assert_eq!(db.word(), "in");
}

fn further_disks_are_kept(project: &Project) {
    let change = |from: &str, to: &str| {
        let path = project.path().join("vagrantp.kdl");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replace(from, to)).unwrap();
    };
    change("extra-disk data", "// extra-disk data");
    project
        .run(&["plan"])
        .exits(0)
        .says("what is in it is lost");
    change(
        "// extra-disk data size=\"1G\"",
        "extra-disk data size=\"2G\"",
    );
    project
        .run(&["plan"])
        .exits(0)
        .says("extra-disk")
        .says("nothing is lost");
    project.run(&["up", "web", "--recreate"]).exits(0);
    let inside = "cat /mnt/data/x; df -B1 --output=size /mnt/data | tail -1";
    let said = project.run(&["ssh", "web", "-c", inside]).exits(0).word();
    let (kept, size) = said.split_once('\n').expect("two lines");
    assert_eq!(kept, "x");
    let size: u64 = size.trim().parse().unwrap();
    assert!(size > 3 << 29, "it grew to {size} bytes");
}

/// A bridge of the host's, for as long as it is needed.
struct Bridge(String);

impl Bridge {
    fn new() -> Self {
        let name = format!("vpbr{}", std::process::id() % 100_000);
        let bridge = Bridge(name);
        let ip = |words: &[&str]| engine::run("ip", words).exits(0);
        ip(&["link", "add", &bridge.0, "type", "bridge"]);
        ip(&[
            "address",
            "add",
            &format!("{}/24", bridge.at(1)),
            "dev",
            &bridge.0,
        ]);
        ip(&["link", "set", &bridge.0, "up"]);
        bridge
    }

    fn at(&self, host: u32) -> String {
        format!("10.99.{}.{host}", std::process::id() % 200)
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        engine::run("ip", &["link", "delete", &self.0]);
    }
}
