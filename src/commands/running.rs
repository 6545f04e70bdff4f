//! Machines that are taken down when the program is done with them, however it ends.

use super::Session;
use super::seen::Machine;
use super::session::Error;
use crate::call::run::Interrupt;
use crate::plan::situation::State;
use crate::ui::{self, Ui};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How many are held in this process, so that the last one lets an interrupt end it.
static HELD: AtomicUsize = AtomicUsize::new(0);
/// Whether an interrupt came while any was held.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Machines that run until this is dropped, also by a panic. Then each is again what it was before: removed,
/// stopped, or left as it ran.
///
/// INT, TERM and HUP take them down as well, and then end the process with status 130.
pub struct Running {
    machines: Vec<Machine>,
    held: Arc<Held>,
    hears: Interrupt,
    watch: Option<JoinHandle<()>>,
}

struct Held {
    session: Session,
    before: BTreeMap<String, State>,
    is_down: Mutex<bool>,
    is_done: AtomicBool,
}

impl Running {
    pub(super) fn begin(session: Session, targets: &[&str]) -> Result<Self, Error> {
        let before = session.status()?.into_iter();
        HELD.fetch_add(1, Ordering::SeqCst);
        let held = Arc::new(Held {
            before: before
                .map(|machine| (machine.name, machine.state))
                .collect(),
            session,
            is_down: Mutex::default(),
            is_done: AtomicBool::default(),
        });
        match held.session.up(targets) {
            Ok(machines) => {
                let hears = Interrupt::install();
                let (watched, interrupt) = (held.clone(), hears.clone());
                Ok(Running {
                    machines,
                    held,
                    hears,
                    watch: Some(std::thread::spawn(move || watched.watch(&interrupt))),
                })
            }
            Err(error) => {
                held.take_down()?;
                Err(error)
            }
        }
    }

    /// The machines that were asked for.
    pub fn machines(&self) -> &[Machine] {
        &self.machines
    }

    /// One of them, by its name.
    pub fn machine(&self, name: &str) -> Option<&Machine> {
        self.machines.iter().find(|machine| machine.name == name)
    }

    /// Takes them down now, and tells how that went.
    ///
    /// # Errors
    /// When something is left.
    pub fn down(self) -> Result<(), Error> {
        self.held.take_down()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        tell(&self.held.take_down());
        self.held.is_done.store(true, Ordering::SeqCst);
        self.hears.raise();
        if let Some(watch) = self.watch.take() {
            // It does not panic; if it did, the machines are down already.
            let _ = watch.join();
        }
    }
}

impl Held {
    /// Waits for an interrupt, or for the end.
    fn watch(&self, interrupt: &Interrupt) {
        while interrupt.count() == 0 {
            interrupt.wait(Duration::from_secs(3600));
        }
        if self.is_done.load(Ordering::SeqCst) {
            return;
        }
        INTERRUPTED.store(true, Ordering::SeqCst);
        tell(&self.take_down());
    }

    fn take_down(&self) -> Result<(), Error> {
        let mut is_down = self.is_down.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *is_down, true) {
            return Ok(());
        }
        let result = self.restore();
        let is_last = HELD.fetch_sub(1, Ordering::SeqCst) == 1;
        if is_last && INTERRUPTED.load(Ordering::SeqCst) {
            tell(&result);
            std::process::exit(130);
        }
        result
    }

    /// Makes each machine what it was before.
    fn restore(&self) -> Result<(), Error> {
        let now = self.session.status()?;
        let was = |machine: &Machine| self.before.get(&machine.name).copied();
        let (mut stopped, mut removed) = (Vec::new(), Vec::new());
        for machine in now.iter().filter(|one| one.state != State::NotCreated) {
            match was(machine).unwrap_or(State::NotCreated) {
                State::NotCreated => removed.push(machine.name.as_str()),
                State::Stopped if machine.state != State::Stopped => stopped.push(&*machine.name),
                _ => {}
            }
        }
        let stop = || match stopped[..] {
            [] => Ok(()),
            _ => self.session.stop(&stopped),
        };
        let remove = || match removed[..] {
            [] => Ok(()),
            _ => self.session.rm(&removed),
        };
        // Both are tried whatever becomes of the other.
        remove().and(stop())
    }
}

/// Nobody else could tell, and a machine that is left is to be known of.
fn tell(result: &Result<(), Error>) {
    if let Err(error) = result {
        Ui::new(ui::Options::default()).err(&error.to_string());
    }
}
