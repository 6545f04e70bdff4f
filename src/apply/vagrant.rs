//! Vagrant is run, and waited for where another one holds the machine.

use super::{Doer, Halt};
use crate::call::run::run;
use crate::call::{Call, Outcome};
use crate::engine::{libvirt, vagrant};
use std::time::{Duration, Instant};

/// As long as another Vagrant of a machine is waited for.
const OTHER: Duration = Duration::from_secs(30);

impl Doer<'_> {
    /// Has Vagrant do something; `told` hears each line of its as it comes.
    pub(super) fn vagrant(&self, call: &Call, told: &mut dyn FnMut(&str)) -> Result<(), Halt> {
        let until = Instant::now() + OTHER;
        let once = |told: &mut dyn FnMut(&str)| -> Result<Outcome, Halt> {
            self.go_on()?;
            self.ui.call(&call.to_string());
            Ok(run(call, self.interrupt, Some(told)))
        };
        let mut outcome = once(told)?;
        if vagrant::is_held(&outcome) {
            let text = "for another Vagrant that is at work on the machine";
            let stage = self.stage("wait", text, None);
            while vagrant::is_held(&outcome) && Instant::now() < until {
                self.interrupt.wait(libvirt::GLANCE * 4);
                outcome = once(told)?;
            }
            if !vagrant::is_held(&outcome) {
                stage.done(text);
            }
        }
        if outcome.ok() {
            return Ok(());
        }
        self.go_on()?;
        Err(vagrant::failed(&outcome).into())
    }
}
