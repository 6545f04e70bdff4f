//! A lock ends with the process that holds it, and with nothing else.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use vagrantp::state::lock::{self, LockError};

const LONG: Duration = Duration::from_secs(60);

#[test]
fn a_lock_whose_holder_was_killed_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lock");
    let mut killed = child("child_holds", &path).spawn().unwrap();
    let mut lines = BufReader::new(killed.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("held")));
    let refused = lock::acquire(&path, "second", Duration::ZERO, &|| false).unwrap_err();
    let LockError::Held { holder, .. } = refused else {
        panic!("{refused}");
    };
    let holder = holder.unwrap();
    assert_eq!((holder.pid, &*holder.command), (killed.id(), "vagrantp up"));
    killed.kill().unwrap();
    killed.wait().unwrap();
    lock::acquire(&path, "third", Duration::ZERO, &|| false).unwrap();
}

#[test]
#[ignore = "a part of a_lock_whose_holder_was_killed_is_free"]
fn child_holds() {
    let _lock = lock::acquire(&given(), "vagrantp up", LONG, &|| false).unwrap();
    println!("held");
    std::io::stdout().flush().unwrap();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

#[test]
fn a_process_does_not_stay_for_a_wait_that_timed_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lock");
    let _held = lock::acquire(&path, "first", LONG, &|| false).unwrap();
    let status = child("child_gives_up", &path).status().unwrap();
    assert!(status.success());
}

#[test]
#[ignore = "a part of a_process_does_not_stay_for_a_wait_that_timed_out"]
fn child_gives_up() {
    let wait = Duration::from_millis(10);
    let refused = lock::acquire(&given(), "second", wait, &|| false).unwrap_err();
    assert_eq!(refused.diagnostic().rule.number, 1701);
}

/// In a process of its own: a child that another test is starting would hold the lock between its fork and
/// its exec.
#[test]
fn children_do_not_keep_a_lock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lock");
    let status = child("child_has_a_child", &path).status().unwrap();
    assert!(status.success());
}

#[test]
#[ignore = "a part of children_do_not_keep_a_lock"]
fn child_has_a_child() {
    let held = lock::acquire(&given(), "first", LONG, &|| false).unwrap();
    let mut cat = Command::new("cat");
    cat.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut cat = cat.spawn().unwrap();
    drop(held);
    lock::acquire(&given(), "second", Duration::ZERO, &|| false).unwrap();
    cat.kill().unwrap();
    cat.wait().unwrap();
}

/// Runs one of the ignored tests below in a process of its own.
fn child(name: &str, lock: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--ignored", "--exact", "--nocapture", name])
        .env("VAGRANTP_TEST_LOCK", lock)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// The lock that a child works with; it fails when it is run by itself.
fn given() -> PathBuf {
    let lock = std::env::var_os("VAGRANTP_TEST_LOCK");
    lock.expect("this is a part of another test").into()
}
