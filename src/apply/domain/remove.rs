//! A virtual machine goes, and nothing of it stays.

use super::super::guest_disk;
use super::super::{Halt, Job};
use super::Domain;
use crate::call::Call;
use crate::engine::libvirt;
use crate::state::observed::ObservedMachine;

impl Domain<'_, '_> {
    pub(super) fn remove(&self, job: &mut Job, force: bool) -> Result<(), Halt> {
        let down = |found: &ObservedMachine, grace| self.down(found, grace);
        let stage = self.0.leave_vm(job, force, &down)?;
        self.take_away(job)?;
        stage.done(&format!("vm {}", job.record.id));
        self.forget(job)
    }

    /// The domain, its disks, and what a killed Vagrant left of them.
    pub(super) fn take_away(&self, job: &Job) -> Result<(), Halt> {
        let run = |call: &Call| self.0.run(call);
        guest_disk::clear(&run, &self.0.folder(job).path().join("seed"));
        let found = job.found.map(|found| found.engine_id.clone());
        for uuid in [found, job.record.engine_id.clone()].into_iter().flatten() {
            self.0.run(&libvirt::destroy(&uuid));
            let outcome = self.0.run(&libvirt::undefine(&uuid));
            if !outcome.ok() && !outcome.stderr.contains("failed to get domain") {
                self.check(outcome)?;
            }
        }
        let left = libvirt::read_look(&self.must(&libvirt::look())?)?;
        if left.iter().any(|seen| seen.name == job.record.id) {
            // Somebody else's: so are the disks of that name.
            return Ok(());
        }
        let listed = self.must(&libvirt::volumes())?;
        let names = listed.stdout.lines();
        let names = names.filter_map(|line| line.split_whitespace().next());
        for name in names.filter(|name| is_own(&job.record.id, name)) {
            self.must(&libvirt::remove_volume(name))?;
        }
        Ok(())
    }

    /// libvirt has nothing of it any more: its networks and its folder go.
    pub(super) fn forget(&self, job: &mut Job) -> Result<(), Halt> {
        self.withdraw_names(job);
        self.leave_networks(job);
        self.0.folder(job).remove()?;
        Ok(())
    }
}

/// Whether a volume is a machine's disk: `ID.img`, or `ID-vdb.qcow2` of a further one.
fn is_own(id: &str, name: &str) -> bool {
    let Some(rest) = name.strip_prefix(id) else {
        return false;
    };
    let further = || rest.strip_prefix("-vd")?.strip_suffix(".qcow2");
    let is_letters = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase());
    rest == ".img" || further().is_some_and(is_letters)
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn disks_of_others_are_not_taken() {
        assert!(is_own("shop", "shop.img") && is_own("shop", "shop-vdb.qcow2"));
        for other in [
            "shop-2.img",
            "shop-vdb.img",
            "shop-vd.qcow2",
            "ashop.img",
            "shop.img.old",
        ] {
            assert!(!is_own("shop", other), "{other}");
        }
    }
}
