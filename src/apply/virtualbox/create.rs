//! A machine is made: intent, keys, Vagrantfile, Vagrant, way in.

use super::super::{Halt, Job};
use super::VirtualBox;
use crate::diagnostic::Diagnostic;
use crate::engine::vagrant::{self, Driver, FileInputs, Libvirt, boot, rows};
use crate::model::Machine;
use crate::model::joined::Joined;
use crate::plan::remember::digest;
use crate::render;
use crate::render::context::GuestKeys;
use crate::state::folder::MachineFolder;
use crate::state::record::{Stage, VmRecord};
use std::fs;
use std::path::Path;

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
        let keys = folder.keys();
        let script = vagrant.join("keys.sh");
        let text = render::guest_keys(
            &GuestKeys {
                user: job.record.access.user.clone(),
                authorized: read(&keys.join("authorized_keys"))?,
                host_key: read(&keys.join("host_key"))?,
                host_key_public: read(&keys.join("host_key.pub"))?,
            },
            self.0.overrides,
        )?;
        folder.write(&script, text.as_bytes(), 0o600)?;
        let context = vagrant::file_context(&FileInputs {
            machine,
            record: &job.record,
            digest: &digest(&job.record),
            box_name,
            keys: &[folder.key_of(&job.record)],
            networks: &Joined::all(machine, job.identity.project),
            setup: Some(&script),
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
        let ended = self.0.vagrant(&call, detail);
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

fn read(path: &Path) -> Result<String, Halt> {
    fs::read_to_string(path).map_err(|error| {
        Diagnostic::error(1801)
            .message(format!("{} cannot be read: {error}", path.display()))
            .help("run `vagrantp up` again; the keys are made anew where they are missing")
            .into()
    })
}
