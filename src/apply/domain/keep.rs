//! A virtual machine is made anew around its disks. They lie in its folder from before it goes until they are
//! where they were: whoever is killed meanwhile, the next `up` finds them there.

use super::super::{Halt, Job};
use super::Domain;
use super::disk::further;
use crate::diagnostic::Diagnostic;
use crate::engine::boxes::{BaseVolume, DirectBoot};
use crate::engine::{libvirt, qcow};
use crate::state::make_folder;
use crate::state::observed::ObservedMachine;
use crate::state::record::Stage;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = "root.qcow2";

impl Domain<'_, '_> {
    /// Where a machine's disks lie while it is made anew, if they do.
    pub(super) fn kept(&self, job: &Job) -> Option<PathBuf> {
        let folder = self.kept_folder(job);
        folder.join(ROOT).exists().then_some(folder)
    }

    fn kept_folder(&self, job: &Job) -> PathBuf {
        self.0.folder(job).path().join("kept")
    }

    /// Takes the disks of a machine that is about to be replaced.
    pub(super) fn keep(&self, job: &mut Job, found: &ObservedMachine) -> Result<(), Halt> {
        // A killed `up` may have got this far, and the machine that is found is half made of them. Of any other
        // one they would be of an earlier day.
        let is_half_made = job.record.vm.as_ref().is_some_and(|vm| !vm.is_seeded);
        if is_half_made && self.kept(job).is_some() {
            return Ok(());
        }
        let text = "what is on its disks";
        let stage = self.0.stage("keep", text, None);
        self.0.save(job, Stage::Keeping)?;
        self.0.hang_up(job);
        self.down(found, Some(job.grace()))?;
        let folder = self.kept_folder(job);
        let partial = folder.with_extension("partial");
        let _ = fs::remove_dir_all(&partial);
        make_folder(&partial)?;
        let id = &job.record.id;
        self.must(&libvirt::download(
            &format!("{id}.img"),
            &partial.join(ROOT),
        ))?;
        for (place, name) in self.disks(job)?.iter().enumerate() {
            let file = partial.join(kept_disk(name));
            self.must(&libvirt::download(&further(id, place), &file))?;
        }
        let _ = fs::remove_dir_all(&folder);
        fs::rename(&partial, &folder).map_err(|error| cannot(&folder, &error))?;
        stage.done(text);
        Ok(())
    }

    /// The names of its further disks. Without a record they are those that are written, as far as they are there.
    fn disks(&self, job: &Job) -> Result<Vec<String>, Halt> {
        if let Some(vm) = &job.record.vm {
            return Ok(vm.disks.clone());
        }
        let listed = self.must(&libvirt::volumes())?;
        let is_there = |place: usize| {
            let name = further(&job.record.id, place);
            let mut volumes = listed.stdout.lines().map(str::split_whitespace);
            volumes.any(|mut words| words.next() == Some(&name))
        };
        let written = job.machine.iter().flat_map(|machine| &machine.extra_disks);
        let written = written.enumerate().filter(|(place, _)| is_there(*place));
        Ok(written.map(|(_, disk)| disk.name.to_string()).collect())
    }

    /// They are where they belong.
    pub(super) fn forget_kept(&self, job: &Job) {
        let folder = self.kept_folder(job);
        for folder in [folder.with_extension("partial"), folder] {
            let _ = fs::remove_dir_all(folder);
        }
    }

    /// What a kept disk stands on: the box of its time, which may be older than the one that there is now.
    pub(super) fn base_of(&self, kept: &Path, now: &BaseVolume) -> Result<BaseVolume, Halt> {
        let said = self.must(&qcow::info(&kept.join(ROOT)))?;
        let path = qcow::read_backing(&said).ok_or_else(|| libvirt::failed(&said))?;
        if path == now.path {
            return Ok(now.clone());
        }
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let boot = now.boot.as_ref().map(|boot| DirectBoot {
            kernel: path.with_extension("kernel"),
            initrd: path.with_extension("initrd"),
            command_line: boot.command_line.clone(),
        });
        let pool = now.pool.clone();
        // One that something removed leaves the disk unreadable: told before anything is made.
        self.must(&libvirt::volume_path(&name))?;
        Ok(BaseVolume {
            pool,
            name,
            path,
            boot,
        })
    }

    /// The root disk as it was kept, over a file that this user can read.
    pub(super) fn overlay_of_kept(
        &self,
        kept: &Path,
        (base, format): (&Path, &str),
        overlay: &Path,
        bytes: u64,
    ) -> Result<(), Halt> {
        fs::copy(kept.join(ROOT), overlay).map_err(|error| cannot(overlay, &error))?;
        self.must(&qcow::rebase(base, format, overlay))?;
        let said = self.must(&qcow::info(overlay))?;
        if qcow::read_size(&said).is_some_and(|size| size < bytes) {
            self.must(&qcow::resize(overlay, bytes))?;
        }
        Ok(())
    }

    /// Puts the further disks back that are still wanted.
    pub(super) fn put_disks_back(&self, job: &Job, kept: &Path) -> Result<(), Halt> {
        let Some(machine) = job.machine else {
            return Ok(());
        };
        for (place, disk) in machine.extra_disks.iter().enumerate() {
            let file = kept.join(kept_disk(disk.name.as_str()));
            if !file.exists() {
                continue;
            }
            let bytes = disk.size.value.bytes();
            let said = self.must(&qcow::info(&file))?;
            if qcow::read_size(&said).is_some_and(|size| size < bytes) {
                self.must(&qcow::resize(&file, bytes))?;
            }
            self.must(&libvirt::upload(&further(&job.record.id, place), &file))?;
        }
        Ok(())
    }
}

fn kept_disk(name: &str) -> String {
    format!("disk-{name}.qcow2")
}

fn cannot(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(1801)
        .message(format!("{} cannot be written: {error}", path.display()))
        .help("free space there, then go on: vagrantp up")
}
