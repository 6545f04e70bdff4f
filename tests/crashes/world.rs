//! A home, a state folder and a project of a test's own, and vagrantp run in it.

use crate::processes;
use crate::turn::{AT_ONCE, Turn};
use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than anything takes here on a busy host; only failures wait for it.
pub const LONG: Duration = Duration::from_secs(600);

/// Everything that a test touches; gone with it.
pub struct World {
    home: tempfile::TempDir,
    name: String,
    _turn: Turn,
}

/// What came of a command.
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

impl World {
    /// A world with one project, whose machine is named after the test.
    pub fn new(test: &str) -> Self {
        World::with(test, Turn::take(1))
    }

    /// The same, while no other test uses the engine.
    pub fn alone(test: &str) -> Self {
        World::with(test, Turn::take(AT_ONCE))
    }

    fn with(test: &str, turn: Turn) -> Self {
        let home = tempfile::Builder::new().prefix("vpc").tempdir().unwrap();
        let world = World {
            name: format!("crash-{test}-{}", std::process::id()),
            home,
            _turn: turn,
        };
        for folder in ["state", "cache", "run", "home", "projects"] {
            fs::create_dir(world.home.path().join(folder)).unwrap();
        }
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(world.home.path().join("run"), private).unwrap();
        // Not by XDG_CONFIG_HOME: with that and a short storage.conf, Podman 4.3 cannot commit.
        fs::create_dir(world.home.path().join("home/.config")).unwrap();
        let containers = format!("{}/.config/containers", real_home());
        let linked = world.home.path().join("home/.config/containers");
        std::os::unix::fs::symlink(containers, linked).unwrap();
        fs::create_dir(world.project()).unwrap();
        world.write("INFRA_TYPE=container\nMEMORY=512M\nCPUS=1\n");
        world
    }

    /// The machine's id, as long as the folder keeps its first name.
    pub fn id(&self) -> &str {
        &self.name
    }

    pub fn project(&self) -> PathBuf {
        self.projects().join(&self.name)
    }

    pub fn projects(&self) -> PathBuf {
        self.home.path().join("projects")
    }

    pub fn state_home(&self) -> PathBuf {
        self.home.path().join("state")
    }

    pub fn state(&self) -> PathBuf {
        self.state_home().join("vagrantp")
    }

    /// Everything below it is this test's alone.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where the control sockets are.
    pub fn runtime(&self) -> PathBuf {
        match root() {
            true => self.home.path().join("run"),
            // Rootless Podman lives in the real one.
            false => std::env::var_os("XDG_RUNTIME_DIR").map_or_else(
                || format!("/run/user/{}", rustix::process::geteuid().as_raw()).into(),
                Into::into,
            ),
        }
    }

    /// Writes the project's `.env`.
    pub fn write(&self, text: &str) {
        fs::write(self.project().join(".env"), text).unwrap();
    }

    /// A command of vagrantp in the project.
    pub fn vagrantp(&self, args: &[&str]) -> Command {
        self.vagrantp_in(&self.project(), args)
    }

    pub fn vagrantp_in(&self, folder: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(processes::program());
        command.args(args).current_dir(folder);
        self.shape(&mut command);
        command
    }

    /// Gives a command this world's environment.
    pub fn shape(&self, command: &mut Command) {
        let real = real_home();
        let folder = |name: &str| self.home.path().join(name);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .env("TERM", "dumb")
            .env("HOME", folder("home"))
            .env("XDG_STATE_HOME", folder("state"))
            .env("XDG_CACHE_HOME", folder("cache"))
            .env("XDG_RUNTIME_DIR", self.runtime())
            // The images are in the real user's storage.
            .env("XDG_DATA_HOME", format!("{real}/.local/share"))
            .stdin(Stdio::null());
    }

    /// Runs vagrantp to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        run(&mut self.vagrantp(args))
    }

    pub fn run_in(&self, folder: &Path, args: &[&str]) -> Ran {
        run(&mut self.vagrantp_in(folder, args))
    }

    /// Runs vagrantp, which must succeed.
    pub fn must(&self, args: &[&str]) -> Ran {
        let ran = self.run(args);
        assert_eq!(ran.status, 0, "vagrantp {args:?}: {ran}");
        ran
    }

    /// Starts vagrantp in a process group of its own, as a shell does.
    pub fn start(&self, args: &[&str]) -> Started {
        Started::of(&mut self.vagrantp(args), self.home.path())
    }

    /// The machine's record, or nothing.
    pub fn record(&self) -> Option<serde_json::Value> {
        let path = self.record_path()?;
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// The one record's file.
    pub fn record_path(&self) -> Option<PathBuf> {
        files(&self.state().join("machines"))
            .into_iter()
            .find(|path| path.ends_with("record.json"))
    }

    /// The project's UUID.
    pub fn uuid(&self) -> String {
        uuid_in(&self.project()).expect("the project has its UUID")
    }
}

/// The UUID that a project's folder holds.
pub fn uuid_in(project: &Path) -> Option<String> {
    let text = fs::read(project.join(".vagrantp/project.json")).ok()?;
    let value: serde_json::Value = serde_json::from_slice(&text).ok()?;
    Some(value["uuid"].as_str()?.to_owned())
}

/// A vagrantp that runs.
pub struct Started {
    child: Child,
    out: PathBuf,
    err: PathBuf,
    began: Instant,
}

impl Started {
    pub fn of(command: &mut Command, folder: &Path) -> Self {
        static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let out = folder.join(format!("out-{number}"));
        let err = folder.join(format!("err-{number}"));
        let child = command
            .process_group(0)
            .stdout(fs::File::create(&out).unwrap())
            .stderr(fs::File::create(&err).unwrap())
            .spawn()
            .unwrap();
        Started {
            child,
            out,
            err,
            began: Instant::now(),
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has complained so far.
    pub fn stderr(&self) -> String {
        fs::read_to_string(&self.err).unwrap_or_default()
    }

    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until a condition holds or it ends; whether the condition held.
    pub fn until(&mut self, mut condition: impl FnMut() -> bool) -> bool {
        let end = Instant::now() + LONG;
        loop {
            if condition() {
                return true;
            }
            if !self.runs() {
                return false;
            }
            assert!(Instant::now() < end, "neither came within {LONG:?}");
            processes::ended_within(self.pid(), Duration::from_millis(1));
        }
    }

    /// Waits for a time, or until it ends.
    pub fn let_run(&mut self, time: Duration) {
        processes::ended_within(self.pid(), time);
    }

    /// Sends a signal to it alone.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid() as i32).unwrap();
        let _ = rustix::process::kill_process(pid, signal);
    }

    /// Sends a signal to its process group, as a terminal does.
    pub fn signal_group(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid() as i32).unwrap();
        let _ = rustix::process::kill_process_group(pid, signal);
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ran {
        let pid = self.pid();
        if !processes::ended_within(pid, LONG) {
            let _ = self.child.kill();
            panic!("it did not end: {}", self.stderr());
        }
        let status = self.child.wait().unwrap();
        Ran {
            status: status.code().unwrap_or(128 + status.signal().unwrap_or(0)),
            stdout: fs::read_to_string(&self.out).unwrap_or_default(),
            stderr: self.stderr(),
            took: self.began.elapsed(),
        }
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    Started::of(command, folder.path()).end()
}

/// Runs a program that must succeed; what it printed. A look at Podman fails where something of
/// another test goes while it counts: then it looks again.
pub fn tool(program: &str, args: &[&str]) -> String {
    let once = || run(Command::new(program).args(args).stdin(Stdio::null()));
    let mut ran = once();
    for _ in 0..20 {
        let crossed = [
            "container not known",
            "no such container",
            "layer not known",
        ];
        if ran.status == 0 || !crossed.iter().any(|sentence| ran.stderr.contains(sentence)) {
            break;
        }
        ran = once();
    }
    assert_eq!(ran.status, 0, "{program} {args:?}: {ran}");
    ran.stdout
}

fn real_home() -> String {
    std::env::var("HOME").unwrap_or_else(|_| "/root".into())
}

pub fn root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Waits until a condition holds.
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < end, "{what}");
        processes::ended_within(std::process::id(), Duration::from_millis(20));
    }
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files(&entry.path())),
            _ => found.push(entry.path()),
        }
    }
    found
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Ran {
            status,
            stdout,
            stderr,
            took,
        } = self;
        write!(f, "status {status} after {took:?}\n{stdout}---\n{stderr}")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A failed test leaves nothing behind either. Podman is never killed: that leaves things behind.
        let home = self.home.path().display().to_string();
        let end = Instant::now() + Duration::from_secs(20);
        let podman = || {
            processes::naming(&home)
                .into_iter()
                .find(|p| p.words[0] == "podman")
        };
        while let Some(podman) = podman().filter(|_| Instant::now() < end) {
            processes::ended_within(podman.pid, Duration::from_secs(1));
        }
        let all = Command::new("podman")
            .args(["ps", "-aq", "--filter"])
            .arg(format!("label=vagrantp.path={}", self.project().display()))
            .output();
        let ids = all.map(|all| String::from_utf8_lossy(&all.stdout).into_owned());
        for id in ids.iter().flat_map(|ids| ids.split_whitespace()) {
            let _ = Command::new("podman")
                .args(["rm", "-f", "-i", "-t", "0", id])
                .output();
        }
        processes::kill_naming(self.home.path());
        for path in files(&self.state().join("projects")) {
            let uuid = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if uuid.len() != 36 {
                continue;
            }
            let network = crate::remains::network(&uuid);
            let _ = Command::new("podman")
                .args(["network", "rm", &network])
                .output();
        }
    }
}
