//! A started command: its group, its end, and how it is ended.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use duct::{Expression, Handle};
use process_wrap::std::{CommandWrap, CommandWrapper, ProcessSession};
use rustix::process::{
    Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open, test_kill_process_group,
};

use super::Interrupt;
use crate::call::{Call, End};

/// A command that runs.
pub(super) struct Child {
    handle: Handle,
    pid: Option<Pid>,
    exit: Option<OwnedFd>,
}

impl Child {
    pub(super) fn start(expression: &Expression) -> io::Result<Self> {
        let handle = expression.unchecked().start()?;
        let pid = handle.pids().first().copied();
        let pid = pid.and_then(|pid| Pid::from_raw(pid as i32));
        let exit = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        Ok(Child { handle, pid, exit })
    }

    /// Readable once it has ended.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.exit.as_ref().map(AsFd::as_fd)
    }

    /// How long to poll at most: kernels without such descriptors are asked again and again.
    pub(super) fn patience(&self) -> Option<Duration> {
        self.exit.is_none().then_some(Duration::from_millis(10))
    }

    /// How it ended, once it has.
    pub(super) fn ended(&self) -> Option<End> {
        match self.handle.try_wait() {
            Ok(None) => None,
            Ok(Some(output)) => Some(end(output.status)),
            Err(error) => Some(End::NotStarted(error.to_string())),
        }
    }

    /// Sends a signal to it and all it started, but those that left its group.
    pub(super) fn signal_group(&self, signal: Signal) {
        if let Some(pid) = self.pid {
            let _ = kill_process_group(pid, signal);
        }
    }

    /// Sends a signal to it alone.
    pub(super) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid {
            let _ = kill_process(pid, signal);
        }
    }

    /// Ends what it left behind in its group: those told to go get the rest of their grace.
    pub(super) fn clear_group(&self, until: Instant, interrupt: &Interrupt) {
        while self.pid.is_some_and(group_lives) {
            if Instant::now() >= until || interrupt.wait(Duration::from_millis(10)) {
                return self.signal_group(Signal::KILL);
            }
        }
    }
}

/// Whether anything of a group still runs. The dead count as its members until somebody buries
/// them, which in containers nobody may ever do.
fn group_lives(group: Pid) -> bool {
    let number = group.as_raw_pid().to_string();
    let runs = |stat: String| {
        // After the name, which may hold anything: state, parent, group.
        let fields = stat
            .rsplit_once(')')
            .map(|(_, rest)| rest.split_whitespace());
        let mut fields = fields.into_iter().flatten();
        fields
            .next()
            .is_some_and(|state| !matches!(state, "Z" | "X"))
            && fields.nth(1) == Some(&number)
    };
    test_kill_process_group(group).is_ok()
        && std::fs::read_dir("/proc").is_ok_and(|mut entries| {
            entries.any(|entry| {
                let stat =
                    entry.and_then(|entry| std::fs::read_to_string(entry.path().join("stat")));
                stat.is_ok_and(runs)
            })
        })
}

/// The command as duct takes it, without its outputs.
pub(super) fn expression(call: &Call) -> Expression {
    let mut expression = duct::cmd(&call.program, &call.args).full_env(super::env::of(call));
    if let Some(cwd) = &call.cwd {
        expression = expression.dir(cwd);
    }
    expression
}

/// In a session of its own: the terminal's Ctrl-C and its end do not reach it, and what would ask
/// for a password there fails at once. In a mere process group it would be stopped for ever.
///
/// Only `pre_exec` does that, which is unsafe; process-wrap has it behind a safe call.
pub(super) fn detached(expression: &Expression) -> Expression {
    expression.before_spawn(|command| {
        let nothing = CommandWrap::with_new("", |_| ());
        ProcessSession.pre_spawn(command, &nothing)
    })
}

/// Why it did not start, in words: the system says "No such file" of program and folder alike.
pub(super) fn not_started(call: &Call, error: &io::Error) -> End {
    let missing = error.kind() == io::ErrorKind::NotFound;
    End::NotStarted(match &call.cwd {
        Some(cwd) if !cwd.is_dir() => format!("folder `{}` not found", cwd.display()),
        _ if missing
            && call.program.contains('/')
            && !std::path::Path::new(&call.program).exists() =>
        {
            format!("`{}` not found", call.program)
        }
        _ if missing && call.program.contains('/') => {
            format!("`{}`: its interpreter is not found", call.program)
        }
        _ if missing => format!("`{}` not found on PATH", call.program),
        _ => format!("`{}`: {error}", call.program),
    })
}

fn end(status: ExitStatus) -> End {
    match status.code() {
        Some(code) => End::Exit(code),
        None => End::Signal(status.signal().unwrap_or(0)),
    }
}
