//! VirtualBox, as far as it can be had here: the real Vagrant over a scripted `VBoxManage`, whose guests are
//! containers. VirtualBox itself was never run.

mod faults;

use crate::place::Place;
use crate::project::Project;
use crate::said::Said;
use crate::{engine, host};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// A host that has VirtualBox, and the box `vptest/box`. What runs on it when the test ends is removed.
struct VirtualBox {
    bin: PathBuf,
}

impl VirtualBox {
    fn new(place: &Place) -> Self {
        let bin = place.path().join("virtualbox");
        fs::create_dir_all(&bin).expect("a folder");
        let scripted = [
            (
                "VBoxManage",
                include_str!("../support/virtualbox/VBoxManage"),
            ),
            ("vagrant", include_str!("../support/virtualbox/vagrant")),
        ];
        for (name, text) in scripted {
            let path = bin.join(name);
            fs::write(&path, text).expect("a program");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it may run");
        }
        let kept = place
            .path()
            .join("home/.vagrant.d/boxes/vptest-VAGRANTSLASH-box/0/virtualbox");
        fs::create_dir_all(&kept).expect("a folder");
        for (name, text) in [
            ("metadata.json", r#"{"provider":"virtualbox"}"#),
            ("box.ovf", "<Envelope/>"),
            (
                "Vagrantfile",
                "Vagrant.configure('2') { |it| it.vm.base_mac = '080027000001' }\n",
            ),
        ] {
            fs::write(kept.join(name), text).expect("a file of the box");
        }
        let virtualbox = VirtualBox { bin };
        virtualbox.set("image", image());
        virtualbox.set("calls", "");
        virtualbox
    }

    /// Changes what it does: see `VBoxManage`.
    fn set(&self, name: &str, text: &str) {
        fs::write(self.bin.join(name), text).expect("it can be set");
    }

    fn unset(&self, name: &str) {
        fs::remove_file(self.bin.join(name)).expect("it was set");
    }

    /// vagrantp, with this VirtualBox first on its PATH.
    fn command(&self, project: &Project, words: &[&str]) -> Command {
        let mut command = project.command(words);
        let rest = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        command.env("PATH", format!("{}:{rest}", self.bin.display()));
        command
    }

    #[track_caller]
    fn run(&self, project: &Project, words: &[&str]) -> Said {
        let output = self
            .command(project, words)
            .output()
            .expect("timeout is there");
        Said::of(format!("vagrantp {}", words.join(" ")), output)
    }

    /// What was asked of the programs since the last time, a line a call.
    fn asked(&self) -> Vec<String> {
        let path = self.bin.join("calls");
        let text = fs::read_to_string(&path).expect("what was asked");
        fs::write(path, "").expect("it can be emptied");
        text.lines().map(str::to_owned).collect()
    }

    /// How often Vagrant was started since the last time.
    fn vagrants(&self) -> usize {
        let asked = self.asked();
        asked
            .iter()
            .filter(|line| line.starts_with("vagrant "))
            .count()
    }

    /// Its machines, as it keeps them itself.
    fn machines(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.bin.join("state.json")).unwrap_or("{}".into());
        let kept: serde_json::Map<_, _> = serde_json::from_str(&text).expect("JSON");
        kept.into_iter().map(|(_, machine)| machine).collect()
    }

    fn guests(&self) -> Vec<String> {
        let label = format!("label=vagrantp.scripted={}", self.bin.display());
        let text = engine::ask(&["ps", "--all", "--quiet", "--filter", &label]);
        text.lines().map(str::to_owned).collect()
    }

    /// Nothing is left of any machine.
    #[track_caller]
    fn is_empty(&self, project: &Project) {
        assert_eq!(self.machines(), [Value::Null; 0]);
        assert_eq!(self.guests(), [""; 0]);
        assert_eq!(project.machine_folders().len(), 0);
        assert!(!project.path().join(".vagrant").exists());
    }
}

impl Drop for VirtualBox {
    fn drop(&mut self) {
        for guest in self.guests() {
            engine::podman(&["rm", "--force", "--time", "0", &guest]);
        }
    }
}

/// The image of the guests: over the one that containers of ours are lived in.
fn image() -> &'static str {
    const NAME: &str = "localhost/vagrantp/scripted:virtualbox";
    static MADE: OnceLock<()> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = tempfile::TempDir::new().expect("a folder");
        for (name, text) in [
            (
                "Containerfile",
                include_str!("../support/virtualbox/Containerfile"),
            ),
            (
                "vagrant.pub",
                include_str!("../support/virtualbox/vagrant.pub"),
            ),
        ] {
            fs::write(folder.path().join(name), text).expect("a file");
        }
        let base = format!("BASE={}", Place::layer());
        let context = folder.path().display().to_string();
        engine::podman(&["build", "--tag", NAME, "--build-arg", &base, &context]).exits(0);
    });
    NAME
}

/// A project of one machine; `lines` follow from line 6 on.
fn project<'a>(place: &'a Place, name: &str, lines: &str) -> Project<'a> {
    let text =
        format!("INFRA_TYPE=vm\nPROVIDER=virtualbox\nBOX=vptest/box\nMEMORY=512M\nCPUS=1\n{lines}");
    place.verbatim(name, &text)
}

#[test]
fn the_life_of_a_machine() {
    let place = Place::new();
    let virtualbox = VirtualBox::new(&place);
    let port = host::free_ports(1);
    let project = project(
        &place,
        "web",
        &format!("PORTS={port}:8000\nPROVISIONING_PLAYBOOK=site.yml\n"),
    );
    let playbook = "- hosts: all\n  become: true\n  tasks:\n    - copy: {content: played, dest: /etc/played}\n";
    fs::write(project.path().join("site.yml"), playbook).unwrap();
    virtualbox
        .run(&project, &["up"])
        .exits(0)
        .says("is running");
    assert_eq!(virtualbox.vagrants(), 1);

    // It is as written, and knows whose it is.
    let id = project.id();
    let machines = virtualbox.machines();
    let [machine] = &machines[..] else {
        panic!("{machines:?}");
    };
    assert_eq!(
        (&machine["name"], &machine["memory"]),
        (&Value::from(&*id), &"512".into())
    );
    let label = machine["description"].as_str().unwrap();
    assert!(label.contains(&project.uuid().unwrap()), "{label}");

    // From here on nothing starts Vagrant: what is asked is asked of VBoxManage, and ssh asks nobody.
    let status = virtualbox.run(&project, &["status"]).exits(0);
    assert!(status.out().contains("running"), "{}", status.out());
    virtualbox.run(&project, &["ls"]).exits(0).says(&id);
    virtualbox.run(&project, &["up"]).exits(3);
    let asked = virtualbox.asked();
    assert!(
        asked.iter().all(|line| line.starts_with("VBoxManage ")),
        "{asked:?}"
    );
    assert!(asked.len() <= 6, "{asked:?}");
    let guest = |line: &str| {
        virtualbox
            .run(&project, &["ssh", "-c", line])
            .exits(0)
            .word()
    };
    assert_eq!(
        guest("id -un; cat /etc/played; echo; hostname"),
        format!("vagrant\nplayed\n{id}")
    );
    assert_eq!(virtualbox.asked(), [""; 0]);

    // A copy of it is played on, and goes.
    let said = virtualbox.run(&project, &["provision", "--isolated"]);
    said.exits(0).says(&format!("vm {id}-isolated"));
    assert_eq!(
        (virtualbox.machines().len(), virtualbox.guests().len()),
        (1, 1)
    );
    virtualbox.asked();

    // Only the machine's own key leads in, and only its own host key is taken for it.
    let keys = guest("cat .ssh/authorized_keys");
    assert!(
        !keys.contains("insecure") && keys.lines().count() == 1,
        "{keys}"
    );
    let known = fs::read_to_string(project.machine_folder().join("known_hosts")).unwrap();
    let own = guest("cut -d' ' -f2 /etc/ssh/ssh_host_ed25519_key.pub");
    assert!(known.contains(&own), "{known}\n{own}");

    // The published port leads in.
    guest("echo hello >kept; nohup python3 -m http.server 8000 >/dev/null 2>&1 &");
    let page = host::until("an answer", || {
        let said = engine::run("curl", &["-s", &format!("http://127.0.0.1:{port}/kept")]);
        (said.status == 0).then(|| said.word())
    });
    assert_eq!(page, "hello");

    // Stopped by its power button, then by the plug; data is kept, and so is the way in.
    virtualbox.run(&project, &["stop"]).exits(0);
    assert!(
        virtualbox
            .asked()
            .iter()
            .any(|line| line.ends_with("acpipowerbutton"))
    );
    virtualbox.run(&project, &["stop"]).exits(1);
    let status = virtualbox.run(&project, &["status"]).exits(0);
    assert!(status.out().contains("stopped"), "{}", status.out());
    virtualbox.run(&project, &["start"]).exits(0);
    assert_eq!(guest("cat kept"), "hello");
    virtualbox.run(&project, &["stop", "--force"]).exits(0);
    let asked = virtualbox.asked();
    assert!(
        !asked.iter().any(|line| line.ends_with("acpipowerbutton")),
        "{asked:?}"
    );

    // What it is started with may change meanwhile.
    project.change("512M", "768M");
    virtualbox.run(&project, &["up"]).exits(0);
    assert_eq!(virtualbox.machines()[0]["memory"], "768");
    assert_eq!(guest("cat kept"), "hello");
    assert_eq!(virtualbox.vagrants(), 0);

    // Anew: nothing of the old one, under the same name.
    project.change(&format!("{port}:8000"), &format!("{port}:8001"));
    virtualbox
        .run(&project, &["up"])
        .exits(3)
        .says("--recreate` (what is in it is lost)");
    let plan = virtualbox.run(&project, &["plan"]).exits(0);
    plan.says("what is in it is lost");
    virtualbox.run(&project, &["up", "--recreate"]).exits(0);
    virtualbox
        .run(&project, &["ssh", "-c", "cat kept"])
        .exits(1);
    assert_eq!(
        (virtualbox.machines().len(), virtualbox.guests().len()),
        (1, 1)
    );
    assert_eq!(project.id(), id);

    virtualbox.asked();
    virtualbox.run(&project, &["rm", "-y"]).exits(0);
    assert_eq!(virtualbox.vagrants(), 0);
    virtualbox.is_empty(&project);
    assert!(host::is_free(port));
    virtualbox.run(&project, &["rm"]).exits(1);
}

#[test]
fn several_come_up_at_once_and_folders_of_one_name_do_not_meet() {
    let place = Place::new();
    let virtualbox = VirtualBox::new(&place);
    let vm = r#"{ vm "vptest/box"; provider virtualbox; memory "512M"; cpus 1; }"#;
    let env = r#"env A="b \"c\" $d" SECRET="{{ env.A_SECRET }}"; }"#;
    let web = vm.replace('}', env);
    let text = format!("machine web {web}\nmachine db {vm}\n");
    let one = place.kdl("one/shop", &text);
    let two = place.kdl("two/shop", &text.replacen("machine db", "machine cache", 1));
    for project in [&one, &two] {
        fs::write(project.path().join(".env"), "A_SECRET=hush\n").unwrap();
    }
    let mut beside = virtualbox
        .command(&two, &["up"])
        .spawn()
        .expect("timeout is there");
    virtualbox.run(&one, &["up"]).exits(0);
    assert!(beside.wait().expect("it ends").success());
    let asked = virtualbox.asked();
    let vagrants = asked.iter().filter(|line| line.starts_with("vagrant "));
    assert_eq!(vagrants.count(), 4);
    let place_of = |word: &str, last: bool| match last {
        true => asked.iter().rposition(|line| line.starts_with(word)),
        false => asked.iter().position(|line| line.starts_with(word)),
    };
    // The last was begun before the first had started.
    assert!(
        place_of("vagrant ", true) < place_of("VBoxManage startvm", false),
        "{asked:#?}"
    );

    let mut names: Vec<String> = one
        .records()
        .into_iter()
        .chain(two.records())
        .map(|record| record["id"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 4, "{names:?}");
    for (project, machine) in [(&one, "web"), (&one, "db"), (&two, "web"), (&two, "cache")] {
        let said = virtualbox
            .run(project, &["ssh", machine, "-c", "hostname"])
            .exits(0);
        assert!(said.word().contains(machine), "{}", said.report());
    }
    let line = "printf '%s|' \"$A\" \"$SECRET\"; ls /tmp";
    let said = virtualbox.run(&one, &["ssh", "web", "-c", line]).exits(0);
    assert_eq!(said.word(), "b \"c\" $d|hush|");
    let state = place.state().display().to_string();
    engine::run("grep", &["-rl", "hush", &state]).exits(1);

    virtualbox.run(&one, &["rm", "-y", "--force"]).exits(0);
    assert_eq!(virtualbox.machines().len(), 2);
    virtualbox.run(&two, &["rm", "-y", "--force"]).exits(0);
    virtualbox.is_empty(&one);
    virtualbox.is_empty(&two);
}
