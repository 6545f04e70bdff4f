//! When a command is to be ended, how gently, and how far that has come.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::Interrupt;
use super::child::Child;
use crate::call::{Call, Effect, End};

/// What is sent, and how long it is given time; what outlives the last hangs in the kernel.
type Ladder = &'static [(Signal, Duration)];

const SHORT: Ladder = &[
    (Signal::TERM, Duration::from_secs(2)),
    (Signal::KILL, Duration::from_secs(5)),
];
const LONG: Ladder = &[
    (Signal::TERM, Duration::from_secs(10)),
    (Signal::KILL, Duration::from_secs(5)),
];
const POLITE: Ladder = &[
    (Signal::INT, Duration::from_secs(10)),
    (Signal::TERM, Duration::from_secs(10)),
    (Signal::KILL, Duration::from_secs(5)),
];

/// The end of one command. The deadline begins it, or an interrupt; each further interrupt and
/// each grace that is over goes one rung up.
pub(super) struct Due {
    ladder: Ladder,
    rung: usize,
    next_at: Option<Instant>,
    /// The count of interrupts that goes up the next rung.
    heeds: usize,
    cause: Option<End>,
    limit: Duration,
}

impl Due {
    pub(super) fn new(call: &Call, interrupt: &Interrupt) -> Self {
        let next = interrupt.count() + 1;
        let (ladder, heeds) = match call.effect {
            Effect::Read => (SHORT, next),
            // It is let finish at the first.
            Effect::Change => (LONG, next.max(2)),
            Effect::Stoppable => (POLITE, next),
        };
        Due {
            ladder,
            rung: 0,
            next_at: Instant::now().checked_add(call.deadline),
            heeds,
            cause: None,
            limit: call.deadline,
        }
    }

    /// Does what is due now; how long until the next thing is.
    pub(super) fn look(&mut self, child: &Child, interrupt: &Interrupt) -> Option<Duration> {
        let count = interrupt.count();
        while count >= self.heeds {
            self.cause.get_or_insert(End::Interrupted);
            self.heeds += 1;
            self.climb(child);
        }
        if self.is_late() && self.rung < self.ladder.len() {
            if self.cause.is_none() {
                self.cause = Some(End::Deadline(self.limit));
                self.heeds = count + 1;
            }
            self.climb(child);
        }
        let next = self.next_at?;
        Some(next.saturating_duration_since(Instant::now()))
    }

    /// Whether not even KILL ended it.
    pub(super) fn is_hopeless(&self) -> bool {
        self.rung == self.ladder.len() && self.is_late()
    }

    /// Why it was ended, with its group cleared; nothing where it ended by itself.
    pub(super) fn cause(self, child: &Child, interrupt: &Interrupt) -> Option<End> {
        if self.cause.is_some() {
            child.clear_group(self.next_at.unwrap_or_else(Instant::now), interrupt);
        }
        self.cause
    }

    fn climb(&mut self, child: &Child) {
        if let Some((signal, grace)) = self.ladder.get(self.rung) {
            child.signal_group(*signal);
            // What is stopped hears nothing until it goes on.
            child.signal_group(Signal::CONT);
            self.next_at = Instant::now().checked_add(*grace);
            self.rung += 1;
        }
    }

    fn is_late(&self) -> bool {
        self.next_at.is_some_and(|time| Instant::now() >= time)
    }
}
