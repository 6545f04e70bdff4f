//! A machine's keys: the host's, pinned, and the one that lets us in.

use super::{Doer, Halt, Job};
use crate::call::Outcome;
use crate::diagnostic::Diagnostic;
use crate::engine::{access, failure};
use crate::model::Machine;
use std::path::Path;

impl Doer<'_> {
    /// The machine's keys: a pair to log in with, unless the user has one, and the host's.
    pub(super) fn keys(&self, job: &Job, machine: &Machine) -> Result<(), Halt> {
        let folder = self.folder(job);
        let keys = folder.keys();
        let host_key = keys.join("host_key");
        let comment = format!("vagrantp {}", job.record.id);
        // Each pair is a process: the host's is made while the other one is.
        std::thread::scope(|scope| {
            let host = scope.spawn(|| self.pair(&host_key, &comment));
            let own = match &machine.key_file {
                Some(_) => Ok(()),
                None => self.pair(&folder.key(), &comment),
            };
            own.and(host.join().expect("it does not panic"))
        })?;
        let public = match &machine.key_file {
            Some(own) => self.public_half(own)?,
            None => read(&folder.public_key())?,
        };
        folder.write(&keys.join("authorized_keys"), public.as_bytes(), 0o644)?;
        let pinned = access::known_host(&job.record.id, &read(&keys.join("host_key.pub"))?);
        folder.write(&folder.known_hosts(), pinned.as_bytes(), 0o600)?;
        Ok(())
    }

    /// A key pair is made once: a second `up` finds it.
    fn pair(&self, path: &Path, comment: &str) -> Result<(), Halt> {
        let public = path.with_extension("pub");
        if path.exists() && public.exists() {
            return Ok(());
        }
        for half in [path, &public] {
            let _ = std::fs::remove_file(half);
        }
        if let Some(parent) = path.parent() {
            crate::state::make_folder(parent)?;
        }
        let outcome = self.run(&access::make_pair(path, comment));
        if outcome.ok() {
            return Ok(());
        }
        Err(ssh_missing(&outcome).into())
    }

    fn public_half(&self, key: &Path) -> Result<String, Halt> {
        let mut beside = key.as_os_str().to_owned();
        beside.push(".pub");
        if let Ok(text) = std::fs::read_to_string(&beside) {
            return Ok(text);
        }
        let outcome = self.run(&access::public_half(key));
        if outcome.ok() {
            return Ok(outcome.stdout);
        }
        let shown = crate::call::quoted(&key.display().to_string());
        Err(failure::evidence(
            Diagnostic::error(2114)
                .message(format!(
                    "The public half of {} cannot be had",
                    key.display()
                ))
                .help(format!(
                    "write it beside the key: ssh-keygen -y -f {shown} > {shown}.pub"
                )),
            &outcome,
        )
        .into())
    }
}

/// A key, or what belongs to one.
pub(super) fn read(path: &Path) -> Result<String, Halt> {
    std::fs::read_to_string(path).map_err(|error| {
        Diagnostic::error(1801)
            .message(format!("{} cannot be read: {error}", path.display()))
            .help("run `vagrantp up` again; the keys are made anew where they are missing")
            .into()
    })
}

pub(super) fn ssh_missing(outcome: &Outcome) -> Diagnostic {
    let finding = Diagnostic::error(5004)
        .message("OpenSSH's client programs are not installed or do not work")
        .help(failure::install("ssh"));
    failure::evidence(finding, outcome)
}
