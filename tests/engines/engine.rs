//! Podman and libvirt themselves, asked past vagrantp.

use crate::said::Said;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The Debian image that stands for `debian:12` where no registry answers.
pub const BASE: &str = "localhost/vagrantp/from-mirror:bookworm";

/// The home that Podman's storage and configuration of this user are in: the real one.
pub fn home() -> PathBuf {
    std::env::home_dir().expect("this user has a home")
}

/// What every program gets: nothing of the environment that the tests were started in.
pub fn bare(program: &str) -> Command {
    let mut command = Command::new(program);
    let home = home();
    command
        .env_clear()
        .env(
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        )
        .env("HOME", &home)
        .env("XDG_DATA_HOME", home.join(".local/share"))
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null());
    let uid = rustix::process::geteuid().as_raw();
    if uid != 0 {
        command.env("XDG_RUNTIME_DIR", format!("/run/user/{uid}"));
    }
    command
}

/// Runs a program to its end.
#[track_caller]
pub fn run(program: &str, words: &[&str]) -> Said {
    let output = bare(program).current_dir("/").args(words).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is needed: {error}"));
    Said::of(format!("{program} {}", words.join(" ")), output)
}

/// Asks Podman.
#[track_caller]
pub fn podman(words: &[&str]) -> Said {
    run("podman", words)
}

/// libvirt's own client, with these words.
#[track_caller]
pub fn virsh(words: &[&str]) -> Said {
    run("virsh", &[&["-q", "-c", "qemu:///system"], words].concat())
}

/// Asks Podman what it must know; the answer without its line's end.
#[track_caller]
pub fn ask(words: &[&str]) -> String {
    podman(words).exits(0).word()
}

/// One thing of a container, by a Go template.
#[track_caller]
pub fn inspect(container: &str, format: &str) -> String {
    ask(&["container", "inspect", "--format", format, container])
}

/// Whether there is such an image.
pub fn has_image(name: &str) -> bool {
    podman(&["image", "exists", name]).status == 0
}

/// Whether there is such a network.
pub fn has_network(name: &str) -> bool {
    podman(&["network", "exists", name]).status == 0
}

/// Whether there is such a container.
pub fn has_container(name: &str) -> bool {
    podman(&["container", "exists", name]).status == 0
}
