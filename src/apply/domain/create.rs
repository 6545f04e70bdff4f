//! A virtual machine is made: intent, box, keys, networks, definition, disk, start.

use super::super::{Halt, Job};
use super::Domain;
use crate::engine::boxes::{BaseVolume, HostBox};
use crate::engine::libvirt;
use crate::model::Machine;
use crate::model::joined::Joined;
use crate::plan::Action;
use crate::state::record::{Stage, VmRecord};
use crate::value::Provider;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The card through which QEMU forwards ports, among those that a record names.
pub(super) const FORWARDS: &str = "forwards";
/// The card on the host's own network.
pub(super) const BRIDGE: &str = "bridge";

impl Domain<'_, '_> {
    pub(super) fn create(&self, job: &mut Job) -> Result<(), Halt> {
        let Some(machine) = job.machine else {
            return Ok(());
        };
        // What replaces a machine is here before that one goes: it may be had from nowhere.
        let (host_box, base, emulated) = self.had(job, machine)?;
        match (&job.step.action, job.found) {
            (Action::Recreate { keep: true }, Some(found)) => self.keep(job, found)?,
            (Action::Recreate { keep: false }, _) => self.forget_kept(job),
            _ => {}
        }
        let base = match self.kept(job) {
            Some(kept) => self.base_of(&kept, &base)?,
            None => base,
        };
        let joined = Joined::all(machine, job.identity.project);
        let disks = machine.extra_disks.iter();
        job.record.vm = Some(VmRecord {
            box_name: host_box.name.clone(),
            base: base.name.clone(),
            emulated,
            is_seeded: false,
            macs: self.macs(job, machine, &joined),
            disks: disks.map(|disk| disk.name.to_string()).collect(),
        });
        let networks = joined.iter().map(|joined| joined.network.name.clone());
        let networks: Vec<String> = networks.collect();
        networks
            .iter()
            .for_each(|network| self.0.shared.joins(Provider::Libvirt, network));
        job.record.networking.networks = networks;
        self.0.save(job, Stage::Creating)?;
        let result = self.make(job, machine, &host_box, &base);
        if let Err(Halt::Failed(_)) = &result {
            self.clear(job);
        }
        result?;
        self.boot(job, None)
    }

    /// The box here and in the pool, and whether its machine is emulated. Where it cannot be had, nothing of a new
    /// machine is left.
    pub(in crate::apply) fn had(
        &self,
        job: &mut Job,
        machine: &Machine,
    ) -> Result<(HostBox, BaseVolume, bool), Halt> {
        let had = self.base(job, machine);
        let replaces = matches!(job.step.action, Action::Recreate { .. });
        if let (Err(Halt::Failed(_)), false) = (&had, replaces) {
            self.clear(job);
        }
        had
    }

    fn base(&self, job: &Job, machine: &Machine) -> Result<(HostBox, BaseVolume, bool), Halt> {
        let host_box = self.0.box_for(machine)?;
        let base = self.0.publish(&host_box)?;
        Ok((host_box, base, self.is_emulated(job)?))
    }

    fn make(
        &self,
        job: &mut Job,
        machine: &Machine,
        host_box: &HostBox,
        base: &BaseVolume,
    ) -> Result<(), Halt> {
        if let Some(found) = job.found {
            self.0.hang_up(job);
            self.down(found, None)?;
            self.must(&libvirt::undefine(&found.engine_id))?;
            self.forget_vagrant(job);
        }
        let shared = &*job;
        std::thread::scope(|scope| {
            let networks = scope.spawn(|| self.networks(shared));
            let keys = self.0.keys(shared, machine);
            let networks = networks.join().expect("it does not panic");
            keys.and(networks)
        })?;
        let text = format!("vm {}", job.record.id);
        let stage = self.0.stage("create", &text, self.0.eta(job, "create"));
        let began = std::time::Instant::now();
        let uuid = self.define(job, machine, host_box, base)?;
        job.record.engine_id = Some(uuid.clone());
        self.0.save(job, Stage::Creating)?;
        self.share(job, machine, &uuid)?;
        self.fill(job, machine, host_box, base)?;
        let took = began.elapsed().as_secs_f64();
        job.record.durations.insert("create".into(), took);
        if let Some(vm) = &mut job.record.vm {
            vm.is_seeded = true;
        }
        self.0.save(job, Stage::Creating)?;
        stage.done(&text);
        Ok(())
    }

    /// Each card's hardware address: always the same one of a machine, and of no other.
    fn macs(&self, job: &Job, machine: &Machine, joined: &[Joined]) -> BTreeMap<String, String> {
        let folder = self.0.folder(job);
        let mac = |name: &str| {
            let mut hash = Sha256::new();
            hash.update(folder.path().as_os_str().as_encoded_bytes());
            hash.update([0]);
            hash.update(name);
            let digest = hash.finalize();
            let [a, b, c] = [digest[0], digest[1], digest[2]];
            (name.to_owned(), format!("52:54:00:{a:02x}:{b:02x}:{c:02x}"))
        };
        let names = joined.iter().map(|joined| joined.network.name.as_str());
        let forwards = (!machine.ports.is_empty()).then_some(FORWARDS);
        let bridge = machine.bridge().map(|_| BRIDGE);
        names.chain(forwards).chain(bridge).map(mac).collect()
    }

    /// What a failed creation left; the disks of a machine that was to be replaced stay for the next one.
    fn clear(&self, job: &mut Job) {
        if self.kept(job).is_some() {
            return;
        }
        // The finding is told in any case; what cannot be removed is found by the next `rm`.
        if self.take_away(job).is_ok() {
            let _ = self.forget(job);
        }
    }
}
