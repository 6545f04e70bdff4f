//! Vagrant defines the machine, from a Vagrantfile in its folder.

use super::super::acceleration;
use super::super::{Halt, Job};
use super::Domain;
use super::create::FORWARDS;
use crate::call::Call;
use crate::engine::acceleration::{Acceleration, VARIABLE};
use crate::engine::boxes::{BaseVolume, HostBox};
use crate::engine::libvirt;
use crate::engine::vagrant::{self, Boot, Driver, FileInputs, Libvirt, forward_words};
use crate::model::Machine;
use crate::model::joined::Joined;
use crate::plan::remember::digest;
use crate::render;
use crate::state::make_folder;

impl Domain<'_, '_> {
    /// The uuid of the domain that Vagrant defined, and did not start.
    pub(super) fn define(
        &self,
        job: &Job,
        machine: &Machine,
        host_box: &HostBox,
        base: &BaseVolume,
    ) -> Result<String, Halt> {
        let folder = self.0.folder(job);
        let vagrant = folder.vagrant();
        let plugin = vagrant.join("vagrantp.rb");
        let text = self.vagrantfile(job, machine, host_box, base)?;
        folder.write(&vagrant.join("Vagrantfile"), text.as_bytes(), 0o600)?;
        let ruby = render::vagrant_plugin(self.0.overrides);
        folder.write(&plugin, ruby.as_bytes(), 0o600)?;
        self.forget_console(job);
        let call = vagrant::define(&job.record.id, &vagrant, &plugin);
        self.0.vagrant(&call, &mut |_| ())?;
        let uuid = self.must(&libvirt::uuid_of(&job.record.id))?;
        Ok(uuid.stdout.trim().to_owned())
    }

    fn vagrantfile(
        &self,
        job: &Job,
        machine: &Machine,
        host_box: &HostBox,
        base: &BaseVolume,
    ) -> Result<String, Halt> {
        let folder = self.0.folder(job);
        let joined = Joined::all(machine, job.identity.project);
        let vm = job.record.vm.clone().unwrap_or_default();
        let first = joined.first().map(|joined| joined.network.name.as_str());
        let management = match first {
            Some(name) => Some((name, self.network_of(name)?.subnet)),
            None => None,
        };
        let forwards = vm.macs.get(FORWARDS);
        let words = forwards.map(|mac| forward_words(&job.record.networking.ports, mac));
        let console = folder.console();
        let context = vagrant::file_context(&FileInputs {
            machine,
            record: &job.record,
            digest: &digest(&job.record),
            box_name: &host_box.name,
            keys: &[folder.key_of(&job.record)],
            networks: &joined,
            setup: None,
            libvirt: Libvirt {
                driver: match vm.emulated {
                    true => Driver::Qemu,
                    false => Driver::Kvm,
                },
                pool: &base.pool,
                boot: base.boot.as_ref().map(|boot| Boot {
                    kernel: &boot.kernel,
                    initrd: &boot.initrd,
                    command_line: &boot.command_line,
                }),
                console: Some(&console),
                management,
                mac: &|name| vm.macs.get(name).cloned(),
                words: &words.unwrap_or_default(),
            },
        });
        Ok(render::vagrantfile(&context, self.0.overrides)?)
    }

    /// Whether a program runs the guest's instructions; said once a project.
    pub(super) fn is_emulated(&self, job: &Job) -> Result<bool, Halt> {
        let known = self.0.shared.acceleration.get("", || {
            let variable = std::env::var(VARIABLE).ok();
            let run = |call: &Call| self.0.run(call);
            let known = acceleration::acceleration(&run, &self.0.cache, variable.as_deref())?;
            let told = acceleration::told_once(&self.0.cache, job.identity.project, &known);
            let slow = acceleration::slow_libvirt(&run, libvirt::URI);
            let findings = told.into_iter().chain(slow);
            findings.for_each(|finding| self.0.shared.adds(finding));
            Ok(known)
        })?;
        Ok(known.acceleration == Acceleration::Emulated)
    }

    /// The console begins anew, as a file of ours that libvirt's daemon may write to.
    pub(super) fn forget_console(&self, job: &Job) {
        let console = self.0.folder(job).console();
        if let Some(folder) = console.parent() {
            let _ = make_folder(folder);
        }
        let _ = std::fs::remove_file(&console);
        // Where it cannot be made, libvirt makes it, and only its owner reads it.
        let _ = std::fs::write(&console, b"");
    }

    /// What Vagrant remembers of a machine that is not there any more.
    pub(super) fn forget_vagrant(&self, job: &Job) {
        let _ = std::fs::remove_dir_all(self.0.folder(job).vagrant());
    }
}
