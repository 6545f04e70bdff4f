//! Commands that a killed vagrantp left running. They hold no lock, since what they start for good
//! would hold it too; so they are found by what they were told.

use std::fs;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

use super::{Interrupt, poll};

/// How often an end is looked for where the kernel has no descriptors that tell it.
const LOOK: Duration = Duration::from_millis(10);

/// Waits until no `program` runs any more whose arguments are ones that `meant` knows, but not
/// longer than `at_most`, and not beyond an interrupt. `told` is called once, if there is any.
pub fn wait_for_left_behind(
    program: &str,
    meant: &dyn Fn(&[String]) -> bool,
    interrupt: &Interrupt,
    at_most: Duration,
    told: &mut dyn FnMut(),
) {
    let end = Instant::now() + at_most;
    let bell = interrupt.bell();
    let before = interrupt.count();
    while let Some(pid) = running(program, meant) {
        told();
        // Where it has ended meanwhile, the next look finds it gone.
        let exit = pidfd_open(pid, PidfdFlags::empty()).ok();
        let left = end.saturating_duration_since(Instant::now());
        let at_most = if exit.is_none() { left.min(LOOK) } else { left };
        poll::readable(&[exit.as_ref().map(AsFd::as_fd), bell.fd()], Some(at_most));
        if left.is_zero() || interrupt.count() > before {
            return;
        }
    }
}

/// Kills the first such command and what it started: for what waits for an engine that was killed.
pub fn end_left_behind(program: &str, meant: &dyn Fn(&[String]) -> bool) {
    let Some(pid) = running(program, meant) else {
        return;
    };
    let path = format!("/proc/{0}/task/{0}/children", pid.as_raw_nonzero());
    let children = fs::read_to_string(path).unwrap_or_default();
    let children = children
        .split_whitespace()
        .filter_map(|pid| pid.parse().ok());
    for pid in children.filter_map(Pid::from_raw).chain([pid]) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// Ends every such command in order: TERM, and KILL for one that has not gone after `grace`. Returns once all are
/// gone, whatever interrupts come.
pub fn dismiss(program: &str, meant: &dyn Fn(&[String]) -> bool, grace: Duration) {
    let mut until = Instant::now() + grace;
    let mut signal = Signal::TERM;
    let mut told = None;
    while let Some(pid) = running(program, meant) {
        let exit = pidfd_open(pid, PidfdFlags::empty()).ok();
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() && signal == Signal::KILL {
            return;
        }
        if left.is_zero() {
            (signal, told) = (Signal::KILL, None);
            until = Instant::now() + grace;
        }
        if told != Some(pid) {
            let _ = kill_process(pid, signal);
            told = Some(pid);
        }
        let at_most = if exit.is_none() { LOOK } else { left };
        poll::readable(&[exit.as_ref().map(AsFd::as_fd)], Some(at_most));
    }
}

fn running(program: &str, meant: &dyn Fn(&[String]) -> bool) -> Option<Pid> {
    let entries = fs::read_dir("/proc").ok()?.flatten();
    let mut pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let found = pids.find(|pid| {
        // Of other users' commands as well: reading them is harmless, and ids are never theirs.
        let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words: Vec<String> = bytes
            .split(|byte| *byte == 0)
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect();
        // A script's first word is its interpreter.
        let mut called = words.iter().take(2).map(|word| word.rsplit('/').next());
        called
            .position(|name| name == Some(program))
            .is_some_and(|place| meant(&words[place + 1..]))
    });
    found.and_then(Pid::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_known_by_its_arguments_and_waited_for() {
        let mark = format!("left-behind-{}", std::process::id());
        let mut child = std::process::Command::new("sh")
            .args(["-c", "echo; read line", &mark])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // Right after its start a command has no arguments yet.
        let mut said = [0];
        std::io::Read::read_exact(&mut child.stdout.take().unwrap(), &mut said).unwrap();
        let meant = |words: &[String]| words.contains(&mark);
        let mut input = child.stdin.take();
        let mut count = 0;
        let interrupt = Interrupt::none();
        let long = Duration::from_secs(20);
        wait_for_left_behind("sh", &meant, &interrupt, long, &mut || {
            count += 1;
            // It ends only once it was seen; a dead child has no arguments.
            drop(input.take());
        });
        assert!(count > 0 && child.wait().unwrap().code().is_some());
        wait_for_left_behind("sh", &|_| false, &interrupt, long, &mut || count = 0);
        assert!(count > 0, "a command that is not meant is not waited for");
    }
}
