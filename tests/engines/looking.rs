//! Looking changes nothing: `plan`, `status`, `ls`; and the one document of `--json`.

use crate::engine;
use crate::place::Place;
use crate::project::Project;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A `podman` first on PATH that writes down how it is called, and is then the real one.
struct Recorder {
    bin: PathBuf,
    log: PathBuf,
}

impl Recorder {
    fn new(place: &Place) -> Self {
        let (bin, log) = (place.path().join("bin"), place.path().join("calls"));
        fs::create_dir_all(&bin).unwrap();
        let real = engine::run("sh", &["-c", "command -v podman"])
            .exits(0)
            .word();
        let script = format!(
            "#!/bin/sh\necho \"$*\" >> '{}'\nexec {real} \"$@\"\n",
            log.display()
        );
        let path = bin.join("podman");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Recorder { bin, log }
    }

    /// How Podman is called by a verb that exits so.
    #[track_caller]
    fn calls(&self, project: &Project, words: &[&str], status: i32) -> Vec<String> {
        let _ = fs::remove_file(&self.log);
        let mut command = project.command(words);
        command.env(
            "PATH",
            format!(
                "{}:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                self.bin.display()
            ),
        );
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{words:?}: {said}");
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// Every path below a folder, with its length.
fn tree(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            let meta = entry.metadata().unwrap();
            if meta.is_dir() {
                left.push(entry.path());
            }
            found.push((entry.path(), if meta.is_dir() { 0 } else { meta.len() }));
        }
    }
    found.sort();
    found
}

#[test]
fn plan_status_and_ls_only_look() {
    let place = Place::new();
    let recorder = Recorder::new(&place);
    let project = place.project("web", "PORTS=auto:80\n");
    let only_reads = |words: &[&str], status, at_most: usize| {
        let before = (tree(&place.state()), tree(project.path()));
        let calls = recorder.calls(&project, words, status);
        let reads = |call: &String| {
            ["ps ", "image inspect ", "version", "info", "inspect "]
                .iter()
                .any(|verb| call.starts_with(verb))
        };
        assert!(calls.iter().all(reads), "{words:?} calls {calls:?}");
        // A look that a neighbour's going crossed is made again, and is the same question.
        let asked: std::collections::BTreeSet<&String> = calls.iter().collect();
        assert!(asked.len() <= at_most, "{words:?} calls {calls:?}");
        assert_eq!(
            (tree(&place.state()), tree(project.path())),
            before,
            "{words:?} writes"
        );
    };
    only_reads(&["plan"], 0, 2);
    only_reads(&["plan", "--detailed-exitcode"], 10, 2);
    only_reads(&["status"], 0, 1);
    only_reads(&["ls"], 0, 1);
    only_reads(&["check"], 0, 1);
    only_reads(&["render"], 0, 2);
    only_reads(&["config"], 0, 0);
    project.up();
    only_reads(&["plan"], 0, 2);
    only_reads(&["up", "--dry-run"], 0, 2);
    only_reads(&["status", "--json"], 0, 1);
    only_reads(&["ls"], 0, 1);
    only_reads(&["ssh-config"], 0, 1);
    only_reads(&["ssh", "-c", "true"], 0, 0);
    project.change("auto:80", "auto:81");
    only_reads(&["plan"], 0, 2);
    project.change("auto:81", "auto:80");

    // What `plan` says is what `up` does: nothing here, and the engine is asked, not told.
    only_reads(&["up"], 3, 2);
    project.take_down();
}

#[track_caller]
fn keys(value: &Value, wanted: &[&str]) {
    let object = value
        .as_object()
        .unwrap_or_else(|| panic!("no object: {value}"));
    for key in wanted {
        assert!(object.contains_key(*key), "{key} is not in {value}");
    }
}

#[test]
fn json_is_one_document_of_the_designed_shape() {
    let place = Place::new();
    let project = place.project("web", "PORTS=auto:80\n");
    let said = project.run(&["up", "--json"]).exits(0);
    assert_eq!(said.err, "", "progress is silent");
    let document = said.json();
    keys(
        &document,
        &[
            "schema", "command", "exit", "project", "machines", "error", "errors", "warnings",
        ],
    );
    assert_eq!(document["command"], "up");
    assert_eq!(document["exit"], 0);
    assert_eq!(document["error"], Value::Null);
    keys(
        &document["project"],
        &["name", "path", "config_file", "infrastructure_id"],
    );
    assert_eq!(
        document["project"]["path"],
        project.path().display().to_string()
    );
    let machine = &document["machines"][0];
    keys(
        machine,
        &[
            "id",
            "infra_type",
            "state",
            "project_path",
            "provider",
            "resources",
            "networking",
            "provisioning",
            "created_at",
            "updated_at",
            "provisioned",
            "networks",
            "provisionings",
        ],
    );
    keys(&machine["resources"], &["memory_mb", "cpus", "disk_gb"]);
    keys(&machine["networking"], &["mode", "ip_address", "ports"]);
    keys(
        &machine["networking"]["ports"][0],
        &["host_port", "container_port", "protocol", "auto"],
    );
    assert_eq!(machine["state"], "running");
    assert_eq!(machine["resources"]["memory_mb"], 512);
    assert!(
        machine["created_at"].as_str().unwrap().ends_with('Z'),
        "{machine}"
    );

    let again = project.run(&["up", "--json"]).exits(3).json();
    let error = &again["error"];
    keys(
        error,
        &[
            "code",
            "rule",
            "message",
            "details",
            "suggestion",
            "file",
            "line",
            "column",
            "end_line",
            "end_column",
            "related",
        ],
    );
    assert_eq!(
        (&error["code"], &error["rule"]),
        (&"INFRA_EXISTS".into(), &"3001".into())
    );
    assert_eq!(
        (&error["file"], &error["line"], &error["column"]),
        (&".env".into(), &1.into(), &12.into())
    );
    assert_eq!(again["errors"][0], *error);
    assert_eq!(again["exit"], 3);

    for verb in ["status", "stop", "plan"] {
        let said = project.run(&[verb, "--json"]).exits(0);
        assert_eq!(said.json()["command"], verb);
        assert_eq!(
            said.json()["machines"][0]["id"],
            project.id(),
            "{}",
            said.report()
        );
    }
    let held = project.held();
    let gone = project.run(&["rm", "--json"]).exits(0).json();
    assert_eq!(gone["command"], "rm");
    project.nothing_is_left(&held);
}

#[test]
fn ls_shows_every_project_of_this_user() {
    let place = Place::new();
    let (one, two) = (place.project("one", ""), place.project("two", ""));
    one.up();
    two.up();
    two.run(&["stop"]).exits(0);
    let all = one.run(&["ls", "--json"]).exits(0).json();
    let state = |id: &str| {
        let machines = all["machines"].as_array().unwrap();
        let machine = machines.iter().find(|machine| machine["id"] == id);
        machine.unwrap_or_else(|| panic!("{id} is not in {all}"))["state"].clone()
    };
    assert_eq!(state(&one.id()), "running");
    assert_eq!(state(&two.id()), "stopped");
    two.run(&["ls"])
        .exits(0)
        .says(&one.path().display().to_string());
    one.take_down();
    two.take_down();
}
