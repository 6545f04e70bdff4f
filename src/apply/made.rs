//! A machine that was made, and how it is asked what it does.

use super::{Doer, Job};
use crate::call::run::run;
use crate::call::{Call, quoted};
use crate::engine::{access, libvirt, podman, virtualbox};
use crate::state::folder::{Identity, MachineFolder};
use crate::state::record::MachineRecord;
use crate::value::Provider;
use std::time::Duration;

/// A machine that was made.
pub struct Made {
    pub(super) provider: Provider,
    pub(super) engine_id: String,
    id: String,
    folder: MachineFolder,
}

impl Job<'_> {
    /// The machine, once the engine has it.
    pub(super) fn made(&self, doer: &Doer) -> Option<Made> {
        doer.made(&self.identity, &self.record)
    }
}

impl Doer<'_> {
    /// The machine that a record tells of, where the engine has it.
    pub fn made(&self, identity: &Identity, record: &MachineRecord) -> Option<Made> {
        Some(Made {
            provider: record.provider,
            engine_id: record.engine_id.clone()?,
            id: record.id.clone(),
            folder: self.state.machine(identity),
        })
    }

    /// How the machine ended, where it did.
    pub(super) fn gone(&self, made: &Made) -> Option<String> {
        match made.provider {
            Provider::Podman => {
                let outcome = run(&podman::is_running(&made.engine_id), self.interrupt, None);
                match outcome.stdout.trim().split_once(' ') {
                    Some(("false", status)) => Some(format!("it ended with status {status}")),
                    _ => None,
                }
            }
            Provider::Libvirt => {
                let outcome = run(&libvirt::state(&made.engine_id), self.interrupt, None);
                libvirt::read_gone(&outcome)
            }
            Provider::Virtualbox => {
                let outcome = run(&virtualbox::look(&made.engine_id), self.interrupt, None);
                virtualbox::read_gone(&outcome)
            }
        }
    }

    /// The last lines that the machine said while it came up.
    pub(super) fn last_words(&self, made: &Made) -> String {
        match made.provider {
            Provider::Podman => {
                let logs = self.run(&podman::logs(&made.engine_id));
                logs.stdout + &logs.stderr
            }
            Provider::Libvirt | Provider::Virtualbox => {
                let console = std::fs::read(made.folder.console()).unwrap_or_default();
                libvirt::plain(&console)
            }
        }
    }

    /// A line of a shell's, in the machine.
    pub(super) fn inside(&self, made: &Made, line: &str, within: Duration) -> Call {
        match made.provider {
            Provider::Podman => {
                let words = ["sh", "-c", line].map(str::to_owned);
                podman::exec(&made.engine_id, false, &words).within(within)
            }
            Provider::Libvirt | Provider::Virtualbox => {
                let line = format!("sh -c {}", quoted(line));
                let config = made.folder.ssh_config();
                access::session(&config, &made.id, Some(false), Some(&line)).within(within)
            }
        }
    }
}
