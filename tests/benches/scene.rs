//! A project of its own, and the same machine made by hand.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// One container, with everything that is remembered of it in a folder that goes away.
pub struct Scene {
    folder: TempDir,
    id: String,
}

impl Scene {
    /// A project with one container of the stdlib image.
    pub fn new() -> Self {
        let id = format!("bench-{}", std::process::id());
        let text = format!("INFRA_TYPE=container\nINFRA_ID={id}\nMEMORY=512M\nCPUS=1\n");
        Self::with(id, ".env", &text)
    }

    /// A project with this many containers of the stdlib image.
    pub fn fleet(count: usize) -> Self {
        let name = format!("fleet-{}", std::process::id());
        let text = format!(
            "project {name}\nmachine node {{\n    count {count}\n    container\n    memory \"512M\"\n    cpus 1\n}}\n"
        );
        Self::with(format!("{name}-node-1"), "vagrantp.kdl", &text)
    }

    /// A project with one container and a playbook, with the files that it needs beside it.
    pub fn provisioned(playbook: &str, files: &[(&str, &str)]) -> Self {
        let id = format!("bench-{}-site", std::process::id());
        let text = format!(
            "INFRA_TYPE=container\nINFRA_ID={id}\nMEMORY=512M\nCPUS=1\nPROVISIONING_PLAYBOOK=site.yml\n"
        );
        let scene = Self::with(id, ".env", &text);
        for (name, text) in files.iter().chain(&[("site.yml", playbook)]) {
            fs::write(scene.project().join(name), text).expect("our own folder");
        }
        scene
    }

    /// A project with one virtual machine.
    pub fn guest() -> Self {
        let id = format!("bench-{}-guest", std::process::id());
        let text =
            format!("INFRA_TYPE=vm\nPROVIDER=libvirt\nBOX=org/{id}\nINFRA_ID={id}\nMEMORY=768M\n");
        Self::with(id, ".env", &text)
    }

    /// The box of that machine, which is none of ours.
    pub fn guest_box(&self) -> String {
        format!("org/{}", self.id)
    }

    /// The folder of our own box, once it is built.
    pub fn box_folder(&self) -> PathBuf {
        let boxes = fs::read_dir(self.folder.path().join("cache/vagrantp/boxes"));
        let mut boxes = boxes.into_iter().flatten().flatten();
        let built = boxes.find(|entry| entry.path().join("box.img").is_file());
        built.expect("it was built").path()
    }

    /// A project of `count` machines, to be read and not to be made.
    pub fn text(count: usize) -> Self {
        let mut text = String::from("project many\n\ndefaults {\n    memory \"1G\"\n}\n");
        for index in 0..count {
            let port = 20_000 + index;
            text.push_str(&format!(
                "\nmachine m{index} {{\n    container \"debian:12\"\n    cpus 1\n    ports \"{port}:80\"\n    env NAME=\"{{{{ machine.name }}}}\"\n}}\n"
            ));
        }
        Self::with("many".into(), "vagrantp.kdl", &text)
    }

    fn with(id: String, file: &str, text: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let project = folder.path().join("project");
        fs::create_dir(&project).expect("our own folder");
        fs::write(project.join(file), text).expect("our own folder");
        Scene { folder, id }
    }

    /// A file in a folder of this scene's own.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("our own folder");
        path
    }

    fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// A command in the project.
    pub fn within(&self, mut command: Command) -> Command {
        command.current_dir(self.project());
        command
    }

    /// An inventory of the machine, as someone would write it by hand.
    pub fn inventory(&self) -> PathBuf {
        let machine = self.machine();
        let record = fs::read_to_string(machine.join("record.json")).expect("the machine was made");
        let record: serde_json::Value = serde_json::from_str(&record).expect("JSON");
        let (port, key) = (&record["access"]["port"], machine.join("key"));
        let known = machine.join("known_hosts");
        let line = format!(
            "{id} ansible_host=127.0.0.1 ansible_port={port} ansible_user=root ansible_ssh_private_key_file={} ansible_ssh_common_args='-o HostKeyAlias={id} -o UserKnownHostsFile={}'\n",
            key.display(),
            known.display(),
            id = self.id,
        );
        self.file("hosts", &line)
    }

    /// The Vagrantfile that its machine was made by.
    pub fn vagrantfile(&self) -> String {
        let file = self.machine().join("vagrant/Vagrantfile");
        fs::read_to_string(file).expect("it is a virtual machine that was made")
    }

    /// A folder of this scene's own.
    pub fn folder(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir(&path).expect("our own folder");
        path
    }

    /// `vagrantp` with these words, in the project.
    pub fn vagrantp(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vagrantp"));
        command
            .args(words)
            .current_dir(self.project())
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("XDG_CACHE_HOME", self.folder.path().join("cache"));
        command
    }

    /// The machine's own folder.
    fn machine(&self) -> PathBuf {
        fn find(folder: &Path) -> Option<PathBuf> {
            for entry in fs::read_dir(folder).ok()?.flatten() {
                let path = entry.path();
                if path.join("record.json").exists() {
                    return Some(path);
                }
                if let Some(found) = find(&path) {
                    return Some(found);
                }
            }
            None
        }
        find(&self.folder.path().join("state")).expect("the machine was made")
    }

    /// ssh without the shared connection.
    pub fn raw_ssh(&self) -> Command {
        let mut command = Command::new("ssh");
        command
            .arg("-F")
            .arg(self.machine().join("ssh_config"))
            .args(["-o", "ControlPath=none", "-o", "ControlMaster=no"])
            .args([&self.id, "true"]);
        command
    }

    /// The same machine, as someone would make it by hand: its image, keys and limits.
    pub fn by_hand(&self) -> ByHand {
        self.by_hands(1).pop().expect("one was asked for")
    }

    /// So many of them.
    pub fn by_hands(&self, count: usize) -> Vec<ByHand> {
        let asked = Command::new("podman")
            .args(["inspect", "--format", "{{.ImageName}}", &self.id])
            .output()
            .expect("podman is there");
        let image = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
        let keys = self.folder.path().join("by-hand");
        fs::create_dir(&keys).expect("our own folder");
        let machine = self.machine();
        for name in ["host_key", "authorized_keys"] {
            fs::copy(machine.join("keys").join(name), keys.join(name)).expect("the keys are there");
        }
        fs::copy(machine.join("key"), keys.join("key")).expect("the key is there");
        let bound: Vec<TcpListener> = (0..count)
            .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port is free"))
            .collect();
        let port = |socket: &TcpListener| socket.local_addr().expect("it is bound").port();
        let hands = bound.iter().enumerate().map(|(index, socket)| ByHand {
            name: format!("{}-by-hand-{index}", self.id),
            image: image.clone(),
            keys: keys.clone(),
            port: port(socket),
        });
        hands.collect()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = quiet(self.vagrantp(&["rm", "--force"])).status();
    }
}

/// A container made by hand.
pub struct ByHand {
    name: String,
    image: String,
    keys: PathBuf,
    port: u16,
}

impl ByHand {
    /// `podman run -d`, and ssh until it answers.
    pub fn up(&self) {
        let mount = format!(
            "type=bind,src={},dst=/run/vagrantp,ro=true",
            self.keys.display()
        );
        let publish = format!("127.0.0.1:{}:22", self.port);
        let mut run = Command::new("podman");
        run.args(["run", "-d", "--pull=never", "--name", &self.name])
            .args(["--memory", "512m", "--cpus", "1", "-p", &publish])
            .args(["--mount", &mount, "-e", "VP_USER=root", &self.image]);
        must(run);
        self.reach();
    }

    /// The same as a service of a Compose file.
    pub fn service(&self) -> String {
        format!(
            "  {}:\n    image: {}\n    mem_limit: 512m\n    cpus: 1\n    ports: [\"127.0.0.1:{}:22\"]\n    volumes: [\"{}:/run/vagrantp:ro\"]\n    environment: [\"VP_USER=root\"]\n",
            self.name,
            self.image,
            self.port,
            self.keys.display()
        )
    }

    /// `podman start`, and ssh until it answers.
    pub fn start(&self) {
        let mut start = Command::new("podman");
        start.args(["start", &self.name]);
        must(start);
        self.reach();
    }

    /// `podman stop`.
    pub fn stop(&self) {
        let mut stop = Command::new("podman");
        stop.args(["stop", &self.name]);
        must(stop);
    }

    fn reach(&self) {
        let began = Instant::now();
        while !quiet(self.ssh())
            .status()
            .is_ok_and(|status| status.success())
        {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "ssh never answers"
            );
        }
    }

    fn ssh(&self) -> Command {
        let mut ssh = Command::new("ssh");
        ssh.arg("-i")
            .arg(self.keys.join("key"))
            .args([
                "-F",
                "/dev/null",
                "-o",
                "BatchMode=yes",
                "-o",
                "StrictHostKeyChecking=no",
            ])
            .args([
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-p",
                &self.port.to_string(),
            ])
            .args(["root@127.0.0.1", "true"]);
        ssh
    }

    /// Away with it.
    pub fn remove(&self) {
        let mut remove = Command::new("podman");
        remove.args(["rm", "--force", "--ignore", "--time", "0", &self.name]);
        let _ = quiet(remove).status();
    }
}

impl Drop for ByHand {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Runs a command that must succeed.
pub fn must(mut command: Command) {
    let out = command.stdin(Stdio::null()).output().expect("it starts");
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{command:?}: {said}");
}

/// A command whose words nobody reads.
pub fn quiet(mut command: Command) -> Command {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}
