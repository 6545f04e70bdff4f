//! A project folder, the real program in it, and the proof that it left nothing.

use crate::place::Place;
use crate::said::Said;
use crate::{engine, host};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One project.
#[derive(Clone)]
pub struct Project<'a> {
    place: &'a Place,
    folder: PathBuf,
}

/// What a machine holds on the host while it is there.
pub struct Held {
    id: String,
    networks: Vec<String>,
    ports: Vec<u16>,
    control: Option<String>,
    volumes: Vec<String>,
}

impl<'a> Project<'a> {
    /// The project in a folder.
    pub fn new(place: &'a Place, folder: PathBuf) -> Self {
        Project { place, folder }
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Writes its configuration anew.
    pub fn write(&self, text: &str) {
        fs::write(self.folder.join(".env"), text).expect("its configuration");
    }

    /// Writes its configuration of several machines anew.
    pub fn write_kdl(&self, text: &str) {
        let text = format!("project {};\n{text}", self.name());
        fs::write(self.folder.join("vagrantp.kdl"), text).expect("its configuration");
    }

    fn name(&self) -> String {
        let folder = self.folder.file_name().expect("it has a name");
        self.place.id(&folder.to_string_lossy())
    }

    /// The id of one of its several machines.
    pub fn id_of(&self, machine: &str) -> String {
        format!("{}-{machine}", self.name())
    }

    /// The records of all of its machines.
    pub fn records(&self) -> Vec<Value> {
        let read = |path: &PathBuf| fs::read_to_string(path.join("record.json"));
        let texts = self
            .machine_folders()
            .iter()
            .map(read)
            .collect::<Result<Vec<_>, _>>();
        let texts = texts.expect("records").into_iter();
        texts
            .map(|text| serde_json::from_str(&text).expect("JSON"))
            .collect()
    }

    /// Changes its configuration.
    #[track_caller]
    pub fn change(&self, from: &str, to: &str) {
        let kdl = self.folder.join("vagrantp.kdl");
        let path = match kdl.exists() {
            true => kdl,
            false => self.folder.join(".env"),
        };
        let text = fs::read_to_string(&path).expect("its configuration");
        assert!(text.contains(from), "{from} is not in {text}");
        fs::write(path, text.replacen(from, to, 1)).expect("its configuration");
    }

    /// vagrantp in its folder, in an environment of its own.
    pub fn command(&self, words: &[&str]) -> Command {
        self.other_command(&program(), words)
    }

    /// Another program there, in the same environment.
    pub fn other_command(&self, program: &Path, words: &[&str]) -> Command {
        let mut command = engine::bare("timeout");
        let root = self.place.path();
        command
            .env("HOME", root.join("home"))
            .env("XDG_STATE_HOME", root.join("state"))
            .env("XDG_CACHE_HOME", root.join("cache"))
            .current_dir(&self.folder)
            .args(["--foreground", "--kill-after=5", "900"])
            .arg(program)
            .args(words);
        command
    }

    /// Runs vagrantp.
    #[track_caller]
    pub fn run(&self, words: &[&str]) -> Said {
        let output = self.command(words).output().expect("timeout is there");
        Said::of(format!("vagrantp {}", words.join(" ")), output)
    }

    /// Runs vagrantp with something on its stdin.
    #[track_caller]
    pub fn run_with(&self, words: &[&str], input: &[u8]) -> Said {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .expect("timeout is there");
        let mut stdin = child.stdin.take().expect("it is piped");
        let output = std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input));
            child.wait_with_output().expect("it ends")
        });
        Said::of(format!("vagrantp {}", words.join(" ")), output)
    }

    /// Brings the machine up.
    #[track_caller]
    pub fn up(&self) -> Said {
        self.run(&["up"]).exits(0)
    }

    /// Asks the guest; the answer without its line's end.
    #[track_caller]
    pub fn guest(&self, line: &str) -> String {
        self.run(&["ssh", "-c", line]).exits(0).word()
    }

    /// Its UUID, once something was made.
    pub fn uuid(&self) -> Option<String> {
        let text = fs::read_to_string(self.folder.join(".vagrantp/project.json")).ok()?;
        let kept: Value = serde_json::from_str(&text).ok()?;
        Some(kept["uuid"].as_str()?.to_owned())
    }

    /// Its own network's name.
    pub fn network(&self) -> String {
        let uuid = self.uuid().expect("it has a UUID").replace('-', "");
        format!("vagrantp-{}", &uuid[..12])
    }

    /// The folders that remember its machines.
    pub fn machine_folders(&self) -> Vec<PathBuf> {
        let Some(uuid) = self.uuid() else {
            return Vec::new();
        };
        let below = |path: &Path| -> Vec<PathBuf> {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).collect()
        };
        let files = below(&self.place.state().join("machines").join(uuid));
        files.iter().flat_map(|file| below(file)).collect()
    }

    /// The folder of its one machine.
    #[track_caller]
    pub fn machine_folder(&self) -> PathBuf {
        let mut folders = self.machine_folders();
        assert_eq!(folders.len(), 1, "{folders:?}");
        folders.remove(0)
    }

    /// Its machine's record.
    #[track_caller]
    pub fn record(&self) -> Value {
        let text = fs::read_to_string(self.machine_folder().join("record.json"));
        serde_json::from_str(&text.expect("a record")).expect("JSON")
    }

    /// Changes a word of its machine's record, as a killed vagrantp would have left it.
    #[track_caller]
    pub fn remember(&self, key: &str, value: &str) {
        let mut record = self.record();
        record[key] = value.into();
        let path = self.machine_folder().join("record.json");
        fs::write(path, record.to_string()).expect("a record");
    }

    /// Its machine's id.
    #[track_caller]
    pub fn id(&self) -> String {
        self.record()["id"].as_str().expect("an id").to_owned()
    }

    /// The host's port for a port of the machine.
    #[track_caller]
    pub fn host_port(&self, guest: u16) -> u16 {
        let record = self.record();
        let ports = record["networking"]["ports"].as_array().expect("a list");
        let port = ports.iter().find(|port| port["container_port"] == guest);
        port.expect("it is published")["host_port"]
            .as_u64()
            .expect("a port") as u16
    }

    /// The containers that bear its label, running or not.
    pub fn containers(&self) -> Vec<String> {
        let Some(uuid) = self.uuid() else {
            return Vec::new();
        };
        let label = format!("label=vagrantp.project={uuid}");
        let text = engine::ask(&["ps", "--all", "--filter", &label, "--format", "{{.Names}}"]);
        text.lines().map(str::to_owned).collect()
    }

    /// What its machine holds.
    #[track_caller]
    pub fn held(&self) -> Held {
        let record = self.record();
        let id = self.id();
        let ports = record["networking"]["ports"].as_array().expect("a list");
        let published = ports.iter().map(|port| &port["host_port"]);
        let ssh = [&record["access"]["port"]];
        let numbers = published.chain(ssh).filter_map(Value::as_u64);
        let networks = record["networking"]["networks"].as_array();
        let control = fs::read_to_string(self.machine_folder().join("ssh_config")).ok();
        let control = control.as_deref().and_then(|text| {
            let line = text
                .lines()
                .find_map(|line| line.trim().strip_prefix("ControlPath "))?;
            Some(line.trim_matches('"').to_owned())
        });
        let volumes = engine::inspect(&id, "{{range .Mounts}}{{.Name}} {{end}}");
        Held {
            networks: networks
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            ports: numbers.map(|port| port as u16).collect(),
            control,
            volumes: volumes.split_whitespace().map(str::to_owned).collect(),
            id,
        }
    }

    /// Removes the machine, and proves that it is gone.
    #[track_caller]
    pub fn take_down(&self) {
        let held = self.held();
        self.run(&["rm", "--force"]).exits(0);
        self.nothing_is_left(&held);
    }

    /// Asks the engine, the sockets, the processes and the disk for what a machine held.
    #[track_caller]
    pub fn nothing_is_left(&self, held: &Held) {
        assert_eq!(self.containers(), [""; 0]);
        assert!(!engine::has_container(&held.id));
        for network in &held.networks {
            let users = engine::podman(&[
                "ps",
                "--all",
                "--filter",
                &format!("network={network}"),
                "-q",
            ]);
            assert!(
                !engine::has_network(network) || !users.word().is_empty(),
                "{network} is left"
            );
        }
        for volume in &held.volumes {
            let there = engine::podman(&["volume", "exists", volume]).status == 0;
            assert!(!there, "the volume {volume} is left");
        }
        let kept = format!("localhost/vagrantp/kept:{}", held.id);
        assert!(!engine::has_image(&kept), "{kept} is left");
        for port in &held.ports {
            assert!(host::is_free(*port), "port {port} is still listened on");
        }
        if let Some(control) = &held.control {
            host::until("the end of the shared connection", || {
                host::processes_with(control).is_empty().then_some(())
            });
            assert!(!Path::new(control).exists(), "{control} is left");
        }
        assert_eq!(self.machine_folders(), Vec::<PathBuf>::new());
    }
}

/// The real program: the one cargo built, or the copy of it that another user can read.
fn program() -> PathBuf {
    let copy = std::env::var_os("VAGRANTP_TEST_PROGRAM");
    copy.map_or_else(|| env!("CARGO_BIN_EXE_vagrantp").into(), PathBuf::from)
}
