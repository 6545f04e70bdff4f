//! Machines as libvirt's domains.

use super::{Doer, Halt, Job};

/// Does the steps of virtual machines.
pub(super) struct Domain<'d, 'a>(pub(super) &'d Doer<'a>);

impl Domain<'_, '_> {
    pub(super) fn step(&self, job: &mut Job) -> Result<(), Halt> {
        let _ = job;
        let _ = self.0;
        Ok(())
    }
}
