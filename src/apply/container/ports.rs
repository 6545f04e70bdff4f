//! Ports that vagrantp picked, where a process was quicker to take one than the engine.

use super::{Doer, Halt, Job};
use crate::call::Outcome;
use crate::diagnostic::Diagnostic;
use crate::engine::{failure, podman};
use crate::state::ledger::Ledger;
use crate::state::listeners;
use crate::state::record::{MachineRecord, Stage};
use crate::value::HostPort;

/// How often ports are picked anew: whoever takes that many in a row does not do so by chance.
const PICKS: usize = 5;

impl Doer<'_> {
    /// Makes a machine; again with another port, where one that was picked has been taken since.
    pub(super) fn with_free_ports(
        &self,
        job: &mut Job,
        run: &dyn Fn(&Job) -> Result<Outcome, Halt>,
    ) -> Result<Outcome, Halt> {
        let mut outcome = run(job)?;
        for _ in 0..PICKS {
            if outcome.ok() || !self.pick_again(job, &outcome)? {
                break;
            }
            outcome = run(job)?;
        }
        Ok(outcome)
    }

    /// Picks another port for the one that the engine could not have; nothing where that was written.
    fn pick_again(&self, job: &mut Job, outcome: &Outcome) -> Result<bool, Halt> {
        let Some(guest) = picked(&mut job.record, outcome).map(|(guest, _)| guest) else {
            return Ok(false);
        };
        // What was refused is there, half-made, under the machine's name.
        self.must(&podman::remove_ours(&job.record.id, job.record.project))?;
        let interrupted = || self.interrupt.count() > 0;
        let mut ledger =
            Ledger::hold(self.state, &interrupted).map_err(|error| error.diagnostic())?;
        let port = ledger.pick_auto(&job.identity, guest, &listeners::is_taken);
        let (Some(port), Some((_, place))) = (port, picked(&mut job.record, outcome)) else {
            return Ok(false);
        };
        *place = port;
        self.save(job, Stage::Creating)?;
        Ok(true)
    }

    /// What the engine refused, at the user's line where it is about one.
    pub(super) fn refused(&self, job: &mut Job, outcome: &Outcome) -> Diagnostic {
        let finding = failure::read(outcome);
        if finding.rule.number != 6002 {
            return finding;
        }
        let written = job.machine.iter().flat_map(|machine| &machine.ports);
        let mut written = written.map(|port| (port.value, port.origin));
        let fixed = written.clone().find_map(|(port, origin)| match port.host {
            HostPort::Fixed(host) if is_busy(host, outcome) => Some((host, origin)),
            _ => None,
        });
        if let Some((host, origin)) = fixed {
            return finding.message(in_use(host)).at_origin(origin);
        }
        let Some((guest, place)) = picked(&mut job.record, outcome) else {
            return finding;
        };
        let mut finding = finding.message(in_use(*place)).help(match job.found {
            Some(_) => {
                "stop that process: ss -ltnup shows it, or make the machine anew: vagrantp rm"
            }
            None => "see who takes each port that is picked: ss -ltnup",
        });
        let rule = written.find(|(port, _)| port.host == HostPort::Auto && port.guest == guest);
        finding.span = rule.and_then(|(_, origin)| origin.span());
        finding
    }
}

/// The port that was picked and could not be had, and the machine's own behind it.
fn picked<'r>(record: &'r mut MachineRecord, outcome: &Outcome) -> Option<(u16, &'r mut u16)> {
    let published = record.networking.ports.iter_mut();
    let published = published.filter(|port| port.auto);
    let published = published.map(|port| (port.container_port, &mut port.host_port));
    let way_in = record.access.port.iter_mut().map(|port| (22, port));
    let mut all = published.chain(way_in);
    all.find(|(_, host)| is_busy(**host, outcome))
}

fn is_busy(host: u16, outcome: &Outcome) -> bool {
    let sentence = format!(":{host}: bind: address already in use");
    outcome.stderr.contains(&sentence)
}

fn in_use(host: u16) -> String {
    format!("Port {host} is already in use by a process")
}
