//! `examples/xtask`, as who copies it runs it: its tests talk to a real database, which is gone afterwards, also
//! when a test fails and when Ctrl-C ends it all.
//!
//! A target of its own: it needs cargo, which the ordinary user of the tests with real engines has not. What it
//! builds is beside what this was built from.

#[path = "../support/tree.rs"]
mod tree;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

/// A copy of the example, under a name of its own: the machine's id is made of it.
struct Copy(tempfile::TempDir, String);

impl Copy {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let name = format!("vpx-{}", std::process::id());
        let copy = Copy(folder, name);
        for path in tree::files("examples/xtask") {
            let below = path.strip_prefix("examples/xtask").expect("listed there");
            let made = ["target", ".vagrantp", "Cargo.lock"];
            if made.iter().any(|made| below.starts_with(made)) {
                continue;
            }
            copy.write(&below.display().to_string(), &tree::text(&path));
        }
        // The versions that are here already.
        copy.write("Cargo.lock", &tree::text(Path::new("Cargo.lock")));
        copy.change(
            "xtask/Cargo.toml",
            "../../..",
            &tree::root().display().to_string(),
        );
        copy.change(
            "vagrantp.kdl",
            "project visits",
            &format!("project {}", copy.1),
        );
        copy
    }

    fn project(&self) -> PathBuf {
        self.0.path().join("xtask")
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.project().join(file);
        fs::create_dir_all(path.parent().expect("a file")).expect("its folder");
        fs::write(path, text).expect("it can be written");
    }

    fn change(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.project().join(file)).expect("a file of the example");
        assert!(text.contains(from), "{from} is not in {file}");
        self.write(file, &text.replace(from, to));
    }

    fn cargo(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO"));
        let state = self.0.path();
        command
            .arg("xtask")
            .args(words)
            .current_dir(self.project())
            .env("CARGO_TARGET_DIR", target())
            .env("CARGO_NET_OFFLINE", "true")
            .env("XDG_STATE_HOME", state.join("state"))
            .env("XDG_CACHE_HOME", state.join("cache"))
            .env_remove("CARGO_MANIFEST_DIR");
        command
    }

    fn containers(&self) -> String {
        let name = format!("name=^{}-", self.1);
        let output = Command::new("podman")
            .args(["ps", "--all", "--filter", &name, "--format", "{{.Names}}"])
            .output()
            .expect("podman is needed");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What is left where a test failed half-way.
        for name in self.containers().lines() {
            let _ = Command::new("podman")
                .args(["rm", "--force", "--time", "0", name])
                .output();
        }
    }
}

/// Where this test was built.
fn target() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_vagrantp"));
    let folder = program.parent().and_then(Path::parent);
    folder.expect("below the target folder").to_owned()
}

fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_database_is_up_for_the_tests_alone() {
    let copy = Copy::new();
    let output = copy.cargo(&["test"]).output().expect("cargo starts");
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("test visits_are_counted ... ok"), "{text}");
    assert_eq!(copy.containers(), "", "{text}");

    let output = copy.cargo(&["test", "--", "--ignored"]).output();
    let output = output.expect("cargo starts");
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("test a_test_that_fails ... FAILED"), "{text}");
    assert_eq!(copy.containers(), "", "{text}");

    // Ctrl-C while the tests run: they wait for a line that never comes.
    copy.change(
        "app/tests/visits.rs",
        "    assert_eq!(database().count(\"/failing\").unwrap(), 0);\n",
        "    println!(\"it waits\");\n    std::io::stdin().read_line(&mut String::new()).unwrap();\n",
    );
    let mut child = copy
        .cargo(&["test", "--", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .expect("cargo starts");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    assert!(lines.any(|line| line.is_ok_and(|line| line.contains("it waits"))));
    assert_ne!(copy.containers(), "");
    kill_process_group(Pid::from_child(&child), Signal::INT).expect("it runs");
    // Cargo itself ends at once; what it ran holds the pipe until the machine is gone.
    lines.for_each(drop);
    child.wait().expect("a child");
    assert_eq!(copy.containers(), "");
}
