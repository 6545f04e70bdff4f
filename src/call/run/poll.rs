//! Waiting for several things at once, with no thread and no pause.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};

/// Which of them can be read, or have ended; a place without a descriptor never can.
///
/// Returns early with none where a signal comes: callers look at their clocks in a loop.
pub(super) fn readable(fds: &[Option<BorrowedFd<'_>>], at_most: Option<Duration>) -> Vec<bool> {
    let wanted: Vec<_> = fds
        .iter()
        .map(|fd| fd.map(|fd| (fd, PollFlags::IN)))
        .collect();
    ready(&wanted, at_most)
}

/// As [`readable`], with what each is waited for.
pub(super) fn ready(
    fds: &[Option<(BorrowedFd<'_>, PollFlags)>],
    at_most: Option<Duration>,
) -> Vec<bool> {
    let mut polled: Vec<_> = fds
        .iter()
        .flatten()
        .map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags))
        .collect();
    let limit = at_most.map(|time| Timespec {
        tv_sec: time.as_secs().min(1 << 30) as i64,
        tv_nsec: time.subsec_nanos().into(),
    });
    if rustix::event::poll(&mut polled, limit.as_ref()).is_err() {
        return vec![false; fds.len()];
    }
    let mut seen = polled.iter().map(|fd| !fd.revents().is_empty());
    fds.iter()
        .map(|fd| fd.is_some() && seen.next().unwrap_or(false))
        .collect()
}
