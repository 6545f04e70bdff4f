//! Running a [`Call`]: started once, waited for in one place, ended with care.

mod child;
mod due;
mod ears;
mod env;
mod foreground;
mod interrupt;
mod left_behind;
mod poll;
mod probe;
mod reachable;
mod stream;

pub use env::{is_needed, is_there, withhold};
pub use foreground::{foreground, foreground_watching};
pub use interrupt::Interrupt;
pub use left_behind::{dismiss, end_left_behind, wait_for_left_behind};
pub use probe::{ProbeEnd, ProbeFailure, is_anyone_at, wait_for_banner};
pub use reachable::reachable;

use std::io;
use std::time::{Duration, Instant};

use super::{Call, Effect, End, Outcome};
use child::Child;
use due::Due;
use stream::Stream;

/// How often output is looked at while somebody listens.
const GLANCE: Duration = Duration::from_millis(50);

/// Runs a command to its end, in a session of its own, telling each line it writes.
///
/// What only looks ends with us, at an interrupt and at its deadline: TERM to its group, 2 s of
/// grace, KILL. What changes something goes on when we die, and through the first interrupt;
/// TERM reaches its group at the second or at its deadline, KILL at the next one or 10 s later.
/// What can be stopped gets INT at the first, then the same. An interrupt from before the start
/// does not count, so work can be cleared up after one.
pub fn run(
    call: &Call,
    interrupt: &Interrupt,
    mut on_line: Option<&mut dyn FnMut(&str)>,
) -> Outcome {
    let began = Instant::now();
    // Before the start, so that an interrupt while it starts is heard.
    let due = Due::new(call, interrupt);
    let (end, outputs) = match start(call) {
        Ok((child, mut outputs)) => {
            let end = follow(due, &child, interrupt, &mut outputs, &mut on_line);
            finish(&mut outputs, &mut on_line);
            (end, Some(outputs))
        }
        Err(error) => (child::not_started(call, &error), None),
    };
    let [stdout, stderr] =
        outputs.map_or_else(Default::default, |outputs| outputs.map(Stream::into_text));
    Outcome {
        line: call.to_string(),
        end,
        stdout,
        stderr,
        took: began.elapsed(),
    }
}

fn start(call: &Call) -> io::Result<(Child, [Stream; 2])> {
    let open = match call.effect {
        Effect::Read => Stream::pipe,
        Effect::Change | Effect::Stoppable => Stream::file,
    };
    let (stdout, to_stdout) = open()?;
    let (stderr, to_stderr) = open()?;
    let expression = child::expression(call)
        .stdout_file(to_stdout)
        .stderr_file(to_stderr);
    let expression = match &call.stdin {
        Some(bytes) => expression.stdin_file(stream::input(bytes)?),
        None => expression.stdin_null(),
    };
    // The expression holds the write ends: it must go before anyone waits for theirs to close.
    let child = Child::start(&child::detached(&expression))?;
    Ok((child, [stdout, stderr]))
}

/// Follows it to its end, and brings that about where it is due.
fn follow(
    mut due: Due,
    child: &Child,
    interrupt: &Interrupt,
    outputs: &mut [Stream; 2],
    on_line: &mut Option<&mut dyn FnMut(&str)>,
) -> End {
    let bell = interrupt.bell();
    loop {
        let left = due.look(child, interrupt);
        let glance = on_line.is_some().then_some(GLANCE);
        let at_most = [left, glance, child.patience()].into_iter().flatten().min();
        let [stdout, stderr] = outputs.each_ref().map(Stream::fd);
        let ready = poll::readable(&[child.fd(), bell.fd(), stdout, stderr], at_most);
        bell.hush();
        for (output, is_ready) in outputs.iter_mut().zip(&ready[2..]) {
            if *is_ready || (on_line.is_some() && output.fd().is_none()) {
                output.take();
            }
            if let Some(on_line) = on_line {
                output.tell(on_line, false);
            }
        }
        if let Some(end) = child.ended() {
            return due.cause(child, interrupt).unwrap_or(end);
        }
        if due.is_hopeless() {
            return due.cause(child, interrupt).unwrap_or(End::Interrupted);
        }
    }
}

/// Takes the rest. What the command left running may hold a pipe open: it gets a second.
fn finish(outputs: &mut [Stream; 2], on_line: &mut Option<&mut dyn FnMut(&str)>) {
    let until = Instant::now() + Duration::from_secs(1);
    loop {
        let fds = outputs.each_ref().map(Stream::fd);
        let left = until.saturating_duration_since(Instant::now());
        if fds.iter().all(Option::is_none) || left.is_zero() {
            break;
        }
        let ready = poll::readable(&fds, Some(left));
        for (output, is_ready) in outputs.iter_mut().zip(ready) {
            if is_ready {
                output.take();
            }
        }
    }
    for output in outputs {
        if output.is_file() {
            output.take();
        }
        if let Some(on_line) = on_line {
            output.tell(on_line, true);
        }
    }
}
