//! The process's ears: INT, TERM and HUP reach all who listen, and do what they always did while nobody does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag::register_conditional_default;
use signal_hook::iterator::Signals;

/// Somebody who counts signals.
pub(super) trait Listener: Send + Sync {
    /// One has come.
    fn hear(&self);
}

/// Handlers are set once a process and never taken back: a process may have many listeners, one after the
/// other or at once.
pub(super) struct Ears {
    listeners: Mutex<Vec<Weak<dyn Listener>>>,
    is_idle: Arc<AtomicBool>,
}

static EARS: OnceLock<Ears> = OnceLock::new();

impl Ears {
    /// Adds a listener; it is forgotten when it goes and [`Ears::tidy`] is called.
    pub(super) fn listen(listener: Weak<dyn Listener>) {
        let mut is_first = false;
        let ears = EARS.get_or_init(|| {
            is_first = true;
            Ears {
                listeners: Mutex::default(),
                is_idle: Arc::default(),
            }
        });
        let mut listeners = ears.lock();
        listeners.push(listener);
        ears.is_idle.store(false, Ordering::SeqCst);
        drop(listeners);
        if is_first {
            ears.open();
        }
    }

    /// Forgets those that have gone. After the last one, signals end the program again.
    pub(super) fn tidy() {
        let Some(ears) = EARS.get() else { return };
        let mut listeners = ears.lock();
        listeners.retain(|listener| listener.strong_count() > 0);
        ears.is_idle.store(listeners.is_empty(), Ordering::SeqCst);
    }

    fn open(&'static self) {
        // A signal that is ignored stays so: `nohup` and a shell's background jobs mean it.
        let ignored = ignored_signals();
        let heeded: Vec<i32> = [SIGINT, SIGTERM, SIGHUP]
            .into_iter()
            .filter(|signal| ignored & (1 << (signal - 1)) == 0)
            .collect();
        for signal in &heeded {
            // Without handlers the signals keep their default, which is to end us: no worse.
            let _ = register_conditional_default(*signal, self.is_idle.clone());
        }
        if let Ok(mut signals) = Signals::new(heeded) {
            std::thread::spawn(move || signals.forever().for_each(|_| self.pass_on()));
        }
    }

    fn pass_on(&self) {
        let all: Vec<Arc<dyn Listener>> = self.lock().iter().filter_map(Weak::upgrade).collect();
        all.iter().for_each(|listener| listener.hear());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<dyn Listener>>> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The mask of what was ignored when we were started; there is no other safe way to ask.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}
