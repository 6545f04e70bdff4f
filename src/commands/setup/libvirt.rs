//! libvirt answers this user, and has a pool for disks.

use super::{Failure, Work, sudo};
use crate::call::{Call, Outcome};
use crate::engine::libvirt;
use crate::engine::setup;
use std::path::Path;
use std::time::Duration;

/// How often a daemon is asked that was just started, and how long is waited in between.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

impl Work<'_> {
    pub(super) fn libvirt(&self) -> Result<(), Failure> {
        let mut told = self.ask(&setup::pool());
        if rule_of(&told) == Some(5061) {
            told = self.daemon()?;
        }
        if libvirt::wants_group(&told) && !self.is_root {
            let user = &self.host.user;
            self.say("setup: this user may not talk to libvirt; in its group it may, once it has logged in anew");
            let line = format!("sudo usermod --append --groups libvirt {user}");
            return Err(self.by_root(vec![line]));
        }
        let calls = if !told.ok() && told.stderr.contains("failed to get pool") {
            setup::make_pool()
        } else if !told.ok() {
            return Err(libvirt::failed(&told).into());
        } else if told.stdout.contains("running") {
            self.say("setup: libvirt answers, and has a pool");
            return Ok(());
        } else {
            vec![setup::start_pool()]
        };
        // Whoever may talk to libvirt may do this.
        self.agree_to(
            "setup: libvirt has no pool for disks; this makes it:",
            &calls,
        )?;
        calls.iter().try_for_each(|call| self.act(call))
    }

    /// Starts the daemon, and waits until it answers.
    fn daemon(&self) -> Result<Outcome, Failure> {
        let calls = setup::start_daemon(Path::new("/run/systemd/system").exists());
        if !self.is_root {
            let lines = calls.iter().map(Call::to_string).collect();
            return Err(self.by_root(sudo(lines)));
        }
        self.agree_to(
            "setup: the libvirt daemon does not run; this starts it:",
            &calls,
        )?;
        for call in &calls {
            self.act(call)?;
        }
        let mut told = self.ask(&setup::pool());
        for _ in 0..TRIES {
            if rule_of(&told) != Some(5061) || self.session.interrupt.count() > 0 {
                break;
            }
            self.session.interrupt.wait(PAUSE);
            told = self.ask(&setup::pool());
        }
        Ok(told)
    }

    fn agree_to(&self, title: &str, calls: &[Call]) -> Result<(), Failure> {
        let lines: Vec<String> = calls.iter().map(Call::to_string).collect();
        self.announce(title, &lines);
        self.agreed()
    }
}

fn rule_of(outcome: &Outcome) -> Option<u16> {
    (!outcome.ok()).then(|| libvirt::failed(outcome).rule.number)
}
