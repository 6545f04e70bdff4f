//! Commands the user talks to: ssh, an editor, a password's question.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::Signal;
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::child::{self, Child};
use super::poll;
use crate::call::{Call, End};

/// How much of what it complained is kept.
const KEPT: usize = 4096;

/// Runs a command that has the terminal, in our process group.
///
/// Ctrl-C and Ctrl-\ are its own meanwhile; TERM and HUP are handed on to it. The call's input
/// and deadline play no part.
pub fn foreground(call: &Call) -> End {
    let Ok(signals) = Signals::hold() else {
        return End::NotStarted("no signal handlers to be had".into());
    };
    match Child::start(&child::expression(call)) {
        Ok(child) => loop {
            poll::readable(&[child.fd(), Some(signals.pipe.as_fd())], child.patience());
            signals.hand_on(&child);
            if let Some(end) = child.ended() {
                return end;
            }
        },
        Err(error) => child::not_started(call, &error),
    }
}

/// As [`foreground`]; its complaints pass through to our stderr byte by byte as they come, and
/// the last 4 KB of them are returned.
pub fn foreground_watching(call: &Call) -> (End, String) {
    let signals = Signals::hold();
    let pipe = io::pipe();
    let (Ok(signals), Ok((mut reader, writer))) = (signals, pipe) else {
        return (foreground(call), String::new());
    };
    let expression = child::expression(call).stderr_file(writer);
    let child = match Child::start(&expression) {
        Ok(child) => child,
        Err(error) => return (child::not_started(call, &error), String::new()),
    };
    // It holds the write end, and the pipe would never end.
    drop(expression);
    let mut kept = Vec::new();
    let mut is_open = true;
    loop {
        let from = is_open.then(|| reader.as_fd());
        let fds = [from, child.fd(), Some(signals.pipe.as_fd())];
        let ready = poll::readable(&fds, child.patience());
        signals.hand_on(&child);
        if ready[0] {
            is_open = pass_on(&mut reader, &mut kept);
        } else if let Some(end) = child.ended() {
            // Nothing is left in the pipe, though something it left running may hold it.
            let text = String::from_utf8_lossy(&kept).into_owned();
            return (end, text);
        }
    }
}

fn pass_on(reader: &mut io::PipeReader, kept: &mut Vec<u8>) -> bool {
    let mut buffer = [0; KEPT];
    match reader.read(&mut buffer) {
        Ok(0) => false,
        Ok(count) => {
            // A closed terminal is no reason to lose the reason.
            let _ = io::stderr().write_all(&buffer[..count]);
            kept.extend_from_slice(&buffer[..count]);
            kept.drain(..kept.len().saturating_sub(KEPT));
            true
        }
        Err(error) => error.kind() == io::ErrorKind::Interrupted,
    }
}

/// Keeps signals from ending us while another program has the terminal.
struct Signals {
    pipe: UnixStream,
    ids: Vec<SigId>,
}

impl Signals {
    fn hold() -> io::Result<Self> {
        let (pipe, writer) = UnixStream::pair()?;
        pipe.set_nonblocking(true)?;
        let mut ids = Vec::new();
        for signal in [SIGINT, SIGQUIT] {
            // Heard and not heeded: a signal that is ignored would be ignored by the child too.
            let unheeded = Arc::new(AtomicBool::new(false));
            ids.push(signal_hook::flag::register(signal, unheeded)?);
        }
        for signal in [SIGTERM, SIGHUP] {
            let writer = writer.try_clone()?;
            ids.push(signal_hook::low_level::pipe::register(signal, writer)?);
        }
        Ok(Signals { pipe, ids })
    }

    fn hand_on(&self, child: &Child) {
        if (&self.pipe).read(&mut [0; 16]).is_ok_and(|count| count > 0) {
            child.signal(Signal::TERM);
        }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for id in self.ids.drain(..) {
            signal_hook::low_level::unregister(id);
        }
    }
}
