//! The kernel's view of who runs.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A process and its arguments.
pub struct Process {
    pub pid: u32,
    pub words: Vec<String>,
}

/// All processes; the kernel's own and dead ones have no words.
pub fn all() -> Vec<Process> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let bytes = fs::read(entry.path().join("cmdline")).ok()?;
            let words = bytes.split(|byte| *byte == 0);
            let words = words.map(|word| String::from_utf8_lossy(word).into_owned());
            Some(Process {
                pid,
                words: words.filter(|word| !word.is_empty()).collect(),
            })
        })
        .filter(|process: &Process| !process.words.is_empty())
        .collect()
}

/// The processes one of whose words contains a text.
pub fn naming(text: &str) -> Vec<Process> {
    let own = std::process::id();
    let named = |process: &Process| process.words.iter().any(|word| word.contains(text));
    all()
        .into_iter()
        .filter(|process| process.pid != own && named(process))
        .collect()
}

/// Whether a command runs that is called so, has this verb, and names this.
pub fn runs(program: &str, verb: &str, text: &str) -> bool {
    naming(text).iter().any(|process| {
        let mut words = process.words.iter();
        words.next().is_some_and(|word| word.ends_with(program))
            && words.next().is_some_and(|word| word.contains(verb))
    })
}

/// Ends what names a test's own folder.
pub fn kill_naming(folder: &Path) {
    for process in naming(&folder.display().to_string()) {
        let pid = Pid::from_raw(process.pid as i32).unwrap();
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// Waits for a process's end, at most so long. A child's end counts before it is reaped.
pub fn ended_within(pid: u32, time: Duration) -> bool {
    let pid = Pid::from_raw(pid as i32).unwrap();
    let Ok(fd) = pidfd_open(pid, PidfdFlags::empty()) else {
        return true;
    };
    let time = Timespec {
        tv_sec: time.as_secs() as i64,
        tv_nsec: i64::from(time.subsec_nanos()),
    };
    let mut fds = [PollFd::new(&fd, PollFlags::IN)];
    rustix::io::retry_on_intr(|| poll(&mut fds, Some(&time))).unwrap() > 0
}

/// The program: `tests/run` names a copy that every user can read.
pub fn program() -> std::path::PathBuf {
    let copy = std::env::var_os("VAGRANTP_TEST_PROGRAM");
    copy.map_or(env!("CARGO_BIN_EXE_vagrantp").into(), Into::into)
}
