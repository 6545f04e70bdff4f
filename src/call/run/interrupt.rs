//! What the user or the system says while we work: INT, TERM and HUP, counted.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::ears::{Ears, Listener};
use super::poll;
use rustix::event::{EventfdFlags, eventfd};

/// The count of interrupts, shared by all who wait for something.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Inner>);

#[derive(Default)]
struct Inner {
    count: AtomicUsize,
    bells: Mutex<Vec<Arc<OwnedFd>>>,
}

impl Interrupt {
    /// Counts INT, TERM and HUP from now on, none of which ends the program until the last of those who count
    /// is gone.
    ///
    /// A signal that is ignored stays so: `nohup` and a shell's background jobs mean it.
    pub fn install() -> Self {
        let interrupt = Self::none();
        let listener: Arc<dyn Listener> = interrupt.0.clone();
        Ears::listen(Arc::downgrade(&listener));
        interrupt
    }

    /// Hears no signal; only [`Interrupt::raise`] counts.
    pub fn none() -> Self {
        Self::default()
    }

    /// How many have come.
    pub fn count(&self) -> usize {
        self.0.count.load(Ordering::SeqCst)
    }

    /// Counts one more, as a signal does.
    pub fn raise(&self) {
        self.0.hear();
    }

    /// Waits, and returns early with true where an interrupt comes meanwhile.
    pub fn wait(&self, at_most: Duration) -> bool {
        let until = Instant::now().checked_add(at_most);
        let bell = self.bell();
        let before = self.count();
        while self.count() == before {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return false;
            }
            poll::readable(&[bell.fd()], left);
        }
        true
    }

    /// Something to poll beside other descriptors: readable from the next interrupt on.
    pub(super) fn bell(&self) -> Bell {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        let fd = eventfd(0, flags).ok().map(Arc::new);
        self.bells().extend(fd.clone());
        let interrupt = self.clone();
        Bell { fd, interrupt }
    }

    fn bells(&self) -> MutexGuard<'_, Vec<Arc<OwnedFd>>> {
        self.0.bells()
    }
}

impl Inner {
    fn bells(&self) -> MutexGuard<'_, Vec<Arc<OwnedFd>>> {
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for Inner {
    fn hear(&self) {
        self.count.fetch_add(1, Ordering::SeqCst);
        for bell in self.bells().iter() {
            // The only failure is a counter at its limit, and that wakes just as well.
            let _ = rustix::io::write(bell, &1u64.to_ne_bytes());
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        Ears::tidy();
    }
}

/// A wakeup of one waiter's own, so that no waiter takes another's.
pub(super) struct Bell {
    fd: Option<Arc<OwnedFd>>,
    interrupt: Interrupt,
}

impl Bell {
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.fd.as_ref().map(|fd| fd.as_fd())
    }

    /// Silences it until the next interrupt.
    pub(super) fn hush(&self) {
        if let Some(fd) = &self.fd {
            let _ = rustix::io::read(fd, &mut [0u8; 8]);
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        if let Some(fd) = self.fd.take() {
            let mut bells = self.interrupt.bells();
            bells.retain(|bell| !Arc::ptr_eq(bell, &fd));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_early_for_everyone() {
        let interrupt = Interrupt::none();
        let began = Instant::now();
        let waiters: Vec<_> = (0..3)
            .map(|_| {
                let interrupt = interrupt.clone();
                std::thread::spawn(move || interrupt.wait(Duration::from_secs(20)))
            })
            .collect();
        while interrupt.bells().len() < 3 {
            std::thread::yield_now();
        }
        interrupt.raise();
        for waiter in waiters {
            // A waiter that had its bell but not yet its count may have missed the only one.
            interrupt.raise();
            assert!(waiter.join().unwrap());
        }
        assert!(began.elapsed() < Duration::from_secs(10));
        assert!(interrupt.bells().is_empty(), "a bell goes with its waiter");
    }

    #[test]
    fn a_signal_is_heard_by_all_who_listen() {
        let gone = Interrupt::install();
        let (one, other) = (Interrupt::install(), Interrupt::install());
        drop(gone);
        let me = rustix::process::getpid();
        rustix::process::kill_process(me, rustix::process::Signal::HUP).unwrap();
        for interrupt in [&one, &other] {
            while interrupt.count() == 0 {
                interrupt.wait(Duration::from_millis(10));
            }
        }
        assert_eq!((one.count(), other.count()), (1, 1));
    }

    #[test]
    fn a_wait_without_an_interrupt_lasts() {
        let began = Instant::now();
        assert!(!Interrupt::none().wait(Duration::from_millis(20)));
        assert!(began.elapsed() >= Duration::from_millis(20));
    }
}
