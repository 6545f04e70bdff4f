//! What is printed, by a process of its own whose outputs are looked at.

use std::io::Read;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::json;
use vagrantp::call::run::Interrupt;
use vagrantp::ui::{ColorChoice, Options, Ui};

/// What this program is to print when a test starts it as another process.
const ROLE: &str = "VAGRANTP_TEST_ROLE";

fn another(role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "as_another_process", "--nocapture", "--quiet"])
        .env(ROLE, role)
        .env_remove("NO_COLOR")
        .stdin(Stdio::null());
    command
}

fn printed(role: &str) -> (String, String) {
    let Output { stdout, stderr, .. } = another(role).output().unwrap();
    let (stdout, stderr) = (String::from_utf8(stdout), String::from_utf8(stderr));
    // Before ours comes what the test harness says.
    let stdout = stdout.unwrap().trim_start().to_owned();
    let ours = stdout.strip_prefix("running 1 test\n").unwrap_or(&stdout);
    (ours.to_owned(), stderr.unwrap())
}

fn wait(ms: u64) {
    Interrupt::none().wait(Duration::from_millis(ms));
}

/// Not a test by itself: what the others start. `demo` is for a person on a terminal.
#[test]
fn as_another_process() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let ui = Ui::new(Options {
        quiet: role == "quiet",
        verbose: role.starts_with("verbose") || role == "demo",
        json: role == "json",
        color: match role.as_str() {
            "verbose-color" => ColorChoice::Always,
            _ => ColorChoice::Auto,
        },
        ..Options::default()
    });
    match role.as_str() {
        "many" => (0..100_000).for_each(|_| ui.out("a line of many")),
        "demo" => demo(&ui),
        _ => {
            ui.headline("shop · .env");
            ui.call("podman run shop");
            ui.stage("", "image", "debian:12", None)
                .done("debian:12 ready");
            ui.err("warning\x1b[2J");
            ui.out("shop is running");
            if role == "json" {
                ui.document(&json!({"exit": 0, "name": "\u{202e}"}));
            }
        }
    }
    std::process::exit(0);
}

fn demo(ui: &Ui) {
    ui.headline("shop · .env");
    let image = ui.stage("", "image", "debian:12", None);
    for step in 1..=20 {
        image.detail(&format!("Copying blob {step}/20"));
        wait(60);
    }
    image.done("debian:12 ready");
    ui.call("podman run -d --name shop debian:12");
    ui.stage("", "create", "container shop", None).done("");
    let provision = ui.stage("", "provision", "site.yml", Some(Duration::from_secs(5)));
    provision.detail("7/12  Install nginx");
    wait(1500);
    ui.call("ansible-playbook site.yml");
    wait(500);
    provision.failed();
    thread::scope(|scope| {
        for (number, name) in ["web", "db", "cache"].into_iter().enumerate() {
            scope.spawn(move || {
                for stage in ["image", "create", "boot", "reach"] {
                    let eta = Some(Duration::from_secs(2));
                    let running = ui.stage(name, stage, &format!("{stage} of {name}"), eta);
                    wait(400 + 300 * number as u64);
                    ui.call(&format!("podman {stage} {name}"));
                    if (name, stage) == ("db", "reach") {
                        return;
                    }
                    running.done("");
                }
            });
        }
    });
    ui.out("shop is running");
    ui.out("  ssh     vagrantp ssh");
}

#[test]
fn results_go_to_stdout_and_all_else_to_stderr() {
    let (stdout, stderr) = printed("plainly");
    assert_eq!(stdout, "shop is running\n");
    let image = "  image   debian:12 ready                                          0.0 s";
    assert_eq!(stderr, format!("shop · .env\n{image}\nwarning␛[2J\n"));
}

#[test]
fn quiet_says_results_and_complaints_only() {
    let (stdout, stderr) = printed("quiet");
    assert_eq!(
        (stdout.as_str(), stderr.as_str()),
        ("shop is running\n", "warning␛[2J\n")
    );
}

#[test]
fn json_is_one_document() {
    let (stdout, stderr) = printed("json");
    assert_eq!(stdout, "{\n  \"exit\": 0,\n  \"name\": \"\\u202e\"\n}\n");
    assert_eq!(stderr, "warning␛[2J\n");
}

#[test]
fn verbose_shows_lines_to_paste() {
    assert!(printed("verbose").1.contains("\n$ podman run shop\n"));
    assert!(
        printed("verbose-color")
            .1
            .contains("\n\x1b[2m$ podman run shop\x1b[0m\n")
    );
}

#[test]
fn a_reader_that_has_enough_ends_it_quietly() {
    let mut child = another("many")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut some = [0; 100];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
