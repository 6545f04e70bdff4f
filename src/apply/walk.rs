//! Steps in their order, several at once: each begins when all that it needs has ended well.

use crate::plan::order::Order;
use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How one piece of work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Well.
    Done,
    /// What needs it cannot begin.
    Failed,
    /// By an interrupt: nothing more begins.
    Interrupted,
}

/// What became of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was begun, and ended so.
    Ended(Ended),
    /// It was not begun: what it needs, at this place, is not there.
    Waits(usize),
    /// It was not begun: an interrupt came before.
    Left,
}

/// Does all of the work, at most so many pieces at once. Where the order is only a courtesy, as on
/// the way down, a failure keeps nothing from its turn.
pub fn walk(
    order: &Order,
    at_most: usize,
    is_courtesy: bool,
    is_over: &(dyn Fn() -> bool + Sync),
    work: &(dyn Fn(usize) -> Ended + Sync),
) -> Vec<Fate> {
    let board = Board {
        order,
        is_courtesy,
        is_over,
        state: Mutex::new(State {
            fates: vec![None; order.len()],
            running: HashSet::new(),
        }),
        changed: Condvar::new(),
    };
    match at_most.clamp(1, order.len().max(1)) {
        1 => board.work(work),
        threads => std::thread::scope(|scope| {
            (0..threads).for_each(|_| drop(scope.spawn(|| board.work(work))));
        }),
    }
    let fates = board.lock().fates.clone();
    let fates = fates.into_iter();
    fates.map(|fate| fate.unwrap_or(Fate::Left)).collect()
}

struct Board<'a> {
    order: &'a Order,
    is_courtesy: bool,
    is_over: &'a (dyn Fn() -> bool + Sync),
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    fates: Vec<Option<Fate>>,
    running: HashSet<usize>,
}

impl Board<'_> {
    /// Takes one piece after the other, until none is left.
    fn work(&self, work: &(dyn Fn(usize) -> Ended + Sync)) {
        while let Some(place) = self.next() {
            // Settled however it ends, a panic included: others may wait for it.
            let mut turn = Turn {
                board: self,
                place,
                ended: Ended::Failed,
            };
            turn.ended = work(place);
        }
    }

    /// The next piece whose turn it is; nothing where none is left.
    fn next(&self) -> Option<usize> {
        let mut state = self.lock();
        loop {
            self.settle(&mut state);
            let ready = (0..self.order.len()).find(|place| self.is_ready(&state, *place));
            if let Some(place) = ready {
                state.running.insert(place);
                return Some(place);
            }
            // Nothing runs and nothing can begin: all have their fate, but what needs itself.
            if state.running.is_empty() {
                self.changed.notify_all();
                return None;
            }
            let woken = self.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn is_ready(&self, state: &State, place: usize) -> bool {
        let mut needs = self.order.needs(place).iter();
        state.fates[place].is_none()
            && !state.running.contains(&place)
            && needs.all(|need| state.fates[*need].is_some())
    }

    /// Gives its fate to all that will not begin.
    fn settle(&self, state: &mut State) {
        let is_over = (self.is_over)() || state.fates.contains(&INTERRUPTED);
        loop {
            let hopeless = (0..self.order.len()).find_map(|place| {
                if state.fates[place].is_some() || state.running.contains(&place) {
                    return None;
                }
                if is_over {
                    return Some((place, Fate::Left));
                }
                let mut needs = self.order.needs(place).iter();
                let missing = needs.find(|need| {
                    !matches!(state.fates[**need], None | Some(Fate::Ended(Ended::Done)))
                });
                let missing = missing.filter(|_| !self.is_courtesy)?;
                Some((place, Fate::Waits(*missing)))
            });
            let Some((place, fate)) = hopeless else {
                return;
            };
            state.fates[place] = Some(fate);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const INTERRUPTED: Option<Fate> = Some(Fate::Ended(Ended::Interrupted));

struct Turn<'a> {
    board: &'a Board<'a>,
    place: usize,
    ended: Ended,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.board.lock();
        state.running.remove(&self.place);
        state.fates[self.place] = Some(Fate::Ended(self.ended));
        self.board.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::{Ended, Fate, walk};
    use crate::plan::order::Order;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const DONE: Fate = Fate::Ended(Ended::Done);
    const FAILED: Fate = Fate::Ended(Ended::Failed);

    /// web needs db; tools stands alone; app needs web.
    fn shop() -> Order {
        Order::of(&[
            ("web", vec!["db"]),
            ("db", vec![]),
            ("tools", vec![]),
            ("app", vec!["web"]),
        ])
    }

    fn never() -> bool {
        false
    }

    #[test]
    fn each_begins_after_what_it_needs_however_many_work() {
        for at_most in 1..6 {
            let began = Mutex::new(Vec::new());
            let work = |place| {
                began.lock().unwrap().push(place);
                Ended::Done
            };
            let fates = walk(&shop(), at_most, false, &never, &work);
            assert_eq!(fates, [DONE; 4]);
            let began = began.into_inner().unwrap();
            let at = |place| began.iter().position(|one| *one == place);
            assert!(at(1) < at(0) && at(0) < at(3), "{began:?}");
        }
    }

    #[test]
    fn what_needs_a_failed_one_is_not_begun_and_the_rest_is() {
        let fail = |failing: usize| {
            move |place| match place == failing {
                true => Ended::Failed,
                false => Ended::Done,
            }
        };
        let fates = walk(&shop(), 4, false, &never, &fail(1));
        assert_eq!(fates, [Fate::Waits(1), FAILED, DONE, Fate::Waits(0)]);
        let fates = walk(&shop().reversed(), 4, true, &never, &fail(3));
        assert_eq!(fates, [DONE, DONE, DONE, FAILED], "a courtesy");
    }

    #[test]
    fn after_an_interrupt_nothing_begins() {
        let work = |place| match place {
            1 => Ended::Interrupted,
            _ => Ended::Done,
        };
        let fates = walk(&shop(), 1, false, &never, &work);
        let cut = Fate::Ended(Ended::Interrupted);
        assert_eq!(fates, [Fate::Left, cut, Fate::Left, Fate::Left]);
        let fates = walk(&shop(), 4, false, &|| true, &work);
        assert_eq!(fates, [Fate::Left; 4]);
    }

    #[test]
    fn no_more_than_so_many_at_once_and_as_many_as_may() {
        let names: Vec<String> = (0..40).map(|number| format!("m{number}")).collect();
        let all: Vec<_> = names.iter().map(|name| (name.as_str(), vec![])).collect();
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let gate = std::sync::Barrier::new(4);
        let work = |_| {
            let count = now.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(count, Ordering::SeqCst);
            gate.wait();
            now.fetch_sub(1, Ordering::SeqCst);
            Ended::Done
        };
        let fates = walk(&Order::of(&all), 4, false, &never, &work);
        assert_eq!(fates, [DONE; 40]);
        assert!(most.load(Ordering::SeqCst) <= 4);
    }

    #[test]
    fn a_circle_ends() {
        let circle = Order::of(&[("a", vec!["b"]), ("b", vec!["a"]), ("c", vec![])]);
        let fates = walk(&circle, 3, false, &never, &|_| Ended::Done);
        assert_eq!(fates, [Fate::Left, Fate::Left, DONE]);
    }
}
