//! How many tests use the engine at once.

use std::sync::{Condvar, Mutex, PoisonError};

/// More would only wait for each other.
pub const AT_ONCE: usize = 3;

static FREE: (Mutex<usize>, Condvar) = (Mutex::new(AT_ONCE), Condvar::new());

/// The turns that a test has taken; others have them after it.
pub struct Turn(usize);

impl Turn {
    pub fn take(turns: usize) -> Self {
        let (free, changed) = &FREE;
        let mut left = free.lock().unwrap_or_else(PoisonError::into_inner);
        while *left < turns {
            left = changed.wait(left).unwrap_or_else(PoisonError::into_inner);
        }
        *left -= turns;
        Turn(turns)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let (free, changed) = &FREE;
        *free.lock().unwrap_or_else(PoisonError::into_inner) += self.0;
        changed.notify_all();
    }
}
