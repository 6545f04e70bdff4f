//! A rendezvous: machines of one rank that are provisioned by the same are provisioned in one run. The last that
//! arrives leads; who does not come is not waited for.

use crate::call::run::Interrupt;
use crate::diagnostic::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often who waits looks for an interrupt.
const LOOK: Duration = Duration::from_millis(50);

/// What came of a round: for all who were in it. Without a finding an interrupt cut it short.
pub(super) type Came<D> = Result<Arc<D>, Option<Box<Diagnostic>>>;

/// All rounds, by their keys. `M` is what each brings, `D` what comes of it.
pub(super) struct Rounds<M, D> {
    rounds: Mutex<BTreeMap<String, Round<M, D>>>,
    changed: Condvar,
}

struct Round<M, D> {
    expected: BTreeSet<String>,
    here: Vec<M>,
    is_led: bool,
    came: Option<Came<D>>,
}

/// What whoever arrives does next.
pub(super) enum Turn<M, D> {
    /// Does it for all of these.
    Leads(Vec<M>),
    /// It was done.
    Came(Came<D>),
}

impl<M, D> Default for Rounds<M, D> {
    fn default() -> Self {
        Rounds {
            rounds: Mutex::default(),
            changed: Condvar::new(),
        }
    }
}

impl<M, D> Rounds<M, D> {
    /// A machine will come to a round, or leave it.
    pub(super) fn expect(&self, key: &str, name: &str) {
        let mut rounds = self.lock();
        let round = rounds.entry(key.to_owned()).or_insert_with(|| Round {
            expected: BTreeSet::new(),
            here: Vec::new(),
            is_led: false,
            came: None,
        });
        round.expected.insert(name.to_owned());
    }

    /// A machine arrives; whoever was not expected, or comes again, is alone.
    pub(super) fn arrive(
        &self,
        key: &str,
        name: &str,
        brings: M,
        interrupt: &Interrupt,
    ) -> Turn<M, D> {
        let mut rounds = self.lock();
        match rounds.get_mut(key) {
            Some(round) if round.expected.contains(name) => {
                round.expected.remove(name);
                round.here.push(brings);
            }
            _ => return Turn::Leads(vec![brings]),
        }
        loop {
            let Some(round) = rounds.get_mut(key) else {
                return Turn::Came(Err(None));
            };
            if let Some(came) = &round.came {
                return Turn::Came(came.clone());
            }
            if round.expected.is_empty() && !round.is_led {
                round.is_led = true;
                return Turn::Leads(std::mem::take(&mut round.here));
            }
            // Once it is led, who leads hears the interrupt.
            if !round.is_led && interrupt.count() > 0 {
                return Turn::Came(Err(None));
            }
            let waited = self.changed.wait_timeout(rounds, LOOK);
            rounds = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// A round's leader tells what came of it.
    pub(super) fn finish(&self, key: &str, came: Came<D>) {
        if let Some(round) = self.lock().get_mut(key) {
            round.came = Some(came);
        }
        self.changed.notify_all();
    }

    /// A machine does not come to a round.
    pub(super) fn pass(&self, key: &str, name: &str) {
        if let Some(round) = self.lock().get_mut(key) {
            round.expected.remove(name);
        }
        self.changed.notify_all();
    }

    /// A machine comes to no further round.
    pub(super) fn leave(&self, name: &str) {
        for round in self.lock().values_mut() {
            round.expected.remove(name);
        }
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Round<M, D>>> {
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Rounds, Turn};
    use crate::call::run::Interrupt;
    use std::sync::Arc;

    fn go(
        rounds: &Rounds<String, usize>,
        key: &str,
        name: &str,
        interrupt: &Interrupt,
    ) -> Option<usize> {
        match rounds.arrive(key, name, name.to_owned(), interrupt) {
            Turn::Leads(all) => {
                rounds.finish(key, Ok(Arc::new(all.len())));
                Some(all.len())
            }
            Turn::Came(came) => came.ok().map(|count| *count),
        }
    }

    #[test]
    fn all_who_come_are_in_one_run_and_nobody_waits_for_who_does_not() {
        let (rounds, interrupt) = (Rounds::default(), Interrupt::none());
        for name in ["a", "b", "c", "d"] {
            rounds.expect("site", name);
        }
        std::thread::scope(|scope| {
            let come = ["a", "b"].map(|name| {
                let (rounds, interrupt) = (&rounds, &interrupt);
                scope.spawn(move || go(rounds, "site", name, interrupt))
            });
            rounds.pass("site", "c");
            rounds.leave("d");
            for one in come {
                assert_eq!(one.join().unwrap(), Some(2));
            }
        });
        assert_eq!(go(&rounds, "site", "e", &interrupt), Some(1), "alone");
        assert_eq!(go(&rounds, "other", "a", &interrupt), Some(1), "alone");
    }

    #[test]
    fn an_interrupt_ends_the_waiting() {
        let (rounds, interrupt) = (Rounds::default(), Interrupt::none());
        rounds.expect("site", "a");
        rounds.expect("site", "never");
        std::thread::scope(|scope| {
            let one = scope.spawn(|| go(&rounds, "site", "a", &interrupt));
            interrupt.raise();
            assert_eq!(one.join().unwrap(), None);
        });
    }
}
