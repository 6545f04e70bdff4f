//! Folders of the host's in a virtual machine, by virtiofs.

use super::super::{Halt, Job};
use super::Domain;
use crate::diagnostic::Diagnostic;
use crate::engine::guest_disk::GuestShare;
use crate::engine::libvirt::{self, SharedFolder};
use crate::model::Machine;

impl Domain<'_, '_> {
    /// Defines a machine anew with its shared folders: Vagrant's own way would enter the guest.
    pub(super) fn share(&self, job: &Job, machine: &Machine, uuid: &str) -> Result<(), Halt> {
        let Some(first) = machine.shares.first() else {
            return Ok(());
        };
        let folders = machine.shares.iter().enumerate();
        let folders = folders.map(|(place, share)| SharedFolder {
            host: share.host.display().to_string(),
            tag: tag(place),
        });
        let definition = self.must(&libvirt::definition(uuid))?;
        let xml = libvirt::with_shares(&definition, &folders.collect::<Vec<_>>());
        let xml = xml.ok_or_else(|| {
            Diagnostic::error(1101)
                .message("The shared folders have no place in the machine's definition")
                .at_origin(first.origin)
                .help("rename the folder: XML has no control characters")
        })?;
        self.must(&libvirt::define(xml))?;
        self.0.shared.adds(writes_as_root(job, machine));
        Ok(())
    }
}

/// The shares as the guest mounts them.
pub(super) fn mounts(machine: &Machine) -> Vec<GuestShare> {
    let all = machine.shares.iter().enumerate();
    let share =
        |(place, share): (usize, &crate::source::Located<crate::model::MountedShare>)| GuestShare {
            tag: tag(place),
            path: share.written.guest.clone(),
            read_only: share.written.read_only,
        };
    all.map(share).collect()
}

fn tag(place: usize) -> String {
    format!("share{place}")
}

/// What virtiofs cannot keep a guest from: said whenever a machine is made with it.
fn writes_as_root(job: &Job, machine: &Machine) -> Diagnostic {
    let first = &machine.shares[0];
    let guest = &first.written.guest;
    let by_root = match job.owner {
        Some((0, _)) => ", and only root: the folder is root's",
        _ => "",
    };
    Diagnostic::warning(5053)
        .message(format!(
            "{guest} is shared by virtiofs: the machine's root writes there as this host's root{by_root}"
        ))
        .at_origin(first.origin)
        .help("share only what the machine may change; a container's root is this user")
}
