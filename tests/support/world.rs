//! A world of its own for the real program: a home, a `PATH` of fakes and little else, no environment.

use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// The shell and what a page or a fake calls: no engine, no ssh.
const TOOLS: &[&str] = &[
    "cat",
    "echo",
    "chmod",
    "env",
    "false",
    "head",
    "ln",
    "ls",
    "mkdir",
    "mkfifo",
    "mv",
    "setpriv",
    "printf",
    "rm",
    "rmdir",
    "sed",
    "sh",
    "ssh-keygen",
    "sleep",
    "true",
    "wc",
];

/// Nothing that is tried takes longer.
const CEILING: Duration = Duration::from_secs(30);

/// A program that is written while another thread starts one is busy in the eyes of the system.
static STARTS: Mutex<()> = Mutex::new(());

fn one_at_a_time() -> MutexGuard<'static, ()> {
    STARTS.lock().unwrap_or_else(PoisonError::into_inner)
}

const ENGINE: &str = include_str!("engine.sh");

/// A folder that is thrown away.
pub struct World {
    folder: tempfile::TempDir,
    /// The project.
    pub project: PathBuf,
}

/// What came of a line.
pub struct Said {
    /// Stdout and stderr together, as they came.
    pub bytes: Vec<u8>,
    /// As a shell has it.
    pub status: i32,
}

impl Said {
    /// As text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl World {
    /// A world whose project lies in a folder of this name. Its path is always as long, so that
    /// lines break alike.
    pub fn new(project: &Path) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("vp-")
            .rand_bytes(6)
            .tempdir_in("/tmp");
        let folder = folder.expect("a folder in /tmp");
        let root = folder.path();
        for name in ["bin", "tmp"] {
            fs::create_dir(root.join(name)).expect("a folder");
        }
        fs::DirBuilder::new()
            .mode(0o700)
            .create(root.join("run"))
            .expect("a folder");
        for tool in TOOLS {
            let found = ["/usr/bin", "/bin"]
                .iter()
                .map(|folder| Path::new(folder).join(tool));
            let found = found.into_iter().find(|path| path.exists());
            let found = found.unwrap_or_else(|| panic!("{tool} is not installed"));
            symlink(found, root.join("bin").join(tool)).expect("a link");
        }
        symlink(env!("CARGO_BIN_EXE_vagrantp"), root.join("bin/vagrantp")).expect("a link");
        let project = root.join(project);
        fs::create_dir_all(&project).expect("the project's folder");
        let world = World { folder, project };
        world.fake("podman", "");
        world
    }

    /// The home.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Puts a program first on `PATH`: arms of a shell `case` over its arguments; what they do not
    /// match the small engine answers, or, for any other program, nobody.
    pub fn fake(&self, program: &str, arms: &str) {
        let rest = if program == "podman" {
            ENGINE
        } else {
            "echo \"not recorded: $*\" >&2; exit 99"
        };
        let text = format!(
            "#!/bin/sh\nfail() {{ status=$1; shift; printf '%s\\n' \"$@\" >&2; exit \"$status\"; }}\n\
             interrupt() {{ kill -INT \"$PPID\"; }}\nhang() {{ exec sleep 1000; }}\n\
             die() {{ kill -KILL $$; }}\n\
             case \"$*\" in\n{arms}\n*)\n{rest}\nesac\n"
        );
        let path = self.root().join("bin").join(program);
        let _alone = one_at_a_time();
        fs::write(&path, text).expect("a fake");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a fake");
    }

    /// Runs a line of shell in the project's folder.
    pub fn type_in(&self, line: &str) -> Said {
        self.run(&["sh", "-c", line])
    }

    /// Runs a program in the project's folder, its outputs together.
    pub fn run(&self, words: &[&str]) -> Said {
        let out = self.root().join("tmp/said");
        let status = self.end(words, &[], &out, None);
        let bytes = fs::read(&out).expect("what it said");
        fs::remove_file(out).expect("it was there");
        Said { bytes, status }
    }

    /// The same, its outputs apart.
    pub fn run_apart(&self, words: &[&str], env: &[(&str, &str)]) -> (Said, Vec<u8>) {
        let paths = ["tmp/out", "tmp/err"].map(|name| self.root().join(name));
        let status = self.end(words, env, &paths[0], Some(&paths[1]));
        let [out, err] = paths.map(|path| fs::read(path).expect("what it said"));
        (Said { bytes: out, status }, err)
    }

    fn end(&self, words: &[&str], env: &[(&str, &str)], out: &Path, err: Option<&Path>) -> i32 {
        let root = self.root();
        let file = |path: &Path| {
            let _ = fs::remove_file(path);
            File::options()
                .create(true)
                .append(true)
                .open(path)
                .expect("a file")
        };
        let stdout = file(out);
        let stderr = err.map_or_else(|| stdout.try_clone().expect("the file"), file);
        let alone = one_at_a_time();
        let mut child = Command::new(root.join("bin").join(words[0]))
            .args(&words[1..])
            .env_clear()
            .env("HOME", root)
            .env("PATH", root.join("bin"))
            .env("TMPDIR", root.join("tmp"))
            .env("XDG_RUNTIME_DIR", root.join("run"))
            .env("LANG", "C.UTF-8")
            .envs(env.iter().copied())
            .current_dir(&self.project)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .process_group(0)
            .spawn()
            .expect("it starts");
        drop(alone);
        let group = Pid::from_child(&child);
        let (tell, told) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || tell.send(child.wait()));
            let ended = told.recv_timeout(CEILING).unwrap_or_else(|_| {
                let _ = kill_process_group(group, Signal::KILL);
                let said = String::from_utf8_lossy(&fs::read(out).unwrap_or_default()).into_owned();
                panic!(
                    "{words:?} runs for more than {} s; it said:\n{said}",
                    CEILING.as_secs()
                );
            });
            let status = ended.expect("it ends");
            status
                .code()
                .unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
        })
    }
}
