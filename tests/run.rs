//! Commands that hang, fork, talk much, outlive us: run for real.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use vagrantp::call::run::{Interrupt, foreground, foreground_watching, run};
use vagrantp::call::{Call, Effect, End, Outcome};

/// What this program is to do when a test starts it as another process.
const ROLE: &str = "VAGRANTP_TEST_ROLE";
/// Where that process may write.
const PLACE: &str = "VAGRANTP_TEST_PLACE";

fn read(script: &str) -> Call {
    Call::read("sh").arg("-c").arg(script)
}

fn change(script: &str) -> Call {
    Call::change("sh").arg("-c").arg(script)
}

fn quietly(call: &Call) -> Outcome {
    run(call, &Interrupt::none(), None)
}

/// Waits for something another process does.
fn until<T>(what: &str, mut seen: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(20) {
        if let Some(seen) = seen() {
            return seen;
        }
        Interrupt::none().wait(Duration::from_millis(5));
    }
    panic!("{what} did not happen");
}

fn pid_in(path: &Path) -> Pid {
    until("a process id", || {
        let text = std::fs::read_to_string(path).ok()?;
        Pid::from_raw(text.strip_suffix('\n')?.parse().ok()?)
    })
}

fn is_gone(pid: Pid) -> Option<()> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_pid()));
    let is_zombie = stat.is_ok_and(|stat| stat.contains(") Z "));
    (is_zombie || test_kill_process(pid).is_err()).then_some(())
}

/// This test program as another process in the given role.
fn as_another(role: &str, place: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "as_another_process", "--nocapture"])
        .env(ROLE, role)
        .env(PLACE, place)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap()
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_raw(child.id() as i32).unwrap(), signal).unwrap();
}

/// Not a test by itself: what the others start.
#[test]
fn as_another_process() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let place = std::env::var(PLACE).unwrap();
    let interrupt = Interrupt::install();
    let call = match role.as_str() {
        "change" => change(
            "trap 'echo term >>log' TERM; echo $$ >pid; n=0
            while [ $n -lt 400 ]; do n=$((n+1)); sleep 0.05 & wait; [ -f go ] && break; done
            echo out; echo err >&2; echo done >>log",
        ),
        "read" => read("echo $$ >pid; exec sleep 30"),
        "count" => {
            std::fs::write(format!("{place}/pid"), "1\n").unwrap();
            let mut seen = 0;
            while seen < 3 {
                interrupt.wait(Duration::from_secs(5));
                seen = interrupt.count();
                std::fs::write(format!("{place}/count-{seen}"), "").unwrap();
            }
            std::process::exit(0);
        }
        other => panic!("no role {other}"),
    };
    let outcome = run(
        &Call {
            cwd: Some(place.clone().into()),
            ..call
        },
        &interrupt,
        None,
    );
    std::fs::write(
        format!("{place}/end"),
        format!("{:?} {}", outcome.end, outcome.stdout),
    )
    .unwrap();
    std::process::exit(0);
}

#[test]
fn both_outputs_are_kept_apart_and_whole() {
    for call in [read, change] {
        let outcome = quietly(&call("echo out; echo err >&2; printf '\\377'; exit 3"));
        assert_eq!(outcome.end, End::Exit(3));
        assert_eq!(
            (outcome.stdout.as_str(), outcome.stderr.as_str()),
            ("out\n\u{fffd}", "err\n")
        );
        let much =
            "head -c 3000000 /dev/zero | tr '\\0' x; head -c 3000000 /dev/zero | tr '\\0' y >&2";
        let outcome = quietly(&call(much));
        assert_eq!(
            (outcome.stdout.len(), outcome.stderr.len()),
            (3_000_000, 3_000_000)
        );
    }
}

#[test]
fn stdin_arrives_whole_or_is_empty() {
    for call in [read, change] {
        let bytes = vec![b'x'; 1_000_000];
        assert_eq!(
            quietly(&call("wc -c").stdin(bytes)).stdout.trim(),
            "1000000"
        );
        assert_eq!(quietly(&call("wc -c")).stdout.trim(), "0");
    }
}

#[test]
fn lines_are_told_as_they_come() {
    let place = tempfile::tempdir().unwrap();
    for call in [read, change] {
        let _ = std::fs::remove_file(place.path().join("go"));
        let script = "echo one; while [ ! -f go ]; do sleep 0.01; done; printf 'two\\rthree'";
        let call = Call {
            cwd: Some(place.path().into()),
            ..call(script)
        };
        let mut lines = Vec::new();
        let mut on_line = |line: &str| {
            lines.push(line.to_owned());
            // It goes on only once its first line was told.
            std::fs::write(place.path().join("go"), "").unwrap();
        };
        assert!(run(&call, &Interrupt::none(), Some(&mut on_line)).ok());
        assert_eq!(lines, ["one", "two", "three"]);
    }
}

#[test]
fn a_deadline_ends_grandchildren_too() {
    let place = tempfile::tempdir().unwrap();
    for call in [read, change] {
        let script = "sh -c 'trap \"\" HUP; echo $$ >pid; exec sleep 30' & wait";
        let call = Call {
            cwd: Some(place.path().into()),
            ..call(script)
        };
        let deadline = Duration::from_millis(300);
        let outcome = quietly(&call.within(deadline));
        assert_eq!(outcome.end, End::Deadline(deadline));
        assert!(outcome.took < Duration::from_secs(10), "{:?}", outcome.took);
        until("the grandchild's end", || {
            is_gone(pid_in(&place.path().join("pid")))
        });
        std::fs::remove_file(place.path().join("pid")).unwrap();
    }
}

#[test]
fn what_ignores_term_is_killed_after_its_grace() {
    let deadline = Duration::from_millis(200);
    let outcome = quietly(&read("trap '' TERM; while :; do sleep 1; done").within(deadline));
    assert_eq!(outcome.end, End::Deadline(deadline));
    assert!(outcome.took >= Duration::from_secs(2) && outcome.took < Duration::from_secs(10));
}

#[test]
fn a_grandchild_that_holds_the_pipe_does_not_hold_us() {
    let outcome = quietly(&read("echo out; sleep 20 &"));
    assert_eq!(outcome.end, End::Exit(0));
    assert_eq!(outcome.stdout, "out\n");
    assert!(outcome.took < Duration::from_secs(10), "{:?}", outcome.took);
}

#[test]
fn what_cannot_start_says_what_is_missing() {
    let missing = quietly(&Call::read("no-such-program-here"));
    assert_eq!(
        missing.end,
        End::NotStarted("`no-such-program-here` not found on PATH".into())
    );
    let astray = Call {
        cwd: Some("/no/such/folder".into()),
        ..read("true")
    };
    assert_eq!(
        quietly(&astray).end,
        End::NotStarted("folder `/no/such/folder` not found".into())
    );
    assert_eq!(
        foreground(&astray),
        End::NotStarted("folder `/no/such/folder` not found".into())
    );
}

#[test]
fn it_has_a_session_and_no_terminal() {
    let outcome = quietly(&change(
        "echo $$; cut -d' ' -f6 /proc/$$/stat; (: </dev/tty) 2>&1 || echo no tty",
    ));
    let words: Vec<&str> = outcome.stdout.split_whitespace().collect();
    assert_eq!(words[0], words[1], "{}", outcome.stdout);
    assert!(outcome.stdout.contains("no tty"));
}

#[test]
fn podman_is_this_hosts_own() {
    let place = tempfile::tempdir().unwrap();
    let podman = place.path().join("podman");
    std::fs::write(
        &podman,
        "#!/bin/sh\necho \"$CONTAINER_HOST,$CONTAINER_SSHKEY,$OURS\"\n",
    )
    .unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&podman, PermissionsExt::from_mode(0o755)).unwrap();
    let inner =
        "CONTAINER_HOST=ssh://x CONTAINER_SSHKEY=k exec \"$0\" --exact as_podman --nocapture";
    let this = std::env::current_exe().unwrap();
    let outcome = quietly(&read(inner).arg(this.display()).env(PLACE, podman.display()));
    assert!(
        outcome.stdout.contains("podman says ,,ours"),
        "{}",
        outcome.stdout
    );
}

/// Not a test by itself: see above.
#[test]
fn as_podman() {
    if std::env::var_os("CONTAINER_HOST").is_some()
        && let Ok(podman) = std::env::var(PLACE)
    {
        let outcome = quietly(&Call::read(&podman).env("OURS", "ours"));
        println!("podman says {}", outcome.stdout);
    }
}

#[test]
fn what_can_be_stopped_gets_the_interrupt_first() {
    let script =
        "trap 'echo int; exit 4' INT; trap 'echo term' TERM; echo on; while :; do sleep 0.05; done";
    let call = Call {
        effect: Effect::Stoppable,
        ..change(script)
    };
    let interrupt = Interrupt::none();
    let mut on_line = |line: &str| {
        if line == "on" {
            interrupt.raise();
        }
    };
    let outcome = run(&call, &interrupt, Some(&mut on_line));
    assert_eq!(
        (outcome.end, outcome.stdout.as_str()),
        (End::Interrupted, "on\nint\n")
    );
}

#[test]
fn nothing_of_ours_is_open_in_a_child() {
    let _interrupt = Interrupt::install();
    for call in [read, change] {
        let outcome = quietly(&call("ls /proc/$$/fd").stdin("x"));
        let fds: Vec<&str> = outcome.stdout.split_whitespace().collect();
        // A shell keeps its script, if anything, from 10 on.
        assert!(fds.iter().all(|fd| fd.len() > 1 || *fd <= "2"), "{fds:?}");
    }
}

#[test]
fn an_interrupt_ends_a_look() {
    let interrupt = Interrupt::none();
    let raise = interrupt.clone();
    let presser = thread::spawn(move || {
        raise.wait(Duration::from_millis(200));
        raise.raise();
    });
    let outcome = run(&read("sleep 20"), &interrupt, None);
    assert_eq!(outcome.end, End::Interrupted);
    assert!(outcome.took < Duration::from_secs(10));
    presser.join().unwrap();
    // What starts after an interrupt is not ended by it.
    assert!(run(&read("true"), &interrupt, None).ok());
}

#[test]
fn signals_are_counted() {
    let place = tempfile::tempdir().unwrap();
    let mut other = as_another("count", place.path());
    pid_in(&place.path().join("pid"));
    for (number, sent) in [Signal::INT, Signal::TERM, Signal::HUP]
        .into_iter()
        .enumerate()
    {
        signal(&other, sent);
        let count = place.path().join(format!("count-{}", number + 1));
        until("the count", || count.exists().then_some(()));
    }
    assert!(other.wait().unwrap().success());
}

#[test]
fn the_first_interrupt_spares_a_change_the_second_asks_the_third_kills() {
    let place = tempfile::tempdir().unwrap();
    let log = || std::fs::read_to_string(place.path().join("log")).unwrap_or_default();
    let mut other = as_another("change", place.path());
    let child = pid_in(&place.path().join("pid"));
    signal(&other, Signal::INT);
    Interrupt::none().wait(Duration::from_millis(200));
    assert_eq!(log(), "", "the first does not reach it");
    signal(&other, Signal::INT);
    until("TERM", || (log() == "term\n").then_some(()));
    signal(&other, Signal::INT);
    assert!(other.wait().unwrap().success());
    assert!(is_gone(child).is_some());
    assert_eq!(log(), "term\n", "it never came to its end");
    let end = std::fs::read_to_string(place.path().join("end")).unwrap();
    assert_eq!(end, "Interrupted ");
}

#[test]
fn a_change_survives_us_and_finishes() {
    let place = tempfile::tempdir().unwrap();
    let mut other = as_another("change", place.path());
    let child = pid_in(&place.path().join("pid"));
    signal(&other, Signal::KILL);
    other.wait().unwrap();
    // It writes only after we are gone: a pipe would end it here.
    std::fs::write(place.path().join("go"), "").unwrap();
    until("its end", || is_gone(child));
    let log = std::fs::read_to_string(place.path().join("log")).unwrap();
    assert_eq!(log, "done\n");
}

#[test]
fn a_signal_ends_a_look_of_another_process() {
    let place = tempfile::tempdir().unwrap();
    let mut other = as_another("read", place.path());
    let child = pid_in(&place.path().join("pid"));
    signal(&other, Signal::TERM);
    assert!(other.wait().unwrap().success());
    assert!(is_gone(child).is_some());
}

#[test]
fn in_front_the_status_and_the_last_words_come_back() {
    assert_eq!(foreground(&read("exit 7")), End::Exit(7));
    assert_eq!(foreground(&read("kill -TERM $$")), End::Signal(15));
    let (end, words) = foreground_watching(&read("echo 'no route' >&2; sleep 20 & exit 255"));
    assert_eq!(end, End::Exit(255));
    assert_eq!(words, "no route\n");
}
