//! A machine is made: intent, keys, Vagrantfile, Vagrant, way in.

use super::super::{Halt, Job};
use super::{VirtualBox, keys};
use crate::engine::vagrant::{self, Driver, FileInputs, Libvirt, boot, rows};
use crate::model::Machine;
use crate::model::joined::Joined;
use crate::plan::remember::digest;
use crate::render;
use crate::state::folder::MachineFolder;
use crate::state::record::{Stage, VmRecord};
use std::fs;

impl VirtualBox<'_, '_> {
    pub(super) fn create(&self, job: &mut Job) -> Result<(), Halt> {
        let Some(machine) = job.machine else {
            return Ok(());
        };
        let box_name = boot::box_name(&machine.box_name.value);
        job.record.vm = Some(VmRecord {
            box_name: box_name.clone(),
            ..VmRecord::default()
        });
        self.0.save(job, Stage::Creating)?;
        self.0.hang_up(job);
        self.take_away(job)?;
        job.record.engine_id = None;
        let folder = self.0.folder(job);
        // What Vagrant remembers of a machine that is not there any more.
        let _ = fs::remove_dir_all(folder.vagrant());
        self.0.keys(job, machine)?;
        self.write(job, machine, &box_name, &folder)?;
        self.boot(job)?;
        self.finish(job)
    }

    fn write(
        &self,
        job: &Job,
        machine: &Machine,
        box_name: &str,
        folder: &MachineFolder,
    ) -> Result<(), Halt> {
        let vagrant = folder.vagrant();
        let context = vagrant::file_context(&FileInputs {
            machine,
            record: &job.record,
            digest: &digest(&job.record),
            box_name,
            keys: &[folder.key_of(&job.record)],
            networks: &Joined::all(machine, job.identity.project),
            setup: Some(&keys::script(folder)),
            libvirt: Libvirt::only(Driver::Qemu),
        });
        let text = render::vagrantfile(&context, self.0.overrides)?;
        folder.write(&vagrant.join("Vagrantfile"), text.as_bytes(), 0o600)?;
        Ok(())
    }

    /// Vagrant makes the machine where there is none, and boots it; what it tells is shown.
    pub(super) fn boot(&self, job: &mut Job) -> Result<(), Halt> {
        let folder = self.0.folder(job).vagrant();
        let text = format!("vm {}", job.record.id);
        let stage = self.0.stage("boot", &text, self.0.eta(job, "boot"));
        let began = std::time::Instant::now();
        let call = boot::boot(&job.record.id, &folder, job.patience());
        let detail = &mut |line: &str| {
            if let Some(told) = rows::told(line) {
                stage.detail(&told);
            }
        };
        let ended = self.with_keys(job, || self.0.vagrant(&call, detail));
        if let Some(uuid) = self.remembered(job) {
            job.record.engine_id = Some(uuid);
            self.0.save(job, job.record.stage)?;
        }
        ended?;
        let took = began.elapsed().as_secs_f64();
        job.record.durations.insert("boot".into(), took);
        if let Some(vm) = &mut job.record.vm {
            vm.is_seeded = true;
        }
        stage.done(&text);
        Ok(())
    }
}
